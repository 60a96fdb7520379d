// What came of each rule's alerts: how often it warned, how soon somebody looked, what they did, whether it was of use. Each number
// with what it is a part of.
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  AlertService,
  type GetRuleStatisticsResponse,
  type RuleStatistics,
} from "../../../gen/osteon/alert/v1/alert_service_pb";
import { now } from "../../app/clock";
import { useResource } from "../../app/resource";
import { address, type PlaceOf, place, turn } from "../../app/router";
import { Empty, Part } from "../../app/states";
import { received, span } from "../../format/time";
import { client, tried } from "../../rpc/call";
import { t } from "../../words";
import { outcomeWord } from "../alerts/outcome";

const DAYS = ["30", "90", "365"] as const;
const DAY_MS = 86_400_000;

export function Quality() {
  const at = place.value as PlaceOf<"quality">;
  const days = DAYS.find((one) => one === at.ask.days) ?? "90";
  const list = useResource(`quality ${days}`, (signal) => {
    const from = timestampFromMs(now() - Number(days) * DAY_MS);
    return tried(() => client(AlertService).getRuleStatistics({ from }, { signal }), { signal });
  });
  return (
    <div class="page">
      <div class="head">
        <h1>{t("quality.title")}</h1>
        <a href={address({ name: "alerts", ask: {} })}>{t("quality.back")}</a>
        <fieldset class="choices">
          <legend class="hidden">{t("quality.window")}</legend>
          {DAYS.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === days}
              onClick={() => turn({ ...at, ask: { ...at.ask, days: one } })}
            >
              {t("span.days", { n: one })}
            </button>
          ))}
        </fieldset>
      </div>
      <p class="note">{t("quality.about")}</p>
      <Part what={t("what.quality")} resource={list} lines={12}>
        {(answer) => <Rules answer={answer} />}
      </Part>
    </div>
  );
}

function Rules({ answer }: { answer: GetRuleStatisticsResponse }) {
  const between = {
    from: received(answer.from, now()),
    to: received(answer.to, now()),
    n: answer.circles,
  };
  if (answer.circles === 0) return <Empty>{t("quality.noPatients")}</Empty>;
  if (answer.rules.length === 0) return <Empty>{t("quality.none", between)}</Empty>;
  return (
    <>
      <p>{t("quality.between", between)}</p>
      <div class="wide">
        <table class="listed">
          <caption class="hidden">{t("quality.title")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("alert.rule")}</th>
              <th scope="col" class="number">
                {t("quality.alerts")}
              </th>
              <th scope="col">{t("quality.worst")}</th>
              <th scope="col">{t("quality.seen")}</th>
              <th scope="col">{t("quality.taken")}</th>
              <th scope="col">{t("quality.overdue")}</th>
              <th scope="col">{t("quality.escalated")}</th>
              <th scope="col">{t("quality.ended")}</th>
              <th scope="col">{t("quality.useful")}</th>
            </tr>
          </thead>
          <tbody>
            {answer.rules.map((rule) => (
              <Rule key={rule.rule} rule={rule} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

const within = (seconds: bigint): string => span(Number(seconds) * 1000);

function Rule({ rule }: { rule: RuleStatistics }) {
  const said = rule.useful + rule.notUseful;
  const grave = [
    rule.emergencies > 0 ? t("quality.emergencies", { n: rule.emergencies }) : "",
    rule.urgent > 0 ? t("quality.urgent", { n: rule.urgent }) : "",
    rule.muted > 0 ? t("quality.muted", { n: rule.muted }) : "",
  ].filter((text) => text !== "");
  const outcomes = rule.outcomes.map((one) =>
    t("quality.outcome", { n: one.count, outcome: outcomeWord(one.outcome) }),
  );
  const ended = [...outcomes, ...(rule.open > 0 ? [t("quality.open", { n: rule.open })] : [])];
  return (
    <tr>
      <th scope="row">{rule.rule}</th>
      <td class="number">{String(rule.alerts)}</td>
      <td>{grave.length === 0 ? t("quality.lesser") : grave.join(", ")}</td>
      <td>
        {t("quality.of", { n: rule.seen, all: rule.alerts })}
        {rule.seen > 0 && <div class="note">{t("quality.median", { span: within(rule.medianSeenS) })}</div>}
      </td>
      <td>
        {t("quality.of", { n: rule.taken, all: rule.alerts })}
        {rule.taken > 0 && (
          <div class="note">{t("quality.takenIn", { half: within(rule.p50TakenS), most: within(rule.p90TakenS) })}</div>
        )}
      </td>
      <td>{rule.open === 0 ? t("quality.noneOpen") : t("quality.ofOpen", { n: rule.overdue, all: rule.open })}</td>
      <td>{t("quality.of", { n: rule.escalated, all: rule.alerts })}</td>
      <td>{ended.join(", ")}</td>
      <td>{said === 0 ? t("quality.unsaid") : t("quality.said", { n: rule.useful, all: said })}</td>
    </tr>
  );
}
