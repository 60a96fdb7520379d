import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const docs = join(import.meta.dirname ?? ".", "..", "..", "..", "docs");
const text = readFileSync(join(docs, "portal-tour.md"), "utf8");
const named = [...text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, path]) => path ?? "");
const screens = [
  ...readFileSync(join(docs, "..", "portal/test/prove/screens.ts"), "utf8").matchAll(/^ {2}"?([a-z ]+)"?: /gm),
];

describe("the tour", () => {
  it("has every picture that it names, and names every picture", () => {
    for (const path of named) expect(existsSync(join(docs, path)), path).toBe(true);
    const there = readdirSync(join(docs, "portal-tour")).map((name) => `portal-tour/${name}`);
    expect(there.sort()).toEqual([...named].sort());
  });

  it("names every screen, and its pictures are small", () => {
    expect(screens.length).toBeGreaterThan(8);
    for (const [, name = ""] of screens) expect(text.toLowerCase(), name).toContain(`\n## ${name}`);
    const bytes = named.map((path) => statSync(join(docs, path)).size);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(1_500_000);
  });
});
