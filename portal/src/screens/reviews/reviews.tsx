// The review inbox: questions on the left, the one that is decided on the right.
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Review } from "../../../gen/osteon/review/v1/review_service_pb";
import { now } from "../../app/clock";
import { useKeys } from "../../app/keys";
import { isGone } from "../../app/me";
import { useResource } from "../../app/resource";
import { address, type PlaceOf, place, turn } from "../../app/router";
import { Empty, Part } from "../../app/states";
import { span } from "../../format/time";
import { about, agreedOf, keyOf, kindMark, kindWord } from "../../parts/questions";
import { KeyHint, Mark } from "../../value/marks";
import { Value } from "../../value/value";
import { t } from "../../words";
import { patientWords } from "../alerts/alerts";
import { Decision } from "../decision/decision";
import { inbox, ofCircle } from "./load";

export function Reviews() {
  const at = place.value as PlaceOf<"reviews">;
  const viewId = useRef(crypto.randomUUID());
  const circle = at.ask.circle && /^\d{1,18}$/.test(at.ask.circle) ? BigInt(at.ask.circle) : 0n;
  const mine = useSignal(false);
  const list = useResource(`reviews ${circle}`, (signal) =>
    circle === 0n ? inbox(viewId.current, signal) : ofCircle(circle, signal),
  );
  const read = list.state.value.is === "ready" ? list.state.value.value : [];
  const all = read.filter((review) => !isGone(review.circle));
  const shown = mine.value ? all.filter((review) => review.mayResolve || review.reviewId === "") : all;
  const chosen = shown.find((review) => keyOf(review) === at.ask.field) ?? shown[0];
  const choose = (review: Review | undefined) => review && turn({ ...at, ask: { ...at.ask, field: keyOf(review) } });
  const step = (by: number) =>
    choose(shown[Math.max(0, Math.min(shown.length - 1, (chosen ? shown.indexOf(chosen) : 0) + by))]);
  useKeys([
    { keys: "j", says: "key.next", run: () => step(1) },
    { keys: "k", says: "key.previous", run: () => step(-1) },
    { keys: ".", says: "key.showNew", run: () => list.reload() },
  ]);
  return (
    <div class="split">
      <aside class="inbox" aria-label={t("reviews.title")}>
        <div class="head">
          <h1>{t("reviews.title")}</h1>
          {circle !== 0n && <a href={address({ name: "reviews", ask: {} })}>{t("alerts.allPatients")}</a>}
        </div>
        <label class="option pad">
          <input
            type="checkbox"
            checked={mine.value}
            onChange={(event) => (mine.value = event.currentTarget.checked)}
          />{" "}
          {t("reviews.mine")}
        </label>
        <Part what={t("what.reviews")} resource={list} lines={10}>
          {() => <Questions reviews={shown} chosen={chosen} at={at} />}
        </Part>
        <p class="note pad">
          <KeyHint>j</KeyHint> <KeyHint>k</KeyHint> {t("reviews.keys")}
        </p>
      </aside>
      <section class="decision">
        {chosen ? (
          <Decision key={keyOf(chosen)} review={chosen} patient={patientWords(chosen.circle)} changed={list.reload} />
        ) : null}
      </section>
    </div>
  );
}

function Questions({
  reviews,
  chosen,
  at,
}: {
  reviews: readonly Review[];
  chosen: Review | undefined;
  at: PlaceOf<"reviews">;
}) {
  if (reviews.length === 0) return <Empty>{t("reviews.none")}</Empty>;
  return (
    <ul class="questions">
      {reviews.map((review) => (
        <li key={keyOf(review)}>
          <a
            href={address({ ...at, ask: { ...at.ask, field: keyOf(review) } })}
            aria-current={review === chosen ? "true" : undefined}
            onClick={(event) => {
              event.preventDefault();
              turn({ ...at, ask: { ...at.ask, field: keyOf(review) } });
            }}
          >
            <span class="row">
              <Mark kind={kindMark(review)}>{kindWord(review)}</Mark> <strong>{patientWords(review.circle)}</strong>
              <span class="grow" />
              {review.opened && <span class="note">{span(now() - timestampMs(review.opened))}</span>}
            </span>
            <span class="about">{about(review)}</span>
            {review.field && (
              <span class="note">
                <Value type={review.type} view={review.field} agreed={agreedOf(review)} />
              </span>
            )}
            {review.says !== "" && (
              <span class="note" lang="en">
                {review.says}
              </span>
            )}
          </a>
        </li>
      ))}
    </ul>
  );
}
