// Views for tests, as the server would answer them.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Policy, Role } from "../../gen/osteon/meta/v1/options_pb";
import {
  FieldViewSchema,
  RecordViewSchema,
  type VersionView,
  VersionViewSchema,
} from "../../gen/osteon/record/v1/record_service_pb";
import { type RecordBody, RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";

export const body = (init: MessageInitShape<typeof RecordBodySchema>["body"]): RecordBody =>
  create(RecordBodySchema, { body: init } as MessageInitShape<typeof RecordBodySchema>);

let counter = 0n;
export function version(
  value: RecordBody | undefined,
  more: Partial<Omit<VersionView, "$typeName">> = {},
): VersionView {
  counter += 1n;
  const made = create(VersionViewSchema, {
    dot: { epoch: 1, replica: 3, counter },
    account: 3n,
    role: Role.PHYSIOTHERAPIST,
    written: timestampFromMs(Date.parse("2026-11-20T10:00:00Z")),
    live: true,
    absent: value === undefined,
  });
  if (value) made.value = value;
  return Object.assign(made, more);
}

export const field = (number: number, more: MessageInitShape<typeof FieldViewSchema>) =>
  create(FieldViewSchema, { field: number, policy: Policy.MOST_RESTRICTIVE, ...more });

export const record = (more: MessageInitShape<typeof RecordViewSchema>) => create(RecordViewSchema, more);

export const plain = (html: string) =>
  html
    .replace(/<[^>]+>/g, "")
    .replaceAll("\u00a0", " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .trim();
