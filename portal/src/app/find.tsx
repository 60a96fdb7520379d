// `/`: finds patients and people in one's scope, and places.
import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { type FindResponse, WorklistService } from "../../gen/osteon/worklist/v1/worklist_service_pb";
import { client, Refused, tried } from "../rpc/call";
import { sentence } from "../rpc/failure";
import { KeyHint } from "../value/marks";
import { roleWord } from "../value/who";
import { t } from "../words";
import { address, go } from "./router";
import { nameOf } from "./standing";

const AFTER_KEY_MS = 200;
const LONGEST = 60;
let waiting: ReturnType<typeof setTimeout> | undefined;

export function FindBox({ input }: { input: RefObject<HTMLInputElement | null> }) {
  const text = useSignal("");
  const found = useSignal<FindResponse | undefined>(undefined);
  const wrong = useSignal("");
  const look = (now: string) => {
    text.value = now;
    clearTimeout(waiting);
    if (now.trim() === "") {
      found.value = undefined;
      wrong.value = "";
      return;
    }
    waiting = setTimeout(() => {
      tried(() => client(WorklistService).find({ text: now.trim(), pageSize: 8 })).then(
        (answer) => {
          found.value = answer;
          wrong.value = "";
        },
        (error: unknown) => {
          wrong.value = error instanceof Refused ? sentence(error.failure) : "";
        },
      );
    }, AFTER_KEY_MS);
  };
  const done = () => {
    look("");
    input.current?.blur();
  };
  const first = () => {
    const patient = found.value?.patients[0];
    if (!patient) return;
    done();
    go({ name: "patient", case: patient.shortId, ask: {} });
  };
  return (
    <search class="find">
      <input
        ref={input}
        type="search"
        value={text.value}
        placeholder={t("find.placeholder")}
        aria-label={t("find.placeholder")}
        maxLength={LONGEST}
        onInput={(event) => look(event.currentTarget.value.slice(0, LONGEST))}
        onKeyDown={(event) => {
          if (event.key === "Enter") first();
          if (event.key === "Escape") done();
        }}
      />
      <KeyHint>/</KeyHint>
      {text.value.trim() !== "" && <Found answer={found.value} wrong={wrong.value} done={done} />}
    </search>
  );
}

function Found({ answer, wrong, done }: { answer: FindResponse | undefined; wrong: string; done: () => void }) {
  if (wrong !== "") return <div class="found">{wrong}</div>;
  if (!answer) return <div class="found">{t("find.looking")}</div>;
  const nothing = answer.patients.length === 0 && answer.people.length === 0;
  return (
    <div class="found">
      {nothing && <p>{t("find.nothing")}</p>}
      <ul>
        {answer.patients.map((one) => (
          <li key={one.shortId}>
            <a href={address({ name: "patient", case: one.shortId, ask: {} })} onClick={done}>
              <bdi>{nameOf(one)}</bdi> <span class="note">{one.shortId.toUpperCase()}</span>
            </a>
          </li>
        ))}
        {answer.people.map((one) => (
          <li key={String(one.account)} class="note">
            {t("who.member", { role: one.roles.map(roleWord).join(", "), account: String(one.account) })}
          </li>
        ))}
      </ul>
      {answer.truncated && <p class="note">{t("find.more")}</p>}
    </div>
  );
}
