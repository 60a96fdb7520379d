// Proposals of one patient. The server lists records patient by patient, and each list is a read that stands in the audit: of all
// patients they are looked for when somebody asks, never by themselves.
import { RecordService } from "../../../gen/osteon/record/v1/record_service_pb";
import { client, tried } from "../../rpc/call";
import { PROPOSAL, type Proposed, proposedIn } from "../../value/proposal";

const PAGES = 5;

export async function proposalsOf(circle: bigint, signal: AbortSignal): Promise<Proposed[]> {
  const found: Proposed[] = [];
  let pageToken = "";
  for (let n = 0; n < PAGES; n += 1) {
    const request = { circle, type: PROPOSAL, pageSize: 100, pageToken };
    const answer = await tried(() => client(RecordService).listRecords(request, { signal }), { signal });
    found.push(...answer.records.flatMap((record) => proposedIn(record) ?? []));
    pageToken = answer.nextPageToken;
    if (pageToken === "") break;
  }
  return found;
}

export async function proposalsOfAll(circles: readonly bigint[], signal: AbortSignal): Promise<Proposed[]> {
  const found: Proposed[] = [];
  for (const circle of circles) found.push(...(await proposalsOf(circle, signal)));
  return found;
}

export const proposalKey = (one: Proposed): string => `proposal-${one.record.recordId}`;
