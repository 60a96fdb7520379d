// The rules of display, each by its number, on what is rendered. V12 and V13 also hold for the style sheets.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { signal } from "@preact/signals";
import { render } from "preact-render-to-string";
import { beforeEach, describe, expect, it } from "vitest";
import { AlertSeverity } from "../../gen/osteon/care/v1/alert_pb";
import { Certainty, Source } from "../../gen/osteon/care/v1/common_pb";
import { LesionType } from "../../gen/osteon/care/v1/lesion_pb";
import { Policy, Role } from "../../gen/osteon/meta/v1/options_pb";
import { ReviewFieldSchema, ReviewKind, ReviewSchema } from "../../gen/osteon/review/v1/review_service_pb";
import { GetServerInfoResponseSchema } from "../../gen/osteon/server/v1/server_service_pb";
import { Lifecycle } from "../../gen/osteon/sync/v1/sync_pb";
import { SeriesLane, SeriesLaneHeadSchema, SeriesPointSchema } from "../../gen/osteon/timeline/v1/timeline_service_pb";
import { WorkReasonSchema } from "../../gen/osteon/worklist/v1/worklist_service_pb";
import { heard } from "../../src/app/clock";
import { me } from "../../src/app/me";
import { server } from "../../src/app/session";
import { signed } from "../../src/format/number";
import { day, delay, happened, received } from "../../src/format/time";
import { quantity, range } from "../../src/format/unit";
import { AsOf } from "../../src/parts/asof";
import { DrugLine } from "../../src/parts/drug";
import { enteredOf } from "../../src/parts/entry";
import { kindWord, question } from "../../src/parts/questions";
import { VoidApprovals } from "../../src/parts/void";
import { When } from "../../src/screens/worklist/rows";
import { ageWords, isTooOld } from "../../src/value/age";
import { Severity } from "../../src/value/marks";
import { fieldOf, inner, messageOf } from "../../src/value/meta";
import { fieldLabel, sayRecord, sayValue } from "../../src/value/say";
import { pointWords, rangeWords } from "../../src/value/series";
import { type Absence, Missing, RecordLine, Value } from "../../src/value/value";
import { inSentence } from "../../src/words";
import { de } from "../../src/words/de";
import { en } from "../../src/words/en";
import { body, field, plain, record, version } from "./make";

const EXERCISE = 201;
const LIFT = 3;
const LAB = 120;
const BONE_DRUG = 231;
const LESION = 251;
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

  it("V2: a laboratory value keeps its decimals, as many as its limits have", () => {
    const said = (value: number, more = {}) => plain(sayRecord(LAB, inner(lab(value, more))) ?? "");
    expect(said(21000)).toBe("Calcium, adjusted 2.10 mmol/L (low; range 2.20 mmol/L to 2.60 mmol/L)");
    expect(said(380000, { analyte: "albumin", unit: "g/L", refLow: 350000, refHigh: 500000 })).toContain("38 g/L");
    expect(said(40000, { analyte: "1751-7", unit: "g/dL", refLow: 35000, refHigh: 50000 })).toContain("4.0 g/dL");
    const head = create(SeriesLaneHeadSchema, {
      lane: SeriesLane.LABORATORY,
      analyte: "calcium_adjusted",
      unit: "mmol/L",
      scale: 4,
    });
    const entries = [{ versions: [{ value: 21000n }], referenceLow: [22000n], referenceHigh: [26000n] }];
    const point = create(SeriesPointSchema, { worst: 21000n, count: 1, entries });
    expect(plain(pointWords(head, point))).toBe("2.10 mmol/L, low");
    expect(plain(rangeWords(head, point))).toBe("2.20 to 2.60 mmol/L");
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
    const zoneAlone = { at: moment.at, zone: "Asia/Tokyo" };
    expect(plain(happened(zoneAlone, NOW, berlin)), "a zone without its minutes").toBe(
      "Sat 21 Nov 2026 02:50 (Asia/Tokyo)",
    );
    const reason = create(WorkReasonSchema, { happened: moment.at, received: at("2026-11-21T03:00:00Z") });
    const told = plain(render(<When reason={reason} />));
    expect(told, "a time whose zone is not told says by whose clock it is").toMatch(/^happened .* by your clock/);
    expect(told).toContain("9 h 10 min later");
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

  it("V6: how the person knows it, and where it comes from", () => {
    const value = { worst24h: 6, certainty: Certainty.RECALLED, source: Source.DEVICE };
    const entry = record({ type: 101, body: body({ case: "painEntry", value: value as never }) });
    expect(plain(render(<RecordLine record={entry} />))).toMatch(/6 of 10, recalled, by a device$/);
    const silent = record({ type: 101, body: body({ case: "painEntry", value: { worst24h: 6 } as never }) });
    expect(plain(render(<RecordLine record={silent} />))).toMatch(/6 of 10$/);
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

  const lesion = (more: object) =>
    body({
      case: "lesion",
      value: { site: "29627003", painMirels: 3, type: 3, sizeFraction: 2, mirels: 11, ...more } as never,
    });
  const MIRELS = 11;

  it("V14: a score shows its inputs and its formula", () => {
    const whole = lesion({});
    const view = field(MIRELS, { policy: Policy.DERIVED, versions: [version(whole, { inForce: true })] });
    const said = plain(render(<Value type={LESION} view={view} body={inner(whole)} />));
    expect(said).toMatch(/^11, by Mirels 1989, of /);
    for (const name of ["site", "pain_mirels", "type", "size_fraction"]) {
      const input = messageOf(LESION)?.fields.find((one) => one.name === name);
      expect(said, name).toContain(input && inSentence(fieldLabel(input)));
      expect(said, name).toContain(input && plain(sayValue(input, inner(whole)?.[input.localName], inner(whole))));
    }
    expect(plain(sayRecord(LESION, inner(whole)))).toContain("11, by Mirels 1989, of ");
  });

  it("V14: no score where an input is missing: it says which, and nothing is put in its place", () => {
    for (const [more, missing] of [
      [{ sizeFraction: undefined }, "size_fraction"],
      [{ type: LesionType.UNKNOWN }, "type"],
      [{ painMirels: 0 }, "pain_mirels"],
    ] as const) {
      const part = lesion(more);
      const view = field(MIRELS, { policy: Policy.DERIVED, versions: [version(part, { inForce: true })] });
      const said = plain(render(<Value type={LESION} view={view} body={inner(part)} />));
      const input = messageOf(LESION)?.fields.find((one) => one.name === missing);
      expect(said, missing).toBe(`cannot tell (${input && inSentence(fieldLabel(input))} missing)`);
      expect(plain(sayRecord(LESION, inner(part))), missing).not.toMatch(/\b11\b/);
    }
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

  it("V17: an approval that is void stands at its plan, with what changed, who changed it and when", () => {
    const plan = record({
      recordId: "p1",
      type: EXERCISE,
      body: lift(50),
      fields: [field(LIFT, { name: "lift_max_kg", versions: [inForce(50)] })],
    });
    const void_ = create(ReviewSchema, {
      kind: ReviewKind.VOID_APPROVAL,
      type: EXERCISE,
      recordId: "approval-1",
      says: "Approved 20 Nov, changed since.",
      rests: [{ recordId: "p1", field: LIFT }],
    });
    const elsewhere = create(ReviewSchema, {
      ...void_,
      rests: [create(ReviewFieldSchema, { recordId: "p2", field: LIFT })],
    });
    const said = plain(render(<VoidApprovals reviews={[void_, elsewhere]} records={[plan]} />));
    expect(said.match(/approval/gi)?.length, "this plan's alone").toBe(1);
    expect(said).toContain("Approved 20 Nov, changed since.");
    expect(said).toMatch(/Changed since then:.*5 kg.*physiotherapist, member 3, Fri 20 Nov 2026/);
    const hidden = create(ReviewSchema, {
      ...void_,
      rests: [...void_.rests, create(ReviewFieldSchema, { recordId: "p9", field: LIFT })],
    });
    expect(plain(render(<VoidApprovals reviews={[hidden]} records={[plan]} />))).toContain("not shared with you");
    expect(render(<VoidApprovals reviews={[]} records={[plan]} />)).toBe("");
    expect(kindWord(void_)).toMatch(/approval/i);
    expect(question(void_)).toMatch(/approv/i);
  });

  const drug = (more: object) =>
    body({
      case: "boneDrugPlan",
      value: { agent: "denosumab", dose: 120_000, doseUnit: "mg", route: 2, intervalDays: 28, ...more } as never,
    });

  it("V18: a drug is one line: generic name whole and in small letters, dose, route, interval", () => {
    const said = plain(render(<DrugLine record={record({ type: BONE_DRUG, body: drug({}) })} />));
    expect(said).toMatch(/^denosumab, 120 mg, under the skin, every 28 days$/);
    expect(
      plain(render(<DrugLine record={record({ type: BONE_DRUG, body: drug({ agent: "zoledronic_acid" }) })} />)),
    ).toMatch(/^zoledronic acid, /);
    const without = record({ type: BONE_DRUG, body: drug({ route: undefined }) });
    expect(plain(render(<DrugLine record={without} />)), "what is missing says so").toMatch(/\(route\)/);
    const disputed = record({
      type: BONE_DRUG,
      body: drug({}),
      fields: [field(2, { name: "dose", needsReview: true })],
    });
    expect(render(<DrugLine record={disputed} />), "never the one in force alone").toBe("");
  });

  it("V18: no words of either language abbreviate a drug or a route", () => {
    for (const words of [en, de]) {
      for (const [key, text] of Object.entries(words)) {
        if (!/^(code|enum|unit|drug)\./.test(key)) continue;
        expect(String(text), key).not.toMatch(
          /\b(s\.?c\.?|i\.?v\.?|p\.?o\.?|i\.?m\.?|qd|bid|tid|prn|ASA|MTX|ZA|Dmab)\b/i,
        );
      }
    }
    const routes = [1, 2, 3].map((route) =>
      plain(render(<DrugLine record={record({ type: BONE_DRUG, body: drug({ route }) })} />)),
    );
    for (const said of routes) expect(said).not.toMatch(/subcut|intraven|SC\b|IV\b/i);
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

  it("V20: what a screen decides on prints the rules' version and the time as of which it is", () => {
    server.value = create(GetServerInfoResponseSchema, { ruleSet: "12" });
    const ready = {
      state: signal({ is: "ready", value: 1, at: NOW }),
      reload: () => undefined,
      refresh: () => undefined,
    };
    expect(plain(render(<AsOf resource={ready as never} />))).toBe(
      `As of ${plain(received(at("2026-11-23T10:40:00Z"), NOW))}, rules version 12.`,
    );
    const failed = { ...ready, state: signal({ is: "failed", failure: {}, old: 1, at: NOW - 3_600_000 }) };
    expect(plain(render(<AsOf resource={failed as never} />)), "of what stands there").not.toBe(
      plain(render(<AsOf resource={ready as never} />)),
    );
    server.value = undefined;
    expect(plain(render(<AsOf resource={ready as never} />)), "not known is said").toMatch(/rules version \p{L}+/u);
  });

  it("V20: texts for patients come from the rules: none stands in the portal's own words", () => {
    for (const [key, text] of Object.entries(en)) {
      expect(String(text), key).not.toMatch(
        /\b(call your team|call now|go to (the )?(hospital|emergency)|do not have it)\b/i,
      );
    }
  });
});
