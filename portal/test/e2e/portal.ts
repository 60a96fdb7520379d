// What every test has: a page of somebody who is signed in, watched for what must never happen.
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { linkFor } from "./clinic";

export const BASE = () => process.env.E2E_BASE ?? "";
export const SERVER = () => process.env.E2E_SERVER ?? "";

declare global {
  interface Window {
    violations: string[];
    /** How often the browser was told to print. */
    printed: number;
  }
}

interface Fixtures {
  /** A page of its own for a role, at the work list. */
  as: (role: string) => Promise<Page>;
}

async function watch(context: BrowserContext, wrong: string[]): Promise<void> {
  await context.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => {
      window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  const allowed = new Set([BASE(), SERVER()]);
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && !allowed.has(url.origin)) wrong.push(`request to ${url.origin}`);
  });
  context.on("weberror", (error) => wrong.push(`error ${error.error().message}`));
  context.on("console", (message) => {
    // A page of the server's own, before the portal, has no icon.
    const icon = message.location().url.endsWith("/favicon.ico");
    const cut = tolerated.some((text) => message.text().includes(text));
    if (message.type() === "error" && !icon && !cut) wrong.push(`console ${message.text()}`);
  });
}

export const test = base.extend<Fixtures>({
  as: async ({ browser }, use) => {
    const wrong: string[] = [];
    const pages: Page[] = [];
    await use(async (role) => {
      const context = await browser.newContext();
      await watch(context, wrong);
      const page = await context.newPage();
      pages.push(page);
      await page.goto(linkFor(role));
      await page.goto(`${BASE()}/#/work`);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Who needs me today");
      return page;
    });
    for (const page of pages) {
      expect(await page.evaluate(() => window.violations)).toEqual([]);
      const kept = await page.evaluate(() => document.cookie + localStorage.length + sessionStorage.length);
      expect(kept, "nothing in a storage that a script reads").toBe("00");
      await page.context().close();
    }
    expect(wrong).toEqual([]);
  },
});

export { expect };

/** Opens a place and waits until everything on it was read: nothing loads, and nothing does a moment later. */
export async function open(page: Page, hash: string): Promise<void> {
  await page.goto(`${BASE()}/${hash}`);
  for (let quiet = 0; quiet < 3; quiet += 1) {
    await page.waitForTimeout(150);
    await expect(page.locator(".loading")).toHaveCount(0);
  }
}

/** Presses Ctrl+P and waits until the portal lets the page out, which it does once that is noted. Nothing is printed by it. */
export async function print(page: Page): Promise<void> {
  await watchPrint(page);
  await page.keyboard.press("Control+p");
  await expect.poll(() => printed(page)).toBe(1);
}

export const watchPrint = (page: Page) =>
  page.evaluate(() => {
    window.printed = 0;
    window.print = () => {
      window.printed += 1;
    };
  });

export const printed = (page: Page) => page.evaluate(() => window.printed);

/** Messages of the browser about calls that a test itself cuts off. */
export const tolerated: string[] = [];
