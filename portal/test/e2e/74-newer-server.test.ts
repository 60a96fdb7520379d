// The portal of yesterday, open in a tab, against the server of today: kinds, severities, roles and fields that it does not know are
// said to be that, and the rest of the page is whole.
import { ListAlertsRequestSchema, ListAlertsResponseSchema } from "../../gen/osteon/alert/v1/alert_service_pb";
import { GetCircleViewRequestSchema, GetCircleViewResponseSchema } from "../../gen/osteon/circle/v1/circle_service_pb";
import { ListReviewsRequestSchema, ListReviewsResponseSchema } from "../../gen/osteon/review/v1/review_service_pb";
import { ListWorkRequestSchema, ListWorkResponseSchema } from "../../gen/osteon/worklist/v1/worklist_service_pb";
import { answer, asked } from "./grpc";
import { expect, open, test } from "./portal";

const NEW = 99;
/** Field 999, a text: as a newer contract would send it. */
const NEWER = [{ no: 999, wireType: 2, data: new Uint8Array([2, 0x68, 0x69]) }] as never;

const whole = async (page: Parameters<typeof open>[0]) => {
  const text = (await page.locator("main").textContent()) ?? "";
  expect(text).not.toMatch(/undefined|NaN|\[object|TypeError/);
  await expect(page.locator("main .failed")).toHaveCount(0);
};

test("what a newer server says and this page does not know is said to be that, and the rest is whole", async ({
  as,
}) => {
  const page = await as("physiotherapist");
  await page.route("**/osteon.worklist.v1.WorklistService/ListWork", (route) =>
    answer(route, [ListWorkRequestSchema, asked(route, ListWorkRequestSchema)], ListWorkResponseSchema, (told) => {
      told.$unknown = NEWER;
      const [reason] = told.rows[0]?.reasons ?? [];
      if (!reason) return;
      reason.kind = NEW as never;
      reason.severity = NEW as never;
      reason.$unknown = NEWER;
    }),
  );
  await page.route("**/osteon.review.v1.ReviewService/ListReviews", (route) => {
    const question = asked(route, ListReviewsRequestSchema);
    return answer(route, [ListReviewsRequestSchema, question], ListReviewsResponseSchema, (told) => {
      // Another test may have settled the one of a field.
      const review = told.reviews.find((one) => one.field?.name === "lift_max_kg") ?? told.reviews[0];
      if (!review) return;
      review.kind = NEW as never;
      review.owners = [NEW as never];
      if (review.field) review.field.field = 900;
      else review.type = NEW;
      review.$unknown = NEWER;
    });
  });
  await page.route("**/osteon.alert.v1.AlertService/ListAlerts", (route) => {
    const question = asked(route, ListAlertsRequestSchema);
    return answer(route, [ListAlertsRequestSchema, question], ListAlertsResponseSchema, (told) => {
      const alert = told.circles[0]?.alerts[0];
      if (alert) alert.severity = NEW as never;
    });
  });
  await page.route("**/osteon.circle.v1.CircleService/GetCircleView", (route) => {
    const question = asked(route, GetCircleViewRequestSchema);
    return answer(route, [GetCircleViewRequestSchema, question], GetCircleViewResponseSchema, ({ view }) => {
      if (!view) return;
      view.$unknown = NEWER;
      for (const member of view.members) member.role = NEW as never;
      for (const field of view.safetyMinimum?.fields ?? []) field.$unknown = NEWER;
      if (view.personSummary) view.personSummary.unknownFieldCount = 1;
    });
  });
  await open(page, "#/phones");
  await open(page, "#/work");
  await expect(page.locator("a.patient-link").first()).toBeVisible();
  await whole(page);
  await open(page, "#/reviews?circle=1");
  await expect(page.locator(".questions").first()).toContainText("something this portal cannot show");
  await whole(page);
  await open(page, "#/alerts");
  await expect(page.getByRole("article").first()).toBeVisible();
  await whole(page);
  await open(page, "#/patient/d0001");
  await expect(page.getByRole("region", { name: "Who this is" })).toContainText("D0001");
  await whole(page);
});
