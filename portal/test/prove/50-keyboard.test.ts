// The six stories of the demo clinic by keys alone: no test here has a mouse. What has the focus is visible and under nothing.
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../e2e/portal";

const STEPS = 250;

/** Presses Tab until it has the focus, as somebody without a mouse comes there. */
async function tabTo(page: Page, to: Locator): Promise<void> {
  await expect(to).toBeVisible();
  const wanted = await to.elementHandle();
  for (let n = 0; n < STEPS; n += 1) {
    if (await page.evaluate((one) => document.activeElement === one, wanted)) break;
    await page.keyboard.press("Tab");
  }
  await expect(to).toBeFocused();
  const seen = await to.evaluate((one) => {
    const { left, top, width, height } = one.getBoundingClientRect();
    const above = document.elementFromPoint(left + width / 2, top + Math.min(height, 40) / 2);
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    return {
      covered: above !== one && !one.contains(above),
      outline: outlineStyle !== "none" && outlineWidth !== "0px",
    };
  });
  expect(seen, "the focus is visible and under nothing").toEqual({ covered: false, outline: true });
}

const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};

/** A press right after its target changed is not taken. */
const enter = async (page: Page) => {
  await page.waitForTimeout(400);
  await page.keyboard.press("Enter");
};

async function find(page: Page, shortId: string): Promise<void> {
  await press(page, "/");
  await page.keyboard.type(shortId);
  await expect(page.locator(".found a")).toHaveText(new RegExp(shortId, "i"));
  await press(page, "Enter");
  await expect(page).toHaveTitle(`${shortId.toUpperCase()} Osteon`);
}

/** Through the inbox with j until the question is open. */
async function question(page: Page, words: RegExp): Promise<void> {
  await press(page, "g", "r");
  const current = page.locator(".questions a[aria-current]");
  await expect(current).toHaveCount(1);
  for (let n = 0; n < 40 && !words.test((await current.textContent()) ?? ""); n += 1) await press(page, "j");
  await expect(current).toHaveText(words);
}

test("D0001: a lifting limit that two people set is decided", async ({ as }) => {
  const page = await as("physiotherapist");
  await question(page, /Two values.*D0001.*lift at most/);
  await press(page, "1");
  await expect(page.getByRole("button", { name: /^Keep 3 kg/ })).toBeFocused();
  await enter(page);
  await expect(page.locator(".done")).toContainText("Decided: 3 kg.");
});

test("D0002: signs of cord compression are opened with one key and taken", async ({ as }) => {
  const page = await as("physician");
  await expect(page.locator(".status-emergency, .status").first()).toContainText("D0002");
  await press(page, "x");
  const card = page.getByRole("article").filter({ hasText: "Possible metastatic spinal cord compression" });
  await tabTo(page, card.getByRole("button", { name: /^Take it: D0002/ }));
  await enter(page);
  await expect(card).toContainText("Taken by you.");
});

test("D0003: an overdue bone drug is not given while its calcium is disputed, and the table says the same", async ({
  as,
}) => {
  const page = await as("physician");
  await find(page, "d0003");
  const banner = page.getByRole("region", { name: "Who this is" });
  await expect(banner).toContainText(/denosumab \(held\), due .* \(\d+\sdays ago\)/);
  await expect(page.getByRole("img", { name: /Trends from/ })).toBeVisible();
  await press(page, "t");
  await expect(page.getByRole("table", { name: /calcium/i }).first()).toContainText("2.11");
  await press(page, "d");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Review inbox");
  await expect(page.locator(".decision h2")).toContainText("D0003");
});

test("D0004: two fields that contradict each other are opened, and one is changed", async ({ as }) => {
  const page = await as("dietitian");
  await question(page, /Contradiction.*D0004/);
  await tabTo(page, page.getByRole("link", { name: "Open: Nutrition plan" }));
  await press(page, "Enter");
  const row = page.getByRole("row", { name: /^Protein at least/ });
  await tabTo(page, row.getByRole("button", { name: "Change" }));
  await press(page, "Enter");
  await tabTo(page, row.getByLabel(/New:/));
  await page.keyboard.type("0.8");
  await expect(row.locator(".would")).not.toContainText("The rules are asked");
  await press(page, "Control+Enter");
  await expect(row.locator(".value").first()).toHaveText(/^0\.8\s/);
});

test("D0005: a fall that came back is kept, with words", async ({ as }) => {
  const page = await as("nurse");
  await question(page, /Came back.*D0005/);
  await tabTo(page, page.getByLabel("In words"));
  await page.keyboard.type("Called: it happened in the bathroom");
  await tabTo(page, page.getByRole("button", { name: "It happened: keep the record" }));
  await enter(page);
  await expect(page.locator(".done")).toContainText("Kept.");
});

test("D0006: two wishes are no answer to choose; what is not shared says so", async ({ as }) => {
  const page = await as("physician");
  await question(page, /D0006/);
  await expect(page.locator(".decision .in-force")).toContainText(/ask the person/i);
  const nurse = await as("nurse");
  await find(nurse, "d0006");
  await expect(nurse.getByRole("region", { name: "Not shared with you" })).toContainText("end of life");
});
