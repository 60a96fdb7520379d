import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";
import { fieldRule, isWhole, measureOf, messageOf, typeNumbers } from "../../src/value/meta";
import { files } from "./source";

const root = join(import.meta.dirname ?? ".", "..", "..");
const source = files("src").map((file) => ({
  name: relative(root, file).replaceAll("\\", "/"),
  text: readFileSync(file, "utf8"),
}));

describe("the house", () => {
  it("has one place that reads a version's value and one that formats numbers", () => {
    const readers = source.filter(({ text }) => /valueIn\(|\.toFixed\(|toLocaleString|Intl\.NumberFormat/.test(text));
    const outside = readers.map(({ name }) => name).filter((name) => !/^src\/(value|format)\//.test(name));
    // The editor writes the field that it was given; the axis rounds its own marks, which are no values of anybody.
    expect(outside.sort()).toEqual(["src/charts/lanes.tsx"]);
  });

  it("keeps value/ and format/ free of screens", () => {
    for (const { name, text } of source.filter((one) => /^src\/(value|format)\//.test(one.name))) {
      expect(text, name).not.toMatch(/from "\.\.\/screens/);
    }
  });

  it("keeps nothing in a storage and makes no HTML of text", () => {
    for (const { name, text } of source) {
      expect(text, name).not.toMatch(
        /localStorage|sessionStorage|indexedDB|document\.cookie|innerHTML|insertAdjacentHTML|eval\(|new Function/,
      );
      expect(text, name).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    }
  });

  it("has files that fit", () => {
    for (const { name, text } of source) expect(text.split("\n").length, name).toBeLessThan(500);
    const folders = new Map<string, number>();
    for (const { name, text } of source.filter((one) => one.name.startsWith("src/screens/"))) {
      const folder = name.split("/")[2] ?? "";
      folders.set(folder, (folders.get(folder) ?? 0) + text.split("\n").length);
    }
    for (const [folder, lines] of folders) expect(lines, folder).toBeLessThan(750);
  });

  it("has these runtime packages and no other", () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { dependencies: object };
    expect(Object.keys(dependencies)).toEqual([
      "@bufbuild/protobuf",
      "@connectrpc/connect",
      "@connectrpc/connect-web",
      "@preact/signals",
      "preact",
      "uqr",
    ]);
  });
});

/** Whole numbers without a unit that are counts, numbers of things, or have their unit in another field of the record. */
const PLAIN =
  /^(dose|amount|value|ref_low|ref_high|low|high|rescue_dose|n|sets|reps|level|item|thread|about_field|meals_per_day|food_texture|drink_thickness|mirels|sins|account|who|by|proxy|doses|field|epoch|replica|counter|revision|owner|step|told_members|hands_to|nurse|type|sequence|weekday|members|to_member|settings_sequence|count|days|year|holiday_reviewer)$/;

describe("the contracts", () => {
  it("give every number of a record a unit, or it is a count (V1)", () => {
    const bare: string[] = [];
    for (const type of typeNumbers()) {
      for (const field of messageOf(type)?.fields ?? []) {
        const unit = measureOf(field).unit;
        if (isWhole(field) && unit === "" && !PLAIN.test(field.name)) bare.push(`${field.parent.name}.${field.name}`);
      }
    }
    expect(bare).toEqual([]);
  });

  it("are read with their options", () => {
    const lift = messageOf(201)?.fields.find((field) => field.name === "lift_max_kg");
    expect(lift && fieldRule(lift)).toMatchObject({ unit: "kg", scale: 1, asks: true });
    expect(RecordBodySchema.fields.length).toBeGreaterThan(90);
  });
});
