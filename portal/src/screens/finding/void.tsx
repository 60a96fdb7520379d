// An approval of what has changed since. Whoever gave it reads what it named as it is now and gives it anew, or takes it back;
// for everybody else it stands here with what changed.
import { useSignal } from "@preact/signals";
import type { RecordView } from "../../../gen/osteon/record/v1/record_service_pb";
import type { Dot } from "../../../gen/osteon/sync/v1/sync_pb";
import { me, membership, shortIdOf } from "../../app/me";
import { useSteady, useWriting, WriteFailed } from "../../app/writing";
import { InError } from "../../parts/error";
import { Became } from "../../parts/reason";
import { uuidOf } from "../../value/ids";
import { mayEnd } from "../../value/rights";
import { stateOf, writtenWords } from "../../value/value";
import { author, firstLive } from "../../value/who";
import { t } from "../../words";
import { approvalChoice, sign } from "./approve";
import type { ReadProps } from "./finding";
import { Open } from "./rests";

export function Void({ review, patient, changed, locked, records }: ReadProps) {
  const became = useSignal("");
  const writing = useWriting();
  const approval = records.find((record) => record.recordId === review.recordId);
  const others = records.filter((record) => record !== approval);
  const { steady, note } = useSteady(records.map(stateOf).join());
  if (became.value !== "") return <Became words={became.value} next={changed} />;
  if (approval?.body?.body.case !== "approval") return <p class="state summary">{t("approval.gone")}</p>;
  const said = approval.body.body.value;
  const by = firstLive(approval);
  const mine = by !== undefined && by.account === me.value?.account;
  const named = new Map<string, Set<number>>();
  for (const { record, field = 0 } of said.versions) {
    const id = record ? uuidOf(record) : "";
    named.set(id, (named.get(id) ?? new Set()).add(field));
  }
  // Each field that it named, as it is on this screen.
  const versions = [...named].flatMap(([recordId, fields]) =>
    [...fields].map((field) => ({ recordId, field, dots: liveIn(others, recordId, field) })),
  );
  const isWhole = versions.every(({ dots }) => dots.length > 0);
  const target = said.target ? uuidOf(said.target) : "";
  const again = () => {
    if (locked || !steady()) return;
    const of = { circle: review.circle, target, type: review.type, versions, meaning: said.meaning ?? 0 };
    sign(writing, of, () => (became.value = t("void.again")));
  };
  const role = membership(shortIdOf(review.circle))?.role;
  return (
    <>
      {by && <p>{t("void.by", { who: author(by), when: writtenWords(by) })}</p>}
      <p>{t("approval.changed")}</p>
      {others.map((record) => (
        <Open key={record.recordId} record={record} only={[...(named.get(record.recordId) ?? [])]} />
      ))}
      {!mine && <p class="state summary">{t("void.notYours")}</p>}
      {mine && target !== "" && (
        <div class="decide">
          {isWhole ? (
            <p>
              <button
                type="button"
                class="primary"
                disabled={locked || writing.stopped || approvalChoice(review.type) === 0}
                onClick={again}
              >
                {writing.state.is === "saving" ? t("write.saving") : t("void.approve", { patient })}
              </button>
            </p>
          ) : (
            <p class="state failed">{t("review.notWhole")}</p>
          )}
          {note !== "" && <p role="status">{note}</p>}
          <WriteFailed state={writing.state} />
        </div>
      )}
      {mine && mayEnd(approval, role) && (
        <InError record={approval} patient={patient} locked={locked} done={(words) => (became.value = words)} />
      )}
    </>
  );
}

const liveIn = (records: readonly RecordView[], recordId: string, field: number): Dot[] =>
  records
    .filter((record) => record.recordId === recordId)
    .flatMap((record) => record.fields.filter((view) => view.field === field))
    .flatMap((view) => view.versions.filter((version) => version.live).flatMap((version) => version.dot ?? []));
