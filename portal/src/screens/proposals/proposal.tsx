// One proposal: what is proposed, by whom and why, beside what is in force. Taking it over is an ordinary write in the editor that
// names it; declining takes a reason. One that has ended says how, by whom and why.

import { useSignal } from "@preact/signals";
import { type FieldView, RecordService, type RecordView } from "../../../gen/osteon/record/v1/record_service_pb";
import { ProposalState } from "../../../gen/osteon/review/v1/review_service_pb";
import { Lifecycle } from "../../../gen/osteon/sync/v1/sync_pb";
import { now } from "../../app/clock";
import { drafts } from "../../app/drafts";
import { me, shortIdOf } from "../../app/me";
import { useResource } from "../../app/resource";
import { address } from "../../app/router";
import { lookAround } from "../../app/standing";
import { Part } from "../../app/states";
import { useSteady, useWriting, WriteFailed } from "../../app/writing";
import { received } from "../../format/time";
import { Became, Reason, saysWhy } from "../../parts/reason";
import { client, tried } from "../../rpc/call";
import { Mark } from "../../value/marks";
import { inner } from "../../value/meta";
import { holdsAlready, type Proposed, proposalWords, proposedLabel } from "../../value/proposal";
import { typeTitle } from "../../value/say";
import { arrivedWords, SetBy, Value, writtenWords } from "../../value/value";
import { person } from "../../value/who";
import { inSentence, t } from "../../words";
import { stateWord } from "./list";
import { ended, type Listed, proposalKey } from "./load";

interface ProposalProps {
  readonly one: Listed;
  readonly patient: string;
  /** Reads the list again: the person asked for it. */
  readonly changed: () => void;
}

export function ProposalEntry({ one, patient, changed }: ProposalProps) {
  const { circle } = one.record;
  const target = useResource(`target ${circle} ${one.target}`, async (signal) => {
    if (one.target === "") return undefined;
    const request = { circle, recordId: one.target };
    return (await tried(() => client(RecordService).getRecord(request, { signal }), { signal })).record;
  });
  const what = t("review.about", { type: typeTitle(one.type), field: inSentence(proposedLabel(one)) });
  return (
    <div class="decision-in">
      <header class="row">
        <h2>
          <a href={address({ name: "patient", case: shortIdOf(circle), ask: {} })}>{patient}</a>
        </h2>
        <span class="grow" />
        <Mark kind="plain">{stateWord(one.how.state)}</Mark>
      </header>
      <h3 class="question">{proposalWords(one)}</h3>
      <p>{what}</p>
      <dl class="facts">
        <dt>{t("review.reason")}</dt>
        <dd>{one.reason === "" ? t("review.noReason") : <q dir="auto">{one.reason}</q>}</dd>
        {one.by && (
          <>
            <dt>{t("review.when")}</dt>
            <dd>{writtenWords(one.by)}</dd>
            {one.by.received && (
              <>
                <dt>{t("review.arrived")}</dt>
                <dd>{arrivedWords(one.by)}</dd>
              </>
            )}
          </>
        )}
      </dl>
      <Part what={t("what.plan")} resource={target} lines={3}>
        {(record) => <Standing one={one} record={record} />}
      </Part>
      {one.how.state === ProposalState.OPEN ? <Decline one={one} changed={changed} /> : <Ended one={one} />}
    </div>
  );
}

/** How it ended, as its author reads it, too. */
function Ended({ one }: { one: Listed }) {
  const { state, endedBy, endedRole, ended: at, reason } = one.how;
  return (
    <p class="state done">
      {t("proposal.endedBy", {
        how: stateWord(state),
        who: person(endedBy, endedRole),
        when: received(at, now()),
      })}{" "}
      {reason !== "" && <q dir="auto">{reason}</q>}
    </p>
  );
}

function Standing({ one, record }: { one: Listed; record: RecordView | undefined }) {
  if (!record) return <p class="state summary">{t("proposal.newRecord")}</p>;
  const view = record.fields.find((field) => field.field === one.number);
  const holds = holdsAlready(one, view);
  const to = {
    name: "plan",
    case: shortIdOf(record.circle),
    record: record.recordId,
    ask: { field: String(one.number), proposal: one.record.recordId },
  } as const;
  return (
    <>
      <div class={view?.needsReview || view?.blocked ? "in-force" : "in-force neutral"}>
        <strong>{t("proposal.now")}</strong>
        <div>
          {view ? <Value type={record.type} view={view} body={inner(record.body)} /> : t("missing.notWritten")}
          {view && (
            <div class="note">
              <SetBy view={view} />
            </div>
          )}
          <div class="note">{t(sawAll(one, view) ? "proposal.saw" : "proposal.sawOther")}</div>
        </div>
      </div>
      {one.how.state !== ProposalState.OPEN ? null : holds ? (
        <p class="state done">{t("proposal.holds")}</p>
      ) : one.how.mayDecide && one.field ? (
        <p>
          <a class="button primary" href={address(to)}>
            {t("proposal.takeOver")}
          </a>
        </p>
      ) : (
        <p class="state summary">{t("proposal.notYours")}</p>
      )}
    </>
  );
}

/** Whether its author had seen every version that stands now. */
function sawAll(one: Proposed, view: FieldView | undefined): boolean {
  const live = (view?.versions ?? []).filter((version) => version.live);
  return live.every(({ dot }) => one.saw.includes(`${dot?.epoch}.${dot?.replica}.${dot?.counter}`));
}

function Decline({ one, changed }: { one: Listed; changed: () => void }) {
  const { circle, recordId, shown } = one.record;
  const writing = useWriting();
  const became = useSignal("");
  const key = proposalKey(one);
  const { steady, note } = useSteady(key);
  const reason = drafts.get(key);
  const mine = one.how.account === me.value?.account;
  const decline = () => {
    if (!steady()) return;
    const said = { circle, recordId, shown, state: Lifecycle.DELETED, reason: reason.trim() };
    const call = (requestId: string) => client(RecordService).endRecord({ ...said, requestId });
    writing.run(`${key} ${reason}`, call, () => {
      drafts.set(key, "");
      ended.add(key);
      became.value = t(mine ? "proposal.takenBack" : "proposal.declined");
      void lookAround();
    });
  };
  if (became.value !== "") {
    return <Became words={became.value} next={changed} />;
  }
  if (!mine && !one.how.mayDecide) return <p class="note">{t("proposal.cannotEnd")}</p>;
  const busy = writing.state.is === "saving";
  return (
    <div class="decide">
      <Reason
        label={t(mine ? "proposal.whyBack" : "proposal.whyNot")}
        text={reason}
        set={(next) => drafts.set(key, next)}
      />
      <div class="buttons">
        <button type="button" disabled={writing.stopped || !saysWhy(reason)} onClick={decline}>
          {busy ? t("write.saving") : t(mine ? "proposal.takeBack" : "proposal.decline")}
        </button>
      </div>
      {note !== "" && <p role="status">{note}</p>}
      <WriteFailed state={writing.state} />
    </div>
  );
}
