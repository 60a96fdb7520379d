// Disputes in which one value was mine and that somebody else decided, the newest decision first.
import { ReviewService, type Settled } from "../../../gen/osteon/review/v1/review_service_pb";
import type { How } from "../../parts/fresh";
import { client, tried } from "../../rpc/call";

const PAGE = 20;

export interface SettledList {
  readonly all: readonly Settled[];
  readonly more: boolean;
}

export async function settledIn(circle: bigint, pages: number, how: How): Promise<SettledList> {
  const all: Settled[] = [];
  for (let n = 0, pageToken = ""; ; n += 1) {
    const request = { circle, pageSize: PAGE, pageToken };
    const answer = await tried(() => client(ReviewService).listSettled(request, how), how);
    all.push(...answer.settled);
    pageToken = answer.nextPageToken;
    if (pageToken === "" || n + 1 >= pages) return { all, more: pageToken !== "" };
  }
}

/** One field may have been decided more than once. */
export const settledKey = ({ recordId, field, decision }: Settled): string =>
  `settled-${recordId}-${field}-${decision?.dot?.epoch}.${decision?.dot?.replica}.${decision?.dot?.counter}`;
