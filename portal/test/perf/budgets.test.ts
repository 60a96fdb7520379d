// The figures of section "Budgets" in Chromium as a slow hospital PC (CPU six times slower, 10 Mbit/s, 80 ms), each beside its
// budget. They are printed and never fail: a machine that is busy is no fault of the portal. Bytes fail in the build.
// Slowed is the page alone (its main thread and its network), not the server. Times are the page's own (watch.ts): until the frame
// with the thing in it was drawn. Warm: the files are in the cache, the session is alive, nothing else of the page runs.

import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { CDPSession, Page } from "@playwright/test";
import { RecordService } from "../../gen/osteon/record/v1/record_service_pb";
import { RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";
import { callerOf } from "../e2e/caller";
import { BASE, open, test } from "../e2e/portal";
import { goFirst, loopsTook } from "./first";
import { least, median, p95, print, tell, tellAll } from "./told";
import { type Noted, tripsIn, type Wanted, type Watch, watched } from "./watch";

const SLOW = Number(process.env.OSTEON_CPU ?? 6);
/** What the browser is told: where other work keeps it from slowing the page by as much, more (see the factor that is printed). */
const RATE = Number(process.env.OSTEON_RATE ?? SLOW);
const BITS = 10_000_000;
const LATENCY_MS = 80;
const ROUNDS = Number(process.env.OSTEON_ROUNDS ?? 7);
const SWITCHES = Number(process.env.OSTEON_SWITCHES ?? 500);
/** Longer than anything that a page does by itself after it was drawn. */
const QUIET_MS = 4000;

const FIRST_ROW: Wanted = { name: "first row", selector: "a.patient-link" };
const BANNER: Wanted = { name: "banner", selector: "section.banner", text: "D0003" };
const WHOLE: Wanted = { name: "whole", selector: ".patient table.plan", gone: "main .loading" };
const lane = 'section[aria-labelledby="timeline"] > div:not(.away, .head)';
const TABLE: Wanted = { name: "table", selector: `${lane} table` };
const CHART: Wanted = { name: "chart", selector: `${lane} svg.chart` };
const NEWS: Wanted = { name: "news", selector: ".patient > .new-items", text: "Nothing moves until you ask" };
const NO_NEWS: Wanted = { name: "no news", selector: ".patient > .new-items", text: "Nothing newer" };

/** A network that is far and narrow; the processor is another thing. */
async function far(client: CDPSession): Promise<void> {
  const rate = BITS / 8;
  const how = { offline: false, latency: LATENCY_MS, downloadThroughput: rate, uploadThroughput: rate };
  await client.send("Network.enable");
  await client.send("Network.emulateNetworkConditions", how);
}

/** How long a loop took at best that nobody slowed, and how many times as long it took in each page that was measured. */
let loop = Number.NaN;
const factors: number[] = [];
const measureSlowness = async (client: CDPSession) => factors.push(median(await loopsTook(client)) / loop);

async function slow(client: CDPSession): Promise<void> {
  await far(client);
  goFirst();
  loop = least(await loopsTook(client));
  await client.send("Emulation.setCPUThrottlingRate", { rate: RATE });
}

/** A page without anything in it, of the same server: the browser does not change its process for it. */
async function rest(page: Page): Promise<void> {
  const style = await page.evaluate(() => document.querySelector<HTMLLinkElement>("link[rel=stylesheet]")?.href);
  await page.goto(style ?? "about:blank");
}

/** The work list anew, from a page that has come to rest. */
async function load(page: Page, watch: Watch, cold = false): Promise<Noted> {
  await page.waitForTimeout(QUIET_MS);
  await rest(page);
  if (cold) await watch.client.send("Network.clearBrowserCache");
  goFirst();
  const told = watch.noted(FIRST_ROW.name);
  await page.goto(`${BASE()}/#/work`, { waitUntil: "commit" });
  const noted = await told;
  await measureSlowness(watch.client);
  return noted;
}

const toWork = (client: CDPSession) => client.send("Runtime.evaluate", { expression: "location.hash = '#/work'" });
const focus = (client: CDPSession) =>
  client.send("Runtime.evaluate", { expression: `document.querySelector('a.patient-link[href*="d0003"]').focus()` });

/** From the work list with the keyboard. */
async function toPatient(page: Page, watch: Watch): Promise<{ banner: Noted; whole: Noted }> {
  const list = await watch.want(FIRST_ROW);
  await toWork(watch.client);
  await list.told;
  await page.waitForTimeout(QUIET_MS);
  goFirst();
  await focus(watch.client);
  const [banner, whole] = [await watch.want(BANNER), await watch.want(WHOLE)];
  await page.keyboard.press("Enter");
  const noted = { banner: await banner.told, whole: await whole.told };
  await measureSlowness(watch.client);
  return noted;
}

const sinceKey = (all: readonly Noted[]) => all.map((one) => one.drawn - one.key);
const tripsSinceKey = (all: readonly Noted[]) => all.map((one) => tripsIn(one.answers, one.key));

test.afterAll(() => {
  const measured = `a loop of ${loop.toFixed(1)} ms took ${median(factors).toFixed(1)} times as long`;
  const how = `CPU ${SLOW} times slower (${measured}), ${BITS / 1e6} Mbit/s, ${LATENCY_MS} ms`;
  print(`Chromium, ${how}; medians of ${ROUNDS}; load of one minute`);
});

test("cold and warm work list, a patient, a key", async ({ as }) => {
  test.setTimeout(600_000);
  const page = await as("nurse");
  const watch = await watched(page, FIRST_ROW);
  await slow(watch.client);
  const [cold, warm]: [Noted[], Noted[]] = [[], []];
  for (let n = 0; n < ROUNDS; n += 1) {
    cold.push(await load(page, watch, true));
    warm.push(await load(page, watch));
  }
  const drawn = (all: readonly Noted[]) => all.map((one) => one.drawn);
  const trips = (all: readonly Noted[]) => all.map((one) => tripsIn(one.answers));
  tellAll("work list usable, cold", drawn(cold), 2000, trips(cold));
  tellAll("work list usable, warm", drawn(warm), 800, trips(warm));
  const visits: { banner: Noted; whole: Noted }[] = [];
  for (let n = 0; n < ROUNDS; n += 1) visits.push(await toPatient(page, watch));
  const [banners, wholes] = [visits.map((one) => one.banner), visits.map((one) => one.whole)];
  tellAll("key to patient banner, with the server", sinceKey(banners), 500, tripsSinceKey(banners));
  tellAll("whole patient page", sinceKey(wholes), 1200, tripsSinceKey(wholes));
  await page.waitForTimeout(QUIET_MS);
  await page.evaluate(() => {
    const of = window as unknown as { paints: number[] };
    of.paints = [];
    addEventListener("keydown", (event) => {
      requestAnimationFrame(() => setTimeout(() => of.paints.push(performance.now() - event.timeStamp), 0));
    });
  });
  const shown: Noted[] = [];
  for (let n = 0; n < 20; n += 1) {
    const { told } = await watch.want(n % 2 === 0 ? TABLE : CHART);
    await page.keyboard.press("t");
    shown.push(await told);
    await page.waitForTimeout(400);
  }
  const paints = await page.evaluate(() => (window as unknown as { paints: number[] }).paints);
  tell("key to paint, p95 of 20", p95(paints), 100, "ms", `best ${least(paints).toFixed(0)}`);
  tellAll("key to the table or the chart on the screen", sinceKey(shown), undefined);
});

// What the page itself takes, whatever else the machine does: the time of its main thread, of a computer that is not slowed, and how
// many ways there and back it waits for. Reckoned: the two together as a slow computer has them, one after the other.
test("the main thread's own time", async ({ as }) => {
  test.setTimeout(300_000);
  const page = await as("nurse");
  const watch = await watched(page, FIRST_ROW);
  const { client } = watch;
  await far(client);
  await client.send("Performance.enable", { timeDomain: "threadTicks" });
  const spent = async () => {
    const { metrics } = await client.send("Performance.getMetrics");
    return (metrics.find((one) => one.name === "TaskDuration")?.value ?? Number.NaN) * 1000;
  };
  const parts = { list: [] as number[], banner: [] as number[], whole: [] as number[], table: [] as number[] };
  const trips = { list: 0, banner: 0, whole: 0 };
  await load(page, watch);
  for (let n = 0; n < ROUNDS; n += 1) {
    await page.waitForTimeout(QUIET_MS / 2);
    await rest(page);
    goFirst();
    const list = watch.noted(FIRST_ROW.name);
    let before = await spent();
    await page.goto(`${BASE()}/#/work`, { waitUntil: "commit" });
    trips.list = tripsIn((await list).answers);
    parts.list.push((await spent()) - before);
    await page.waitForTimeout(QUIET_MS / 2);
    await focus(client);
    const [banner, whole] = [await watch.want(BANNER), await watch.want(WHOLE)];
    before = await spent();
    await page.keyboard.press("Enter");
    const identified = await banner.told;
    trips.banner = tripsIn(identified.answers, identified.key);
    parts.banner.push((await spent()) - before);
    const all = await whole.told;
    trips.whole = tripsIn(all.answers, all.key);
    parts.whole.push((await spent()) - before);
    for (let twice = 0; twice < 2; twice += 1) {
      await page.waitForTimeout(300);
      await page.keyboard.press("t");
    }
    await page.waitForTimeout(300);
    before = await spent();
    for (let ten = 0; ten < 10; ten += 1) {
      await page.keyboard.press("t");
      await page.waitForTimeout(100);
    }
    parts.table.push(((await spent()) - before) / 10);
  }
  const reckoned = (part: "list" | "banner" | "whole") =>
    `${trips[part]} trips, reckoned ${(least(parts[part]) * SLOW + trips[part] * LATENCY_MS).toFixed(0)}`;
  tell("main thread: work list, warm", least(parts.list), 800 / SLOW, "ms", reckoned("list"));
  tell("main thread: patient banner", least(parts.banner), 500 / SLOW, "ms", reckoned("banner"));
  tell("main thread: whole patient page", least(parts.whole), 1200 / SLOW, "ms", reckoned("whole"));
  tell("main thread: chart to table", least(parts.table), 100 / SLOW, "ms");
});

test("bytes of the two large answers, a live change, the layout", async ({ as }) => {
  test.setTimeout(300_000);
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
  const watch = await watched(page, FIRST_ROW);
  await slow(watch.client);
  await open(page, "#/work");
  await page.reload();
  await open(page, "#/patient/d0003");
  await page.evaluate(() => {
    const of = window as unknown as { shift: number };
    of.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) of.shift += entry.value;
    }).observe({ type: "layout-shift" });
  });
  const records = await callerOf(await as("physician"), RecordService);
  const all: number[] = [];
  for (let n = 0; n < ROUNDS; n += 1) {
    const clean = await watch.want(NO_NEWS);
    await page.keyboard.press(".");
    await clean.told;
    await page.waitForTimeout(QUIET_MS);
    goFirst();
    const { told } = await watch.want(NEWS);
    const pain = { effectiveStart: { at: timestampFromMs(Date.now()), zone: "UTC" }, worst24h: 3 };
    const body = create(RecordBodySchema, { body: { case: "painEntry", value: pain } } as never);
    await records.createRecord({ circle: 3n, body, requestId: crypto.randomUUID() });
    const committed = performance.timeOrigin + performance.now();
    const seen = await told;
    all.push(seen.origin + seen.drawn - committed);
  }
  tellAll("a live change on the screen after its commit", all, 1000);
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
    await page.getByRole("region", { name: "Who this is" }).filter({ hasText: name.toUpperCase() }).waitFor();
  };
  for (let n = 0; n < 10; n += 1) await visit(n);
  const before = await heap();
  for (let n = 0; n < SWITCHES; n += 1) await visit(n);
  tell(`growth of the heap over ${SWITCHES} switches`, ((await heap()) - before) / 1e6, 20, "MB");
});
