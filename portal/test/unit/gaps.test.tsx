// What a gap of a chart says: the phone was not heard, nobody wrote, or nobody can tell.
import { create } from "@bufbuild/protobuf";
import { render } from "preact-render-to-string";
import { describe, expect, it } from "vitest";
import {
  PhoneContact,
  SeriesContactSchema,
  SeriesLane,
  SeriesLaneHeadSchema,
  SeriesPointSchema,
  SeriesSpanSchema,
} from "../../gen/osteon/timeline/v1/timeline_service_pb";
import { gapsOf, silenceWords } from "../../src/charts/gaps";
import type { Lane, Series } from "../../src/charts/read";
import { Chart } from "../../src/charts/timeline";
import { Twin } from "../../src/charts/twin";

const at = (n: number) => `2026-11-${String(n).padStart(2, "0")}`;
const contact = (from: number, to: number, contact: PhoneContact) =>
  create(SeriesContactSchema, { from: at(from), to: at(to), contact });
const point = (n: number) =>
  create(SeriesPointSchema, { day: at(n), worst: 4n, count: 1, entries: [{ versions: [{ value: 4n }] }] });

const pain: Lane = {
  head: create(SeriesLaneHeadSchema, { lane: SeriesLane.PAIN, unit: "1" }),
  points: [point(4), point(5), point(10)],
  mistakes: 0,
};
const series: Series = {
  from: at(1),
  to: at(12),
  lanes: [pain],
  written: [
    create(SeriesSpanSchema, { from: at(4), to: at(6) }),
    create(SeriesSpanSchema, { from: at(10), to: at(11) }),
  ],
  phone: [
    contact(1, 3, PhoneContact.CANNOT_TELL),
    contact(4, 6, PhoneContact.HEARD),
    contact(7, 9, PhoneContact.NOT_HEARD),
    contact(10, 12, PhoneContact.HEARD),
  ],
};
const plain = (html: string) => html.replaceAll(/<[^>]+>/g, "|").replaceAll("\u00a0", " ");

describe("a gap", () => {
  it("behind the lanes is the phone's silence, and days without any entry", () => {
    expect(gapsOf(series)).toEqual([
      { from: at(1), to: at(3), gap: "unknown" },
      { from: at(7), to: at(9), gap: "silent" },
      { from: at(12), to: at(12), gap: "unwritten" },
    ]);
  });

  it("is hatched where the phone was not heard, and there alone", () => {
    const html = render(<Chart series={series} lanes={[pain]} since={0n} fixed={700} />);
    const gaps = [...html.matchAll(/<rect class="gap gap-(\w+)"([^>]*)/g)].map(([, gap, rest]) => [
      gap,
      rest?.includes("url(#hatch)"),
    ]);
    expect(gaps).toEqual([
      ["unknown", false],
      ["silent", true],
      ["unwritten", false],
    ]);
  });

  it("is never joined over", () => {
    const html = render(<Chart series={series} lanes={[pain]} since={0n} fixed={700} />);
    const lines = [...html.matchAll(/class="join" d="([^"]*)"/g)].map(([, d]) => d?.split("L").length);
    expect(lines).toEqual([2, 1]);
  });

  it("stands in the table with what it says", () => {
    const text = plain(render(<Twin series={series} lanes={[pain]} since={0n} />));
    expect(text).toMatch(/7 Nov 2026 to [^|]*9 Nov 2026\|+No entry. Phone not heard\./);
    expect(text).toMatch(/1 Nov 2026 to [^|]*3 Nov 2026\|+No entry. Whether the phone was heard is not known\./);
    expect(text).toMatch(/6 Nov 2026\|+No entry. The phone was heard\./);
  });

  it("is told in words beside the chart", () => {
    const text = silenceWords(series).replaceAll("\u00a0", " ");
    expect(text).toMatch(/^Phone not heard: .*7 Nov 2026 to .*9 Nov 2026\. Whether .* not known: .*1 Nov 2026 to/);
    expect(silenceWords({ ...series, phone: [contact(1, 12, PhoneContact.HEARD)] })).toBe("");
  });
});
