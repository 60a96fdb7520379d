// Values of records in words. Text of people stays text; a name of the contracts that has no words of ours is its own words.
import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { type ErasureAnswer, ErasureAnswerSchema } from "../../gen/osteon/care/v1/erasure_request_pb";
import { Format } from "../../gen/osteon/meta/v1/options_pb";
import { now } from "../app/clock";
import { unbroken } from "../format/number";
import { day, happened, type LivedMoment, received } from "../format/time";
import { quantity } from "../format/unit";
import { has, inSentence, t, titleOf, words } from "../words";
import { labDecimals } from "./lab";
import { enumOf, fieldRule, isWhole, type Measure, measureOf, messageOf, recordRule, tenOf } from "./meta";

const ANSWER = "osteon.care.v1.ErasureAnswer";
const MOMENT = "osteon.care.v1.Moment";
const TIMESTAMP = "google.protobuf.Timestamp";

const spaced = (name: string) => name.replaceAll("_", " ");
const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

/** A field's name for people: our words, else its name without the unit that its value says. */
export function fieldLabel(field: DescField): string {
  const key = `field.${field.name}`;
  if (has(key)) return words(key);
  const tail = fieldRule(field)
    .unit.toLowerCase()
    .replace(/[^a-z]+/g, "_")
    .replace(/^_|_$/g, "");
  // A unit of several words stands anywhere (`energy_kcal_d_max`); one word may be part of the name but at its end (`vitamin_d`).
  const at = tail.includes("_") ? field.name.indexOf(`_${tail}`) : field.name.length - tail.length - 1;
  const isThere = tail !== "" && field.name.startsWith(`_${tail}`, at);
  const name = isThere ? field.name.slice(0, at) + field.name.slice(at + tail.length + 1) : field.name;
  return capital(spaced(name)).replace(/(?<=vitamin )[dk]/i, (one) => one.toUpperCase());
}

export const typeTitle = (type: number): string =>
  titleOf(type) ?? (recordRule(type)?.title || t("type.unknown", { type }));

/** "supervised only" of EXERCISE_CLEARANCE_SUPERVISED_ONLY. */
export function enumWords(of: DescEnum, number: number): string {
  const value = of.value[number];
  if (!value) return t("value.newer", { field: number });
  const key = `enum.${value.name}`;
  if (has(key)) return words(key);
  const prefix = of.name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
  return spaced(value.name.replace(`${prefix}_`, "").toLowerCase());
}

const codeWords = (code: string): string => {
  const key = `code.${code}`;
  return has(key) ? words(key) : spaced(code);
};

const isCode = (text: string) => /^[a-z0-9]+(_[a-z0-9]+)*$|^\d{3,6}-\d$/.test(text);

/** The unit of a number that another field of the record names: `dose` and `dose_unit`, `value` and `unit`. */
function unitBeside(field: DescField, body: Readonly<Record<string, unknown>> | undefined): Measure {
  const rule = measureOf(field);
  if (rule.unit !== "" || !body) return { unit: rule.unit, scale: rule.scale };
  const siblings = field.parent.fields;
  const named = siblings.find((other) => other.name === `${field.name}_unit`);
  const plain = siblings.find((other) => other.name === "unit");
  const beside = named ?? (/^(value|ref_low|ref_high)$/.test(field.name) ? plain : undefined);
  const unit = beside ? body[beside.localName] : undefined;
  return { unit: typeof unit === "string" ? unit : "", scale: rule.scale };
}

/** One value of a field; `body` is the record that it stands in. */
export function sayValue(field: DescField, value: unknown, body?: Readonly<Record<string, unknown>>): string {
  if (value === undefined || value === null) return t("missing.notWritten");
  if (Array.isArray(value)) {
    if (value.length === 0) return t("missing.notWritten");
    return value.map((one: unknown) => sayOne(field, one, body)).join(", ");
  }
  return sayOne(field, value, body);
}

function sayOne(field: DescField, value: unknown, body: Readonly<Record<string, unknown>> | undefined): string {
  const of = enumOf(field);
  if (of) return enumWords(of, Number(value));
  if (typeof value === "boolean") return value ? t("value.yes") : t("value.no");
  if (isWhole(field)) return sayNumber(field, BigInt(value as bigint | number), body);
  if (typeof value === "string") return sayText(field, value);
  if (value instanceof Uint8Array) return t("value.reference");
  if (typeof value === "number") return String(value);
  if (field.message) return sayMessage(field.message, value as Record<string, unknown>);
  return t("value.newer", { field: field.number });
}

/** Scores of a lesion that the server reckons, by the fields that it reckons them of. */
const SCORES: Readonly<Record<string, readonly string[]>> = {
  mirels: ["site", "pain_mirels", "type", "size_fraction"],
  sins: ["level", "pain_sins", "type", "alignment", "collapse", "posterolateral"],
};

const saysNothing = (field: DescField, value: unknown): boolean =>
  value === undefined ||
  value === "" ||
  /^(UNSPECIFIED|UNKNOWN)$/.test(enumOf(field)?.values.find((one) => one.number === Number(value))?.localName ?? "");

/** A score with what it was reckoned of and by which formula. Where an input is missing there is none: nothing is put in its place. */
function sayScore(field: DescField, score: string, body: Readonly<Record<string, unknown>>): string {
  const of = (SCORES[field.name] ?? []).flatMap((name) => field.parent.fields.find((one) => one.name === name) ?? []);
  const missing = of.filter((one) => saysNothing(one, body[one.localName]));
  const labels = (all: readonly DescField[]) => all.map((one) => inSentence(fieldLabel(one))).join(", ");
  if (missing.length > 0) return t("score.cannotTell", { missing: labels(missing) });
  const inputs = of
    .map((one) => `${inSentence(fieldLabel(one))} ${sayValue(one, body[one.localName], body)}`)
    .join("; ");
  return t("score.of", { score, formula: t(`score.${field.name}` as "score.mirels"), inputs });
}

function sayNumber(field: DescField, value: bigint, body: Readonly<Record<string, unknown>> | undefined): string {
  const { unit, scale } = unitBeside(field, body);
  if (body && field.parent.name === "LaboratoryResult" && LAB.has(field.name)) {
    const report = [value, ...["value", "refLow", "refHigh"].map((name) => body[name] as number | undefined)];
    return quantity(value, scale, unit, undefined, labDecimals(body.analyte, unit, scale, report));
  }
  if (field.name === "account") return t("who.account", { account: String(value) });
  const words = quantity(value, scale, unit, tenOf(field, fieldRule(field)));
  return body && field.parent.name === "Lesion" && field.name in SCORES ? sayScore(field, words, body) : words;
}

function sayText(field: DescField, value: string): string {
  if (fieldRule(field).format === Format.DATE) return day(value);
  if (fieldRule(field).format === Format.ATTACHMENT && value.startsWith("sha256:")) return t("photo.attached");
  return isCode(value) ? codeWords(value) : value;
}

function sayMessage(message: DescMessage, value: Readonly<Record<string, unknown>>): string {
  if (message.typeName === MOMENT) return happened(value as unknown as LivedMoment, now());
  if (message.typeName === TIMESTAMP) return received(value as unknown as Timestamp, now());
  if (message.typeName === ANSWER) return sayAnswer(value as unknown as ErasureAnswer);
  const parts: string[] = [];
  for (const field of message.fields) {
    const one = value[field.localName];
    if (one === undefined || (Array.isArray(one) && one.length === 0) || isProvenance(field)) continue;
    if (field.name === "n") continue;
    const said = sayValue(field, one, value);
    parts.push(speaksForItself(field) ? said : `${inSentence(fieldLabel(field))} ${said}`);
  }
  return parts.length === 0 ? t("missing.notWritten") : parts.join(" ");
}

/** "will be done by 27 Dec 2026: “...”": the text as it was written. */
function sayAnswer({ decision, by, text }: ErasureAnswer): string {
  const what = sayValue(ErasureAnswerSchema.field.decision, decision);
  const when = by === undefined ? what : t("erasure.said", { what, day: day(by) });
  return text === undefined ? when : t("erasure.saidText", { when, text });
}

/** Inside a list of things a name or an amount needs no label: "eggs 167 g". */
const speaksForItself = (field: DescField): boolean =>
  enumOf(field) !== undefined ||
  field.name.startsWith("amount_") ||
  (field.fieldKind === "scalar" && field.scalar === ScalarType.STRING);

/** What a derived record was made of: for whoever checks it. */
export const isProvenance = (field: DescField): boolean =>
  field.name === "inputs" || field.message?.typeName === "osteon.care.v1.SummaryInput";

const NOT_SAID = new Set(["parent", "effective_start", "when", "specimen_time"]);
/** How the person knows it and where it comes from: after what it says. */
const HOW_KNOWN = new Set(["certainty", "source"]);

/** A record in one line: "worst pain of the day 6 of 10, site thigh". What a column of its own says is left out. */
export function sayRecord(type: number, body: Readonly<Record<string, unknown>> | undefined): string {
  const message = messageOf(type);
  if (!message || !body) return t("value.newerRecord", { type });
  const lab = laboratory(message, body);
  const parts = lab ? [lab] : [];
  const known: string[] = [];
  for (const field of message.fields) {
    const value = body[field.localName];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    if (NOT_SAID.has(field.name) || isProvenance(field) || (lab && LAB.has(field.name))) continue;
    if (HOW_KNOWN.has(field.name) && enumOf(field)) {
      if (value !== 0) known.push(sayValue(field, value, body));
      continue;
    }
    parts.push(`${inSentence(fieldLabel(field))} ${sayValue(field, value, body)}`);
  }
  return [...parts, ...known].join(", ");
}

const LAB = new Set(["analyte", "value", "unit", "ref_low", "ref_high"]);

/** "Albumin 38 g/L (low; range 35 to 50)": analyte, value, limits of that report are read together. */
function laboratory(message: DescMessage, body: Readonly<Record<string, unknown>>): string | undefined {
  const field = (name: string) => message.fields.find((one) => one.name === name);
  const [analyte, value, low, high] = ["analyte", "value", "ref_low", "ref_high"].map(field);
  if (message.name !== "LaboratoryResult" || !analyte || !value || !low || !high) return undefined;
  const raw = (of: DescField) => body[of.localName];
  if (raw(value) === undefined) return undefined;
  const said = sayValue(value, raw(value), body);
  const place = placeOf(raw(value), raw(low), raw(high));
  const limits = [low, high].filter((of) => raw(of) !== undefined).map((of) => sayValue(of, raw(of), body));
  const tail = [place, limits.length === 2 ? t("value.rangeOf", { low: limits[0] ?? "", high: limits[1] ?? "" }) : ""];
  const about = tail.filter((text) => text !== "").join("; ");
  return `${sayValue(analyte, raw(analyte), body)} ${said}${about === "" ? "" : ` (${about})`}`;
}

/** L or H with its word, by the limits of that report; nothing between them: normal is plain. */
export function placeOf(value: unknown, low: unknown, high: unknown): string {
  const number = (raw: unknown) => (raw === undefined ? undefined : BigInt(raw as bigint | number));
  const [is, from, to] = [number(value), number(low), number(high)];
  if (is === undefined) return "";
  if (from !== undefined && is < from) return unbroken(t("value.low"));
  if (to !== undefined && is > to) return unbroken(t("value.high"));
  return "";
}
