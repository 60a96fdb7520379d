// What is measured is measured by the page itself: when something is in its document, and when the frame with it was drawn. A test
// that looks from outside (a locator, an assertion) first brings code of its own into the slowed page and looks again only every
// now and then: on a slow computer that was up to a second of each figure.
import type { CDPSession, Page } from "@playwright/test";

/** What is waited for: an element, with a text in it; `gone`: there is none any more. */
export interface Wanted {
  readonly name: string;
  readonly selector: string;
  readonly text?: string;
  readonly gone?: string;
}

/** In milliseconds of the page's own clock since its start; `key`: when the last key was pressed; `trips`: see `tripsBefore`. */
export interface Noted {
  readonly name: string;
  readonly there: number;
  readonly drawn: number;
  readonly key: number;
  /** When the page began, by the computer's clock. */
  readonly origin: number;
  /** Answers of the server until then: when each was asked for and had. */
  readonly answers: readonly (readonly [string, number, number])[];
}

const BINDING = "osteonNoted";

/** Runs in the page, before anything else of it. */
function watcher({ binding, always }: { binding: string; always: Wanted }): void {
  if (location.protocol === "about:") return;
  const of = window as unknown as Record<string, (value: never) => void>;
  let key = 0;
  addEventListener("keydown", (event) => (key = event.timeStamp), true);
  const isThere = ({ selector, text, gone }: Wanted) =>
    [...document.querySelectorAll(selector)].some((one) => text === undefined || one.textContent?.includes(text)) &&
    (gone === undefined || document.querySelector(gone) === null);
  const tell = (name: string, there: number) => {
    const drawn = performance.now();
    const calls = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    const answers = calls
      .filter((one) => one.transferSize > 0 && one.responseEnd <= there)
      .map((one) => [one.name.replace(/^.*\//, ""), one.startTime, one.responseEnd] as const);
    const [page] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    if (page && page.responseEnd <= there) answers.unshift(["page", 0, page.responseEnd]);
    const told: Noted = { name, there, drawn, key, origin: performance.timeOrigin, answers };
    of[binding]?.(JSON.stringify(told) as never);
  };
  const watch = (wanted: Wanted) => {
    let seen = false;
    const look = () => {
      if (seen || !isThere(wanted)) return;
      seen = true;
      watching.disconnect();
      const there = performance.now();
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => tell(wanted.name, there);
        port2.postMessage(0);
      });
    };
    const watching = new MutationObserver(look);
    watching.observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
    look();
  };
  of.osteonWatch = watch as (value: never) => void;
  watch(always);
}

export interface Watch {
  readonly client: CDPSession;
  /** The next time that this is noted. Asked for before what leads to it is done. */
  noted(name: string): Promise<Noted>;
  /** Waits for it from now on; `told` comes when it is noted. */
  want(wanted: Wanted): Promise<{ readonly told: Promise<Noted> }>;
}

const PATIENCE_MS = 60_000;

/** `always`: what each page that is loaded waits for. */
export async function watched(page: Page, always: Wanted): Promise<Watch> {
  const client = await page.context().newCDPSession(page);
  await client.send("Runtime.enable");
  await client.send("Runtime.addBinding", { name: BINDING });
  await page.addInitScript(watcher, { binding: BINDING, always });
  const waiting = new Map<string, (noted: Noted) => void>();
  client.on("Runtime.bindingCalled", ({ name, payload }) => {
    if (name !== BINDING) return;
    const told = JSON.parse(payload) as Noted;
    waiting.get(told.name)?.(told);
    waiting.delete(told.name);
  });
  const noted = (name: string) =>
    new Promise<Noted>((done, failed) => {
      const patience = setTimeout(() => failed(new Error(`never seen: ${name}`)), PATIENCE_MS);
      waiting.set(name, (told) => {
        clearTimeout(patience);
        done(told);
      });
    });
  const want = async (wanted: Wanted) => {
    const told = noted(wanted.name);
    await client.send("Runtime.evaluate", { expression: `osteonWatch(${JSON.stringify(wanted)})` });
    return { told };
  };
  return { client, noted, want };
}

/** How many answers came one after the other: each asked for when another had come. One costs at least one way there and back. */
export function tripsIn(answers: Noted["answers"], from = 0): number {
  const depth: { end: number; trips: number }[] = [];
  for (const [, start, end] of [...answers].sort((a, b) => a[1] - b[1])) {
    if (start < from) continue;
    const before = depth.filter((one) => one.end <= start).map((one) => one.trips);
    depth.push({ end, trips: 1 + Math.max(0, ...before) });
  }
  return Math.max(0, ...depth.map((one) => one.trips));
}
