// The parts of the sheet. Each says what was looked for when there is nothing; what a list leaves out is counted.
import { type Digest, type LastResult, ResultPlace } from "../../../gen/osteon/summary/v1/summary_service_pb";
import { SeriesLane, SeriesSharing } from "../../../gen/osteon/timeline/v1/timeline_service_pb";
import { now } from "../../app/clock";
import { Empty, NotShared } from "../../app/states";
import { day, happened, received } from "../../format/time";
import { about, agreedOf, keyOf, kindWord } from "../../parts/questions";
import { Severity } from "../../value/marks";
import { typeTitle } from "../../value/say";
import { laneTitle, pointWords, rangeWords } from "../../value/series";
import { agreedAmong, labelOf, Value, versionWords } from "../../value/value";
import { roleWord } from "../../value/who";
import { inSentence, t } from "../../words";

const More = ({ n }: { n: number }) => (n > 0 ? <p class="note">{t("visit.more", { n })}</p> : null);

export function Questions({ digest }: { digest: Digest }) {
  return (
    <section>
      <h2>{t("visit.questions")}</h2>
      {digest.questionsSharing === SeriesSharing.NONE && <NotShared />}
      {digest.questions.length === 0 && digest.questionsSharing !== SeriesSharing.NONE && (
        <Empty>{t("visit.noQuestions")}</Empty>
      )}
      <ul>
        {digest.questions.map((one) => (
          <li key={`${one.recordId}${one.text}`}>
            <q dir="auto">{one.text}</q>{" "}
            <span class="note">
              {roleWord(one.role)}, {received(one.written, now())}
              {one.when.map((moment) => ` ${t("visit.forVisit", { when: happened(moment, now()) })}`)}
            </span>
          </li>
        ))}
      </ul>
      <More n={digest.moreQuestions} />
    </section>
  );
}

export function Undecided({ digest }: { digest: Digest }) {
  return (
    <section>
      <h2>{t("visit.disputes")}</h2>
      {digest.disputes.length === 0 && <Empty>{t("side.noReviews")}</Empty>}
      <ul>
        {digest.disputes.map((review) => (
          <li key={keyOf(review)}>
            <strong>{kindWord(review)}</strong>: {about(review)}{" "}
            {review.field && <Value type={review.type} view={review.field} agreed={agreedOf(review)} />}{" "}
            {review.says !== "" && <span lang="en">{review.says}</span>}
          </li>
        ))}
      </ul>
      <More n={digest.moreDisputes} />
    </section>
  );
}

export function OpenAlerts({ digest }: { digest: Digest }) {
  return (
    <section>
      <h2>{t("side.alerts")}</h2>
      {digest.alertsLateSince && <p>{t("alerts.late", { when: received(digest.alertsLateSince, now()) })}</p>}
      {digest.openAlerts.length + digest.redactedAlerts.length === 0 && <Empty>{t("side.noAlerts")}</Empty>}
      <ul>
        {digest.openAlerts.map((alert) => (
          <li key={alert.recordId}>
            <Severity of={alert.severity} /> <span lang="en">{alert.text}</span>{" "}
            <span class="note">{t("alert.ruleOf", { rule: alert.rule, version: alert.ruleSet })}</span>
          </li>
        ))}
        {digest.redactedAlerts.map((alert) => (
          <li key={alert.recordId}>
            <Severity of={alert.severity} /> {t("alert.redactedShort")}
          </li>
        ))}
      </ul>
      <More n={digest.moreOpenAlerts} />
      {digest.cannotTell.length > 0 && (
        <p class="note">
          {t("side.cannotTell", { n: digest.cannotTell.length + digest.moreCannotTell })}
          {". "}
          {digest.cannotTell
            .map((rule) => t("side.cannotTellOf", { rule: rule.rule, missing: rule.missing.join(", ") }))
            .join(" ")}
        </p>
      )}
    </section>
  );
}

export function Changes({ digest }: { digest: Digest }) {
  return (
    <section>
      <h2>{t("visit.changes")}</h2>
      {digest.changes.length === 0 && <Empty>{t("visit.noChanges")}</Empty>}
      <ul>
        {digest.changes.flatMap((record) =>
          record.fields.map((field) => (
            <li key={`${record.recordId}${field.now?.field}`}>
              {typeTitle(record.type)}, {field.now && inSentence(labelOf(record.type, field.now))}:{" "}
              {field.now && <Value type={record.type} view={field.now} agreed={agreedAmong(field.now, field.before)} />}{" "}
              <span class="note">
                {field.before.length === 0
                  ? t("side.wasNothing")
                  : t("side.was", {
                      value: field.before
                        .map((one) => (field.now ? versionWords(record.type, field.now, one) : ""))
                        .join(", "),
                    })}
              </span>
            </li>
          )),
        )}
      </ul>
      <More n={digest.moreChanges} />
    </section>
  );
}

const PLACES = {
  [ResultPlace.UNSPECIFIED]: "result.cannotTell",
  [ResultPlace.LOW]: "value.low",
  [ResultPlace.IN_RANGE]: "result.inRange",
  [ResultPlace.HIGH]: "value.high",
  [ResultPlace.CANNOT_TELL]: "result.cannotTell",
} as const;

export function Results({ digest }: { digest: Digest }) {
  return (
    <section>
      <h2>{t("visit.results")}</h2>
      {digest.results.length === 0 ? (
        <Empty>{t("visit.noResults")}</Empty>
      ) : (
        <div class="wide">
          <table class="plan">
            <thead>
              <tr>
                <th scope="col">{t("visit.analyte")}</th>
                <th scope="col">{t("visit.last")}</th>
                <th scope="col">{t("timeline.range")}</th>
                <th scope="col">{t("visit.previous")}</th>
              </tr>
            </thead>
            <tbody>
              {digest.results.map((result) => (
                <Result key={result.analyte} result={result} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <More n={digest.moreResults} />
    </section>
  );
}

function Result({ result }: { result: LastResult }) {
  const head = {
    lane: SeriesLane.LABORATORY,
    analyte: result.analyte,
    unit: result.unit,
    scale: result.scale,
  } as Parameters<typeof pointWords>[0];
  const { last, previous } = result;
  const said = last ? pointWords(head, last) : "";
  // Low and high stand beside the value already.
  const places = result.places.map((one) => t(PLACES[one] ?? "result.cannotTell")).filter((one) => !said.includes(one));
  return (
    <tr>
      <th scope="row">{laneTitle(head)}</th>
      <td>
        {last && (
          <>
            <strong>{said}</strong>, {day(last.day)}
          </>
        )}{" "}
        <span class="note">{places.join(", ")}</span>
      </td>
      <td>{last && rangeWords(head, last)}</td>
      <td>{previous ? `${pointWords(head, previous)}, ${day(previous.day)}` : t("missing.notWritten")}</td>
    </tr>
  );
}
