// The rows of the work list, in their groups. No group says that all is well.
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { AlertSeverity } from "../../../gen/osteon/care/v1/alert_pb";
import { Role } from "../../../gen/osteon/meta/v1/options_pb";
import {
  type ListWorkResponse,
  WorkGroup,
  type WorkReason,
  WorkReasonKind,
  type WorkRow,
} from "../../../gen/osteon/worklist/v1/worklist_service_pb";
import { now } from "../../app/clock";
import { nextWords } from "../../app/emergency";
import { address } from "../../app/router";
import { nameOf, unread } from "../../app/standing";
import { civil, day, delay, received } from "../../format/time";
import { Disputed, Mark, Severity, severityWord } from "../../value/marks";
import { names } from "../../value/names";
import { Phone } from "../../value/phone";
import { member, person } from "../../value/who";
import { t } from "../../words";

const GROUPS = [
  [WorkGroup.NOW, "work.now", "work.nowWhy"],
  [WorkGroup.TODAY, "work.today", "work.todayWhy"],
  [WorkGroup.THIS_WEEK, "work.week", "work.weekWhy"],
  [WorkGroup.SILENT, "work.silent", "work.silentWhy"],
] as const;

interface RowsProps {
  readonly answer: ListWorkResponse;
  readonly explain: boolean;
}

export function Rows({ answer, explain }: RowsProps) {
  const of = (group: WorkGroup) => answer.rows.filter((row) => row.rank?.group === group);
  const rest = of(WorkGroup.NO_OPEN_ITEM);
  return (
    <>
      <div class="wide">
        <table class="work">
          <caption class="hidden">{t("work.title")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("work.state")}</th>
              <th scope="col">{t("work.patient")}</th>
              <th scope="col">{t("work.reason")}</th>
              <th scope="col">{t("work.next")}</th>
              <th scope="col">{t("work.owner")}</th>
              <th scope="col" class="number">
                {t("work.unseen")}
              </th>
              <th scope="col">{t("work.phone")}</th>
            </tr>
          </thead>
          {GROUPS.map(([group, title, why]) => (
            <tbody key={group}>
              <tr class="group">
                <th colSpan={7} scope="rowgroup">
                  {t(title)} {of(group).length} <span class="note">{t(why)}</span>
                </th>
              </tr>
              {of(group).map((row) => (
                <Row key={String(row.circle)} row={row} explain={explain} />
              ))}
            </tbody>
          ))}
        </table>
      </div>
      <details class="rest">
        <summary>
          <strong>{t("work.rest")}</strong> {answer.counts?.noOpenItem ?? rest.length}{" "}
          <span class="note">{t("work.restWhy", { n: answer.counts?.cannotTell ?? 0 })}</span>
        </summary>
        <ul>
          {rest.map((row) => (
            <li key={String(row.circle)}>
              <PatientLink row={row} />
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}

function PatientLink({ row }: { row: WorkRow }) {
  return (
    <a class="patient-link" href={address({ name: "patient", case: row.shortId, ask: {} })}>
      <bdi>{nameOf(row)}</bdi>
    </a>
  );
}

function Row({ row, explain }: { row: WorkRow; explain: boolean }) {
  const first = row.reasons[0];
  return (
    <tr class={first?.severity === AlertSeverity.EMERGENCY ? "is-emergency" : ""}>
      <td>{first && <StateOf reason={first} />}</td>
      <td>
        <PatientLink row={row} />
        <div class="note">
          {[
            row.displayNames.length > 0 ? row.shortId.toUpperCase() : "",
            row.birthYears.length > 0 ? t("work.born", { years: row.birthYears.join(t("value.orShort")) }) : "",
          ]
            .filter((part) => part !== "")
            .join(", ")}
        </div>
      </td>
      <td>
        <Reasons row={row} />
        {explain && <Rank row={row} />}
      </td>
      <td>{first && <Next reason={first} />}</td>
      <td>{row.owner === 0n ? <strong>{t("who.nobody")}</strong> : member(row.owner)}</td>
      <td class="number">
        {row.unseen}
        <Unread circle={row.circle} />
      </td>
      <td>{row.phone ? <Phone state={row.phone} /> : <span class="note">{t("phone.notTold")}</span>}</td>
    </tr>
  );
}

/** Messages to me that I have not said to have read. */
function Unread({ circle }: { circle: bigint }) {
  const n = (unread.value ?? []).reduce((sum, one) => sum + (one.circle === circle ? one.unread : 0), 0);
  if (n === 0) return null;
  return (
    <div>
      <a href={address({ name: "messages", ask: { circle: String(circle) } })}>{t("messages.inList", { n })}</a>
    </div>
  );
}

export function StateOf({ reason }: { reason: WorkReason }) {
  switch (reason.kind) {
    case WorkReasonKind.ALERT:
    case WorkReasonKind.REDACTED_ALERT:
      return <Severity of={reason.severity} />;
    case WorkReasonKind.DISPUTE:
      return <Disputed />;
    case WorkReasonKind.ENDING:
      return <Mark kind="soon">{t("review.kind.ending")}</Mark>;
    case WorkReasonKind.FINDING:
      return <Mark kind="soon">{t("work.toRead")}</Mark>;
    case WorkReasonKind.DOSE_DUE:
      return <Mark kind="urgent">{t("work.dose")}</Mark>;
    case WorkReasonKind.PHONE_SILENT:
    case WorkReasonKind.SAFETY_UNDELIVERED:
      return <Mark kind="away">{t("work.silent")}</Mark>;
    case WorkReasonKind.ERASURE_REQUEST:
      return <Mark kind="soon">{t("work.erasure")}</Mark>;
    case WorkReasonKind.RULES_LATE:
      return <Mark kind="away">{t("work.rulesLate")}</Mark>;
    default:
      return <Mark kind="plain">{t("value.newerShort")}</Mark>;
  }
}

function Reasons({ row }: { row: WorkRow }) {
  // What a law gives a month for is never among the rest.
  const shown = row.reasons.filter((reason, at) => at < 2 || reason.kind === WorkReasonKind.ERASURE_REQUEST);
  const more = row.reasons.length - shown.length + row.moreReasons;
  return (
    <ul class="reasons">
      {shown.map((reason, at) => (
        <li key={`${reason.kind}${reason.recordId}${reason.field}`}>
          {at > 0 && reason.kind === WorkReasonKind.DISPUTE && <Disputed />}{" "}
          <ReasonWords reason={reason} row={row} strong={at === 0} />
          <When reason={reason} />
        </li>
      ))}
      {more > 0 && <li class="note">{t(more === 1 ? "work.moreReason" : "work.moreReasons", { n: more })}</li>}
    </ul>
  );
}

/** The reason in one line. What the rules say is the server's text; of the rest the words are ours. */
function ReasonWords({ reason, row, strong }: { reason: WorkReason; row: WorkRow; strong: boolean }) {
  const text = <span lang={reason.text === "" ? undefined : "en"}>{reasonWords(reason)}</span>;
  const isErasure = reason.kind === WorkReasonKind.ERASURE_REQUEST;
  const words = isErasure ? <a href={address({ name: "access", case: row.shortId, ask: {} })}>{text}</a> : text;
  return strong ? <strong>{words}</strong> : words;
}

export function reasonWords(reason: WorkReason): string {
  const what = names.value?.(reason.type, reason.field) ?? t("work.something");
  switch (reason.kind) {
    case WorkReasonKind.ALERT:
      return reason.text !== "" ? reason.text : t("alert.noText", { rule: reason.rule });
    case WorkReasonKind.REDACTED_ALERT:
      return t("alert.redacted", {
        who: person(reason.nurse, Role.NURSE),
        call: reason.call.join(", ") || t("alert.noNumber"),
      });
    case WorkReasonKind.DISPUTE:
      return t("work.disputed", { what });
    case WorkReasonKind.ENDING:
      return t("work.ending", { what });
    case WorkReasonKind.FINDING:
      return reason.text;
    case WorkReasonKind.DOSE_DUE:
      return t("work.doseDue");
    case WorkReasonKind.PHONE_SILENT:
      return t("work.phoneSilent");
    case WorkReasonKind.SAFETY_UNDELIVERED:
      return t("work.undelivered");
    case WorkReasonKind.ERASURE_REQUEST:
      return `${t("work.erasureLong")}; ${dueWords(reason)}`;
    case WorkReasonKind.RULES_LATE:
      return t("work.rulesLateLong");
    default:
      return t("value.newerShort");
  }
}

/** An answer, or the deed on the day that was promised. The day as the server reckons it, in UTC. */
const dueWords = ({ deadline }: WorkReason): string =>
  t("work.erasureDue", { day: deadline ? day(civil(timestampMs(deadline), 0)) : t("time.unknown") });

export function When({ reason }: { reason: WorkReason }) {
  const parts = [
    reason.happened ? t("work.happened", { when: received(reason.happened, now()) }) : "",
    reason.received ? t("work.received", { when: received(reason.received, now()) }) : "",
    delay(reason.happened, reason.received) ?? "",
  ].filter((text) => text !== "");
  return parts.length > 0 ? <div class="note">{parts.join(", ")}</div> : null;
}

function Next({ reason }: { reason: WorkReason }) {
  const words = reason.kind === WorkReasonKind.ERASURE_REQUEST ? dueWords(reason) : nextWords({ reason });
  if (words !== "") return <>{words}</>;
  return <span class="note">{t("work.noNext")}</span>;
}

/** The numbers behind the order. */
function Rank({ row }: { row: WorkRow }) {
  const rank = row.rank;
  if (!rank) return null;
  return (
    <ol class="note rank">
      <li>{t("work.rank.worst", { severity: severityWord(rank.worst) })}</li>
      <li>{rank.taken ? t("work.rank.taken") : t("work.rank.untaken")}</li>
      <li>
        {rank.nearestDeadline
          ? t("work.rank.deadline", { when: received(rank.nearestDeadline, now()) })
          : t("work.rank.noDeadline")}
      </li>
      <li>{rank.oldest ? t("work.rank.oldest", { when: received(rank.oldest, now()) }) : t("work.rank.noOldest")}</li>
    </ol>
  );
}
