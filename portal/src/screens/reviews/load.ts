// Disputes and endings of all my circles, and the findings of those in which the work list says that there are some: the server
// looks for findings in one circle at a time.
import { RecordService } from "../../../gen/osteon/record/v1/record_service_pb";
import { type Review, ReviewKind, ReviewService } from "../../../gen/osteon/review/v1/review_service_pb";
import { WorkFilter, WorklistService, WorkReasonKind } from "../../../gen/osteon/worklist/v1/worklist_service_pb";
import { learn } from "../../app/standing";
import type { How } from "../../parts/fresh";
import { keyOf } from "../../parts/questions";
import { client, Refused, tried } from "../../rpc/call";
import { isAbsent } from "../../rpc/failure";

const PAGES = 10;

/** Questions, and whether there are more than these. */
export interface Listed {
  readonly reviews: Review[];
  readonly more: boolean;
}

async function pages(circle: bigint, how: How): Promise<Listed> {
  const found: Review[] = [];
  let pageToken = "";
  for (let n = 0; n < PAGES; n += 1) {
    const request = { circle, pageSize: 100, pageToken };
    const answer = await tried(() => client(ReviewService).listReviews(request, how), how);
    found.push(...answer.reviews);
    pageToken = answer.nextPageToken;
    if (pageToken === "") break;
  }
  return { reviews: found, more: pageToken !== "" };
}

export const ofCircle = (circle: bigint, how: How): Promise<Listed> => pages(circle, how);

/** Whether fields of records (0: any of it) may still be read. */
export async function areReadable(
  circle: bigint,
  of: readonly { readonly recordId: string; readonly field: number }[],
  how: How,
): Promise<boolean> {
  try {
    for (const { recordId, field } of of) {
      const { record } = await tried(() => client(RecordService).getRecord({ circle, recordId }, how), how);
      if (field > 0 && !record?.fields.some((view) => view.field === field)) return false;
    }
    return true;
  } catch (thrown) {
    if (thrown instanceof Refused && isAbsent(thrown.failure)) return false;
    throw thrown;
  }
}

/** The questions of a circle as they stand now, by key; of `shown`, which are on the screen, also those that wait no more and may
 * still be read. */
export async function nowIn(circle: bigint, shown: readonly Review[], how: How) {
  const found = new Map<string, Review | undefined>(
    (await pages(circle, how)).reviews.map((review) => [keyOf(review), review]),
  );
  for (const review of shown) {
    const key = keyOf(review);
    if (review.circle !== circle || found.has(key)) continue;
    const own = { recordId: review.recordId, field: review.field?.field ?? 0 };
    if (await areReadable(circle, review.recordId === "" ? review.rests : [own, ...review.rests], how))
      found.set(key, undefined);
  }
  return found;
}

/** Circles that have findings, on all pages of the work list. */
async function withFindings(viewId: string, how: How): Promise<bigint[]> {
  const circles: bigint[] = [];
  let pageToken = "";
  do {
    const request = { filter: WorkFilter.ALL, pageSize: 100, viewId, pageToken };
    const work = await tried(() => client(WorklistService).listWork(request, how), how);
    learn(work);
    for (const { circle, reasons, moreReasons } of work.rows) {
      if (moreReasons > 0 || reasons.some(({ kind }) => kind === WorkReasonKind.FINDING)) circles.push(circle);
    }
    pageToken = work.nextPageToken;
  } while (pageToken !== "");
  return circles;
}

export async function inbox(viewId: string, how: How): Promise<Listed> {
  const [disputes, circles] = await Promise.all([pages(0n, how), withFindings(viewId, how)]);
  const findings = await Promise.all(circles.map((circle) => pages(circle, how)));
  const own = findings.flatMap((one) => one.reviews).filter((review) => review.reviewId === "");
  const reviews = [...disputes.reviews, ...own].sort((a, b) => rank(a) - rank(b) || opened(a) - opened(b));
  // Findings come on the last page: where a circle has more, some of it is missing, too.
  return { reviews, more: disputes.more || findings.some((one) => one.more) };
}

/** By danger, then by how long it waits. */
function rank(review: Review): number {
  if (review.kind === ReviewKind.DISPUTE) return review.field?.blocked ? 0 : 2;
  if (review.kind === ReviewKind.CONTRADICTION) return 1;
  if (review.kind === ReviewKind.ENDING) return 3;
  return 4;
}

const opened = (review: Review): number => Number(review.opened?.seconds ?? 0n);
