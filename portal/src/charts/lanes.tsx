// One lane: name and unit at its axis, the reference range of each report, points, gaps that stay gaps.
import type { JSX } from "preact";
import type { SeriesPoint } from "../../gen/osteon/timeline/v1/timeline_service_pb";
import { addDays } from "../format/time";
import {
  amount,
  height,
  isSoft,
  laneTitle,
  laneUnit,
  placeLetter,
  placeWord,
  pointWords,
  referenceOf,
  shapeOf,
  valuesOf,
} from "../value/series";
import { t } from "../words";
import { type TimeAxis, type ValueAxis, valueAxis } from "./axis";
import type { Lane } from "./read";

/** How far the limits of a lone report are drawn to each side. */
const RANGE_PX = 40;

export const HEIGHTS = { line: 64, lab: 74, bar: 48, event: 34 } as const;

interface LaneProps {
  readonly lane: Lane;
  readonly axis: TimeAxis;
  readonly top: number;
  readonly since: bigint;
}

export function LaneOf(props: LaneProps) {
  const { lane, axis, top } = props;
  const shape = shapeOf(lane.head.lane);
  const bottom = top + HEIGHTS[shape];
  const values = valueAxis(lane, top + 10, bottom - 8);
  return (
    <g class="lane" data-lane={laneTitle(lane.head)}>
      <line class="lane-rule" x1={0} x2={axis.right} y1={bottom} y2={bottom} />
      <text class="lane-name" x={0} y={top + 15}>
        {laneTitle(lane.head)}
      </text>
      <text class="lane-unit" x={0} y={top + 29}>
        {laneUnit(lane.head)}
      </text>
      {values.cutFrom !== undefined && shape !== "event" && (
        <text class="lane-unit" x={0} y={top + 43}>
          {t("lane.axisFrom", { value: values.cutFrom })}
        </text>
      )}
      {shape !== "event" && <Ticks axis={axis} values={values} />}
      {shape === "lab" && <Range {...props} values={values} />}
      {shape === "bar" && <Bars {...props} values={values} bottom={bottom} />}
      {shape === "line" && <Joined {...props} values={values} dashed={false} />}
      {shape === "lab" && <Joined {...props} values={values} dashed />}
      {shape === "event" && <Events {...props} />}
    </g>
  );
}

type Drawn = LaneProps & { values: ValueAxis };

function Ticks({ axis, values }: { axis: TimeAxis; values: ValueAxis }) {
  return (
    <>
      {values.ticks.map((tick) => (
        <g key={tick}>
          <line class="grid" x1={axis.left} x2={axis.right} y1={values.y(tick)} y2={values.y(tick)} />
          <text class="tick" x={axis.left - 6} y={values.y(tick) + 4} text-anchor="end">
            {Number(tick.toFixed(2))}
          </text>
        </g>
      ))}
    </>
  );
}

/** The limits of each report at its own point, as far as half way to its neighbours. A limit that is not told has no end. */
function Range({ lane, axis, values }: Drawn) {
  const [bottom = 0, top = 0] = values.ticks;
  return (
    <>
      {lane.points.map((point, at) => {
        const { low, high } = referenceOf(point);
        if (low === undefined && high === undefined) return null;
        const x = axis.x(point.day);
        const half = (other: SeriesPoint | undefined) =>
          Math.min(RANGE_PX, other ? Math.abs(axis.x(other.day) - x) / 2 : RANGE_PX);
        const [before, after] = [half(lane.points[at - 1]), half(lane.points[at + 1])];
        const y = values.y(high === undefined ? top : height(lane.head, high));
        const y2 = values.y(low === undefined ? bottom : height(lane.head, low));
        const tall = Math.max(1, y2 - y);
        return <rect key={point.day} class="range" x={x - before} width={before + after} y={y} height={tall} />;
      })}
    </>
  );
}

/** Neighbouring days are joined; a day without an entry is a gap. Sparse results are joined by a dashed line. */
function runs(points: readonly SeriesPoint[], dashed: boolean): SeriesPoint[][] {
  const all: SeriesPoint[][] = [];
  for (const point of points) {
    const run = all.at(-1);
    const before = run?.at(-1);
    if (point.worst === undefined) continue;
    if (run && before && (dashed || addDays(before.day, 1) === point.day)) run.push(point);
    else all.push([point]);
  }
  return all;
}

function Joined({ lane, axis, values, since, dashed }: Drawn & { dashed: boolean }) {
  const at = (point: SeriesPoint) => `${axis.x(point.day)} ${values.y(height(lane.head, point.worst ?? 0n))}`;
  return (
    <>
      {runs(lane.points, dashed).map((run) => (
        <path key={run[0]?.day} class={dashed ? "join dashed" : "join"} d={`M${run.map(at).join("L")}`} />
      ))}
      {lane.points.map((point) => (
        <Point key={point.day} lane={lane} point={point} axis={axis} values={values} since={since} labelled={dashed} />
      ))}
    </>
  );
}

interface PointProps {
  readonly lane: Lane;
  readonly point: SeriesPoint;
  readonly axis: TimeAxis;
  readonly values: ValueAxis;
  readonly since: bigint;
  readonly labelled: boolean;
}

/** Arrived after the reader's mark. Whoever never made one is not told that everything is new. */
export const isNewPoint = (point: SeriesPoint, since: bigint): boolean =>
  since > 0n && point.entries.some((entry) => entry.arrived > since);

function Point({ lane, point, axis, values, since, labelled }: PointProps) {
  const x = axis.x(point.day);
  const all = valuesOf(point).map((value) => values.y(height(lane.head, value)));
  const kind = pointClass(point, since);
  if (all.length === 0) return null;
  const letter = placeLetter(point);
  const [y = 0] = all;
  return (
    <g class={kind}>
      <title>{`${point.day}: ${pointWords(lane.head, point)}`}</title>
      {all.length > 1 && <line class="bracket" x1={x} x2={x} y1={Math.min(...all)} y2={Math.max(...all)} />}
      {all.map((one) =>
        letter === "" ? (
          <circle key={one} cx={x} cy={one} r={3} />
        ) : (
          <path key={one} d={triangle(x, one, letter === "L")} />
        ),
      )}
      {labelled && point.worst !== undefined && (
        <text class="point-label" x={x} y={y + (letter === "L" ? 18 : -7)} text-anchor="middle">
          {amount(lane.head, point.worst, point)} {letter}
        </text>
      )}
      {labelled && placeWord(point) !== "" && <desc>{placeWord(point)}</desc>}
    </g>
  );
}

function pointClass(point: SeriesPoint, since: bigint): string {
  const parts = ["point"];
  if (point.disputed) parts.push("is-disputed");
  if (isSoft(point)) parts.push("is-soft");
  if (placeLetter(point) !== "") parts.push("is-out");
  if (isNewPoint(point, since)) parts.push("is-new");
  return parts.join(" ");
}

const triangle = (x: number, y: number, down: boolean) =>
  down ? `M${x - 5} ${y - 4}H${x + 5}L${x} ${y + 5}Z` : `M${x - 5} ${y + 4}H${x + 5}L${x} ${y - 5}Z`;

function Bars({ lane, axis, values, bottom, since }: Drawn & { bottom: number }) {
  const base = bottom - 8;
  const width = Math.max(2, Math.min(9, axis.dayWidth * 0.7));
  return (
    <>
      {lane.points.map((point): JSX.Element => {
        const x = axis.x(point.day);
        if (point.worst === undefined)
          return <Unread key={point.day} x={x} y={base} words={`${point.day}: ${pointWords(lane.head, point)}`} />;
        const y = values.y(height(lane.head, point.worst));
        return (
          <g key={point.day} class={`day-bar ${pointClass(point, since)}`}>
            <title>{`${point.day}: ${pointWords(lane.head, point)}`}</title>
            <rect x={x - width / 2} y={Math.min(y, base - 1)} width={width} height={Math.max(1, base - y)} />
          </g>
        );
      })}
    </>
  );
}

/** An entry whose amount nobody can read: it is there, and it is no zero. */
const Unread = ({ x, y, words }: { x: number; y: number; words: string }) => (
  <g class="unread">
    <title>{words}</title>
    <circle cx={x} cy={y - 2} r={1.6} />
  </g>
);

function Events({ lane, axis, top, since }: LaneProps) {
  const y = top + HEIGHTS.event / 2;
  return (
    <>
      {lane.points.map((point) => (
        <g key={point.day} class={`event event-${lane.head.lane} ${pointClass(point, since)}`}>
          <title>{`${point.day}: ${laneTitle(lane.head)}, ${pointWords(lane.head, point)}`}</title>
          <path d={`M${axis.x(point.day)} ${y - 7}l7 7-7 7-7-7z`} />
          {point.count > 1 && (
            <text class="point-label" x={axis.x(point.day) + 10} y={y + 4}>
              {t("point.times", { n: point.count })}
            </text>
          )}
        </g>
      ))}
    </>
  );
}
