// One time axis for all lanes, true to time, and the fixed scale of each quantity: never fitted to noise.
import { SeriesLane } from "../../gen/osteon/timeline/v1/timeline_service_pb";
import { addDays, daysBetween } from "../format/time";
import { height, referenceOf, valuesOf } from "../value/series";
import type { Lane } from "./read";

/** From a range of values to a range of pixels. */
export interface Linear {
  (value: number): number;
  invert(pixel: number): number;
}

export function linear([from, to]: readonly [number, number], [start, end]: readonly [number, number]): Linear {
  const slope = (end - start) / (to - from || 1);
  const scale = (value: number) => start + (value - from) * slope;
  return Object.assign(scale, { invert: (pixel: number) => from + (pixel - start) / slope });
}

export const GUTTER = 178;
export const RIGHT = 14;

export interface TimeAxis {
  /** The middle of a day, the same in every lane. */
  x(day: string): number;
  readonly dayWidth: number;
  readonly ticks: readonly string[];
  dayAt(x: number): string;
  readonly left: number;
  readonly right: number;
}

export function timeAxis(from: string, to: string, width: number): TimeAxis {
  const days = daysBetween(from, to);
  const scale = linear([0, days + 1], [GUTTER, width - RIGHT]);
  const every = [1, 2, 7, 14, 28, 56, 91, 182].find((step) => (days + 1) / step <= 8) ?? 365;
  const ticks = Array.from({ length: Math.trunc(days / every) + 1 }, (_, n) => addDays(to, -n * every)).reverse();
  return {
    x: (day) => scale(daysBetween(from, day) + 0.5),
    dayWidth: scale(1) - scale(0),
    ticks,
    dayAt: (x) => addDays(from, Math.max(0, Math.min(days, Math.floor(scale.invert(x))))),
    left: GUTTER,
    right: width - RIGHT,
  };
}

/** From, to, the smallest span, and the step to which the ends are rounded where values lie outside. */
const FIXED: Readonly<Partial<Record<SeriesLane, readonly [number, number]>>> = {
  [SeriesLane.PAIN]: [0, 10],
  [SeriesLane.PROTEIN]: [0, 100],
  [SeriesLane.CALCIUM]: [0, 1500],
  [SeriesLane.FLUID]: [0, 2500],
  [SeriesLane.ACTIVITY]: [0, 60],
  [SeriesLane.GAIT]: [0, 2],
  [SeriesLane.CHAIR_STANDS]: [0, 20],
};
const WEIGHT_SPAN = 10;

export interface ValueAxis {
  readonly y: Linear;
  /** Where the axis does not begin at zero, it says from where. */
  readonly cutFrom: number | undefined;
  readonly ticks: readonly number[];
}

export function valueAxis(lane: Lane, top: number, bottom: number): ValueAxis {
  const heights = lane.points.flatMap((point) => valuesOf(point).map((value) => height(lane.head, value)));
  const fixed = FIXED[lane.head.lane];
  const [low, high] = fixed
    ? [fixed[0], Math.max(fixed[1], niceUp(Math.max(...heights, 0), fixed[1]))]
    : around(lane, heights);
  const y = linear([low, high], [bottom, top]);
  return { y, cutFrom: low === 0 ? undefined : low, ticks: [low, high] };
}

/** Multiples of a step without the dust of binary fractions. */
const tidy = (value: number) => Number(value.toPrecision(6));

const niceUp = (value: number, step: number) => Math.ceil(value / step) * step;

/** Weight and laboratory values: around what was measured and the limits of its reports, with room that noise does not fill. */
function around(lane: Lane, heights: readonly number[]): [number, number] {
  const limits = lane.points.flatMap((point) => {
    const { low, high } = referenceOf(point);
    return [low, high].flatMap((value) => (value === undefined ? [] : [height(lane.head, value)]));
  });
  const all = [...heights, ...limits];
  if (all.length === 0) return [0, 1];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const span =
    lane.head.lane === SeriesLane.WEIGHT
      ? Math.max(WEIGHT_SPAN, high - low)
      : Math.max((high - low) * 1.6, Math.abs(high) * 0.1);
  const step = 10 ** Math.floor(Math.log10(span || 1)) / 2;
  const from = Math.max(0, Math.floor(((high + low) / 2 - span / 2) / step) * step);
  return [tidy(from), tidy(Math.ceil(((high + low) / 2 + span / 2) / step) * step)];
}
