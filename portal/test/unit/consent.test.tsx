// How far a withdrawal has reached, and what stops where consent is narrowed.
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { render } from "preact-render-to-string";
import { beforeEach, expect, it } from "vitest";
import { ConsentReach, GetConsentResponseSchema } from "../../gen/osteon/consent/v1/consent_service_pb";
import { Role } from "../../gen/osteon/meta/v1/options_pb";
import { heard } from "../../src/app/clock";
import { Stops, Withdrawals } from "../../src/screens/access/consent";

const NOON = Date.parse("2026-11-23T12:00:00Z");
const at = (hours: number) => timestampFromMs(NOON - hours * 3_600_000);
const plain = (html: string) => html.replaceAll(/<[^>]+>/g, "|").replaceAll("\u00a0", " ");
const answer = create(GetConsentResponseSchema, {
  members: [
    {
      access: { account: 7n, role: Role.PHYSIOTHERAPIST },
      categories: [
        { category: 6, windows: [{ to: at(-24) }], stops: { reads: [101], rules: ["R-PAIN-1"] } },
        { category: 8, stops: { reads: [106, 201], writes: [201] } },
      ],
    },
  ],
  withdrawals: [
    {
      recordId: "1",
      role: Role.PHYSIOTHERAPIST,
      category: 6,
      at: at(5),
      devices: [
        { account: 7n, device: 1n, reach: ConsentReach.CONFIRMED, asked: at(4), confirmed: at(3) },
        { account: 7n, device: 2n, reach: ConsentReach.TOLD, asked: at(2) },
        { account: 7n, device: 3n, reach: ConsentReach.NOT_TOLD, lastHeard: at(30) },
        { account: 7n, device: 4n, reach: ConsentReach.NOT_TOLD },
        { account: 7n, device: 5n, reach: ConsentReach.NOTHING_HELD, lastHeard: at(1) },
      ],
    },
  ],
});

beforeEach(() => heard(NOON));

it("says of each device whether what was taken back is gone, and marks what is not", () => {
  const html = render(<Withdrawals answer={answer} />);
  const text = plain(html);
  expect(text).toMatch(/withdrawn .*\./);
  expect(text).toMatch(/Device 1 of [^|]*: *erased /);
  for (const marked of [
    /<strong>told to erase [^<]*, not confirmed yet\.<\/strong>/,
    /<strong>not yet on this device, last heard [^<]*<\/strong>/,
    /<strong>not yet on this device, which was never heard\.<\/strong>/,
  ]) {
    expect(html).toMatch(marked);
  }
  expect(text).toMatch(/Device 5 of [^|]*: *heard since, and held nothing of it\./);
  expect(html.match(/<strong>/g)).toHaveLength(3);
});

it("says what would stop, by the names of what is read and written", () => {
  const text = plain(render(<Stops answer={answer} account={7n} />));
  expect(text).toMatch(/until [^|]*\|+Pain\|+nothing\|+R-PAIN-1/);
  expect(text).toMatch(/not by a consent of its own\|+Activity session, Exercise plan\|+Exercise plan\|+nothing/);
  expect(plain(render(<Stops answer={answer} account={8n} />))).toContain("Nothing that a narrowing would stop.");
});
