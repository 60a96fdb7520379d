// A value that is neither of those that stand: one more choice, written like every decision, with what it would become.

import type { FieldView } from "../../../gen/osteon/record/v1/record_service_pb";
import { type Review, ReviewService } from "../../../gen/osteon/review/v1/review_service_pb";
import { draft, drafts } from "../../app/drafts";
import { useWriting, WriteFailed } from "../../app/writing";
import { bodyWith, canEdit, enteredOf, Input } from "../../parts/entry";
import { keyOf } from "../../parts/questions";
import { Reason } from "../../parts/reason";
import { client } from "../../rpc/call";
import { fieldOf } from "../../value/meta";
import { fieldLabel, sayValue } from "../../value/say";
import { isApart } from "../../value/value";
import { inSentence, t } from "../../words";

interface OtherProps {
  readonly review: Review;
  readonly view: FieldView;
  readonly done: (words: string) => void;
}

export function Other({ review, view, done }: OtherProps) {
  const field = fieldOf(review.type, view.field);
  const writing = useWriting();
  const reason = draft(`other reason ${keyOf(review)}`);
  const key = `other ${keyOf(review)}`;
  if (!field || !canEdit(field)) return <p class="note">{t("plan.noForm")}</p>;
  const text = drafts.get(key);
  const entered = enteredOf(field, text);
  const value = entered.is === "value" ? bodyWith(review.type, field, entered.value) : undefined;
  const words = entered.is === "value" ? sayValue(field, entered.value) : "";
  const save = (event: Event) => {
    event.preventDefault();
    if (!value) return;
    const said = { reviewId: review.reviewId, shown: review.shown, value, reason: reason.value.trim() };
    const call = (requestId: string) => client(ReviewService).resolveReview({ ...said, requestId });
    writing.run(`${review.reviewId} ${text} ${said.reason}`, call, (answer) => {
      drafts.set(key, "");
      reason.value = "";
      done(t(isApart(answer, view.field, view.element) ? "review.stillDisputed" : "review.decided", { value: words }));
    });
  };
  return (
    <form class="close" onSubmit={save}>
      <label class="field">
        {t("plan.newValue", { field: inSentence(fieldLabel(field)) })}
        <Input field={field} text={text} set={(next) => drafts.set(key, next)} />
      </label>
      {entered.is === "wrong" && <p role="alert">{entered.says}</p>}
      {words !== "" && (
        <p>
          {t("plan.becomes")} <strong dir="auto">{words}</strong>
        </p>
      )}
      <Reason label={t("review.otherReason")} text={reason.value} set={(next) => (reason.value = next)} />
      <div class="buttons">
        <button type="submit" class="primary" disabled={!value || writing.stopped}>
          {writing.state.is === "saving" ? t("write.saving") : t("review.use", { value: words })}
        </button>
      </div>
      <WriteFailed state={writing.state} />
    </form>
  );
}
