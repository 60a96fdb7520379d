import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PriorityClass } from "../../gen/osteon/meta/v1/options_pb";
import { CHILDREN, PLANS } from "../../src/parts/planlists";
import { recordRule, typeNumbers } from "../../src/value/meta";
import { de } from "../../src/words/de";
import { types } from "../../src/words/de/types";
import { en } from "../../src/words/en";
import { files, walk } from "./source";

const places = (text: unknown) => (String(text).match(/\{\w+\}/g) ?? []).sort().join();

describe("words", () => {
  it("are complete in both languages, with the same places to fill", () => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) {
      const other = de[key as keyof typeof de];
      expect(Array.isArray(other) ? other.length : 1, key).toBe(Array.isArray(text) ? text.length : 1);
      expect(places(other), key).toBe(places(text));
      expect(String(other), key).not.toBe("");
    }
  });

  it("call each entry of the journal and each plan by a German name, and nothing that there is not", () => {
    const journal = typeNumbers().filter((type) => recordRule(type)?.priorityClass === PriorityClass.JOURNAL);
    const shown = [...journal, ...PLANS, ...Object.values(CHILDREN).flat()];
    expect(shown.filter((type) => !types[type])).toEqual([]);
    expect(Object.keys(types).filter((type) => !recordRule(Number(type)))).toEqual([]);
  });

  it("do not use what says nothing to a clinician, or says too much", () => {
    const banned = /all clear|tombstone|CRDT|sync conflict|\bnode\b|\boops\b|\bplease\b|\binvalid\b|\buser\b|\bOK\b/i;
    for (const [key, text] of Object.entries(en)) expect(String(text), key).not.toMatch(banned);
  });

  it("are all used, and every key that is used is there", () => {
    const source = files("src")
      .filter((file) => !/words.(en|de)/.test(file))
      .map((file) => readFileSync(file, "utf8"))
      .join("\n");
    const made = /^(unit|field|enum|code|type|lane|category|reason|action|score|drug)\./;
    const unused = Object.keys(en).filter((key) => !made.test(key) && source.split(`"${key}"`).length < 2);
    expect(unused).toEqual([]);
  });

  it("stand in the word files alone: no component has text of its own", () => {
    const found: string[] = [];
    for (const file of files("src").filter((one) => one.endsWith(".tsx"))) {
      for (const text of walk(file)) found.push(`${file}: ${text}`);
    }
    expect(found).toEqual([]);
  });
});
