// Which photos and papers a record names: fields of FORMAT_ATTACHMENT, every live version of them.
import type { DescField } from "@bufbuild/protobuf";
import { Format } from "../../gen/osteon/meta/v1/options_pb";
import type { RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { fieldOf, fieldRule, valueIn } from "./meta";

const NAME = /^sha256:([0-9a-f]{64})$/;

export const isAttachment = (field: DescField): boolean => fieldRule(field).format === Format.ATTACHMENT;

/** SHA-256 of the bytes, in hexadecimal digits; each once. Any other text stands for something outside. */
export function attachmentsOf(record: RecordView): string[] {
  const found = new Set<string>();
  for (const view of record.fields) {
    const field = fieldOf(record.type, view.field);
    if (!field || !isAttachment(field)) continue;
    for (const version of view.versions.filter((one) => one.live && !one.redacted)) {
      for (const text of [valueIn(version.value, field)].flat()) {
        const name = typeof text === "string" ? NAME.exec(text)?.[1] : undefined;
        if (name) found.add(name);
      }
    }
  }
  return [...found];
}
