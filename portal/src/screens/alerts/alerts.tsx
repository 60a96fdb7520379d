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
  const list = useResource(`${circle} ${closedToo}`, (signal) => everything(circle, closedToo, pages.value, signal));
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
      <Part what={t("what.alerts")} resource={list} lines={12}>
        {(answer) => <Circles answer={answer} focused={at.ask.alert} more={more} />}
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
  signal: AbortSignal,
): Promise<ListAlertsResponse> {
  const ask = (pageToken: string) => {
    const request = { circle, includeClosed, pageSize: 100, pageToken };
    return tried(() => client(AlertService).listAlerts(request, { signal }), { signal });
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

interface CirclesProps {
  readonly answer: ListAlertsResponse;
  readonly focused: string | undefined;
  readonly more: () => void;
}

function Circles({ answer, focused, more }: CirclesProps) {
  const circles = answer.circles.filter((one) => one.alerts.length + one.redacted.length > 0 && !isGone(one.circle));
  circles.sort((a, b) => worst(b) - worst(a));
  return (
    <>
      {circles.length === 0 && <Empty>{t("alerts.none", { n: answer.circles.length })}</Empty>}
      {answer.nobodyOnCall && <p class="state failed">{t("status.nobodyOnCall")}</p>}
      {circles.map((one) => (
        <OfCircle key={String(one.circle)} of={one} focused={focused} />
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

function OfCircle({ of, focused }: { of: CircleAlerts; focused: string | undefined }) {
  const patient = patientWords(of.circle);
  return (
    <section class="of-circle" aria-label={patient}>
      <h2>
        <a href={address({ name: "patient", case: shortIdOf(of.circle), ask: {} })}>{patient}</a>
      </h2>
      {of.lateSince && <p class="state failed">{t("alerts.late", { when: received(of.lateSince, now()) })}</p>}
      {of.alerts.map((alert) => (
        <Held
          key={alert.recordId}
          circle={of.circle}
          alert={alert}
          patient={patient}
          focus={alert.recordId === focused}
        />
      ))}
      {of.redacted.map((alert) => (
        <RedactedCard key={alert.recordId} alert={alert} />
      ))}
      {of.truncated && <Partly shown={of.alerts.length} />}
    </section>
  );
}

interface HeldProps {
  readonly circle: bigint;
  readonly alert: ListedAlert;
  readonly patient: string;
  readonly focus?: boolean;
  readonly members?: readonly CircleMember[];
}

/** An answer changes its card in its place; nothing else moves. */
export function Held(props: HeldProps) {
  const newer = useSignal<ListedAlert | undefined>(undefined);
  const told = (alert: ListedAlert) => {
    newer.value = alert;
    void lookAround();
  };
  const alert = newer.value && newer.value.revision >= props.alert.revision ? newer.value : props.alert;
  return (
    <AlertCard
      circle={props.circle}
      alert={alert}
      patient={props.patient}
      focus={props.focus ?? false}
      told={told}
      members={props.members ?? []}
    />
  );
}
