import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, clock, day, daysBetween, delay, happened, received, span, years } from "../../src/format/time";

const at = (text: string) => Date.parse(text);
const now = at("2026-11-23T10:40:00Z");
const berlin = { zone: "Europe/Berlin", offset: () => 60 };
const lisbon = { zone: "Europe/Lisbon", offset: () => 0 };
const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("dates (V4)", () => {
  it("have the month in letters and never break", () => {
    expect(day("2026-11-20")).toBe("20\u00a0Nov\u00a02026");
    expect(day("no date")).toBe("no date");
  });

  it("have a weekday within fourteen days, and today is today", () => {
    expect(plain(clock(at("2026-11-20T17:50:00Z"), 0, now))).toBe("Fri 20 Nov 2026 17:50");
    expect(plain(clock(at("2026-09-20T17:50:00Z"), 0, now))).toBe("20 Sep 2026 17:50");
    expect(plain(clock(at("2026-11-23T08:10:00Z"), 0, now))).toBe("today 08:10");
  });

  it("add up", () => {
    fc.assert(
      fc.property(fc.integer({ min: -3000, max: 3000 }), (days) => {
        expect(daysBetween("2026-03-29", addDays("2026-03-29", days))).toBe(days);
      }),
    );
    expect(years("1958-05-02", "2026-05-01")).toBe(67);
    expect(years("1958-05-02", "2026-05-02")).toBe(68);
  });
});

describe("happened and received (V5)", () => {
  const moment = { at: timestampFromMs(at("2026-11-20T17:50:00Z")), utcOffsetMin: 60, zone: "Europe/Berlin" };

  it("what happened is told on the patient's clock, with the zone where it is not the viewer's", () => {
    expect(plain(happened(moment, now, berlin))).toBe("Fri 20 Nov 2026 18:50");
    expect(plain(happened(moment, now, lisbon))).toBe("Fri 20 Nov 2026 18:50 (Europe/Berlin)");
    expect(plain(happened({ at: moment.at, utcOffsetMin: -210 }, now, lisbon))).toContain("(UTC\u221203:30)");
  });

  it("what arrived is told on the viewer's clock", () => {
    expect(plain(received(moment.at, now, lisbon))).toBe("Fri 20 Nov 2026 17:50");
  });

  it("a delay of more than six hours stands beside it", () => {
    const later = (hours: number) => timestampFromMs(at("2026-11-20T17:50:00Z") + hours * 3_600_000);
    expect(delay(moment.at, later(5))).toBeUndefined();
    expect(delay(moment.at, later(9))).toBe("9 h 0 min later");
  });

  it("spans are words", () => {
    expect(span(12_000)).toBe("12 s");
    expect(span(65 * 3_600_000)).toBe("2 days 17 h");
    expect(span(48 * 24 * 3_600_000)).toBe("48 days");
  });
});
