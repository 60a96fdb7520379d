// What somebody has typed and not saved. In this tab's memory alone, never in any storage; another account gets none of it.
import { signal } from "@preact/signals";

const held = signal<ReadonlyMap<string, string>>(new Map());

export const drafts = {
  get: (key: string): string => held.value.get(key) ?? "",
  has: (key: string): boolean => held.value.has(key),
  set(key: string, text: string): void {
    const next = new Map(held.value);
    if (text === "") next.delete(key);
    else next.set(key, text);
    held.value = next;
  },
  clear(): void {
    held.value = new Map();
  },
  count: (): number => held.value.size,
};

/** One text of these, as a signal is read and written. */
export const draft = (key: string) => ({
  get value(): string {
    return drafts.get(key);
  },
  set value(text: string) {
    drafts.set(key, text);
  },
});
