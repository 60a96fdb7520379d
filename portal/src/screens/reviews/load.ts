// Disputes and endings of all my circles, and the findings of those in which the work list says that there are some: the server
// looks for findings in one circle at a time.
import { type Review, ReviewKind, ReviewService } from "../../../gen/osteon/review/v1/review_service_pb";
import { WorkFilter, WorklistService, WorkReasonKind } from "../../../gen/osteon/worklist/v1/worklist_service_pb";
import { learn } from "../../app/standing";
import { client, tried } from "../../rpc/call";

const PAGES = 10;

async function pages(circle: bigint, signal: AbortSignal): Promise<Review[]> {
  const found: Review[] = [];
  let pageToken = "";
  for (let n = 0; n < PAGES; n += 1) {
    const request = { circle, pageSize: 100, pageToken };
    const answer = await tried(() => client(ReviewService).listReviews(request, { signal }), { signal });
    found.push(...answer.reviews);
    pageToken = answer.nextPageToken;
    if (pageToken === "") break;
  }
  return found;
}

export const ofCircle = (circle: bigint, signal: AbortSignal): Promise<Review[]> => pages(circle, signal);

export async function inbox(viewId: string, signal: AbortSignal): Promise<Review[]> {
  const request = { filter: WorkFilter.ALL, pageSize: 100, viewId };
  const [disputes, work] = await Promise.all([
    pages(0n, signal),
    tried(() => client(WorklistService).listWork(request, { signal }), { signal }),
  ]);
  learn(work);
  const circles = work.rows
    .filter((row) => row.reasons.some((reason) => reason.kind === WorkReasonKind.FINDING) || row.moreReasons > 0)
    .map((row) => row.circle);
  const findings = await Promise.all(circles.map((circle) => pages(circle, signal)));
  const own = findings.flat().filter((review) => review.reviewId === "");
  return [...disputes, ...own].sort((a, b) => rank(a) - rank(b) || opened(a) - opened(b));
}

/** By danger, then by how long it waits. */
function rank(review: Review): number {
  if (review.kind === ReviewKind.DISPUTE) return review.field?.blocked ? 0 : 2;
  if (review.kind === ReviewKind.CONTRADICTION) return 1;
  if (review.kind === ReviewKind.ENDING) return 3;
  return 4;
}

const opened = (review: Review): number => Number(review.opened?.seconds ?? 0n);
