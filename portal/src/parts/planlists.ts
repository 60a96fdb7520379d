// The plans of a patient, read type by type.
import type { CategoryAccess } from "../../gen/osteon/consent/v1/consent_service_pb";
import { RecordService, type RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { askAhead, takeAhead } from "../app/ahead";
import type { Headers } from "../app/resource";
import { client, tried } from "../rpc/call";
import { mayRead } from "../screens/access/categories";

/** Plans in the order in which a team reads them. Their child records come with them. */
export const PLANS = [231, 201, 221, 291, 381, 361, 331, 351, 241, 341] as const;
const PARENTS: ReadonlySet<number> = new Set([201, 221, 231, 361, 351]);

export const sharedWith = (access: readonly CategoryAccess[]) =>
  PLANS.filter((type) => access.length === 0 || mayRead(access, type));
export const keyOf = (circle: bigint, types: readonly number[]) => `plans ${circle} ${types.join()}`;

type How = { readonly signal: AbortSignal; readonly headers: Headers };
const read = (circle: bigint, types: readonly number[], how: How): Promise<RecordView[][]> =>
  Promise.all(types.map((type) => planOf(circle, type, how)));

export const readPlans = (circle: bigint, types: readonly number[], how: How): Promise<RecordView[][]> =>
  takeAhead<RecordView[][]>(keyOf(circle, types)) ?? read(circle, types, how);

/** Read as soon as it is known what is shared, while the banner is drawn. */
export function plansAhead(circle: bigint, access: readonly CategoryAccess[], signal: AbortSignal): void {
  const types = sharedWith(access);
  askAhead(keyOf(circle, types), () => read(circle, types, { signal, headers: {} }), signal);
}

/** The records of one plan, each followed by its children. */
async function planOf(circle: bigint, type: number, how: How): Promise<RecordView[]> {
  const list = async (asked: { type?: number; parentId?: string }) => {
    const request = { circle, pageSize: 100, ...asked };
    return (await tried(() => client(RecordService).listRecords(request, how), how)).records;
  };
  const own = await list({ type });
  if (!PARENTS.has(type)) return own;
  const families = await Promise.all(
    own.map(async (record) => [record, ...(await list({ parentId: record.recordId }))]),
  );
  return families.flat();
}
