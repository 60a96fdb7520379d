// What a gap says: the phone was not heard, it was and nobody wrote, or nobody can tell.
import { PhoneContact } from "../../gen/osteon/timeline/v1/timeline_service_pb";
import { addDays, day } from "../format/time";
import { t } from "../words";
import type { Series } from "./read";

export type Gap = "silent" | "unwritten" | "unknown";

export interface GapSpan {
  readonly from: string;
  readonly to: string;
  readonly gap: Gap;
}

interface Span {
  readonly from: string;
  readonly to: string;
}

const daysIn = (spans: readonly Span[]): Set<string> => {
  const days = new Set<string>();
  for (const { from, to } of spans) for (let one = from; one <= to; one = addDays(one, 1)) days.add(one);
  return days;
};

/** The days of which something is missing, those that follow each other and say the same as one. */
function gapsIn({ from, to, phone }: Series, isMissing: (day: string, gap: Gap) => boolean): GapSpan[] {
  const silent = daysIn(phone.filter((one) => one.contact === PhoneContact.NOT_HEARD));
  const heard = daysIn(phone.filter((one) => one.contact === PhoneContact.HEARD));
  const gaps: GapSpan[] = [];
  for (let one = from; one <= to; one = addDays(one, 1)) {
    const gap = silent.has(one) ? "silent" : heard.has(one) ? "unwritten" : "unknown";
    if (!isMissing(one, gap)) continue;
    const last = gaps.at(-1);
    if (last?.gap === gap && addDays(last.to, 1) === one) gaps[gaps.length - 1] = { ...last, to: one };
    else gaps.push({ from: one, to: one, gap });
  }
  return gaps;
}

/** Behind all lanes: every day on which the phone was not heard, and of the others those without any entry. */
export function gapsOf(series: Series): GapSpan[] {
  const written = daysIn(series.written);
  return gapsIn(series, (one, gap) => gap === "silent" || !written.has(one));
}

/** Of one lane the days on which it has no point. */
export function gapsOfLane(series: Series, points: readonly { readonly day: string }[]): GapSpan[] {
  const has = new Set(points.map((point) => point.day));
  return gapsIn(series, (one) => !has.has(one));
}

const WORDS = { silent: "gap.silent", unwritten: "gap.unwritten", unknown: "gap.unknown" } as const;

export const gapWord = (gap: Gap): string => t(WORDS[gap]);

export const spanWords = ({ from, to }: Span): string =>
  from === to ? day(from) : t("gap.fromTo", { from: day(from), to: day(to) });

/** In words what the hatching shows; and from when on it can be told at all. */
export function silenceWords(series: Series): string {
  const silent = gapsOf(series).filter((one) => one.gap === "silent");
  const unknown = series.phone.find((one) => one.contact === PhoneContact.CANNOT_TELL);
  const parts = [
    silent.length > 0 ? t("gap.notHeard", { days: silent.map(spanWords).join(", ") }) : "",
    unknown?.from === series.from ? t("gap.notKnown", { days: spanWords(unknown) }) : "",
  ];
  return parts.filter((part) => part !== "").join(" ");
}
