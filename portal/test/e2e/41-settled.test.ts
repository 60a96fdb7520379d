// "Settled without you": disputes in which one value was mine, decided by somebody else; and every state of that list.
import { AxeBuilder } from "@axe-core/playwright";
import { create } from "@bufbuild/protobuf";
import type { Page } from "@playwright/test";
import { RecordService } from "../../gen/osteon/record/v1/record_service_pb";
import {
  ListSettledRequestSchema,
  ListSettledResponseSchema,
  ReviewService,
} from "../../gen/osteon/review/v1/review_service_pb";
import { RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";
import { callerOf } from "./caller";
import { answer, asked, reply } from "./grpc";
import { expect, open, test, tolerated } from "./portal";

const CIRCLE = 2n;
const EXERCISE = 201;
const LIST = "**/osteon.review.v1.ReviewService/ListSettled";

const clean = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
};

const settled = (page: Page) => page.getByRole("region", { name: "Settled without you" });

interface Question {
  readonly field: string;
  readonly theirs: number;
  readonly own: number;
  readonly decided: number;
}

const localName = (field: string) => field.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Two who had not seen each other write one field of the exercise plan; the second decides. */
async function decideBetween(first: Page, second: Page, { field, theirs, own, decided }: Question): Promise<void> {
  const [a, b] = [await callerOf(first, RecordService), await callerOf(second, RecordService)];
  const planFor = async (records: typeof a) =>
    (await records.listRecords({ circle: CIRCLE, type: EXERCISE })).records[0];
  const body = (value: number) =>
    create(RecordBodySchema, { body: { case: "exercisePlan", value: { [localName(field)]: value } } } as never);
  const both = [
    { records: a, plan: await planFor(a), value: theirs },
    { records: b, plan: await planFor(b), value: own },
  ];
  for (const { records, plan, value } of both) {
    const shown = (plan?.fields ?? [])
      .filter((one) => one.name === field)
      .map((one) => ({ field: one.field, shown: one.shown }));
    await records.writeRecord({
      circle: CIRCLE,
      recordId: plan?.recordId ?? "",
      body: body(value),
      updateMask: { paths: [field] },
      shown,
      reason: `They manage <b>${value}</b>`,
      requestId: crypto.randomUUID(),
    });
  }
  const reviews = await callerOf(second, ReviewService);
  const found = (await reviews.listReviews({ circle: CIRCLE })).reviews.find((one) => one.field?.name === field);
  await reviews.resolveReview({
    reviewId: found?.reviewId ?? "",
    shown: found?.shown ?? new Uint8Array(),
    value: body(decided),
    reason: "Less is safer this week",
    requestId: crypto.randomUUID(),
  });
}

test("what somebody else decided is told: the value, who, why, what stood beside it, and whether it was mine", async ({
  as,
}) => {
  const [page, other] = [await as("physician"), await as("physiotherapist")];
  await decideBetween(page, other, { field: "lift_max_kg", theirs: 40, own: 30, decided: 30 });
  await decideBetween(page, other, { field: "max_minutes_session", theirs: 20, own: 25, decided: 20 });
  await open(page, "#/reviews?circle=2");
  const list = settled(page);
  await expect(list.getByRole("link")).toHaveCount(2);
  await list.getByRole("link", { name: /Settled.*D0002.*lift at most/i }).click();
  const decision = page.locator(".decision");
  await expect(decision.getByRole("heading", { level: 3 })).toHaveText("Decided without you: lift at most");
  await expect(decision).toContainText("Another value than yours was taken. Nobody has replaced it since.");
  const said = decision.locator(".in-force");
  await expect(said.locator(".value")).toHaveText("3 kg");
  await expect(said).toContainText("physiotherapist, member");
  await expect(said.locator("q")).toHaveText("Less is safer this week");
  const versions = decision.locator(".version");
  await expect(versions).toHaveCount(2);
  const own = versions.filter({ hasText: "yours" });
  await expect(own).toContainText("4 kg");
  await expect(own).toContainText("you, physician");
  await expect(own.locator("q"), "text of people is text").toHaveText("They manage <b>40</b>");
  await expect(decision.getByRole("button", { name: /^(Keep|Use)/ }), "it is for reading").toHaveCount(0);
  await clean(page);

  await list.getByRole("link", { name: /one session at most/i }).click();
  await expect(decision).toContainText("Your value was taken. Nobody has replaced it since.");

  // Whoever decided is told nothing: it was they.
  await open(other, "#/reviews?circle=2");
  await expect(settled(other)).toContainText("Looked through: the 999 records of each patient that changed last.");
  await expect(settled(other).getByRole("link")).toHaveCount(0);

  // What was written since is said, and the way to what stands now is there.
  await decision.getByRole("link", { name: "Open: Exercise plan" }).click();
  const row = page.getByRole("row", { name: /^One session at most/ });
  await row.getByRole("button", { name: "Change" }).click();
  await row.getByLabel(/New:/).fill("15");
  await row.getByRole("button", { name: "Save for D0002" }).click();
  await expect(row.locator(".value").first()).toHaveText("15 min");
  await page.goBack();
  await page.reload();
  await list.getByRole("link", { name: /one session at most/i }).click();
  await expect(decision).toContainText("It has been replaced since.");

  await open(page, "#/patient/d0002/audit");
  await expect(page.locator("main")).toContainText("read what was settled without them");
});

test("more of it comes with a press, and what was read stays in its place", async ({ as }) => {
  const page = await as("physician");
  await page.route(LIST, (route) => {
    const question = asked(route, ListSettledRequestSchema);
    const second = question.pageToken === "second";
    question.pageToken = "";
    return answer(route, [ListSettledRequestSchema, question], ListSettledResponseSchema, (told) => {
      told.settled = second ? told.settled.slice(1, 2) : told.settled.slice(0, 1);
      told.nextPageToken = second ? "" : "second";
    });
  });
  await open(page, "#/reviews");
  const links = settled(page).getByRole("link");
  await expect(links).toHaveCount(1);
  await expect(settled(page)).toContainText("Showing 1. There are more.");
  const first = (await links.first().getAttribute("href")) ?? "";
  await settled(page).getByRole("button", { name: "Show more" }).press("Enter");
  await expect(links).toHaveCount(2);
  await expect(links.first()).toHaveAttribute("href", first);
  await expect(settled(page).getByRole("button", { name: "Show more" })).toHaveCount(0);
});

test("loading, an error, no right and offline are said for this list alone", async ({ as }) => {
  const page = await as("physician");
  let go: () => void = () => undefined;
  const held = new Promise<void>((done) => {
    go = done;
  });
  await page.route(LIST, async (route) => {
    await held;
    await reply(route, ListSettledResponseSchema, { refused: 13, says: "INTERNAL" });
  });
  await page.goto(`${new URL(page.url()).origin}/#/reviews?circle=2`);
  const list = settled(page);
  await expect(list).toContainText("Loading what was settled without you");
  await expect(page.getByRole("heading", { name: "Held back" }), "the rest is there meanwhile").toBeVisible();
  await expect(list).toContainText(/Still loading what was settled without you, \d+ s/);
  await clean(page);
  go();
  await expect(list).toContainText("Could not load what was settled without you.");
  await clean(page);
  await page.unroute(LIST);
  await list.getByRole("button", { name: "Try again" }).press("Enter");
  await expect(list.getByRole("link")).toHaveCount(2);

  await list.getByRole("link", { name: /one session at most/i }).click();
  tolerated.push("net::ERR_FAILED", "ERR_INTERNET_DISCONNECTED");
  await page.context().setOffline(true);
  await page.keyboard.press(".");
  await expect(list).toContainText("Could not load what was settled without you.", { timeout: 30_000 });
  await expect(list.getByRole("link"), "what was read stays, marked").toHaveCount(2);
  await expect(page.locator(".decision")).toContainText("It has been replaced since.");
  await clean(page);
  await page.context().setOffline(false);

  const others: string[] = [];
  for (const circle of ["4", "9999"]) {
    const guest = await as("physiotherapist");
    await open(guest, `#/reviews?circle=${circle}`);
    others.push(await settled(guest).innerHTML());
  }
  expect(others[0]).toContain("There is no such patient for you.");
  expect(others[0], "forbidden and absent are identical").toBe(others[1]);
});

test("it speaks German", async ({ as }) => {
  const page = await as("physician");
  await page.keyboard.press("?");
  await page.getByRole("button", { name: "Deutsch" }).click();
  await page.getByRole("button", { name: "Schließen" }).click();
  await open(page, "#/reviews?circle=2");
  const list = page.getByRole("region", { name: "Ohne Sie entschieden" });
  await list.getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 3 })).toContainText("Ohne Sie entschieden:");
  await expect(page.locator(".decision")).toContainText(/wurde genommen\. (Niemand hat ihn|Er ist) seither/);
  await clean(page);
});
