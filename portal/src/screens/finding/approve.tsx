// A signature under what is on the screen: it names exactly these versions. Reading a whole merged plan is one, and so is saying
// that two records are two events.
import { create } from "@bufbuild/protobuf";
import { useSignal } from "@preact/signals";
import { ApprovalMeaning, ApprovalSchema } from "../../../gen/osteon/care/v1/approval_pb";
import { RecordService } from "../../../gen/osteon/record/v1/record_service_pb";
import type { ReviewField } from "../../../gen/osteon/review/v1/review_service_pb";
import { RecordBodySchema } from "../../../gen/osteon/sync/v1/record_body_pb";
import { lookAround } from "../../app/standing";
import { useSteady, useWriting, WriteFailed, type Writing } from "../../app/writing";
import { Became } from "../../parts/reason";
import { client } from "../../rpc/call";
import { bytesOf } from "../../value/ids";
import { choiceLike } from "../../value/proposal";
import { t } from "../../words";
import { isOnScreen, type ReadProps } from "./finding";

const APPROVAL = 301;

/** The label that an approval of this record has: the choice with the same categories, counted from 1. */
export const approvalChoice = (type: number): number => choiceLike(type, APPROVAL);

interface Signature {
  readonly circle: bigint;
  readonly target: string;
  /** Of the record that is approved: the approval is filed where that one is. */
  readonly type: number;
  readonly versions: readonly Pick<ReviewField, "recordId" | "field" | "dots">[];
  readonly meaning?: ApprovalMeaning;
}

export function sign(writing: Writing, of: Signature, done: () => void): void {
  const { circle, target, type, meaning = ApprovalMeaning.CONFIRMED } = of;
  const versions = of.versions.flatMap(({ recordId, field, dots }) =>
    dots.map(({ epoch, replica, counter }) => ({ record: bytesOf(recordId), field, epoch, replica, counter })),
  );
  const value = create(ApprovalSchema, { target: bytesOf(target), versions, meaning });
  const body = create(RecordBodySchema, { body: { case: "approval", value } });
  const call = (requestId: string) =>
    client(RecordService).createRecord({ circle, body, labelChoice: approvalChoice(type), requestId });
  const same = versions.map((one) => `${one.field} ${one.epoch}.${one.replica}.${one.counter}`).join();
  writing.run(`approve ${target} ${same}`, call, () => {
    void lookAround();
    done();
  });
}

export function Approve({ review, patient, changed, locked, records }: ReadProps) {
  const writing = useWriting();
  const done = useSignal(false);
  const { steady, note } = useSteady(review.rests.flatMap(({ dots }) => dots.map((dot) => dot.counter)).join());
  if (done.value) return <Became words={t("review.approved")} next={changed} />;
  if (!isOnScreen(review, records)) return <p class="state failed">{t("review.notWhole")}</p>;
  const of = { circle: review.circle, target: review.recordId, type: review.type, versions: review.rests };
  return (
    <div class="decide">
      <button
        type="button"
        class="primary"
        disabled={locked || approvalChoice(review.type) === 0 || writing.stopped}
        onClick={() => steady() && sign(writing, of, () => (done.value = true))}
      >
        {writing.state.is === "saving" ? t("write.saving") : t("review.haveRead", { patient })}
      </button>
      {note !== "" && <p role="status">{note}</p>}
      <WriteFailed state={writing.state} />
    </div>
  );
}
