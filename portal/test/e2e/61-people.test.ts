// People, invitations, devices: by case number alone.
import { AxeBuilder } from "@axe-core/playwright";
import { enter } from "./enter";
import { expect, open, test } from "./portal";

const clean = async (page: Parameters<typeof open>[0]) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
};

test("an invitation is a code in two groups of four and a QR code, for one role, and makes a member", async ({
  as,
}) => {
  const page = await as("nurse");
  await page.keyboard.press("g");
  await page.keyboard.press("m");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("People");
  await page.getByRole("link", { name: "D0004" }).press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("People of D0004");
  const make = page.getByRole("button", { name: "Make an invitation to D0004" });
  await expect(make).toBeDisabled();
  await page.getByLabel("Role").selectOption({ label: "physiotherapist" });
  await make.press("Enter");
  await expect(page.locator(".invite .code")).toHaveText(/^[0-9A-Z]{4} [0-9A-Z]{4}$/);
  await expect(page.locator(".invite")).toContainText("One use, five tries.");
  await expect(page.getByRole("img", { name: "QR code of the invitation" })).toBeVisible();
  await clean(page);
  await page.getByRole("button", { name: "Read again" }).click();
  await expect(page.getByRole("region", { name: /^physiotherapist, member/ })).toContainText("No device is enrolled.");
  await page.setViewportSize({ width: 320, height: 700 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(321);
});

test("a membership ends with words, and the person is refused at once", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/people/d0004");
  const member = page.getByRole("region", { name: /^physiotherapist, member/ });
  await member.getByText("End this membership").click();
  const end = member.getByRole("button", { name: /^End the membership of physiotherapist, member \d+ in D0004/ });
  await expect(end).toBeDisabled();
  await member.getByLabel(/^Why/).fill("Invited by mistake <b>twice</b>");
  await page.waitForTimeout(400);
  await end.click();
  await expect(member).toContainText("No member any more");
  await expect(member.getByText("End this membership")).toHaveCount(0);
  await expect(
    page.getByRole("region", { name: "patient" }).getByText("End this membership"),
    "the patient's own membership does not end here",
  ).toHaveCount(0);
});

test("a device is sent away after reading what that does, and says how it stands", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/people/d0005");
  const daughter = page.getByRole("region", { name: /^caregiver/ });
  const device = daughter.locator(".devices > li").first();
  await device.getByText("Code for signing in again").click();
  await device.getByRole("button", { name: "Make a code" }).click();
  await expect(device.locator(".code")).toHaveText(/^[0-9A-Z]{4} [0-9A-Z]{4}$/);
  await device.getByText("Send this device away").click();
  await expect(device).toContainText("erases itself. Last heard:");
  await page.waitForTimeout(400);
  await device.getByRole("button", { name: /^Tell .* to leave/ }).click();
  await expect(device).toContainText("The order has not reached it yet.");
  await expect(device.getByRole("button", { name: /^Tell .* to leave/ })).toHaveCount(0);
  await clean(page);
});

test("one's own devices stand together; the one somebody sits at is not sent away from itself", async ({ as }) => {
  const page = await as("dietitian");
  await open(page, "#/people");
  const devices = page.locator("section", { hasText: "Your devices" }).locator(".devices > li");
  await expect(devices).toHaveCount(2);
  const here = devices.filter({ hasText: "the one you sit at" });
  await expect(here).toHaveCount(1);
  await expect(here.getByText("Send this device away")).toHaveCount(0);
  await expect(devices.getByText("Send this device away")).toHaveCount(1);
  await page.getByRole("button", { name: /^I have seen these/ }).click();
  await expect(page.getByRole("button", { name: /^I have seen these/ })).toHaveCount(0);
});

test("a clinic admin sees people and case numbers, and no clinical word", async ({ browser }) => {
  const page = await enter(browser, "clinic-admin", "d0006");
  await open(page, "#/people/d0006");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("People of D0006");
  await expect(page.getByRole("region", { name: /^nurse, member/ })).toBeVisible();
  expect(await page.locator("main").textContent()).not.toMatch(/breast|comfort|femur|denosumab|wish/i);
  await open(page, "#/people/d0001");
  await expect(page.locator("main")).toContainText("There is no such patient for you.");
  await page.context().close();
});

test("who does not look after devices is told so, and sees the members", async ({ as }) => {
  const page = await as("physiotherapist");
  await open(page, "#/people/d0001");
  await expect(page.locator("main")).toContainText("Devices of others are looked after by nurses and clinic admins.");
  await expect(page.getByRole("region", { name: /^nurse, member/ }).first()).toBeVisible();
  await expect(page.getByRole("button", { name: /^Make an invitation/ })).toHaveCount(0);
});

test("a team changes in every circle at once: who leaves goes, who joins is there, and it says how far it is", async ({
  as,
}) => {
  const page = await as("nurse");
  await open(page, "#/people/d0006");
  await page.getByLabel("Role").selectOption({ label: "dietitian" });
  await page.getByRole("button", { name: "Make an invitation to D0006" }).click();
  const told = (await page.locator(".invite").textContent()) ?? "";
  const account = /member (\d+)/.exec(told)?.[1] ?? "";
  await open(page, "#/people");
  const team = page.getByRole("region", { name: "Change the team everywhere" });
  const start = team.getByRole("button", { name: "Change the team in 6 circles" });
  await team.getByRole("combobox").selectOption({ label: "dietitian" });
  await team.getByLabel(/^Who joins/).fill("seven");
  await expect(team).toContainText("A member number has digits alone.");
  await expect(start).toBeDisabled();
  await team.getByLabel(/^Who joins/).fill(account);
  await start.click();
  await expect(team).toContainText("Finished: 6 of 6 steps.", { timeout: 30_000 });
  await open(page, "#/people/d0002");
  await expect(page.getByRole("region", { name: `dietitian, member ${account}` })).toContainText(
    "Member, as written by",
  );
  await open(page, "#/people");
  await team.getByRole("combobox").selectOption({ label: "dietitian" });
  await team.getByLabel(/^Who leaves/).fill(account);
  await start.click();
  await expect(team).toContainText("Finished:", { timeout: 30_000 });
  await clean(page);
  await open(page, "#/people/d0002");
  await expect(page.getByRole("region", { name: `dietitian, member ${account}` })).toContainText("No member any more");
});
