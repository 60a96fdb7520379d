// That there is an alert in an area that is not shared: how soon, and whom to ask. Nothing of what it says.
import type { RedactedAlert } from "../../../gen/osteon/alert/v1/alert_service_pb";
import { Role } from "../../../gen/osteon/meta/v1/options_pb";
import { now } from "../../app/clock";
import { received } from "../../format/time";
import { Severity } from "../../value/marks";
import { person } from "../../value/who";
import { t } from "../../words";

export function RedactedCard({ alert }: { alert: RedactedAlert }) {
  return (
    <article class="card not-shared">
      <p class="card-head">
        <Severity of={alert.severity} />
      </p>
      <p>
        {t("alert.redacted", {
          who: person(alert.nurse, Role.NURSE),
          call: alert.call.join(", ") || t("alert.noNumber"),
        })}
      </p>
      <p class="note">{t("alert.raised", { when: received(alert.raised, now()) })}</p>
    </article>
  );
}
