// Held entries and proposals, beside the disputes of the review inbox.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, open, test } from "./portal";

const clean = async (page: Parameters<typeof open>[0]) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
};

test("a held entry is read by whoever may read it and decided by whoever may write it, with words for its author", async ({
  as,
}) => {
  const nurse = await as("nurse");
  await open(nurse, "#/reviews?circle=4");
  await nurse.getByRole("link", { name: /Held entry.*D0004/ }).click();
  await expect(nurse.getByRole("heading", { level: 3 })).toHaveText("Does this belong into the record?");
  await expect(nurse.locator(".decision")).toContainText("Whoever wrote it has left the circle since.");
  await expect(nurse.locator(".decision")).toContainText("decided by somebody who may write every part of it");
  await expect(nurse.getByRole("button", { name: /^Put it into the record/ })).toHaveCount(0);

  const page = await as("dietitian");
  await open(page, "#/reviews");
  await page.getByRole("link", { name: /Held entry.*D0004/ }).click();
  await expect(page.locator(".in-force")).toContainText("eaten quarter");
  await clean(page);
  const out = page.getByRole("button", { name: "Keep it out" });
  await expect(out, "its author reads why").toBeDisabled();
  await page
    .getByLabel(/^Why it is kept out/)
    .fill(`Written twice <img src=x onerror="window.violations.push('ran')">`);
  await page.waitForTimeout(400);
  await out.press("Enter");
  await expect(page.locator(".done")).toContainText("Kept out. Whoever wrote it reads why.");
  await page.getByRole("button", { name: "Read the inbox again" }).click();
  await expect(page.getByRole("link", { name: /Held entry/ })).toHaveCount(0);
  await expect(page.locator(".inbox")).toContainText("Nothing is held back in what is shared with you.");
});

const toPlan = async (page: Parameters<typeof open>[0]) => {
  await open(page, "#/patient/d0001");
  await page.locator("caption", { hasText: "Exercise plan" }).getByRole("link").click();
};

test("who may not write a field proposes; the owner takes it over by an ordinary write, and nobody is told twice", async ({
  as,
}) => {
  const nurse = await as("nurse");
  await toPlan(nurse);
  const row = nurse.getByRole("row", { name: /^Sessions per week/ });
  await row.getByRole("button", { name: /^Propose/ }).click();
  await row.getByLabel(/^Proposed/).fill("3");
  await row.getByLabel(/^Why/).fill("Tired, <b>and</b> in the middle of radiotherapy");
  await row.getByRole("button", { name: "Propose for D0001" }).click();
  await expect(row).toContainText("nothing has changed yet");
  await expect(row.locator(".value")).toHaveText("4 a week");

  const page = await as("physiotherapist");
  await open(page, "#/reviews");
  await page.getByRole("link", { name: /Proposal.*D0001/ }).click();
  await expect(page.getByRole("heading", { level: 3 })).toHaveText("3 a week, proposed by nurse, member 5");
  await expect(page.locator(".decision q")).toHaveText("Tired, <b>and</b> in the middle of radiotherapy");
  await expect(page.locator(".decision")).toContainText("had seen what stands here");
  await clean(page);
  await page.getByRole("link", { name: "Take it over: open the editor" }).click();
  const field = page.getByRole("row", { name: /^Sessions per week/ });
  await expect(field.getByLabel(/^New/)).toHaveValue("3");
  await expect(field.getByLabel(/^Why/)).toHaveValue(/^Proposed by nurse, member 5/);
  await field.getByRole("button", { name: "Save for D0001" }).click();
  await expect(field.locator(".value").first()).toHaveText("3 a week");
  await expect(field).toContainText("Saved. The proposal is taken over: whoever made it reads that.");
  await open(page, "#/reviews");
  await expect(page.locator(".inbox")).toContainText("Nothing is proposed that is yours to decide.");

  await open(nurse, "#/reviews");
  await expect(nurse.getByRole("link", { name: /Proposal.*D0001/ })).toHaveCount(0);
  await nurse.getByRole("button", { name: "Made by you" }).press("Enter");
  await nurse.getByLabel("Those that ended, too").check();
  await nurse.getByRole("link", { name: /Taken over.*D0001/ }).click();
  await expect(nurse.locator(".decision .done")).toContainText(/^Taken over by physiotherapist, member \d+, today/);
  await expect(nurse.getByRole("button", { name: /^(Decline|Take it back)/ })).toHaveCount(0);
  await clean(nurse);
});

/** Sessions a week, proposed by the nurse for D0001. */
const propose = async (nurse: Parameters<typeof open>[0], value: string, why: string) => {
  await toPlan(nurse);
  const row = nurse.getByRole("row", { name: /^Sessions per week/ });
  await row.getByRole("button", { name: /^Propose/ }).click();
  await row.getByLabel(/^Proposed/).fill(value);
  await row.getByLabel(/^Why/).fill(why);
  await row.getByRole("button", { name: "Propose for D0001" }).click();
  await expect(row).toContainText("nothing has changed yet");
};

test("a proposal is declined with words that its author reads", async ({ as }) => {
  const nurse = await as("nurse");
  await propose(nurse, "2", "Very tired");
  const page = await as("physiotherapist");
  await open(page, "#/reviews");
  await page.getByRole("link", { name: /Proposal.*D0001/ }).click();
  await expect(page.getByRole("heading", { level: 3 })).toContainText("2 a week, proposed by nurse");
  const decline = page.getByRole("button", { name: "Decline" });
  await expect(decline).toBeDisabled();
  await page.getByLabel(/^Why it is declined/).fill("She <i>walked</i> well on Monday");
  await page.waitForTimeout(400);
  await decline.press("Enter");
  await expect(page.locator(".done[role=status]")).toContainText("Declined.");
  await open(nurse, "#/reviews?circle=1");
  await nurse.getByRole("button", { name: "Made by you" }).click();
  await expect(nurse.locator(".inbox")).toContainText("You have proposed nothing that is open.");
  await nurse.getByLabel("Those that ended, too").check();
  await nurse.getByRole("link", { name: /Declined.*D0001/ }).click();
  await expect(nurse.locator(".decision .done q")).toHaveText("She <i>walked</i> well on Monday");
});

test("one that ended while somebody had it in the editor is not taken over twice", async ({ as }) => {
  const nurse = await as("nurse");
  await propose(nurse, "5", "Feels strong");
  const page = await as("physiotherapist");
  await open(page, "#/reviews");
  await page.getByRole("link", { name: /Proposal.*D0001/ }).click();
  await page.getByRole("link", { name: "Take it over: open the editor" }).click();
  const field = page.getByRole("row", { name: /^Sessions per week/ });
  await expect(field.getByLabel(/^New/)).toHaveValue("5");

  await open(nurse, "#/reviews?circle=1");
  await nurse.getByRole("button", { name: "Made by you" }).click();
  await nurse.getByRole("link", { name: /Proposal.*D0001/ }).click();
  const back = nurse.getByRole("button", { name: "Take it back" });
  await expect(back).toBeDisabled();
  await nurse.getByLabel("Why you take it back").fill("Said by mistake");
  await nurse.waitForTimeout(400);
  await back.click();
  await expect(nurse.locator(".done[role=status]")).toContainText("Taken back.");

  await field.getByLabel(/^Why/).fill("She asked for it herself");
  await field.getByRole("button", { name: "Save for D0001" }).click();
  await expect(field.locator(".failed")).toContainText("The proposal has ended meanwhile");
  await field.getByRole("button", { name: "Save for D0001" }).click();
  await expect(field.locator(".done")).toHaveText("Saved.");
  await expect(field.locator(".value").first()).toHaveText("5 a week");
});

test("whoever may decide nothing of it sees no proposal of others", async ({ as }) => {
  const nurse = await as("nurse");
  await propose(nurse, "4", "As it was");
  const page = await as("dietitian");
  await open(page, "#/reviews");
  await expect(page.locator(".inbox")).toContainText("Nothing is proposed that is yours to decide.");
  await expect(page.getByRole("link", { name: /Proposal/ })).toHaveCount(0);
});
