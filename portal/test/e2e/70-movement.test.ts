// The law of movement: what is on the screen stays in its place while changes arrive.
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import type { Page } from "@playwright/test";
import { type FieldView, RecordService } from "../../gen/osteon/record/v1/record_service_pb";
import { RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";
import { callerOf } from "./caller";
import { expect, open, test } from "./portal";

const CIRCLE = 1n;
const CASE = "d0001";
const EXERCISE = 201;
const SESSIONS = "sessions_per_week";

/** Every target of the page with its place, and what it would do. */
const targets = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("a, button, input, select, textarea, summary")]
      .filter((one) => one.offsetParent !== null)
      .map((one) => {
        const { x, y, width, height } = one.getBoundingClientRect();
        const what = one.getAttribute("href") ?? one.getAttribute("aria-label") ?? one.tagName;
        return `${what} ${[x, y, width, height].map((n) => n.toFixed(1)).join(" ")}`;
      }),
  );

const watchShifts = (page: Page) =>
  page.evaluate(() => {
    const of = window as unknown as { shifts: string[] };
    of.shifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        sources: { node: Node | null }[];
      })[]) {
        const names = entry.sources.map(({ node }) => (node instanceof Element ? node.className : node?.nodeName));
        of.shifts.push(`${entry.value.toFixed(5)} ${names.join(", ")}`);
      }
    }).observe({ type: "layout-shift" });
  });
const shifts = (page: Page) => page.evaluate(() => (window as unknown as { shifts: string[] }).shifts);

const CHANGES = Number(process.env.OSTEON_CHANGES ?? 24);

/** Entries of the journal and new values of one field of the plan, in turns. */
async function change(records: Client<typeof RecordService>, changes: number): Promise<void> {
  let [shown] = (await records.listRecords({ circle: CIRCLE, type: EXERCISE })).records;
  for (let n = 0; n < changes; n += 1) {
    if (n % 2 === 0) {
      const pain = { effectiveStart: { at: timestampFromMs(Date.now() - n * 60_000), zone: "UTC" }, worst24h: n % 11 };
      const body = create(RecordBodySchema, { body: { case: "painEntry", value: pain } } as never);
      await records.createRecord({ circle: CIRCLE, body, requestId: crypto.randomUUID() });
      continue;
    }
    const view: FieldView | undefined = shown?.fields.find((one) => one.name === SESSIONS);
    const value = { sessionsPerWeek: n % 4 === 1 ? 3 : 2 };
    const answer = await records.writeRecord({
      circle: CIRCLE,
      recordId: shown?.recordId ?? "",
      body: create(RecordBodySchema, { body: { case: "exercisePlan", value } } as never),
      updateMask: { paths: [SESSIONS] },
      shown: view ? [{ field: view.field, shown: view.shown }] : [],
      reason: "Better than last week",
      requestId: crypto.randomUUID(),
    });
    shown = answer.record;
  }
}

test("changes arrive while somebody looks: no target moves, nothing shifts, and it is said that there is news", async ({
  as,
}) => {
  test.setTimeout(180_000);
  const opened = async (hash: string) => {
    const page = await as("nurse");
    await open(page, hash);
    return page;
  };
  const patient = await opened(`#/patient/${CASE}`);
  const work = await opened("#/work");
  const pages = { patient, work, reviews: await opened("#/reviews"), alerts: await opened("#/alerts") };
  const records = await callerOf(await as("physiotherapist"), RecordService);
  await patient.waitForTimeout(1500);
  const before = new Map<string, string[]>();
  for (const [name, page] of Object.entries(pages)) {
    before.set(name, await targets(page));
    await watchShifts(page);
  }
  await change(records, CHANGES);
  const row = patient.getByRole("row", { name: /Sessions per week/ });
  await expect(row, "the value changes in its slot").toContainText(/changed \d+ s ago, was/);
  await expect(patient.locator(".patient > .new-items")).toContainText("Nothing moves until you ask");
  await expect(work.locator(".new-items")).toContainText("has news");
  for (const [name, page] of Object.entries(pages)) {
    const there = new Set(await targets(page));
    const moved = before.get(name)?.filter((one) => !there.has(one));
    const news = [...there].filter((one) => !before.get(name)?.includes(one));
    expect.soft(moved, `${name}: what was there stands where it stood; now ${news.join("; ")}`).toEqual([]);
    expect.soft(await shifts(page), `${name}: layout shifts`).toEqual([]);
  }
  await patient.keyboard.press(".");
  await expect(patient.locator(".patient > .new-items")).toContainText("Nothing newer");
  await expect(row).not.toContainText("changed");
});

test("a press right after its target changed is not taken, and it is said why", async ({ as }) => {
  const page = await as("physician");
  await open(page, `#/patient/${CASE}`);
  await page.locator("caption", { hasText: "Exercise plan" }).getByRole("link").click();
  const row = page.getByRole("row", { name: /Sessions per week/ });
  await row.waitFor();
  const records = await callerOf(await as("physiotherapist"), RecordService);
  await change(records, 2);
  await row.getByRole("button", { name: "I have read it" }).waitFor();
  // The finger is on its way as the next change arrives.
  await row.evaluate((one) => {
    const watch = new MutationObserver(() => {
      if (!/2\sa\sweek/.test(one.querySelector(".meanwhile")?.textContent ?? "")) return;
      watch.disconnect();
      one.querySelector<HTMLButtonElement>(".meanwhile button")?.click();
    });
    watch.observe(one, { subtree: true, childList: true, characterData: true });
  });
  await change(records, 4);
  await expect(row.locator(".meanwhile")).toContainText("This changed as you clicked");
  await page.waitForTimeout(400);
  await row.getByRole("button", { name: "I have read it" }).click();
  await expect(row.locator(".meanwhile")).toHaveCount(0);
});
