// One alert: what was found, by which rule and how sure its source is, who sees to it, what happens next; and what a person
// can say to it. Taking is not closing.
import { useSignal } from "@preact/signals";
import { type ListedAlert, RuleState } from "../../../gen/osteon/alert/v1/alert_service_pb";
import { AlertSeverity } from "../../../gen/osteon/care/v1/alert_pb";
import type { CircleMember } from "../../../gen/osteon/circle/v1/circle_service_pb";
import { now } from "../../app/clock";
import { delay, received } from "../../format/time";
import { Severity } from "../../value/marks";
import { member, roleWord } from "../../value/who";
import { t } from "../../words";
import { Answer } from "./answer";
import { outcomeWord } from "./outcome";

const STATES = {
  [RuleState.UNSPECIFIED]: "alert.sureUnknown",
  [RuleState.VERIFIED]: "alert.sureVerified",
  [RuleState.SECONDARY]: "alert.sureSecondary",
  [RuleState.UNVERIFIED]: "alert.sureUnverified",
} as const;

interface CardProps {
  readonly circle: bigint;
  readonly alert: ListedAlert;
  /** "Demo patient 3 (D-0003)": stands on every button of consequence. */
  readonly patient: string;
  readonly focus?: boolean;
  readonly told: (alert: ListedAlert) => void;
  readonly members?: readonly CircleMember[];
}

export function AlertCard({ circle, alert, patient, focus, told, members = [] }: CardProps) {
  const why = useSignal(false);
  return (
    <article class={`card severity-${alert.severity}`} aria-label={t("alert.of", { rule: alert.rule, patient })}>
      <p class="card-head">
        <Severity of={alert.severity} /> <span class="note">{alert.rule}</span>
        {alert.muted && <span class="note"> {t("alert.muted")}</span>}
      </p>
      <p lang="en">{alert.text !== "" ? alert.text : t("alert.noText", { rule: alert.rule })}</p>
      <Times alert={alert} />
      <Standing alert={alert} />
      {!alert.closed && (
        <Answer circle={circle} alert={alert} patient={patient} focus={focus ?? false} told={told} members={members} />
      )}
      <button type="button" class="link" aria-expanded={why.value} onClick={() => (why.value = !why.value)}>
        {t("alert.why")}
      </button>
      {why.value && <Why alert={alert} />}
    </article>
  );
}

function Times({ alert }: { alert: ListedAlert }) {
  return (
    <p class="note">
      {alert.happened && `${t("work.happened", { when: received(alert.happened, now()) })}. `}
      {t("alert.raised", { when: received(alert.raised, now()) })}
      {alert.lateDays === 0 && lateWords(alert)}
      {alert.lateDays > 0 && (
        <strong> {t(alert.lateDays === 1 ? "alert.lateOne" : "alert.late", { n: alert.lateDays })}</strong>
      )}
      {alert.updated && ` ${t("alert.updated", { when: received(alert.updated, now()) })}`}
    </p>
  );
}

/** A delay that is less than a day and long enough to stand beside the times. */
function lateWords({ happened, raised }: ListedAlert) {
  const late = delay(happened, raised);
  return late !== undefined && <strong> ({late})</strong>;
}

function Standing({ alert }: { alert: ListedAlert }) {
  if (alert.closed) {
    return (
      <p class="standing">
        {t("alert.closed", {
          outcome: outcomeWord(alert.closed.outcome),
          who: member(alert.closed.account),
          when: received(alert.closed.at, now()),
        })}
        {alert.closed.reason !== "" && (
          <>
            {" "}
            <q dir="auto">{alert.closed.reason}</q>
          </>
        )}
      </p>
    );
  }
  return (
    <p class="standing">
      <strong>{alert.owner === 0n ? t("alert.nobodyTook") : t("alert.takenBy", { who: member(alert.owner) })}</strong>
      {alert.handedTo !== 0n && ` ${t("alert.handed", { who: member(alert.handedTo) })}`}
      {alert.escalates && ` ${goesOn(alert)}`}
      {alert.seen.map((seen) => (
        <span key={`${seen.account}${seen.at?.seconds}`}>
          {" "}
          {t("alert.seenBy", { who: member(seen.account), when: received(seen.at, now()) })}
        </span>
      ))}
    </p>
  );
}

/** When it goes on, and to whom, as far as the server says. */
function goesOn(alert: ListedAlert): string {
  const when = received(alert.escalates, now());
  if (alert.escalatesTo.length === 0) return t("alert.goesOn", { when });
  return t("alert.goesTo", { whom: alert.escalatesTo.map(member).join(", "), when });
}

function Why({ alert }: { alert: ListedAlert }) {
  return (
    <dl class="facts">
      <dt>{t("alert.rule")}</dt>
      <dd>{t("alert.ruleOf", { rule: alert.rule, version: alert.ruleSet })}</dd>
      <dt>{t("alert.source")}</dt>
      <dd>
        <span lang="en">{alert.source}</span> ({t(STATES[alert.state] ?? "alert.sureUnknown")})
      </dd>
      <dt>{t("alert.revision")}</dt>
      <dd>{alert.revision}</dd>
      <dt>{t("alert.told")}</dt>
      <dd>{[...alert.told.map(roleWord), ...alert.toldMembers.map(member)].join(", ") || t("who.nobody")}</dd>
      <dt>{t("alert.step")}</dt>
      <dd>{alert.step}</dd>
      <dt>{t("alert.restsOn")}</dt>
      <dd>{t("alert.inputs", { n: alert.inputs.length })}</dd>
    </dl>
  );
}

export const isGrave = (alert: ListedAlert): boolean =>
  alert.severity === AlertSeverity.EMERGENCY || alert.severity === AlertSeverity.URGENT;
