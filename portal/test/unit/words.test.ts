import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { de } from "../../src/words/de";
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
