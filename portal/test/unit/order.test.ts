import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { AlertSeverity } from "../../gen/osteon/care/v1/alert_pb";
import { RecordViewSchema } from "../../gen/osteon/record/v1/record_service_pb";
import { ReviewKind, ReviewSchema } from "../../gen/osteon/review/v1/review_service_pb";
import { SeriesLane, SeriesLaneHeadSchema, SeriesPointSchema } from "../../gen/osteon/timeline/v1/timeline_service_pb";
import { WorkReasonKind, WorkRowSchema } from "../../gen/osteon/worklist/v1/worklist_service_pb";
import { emergenciesIn } from "../../src/app/standing";
import { timeAxis, valueAxis } from "../../src/charts/axis";
import { keyOf } from "../../src/parts/questions";
import { approvalChoice } from "../../src/screens/finding/approve";
import { isOnScreen } from "../../src/screens/finding/finding";

const row = (circle: number, reasons: { severity: AlertSeverity; deadline?: number; owner?: bigint }[]) =>
  create(WorkRowSchema, {
    circle: BigInt(circle),
    shortId: `d000${circle}`,
    reasons: reasons.map(({ severity, deadline, owner }) => ({
      kind: WorkReasonKind.ALERT,
      severity,
      owner: owner ?? 0n,
      ...(deadline === undefined ? {} : { deadline: timestampFromMs(deadline) }),
    })),
  });

describe("the emergency row", () => {
  it("shows what nobody took first, then the nearest deadline, and nothing that is no emergency", () => {
    const emergency = AlertSeverity.EMERGENCY;
    const rows = [
      row(1, [{ severity: emergency, deadline: 1000, owner: 5n }]),
      row(2, [{ severity: AlertSeverity.URGENT, deadline: 1 }]),
      row(3, [{ severity: emergency, deadline: 9000 }]),
      row(4, [{ severity: emergency }, { severity: emergency, deadline: 2000 }]),
    ];
    expect(emergenciesIn(rows).map((one) => Number(one.row.circle))).toEqual([4, 3, 4, 1]);
  });
});

describe("axes", () => {
  it("one instant has one place, whatever the lane", () => {
    const axis = timeAxis("2026-09-01", "2026-11-27", 900);
    expect(axis.dayAt(axis.x("2026-10-09"))).toBe("2026-10-09");
    expect(axis.x("2026-10-10") - axis.x("2026-10-09")).toBeCloseTo(axis.dayWidth, 6);
    expect(axis.ticks.at(-1)).toBe("2026-11-27");
  });

  const lane = (head: Partial<{ lane: SeriesLane; scale: number; unit: string }>, values: bigint[]) => ({
    head: create(SeriesLaneHeadSchema, { lane: SeriesLane.WEIGHT, scale: 2, unit: "kg", ...head }),
    points: values.map((worst, at) => create(SeriesPointSchema, { day: `2026-11-0${at + 1}`, worst, count: 1 })),
    mistakes: 0,
  });

  it("are not fitted to noise, and a cut one says from where", () => {
    const weight = valueAxis(lane({}, [7000n, 7010n, 6995n]), 0, 100);
    const [low = 0, high = 0] = weight.ticks;
    expect(high - low).toBeGreaterThanOrEqual(10);
    expect(weight.cutFrom).toBe(low);
    const pain = valueAxis(lane({ lane: SeriesLane.PAIN, scale: 0, unit: "{score}" }, [2n, 3n]), 0, 100);
    expect(pain.ticks).toEqual([0, 10]);
    expect(pain.cutFrom).toBeUndefined();
  });

  it("grow where a value lies outside", () => {
    const minutes = valueAxis(lane({ lane: SeriesLane.ACTIVITY, scale: 0, unit: "min" }, [15n, 130n]), 0, 100);
    expect(minutes.ticks).toEqual([0, 180]);
  });
});

describe("an approval", () => {
  const dot = (counter: bigint) => ({ epoch: 1, replica: 6, counter });
  const review = create(ReviewSchema, { rests: [{ recordId: "a", type: 201, field: 3, dots: [dot(1n), dot(2n)] }] });
  const shown = (counters: bigint[]) =>
    create(RecordViewSchema, {
      recordId: "a",
      type: 201,
      fields: [{ field: 3, versions: counters.map((counter) => ({ dot: dot(counter), live: true })) }],
    });

  it("names only what is on the screen", () => {
    expect(isOnScreen(review, [shown([1n, 2n])])).toBe(true);
    expect(isOnScreen(review, [shown([1n])])).toBe(false);
    expect(isOnScreen(review, [])).toBe(false);
  });

  it("has the label of what it approves", () => {
    expect([201, 231, 221, 361].map(approvalChoice)).toEqual([1, 2, 4, 6]);
    expect(approvalChoice(101)).toBe(6);
    expect(approvalChoice(271), "no approval is filed there").toBe(0);
  });
});

describe("questions", () => {
  it("have a key each: one record may be the same event as several others", () => {
    const twin = (recordId: string) =>
      create(ReviewSchema, {
        kind: ReviewKind.DUPLICATE,
        recordId: "a",
        check: "twice",
        rests: [{ recordId: "a" }, { recordId }],
      });
    const merged = create(ReviewSchema, { kind: ReviewKind.MERGED_UNSEEN, recordId: "a", rests: [{ recordId: "a" }] });
    const keys = [twin("b"), twin("c"), merged].map(keyOf);
    expect(new Set(keys).size).toBe(3);
    expect(keyOf(twin("b"))).toBe(keys[0]);
  });
});
