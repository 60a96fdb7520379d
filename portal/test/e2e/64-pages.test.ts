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

test("five hundred patients: every page below the last, through all of them by key, and none moves", async ({ as }) => {
  test.setTimeout(240_000);
  const ALL = 500;
  const page = await as("nurse");
  await page.route("**/osteon.worklist.v1.WorklistService/ListWork", (route) => {
    const question = asked(route, ListWorkRequestSchema);
    const from = Number(question.pageToken || 0);
    question.pageToken = "";
    return answer(route, [ListWorkRequestSchema, question], ListWorkResponseSchema, (message) => {
      if (question.groups.length > 0) return;
      const real = message.rows;
      message.rows = Array.from({ length: 50 }, (_, at) => {
        const row = real[(from + at) % real.length] as (typeof real)[number];
        const circle = BigInt(1000 + from + at);
        return { ...row, circle, shortId: `d${circle}`, displayNames: [`Demo patient ${circle}`] };
      });
      message.total = ALL;
      message.nextPageToken = from + 50 < ALL ? String(from + 50) : "";
    });
  });
  await page.getByRole("button", { name: "Mine" }).click();
  await page.getByRole("button", { name: "All", exact: true }).click();
  const patients = page.locator("table.work a.patient-link");
  const more = page.getByRole("button", { name: "Show more" });
  for (let shown = 50; shown < ALL; shown += 50) {
    await expect(page.locator("main")).toContainText(`Showing ${shown} of 500.`);
    await more.press("Enter");
  }
  await expect(more).toHaveCount(0, { timeout: 60_000 });
  const links = page.locator("a.patient-link");
  await expect(links).toHaveCount(ALL);
  expect(new Set(await links.evaluateAll((all) => all.map((one) => one.getAttribute("href")))).size).toBe(ALL);
  const places = () =>
    patients.evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().top + scrollY)));
  const before = await places();
  // In the page itself: a press, and how long until it is painted.
  const took = await page.evaluate(async () => {
    const all: number[] = [];
    (document.activeElement as HTMLElement | null)?.blur();
    for (let n = 0; n < 500; n += 1) {
      const start = performance.now();
      dispatchEvent(new KeyboardEvent("keydown", { key: "j" }));
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
      all.push(performance.now() - start);
    }
    return all.sort((a, b) => a - b);
  });
  const focused = await page.evaluate(() => document.activeElement?.getAttribute("href"));
  expect(focused).toBe(await links.last().getAttribute("href"));
  console.log(`500 rows: a press of j takes ${took[250]?.toFixed(0)} ms (median), ${took[475]?.toFixed(0)} ms (p95)`);
  expect(took[250], "the middle press; a frame is 17").toBeLessThan(100);
  expect(await places(), "nothing moved").toEqual(before);
  await page.keyboard.press("e");
  await expect(page.locator("ol.rank").first()).toBeVisible();
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
