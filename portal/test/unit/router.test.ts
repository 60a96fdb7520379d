import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { address, type Place, parse } from "../../src/app/router";

/** No half of a surrogate pair. */
const encodable = (text: string) => !/[\ud800-\udfff]/.test(text);

describe("addresses", () => {
  it("lead back to their place", () => {
    const text = fc.string({ minLength: 1, maxLength: 20 }).filter((one) => one.trim() !== "" && encodable(one));
    fc.assert(
      fc.property(text, text, (name, query) => {
        const places: Place[] = [
          { name: "work", ask: { q: query } },
          { name: "patient", case: name, ask: { window: query } },
          { name: "plan", case: name, record: query, ask: {} },
          { name: "alerts", ask: {} },
        ];
        for (const place of places) expect(parse(address(place))).toEqual(place);
      }),
    );
  });

  it("that lead nowhere say so", () => {
    for (const wrong of ["#/nothing", "#/patient", "#/patient/a/b/c/d", "#/patient/%E0%A4%A"])
      expect(parse(wrong)).toBeUndefined();
    expect(parse("#/work?token=x&q=a")).toEqual({ name: "work", ask: { q: "a" } });
  });
});
