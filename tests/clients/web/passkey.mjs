// Headless Chromium with a virtual authenticator at the sign-in page: enrolment by an invite, grpc-web calls with the
// cookie, sign-out, sign-in, a second passkey; then what other pages try.
// Usage: node passkey.mjs ORIGIN CIRCLE CODE CHROMIUM

import { createServer } from "node:http";
import { authenticator, bundle, launch, ready, readyAt, signedIn, watched, whoAmI } from "./browser.mjs";

const [origin, circle, code, chromium] = process.argv.slice(2);
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
const say = (what, value) => console.log(`${what}: ${value}`);

const portal = await bundle();
const foreign = await new Promise((resolve) => {
  const http = createServer((_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end("<!doctype html><title>another site</title>");
  });
  http.listen(0, "127.0.0.1", () => resolve(http));
});
// Another origin, and the same site: the browser sends the cookie, SameSite or not.
const elsewhere = `http://localhost:${foreign.address().port}`;

const browser = await launch(chromium);
try {
  const { page, wrong } = await watched(browser, [origin]);
  const first = await authenticator(page);
  const me = async (proof) => {
    await page.evaluate(portal);
    return page.evaluate((with_proof) => osteon.me(with_proof), proof);
  };
  const session = async () => {
    const { cookies } = await first.client.send("Network.getCookies", { urls: [`${origin}/`] });
    return cookies.find((cookie) => cookie.name === "__Host-osteon");
  };
  /** Outside of the browser, with whatever headers. */
  const raw = async (path, headers, body = "{}") => {
    const answer = await fetch(`${origin}${path}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
    const value = await answer.json();
    return answer.ok ? value : `${answer.status} ${value.reason}`;
  };

  await page.goto(`${origin}/sign-in`);
  await ready(page);
  await page.type("#circle", circle);
  await page.type("#code", "0000-0000");
  await page.click("#enrol-passkey");
  await page.waitForFunction(() => document.getElementById("alert").textContent !== "");
  say("wrong code", await page.evaluate(() => document.getElementById("alert").textContent));
  await page.evaluate(() => { document.getElementById("code").value = ""; });
  await page.type("#code", code.toLowerCase());
  await page.click("#enrol-passkey");
  await signedIn(page);
  say("enrolled", await whoAmI(page));
  const { credentials } = await first.client.send("WebAuthn.getCredentials", { authenticatorId: first.authenticatorId });
  say("credentials", `${credentials.length} resident ${credentials[0].isResidentCredential} for ${credentials[0].rpId}`);
  const cookie = await session();
  say("cookie", `httpOnly ${cookie.httpOnly} secure ${cookie.secure} sameSite ${cookie.sameSite} session ${cookie.session}`);
  say("script sees", JSON.stringify(await page.evaluate(() => document.cookie + localStorage.length + sessionStorage.length)));
  say("grpc-web", await me(true));
  say("grpc-web without the header", await me(false));

  // A page of another origin, in the same browser.
  const other = await browser.newPage();
  await other.goto(`${elsewhere}/`);
  const tried = await other.evaluate(async (target) => {
    const options = { method: "POST", credentials: "include", body: "{}" };
    const outcomes = [];
    for (const more of [
      { mode: "no-cors", headers: { "content-type": "text/plain" } },
      { headers: { "content-type": "application/json", "x-osteon-portal": "1" } },
    ]) {
      outcomes.push(await fetch(`${target}/web/sign-out`, { ...options, ...more }).then((answer) => answer.type, () => "blocked"));
    }
    const form = Object.assign(document.createElement("form"), { method: "POST", action: `${target}/web/sign-out`, target: "_blank" });
    document.body.append(form);
    form.submit();
    return outcomes.join(" ");
  }, origin);
  say("another page tries", tried);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const held = { cookie: `__Host-osteon=${cookie.value}` };
  const proof = { "x-osteon-portal": "1", origin };
  say("foreign origin", await raw("/web/sign-out", { ...held, "x-osteon-portal": "1", origin: elsewhere }));
  say("same site", await raw("/web/sign-out", { ...held, ...proof, "sec-fetch-site": "same-site" }));
  say("no header", await raw("/web/sign-out", { ...held, origin }));
  say("still there", await me(true));

  // The passkey used by a page of another origin that may ask for it: the server sees where it was.
  await authenticator(other).then(({ client, authenticatorId }) =>
    client.send("WebAuthn.addCredential", { authenticatorId, credential: credentials[0] }));
  const asked = await raw("/web/sign-in/begin", proof);
  const signed = await other.evaluate(async (options) => {
    const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    const made = await navigator.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge) } });
    const { authenticatorData, clientDataJSON, signature, userHandle } = made.response;
    const response = { authenticatorData, clientDataJSON, signature, userHandle };
    for (const name of Object.keys(response)) response[name] = text(response[name]);
    return { id: made.id, rawId: text(made.rawId), type: made.type, response };
  }, asked.options.publicKey);
  say("phished", await raw("/web/sign-in/finish", proof, JSON.stringify({ handle: asked.handle, credential: signed })));
  say("late handle", await raw("/web/sign-in/finish", proof, JSON.stringify({ handle: asked.handle, credential: signed })));
  await other.close();

  await page.bringToFront();
  await page.click("#sign-out");
  await readyAt(page, "/sign-in");
  say("signed out", `${await me(true)}, cookie ${(await session()) === undefined ? "gone" : "there"}`);
  say("old cookie", await raw("/web/me", { ...held, ...proof }));
  await page.click("#sign-in");
  await signedIn(page);
  say("signed in", await whoAmI(page));

  // A second authenticator of the same person.
  await first.client.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: first.authenticatorId });
  const second = await authenticator(page);
  await page.click("#another");
  await page.waitForFunction(() => document.getElementById("status").textContent.includes("yours now"));
  await page.click("#sign-out");
  await readyAt(page, "/sign-in");
  await page.click("#sign-in");
  await signedIn(page);
  say("second passkey", await whoAmI(page));
  await second.client.send("WebAuthn.setUserVerified", { authenticatorId: second.authenticatorId, isUserVerified: false });
  await page.click("#sign-out");
  await readyAt(page, "/sign-in");
  await page.click("#sign-in");
  await page.waitForFunction(() => document.getElementById("alert").textContent !== "");
  say("nobody verified", await page.evaluate(() => `${location.pathname} ${document.getElementById("alert").textContent}`));
  say("wrong", JSON.stringify(wrong));
} finally {
  await browser.close();
  foreign.close();
}
