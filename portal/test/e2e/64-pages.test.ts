// Lists that are longer than a page: what is shown, of how many, and the rest below what stands.
import { ListAlertsRequestSchema, ListAlertsResponseSchema } from "../../gen/osteon/alert/v1/alert_service_pb";
import { ListWorkRequestSchema, ListWorkResponseSchema } from "../../gen/osteon/worklist/v1/worklist_service_pb";
import { answer, asked } from "./grpc";
import { expect, open, test } from "./portal";

test("the work list says how many of how many stand there, and shows more below them", async ({ as }) => {
  const page = await as("nurse");
  await page.route("**/osteon.worklist.v1.WorklistService/ListWork", (route) => {
    const question = asked(route, ListWorkRequestSchema);
    const second = question.pageToken === "second";
    // The server's own six as two pages of three; the standing look-around is left as it is.
    question.pageToken = "";
    return answer(route, [ListWorkRequestSchema, question], ListWorkResponseSchema, (message) => {
      if (question.groups.length > 0) return;
      message.rows = second ? message.rows.slice(3) : message.rows.slice(0, 3);
      message.nextPageToken = second ? "" : "second";
    });
  });
  await page.getByRole("button", { name: "Mine" }).click();
  await page.getByRole("button", { name: "All", exact: true }).click();
  const patients = page.locator("a.patient-link");
  await expect(patients).toHaveCount(3);
  await expect(page.locator("main")).toContainText("Showing 3 of 6.");
  const before = await patients.allTextContents();
  const onPage = () => patients.first().evaluate((one) => one.getBoundingClientRect().top + scrollY);
  const place = await onPage();
  await page.getByRole("button", { name: "Show more" }).press("Enter");
  await expect(patients).toHaveCount(6);
  expect((await patients.allTextContents()).slice(0, 3), "what stands stays").toEqual(before);
  expect(await onPage()).toBe(place);
  await expect(page.getByRole("button", { name: "Show more" })).toHaveCount(0);
});

test("further patients of the alert list come with a press", async ({ as }) => {
  const page = await as("nurse");
  await page.route("**/osteon.alert.v1.AlertService/ListAlerts", (route) => {
    const question = asked(route, ListAlertsRequestSchema);
    const second = question.pageToken === "second";
    question.pageToken = "";
    return answer(route, [ListAlertsRequestSchema, question], ListAlertsResponseSchema, (message) => {
      message.circles = second ? message.circles.slice(2) : message.circles.slice(0, 2);
      message.nextPageToken = second ? "" : "second";
    });
  });
  await open(page, "#/alerts");
  const patients = page.locator(".of-circle");
  await expect(patients).toHaveCount(2);
  await expect(page.locator("main")).toContainText("Showing 2. There are more.");
  await page.getByRole("button", { name: "Show more" }).click();
  await expect.poll(() => patients.count()).toBeGreaterThan(2);
  await expect(page.getByRole("button", { name: "Show more" })).toHaveCount(0);
});

test("the newer screens speak German", async ({ as }) => {
  const page = await as("nurse");
  await page.keyboard.press("?");
  await page.getByRole("button", { name: "Deutsch" }).click();
  await page.getByRole("button", { name: "Schließen" }).click();
  for (const [hash, title, never] of [
    ["#/people", "Menschen", /\b(People|devices|Enrolled|circles)\b/],
    ["#/people/d0001", "Menschen von D0001", /\b(Invite|membership|device \d|Enrolled)\b/],
    ["#/quality", "Güte der Warnungen", /\b(rule|urgent|closed|Seen)\b/],
    ["#/emergency-access?case=d0001", "Notfallzugang", /\b(Emergency|patient|hours|reason)\b/],
    ["#/patient/d0001/audit", "Wer sah nach bei D0001", /\b(looked|refused|sealed|Areas|read)\b/],
    ["#/reviews", "Zu entscheiden", /\b(Held|Proposals|restore|nothing)\b/],
  ] as const) {
    await open(page, hash);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
    const own = await page.evaluate(() => {
      const copy = document.querySelector("main")?.cloneNode(true) as HTMLElement;
      for (const english of copy.querySelectorAll('[lang="en"], bdi')) english.remove();
      return copy.textContent ?? "";
    });
    expect.soft(own, hash).not.toMatch(never);
  }
});
