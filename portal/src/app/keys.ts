// Keys: a key opens or chooses, it never writes. Silent in text fields; single keys can be switched off (WCAG 2.1.4).
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Key } from "../words";

export interface KeyBinding {
  /** "j", "g w", "?". */
  readonly keys: string;
  readonly says: Key;
  readonly run: () => void;
}

const bound = signal<readonly (readonly KeyBinding[])[]>([]);
export const singleKeys = signal(true);

export const bindings = (): readonly KeyBinding[] => bound.value.flat();

/** Binds keys while the component is on the screen. What is bound later wins. */
export function useKeys(list: readonly KeyBinding[]): void {
  const current = useRef(list);
  current.current = list;
  useEffect(() => {
    const mine = list.map((binding, at) => ({ ...binding, run: () => current.current[at]?.run() }));
    bound.value = [...bound.value, mine];
    return () => {
      bound.value = bound.value.filter((one) => one !== mine);
    };
    // The keys of a component do not change while it is there; what they run does.
  }, []);
}

const FIRST_OF_TWO = 1500;
let first: { key: string; at: number } | undefined;

const types = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

function pressed(event: KeyboardEvent): void {
  if (!singleKeys.value || event.ctrlKey || event.metaKey || event.altKey) return;
  if (types(event.target) || document.querySelector("dialog[open]")) return;
  const both = first && Date.now() - first.at < FIRST_OF_TWO ? `${first.key} ${event.key}` : undefined;
  first = undefined;
  const all = bindings();
  const find = (keys: string) => all.findLast((binding) => binding.keys === keys);
  const found = (both !== undefined ? find(both) : undefined) ?? find(event.key);
  if (found) {
    event.preventDefault();
    found.run();
    return;
  }
  if (all.some((binding) => binding.keys.startsWith(`${event.key} `))) first = { key: event.key, at: Date.now() };
}

export function startKeys(): void {
  addEventListener("keydown", pressed);
}
