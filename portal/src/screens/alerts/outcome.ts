// How an alert can end, and where words are asked for.

import { AlertOutcome } from "../../../gen/osteon/care/v1/alert_answer_pb";
import { AlertSeverity } from "../../../gen/osteon/care/v1/alert_pb";
import { t } from "../../words";

export const OUTCOMES = [
  AlertOutcome.ACTED_ON,
  AlertOutcome.REFERRED,
  AlertOutcome.SOLVED,
  AlertOutcome.WATCHING,
  AlertOutcome.NOT_RELEVANT,
  AlertOutcome.ENTERED_IN_ERROR,
] as const;

export function outcomeWord(outcome: AlertOutcome): string {
  switch (outcome) {
    case AlertOutcome.ACTED_ON:
      return t("outcome.actedOn");
    case AlertOutcome.REFERRED:
      return t("outcome.referred");
    case AlertOutcome.WATCHING:
      return t("outcome.watching");
    case AlertOutcome.NOT_RELEVANT:
      return t("outcome.notRelevant");
    case AlertOutcome.ENTERED_IN_ERROR:
      return t("outcome.error");
    case AlertOutcome.SOLVED:
      return t("outcome.solved");
    default:
      return t("value.newerShort");
  }
}

/** Who closes an emergency without acting on it says why (docs/api.md, ALERT_REASON_MISSING). */
export const wantsReason = (severity: AlertSeverity, outcome: AlertOutcome): boolean =>
  severity === AlertSeverity.EMERGENCY &&
  (outcome === AlertOutcome.NOT_RELEVANT ||
    outcome === AlertOutcome.ENTERED_IN_ERROR ||
    outcome === AlertOutcome.WATCHING);
