import { AxeBuilder } from "@axe-core/playwright";
import { expect, open, print, test, tolerated } from "./portal";

const SCREENS = {
  "work list": "#/work",
  "review inbox": "#/reviews",
  alerts: "#/alerts",
  phones: "#/phones",
  patient: "#/patient/d0003",
  "patient as a table": "#/patient/d0003?as=table&window=1y",
  "visit sheet": "#/patient/d0003/visit",
  "who sees what": "#/patient/d0003/access",
};

test("axe finds nothing on any screen", async ({ as }) => {
  test.setTimeout(180_000);
  const page = await as("nurse");
  for (const [name, hash] of Object.entries(SCREENS)) {
    await open(page, hash);
    await page.waitForTimeout(300);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const told = violations.map(
      (one) =>
        `${one.id}: ${one.nodes
          .map((node) => node.html)
          .slice(0, 3)
          .join(" | ")}`,
    );
    expect.soft(told, name).toEqual([]);
  }
  await open(page, "#/patient/d0003");
  await page.locator("caption", { hasText: "Nutrition plan" }).getByRole("link").click();
  await page.getByRole("heading", { name: "Nutrition plan of D0003" }).waitFor();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect
    .soft(
      violations.map((one) => one.id),
      "plan editor",
    )
    .toEqual([]);
});

test("every screen fits 320 pixels and is not wider than its window", async ({ as }) => {
  const page = await as("nurse");
  await page.setViewportSize({ width: 320, height: 700 });
  for (const [name, hash] of Object.entries(SCREENS)) {
    await open(page, hash);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect.soft(width, name).toBeLessThanOrEqual(321);
  }
});

test("every screen that decides something says by which rules, and as of when (V20)", async ({ as }) => {
  const page = await as("physician");
  await open(page, "#/patient/d0003");
  const plan = await page.locator("caption", { hasText: "Bone drug plan" }).getByRole("link").getAttribute("href");
  for (const hash of ["#/work", "#/alerts", "#/reviews", plan ?? ""]) {
    await open(page, hash);
    await expect.soft(page.locator("main"), hash).toContainText(/As of .*\d\d:\d\d, rules version \S*\d/);
  }
  await open(page, "#/patient/d0003/visit");
  await expect(page.locator("main")).toContainText(/rules version \S*\d/i);
  await open(page, "#/patient/d0003");
  await expect(page.locator("caption", { hasText: "Bone drug plan" })).toContainText(
    /denosumab, 120\smg, under the skin, every 28\sdays/,
  );
});

test("one instant has one place in every lane", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/patient/d0001");
  const places = await page.locator(".lane").evaluateAll((lanes) =>
    lanes.flatMap((lane) =>
      [...lane.querySelectorAll("title")].map((title) => {
        const mark = title.parentElement?.querySelector("circle, path, rect");
        const box = mark?.getBoundingClientRect();
        return { day: (title.textContent ?? "").slice(0, 10), x: box ? box.x + box.width / 2 : Number.NaN };
      }),
    ),
  );
  expect(places.length).toBeGreaterThan(40);
  const byDay = new Map<string, number[]>();
  for (const { day, x } of places) byDay.set(day, [...(byDay.get(day) ?? []), x]);
  const shared = [...byDay.values()].filter((xs) => xs.length > 1);
  expect(shared.length).toBeGreaterThan(20);
  for (const xs of shared) expect(Math.max(...xs) - Math.min(...xs)).toBeLessThan(0.6);
});

test("the visit sheet prints on two pages, each saying whose it is", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/patient/d0003/visit");
  await page.emulateMedia({ media: "print" });
  await expect(page.locator(".topbar")).toBeHidden();
  await expect(page.locator(".sheet > thead")).toContainText("D0003, sheet for the visit. DEMO CLINIC");
  await expect(page.locator(".sheet > tfoot")).toContainText("Printed by nurse, member");
  await expect(page.locator(".sheet > tfoot")).toContainText("end of life");
  await expect(page.locator(".sheet")).toContainText("Disputed");
  await print(page);
  const pdf = await page.pdf({ preferCSSPageSize: false, format: "A4" });
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? [];
  expect(pages.length).toBeGreaterThan(0);
  expect(pages.length).toBeLessThanOrEqual(3);
});

test("what the server cannot be asked for is said, and what stood there stays", async ({ as }) => {
  const page = await as("nurse");
  tolerated.push("net::ERR_FAILED");
  await page.route("**/osteon.worklist.v1.WorklistService/ListWork", (route) => route.abort());
  await page.getByRole("button", { name: "Mine" }).click();
  await expect(page.locator(".failed")).toContainText("Could not load the work list. The server cannot be reached.", {
    timeout: 30_000,
  });
  await page.unroute("**/osteon.worklist.v1.WorklistService/ListWork");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.locator("table.work")).toBeVisible();
});

test("in German nothing is left in English but what the server says", async ({ as }) => {
  const page = await as("nurse");
  await page.keyboard.press("?");
  await page.getByRole("button", { name: "Deutsch" }).click();
  await page.getByRole("button", { name: "Schließen" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Wer mich heute braucht");
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
});
