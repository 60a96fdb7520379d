// One question with everything that it takes to answer it, and the answer.

import { type Review, ReviewKind } from "../../../gen/osteon/review/v1/review_service_pb";
import { shortIdOf } from "../../app/me";
import { address } from "../../app/router";
import { keyOf, kindMark, kindWord, question } from "../../parts/questions";
import { Mark } from "../../value/marks";
import { roleWord } from "../../value/who";
import { t } from "../../words";
import { Ask } from "../ask/ask";
import { Finding } from "../finding/finding";
import { Context } from "./context";
import { Dispute } from "./dispute";
import { Ending } from "./ending";

export interface DecisionProps {
  readonly review: Review;
  /** What the patient's questions are by now, where the patient moved since this one was read. */
  readonly now: ReadonlyMap<string, Review | undefined> | undefined;
  readonly patient: string;
  /** Reads the list again: the person asked for it. */
  readonly changed: () => void;
}

export function Decision({ review, now, patient, changed }: DecisionProps) {
  // Another one by now: the buttons are locked until that is on the screen.
  const newest = now?.get(keyOf(review));
  const stale = now !== undefined && !(newest && sameQuestion(newest, review));
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
      <Body review={review} now={now} patient={patient} changed={changed} locked={stale} />
      {review.recordId !== "" && (
        <Ask circle={review.circle} recordId={review.recordId} field={review.field?.field ?? 0} />
      )}
      <Context circle={review.circle} now={now} />
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

const dots = ({ field, rests }: Review) =>
  [...(field?.versions ?? []).map((one) => one.dot), ...rests.flatMap((rest) => rest.dots)]
    .map((dot) => `${dot?.epoch}.${dot?.replica}.${dot?.counter}`)
    .join(" ");

/** Tokens may be made anew with each answer: the versions they stand for are compared. */
export const sameQuestion = (a: Review, b: Review): boolean => dots(a) === dots(b);
