// The review inbox: questions on the left, with what is held back, what is proposed and what others settled below them; the one
// that is decided on the right.
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { Review } from "../../../gen/osteon/review/v1/review_service_pb";
import { now } from "../../app/clock";
import { useKeys } from "../../app/keys";
import { isGone } from "../../app/me";
import { type Resource, useResource } from "../../app/resource";
import { address, type PlaceOf, place, turn } from "../../app/router";
import { Empty, Part, Partly } from "../../app/states";
import { span } from "../../format/time";
import { AsOf } from "../../parts/asof";
import { isOver, NewItems, Over, useFresh } from "../../parts/fresh";
import { about, agreedOf, keyOf, kindMark, kindWord } from "../../parts/questions";
import { Slot } from "../../parts/slot";
import { KeyHint, Mark } from "../../value/marks";
import { Value } from "../../value/value";
import { t } from "../../words";
import { patientWords } from "../alerts/alerts";
import { Decision } from "../decision/decision";
import { HeldEntry } from "../held/held";
import { HeldList } from "../held/list";
import { answered, heldIn, heldKey } from "../held/load";
import { Proposals } from "../proposals/list";
import { ended, proposalKey, useProposals } from "../proposals/load";
import { ProposalEntry } from "../proposals/proposal";
import { SettledList } from "../settled/list";
import { settledIn, settledKey } from "../settled/load";
import { SettledEntry } from "../settled/settled";
import { areReadable, inbox, nowIn, ofCircle } from "./load";

const whatIs = <T,>(resource: Resource<T>): T | undefined => {
  const state = resource.state.value;
  return state.is === "ready" ? state.value : state.is === "failed" ? state.old : undefined;
};

const circleOf = (one: { readonly circle: bigint }) => one.circle;
const keyedBy =
  <T extends { readonly circle: bigint }>(key: (one: T) => string) =>
  (one: T) =>
    [one.circle, key(one)] as const;

/** Records of a patient, those that changed last, in which the server looks for what was settled. */
const LOOKED_OF_EACH = 200;
const LOOKED_OF_ONE = 999;

export function Reviews() {
  const at = place.value as PlaceOf<"reviews">;
  const viewId = useRef(crypto.randomUUID());
  const circle = at.ask.circle && /^\d{1,18}$/.test(at.ask.circle) ? BigInt(at.ask.circle) : 0n;
  const mine = useSignal(false);
  const list = useResource(`reviews ${circle}`, (signal) =>
    circle === 0n ? inbox(viewId.current, { signal }) : ofCircle(circle, { signal }),
  );
  const held = useResource(`held ${circle}`, (signal) => heldIn(circle, { signal }));
  const proposals = useProposals(circle);
  const pages = useSignal(1);
  const settled = useResource(`settled ${circle}`, (signal) => settledIn(circle, pages.value, { signal }));
  const all = (whatIs(list)?.reviews ?? []).filter((review) => !isGone(review.circle));
  const shown = mine.value ? all.filter((review) => review.mayResolve || review.reviewId === "") : all;
  const waiting = whatIs(held)?.changes ?? [];
  const proposed = (whatIs(proposals.list)?.all ?? []).filter((one) => !isGone(one.record.circle));
  const decided = (whatIs(settled)?.all ?? []).filter((one) => !isGone(one.circle));
  const fresh = useFresh(list, all.map(circleOf), (of, how) => nowIn(of, all, how));
  const freshHeld = useFresh(held, waiting.map(circleOf), async (of, how) => {
    return new Set((await heldIn(of, how)).changes.map(heldKey));
  });
  const freshProposed = useFresh(
    proposals.list,
    proposed.map((one) => one.record.circle),
    proposals.now,
  );
  const freshSettled = useFresh(settled, decided.map(circleOf), async (of, how) => {
    const found = new Set<string>();
    for (const one of decided) {
      if (one.circle === of && (await areReadable(of, [one], how))) found.add(settledKey(one));
    }
    return found;
  });
  const over = new Set(
    [
      ...all.map(keyedBy(keyOf)).filter(([of, key]) => isOver(fresh, of, key)),
      ...waiting.map(keyedBy(heldKey)).filter(([of, key]) => isOver(freshHeld, of, key) && !answered.has(key)),
      ...proposed
        .filter((one) => isOver(freshProposed, one.record.circle, proposalKey(one)) && !ended.has(proposalKey(one)))
        .map((one) => [one.record.circle, proposalKey(one)] as const),
      ...decided.map(keyedBy(settledKey)).filter(([of, key]) => isOver(freshSettled, of, key)),
    ].map(([, key]) => key),
  );
  const keys = [...shown.map(keyOf), ...waiting.map(heldKey), ...proposed.map(proposalKey), ...decided.map(settledKey)];
  // What somebody reads is not replaced by what arrives above it.
  const first = useRef<string | undefined>(undefined);
  const isRead = list.state.value.is !== "loading" && held.state.value.is !== "loading";
  if (!keys.includes(first.current ?? "")) first.current = isRead ? keys[0] : undefined;
  const chosen = keys.find((key) => key === at.ask.field) ?? first.current;
  const choose = (key: string | undefined) => key !== undefined && turn({ ...at, ask: { ...at.ask, field: key } });
  const step = (by: number) =>
    choose(keys[Math.max(0, Math.min(keys.length - 1, (chosen === undefined ? 0 : keys.indexOf(chosen)) + by))]);
  const again = () => {
    list.reload();
    held.reload();
    proposals.list.reload();
    settled.reload();
  };
  useKeys([
    { keys: "j", says: "key.next", run: () => step(1) },
    { keys: "k", says: "key.previous", run: () => step(-1) },
    { keys: ".", says: "key.showNew", run: again },
  ]);
  const row = (key: string, children: ComponentChildren) => (
    <li key={key}>
      <a
        href={address({ ...at, ask: { ...at.ask, field: key } })}
        aria-current={key === chosen ? "true" : undefined}
        onClick={(event) => {
          event.preventDefault();
          choose(key);
        }}
      >
        <Slot state={String(over.has(key))} keeps={false} own={list.state.value}>
          {over.has(key) ? <Over /> : children}
        </Slot>
      </a>
    </li>
  );
  const isChosen = (key: string) => key === chosen && !over.has(key);
  const review = shown.find((one) => isChosen(keyOf(one)));
  const change = waiting.find((one) => isChosen(heldKey(one)));
  const proposal = proposed.find((one) => isChosen(proposalKey(one)));
  const past = decided.find((one) => isChosen(settledKey(one)));
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
        <NewItems n={fresh.news} show={again} />
        <Part what={t("what.reviews")} resource={list} lines={10}>
          {({ more }) => (
            <>
              <Questions reviews={shown.map((one) => fresh.now.get(one.circle)?.get(keyOf(one)) ?? one)} row={row} />
              {more && <Partly shown={all.length} />}
            </>
          )}
        </Part>
        <HeldList list={held} row={row} />
        <Proposals proposals={proposals} row={row} />
        <SettledList
          list={settled}
          looked={circle === 0n ? LOOKED_OF_EACH : LOOKED_OF_ONE}
          more={() => {
            pages.value += 1;
            settled.reload();
          }}
          row={row}
        />
        <p class="note pad">
          <KeyHint>j</KeyHint> <KeyHint>k</KeyHint> {t("reviews.keys")}
        </p>
      </aside>
      <section class="decision">
        {review && (
          <Decision
            key={chosen}
            review={review}
            now={fresh.now.get(review.circle)}
            patient={patientWords(review.circle)}
            changed={again}
          />
        )}
        {chosen !== undefined && over.has(chosen) && <Over />}
        {change && <HeldEntry key={chosen} change={change} patient={patientWords(change.circle)} changed={again} />}
        {proposal && (
          <ProposalEntry key={chosen} one={proposal} patient={patientWords(proposal.record.circle)} changed={again} />
        )}
        {past && <SettledEntry key={chosen} one={past} patient={patientWords(past.circle)} />}
        <div class="decision-in">
          <AsOf resource={change ? held : proposal ? proposals.list : past ? settled : list} />
        </div>
      </section>
    </div>
  );
}

interface QuestionsProps {
  readonly reviews: readonly Review[];
  readonly row: (key: string, children: ComponentChildren) => preact.VNode;
}

function Questions({ reviews, row }: QuestionsProps) {
  if (reviews.length === 0) return <Empty>{t("reviews.none")}</Empty>;
  return (
    <ul class="questions">
      {reviews.map((review) =>
        row(
          keyOf(review),
          <>
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
          </>,
        ),
      )}
    </ul>
  );
}
