// Held entries in the inbox.
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { QuarantinedChange } from "../../../gen/osteon/review/v1/quarantine_service_pb";
import { now } from "../../app/clock";
import type { Resource } from "../../app/resource";
import { Empty, Part, Partly } from "../../app/states";
import { span } from "../../format/time";
import { Mark } from "../../value/marks";
import { typeTitle } from "../../value/say";
import { person } from "../../value/who";
import { t } from "../../words";
import { patientWords } from "../alerts/alerts";
import { heldKey, heldMark, heldWord } from "./load";

interface ListProps {
  readonly list: Resource<{ readonly changes: readonly QuarantinedChange[]; readonly more: boolean }>;
  readonly row: (key: string, children: preact.ComponentChildren) => preact.VNode;
}

export function HeldList({ list, row }: ListProps) {
  return (
    <section aria-labelledby="held">
      <h2 id="held" class="pad">
        {t("held.title")}
      </h2>
      <Part what={t("what.held")} resource={list} lines={3}>
        {({ changes, more }) => (
          <>
            {changes.length === 0 && <Empty>{t("held.none")}</Empty>}
            <ul class="questions">
              {changes.map((change) =>
                row(
                  heldKey(change),
                  <>
                    <span class="row">
                      <Mark kind={heldMark(change)}>{heldWord(change)}</Mark>{" "}
                      <strong>{patientWords(change.circle)}</strong>
                      <span class="grow" />
                      {change.received && <span class="note">{span(now() - timestampMs(change.received))}</span>}
                    </span>
                    <span class="about">
                      {[...new Set(change.writes.map((write) => typeTitle(write.type)))].join(", ")}
                    </span>
                    <span class="note">{t("held.from", { who: person(change.account, change.role) })}</span>
                  </>,
                ),
              )}
            </ul>
            {more && <Partly shown={changes.length} />}
          </>
        )}
      </Part>
    </section>
  );
}
