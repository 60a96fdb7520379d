// The session: who sits here, when it ends for idleness, and that nothing of a patient is left on the page then.

import { timestampMs } from "@bufbuild/protobuf/wkt";
import { effect, signal } from "@preact/signals";
import { SessionService } from "../../gen/osteon/identity/v1/identity_service_pb";
import { type GetServerInfoResponse, ServerService } from "../../gen/osteon/server/v1/server_service_pb";
import { connections } from "../live/live";
import { BY_ITSELF, client, onSignedOut, tried } from "../rpc/call";
import { ask, DeskRefused, whoAmI } from "../rpc/desk";
import { dropEarly } from "../rpc/early";
import { dropAhead } from "./ahead";
import { heard, isTold, now } from "./clock";
import { drafts } from "./drafts";
import { dropAllGlass } from "./glass";
import { me } from "./me";
import { go } from "./router";

export type SessionState = "starting" | "out" | "in" | "warned" | "locked" | "unreachable";

export const session = signal<SessionState>("starting");
export const server = signal<GetServerInfoResponse | undefined>(undefined);
/** When, by the server's clock, the session ends if nothing is done until then. */
export const idleEnds = signal(0);

/** The server was brought up to date, or restored, since this page was loaded. */
export const outdated = signal(false);
/** Why the page is locked. */
export const lockedFor = signal<"idle" | "ended">("idle");

const WARN_MS = 2 * 60_000;
/** At most this often a key says to the server that somebody is there. */
const EXTEND_EVERY_MS = 60_000;

let lastAccount: bigint | undefined;
/** Program, catalogue and epoch of the server that this page came from. */
let loadedFrom: string | undefined;
let lastExtended = 0;

const getMe = () => client(SessionService).getMe({});

/** Asks who the cookie says I am. */
export async function enter(): Promise<void> {
  try {
    // Both at once: neither needs the other's answer.
    let asked: ReturnType<typeof getMe> | undefined = getMe();
    asked.catch(() => undefined);
    const ends = await whoAmI();
    const answer = await tried(() => {
      const first = asked ?? getMe();
      asked = undefined;
      return first;
    });
    if (lastAccount !== undefined && lastAccount !== answer.account) {
      // Another account gets neither place nor drafts.
      drafts.clear();
      dropAllGlass();
      go({ name: "work", ask: {} });
    }
    lastAccount = answer.account;
    lastExtended = Date.now();
    idleEnds.value = Math.min(ends.idle_ms, ends.absolute_ms);
    me.value = { account: answer.account, circles: answer.circles };
    session.value = "in";
    void describeServer();
  } catch (error) {
    if (session.value === "locked") return;
    const known = error instanceof DeskRefused && error.reason !== "";
    leave(known ? "out" : "unreachable");
  }
}

/** Somebody who signed in again elsewhere in this browser finds place and texts here. */
function again(): void {
  if (session.value === "locked" && document.visibilityState === "visible") void enter();
}

function lock(why: "idle" | "ended"): void {
  if (session.value !== "in" && session.value !== "warned") return;
  lockedFor.value = why;
  leave("locked");
}

const FIRST_MS = 2000;

async function describeServer(): Promise<void> {
  try {
    const info = await tried(() => client(ServerService).getServerInfo({}, { headers: BY_ITSELF }));
    const build = `${info.version} ${info.catalogueVersion} ${info.epoch}`;
    loadedFrom ??= build;
    outdated.value = build !== loadedFrom;
    server.value = info;
    if (info.serverTime) heard(timestampMs(info.serverTime));
  } catch {
    // What was told before still holds.
  }
}

/** The content is removed from the document, not covered. */
export function leave(to: "starting" | "out" | "locked" | "unreachable"): void {
  dropAhead();
  dropEarly();
  me.value = undefined;
  session.value = to;
}

/** Any key or click says that somebody is there. */
function here(): void {
  if (session.value !== "in" && session.value !== "warned") return;
  if (session.value === "in" && Date.now() - lastExtended < EXTEND_EVERY_MS) return;
  lastExtended = Date.now();
  void ask<{ idle_ms: number; absolute_ms: number }>("me").then(
    (ends) => {
      idleEnds.value = Math.min(ends.idle_ms, ends.absolute_ms);
      if (session.value === "warned") session.value = "in";
    },
    (error: unknown) => {
      if (error instanceof DeskRefused && error.reason !== "") lock("ended");
    },
  );
}

function look(): void {
  if ((session.value !== "in" && session.value !== "warned") || !isTold.value) return;
  const left = idleEnds.value - now();
  if (left <= 0) lock("idle");
  else if (left < WARN_MS) session.value = "warned";
}

export function startSession(): void {
  onSignedOut.call = () => lock("ended");
  addEventListener("keydown", here);
  addEventListener("pointerdown", here);
  setInterval(look, 5000);
  addEventListener("focus", again);
  document.addEventListener("visibilitychange", again);
  // A page that the browser kept whole shows nothing before the server was asked who sits here.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    leave("starting");
    void enter();
  });
  // A text that was not saved is not lost by closing or reloading unasked.
  addEventListener("beforeunload", (event) => {
    if (drafts.count() > 0) event.preventDefault();
  });
  effect(() => {
    // With the first it was asked a moment ago, as somebody came in: the page goes first.
    const wait = connections.value === 1 ? FIRST_MS : 0;
    if (connections.value > 0) setTimeout(() => void describeServer(), wait);
  });
  void enter();
}
