// What no merge can see: fields that contradict each other, plans nobody has read, one event twice, approvals of what changed.
// A finding has no answer of its own: it ends with an ordinary write, and each kind has those that settle it.
import { RecordService, type RecordView } from "../../../gen/osteon/record/v1/record_service_pb";
import { type Review, ReviewKind } from "../../../gen/osteon/review/v1/review_service_pb";
import { useHeard, useResource } from "../../app/resource";
import { Part } from "../../app/states";
import { client, tried } from "../../rpc/call";
import { uuidOf } from "../../value/ids";
import { Severity } from "../../value/marks";
import { t } from "../../words";
import type { DecisionProps } from "../decision/decision";
import { Apart } from "./apart";
import { Approve } from "./approve";
import { fieldsIn, Rests } from "./rests";
import { Twice } from "./twice";
import { Void } from "./void";

export type FindingProps = DecisionProps & { readonly locked: boolean };
export type ReadProps = Omit<FindingProps, "now"> & { readonly records: readonly RecordView[] };

export function Finding({ review, now, patient, changed, locked }: FindingProps) {
  const ids = [...new Set([review.recordId, ...review.rests.map((rest) => rest.recordId)])].filter((one) => one !== "");
  const records = useResource(`finding ${review.circle} ${ids.join(" ")}`, async (signal, headers) => {
    const get = async (recordId: string) => {
      const request = { circle: review.circle, recordId };
      const answer = await tried(() => client(RecordService).getRecord(request, { signal, headers }), { signal });
      return answer.record ?? [];
    };
    const found = (await Promise.all(ids.map(get))).flat();
    // Whoever approves anew reads all that the approval named.
    const more = found.flatMap(named).filter((id, at, all) => !ids.includes(id) && all.indexOf(id) === at);
    return [...found, ...(await Promise.all(more.map(get))).flat()];
  });
  useHeard(records, now);
  return (
    <>
      {review.kind !== ReviewKind.DUPLICATE && (
        <p lang="en" class="says">
          {review.severity !== 0 && <Severity of={review.severity} />} {review.says}
        </p>
      )}
      {review.missing !== "" && <p class="note">{t("review.missing", { what: review.missing })}</p>}
      {review.source !== "" && <p class="note">{t("review.source", { source: review.source, check: review.check })}</p>}
      <Part what={t("what.plan")} resource={records} lines={8}>
        {(found) => <Read {...{ review, patient, changed, locked }} records={found} />}
      </Part>
    </>
  );
}

/** Records of which an approval names versions. */
function named({ body }: RecordView): string[] {
  if (body?.body.case !== "approval") return [];
  return body.body.value.versions.flatMap(({ record }) => (record ? [uuidOf(record)] : []));
}

function Read(props: ReadProps) {
  const { review, records } = props;
  switch (review.kind) {
    case ReviewKind.DUPLICATE:
      return <Twice {...props} />;
    case ReviewKind.CONTRADICTION:
      return <Apart {...props} />;
    case ReviewKind.VOID_APPROVAL:
      return <Void {...props} />;
    default:
      return (
        <>
          {records.map((record) => (
            <Rests key={record.recordId} record={record} only={fieldsIn(review, record)} />
          ))}
          {review.kind === ReviewKind.MERGED_UNSEEN && <Approve {...props} />}
        </>
      );
  }
}

/** Whether what is on the screen is what the finding rests on: what is written names that, or nothing. */
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
