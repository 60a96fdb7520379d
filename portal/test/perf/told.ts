// Figures beside their budgets, as they are printed at the end, with the load of the machine while each was taken.
import { loadavg } from "node:os";

const told: string[] = [];

export const median = (all: readonly number[]) => sorted(all)[Math.trunc(all.length / 2)] ?? Number.NaN;
export const least = (all: readonly number[]) => Math.min(...all);
export const p95 = (all: readonly number[]) => sorted(all)[Math.ceil(all.length * 0.95) - 1] ?? Number.NaN;
const sorted = (all: readonly number[]) => [...all].sort((a, b) => a - b);

const load = () => (loadavg()[0] ?? Number.NaN).toFixed(1);

export function tell(what: string, figure: number, budget: number | undefined, unit: string, more = ""): void {
  const shown = figure.toFixed(unit === "ms" || unit === "" ? 0 : 2).padStart(7);
  const beside =
    budget === undefined ? "" : `budget ${Number(budget.toFixed(0))} ${unit}${figure > budget ? "  OVER" : ""}`;
  told.push(`${what.padEnd(50)} ${shown} ${unit.padEnd(3)} ${beside.padEnd(22)} ${more.padEnd(24)} load ${load()}`);
}

/** The median, with the best and how many answers of the server came one after the other. */
export function tellAll(
  what: string,
  all: readonly number[],
  budget: number | undefined,
  trips?: readonly number[],
): void {
  const ways = trips === undefined ? "" : `, ${median(trips)} trips`;
  tell(what, median(all), budget, "ms", `best ${least(all).toFixed(0)}${ways}`);
}

export function print(about: string): void {
  console.log(`\n${about}\n${told.map((line) => `  ${line.trimEnd()}`).join("\n")}\n`);
}
