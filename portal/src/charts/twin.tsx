// The same data as a table: caption, unit in the header, state in words, gaps with what they say. And one sentence for each lane.
import { useSignal } from "@preact/signals";
import type { SeriesPoint } from "../../gen/osteon/timeline/v1/timeline_service_pb";
import { day } from "../format/time";
import { New } from "../value/marks";
import { laneTitle, laneUnit, placeWord, pointWords, rangeWords, shapeOf } from "../value/series";
import { t } from "../words";
import { type GapSpan, gapsOfLane, gapWord, spanWords } from "./gaps";
import { isNewPoint } from "./lanes";
import type { Lane, Series } from "./read";

export function Summary({ lane }: { lane: Lane }) {
  const last = lane.points.at(-1);
  if (!last) return null;
  return (
    <>
      {t("timeline.summary", {
        lane: laneTitle(lane.head),
        n: lane.points.length,
        last: pointWords(lane.head, last),
        when: day(last.day),
      })}
    </>
  );
}

interface TwinProps {
  readonly series: Series;
  readonly lanes: readonly Lane[];
  readonly since: bigint;
}

export function Twin({ series, lanes, since }: TwinProps) {
  return (
    <>
      {lanes.map((lane) => (
        <OneLane
          key={`${lane.head.lane}${lane.head.analyte}`}
          series={series}
          lane={lane}
          since={since}
          isOpen={shapeOf(lane.head.lane) === "lab" || lanes.length < 5}
        />
      ))}
    </>
  );
}

interface LaneProps {
  readonly series: Series;
  readonly lane: Lane;
  readonly since: bigint;
}

/** The rows are made when the lane is opened. */
function OneLane({ isOpen, ...of }: LaneProps & { isOpen: boolean }) {
  const open = useSignal(isOpen);
  return (
    <details class="twin" open={open.value} onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>
        <Summary lane={of.lane} />
      </summary>
      {open.value && <Rows {...of} />}
    </details>
  );
}

/** What is written from day to day has gaps; results and events have none. */
function rowsOf(series: Series, { head, points }: Lane): (SeriesPoint | GapSpan)[] {
  const shape = shapeOf(head.lane);
  const gaps = shape === "lab" || shape === "event" ? [] : gapsOfLane(series, points);
  const dayOf = (row: SeriesPoint | GapSpan) => ("gap" in row ? row.from : row.day);
  return [...points, ...gaps].sort((a, b) => (dayOf(a) < dayOf(b) ? 1 : -1));
}

function Rows({ series, lane, since }: LaneProps) {
  return (
    <div class="wide">
      <table class="plan">
        <caption class="hidden">
          {laneTitle(lane.head)}, {laneUnit(lane.head)}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t("timeline.day")}</th>
            <th scope="col">
              {laneTitle(lane.head)} ({laneUnit(lane.head)})
            </th>
            {shapeOf(lane.head.lane) === "lab" && <th scope="col">{t("timeline.range")}</th>}
          </tr>
        </thead>
        <tbody>
          {rowsOf(series, lane).map((row) =>
            "gap" in row ? (
              <tr key={row.from} class="gap-row">
                <th scope="row">{spanWords(row)}</th>
                <td class="note">{gapWord(row.gap)}</td>
              </tr>
            ) : (
              <PointRow key={row.day} lane={lane} point={row} isNew={isNewPoint(row, since)} />
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}

function PointRow({ lane: { head }, point, isNew }: { lane: Lane; point: SeriesPoint; isNew: boolean }) {
  return (
    <tr class={isNew ? "new" : ""}>
      <th scope="row">
        {day(point.day)} {isNew && <New />}
      </th>
      <td class={placeWord(point) !== "" ? "is-out" : ""}>{pointWords(head, point)}</td>
      {shapeOf(head.lane) === "lab" && <td>{rangeWords(head, point)}</td>}
    </tr>
  );
}
