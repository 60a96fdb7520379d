// Proposals in the inbox, in a list of their own below what is disputed.

import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { ReadonlySignal } from "@preact/signals";
import { now } from "../../app/clock";
import type { Resource } from "../../app/resource";
import { Empty, Part } from "../../app/states";
import { span } from "../../format/time";
import { Mark } from "../../value/marks";
import { type Proposed, proposedLabel, proposedWords } from "../../value/proposal";
import { typeTitle } from "../../value/say";
import { author } from "../../value/who";
import { inSentence, t } from "../../words";
import { patientWords } from "../alerts/alerts";
import { proposalKey } from "./load";

interface ListProps {
  readonly list: Resource<readonly Proposed[] | undefined>;
  readonly asked: ReadonlySignal<boolean>;
  readonly ask: () => void;
  /** How many patients would be looked through. */
  readonly patients: number;
  readonly row: (key: string, children: preact.ComponentChildren) => preact.VNode;
}

export function Proposals({ list, asked, ask, patients, row }: ListProps) {
  return (
    <section aria-labelledby="proposals">
      <h2 id="proposals" class="pad">
        {t("proposal.title")}
      </h2>
      {asked.value ? (
        <Part what={t("what.proposals")} resource={list} lines={3}>
          {(all) =>
            all === undefined || all.length === 0 ? (
              <Empty>{t("proposal.none")}</Empty>
            ) : (
              <ul class="questions">
                {all.map((one) =>
                  row(
                    proposalKey(one),
                    <>
                      <span class="row">
                        <Mark kind="plain">{t("proposal.kind")}</Mark>{" "}
                        <strong>{patientWords(one.record.circle)}</strong>
                        <span class="grow" />
                        {one.by?.received && <span class="note">{span(now() - timestampMs(one.by.received))}</span>}
                      </span>
                      <span class="about">
                        {t("review.about", { type: typeTitle(one.type), field: inSentence(proposedLabel(one)) })}
                      </span>
                      <span class="note">
                        {t("value.claim", { value: proposedWords(one), who: one.by ? author(one.by) : "" })}
                      </span>
                    </>,
                  ),
                )}
              </ul>
            )
          }
        </Part>
      ) : (
        <p class="pad">
          <span class="note">{t("proposal.perPatient")}</span>{" "}
          <button type="button" onClick={ask}>
            {t("proposal.look", { n: patients })}
          </button>
        </p>
      )}
    </section>
  );
}
