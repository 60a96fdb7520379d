// A lane as it is drawn.
import { create } from "@bufbuild/protobuf";
import { render } from "preact-render-to-string";
import { describe, expect, it } from "vitest";
import { SeriesLane, SeriesLaneHeadSchema, SeriesPointSchema } from "../../gen/osteon/timeline/v1/timeline_service_pb";
import { timeAxis } from "../../src/charts/axis";
import { LaneOf } from "../../src/charts/lanes";

const head = create(SeriesLaneHeadSchema, {
  lane: SeriesLane.LABORATORY,
  analyte: "calcium_adjusted",
  unit: "mmol/L",
  scale: 4,
});
const result = (day: string, worst: bigint, low?: bigint, high?: bigint) =>
  create(SeriesPointSchema, {
    day,
    worst,
    count: 1,
    entries: [
      {
        versions: [{ value: worst }],
        referenceLow: low === undefined ? [] : [low],
        referenceHigh: high === undefined ? [] : [high],
      },
    ],
  });

const bands = (points: ReturnType<typeof result>[]) => {
  const axis = timeAxis("2026-10-01", "2026-11-27", 900);
  const html = render(
    <svg role="img" aria-label="lane">
      <LaneOf lane={{ head, points, mistakes: 0 }} axis={axis} top={0} since={0n} />
    </svg>,
  );
  return [...html.matchAll(/<rect class="range"[^>]*>/g)].map(([rect]) => {
    const number = (name: string) => Number(new RegExp(` ${name}="([\\d.]+)"`).exec(rect)?.[1]);
    return { x: number("x"), y: number("y"), right: number("x") + number("width"), tall: number("height") };
  });
};

describe("the reference range", () => {
  it("is that of each report, at its own point", () => {
    const [one, two] = bands([
      result("2026-10-05", 21100n, 22000n, 26000n),
      result("2026-11-20", 21500n, 20000n, 25000n),
    ]);
    expect(one && two && one.y < two.y, "another report, other limits").toBe(true);
    expect(one && two && one.right <= two.x, "neither stands over the other's point").toBe(true);
  });

  it("ends half way to the next report", () => {
    const all = bands([result("2026-11-18", 21100n, 22000n, 26000n), result("2026-11-20", 21500n, 20000n, 25000n)]);
    expect(all[0]?.right).toBeCloseTo(all[1]?.x ?? 0, 6);
  });

  it("is not drawn for a report without limits, and has no end where one limit is not told", () => {
    expect(bands([result("2026-11-20", 21500n)])).toEqual([]);
    const [open] = bands([result("2026-11-20", 21500n, 20000n)]);
    const [closed] = bands([result("2026-11-20", 21500n, 20000n, 22000n)]);
    expect(open?.tall).toBeGreaterThan((closed?.tall ?? 0) / 2);
    expect(open?.y, "from its limit to the end of the axis").toBeLessThan(20);
  });
});
