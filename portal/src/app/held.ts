// What is on the screen stays there when something newer arrives, until somebody asks for it: nothing moves by itself.
import { useRef } from "preact/hooks";

/** The newest that may be shown: what came before, unless `asked` is another one or the newer fits into its places. */
export function useHeld<T>(newest: T, asked: number, fits: (shown: T, newer: T) => boolean): T {
  const held = useRef({ value: newest, asked });
  if (held.current.asked !== asked || fits(held.current.value, newest)) held.current = { value: newest, asked };
  return held.current.value;
}
