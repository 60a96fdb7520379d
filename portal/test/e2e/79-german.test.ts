// In German at 320 pixels: names of records in German, nothing cut off, nothing wider than the screen but what scrolls by itself.
import { linkFor } from "./clinic";
import { expect, open, test } from "./portal";

test("in German at 320 pixels records have German names, and no line of news is cut off", async ({ browser }) => {
  test.setTimeout(120_000);
  const context = await browser.newContext({ locale: "de-DE", viewport: { width: 320, height: 800 } });
  const page = await context.newPage();
  await page.goto(linkFor("physician"));
  for (const place of ["work", "reviews", "phones", "patient/d0003", "people/d0003"]) {
    await open(page, `#/${place}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), place).toBeLessThanOrEqual(321);
    const cut = await page
      .locator(".new-items:visible")
      .evaluateAll((all) => all.filter((one) => one.scrollHeight > one.clientHeight).length);
    expect(cut, place).toBe(0);
  }
  await open(page, "#/patient/d0003");
  await expect(page.locator("caption", { hasText: "Ernährungsplan" })).toBeVisible();
  await expect(page.locator("main")).not.toContainText("Nutrition plan");
  // No column lies over its neighbour: what a cell says stays in it.
  const over = await page
    .locator("table.plan th[scope=row]")
    .evaluateAll((cells) => cells.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent));
  expect(over).toEqual([]);
  await context.close();
});
