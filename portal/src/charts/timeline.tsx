// All lanes over one time axis, one pointer line through them with a readout in its fixed place, and the same as a table.
import { computed, type Signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { SeriesLane } from "../../gen/osteon/timeline/v1/timeline_service_pb";
import { askAhead, takeAhead } from "../app/ahead";
import { now } from "../app/clock";
import { saveFile } from "../app/export";
import { useKeys } from "../app/keys";
import { afterPaint } from "../app/paint";
import { useAsked, useResource } from "../app/resource";
import { type PlaceOf, place, turn } from "../app/router";
import { server } from "../app/session";
import { Empty, NotShared, Part } from "../app/states";
import { addDays, civil, clock, day, dayOfYear, viewer } from "../format/time";
import { KeyHint } from "../value/marks";
import { laneTitle, pointWords, shapeOf } from "../value/series";
import { inSentence, language, t, words } from "../words";
import { areasOf } from "./areas";
import { type TimeAxis, timeAxis } from "./axis";
import { csvOf, saveCsv } from "./csv";
import { gapsOf, gapWord, silenceWords, spanWords } from "./gaps";
import { HEIGHTS, isNewPoint, LaneOf } from "./lanes";
import { isShared, type Lane, readSeries, type Series } from "./read";
import { Summary, Twin } from "./twin";

const WINDOWS = { "2w": 14, "12w": 84, "1y": 365, all: 1826 } as const;
type Window = keyof typeof WINDOWS;
const WORDS = { "2w": "timeline.2w", "12w": "timeline.12w", "1y": "timeline.1y", all: "timeline.all" } as const;
const windowOf = (text: string | undefined): Window =>
  text === "2w" || text === "1y" || text === "all" ? text : "12w";

/** What the address asks of this part of a patient's page. */
const asks = computed(() => (place.value as PlaceOf<"patient">).ask);
const isTable = computed(() => asks.value.as === "table");
const ask = (next: PlaceOf<"patient">["ask"]): void => turn({ ...(place.peek() as PlaceOf<"patient">), ask: next });

/** The days that are shown, up to today. */
function daysOf(window: Window): { readonly from: string; readonly to: string } {
  const to = civil(now(), viewer.offset(now()));
  return { from: addDays(to, 1 - WINDOWS[window]), to };
}

/** Read beside the patient's page: the one needs nothing of the other. */
export function timelineAhead(circle: bigint, signal: AbortSignal): void {
  const { from, to } = daysOf(windowOf(asks.peek().window));
  askAhead(`series ${circle} ${from} ${to}`, () => readSeries({ circle, from, to }, signal), signal);
}

interface TimelineProps {
  readonly circle: bigint;
  readonly since: bigint;
  /** What one may see; where it changes, what was drawn goes. */
  readonly scope: string;
  /** Raised when somebody asks for what is new. */
  readonly asked: number;
}

export function Timeline({ circle, since, scope, asked }: TimelineProps) {
  const window = useComputed(() => windowOf(asks.value.window)).value;
  const { from, to } = daysOf(window);
  const asking = `series ${circle} ${from} ${to}`;
  const series = useResource(`${asking} ${scope}`, (signal) => {
    return takeAhead<Series>(asking) ?? readSeries({ circle, from, to }, signal);
  });
  useAsked(series, asked);
  const toggle = () => {
    const { as, ...rest } = asks.peek();
    ask(as === "table" ? rest : { ...rest, as: "table" });
  };
  useKeys([{ keys: "t", says: "key.table", run: toggle }]);
  return (
    <section class="box" aria-labelledby="timeline">
      <div class="head">
        <h2 id="timeline">{t("timeline.title")}</h2>
        <fieldset class="choices">
          <legend class="hidden">{t("timeline.window")}</legend>
          {(Object.keys(WINDOWS) as Window[]).map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === window}
              onClick={() => ask({ ...asks.peek(), window: one })}
            >
              {t(WORDS[one])}
            </button>
          ))}
        </fieldset>
        <span class="grow" />
        <TableButton toggle={toggle} />
      </div>
      <Part what={t("what.timeline")} resource={series} lines={12}>
        {(value) => <Drawn series={value} since={since} />}
      </Part>
    </section>
  );
}

function TableButton({ toggle }: { toggle: () => void }) {
  return (
    <button type="button" class="link" aria-pressed={isTable.value} onClick={toggle}>
      {isTable.value ? t("timeline.asChart") : t("timeline.asTable")} <KeyHint>t</KeyHint>
    </button>
  );
}

function Drawn({ series, since }: { series: Series; since: bigint }) {
  const lanes = series.lanes.filter((lane) => lane.points.length > 0).sort((a, b) => order(a) - order(b));
  const empty = series.lanes.filter((lane) => isShared(lane) && lane.points.length === 0);
  const hidden = series.lanes.filter((lane) => !isShared(lane));
  const mistakes = series.lanes.reduce((sum, lane) => sum + lane.mistakes, 0);
  return (
    <>
      {lanes.length > 0 ? (
        <ChartOrTable series={series} lanes={lanes} since={since} />
      ) : (
        <Empty>{t("timeline.none")}</Empty>
      )}
      <p class="note">
        {empty.length > 0 && t("timeline.nothing", { lanes: emptyWords(empty) })}
        {mistakes > 0 && ` ${t("timeline.mistakes", { n: mistakes })}`}
      </p>
      {hidden.length > 0 && <NotShared what={emptyWords(hidden)} />}
    </>
  );
}

/** Each is made when it is first asked for, after the button says so, and kept: from then on the key shows one and hides the other. */
function ChartOrTable({ series, lanes, since }: { series: Series; lanes: readonly Lane[]; since: bigint }) {
  const made = useRef({ chart: false, table: false });
  const wanted = isTable.value;
  const shown = useSignal(wanted);
  const table = made.current[wanted ? "table" : "chart"] ? wanted : shown.value;
  made.current[table ? "table" : "chart"] = true;
  useLayoutEffect(() => {
    if (shown.peek() !== wanted) afterPaint(() => (shown.value = isTable.peek()));
  }, [wanted]);
  const { chart, table: hasTable } = made.current;
  const drawn = useMemo(() => chart && <Chart series={series} lanes={lanes} since={since} />, [series, since, chart]);
  const listed = useMemo(
    () =>
      hasTable && (
        <>
          <Twin series={series} lanes={lanes} since={since} />
          <button type="button" onClick={() => save(series, lanes)}>
            {t("csv.save")}
          </button>
        </>
      ),
    [series, since, hasTable, language()],
  );
  return (
    <>
      <div class={table ? "away" : undefined}>{drawn}</div>
      <div class={table ? undefined : "away"}>{listed}</div>
    </>
  );
}

/** What is on the screen, as a file: whose it is and of when stands in its first line. */
function save(series: Series, lanes: readonly Lane[]): void {
  const { case: shortId } = place.value as PlaceOf<"patient">;
  const about = [shortId.toUpperCase(), `${day(series.from)} ${day(series.to)}`, clock(now(), viewer.offset(now()), 0)];
  if (server.value?.demo) about.push(t("frame.demo"));
  const file = `${shortId}-${series.from}-${series.to}.csv`;
  const categories = areasOf(lanes);
  const what = categories.map((one) => words(`category.${one}`)).join(", ");
  const count = lanes.reduce((sum, lane) => sum + lane.points.length, 0);
  const text = csvOf(about.join(", "), lanes);
  saveFile({ categories, count }, t("export.saved", { file, what }), () => saveCsv(file, text));
}

/** Names of lanes without an entry; laboratory values are many and are counted. */
function emptyWords(lanes: readonly Lane[]): string {
  const isLab = (lane: Lane) => lane.head.lane === SeriesLane.LABORATORY && lane.head.analyte !== "calcium_adjusted";
  const labs = lanes.filter(isLab).length;
  const rest = lanes.filter((lane) => !isLab(lane)).map((lane) => laneTitle(lane.head));
  return [...rest, ...(labs > 0 ? [t("timeline.nothingLabs", { n: labs })] : [])].join(", ");
}

/** Laboratory and drug first: what a dose is decided by stands together. */
const ORDER = [11, 12, 13, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14];
const order = (lane: Lane): number => {
  const first = lane.head.analyte === "calcium_adjusted" ? -1 : 0;
  return ORDER.indexOf(lane.head.lane) + first;
};

const HEAD = 24;

export function Chart({
  series,
  lanes,
  since,
  fixed,
}: {
  series: Series;
  lanes: readonly Lane[];
  since: bigint;
  fixed?: number;
}) {
  const width = useSignal(fixed ?? 720);
  const holder = useRef<HTMLDivElement>(null);
  const pointed = useSignal<string | undefined>(undefined);
  useEffect(() => {
    if (!holder.current || fixed !== undefined) return;
    const watch = new ResizeObserver(([entry]) => {
      // A chart that is hidden has no width.
      if (entry && entry.contentRect.width > 0) width.value = Math.max(480, Math.trunc(entry.contentRect.width));
    });
    watch.observe(holder.current);
    return () => watch.disconnect();
  }, [fixed]);
  const axis = timeAxis(series.from, series.to, width.value);
  const tops = lanes.map((_, at) =>
    lanes.slice(0, at).reduce((sum, lane) => sum + HEIGHTS[shapeOf(lane.head.lane)], HEAD),
  );
  const bottom = lanes.reduce((sum, lane) => sum + HEIGHTS[shapeOf(lane.head.lane)], HEAD);
  const silence = silenceWords(series);
  const days = [...new Set(lanes.flatMap((lane) => lane.points.map((point) => point.day)))].sort();
  const step = (by: number) => {
    const on = pointed.peek();
    const before = on === undefined ? days.length : days.indexOf(on);
    pointed.value = days[Math.max(0, Math.min(days.length - 1, before + by))];
  };
  return (
    <>
      <Readout lanes={lanes} pointed={pointed} />
      <div class="chart-holder" ref={holder}>
        <svg
          class="chart"
          width={width.value}
          height={bottom + 4}
          viewBox={`0 0 ${width.value} ${bottom + 4}`}
          role="img"
          // Arrow keys step from entry to entry; on paper there are none.
          tabindex={fixed === undefined ? 0 : undefined}
          aria-label={t("timeline.label", { from: day(series.from), to: day(series.to) })}
          onPointerMove={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            pointed.value = nearest(days, axis.dayAt(((event.clientX - box.left) * width.value) / box.width));
          }}
          onKeyDown={(event) => {
            if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
            event.preventDefault();
            step(event.key === "ArrowLeft" ? -1 : 1);
          }}
        >
          <defs>
            <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <line x1="0" y1="0" x2="0" y2="6" class="hatch" />
            </pattern>
          </defs>
          <Gaps series={series} axis={axis} bottom={bottom} />
          {axis.ticks.map((tick) => (
            <g key={tick}>
              <line class="grid" x1={axis.x(tick)} x2={axis.x(tick)} y1={HEAD} y2={bottom} />
              <text class="tick" x={axis.x(tick)} y={15} text-anchor="middle">
                {tick === series.to ? t("time.today") : dayOfYear(tick)}
              </text>
            </g>
          ))}
          <NewDays lanes={lanes} since={since} axis={axis} bottom={bottom} />
          {lanes.map((lane, at) => (
            <LaneOf
              key={`${lane.head.lane}${lane.head.analyte}`}
              lane={lane}
              axis={axis}
              top={tops[at] ?? 0}
              since={since}
            />
          ))}
          <Pointer pointed={pointed} axis={axis} bottom={bottom} />
        </svg>
      </div>
      <p class="note legend">
        <span class="swatch swatch-new" /> {t("timeline.legendNew")} <span class="swatch swatch-hatch" />{" "}
        {t("timeline.legendSilent")} <span class="swatch swatch-unwritten" /> {t("timeline.legendUnwritten")}{" "}
        <span class="swatch swatch-unread" /> {t("timeline.legendUnread")} {t("timeline.legendGap")}
      </p>
      {silence !== "" && <p class="note">{silence}</p>}
      <ul class="hidden">
        {lanes.map((lane) => (
          <li key={`${lane.head.lane}${lane.head.analyte}`}>
            <Summary lane={lane} />
          </li>
        ))}
      </ul>
    </>
  );
}

const nearest = (days: readonly string[], wanted: string): string | undefined =>
  days.reduce<string | undefined>(
    (best, one) => (best === undefined || far(one, wanted) < far(best, wanted) ? one : best),
    undefined,
  );
const far = (a: string, b: string) => Math.abs(Date.parse(a) - Date.parse(b));

type Pointed = Signal<string | undefined>;

/** The pointer moves often: it draws itself and its readout alone. */
function Pointer({ pointed, axis, bottom }: { pointed: Pointed; axis: TimeAxis; bottom: number }) {
  if (pointed.value === undefined) return null;
  const x = axis.x(pointed.value);
  return <line class="pointer" x1={x} x2={x} y1={HEAD} y2={bottom} />;
}

function Readout({ lanes, pointed }: { lanes: readonly Lane[]; pointed: Pointed }) {
  return (
    <p class="readout" aria-live="polite">
      {pointed.value === undefined ? t("timeline.point") : <OnDay lanes={lanes} on={pointed.value} />}
    </p>
  );
}

function OnDay({ lanes, on }: { lanes: readonly Lane[]; on: string }) {
  const found = lanes.flatMap((lane) =>
    lane.points.filter((point) => point.day === on).map((point) => ({ lane, point })),
  );
  return (
    <>
      <strong>{day(on)}</strong>
      {found.map(({ lane, point }) => (
        <span key={`${lane.head.lane}${lane.head.analyte}`}>
          {" "}
          {inSentence(laneTitle(lane.head))} <strong>{pointWords(lane.head, point)}</strong>
        </span>
      ))}
    </>
  );
}

/** Hatched where the phone was not heard, pale where nobody wrote anything that the reader may see: blank does not mean "none". */
function Gaps({ series, axis, bottom }: { series: Series; axis: TimeAxis; bottom: number }) {
  return (
    <>
      {gapsOf(series).map(({ from, to, gap }) => (
        <rect
          key={from}
          class={`gap gap-${gap}`}
          fill={gap === "silent" ? "url(#hatch)" : undefined}
          x={axis.x(from) - axis.dayWidth / 2}
          width={axis.x(to) - axis.x(from) + axis.dayWidth}
          y={HEAD}
          height={bottom - HEAD}
        >
          <title>{`${spanWords({ from, to })}: ${gapWord(gap)}`}</title>
        </rect>
      ))}
    </>
  );
}

function NewDays({
  lanes,
  since,
  axis,
  bottom,
}: {
  lanes: readonly Lane[];
  since: bigint;
  axis: ReturnType<typeof timeAxis>;
  bottom: number;
}) {
  if (since === 0n) return null;
  const days = new Set(
    lanes.flatMap((lane) => lane.points.filter((point) => isNewPoint(point, since)).map((point) => point.day)),
  );
  return (
    <>
      {[...days].map((one) => (
        <rect
          key={one}
          class="new-day"
          x={axis.x(one) - axis.dayWidth / 2}
          width={axis.dayWidth}
          y={HEAD}
          height={bottom - HEAD}
        />
      ))}
    </>
  );
}
