import { readFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { GetRecordResponseSchema, RecordService } from "../../gen/osteon/record/v1/record_service_pb";
import { RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";
import { callerOf } from "./caller";
import { reply } from "./grpc";
import { expect, open, test } from "./portal";

test("beside a field of a plan stands what guidelines say, with their sources, and nothing is filled in", async ({
  as,
}) => {
  const page = await as("dietitian");
  await open(page, "#/patient/d0003");
  await page.locator("caption", { hasText: "Nutrition plan" }).getByRole("link").click();
  const row = page.getByRole("row", { name: /^Calcium at most/ });
  const beside = row.locator("details.targets").first();
  await expect(beside).toContainText("What guidelines say");
  await beside.locator("summary").click();
  await expect(beside.locator("li").first()).toContainText(
    /\[\w+: (the source was read|read in another text|not checked)/,
  );
  await row.getByRole("button", { name: "Change" }).click();
  await expect(row.getByLabel(/New:/), "never prefilled").toHaveValue("");
  await page.getByText("What guidelines and labels say for this person").click();
  await expect(page.locator("details.targets section h3").first()).toBeVisible();
});

test("the newest results that a dose is decided by have their age, and say when they are too old", async ({ as }) => {
  const page = await as("physician");
  await open(page, "#/patient/d0003");
  const list = page.locator(".pre-dose");
  await page.locator("caption", { hasText: "Bone drug plan" }).getByRole("link").click();
  const field = page.getByRole("row", { name: /Calcium not older than/ });
  const set = async (days: string) => {
    await field.getByRole("button", { name: "Change" }).click();
    await field.getByLabel(/New:/).fill(days);
    await field.getByLabel(/Why|reason/i).fill("Asked for by the test of ages");
    await field.getByRole("button", { name: /^Save for D0003/ }).click();
    await expect(field).toContainText("Saved");
  };
  await set("2");
  await open(page, "#/patient/d0003");
  await expect(list).toContainText(/2\.11\smmol\/L.*\d days old.*too old for this decision/);
});

test("a series is saved as a file, with its units and whose it is", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/patient/d0003?as=table");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "As a CSV file" }).click(),
  ]);
  const text = readFileSync(await download.path(), "utf8");
  expect(download.suggestedFilename()).toMatch(/^d0003-.*\.csv$/);
  expect(text).toContain("DEMO CLINIC");
  expect(text).toMatch(/"?Calcium, adjusted"?,mmol\/L,2\.11 mmol\/L,no,1/);
});

test("a plan that may not be read any more leaves the page that shows it, without a press", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/patient/d0001");
  await page.locator("caption", { hasText: "Exercise plan" }).getByRole("link").click();
  const rows = page.locator("table.editor tbody tr");
  await expect(rows.first()).toBeVisible();
  await page.route("**/osteon.record.v1.RecordService/GetRecord", (route) =>
    reply(route, GetRecordResponseSchema, { refused: 5, says: "NOT_FOUND" }),
  );
  const records = await callerOf(await as("physiotherapist"), RecordService);
  const pain = { effectiveStart: { at: timestampFromMs(Date.now()), zone: "UTC" }, worst24h: 2 };
  const body = create(RecordBodySchema, { body: { case: "painEntry", value: pain } } as never);
  await records.createRecord({ circle: 1n, body, requestId: crypto.randomUUID() });
  await expect(page.locator(".absent")).toHaveText("There is no such patient for you.", { timeout: 20_000 });
  await expect(rows, "and nothing of it is left").toHaveCount(0);
});

test("a plan says since when it is on the patient's phone; the banner has both readings of the bone drug", async ({
  as,
}) => {
  test.setTimeout(120_000);
  const physio = await as("physiotherapist");
  const plan = physio.getByRole("table", { name: /^Exercise plan/ }).locator("caption");
  const says = (words: string | RegExp) =>
    expect(async () => {
      await open(physio, "#/work");
      await open(physio, "#/patient/d0001");
      await expect(plan).toContainText(words, { timeout: 2000 });
    }).toPass({ timeout: 30_000 });
  // The demo's own phone listens, and has said so by itself.
  await says(/on the phone(, since| since) today/);
  const banner = physio.getByRole("region", { name: "Who this is" });
  await expect(banner, "its readings are sentences beside each other").toContainText(/active Giving: .*\. Overdue/);
});
