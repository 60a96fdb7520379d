// The same data as a table: caption, unit in the header, state in words. And one sentence for each lane.
import { useSignal } from "@preact/signals";
import { day } from "../format/time";
import { New } from "../value/marks";
import { laneTitle, laneUnit, placeWord, pointWords, rangeWords, shapeOf } from "../value/series";
import { t } from "../words";
import { isNewPoint } from "./lanes";
import type { Lane } from "./read";

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

export function Twin({ lanes, since }: { lanes: readonly Lane[]; since: bigint }) {
  return (
    <>
      {lanes.map((lane) => (
        <OneLane
          key={`${lane.head.lane}${lane.head.analyte}`}
          lane={lane}
          since={since}
          isOpen={shapeOf(lane.head.lane) === "lab" || lanes.length < 5}
        />
      ))}
    </>
  );
}

/** The rows are made when the lane is opened. */
function OneLane({ lane, since, isOpen }: { lane: Lane; since: bigint; isOpen: boolean }) {
  const open = useSignal(isOpen);
  return (
    <details class="twin" open={open.value} onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>
        <Summary lane={lane} />
      </summary>
      {open.value && <Rows lane={lane} since={since} />}
    </details>
  );
}

function Rows({ lane, since }: { lane: Lane; since: bigint }) {
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
          {lane.points.toReversed().map((point) => (
            <tr key={point.day} class={isNewPoint(point, since) ? "new" : ""}>
              <th scope="row">
                {day(point.day)} {isNewPoint(point, since) && <New />}
              </th>
              <td class={placeWord(point) !== "" ? "is-out" : ""}>{pointWords(lane.head, point)}</td>
              {shapeOf(lane.head.lane) === "lab" && <td>{rangeWords(lane.head, point)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
