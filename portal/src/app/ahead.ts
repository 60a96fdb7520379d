// What a page will read is asked for before the part of it that shows it is there: while the server is asked who sits here (both go
// by the same cookie), or beside the answer that the page waits for. Each is used once, and soon or not at all.
const SOON_MS = 20_000;

interface Asked {
  readonly at: number;
  readonly answer: Promise<unknown>;
  readonly signal: AbortSignal | undefined;
}

const asked = new Map<string, Asked>();

/** `signal`: whoever asked needs it no longer. */
export function askAhead(key: string, load: () => Promise<unknown>, signal?: AbortSignal): void {
  const answer = load();
  answer.catch(() => undefined);
  asked.set(key, { at: Date.now(), answer, signal });
}

/** What was asked for under this key. It is gone then; what was asked for too long ago may be old and is asked for anew. */
export function takeAhead<T>(key: string): Promise<T> | undefined {
  const found = asked.get(key);
  asked.delete(key);
  if (!found || found.signal?.aborted || Date.now() - found.at >= SOON_MS) return undefined;
  return found.answer as Promise<T>;
}

/** Nobody sits here, or somebody else. */
export const dropAhead = (): void => asked.clear();
