// A drug in one line: name, dose, route, interval. Where people disagree about one of them there is no line: the fields below have all
// versions.
import type { DescField } from "@bufbuild/protobuf";
import type { RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { inner, messageOf } from "../value/meta";
import { sayValue } from "../value/say";
import { Missing } from "../value/value";
import { t } from "../words";

const PARTS = ["agent", "dose", "route", "interval_days"];

export function DrugLine({ record }: { record: RecordView }) {
  const all = messageOf(record.type)?.fields ?? [];
  const fields = PARTS.flatMap((name) => all.find((one) => one.name === name) ?? []);
  const body = inner(record.body);
  if (fields.length < PARTS.length || !body) return null;
  const names = new Set([...PARTS, "dose_unit"]);
  if (record.fields.some((view) => names.has(view.name) && (view.needsReview || view.blocked))) return null;
  return (
    <div class="drug-line">
      {fields.map((field, at) => (
        <span key={field.number}>
          {at > 0 && ", "}
          <Part field={field} body={body} />
        </span>
      ))}
    </div>
  );
}

function Part({ field, body }: { field: DescField; body: Readonly<Record<string, unknown>> }) {
  const value = body[field.localName];
  if (value === undefined) return <Missing why="notWritten" what={t(`drug.${field.name}` as "drug.agent")} />;
  const words = sayValue(field, value, body);
  return <>{field.name === "interval_days" ? t("drug.every", { interval: words }) : words}</>;
}
