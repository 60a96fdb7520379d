// Emergency access: a physician or a nurse of the clinic reads what they have no other right to, for four hours and with a reason
// that the patient reads.

import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useSignal } from "@preact/signals";
import { BreakGlassService } from "../../../gen/osteon/identity/v1/break_glass_service_pb";
import { Role } from "../../../gen/osteon/meta/v1/options_pb";
import { drafts } from "../../app/drafts";
import { glassOf, keepGlass } from "../../app/glass";
import { me } from "../../app/me";
import { address, go, type PlaceOf, place } from "../../app/router";
import { useWriting, WriteFailed } from "../../app/writing";
import { Reason } from "../../parts/reason";
import { client } from "../../rpc/call";
import { t } from "../../words";

/** As the server asks it (TEXT_TOO_SHORT). */
const AT_LEAST = 20;
const LETTERS = 10;

const lettersOf = (text: string): number => (text.match(/[\p{L}\p{N}]/gu) ?? []).length;

export const mayBreakGlass = (): boolean =>
  (me.value?.circles ?? []).some((one) => one.role === Role.PHYSICIAN || one.role === Role.NURSE);

export function Glass() {
  const at = place.value as PlaceOf<"glass">;
  return (
    <div class="page narrow">
      <div class="head">
        <h1>{t("glass.title")}</h1>
      </div>
      {mayBreakGlass() ? <Form shortId={at.ask.case ?? ""} /> : <p class="state summary">{t("glass.notYours")}</p>}
    </div>
  );
}

function Form({ shortId }: { shortId: string }) {
  const writing = useWriting();
  const case_ = useSignal(shortId.toUpperCase());
  const wanted = case_.value.trim().toLowerCase();
  const key = `glass ${wanted}`;
  const reason = drafts.get(key);
  const length = [...reason.trim()].length;
  const enough = length >= AT_LEAST && lettersOf(reason) >= LETTERS;
  const open = glassOf(wanted);
  const send = (event: Event) => {
    event.preventDefault();
    if (!enough || wanted === "") return;
    const said = { shortId: wanted, reason: reason.trim() };
    const call = (requestId: string) => client(BreakGlassService).breakGlass({ ...said, requestId });
    writing.run(`${wanted} ${said.reason}`, call, (answer) => {
      drafts.set(key, "");
      const untilMs = answer.notAfter ? timestampMs(answer.notAfter) : 0;
      keepGlass({ circle: answer.circle, shortId: wanted, recordId: answer.recordId, untilMs });
      go({ name: "patient", case: wanted, ask: {} });
    });
  };
  return (
    <form class="box glass-form" onSubmit={send}>
      <p>{t("glass.about")}</p>
      <ul>
        <li>
          <strong>{t("glass.patientTold")}</strong>
        </li>
        <li>{t("glass.hours")}</li>
        <li>{t("glass.never")}</li>
        <li>{t("glass.audited")}</li>
      </ul>
      <label class="field">
        {t("glass.case")}
        <input
          class="short"
          autocomplete="off"
          maxLength={40}
          value={case_.value}
          onInput={(event) => (case_.value = event.currentTarget.value)}
        />
      </label>
      <Reason label={t("glass.reason")} text={reason} set={(next) => drafts.set(key, next)} rows={3} atMost={2000} />
      <p class="note" role="status">
        {enough ? t("glass.enough") : t("glass.more", { n: length, min: AT_LEAST })}
      </p>
      {open && (
        <p>
          <a href={address({ name: "patient", case: wanted, ask: {} })}>{t("glass.isOpen")}</a>
        </p>
      )}
      <div class="buttons">
        <button type="submit" class="danger" disabled={!enough || wanted === "" || writing.stopped}>
          {writing.state.is === "saving" ? t("write.saving") : t("glass.break", { case: wanted.toUpperCase() })}
        </button>
      </div>
      <WriteFailed state={writing.state} />
    </form>
  );
}
