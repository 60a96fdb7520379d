// Values on pages: keys on the trends, how many calls a page takes, lists that are longer than a page.
import { PhoneStanding } from "../../gen/osteon/circle/v1/phone_pb";
import { ListReviewsRequestSchema, ListReviewsResponseSchema } from "../../gen/osteon/review/v1/review_service_pb";
import { ListWorkRequestSchema, ListWorkResponseSchema } from "../../gen/osteon/worklist/v1/worklist_service_pb";
import { answer, asked } from "./grpc";
import { expect, open, test } from "./portal";

const LIST_WORK = "**/osteon.worklist.v1.WorklistService/ListWork";

test("arrow keys go from entry to entry of the trends, and the readout stays in its place", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/patient/d0003");
  const chart = page.locator("section[aria-labelledby=timeline] svg.chart");
  const readout = page.locator(".readout");
  await expect(readout).toContainText("use the arrow keys");
  const before = await readout.boundingBox();
  await chart.focus();
  await expect(chart).toBeFocused();
  const days: string[] = [];
  for (const key of ["ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowRight"]) {
    await page.keyboard.press(key);
    days.push((await readout.locator("strong").first().textContent()) ?? "");
  }
  expect(new Set(days.slice(0, 3)).size, "each press is another entry").toBe(3);
  expect(days[3]).toBe(days[1]);
  expect(await readout.boundingBox()).toEqual(before);
});

test("a patient's page takes few calls, whatever number of plans there are", async ({ as }) => {
  const page = await as("nurse");
  await page.waitForTimeout(3000);
  const calls: string[] = [];
  page.on("request", (request) => {
    const call = /osteon\.\w+\.v1\.(\w+\/\w+)/.exec(request.url())?.[1];
    if (call !== undefined && request.headers()["x-osteon-portal"] === "1") calls.push(call);
  });
  await open(page, "#/patient/d0001");
  await expect(page.locator("caption", { hasText: "Exercise plan" })).toBeVisible();
  const lists = calls.filter((call) => call === "RecordService/ListRecords");
  expect(lists.length, "the journal, the plans, the results before a dose").toBeLessThanOrEqual(3);
  expect(calls.length, calls.join(", ")).toBeLessThanOrEqual(8);
});

test("findings of patients on a further page of the work list stand in the inbox", async ({ as }) => {
  const page = await as("dietitian");
  await page.route(LIST_WORK, async (route) => {
    const question = asked(route, ListWorkRequestSchema);
    const isSecond = question.pageToken === "second";
    const whole = { ...question, pageToken: "" };
    await answer(route, [ListWorkRequestSchema, whole], ListWorkResponseSchema, (list) => {
      if (question.groups.length > 0) return;
      if (!isSecond) list.nextPageToken = "second";
      list.rows = list.rows.filter((row) => (row.shortId === "d0003") === isSecond);
    });
  });
  await open(page, "#/reviews");
  await expect(page.getByRole("link", { name: /Not read.*D0003/ })).toBeVisible();
});

test("an inbox that is longer than what is read says that there are more", async ({ as }) => {
  const page = await as("dietitian");
  await open(page, "#/reviews");
  await expect(page.locator(".inbox .partly")).toHaveCount(0);
  await page.route("**/osteon.review.v1.ReviewService/ListReviews", async (route) => {
    const question = asked(route, ListReviewsRequestSchema);
    const whole = { ...question, pageToken: "" };
    await answer(route, [ListReviewsRequestSchema, whole], ListReviewsResponseSchema, (list) => {
      if (question.pageToken !== "") list.reviews = [];
      list.nextPageToken = "further";
    });
  });
  await page.keyboard.press(".");
  await expect(page.locator(".inbox .partly").first()).toContainText("There are more.");
});

test("of a patient without a phone it is said that there is none, not that nothing waits", async ({ as }) => {
  const page = await as("nurse");
  await page.route(LIST_WORK, (route) =>
    answer(route, [ListWorkRequestSchema, asked(route, ListWorkRequestSchema)], ListWorkResponseSchema, (list) => {
      for (const row of list.rows) {
        if (row.shortId === "d0003") Object.assign(row.phone ?? {}, { standing: PhoneStanding.NONE });
      }
    }),
  );
  await open(page, "#/phones");
  const row = page.getByRole("row", { name: /D0003/ });
  await expect(row).toContainText("no phone is enrolled");
  await expect(row).not.toContainText(/waits here|was waiting|never reported/);
  await expect(row).toContainText("not applicable");
});
