// What the rules and checks would say to a write: text under the field, never a block.
import { sentence } from "../../rpc/failure";
import { Severity } from "../../value/marks";
import { t } from "../../words";
import type { Tried } from "./trial";

export function Would({ trial, failure }: Tried) {
  if (failure) return <p class="would">{sentence(failure)}</p>;
  if (!trial) return <p class="would note">{t("would.ask")}</p>;
  const nothing = trial.questions.length + trial.raised.length + trial.cleared.length + trial.alerts.length === 0;
  return (
    <div class="would" role="status">
      {trial.rulesNotAsked && <p>{t("would.notAsked")}</p>}
      {nothing && !trial.rulesNotAsked && <p class="note">{t("would.nothing")}</p>}
      <ul>
        {trial.questions.map((one) => (
          <li key={`${one.path}${one.doubt}`}>
            {t("would.question", { doubt: one.doubt.toLowerCase().replaceAll("_", " ") })}
          </li>
        ))}
        {trial.alerts.map((one) => (
          <li key={one.rule}>
            <Severity of={one.severity} /> {t("would.fires", { rule: one.rule })} <span lang="en">{one.says}</span>
          </li>
        ))}
        {trial.raised.map((one) => (
          <li key={one.check}>
            <Severity of={one.severity} /> <span lang="en">{one.says}</span>{" "}
            {one.missing !== "" && t("review.missing", { what: one.missing })}
          </li>
        ))}
        {trial.cleared.map((one) => (
          <li key={one.check}>
            {t("would.clears")} <span lang="en">{one.says}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
