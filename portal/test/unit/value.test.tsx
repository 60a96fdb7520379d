import { render } from "preact-render-to-string";
import { beforeEach, describe, expect, it } from "vitest";
import { ExerciseClearance } from "../../gen/osteon/care/v1/exercise_plan_pb";
import { Role } from "../../gen/osteon/meta/v1/options_pb";
import { Effect } from "../../gen/osteon/record/v1/record_service_pb";
import { Lifecycle } from "../../gen/osteon/sync/v1/sync_pb";
import { me } from "../../src/app/me";
import { fieldOf, inner, messageOf } from "../../src/value/meta";
import { fieldLabel, placeOf, sayRecord, sayValue } from "../../src/value/say";
import { isApart, Missing, RecordLine, Value } from "../../src/value/value";
import { body, field, plain, record, version } from "./make";

const EXERCISE = 201;
const LIFT = 3;
const lift = (tenths: number) => body({ case: "exercisePlan", value: { liftMaxKg: tenths } as never });
const shown = (view: ReturnType<typeof field>, type = EXERCISE, of?: Record<string, unknown>) =>
  plain(render(<Value type={type} view={view} body={of} />));

beforeEach(() => {
  me.value = undefined;
});

describe("a value", () => {
  it("has its unit, unbroken (V1)", () => {
    const html = render(
      <Value type={EXERCISE} view={field(LIFT, { versions: [version(lift(30), { inForce: true })] })} />,
    );
    expect(html).toContain("3\u00a0kg");
  });

  it("of a score says of how many, of a dose has its unit in words (V1)", () => {
    const effort = body({ case: "exercisePlan", value: { maxRpe: 50 } as never });
    expect(shown(field(6, { versions: [version(effort, { inForce: true })] }))).toBe("5 of 10");
    const plan = inner(body({ case: "boneDrugPlan", value: { dose: 2500, doseUnit: "ug" } as never }));
    const of = [1, 2, 3, 4, 5].map((number) => fieldOf(231, number)).find((one) => one?.name === "dose");
    expect(of && plain(sayValue(of, plan?.dose, plan))).toBe("2.5 micrograms");
  });

  it("is called without its unit, wherever that stands in the name, and with all of its name", () => {
    const label = (type: number, name: string) => {
      const of = messageOf(type)?.fields.find((one) => one.name === name);
      return of && fieldLabel(of);
    };
    expect(label(221, "energy_kcal_d_max")).toBe("Energy max");
    expect(label(221, "vitamin_k1_ug_d_target")).toBe("Vitamin K1 target");
    expect(label(221, "vitamin_d_iu_d_max")).toBe("Vitamin D max");
    expect(label(231, "pre_dose_vitamin_d_max_age_days")).toBe("Pre dose vitamin D max age days");
    expect(label(108, "weight")).toBe("Weight");
  });

  it("in dispute has the word, the mark and all versions (V9)", () => {
    const view = field(LIFT, {
      needsReview: true,
      versions: [version(lift(30), { inForce: true }), version(lift(100), { account: 4n, reason: "x" })],
    });
    const html = render(<Value type={EXERCISE} view={view} />);
    expect(html).toContain("mark-disputed");
    expect(plain(html)).toBe(
      "3 kg Disputed 3 kg says physiotherapist, member 3 (in force) or 10 kg says physiotherapist, member 4",
    );
  });

  it("that is blocked is never printed as a value (V10)", () => {
    const versions = [version(lift(30), { inForce: true }), version(lift(100))];
    const words = shown(field(LIFT, { needsReview: true, blocked: true, versions }));
    expect(words).toMatch(/^Do not give until resolved Disputed 3 kg says/);
    expect(words).not.toContain("(in force)");
    const wish = field(1, { blocked: true, versions: [version(undefined)] });
    expect(shown(wish, 341)).toMatch(/^Unclear: ask the person/);
  });

  it("of which the last agreed holds says that one, not that nothing does", () => {
    const view = field(LIFT, {
      needsReview: true,
      agreed: { epoch: 1, replica: 3, counter: 9n },
      versions: [version(lift(30)), version(lift(100))],
    });
    expect(shown(view, EXERCISE, { liftMaxKg: 50 })).toMatch(/^5 kg Disputed/);
    expect(plain(render(<Value type={EXERCISE} view={view} agreed={version(lift(50))} />))).toMatch(/^5 kg Disputed/);
    expect(shown(view)).toMatch(/^the last agreed value/);
    expect(shown(view)).not.toContain("Do not give");
  });

  it("with two readings is labelled lines (V11)", () => {
    const view = field(LIFT, {
      versions: [version(lift(30), { inForce: true })],
      readings: [
        { name: "giving", value: "blocked", says: "Giving: blocked." },
        { name: "overdue_clock", value: "runs", says: "Overdue clock: runs." },
      ],
    });
    const html = render(<Value type={EXERCISE} view={view} />);
    expect(html.match(/<div lang="en">/g)).toHaveLength(2);
  });

  it("outside of what is possible says that rules do not use it (V15)", () => {
    const view = field(LIFT, { versions: [version(lift(9999), { inForce: true, outOfRange: true })] });
    expect(shown(view)).toContain("not used by rules (but R-GEN-1)");
  });

  it("that was cleared, destroyed or never written is not blank", () => {
    expect(shown(field(LIFT, { versions: [version(undefined, { inForce: true })] }))).toBe("no value");
    expect(
      shown(field(LIFT, { versions: [version(undefined, { absent: false, redacted: true, inForce: true })] })),
    ).toBe("content destroyed");
    expect(shown(field(LIFT, { versions: [] }))).toBe("not written");
  });

  it("of a newer app is told, never dropped (V19)", () => {
    expect(shown(field(999, { versions: [version(undefined)] }))).toContain(
      "something this portal cannot show (field 999), kept unchanged",
    );
    const clearance = fieldOf(EXERCISE, 1);
    expect(clearance && sayValue(clearance, 77)).toContain("something this portal cannot show");
    expect(clearance && sayValue(clearance, ExerciseClearance.SUPERVISED_ONLY)).toBe("supervised only");
    expect(sayRecord(9999, {})).toContain("record type 9999");
    const line = render(<RecordLine record={record({ type: EXERCISE, unknownFieldCount: 2 })} />);
    expect(plain(line)).toContain("2 things this portal cannot show, kept unchanged");
  });

  it("of a derived copy without a unit has that of its source", () => {
    const safety = body({ case: "safetyMinimum", value: { liftMaxKg: 30 } as never });
    expect(shown(field(2, { versions: [version(safety, { inForce: true })] }), 321)).toBe("3 kg");
  });

  it("names who wrote it, both where one wrote for another (V6)", () => {
    me.value = { account: 3n, circles: [] };
    const view = field(LIFT, {
      needsReview: true,
      versions: [
        version(lift(30), { inForce: true }),
        version(lift(100), { account: 9n, role: Role.CAREGIVER, onBehalfOf: 1n, onBehalfRole: Role.PATIENT }),
      ],
    });
    expect(shown(view)).toContain("3 kg says you, physiotherapist (in force)");
    expect(shown(view)).toContain("caregiver, member 9 for patient");
  });
});

describe("what is missing (V8)", () => {
  it("has its own word each time", () => {
    const kinds = ["notWritten", "notAsked", "notShared", "silent", "cannotTell", "notApplicable", "notKnown"] as const;
    const words = kinds.map((why) => plain(render(<Missing why={why} />)));
    expect(new Set(words).size).toBe(kinds.length);
    for (const word of words) expect(word).not.toMatch(/^$|^[0\u2013-]$|normal|all clear|OK/);
  });
});

describe("a laboratory value", () => {
  const result = (value: number) =>
    inner(
      body({
        case: "laboratoryResult",
        value: { analyte: "29265-6", value, unit: "mmol/L", refLow: 22000, refHigh: 26000 } as never,
      }),
    );

  it("stands with the range of its report; outside it says low or high, inside it is plain (V12, V13)", () => {
    expect(plain(sayRecord(120, result(21100)))).toBe(
      "Calcium, adjusted 2.11 mmol/L (low; range 2.20 mmol/L to 2.60 mmol/L)",
    );
    expect(plain(sayRecord(120, result(24000)))).toBe(
      "Calcium, adjusted 2.40 mmol/L (range 2.20 mmol/L to 2.60 mmol/L)",
    );
    expect(placeOf(27000, 22000, 26000)).toBe("high");
    expect(placeOf(27000, undefined, undefined)).toBe("");
  });
});

describe("a record", () => {
  it("that was marked as a mistake is struck out (V16)", () => {
    const html = render(
      <RecordLine record={record({ type: EXERCISE, body: lift(30), lifecycle: Lifecycle.ENTERED_IN_ERROR })} />,
    );
    expect(html).toMatch(/<s>.*<\/s>/);
    expect(plain(html)).toContain("marked as a mistake");
  });

  it("shows text of people as text", () => {
    const note = body({
      case: "exercisePlan",
      value: { forbiddenMovements: ["<img src=x onerror=alert(1)>"] } as never,
    });
    const html = render(<RecordLine record={record({ type: EXERCISE, body: note })} />);
    expect(html).not.toContain("<img");
    expect(html).toContain("&lt;img");
  });
});

describe("what a write became", () => {
  const effort = body({ case: "exercisePlan", value: { maxRpe: 50 } as never });
  const other = field(6, { versions: [version(effort), version(effort)], needsReview: true });
  const settled = field(LIFT, { versions: [version(lift(30), { inForce: true })] });

  it("is told by the field that was written, not by the others of its record", () => {
    const answer = { record: record({ type: EXERCISE, fields: [other, settled] }), effect: Effect.DISPUTED };
    expect(isApart(answer, LIFT)).toBe(false);
    expect(isApart(answer, 6)).toBe(true);
    expect(isApart({ record: undefined, effect: Effect.DISPUTED }, LIFT), "nothing else is told").toBe(true);
  });

  it("is told of one element of a set by that element", () => {
    const [one, two] = [new Uint8Array([1]), new Uint8Array([2])];
    const views = [field(9, { element: one }), field(9, { element: two, needsReview: true })];
    const answer = { record: record({ type: EXERCISE, fields: views }), effect: Effect.DISPUTED };
    expect(isApart(answer, 9, one)).toBe(false);
    expect(isApart(answer, 9, two)).toBe(true);
  });
});
