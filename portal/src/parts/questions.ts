// The question of each kind, in words, and its name for the list.

import type { VersionView } from "../../gen/osteon/record/v1/record_service_pb";
import { type Review, ReviewKind } from "../../gen/osteon/review/v1/review_service_pb";
import type { MarkKind } from "../value/marks";
import { typeTitle } from "../value/say";
import { agreedAmong, isWish, labelOf } from "../value/value";
import { inSentence, t } from "../words";

export function kindWord(review: Review): string {
  switch (review.kind) {
    case ReviewKind.DISPUTE:
      return t(review.field?.blocked ? "review.kind.blocked" : "review.kind.dispute");
    case ReviewKind.ENDING:
      return t("review.kind.ending");
    case ReviewKind.MERGED_UNSEEN:
      return t("review.kind.merged");
    case ReviewKind.CONTRADICTION:
      return t("review.kind.contradiction");
    case ReviewKind.VOID_APPROVAL:
      return t("review.kind.void");
    case ReviewKind.DUPLICATE:
      return t("review.kind.duplicate");
    default:
      return t("value.newerShort");
  }
}

export function kindMark(review: Review): MarkKind {
  if (review.kind === ReviewKind.DISPUTE) return review.field?.blocked ? "urgent" : "disputed";
  return review.kind === ReviewKind.CONTRADICTION ? "urgent" : "soon";
}

/** "Exercise plan, lift at most". */
export function about(review: Review): string {
  const title = typeTitle(review.type);
  return review.field
    ? t("review.about", { type: title, field: inSentence(labelOf(review.type, review.field)) })
    : title;
}

export function question(review: Review): string {
  switch (review.kind) {
    case ReviewKind.DISPUTE: {
      const what = review.field ? inSentence(labelOf(review.type, review.field)) : "";
      return t(isWish(review.type) ? "review.q.wish" : "review.q.dispute", { what });
    }
    case ReviewKind.ENDING:
      return t("review.q.ending");
    case ReviewKind.MERGED_UNSEEN:
      return t("review.q.merged");
    case ReviewKind.CONTRADICTION:
      return t("review.q.contradiction");
    case ReviewKind.VOID_APPROVAL:
      return t("review.q.void");
    case ReviewKind.DUPLICATE:
      return t("review.q.duplicate");
    default:
      return t("value.newerShort");
  }
}

/** What names a question in an address and from one answer to the next; its own id is made anew each time. */
export function keyOf(review: Review): string {
  const element = [...(review.field?.element ?? [])].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  // One record may be the same event as several others.
  const twin = review.kind === ReviewKind.DUPLICATE && review.rests.find((one) => one.recordId !== review.recordId);
  return [review.kind, review.recordId, review.field?.field ?? review.check, element, twin ? twin.recordId : ""]
    .filter((part) => part !== "")
    .join("-");
}

/** What was last agreed, of a dispute in which no live version holds. */
export const agreedOf = (review: Review): VersionView | undefined =>
  agreedAmong(
    review.field,
    review.choices.flatMap((choice) => choice.before),
  );
