// Text of people is text, whatever it holds, and an address leads to a sentence.
import type { Page } from "@playwright/test";
import { expect, open, test } from "../e2e/portal";

const SCRIPT = `<script>violations.push("ran")</script><img src=x onerror="violations.push('ran')"> \u202egnirts\u202c \u{1f9b4}\u{1f468}\u200d\u{1f469}\u200d\u{1f467} {{7*7}} \${7*7}`;
const MEGABYTE = `${SCRIPT} `.repeat(Math.ceil(1_000_000 / (SCRIPT.length + 1)));

/** As a paste does it: the whole text at once, past the limits that typing has. */
const paste = (page: Page, at: string, text: string) =>
  page.locator(at).evaluate((field, whole) => {
    const of = field as HTMLInputElement;
    of.focus();
    of.value = whole;
    of.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }, text);

const alive = async (page: Page) => {
  expect(await page.evaluate(() => window.violations)).toEqual([]);
  await expect(page.locator(".topbar")).toBeVisible();
};

test("a megabyte, scripts, emoji and turned letters in text fields are text or refused in words", async ({ as }) => {
  const page = await as("dietitian");
  await open(page, "#/work");
  await page.locator(".find input").pressSequentially("<b>\u202ex");
  await expect(page.locator(".found")).toContainText(/Nobody of this name|not|too long/i);
  await paste(page, ".find input", MEGABYTE);
  await expect(page.locator(".found")).not.toContainText("Looking");
  await alive(page);
  await page.keyboard.press("Escape");
  await open(page, `#/work?q=${encodeURIComponent(SCRIPT.slice(0, 50))}`);
  await expect(page.locator("main")).toContainText("<script>");
  await open(page, `#/work?q=${encodeURIComponent(SCRIPT)}`);
  await expect(page.locator("main")).toContainText("more than the server takes");
  await alive(page);
  await open(page, "#/patient/d0003");
  await page.locator("caption", { hasText: "Nutrition plan" }).getByRole("link").click();
  const row = page.getByRole("row", { name: /^Free text advice/ });
  await row.getByRole("button", { name: "Change" }).click();
  await row.getByLabel(/New:/).fill(SCRIPT);
  await expect(row.locator(".echo strong")).toHaveText(SCRIPT);
  expect(await row.locator(".echo strong").evaluate((one) => one.childElementCount)).toBe(0);
  await paste(page, "tr textarea >> nth=0", MEGABYTE);
  await expect(row.getByRole("alert")).toContainText("That is too long: at most");
  await expect(row.getByRole("button", { name: /^Save for D0003/ })).toBeDisabled();
  await alive(page);
});

test("addresses that are damaged lead to a sentence, never to an error", async ({ as }) => {
  const page = await as("nurse");
  const wrong = [
    "#/patient/%E0%A4%A",
    "#/patient/d0001/plan/not-an-id",
    "#/patient/d0001/plan/00000000-0000-0000-0000-000000000000",
    "#/patient/..%2f..%2fetc",
    `#/patient/${"x".repeat(5000)}`,
    "#/alerts?circle=99999999999999999999&alert=<script>",
    "#/reviews?circle=-1&field=%00",
    "#/nothing/at/all",
    "#/patient/d0003?window=__proto__&type=NaN&as=constructor",
  ];
  for (const hash of wrong) {
    await open(page, hash);
    await alive(page);
    const text = ((await page.locator("main").textContent()) ?? "").trim();
    expect(text, hash).not.toBe("");
    expect(text, hash).not.toMatch(/undefined|NaN|\[object|TypeError/);
  }
});
