// One question with everything that it takes to answer it, and the answer.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Review, ReviewKind, ReviewService } from "../../../gen/osteon/review/v1/review_service_pb";
import { shortIdOf } from "../../app/me";
import { address } from "../../app/router";
import { heads } from "../../live/live";
import { keyOf, kindMark, kindWord, question } from "../../parts/questions";
import { BY_ITSELF, client } from "../../rpc/call";
import { Mark } from "../../value/marks";
import { roleWord } from "../../value/who";
import { t } from "../../words";
import { Ask } from "../ask/ask";
import { Context } from "./context";
import { Dispute } from "./dispute";
import { Ending } from "./ending";
import { Finding } from "./finding";

export interface DecisionProps {
  readonly review: Review;
  readonly patient: string;
  /** Reads the list again: the person asked for it. */
  readonly changed: () => void;
}

export function Decision({ review, patient, changed }: DecisionProps) {
  const stale = useNewer(review);
  return (
    <div class="decision-in">
      <header class="row">
        <h2>
          <a href={address({ name: "patient", case: shortIdOf(review.circle), ask: {} })}>{patient}</a>
        </h2>
        <span class="grow" />
        <Mark kind={kindMark(review)}>{kindWord(review)}</Mark>
      </header>
      <h3 class="question">{question(review)}</h3>
      {review.owners.length > 0 && (
        <p class="note">{t("review.owners", { roles: review.owners.map(roleWord).join(", ") })}</p>
      )}
      <p class={stale ? "new-items" : "new-items none"} role="status">
        {stale ? (
          <>
            {t("review.newer")}{" "}
            <button type="button" class="link" onClick={changed}>
              {t("review.showNewer")}
            </button>
          </>
        ) : (
          t("review.nothingNewer")
        )}
      </p>
      <Body review={review} patient={patient} changed={changed} locked={stale} />
      {review.recordId !== "" && (
        <Ask circle={review.circle} recordId={review.recordId} field={review.field?.field ?? 0} />
      )}
      <Context circle={review.circle} />
    </div>
  );
}

function Body(props: DecisionProps & { locked: boolean }) {
  switch (props.review.kind) {
    case ReviewKind.DISPUTE:
      return <Dispute {...props} />;
    case ReviewKind.ENDING:
      return <Ending {...props} />;
    default:
      return <Finding {...props} />;
  }
}

/** Whether the question is another one by now: the buttons are locked until that is on the screen. */
function useNewer(review: Review): boolean {
  const newer = useSignal(false);
  const head = heads.value.get(String(review.circle));
  useEffect(() => {
    if (head === undefined || review.reviewId === "") return;
    const mine = new AbortController();
    const request = { circle: review.circle, pageSize: 100 };
    client(ReviewService)
      .listReviews(request, { signal: mine.signal, headers: BY_ITSELF })
      .then(
        (answer) => {
          const now = answer.reviews.find((one) => keyOf(one) === keyOf(review));
          if (now ? !sameQuestion(now, review) : answer.nextPageToken === "") newer.value = true;
        },
        () => undefined,
      );
    return () => mine.abort();
  }, [head, review]);
  return newer.value;
}

const dots = (review: Review) =>
  (review.field?.versions ?? []).map((one) => `${one.dot?.epoch}.${one.dot?.replica}.${one.dot?.counter}`).join(" ");

/** Tokens may be made anew with each answer: the versions they stand for are compared. */
export const sameQuestion = (a: Review, b: Review): boolean => dots(a) === dots(b);
