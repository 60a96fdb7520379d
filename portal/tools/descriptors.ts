// Descriptors of the contracts as the portal ships them: without what nothing here reads, and as lines of text, which
// src/rpc/unfold.ts makes into the same bytes again. The generated code holds them in base64, in which gzip finds hardly
// anything that repeats; as bytes half of them are lengths and numbers that follow from the rest.
import { clearField, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  type ServiceDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import { packageOf, prefixOf, unfold } from "../src/rpc/unfold.ts";

/** By the option's number, the numbers of its fields that the portal reads (`src/value/meta.ts`). */
const READ: Readonly<Record<number, ReadonlySet<number>>> = {
  // osteon.meta.v1.field: policy, asks, writers, label, unit, scale, format, age_of.
  50201: new Set([1, 6, 9, 11, 12, 13, 20, 23]),
  // osteon.meta.v1.record: title, label, label_choice, priority_class, time_field, singleton, creators.
  50202: new Set([2, 3, 4, 5, 7, 9, 12]),
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

const { oneofIndex, label } = FieldDescriptorProtoSchema.field;

/**
 * Of an optional field the compiler also names a group of its own, which the library passes over; "at most one" is what a field is
 * without a word about it; and what a contract will never use again is nothing to a reader.
 */
function pruneMessage(message: DescriptorProto): void {
  prune(message.options, CHOSEN.has(message.name));
  message.reservedRange = [];
  message.reservedName = [];
  const groups = message.oneofDecl.filter((_, at) => message.field.some((one) => isIn(one, at)));
  for (const field of message.field) {
    prune(field.options);
    const group = message.oneofDecl.findIndex((_, at) => isIn(field, at));
    if (group < 0) clearField(field, oneofIndex);
    else field.oneofIndex = groups.indexOf(message.oneofDecl[group] as (typeof groups)[number]);
    if (field.label === FieldDescriptorProto_Label.OPTIONAL) clearField(field, label);
  }
  message.oneofDecl = groups;
  for (const inner of message.nestedType) pruneMessage(inner);
}

const isIn = (field: FieldDescriptorProto, group: number): boolean =>
  Object.hasOwn(field, "oneofIndex") && !field.proto3Optional && field.oneofIndex === group;

export function lean(base64: string): FileDescriptorProto {
  const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  const file = fromBinary(FileDescriptorProtoSchema, bytes);
  for (const message of file.messageType) pruneMessage(message);
  return file;
}

/** One character a byte. */
export const plain = (file: FileDescriptorProto): string => text(toBinary(FileDescriptorProtoSchema, file));

const text = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

/** The lines of a contract; none where it holds something that they cannot say (extensions, types within types). */
export function fold(file: FileDescriptorProto): string | undefined {
  const home = `.${packageOf(file.name)}.`;
  const lines = [
    file.name,
    ...file.messageType.flatMap((one) => messageLines(one, home)),
    ...file.enumType.flatMap(enumLines),
    ...file.service.flatMap(serviceLines),
  ];
  const folded = lines.join("\n");
  return unfold(folded) === plain(file) ? folded : undefined;
}

/** What ends a line is said by another character with the same last byte. */
function optionsText(options: Message | undefined): string {
  const writer = new BinaryWriter();
  for (const { no, wireType, data } of options?.$unknown ?? []) writer.tag(no, wireType).raw(data);
  const said = text(writer.finish()).replace(/[\n\r]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 256));
  return said === "" ? "" : ` ${said}`;
}

function messageLines(message: DescriptorProto, home: string): string[] {
  const lines = [`>${message.name}${optionsText(message.options)}`];
  let [number, groups] = [0, 0];
  for (const field of message.field) {
    const grouped = Object.hasOwn(field, "oneofIndex");
    if (grouped && field.oneofIndex === groups) lines.push(`|${message.oneofDecl[groups++]?.name}`);
    const isList = field.label === FieldDescriptorProto_Label.REPEATED;
    const how = isList ? "*" : field.proto3Optional ? "?" : grouped ? "|" : "";
    const type = field.typeName.startsWith(home) ? field.typeName.slice(home.length) : field.typeName;
    const jump = field.number === number + 1 ? "" : String(field.number);
    number = field.number;
    const kind = `${jump}${String.fromCharCode(96 + field.type)}${how}${type}`;
    lines.push(`${field.name} ${kind}${optionsText(field.options)}`);
  }
  return lines;
}

function enumLines({ name, value }: EnumDescriptorProto): string[] {
  const prefix = prefixOf(name);
  let number = -1;
  const values = value.map((one) => {
    const jump = one.number === number + 1 ? "" : ` ${one.number}`;
    number = one.number;
    return one.name.slice(prefix.length) + jump;
  });
  return [`=${name}`, ...values];
}

const serviceLines = ({ name, method }: ServiceDescriptorProto): string[] => [
  `!${name}`,
  ...method.map((one) => one.name + (one.serverStreaming ? "*" : "")),
];
