// What a patient's page lists of the plans, against the contracts.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CHILDREN, PLANS } from "../../src/parts/planlists";
import { messageOf, typeNumbers } from "../../src/value/meta";

/** As many types as the server takes in one list. */
const AT_ONCE = 32;

const folder = join(import.meta.dirname ?? ".", "../../../proto/osteon/care/v1");
const contracts = readdirSync(folder)
  .map((name) => readFileSync(join(folder, name), "utf8"))
  .join("\n");
/** Of each message of a record its name in the contracts and that of its parent. */
const told = new Map(
  [...contracts.matchAll(/^message (\w+) \{\n {2}option \(osteon\.meta\.v1\.record\) = \{([\s\S]*?)^ {2}\};/gm)].map(
    ([, message = "", options = ""]) => {
      const said = (name: string) => new RegExp(`^ {4}${name}: "([^"]+)"`, "m").exec(options)?.[1];
      return [message, { name: said("name"), parent: said("parent") }] as const;
    },
  ),
);
const of = (type: number) => told.get(messageOf(type)?.name ?? "");

it("the records that belong to a plan are those that the contracts say", () => {
  for (const [type, children] of Object.entries(CHILDREN)) {
    const name = of(Number(type))?.name;
    expect(name).toBeDefined();
    expect(typeNumbers().filter((one) => of(one)?.parent === name)).toEqual(children);
  }
});

it("all plans and what belongs to them are one list", () => {
  const all = [...PLANS, ...Object.values(CHILDREN).flat()];
  expect(new Set(all).size).toBe(all.length);
  expect(all.length).toBeLessThanOrEqual(AT_ONCE);
});
