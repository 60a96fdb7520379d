// People, invitations, devices: by case number alone.
import { AxeBuilder } from "@axe-core/playwright";
import { enter, typesCode } from "./enter";
import { expect, open, test, tolerated } from "./portal";

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

test("an invitation made by a double click is one; its life stands in the list, and it is taken back", async ({
  as,
  browser,
}) => {
  const page = await as("nurse");
  await open(page, "#/people/d0005");
  const list = page.getByRole("region", { name: "Invitations" });
  // Those of the demo are used: nothing is to be done with them.
  await expect(list.getByRole("button", { name: /^Take back/ })).toHaveCount(0);
  await page.getByLabel("Role").selectOption({ label: "dietitian" });
  await page.getByRole("button", { name: "Make an invitation to D0005" }).dblclick();
  const rows = list.getByRole("listitem").filter({ hasText: "Waiting" });
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText(/dietitian, member \d+/);
  await expect(rows).toContainText("Waiting Nobody has come with its code yet.");
  await expect(rows).toContainText("Tries left: 5 with the typed code, 5 with the QR code.");
  await expect(rows).toContainText(/Made by you, nurse, today.\d\d:\d\d\. It ends today.\d\d:\d\d\./);
  await clean(page);

  // Somebody types a wrong code: the number of tries changes in its place, without being asked, and nothing moves.
  const code = (await page.locator(".invite .code").textContent())?.replace(" ", "") ?? "";
  const wrong = `${code.slice(0, -1)}${code.endsWith("0") ? "1" : "0"}`;
  const back = rows.getByRole("button", { name: /^Take back the invitation of dietitian, member \d+ to D0005/ });
  const before = await back.boundingBox();
  const stranger = await typesCode(browser, "d0005", wrong);
  await expect(rows).toContainText("Tries left: 4 with the typed code", { timeout: 45_000 });
  expect(await back.boundingBox()).toEqual(before);
  await stranger.context().close();

  // One that another window makes waits until it is asked for.
  const other = await page.context().newPage();
  await open(other, "#/people/d0005");
  await other.getByLabel("Role").selectOption({ label: "caregiver" });
  await other.getByRole("button", { name: "Make an invitation to D0005" }).click();
  await expect(other.locator(".invite .code")).toBeVisible();
  await other.close();
  await expect(list.getByRole("button", { name: "1 new: show" })).toBeVisible({ timeout: 12_000 });
  await expect(rows).toHaveCount(1);
  await list.getByRole("button", { name: "1 new: show" }).press("Enter");
  await expect(rows).toHaveCount(2);

  const mine = list.getByRole("listitem").filter({ hasText: "dietitian" });
  await page.waitForTimeout(400);
  await mine.getByRole("button", { name: /^Take back/ }).press("Enter");
  await expect(mine).toContainText(/Taken back By you, today/);
  await expect(mine.getByRole("button")).toHaveCount(0);
  await expect(page.locator(".invite + .slot")).toContainText("Taken back");
  await clean(page);
  await page.setViewportSize({ width: 320, height: 700 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(321);
});

test("invitations are asked for again only while one is open, seldom, and when the record moves", async ({ as }) => {
  test.setTimeout(120_000);
  const page = await as("nurse");
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("EnrolmentService/ListInvites")) asked += 1;
  });
  await open(page, "#/people/d0006");
  const list = page.getByRole("region", { name: "Invitations" });
  await expect(list.getByRole("button", { name: /^Take back/ })).toHaveCount(0);
  const first = asked;
  await page.waitForTimeout(11_000);
  expect(asked, "none is open: each time would stand in the audit").toBe(first);
  await page.getByLabel("Role").selectOption({ label: "caregiver" });
  await page.getByRole("button", { name: "Make an invitation to D0006" }).click();
  const open_ = list.getByRole("listitem").filter({ hasText: "Waiting" });
  await expect(open_).toHaveCount(1);
  await page.waitForTimeout(4000);
  const made = asked;
  await page.waitForTimeout(16_000);
  expect(asked - made, "one is open, and nothing moves").toBeLessThanOrEqual(1);
  // Somebody else makes one: that moves the record, which is hinted.
  const other = await page.context().newPage();
  await open(other, "#/people/d0006");
  await other.getByLabel("Role").selectOption({ label: "caregiver" });
  await other.getByRole("button", { name: "Make an invitation to D0006" }).click();
  await expect(list.getByRole("button", { name: "1 new: show" })).toBeVisible({ timeout: 12_000 });
  await other.close();
  for (const one of await open_.all()) await one.getByRole("button", { name: /^Take back/ }).click();
});

test("an answer that is lost makes no second invitation", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/people/d0002");
  let lost = 0;
  await page.route("**/*EnrolmentService/CreateInvite", async (route) => {
    if (lost > 0) return route.continue();
    lost += 1;
    await route.fetch();
    return route.abort();
  });
  tolerated.push("net::ERR_FAILED");
  await page.getByLabel("Role").selectOption({ label: "caregiver" });
  await page.getByRole("button", { name: "Make an invitation to D0002" }).click();
  await expect(page.locator(".invite .code")).toBeVisible();
  expect(lost).toBe(1);
  const list = page.getByRole("region", { name: "Invitations" });
  await expect(list.getByRole("listitem").filter({ hasText: "Waiting" })).toHaveCount(1);
});

test("who names nobody sees the invitations of others in no list", async ({ as }) => {
  const page = await as("physician");
  await open(page, "#/people/d0005");
  await expect(page.getByRole("region", { name: "Invitations" })).toContainText(
    "No invitation of the last day that you may see.",
  );
  await expect(page.getByRole("button", { name: /^Take back/ })).toHaveCount(0);
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
