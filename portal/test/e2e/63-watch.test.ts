// Audit, alert quality, who sees what as another member, handing over from the list, further pages.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page, Route } from "@playwright/test";
import { enter } from "./enter";
import { BASE, expect, open, test, tolerated } from "./portal";

const clean = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
};

test("a clinician reads what they did themselves, by kind and day; reading it is a row, too", async ({ as }) => {
  const page = await as("physician");
  await open(page, "#/patient/d0004");
  await page.getByRole("link", { name: "Who looked" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Who looked at D0004");
  const rows = page.locator(".listed tbody tr");
  await expect(rows.filter({ hasText: "opened the patient's page" }).first()).toContainText("you, physician");
  await expect(page.getByRole("combobox", { name: /^Who/ }), "others' rows are not told").toHaveCount(0);
  await clean(page);
  await page.getByLabel("Kind").selectOption({ label: "refused" });
  await expect(page.locator("main")).toContainText("No row that you may see, of this kind and in this time.");
  await page.getByLabel("Kind").selectOption({ label: "everything" });
  await expect(rows.filter({ hasText: "read the audit" }).first()).toBeVisible();
  await page.getByLabel("to", { exact: true }).fill("2020-01-01");
  await expect(page.locator("main")).toContainText("No row that you may see");
  await page.setViewportSize({ width: 320, height: 700 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(321);
});

test("a clinic admin reads who did something, without what it was about", async ({ browser }) => {
  const page = await enter(browser, "clinic-admin", "d0006");
  await open(page, "#/patient/d0006/audit");
  const who = page.getByRole("combobox", { name: /^Who/ });
  await who.selectOption({ index: 1 });
  await expect(page.locator(".listed tbody tr, .empty").first()).toBeVisible();
  await who.selectOption({ label: "anybody" });
  await expect(page.locator(".listed tbody tr").first()).toContainText("none told");
  expect(await page.locator(".listed").textContent()).not.toMatch(/nutrition|symptoms|end of life/);
  await page.context().close();
});

test("each rule says what came of its alerts, and out of how many", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/alerts");
  await page.getByRole("link", { name: "Alert quality" }).click();
  await expect(page.locator("main")).toContainText("of 6 patients");
  const fall = page.getByRole("row", { name: /^R-FALL-1/ });
  await expect(fall).toContainText(/\d emergency/);
  await expect(fall).toContainText(/1 of \d/);
  await expect(fall).toContainText("half of them within");
  await expect(fall.getByRole("cell").nth(3), "taken, and how soon").toHaveText(
    /^\d of \d+half within .+, nine in ten within .+$/,
  );
  await expect(fall.getByRole("cell").nth(4)).toHaveText(/^(none is open|\d+ of \d+ open)$/);
  await expect(fall).toContainText("1 referred");
  await clean(page);
  await page.getByRole("button", { name: "30 days" }).press("Enter");
  await expect(page.getByRole("button", { name: "30 days" })).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByRole("row", { name: /^R-MSCC-1/ })).toBeVisible();
});

test("alert quality is for clinicians", async ({ browser }) => {
  const page = await enter(browser, "clinic-admin", "d0006");
  await open(page, "#/quality");
  await expect(page.locator("main")).toContainText("this is told to clinicians alone");
  await page.context().close();
});

test("a patient sees their circle through the eyes of a member; a clinician through their own alone", async ({
  as,
}) => {
  const page = await as("patient");
  await open(page, "#/patient/d0001/access");
  await page.getByLabel("See as").selectOption({ label: "physiotherapist, member 3" });
  await expect(page.locator("main")).toContainText("What is shared with physiotherapist, member 3");
  await expect(page.getByRole("row", { name: /^activity yes/ })).toBeVisible();
  await clean(page);
  const nurse = await as("nurse");
  await open(nurse, "#/patient/d0001/access");
  await expect(nurse.getByLabel("See as")).toHaveCount(0);
  const main = nurse.locator("main");
  await expect(main.getByRole("listitem").filter({ hasText: /^physician, member 6$/ })).toHaveCount(1);
  await expect(main, "consents in words of people").toContainText(
    /caregiver, member 2: activity, until\s\d\d\s\w{3}\s20\d\d/,
  );
  await expect(main).not.toContainText(/grantee|decision allow|membership allow/);
});

test("an alert is handed over from the list; the members are read when somebody asks for it", async ({ as }) => {
  const page = await as("nurse");
  const read: string[] = [];
  page.on("request", (request) => request.url().includes("ListRecords") && read.push(request.url()));
  await open(page, "#/alerts?circle=4");
  const card = page.getByRole("article").filter({ hasText: "Nobody has taken it." }).first();
  await expect(card).toBeVisible();
  expect(read).toEqual([]);
  await card.getByText("Hand over").click();
  await card.getByLabel("Ask to see to it").selectOption({ label: "physician, member 6" });
  await card.getByRole("button", { name: "Ask", exact: true }).click();
  await expect(card).toContainText("Asked to see to it: member 6.");
});

test("further rows come below those that stand, which do not move", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/patient/d0001");
  const entries = page.locator(".journal tbody tr");
  await expect(entries).toHaveCount(10);
  const first = (await entries.first().textContent()) ?? "";
  await page.getByRole("button", { name: /^Show older ones/ }).click();
  await expect(entries).toHaveCount(60);
  await expect(entries.first()).toHaveText(first);
  await page.getByRole("button", { name: /^Show older ones/ }).click();
  await expect.poll(() => entries.count()).toBeGreaterThan(60);
});

test("what cannot be read says so, and what stood there stays", async ({ as }) => {
  const page = await as("nurse");
  tolerated.push("net::ERR_FAILED");
  const cut = (route: Route) => route.abort();
  for (const [hash, call, what] of [
    ["#/quality", "**/osteon.alert.v1.AlertService/GetRuleStatistics", "what came of the alerts"],
    ["#/reviews", "**/osteon.review.v1.QuarantineService/ListQuarantined", "what is held back"],
  ] as const) {
    await page.route(call, cut);
    await page.goto(`${BASE()}/${hash}`);
    await expect(page.locator(".failed").first()).toContainText(`Could not load ${what}.`, { timeout: 30_000 });
    await page.unroute(call);
    await page.getByRole("button", { name: "Try again" }).first().click();
    await expect(page.locator(".failed")).toHaveCount(0);
  }
});
