// A proposal: a value for a field that its author may not write. Its value stands as it would on the wire.
import { create, type DescField, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Proposal, ProposalSchema, ShownVersionSchema } from "../../gen/osteon/care/v1/proposal_pb";
import type { FieldView, RecordView, VersionView } from "../../gen/osteon/record/v1/record_service_pb";
import { type RecordBody, RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";
import { t } from "../words";
import { bytesOf, uuidOf } from "./ids";
import { fieldOf, fieldRule, inner, messageOf, recordRule } from "./meta";
import { fieldLabel, sayValue } from "./say";
import { author, firstLive } from "./who";

export const PROPOSAL = 431;

export interface Proposed {
  readonly record: RecordView;
  readonly type: number;
  readonly number: number;
  readonly field: DescField | undefined;
  /** Empty: a new record. */
  readonly target: string;
  readonly value: unknown;
  readonly reason: string;
  readonly by: VersionView | undefined;
  /** "epoch.replica.counter" of the versions that its author saw. */
  readonly saw: readonly string[];
}

/** What a record of this type says; nothing where it is none. */
export function proposedIn(record: RecordView): Proposed | undefined {
  if (record.body?.body.case !== "proposal") return undefined;
  const said: Proposal = record.body.body.value;
  const number = said.field ?? 0;
  const field = fieldOf(said.type ?? 0, number);
  return {
    record,
    type: said.type ?? 0,
    number,
    field,
    target: said.target ? uuidOf(said.target) : "",
    value: field && read(said.type ?? 0, field, said.value),
    reason: said.reason ?? "",
    by: firstLive(record),
    saw: said.shown.map((one) => `${one.epoch ?? 0}.${one.replica ?? 0}.${one.counter ?? 0}`),
  };
}

function read(type: number, field: DescField, value: Uint8Array | undefined): unknown {
  const message = messageOf(type);
  if (!message || !value) return undefined;
  try {
    return (fromBinary(message, value) as unknown as Record<string, unknown>)[field.localName];
  } catch {
    return undefined;
  }
}

export const proposedWords = (one: Proposed): string =>
  one.field && one.value !== undefined ? sayValue(one.field, one.value) : t("value.newer", { field: one.number });

/** "4 a week, proposed by nurse, member 5". */
export function proposalWords(one: Proposed): string {
  const who = one.by ? author(one.by) : t("role.unknown");
  return t("proposal.question", { who, value: proposedWords(one) });
}

export const proposedLabel = (one: Proposed): string =>
  one.field ? fieldLabel(one.field) : t("value.newer", { field: one.number });

/** Whether what is in force says the same as the proposal. */
export function holdsAlready(one: Proposed, view: FieldView | undefined): boolean {
  const held = view?.versions.find((version) => version.live && version.inForce);
  const is = held && one.field && inner(held.value)?.[one.field.localName];
  return is !== undefined && String(is) === String(one.value);
}

/** The label of a field, as the choice among those of another type that has the same categories, counted from 1; 0: none. */
export function choiceLike(type: number, among: number, field?: DescField): number {
  const wanted = (field && fieldRule(field).label) ?? recordRule(type)?.label;
  const choices = recordRule(among)?.labelChoice ?? [];
  const same = (wanted?.categories ?? []).join();
  return 1 + choices.findIndex((choice) => (choice.label?.categories ?? []).join() === same);
}

/** The body of a proposal; `value` is a body that holds the one field. */
export function proposalOf(target: RecordView, view: FieldView, value: RecordBody, reason: string): RecordBody {
  const message = messageOf(target.type);
  const inside = inner(value);
  const shown = view.versions
    .filter((version) => version.live && version.dot)
    .map((version) =>
      create(ShownVersionSchema, {
        epoch: version.dot?.epoch ?? 0,
        replica: version.dot?.replica ?? 0,
        counter: version.dot?.counter ?? 0n,
      }),
    );
  const proposal = create(ProposalSchema, {
    type: target.type,
    target: bytesOf(target.recordId),
    field: view.field,
    shown,
    ...(message && inside ? { value: toBinary(message, inside as never) } : {}),
    ...(reason === "" ? {} : { reason }),
  });
  return create(RecordBodySchema, { body: { case: "proposal", value: proposal } });
}
