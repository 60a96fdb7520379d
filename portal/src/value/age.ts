// How old a result is, on the days of the server's clock, and whether that is too old for what is decided by it.
import { daysBetween } from "../format/time";
import { t } from "../words";

/** "7 days old", "of today"; nothing for a day that lies ahead. */
export function ageWords(on: string, today: string): string {
  const days = daysBetween(on, today);
  if (Number.isNaN(days) || days < 0) return "";
  if (days === 0) return t("age.today");
  return t(days === 1 ? "age.day" : "age.days", { n: days });
}

/** `allowedDays`: how old it may be, as the plan says. */
export const isTooOld = (on: string, today: string, allowedDays: number): boolean =>
  daysBetween(on, today) > allowedDays;
