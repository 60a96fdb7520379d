// The figures of section "Budgets" in Chromium as a slow hospital PC (CPU six times slower, 10 Mbit/s, 80 ms), each beside its
// budget. They are printed and never fail: a machine that is busy is no fault of the portal. Bytes fail in the build.

import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { CDPSession, Page } from "@playwright/test";
import { RecordService } from "../../gen/osteon/record/v1/record_service_pb";
import { RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";
import { callerOf } from "../e2e/caller";
import { BASE, expect, open, test } from "../e2e/portal";

const SLOW = Number(process.env.OSTEON_CPU ?? 6);
const BITS = 10_000_000;
const LATENCY_MS = 80;
const SWITCHES = Number(process.env.OSTEON_SWITCHES ?? 500);

const told: string[] = [];
function tell(what: string, figure: number, budget: number, unit: string): void {
  const over = figure > budget ? "  OVER" : "";
  told.push(
    `${what.padEnd(52)} ${figure.toFixed(unit === "ms" ? 0 : 2).padStart(9)} ${unit.padEnd(3)} budget ${Number(budget.toFixed(0))} ${unit}${over}`,
  );
}

async function slow(page: Page): Promise<CDPSession> {
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  await client.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: LATENCY_MS,
    downloadThroughput: BITS / 8,
    uploadThroughput: BITS / 8,
  });
  await client.send("Emulation.setCPUThrottlingRate", { rate: SLOW });
  return client;
}

const until = async (work: () => Promise<unknown>) => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};
const first = (page: Page) => page.locator("a.patient-link").first().waitFor();
const banner = (page: Page, name: string) =>
  page.getByRole("region", { name: "Who this is" }).filter({ hasText: name }).waitFor();

const median = (all: number[]) => all.sort((a, b) => a - b)[Math.trunc(all.length / 2)] ?? Number.NaN;
const p95 = (all: number[]) => all.sort((a, b) => a - b)[Math.ceil(all.length * 0.95) - 1] ?? Number.NaN;

test.afterAll(() => {
  const about = `Chromium, CPU ${SLOW} times slower, ${BITS / 1e6} Mbit/s, ${LATENCY_MS} ms; medians`;
  console.log(`\n${about}\n${told.map((line) => `  ${line}`).join("\n")}\n`);
});

test("cold and warm work list, a patient, a key", async ({ as }) => {
  test.setTimeout(300_000);
  const page = await as("nurse");
  const client = await slow(page);
  const [cold, warm]: [number[], number[]] = [[], []];
  for (let n = 0; n < 5; n += 1) {
    await client.send("Network.clearBrowserCache");
    await page.goto("about:blank");
    cold.push(await until(() => page.goto(`${BASE()}/#/work`).then(() => first(page))));
    await page.goto("about:blank");
    warm.push(await until(() => page.goto(`${BASE()}/#/work`).then(() => first(page))));
  }
  tell("work list usable, cold", median(cold), 2000, "ms");
  tell("work list usable, warm", median(warm), 800, "ms");
  const [key, whole]: [number[], number[]] = [[], []];
  for (let n = 0; n < 5; n += 1) {
    await open(page, "#/work");
    await page.locator("a.patient-link", { hasText: "D0003" }).or(page.locator('a[href*="d0003"]')).first().focus();
    const start = performance.now();
    await page.keyboard.press("Enter");
    await banner(page, "D0003");
    key.push(performance.now() - start);
    await expect(page.locator("main .loading")).toHaveCount(0, { timeout: 20_000 });
    whole.push(performance.now() - start);
  }
  tell("key to patient banner, with the server", median(key), 500, "ms");
  tell("whole patient page", median(whole), 1200, "ms");
  await open(page, "#/patient/d0003");
  await page.evaluate(() => {
    const of = window as unknown as { paints: number[] };
    of.paints = [];
    addEventListener("keydown", (event) => {
      requestAnimationFrame(() => setTimeout(() => of.paints.push(performance.now() - event.timeStamp), 0));
    });
  });
  for (let n = 0; n < 20; n += 1) {
    await page.keyboard.press("t");
    await page.waitForTimeout(150);
  }
  tell(
    "key to paint, p95 of 20",
    p95(await page.evaluate(() => (window as unknown as { paints: number[] }).paints)),
    100,
    "ms",
  );
});

// What the page itself takes, whatever else the machine does: the time of its main thread, of a computer that is not slowed.
test("the main thread's own time", async ({ as }) => {
  test.setTimeout(180_000);
  const page = await as("nurse");
  const client = await page.context().newCDPSession(page);
  await client.send("Performance.enable", { timeDomain: "threadTicks" });
  const spent = async () => {
    const { metrics } = await client.send("Performance.getMetrics");
    return (metrics.find((one) => one.name === "TaskDuration")?.value ?? Number.NaN) * 1000;
  };
  const parts = { list: [] as number[], banner: [] as number[], whole: [] as number[], table: [] as number[] };
  for (let n = 0; n < 6; n += 1) {
    await page.goto("about:blank");
    let before = await spent();
    await page.goto(`${BASE()}/#/work`).then(() => first(page));
    parts.list.push((await spent()) - before);
    await page.waitForTimeout(1500);
    await page.locator('a[href*="d0003"]').first().focus();
    before = await spent();
    await page.keyboard.press("Enter");
    await banner(page, "D0003");
    parts.banner.push((await spent()) - before);
    await expect(page.locator("main .loading")).toHaveCount(0, { timeout: 20_000 });
    parts.whole.push((await spent()) - before);
    for (let twice = 0; twice < 2; twice += 1) {
      await page.waitForTimeout(300);
      await page.keyboard.press("t");
    }
    await page.waitForTimeout(300);
    before = await spent();
    for (let ten = 0; ten < 10; ten += 1) {
      await page.keyboard.press("t");
      await page.waitForTimeout(60);
    }
    parts.table.push(((await spent()) - before) / 10);
  }
  const least = (all: number[]) => Math.min(...all);
  tell("main thread: work list, warm", least(parts.list), 800 / SLOW, "ms");
  tell("main thread: patient banner", least(parts.banner), 500 / SLOW, "ms");
  tell("main thread: whole patient page", least(parts.whole), 1200 / SLOW, "ms");
  tell("main thread: chart to table", least(parts.table), 100 / SLOW, "ms");
});

test("bytes of the two large answers, a live change, the layout", async ({ as }) => {
  test.setTimeout(120_000);
  const page = await as("nurse");
  const bytes = new Map<string, number>();
  page.on("requestfinished", async (request) => {
    const name = /(GetCircleView|GetSeries)$/.exec(request.url())?.[1];
    const answer = name === undefined ? undefined : await request.response();
    const size = (await answer?.body().catch(() => undefined))?.length;
    if (name !== undefined && size !== undefined) bytes.set(name, Math.max(size, bytes.get(name) ?? 0));
  });
  await open(page, "#/patient/d0003");
  await page.waitForTimeout(500);
  tell("GetCircleView of one patient", (bytes.get("GetCircleView") ?? Number.NaN) / 1000, 60, "kB");
  tell("twelve weeks of series", (bytes.get("GetSeries") ?? Number.NaN) / 1000, 80, "kB");
  await slow(page);
  await page.evaluate(() => {
    const of = window as unknown as { shift: number };
    of.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) of.shift += entry.value;
    }).observe({ type: "layout-shift" });
  });
  const records = await callerOf(await as("physician"), RecordService);
  const news = page.locator(".patient > .new-items");
  const all: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    await page.keyboard.press(".");
    await expect(news).toContainText("Nothing newer");
    const pain = { effectiveStart: { at: timestampFromMs(Date.now()), zone: "UTC" }, worst24h: 3 };
    const body = create(RecordBodySchema, { body: { case: "painEntry", value: pain } } as never);
    await records.createRecord({ circle: 3n, body, requestId: crypto.randomUUID() });
    all.push(await until(() => expect(news).toContainText("Nothing moves until you ask", { timeout: 20_000 })));
  }
  tell("a live change on the screen after its commit", median(all), 1000, "ms");
  tell("layout shift meanwhile", await page.evaluate(() => (window as unknown as { shift: number }).shift), 0, "");
});

test("the heap over many patients", async ({ as }) => {
  test.setTimeout(900_000);
  const page = await as("nurse");
  const client = await page.context().newCDPSession(page);
  const heap = async () => {
    await client.send("HeapProfiler.collectGarbage");
    return (await client.send("Runtime.getHeapUsage")).usedSize;
  };
  const visit = async (n: number) => {
    const name = `d000${1 + (n % 5)}`;
    await page.evaluate((to) => (location.hash = `#/patient/${to}`), name);
    await banner(page, name.toUpperCase());
  };
  for (let n = 0; n < 10; n += 1) await visit(n);
  const before = await heap();
  for (let n = 0; n < SWITCHES; n += 1) await visit(n);
  tell(`growth of the heap over ${SWITCHES} switches`, ((await heap()) - before) / 1e6, 20, "MB");
});
