// The server's time: ages and deadlines are never told by this computer's clock.
import { signal } from "@preact/signals";

const ahead = signal(0);
/** Ticks once a minute, so that ages do. */
const minute = signal(0);

/** What an answer said the time is. */
export function heard(serverMs: number): void {
  ahead.value = serverMs - Date.now();
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
