// What else one should see before deciding: the patient's grave open alerts, as the server lists them.
import { AlertService } from "../../../gen/osteon/alert/v1/alert_service_pb";
import { AlertSeverity } from "../../../gen/osteon/care/v1/alert_pb";
import { now } from "../../app/clock";
import { useHeard, useResource } from "../../app/resource";
import { Empty, Part } from "../../app/states";
import { received } from "../../format/time";
import { client, tried } from "../../rpc/call";
import { Severity } from "../../value/marks";
import { t } from "../../words";

export function Context({ circle, now: heard }: { circle: bigint; now: unknown }) {
  const alerts = useResource(`context ${circle}`, (signal, headers) => {
    const request = { circle, atLeast: AlertSeverity.URGENT };
    return tried(() => client(AlertService).listAlerts(request, { signal, headers }), { signal });
  });
  useHeard(alerts, heard);
  return (
    <section class="context">
      <h3>{t("review.context")}</h3>
      <Part what={t("what.alerts")} resource={alerts} lines={3}>
        {(answer) => {
          const [of] = answer.circles;
          if (!of || of.alerts.length + of.redacted.length === 0) return <Empty>{t("review.noContext")}</Empty>;
          return (
            <ul>
              {of.alerts.map((alert) => (
                <li key={alert.recordId}>
                  <Severity of={alert.severity} /> <span lang="en">{alert.text}</span>{" "}
                  <span class="note">{alert.happened ? received(alert.happened, now()) : ""}</span>
                </li>
              ))}
              {of.redacted.map((alert) => (
                <li key={alert.recordId}>
                  <Severity of={alert.severity} /> {t("alert.redactedShort")}
                </li>
              ))}
            </ul>
          );
        }}
      </Part>
    </section>
  );
}
