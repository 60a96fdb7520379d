// A new conversation: with whom, and the first message. Who can read it stands above the button.
import { useSignal } from "@preact/signals";
import { Role } from "../../../gen/osteon/meta/v1/options_pb";
import { ThreadService } from "../../../gen/osteon/thread/v1/thread_service_pb";
import { drafts } from "../../app/drafts";
import { caseOf, me } from "../../app/me";
import { useResource } from "../../app/resource";
import { Part } from "../../app/states";
import { useWriting, WriteFailed } from "../../app/writing";
import { client } from "../../rpc/call";
import { person } from "../../value/who";
import { t } from "../../words";
import { type MemberRow, membersOf } from "../people/load";
import { Compose, canSend, Readers } from "./subject";

interface StartProps {
  readonly circle: bigint;
  /** Empty: about the patient. */
  readonly recordId: string;
  readonly field: number;
  readonly started: (recordId: string) => void;
  readonly cancel: () => void;
}

export const startKey = (circle: bigint, recordId: string, field: number): string =>
  `message new ${circle} ${recordId} ${field}`;

export function Start(props: StartProps) {
  const members = useResource(`members ${props.circle}`, (signal) => membersOf(props.circle, signal));
  return (
    <Part what={t("what.members")} resource={members} lines={6}>
      {(all) => <Form {...props} members={all.filter((one) => !one.ended)} />}
    </Part>
  );
}

const COLLEAGUES: ReadonlySet<Role> = new Set([Role.DIETITIAN, Role.PHYSIOTHERAPIST, Role.PHYSICIAN, Role.NURSE]);

function Form({ circle, recordId, field, members, started, cancel }: StartProps & { members: readonly MemberRow[] }) {
  const key = startKey(circle, recordId, field);
  const text = drafts.get(key);
  const title = drafts.get(`${key} title`);
  const chosen = useSignal<ReadonlySet<bigint>>(new Set());
  const everybody = useSignal(false);
  const writing = useWriting();
  const own = me.value?.account ?? 0n;
  // A question about a field goes to colleagues; about the patient one may write to everybody.
  const others = members.filter((one) => one.account !== own && (recordId === "" || COLLEAGUES.has(one.role)));
  const readers = members.filter((one) => one.account === own || chosen.value.has(one.account));
  const ready = canSend(text) && (everybody.value || chosen.value.size > 0);
  const end = () => {
    drafts.set(key, "");
    drafts.set(`${key} title`, "");
  };
  const choose = (account: bigint) => {
    const next = new Set(chosen.value);
    if (!next.delete(account)) next.add(account);
    chosen.value = next;
  };
  const send = (event: Event) => {
    event.preventDefault();
    if (!ready) return;
    const accounts = everybody.value ? [] : [...chosen.value];
    const about = recordId === "" ? {} : { about: { recordId, field } };
    const said = { circle, ...about, accounts, everybody: everybody.value, title: title.trim(), text: text.trim() };
    const call = (requestId: string) => client(ThreadService).openThread({ ...said, requestId });
    writing.run(`${key} ${accounts} ${everybody.value} ${title} ${text}`, call, (answer) => {
      end();
      started(answer.thread?.recordId ?? "");
    });
  };
  return (
    <form class="card" onSubmit={send} onKeyDown={(event) => event.ctrlKey && event.key === "Enter" && send(event)}>
      <fieldset class="whom">
        <legend>{t("messages.whom")}</legend>
        {others.map((one) => (
          <label key={String(one.account)} class="option">
            <input
              type="checkbox"
              disabled={everybody.value}
              checked={chosen.value.has(one.account)}
              onChange={() => choose(one.account)}
            />{" "}
            {person(one.account, one.role)}
          </label>
        ))}
        <label class="option">
          <input
            type="checkbox"
            checked={everybody.value}
            onChange={(event) => (everybody.value = event.currentTarget.checked)}
          />{" "}
          {t("messages.everybody")}
        </label>
      </fieldset>
      <label class="field thread-title">
        {t("messages.title")}
        <input
          dir="auto"
          maxLength={200}
          autocomplete="off"
          value={title}
          onInput={(event) => drafts.set(`${key} title`, event.currentTarget.value)}
        />
      </label>
      <Compose label={t("messages.first")} draft={key} />
      <Readers readers={readers} everybody={everybody.value} />
      <p class="note">{t("messages.noClock")}</p>
      <div class="buttons">
        <button type="submit" class="primary" disabled={!ready || writing.stopped}>
          {writing.state.is === "saving" ? t("write.saving") : t("messages.send", { case: caseOf(circle) })}
        </button>
        <button
          type="button"
          onClick={() => {
            end();
            cancel();
          }}
        >
          {t("action.cancel")}
        </button>
      </div>
      <WriteFailed state={writing.state} />
    </form>
  );
}
