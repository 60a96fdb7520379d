// Who wrote something: role and member, both names where one wrote for another.
import { Role } from "../../gen/osteon/meta/v1/options_pb";
import type { RecordView, VersionView } from "../../gen/osteon/record/v1/record_service_pb";
import { me } from "../app/me";
import { t } from "../words";

const ROLES = {
  [Role.UNSPECIFIED]: "role.unknown",
  [Role.PATIENT]: "role.patient",
  [Role.CAREGIVER]: "role.caregiver",
  [Role.DIETITIAN]: "role.dietitian",
  [Role.PHYSIOTHERAPIST]: "role.physiotherapist",
  [Role.PHYSICIAN]: "role.physician",
  [Role.NURSE]: "role.nurse",
  [Role.CLINIC_ADMIN]: "role.admin",
  [Role.SYSTEM]: "role.system",
} as const;

export const roleWord = (role: Role): string => t(ROLES[role] ?? "role.unknown");

/** "nurse, member 5", "you, nurse", "the server". */
export function person(account: bigint, role: Role): string {
  if (account === 0n && role !== Role.SYSTEM) return t("who.nobody");
  if (role === Role.SYSTEM && account === 0n) return roleWord(role);
  if (account === me.value?.account) return t("who.you", { role: roleWord(role) });
  if (role === Role.PATIENT) return roleWord(role);
  if (role === Role.UNSPECIFIED) return t("who.account", { account: String(account) });
  return t("who.member", { role: roleWord(role), account: String(account) });
}

/** A member of whom only the account is known. */
export function member(account: bigint): string {
  if (account === 0n) return t("who.nobody");
  return account === me.value?.account ? t("who.justYou") : t("who.account", { account: String(account) });
}

export function author(version: VersionView): string {
  const wrote = person(version.account, version.role);
  if (version.onBehalfOf === 0n) return wrote;
  return t("who.onBehalf", { who: wrote, whom: person(version.onBehalfOf, version.onBehalfRole) });
}

/** The first of a record's live versions: whose it is, and when it was written. */
export const firstLive = (record: RecordView): VersionView | undefined =>
  record.fields.flatMap((view) => view.versions).find((version) => version.live);
