// The descriptors that are shipped say everything that the portal reads of an option, as the contracts do.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary, getExtension, hasExtension } from "@bufbuild/protobuf";
import { type DescriptorProto, type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { field as fieldOption, record as recordOption } from "../../gen/osteon/meta/v1/options_pb";
import { plain } from "../../tools/descriptors";

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

describe("descriptors", () => {
  const folder = join(import.meta.dirname ?? ".", "..", "..", "gen", "osteon", "care", "v1");
  const files = readdirSync(folder).filter((name) => name.endsWith("_pb.ts"));

  it("lose no option that is read here, and most of the others", () => {
    let fields = 0;
    let [before, after] = [0, 0];
    for (const name of files) {
      const [, base64 = ""] = /fileDesc\("([\w+/=]*)"/.exec(readFileSync(join(folder, name), "utf8")) ?? [];
      const lean = plain(base64);
      const kept = told(parsed(lean));
      expect(kept, name).toEqual(told(parsed(atob(base64))));
      fields += kept.length;
      before += atob(base64).length;
      after += lean.length;
    }
    expect(fields).toBeGreaterThan(500);
    expect(after).toBeLessThan(before * 0.85);
  }, 30_000);
});
