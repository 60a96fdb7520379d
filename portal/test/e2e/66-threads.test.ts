// The same conversations with the server's own: who takes part reads it, nobody else does, and marks are the reader's.
import type { Page } from "@playwright/test";
import { SessionService } from "../../gen/osteon/identity/v1/identity_service_pb";
import { ThreadService } from "../../gen/osteon/thread/v1/thread_service_pb";
import { callerOf } from "./caller";
import { expect, open, test } from "./portal";

const accountOf = async (page: Page) => (await (await callerOf(page, SessionService)).getMe({})).account;
const said = (page: Page) => page.locator(".messages .said");

test("a question to a colleague and the answer, live; the third knows of nothing", async ({ as }) => {
  test.setTimeout(120_000);
  const [nurse, doctor, third] = [await as("nurse"), await as("physician"), await as("physiotherapist")];
  const colleague = await accountOf(doctor);
  await open(nurse, "#/messages?circle=3");
  await nurse.keyboard.press("n");
  await nurse
    .getByLabel(new RegExp(`member ${colleague}\\b`))
    .first()
    .check();
  await nurse.getByLabel("Title").fill("Calcium");
  await nurse.getByLabel("Your message").fill("Shall I hold the injection?");
  await nurse.waitForTimeout(400);
  await nurse.getByRole("button", { name: /Send, about D0003/ }).click();
  await expect(said(nurse)).toHaveText(["Shall I hold the injection?"]);
  await expect(doctor.getByRole("link", { name: /Messages 1/ })).toBeVisible({ timeout: 20_000 });
  await open(doctor, "#/messages?circle=3");
  const row = doctor.locator(".questions li", { hasText: "Calcium" }).first();
  await expect(row).toContainText("1 to read");
  await expect(said(doctor)).toHaveText(["Shall I hold the injection?"]);
  await doctor.waitForTimeout(400);
  await doctor.getByRole("button", { name: "I have read these 1" }).click();
  await expect(doctor.getByRole("button", { name: /I have read these/ })).toHaveCount(0);
  await expect(doctor.getByRole("link", { name: /Messages 0/ }), "what is to read is counted down").toBeVisible();
  await expect(row).not.toContainText("to read");
  await expect(nurse.locator(".seen-by")).toContainText("has read all of it", { timeout: 20_000 });
  await doctor.getByLabel("Your answer").fill("Yes, until the calcium is back.");
  await doctor.getByLabel("Your answer").press("Control+Enter");
  await expect(said(doctor)).toHaveCount(2);
  await expect(nurse.locator(".decision .new-items")).toContainText("New messages: 1", { timeout: 20_000 });
  await expect(said(nurse), "nothing moves under the eyes").toHaveText(["Shall I hold the injection?"]);
  await expect(nurse.getByRole("link", { name: /Messages 1/ })).toBeVisible({ timeout: 20_000 });
  await nurse.keyboard.press(".");
  await expect(said(nurse)).toHaveText(["Yes, until the calcium is back.", "Shall I hold the injection?"]);
  const { threads } = await (await callerOf(third, ThreadService)).listThreads({});
  expect(threads.some((one) => one.title === "Calcium")).toBe(false);
});

test("about a field: whoever may not read the field cannot be asked, and that is said", async ({ as }) => {
  const [doctor, therapist] = [await as("physician"), await as("physiotherapist")];
  const other = await accountOf(therapist);
  await open(doctor, "#/patient/d0001");
  await doctor.locator("caption", { hasText: "Bone drug plan" }).getByRole("link").click();
  await doctor.getByRole("row", { name: /Dose/ }).first().getByRole("link", { name: "Ask a colleague" }).click();
  await doctor
    .getByLabel(new RegExp(`member ${other}\\b`))
    .first()
    .check();
  await doctor.getByLabel("Your message").fill("Is the dose right?");
  await doctor.waitForTimeout(400);
  await doctor.getByRole("button", { name: /Send/ }).click();
  await expect(doctor.locator("form [role=alert]")).toContainText("may not read what it is about");
  await expect(doctor.getByLabel("Your message")).toHaveValue("Is the dose right?");
});

test("a text that is not sent outlives the session for the same person", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/messages?circle=3");
  await page.keyboard.press("n");
  await page.getByLabel("Your message").fill("Not sent yet");
  const cookies = await page.context().cookies();
  await page.context().clearCookies();
  await page.keyboard.press("Escape");
  await page.evaluate(() => (location.hash = "#/phones"));
  await expect(page.getByRole("heading", { name: "Sign in to Osteon" })).toBeVisible({ timeout: 20_000 });
  await expect(page.locator("body")).not.toContainText("Not sent yet");
  await page.context().addCookies(cookies);
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await open(page, "#/messages?circle=3");
  await expect(page.getByLabel("Your message")).toHaveValue("Not sent yet");
});
