// Emergency access that is open: in this tab's memory alone, by case number, as this tab opened it or as the server told it with a
// patient's page. The server ends it after four hours, whatever this page knows.

import { timestampMs } from "@bufbuild/protobuf/wkt";
import { effect, signal } from "@preact/signals";
import type { CircleView } from "../../gen/osteon/circle/v1/circle_service_pb";
import { now } from "./clock";

export interface OpenGlass {
  readonly circle: bigint;
  readonly shortId: string;
  /** The entry of the circle that says so: ending it early names it. */
  readonly recordId: string;
  readonly untilMs: number;
}

const opened = signal<ReadonlyMap<string, OpenGlass>>(new Map());
/** How often emergency access to a patient ended: what was read behind it goes, and the page is read anew. */
const ended = signal<ReadonlyMap<string, number>>(new Map());
export const glassEnds = (shortId: string | undefined): number => ended.value.get(shortId ?? "") ?? 0;

export const glassOf = (shortId: string): OpenGlass | undefined => opened.value.get(shortId);

export function keepGlass(one: OpenGlass): void {
  opened.value = new Map(opened.peek()).set(one.shortId, one);
}

export function dropGlass(shortId: string): void {
  const next = new Map(opened.peek());
  if (!next.delete(shortId)) return;
  opened.value = next;
  ended.value = new Map(ended.peek()).set(shortId, (ended.peek().get(shortId) ?? 0) + 1);
}

export function dropAllGlass(): void {
  opened.value = new Map();
}

/** A page that is loaded again knows of no glass that was broken before; what was ended elsewhere is over here, too. */
export function learnGlass(view: CircleView | undefined): void {
  if (!view) return;
  const { circle, shortId, glass } = view;
  if (glass?.notAfter) keepGlass({ circle, shortId, recordId: glass.recordId, untilMs: timestampMs(glass.notAfter) });
  else dropGlass(shortId);
}

let timer: ReturnType<typeof setTimeout> | undefined;
const due = signal(0);

// Each minute, too: a computer that slept wakes late.
effect(() => {
  due.value;
  clearTimeout(timer);
  const all = [...opened.value.values()];
  const left = Math.min(...all.map((one) => one.untilMs)) - now();
  for (const one of all) if (one.untilMs <= now()) dropGlass(one.shortId);
  if (left > 0 && left < Number.POSITIVE_INFINITY) timer = setTimeout(() => (due.value += 1), left);
});
