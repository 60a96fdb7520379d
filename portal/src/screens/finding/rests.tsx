// The fields of one record on which a finding rests, as they are now, and the way to its editor.
import type { ComponentChildren } from "preact";
import type { RecordView } from "../../../gen/osteon/record/v1/record_service_pb";
import type { Review } from "../../../gen/osteon/review/v1/review_service_pb";
import { shortIdOf } from "../../app/me";
import { address } from "../../app/router";
import { Photos } from "../../parts/photos";
import { inner } from "../../value/meta";
import { typeTitle } from "../../value/say";
import { fieldsInOrder, labelOf, SetBy, Value } from "../../value/value";
import { t } from "../../words";

/** Of this record those that the finding names. */
export const fieldsIn = (review: Review, { recordId }: RecordView): number[] =>
  review.rests.filter((rest) => rest.recordId === recordId).map((rest) => rest.field);

interface RestsProps {
  readonly record: RecordView;
  /** None: all of them. */
  readonly only: readonly number[];
}

export function Rests({ record, only }: RestsProps) {
  return (
    <div class="wide">
      <table class="plan">
        <caption>{typeTitle(record.type)}</caption>
        <tbody>
          {fieldsInOrder(record)
            .filter(({ number }) => only.length === 0 || only.includes(number))
            .map(({ number, views }) => (
              <tr key={number}>
                <th scope="row">{views[0] ? labelOf(record.type, views[0]) : ""}</th>
                <td>
                  <Views record={record} number={number} />
                </td>
                <td class="note">{views[0] && <SetBy view={views[0]} />}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}

/** All that one field of a record says. */
export function Views({ record, number }: { record: RecordView; number: number }) {
  const views = record.fields.filter((view) => view.field === number);
  if (views.length === 0) return <span class="missing">{t("missing.notWritten")}</span>;
  return (
    <>
      {views.map((view, at) => (
        <div key={`${number}-${at}`}>
          <Value type={record.type} view={view} body={inner(record.body)} />
        </div>
      ))}
      <Photos circle={record.circle} record={record} field={number} />
    </>
  );
}

export function Open({ record, only, children }: RestsProps & { children?: ComponentChildren }) {
  const title = typeTitle(record.type);
  const ask = only.length > 0 ? { field: only.join(".") } : {};
  const case_ = shortIdOf(record.circle);
  return (
    <div class="one-of">
      <Rests record={record} only={only} />
      <p>
        <a class="button" href={address({ name: "plan", case: case_, record: record.recordId, ask })}>
          {t("review.openPlan", { plan: title })}
        </a>
      </p>
      {children}
    </div>
  );
}
