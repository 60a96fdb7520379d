// Always there, same place: that something here is newer than what is shown, and the gravest alert of it.
import type { GetCircleViewResponse } from "../../gen/osteon/circle/v1/circle_service_pb";
import { KeyHint, Severity } from "../value/marks";
import { t } from "../words";

interface NewsProps {
  readonly shown: GetCircleViewResponse;
  readonly newest: GetCircleViewResponse;
  readonly show: () => void;
}

export function News({ shown, newest, show }: NewsProps) {
  const isNew = newest.asOfSequence > shown.asOfSequence;
  const known = new Set(shown.view?.alerts?.alerts.map((alert) => alert.recordId));
  const fresh = (newest.view?.alerts?.alerts ?? []).filter((alert) => !known.has(alert.recordId));
  const worst = fresh.reduce((most, alert) => Math.max(most, alert.severity), 0);
  return (
    <p class={isNew ? "new-items" : "new-items none"} role="status">
      {isNew ? (
        <>
          <button type="button" class="link" onClick={show}>
            {t("patient.newItems")}
          </button>{" "}
          <KeyHint>.</KeyHint> {t("work.nothingMoves")}
          {/* Last: an alert that arrives after other news moves nothing that stands there already. */}
          {worst > 0 && (
            <>
              {" "}
              <Severity of={worst} /> {t("patient.newAlert")}
            </>
          )}
        </>
      ) : (
        t("patient.nothingNew")
      )}
    </p>
  );
}
