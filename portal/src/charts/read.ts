// Reads a stream of series to its end. Without the end it is not whole and is not drawn.
import {
  type GetSeriesRequest,
  type SeriesContact,
  type SeriesLaneHead,
  type SeriesPoint,
  SeriesSharing,
  type SeriesSpan,
  TimelineService,
} from "../../gen/osteon/timeline/v1/timeline_service_pb";
import { client, tried } from "../rpc/call";

export interface Lane {
  readonly head: SeriesLaneHead;
  readonly points: readonly SeriesPoint[];
  readonly mistakes: number;
}

export interface Series {
  readonly from: string;
  readonly to: string;
  readonly lanes: readonly Lane[];
  /** Days with any entry of the journal that the reader may see. */
  readonly written: readonly SeriesSpan[];
  /** Whether the patient's phone was heard, each day once. */
  readonly phone: readonly SeriesContact[];
}

type Asked = Pick<GetSeriesRequest, "circle" | "from" | "to">;

export const readSeries = (asked: Asked, signal: AbortSignal): Promise<Series> =>
  tried(() => once(asked, signal), { signal });

async function once(asked: Asked, signal: AbortSignal): Promise<Series> {
  const lanes: { head: SeriesLaneHead; points: SeriesPoint[]; mistakes: number }[] = [];
  const written: SeriesSpan[] = [];
  const phone: SeriesContact[] = [];
  let ended = false;
  for await (const { part } of client(TimelineService).getSeries({ ...asked, daysWithEntries: true }, { signal })) {
    if (part.case === "head") lanes.push(...part.value.lanes.map((head) => ({ head, points: [], mistakes: 0 })));
    if (part.case === "end") ended = true;
    if (part.case !== "days") continue;
    written.push(...part.value.daysWithEntries);
    phone.push(...part.value.phone);
    for (const days of part.value.lanes) {
      const lane = lanes[days.lane];
      lane?.points.push(...days.points);
      if (lane) lane.mistakes += days.mistakes;
    }
  }
  if (!ended) throw new TypeError("the series has no end");
  return { from: asked.from, to: asked.to, lanes, written, phone };
}

export const isShared = (lane: Lane): boolean => lane.head.sharing !== SeriesSharing.NONE;
