// One more entry in a patient's journal.
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Page } from "@playwright/test";
import { RecordService } from "../../gen/osteon/record/v1/record_service_pb";
import { RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";
import { callerOf } from "./caller";

export async function logPain(page: Page, circle: bigint): Promise<void> {
  const records = await callerOf(page, RecordService);
  const pain = { effectiveStart: { at: timestampFromMs(Date.now()), zone: "UTC" }, worst24h: 3 };
  const body = create(RecordBodySchema, { body: { case: "painEntry", value: pain } } as never);
  await records.createRecord({ circle, body, requestId: crypto.randomUUID() });
}
