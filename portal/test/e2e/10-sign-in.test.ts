import { withPasskey } from "./enter";
import { BASE, expect, SERVER, test, tolerated } from "./portal";

test("somebody new makes a passkey with a code, signs out, and signs in again in the portal", async ({ browser }) => {
  const page = await withPasskey(browser, "nurse");
  await page.goto(`${BASE()}/#/patient/d0001`);
  await expect(page).toHaveTitle("D0001 Osteon");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to Osteon" })).toBeVisible();
  expect(await page.locator("body").textContent(), "nothing of a patient stays in the document").not.toMatch(
    /D0001|Journal|Urgent/,
  );
  // A passkey is made for the server's own address: in front of it the browser offers none.
  if (BASE() === SERVER()) {
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect(page).toHaveTitle("D0001 Osteon");
  }
  await page.context().close();
});

test("whoever is not signed in sees nothing but the way in", async ({ page }) => {
  await page.goto(`${BASE()}/#/patient/d0001`);
  await expect(page.getByRole("heading", { name: "Sign in to Osteon" })).toBeVisible();
  await expect(page.getByRole("link", { name: "First time here" })).toHaveAttribute("href", /\/sign-in$/);
});

test("a session that ended takes the content off the page, and leaves the place", async ({ as }) => {
  const page = await as("nurse");
  await page.goto(`${BASE()}/#/patient/d0003`);
  await expect(page.getByRole("region", { name: "Who this is" })).toContainText("D0003");
  const other = await page.context().newPage();
  await other.goto(`${BASE()}/#/work`);
  await other.getByRole("button", { name: "Sign out" }).click();
  tolerated.push("401");
  await expect(page.getByText("Your session has ended")).toBeVisible();
  expect(await page.locator("body").textContent()).not.toMatch(/D0003|Journal|calcium/i);
  expect(new URL(page.url()).hash).toContain("patient/d0003");
});
