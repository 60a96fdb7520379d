// One question that somebody else decided: what, who, why, and what had stood side by side. It is for reading.
import type { VersionView } from "../../../gen/osteon/record/v1/record_service_pb";
import type { Settled } from "../../../gen/osteon/review/v1/review_service_pb";
import { me } from "../../app/me";
import { address } from "../../app/router";
import { Mark } from "../../value/marks";
import { typeTitle } from "../../value/say";
import { arrivedWords, labelOf, versionWords, writtenWords } from "../../value/value";
import { author } from "../../value/who";
import { inSentence, t } from "../../words";
import { AskLink } from "../ask/link";

export function SettledEntry({ one, patient }: { one: Settled; patient: string }) {
  const { decision } = one;
  return (
    <div class="decision-in">
      <header class="row">
        <h2>
          <a href={address({ name: "patient", case: one.shortId, ask: {} })}>{patient}</a>
        </h2>
        <span class="grow" />
        <Mark kind="plain">{t("settled.kind")}</Mark>
      </header>
      <h3 class="question">{t("settled.q", { what: inSentence(labelOf(one.type, one)) })}</h3>
      <p>
        <strong>{t(one.yours ? "settled.yours" : "settled.notYours")}</strong>{" "}
        {t(one.stands ? "settled.stands" : "settled.replaced")}
      </p>
      {decision && (
        <div class="in-force neutral">
          <div>
            {t("settled.decided")}{" "}
            <span class="value" dir="auto">
              {versionWords(one.type, one, decision)}
            </span>
            <Facts version={decision} />
          </div>
        </div>
      )}
      <h4>{t("settled.before")}</h4>
      <div class="versions">
        {one.versions.map((version, at) => (
          <section key={at} class="version" aria-label={t("review.version", { n: at + 1 })}>
            <h4>
              <span dir="auto">{versionWords(one.type, one, version)}</span>{" "}
              {version.account === me.value?.account && <Mark kind="plain">{t("settled.own")}</Mark>}
            </h4>
            <Facts version={version} />
          </section>
        ))}
      </div>
      <p>
        <a class="button" href={address({ name: "plan", case: one.shortId, record: one.recordId, ask: {} })}>
          {t("review.openPlan", { plan: typeTitle(one.type) })}
        </a>
      </p>
      <AskLink circle={one.circle} recordId={one.recordId} field={one.field} />
      <p class="note">{t("settled.byRule")}</p>
    </div>
  );
}

function Facts({ version }: { version: VersionView }) {
  return (
    <dl class="facts">
      <dt>{t("review.by")}</dt>
      <dd>{author(version)}</dd>
      <dt>{t("review.when")}</dt>
      <dd>{writtenWords(version)}</dd>
      <dt>{t("review.arrived")}</dt>
      <dd>{arrivedWords(version)}</dd>
      <dt>{t("review.reason")}</dt>
      <dd>{version.reason === "" ? t("review.noReason") : <q dir="auto">{version.reason}</q>}</dd>
    </dl>
  );
}
