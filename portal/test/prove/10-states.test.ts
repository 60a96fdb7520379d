// Every state of every screen, with axe and a picture for people (portal/test-results/states, never compared by pixels).
import { mkdirSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, open, test, tolerated } from "../e2e/portal";
import { PLAN, planOf, SCREENS } from "./screens";

const FOLDER = "test-results/states";
mkdirSync(FOLDER, { recursive: true });

const picture = (page: Page, screen: string, state: string) =>
  page.screenshot({ path: `${FOLDER}/${screen.replaceAll(" ", "-")}.${state}.png` });

async function axe(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const told = violations.map((one) => `${one.id}: ${one.nodes[0]?.html.slice(0, 160)}`);
  expect.soft(told, what).toEqual([]);
}

/** Answers are held back, refused, or never come: the page as it stands then. */
const CALLS =
  /\/osteon\.(worklist|review|alert|circle|record|timeline|summary|consent|seen|target|thread|audit|identity\.v1\.(Device|Enrolment|BreakGlass))/;

const hashOf = async (page: Page, hash: string) => (hash === PLAN ? await planOf(page) : hash);

for (const [screen, hash] of Object.entries(SCREENS)) {
  test(`${screen}: whole`, async ({ as }) => {
    const page = await as("nurse");
    await open(page, await hashOf(page, hash));
    await axe(page, `${screen} whole`);
    await picture(page, screen, "whole");
  });

  test(`${screen}: loading says what, and from three seconds on how long`, async ({ as }) => {
    const page = await as("nurse");
    const to = await hashOf(page, hash);
    tolerated.push("net::ERR_FAILED");
    await page.route(CALLS, async (route) => {
      await new Promise((done) => setTimeout(done, 9000));
      await route.abort().catch(() => undefined);
    });
    await page.goto("about:blank");
    await page.goBack();
    await page.evaluate((place) => (location.hash = place), to);
    await expect(page.locator("main .loading").first()).toBeVisible();
    await expect(page.locator("main .loading").first()).toContainText(/Still loading .*, \d+ s/, { timeout: 8000 });
    await axe(page, `${screen} loading`);
    await picture(page, screen, "loading");
    await page.unrouteAll({ behavior: "ignoreErrors" });
  });

  test(`${screen}: an error says what failed, keeps what stood there, and has one way on`, async ({ as }) => {
    const page = await as("nurse");
    const to = await hashOf(page, hash);
    await open(page, hash === "#/work" ? "#/alerts" : "#/work");
    tolerated.push("net::ERR_FAILED");
    await page.route(CALLS, (route) => route.abort());
    await page.evaluate((place) => (location.hash = place), to);
    await expect(page.locator("main .failed").first()).toContainText("Could not load", { timeout: 30_000 });
    await axe(page, `${screen} error`);
    await picture(page, screen, "error");
    await page.unroute(CALLS);
    for (let n = 0; n < 8; n += 1) {
      const again = page.locator("main").getByRole("button", { name: "Try again" });
      if ((await again.count()) === 0) break;
      await again.first().click();
      await page.waitForTimeout(600);
    }
    await expect(page.locator("main .failed", { hasText: "Could not load" })).toHaveCount(0);
  });

  test(`${screen}: forbidden and absent are identical`, async ({ as }) => {
    test.skip(!hash.includes("d000"), "no place of one patient");
    const page = await as("physiotherapist");
    const mine = await page.locator("main").textContent();
    const hidden = ["d0003", "d0004", "d0006"].find((one) => !mine?.includes(one.toUpperCase())) ?? "";
    const shown: string[] = [];
    for (const one of [hidden, "d9999"]) {
      await open(page, hash.replace(/d000\d/, one));
      shown.push(await page.locator("main").innerHTML());
    }
    expect(shown[0]).toBe(shown[1]);
    await axe(page, `${screen} absent`);
    await picture(page, screen, "absent");
  });

  test(`${screen}: not live, then locked`, async ({ as }) => {
    const page = await as("nurse");
    await page.clock.install();
    await page.reload();
    await open(page, await hashOf(page, hash));
    await expect(page.locator(".fresh")).toContainText(/Live|As it was read/);
    tolerated.push("ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED");
    await page.route("**/osteon.live.v1.LiveService/Watch", (route) => route.abort());
    await page.context().setOffline(true);
    await page.clock.fastForward(55_000);
    await expect(page.locator(".fresh")).toContainText("Not live for");
    await picture(page, screen, "not-live");
    await page.clock.fastForward(6 * 60_000);
    await expect(page.locator(".fresh-loud")).toBeVisible();
    await axe(page, `${screen} not live`);
    await page.context().setOffline(false);
    await page.clock.fastForward(40 * 60_000);
    await page.clock.runFor(6000);
    await expect(page.getByText("Everything was taken off this page")).toBeVisible();
    await axe(page, `${screen} locked`);
    await picture(page, screen, "locked");
  });
}

test("what is not shared is hatched, says so, and says nothing of what is recorded", async ({ as }) => {
  const page = await as("physiotherapist");
  await open(page, "#/patient/d0001");
  await expect(page.locator(".not-shared").first()).toContainText("This says nothing about what is recorded.");
  await picture(page, "patient", "not-shared");
  await open(page, "#/alerts");
  await picture(page, "alerts", "not-shared");
});

test("an empty list says what was looked for", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/work?q=nobody-of-this-name");
  await expect(page.locator("main .empty")).toContainText("nobody-of-this-name");
  await picture(page, "work list", "empty");
  await open(page, "#/patient/d0003?type=131");
  await picture(page, "patient", "empty");
});
