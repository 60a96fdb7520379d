// The portal's own words, in the language of the person. Both files have the same keys (tested); what comes from the server
// (texts of rules, names in the contracts) is English and is marked so.
import { signal } from "@preact/signals";
import { en } from "./en";

export type Key = keyof typeof en;
type Single = { [K in Key]: (typeof en)[K] extends string ? K : never }[Key];
type Many = Exclude<Key, Single>;
export type Words = { readonly [K in Key]: (typeof en)[K] extends string ? string : readonly string[] };

type Titles = Readonly<Record<number, string>>;
const spoken = signal<{ language: "en" | "de"; all: Words; types: Titles }>({ language: "en", all: en, types: {} });

export const language = () => spoken.value.language;

/** English is there at once; German is fetched when somebody reads it. */
export async function speak(wanted: "en" | "de"): Promise<void> {
  const { de: all, types } = wanted === "de" ? await import("./de") : { de: en, types: {} };
  spoken.value = { language: wanted, all, types };
  document.documentElement.lang = wanted;
}

/** The words of a key, with what goes into their places. */
export function t(key: Single, put: Readonly<Record<string, string | number>> = {}): string {
  return fill(spoken.value.all[key] as string, put);
}

export const texts = (key: Many): readonly string[] => spoken.value.all[key] as readonly string[];

/** For keys that are made of names in the contracts. */
export const has = (key: string): key is Single => Object.hasOwn(spoken.value.all, key);
export const words = (key: string): string => spoken.value.all[key as Single] as string;

/** What a type of records is called, where the language has a word of its own for it. */
export const titleOf = (type: number): string | undefined => spoken.value.types[type];

/** `{name}` is replaced; one that nobody filled stays, so that a test and a reader see it. */
const fill = (text: string, put: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in put ? String(put[name]) : whole));

/** A label inside a sentence: English begins it with a small letter, unless it is an abbreviation; German nouns keep theirs. */
export function inSentence(label: string): string {
  if (spoken.value.language === "de" || /^\p{Lu}{2}/u.test(label)) return label;
  return label.slice(0, 1).toLowerCase() + label.slice(1);
}
