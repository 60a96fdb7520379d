// Threads as the server lists them, the one with the newest message first; one thread with its messages, the newest first.
import { type Thread, type ThreadMessage, ThreadService } from "../../../gen/osteon/thread/v1/thread_service_pb";
import type { Headers } from "../../app/resource";
import { client, OWN_PAGE, tried } from "../../rpc/call";

const PAGE = 50;

export interface Asked {
  /** 0: of every circle. */
  readonly circle: bigint;
  /** What they are about; empty: whatever. */
  readonly recordId: string;
  readonly field: number;
}

export interface Listed {
  readonly threads: readonly Thread[];
  readonly total: number;
  readonly more: boolean;
}

export async function threadsOf(asked: Asked, pages: number, signal: AbortSignal): Promise<Listed> {
  const threads: Thread[] = [];
  for (let n = 0, pageToken = ""; ; n += 1) {
    const request = { ...asked, pageSize: PAGE, pageToken };
    const answer = await tried(() => client(ThreadService).listThreads(request, { signal }), { signal });
    const there = new Set(threads.map((one) => one.recordId));
    threads.push(...answer.threads.filter((one) => !there.has(one.recordId)));
    pageToken = answer.nextPageToken;
    if (pageToken === "" || n + 1 >= pages) return { threads, total: answer.total, more: pageToken !== "" };
  }
}

export interface Read {
  readonly thread: Thread;
  readonly messages: readonly ThreadMessage[];
  readonly more: boolean;
  /** As of which it is told: all that a mark of having seen it may name. */
  readonly asOf: bigint;
  /** Nobody asked for it, the page heard that something moved. */
  readonly byItself: boolean;
}

export async function readThread(
  { circle, recordId }: { circle: bigint; recordId: string },
  pages: number,
  how: { signal: AbortSignal; headers: Headers },
): Promise<Read> {
  const messages: ThreadMessage[] = [];
  const byItself = how.headers[OWN_PAGE] !== undefined;
  let first: { thread: Thread; asOf: bigint } | undefined;
  for (let n = 0, pageToken = ""; ; n += 1) {
    const request = { circle, recordId, pageSize: PAGE, pageToken };
    const answer = await tried(() => client(ThreadService).getThread(request, how), how);
    if (!answer.thread) throw new TypeError("a thread without its head");
    first ??= { thread: answer.thread, asOf: answer.asOfSequence };
    const there = new Set(messages.map((one) => one.recordId));
    messages.push(...answer.messages.filter((one) => !there.has(one.recordId)));
    pageToken = answer.nextPageToken;
    if (pageToken === "" || n + 1 >= pages) return { ...first, messages, more: pageToken !== "", byItself };
  }
}
