// Where lesions are, in a line: bone, level, side. What follows for movement stands among the restrictions.
import type { RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { inner, messageOf } from "./meta";
import { sayValue } from "./say";
import { Missing } from "./value";

const PARTS = ["level", "side", "site"];

export function Sites({ record }: { record: RecordView }) {
  const lesions = inner(record.body)?.lesions;
  const field = messageOf(record.type)?.fields.find((one) => one.name === "lesions");
  const message = field?.message;
  if (!Array.isArray(lesions) || lesions.length === 0 || !message) return <Missing why="notWritten" />;
  const words = (lesion: Record<string, unknown>) =>
    PARTS.flatMap((name) => {
      const part = message.fields.find((one) => one.name === name);
      const value = part && lesion[part.localName];
      return part && value !== undefined ? [sayValue(part, value, lesion)] : [];
    }).join(" ");
  return <strong>{[...new Set(lesions.map((lesion: Record<string, unknown>) => words(lesion)))].join(", ")}</strong>;
}
