// How a phone is, in words, and which is looked at first.
import { PhoneStanding, type PhoneState } from "../../../gen/osteon/circle/v1/phone_pb";
import { now } from "../../app/clock";
import { scaled } from "../../format/number";
import { received, span } from "../../format/time";
import { separators } from "../../format/unit";
import { t } from "../../words";

/** Less is what a call takes on its way, and what no entry is read wrongly for. */
const CLOCK_OFF_MS = 120_000n;

const isClockOff = ({ clockOffsetMs: off = 0n }: PhoneState): boolean => off >= CLOCK_OFF_MS || off <= -CLOCK_OFF_MS;

/**
 * A safety change that has not arrived comes first; then a phone that two write under, then silence, what it has not erased, what waits on
 * it, and what will soon go wrong.
 */
export function rank(phone: PhoneState): number {
  if (phone.safetyUndelivered) return phone.standing === PhoneStanding.SILENT ? 0 : 1;
  if (phone.forked) return 2;
  if (phone.standing === PhoneStanding.SILENT) return 3;
  if (phone.purgePending) return 4;
  if (phone.draftCount > 0) return 5;
  if (phone.outboxCount > 0) return 6;
  return phone.storageLow || isClockOff(phone) ? 7 : 8;
}

/** What the server knows without being told. */
export function knownWords(phone: PhoneState): string[] {
  const parts = [
    phone.forked ? t("phones.forked", { when: received(phone.forked, now()) }) : "",
    phone.purgePending ? t("phones.purge", { when: received(phone.purgePending, now()) }) : "",
    clockWords(phone),
  ];
  return parts.filter((part) => part !== "");
}

function clockWords(phone: PhoneState): string {
  const off = phone.clockOffsetMs;
  if (off === undefined || !isClockOff(phone)) return "";
  return off > 0n
    ? t("phones.clockBehind", { by: span(Number(off)) })
    : t("phones.clockAhead", { by: span(Number(-off)) });
}

/** What it last said of itself. */
export function appWords(phone: PhoneState): string {
  const free = phone.storageFreeMb;
  const parts = [
    phone.appVersion !== "" ? t("phones.version", { app: phone.appVersion }) : "",
    phone.ruleSetVersion !== "" ? t("phones.rules", { rules: phone.ruleSetVersion }) : "",
    phone.fieldTableVersion > 0 ? t("phones.fields", { n: phone.fieldTableVersion }) : "",
    free === undefined
      ? ""
      : t(phone.storageLow ? "phones.full" : "phones.free", { free: scaled(free, 0, separators()) }),
    phone.appVersion !== "" && !phone.notificationsAllowed ? t("phones.quiet") : "",
  ];
  return parts.filter((part) => part !== "").join(", ") || t("missing.notSaid");
}
