// One patient on one page. It refreshes itself when something moved, in its places; a refresh is not a read, so one view id
// stands for the visit.
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import {
  CircleService,
  type CircleView,
  type GetCircleViewResponse,
} from "../../../gen/osteon/circle/v1/circle_service_pb";
import { heard } from "../../app/clock";
import { glassOf } from "../../app/glass";
import { useHeld } from "../../app/held";
import { useKeys } from "../../app/keys";
import { membership } from "../../app/me";
import { useResource } from "../../app/resource";
import { address, go, type PlaceOf, place } from "../../app/router";
import { Absent, Part } from "../../app/states";
import { useTitle } from "../../app/title";
import { neighbour } from "../../app/walk";
import { Timeline } from "../../charts/timeline";
import { heads } from "../../live/live";
import { Banner } from "../../parts/banner";
import { News } from "../../parts/news";
import { Slot } from "../../parts/slot";
import { client, OWN_PAGE, tried } from "../../rpc/call";
import { stateOf } from "../../value/value";
import { t } from "../../words";
import { mayBreakGlass } from "../glass/glass";
import { BehindGlass } from "../glass/page";
import { Journal } from "./journal";
import { PlanInForce } from "./plans";
import { Side } from "./side";

export function Patient() {
  const at = place.value as PlaceOf<"patient">;
  const member = membership(at.case);
  // What one may not see looks like what there is not.
  if (!member) {
    const glass = glassOf(at.case);
    return glass ? <BehindGlass key={glass.recordId} glass={glass} /> : <NotHere shortId={at.case} />;
  }
  return <Page key={at.case} circle={member.circle} shortId={member.shortId} />;
}

function NotHere({ shortId }: { shortId: string }) {
  return (
    <>
      <Absent />
      {mayBreakGlass() && (
        <p class="pad">
          <a href={address({ name: "glass", ask: { case: shortId } })}>{t("glass.link")}</a>
        </p>
      )}
    </>
  );
}

/** The answer of one visit: later ones tell only what changed. */
function useCircle(circle: bigint) {
  const viewId = useRef(crypto.randomUUID());
  const last = useRef<GetCircleViewResponse | undefined>(undefined);
  const resource = useResource(`circle ${circle}`, async (signal, headers) => {
    const ifChangedSince = last.current?.state ?? new Uint8Array();
    const request = { circle, ifChangedSince, viewId: viewId.current };
    const answer = await tried(() => client(CircleService).getCircleView(request, { signal, headers }), { signal });
    if (answer.asOf) heard(timestampMs(answer.asOf));
    const whole = answer.view || !last.current?.view ? answer : { ...answer, view: last.current.view };
    last.current = whole;
    return { ...whole, byItself: headers[OWN_PAGE] !== undefined };
  });
  const head = heads.value.get(String(circle));
  useEffect(() => {
    if (last.current && head !== undefined && head !== last.current.asOfSequence) resource.refresh();
  }, [head]);
  return resource;
}

function Page({ circle, shortId }: { circle: bigint; shortId: string }) {
  const resource = useCircle(circle);
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
    <Part what={t("what.patient")} resource={resource} lines={12}>
      {(answer) =>
        answer.view ? (
          <Shown view={answer.view} answer={answer} circle={circle} shortId={shortId} reload={resource.reload} />
        ) : null
      }
    </Part>
  );
}

type Answer = GetCircleViewResponse & { readonly byItself: boolean };

interface ShownProps {
  readonly view: CircleView;
  readonly answer: Answer;
  readonly circle: bigint;
  readonly shortId: string;
  readonly reload: () => void;
}

/** What one may see: where that becomes less, nothing that was shown stays. */
const scopeOf = (view: CircleView | undefined): string =>
  (view?.access ?? [])
    .flatMap((one) => one.actions.filter((of) => of.allowed).map((of) => `${one.category}.${of.action}`))
    .join(" ");

const mayStand = (shown: Answer, newer: Answer) => !newer.byItself || scopeOf(shown.view) !== scopeOf(newer.view);

/** Values change in their slots; new alerts, questions and entries wait until somebody asks for them. */
function Shown({ view, answer, circle, shortId, reload }: ShownProps) {
  const asked = useSignal(0);
  const held = useHeld(answer, asked.value, mayStand);
  const scope = scopeOf(view);
  const side = held.view ?? view;
  useKeys([{ keys: ".", says: "key.showNew", run: () => (asked.value += 1) }]);
  const about = { circle, since: side.sinceSequence, scope, asked: asked.value };
  return (
    <>
      <Slot key={asked.value} state={bannerState(view)} keeps={false} stays>
        <Banner view={view} shortId={shortId} />
      </Slot>
      <div class="patient">
        <News shown={held} newest={answer} show={() => (asked.value += 1)} />
        <div class="left">
          <Timeline {...about} />
          <Journal {...about} />
          <PlanInForce
            circle={circle}
            shortId={shortId}
            access={view.access}
            head={answer.asOfSequence}
            asked={asked.value}
          />
        </div>
        <Side view={side} circle={circle} shortId={shortId} asOf={held.asOfSequence} reload={reload} />
      </div>
    </>
  );
}

const bannerState = ({ safetyMinimum, riskProfile, person, personSummary, boneSummary }: CircleView): string =>
  [safetyMinimum, riskProfile, person, personSummary, boneSummary].map((record) => stateOf(record)).join("|");

export { useTitle };
