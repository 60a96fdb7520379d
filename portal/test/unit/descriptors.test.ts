// The descriptors that are shipped say everything that the portal reads of an option, and every shape, as the contracts do.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary, getExtension, hasExtension } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  FieldDescriptorProto_Label,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { field as fieldOption, record as recordOption } from "../../gen/osteon/meta/v1/options_pb";
import { unfold } from "../../src/rpc/unfold";
import { fold, lean, plain } from "../../tools/descriptors";

const bytes = (text: string) => Uint8Array.from(text, (one) => one.charCodeAt(0));
const parsed = (text: string): FileDescriptorProto => fromBinary(FileDescriptorProtoSchema, bytes(text));

/** What the portal reads: of an option that is not named here nothing in src/ may be read. */
function told(file: FileDescriptorProto): unknown[] {
  const all: unknown[] = [];
  const look = (message: DescriptorProto) => {
    if (message.options && hasExtension(message.options, recordOption)) {
      const { title, label, priorityClass, timeField, labelChoice } = getExtension(message.options, recordOption);
      const chosen = message.name === "Proposal" || message.name === "Approval" ? labelChoice : [];
      all.push([message.name, title, label, priorityClass, timeField, chosen]);
    }
    for (const field of message.field) {
      if (!field.options || !hasExtension(field.options, fieldOption)) continue;
      const { policy, asks, writers, label, unit, scale, format } = getExtension(field.options, fieldOption);
      all.push([message.name, field.name, policy, asks, writers, label, unit, scale, format]);
    }
    message.nestedType.forEach(look);
  };
  file.messageType.forEach(look);
  return all;
}

/** What a message is on the wire, whatever the compiler writes about it besides. */
function shapes(file: FileDescriptorProto): unknown[] {
  const all: unknown[] = [];
  const look = (message: DescriptorProto) => {
    for (const field of message.field) {
      const isList = field.label === FieldDescriptorProto_Label.REPEATED;
      const isGrouped = Object.hasOwn(field, "oneofIndex") && !field.proto3Optional;
      const group = isGrouped ? message.oneofDecl[field.oneofIndex]?.name : undefined;
      all.push([
        message.name,
        field.name,
        field.number,
        field.type,
        field.typeName,
        isList,
        field.proto3Optional,
        group,
      ]);
    }
    message.nestedType.forEach(look);
  };
  file.messageType.forEach(look);
  for (const { name, value } of file.enumType) all.push([name, value.map((one) => [one.name, one.number])]);
  for (const { name, method } of file.service) {
    all.push([name, method.map((one) => [one.name, one.inputType, one.outputType, one.serverStreaming])]);
  }
  return all;
}

describe("descriptors", () => {
  const folder = join(import.meta.dirname ?? ".", "..", "..", "gen");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith("_pb.ts"));
  const base64Of = (name: string): string =>
    /fileDesc\("([\w+/=]*)"/.exec(readFileSync(join(folder, name), "utf8"))?.[1] ?? "";

  it("lose no option that is read here and nothing of any type's shape, and most of the rest", () => {
    let fields = 0;
    let [before, after] = [0, 0];
    for (const name of files) {
      const whole = parsed(atob(base64Of(name)));
      const shipped = parsed(plain(lean(base64Of(name))));
      expect(told(shipped), name).toEqual(told(whole));
      expect(shapes(shipped), name).toEqual(shapes(whole));
      fields += told(shipped).length;
      before += atob(base64Of(name)).length;
      after += plain(lean(base64Of(name))).length;
    }
    expect(fields).toBeGreaterThan(500);
    // Services have no options to lose: each that grows takes its share.
    expect(after).toBeLessThan(before * 0.77);
  }, 30_000);

  it("are the same bytes again when their lines are unfolded, and all of ours but the options have lines", () => {
    const whole: string[] = [];
    let escaped = false;
    let [before, after] = [0, 0];
    for (const name of files) {
      const file = lean(base64Of(name));
      const lines = fold(file);
      if (lines === undefined) {
        whole.push(name);
        continue;
      }
      expect(unfold(lines), name).toBe(plain(file));
      before += plain(file).length;
      after += lines.length;
      // Options hold the two bytes that would end a line.
      escaped ||= /[\u010a\u010d]/.test(lines);
    }
    expect(escaped).toBe(true);
    expect(whole.sort()).toEqual(["buf/validate/validate_pb.ts", "osteon/meta/v1/options_pb.ts"]);
    expect(after).toBeLessThan(before * 0.75);
  }, 30_000);
});
