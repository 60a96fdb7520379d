// Emergency access that this tab opened: in its memory alone, by case number. The server ends it after four hours, whatever this
// page knows.
import { signal } from "@preact/signals";
import { now } from "./clock";

export interface OpenGlass {
  readonly circle: bigint;
  readonly shortId: string;
  /** The entry of the circle that says so: ending it early names it. */
  readonly recordId: string;
  readonly untilMs: number;
}

const opened = signal<ReadonlyMap<string, OpenGlass>>(new Map());

export const glassOf = (shortId: string): OpenGlass | undefined => {
  const found = opened.value.get(shortId);
  return found && found.untilMs > now() ? found : undefined;
};

export function keepGlass(one: OpenGlass): void {
  opened.value = new Map(opened.value).set(one.shortId, one);
}

export function dropGlass(shortId: string): void {
  const next = new Map(opened.value);
  next.delete(shortId);
  opened.value = next;
}

export function dropAllGlass(): void {
  opened.value = new Map();
}
