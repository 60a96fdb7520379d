// Times as people read them: month in letters, 24 hours, hard spaces. What happened is told in the patient's zone, what
// arrived in the viewer's. Ages are of the server's clock, never of this computer's.
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { t, texts } from "../words";
import { NBSP } from "./number";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** From this delay on it stands beside the value. */
const DELAY_TOLD = 6 * HOUR;
const WEEKDAY_TOLD = 14 * DAY;

export interface LivedMoment {
  readonly at?: Timestamp | undefined;
  readonly utcOffsetMin?: number | undefined;
  readonly zone?: string | undefined;
}

interface Viewer {
  readonly zone: string;
  /** Minutes east of UTC at that instant. */
  offset(ms: number): number;
}

let zone: string | undefined;

export const viewer: Viewer = {
  // Asked when it is first needed: the answer takes the browser longer than all else of a start.
  get zone() {
    zone ??= Intl.DateTimeFormat().resolvedOptions().timeZone;
    return zone;
  },
  offset: (ms) => -new Date(ms).getTimezoneOffset(),
};

const two = (n: number) => String(n).padStart(2, "0");

/** "20 Nov 2026" of "2026-11-20"; what is no date stays as it is. */
export function day(text: string): string {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const month = parts ? texts("month.short")[Number(parts[2]) - 1] : undefined;
  if (!parts || month === undefined) return text;
  return [parts[3], month, parts[1]].join(NBSP);
}

/** "20 Nov", for an axis and for a line whose year is said elsewhere. */
export const dayOfYear = (text: string): string => day(text).split(NBSP).slice(0, 2).join(NBSP);

/** The civil day of an instant on a clock that is so many minutes east of UTC. */
export const civil = (ms: number, offsetMin: number): string =>
  new Date(ms + offsetMin * MINUTE).toISOString().slice(0, 10);

export const addDays = (text: string, days: number): string =>
  new Date(Date.parse(`${text}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);

/** The same day of the next month, or its last one. */
export function monthLater(text: string): string {
  const [year = 0, month = 0, on = 0] = text.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month, Math.min(on, last))).toISOString().slice(0, 10);
}

export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY);

/** "today 08:10", "Fri 20 Nov 2026 17:50", on a clock that is so many minutes east of UTC. */
export function clock(ms: number, offsetMin: number, nowMs: number): string {
  const date = new Date(ms + offsetMin * MINUTE);
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  const on = civil(ms, offsetMin);
  if (on === civil(nowMs, offsetMin)) return [t("time.today"), time].join(NBSP);
  const near = Math.abs(nowMs - ms) < WEEKDAY_TOLD;
  const weekday = near ? [texts("weekday.short")[date.getUTCDay()] ?? ""] : [];
  return [...weekday, day(on), time].join(NBSP);
}

/** When it happened, on the patient's clock; the zone is named where it is not the viewer's. */
export function happened(moment: LivedMoment, nowMs: number, seenFrom: Viewer = viewer): string {
  if (!moment.at) return t("time.unknown");
  const ms = timestampMs(moment.at);
  const offset = moment.utcOffsetMin ?? offsetIn(moment.zone, ms) ?? seenFrom.offset(ms);
  const same = offset === seenFrom.offset(ms);
  const told = clock(ms, offset, nowMs);
  return same ? told : `${told} (${zoneName(moment, offset)})`;
}

/** Minutes east of UTC in a named zone; nothing where the browser does not know it. */
function offsetIn(zone: string | undefined, ms: number): number | undefined {
  if (zone === undefined || zone === "") return undefined;
  try {
    const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(ms);
    const said = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(parts.find((one) => one.type === "timeZoneName")?.value ?? "");
    if (!said) return undefined;
    const minutes = Number(said[2] ?? 0) * 60 + Number(said[3] ?? 0);
    return said[1] === "-" ? -minutes : minutes;
  } catch {
    return undefined;
  }
}

function zoneName(moment: LivedMoment, offset: number): string {
  if (moment.zone !== undefined && moment.zone !== "") return moment.zone.replaceAll("_", NBSP);
  const minutes = Math.abs(offset);
  return `UTC${offset < 0 ? "\u2212" : "+"}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`;
}

/** When it arrived, on the viewer's clock. */
export function received(at: Timestamp | undefined, nowMs: number, seenFrom: Viewer = viewer): string {
  if (!at) return t("time.unknown");
  const ms = timestampMs(at);
  return clock(ms, seenFrom.offset(ms), nowMs);
}

/** "12 s", "5 min", "2 h 41 min", "2 days 17 h", "48 days". */
export function span(ms: number): string {
  const past = Math.max(0, ms);
  if (past < MINUTE) return t("span.seconds", { n: Math.trunc(past / 1000) });
  if (past < HOUR) return t("span.minutes", { n: Math.trunc(past / MINUTE) });
  if (past < DAY) return t("span.hours", { h: Math.trunc(past / HOUR), min: Math.trunc((past % HOUR) / MINUTE) });
  const days = Math.trunc(past / DAY);
  const hours = Math.trunc((past % DAY) / HOUR);
  if (days >= 7 || hours === 0) return t(days === 1 ? "span.day" : "span.days", { n: days });
  return t(days === 1 ? "span.dayHours" : "span.daysHours", { d: days, h: hours });
}

/** "2 h 41 min later", where what happened and what arrived are more than six hours apart; else nothing. */
export function delay(at: Timestamp | undefined, arrived: Timestamp | undefined): string | undefined {
  if (!at || !arrived) return undefined;
  const between = timestampMs(arrived) - timestampMs(at);
  return between > DELAY_TOLD ? t("time.later", { span: span(between) }) : undefined;
}

/** Whole years between two days; nothing where one of them is no date. */
export function years(from: string, to: string): number | undefined {
  const parts = [from, to].map((text) => /^(\d{4})-(\d{2}-\d{2})$/.exec(text));
  const [a, b] = parts;
  if (!a || !b) return undefined;
  const full = Number(b[1]) - Number(a[1]);
  return (b[2] ?? "") < (a[2] ?? "") ? full - 1 : full;
}
