// A photo that a patient attaches to an entry: whoever reads the entry sees it, checked by its name; nobody else reads it.
import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { AttachmentService } from "../../gen/osteon/attachment/v1/attachment_service_pb";
import { callerOf } from "./caller";
import { phone } from "./phone";
import { expect, open, test } from "./portal";

test.use({ actionTimeout: 20_000 });

/** One red point. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

test("a photo of the mouth is seen by the nurse; changed on its way it is not shown", async ({ as }) => {
  test.setTimeout(120_000);
  const file = join(mkdtempSync(join(tmpdir(), "photo-")), "mouth.png");
  writeFileSync(file, PNG);
  const { entry } = JSON.parse(phone("log", "entry", "mouth_check", "signs=sore", "--json")) as {
    entry: { record: string };
  };
  phone("attach", entry.record, file);
  phone("sync");
  const nurse = await as("nurse");
  await open(nurse, "#/patient/d0001");
  const journal = nurse.getByRole("region", { name: "Journal" });
  const show = journal.getByRole("button", { name: "Show: Photo 1 of Mouth and jaw" }).first();
  await expect(show).toBeVisible();
  await expect(journal).not.toContainText("sha256:");

  // What is changed between server and page is not what the entry names.
  const change = "**/osteon.attachment.v1.AttachmentService/ReadAttachment";
  await nurse.route(change, async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    const at = body.indexOf(PNG.subarray(0, 8));
    if (at >= 0) body[at + 40] = (body[at + 40] ?? 0) ^ 1;
    await route.fulfill({ response, body });
  });
  await show.click();
  await expect(journal.getByRole("alert")).toHaveText("What came is not what the entry names. It is not shown.");
  await nurse.unroute(change);
  await show.click();
  const photo = journal.getByRole("img", { name: "Photo 1 of Mouth and jaw" }).first();
  await expect(photo).toBeVisible();
  expect(await photo.evaluate((image) => (image as HTMLImageElement).naturalWidth), "it was drawn").toBe(1);
  expect((await new AxeBuilder({ page: nurse }).analyze()).violations.map((one) => one.id)).toEqual([]);

  // Who does not read the mouth reads no photo of it, knowing its name.
  const dietitian = await as("dietitian");
  await open(dietitian, "#/patient/d0001");
  const attachments = await callerOf(dietitian, AttachmentService);
  const circle = await circleOf(nurse);
  const recordId = entry.record.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  const sha256 = createHash("sha256").update(PNG).digest();
  await expect(attachments.readAttachment({ circle, recordId, sha256 })).rejects.toThrow(/not.found/i);
});

async function circleOf(page: import("@playwright/test").Page): Promise<bigint> {
  const { WorklistService } = await import("../../gen/osteon/worklist/v1/worklist_service_pb");
  const found = await (await callerOf(page, WorklistService)).find({ text: "d0001" });
  return found.patients[0]?.circle ?? 0n;
}
