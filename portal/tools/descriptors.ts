// Descriptors of the contracts as the portal ships them: without options that only servers and devices obey, and as plain bytes.
// The generated code holds them in base64, in which gzip finds hardly anything that repeats.
import { fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { type DescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/** By the option's number, the numbers of its fields that the portal reads (`src/value/meta.ts`). */
const READ: Readonly<Record<number, ReadonlySet<number>>> = {
  // osteon.meta.v1.field: policy, asks, writers, label, unit, scale, format.
  50201: new Set([1, 6, 9, 11, 12, 13, 20]),
  // osteon.meta.v1.record: title, label, label_choice, priority_class, time_field.
  50202: new Set([2, 3, 4, 5, 7]),
  // buf.validate.field: the ranges of whole numbers.
  1159: new Set([3, 4, 5, 6, 7, 8]),
};

/** Types of which somebody who writes one picks a label here; of all others the choices are as long as the rest of the type. */
const LABEL_CHOICE = 4;
const CHOSEN = new Set(["Approval", "Proposal"]);
const RECORD = 50202;

const LENGTH_DELIMITED = 2;

/** The value of an option, which is a message, with some of its fields alone. */
function only(data: Uint8Array, kept: ReadonlySet<number>): Uint8Array {
  const whole = new BinaryReader(data).bytes();
  const reader = new BinaryReader(whole);
  const writer = new BinaryWriter();
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wire] = reader.tag();
    reader.skip(wire, number);
    if (kept.has(number)) writer.raw(whole.subarray(start, reader.pos));
  }
  return new BinaryWriter().bytes(writer.finish()).finish();
}

function prune(options: Message | undefined, chosen = false): void {
  if (!options?.$unknown) return;
  options.$unknown = options.$unknown.map((option) => {
    const kept = option.wireType === LENGTH_DELIMITED ? READ[option.no] : undefined;
    if (!kept) return option;
    const without = option.no === RECORD && !chosen ? new Set([...kept].filter((one) => one !== LABEL_CHOICE)) : kept;
    return { ...option, data: only(option.data, without) };
  });
}

function pruneMessage(message: DescriptorProto): void {
  prune(message.options, CHOSEN.has(message.name));
  for (const field of message.field) prune(field.options);
  for (const inner of message.nestedType) pruneMessage(inner);
}

/** One character a byte. */
export function plain(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  const file = fromBinary(FileDescriptorProtoSchema, bytes);
  for (const message of file.messageType) pruneMessage(message);
  return Array.from(toBinary(FileDescriptorProtoSchema, file), (byte) => String.fromCharCode(byte)).join("");
}
