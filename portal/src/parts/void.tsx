// An approval that is void stands where the approval was, with what changed since: the fields that it names, as they are now.
import type { RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { type Review, ReviewKind } from "../../gen/osteon/review/v1/review_service_pb";
import { Mark } from "../value/marks";
import { inner } from "../value/meta";
import { labelOf, SetBy, Value } from "../value/value";
import { t } from "../words";
import { kindWord } from "./questions";

interface VoidProps {
  readonly reviews: readonly Review[];
  /** The plan with its children. */
  readonly records: readonly RecordView[];
}

export function VoidApprovals({ reviews, records }: VoidProps) {
  const ids = new Set(records.map((record) => record.recordId));
  // The review's own record is the approval: it stands at the plan of which it names fields.
  const mine = reviews.filter(
    (one) => one.kind === ReviewKind.VOID_APPROVAL && one.rests.some((rest) => ids.has(rest.recordId)),
  );
  return (
    <>
      {mine.map((review) => (
        <div key={`${review.recordId}${review.check}`} class="void">
          <Mark kind="soon">{kindWord(review)}</Mark> {review.says !== "" && <span lang="en">{review.says}</span>}{" "}
          {t("approval.changed")}
          <ul>
            {review.rests.map((rest) => (
              <Changed key={`${rest.recordId}${rest.field}`} records={records} {...rest} />
            ))}
          </ul>
        </div>
      ))}
    </>
  );
}

function Changed({ records, recordId, field }: { records: readonly RecordView[]; recordId: string; field: number }) {
  const record = records.find((one) => one.recordId === recordId);
  const view = record?.fields.find((one) => one.field === field);
  if (!record || !view) return <li>{t("approval.gone")}</li>;
  return (
    <li>
      {labelOf(record.type, view)}: <Value type={record.type} view={view} body={inner(record.body)} />{" "}
      <span class="note">
        <SetBy view={view} />
      </span>
    </li>
  );
}
