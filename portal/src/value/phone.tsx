// How the patient's phone stands. Two directions that are never mixed: what has not reached it the server knows; what waits on
// it is only what it last said.
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { PhoneStanding, type PhoneState } from "../../gen/osteon/circle/v1/phone_pb";
import { now } from "../app/clock";
import { received, span } from "../format/time";
import { t } from "../words";
import { Mark } from "./marks";

interface PhoneProps {
  readonly state: PhoneState;
  /** One direction alone, where each has its own column. */
  readonly part?: "heard" | "waiting";
}

export function Phone({ state, part }: PhoneProps) {
  return (
    <div class="phone">
      {part !== "waiting" && <Heard state={state} />}
      {state.safetyUndelivered && part === undefined && (
        <div>
          <strong>{t("phone.undelivered")}</strong>
        </div>
      )}
      {part !== "heard" && <Waiting state={state} />}
    </div>
  );
}

/**
 * Since when the phone has held what has this sequence, or that it does not hold it yet. Nothing where the reader is not told of the
 * phone, or there is none.
 */
export function onPhoneWords(phone: PhoneState | undefined, sequence: bigint): string {
  if (!phone || phone.standing === PhoneStanding.NONE || sequence === 0n) return "";
  const at = phone.reached.findLastIndex((one) => one.sequence >= sequence);
  const since = phone.reached[at];
  if (!since) return t(phone.deliveredSequence >= sequence ? "phone.on" : "phone.notYet");
  // Of what came before the oldest that is told, the moment is not known.
  return t(at === phone.reached.length - 1 ? "phone.onBy" : "phone.onSince", { when: received(since.at, now()) });
}

/** What waited on the phone when it last said so: never what waits there now. */
function Waiting({ state }: { state: PhoneState }) {
  const when = received(state.reported, now());
  return (
    <>
      {state.outboxCount > 0 && <div class="note">{t("phone.waiting", { n: state.outboxCount, when })}</div>}
      {state.draftCount > 0 && <div class="note">{t("phone.refused", { n: state.draftCount, when })}</div>}
    </>
  );
}

function Heard({ state }: { state: PhoneState }) {
  if (state.standing === PhoneStanding.NONE) return <span class="note">{t("phone.none")}</span>;
  if (!state.lastHeard) return <span class="note">{t("phone.never")}</span>;
  const ago = span(now() - timestampMs(state.lastHeard));
  if (state.standing === PhoneStanding.SILENT) return <Mark kind="away">{t("phone.silent", { ago })}</Mark>;
  return <span class="note">{t("phone.heard", { when: received(state.lastHeard, now()) })}</span>;
}
