// One held entry: what it would write, why it waits, and the decision: into the record on behalf of its author, or kept out
// with a reason that its author reads.

import { useSignal } from "@preact/signals";
import {
  type GetQuarantinedResponse,
  type QuarantinedChange,
  QuarantineService,
} from "../../../gen/osteon/review/v1/quarantine_service_pb";
import { now } from "../../app/clock";
import { drafts } from "../../app/drafts";
import { shortIdOf } from "../../app/me";
import { useResource } from "../../app/resource";
import { address } from "../../app/router";
import { lookAround } from "../../app/standing";
import { Part } from "../../app/states";
import { useSteady, useWriting, WriteFailed } from "../../app/writing";
import { received } from "../../format/time";
import { Became, Reason, saysWhy } from "../../parts/reason";
import { client, tried } from "../../rpc/call";
import { Mark } from "../../value/marks";
import { person } from "../../value/who";
import { t } from "../../words";
import { answered, heldKey, heldMark, heldWord, isAfterRestore, whyHeld } from "./load";
import { HeldWrite } from "./write";

interface HeldProps {
  readonly change: QuarantinedChange;
  readonly patient: string;
  /** Reads the list again: the person asked for it. */
  readonly changed: () => void;
}

export function HeldEntry({ change, patient, changed }: HeldProps) {
  const { circle, id } = change;
  const whole = useResource(`held ${circle} ${id}`, (signal) =>
    tried(() => client(QuarantineService).getQuarantined({ circle, id }, { signal }), { signal }),
  );
  return (
    <div class="decision-in">
      <header class="row">
        <h2>
          <a href={address({ name: "patient", case: shortIdOf(circle), ask: {} })}>{patient}</a>
        </h2>
        <span class="grow" />
        <Mark kind={heldMark(change)}>{heldWord(change)}</Mark>
      </header>
      <h3 class="question">{t(isAfterRestore(change) ? "held.q.restore" : "held.q.held")}</h3>
      <p>{whyHeld(change)}</p>
      <dl class="facts">
        <dt>{t("review.by")}</dt>
        <dd>{person(change.account, change.role)}</dd>
        <dt>{t("review.when")}</dt>
        <dd>{received(change.written, now())}</dd>
        <dt>{t("review.arrived")}</dt>
        <dd>{received(change.received, now())}</dd>
      </dl>
      <Part what={t("what.held")} resource={whole} lines={6}>
        {(answer) => <Writes circle={circle} answer={answer} />}
      </Part>
      <p class="note">{t("held.nothing")}</p>
      {change.mayDecide ? (
        <Decide change={change} patient={patient} changed={changed} />
      ) : (
        <p class="state summary">{t("held.notYours")}</p>
      )}
    </div>
  );
}

function Writes({ circle, answer }: { circle: bigint; answer: GetQuarantinedResponse }) {
  return (
    <section class="in-force neutral">
      <strong>{t("held.wouldWrite")}</strong>
      <ol>
        {(answer.change?.writes ?? []).map((write, at) => (
          <HeldWrite key={at} circle={circle} write={write} said={answer.summary?.writes[at]} />
        ))}
      </ol>
      {answer.change && answer.change.reason !== "" && (
        <p>
          {t("held.theirReason")} <q dir="auto">{answer.change.reason}</q>
        </p>
      )}
    </section>
  );
}

function Decide({ change, patient, changed }: HeldProps) {
  const { circle, id } = change;
  const writing = useWriting();
  const became = useSignal("");
  const key = heldKey(change);
  const { steady, note } = useSteady(key);
  const reason = drafts.get(key);
  const done = (words: string) => () => {
    drafts.set(key, "");
    answered.add(key);
    became.value = words;
    void lookAround();
  };
  const accept = () => {
    if (!steady()) return;
    const call = (requestId: string) => client(QuarantineService).acceptQuarantined({ circle, id, requestId });
    writing.run(`accept ${key}`, call, done(t("held.accepted")));
  };
  const reject = () => {
    if (!steady()) return;
    const said = { circle, id, reason: reason.trim() };
    writing.run(
      `reject ${key} ${reason}`,
      () => client(QuarantineService).rejectQuarantined(said),
      done(t("held.rejected")),
    );
  };
  if (became.value !== "") {
    return <Became words={became.value} next={changed} />;
  }
  const busy = writing.state.is === "saving";
  return (
    <div class="decide">
      <div class="buttons">
        <button type="button" class="primary" disabled={writing.stopped} onClick={accept}>
          {busy ? t("write.saving") : t("held.accept", { patient })}
        </button>
      </div>
      <Reason label={t("held.whyNot")} text={reason} set={(next) => drafts.set(key, next)} />
      <div class="buttons">
        <button type="button" disabled={writing.stopped || !saysWhy(reason)} onClick={reject}>
          {t("held.reject")}
        </button>
      </div>
      {note !== "" && <p role="status">{note}</p>}
      <WriteFailed state={writing.state} />
    </div>
  );
}
