// Since when a change is on the patient's phone: only what the phone itself said.
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { beforeEach, expect, it } from "vitest";
import { PhoneStanding, PhoneStateSchema } from "../../gen/osteon/circle/v1/phone_pb";
import { heard } from "../../src/app/clock";
import { onPhoneWords } from "../../src/value/phone";

const at = (text: string) => timestampFromMs(Date.parse(`2026-11-23T${text}:00Z`));
const phone = (more: object = {}) =>
  create(PhoneStateSchema, {
    standing: PhoneStanding.HEARD,
    deliveredSequence: 9n,
    reached: [
      { sequence: 9n, at: at("14:02") },
      { sequence: 7n, at: at("13:00") },
      { sequence: 4n, at: at("12:00") },
    ],
    ...more,
  });

beforeEach(() => heard(Date.parse("2026-11-23T15:00:00Z")));

it("is since the first time that it said so", () => {
  expect(onPhoneWords(phone(), 8n)).toMatch(/^on the phone since .*14:02/);
  expect(onPhoneWords(phone(), 9n)).toMatch(/14:02/);
  expect(onPhoneWords(phone(), 7n)).toMatch(/^on the phone since .*13:00/);
});

it("does not claim a moment for what is older than what is told", () => {
  expect(onPhoneWords(phone(), 3n)).toMatch(/^on the phone, since .*12:00 or earlier/);
  expect(onPhoneWords(phone({ reached: [] }), 3n)).toBe("on the phone");
});

it("is not there yet where the phone has not said so", () => {
  expect(onPhoneWords(phone(), 10n)).toBe("Not on the phone yet");
});

it("says nothing of a phone that is none, or that the reader is not told of", () => {
  expect(onPhoneWords(undefined, 3n)).toBe("");
  expect(onPhoneWords(phone({ standing: PhoneStanding.NONE, reached: [] }), 3n)).toBe("");
});
