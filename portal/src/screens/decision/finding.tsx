// What no merge can see: fields that contradict each other, plans nobody has read, one event twice, approvals of what changed.
// A finding has no answer of its own: it ends with an ordinary write. Reading a whole merged plan is one: an approval that names
// exactly the versions that are on the screen.
import { create } from "@bufbuild/protobuf";
import { useSignal } from "@preact/signals";
import { ApprovalMeaning, ApprovalSchema } from "../../../gen/osteon/care/v1/approval_pb";
import { RecordService, type RecordView } from "../../../gen/osteon/record/v1/record_service_pb";
import { type Review, ReviewKind } from "../../../gen/osteon/review/v1/review_service_pb";
import { RecordBodySchema } from "../../../gen/osteon/sync/v1/record_body_pb";
import { shortIdOf } from "../../app/me";
import { useHeard, useResource } from "../../app/resource";
import { address } from "../../app/router";
import { lookAround } from "../../app/standing";
import { Part } from "../../app/states";
import { useWriting, WriteFailed } from "../../app/writing";
import { client, tried } from "../../rpc/call";
import { bytesOf } from "../../value/ids";
import { Severity } from "../../value/marks";
import { inner } from "../../value/meta";
import { choiceLike } from "../../value/proposal";
import { typeTitle } from "../../value/say";
import { fieldsInOrder, labelOf, SetBy, Value } from "../../value/value";
import { t } from "../../words";
import type { DecisionProps } from "./decision";

const APPROVAL = 301;

export function Finding({ review, now, patient, changed, locked }: DecisionProps & { locked: boolean }) {
  const ids = [...new Set([review.recordId, ...review.rests.map((rest) => rest.recordId)])].filter((one) => one !== "");
  const records = useResource(`finding ${review.circle} ${ids.join(" ")}`, (signal, headers) =>
    Promise.all(
      ids.map((recordId) => {
        const request = { circle: review.circle, recordId };
        return tried(() => client(RecordService).getRecord(request, { signal, headers }), { signal });
      }),
    ),
  );
  useHeard(records, now);
  return (
    <>
      <p lang="en" class="says">
        {review.severity !== 0 && <Severity of={review.severity} />} {review.says}
      </p>
      {review.missing !== "" && <p class="note">{t("review.missing", { what: review.missing })}</p>}
      {review.source !== "" && <p class="note">{t("review.source", { source: review.source, check: review.check })}</p>}
      <Part what={t("what.plan")} resource={records} lines={8}>
        {(answers) => (
          <Read
            review={review}
            patient={patient}
            changed={changed}
            locked={locked}
            records={answers.flatMap((one) => one.record ?? [])}
          />
        )}
      </Part>
    </>
  );
}

type ReadProps = Omit<DecisionProps, "now"> & { locked: boolean; records: readonly RecordView[] };

function Read({ review, patient, changed, locked, records }: ReadProps) {
  const case_ = shortIdOf(review.circle);
  return (
    <>
      {records.map((record) => (
        <Rests key={record.recordId} review={review} record={record} />
      ))}
      {review.kind === ReviewKind.MERGED_UNSEEN && (
        <Approve review={review} patient={patient} changed={changed} locked={locked} records={records} />
      )}
      {review.kind !== ReviewKind.MERGED_UNSEEN && (
        <p>
          <a class="button" href={address({ name: "plan", case: case_, record: review.recordId, ask: {} })}>
            {t("review.openPlan", { plan: typeTitle(review.type) })}
          </a>
        </p>
      )}
    </>
  );
}

function Rests({ review, record }: { review: Review; record: RecordView }) {
  const named = new Set(review.rests.filter((rest) => rest.recordId === record.recordId).map((rest) => rest.field));
  const groups = fieldsInOrder(record).filter(({ number }) => named.size === 0 || named.has(number));
  return (
    <div class="wide">
      <table class="plan">
        <caption>{typeTitle(record.type)}</caption>
        <tbody>
          {groups.map(({ number, views }) => (
            <tr key={number}>
              <th scope="row">{views[0] ? labelOf(record.type, views[0]) : ""}</th>
              <td>
                {views.map((view, at) => (
                  <div key={`${number}-${at}`}>
                    <Value type={record.type} view={view} body={inner(record.body)} />
                  </div>
                ))}
              </td>
              <td class="note">{views[0] && <SetBy view={views[0]} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The label that an approval of this record has: the choice with the same categories, counted from 1. */
export const approvalChoice = (type: number): number => choiceLike(type, APPROVAL);

/** Whether what is on the screen is what the finding rests on: an approval names that, or nothing. */
export function isOnScreen(review: Review, records: readonly RecordView[]): boolean {
  return review.rests.every((rest) => {
    const record = records.find((one) => one.recordId === rest.recordId);
    const live = record?.fields
      .filter((view) => view.field === rest.field)
      .flatMap((view) => view.versions.filter((version) => version.live).map((version) => version.dot));
    return rest.dots.every((dot) =>
      live?.some((one) => one?.epoch === dot.epoch && one.replica === dot.replica && one.counter === dot.counter),
    );
  });
}

function Approve({ review, patient, changed, locked, records }: ReadProps) {
  const writing = useWriting();
  const done = useSignal(false);
  const whole = isOnScreen(review, records);
  const choice = approvalChoice(review.type);
  const approve = () => {
    const versions = review.rests.flatMap((rest) =>
      rest.dots.map((dot) => ({
        record: bytesOf(rest.recordId),
        field: rest.field,
        epoch: dot.epoch,
        replica: dot.replica,
        counter: dot.counter,
      })),
    );
    const value = create(ApprovalSchema, {
      target: bytesOf(review.recordId),
      versions,
      meaning: ApprovalMeaning.CONFIRMED,
    });
    const body = create(RecordBodySchema, { body: { case: "approval", value } });
    const call = (requestId: string) =>
      client(RecordService).createRecord({ circle: review.circle, body, labelChoice: choice, requestId });
    writing.run(`approve ${review.recordId}`, call, () => {
      done.value = true;
      void lookAround();
    });
  };
  if (done.value) {
    return (
      <p class="state done" role="status">
        {t("review.approved")}{" "}
        <button type="button" onClick={changed}>
          {t("review.nextQuestion")}
        </button>
      </p>
    );
  }
  if (!whole) return <p class="state failed">{t("review.notWhole")}</p>;
  return (
    <div class="decide">
      <button type="button" class="primary" disabled={locked || choice === 0 || writing.stopped} onClick={approve}>
        {writing.state.is === "saving" ? t("write.saving") : t("review.haveRead", { patient })}
      </button>
      <WriteFailed state={writing.state} />
    </div>
  );
}
