// What a person says to an alert: seen, taken, handed on, closed with an outcome.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { AlertService, type ListedAlert } from "../../../gen/osteon/alert/v1/alert_service_pb";
import { AlertOutcome } from "../../../gen/osteon/care/v1/alert_answer_pb";
import type { CircleMember } from "../../../gen/osteon/circle/v1/circle_service_pb";
import { Role } from "../../../gen/osteon/meta/v1/options_pb";
import { drafts } from "../../app/drafts";
import { me } from "../../app/me";
import { useResource } from "../../app/resource";
import { Part } from "../../app/states";
import { useSteady, useWriting, WriteFailed, type Writing } from "../../app/writing";
import { Reason, saysWhy } from "../../parts/reason";
import { client } from "../../rpc/call";
import { person } from "../../value/who";
import { t } from "../../words";
import { membersOf } from "../people/load";
import { isGrave } from "./card";
import { OUTCOMES, outcomeWord, wantsReason } from "./outcome";

interface AnswerProps {
  readonly circle: bigint;
  readonly alert: ListedAlert;
  readonly patient: string;
  readonly focus: boolean;
  readonly told: (alert: ListedAlert) => void;
  /** Whom one may ask to see to it, where the members are known. */
  readonly members: readonly CircleMember[];
}

export function Answer(props: AnswerProps) {
  const { circle, alert, patient, focus, told } = props;
  const closing = useSignal(drafts.has(`alert ${alert.recordId}`));
  const writing = useWriting();
  const take = useRef<HTMLButtonElement>(null);
  const mine = alert.owner !== 0n && alert.owner === me.value?.account;
  const { steady, note } = useSteady(`${alert.revision} ${alert.owner}`);
  useEffect(() => {
    if (focus) setTimeout(() => take.current?.focus(), 0);
  }, [focus]);
  const answer = (takesOver: boolean) => {
    if (!steady()) return;
    const said = { circle, recordId: alert.recordId, takesOver };
    const call = (requestId: string) => client(AlertService).acknowledgeAlert({ ...said, requestId });
    writing.run(`${alert.recordId} ${takesOver}`, call, (done) => done.alert && told(done.alert));
  };
  const busy = writing.state.is === "saving";
  return (
    <div class="answer">
      <div class="buttons">
        {alert.mayAcknowledge && !mine && (
          <button
            type="button"
            ref={take}
            class={isGrave(alert) ? "primary" : ""}
            disabled={writing.stopped}
            onClick={() => answer(true)}
          >
            {busy ? t("write.saving") : t(alert.owner === 0n ? "alert.take" : "alert.takeOver", { patient })}
          </button>
        )}
        {alert.mayClose && (
          <button
            type="button"
            class={mine ? "primary" : ""}
            aria-expanded={closing.value}
            onClick={() => (closing.value = !closing.value)}
          >
            {t("alert.record")}
          </button>
        )}
        {alert.mayAcknowledge && !mine && !alert.seen.some((seen) => seen.account === me.value?.account) && (
          <button type="button" disabled={writing.stopped} onClick={() => answer(false)}>
            {t("alert.haveSeen")}
          </button>
        )}
        {!alert.mayClose && isGrave(alert) && <span class="note">{t("alert.closer")}</span>}
      </div>
      {note !== "" && <p role="status">{note}</p>}
      <WriteFailed state={writing.state} />
      {alert.mayAcknowledge && <HandOver {...props} writing={writing} />}
      {closing.value && <Close {...props} writing={writing} />}
    </div>
  );
}

function Close({ circle, alert, patient, told, writing }: AnswerProps & { writing: Writing }) {
  const outcome = useSignal<AlertOutcome>(AlertOutcome.UNSPECIFIED);
  const useful = useSignal<boolean | undefined>(undefined);
  const key = `alert ${alert.recordId}`;
  const reason = drafts.get(key);
  const must = wantsReason(alert.severity, outcome.value);
  const ready = outcome.value !== AlertOutcome.UNSPECIFIED && (!must || saysWhy(reason));
  const close = (event: Event) => {
    event.preventDefault();
    if (!ready) return;
    const said = {
      circle,
      recordId: alert.recordId,
      outcome: outcome.value,
      reason: reason.trim(),
      ...(useful.value === undefined ? {} : { useful: useful.value }),
    };
    const call = (requestId: string) => client(AlertService).closeAlert({ ...said, requestId });
    writing.run(`close ${JSON.stringify({ ...said, circle: String(circle) })}`, call, (done) => {
      drafts.set(key, "");
      if (done.alert) told(done.alert);
    });
  };
  return (
    <form class="close" onSubmit={close} onKeyDown={(event) => event.ctrlKey && event.key === "Enter" && close(event)}>
      <fieldset>
        <legend>{t("alert.whatCame")}</legend>
        {OUTCOMES.map((one) => (
          <label key={one} class="option">
            <input
              type="radio"
              name={`outcome-${alert.recordId}`}
              checked={outcome.value === one}
              onChange={() => (outcome.value = one)}
            />{" "}
            {outcomeWord(one)}
          </label>
        ))}
      </fieldset>
      <Reason
        label={must ? t("alert.reasonMust") : t("alert.reasonMay")}
        text={reason}
        set={(next) => drafts.set(key, next)}
        required={must}
      />
      <fieldset>
        <legend>{t("alert.useful")}</legend>
        {([true, false, undefined] as const).map((one) => (
          <label key={String(one)} class="option">
            <input
              type="radio"
              name={`useful-${alert.recordId}`}
              checked={useful.value === one}
              onChange={() => (useful.value = one)}
            />{" "}
            {t(one === undefined ? "alert.usefulUnsaid" : one ? "alert.usefulYes" : "alert.usefulNo")}
          </label>
        ))}
      </fieldset>
      <button type="submit" class="primary" disabled={!ready || writing.stopped}>
        {writing.state.is === "saving" ? t("write.saving") : t("alert.close", { patient })}
      </button>
    </form>
  );
}

const CLINICIANS = new Set([Role.DIETITIAN, Role.PHYSIOTHERAPIST, Role.PHYSICIAN, Role.NURSE]);

/** Somebody is asked; until they take it, it stays with whoever has it. */
function HandOver({ circle, alert, members, told, writing }: AnswerProps & { writing: Writing }) {
  const whom = useSignal("");
  const opened = useSignal(false);
  // Where the page does not know the members they are read when somebody hands over, not before.
  const asked = opened.value && members.length === 0;
  const read = useResource(`hand over ${circle} ${asked}`, async (signal) =>
    asked ? (await membersOf(circle, signal)).filter((row) => !row.ended) : [],
  );
  const known = members.length > 0 ? members : read.state.value.is === "ready" ? read.state.value.value : [];
  const others = known.filter((one) => CLINICIANS.has(one.role) && one.account !== me.value?.account);
  const ask = (event: Event) => {
    event.preventDefault();
    if (whom.value === "") return;
    const said = { circle, recordId: alert.recordId, handsTo: BigInt(whom.value) };
    const call = (requestId: string) => client(AlertService).acknowledgeAlert({ ...said, requestId });
    writing.run(`${alert.recordId} hand ${whom.value}`, call, (done) => {
      whom.value = "";
      if (done.alert) told(done.alert);
    });
  };
  return (
    <details onToggle={(event) => (opened.value = event.currentTarget.open)}>
      <summary>{t("alert.handOver")}</summary>
      {asked && read.state.value.is !== "ready" && (
        <Part what={t("what.members")} resource={read} lines={1}>
          {() => null}
        </Part>
      )}
      <form class="row" onSubmit={ask}>
        <label>
          {t("alert.handTo")}{" "}
          <select value={whom.value} onChange={(event) => (whom.value = event.currentTarget.value)}>
            <option value="">{t("alert.handChoose")}</option>
            {others.map((one) => (
              <option key={`${one.account}${one.role}`} value={String(one.account)}>
                {person(one.account, one.role)}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" disabled={whom.value === "" || writing.stopped}>
          {t("alert.handDone")}
        </button>
      </form>
    </details>
  );
}
