// What the lanes of a chart are called and what their points say. The charts draw; the words and numbers come from here.
import { Certainty } from "../../gen/osteon/care/v1/common_pb";
import {
  type SeriesEntry,
  SeriesLane,
  type SeriesLaneHead,
  type SeriesPoint,
  type SeriesValue,
} from "../../gen/osteon/timeline/v1/timeline_service_pb";
import { quantity, range, unitWords } from "../format/unit";
import { has, t, words } from "../words";
import { labDecimals } from "./lab";
import { placeOf } from "./say";

export type Shape = "line" | "lab" | "bar" | "event";

const TEN = 10n;

export const shapeOf = (lane: SeriesLane): Shape => {
  switch (lane) {
    case SeriesLane.PAIN:
    case SeriesLane.WEIGHT:
      return "line";
    case SeriesLane.LABORATORY:
    case SeriesLane.GAIT:
    case SeriesLane.CHAIR_STANDS:
      return "lab";
    case SeriesLane.FALLS:
    case SeriesLane.NEAR_FALLS:
    case SeriesLane.DOSE_GIVEN:
    case SeriesLane.DOSE_DUE:
    case SeriesLane.TREATMENT:
      return "event";
    default:
      return "bar";
  }
};

export function laneTitle(head: Pick<SeriesLaneHead, "lane" | "analyte">): string {
  if (head.lane === SeriesLane.LABORATORY) {
    const key = `code.${head.analyte}`;
    return has(key) ? words(key) : head.analyte.replaceAll("_", " ");
  }
  const key = `lane.${head.lane}`;
  return has(key) ? words(key) : t("value.newer", { field: head.lane });
}

/** The unit beside the name: "mmol/L", "score 0 to 10", "how often". */
export function laneUnit(head: SeriesLaneHead): string {
  if (head.lane === SeriesLane.PAIN) return t("lane.score");
  if (head.unit === "{#}") return t(shapeOf(head.lane) === "event" ? "lane.times" : "lane.count");
  return unitWords(head.unit);
}

const scoreMax = (head: SeriesLaneHead): bigint | undefined =>
  head.lane === SeriesLane.PAIN ? TEN ** BigInt(head.scale + 1) : undefined;

/** `point`: whose report says how many decimals. */
export const amount = (head: SeriesLaneHead, value: bigint, point?: SeriesPoint): string =>
  quantity(value, head.scale, head.unit === "{#}" ? "" : head.unit, scoreMax(head), decimals(head, value, point));

function decimals(head: SeriesLaneHead, value: bigint | undefined, point?: SeriesPoint): number {
  if (head.lane !== SeriesLane.LABORATORY) return 0;
  const { low, high } = point ? reference(point) : {};
  return labDecimals(head.analyte, head.unit, head.scale, [value, point?.worst, low, high]);
}

/** A canonical value as a height for drawing; never printed. */
export const height = (head: SeriesLaneHead, value: bigint): number => Number(value) / 10 ** head.scale;

/** Every live value of a disputed point; else the worst. */
export function valuesOf(point: SeriesPoint): bigint[] {
  if (!point.disputed) return point.worst === undefined ? [] : [point.worst];
  const live = point.entries
    .filter((entry) => !entry.mistake)
    .flatMap((entry) => entry.versions.map((one) => one.value));
  const known = [...new Set([...live, point.worst].filter((value) => value !== undefined))];
  return known.sort((a, b) => (a < b ? -1 : 1));
}

function reference(point: SeriesPoint): { low: bigint | undefined; high: bigint | undefined } {
  const entry = point.entries.find((one) => !one.mistake && one.referenceLow.length + one.referenceHigh.length > 0);
  return { low: entry?.referenceLow[0], high: entry?.referenceHigh[0] };
}

export const referenceOf = reference;

/** "low", "high", or nothing between the limits of that report. */
export function placeWord(point: SeriesPoint): string {
  const { low, high } = reference(point);
  return placeOf(point.worst, low, high);
}

/** L or H, the letter that stands at a point of a chart. */
export function placeLetter(point: SeriesPoint): "" | "L" | "H" {
  const { low, high } = reference(point);
  if (point.worst === undefined) return "";
  if (low !== undefined && point.worst < low) return "L";
  return high !== undefined && point.worst > high ? "H" : "";
}

export function rangeWords(head: SeriesLaneHead, point: SeriesPoint): string {
  const { low, high } = reference(point);
  return low === undefined && high === undefined
    ? t("value.noRange")
    : range(low, high, head.scale, head.unit, decimals(head, point.worst, point));
}

/** Estimated or recalled values are drawn hollow and say so. */
export const isSoft = (point: SeriesPoint): boolean =>
  point.entries.some((entry) => entry.certainty === Certainty.ESTIMATED || entry.certainty === Certainty.RECALLED);

const entered = (value: SeriesValue, head: SeriesLaneHead): string | undefined =>
  value.entered !== undefined && value.enteredUnit !== "" && value.enteredUnit !== head.unit
    ? quantity(value.entered, value.enteredScale, value.enteredUnit)
    : undefined;

/** A whole point in words: value and unit, unit of entry, place, how many entries, and what is uncertain about it. */
export function pointWords(head: SeriesLaneHead, point: SeriesPoint): string {
  const values = valuesOf(point);
  const main =
    values.length === 0
      ? t("point.unread")
      : values.map((value) => amount(head, value, point)).join(` ${t("value.or")} `);
  const parts = [main];
  const other = point.entries.flatMap((entry) => entry.versions.map((value) => entered(value, head))).find(Boolean);
  if (other !== undefined) parts.push(t("point.entered", { value: other }));
  const place = placeWord(point);
  if (place !== "") parts.push(place);
  if (point.disputed) parts.push(t("state.disputedSmall"));
  if (point.incomplete && values.length > 0) parts.push(t("point.incomplete"));
  if (point.count > 1) parts.push(t("point.worstOf", { n: point.count }));
  for (const entry of point.entries) parts.push(...certainty(entry));
  return [...new Set(parts)].join(", ");
}

function certainty(entry: SeriesEntry): string[] {
  if (entry.certainty === Certainty.ESTIMATED) return [t("point.estimated")];
  if (entry.certainty === Certainty.RECALLED) return [t("point.recalled")];
  return [];
}
