// A patient behind broken glass, for whoever is no member: what emergency access reads, record by record. It opens records alone:
// the summary of a circle, its alerts and its trends stay closed.

import { RecordService } from "../../../gen/osteon/record/v1/record_service_pb";
import type { OpenGlass } from "../../app/glass";
import { useResource } from "../../app/resource";
import { Empty, Part } from "../../app/states";
import { useTitle } from "../../app/title";
import { PlanRows } from "../../parts/planrows";
import { client, tried } from "../../rpc/call";
import { typeTitle } from "../../value/say";
import { t } from "../../words";
import { Journal } from "../patient/journal";
import { PlanInForce } from "../patient/plans";

/** The safety minimum, risks with allergies, and bones as a summary. */
const FIRST = [321, 281, 473] as const;

export function BehindGlass({ glass }: { glass: OpenGlass }) {
  const { circle, shortId } = glass;
  useTitle(shortId);
  const first = useResource(`glass ${circle}`, (signal) =>
    Promise.all(
      FIRST.map((type) =>
        tried(() => client(RecordService).listRecords({ circle, type, pageSize: 10 }, { signal }), { signal }),
      ),
    ),
  );
  return (
    <div class="page">
      <div class="head">
        <h1>{shortId.toUpperCase()}</h1>
        <span class="note">{t("glass.what")}</span>
      </div>
      <div class="left">
        <section class="box" aria-labelledby="minimum">
          <h2 id="minimum">{t("glass.minimum")}</h2>
          <Part what={t("what.patient")} resource={first} lines={8}>
            {(answers) => {
              const records = answers.flatMap((answer) => answer.records);
              if (records.length === 0) return <Empty>{t("glass.noMinimum")}</Empty>;
              return records.map((record) => (
                <div class="wide" key={record.recordId}>
                  <table class="plan">
                    <caption>{typeTitle(record.type)}</caption>
                    <tbody>
                      <PlanRows record={record} />
                    </tbody>
                  </table>
                </div>
              ));
            }}
          </Part>
        </section>
        <PlanInForce circle={circle} shortId={shortId} access={[]} head={0n} asked={0} />
        <Journal circle={circle} since={0n} scope="glass" asked={0} />
      </div>
    </div>
  );
}
