// What leaves the screen, on paper or as a file, is noted first in the audit of each patient whom it shows; where that fails,
// nothing leaves. The browser's own print ways (Ctrl+P, its menu) take the same one.
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { AuditService, ExportKind, ExportPage } from "../../gen/osteon/audit/v1/audit_service_pb";
import type { Category } from "../../gen/osteon/meta/v1/options_pb";
import { client, Refused, tried } from "../rpc/call";
import { type Failure, failureOf } from "../rpc/failure";
import { heard } from "./clock";
import { glassOf } from "./glass";
import { isGone, me, membership } from "./me";
import { address, type Place, place } from "./router";

/** What a page shows, as far as it knows. */
export interface OnPage {
  /** Of a page over several patients. */
  readonly circles?: readonly bigint[];
  readonly categories?: readonly Category[];
  /** Rows or records of each patient. */
  readonly count?: number;
  /** Where the circle stood. */
  readonly sequence?: bigint;
}

export type Leaving =
  | { readonly is: "noting" }
  | { readonly is: "noted"; readonly words: string }
  | { readonly is: "failed"; readonly failure: Failure; readonly again: () => void };

/** What became of the last wish to print or save, until somebody closes it. */
export const leaving = signal<Leaving | undefined>(undefined);
/** When the page that is printed now was noted, in milliseconds; for its foot. */
export const notedAt = signal(0);

let tell: (() => OnPage) | undefined;

/** Says what this page shows, asked when something leaves it. */
export function useOnPage(says: () => OnPage): void {
  const current = useRef(says);
  current.current = says;
  useEffect(() => {
    const mine = () => current.current();
    tell = mine;
    return () => {
      if (tell === mine) tell = undefined;
    };
  }, []);
}

const PAGES: Readonly<Partial<Record<Place["name"], ExportPage>>> = {
  visit: ExportPage.VISIT_SHEET,
  work: ExportPage.HAND_OVER,
  patient: ExportPage.PATIENT,
};

/** On these pages stands nothing of a patient. */
const OF_NOBODY: ReadonlySet<Place["name"]> = new Set(["quality", "glass"]);

/** The patients whom a place shows: its own, the one that it was asked for, those that the page names, or all. */
function circlesOf(at: Place, on: OnPage): readonly bigint[] {
  if (OF_NOBODY.has(at.name)) return [];
  if ("case" in at) {
    const of = membership(at.case) ?? glassOf(at.case);
    return of ? [of.circle] : [];
  }
  const { circle = "" } = at.ask as { circle?: string };
  if (/^\d{1,18}$/.test(circle)) return [BigInt(circle)];
  return on.circles ?? (me.value?.circles ?? []).map((one) => one.circle).filter((one) => !isGone(one));
}

async function note(kind: ExportKind, on: OnPage): Promise<number> {
  const at = place.peek();
  const [circle, ...others] = new Set(circlesOf(at, on));
  if (circle === undefined) return 0;
  const request = {
    kind,
    circle,
    otherCircles: others,
    page: PAGES[at.name] ?? ExportPage.OTHER,
    categories: [...(on.categories ?? [])],
    count: on.count ?? 0,
    asOfSequence: others.length === 0 ? (on.sequence ?? 0n) : 0n,
  };
  const { at: noted } = await tried(() => client(AuditService).recordExport(request));
  if (!noted) throw new TypeError("it was noted at no time");
  heard(timestampMs(noted));
  return timestampMs(noted);
}

/** Notes it and, once that stands, lets it out. Another press while it is noted is the same one. */
async function leave(kind: ExportKind, on: OnPage, out: (ms: number) => Leaving | undefined): Promise<void> {
  if (leaving.peek()?.is === "noting") return;
  leaving.value = { is: "noting" };
  const mine = sitting;
  try {
    const ms = await note(kind, on);
    if (mine === sitting) leaving.value = out(ms);
  } catch (thrown) {
    if (mine !== sitting) return;
    const failure = thrown instanceof Refused ? thrown.failure : failureOf(thrown);
    leaving.value = { is: "failed", failure, again: () => void leave(kind, on, out) };
  }
}

/** The place or the page may be another one by the time it is noted: then nothing is printed. */
export function printPage(): void {
  const at = address(place.peek());
  void leave(ExportKind.PRINT, tell?.() ?? {}, (ms) => {
    if (address(place.peek()) !== at) return undefined;
    notedAt.value = ms;
    isNoted = true;
    // After the foot of the page is drawn.
    requestAnimationFrame(() => setTimeout(() => print()));
    return undefined;
  });
}

/** A file of the page that is on the screen; `words` say what went out. */
export function saveFile(on: OnPage, words: string, save: () => void): void {
  void leave(ExportKind.FILE, on, () => {
    save();
    return { is: "noted", words };
  });
}

let isNoted = false;
/** Raised when whoever sat here is signed out: what they asked for leaves no more, and nobody else reads what became of it. */
let sitting = 0;

/** While the portal shows patients: Ctrl+P is its button, and what the menu prints without it is a page without content. */
export function usePrintWays(): void {
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "p")
        return;
      event.preventDefault();
      printPage();
    };
    const before = () => document.documentElement.classList.toggle("unnoted", !isNoted);
    const after = () => {
      isNoted = false;
      document.documentElement.classList.remove("unnoted");
    };
    addEventListener("keydown", key);
    addEventListener("beforeprint", before);
    addEventListener("afterprint", after);
    return () => {
      sitting += 1;
      leaving.value = undefined;
      notedAt.value = 0;
      after();
      removeEventListener("keydown", key);
      removeEventListener("beforeprint", before);
      removeEventListener("afterprint", after);
    };
  }, []);
}
