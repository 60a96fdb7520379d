// What a dose is decided by: the newest result of each kind that the plan wants fresh, its age, and whether that is too old.
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { ListOrder, RecordService, type RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { now } from "../app/clock";
import { useResource } from "../app/resource";
import { Part } from "../app/states";
import { civil, type LivedMoment } from "../format/time";
import { client, tried } from "../rpc/call";
import { isTooOld } from "../value/age";
import { Disputed, Mark } from "../value/marks";
import { fieldRule, inner, messageOf } from "../value/meta";
import { fieldLabel, sayValue } from "../value/say";
import { isDisputed, liveValues } from "../value/strict";
import { labelOf, Missing, RecordLine, readingWords, Value } from "../value/value";
import { inSentence, t } from "../words";

const LABORATORY = 120;
/** The fields of the plan that say how old a result may be; their options name the analytes. */
const WANTED = [
  "pre_dose_calcium_max_age_days",
  "pre_dose_creatinine_max_age_days",
  "pre_dose_vitamin_d_max_age_days",
] as const;

interface PreDoseProps {
  readonly circle: bigint;
  readonly plan: RecordView;
}

export function PreDose({ circle, plan }: PreDoseProps) {
  const results = useResource(`results ${circle} ${plan.sequence}`, (signal) => {
    const request = { circle, type: LABORATORY, order: ListOrder.TIME, pageSize: 100 };
    return tried(() => client(RecordService).listRecords(request, { signal }), { signal });
  });
  return (
    <Part what={t("what.results")} resource={results} lines={3}>
      {({ records }) => (
        <ul class="pre-dose">
          <Reading plan={plan} name="status" reading="giving" />
          <Reading plan={plan} name="planned_next" reading="not_before" />
          {WANTED.map((name) => (
            <Newest key={name} plan={plan} name={name} results={records} />
          ))}
        </ul>
      )}
    </Part>
  );
}

/** Of a field with two readings the one that a dose is given by: the strictest of all versions, as the server reads them. */
export function Reading({ plan, name, reading }: { plan: RecordView; name: string; reading: string }) {
  const view = plan.fields.find((one) => one.name === name);
  if (!view) return null;
  const read = view.readings.find((one) => one.name === reading);
  return (
    <li>
      {inSentence(labelOf(plan.type, view))}:{" "}
      {read ? (
        <>
          <span lang="en">{readingWords(read)}</span> {isDisputed(view) && <Disputed />}
        </>
      ) : (
        <Value type={plan.type} view={view} body={inner(plan.body)} />
      )}
    </li>
  );
}

/** The newest of these results by its oldest time, where people disagree when it was. */
const timeOf = (result: RecordView): number => {
  const said = ["specimen_time", "effective_start"].flatMap((name) =>
    isDisputed(result.fields.find((view) => view.name === name)) ? liveValues(result, name) : [],
  );
  const all = said.flatMap((moment) => (moment as LivedMoment).at ?? []);
  return Math.min(...[...all, ...(result.time ? [result.time] : [])].map(timestampMs));
};

export function Newest({ plan, name, results }: { plan: RecordView; name: string; results: readonly RecordView[] }) {
  const field = messageOf(plan.type)?.fields.find((one) => one.name === name);
  const days = liveValues(plan, name).map(Number);
  if (!field || days.length === 0) return null;
  const codes = fieldRule(field).ageOf;
  const of = results.filter((one) => liveValues(one, "analyte").some((code) => codes.includes(String(code))));
  const [newest] = of.sort((a, b) => timeOf(b) - timeOf(a));
  const allowed = Math.min(...days);
  const old = newest && isTooOld(civil(timeOf(newest), 0), civil(now(), 0), allowed);
  return (
    <li>
      {inSentence(fieldLabel(field))} {sayValue(field, allowed, inner(plan.body))}
      {isDisputed(plan.fields.find((one) => one.name === name)) && (
        <>
          {" "}
          <Disputed />
        </>
      )}
      : {newest ? <RecordLine record={newest} /> : <Missing why="cannotTell" what={t("age.noResult")} />}{" "}
      {old && <Mark kind="urgent">{t("age.tooOld")}</Mark>}
    </li>
  );
}
