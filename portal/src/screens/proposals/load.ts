// Proposals over all patients, in one list: those that one may decide, or those that one made, with how each ended.
import { type Signal, useSignal } from "@preact/signals";
import { type ListedProposal, ReviewService } from "../../../gen/osteon/review/v1/review_service_pb";
import { type Resource, useResource } from "../../app/resource";
import type { How } from "../../parts/fresh";
import { client, tried } from "../../rpc/call";
import { type Proposed, proposedIn } from "../../value/proposal";

const PAGE = 50;

export interface Listed extends Proposed {
  readonly how: ListedProposal;
}

export interface ListedProposals {
  readonly all: readonly Listed[];
  readonly more: boolean;
}

export interface Proposals {
  readonly list: Resource<ListedProposals>;
  /** Those that I made, in place of those that are mine to decide. */
  readonly mine: Signal<boolean>;
  readonly ended: Signal<boolean>;
  readonly more: () => void;
  /** The keys of those that stand now of one patient, as the list was asked for. */
  readonly now: (circle: bigint, how: How) => Promise<Set<string>>;
}

/** `circle` 0: of all patients. */
export function useProposals(circle: bigint): Proposals {
  const mine = useSignal(false);
  const ended = useSignal(false);
  const pages = useSignal(1);
  const asked = { circle, mine: mine.value, includeEnded: ended.value };
  const list = useResource(`proposals ${circle} ${asked.mine} ${asked.includeEnded}`, (signal) =>
    listed(asked, pages.value, { signal }),
  );
  const now = async (of: bigint, how: How) => {
    const found = await listed({ ...asked, circle: of }, pages.value, how);
    return new Set(found.all.map(proposalKey));
  };
  const more = () => {
    pages.value += 1;
    list.reload();
  };
  return { list, mine, ended, more, now };
}

interface Asked {
  readonly circle: bigint;
  readonly mine: boolean;
  readonly includeEnded: boolean;
}

/** So many pages as one list; a page may be empty and have a next one. */
async function listed(asked: Asked, pages: number, how: How): Promise<ListedProposals> {
  const all: Listed[] = [];
  for (let n = 0, pageToken = ""; ; n += 1) {
    const request = { ...asked, pageSize: PAGE, pageToken };
    const answer = await tried(() => client(ReviewService).listProposals(request, how), { signal: how.signal });
    for (const listed of answer.proposals) {
      const one = listed.record && proposedIn(listed.record);
      if (one) all.push({ ...one, how: listed });
    }
    pageToken = answer.nextPageToken;
    if (pageToken === "" || n + 1 >= pages) return { all, more: pageToken !== "" };
  }
}

export const proposalKey = (one: Proposed): string => `proposal-${one.record.recordId}`;

/** What was ended on this page: what it became is read to its end, also where the list says that it is over. */
export const ended = new Set<string>();
