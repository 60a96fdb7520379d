// A place whose content may change while somebody looks at it. It keeps its size, so that nothing around it moves; what was there
// and how long ago it changed stand in it. What does not fit can be scrolled to.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { now } from "../app/clock";
import { span } from "../format/time";
import { liveTick } from "../live/live";
import { t } from "../words";

interface SlotProps {
  /** Another one: the content is another. */
  readonly state: string;
  /** The value alone, whose old words are kept beside the new. */
  readonly keeps?: boolean;
  /** The place beside it says when it changed. */
  readonly quiet?: boolean;
  /** Another one: the reader changed it, and knows. */
  readonly own?: unknown;
  /** Stays at the top of the window. */
  readonly stays?: boolean;
  readonly children: ComponentChildren;
}

export function Slot({ state, keeps = true, quiet = false, own, stays = false, children }: SlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const last = useRef(state);
  const held = useRef<{ words: string; height: number; at: number } | undefined>(undefined);
  const room = useRef(0);
  // Watched all the while: as the change is drawn the places beside it may have grown already.
  useLayoutEffect(() => {
    if (!box.current) return;
    const watch = new ResizeObserver(() => {
      if (!held.current && box.current) room.current = roomIn(box.current);
    });
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  const before = useRef(own);
  if (before.current !== own) {
    before.current = own;
    last.current = state;
    held.current = undefined;
    box.current?.style.removeProperty("height");
  }
  if (last.current !== state && box.current) {
    const { words = wordsIn(box.current), height = room.current } = held.current ?? {};
    held.current = { words, height, at: now() };
    last.current = state;
  }
  useLayoutEffect(() => {
    if (held.current && box.current) box.current.style.height = `${held.current.height}px`;
  }, [state]);
  return (
    <div
      ref={box}
      class={`slot${stays ? " stays" : ""}${held.current ? " is-changed" : ""}`}
      tabIndex={held.current ? 0 : undefined}
    >
      {children}
      {held.current && !quiet && <Changed at={held.current.at} was={keeps ? held.current.words : ""} />}
    </div>
  );
}

function Changed({ at, was }: { at: number; was: string }) {
  liveTick.value;
  const ago = span(now() - at);
  return <span class="changed"> {was === "" ? t("changed.ago", { ago }) : t("changed.agoWas", { ago, was })}</span>;
}

const wordsIn = (box: HTMLElement): string => box.textContent?.trim() ?? "";

/** What the place has: in a table all of its cell. Exact: a rounded half pixel would move what comes below. */
function roomIn(box: HTMLElement): number {
  const cell = box.parentElement;
  const own = box.getBoundingClientRect().height;
  if (cell?.tagName !== "TD" || cell.childElementCount > 1) return own;
  const style = getComputedStyle(cell);
  const edges = [style.paddingTop, style.paddingBottom, style.borderTopWidth, style.borderBottomWidth];
  return cell.getBoundingClientRect().height - edges.reduce((sum, one) => sum + Number.parseFloat(one), 0);
}
