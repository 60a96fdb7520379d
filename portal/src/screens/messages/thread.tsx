// One conversation: what it is about, who reads it and how far, the messages with the newest first, and the answer. A mark of
// having read it names what is on the screen and is made by the person alone.
import { effect, untracked, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { PriorityClass } from "../../../gen/osteon/meta/v1/options_pb";
import {
  type Thread,
  type ThreadMessage,
  type ThreadParticipant,
  ThreadService,
} from "../../../gen/osteon/thread/v1/thread_service_pb";
import { now } from "../../app/clock";
import { drafts } from "../../app/drafts";
import { useHeld } from "../../app/held";
import { useKeys } from "../../app/keys";
import { caseOf, me, shortIdOf } from "../../app/me";
import { useResource } from "../../app/resource";
import { address } from "../../app/router";
import { lookAtMessages } from "../../app/standing";
import { Part } from "../../app/states";
import { useSteady, useWriting, WriteFailed } from "../../app/writing";
import { received } from "../../format/time";
import { heads } from "../../live/live";
import { client } from "../../rpc/call";
import { isAbsent } from "../../rpc/failure";
import { KeyHint, New } from "../../value/marks";
import { recordRule } from "../../value/meta";
import { person } from "../../value/who";
import { t } from "../../words";
import { patientWords } from "../alerts/alerts";
import { aboutWords, Compose, canSend, Readers, titleOf } from "../ask/subject";
import { type Read, readThread } from "./load";
import { Participants } from "./participants";

export const answerKey = (recordId: string): string => `message ${recordId}`;

interface ConversationProps {
  readonly circle: bigint;
  readonly recordId: string;
  /** The list beside it is another one. */
  readonly changed: () => void;
}

export function Conversation({ circle, recordId, changed }: ConversationProps) {
  const pages = useSignal(1);
  const last = useRef(0n);
  const read = useResource(`thread ${recordId}`, async (signal, headers) => {
    const answer = await readThread({ circle, recordId }, pages.peek(), { signal, headers });
    last.current = answer.asOf;
    return answer;
  });
  useEffect(
    () =>
      effect(() => {
        const head = heads.value.get(String(circle));
        if (last.current > 0n && head !== undefined && head > last.current) untracked(() => read.refresh());
      }),
    [circle, read],
  );
  const older = () => {
    pages.value += 1;
    read.reload();
  };
  const state = read.state.value;
  // Of what somebody left nothing stays on the screen.
  if (state.is === "failed" && isAbsent(state.failure)) {
    return <p class="state absent">{t("reason.THREAD_UNKNOWN")}</p>;
  }
  const reload = () => {
    read.reload();
    changed();
  };
  return (
    <Part what={t("what.messages")} resource={read} lines={12}>
      {(newest) => <Shown newest={newest} older={older} reload={reload} />}
    </Part>
  );
}

const ids = (read: Read): string => read.messages.map((one) => one.recordId).join();

interface ShownProps {
  readonly newest: Read;
  readonly older: () => void;
  readonly reload: () => void;
}

function Shown({ newest, older, reload }: ShownProps) {
  const asked = useSignal(0);
  // Marks change in their places; messages wait until somebody asks for them. What was asked for comes as it is read.
  const held = useHeld(newest, asked.value, (shown, newer) => !newer.byItself || ids(shown) === ids(newer));
  const show = () => (asked.value += 1);
  const there = new Set(held.messages.map((one) => one.recordId));
  const fresh = newest.messages.filter((one) => !there.has(one.recordId)).length;
  const { thread, messages, asOf } = held;
  useKeys([{ keys: ".", says: "key.showNew", run: show }]);
  const done = () => {
    show();
    reload();
    void lookAtMessages();
  };
  return (
    <div class="decision-in">
      <header>
        <h2>
          <a href={address({ name: "patient", case: shortIdOf(thread.circle), ask: {} })}>
            {patientWords(thread.circle)}
          </a>
        </h2>
        <h3 class="question">
          <bdi>{titleOf(thread)}</bdi>
        </h3>
        <Subject thread={thread} />
      </header>
      <SeenBy thread={newest.thread} />
      <Participants thread={newest.thread} changed={done} />
      {thread.mayWrite && <Answer thread={newest.thread} done={done} />}
      <p class={fresh > 0 ? "new-items" : "new-items none"} role="status">
        {fresh > 0 ? (
          <>
            <button type="button" class="link" onClick={show}>
              {t("messages.arrived", { n: fresh })}
            </button>{" "}
            <KeyHint>.</KeyHint>
          </>
        ) : (
          t("messages.nothingNewer")
        )}
      </p>
      <Mark held={held} asOf={asOf} done={done} />
      {thread.ended && <p class="state summary">{t("messages.ended")}</p>}
      <ol class="messages" aria-label={t("messages.newestFirst")}>
        {messages.map((one) => (
          <Message key={one.recordId} one={one} all={messages} mark={markOf(thread)} thread={thread} done={done} />
        ))}
      </ol>
      {held.more && (
        <button type="button" onClick={older}>
          {t("messages.older")}
        </button>
      )}
    </div>
  );
}

/** Where the plan is that a question is about. */
function Subject({ thread }: { thread: Thread }) {
  const { about } = thread;
  if (!about || about.recordId === "") return <p class="note">{t("messages.aboutPatient")}</p>;
  const isPlan = recordRule(about.type)?.priorityClass === PriorityClass.PLAN;
  const to = { name: "plan", case: shortIdOf(thread.circle), record: about.recordId, ask: {} } as const;
  return (
    <p class="note">
      {t("messages.about")} {isPlan ? <a href={address(to)}>{aboutWords(about)}</a> : aboutWords(about)}.{" "}
      {t("messages.noClock")}
    </p>
  );
}

const markOf = (thread: Thread): bigint =>
  thread.participants.find((one) => one.account === me.value?.account)?.seenSequence ?? 0n;

/** How far each participant said that they have read. */
function SeenBy({ thread }: { thread: Thread }) {
  const others = thread.participants.filter((one) => one.takesPart && one.account !== me.value?.account);
  return (
    <ul class="seen-by" aria-label={t("messages.seenBy")}>
      {others.map((one) => (
        <li key={String(one.account)}>
          {person(one.account, one.role)}: <strong>{seenWords(one, thread.last)}</strong>
        </li>
      ))}
    </ul>
  );
}

function seenWords(one: ThreadParticipant, last: ThreadMessage | undefined): string {
  if (one.seenSequence === 0n) return t("messages.seenNot");
  const when = received(one.seenAt, now());
  return t(one.seenSequence >= (last?.sequence ?? 0n) ? "messages.seenAll" : "messages.seenSome", { when });
}

function Mark({ held, asOf, done }: { held: Read; asOf: bigint; done: () => void }) {
  const writing = useWriting();
  const button = useRef<HTMLButtonElement>(null);
  const { thread, messages } = held;
  const { steady, note } = useSteady(String(asOf));
  useKeys([{ keys: "m", says: "key.seen", run: () => button.current?.focus() }]);
  if (thread.unread === 0) return null;
  const mine = markOf(thread);
  const onScreen = messages.filter((one) => one.account !== me.value?.account && one.sequence > mine).length;
  // Nobody says that they have read what is not on their screen.
  if (onScreen < thread.unread) return <p class="note">{t("messages.olderFirst", { n: thread.unread - onScreen })}</p>;
  const mark = () => {
    if (!steady()) return;
    const said = { circle: thread.circle, recordId: thread.recordId, sequence: asOf };
    const call = (requestId: string) => client(ThreadService).markThreadSeen({ ...said, requestId });
    writing.run(`seen ${thread.recordId} ${asOf}`, call, done);
  };
  return (
    <p>
      <button type="button" ref={button} disabled={writing.stopped} onClick={mark}>
        {writing.state.is === "saving" ? t("write.saving") : t("messages.mark", { n: thread.unread })}{" "}
        <KeyHint>m</KeyHint>
      </button>{" "}
      {note}
      <WriteFailed state={writing.state} />
    </p>
  );
}

function Answer({ thread, done }: { thread: Thread; done: () => void }) {
  const key = answerKey(thread.recordId);
  const text = drafts.get(key);
  const writing = useWriting();
  const send = (event: Event) => {
    event.preventDefault();
    if (!canSend(text)) return;
    const said = { circle: thread.circle, recordId: thread.recordId, text: text.trim() };
    const call = (requestId: string) => client(ThreadService).sendMessage({ ...said, requestId });
    writing.run(`${key} ${text}`, call, () => {
      drafts.set(key, "");
      done();
    });
  };
  return (
    <form class="card" onSubmit={send} onKeyDown={(event) => event.ctrlKey && event.key === "Enter" && send(event)}>
      <Compose label={t("messages.answer")} draft={key} />
      <Readers readers={thread.participants.filter((one) => one.takesPart)} everybody={thread.everybody} />
      <div class="buttons">
        <button type="submit" class="primary" disabled={!canSend(text) || writing.stopped}>
          {writing.state.is === "saving" ? t("write.saving") : t("messages.send", { case: caseOf(thread.circle) })}
        </button>
      </div>
      <WriteFailed state={writing.state} />
    </form>
  );
}

interface MessageProps {
  readonly one: ThreadMessage;
  readonly all: readonly ThreadMessage[];
  /** What the reader has said to have seen. */
  readonly mark: bigint;
  readonly thread: Thread;
  readonly done: () => void;
}

function Message({ one, all, mark, thread, done }: MessageProps) {
  const correcting = useSignal(drafts.has(answerKey(one.recordId)));
  const corrected = all.some((other) => other.supersedes === one.recordId);
  const mine = one.account === me.value?.account;
  const isNew = !mine && one.sequence > mark;
  return (
    <li class={isNew ? "message new" : "message"}>
      <p class="note">
        {isNew && <New />} <strong>{person(one.account, one.role)}</strong>{" "}
        {t("messages.when", { written: received(one.written, now()), received: received(one.received, now()) })}{" "}
        {one.supersedes !== "" && t("messages.corrects")} {corrected && <strong>{t("messages.corrected")}</strong>}
      </p>
      <Words one={one} struck={corrected} />
      {mine && thread.mayWrite && !one.ended && !corrected && !correcting.value && (
        <button type="button" class="link" onClick={() => (correcting.value = true)}>
          {t("messages.correct")}
        </button>
      )}
      {correcting.value && (
        <Correct
          one={one}
          thread={thread}
          end={(sent) => {
            correcting.value = false;
            if (sent) done();
          }}
        />
      )}
    </li>
  );
}

/** Longer ones are folded, and say so. */
const FOLDED_FROM = 900;

function Words({ one, struck }: { one: ThreadMessage; struck: boolean }) {
  if (one.redacted) return <p class="state absent">{t("messages.redacted")}</p>;
  if (one.ended) return <p class="state absent">{t("messages.takenBack")}</p>;
  const text = (
    <p class="said" dir="auto">
      {struck ? <s>{one.text}</s> : one.text}
    </p>
  );
  if (one.text.length <= FOLDED_FROM) return text;
  return (
    <details>
      <summary>
        <bdi>{[...one.text].slice(0, 120).join("")}</bdi>… {t("messages.all", { n: [...one.text].length })}
      </summary>
      {text}
    </details>
  );
}

function Correct({ one, thread, end }: { one: ThreadMessage; thread: Thread; end: (sent: boolean) => void }) {
  const key = answerKey(one.recordId);
  const text = drafts.get(key);
  const writing = useWriting();
  const send = (event: Event) => {
    event.preventDefault();
    if (!canSend(text)) return;
    const about = { circle: thread.circle, recordId: thread.recordId, supersedes: one.recordId };
    const call = (requestId: string) => client(ThreadService).sendMessage({ ...about, text: text.trim(), requestId });
    writing.run(`${key} ${text}`, call, () => {
      drafts.set(key, "");
      end(true);
    });
  };
  return (
    <form onSubmit={send} onKeyDown={(event) => event.ctrlKey && event.key === "Enter" && send(event)}>
      <Compose label={t("messages.correction")} draft={key} />
      <div class="buttons">
        <button type="submit" class="primary" disabled={!canSend(text) || writing.stopped}>
          {writing.state.is === "saving" ? t("write.saving") : t("messages.send", { case: caseOf(thread.circle) })}
        </button>
        <button
          type="button"
          onClick={() => {
            drafts.set(key, "");
            end(false);
          }}
        >
          {t("action.cancel")}
        </button>
      </div>
      <WriteFailed state={writing.state} />
    </form>
  );
}
