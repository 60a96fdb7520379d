import { expect, open, test } from "./portal";

test("a dispute is settled by one press, and stands settled for everybody", async ({ as }) => {
  const page = await as("physiotherapist");
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await expect(page.getByRole("heading", { name: "Which value is right: lift at most?" })).toBeVisible();
  const force = page.locator(".in-force");
  await expect(force).toContainText("3 kg");
  await expect(force).toContainText("Disputed");
  await expect(page.locator(".version")).toHaveCount(2);
  await page.keyboard.press("2");
  await expect(page.getByRole("button", { name: /^Use 10 kg/ }), "a key chooses and does not write").toBeFocused();
  await page.waitForTimeout(400);
  await page.keyboard.press("Enter");
  await expect(page.getByText("10 kg loosens what others limited. Say why:")).toBeVisible();
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await expect(page.locator(".done")).toContainText("Decided: 3 kg.");

  const nurse = await as("nurse");
  await open(nurse, "#/patient/d0001");
  const lift = nurse.getByRole("row", { name: /Lift at most/ });
  await expect(lift).toContainText("3 kg");
  await expect(lift).not.toContainText("Disputed");
});

test("while the last agreed value holds, that one is said to be in force", async ({ as }) => {
  const page = await as("dietitian");
  await open(page, "#/reviews");
  await page.getByRole("link", { name: /D0003.*calcium/ }).click();
  await expect(page.locator(".in-force")).toContainText("In force until it is decided: 1,000 mg a day");
  await expect(page.locator(".in-force")).toContainText("1,500 mg a day says physician");
  await expect(page.locator(".in-force")).toContainText("The last value that all had seen");
  expect(await page.locator(".in-force").textContent()).not.toContain("Do not give");
});

test("two people who had not seen each other leave two versions, and both are told so", async ({ as }) => {
  const [one, two] = [await as("physiotherapist"), await as("physician")];
  for (const page of [one, two]) {
    await open(page, "#/patient/d0002");
    await page.getByRole("link", { name: "open", exact: true }).first().waitFor();
    await page.locator("caption", { hasText: "Exercise plan" }).getByRole("link").click();
    const row = page.getByRole("row", { name: /Effort up to/ });
    await row.getByRole("button", { name: "Change" }).click();
  }
  const fill = async (page: typeof one, value: string) => {
    const row = page.getByRole("row", { name: /Effort up to/ });
    await row.getByLabel(/New:/).fill(value);
    await expect(row.locator(".would")).not.toContainText("The rules are asked");
    return row;
  };
  const first = await fill(one, "4");
  const second = await fill(two, "3");
  await first.getByRole("button", { name: /^Save for D0002/ }).click();
  await expect(one.getByRole("row", { name: /Effort up to/ })).toContainText("4 of 10");
  await expect(second, "what came meanwhile stands beside the field").toContainText("Somebody changed this meanwhile");
  await second.getByRole("button", { name: /^Save for D0002/ }).click();
  const row = two.getByRole("row", { name: /Effort up to/ });
  await expect(row).toContainText("Disputed");
  await expect(row).toContainText("3 of 10 says you, physician (in force)");
  await expect(row).toContainText("4 of 10 says physiotherapist");
});

test("a merged plan is read as a whole, and what was on the screen is what is approved", async ({ as }) => {
  const page = await as("dietitian");
  await open(page, "#/reviews");
  await page.getByRole("link", { name: /Not read.*D0003/ }).click();
  await expect(page.getByRole("row", { name: /Protein at least/ })).toContainText("g per kg a day");
  await page.getByRole("button", { name: /^I have read the whole plan of D0003/ }).click();
  await expect(page.locator(".done")).toContainText("you have read the whole plan");
  await page.getByRole("button", { name: "Read the inbox again" }).click();
  await expect(page.getByRole("link", { name: /Not read.*D0003/ })).toHaveCount(0);
});

test("a fall that was marked as a mistake and came back is kept by whoever knows", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/reviews");
  await page.getByRole("link", { name: /Came back.*D0005/ }).click();
  await expect(page.locator(".in-force")).toContainText("Fall");
  await page.getByLabel("In words").fill("Called: it happened in the bathroom");
  await page.getByRole("button", { name: "It happened: keep the record" }).click();
  await expect(page.locator(".done")).toContainText("Kept.");
});

test("a third value can be the answer, with words where it loosens", async ({ as }) => {
  const page = await as("dietitian");
  await open(page, "#/reviews");
  await page.getByRole("link", { name: /D0003.*calcium/ }).click();
  await page.getByRole("button", { name: "Another value" }).click();
  const entry = page.getByLabel(/New: calcium/);
  await entry.fill("1,300");
  await expect(page.locator(".decide [role=alert]")).toContainText("Thousands or decimals?");
  await entry.fill("1300");
  await page.getByLabel(/^Why/).fill("Between the two, with food");
  await page.getByRole("button", { name: "Use 1,300 mg a day", exact: true }).click();
  await expect(page.locator(".done")).toContainText("Decided: 1,300 mg a day.");
});

test("a restriction is added without a reason and taken away only with one; a field nobody wrote can be set", async ({
  as,
}) => {
  const page = await as("physiotherapist");
  await open(page, "#/patient/d0005");
  await page.locator("caption", { hasText: "Exercise plan" }).getByRole("link").click();
  const row = page.getByRole("row", { name: /^Do not/ });
  await row.getByText("Change", { exact: true }).click();
  await row.getByLabel("Add one").fill("jump");
  await row.getByRole("button", { name: "Save for D0005" }).click();
  await expect(row.locator(".value", { hasText: "jump" })).toBeVisible();
  await expect(row).toContainText("Saved.");
  await row.getByRole("button", { name: "Take away: jump" }).click();
  const take = row.getByRole("button", { name: "Take jump away for D0005" });
  await expect(take).toBeDisabled();
  await row.getByLabel(/^Why jump/).fill("Seen by the surgeon, may jump");
  await take.click();
  await expect(row.locator(".value", { hasText: "jump" })).toHaveCount(0);

  const lift = page.getByRole("row", { name: /^Lift at most/ });
  await expect(lift).toContainText("not written");
  await lift.getByRole("button", { name: "Change" }).click();
  await lift.getByLabel(/New:/).fill("4.5");
  await lift.getByRole("button", { name: "Save for D0005" }).click();
  await expect(lift).toContainText("4.5 kg");
});
