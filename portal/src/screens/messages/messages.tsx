// Messages: the conversations that I take part in on the left, one of them on the right. What arrives meanwhile is counted and shown
// when asked: nothing moves by itself.
import { useSignal } from "@preact/signals";
import type { Thread } from "../../../gen/osteon/thread/v1/thread_service_pb";
import { now } from "../../app/clock";
import { drafts } from "../../app/drafts";
import { useKeys } from "../../app/keys";
import { isGone } from "../../app/me";
import { useResource } from "../../app/resource";
import { address, type PlaceOf, place, turn } from "../../app/router";
import { unread } from "../../app/standing";
import { Empty, Part } from "../../app/states";
import { received } from "../../format/time";
import { More } from "../../parts/more";
import { KeyHint } from "../../value/marks";
import { person } from "../../value/who";
import { t } from "../../words";
import { patientWords } from "../alerts/alerts";
import { Start, startKey } from "../ask/start";
import { aboutWords, titleOf } from "../ask/subject";
import { type Listed, threadsOf } from "./load";
import { Conversation } from "./thread";

export function Messages() {
  const at = place.value as PlaceOf<"messages">;
  const circle = at.ask.circle && /^\d{1,18}$/.test(at.ask.circle) ? BigInt(at.ask.circle) : 0n;
  const about = { circle, recordId: at.ask.record ?? "", field: Number(at.ask.field ?? 0) || 0 };
  const pages = useSignal(1);
  const starting = useSignal(at.ask.record !== undefined || drafts.has(startKey(circle, about.recordId, about.field)));
  const list = useResource(`messages ${circle} ${about.recordId} ${about.field}`, (signal) =>
    threadsOf(about, pages.value, signal),
  );
  const state = list.state.value;
  const told = state.is === "ready" ? state.value : undefined;
  const threads = (told?.threads ?? []).filter((thread) => !isGone(thread.circle));
  const chosen = starting.value ? undefined : (threads.find((one) => one.recordId === at.ask.thread) ?? threads[0]);
  const choose = (thread: Thread | undefined) => {
    if (!thread) return;
    starting.value = false;
    turn({ ...at, ask: { ...at.ask, thread: thread.recordId } });
  };
  const step = (by: number) => {
    const from = chosen ? threads.indexOf(chosen) : -1;
    choose(threads[Math.max(0, Math.min(threads.length - 1, from + by))]);
  };
  const start = () => {
    if (circle !== 0n) starting.value = true;
  };
  useKeys([
    { keys: "j", says: "key.next", run: () => step(1) },
    { keys: "k", says: "key.previous", run: () => step(-1) },
    { keys: "n", says: "key.newMessage", run: start },
  ]);
  const more = () => {
    pages.value += 1;
    list.reload();
  };
  return (
    <div class="split">
      <aside class="inbox" aria-label={t("messages.heading")}>
        <div class="head">
          <h1>{circle === 0n ? t("messages.heading") : t("messages.of", { patient: patientWords(circle) })}</h1>
          {circle !== 0n && <a href={address({ name: "messages", ask: {} })}>{t("alerts.allPatients")}</a>}
        </div>
        {circle === 0n ? (
          <p class="note pad">{t("messages.openPatient")}</p>
        ) : (
          <p class="pad">
            <button type="button" onClick={start}>
              {t("messages.start")} <KeyHint>n</KeyHint>
            </button>
          </p>
        )}
        <Newer told={told} circle={circle} show={() => list.reload()} />
        <Part what={t("what.messages")} resource={list} lines={8}>
          {({ total, more: hasMore }) => (
            <>
              {threads.length === 0 && <Empty>{t("messages.none")}</Empty>}
              <ul class="questions">
                {threads.map((thread) => (
                  <Row key={thread.recordId} thread={thread} chosen={thread === chosen} choose={choose} />
                ))}
              </ul>
              {hasMore && <More shown={threads.length} total={total} more={more} />}
            </>
          )}
        </Part>
      </aside>
      <section class="decision">
        {starting.value && circle !== 0n && (
          <div class="decision-in">
            <h2>{t("messages.startOf", { patient: patientWords(circle) })}</h2>
            <Start
              key={startKey(circle, about.recordId, about.field)}
              {...about}
              started={(recordId) => {
                starting.value = false;
                turn({ ...at, ask: { circle: String(circle), thread: recordId } });
                list.reload();
              }}
              cancel={() => (starting.value = false)}
            />
          </div>
        )}
        {chosen && (
          <Conversation
            key={chosen.recordId}
            circle={chosen.circle}
            recordId={chosen.recordId}
            changed={() => list.reload()}
          />
        )}
      </section>
    </div>
  );
}

interface RowProps {
  readonly thread: Thread;
  readonly chosen: boolean;
  readonly choose: (thread: Thread) => void;
}

function Row({ thread, chosen, choose }: RowProps) {
  const { last } = thread;
  return (
    <li>
      <a
        href={address({ name: "messages", ask: { circle: String(thread.circle), thread: thread.recordId } })}
        aria-current={chosen ? "true" : undefined}
        onClick={(event) => {
          event.preventDefault();
          choose(thread);
        }}
      >
        <span class="row">
          <strong>{patientWords(thread.circle)}</strong>
          <span class="grow" />
          {thread.unread > 0 && <strong>{t("messages.unread", { n: thread.unread })}</strong>}
        </span>
        <span class="about">
          <bdi>{titleOf(thread)}</bdi>
        </span>
        {thread.title !== "" && <span class="note">{aboutWords(thread.about)}</span>}
        {last && (
          <span class="note row">
            {person(last.account, last.role)}, {received(last.received, now())}
          </span>
        )}
      </a>
    </li>
  );
}

/** Always there, same place: conversations with something newer than the list was made of. */
function Newer({ told, circle, show }: { told: Listed | undefined; circle: bigint; show: () => void }) {
  const shown = new Map(told?.threads.map((thread) => [thread.recordId, thread.sequence]));
  const fresh = (unread.value ?? []).filter(
    (thread) =>
      (circle === 0n || thread.circle === circle) && (shown.get(thread.recordId) ?? 0n) < (thread.last?.sequence ?? 0n),
  );
  const n = told === undefined ? 0 : fresh.length;
  return (
    <p class={n > 0 ? "new-items" : "new-items none"} role="status">
      {n > 0 ? (
        <button type="button" class="link" onClick={show}>
          {t("messages.newer", { n })}
        </button>
      ) : (
        t("messages.nothingNewer")
      )}
    </p>
  );
}
