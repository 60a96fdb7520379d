// A page of somebody of the demo in a circle of their own, where the role is not one of the first circle.
import { execFileSync } from "node:child_process";
import type { Browser, Page } from "@playwright/test";
import { inviteFor } from "./clinic";
import { BASE, SERVER } from "./portal";

export async function enter(browser: Browser, role: string, circle: string): Promise<Page> {
  const words = ["token", "--as", role, "--link", "--circle", circle, "--data-dir", process.env.E2E_DATA ?? ""];
  const said = execFileSync(process.env.E2E_BINARY ?? "", words, { encoding: "utf8" });
  const page = await (await browser.newContext()).newPage();
  await page.goto(/https?:\S+/.exec(said)?.[0] ?? "");
  await page.goto(`${BASE()}/#/work`);
  await page.locator("h1").waitFor();
  return page;
}

/** A browser of its own, in which somebody types the code of an invite and makes a passkey. */
export async function typesCode(browser: Browser, circle: string, code: string): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  await client.send("WebAuthn.enable");
  await client.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(`${SERVER()}/sign-in`);
  await page.locator('body[data-ready="true"]').waitFor();
  await page.fill("#circle", circle);
  await page.fill("#code", code);
  await page.click("#enrol-passkey");
  return page;
}

/** Somebody new in the first circle, who has made a passkey with the code of an invite; where the sign-in left them. */
export async function withPasskey(browser: Browser, role: string): Promise<Page> {
  const page = await typesCode(browser, "d0001", inviteFor(role));
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  return page;
}
