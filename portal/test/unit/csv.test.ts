import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { SeriesLane, SeriesLaneHeadSchema, SeriesPointSchema } from "../../gen/osteon/timeline/v1/timeline_service_pb";
import { csvOf } from "../../src/charts/csv";

describe("a series as a file", () => {
  const head = create(SeriesLaneHeadSchema, { lane: SeriesLane.WEIGHT, unit: "kg", scale: 1 });
  const points = [
    create(SeriesPointSchema, { day: "2026-11-20", worst: 12345n, count: 1 }),
    create(SeriesPointSchema, {
      day: "2026-11-21",
      worst: 700n,
      count: 1,
      disputed: true,
      entries: [{ versions: [{ value: 700n }, { value: 690n }] }],
    }),
  ];

  it("has a line for each point, exact, with both versions of what is disputed", () => {
    const [about, names, first, second] = csvOf('D0001, "demo"', [{ head, points, mistakes: 0 }]).split("\r\n");
    expect(about).toBe('"D0001, ""demo"""');
    expect(names?.split(",")[0]).toBe("day");
    expect(first).toContain('2026-11-20,Weight,kg,"1,234.5 kg",no,1');
    expect(second).toContain("69 kg | 70 kg,yes");
  });

  it("has no cell that a spreadsheet takes for a formula", () => {
    for (const text of ["=1+1", "+1", "-1", "@x"]) expect(csvOf(text, [])).toMatch(/^'/);
  });
});
