// Emergency access: the reason, the red frame, its end; for whoever is a member and for whoever is none.
import { AxeBuilder } from "@axe-core/playwright";
import { withPasskey } from "./enter";
import { BASE, expect, open, test } from "./portal";

const clean = async (page: Parameters<typeof open>[0]) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
};

test("the glass breaks with a reason of some length, shows a red frame on this patient alone, and is ended", async ({
  as,
}) => {
  const page = await as("nurse");
  await open(page, "#/patient/d0006");
  await page
    .getByRole("region", { name: "Not shared with you" })
    .getByRole("link", { name: "Emergency access" })
    .click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Emergency access");
  await expect(page.locator("main")).toContainText("The patient will be told");
  const breaks = page.getByRole("button", { name: "Break the glass for D0006" });
  await expect(breaks).toBeDisabled();
  const reason = page.getByLabel(/^Why, in words/);
  await reason.fill("....... ....... ....... .......");
  await expect(breaks, "ten of them letters or digits").toBeDisabled();
  await reason.fill("Found <b>unconscious</b> at home, nobody reachable");
  await clean(page);
  await breaks.press("Enter");
  const bar = page.getByRole("region", { name: "Emergency access is open" });
  await expect(bar).toContainText("Emergency access to D0006 until");
  await expect(page.locator("main")).toHaveCSS("border-left-color", "rgb(179, 18, 29)");
  await expect(page.getByRole("region", { name: "Who this is" })).toContainText("D0006");
  await clean(page);

  await page.goto(`${BASE()}/#/patient/d0001`);
  await expect(page.getByRole("region", { name: "Who this is" })).toContainText("D0001");
  await expect(bar).toHaveCount(0);

  await page.goto(`${BASE()}/#/patient/d0006/audit`);
  await expect(page.getByRole("region", { name: /Behind broken glass/ })).toContainText("broke the glass");
  await bar.getByRole("button", { name: "End it for D0006" }).click();
  await expect(bar).toHaveCount(0);
});

test("whoever is no member reads records behind broken glass, and nothing after its end", async ({ browser }) => {
  const page = await withPasskey(browser, "nurse");
  await open(page, "#/patient/d0003");
  await expect(page.locator("main")).toContainText("There is no such patient for you.");
  await page.getByRole("link", { name: "Emergency access" }).click();
  await expect(page.getByLabel("Case number")).toHaveValue("D0003");
  await page.getByLabel(/^Why, in words/).fill("Brought in by ambulance, no team member reachable");
  await page.getByRole("button", { name: "Break the glass for D0003" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("D0003");
  await expect(page.getByText("Loading")).toHaveCount(0);
  await expect(page.locator(".failed, .absent")).toHaveCount(0);
  await expect(page.locator("caption", { hasText: "Bone drug plan" })).toBeVisible();
  await expect(page.locator(".journal tbody tr").first()).toBeVisible();
  await clean(page);
  await page.locator("caption", { hasText: "Nutrition plan" }).getByRole("link").click();
  await expect(page.getByRole("heading", { name: "Nutrition plan of D0003" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Change", exact: true }), "it is for reading").toHaveCount(0);
  await page.getByRole("button", { name: "End it for D0003" }).click();
  await expect(page.locator("main")).toContainText("There is no such patient for you.");
  await expect(page.getByRole("heading", { name: "Nutrition plan of D0003" })).toHaveCount(0);
  await page.context().close();
});

test("who may not break the glass is told so", async ({ as }) => {
  const page = await as("physiotherapist");
  await open(page, "#/emergency-access?case=d0004");
  await expect(page.locator("main")).toContainText("for a physician or a nurse of the clinic");
  await expect(page.getByRole("button", { name: /^Break the glass/ })).toHaveCount(0);
});
