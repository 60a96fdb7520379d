// The sheet for a visit, on paper: what changed since the last one, what the person wants to ask, disputes, alerts, results and
// trends. Printing it leaves its row in the audit first.
import { useRef } from "preact/hooks";
import type { GetCircleViewResponse } from "../../../gen/osteon/circle/v1/circle_service_pb";
import { PhoneStanding } from "../../../gen/osteon/circle/v1/phone_pb";
import { AccessAction } from "../../../gen/osteon/consent/v1/consent_service_pb";
import {
  type Digest,
  type GetVisitSummaryResponse,
  SinceKind,
  SummaryService,
} from "../../../gen/osteon/summary/v1/summary_service_pb";
import { SeriesSharing } from "../../../gen/osteon/timeline/v1/timeline_service_pb";
import { now } from "../../app/clock";
import { printPage, useOnPage } from "../../app/export";
import { useKeys } from "../../app/keys";
import { me, membership } from "../../app/me";
import { useResource } from "../../app/resource";
import { address, type PlaceOf, place } from "../../app/router";
import { server } from "../../app/session";
import { Absent, Part } from "../../app/states";
import { useTitle } from "../../app/title";
import { readSeries, type Series } from "../../charts/read";
import { Chart } from "../../charts/timeline";
import { civil, day, received, viewer } from "../../format/time";
import { Banner } from "../../parts/banner";
import { type Answer, scopeOf, useCircle } from "../../parts/circle";
import { News } from "../../parts/news";
import { client, tried } from "../../rpc/call";
import { roleWord } from "../../value/who";
import { t } from "../../words";
import { categoryWord, readOf } from "../access/categories";
import { Changes, OpenAlerts, Questions, Results, Undecided } from "./parts";

interface Sheet {
  readonly summary: GetVisitSummaryResponse;
  readonly digest: Digest;
  readonly circle: GetCircleViewResponse;
  readonly series: Series;
}

export function Visit() {
  const at = place.value as PlaceOf<"visit">;
  const member = membership(at.case);
  if (!member) return <Absent page />;
  return <Loaded key={at.case} circle={member.circle} shortId={member.shortId} since={at.ask.since ?? ""} />;
}

/** The page listens; the sheet stays as it was read until somebody asks, or until what one may see is other than it was. */
function Loaded({ circle, shortId, since }: { circle: bigint; shortId: string; since: string }) {
  useTitle(shortId);
  const resource = useCircle(circle);
  return (
    <Part what={t("what.visit")} resource={resource} lines={12} heading={shortId.toUpperCase()}>
      {(newest) => <OfScope key={scopeOf(newest.view)} {...{ circle, shortId, since, newest }} />}
    </Part>
  );
}

interface OfScopeProps {
  readonly circle: bigint;
  readonly shortId: string;
  readonly since: string;
  readonly newest: Answer;
}

function OfScope({ circle, shortId, since, newest }: OfScopeProps) {
  const latest = useRef(newest);
  latest.current = newest;
  const sheet = useResource(`visit ${circle} ${since}`, async (signal): Promise<Sheet> => {
    const until = civil(now(), viewer.offset(now()));
    const view = latest.current;
    const summary = await tried(() => client(SummaryService).getVisitSummary({ circle, since, until }, { signal }), {
      signal,
    });
    const digest = summary.digest;
    if (!digest) throw new TypeError("a summary without its page");
    const series = await readSeries({ circle, from: digest.from, to: digest.until }, signal);
    return { summary, digest, circle: view, series };
  });
  useKeys([{ keys: ".", says: "key.showNew", run: sheet.reload }]);
  return (
    <Part what={t("what.visit")} resource={sheet} lines={12} heading={shortId.toUpperCase()}>
      {(value) => (
        <>
          <News shown={value.circle} newest={newest} show={sheet.reload} />
          <Paper sheet={value} shortId={shortId} />
        </>
      )}
    </Part>
  );
}

function Paper({ sheet, shortId }: { sheet: Sheet; shortId: string }) {
  const { digest, circle } = sheet;
  useOnPage(() => ({ categories: readOf(circle.view?.access ?? []), sequence: circle.asOfSequence }));
  return (
    <>
      <div class="sheet-tools">
        <a href={address({ name: "patient", case: shortId, ask: {} })}>{t("visit.back")}</a>
        <button type="button" class="primary" onClick={printPage}>
          {t("visit.print", { patient: shortId.toUpperCase() })}
        </button>
      </div>
      <table class="sheet">
        <thead>
          <tr>
            <td>
              <Header sheet={sheet} shortId={shortId} />
            </td>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>
              {circle.view && <Banner view={circle.view} shortId={shortId} />}
              <p>{sinceWords(sheet.summary)}</p>
              <Questions digest={digest} />
              <Undecided digest={digest} />
              <OpenAlerts digest={digest} />
              <Changes digest={digest} />
              <Results digest={digest} />
              <Trends series={sheet.series} />
            </td>
          </tr>
        </tbody>
        <tfoot>
          <tr>
            <td>
              <Footer sheet={sheet} shortId={shortId} />
            </td>
          </tr>
        </tfoot>
      </table>
    </>
  );
}

function sinceWords({ sinceKind, digest, lastVisit }: GetVisitSummaryResponse): string {
  const days = { from: day(digest?.from ?? ""), until: day(digest?.until ?? "") };
  switch (sinceKind) {
    case SinceKind.LAST_VISIT:
      return t("visit.sinceLast", { ...days, visit: day(lastVisit) });
    case SinceKind.NO_VISIT:
      return t("visit.sinceNone", days);
    case SinceKind.LONGEST:
      return t("visit.sinceLongest", { ...days, visit: day(lastVisit) });
    default:
      return t("visit.sinceAsked", days);
  }
}

/** On each page: whose it is, as of when, when the phone was last heard. */
function Header({ sheet, shortId }: { sheet: Sheet; shortId: string }) {
  const phone = sheet.circle.view?.phone;
  return (
    <p class="sheet-line">
      <strong>{t("visit.title", { case: shortId.toUpperCase() })}</strong>
      {server.value?.demo && <strong> {t("frame.demo")}</strong>}{" "}
      {t("visit.asOf", { when: received(sheet.digest.asOf, now()), sequence: String(sheet.circle.asOfSequence) })}{" "}
      {phone?.lastHeard
        ? t("visit.phone", { when: received(phone.lastHeard, now()) })
        : t(phone?.standing === PhoneStanding.NONE ? "phone.none" : "phone.never")}
    </p>
  );
}

function Footer({ sheet, shortId }: { sheet: Sheet; shortId: string }) {
  const hidden = (sheet.circle.view?.access ?? []).filter(
    (one) => !one.actions.some((action) => action.action === AccessAction.READ && action.allowed),
  );
  const role = membership(shortId)?.role;
  const printer = t("visit.printed", {
    who: t("who.member", { role: role === undefined ? "" : roleWord(role), account: String(me.value?.account ?? "") }),
    when: received(sheet.digest.asOf, now()),
    rules: server.value?.ruleSet ?? "",
  });
  return (
    <p class="sheet-line">
      {printer}{" "}
      {hidden.length > 0 && t("visit.notShared", { what: hidden.map((one) => categoryWord(one.category)).join(", ") })}
    </p>
  );
}

const PAPER_PX = 690;

function Trends({ series }: { series: Series }) {
  const lanes = series.lanes.filter((lane) => lane.points.length > 0 && lane.head.sharing !== SeriesSharing.NONE);
  if (lanes.length === 0) return null;
  return (
    <section>
      <h2>{t("visit.trends")}</h2>
      <Chart series={series} lanes={lanes} since={0n} fixed={PAPER_PX} />
    </section>
  );
}
