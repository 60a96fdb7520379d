// Live, and what is said when it is not: proxies that hold streams back, silence, a clock that is wrong, a newer server.
import { request as ask, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { linkFor } from "./clinic";
import { logPain } from "./pain";
import { BASE, expect, open, SERVER, test, tolerated } from "./portal";

const WATCH = "**/osteon.live.v1.LiveService/Watch";
const DAY = 24 * 3_600_000;

/** A proxy that hands an answer on when it is whole, and tells how the hints were asked for. */
async function holding(turns: boolean[]) {
  const target = new URL(BASE());
  const proxy = createServer((incoming, outgoing) => {
    const sent: Buffer[] = [];
    incoming.on("data", (part) => sent.push(part));
    incoming.on("end", () => {
      const headers = { ...incoming.headers, host: target.host };
      if (headers.origin) headers.origin = target.origin;
      if (incoming.url?.endsWith("LiveService/Watch")) turns.push(Buffer.concat(sent).includes(Buffer.from([0x10, 1])));
      const { method, url: path } = incoming;
      const passed = ask({ hostname: target.hostname, port: target.port, path, method, headers }, (answer) => {
        const got: Buffer[] = [];
        answer.on("data", (part) => got.push(part));
        answer.on("end", () => outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(Buffer.concat(got)));
        answer.on("error", () => outgoing.destroy());
      });
      passed.on("error", () => outgoing.destroy());
      outgoing.on("close", () => passed.destroy());
      passed.end(Buffer.concat(sent));
    });
  });
  await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
  return { base: `http://localhost:${(proxy.address() as AddressInfo).port}`, stop: () => proxy.closeAllConnections() };
}

test("behind a proxy that holds streams back it is live all the same, in turns", async ({ as, browser }) => {
  const turns: boolean[] = [];
  const { base, stop } = await holding(turns);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(linkFor("nurse"));
  await page.goto(`${base}/#/work`);
  await expect(page.locator(".fresh")).toContainText("Live", { timeout: 30_000 });
  await expect.poll(() => turns.filter(Boolean).length, { timeout: 30_000 }).toBeGreaterThan(0);
  await expect(page.locator(".new-items")).toContainText("No news");
  await logPain(await as("physician"), 3n);
  await expect(page.locator(".new-items")).toContainText("has news", { timeout: 20_000 });
  expect(turns[0], "a stream is tried first").toBe(false);
  await context.close();
  stop();
});

test("three heartbeats missed are said in words, louder after five minutes; live again without a press", async ({
  as,
}) => {
  const page = await as("nurse");
  tolerated.push("net::ERR_FAILED");
  await page.clock.install();
  await page.route(WATCH, (route) => route.abort());
  await page.reload();
  await expect(page.locator(".fresh")).toContainText("Connecting");
  await page.unroute(WATCH);
  await expect(page.locator(".fresh")).toContainText("Live", { timeout: 30_000 });
  await page.route(WATCH, (route) => route.abort());
  // The computer slept: the stream is dead and nobody said so.
  await page.context().setOffline(true);
  tolerated.push("ERR_INTERNET_DISCONNECTED");
  await page.clock.fastForward(50_000);
  await expect(page.locator(".fresh")).toContainText("Not live for");
  await page.clock.fastForward(5 * 60_000);
  await expect(page.locator(".fresh-loud")).toBeVisible();
  await page.context().setOffline(false);
  await page.unroute(WATCH);
  await page.clock.fastForward(31_000);
  await expect(page.locator(".fresh")).toContainText("Live, checked", { timeout: 30_000 });
});

test("a computer whose clock is a day wrong tells the same ages and stays signed in", async ({ as }) => {
  const right = await as("nurse");
  await open(right, "#/patient/d0003");
  const told = await right.getByRole("region", { name: "Who this is" }).textContent();
  for (const wrong of [-DAY, DAY]) {
    const page = await as("nurse");
    await page.clock.install({ time: Date.now() + wrong });
    await page.reload();
    await open(page, "#/patient/d0003");
    await page.clock.runFor(6000);
    await expect(page.getByRole("region", { name: "Who this is" })).toHaveText(told ?? "");
    await expect(page.getByRole("heading", { name: "Sign in to Osteon" })).toHaveCount(0);
  }
});

test("a server that is newer than the page asks to load it again, and no text is lost", async ({ as }) => {
  // The first tab holds the stream. Once it is gone the second connects, as every tab does after an upgrade.
  const first = await as("physician");
  await expect(first.locator(".fresh")).toContainText("Live");
  const page = await first.context().newPage();
  await open(page, "#/patient/d0003");
  await page.locator("caption", { hasText: "Bone drug plan" }).getByRole("link").click();
  const field = page.getByRole("row", { name: /Calcium not older than/ });
  await field.getByRole("button", { name: "Change" }).click();
  await field.getByLabel(/New:/).fill("12");
  await page.route("**/osteon.server.v1.ServerService/GetServerInfo", async (route) => {
    const answer = await route.fetch();
    const body = await answer.body();
    // Field 9, the version of the program: the same length, another version.
    const at = body.indexOf(Buffer.from([0x4a, 5]));
    expect(at).toBeGreaterThan(0);
    body[at + 2] = (body[at + 2] ?? 0) ^ 1;
    await route.fulfill({ response: answer, body });
  });
  await first.goto("about:blank");
  await expect(page.locator(".topbar .newer")).toContainText("Save 1 text", { timeout: 20_000 });
  await expect(field.getByLabel(/New:/)).toHaveValue("12");
  await field.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("button", { name: /Load the page again/ })).toBeVisible();
  await page.close();
  await first.goto(`${BASE()}/#/work`);
});

test("a session that ends in the middle of a text keeps it for the same person, and for nobody else", async ({
  as,
}) => {
  const page = await as("physician");
  const write = async () => {
    await open(page, "#/patient/d0003");
    await page.locator("caption", { hasText: "Bone drug plan" }).getByRole("link").click();
    const field = page.getByRole("row", { name: /Calcium not older than/ });
    await field.getByRole("button", { name: "Change" }).click();
    await field.getByLabel(/New:/).fill("17");
    return field;
  };
  const endElsewhere = async () => {
    const other = await page.context().newPage();
    await other.goto(`${BASE()}/#/work`);
    await other.getByRole("button", { name: "Sign out" }).click();
    await other.close();
  };
  const enterElsewhere = async (role: string) => {
    const other = await page.context().newPage();
    await other.goto(linkFor(role));
    await other.close();
    await page.bringToFront();
    await page.evaluate(() => dispatchEvent(new Event("focus")));
  };
  tolerated.push("401");
  const field = await write();
  const at = page.url();
  await endElsewhere();
  await expect(page.getByText("Your session has ended. Everything was taken off this page.")).toBeVisible();
  expect(await page.locator("body").textContent()).not.toMatch(/D0003|calcium|17/i);
  await expect(page.getByText("1 texts that were not saved wait")).toBeVisible();
  await enterElsewhere("physician");
  await expect(field.getByLabel(/New:/)).toHaveValue("17");
  expect(page.url()).toBe(at);
  await endElsewhere();
  await expect(page.getByText("Your session has ended")).toBeVisible();
  await enterElsewhere("nurse");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Who needs me today");
  await page.goto(at);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("D0003");
  await expect(page.locator("body")).not.toContainText("17 d");
  await expect(page.getByLabel(/New:/)).toHaveCount(0);
});

test("whoever is not there for half an hour is warned, then locked out, and any key extends", async ({ as }) => {
  const page = await as("nurse");
  // No heartbeat tells the true time while the page's clock runs ahead of it.
  tolerated.push("net::ERR_FAILED");
  await page.route(WATCH, (route) => route.abort());
  await page.clock.install();
  await page.reload();
  await open(page, "#/patient/d0003");
  await expect(page.getByRole("region", { name: "Who this is" })).toContainText("D0003");
  // Nor does any other answer.
  await page.route(/\/osteon\.\w+\.v1\./, (route) => route.abort());
  // What the server says of the time would put this page's clock right again.
  await page.context().setOffline(true);
  await page.clock.fastForward(28.5 * 60_000);
  await page.clock.runFor(6000);
  await expect(page.locator(".status-warned")).toContainText("You will be signed out in less than two minutes");
  await page.clock.fastForward(3 * 60_000);
  await page.clock.runFor(6000);
  await expect(page.getByText("Locked, because nobody was here")).toBeVisible();
  await page.context().setOffline(false);
  expect(await page.locator("body").textContent()).not.toMatch(/D0003|Journal|calcium/i);
  await page.goBack();
  expect(await page.locator("body").textContent()).not.toMatch(/D0003|Journal|calcium/i);
  await expect(page.getByRole("heading", { name: "Sign in to Osteon" })).toBeVisible();
});

test("after signing out the way back shows nothing", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/patient/d0003");
  await open(page, "#/alerts");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to Osteon" })).toBeVisible();
  for (let n = 0; n < 2; n += 1) {
    await page.goBack();
    await expect(page.getByRole("heading", { name: "Sign in to Osteon" })).toBeVisible();
    expect(await page.locator("body").textContent()).not.toMatch(/D000\d|Journal|calcium/i);
  }
  expect(SERVER()).not.toBe("");
});
