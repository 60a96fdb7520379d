// The safety minimum in the banner: while people disagree, the word and what each says stand beside what is in force.
import { create } from "@bufbuild/protobuf";
import { render } from "preact-render-to-string";
import { beforeEach, expect, it } from "vitest";
import { CircleViewSchema } from "../../gen/osteon/circle/v1/circle_service_pb";
import { ReviewKind, ReviewSchema } from "../../gen/osteon/review/v1/review_service_pb";
import { heard } from "../../src/app/clock";
import { Banner } from "../../src/parts/banner";
import { body, field, plain, record, version } from "./make";

beforeEach(() => heard(Date.parse("2026-11-23T10:40:00Z")));

const SAFETY = 321;
const minimum = (value: object) => {
  const all = body({ case: "safetyMinimum", value: value as never });
  const fields = Object.entries({ lift_max_kg: 2, bone_drug: 7, bone_drug_status: 8, bone_drug_next: 9 }).map(
    ([name, number]) => field(number, { name, versions: [version(all, { inForce: true })] }),
  );
  const status = fields.find((one) => one.name === "bone_drug_status");
  if (status) status.readings = [{ name: "giving", value: "blocked", says: "Giving: blocked (held)." }] as never;
  const next = fields.find((one) => one.name === "bone_drug_next");
  if (next) next.readings = [{ name: "not_before", value: "", says: "Do not give before 2026-12-09." }] as never;
  return record({ type: SAFETY, body: all, fields });
};
const told = { liftMaxKg: 30, boneDrug: ["denosumab"], boneDrugStatus: 3, boneDrugNext: "2026-12-01" };
const lift = (tenths: number) => body({ case: "exercisePlan", value: { liftMaxKg: tenths } as never });
const dispute = create(ReviewSchema, {
  kind: ReviewKind.DISPUTE,
  circle: 1n,
  reviewId: "r",
  type: 201,
  field: field(3, {
    name: "lift_max_kg",
    needsReview: true,
    versions: [version(lift(30), { inForce: true }), version(lift(100), { account: 4n })],
  }),
});
const banner = (value: object, reviews = [dispute]) =>
  render(
    <Banner view={create(CircleViewSchema, { circle: 1n, safetyMinimum: minimum(value), reviews })} shortId="d0001" />,
  );

it("says both values of a disputed limit, and leads to where it is settled (V9)", () => {
  const html = banner({ ...told, disputed: ["lift_max_kg"] });
  expect(plain(html)).toContain(
    "3 kg Disputed 3 kg says physiotherapist, member 3 (in force) or 10 kg says physiotherapist, member 4",
  );
  expect(html).toMatch(/<a href="[^"]*reviews[^"]*"><span[^>]*mark-disputed/);
});

it("says that it is disputed where the reader is not told who says what", () => {
  expect(plain(banner({ ...told, disputed: ["lift_max_kg"] }, []))).toContain("3 kg Disputed (the stricter is shown)");
});

it("says nothing of it once it is settled", () => {
  expect(banner(told)).not.toContain("mark-disputed");
});

it("has both readings of the bone drug; two days where people disagree over the next one", () => {
  expect(plain(banner(told))).toContain("Giving: blocked (held).");
  expect(plain(banner(told))).not.toContain("Do not give before");
  expect(plain(banner({ ...told, disputed: ["bone_drug_next"] }, []))).toContain("Do not give before 2026-12-09.");
});
