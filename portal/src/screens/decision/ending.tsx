// One marked it as gone, another went on with it and had not seen that. A person says what is so.

import { useSignal } from "@preact/signals";
import { RecordService } from "../../../gen/osteon/record/v1/record_service_pb";
import { ReviewService } from "../../../gen/osteon/review/v1/review_service_pb";
import { drafts } from "../../app/drafts";
import { useHeard, useResource } from "../../app/resource";
import { lookAround } from "../../app/standing";
import { Part } from "../../app/states";
import { useSteady, useWriting, WriteFailed } from "../../app/writing";
import { keyOf } from "../../parts/questions";
import { Became, Reason } from "../../parts/reason";
import { client, tried } from "../../rpc/call";
import { typeTitle } from "../../value/say";
import { RecordLine } from "../../value/value";
import { roleWord } from "../../value/who";
import { t } from "../../words";
import type { DecisionProps } from "./decision";

export function Ending({ review, now, patient, changed, locked }: DecisionProps & { locked: boolean }) {
  const { circle, recordId } = review;
  const record = useResource(`${circle} ${recordId}`, (signal, headers) =>
    tried(() => client(RecordService).getRecord({ circle, recordId }, { signal, headers }), { signal }),
  );
  useHeard(record, now);
  const writing = useWriting();
  const became = useSignal("");
  const { steady, note } = useSteady(review.reviewId);
  const key = `review ${keyOf(review)}`;
  const reason = drafts.get(key);
  const decide = (end: boolean) => {
    if (locked || !steady()) return;
    const said = { reviewId: review.reviewId, shown: review.shown, end, reason: reason.trim() };
    const call = (requestId: string) => client(ReviewService).resolveReview({ ...said, requestId });
    writing.run(`${review.reviewId} ${end} ${reason}`, call, () => {
      drafts.set(key, "");
      became.value = t(end ? "review.ended" : "review.kept");
      void lookAround();
    });
  };
  const busy = writing.state.is === "saving";
  return (
    <>
      <div class="in-force">
        <strong>{typeTitle(review.type)}</strong>
        <div>
          <Part what={typeTitle(review.type)} resource={record} lines={2}>
            {(answer) => (answer.record ? <RecordLine record={answer.record} /> : null)}
          </Part>
          <div class="note">{t("review.endingHolds")}</div>
        </div>
      </div>
      {became.value !== "" ? (
        <Became words={became.value} next={changed} />
      ) : review.mayResolve ? (
        <div class="decide">
          <Reason label={t("review.endReason")} text={reason} set={(next) => drafts.set(key, next)} />
          <div class="buttons">
            <button type="button" class="primary" disabled={writing.stopped || locked} onClick={() => decide(false)}>
              {busy ? t("write.saving") : t("review.keepRecord")}
            </button>
            <button type="button" disabled={writing.stopped || locked} onClick={() => decide(true)}>
              {t("review.endRecord")}
            </button>
          </div>
          <p class="note">{t("review.for", { patient })}</p>
          {note !== "" && <p role="status">{note}</p>}
          <WriteFailed state={writing.state} />
        </div>
      ) : (
        <p class="state summary">{t("review.notYours", { roles: review.owners.map(roleWord).join(", ") })}</p>
      )}
    </>
  );
}
