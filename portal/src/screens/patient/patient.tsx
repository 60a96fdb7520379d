// One patient on one page. It refreshes itself when something moved, in its places; a refresh is not a read, so one view id
// stands for the visit.
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useEffect, useRef } from "preact/hooks";
import { CircleService, type GetCircleViewResponse } from "../../../gen/osteon/circle/v1/circle_service_pb";
import { heard } from "../../app/clock";
import { glassOf } from "../../app/glass";
import { useKeys } from "../../app/keys";
import { membership } from "../../app/me";
import { useResource } from "../../app/resource";
import { address, go, type PlaceOf, place } from "../../app/router";
import { Absent, Part } from "../../app/states";
import { neighbour } from "../../app/walk";
import { Timeline } from "../../charts/timeline";
import { gone, heads } from "../../live/live";
import { Banner } from "../../parts/banner";
import { client, tried } from "../../rpc/call";
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
  if (!member || gone.value.has(String(member.circle))) {
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
    return whole;
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
          <>
            <Banner view={answer.view} shortId={shortId} />
            <div class="patient">
              <div class="left">
                <Timeline circle={circle} since={answer.view.sinceSequence} />
                <Journal circle={circle} since={answer.view.sinceSequence} />
                <PlanInForce circle={circle} shortId={shortId} access={answer.view.access} head={answer.asOfSequence} />
              </div>
              <Side
                view={answer.view}
                circle={circle}
                shortId={shortId}
                asOf={answer.asOfSequence}
                reload={resource.reload}
              />
            </div>
          </>
        ) : null
      }
    </Part>
  );
}

/** The tab's title begins with the case number: two patients are never one tab's name apart. */
export function useTitle(shortId: string): void {
  useEffect(() => {
    const before = document.title;
    document.title = t("patient.tab", { case: shortId.toUpperCase() });
    return () => {
      document.title = before;
    };
  }, [shortId]);
}
