// How the patient's phone stands. Two directions that are never mixed: what has not reached it the server knows; what waits on
// it is only what it last said.
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { PhoneStanding, type PhoneState } from "../../gen/osteon/circle/v1/phone_pb";
import { now } from "../app/clock";
import { received, span } from "../format/time";
import { t } from "../words";
import { Mark } from "./marks";

export function Phone({ state }: { state: PhoneState }) {
  return (
    <div class="phone">
      <Heard state={state} />
      {state.safetyUndelivered && (
        <div>
          <strong>{t("phone.undelivered")}</strong>
        </div>
      )}
      {state.outboxCount > 0 && (
        <div class="note">{t("phone.waiting", { n: state.outboxCount, when: received(state.reported, now()) })}</div>
      )}
      {state.draftCount > 0 && (
        <div class="note">{t("phone.refused", { n: state.draftCount, when: received(state.reported, now()) })}</div>
      )}
    </div>
  );
}

function Heard({ state }: { state: PhoneState }) {
  if (state.standing === PhoneStanding.NONE) return <span class="note">{t("phone.none")}</span>;
  if (!state.lastHeard) return <span class="note">{t("phone.never")}</span>;
  const ago = span(now() - timestampMs(state.lastHeard));
  if (state.standing === PhoneStanding.SILENT) return <Mark kind="away">{t("phone.silent", { ago })}</Mark>;
  return <span class="note">{t("phone.heard", { when: received(state.lastHeard, now()) })}</span>;
}
