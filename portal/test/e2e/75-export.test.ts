// What leaves the screen is noted in the audit first, whichever way somebody asks for it; where that fails, nothing leaves.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { ExportKind, ExportPage, RecordExportRequestSchema } from "../../gen/osteon/audit/v1/audit_service_pb";
import { Category } from "../../gen/osteon/meta/v1/options_pb";
import { enter } from "./enter";
import { asked } from "./grpc";
import { expect, open, print, printed, test, tolerated, watchPrint } from "./portal";

const CALL = "**/osteon.audit.v1.AuditService/RecordExport";

const clean = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
};

/** The questions that go to the server, as they are. */
const questions = async (page: Page) => {
  const all: ReturnType<typeof asked<typeof RecordExportRequestSchema>>[] = [];
  await page.route(CALL, (route) => {
    all.push(asked(route, RecordExportRequestSchema));
    return route.continue();
  });
  return all;
};

test("the work list is noted for each patient on it before it is printed", async ({ as }) => {
  const page = await as("nurse");
  const all = await questions(page);
  await watchPrint(page);
  const rows = await page.locator("a.patient-link").count();
  await page.getByRole("button", { name: "Print" }).press("Enter");
  await expect.poll(() => printed(page)).toBe(1);
  expect(all).toHaveLength(1);
  expect(all[0]).toMatchObject({ kind: ExportKind.PRINT, page: ExportPage.HAND_OVER, count: 1, asOfSequence: 0n });
  expect(new Set([all[0]?.circle, ...(all[0]?.otherCircles ?? [])]).size).toBe(rows);
  await open(page, "#/patient/d0004/audit");
  await expect(page.getByRole("row", { name: /printed the work list/ }).first()).toBeVisible();
});

test("Ctrl+P on a patient's page takes the same way, and the paper says who printed it and when", async ({ as }) => {
  const page = await as("nurse");
  const all = await questions(page);
  await open(page, "#/patient/d0003");
  await print(page);
  expect(all).toHaveLength(1);
  expect(all[0]).toMatchObject({ kind: ExportKind.PRINT, page: ExportPage.PATIENT, circle: 3n, otherCircles: [] });
  expect(all[0]?.asOfSequence).toBeGreaterThan(0n);
  expect(all[0]?.categories).toContain(Category.C05_LABORATORY);
  expect(all[0]?.categories, "what is not shared is not on the page").not.toContain(Category.C15_END_OF_LIFE);
  await page.emulateMedia({ media: "print" });
  await expect(page.getByText(/^Printed by nurse, member 5, today.\d\d:\d\d\. It stands in the audit\./)).toBeVisible();
  await page.emulateMedia({ media: "screen" });
  await open(page, "#/patient/d0003/audit");
  await expect(page.getByRole("row", { name: /printed the patient's page/ }).first()).toContainText("laboratory");
});

test("what the browser prints past the portal is no page of anybody", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/patient/d0003");
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await expect(page.getByText("Print with the portal's own button")).toBeVisible();
  await expect(page.getByRole("region", { name: "Who this is" })).toBeHidden();
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await expect(page.getByText("Print with the portal's own button")).toBeHidden();
  await expect(page.getByRole("region", { name: "Who this is" })).toBeVisible();
});

test("where it cannot be noted nothing is printed and no file is saved, and one press tries again", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/patient/d0003?as=table");
  tolerated.push("net::ERR_FAILED");
  await page.route(CALL, (route) => route.abort());
  await watchPrint(page);
  let downloads = 0;
  page.on("download", () => {
    downloads += 1;
  });
  const save = page.getByRole("button", { name: "As a CSV file" });
  const before = await save.boundingBox();
  await save.click();
  const note = page.locator(".leaving");
  await expect(note).toContainText("Nothing was printed or saved", { timeout: 30_000 });
  await expect(note).toContainText("The server cannot be reached.");
  await clean(page);
  expect(await save.boundingBox(), "nothing moves for it").toEqual(before);
  await page.keyboard.press("Control+p");
  await expect(note).toContainText("Nothing was printed or saved", { timeout: 30_000 });
  expect([downloads, await printed(page)]).toEqual([0, 0]);
  await page.unroute(CALL);
  await note.getByRole("button", { name: "Try again" }).click();
  await expect.poll(() => printed(page)).toBe(1);
  await expect(note).toBeEmpty();
});

test("a file says which areas went out, to whoever saves it and to the patient", async ({ as }) => {
  const page = await as("physiotherapist");
  const all = await questions(page);
  await open(page, "#/patient/d0001?as=table");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "As a CSV file" }).press("Enter"),
  ]);
  const note = page.locator(".leaving");
  await expect(note).toContainText(`Saved as ${download.suggestedFilename()}. The audit says what went out: `);
  await expect(note).toContainText("symptoms");
  await clean(page);
  expect(all[0]).toMatchObject({ kind: ExportKind.FILE, page: ExportPage.PATIENT, circle: 1n });
  expect(all[0]?.count).toBeGreaterThan(0);
  expect(all[0]?.categories).toContain(Category.C06_SYMPTOMS);
  await page.setViewportSize({ width: 320, height: 700 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(321);
  await note.getByRole("button", { name: "Close" }).click();
  await expect(note).toBeEmpty();
});

test("what was asked for by somebody who signs out meanwhile leaves no more", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/patient/d0003?as=table");
  const held: (() => void)[] = [];
  await page.route(CALL, async (route) => {
    await new Promise<void>((go) => held.push(go));
    await route.continue();
  });
  await watchPrint(page);
  let downloads = 0;
  page.on("download", () => {
    downloads += 1;
  });
  await page.getByRole("button", { name: "As a CSV file" }).click();
  await expect(page.locator(".leaving")).toContainText("It is being noted in the audit.");
  await expect.poll(() => held.length).toBe(1);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to Osteon" })).toBeVisible();
  for (const go of held) go();
  await page.waitForTimeout(1500);
  expect([downloads, await printed(page)]).toEqual([0, 0]);
  await expect(page.locator(".leaving")).toHaveCount(0);
});

test("a clinic admin prints people, and the row names no area", async ({ browser }) => {
  const page = await enter(browser, "clinic-admin", "d0006");
  const all = await questions(page);
  await open(page, "#/people/d0006");
  await print(page);
  expect(all[0]).toMatchObject({ page: ExportPage.OTHER, circle: 6n, categories: [] });
  await open(page, "#/quality");
  await print(page);
  expect(all, "of nobody: there is no row").toHaveLength(1);
  await page.context().close();
});
