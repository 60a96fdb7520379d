// A real OpenID provider (npm oidc-provider, certified) and headless Chromium: a hospital account is linked by an invite,
// signs in again without one, and is nobody without having been linked.
// Usage: node hospital.mjs ORIGIN CIRCLE CODE PROVIDER_PORT CHROMIUM

import Provider from "oidc-provider";
import { launch, ready, readyAt, signedIn, watched, whoAmI } from "./browser.mjs";

const [origin, circle, code, port, chromium] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
const say = (what, value) => console.log(`${what}: ${value}`);

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "osteon",
      client_secret: "a secret of the tests alone",
      redirect_uris: [`${origin}/web/hospital/back`],
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  pkce: { required: () => true },
});
const http = await new Promise((resolve) => {
  const server = provider.listen(Number(port), "127.0.0.1", () => resolve(server));
});

const browser = await launch(chromium);
try {
  const { page, wrong } = await watched(browser, [origin, issuer]);
  // The provider's own development pages ask for a font elsewhere; nobody answers here.
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    const url = new URL(request.url());
    return [origin, issuer].includes(url.origin) || url.protocol === "data:" ? request.continue() : request.abort();
  });
  const start = async () => {
    await page.goto(`${origin}/sign-in`);
    await ready(page);
  };
  /** At the provider: a name, any password, then consent, where it asks. */
  const person = async (name) => {
    await page.waitForFunction((issuer) => location.origin === issuer, { timeout: 20_000 }, issuer);
    await page.waitForSelector("form");
    if (await page.$("input[name=login]")) {
      await page.type("input[name=login]", name);
      await page.type("input[name=password]", "any");
      await Promise.all([page.waitForNavigation({ waitUntil: "domcontentloaded" }), page.click("button[type=submit]")]);
    }
    if (new URL(page.url()).origin === issuer) {
      await Promise.all([page.waitForNavigation({ waitUntil: "domcontentloaded" }), page.click("button[type=submit]")]);
    }
  };
  const forget = async () => {
    await page.click("#sign-out");
    await readyAt(page, "/sign-in");
  };

  await start();
  say("button", await page.evaluate(() => document.getElementById("hospital-sign-in").textContent.trim()));
  await page.click("#hospital-sign-in");
  await person("anna");
  await page.waitForSelector("h1");
  say("not linked", await page.evaluate(() => `${location.pathname} ${document.querySelector("main p").textContent}`));
  await start();
  await page.type("#circle", circle);
  await page.type("#code", code);
  await page.click("#enrol-hospital");
  await signedIn(page);
  say("linked", await whoAmI(page));
  await forget();
  await page.click("#hospital-sign-in");
  await signedIn(page);
  say("signed in", await whoAmI(page));
  // The way back, taken a second time.
  const { url } = await page.evaluate(async () => {
    const headers = { "content-type": "application/json", "x-osteon-portal": "1" };
    return (await fetch("/web/hospital/begin", { method: "POST", headers, body: "{}" })).json();
  });
  const ways = [];
  page.on("response", (response) => {
    if (new URL(response.url()).pathname === "/web/hospital/back") ways.push(response.url());
  });
  await page.goto(url, { waitUntil: "domcontentloaded" });
  await signedIn(page);
  await page.goto(ways[0], { waitUntil: "domcontentloaded" });
  say("replayed", await page.evaluate(() => document.querySelector("main p").textContent));
  const state = new URL(url);
  say("asked with", ["response_type", "code_challenge_method", "scope"].map((name) => state.searchParams.get(name)).join(" "));
  say("wrong", JSON.stringify(wrong.filter((what) => !what.startsWith("request https://fonts"))));
} finally {
  await browser.close();
  http.close();
}
