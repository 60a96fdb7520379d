// Text of people is text, whatever it holds; and what somebody may not see reaches nothing of their browser.
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Page } from "@playwright/test";
import { AccessAction, ConsentService } from "../../gen/osteon/consent/v1/consent_service_pb";
import { Category } from "../../gen/osteon/meta/v1/options_pb";
import { RecordService } from "../../gen/osteon/record/v1/record_service_pb";
import { RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";
import { callerOf } from "../e2e/caller";
import { expect, open, test } from "../e2e/portal";

const CIRCLE = 3n;

const SCRIPT = `<script>violations.push("ran")</script><img src=x onerror="violations.push('ran')"> \u202egnirts\u202c \u{1f9b4}\u{1f468}\u200d\u{1f469}\u200d\u{1f467} {{7*7}} \${7*7}`;
const MEGABYTE = `${SCRIPT} `.repeat(Math.ceil(1_000_000 / (SCRIPT.length + 1)));

/** As a paste does it: the whole text at once, past the limits that typing has. */
const paste = (page: Page, at: string, text: string) =>
  page.locator(at).evaluate((field, whole) => {
    const of = field as HTMLInputElement;
    of.focus();
    of.value = whole;
    of.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }, text);

const alive = async (page: Page) => {
  expect(await page.evaluate(() => window.violations)).toEqual([]);
  await expect(page.locator(".topbar")).toBeVisible();
};

test("a megabyte, scripts, emoji and turned letters in text fields are text or refused in words", async ({ as }) => {
  const page = await as("dietitian");
  await open(page, "#/work");
  await page.locator(".find input").pressSequentially("<b>\u202ex");
  await expect(page.locator(".found")).toContainText(/Nobody of this name|not|too long/i);
  await paste(page, ".find input", MEGABYTE);
  await expect(page.locator(".found")).not.toContainText("Looking");
  await alive(page);
  await page.keyboard.press("Escape");
  await open(page, `#/work?q=${encodeURIComponent(SCRIPT.slice(0, 50))}`);
  await expect(page.locator("main")).toContainText("<script>");
  await open(page, `#/work?q=${encodeURIComponent(SCRIPT)}`);
  await expect(page.locator("main")).toContainText("more than the server takes");
  await alive(page);
  await open(page, "#/patient/d0003");
  await page.locator("caption", { hasText: "Nutrition plan" }).getByRole("link").click();
  const row = page.getByRole("row", { name: /^Free text advice/ });
  await row.getByRole("button", { name: "Change" }).click();
  await row.getByLabel(/New:/).fill(SCRIPT);
  await expect(row.locator(".echo strong")).toHaveText(SCRIPT);
  expect(await row.locator(".echo strong").evaluate((one) => one.childElementCount)).toBe(0);
  await paste(page, "tr textarea >> nth=0", MEGABYTE);
  await expect(row.getByRole("alert")).toContainText("That is too long: at most");
  await expect(row.getByRole("button", { name: /^Save for D0003/ })).toBeDisabled();
  await alive(page);
});

test("addresses that are damaged lead to a sentence, never to an error", async ({ as }) => {
  const page = await as("nurse");
  const wrong = [
    "#/patient/%E0%A4%A",
    "#/patient/d0001/plan/not-an-id",
    "#/patient/d0001/plan/00000000-0000-0000-0000-000000000000",
    "#/patient/..%2f..%2fetc",
    `#/patient/${"x".repeat(5000)}`,
    "#/alerts?circle=99999999999999999999&alert=<script>",
    "#/reviews?circle=-1&field=%00",
    "#/nothing/at/all",
    "#/patient/d0003?window=__proto__&type=NaN&as=constructor",
  ];
  for (const hash of wrong) {
    await open(page, hash);
    await alive(page);
    const text = ((await page.locator("main").textContent()) ?? "").trim();
    expect(text, hash).not.toBe("");
    expect(text, hash).not.toMatch(/undefined|NaN|\[object|TypeError/);
  }
});

const NUTRITION = 221;
const canary = (of: string) => `zq${of}canary`;

/** A word of each of two categories, in fields of free text. */
async function plant(as: (role: string) => Promise<Page>): Promise<Map<Category, string>> {
  const lab = { effectiveStart: { at: timestampFromMs(Date.now()), zone: "UTC" }, analyte: "2601-3", value: 8100 };
  const value = { ...lab, unit: "mmol/L", method: canary("lab"), lab: canary("lab") };
  const physician = await callerOf(await as("physician"), RecordService);
  const body = create(RecordBodySchema, { body: { case: "laboratoryResult", value } } as never);
  await physician.createRecord({ circle: CIRCLE, body, labelChoice: 1, requestId: crypto.randomUUID() });
  const plans = [
    ["dietitian", NUTRITION, "nutritionPlan", "free_text_advice", { freeTextAdvice: canary("food") }],
  ] as const;
  for (const [role, type, name, path, of] of plans) {
    const records = await callerOf(await as(role), RecordService);
    const [plan] = (await records.listRecords({ circle: CIRCLE, type })).records;
    const view = plan?.fields.find((one) => one.name === path);
    await records.writeRecord({
      circle: CIRCLE,
      recordId: plan?.recordId ?? "",
      body: create(RecordBodySchema, { body: { case: name, value: of } } as never),
      updateMask: { paths: [path] },
      shown: view ? [{ field: view.field, shown: view.shown }] : [],
      requestId: crypto.randomUUID(),
    });
  }
  return new Map([
    [Category.C05_LABORATORY, canary("lab")],
    [Category.C07_NUTRITION, canary("food")],
  ]);
}

/** Everything that reached the browser of a page: answers, the document, the console, addresses, storage. */
async function everything(page: Page): Promise<string[]> {
  const heard: string[] = [];
  page.on("console", (message) => heard.push(message.text()));
  page.on("request", (request) => heard.push(request.url()));
  page.on("response", async (response) => {
    if (response.url().includes("LiveService")) return;
    heard.push((await response.body().catch(() => Buffer.alloc(0))).toString("latin1"));
  });
  const places = [
    "#/work",
    "#/patient/d0003",
    "#/patient/d0003?as=table",
    "#/patient/d0003/visit",
    "#/reviews",
    "#/alerts",
  ];
  for (const hash of places) {
    await open(page, hash);
    heard.push(await page.content(), page.url());
  }
  heard.push(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie));
  return heard;
}

test("a word of a category reaches the browser of whoever may read it, and of nobody else", async ({ as }) => {
  test.setTimeout(120_000);
  const planted = await plant(as);
  const pairs = { seen: 0, hidden: 0 };
  for (const role of ["physician", "physiotherapist", "dietitian", "nurse"]) {
    const page = await as(role);
    // Whoever is no member is told of no category.
    const access = await callerOf(page, ConsentService);
    const { categories } = await access.explainAccess({ circle: CIRCLE }).catch(() => ({ categories: [] }));
    const all = await everything(page);
    for (const [category, word] of planted) {
      const actions = categories.find((one) => one.category === category)?.actions ?? [];
      const may = actions.some((one) => one.action === AccessAction.READ && one.allowed);
      const found = all.some((one) => one.includes(word));
      pairs[may ? "seen" : "hidden"] += 1;
      expect.soft(found, `${role} and ${Category[category]}`).toBe(may);
    }
  }
  expect(pairs.hidden, "somebody may not see something").toBeGreaterThan(0);
  expect(pairs.seen).toBeGreaterThan(0);
});
