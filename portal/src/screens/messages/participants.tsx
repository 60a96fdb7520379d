// Who takes part, and who is taken in: the members are read when somebody asks for it. Leaving is said to be what it is.
import { useSignal } from "@preact/signals";
import { type Thread, ThreadService } from "../../../gen/osteon/thread/v1/thread_service_pb";
import { me } from "../../app/me";
import { useResource } from "../../app/resource";
import { Part } from "../../app/states";
import { useWriting, WriteFailed } from "../../app/writing";
import { client } from "../../rpc/call";
import { person } from "../../value/who";
import { t } from "../../words";
import { membersOf } from "../people/load";

interface ParticipantsProps {
  readonly thread: Thread;
  readonly changed: () => void;
}

export function Participants(props: ParticipantsProps) {
  const open = useSignal(false);
  if (!props.thread.mayWrite) return null;
  return (
    <details onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>{t("messages.people")}</summary>
      {open.value && <Change {...props} />}
    </details>
  );
}

function Change({ thread, changed }: ParticipantsProps) {
  const members = useResource(`members ${thread.circle}`, (signal) => membersOf(thread.circle, signal));
  const writing = useWriting();
  const { circle, recordId } = thread;
  const own = me.value?.account;
  const inside = new Set(thread.participants.filter((one) => one.takesPart).map((one) => one.account));
  const set = (account: bigint, takesPart: boolean) => {
    const said = { circle, recordId, account, takesPart };
    const call = (requestId: string) => client(ThreadService).setParticipant({ ...said, requestId });
    writing.run(`${recordId} ${account} ${takesPart}`, call, changed);
  };
  const out = thread.participants.filter((one) => one.takesPart && (one.account === own || thread.openedBy === own));
  return (
    <>
      <Part what={t("what.members")} resource={members} lines={3}>
        {(all) => (
          <ul class="buttons">
            {all
              .filter((one) => !one.ended && !inside.has(one.account))
              .map((one) => (
                <li key={String(one.account)}>
                  <button type="button" disabled={writing.stopped} onClick={() => set(one.account, true)}>
                    {t("messages.takeIn", { who: person(one.account, one.role) })}
                  </button>
                </li>
              ))}
          </ul>
        )}
      </Part>
      <ul class="buttons">
        {out.map((one) => (
          <li key={String(one.account)}>
            <button type="button" disabled={writing.stopped} onClick={() => set(one.account, false)}>
              {one.account === own
                ? t("messages.leave")
                : t("messages.takeOut", { who: person(one.account, one.role) })}
            </button>
          </li>
        ))}
      </ul>
      <WriteFailed state={writing.state} />
    </>
  );
}
