// Members of a circle and their devices, as the records and the device service tell them. Case numbers and member numbers only.
import { Decision } from "../../../gen/osteon/care/v1/common_pb";
import { type Device, DeviceService } from "../../../gen/osteon/identity/v1/device_service_pb";
import { Role } from "../../../gen/osteon/meta/v1/options_pb";
import { type FieldView, RecordService, type RecordView } from "../../../gen/osteon/record/v1/record_service_pb";
import { client, tried } from "../../rpc/call";

const MEMBER = 262;
const PAGES = 10;

export interface MemberRow {
  readonly record: RecordView;
  readonly account: bigint;
  readonly role: Role;
  readonly ended: boolean;
  readonly membership: FieldView | undefined;
}

function memberIn(record: RecordView): MemberRow | undefined {
  if (record.body?.body.case !== "circleMember") return undefined;
  const { account = 0n, role = Role.UNSPECIFIED, membership } = record.body.body.value;
  return {
    record,
    account,
    role,
    ended: membership === Decision.DENY,
    membership: record.fields.find((view) => view.name === "membership"),
  };
}

/** Members first, then those who left; within these by role and number. */
export async function membersOf(circle: bigint, signal: AbortSignal): Promise<MemberRow[]> {
  const found: MemberRow[] = [];
  let pageToken = "";
  for (let n = 0; n < PAGES; n += 1) {
    const request = { circle, type: MEMBER, pageSize: 100, pageToken };
    const answer = await tried(() => client(RecordService).listRecords(request, { signal }), { signal });
    found.push(...answer.records.flatMap((record) => memberIn(record) ?? []));
    pageToken = answer.nextPageToken;
    if (pageToken === "") break;
  }
  return found.sort(
    (a, b) => Number(a.ended) - Number(b.ended) || a.role - b.role || Number(a.account) - Number(b.account),
  );
}

export async function devicesOf(circle: bigint, signal: AbortSignal): Promise<Device[]> {
  return (await tried(() => client(DeviceService).listDevices({ circle }, { signal }), { signal })).devices;
}

/** Those who look after devices of others; everybody else sees their own alone. */
export const looksAfterDevices = (role: Role): boolean => role === Role.NURSE || role === Role.CLINIC_ADMIN;

/** Who may name members, and end a membership. */
export const namesMembers = (role: Role): boolean =>
  role === Role.PATIENT || role === Role.NURSE || role === Role.CLINIC_ADMIN;
