// Hints that something changed: one stream a browser (a lock elects the tab), spread to the others. No clinical data in it:
// whoever gets a hint asks the ordinary, filtered, audited RPC.

import { timestampMs } from "@bufbuild/protobuf/wkt";
import { signal } from "@preact/signals";
import { type LiveHeartbeat, LiveService, type WatchResponse } from "../../gen/osteon/live/v1/live_service_pb";
import { ServerService } from "../../gen/osteon/server/v1/server_service_pb";
import { heard, now } from "../app/clock";
import { away, BY_ITSELF, client, onSignedOut } from "../rpc/call";
import { failureOf, isSignedOut } from "../rpc/failure";

/** Three heartbeats of 15 seconds. */
export const NOT_LIVE_MS = 45_000;
const LOUD_MS = 5 * 60_000;

/** When a heartbeat was last heard, on this computer's clock; 0: never. */
export const lastHeard = signal(0);
/** Raised with every hint; the newest head of each circle. */
export const heads = signal<ReadonlyMap<string, bigint>>(new Map());
/** Circles that I am in no more: what is shown of them goes. */
export const gone = signal<ReadonlySet<string>>(new Set());
/** Raised with every connection that was caught up: the server may be another one by then. */
export const connections = signal(0);
/** Ticks every few seconds, for ages of what is on the screen. */
export const liveTick = signal(0);

export type Liveness = "starting" | "live" | "stale" | "loud";

export function liveness(nowMs = Date.now()): Liveness {
  liveTick.value;
  if (lastHeard.value === 0) return "starting";
  const silent = nowMs - lastHeard.value;
  if (silent < NOT_LIVE_MS) return "live";
  return silent < LOUD_MS ? "stale" : "loud";
}

type Hint =
  | { readonly kind: "moved"; readonly circle: string; readonly sequence: string }
  | { readonly kind: "left"; readonly circle: string }
  | { readonly kind: "signed out" }
  | { readonly kind: "away"; readonly is: boolean }
  | { readonly kind: "beat"; readonly serverMs: number }
  | { readonly kind: "up"; readonly serverMs: number };

function take(hint: Hint): void {
  if (hint.kind === "signed out") {
    onSignedOut.call();
    return;
  }
  away.value = hint.kind === "away" && hint.is;
  if (hint.kind === "away") return;
  lastHeard.value = Date.now();
  if (hint.kind === "beat") heard(hint.serverMs);
  if (hint.kind === "up") {
    heard(hint.serverMs);
    connections.value += 1;
  }
  if (hint.kind === "left") gone.value = new Set([...gone.value, hint.circle]);
  if (hint.kind === "moved") {
    heads.value = new Map(heads.value).set(hint.circle, BigInt(hint.sequence));
    if (gone.value.has(hint.circle)) gone.value = new Set([...gone.value].filter((one) => one !== hint.circle));
  }
}

function hintOf(answer: WatchResponse): Hint | undefined {
  const { event } = answer;
  switch (event.case) {
    case "moved":
      return { kind: "moved", circle: String(event.value.circle), sequence: String(event.value.sequence) };
    case "left":
      return { kind: "left", circle: String(event.value) };
    case "caughtUp":
      return { kind: "up", serverMs: timeOf(event.value) };
    case "heartbeat":
      return { kind: "beat", serverMs: timeOf(event.value) };
    default:
      return undefined;
  }
}

const timeOf = (beat: LiveHeartbeat): number => (beat.serverTime ? timestampMs(beat.serverTime) : now());

let stop: AbortController | undefined;
let resume: Uint8Array | undefined;

const CHANNEL = "osteon-live";
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** While nothing can be saved somebody waits for it. */
const LONGEST_AWAY_MS = 8000;

export function startLive(): void {
  stop?.abort();
  const mine = new AbortController();
  stop = mine;
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (event: MessageEvent<Hint>) => take(event.data);
  const ticking = setInterval(() => {
    liveTick.value += 1;
  }, 5000);
  addEventListener("offline", () => (away.value = true), { signal: mine.signal });
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
  // The next who sits here may be somebody else.
  resume = undefined;
  gone.value = new Set();
  heads.value = new Map();
}

/** A stream says something at once. One that says nothing for so long is held back by something between: then it is asked in turns. */
const SAYS_SOMETHING_MS = 6000;

let inTurns = false;

/** Keeps asking as long as nobody says stop. */
async function follow(signal: AbortSignal, spread: (hint: Hint) => void): Promise<void> {
  let wait = FIRST_WAIT_MS;
  inTurns = false;
  while (!signal.aborted) {
    const how = await watch(signal, spread);
    if (how === "signed out") {
      spread({ kind: "signed out" });
      return;
    }
    if (how === "held back") inTurns = true;
    if (how === "held back" || (how === "over" && inTurns)) {
      wait = FIRST_WAIT_MS;
      continue;
    }
    if (how === "over") wait = FIRST_WAIT_MS;
    else await probe(spread);
    await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())));
    wait = Math.min(away.value ? LONGEST_AWAY_MS : LONGEST_WAIT_MS, wait * 2);
  }
}

/** Whether it is the server that is out of reach, or streams alone. */
async function probe(spread: (hint: Hint) => void): Promise<void> {
  await client(ServerService)
    .getServerInfo({}, { headers: BY_ITSELF })
    .catch(() => undefined);
  spread({ kind: "away", is: away.value });
}

type Ended = "over" | "failed" | "held back" | "signed out";

/** One stream, or one turn of a long poll, to its end. */
async function watch(signal: AbortSignal, spread: (hint: Hint) => void): Promise<Ended> {
  const mine = new AbortController();
  const end = () => mine.abort();
  signal.addEventListener("abort", end);
  let said = false;
  let heldBack = false;
  const patience = setTimeout(() => {
    heldBack = !said && !inTurns;
    if (heldBack) mine.abort();
  }, SAYS_SOMETHING_MS);
  try {
    const request = { longPoll: inTurns, ...(resume ? { resumeToken: resume } : {}) };
    for await (const answer of client(LiveService).watch(request, { signal: mine.signal, headers: BY_ITSELF })) {
      said = true;
      const hint = hintOf(answer);
      if (hint) spread(hint);
      const { event } = answer;
      if (event.case === "heartbeat" || event.case === "caughtUp") resume = event.value.resumeToken;
    }
    return "over";
  } catch (thrown) {
    if (heldBack) return "held back";
    if (isSignedOut(failureOf(thrown))) return "signed out";
    return said && !inTurns ? "over" : "failed";
  } finally {
    clearTimeout(patience);
    signal.removeEventListener("abort", end);
  }
}
