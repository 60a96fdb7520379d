// A photo that a patient attaches to an entry: whoever reads the entry sees it, checked by its name; nobody else reads it.
import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { create } from "@bufbuild/protobuf";
import type { Locator, Page } from "@playwright/test";
import { AttachmentService, MediaType } from "../../gen/osteon/attachment/v1/attachment_service_pb";
import { RecordService } from "../../gen/osteon/record/v1/record_service_pb";
import { RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";
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
  await shownUnchangedAlone(nurse, journal, show, "Photo 1 of Mouth and jaw");

  // Who does not read the mouth reads no photo of it, knowing its name.
  const dietitian = await as("dietitian");
  await open(dietitian, "#/patient/d0001");
  const attachments = await callerOf(dietitian, AttachmentService);
  const circle = await circleOf(nurse);
  const recordId = entry.record.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  const sha256 = createHash("sha256").update(PNG).digest();
  await expect(attachments.readAttachment({ circle, recordId, sha256 })).rejects.toThrow(/not.found/i);
});

/** What is changed between server and page is not shown; what comes as it was sent is. */
async function shownUnchangedAlone(page: Page, place: Locator, show: Locator, name: string): Promise<void> {
  const read = "**/osteon.attachment.v1.AttachmentService/ReadAttachment";
  await page.route(read, async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    const at = body.indexOf(PNG.subarray(0, 8));
    if (at >= 0) body[at + 40] = (body[at + 40] ?? 0) ^ 1;
    await route.fulfill({ response, body });
  });
  await show.click();
  await expect(place.getByRole("alert")).toHaveText("What came is not what the entry names. It is not shown.");
  await page.unroute(read);
  await show.click();
  const photo = place.getByRole("img", { name }).first();
  await expect(photo).toBeVisible();
  expect(await photo.evaluate((image) => (image as HTMLImageElement).naturalWidth), "it was drawn").toBe(1);
  expect((await new AxeBuilder({ page }).analyze()).violations.map((one) => one.id)).toEqual([]);
}

async function circleOf(page: Page): Promise<bigint> {
  const { WorklistService } = await import("../../gen/osteon/worklist/v1/worklist_service_pb");
  const found = await (await callerOf(page, WorklistService)).find({ text: "d0001" });
  return found.patients[0]?.circle ?? 0n;
}

/** Sends bytes for a field of the newest record of a type and names them there. */
async function attached(page: Page, circle: bigint, type: number, path: string, bytes: Buffer, mediaType: MediaType) {
  const records = await callerOf(page, RecordService);
  const [record] = (await records.listRecords({ circle, type })).records;
  const recordId = record?.recordId ?? "";
  const sha256 = createHash("sha256").update(bytes).digest();
  const [member] = RecordBodySchema.fields.filter((one) => one.number === type);
  const field = member?.message?.fields.find((one) => one.name === path);
  const files = await callerOf(page, AttachmentService);
  const announced = { circle, recordId, recordType: type, field: field?.number ?? 0, sha256, mediaType };
  const { uploadId } = await files.beginUpload({ ...announced, size: BigInt(bytes.length) });
  expect((await files.uploadChunk({ circle, uploadId, offset: 0n, data: bytes })).complete).toBe(true);
  const name = `sha256:${sha256.toString("hex")}`;
  const value = field?.message ? [{ ref: name, date: "2026-11-01" }] : name;
  const body = create(RecordBodySchema, {
    body: { case: member?.localName, value: { [field?.localName ?? ""]: value } },
  } as never);
  const request = { circle, recordId, body, updateMask: { paths: [path] }, requestId: crypto.randomUUID() };
  await records.writeRecord(request);
}

test("a photo of a hazard stands at the hazard in the plan, and is checked there, too", async ({ as }) => {
  const physio = await as("physiotherapist");
  await attached(physio, 5n, 352, "photo_ref", PNG, MediaType.PNG);
  const nurse = await as("nurse");
  await open(nurse, "#/patient/d0005");
  const plan = nurse.getByRole("region", { name: "Plan in force" });
  const row = plan.getByRole("row", { name: /^Photo/ });
  const show = row.getByRole("button", { name: "Show: Photo 1 of Hazard at home" });
  await expect(row).not.toContainText("sha256:");
  await shownUnchangedAlone(nurse, row, show, "Photo 1 of Hazard at home");
  await nurse.setViewportSize({ width: 320, height: 700 });
  expect(await nurse.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(321);
});

test("a paper with somebody's wishes is opened where the wishes stand", async ({ as }) => {
  const physician = await as("physician");
  await attached(physician, 6n, 341, "documents", Buffer.from("%PDF-1.4\n%%EOF\n"), MediaType.PDF);
  await open(physician, "#/patient/d0006");
  const plan = physician.getByRole("region", { name: "Plan in force" });
  await plan.getByRole("button", { name: "Show: Photo 1 of Wishes for the end of life" }).click();
  const link = plan.getByRole("link", { name: "Open: Photo 1 of Wishes for the end of life" });
  await expect(link).toHaveAttribute("download", /^[0-9a-f]{12}\.pdf$/);
});
