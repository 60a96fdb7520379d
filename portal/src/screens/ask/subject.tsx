// What a thread is about, who reads it, and what may be sent: in words.

import { Role } from "../../../gen/osteon/meta/v1/options_pb";
import type { Thread, ThreadSubject } from "../../../gen/osteon/thread/v1/thread_service_pb";
import { drafts } from "../../app/drafts";
import { fieldOf } from "../../value/meta";
import { fieldLabel, typeTitle } from "../../value/say";
import { person } from "../../value/who";
import { inSentence, t } from "../../words";

/** As the contract says of a message, in characters. */
const AT_MOST = 8000;

export function aboutWords(about: Pick<ThreadSubject, "type" | "field"> | undefined): string {
  if (!about || about.type === 0) return t("messages.aboutPatient");
  const field = fieldOf(about.type, about.field);
  if (about.field === 0) return typeTitle(about.type);
  return `${typeTitle(about.type)}, ${field ? inSentence(fieldLabel(field)) : t("value.newerShort")}`;
}

export const titleOf = (thread: Thread): string => (thread.title === "" ? aboutWords(thread.about) : thread.title);

interface Reader {
  readonly account: bigint;
  readonly role: Role;
}

/** Who can read what is sent, said before it is sent. Whether the patient does is always said. */
export function Readers({ readers, everybody }: { readers: readonly Reader[]; everybody: boolean }) {
  const names = readers.map((one) => person(one.account, one.role)).join("; ");
  const patient = everybody || readers.some((one) => one.role === Role.PATIENT);
  return (
    <p class="readers">
      {everybody ? t("messages.readByAll") : t("messages.readBy", { who: names })}{" "}
      <strong>{t(patient ? "messages.patientReads" : "messages.patientNot")}</strong> {t("messages.recorded")}
    </p>
  );
}

/** Nothing is cut off: a text that is too long says by how much, and is sent by nobody. */
export function tooLong(text: string): string {
  if (text.length <= AT_MOST) return "";
  const length = [...text.trim()].length;
  return length <= AT_MOST ? "" : t("messages.tooLong", { n: length, most: AT_MOST, over: length - AT_MOST });
}

export const canSend = (text: string): boolean => text.trim() !== "" && tooLong(text) === "";

interface ComposeProps {
  readonly label: string;
  readonly draft: string;
}

/** The text, kept under its key in this tab until it is sent. */
export function Compose({ label, draft }: ComposeProps) {
  const text = drafts.get(draft);
  const wrong = tooLong(text);
  return (
    <>
      <label class="field">
        {label}
        <textarea rows={4} dir="auto" value={text} onInput={(event) => drafts.set(draft, event.currentTarget.value)} />
      </label>
      {wrong !== "" && <p role="alert">{wrong}</p>}
    </>
  );
}
