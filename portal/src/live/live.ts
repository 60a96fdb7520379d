// Hints that something changed: one stream a browser (a lock elects the tab), spread to the others. No clinical data in it:
// whoever gets a hint asks the ordinary, filtered, audited RPC.

import { timestampMs } from "@bufbuild/protobuf/wkt";
import { signal } from "@preact/signals";
import { LiveService, type WatchResponse } from "../../gen/osteon/live/v1/live_service_pb";
import { heard } from "../app/clock";
import { BY_ITSELF, client } from "../rpc/call";
import { failureOf, isSignedOut } from "../rpc/failure";

/** Three heartbeats of 15 seconds. */
export const NOT_LIVE_MS = 45_000;
const LOUD_MS = 5 * 60_000;

/** When a heartbeat was last heard, on this computer's clock; 0: never. */
export const lastHeard = signal(0);
/** Raised with every hint; the newest head of each circle. */
export const heads = signal<ReadonlyMap<string, bigint>>(new Map());
export const gone = signal<ReadonlySet<string>>(new Set());
const tick = signal(0);

export type Liveness = "starting" | "live" | "stale" | "loud";

export function liveness(nowMs = Date.now()): Liveness {
  tick.value;
  if (lastHeard.value === 0) return "starting";
  const silent = nowMs - lastHeard.value;
  if (silent < NOT_LIVE_MS) return "live";
  return silent < LOUD_MS ? "stale" : "loud";
}

type Hint =
  | { readonly kind: "moved"; readonly circle: string; readonly sequence: string }
  | { readonly kind: "left"; readonly circle: string }
  | { readonly kind: "beat"; readonly serverMs: number };

function take(hint: Hint): void {
  lastHeard.value = Date.now();
  if (hint.kind === "beat") heard(hint.serverMs);
  if (hint.kind === "left") gone.value = new Set([...gone.value, hint.circle]);
  if (hint.kind === "moved") heads.value = new Map(heads.value).set(hint.circle, BigInt(hint.sequence));
}

function hintOf(answer: WatchResponse): Hint | undefined {
  const { event } = answer;
  switch (event.case) {
    case "moved":
      return { kind: "moved", circle: String(event.value.circle), sequence: String(event.value.sequence) };
    case "left":
      return { kind: "left", circle: String(event.value) };
    case "caughtUp":
    case "heartbeat":
      return { kind: "beat", serverMs: event.value.serverTime ? timestampMs(event.value.serverTime) : Date.now() };
    default:
      return undefined;
  }
}

let stop: AbortController | undefined;
let resume: Uint8Array | undefined;

const CHANNEL = "osteon-live";
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

export function startLive(): void {
  stop?.abort();
  const mine = new AbortController();
  stop = mine;
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (event: MessageEvent<Hint>) => take(event.data);
  const ticking = setInterval(() => {
    tick.value += 1;
  }, 5000);
  mine.signal.addEventListener("abort", () => {
    channel.close();
    clearInterval(ticking);
    lastHeard.value = 0;
  });
  const lead = () =>
    follow(mine.signal, (hint) => {
      take(hint);
      if (!mine.signal.aborted) channel.postMessage(hint);
    });
  void navigator.locks.request(CHANNEL, { signal: mine.signal }, lead).catch(() => undefined);
}

export function stopLive(): void {
  stop?.abort();
  stop = undefined;
}

/** Holds the stream open as long as nobody says stop. */
async function follow(signal: AbortSignal, spread: (hint: Hint) => void): Promise<void> {
  let wait = FIRST_WAIT_MS;
  while (!signal.aborted) {
    try {
      const request = resume ? { resumeToken: resume } : {};
      for await (const answer of client(LiveService).watch(request, { signal, headers: BY_ITSELF })) {
        const hint = hintOf(answer);
        if (hint) spread(hint);
        wait = FIRST_WAIT_MS;
        const { event } = answer;
        if (event.case === "heartbeat" || event.case === "caughtUp") resume = event.value.resumeToken;
      }
    } catch (thrown) {
      if (isSignedOut(failureOf(thrown))) return;
    }
    await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())));
    wait = Math.min(LONGEST_WAIT_MS, wait * 2);
  }
}
