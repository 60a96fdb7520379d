// The emergency row: it names its patient first, because another patient's page is usually below it. Of several the nearest
// deadline stands, and a key steps. It takes the place of the status row and never pushes content.
import { useSignal } from "@preact/signals";
import { received } from "../format/time";
import { KeyHint, Severity } from "../value/marks";
import { member, roleWord } from "../value/who";
import { t } from "../words";
import { now } from "./clock";
import { useKeys } from "./keys";
import { go } from "./router";
import { emergencies, nameOf, type OpenEmergency } from "./standing";
import { useSteady } from "./writing";

const open = ({ row, reason }: OpenEmergency) =>
  go({ name: "alerts", ask: { circle: String(row.circle), alert: reason.recordId } });

export function Emergency() {
  const at = useSignal(0);
  useKeys([{ keys: "x", says: "key.emergency", run: () => step() }]);
  const all = emergencies.value;
  const shown = all[at.value % all.length];
  const step = () => {
    if (all.length > 1) at.value = (at.value + 1) % all.length;
    else if (shown) open(shown);
  };
  const { steady, note } = useSteady(shown ? `${shown.row.circle} ${shown.reason.recordId}` : "");
  if (!shown) return null;
  const { row, reason } = shown;
  return (
    <div class="status status-emergency" role="alert">
      <p>
        <Severity of={reason.severity} /> <strong>{nameOf(row)}</strong>{" "}
        {row.displayNames.length > 0 && <span class="note">{row.shortId.toUpperCase()} </span>}
        <strong>{ownerWords(shown)}</strong> {nextWords(shown)}{" "}
        {t("emergency.times", {
          happened: received(reason.happened, now()),
          received: received(reason.received, now()),
        })}{" "}
        {note !== "" && <strong>{note} </strong>}
        <span lang="en">{reason.text !== "" ? reason.text : t("alert.redactedShort")}</span>
      </p>
      {all.length > 1 && (
        <button type="button" onClick={step}>
          {t("emergency.more", { at: (at.value % all.length) + 1, n: all.length })} <KeyHint>x</KeyHint>
        </button>
      )}
      <button type="button" class="danger" onClick={() => steady() && open(shown)}>
        {t("emergency.open", { patient: nameOf(row) })} {all.length === 1 && <KeyHint>x</KeyHint>}
      </button>
    </div>
  );
}

const ownerWords = ({ reason }: OpenEmergency): string =>
  reason.owner === 0n ? t("alert.nobodyTook") : t("alert.takenBy", { who: member(reason.owner) });

/** Who gets it next, and when. */
export function nextWords({ reason }: Pick<OpenEmergency, "reason">): string {
  if (!reason.deadline) return "";
  const roles = reason.escalatesToRoles.map(roleWord);
  const members = reason.escalatesToMembers.map(member);
  const whom = [...roles, ...members].join(", ");
  const when = received(reason.deadline, now());
  return whom === "" ? t("alert.goesOn", { when }) : t("alert.goesTo", { whom, when });
}
