// How a phone is, and which one is looked at first.
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { beforeEach, expect, it } from "vitest";
import { PhoneStanding, PhoneStateSchema } from "../../gen/osteon/circle/v1/phone_pb";
import { heard } from "../../src/app/clock";
import { appWords, knownWords, rank } from "../../src/screens/phones/health";

const NOON = Date.parse("2026-11-23T12:00:00Z");
const at = timestampFromMs(NOON - 3_600_000);
const phone = (more: object = {}) => create(PhoneStateSchema, { standing: PhoneStanding.HEARD, ...more });
const plain = (text: string) => text.replaceAll("\u00a0", " ");

beforeEach(() => heard(NOON));

it("comes first that does not know what safety rests on, and last that has nothing", () => {
  const silent = { standing: PhoneStanding.SILENT };
  const ranked = [
    { ...silent, safetyUndelivered: true },
    { safetyUndelivered: true, forked: at },
    { forked: at },
    { ...silent, purgePending: at },
    { purgePending: at, draftCount: 1 },
    { draftCount: 1, outboxCount: 3 },
    { outboxCount: 3, storageLow: true },
    { storageLow: true },
    {},
  ];
  expect(ranked.map((one) => rank(phone(one)))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(rank(phone({ clockOffsetMs: -120_000n })), "a clock that is off").toBe(7);
  expect(rank(phone({ clockOffsetMs: 119_999n })), "what a call takes").toBe(8);
});

it("says what the server knows of it", () => {
  expect(knownWords(phone())).toEqual([]);
  const known = knownWords(phone({ forked: at, purgePending: at, clockOffsetMs: 7_200_000n })).map(plain);
  expect(known[0]).toMatch(/^Two phones wrote under one name/);
  expect(known[1]).toMatch(/^Told to erase .*has not confirmed it\.$/);
  expect(known[2]).toBe("Its clock is 2 h 0 min behind.");
  expect(plain(knownWords(phone({ clockOffsetMs: -180_000n }))[0] ?? "")).toBe("Its clock is 3 min ahead.");
});

it("says what it last said of itself; what is full is not what is unknown", () => {
  const said = { appVersion: "1.2.3", ruleSetVersion: "12", fieldTableVersion: 7, notificationsAllowed: true };
  expect(plain(appWords(phone(said)))).toBe("App 1.2.3, rules 12, fields 7");
  expect(plain(appWords(phone({ ...said, storageFreeMb: 12345n })))).toMatch(/, 12,345 MB free$/);
  expect(plain(appWords(phone({ ...said, storageFreeMb: 0n, storageLow: true })))).toMatch(/almost full: 0 MB free$/);
});
