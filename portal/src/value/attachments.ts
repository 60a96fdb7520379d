// Which photos and papers a record names: fields of FORMAT_ATTACHMENT, every live version of them.
import type { DescField } from "@bufbuild/protobuf";
import { Format } from "../../gen/osteon/meta/v1/options_pb";
import type { RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { fieldOf, fieldRule, valueIn } from "./meta";

const NAME = /^sha256:([0-9a-f]{64})$/;

export const isAttachment = (field: DescField): boolean => fieldRule(field).format === Format.ATTACHMENT;

/** Of one value of a field, also those that stand inside it. */
function namedBy(field: DescField, value: unknown): string[] {
  return [value].flat().flatMap((one: unknown) => {
    if (isAttachment(field)) return (typeof one === "string" && NAME.exec(one)?.[1]) || [];
    const inside = one as Readonly<Record<string, unknown>> | undefined;
    return field.message && inside ? field.message.fields.flatMap((sub) => namedBy(sub, inside[sub.localName])) : [];
  });
}

/** SHA-256 of the bytes, in hexadecimal digits; each once. Any other text stands for something outside. `only`: of one field. */
export function attachmentsOf(record: RecordView, only?: number): string[] {
  const found = record.fields
    .filter((view) => only === undefined || view.field === only)
    .flatMap((view) => {
      const field = fieldOf(record.type, view.field);
      const live = view.versions.filter((one) => one.live && !one.redacted);
      return field ? live.flatMap((version) => namedBy(field, valueIn(version.value, field))) : [];
    });
  return [...new Set(found)];
}
