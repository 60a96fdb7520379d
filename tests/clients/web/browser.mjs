// What the drivers of the sign-in page share: headless Chromium, its page with everything watched that must not happen,
// a virtual authenticator, and the connect-web bundle.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import puppeteer from "puppeteer-core";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..", "..");

export const launch = (chromium) =>
  puppeteer.launch({
    executablePath: chromium,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--ignore-certificate-errors"],
  });

/** A page whose violations of the policy, errors and requests to other hosts are kept. */
export async function watched(browser, allowed) {
  const page = await browser.newPage();
  const wrong = [];
  await page.exposeFunction("violated", (what) => wrong.push(`policy ${what}`));
  await page.evaluateOnNewDocument(() => {
    document.addEventListener("securitypolicyviolation", (event) => violated(`${event.violatedDirective} ${event.blockedURI}`));
  });
  page.on("pageerror", (error) => wrong.push(`error ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && !allowed.includes(url.origin)) wrong.push(`request ${url.origin}`);
  });
  return { page, wrong };
}

/** A key that is built in, with a person who is always there. */
export async function authenticator(page) {
  const client = await page.createCDPSession();
  await client.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  const { authenticatorId } = await client.send("WebAuthn.addVirtualAuthenticator", { options });
  return { client, authenticatorId };
}

/** Waits until the page has said what it can do. */
export const ready = (page) => page.waitForSelector('body[data-ready="true"]', { timeout: 20_000 });

export async function readyAt(page, path) {
  await page.waitForFunction((wanted) => location.pathname === wanted && document.body?.dataset.ready === "true", { timeout: 20_000 }, path);
}

/** Signed in: the portal where the binary has it, else the page that says who one is; then that page. */
export async function signedIn(page) {
  const arrived = () => location.pathname === "/" || (location.pathname === "/me" && document.body?.dataset.ready === "true");
  await page.waitForFunction(arrived, { timeout: 20_000 });
  if (new URL(page.url()).pathname === "/") await page.goto(new URL("/me", page.url()).href);
  await readyAt(page, "/me");
}

/** What stands on the page after sign-in. */
export const whoAmI = (page) =>
  page.evaluate(() => `${document.getElementById("account").textContent}; ${document.getElementById("circles").textContent.trim()}`);

/** The bundle of portal.ts as text. */
export async function bundle() {
  execFileSync(join(here, "..", "node_modules", ".bin", "buf"), ["generate", "--template", "tests/clients/web/buf.gen.yaml"], {
    cwd: root,
    stdio: "inherit",
  });
  const outfile = join(root, "target", "clients", "web", "portal.js");
  await esbuild.build({
    entryPoints: [join(here, "portal.ts")],
    outfile,
    bundle: true,
    format: "iife",
    nodePaths: [join(here, "..", "node_modules")],
    logLevel: "warning",
  });
  return readFileSync(outfile, "utf8");
}
