// Pages other than the patient's hear of what moved: what may not be read any more leaves, what somebody else did stands in its
// place, and nothing else moves. A page that does not listen does not say that it is live.
import type { Page } from "@playwright/test";
import { AlertService } from "../../gen/osteon/alert/v1/alert_service_pb";
import { ListWorkRequestSchema, ListWorkResponseSchema } from "../../gen/osteon/worklist/v1/worklist_service_pb";
import { callerOf } from "./caller";
import { Category, takenBack } from "./grants";
import { answer, asked } from "./grpc";
import { logPain } from "./pain";
import { expect, open, test } from "./portal";

const NURSE = 5n;

/** Where everything that can be pressed stands. */
const places = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("main a, main button, main input, main summary")].map((one) => {
      const { x, y, width, height } = one.getBoundingClientRect();
      return `${one.textContent} ${[x, y, width, height].map((n) => n.toFixed(1)).join(" ")}`;
    }),
  );

const live = (page: Page) => expect(page.locator(".fresh")).toContainText("Live");

test("an alert that may not be read any more leaves the open page, and its neighbours stay where they are", async ({
  as,
  browser,
}) => {
  test.setTimeout(120_000);
  const page = await as("nurse");
  await open(page, "#/alerts");
  await live(page);
  const of = page.getByRole("region", { name: /D0001/ });
  await expect(of).toContainText("R-FRX-2");
  const others = async () => (await places(page)).filter((one) => !/D0001/.test(one));
  const below = page.locator(".of-circle").last();
  const before = await below.boundingBox();
  const giveAgain = await takenBack(browser, "d0001", NURSE, Category.C06_SYMPTOMS);
  try {
    await expect(of).not.toContainText("R-FRX-2", { timeout: 20_000 });
    await expect(of).toContainText(/not shared with you/);
    expect(await below.boundingBox(), "nothing moved").toEqual(before);
    expect((await others()).length).toBeGreaterThan(0);
    await expect(page.locator(".new-items")).toContainText("has news");
  } finally {
    await giveAgain();
  }
  await page.keyboard.press(".");
  await expect(of).toContainText("R-FRX-2");
  await expect(page.locator(".new-items")).toContainText("No news");
});

test("an alert that somebody else takes says so in its place", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/alerts");
  await live(page);
  const of = page.getByRole("region", { name: /D0001/ });
  const card = of.getByRole("article", { name: /R-FRX-2/ });
  await expect(card).toContainText("Nobody has taken it.");
  const below = page.locator(".of-circle").last();
  const before = await below.boundingBox();
  const physician = await as("physician");
  const alerts = await callerOf(physician, AlertService);
  const [mine] = (await alerts.listAlerts({ circle: 1n })).circles;
  const alert = mine?.alerts.find((one) => one.rule === "R-FRX-2");
  const said = { circle: 1n, recordId: alert?.recordId ?? "", takesOver: true, requestId: crypto.randomUUID() };
  await alerts.acknowledgeAlert(said);
  await expect(card).toContainText("Taken by member 6.", { timeout: 20_000 });
  await expect(of).toContainText(/changed \d+ s ago/);
  expect(await below.boundingBox(), "nothing moved").toEqual(before);
});

test("a question that may not be read any more leaves the inbox, with what stood beside it", async ({
  as,
  browser,
}) => {
  test.setTimeout(120_000);
  const page = await as("nurse");
  await open(page, "#/reviews");
  await live(page);
  const link = page.getByRole("link", { name: /D0001.*lift at most/i });
  await link.click();
  const decision = page.locator(".decision");
  await expect(decision).toContainText("3 kg");
  const last = page.locator(".questions a").last();
  const before = await last.boundingBox();
  const giveAgain = await takenBack(browser, "d0001", NURSE, Category.C08_ACTIVITY);
  try {
    await expect(decision).not.toContainText("3 kg", { timeout: 20_000 });
    await expect(decision).toContainText("not shared with you any more");
    await expect(page.locator(".inbox")).not.toContainText("3 kg");
    expect(await last.boundingBox(), "nothing moved").toEqual(before);
  } finally {
    await giveAgain();
  }
});

test("the sheet for a visit loses what was taken back, and says that there is something newer", async ({
  as,
  browser,
}) => {
  test.setTimeout(120_000);
  const page = await as("nurse");
  await open(page, "#/patient/d0001/visit");
  await live(page);
  const pain = page.locator('.sheet .lane[data-lane="Pain"]');
  await expect(pain).toHaveCount(1);
  await expect(page.locator(".new-items")).toContainText("Nothing newer");
  await logPain(await as("physician"), 1n);
  await expect(page.locator(".new-items")).toContainText("newer than what is shown", { timeout: 20_000 });
  const giveAgain = await takenBack(browser, "d0001", NURSE, Category.C06_SYMPTOMS);
  try {
    await expect(pain).toHaveCount(0, { timeout: 20_000 });
    await expect(page.locator(".sheet")).toContainText(/Not shared with whoever printed it: .*symptoms/i);
  } finally {
    await giveAgain();
  }
});

test("a phone that is not told any more leaves the list of phones; the others stand where they stood", async ({
  as,
}) => {
  const page = await as("nurse");
  let told = true;
  await page.route("**/osteon.worklist.v1.WorklistService/ListWork", async (route) => {
    await answer(
      route,
      [ListWorkRequestSchema, asked(route, ListWorkRequestSchema)],
      ListWorkResponseSchema,
      (list) => {
        for (const row of list.rows) if (row.shortId === "d0003" && !told) delete row.phone;
      },
    );
  });
  await open(page, "#/phones");
  await live(page);
  const row = page.getByRole("row", { name: /D0003/ });
  await expect(row).toContainText("heard");
  const before = await places(page);
  told = false;
  await logPain(await as("physician"), 3n);
  await expect(row).toContainText("not told to your role", { timeout: 20_000 });
  await expect(row).not.toContainText("heard");
  const after = await places(page);
  expect(after.filter((one) => !/D0003/.test(one))).toEqual(before.filter((one) => !/D0003/.test(one)));
});

test("a page that does not listen does not say that it is live", async ({ as }) => {
  const page = await as("nurse");
  await live(page);
  await open(page, "#/people");
  await expect(page.locator(".fresh")).toHaveText("As it was read");
  await open(page, "#/alerts");
  await live(page);
});
