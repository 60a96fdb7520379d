// The plans of a patient, read as one list.
import type { CategoryAccess } from "../../gen/osteon/consent/v1/consent_service_pb";
import { RecordService, type RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { askAhead, takeAhead } from "../app/ahead";
import type { Headers } from "../app/resource";
import { client, tried } from "../rpc/call";
import { mayRead } from "../screens/access/categories";
import { uuidOf } from "../value/ids";
import { inner } from "../value/meta";

/** Plans in the order in which a team reads them. Their child records come with them. */
export const PLANS = [231, 201, 221, 291, 381, 361, 331, 351, 241, 341] as const;
/** Of a plan the types of the records that belong to it, as the contracts have them. */
export const CHILDREN: Readonly<Record<number, readonly number[]>> = {
  201: [211, 212, 213, 214, 215, 216],
  221: [222, 223],
  231: [232, 233],
  351: [352],
  361: [362, 363],
};

export const sharedWith = (access: readonly CategoryAccess[]) =>
  PLANS.filter((type) => access.length === 0 || mayRead(access, type));
export const keyOf = (circle: bigint, types: readonly number[]) => `plans ${circle} ${types.join()}`;

type How = { readonly signal: AbortSignal; readonly headers: Headers };

export const readPlans = (circle: bigint, types: readonly number[], how: How): Promise<RecordView[][]> =>
  takeAhead<RecordView[][]>(keyOf(circle, types)) ?? read(circle, types, how);

/** Read as soon as it is known what is shared, while the banner is drawn. */
export function plansAhead(circle: bigint, access: readonly CategoryAccess[], signal: AbortSignal): void {
  const types = sharedWith(access);
  askAhead(keyOf(circle, types), () => read(circle, types, { signal, headers: {} }), signal);
}

const PAGES = 20;

/** All plans and what belongs to them as one list: for each type its records, each followed by its children. */
async function read(circle: bigint, types: readonly number[], how: How): Promise<RecordView[][]> {
  const all = await listed(circle, [...types, ...types.flatMap((type) => CHILDREN[type] ?? [])], how);
  const parentOf = (record: RecordView) => {
    const parent = inner(record.body)?.parent;
    return parent instanceof Uint8Array ? uuidOf(parent) : undefined;
  };
  return types.map((type) =>
    all
      .filter((record) => record.type === type)
      .flatMap((record) => [record, ...all.filter((child) => parentOf(child) === record.recordId)]),
  );
}

async function listed(circle: bigint, types: number[], how: How): Promise<RecordView[]> {
  const records: RecordView[] = [];
  let pageToken = "";
  for (let n = 0; n < PAGES; n += 1) {
    const request = { circle, types, pageSize: 100, pageToken };
    const answer = await tried(() => client(RecordService).listRecords(request, how), how);
    records.push(...answer.records);
    pageToken = answer.nextPageToken;
    if (pageToken === "") break;
  }
  return records;
}
