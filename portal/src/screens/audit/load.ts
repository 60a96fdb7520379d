// The audit of one circle, page by page, and its words.

import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type AccessEntry,
  AccessKind,
  AuditService,
  type ListAccessResponse,
} from "../../../gen/osteon/audit/v1/audit_service_pb";
import { client, tried } from "../../rpc/call";
import { has, t, words } from "../../words";

const PAGE = 100;
const DAY_MS = 86_400_000;

export interface Asked {
  readonly circle: bigint;
  readonly kind: AccessKind;
  readonly account: bigint;
  /** Days, "2026-11-27"; empty: no bound. */
  readonly from: string;
  readonly to: string;
}

/** The first moment of a day on the viewer's clock. */
function startOf(day: string): number | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!parts) return undefined;
  const at = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])).getTime();
  return Number.isNaN(at) ? undefined : at;
}

/** So many pages as one list; a page may be empty and have a next one. */
export async function auditOf(asked: Asked, pages: number, signal: AbortSignal): Promise<ListAccessResponse> {
  const from = startOf(asked.from);
  const to = startOf(asked.to);
  const bounds = {
    ...(from === undefined ? {} : { from: timestampFromMs(from) }),
    ...(to === undefined ? {} : { to: timestampFromMs(to + DAY_MS - 1) }),
  };
  const { circle, kind, account } = asked;
  let whole: ListAccessResponse | undefined;
  let pageToken = "";
  for (let n = 0; n < pages; n += 1) {
    const request = { circle, kind, account, ...bounds, pageSize: PAGE, pageToken };
    const answer = await tried(() => client(AuditService).listAccess(request, { signal }), { signal });
    if (whole) answer.entries.unshift(...whole.entries);
    whole = answer;
    pageToken = answer.nextPageToken;
    if (pageToken === "") break;
  }
  if (!whole) throw new RangeError("no page was asked for");
  return whole;
}

export const KINDS = [
  [AccessKind.UNSPECIFIED, "audit.everything"],
  [AccessKind.READ, "audit.read"],
  [AccessKind.WRITE, "audit.write"],
  [AccessKind.DENIED, "audit.denied"],
] as const;

const GLASS = new Set(["glass.break", "glass.end"]);
/** The outcome of a look that nothing but broken glass allowed. */
export const BEHIND = "behind_glass";

/** The glass was broken or mended, or somebody looked behind it. */
export const isGlass = (one: AccessEntry): boolean => GLASS.has(one.action) || one.outcome === BEHIND;

/** What was done: ours where we have words, else the server's stable word. */
export function actionWords(action: string): string {
  const key = `action.${action}`;
  return has(key) ? words(key) : action.replace(/^\//, "");
}

export function outcomeWords(outcome: string): string {
  if (outcome === "ok") return t("audit.done");
  return outcome === BEHIND ? t("audit.behind") : t("audit.refused", { reason: outcome });
}
