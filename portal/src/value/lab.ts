// Decimals of laboratory values. A contract keeps a number and not how many of its decimals a report printed: value and limits of one
// report have as many as any of them needs, and what laboratories print with two decimals has two (2.10, not 2.1).
import { decimalsIn } from "../format/number";

/** Calcium, phosphate and magnesium in mmol/L, by own code and LOINC number. */
const TWO = /^(calcium_|phosphate$|magnesium$|(2000-8|17861-6|29265-6|1994-3|14879-1|2777-1|2601-3|19123-9)$)/;

export function labDecimals(
  analyte: unknown,
  unit: unknown,
  scale: number,
  report: readonly (bigint | number | undefined)[],
): number {
  const usual = unit === "mmol/L" && TWO.test(String(analyte)) ? 2 : 0;
  return Math.max(usual, ...report.map((value) => (value === undefined ? 0 : decimalsIn(value, scale))));
}
