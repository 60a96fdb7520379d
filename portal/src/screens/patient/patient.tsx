// One patient on one page. It refreshes itself when something moved, in its places; what is new besides waits until it is asked for.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo } from "preact/hooks";
import type { CircleView } from "../../../gen/osteon/circle/v1/circle_service_pb";
import { useOnPage } from "../../app/export";
import { glassOf } from "../../app/glass";
import { useHeld } from "../../app/held";
import { useKeys } from "../../app/keys";
import { membership } from "../../app/me";
import { go, placeCase } from "../../app/router";
import { Part } from "../../app/states";
import { useTitle } from "../../app/title";
import { neighbour } from "../../app/walk";
import { Timeline, timelineAhead } from "../../charts/timeline";
import { Banner } from "../../parts/banner";
import { type Answer, scopeOf, useCircle } from "../../parts/circle";
import { News } from "../../parts/news";
import { plansAhead } from "../../parts/planlists";
import { Slot } from "../../parts/slot";
import { stateOf } from "../../value/value";
import { t } from "../../words";
import { readOf } from "../access/categories";
import { NotHere } from "../glass/not-here";
import { BehindGlass } from "../glass/page";
import { Journal, journalAhead } from "./journal";
import { PlanInForce } from "./plans";
import { Side } from "./side";

export function Patient() {
  // Not the whole place: another window or a table instead of the chart is no other page.
  const shortId = placeCase.value ?? "";
  const member = membership(shortId);
  // What one may not see looks like what there is not.
  if (!member) {
    const glass = glassOf(shortId);
    return glass ? <BehindGlass key={glass.recordId} glass={glass} /> : <NotHere shortId={shortId} />;
  }
  return <Page key={shortId} circle={member.circle} shortId={member.shortId} />;
}

function Page({ circle, shortId }: { circle: bigint; shortId: string }) {
  const resource = useCircle(circle);
  useAhead((signal) => {
    timelineAhead(circle, signal);
    journalAhead(circle, signal);
  });
  const walk = (by: 1 | -1) => {
    const to = neighbour(shortId, by);
    if (to !== undefined) go({ name: "patient", case: to, ask: {} });
  };
  useKeys([
    { keys: "[", says: "key.previousPatient", run: () => walk(-1) },
    { keys: "]", says: "key.nextPatient", run: () => walk(1) },
    { keys: "p", says: "key.visit", run: () => go({ name: "visit", case: shortId, ask: {} }) },
    { keys: "d", says: "key.decide", run: () => go({ name: "reviews", ask: { circle: String(circle) } }) },
  ]);
  useTitle(shortId);
  return (
    <Part what={t("what.patient")} resource={resource} lines={12} heading={shortId.toUpperCase()}>
      {(answer) =>
        answer.view ? (
          <Shown view={answer.view} answer={answer} circle={circle} shortId={shortId} reload={resource.reload} />
        ) : null
      }
    </Part>
  );
}

/** Asks, before anything is drawn, for what the page is going to read; no longer when the page is left. */
function useAhead(ask: (signal: AbortSignal) => void): void {
  useLayoutEffect(() => {
    const mine = new AbortController();
    ask(mine.signal);
    return () => mine.abort();
  }, []);
}

interface ShownProps {
  readonly view: CircleView;
  readonly answer: Answer;
  readonly circle: bigint;
  readonly shortId: string;
  readonly reload: () => void;
}

const mayStand = (shown: Answer, newer: Answer) => !newer.byItself || scopeOf(shown.view) !== scopeOf(newer.view);

/** Values change in their slots; new alerts, questions and entries wait until somebody asks for them. */
function Shown({ view, answer, circle, shortId, reload }: ShownProps) {
  const asked = useSignal(0);
  useAhead((signal) => plansAhead(circle, view.access, signal));
  // Who this is stands there before the rest is drawn.
  const isRead = useSignal(false);
  useEffect(() => {
    isRead.value = true;
  }, []);
  const held = useHeld(answer, asked.value, mayStand);
  const scope = scopeOf(view);
  const side = held.view ?? view;
  useOnPage(() => ({ categories: readOf(view.access), sequence: held.asOfSequence }));
  useKeys([{ keys: ".", says: "key.showNew", run: () => (asked.value += 1) }]);
  const about = { circle, since: side.sinceSequence, scope, asked: asked.value };
  // What a newer answer does not concern is not drawn anew.
  const trends = useMemo(
    () => [<Timeline key="trends" {...about} />, <Journal key="journal" {...about} />],
    Object.values(about),
  );
  const aside = useMemo(
    () => <Side view={side} circle={circle} shortId={shortId} asOf={held.asOfSequence} reload={reload} />,
    [side, circle, shortId, held.asOfSequence, reload],
  );
  return (
    <>
      <Slot key={asked.value} state={bannerState(view)} keeps={false} stays>
        <Banner view={view} shortId={shortId} />
      </Slot>
      {isRead.value && (
        <div class="patient">
          <News shown={held} newest={answer} show={() => (asked.value += 1)} />
          <div class="left">
            {trends}
            <PlanInForce
              circle={circle}
              shortId={shortId}
              access={view.access}
              reviews={view.reviews}
              phone={view.phone}
              head={answer.asOfSequence}
              asked={asked.value}
            />
          </div>
          {aside}
        </div>
      )}
    </>
  );
}

const bannerState = ({ safetyMinimum, riskProfile, person, personSummary, boneSummary }: CircleView): string =>
  [safetyMinimum, riskProfile, person, personSummary, boneSummary].map((record) => stateOf(record)).join("|");
