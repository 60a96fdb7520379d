// What the patient takes back and gives again, as their phone writes it: a consent of one member for one category.
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Browser } from "@playwright/test";
import { GrantCategory, GrantSchema } from "../../gen/osteon/care/v1/care_circle_pb";
import { Decision } from "../../gen/osteon/care/v1/common_pb";
import { SessionService } from "../../gen/osteon/identity/v1/identity_service_pb";
import { RecordService } from "../../gen/osteon/record/v1/record_service_pb";
import { RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";
import { bytesOf } from "../../src/value/ids";
import { callerOf } from "./caller";
import { enter } from "./enter";

const CARE_CIRCLE = 261;
const YEAR_MS = 365 * 86_400_000;

export { GrantCategory as Category };

/** Takes it back; what it answers gives it again. */
export async function takenBack(browser: Browser, shortId: string, account: bigint, category: GrantCategory) {
  const page = await enter(browser, "patient", shortId);
  const { circles } = await (await callerOf(page, SessionService)).getMe({});
  const circle = circles.find((one) => one.shortId === shortId)?.circle ?? 0n;
  const records = await callerOf(page, RecordService);
  const [parent] = (await records.listRecords({ circle, type: CARE_CIRCLE })).records;
  const body = (value: object) =>
    create(RecordBodySchema, { body: { case: "grant", value: create(GrantSchema, value) } } as never);
  const grant = { parent: bytesOf(parent?.recordId ?? ""), grantee: { account }, category, decision: Decision.DENY };
  const made = await records.createRecord({ circle, body: body(grant), requestId: crypto.randomUUID() });
  return async () => {
    const paths = ["decision", "not_after"];
    const recordId = made.record?.recordId ?? "";
    const { record } = await records.getRecord({ circle, recordId });
    const shown = (record?.fields ?? []).filter((one) => paths.includes(one.name));
    const value = { decision: Decision.ALLOW, notAfter: timestampFromMs(Date.now() + YEAR_MS) };
    const asked = { circle, recordId, body: body(value), updateMask: { paths }, requestId: crypto.randomUUID() };
    await records.writeRecord({ ...asked, shown: shown.map(({ field, shown: token }) => ({ field, shown: token })) });
    await page.context().close();
  };
}
