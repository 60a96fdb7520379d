// Names of records and their fields for the work list. The contracts of all records are large and come after the list is on
// the screen; until then it says "a value of a plan".
import { signal } from "@preact/signals";
import { inSentence } from "../words";

type Names = (type: number, field: number) => string;

export const names = signal<Names | undefined>(undefined);

export async function fetchNames(): Promise<void> {
  if (names.value) return;
  const [{ fieldLabel, typeTitle }, { fieldOf }] = await Promise.all([import("./say"), import("./meta")]);
  names.value = (type, number) => {
    const field = fieldOf(type, number);
    return field ? `${typeTitle(type)}, ${inSentence(fieldLabel(field))}` : typeTitle(type);
  };
}
