// The server's time: ages and deadlines are never told by this computer's clock.
import { signal } from "@preact/signals";

const ahead = signal(0);
const STEP_MS = 1000;
/** Ticks once a minute, so that ages do. */
const minute = signal(0);

/** Whether the server has told its time yet: before that nothing ends by this computer's clock. */
export const isTold = signal(false);

/** What an answer said the time is. */
export function heard(serverMs: number): void {
  const next = serverMs - Date.now();
  // Each way takes a little longer or shorter than the last: no reason to draw every age anew.
  if (!isTold.peek() || Math.abs(next - ahead.peek()) > STEP_MS) ahead.value = next;
  isTold.value = true;
}

export function now(): number {
  minute.value;
  return Date.now() + ahead.value;
}

export function startClock(): void {
  setInterval(() => {
    minute.value += 1;
  }, 60_000);
}
