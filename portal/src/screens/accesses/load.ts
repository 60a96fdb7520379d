// Emergency accesses as the server tells them, and what was read behind one, as the audit tells it.

import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { AuditService, type ListAccessResponse } from "../../../gen/osteon/audit/v1/audit_service_pb";
import {
  BreakGlassService,
  type GlassAccess,
  type ListBreakGlassResponse,
} from "../../../gen/osteon/identity/v1/break_glass_service_pb";
import { client, tried } from "../../rpc/call";
import { BEHIND } from "../audit/load";

/** Those that nobody reviewed come first; within both the newest. `circle` 0: of all circles. */
export async function accessesOf(
  circle: bigint,
  notReviewed: boolean,
  signal: AbortSignal,
): Promise<ListBreakGlassResponse> {
  const request = { circle, notReviewed };
  const answer = await tried(() => client(BreakGlassService).listBreakGlass(request, { signal }), { signal });
  const done = (one: GlassAccess) => Number(one.review !== undefined);
  const from = (one: GlassAccess) => Number(one.notBefore?.seconds ?? 0n);
  answer.accesses.sort((a, b) => done(a) - done(b) || from(b) - from(a));
  return answer;
}

const PAGE = 100;
const PAGES = 10;

export interface Looked {
  readonly action: string;
  readonly times: number;
  readonly last: Timestamp | undefined;
}

export interface WhatWasRead {
  readonly looked: readonly Looked[];
  /** There is more than was looked through. */
  readonly cut: boolean;
}

/** What this access was needed for, by what was done, in the order of the newest of each. */
export async function readBehind(access: GlassAccess, signal: AbortSignal): Promise<WhatWasRead> {
  const { circle, account, notBefore, notAfter } = access;
  const bounds = { ...(notBefore ? { from: notBefore } : {}), ...(notAfter ? { to: notAfter } : {}) };
  const found = new Map<string, Looked>();
  let pageToken = "";
  for (let n = 0; n < PAGES; n += 1) {
    const request = { circle, account, ...bounds, pageSize: PAGE, pageToken };
    const answer = await tried(() => client(AuditService).listAccess(request, { signal }), { signal });
    count(found, answer);
    pageToken = answer.nextPageToken;
    if (pageToken === "") break;
  }
  return { looked: [...found.values()], cut: pageToken !== "" };
}

function count(found: Map<string, Looked>, { entries }: ListAccessResponse): void {
  for (const { action, outcome, at } of entries) {
    if (outcome !== BEHIND) continue;
    const known = found.get(action);
    found.set(action, { action, times: (known?.times ?? 0) + 1, last: known?.last ?? at });
  }
}
