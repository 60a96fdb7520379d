import { expect, open, test } from "./portal";

const HOSTILE = `<script>window.violations.push("ran")</script><img src=x onerror="window.violations.push('ran')"> \u202eabc <b>bold</b>`;

test("an emergency is taken and closed; text of people is shown as text", async ({ as }) => {
  const page = await as("nurse");
  await expect(page.locator(".status-emergency")).toBeVisible();
  await page.keyboard.press("x");
  const card = page.getByRole("article", { name: /R-MSCC-1/ });
  await expect(card).toContainText("Nobody has taken it.");
  await card.getByRole("button", { name: /^Take it: D0002/ }).click();
  await expect(card).toContainText("Taken by you.");
  await card.getByRole("button", { name: "Record the outcome" }).click();
  const close = card.getByRole("button", { name: /^Close the alert of D0002/ });
  await expect(close).toBeDisabled();
  await card.getByLabel("not relevant").check();
  await expect(close, "an emergency that ends with nothing done needs words").toBeDisabled();
  await card.getByLabel("acted on").check();
  await card.getByRole("textbox").fill(HOSTILE);
  await card.getByLabel("of use", { exact: true }).check();
  await close.click();
  await expect(card).toContainText("Closed: acted on, by you");
  await expect(page.locator(".status-emergency")).toHaveCount(0);

  await open(page, "#/alerts?show=closed");
  const quoted = page.locator("q", { hasText: "window.violations" });
  await expect(quoted).toHaveText(HOSTILE);
  expect(await quoted.evaluate((one) => one.childElementCount)).toBe(0);
  expect(await quoted.evaluate((one) => getComputedStyle(one).unicodeBidi)).toBe("isolate");
});

test("what is not shared is told as that: how soon and whom to ask, and nothing else", async ({ as }) => {
  const page = await as("physiotherapist");
  await open(page, "#/alerts");
  const hidden = page.locator("article.not-shared").first();
  await expect(hidden).toContainText("A safety signal in an area that is not shared with you. Ask nurse, member");
});
