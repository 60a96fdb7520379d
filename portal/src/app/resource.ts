// Something that is read from the server, and how that stands. What was read stays while it is read again or cannot be.
import { type ReadonlySignal, signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { heads } from "../live/live";
import { BY_ITSELF, Refused } from "../rpc/call";
import { type Failure, failureOf } from "../rpc/failure";
import { now } from "./clock";

/** How far each circle was when the reading began: what moves from there on is not in it. */
type Heads = typeof heads.value;

export type Reading<T> =
  | { readonly is: "loading"; readonly since: number }
  | { readonly is: "ready"; readonly value: T; readonly at: number; readonly heads: Heads }
  | { readonly is: "failed"; readonly failure: Failure; readonly old?: T; readonly at?: number };

export interface Resource<T> {
  readonly state: ReadonlySignal<Reading<T>>;
  /** Reads again, because a person asked; the old content stays meanwhile. */
  reload(): void;
  /** The same, because the page heard that something moved. */
  refresh(): void;
}

export type Headers = Readonly<Record<string, string>>;
type Load<T> = (signal: AbortSignal, headers: Headers) => Promise<T>;

/** Reads when the key changes. A key of its own for everything that the answer depends on. */
export function useResource<T>(key: string, load: Load<T>): Resource<T> {
  const held = useRef<{ key: string; made: Held<T> } | undefined>(undefined);
  if (held.current?.key !== key) {
    held.current?.made.stop();
    held.current = { key, made: hold(load) };
  }
  const { made } = held.current;
  made.load = load;
  // Asked before "is being read" is drawn: on a slow computer that takes as long as the way to the server.
  useLayoutEffect(() => {
    made.start();
    return () => made.stop();
  }, [made]);
  return made;
}

interface Held<T> extends Resource<T> {
  load: Load<T>;
  start(): void;
  stop(): void;
}

function hold<T>(load: Load<T>): Held<T> {
  const state = signal<Reading<T>>({ is: "loading", since: Date.now() });
  let running: AbortController | undefined;
  /** A person asked and has no answer yet: what takes the place of their reading is theirs. */
  let asked = false;
  const run = async (byItself: boolean) => {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    asked ||= !byItself;
    const before = heads.peek();
    try {
      const value = await made.load(mine.signal, asked ? {} : BY_ITSELF);
      if (mine.signal.aborted) return;
      asked = false;
      state.value = { is: "ready", value, at: now(), heads: before };
    } catch (thrown) {
      if (mine.signal.aborted) return;
      asked = false;
      const failure = thrown instanceof Refused ? thrown.failure : failureOf(thrown);
      const old = state.value;
      if (old.is === "ready") state.value = { is: "failed", failure, old: old.value, at: old.at };
      else if (old.is === "failed" && old.old !== undefined) state.value = { ...old, failure };
      else state.value = { is: "failed", failure };
    }
  };
  const made: Held<T> = {
    state,
    load,
    start: () => void run(false),
    stop: () => running?.abort(),
    reload: () => void run(false),
    refresh: () => void run(true),
  };
  return made;
}

/** Reads again when somebody asked for what is new; what was read stays until it is there. */
export function useAsked<T>(resource: Resource<T>, asked: number): void {
  const before = useRef(asked);
  useEffect(() => {
    if (before.current !== asked) resource.reload();
    before.current = asked;
  }, [asked]);
}

/** Reads again by itself where what the page heard is another. */
export function useHeard(resource: Resource<unknown>, heard: unknown): void {
  const before = useRef(heard);
  useEffect(() => {
    if (before.current !== heard) resource.refresh();
    before.current = heard;
  }, [heard]);
}
