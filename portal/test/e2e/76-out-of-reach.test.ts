// The server is out of reach: what was read can be read, nothing can be written, and buttons that write are not offered as if they
// worked. What was typed stays.
import type { Page } from "@playwright/test";
import { expect, open, test, tolerated } from "./portal";

const CALLS = /\/osteon\.\w+(\.\w+)?\.v1\./;
const WORDS = "You cannot save. Your text stays in this tab until you close it.";

const cut = async (page: Page) => {
  tolerated.push("net::ERR_FAILED", "ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_REFUSED");
  await page.route(CALLS, (route) => route.abort());
  await page.context().setOffline(true);
};
const mend = async (page: Page) => {
  await page.context().setOffline(false);
  await page.unroute(CALLS);
};

test("out of reach a plan can be read and typed into, and not saved; in reach again the text is saved", async ({
  as,
}) => {
  const page = await as("physician");
  await open(page, "#/patient/d0003");
  await page.locator("caption", { hasText: "Bone drug plan" }).getByRole("link").click();
  const row = page.getByRole("row", { name: /Calcium not older than/ });
  await row.getByRole("button", { name: "Change" }).click();
  await row.getByLabel(/New:/).fill("1");
  const save = row.getByRole("button", { name: "Save for D0003" });
  await expect(save).toBeEnabled();
  const before = await row.boundingBox();
  await cut(page);
  await expect(save).toBeDisabled();
  await expect(page.locator(".fresh")).toHaveText("You cannot save");
  expect(await row.boundingBox(), "nothing moved").toEqual(before);
  await row.getByLabel(/New:/).fill("0");
  await row.getByLabel(/New:/).press("Control+Enter");
  await expect(row.getByRole("alert")).toContainText(`It was not saved. The server cannot be reached.`);
  await expect(row.getByRole("alert")).toContainText(WORDS);
  await expect(row.getByLabel(/New:/)).toHaveValue("0");
  await mend(page);
  await expect(save).toBeEnabled({ timeout: 40_000 });
  await save.click();
  await expect(row).toContainText("Saved.");
  await expect(row.locator(".value").first()).toContainText(/^0\sday/);
});

test("out of reach no alert is taken and no question decided; it is said in the place of the status", async ({
  as,
}) => {
  const page = await as("physiotherapist");
  await open(page, "#/alerts");
  const take = page.getByRole("button", { name: /^Take it: / }).first();
  await expect(take).toBeEnabled();
  await cut(page);
  await expect(take).toBeDisabled();
  await expect(page.locator(".status")).toContainText(/You cannot save|Nobody has taken it|Taken by/);
  await mend(page);
  await expect(take).toBeEnabled({ timeout: 40_000 });
});

test("where streams alone are held back the page is not live, and writes all the same", async ({ as }) => {
  const page = await as("physician");
  tolerated.push("net::ERR_FAILED");
  await page.route("**/osteon.live.v1.LiveService/Watch", (route) => route.abort());
  await page.reload();
  await open(page, "#/patient/d0003");
  await page.waitForTimeout(4000);
  await expect(page.locator(".fresh")).not.toContainText("You cannot save");
  await page.locator("caption", { hasText: "Bone drug plan" }).getByRole("link").click();
  const row = page.getByRole("row", { name: /Calcium not older than/ });
  await row.getByRole("button", { name: "Change" }).click();
  await row.getByLabel(/New:/).fill("14");
  await expect(row.getByRole("button", { name: "Save for D0003" })).toBeEnabled();
  await row.getByRole("button", { name: "Cancel" }).click();
});
