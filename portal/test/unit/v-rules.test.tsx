// The rules of display, each by its number, on what is rendered. V12 and V13 also hold for the style sheets.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { render } from "preact-render-to-string";
import { beforeEach, describe, expect, it } from "vitest";
import { AlertSeverity } from "../../gen/osteon/care/v1/alert_pb";
import { Role } from "../../gen/osteon/meta/v1/options_pb";
import { ReviewKind, ReviewSchema } from "../../gen/osteon/review/v1/review_service_pb";
import { Lifecycle } from "../../gen/osteon/sync/v1/sync_pb";
import { SeriesLane, SeriesLaneHeadSchema, SeriesPointSchema } from "../../gen/osteon/timeline/v1/timeline_service_pb";
import { heard } from "../../src/app/clock";
import { me } from "../../src/app/me";
import { signed } from "../../src/format/number";
import { day, delay, happened, received } from "../../src/format/time";
import { quantity, range } from "../../src/format/unit";
import { enteredOf } from "../../src/parts/entry";
import { kindWord, question } from "../../src/parts/questions";
import { ageWords, isTooOld } from "../../src/value/age";
import { Severity } from "../../src/value/marks";
import { fieldOf, inner, messageOf } from "../../src/value/meta";
import { sayRecord, sayValue } from "../../src/value/say";
import { pointWords } from "../../src/value/series";
import { type Absence, Missing, RecordLine, Value } from "../../src/value/value";
import { en } from "../../src/words/en";
import { body, field, plain, record, version } from "./make";

const EXERCISE = 201;
const LIFT = 3;
const LAB = 120;
const lift = (tenths: number) => body({ case: "exercisePlan", value: { liftMaxKg: tenths } as never });
const html = (view: ReturnType<typeof field>, type = EXERCISE) => render(<Value type={type} view={view} />);
const inForce = (tenths: number, more = {}) => version(lift(tenths), { inForce: true, ...more });
const lab = (value: number, more: object = {}) =>
  body({
    case: "laboratoryResult",
    value: { analyte: "29265-6", value, unit: "mmol/L", refLow: 22000, refHigh: 26000, ...more } as never,
  });
const NOW = Date.parse("2026-11-23T10:40:00Z");
const at = (text: string) => timestampFromMs(Date.parse(text));
const css = readdirSync(join(import.meta.dirname ?? ".", "../../src/style"))
  .map((name) => readFileSync(join(import.meta.dirname ?? ".", "../../src/style", name), "utf8"))
  .join("\n");

beforeEach(() => {
  me.value = undefined;
  heard(NOW);
});

describe("safety of display", () => {
  it("V1: value and unit are one unbreakable string, doses have their units in words", () => {
    expect(html(field(LIFT, { versions: [inForce(30)] }))).toContain("3\u00a0kg");
    for (const [unit, words] of [
      ["ug", "micrograms"],
      ["[iU]", "units"],
      ["mL", "mL|millilitres"],
    ] as const) {
      const said = quantity(500n, 0, unit);
      expect(said).toMatch(new RegExp(`^500\u00a0(international\u00a0)?(${words})`));
      expect(said).not.toMatch(/µ|\bU\b|\bIU\b/);
    }
    expect(quantity(6n, 0, "{score}", 10n)).toBe("6\u00a0of\u00a010");
  });

  it("V2: leading zero, no trailing zero, thousands, a true minus, T-scores signed, ranges in words", () => {
    expect(quantity(5n, 1, "mg")).toBe("0.5\u00a0mg");
    expect(quantity(50n, 1, "mg")).toBe("5\u00a0mg");
    expect(quantity(1200n, 0, "mg")).toBe("1,200\u00a0mg");
    expect(quantity(-25n, 1, "{T-score}")).toBe("\u22122.5");
    expect(signed(12, 1, { decimal: ".", thousands: "," })).toBe("+1.2");
    expect(plain(range(22000n, 26000n, 4, "mmol/L"))).toBe("2.2 to 2.6 mmol/L");
    expect(range(1n, 2n, 0, "kg")).not.toMatch(/[-\u2013]/);
  });

  it("V3: the unit of entry is kept beside; what could be thousands is asked back", () => {
    const head = create(SeriesLaneHeadSchema, {
      lane: SeriesLane.LABORATORY,
      analyte: "calcium_adjusted",
      unit: "mmol/L",
      scale: 4,
    });
    const point = create(SeriesPointSchema, {
      worst: 21100n,
      count: 1,
      entries: [{ versions: [{ value: 21100n, entered: 846n, enteredScale: 2, enteredUnit: "mg/dL" }] }],
    });
    expect(plain(pointWords(head, point))).toContain("2.11 mmol/L, entered as 8.46 mg/dL");
    const of = fieldOf(EXERCISE, LIFT);
    expect(of && enteredOf(of, "1,200").is).toBe("wrong");
    expect(of && enteredOf(of, "2,5")).toEqual({ is: "value", value: 25 });
  });

  it("V4: dates have the month in letters and never break", () => {
    expect(day("2026-11-20")).toBe("20\u00a0Nov\u00a02026");
    expect(received(at("2026-11-20T08:00:00Z"), NOW)).not.toMatch(/ |\d\/\d/);
  });

  it("V5: happened on the patient's clock, received on the viewer's, a long delay beside it", () => {
    const moment = { at: at("2026-11-20T17:50:00Z"), utcOffsetMin: 540, zone: "Asia/Tokyo" };
    const berlin = { zone: "Europe/Berlin", offset: () => 60 };
    expect(plain(happened(moment, NOW, berlin))).toBe("Sat 21 Nov 2026 02:50 (Asia/Tokyo)");
    expect(plain(received(moment.at, NOW, berlin))).toBe("Fri 20 Nov 2026 18:50");
    expect(delay(moment.at, at("2026-11-21T03:00:00Z"))).toBe("9 h 10 min later");
  });

  it("V6: who, in which role, and for whom", () => {
    const two = field(LIFT, {
      needsReview: true,
      versions: [
        inForce(30),
        version(lift(100), { account: 9n, role: Role.CAREGIVER, onBehalfOf: 1n, onBehalfRole: Role.PATIENT }),
      ],
    });
    expect(plain(html(two))).toContain("physiotherapist, member 3");
    expect(plain(html(two))).toContain("caregiver, member 9 for patient");
  });

  it("V7: the age of a result stands beside it, and whether it is too old for the decision", () => {
    expect(ageWords("2026-11-23", "2026-11-23")).toBe("of today");
    expect(ageWords("2026-11-22", "2026-11-23")).toBe("1 day old");
    expect(ageWords("2026-11-16", "2026-11-23")).toBe("7 days old");
    expect(isTooOld("2026-11-16", "2026-11-23", 7)).toBe(false);
    expect(isTooOld("2026-11-15", "2026-11-23", 7)).toBe(true);
    const result = record({ type: LAB, time: at("2026-11-16T08:00:00Z"), body: lab(21100) });
    expect(plain(render(<RecordLine record={result} />))).toContain("2.11 mmol/L");
    expect(plain(render(<RecordLine record={result} />))).toContain("7 days old");
    const walk = record({ type: EXERCISE, time: at("2026-11-16T08:00:00Z"), body: lift(30) });
    expect(plain(render(<RecordLine record={walk} />))).not.toContain("days old");
  });

  it("V8: what is not there has its own word each time", () => {
    const all: Absence[] = ["notWritten", "notAsked", "notShared", "silent", "cannotTell", "notApplicable", "notKnown"];
    const words = all.map((why) => plain(render(<Missing why={why} />)));
    expect(new Set(words).size).toBe(all.length);
    for (const word of words) expect(word).toMatch(/^\p{L}{2,}/u);
  });

  it("V9: disputed has the word, the mark and every version", () => {
    const view = field(LIFT, { needsReview: true, versions: [inForce(30), version(lift(100)), version(lift(70))] });
    const said = html(view);
    expect(said).toContain("mark-disputed");
    for (const words of ["Disputed", "3\u00a0kg", "10\u00a0kg", "7\u00a0kg"]) expect(said).toContain(words);
  });

  it("V10: where nothing is in force no version is printed as a value", () => {
    const versions = [inForce(30), version(lift(100))];
    const said = html(field(LIFT, { needsReview: true, blocked: true, versions }));
    expect(said.match(/class="value[^"]*"[^>]*>[^<]*/g)).toEqual(['class="value blocked">Do not give until resolved']);
    expect(plain(said)).toMatch(/3 kg says/);
    expect(plain(html(field(1, { blocked: true, versions: [version(undefined)] }), 341))).toMatch(/^Unclear: ask/);
  });

  it("V11: two readings of one field are two labelled lines", () => {
    const readings = ["Giving: blocked.", "Overdue clock: 20 days late."];
    const view = field(LIFT, {
      versions: [inForce(30)],
      readings: readings.map((says) => ({ name: says, value: "", says })),
    });
    expect(
      html(view)
        .match(/<div lang="en">[^<]+/g)
        ?.map((one) => one.slice(15)),
    ).toEqual(readings);
  });

  it("V12: abnormal and severity are words and shapes before they are colours; forced colours are looked after", () => {
    expect(plain(sayRecord(LAB, inner(lab(21100))))).toContain("(low;");
    expect(plain(sayRecord(LAB, inner(lab(27000))))).toContain("(high;");
    const marks = [AlertSeverity.EMERGENCY, AlertSeverity.URGENT, AlertSeverity.SOON, AlertSeverity.INFO].map((of) =>
      render(<Severity of={of} />),
    );
    const shapes = marks.map((one) => / d="([^"]+)"/.exec(one)?.[1]);
    expect(new Set(shapes).size).toBe(4);
    for (const one of marks) expect(plain(one)).toMatch(/^(Emergency|Urgent|Soon|Info)/);
    expect(css).toContain("forced-colors");
  });

  it("V13: normal is plain, and no rule paints anything green", () => {
    expect(plain(sayRecord(LAB, inner(lab(24000))))).not.toMatch(/normal|fine|good/i);
    for (const [, r = "", g = "", b = ""] of css.matchAll(/#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})\b/gi)) {
      const [red, green, blue] = [r, g, b].map((part) => Number.parseInt(part, 16));
      const isGreen = (green ?? 0) > (red ?? 0) + 40 && (green ?? 0) > (blue ?? 0) + 40;
      expect(isGreen, `#${r}${g}${b}`).toBe(false);
    }
    expect(css).not.toMatch(/:\s*(green|lime|seagreen|forestgreen)\b/);
  });

  it("V14: a day's worst of several entries says of how many, and what could not be read is no number", () => {
    const head = create(SeriesLaneHeadSchema, { lane: SeriesLane.PAIN, unit: "{score}", scale: 0 });
    const three = create(SeriesPointSchema, { worst: 6n, count: 3 });
    expect(plain(pointWords(head, three))).toMatch(/6 of 10, worst of 3/);
    expect(plain(pointWords(head, create(SeriesPointSchema, { count: 1 })))).not.toMatch(/\d of 10/);
  });

  it("V15: what is outside of the possible range says so, and which rules use it", () => {
    const said = plain(html(field(LIFT, { versions: [inForce(9999, { outOfRange: true })] })));
    expect(said).toContain("outside the possible range, not used by rules (but R-GEN-1)");
  });

  it("V16: a mistake is struck out", () => {
    const said = render(
      <RecordLine record={record({ type: EXERCISE, body: lift(30), lifecycle: Lifecycle.ENTERED_IN_ERROR })} />,
    );
    expect(said).toMatch(/<s>.*3\u00a0kg.*<\/s>/);
    expect(plain(said)).toContain("marked as a mistake");
  });

  it("V17: an approval that is void is a question of its own", () => {
    const review = create(ReviewSchema, { kind: ReviewKind.VOID_APPROVAL, type: EXERCISE });
    expect(kindWord(review)).toMatch(/approval/i);
    expect(question(review)).toMatch(/approv/i);
  });

  it("V18: routes and drugs are whole words, never abbreviations", () => {
    const said = Object.entries(en)
      .filter(([key]) => /^(code|enum|unit)\./.test(key))
      .map(([, text]) => String(text));
    for (const words of said) expect(words).not.toMatch(/\b(s\.?c\.?|i\.?v\.?|p\.?o\.?|i\.?m\.?|qd|bid|tid|prn)\b/i);
  });

  it("V19: what is newer than this portal is told and kept, never dropped", () => {
    expect(plain(html(field(999, { versions: [version(undefined)] })))).toContain(
      "something this portal cannot show (field 999), kept unchanged",
    );
    const clearance = fieldOf(EXERCISE, 1);
    expect(clearance && sayValue(clearance, 77)).toContain("something this portal cannot show");
    const line = render(<RecordLine record={record({ type: EXERCISE, unknownFieldCount: 2 })} />);
    expect(plain(line)).toContain("2 things this portal cannot show, kept unchanged");
    expect(messageOf(9999)).toBeUndefined();
  });

  it("V20: screens that decide print the rules' version and the time; what rules say is never made here", () => {
    const screens = join(import.meta.dirname ?? ".", "../../src/screens");
    const text = (file: string) => readFileSync(join(screens, file), "utf8");
    for (const file of ["worklist/worklist.tsx", "visit/visit.tsx", "alerts/card.tsx"]) {
      expect(text(file), file).toMatch(/rules?\b.*ruleSet|ruleSet/);
    }
    for (const file of ["worklist/worklist.tsx", "visit/visit.tsx"]) expect(text(file), file).toMatch(/asOf/);
  });
});
