// Who may mark a record as entered in error, as the contracts say; the server decides.
import { PriorityClass, Role } from "../../gen/osteon/meta/v1/options_pb";
import type { RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { Lifecycle } from "../../gen/osteon/sync/v1/sync_pb";
import { fieldRule, messageOf, recordRule } from "./meta";

export function mayCreate(type: number, role: Role | undefined): boolean {
  if (role === undefined) return false;
  const creators = recordRule(type)?.creators ?? [];
  if (creators.length > 0) return creators.includes(role);
  return (messageOf(type)?.fields ?? []).some((field) => fieldRule(field).writers.includes(role));
}

/** An entry of the journal is the patient's, the nurse's and its author's to mark; a record those' who may make one. */
export function mayEnd({ type, lifecycle }: RecordView, role: Role | undefined): boolean {
  if (role === undefined || lifecycle !== Lifecycle.ACTIVE) return false;
  const isAnybodys = role === Role.PATIENT || role === Role.NURSE;
  return mayCreate(type, role) || (isAnybodys && recordRule(type)?.priorityClass === PriorityClass.JOURNAL);
}
