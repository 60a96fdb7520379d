import { expect, open, test } from "./portal";

const HOSTILE = `<script>window.violations.push("ran")</script><img src=x onerror="window.violations.push('ran')"> \u202eabc <b>bold</b>`;

test("an emergency is taken and closed; text of people is shown as text", async ({ as }) => {
  const page = await as("nurse");
  await expect(page.locator(".status-emergency")).toBeVisible();
  // With several emergencies the key steps; the button opens the one that is shown.
  const opens = page.getByRole("button", { name: /^Open, D0002/ });
  await expect(async () => {
    if (!(await opens.isVisible())) await page.keyboard.press("x");
    await expect(opens).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 20_000 });
  await opens.click();
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
  await expect(page.locator(".status-emergency", { hasText: "D0002" })).toHaveCount(0);

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

test("somebody is asked to see to it; until they take it, it is not theirs", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/patient/d0003");
  const card = page.getByRole("article", { name: /R-DMAB-2/ });
  await card.getByText("Hand over").click();
  await card.getByLabel("Ask to see to it").selectOption({ label: "physician, member 6" });
  await card.getByRole("button", { name: "Ask", exact: true }).click();
  await expect(card).toContainText("Asked to see to it: member 6.");
  await expect(card).toContainText("Nobody has taken it.");
  const physician = await as("physician");
  await open(physician, "#/patient/d0003");
  const theirs = physician.getByRole("article", { name: /R-DMAB-2/ });
  await theirs.getByRole("button", { name: /^Take it/ }).click();
  await expect(theirs).toContainText("Taken by you.");
});

test("what somebody saw is marked by them alone, through what was on their screen", async ({ as }) => {
  const page = await as("physician");
  await open(page, "#/patient/d0004");
  const seen = page.getByRole("region", { name: "Seen by" });
  await expect(seen).toContainText("Not yet:");
  await page.keyboard.press("m");
  // A press right after its target changed is not taken.
  await page.waitForTimeout(400);
  await page.getByRole("button", { name: /^Mark as seen/ }).press("Enter");
  await expect(seen).toContainText("you, physician, today");
});
