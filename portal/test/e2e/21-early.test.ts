// What a page asks before it can show it: asked early, and once.
import type { Page } from "@playwright/test";
import { expect, open, test } from "./portal";

/** Holds back what an address answers until it is let go. */
async function held(page: Page, address: RegExp): Promise<() => void> {
  let letGo = () => {};
  const waits = new Promise<void>((go) => {
    letGo = go;
  });
  await page.route(address, async (route) => {
    await waits;
    await route.continue();
  });
  return letGo;
}

function asks(page: Page): (name: string) => number {
  const all: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") all.push(request.url().replace(/^.*\//, ""));
  });
  return (name) => all.filter((one) => one === name).length;
}

test("who sits here and the first rows are asked for before the code is there, and once", async ({ as }) => {
  const page = await as("nurse");
  const asked = asks(page);
  const letGo = await held(page, /assets\/base-[\w-]+\.js$/);
  const loaded = page.reload();
  for (const name of ["me", "GetMe", "ListWork"]) await expect.poll(() => asked(name), name).toBe(1);
  await expect(page.locator("a.patient-link")).toHaveCount(0);
  letGo();
  await loaded;
  await expect(page.locator("a.patient-link").first()).toBeVisible();
  for (const name of ["me", "GetMe", "ListWork"]) expect(asked(name), name).toBe(1);
});

test("a patient's chart and journal are asked for beside the patient, and once", async ({ as }) => {
  const page = await as("nurse");
  const asked = asks(page);
  const letGo = await held(page, /GetCircleView$/);
  await page.locator('a.patient-link[href*="d0003"]').click();
  await expect.poll(() => asked("GetSeries")).toBe(1);
  await expect.poll(() => asked("ListRecords")).toBe(1);
  await expect(page.locator("section.banner")).toHaveCount(0);
  letGo();
  await expect(page.locator(".patient table.plan").first()).toBeVisible();
  await expect(page.locator("svg.chart")).toBeVisible();
  await expect(page.locator("table.journal")).toBeVisible();
  expect(asked("GetSeries")).toBe(1);
  // Another patient's are their own.
  await open(page, "#/patient/d0001");
  expect(asked("GetSeries")).toBe(2);
});

test("the key shows the table in the chart's place, and the chart again as it was", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/patient/d0003");
  const chart = page.locator("svg.chart");
  const table = page.locator('section[aria-labelledby="timeline"] table').first();
  const before = await chart.evaluate((one) => one.outerHTML);
  await page.keyboard.press("t");
  await expect(table).toBeVisible();
  await expect(chart).toBeHidden();
  await page.keyboard.press("t");
  await expect(chart).toBeVisible();
  await expect(table).toBeHidden();
  expect(await chart.evaluate((one) => one.outerHTML)).toBe(before);
});
