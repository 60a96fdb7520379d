import { expect, open, test } from "./portal";

test("the work list says who comes first, why, and what happens next", async ({ as }) => {
  const page = await as("nurse");
  const first = page.locator("tbody tr:not(.group)").first();
  await expect(first).toContainText("Emergency");
  await expect(first).toContainText("D0002");
  await expect(first).toContainText("nobody");
  await expect(first).toContainText("Goes to physician");
  await expect(page.locator(".topbar .demo")).toBeVisible();
  await expect(page.locator(".status-emergency")).toContainText("D0002");
  await expect(page.locator(".fresh")).toContainText("Live");
  expect(await page.locator("body").textContent()).not.toMatch(/all clear/i);
});

test("nothing moves while changes arrive, until somebody asks", async ({ as }) => {
  const page = await as("physician");
  const other = await as("nurse");
  const positions = () =>
    page.locator("main tr, main button, main a").evaluateAll((all) =>
      all.map((one) => {
        const { x, y, width, height } = one.getBoundingClientRect();
        return `${one.tagName} ${x} ${y} ${width} ${height}`;
      }),
    );
  await expect(page.locator(".new-items")).toContainText("No news");
  await page.waitForTimeout(1500);
  const before = await positions();
  await open(other, "#/patient/d0004");
  await other.getByRole("button", { name: "I have seen it" }).first().click();
  await expect(page.locator(".new-items")).toContainText("1 patient has news");
  const after = await positions();
  const rows = (all: string[]) => all.filter((one) => one.startsWith("TR") || one.startsWith("A "));
  expect(rows(after)).toEqual(rows(before));
  await page.keyboard.press(".");
  await expect(page.locator(".new-items")).toContainText("No news");
});

test("keys alone: through the list to a patient, the table, the visit sheet and back", async ({ as }) => {
  const page = await as("nurse");
  await expect(page.locator("a.patient-link").first()).toBeVisible();
  await page.keyboard.press("j");
  await expect(page.locator("a.patient-link").first()).toBeFocused();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page).toHaveTitle(/^D000\d Osteon$/);
  const title = await page.title();
  await expect(page.getByRole("img", { name: /Trends from/ })).toBeVisible();
  await page.keyboard.press("t");
  await expect(page.getByRole("button", { name: "Show as chart" })).toBeVisible();
  await page.keyboard.press("]");
  await expect(page).not.toHaveTitle(title);
  await page.keyboard.press("[");
  await expect(page).toHaveTitle(title);
  await page.keyboard.press("p");
  await expect(page.getByRole("button", { name: /Print the sheet/ })).toBeVisible();
  await page.keyboard.press("g");
  await page.keyboard.press("w");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Who needs me today");
  await page.keyboard.press("/");
  await page.keyboard.type("d0003");
  await expect(page.locator(".found a")).toHaveText(/D0003/);
  await page.keyboard.press("Enter");
  await expect(page).toHaveTitle("D0003 Osteon");
});

test("a patient whom one may not see is like one that there is not", async ({ as }) => {
  const page = await as("physiotherapist");
  await expect(page.locator("a.patient-link").first()).toBeVisible();
  const mine = await page.locator("main").textContent();
  const hidden = ["d0003", "d0004", "d0006"].find((one) => !mine?.includes(one.toUpperCase()));
  expect(hidden, "a patient of others").toBeDefined();
  const shown: string[] = [];
  for (const one of [hidden, "d9999"]) {
    await open(page, `#/patient/${one}`);
    await expect(page.locator("main")).toContainText("There is no such patient for you.");
    shown.push(`${await page.locator("main").innerHTML()} ${await page.title()}`);
  }
  expect(shown[0]).toBe(shown[1]);
});
