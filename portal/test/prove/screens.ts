// The places of the portal, for tests that go through all of them.
import type { Page } from "@playwright/test";
import { open } from "../e2e/portal";

export const PLAN = "the plan of d0003";

export const SCREENS: Readonly<Record<string, string>> = {
  "work list": "#/work",
  "review inbox": "#/reviews",
  alerts: "#/alerts",
  messages: "#/messages?circle=3",
  phones: "#/phones",
  patient: "#/patient/d0003",
  "patient as a table": "#/patient/d0003?as=table&window=1y",
  "plan editor": PLAN,
  "visit sheet": "#/patient/d0003/visit",
  "who sees what": "#/patient/d0003/access",
  "who looked": "#/patient/d0003/audit",
  people: "#/people/d0003",
  "emergency accesses": "#/emergency-accesses",
  "alert quality": "#/quality",
};

/** The address of a plan holds the record's id. */
export async function planOf(page: Page): Promise<string> {
  await open(page, "#/patient/d0003");
  return (await page.locator("caption", { hasText: "Nutrition plan" }).getByRole("link").getAttribute("href")) ?? "";
}
