// Settled without you: below what waits for a decision, because nothing of it does.
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { ComponentChildren, VNode } from "preact";
import { now } from "../../app/clock";
import { isGone } from "../../app/me";
import type { Resource } from "../../app/resource";
import { Empty, Part } from "../../app/states";
import { span } from "../../format/time";
import { More } from "../../parts/more";
import { Mark } from "../../value/marks";
import { typeTitle } from "../../value/say";
import { labelOf, versionWords } from "../../value/value";
import { author } from "../../value/who";
import { inSentence, t } from "../../words";
import { patientWords } from "../alerts/alerts";
import { type SettledList as List, settledKey } from "./load";

interface ListProps {
  readonly list: Resource<List>;
  /** As many records of each patient are looked through. */
  readonly looked: number;
  readonly more: () => void;
  readonly row: (key: string, children: ComponentChildren) => VNode;
}

export function SettledList({ list, looked, more, row }: ListProps) {
  return (
    <section aria-labelledby="settled">
      <h2 id="settled" class="pad">
        {t("settled.title")}
      </h2>
      <Part what={t("what.settled")} resource={list} lines={3}>
        {({ all, more: hasMore }) => {
          const shown = all.filter((one) => !isGone(one.circle));
          return (
            <>
              {shown.length === 0 && <Empty>{t("settled.none", { n: looked })}</Empty>}
              <ul class="questions" hidden={shown.length === 0}>
                {shown.map((one) =>
                  row(
                    settledKey(one),
                    <>
                      <span class="row">
                        <Mark kind="plain">{t("settled.kind")}</Mark> <strong>{patientWords(one.circle)}</strong>
                        <span class="grow" />
                        {one.decision?.received && (
                          <span class="note">{span(now() - timestampMs(one.decision.received))}</span>
                        )}
                      </span>
                      <span class="about">
                        {t("review.about", { type: typeTitle(one.type), field: inSentence(labelOf(one.type, one)) })}
                      </span>
                      {one.decision && (
                        <span class="note">
                          {t("value.claim", {
                            value: versionWords(one.type, one, one.decision),
                            who: author(one.decision),
                          })}
                        </span>
                      )}
                    </>,
                  ),
                )}
              </ul>
              {hasMore && <More shown={shown.length} more={more} />}
            </>
          );
        }}
      </Part>
    </section>
  );
}
