// Answers to what was asked before the code of the page was there (early/first.ts). Each is given once, to whoever asks the same.
import type { EarlyCall } from "../early/first";

const isSame = (a: Uint8Array | string, b: Uint8Array | string): boolean =>
  a.length === b.length && (typeof a === "string" ? a === b : a.every((byte, at) => byte === b[at]));

export function takeEarly(path: string, body: Uint8Array | string): Promise<Response> | undefined {
  const calls = globalThis.osteonEarly?.calls;
  const found: EarlyCall | undefined = calls?.get(path);
  calls?.delete(path);
  return found && isSame(found.body, body) ? found.answer : undefined;
}

/** The view of the list that was asked for early, else a new one. */
export const earlyView = (): string => globalThis.osteonEarly?.view ?? crypto.randomUUID();

/** For whoever sits here next. */
export const dropEarly = (): void => globalThis.osteonEarly?.calls.clear();
