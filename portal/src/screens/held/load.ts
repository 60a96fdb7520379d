// What waits for a person because its author had lost the right, the record was moved, or the server failed on it.
import { type QuarantinedChange, QuarantineService } from "../../../gen/osteon/review/v1/quarantine_service_pb";
import type { How } from "../../parts/fresh";
import { client, tried } from "../../rpc/call";
import type { MarkKind } from "../../value/marks";
import { has, t, words } from "../../words";

const PAGES = 10;

/** The oldest first, as the server tells it; `more` where there is more than this reads. */
export async function heldIn(circle: bigint, how: How): Promise<{ changes: QuarantinedChange[]; more: boolean }> {
  const changes: QuarantinedChange[] = [];
  let pageToken = "";
  for (let n = 0; n < PAGES; n += 1) {
    const request = { circle, pageSize: 100, pageToken };
    const answer = await tried(() => client(QuarantineService).listQuarantined(request, how), how);
    changes.push(...answer.changes);
    pageToken = answer.nextPageToken;
    if (pageToken === "") break;
  }
  return { changes, more: pageToken !== "" };
}

export const heldKey = (change: QuarantinedChange): string => `held-${change.circle}-${change.id}`;

/** Decided on this page: what was said about it stays until the list is read again. */
export const answered = new Set<string>();

const AFTER_RESTORE = new Set(["LOST_TAIL", "OFFERED_BACK"]);
export const isAfterRestore = (change: QuarantinedChange): boolean => AFTER_RESTORE.has(change.reason);

export const heldWord = (change: QuarantinedChange): string =>
  t(isAfterRestore(change) ? "held.kind.restore" : "held.kind.held");

export const heldMark = (change: QuarantinedChange): MarkKind => (isAfterRestore(change) ? "urgent" : "soon");

/** Why it waits: ours where we have words, else the server's own stable reason. */
export function whyHeld(change: QuarantinedChange): string {
  const key = `reason.${change.reason}`;
  return has(key) ? words(key) : t("held.whyOther", { reason: change.reason });
}
