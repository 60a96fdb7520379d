// UCUM codes in words. Micrograms and units are always words, so that nobody reads a hundred- or thousandfold dose.
import { has, t, words } from "../words";
import { NBSP, scaled, signed, unbroken } from "./number";

export const separators = () => ({ decimal: t("number.decimal"), thousands: t("number.thousands") });

/** The unit's words; a code that has none stays as it is. */
export function unitWords(code: string, value?: bigint): string {
  const one = `unit.${code}.one`;
  if (value === 1n && has(one)) return words(one);
  const key = `unit.${code}`;
  return has(key) ? words(key) : code.replace(/[{}]/g, "").replaceAll("_", " ");
}

/** Number and unit, one string that no line breaks; a score of ten says so. */
export function quantity(value: bigint | number, scale: number, unit: string, max?: bigint, least = 0): string {
  const exact = BigInt(value);
  if (unit === "{T-score}") return signed(exact, scale, separators());
  const number = scaled(exact, scale, separators(), least);
  if (unit === "{score}" && max !== undefined) {
    return unbroken(t("value.of", { value: number, max: scaled(max, scale, separators()) }));
  }
  if (unit === "") return number;
  const said = unitWords(unit, scale === 0 ? exact : undefined);
  return said === "%" || said !== "" ? `${number}${NBSP}${unbroken(said)}` : number;
}

/** "2.20 to 2.60 mmol/L": no dash, which is read as a minus. */
export function range(
  low: bigint | undefined,
  high: bigint | undefined,
  scale: number,
  unit: string,
  least = 0,
): string {
  const number = (value: bigint) => scaled(value, scale, separators(), least);
  const said = unbroken(unitWords(unit));
  if (low !== undefined && high !== undefined)
    return unbroken(t("value.range", { low: number(low), high: number(high), unit: said }));
  if (low !== undefined) return unbroken(t("value.atLeast", { low: number(low), unit: said }));
  if (high !== undefined) return unbroken(t("value.atMost", { high: number(high), unit: said }));
  return t("value.noRange");
}
