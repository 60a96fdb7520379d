// What stands open over all patients, for the bar and the status row: asked again when something moved, as one view of one
// person (one audit row), without touching what the screen below shows.

import { timestampMs } from "@bufbuild/protobuf/wkt";
import { effect, signal } from "@preact/signals";
import { AlertSeverity } from "../../gen/osteon/care/v1/alert_pb";
import { type Thread, ThreadService } from "../../gen/osteon/thread/v1/thread_service_pb";
import {
  type ListWorkResponse,
  WorkFilter,
  WorkGroup,
  WorklistService,
  type WorkReason,
  WorkReasonKind,
  type WorkRow,
} from "../../gen/osteon/worklist/v1/worklist_service_pb";
import { gone, heads } from "../live/live";
import { BY_ITSELF, client, tried } from "../rpc/call";
import { heard } from "./clock";
import { placeName } from "./router";
import { session } from "./session";

export interface Counts {
  readonly rows: number;
  readonly reviews: number;
  readonly alerts: number;
  readonly phones: number;
  readonly rulesLate: number;
}

export interface OpenEmergency {
  readonly row: WorkRow;
  readonly reason: WorkReason;
}

export const counts = signal<Counts | undefined>(undefined);
export const emergencies = signal<readonly OpenEmergency[]>([]);
/** Conversations with something that I have not said to have read. */
export const unread = signal<readonly Thread[] | undefined>(undefined);
/** Names of patients by circle, as the newest list told them. */
export const names = signal<ReadonlyMap<bigint, string>>(new Map());

const AFTER_HINT_MS = 700;
/** Messages after it: no alert waits for them. */
const MESSAGES_MS = 1500;
/** The work list tells the same: only where it does not come is it asked beside it. */
const BESIDE_LIST_MS = 4000;

/** The name or pseudonym, of several live ones all; the case number where there is none. */
export const nameOf = (row: Pick<WorkRow, "displayNames" | "shortId">): string =>
  row.displayNames.length > 0 ? row.displayNames.join(" / ") : row.shortId.toUpperCase();

/** What an answer here holds already of each circle. */
const known = new Map<string, bigint>();
const isBehind = () => [...heads.peek()].some(([circle, head]) => (known.get(circle) ?? -1n) < head);

/** `whole`: of all patients, so that the open emergencies stand in it. */
export function learn(answer: ListWorkResponse, whole = false): void {
  if (answer.asOf) heard(timestampMs(answer.asOf));
  const next = new Map(names.value);
  for (const row of answer.rows) {
    next.set(row.circle, nameOf(row));
    known.set(String(row.circle), row.sequence);
  }
  names.value = next;
  if (whole) emergencies.value = emergenciesIn(answer.rows);
  const all = answer.counts;
  if (!all) return;
  counts.value = {
    rows: all.now + all.today + all.thisWeek + all.silent,
    reviews: all.reviews,
    alerts: all.alerts,
    phones: all.phones,
    rulesLate: all.rulesLate,
  };
}

const isEmergency = (reason: WorkReason) =>
  reason.severity === AlertSeverity.EMERGENCY &&
  (reason.kind === WorkReasonKind.ALERT || reason.kind === WorkReasonKind.REDACTED_ALERT);

const deadline = (one: OpenEmergency) =>
  one.reason.deadline ? timestampMs(one.reason.deadline) : Number.MAX_SAFE_INTEGER;

/** The nearest deadline first; what somebody took comes after what nobody took. */
export function emergenciesIn(rows: readonly WorkRow[]): OpenEmergency[] {
  const found = rows.flatMap((row) => row.reasons.filter(isEmergency).map((reason) => ({ row, reason })));
  const taken = (one: OpenEmergency) => (one.reason.owner === 0n ? 0 : 1);
  return found.sort((a, b) => taken(a) - taken(b) || deadline(a) - deadline(b));
}

let viewId = crypto.randomUUID();

export async function lookAround(): Promise<void> {
  try {
    const request = { filter: WorkFilter.ALL, groups: [WorkGroup.NOW], pageSize: 100, viewId };
    const answer = await tried(() => client(WorklistService).listWork(request, { headers: BY_ITSELF }));
    learn(answer, true);
  } catch {
    // What is on the screen stays; the freshness mark says that it may be old.
  }
}

export async function lookAtMessages(): Promise<void> {
  try {
    const request = { unread: true, pageSize: 100 };
    unread.value = (await tried(() => client(ThreadService).listThreads(request, { headers: BY_ITSELF }))).threads;
  } catch {
    // As above.
  }
}

let waiting: ReturnType<typeof setTimeout> | undefined;
let waitingToo: ReturnType<typeof setTimeout> | undefined;

effect(() => {
  heads.value;
  const left = gone.value;
  emergencies.value = emergencies.peek().filter(({ row }) => !left.has(String(row.circle)));
  unread.value = unread.peek()?.filter(({ circle }) => !left.has(String(circle)));
  if (session.value !== "in" && session.value !== "warned") {
    clearTimeout(waiting);
    clearTimeout(waitingToo);
    counts.value = undefined;
    emergencies.value = [];
    unread.value = undefined;
    names.value = new Map();
    known.clear();
    viewId = crypto.randomUUID();
    return;
  }
  clearTimeout(waiting);
  clearTimeout(waitingToo);
  waitingToo = setTimeout(() => void lookAtMessages(), MESSAGES_MS);
  const isListRead = counts.peek() === undefined && placeName.peek() === "work";
  const look = () => {
    if (counts.peek() === undefined || isBehind()) void lookAround();
  };
  waiting = setTimeout(look, isListRead ? BESIDE_LIST_MS : AFTER_HINT_MS);
});
