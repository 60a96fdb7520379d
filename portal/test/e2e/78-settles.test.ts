// Questions that no merge can see, settled in the inbox: one event or two, entries that contradict each other, an approval of what
// has changed since; and two wishes, which nobody settles but the person.
import { AxeBuilder } from "@axe-core/playwright";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Page } from "@playwright/test";
import { RecordService, type RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";
import { Lifecycle } from "../../gen/osteon/sync/v1/sync_pb";
import { bytesOf } from "../../src/value/ids";
import { callerOf } from "./caller";
import { expect, open, test } from "./portal";

test.use({ actionTimeout: 20_000 });

const HOUR_MS = 3_600_000;
const hoursAgo = (hours: number) => ({ at: timestampFromMs(Date.now() - hours * HOUR_MS), zone: "UTC" });

async function made(page: Page, circle: bigint, of: object, labelChoice = 0): Promise<RecordView> {
  const records = await callerOf(page, RecordService);
  const body = create(RecordBodySchema, { body: of } as never);
  const { record } = await records.createRecord({ circle, body, labelChoice, requestId: crypto.randomUUID() });
  if (!record) throw new Error("nothing was made");
  return record;
}

const fallen = (page: Page, circle: bigint, hours: number) =>
  made(page, circle, { case: "fall", value: { when: hoursAgo(hours) } });

const stands = async (page: Page, { circle, recordId }: RecordView) =>
  (await (await callerOf(page, RecordService)).getRecord({ circle, recordId })).record;

const clean = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
};

/** A press that is no press on something that changed a moment ago. */
const press = async (page: Page, name: RegExp | string) => {
  const button = page.getByRole("button", { name });
  await expect(button).toBeEnabled();
  await page.waitForTimeout(400);
  await button.click();
};

const twice = (page: Page, shortId: string) => page.getByRole("link", { name: new RegExp(`Twice\\?.*${shortId}`) });

test("one fall that two people wrote down counts once: the other record is marked and stays in the history", async ({
  as,
}) => {
  const [nurse, physio] = [await as("nurse"), await as("physiotherapist")];
  const both = [await fallen(nurse, 2n, 5), await fallen(physio, 2n, 5.5)];
  await open(nurse, "#/reviews?circle=2");
  await twice(nurse, "D0002").click();
  await expect(nurse.getByRole("heading", { level: 3 }).first()).toHaveText("Two records of one event?");
  const table = nurse.locator("table.compared");
  await expect(table.getByRole("columnheader")).toHaveText(["First record", "Second record"]);
  await expect(table.getByRole("row", { name: /^Written by/ })).toContainText("physiotherapist");
  await expect(table.getByRole("row", { name: /^Happened.*differs/ })).toHaveCount(1);
  await clean(nurse);
  // The one that is kept is the nurse's own, in whichever column it stands.
  const isFirst = await table
    .getByRole("row", { name: /^Written by/ })
    .getByRole("cell")
    .first()
    .textContent();
  const kept = isFirst?.includes("you, nurse") ? "first" : "second";
  await press(nurse, `One event: the ${kept} record counts`);
  await expect(nurse.locator(".done")).toContainText("The other is marked as entered in error.");
  expect((await stands(nurse, both[0] as RecordView))?.lifecycle).toBe(Lifecycle.ACTIVE);
  const other = await stands(nurse, both[1] as RecordView);
  expect(other?.lifecycle, "marked, not deleted").toBe(Lifecycle.ENTERED_IN_ERROR);
  await press(nurse, "Read the inbox again");
  await expect(twice(nurse, "D0002")).toHaveCount(0);
  await open(physio, "#/reviews?circle=2");
  await expect(twice(physio, "D0002"), "settled for everybody").toHaveCount(0);
});

test("two falls are two: whoever knows signs both, and who may not sign is told whose it is", async ({ as }) => {
  const [nurse, physio, physician] = [await as("nurse"), await as("physiotherapist"), await as("physician")];
  const both = [await fallen(nurse, 2n, 30), await fallen(physio, 2n, 29)];
  await open(physician, "#/reviews?circle=2");
  await twice(physician, "D0002").click();
  await expect(physician.locator(".decision")).toContainText("This is decided by: patient, physiotherapist, nurse.");
  await expect(physician.getByRole("button", { name: /^(One event|Two events)/ })).toHaveCount(0);
  await open(physio, "#/reviews?circle=2");
  await twice(physio, "D0002").click();
  await press(physio, "Two events: both count");
  await expect(physio.locator(".done")).toContainText("Two events. Both count.");
  for (const one of both) expect((await stands(physio, one))?.lifecycle).toBe(Lifecycle.ACTIVE);
  await open(nurse, "#/reviews?circle=2");
  await expect(twice(nurse, "D0002")).toHaveCount(0);
});

test("a floor above a ceiling leads to the editor at both fields, and is over when one is changed", async ({ as }) => {
  const page = await as("dietitian");
  await open(page, "#/reviews");
  await page.getByRole("link", { name: /Contradiction.*D0004/ }).click();
  await expect(page.locator(".decision")).toContainText("Change the value that is wrong in the editor.");
  await expect(page.getByRole("button", { name: /^In error/ }), "the one plan of its kind is changed").toHaveCount(0);
  await clean(page);
  await page.getByRole("link", { name: /^Open: Nutrition plan/ }).click();
  await expect(page.getByText("asked about")).toHaveCount(2);
  const floor = page.getByRole("row", { name: /^Protein at least asked about/ });
  await expect(floor).toBeInViewport();
  await floor.getByRole("button", { name: "Change" }).click();
  await floor.getByLabel(/^New/).fill("0.7");
  await expect(floor.locator(".would")).toContainText("No longer said:");
  await floor.getByLabel(/^Why/).fill("The kidneys come first");
  await floor.getByRole("button", { name: "Save for D0004" }).click();
  await expect(floor).toContainText("Saved.");
  await open(page, "#/reviews?circle=4");
  await expect(page.getByRole("link", { name: /Contradiction.*D0004/ })).toHaveCount(0);
});

test("of two plans at once the one that was made in error is marked, with a reason that stays", async ({ as }) => {
  const page = await as("physiotherapist");
  const second = await made(page, 1n, { case: "exercisePlan", value: { status: 2, maxMinutesSession: 15 } });
  await open(page, "#/reviews?circle=1");
  const link = page.getByRole("link", { name: /Contradiction.*D0001/ });
  await link.click();
  const plans = page.locator(".one-of", { hasText: "Exercise plan" });
  await expect(plans).toHaveCount(2);
  const mine = plans.filter({ hasText: "you, physiotherapist, today" });
  await mine.getByRole("button", { name: "In error: Exercise plan" }).click();
  await expect(mine).toContainText("It counts no more: no rule reads it");
  const mark = mine.getByRole("button", { name: /^Mark as entered in error for D0001/ });
  await expect(mark, "why is asked").toBeDisabled();
  await mine.getByLabel(/^Why is it in error/).fill("Entered for another patient");
  await clean(page);
  await page.waitForTimeout(400);
  await mark.click();
  await expect(page.locator(".done")).toContainText("Marked as entered in error: Exercise plan.");
  expect((await stands(page, second))?.lifecycle).toBe(Lifecycle.ENTERED_IN_ERROR);
  await press(page, "Read the inbox again");
  await expect(link).toHaveCount(0);
});

test("an approval of what has changed stands at its plan, and is given anew by whoever gave it", async ({ as }) => {
  const [physio, physician] = [await as("physiotherapist"), await as("physician")];
  const records = await callerOf(physio, RecordService);
  const [plan] = (await records.listRecords({ circle: 2n, type: 201 })).records;
  const field = plan?.fields.find((view) => view.name === "max_rpe");
  const dots = field?.versions.filter((version) => version.live).map((version) => version.dot) ?? [];
  const target = bytesOf(plan?.recordId ?? "");
  const versions = dots.map((dot) => ({
    record: target,
    field: field?.field ?? 0,
    epoch: dot?.epoch ?? 0,
    replica: dot?.replica ?? 0,
    counter: dot?.counter ?? 0n,
  }));
  await made(physician, 2n, { case: "approval", value: { target, versions, meaning: 1 } }, 1);
  const change = {
    circle: 2n,
    recordId: plan?.recordId ?? "",
    updateMask: { paths: ["max_rpe"] },
    body: create(RecordBodySchema, { body: { case: "exercisePlan", value: { maxRpe: 20 } } } as never),
    shown: [{ field: field?.field ?? 0, shown: field?.shown ?? new Uint8Array() }],
    reason: "More tired",
    requestId: crypto.randomUUID(),
  };
  await records.writeRecord(change);

  await open(physician, "#/patient/d0002");
  const at = physician.locator("caption", { hasText: "Exercise plan" });
  await expect(at.locator(".void"), "at its plan, with what changed").toContainText(/Approval void.*2\sof\s10/s);
  await open(physio, "#/reviews?circle=2");
  const link = (page: Page) => page.getByRole("link", { name: /Approval void.*D0002/ });
  await link(physio).click();
  await expect(physio.locator(".decision")).toContainText("Whoever approved it reads it anew");
  await open(physician, "#/reviews?circle=2");
  await link(physician).click();
  await expect(physician.locator(".one-of")).toContainText("2 of 10");
  await clean(physician);
  await press(physician, "Approve for D0002 as it stands here");
  await expect(physician.locator(".done")).toContainText("Approved anew.");
  await press(physician, "Read the inbox again");
  await expect(link(physician)).toHaveCount(0);
});

test("of two wishes nobody chooses: that somebody asked is written down, and the question stays", async ({ as }) => {
  const page = await as("physician");
  await open(page, "#/reviews");
  const link = page.getByRole("link", { name: /Nothing in force.*D0006/ }).first();
  await link.click();
  await expect(page.locator(".in-force")).toContainText("Unclear: ask the person");
  await expect(page.getByRole("button", { name: /^(Keep|Use) / })).toHaveCount(0);
  const save = page.getByRole("button", { name: "Write it down for D0006" });
  await expect(save).toBeDisabled();
  await page.getByLabel("They said").fill("Wants to talk it over with her daughter first");
  await page.getByLabel("I asked on").fill("2999-01-01");
  await expect(page.getByText("This day is still to come.")).toBeVisible();
  await expect(save).toBeDisabled();
  await page.getByLabel("I asked on").fill("");
  await clean(page);
  await save.click();
  await expect(page.locator(".done")).toContainText("The question stays open.");
  await expect(page.getByRole("region", { name: "Ask the person" })).toContainText("Wants to talk it over");
  await open(page, "#/reviews");
  await expect(link, "the person decides").toBeVisible();
});

test("one of two disputed fields is decided, and nothing says that it still is disputed", async ({ as }) => {
  const [physio, physician] = [await as("physiotherapist"), await as("physician")];
  const paths = ["max_rpe", "max_minutes_session"];
  const read = async (page: Page) => {
    const records = await callerOf(page, RecordService);
    const [plan] = (await records.listRecords({ circle: 5n, type: 201 })).records;
    const shown = (plan?.fields ?? []).filter(({ name }) => paths.includes(name));
    return { recordId: plan?.recordId ?? "", shown: shown.map(({ field, shown: token }) => ({ field, shown: token })) };
  };
  // Both read before either writes.
  const [one, two] = [await read(physio), await read(physician)];
  const write = async (page: Page, seen: typeof one, maxRpe: number, maxMinutesSession: number) => {
    const value = { maxRpe, maxMinutesSession };
    await (await callerOf(page, RecordService)).writeRecord({
      circle: 5n,
      ...seen,
      updateMask: { paths },
      body: create(RecordBodySchema, { body: { case: "exercisePlan", value } } as never),
      reason: "Seen today",
      requestId: crypto.randomUUID(),
    });
  };
  await write(physio, one, 20, 20);
  await write(physician, two, 30, 25);
  await open(physio, "#/reviews?circle=5");
  const questions = physio.getByRole("link", { name: /Two values.*Exercise plan/ });
  await expect(questions).toHaveCount(2);
  await physio.getByRole("link", { name: /Two values.*Exercise plan, effort up to/ }).click();
  await press(physio, /^Keep 2 of 10/);
  await expect(physio.locator(".done")).toContainText("Decided: 2 of 10.");
  await press(physio, "Read the inbox again");
  await expect(questions, "the other stays").toHaveCount(1);
  await questions.click();
  await press(physio, /^Keep 20/);
  await expect(physio.locator(".done")).toContainText("Decided: 20");
});
