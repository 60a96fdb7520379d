// All open alerts of my circles, the most urgent first within each patient.
import { useSignal } from "@preact/signals";
import {
  AlertService,
  type CircleAlerts,
  type ListAlertsResponse,
  type ListedAlert,
} from "../../../gen/osteon/alert/v1/alert_service_pb";
import { AlertSeverity } from "../../../gen/osteon/care/v1/alert_pb";
import type { CircleMember } from "../../../gen/osteon/circle/v1/circle_service_pb";
import { now } from "../../app/clock";
import { useKeys } from "../../app/keys";
import { caseOf, isGone, shortIdOf } from "../../app/me";
import { useResource } from "../../app/resource";
import { address, type PlaceOf, place, turn } from "../../app/router";
import { lookAround, names } from "../../app/standing";
import { Empty, Part, Partly } from "../../app/states";
import { received } from "../../format/time";
import { AsOf } from "../../parts/asof";
import { type Fresh, type How, NewItems, Over, useFresh } from "../../parts/fresh";
import { Slot } from "../../parts/slot";
import { client, tried } from "../../rpc/call";
import { t } from "../../words";
import { AlertCard } from "./card";
import { RedactedCard } from "./redacted";

export const patientWords = (circle: bigint): string => {
  const name = names.value.get(circle);
  const shown = caseOf(circle);
  return name === undefined || name === shown ? shown : t("patient.named", { name, case: shown });
};

export function Alerts() {
  const at = place.value as PlaceOf<"alerts">;
  const closedToo = at.ask.show === "closed";
  const circle = at.ask.circle && /^\d{1,18}$/.test(at.ask.circle) ? BigInt(at.ask.circle) : 0n;
  const pages = useSignal(1);
  const list = useResource(`${circle} ${closedToo}`, (signal) =>
    everything(circle, closedToo, pages.value, { signal }),
  );
  const { state } = list;
  const read = state.value.is === "ready" ? state.value.value : undefined;
  const shown = (read?.circles ?? []).filter(isShown).map((one) => one.circle);
  // Closed ones, too: who closed it stands at it.
  const fresh = useFresh(list, shown, async (one, how) => (await everything(one, true, 1, how)).circles[0]);
  const more = () => {
    pages.value += 1;
    list.reload();
  };
  useKeys([{ keys: ".", says: "key.showNew", run: () => list.reload() }]);
  return (
    <div class="page narrow">
      <div class="head">
        <h1>{circle === 0n ? t("alerts.title") : t("alerts.of", { patient: patientWords(circle) })}</h1>
        {circle !== 0n && <a href={address({ name: "alerts", ask: {} })}>{t("alerts.allPatients")}</a>}
        <label class="option">
          <input
            type="checkbox"
            checked={closedToo}
            onChange={(event) => {
              const { show: _, ...ask } = at.ask;
              turn({ ...at, ask: event.currentTarget.checked ? { ...ask, show: "closed" } : ask });
            }}
          />{" "}
          {t("alerts.closedToo")}
        </label>
        <a href={address({ name: "quality", ask: {} })}>{t("quality.link")}</a>
        <span class="grow" />
        <button type="button" onClick={() => list.reload()}>
          {t("action.refresh")}
        </button>
      </div>
      <NewItems n={fresh.news} show={() => list.reload()} />
      <Part what={t("what.alerts")} resource={list} lines={12}>
        {(answer) => <Circles answer={answer} now={fresh.now} focused={at.ask.alert} more={more} />}
      </Part>
      <AsOf resource={list} />
    </div>
  );
}

/** So many pages of circles as one answer. */
async function everything(
  circle: bigint,
  includeClosed: boolean,
  pages: number,
  how: How,
): Promise<ListAlertsResponse> {
  const ask = (pageToken: string) => {
    const request = { circle, includeClosed, pageSize: 100, pageToken };
    return tried(() => client(AlertService).listAlerts(request, how), how);
  };
  let whole = await ask("");
  for (let n = 1; n < pages && whole.nextPageToken !== ""; n += 1) {
    const next = await ask(whole.nextPageToken);
    whole = { ...next, circles: [...whole.circles, ...next.circles] };
  }
  return whole;
}

/** Circles by their worst alert: an emergency anywhere stands before everything else. */
function worst(one: CircleAlerts): number {
  const open = one.alerts.filter((alert) => !alert.closed).map((alert) => alert.severity);
  return Math.max(AlertSeverity.UNSPECIFIED, ...open, ...one.redacted.map((alert) => alert.severity));
}

const isShown = (one: CircleAlerts) => one.alerts.length + one.redacted.length > 0;

type Now = Fresh<CircleAlerts | undefined>["now"];

interface CirclesProps {
  readonly answer: ListAlertsResponse;
  readonly now: Now;
  readonly focused: string | undefined;
  readonly more: () => void;
}

function Circles({ answer, now, focused, more }: CirclesProps) {
  const circles = answer.circles.filter((one) => isShown(one) && !isGone(one.circle));
  circles.sort((a, b) => worst(b) - worst(a));
  return (
    <>
      {circles.length === 0 && <Empty>{t("alerts.none", { n: answer.circles.length })}</Empty>}
      {answer.nobodyOnCall && <p class="state failed">{t("status.nobodyOnCall")}</p>}
      {circles.map((one) => (
        <OfCircle key={String(one.circle)} of={one} now={now} focused={focused} />
      ))}
      {answer.nextPageToken !== "" && (
        <div class="row">
          <Partly shown={answer.circles.length} />
          <button type="button" onClick={more}>
            {t("list.showMore")}
          </button>
        </div>
      )}
    </>
  );
}

/** As it was listed, each in its place as it is now: what is not listed any more was closed, or is not for this reader. */
function OfCircle({ of, now: all, focused }: { of: CircleAlerts; now: Now; focused: string | undefined }) {
  const patient = patientWords(of.circle);
  const is = all.has(of.circle) ? all.get(of.circle) : of;
  const inPlace = ({ recordId }: { recordId: string }) => {
    const hidden = is?.redacted.find((one) => one.recordId === recordId);
    return hidden ? <RedactedCard key={recordId} alert={hidden} /> : <Over key={recordId} />;
  };
  return (
    <section class="of-circle" aria-label={patient}>
      <h2>
        <a href={address({ name: "patient", case: shortIdOf(of.circle), ask: {} })}>{patient}</a>
      </h2>
      {of.lateSince && <p class="state failed">{t("alerts.late", { when: received(of.lateSince, now()) })}</p>}
      {of.alerts.map(({ recordId }) => (
        <Held
          key={recordId}
          circle={of.circle}
          alert={is?.alerts.find((one) => one.recordId === recordId)}
          instead={inPlace({ recordId })}
          patient={patient}
          focus={recordId === focused}
        />
      ))}
      {of.redacted.map(inPlace)}
      {of.truncated && <Partly shown={of.alerts.length} />}
    </section>
  );
}

/** Another one: it stands otherwise than before. */
const standing = ({ revision, owner, handedTo, step, seen, closed }: ListedAlert): string =>
  [revision, owner, handedTo, step, seen.length, closed?.account].join();

interface HeldProps {
  readonly circle: bigint;
  readonly alert: ListedAlert | undefined;
  /** What stands in its place once it is not there: the place listens then, and keeps its size. */
  readonly instead?: preact.VNode;
  readonly patient: string;
  readonly focus?: boolean;
  readonly members?: readonly CircleMember[];
}

/** An answer changes its card in its place; nothing else moves. */
export function Held({ circle, alert: listed, instead, patient, focus = false, members = [] }: HeldProps) {
  const own = useSignal<ListedAlert | undefined>(undefined);
  const told = (alert: ListedAlert) => {
    own.value = alert;
    void lookAround();
  };
  const alert = listed && own.value && !isPast(own.value, listed) ? own.value : listed;
  const card = alert ? <AlertCard {...{ circle, alert, patient, focus, told, members }} /> : instead;
  if (!instead) return card;
  return (
    <Slot state={alert ? standing(alert) : ""} own={own.value} keeps={false}>
      {card}
    </Slot>
  );
}

/** Whether what was listed is newer than what one's own answer became. */
const isPast = (own: ListedAlert, listed: ListedAlert): boolean =>
  listed.revision > own.revision || (!own.closed && !!listed.closed) || listed.seen.length > own.seen.length;
