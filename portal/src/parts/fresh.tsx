// A list over several patients that listens. Of a patient something of whom stands there and who moved the list is read anew, by
// itself: what stands changes in its place or leaves it, and what is new besides is said and waits until somebody asks.
import { effect, signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Headers, Resource } from "../app/resource";
import { heads } from "../live/live";
import { BY_ITSELF, Refused } from "../rpc/call";
import { isAbsent } from "../rpc/failure";
import { KeyHint } from "../value/marks";
import { t } from "../words";

export type How = { readonly signal: AbortSignal; readonly headers?: Headers };

/** Hints come in bursts. */
const TOGETHER_MS = 300;
const BETWEEN_MS = 2000;

export interface Fresh<T> {
  /** What a patient's list is now, where it moved; `undefined`: it may not be read any more. */
  readonly now: ReadonlyMap<bigint, T | undefined>;
  /** Patients who moved since the list was read. */
  readonly news: number;
}

/** Whether what stands under this key is not there any more: closed or decided, or not for this reader. */
export const isOver = (fresh: Fresh<{ has(key: string): boolean }>, circle: bigint, key: string): boolean =>
  fresh.now.has(circle) && !fresh.now.get(circle)?.has(key);

/** `shown`: patients something of whom stands there. */
export function useFresh<T>(
  list: Resource<unknown>,
  shown: readonly bigint[],
  read: (circle: bigint, how: How) => Promise<T>,
): Fresh<T> {
  const state = list.state.value;
  const last = useRef<typeof heads.value | undefined>(undefined);
  // What stays because it could not be read again is listened to as before.
  if (state.is === "ready") last.current = state.heads;
  const before = last.current;
  const fresh = useMemo(() => signal<Fresh<T>>({ now: new Map(), news: 0 }), [before]);
  const latest = useRef({ shown, read });
  latest.current = { shown, read };
  useEffect(() => {
    if (!before) return;
    const mine = new AbortController();
    const told = new Map(before);
    const first = new Map(before);
    const waiting = new Set<bigint>();
    let busy = false;
    const work = async () => {
      busy = true;
      await new Promise((next) => setTimeout(next, TOGETHER_MS));
      for (const circle of waiting) {
        waiting.delete(circle);
        const put = (value: T | undefined) =>
          (fresh.value = { ...fresh.peek(), now: new Map(fresh.peek().now).set(circle, value) });
        try {
          put(await latest.current.read(circle, { signal: mine.signal, headers: BY_ITSELF }));
        } catch (thrown) {
          if (mine.signal.aborted) return;
          if (thrown instanceof Refused && isAbsent(thrown.failure)) put(undefined);
        }
      }
      busy = false;
    };
    const stop = effect(() => {
      let news = 0;
      for (const [circle, head] of heads.value) {
        // Where the list was read before the first hint came, that one says where it stood.
        if (!first.has(circle)) first.set(circle, head);
        if (first.get(circle) !== head) news += 1;
        if (told.get(circle) === head || !latest.current.shown.includes(BigInt(circle))) continue;
        told.set(circle, head);
        waiting.add(BigInt(circle));
      }
      if (news !== fresh.peek().news) fresh.value = { ...fresh.peek(), news };
      if (waiting.size > 0 && !busy) void work();
    });
    return () => {
      stop();
      mine.abort();
    };
  }, [before]);
  return fresh.value;
}

interface When {
  /** Hints of this patient alone. */
  readonly circle?: bigint;
  readonly everyMs?: number;
  /** Nothing on it can change: it is left alone. */
  readonly still?: boolean;
}

/** Reads a whole list anew, by itself, after hints, and each minute, where not everything on it is hinted. */
export function useRefresh(list: Resource<unknown>, { circle, everyMs = 60_000, still = false }: When = {}): void {
  useEffect(() => {
    if (still) return;
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const mark = () => (circle === undefined ? heads.value : heads.value.get(String(circle)));
    const again = () => {
      waiting = undefined;
      list.refresh();
    };
    let last: unknown;
    const stop = effect(() => {
      const is = mark();
      // The first says where it stands.
      if (last !== undefined && is !== last) waiting ??= setTimeout(again, BETWEEN_MS);
      last = is;
    });
    // Nobody looks at a hidden page.
    const often = setInterval(() => document.hidden || again(), everyMs);
    return () => {
      stop();
      clearTimeout(waiting);
      clearInterval(often);
    };
  }, [list, circle, still]);
}

/** Always there, same place: how many have news, shown when asked. */
export function NewItems({ n, show }: { n: number; show: () => void }) {
  return (
    <p class={n > 0 ? "new-items" : "new-items none"} role="status">
      {n > 0 ? (
        <>
          <button type="button" class="link" onClick={show}>
            {t(n === 1 ? "work.newItem" : "work.newItems", { n })}
          </button>{" "}
          <KeyHint>.</KeyHint> {t("work.nothingMoves")}
        </>
      ) : (
        t("work.nothingNew")
      )}
    </p>
  );
}

/** What stands in its place then. */
export const Over = () => <p class="note over">{t("state.over")}</p>;
