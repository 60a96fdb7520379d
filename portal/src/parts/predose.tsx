// What a dose is decided by: the newest result of each kind that the plan wants fresh, its age, and whether that is too old.
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { ListOrder, RecordService, type RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { now } from "../app/clock";
import { useResource } from "../app/resource";
import { Part } from "../app/states";
import { civil } from "../format/time";
import { client, tried } from "../rpc/call";
import { isTooOld } from "../value/age";
import { Mark } from "../value/marks";
import { inner, messageOf } from "../value/meta";
import { fieldLabel, sayValue } from "../value/say";
import { Missing, RecordLine } from "../value/value";
import { inSentence, t } from "../words";

const LABORATORY = 120;
/** The fields of the plan that say how old, and the LOINC codes of what they speak of. */
const WANTED = [
  ["pre_dose_calcium_max_age_days", ["29265-6", "1994-3", "2000-8", "17861-6"]],
  ["pre_dose_creatinine_max_age_days", ["2160-0", "14682-9"]],
  ["pre_dose_vitamin_d_max_age_days", ["1989-3", "62292-8"]],
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
          {WANTED.map(([name, codes]) => (
            <Newest key={name} plan={plan} name={name} records={records.filter((one) => isOf(one, codes))} />
          ))}
        </ul>
      )}
    </Part>
  );
}

const analyteOf = (record: RecordView): unknown => inner(record.body)?.analyte;
const isOf = (record: RecordView, codes: readonly string[]): boolean =>
  codes.some((code) => code === analyteOf(record));

function Newest({ plan, name, records }: { plan: RecordView; name: string; records: readonly RecordView[] }) {
  const field = messageOf(plan.type)?.fields.find((one) => one.name === name);
  const allowed = field && inner(plan.body)?.[field.localName];
  if (!field || allowed === undefined) return null;
  const [newest] = records;
  const today = civil(now(), 0);
  const old = newest?.time && isTooOld(civil(timestampMs(newest.time), 0), today, Number(allowed));
  return (
    <li>
      {inSentence(fieldLabel(field))} {sayValue(field, allowed, inner(plan.body))}:{" "}
      {newest ? <RecordLine record={newest} /> : <Missing why="cannotTell" what={t("age.noResult")} />}{" "}
      {old && <Mark kind="urgent">{t("age.tooOld")}</Mark>}
    </li>
  );
}
