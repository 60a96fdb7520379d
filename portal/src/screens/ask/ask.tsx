// "Ask a colleague" on a field: what was written about it already, and a new conversation. It decides nothing and stops no clock.
import { useSignal } from "@preact/signals";
import { drafts } from "../../app/drafts";
import { useResource } from "../../app/resource";
import { address } from "../../app/router";
import { Part } from "../../app/states";
import { t } from "../../words";
import { threadsOf } from "../messages/load";
import { Start, startKey } from "./start";
import { titleOf } from "./subject";

interface AskProps {
  readonly circle: bigint;
  readonly recordId: string;
  readonly field: number;
}

export function Ask(props: AskProps) {
  const open = useSignal(drafts.has(startKey(props.circle, props.recordId, props.field)));
  return (
    <section class="ask">
      <button type="button" aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
        {t("messages.ask")}
      </button>{" "}
      <span class="note">{t("messages.keepsClock")}</span>
      {open.value && <Opened {...props} close={() => (open.value = false)} />}
    </section>
  );
}

function Opened({ circle, recordId, field, close }: AskProps & { close: () => void }) {
  const asked = { circle, recordId, field };
  const threads = useResource(`threads about ${circle} ${recordId} ${field}`, (signal) => threadsOf(asked, 1, signal));
  return (
    <>
      <Part what={t("what.messages")} resource={threads} lines={1}>
        {({ threads: all }) => (
          <ul>
            {all.length === 0 && <li class="note">{t("messages.noneAbout")}</li>}
            {all.map((thread) => (
              <li key={thread.recordId}>
                <a href={address({ name: "messages", ask: { circle: String(circle), thread: thread.recordId } })}>
                  <bdi>{titleOf(thread)}</bdi>
                </a>{" "}
                {thread.unread > 0 && <strong>{t("messages.unread", { n: thread.unread })}</strong>}
              </li>
            ))}
          </ul>
        )}
      </Part>
      <Start {...asked} started={() => threads.reload()} cancel={close} />
    </>
  );
}
