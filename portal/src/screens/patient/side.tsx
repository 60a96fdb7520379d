// What needs a person: alerts, disputes, what changed since the last look, who has seen it, what is not shared. In this order.
import { useRef } from "preact/hooks";
import { AlertSeverity } from "../../../gen/osteon/care/v1/alert_pb";
import type { CircleView } from "../../../gen/osteon/circle/v1/circle_service_pb";
import { AccessAction } from "../../../gen/osteon/consent/v1/consent_service_pb";
import { SeenService } from "../../../gen/osteon/seen/v1/seen_service_pb";
import { now } from "../../app/clock";
import { useKeys } from "../../app/keys";
import { me } from "../../app/me";
import { address } from "../../app/router";
import { lookAround } from "../../app/standing";
import { Empty, NotShared, Partly } from "../../app/states";
import { useWriting, WriteFailed } from "../../app/writing";
import { received } from "../../format/time";
import { Changes } from "../../parts/changes";
import { about, agreedOf, keyOf, kindMark, kindWord } from "../../parts/questions";
import { client } from "../../rpc/call";
import { KeyHint, Mark } from "../../value/marks";
import { Value } from "../../value/value";
import { person } from "../../value/who";
import { t } from "../../words";
import { categoryWord } from "../access/categories";
import { Held, patientWords } from "../alerts/alerts";
import { RedactedCard } from "../alerts/redacted";
import { mayBreakGlass } from "../glass/glass";

interface SideProps {
  readonly view: CircleView;
  readonly circle: bigint;
  readonly shortId: string;
  /** The head of what is on the screen: the only thing that a mark of having seen may name. */
  readonly asOf: bigint;
  readonly reload: () => void;
}

export function Side(props: SideProps) {
  return (
    <aside class="side" aria-label={t("side.title")}>
      <p class="links">
        <a href={address({ name: "visit", case: props.shortId, ask: {} })}>
          {t("side.visit")} <KeyHint>p</KeyHint>
        </a>
        <a href={address({ name: "access", case: props.shortId, ask: {} })}>{t("side.access")}</a>
        <a href={address({ name: "audit", case: props.shortId, ask: {} })}>{t("side.audit")}</a>
        <a href={address({ name: "circle", case: props.shortId, ask: {} })}>{t("side.people")}</a>
        <a href={address({ name: "messages", ask: { circle: String(props.circle) } })}>{t("place.messages")}</a>
      </p>
      <OpenAlerts {...props} />
      <OpenReviews {...props} />
      <Changed {...props} />
      <Seen {...props} />
      <Unshared {...props} />
    </aside>
  );
}

function OpenAlerts({ view, circle }: SideProps) {
  const alerts = view.alerts?.alerts ?? [];
  const redacted = view.alerts?.redacted ?? [];
  const grave = alerts.filter((alert) => alert.severity >= AlertSeverity.URGENT);
  const rest = alerts.filter((alert) => alert.severity < AlertSeverity.URGENT);
  const patient = patientWords(circle);
  return (
    <section aria-label={t("side.alerts")}>
      <h2>
        {t("side.alerts")} {alerts.length + redacted.length}
      </h2>
      {view.alerts?.lateSince && (
        <p class="state failed">{t("alerts.late", { when: received(view.alerts.lateSince, now()) })}</p>
      )}
      {alerts.length + redacted.length === 0 && <Empty>{t("side.noAlerts")}</Empty>}
      {grave.map((alert) => (
        <Held key={alert.recordId} circle={circle} alert={alert} patient={patient} members={view.members} />
      ))}
      {redacted.map((alert) => (
        <RedactedCard key={alert.recordId} alert={alert} />
      ))}
      {rest.length > 0 && (
        <details>
          <summary>{t("side.lesser", { n: rest.length })}</summary>
          {rest.map((alert) => (
            <Held key={alert.recordId} circle={circle} alert={alert} patient={patient} members={view.members} />
          ))}
        </details>
      )}
      <CannotTell view={view} />
    </section>
  );
}

/** What the rules could not tell, and what is missing for it: not the same as nothing found. */
function CannotTell({ view }: { view: CircleView }) {
  const rules = view.alerts?.cannotTell ?? [];
  if (rules.length === 0) return null;
  return (
    <details>
      <summary>{t("side.cannotTell", { n: rules.length })}</summary>
      <ul class="note">
        {rules.map((rule) => (
          <li key={rule.rule}>{t("side.cannotTellOf", { rule: rule.rule, missing: rule.missing.join(", ") })}</li>
        ))}
      </ul>
    </details>
  );
}

function OpenReviews({ view, circle }: SideProps) {
  return (
    <section aria-label={t("side.reviews")}>
      <h2>
        {t("side.reviews")} {view.reviews.length + view.moreReviews}
      </h2>
      {view.reviews.length === 0 && <Empty>{t("side.noReviews")}</Empty>}
      {view.reviews.map((review) => (
        <article key={keyOf(review)} class="card disputed">
          <p class="card-head">
            <Mark kind={kindMark(review)}>{kindWord(review)}</Mark> <strong>{about(review)}</strong>
          </p>
          {review.field && (
            <p>
              <Value type={review.type} view={review.field} agreed={agreedOf(review)} />
            </p>
          )}
          {review.says !== "" && <p lang="en">{review.says}</p>}
          <p>
            <a
              class="button"
              href={address({ name: "reviews", ask: { circle: String(circle), field: keyOf(review) } })}
            >
              {t(review.mayResolve ? "side.decide" : "side.look")} {review === view.reviews[0] && <KeyHint>d</KeyHint>}
            </a>
          </p>
        </article>
      ))}
      <p class="note">
        <a href={address({ name: "reviews", ask: { circle: String(circle) } })}>{t("side.inbox")}</a>
      </p>
      {view.moreReviews > 0 && <Partly shown={view.reviews.length} total={view.reviews.length + view.moreReviews} />}
    </section>
  );
}

function Changed({ view, circle, asOf, reload }: SideProps) {
  const writing = useWriting();
  const mark = () => {
    const call = (requestId: string) => client(SeenService).markSeen({ circle, sequence: asOf, requestId });
    writing.run(`seen ${asOf}`, call, () => {
      reload();
      void lookAround();
    });
  };
  const button = useRef<HTMLButtonElement>(null);
  useKeys([{ keys: "m", says: "key.seen", run: () => button.current?.focus() }]);
  const never = view.sinceSequence === 0n;
  const nothing = view.changes.length + view.newEntries.length + view.moreChanges === 0;
  return (
    <section class="card" aria-label={t("side.changed")}>
      <h2>{t("side.changed")}</h2>
      {nothing ? <Empty>{t(never ? "side.changedEver" : "side.nothingChanged")}</Empty> : <Changes view={view} />}
      {asOf > view.sinceSequence && (
        <button type="button" ref={button} disabled={writing.stopped} onClick={mark}>
          {writing.state.is === "saving" ? t("write.saving") : t("side.markSeen")} <KeyHint>m</KeyHint>
        </button>
      )}
      <WriteFailed state={writing.state} />
    </section>
  );
}

function Seen({ view, asOf }: SideProps) {
  const seen = view.seen.filter((one) => one.sequence > 0n);
  const notYet = view.seen.filter((one) => one.sequence === 0n && !one.left);
  return (
    <section class="card" aria-label={t("side.seen")}>
      <h2>{t("side.seen")}</h2>
      {seen.length === 0 && <Empty>{t("side.seenNobody")}</Empty>}
      <ul>
        {seen.map((one) => (
          <li key={`${one.account}${one.role}`}>
            {person(one.account, one.role)}, {received(one.at, now())}
            {one.sequence < asOf && one.account !== me.value?.account && (
              <span class="note"> {t("side.seenOlder")}</span>
            )}
            {one.left && <span class="note"> {t("side.left")}</span>}
          </li>
        ))}
      </ul>
      {notYet.length > 0 && (
        <p>
          <strong>{t("side.notYet")}</strong> {notYet.map((one) => person(one.account, one.role)).join(", ")}
        </p>
      )}
    </section>
  );
}

function Unshared({ view }: SideProps) {
  const allowed = (actions: CircleView["access"][number]["actions"], action: AccessAction) =>
    actions.some((one) => one.action === action && one.allowed);
  const summary = view.access.filter(
    (one) => !allowed(one.actions, AccessAction.READ) && allowed(one.actions, AccessAction.READ_SUMMARY),
  );
  const none = view.access.filter(
    (one) => !allowed(one.actions, AccessAction.READ) && !allowed(one.actions, AccessAction.READ_SUMMARY),
  );
  if (none.length + summary.length === 0) return null;
  return (
    <section class="card" aria-label={t("side.notShared")}>
      <h2>{t("side.notShared")}</h2>
      {none.length > 0 && <NotShared what={none.map((one) => categoryWord(one.category)).join(", ")} />}
      {summary.length > 0 && (
        <p>{t("side.summaryOnly", { what: summary.map((one) => categoryWord(one.category)).join(", ") })}</p>
      )}
      {mayBreakGlass() && <a href={address({ name: "glass", ask: { case: view.shortId } })}>{t("glass.link")}</a>}
    </section>
  );
}
