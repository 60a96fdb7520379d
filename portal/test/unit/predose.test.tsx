// What a dose is decided by while people disagree: the strict reading, and the word.
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { render } from "preact-render-to-string";
import { beforeEach, describe, expect, it } from "vitest";
import { heard } from "../../src/app/clock";
import { Newest, Reading } from "../../src/parts/predose";
import { body, field, plain, record, version } from "./make";

const BONE_DRUG = 231;
const LAB = 120;
const CALCIUM = "pre_dose_calcium_max_age_days";
const NOW = Date.parse("2026-11-23T10:40:00Z");
const days = (n: number) => body({ case: "boneDrugPlan", value: { preDoseCalciumMaxAgeDays: n } as never });
const at = (text: string) => timestampFromMs(Date.parse(text));
const result = (on: string, more: object = {}) =>
  record({
    type: LAB,
    time: at(`${on}T08:00:00Z`),
    body: body({ case: "laboratoryResult", value: { analyte: "29265-6", value: 21100, unit: "mmol/L" } as never }),
    ...more,
  });
const plan = (asked: number[], more: object = {}) =>
  record({
    type: BONE_DRUG,
    body: days(asked[0] ?? 0),
    fields: [
      field(12, {
        name: CALCIUM,
        needsReview: asked.length > 1,
        versions: asked.map((n, place) => version(days(n), { inForce: place === 0 })),
      }),
    ],
    ...more,
  });
const said = (...of: Parameters<typeof Newest>) => plain(render(<Newest {...of[0]} />));

beforeEach(() => heard(NOW));

describe("before a dose", () => {
  it("a limit that people agree on is that, and nothing is said of a dispute", () => {
    const words = said({ plan: plan([14]), name: CALCIUM, results: [result("2026-11-13")] });
    expect(words).toContain("not older than 14 days");
    expect(words).not.toMatch(/Disputed|too old/);
  });

  it("of a disputed limit the strictest holds, whichever is in force, and it says so", () => {
    const words = said({ plan: plan([14, 7]), name: CALCIUM, results: [result("2026-11-13")] });
    expect(words).toContain("not older than 7 days");
    expect(words).toContain("Disputed");
    expect(words).toContain("too old for this decision");
  });

  it("a result whose time is disputed is as old as it may be", () => {
    const taken = (on: string) =>
      body({ case: "laboratoryResult", value: { specimenTime: { at: at(`${on}T08:00:00Z`) } } as never });
    const versions = [version(taken("2026-11-22"), { inForce: true }), version(taken("2026-11-01"))];
    const fields = [field(11, { name: "specimen_time", needsReview: true, versions })];
    const words = said({ plan: plan([14]), name: CALCIUM, results: [result("2026-11-22", { fields })] });
    expect(words).toContain("too old for this decision");
  });

  it("where nothing of the kind is seen it cannot be told", () => {
    expect(said({ plan: plan([14]), name: CALCIUM, results: [] })).toContain("cannot tell");
  });

  it("state and next dose are the readings that giving goes by, with the word while people disagree", () => {
    const readings = [
      { name: "remind_on", value: "2026-11-20", says: "Remind on 2026-11-20" },
      { name: "not_before", value: "2026-12-04", says: "Do not give before 2026-12-04" },
    ];
    const date = (text: string) => body({ case: "boneDrugPlan", value: { plannedNext: text } as never });
    const versions = [version(date("2026-11-20"), { inForce: true }), version(date("2026-12-04"))];
    const of = (needsReview: boolean) =>
      record({
        type: BONE_DRUG,
        body: date("2026-11-20"),
        fields: [field(7, { name: "planned_next", needsReview, readings, versions })],
      });
    const words = (disputed: boolean) =>
      plain(render(<Reading plan={of(disputed)} name="planned_next" reading="not_before" />));
    expect(words(true)).toContain("Do not give before 04 Dec 2026");
    expect(words(true)).toContain("Disputed");
    expect(words(true)).not.toContain("Remind");
    expect(words(false)).not.toContain("Disputed");
  });
});
