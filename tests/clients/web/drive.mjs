// Headless Chromium with connect-web against a running server.
// Usage: node drive.mjs SERVER_URL TOKEN CIRCLE RECORD_HEX PAGE_PORT CHROMIUM
// The page of http://localhost:PAGE_PORT is on the server's allow-list; that of another port is not.
// Prints "ready" when the stream has reached the head, "seen N" when the record has come, "refused" for the foreign origin.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import puppeteer from "puppeteer-core";

const [server, token, circle, record, pagePort, chromium] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..", "..");
const bundle = join(root, "target", "clients", "web", "page.js");

execFileSync(join(here, "..", "node_modules", ".bin", "buf"), ["generate", "--template", "tests/clients/web/buf.gen.yaml"], {
  cwd: root,
  stdio: "inherit",
});
await esbuild.build({
  entryPoints: [join(here, "page.ts")],
  outfile: bundle,
  bundle: true,
  format: "iife",
  nodePaths: [join(here, "..", "node_modules")],
  logLevel: "warning",
});

const script = readFileSync(bundle);
function serve(port) {
  const http = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html; charset=utf-8");
    response.end(isScript ? script : '<!doctype html><title>test</title><script src="/page.js"></script>');
  });
  return new Promise((resolve) => http.listen(port, "127.0.0.1", () => resolve(http)));
}
const own = await serve(Number(pagePort));
const foreign = await serve(0);

const browser = await puppeteer.launch({
  executablePath: chromium,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--ignore-certificate-errors"],
});
try {
  const page = await browser.newPage();
  await page.exposeFunction("report", (line) => console.log(line));
  await page.goto(`http://localhost:${pagePort}/`);
  console.log(`me ${await page.evaluate((...a) => osteon.me(...a), server, token)}`);
  console.log(await page.evaluate((...a) => osteon.watch(...a), server, token, circle, record));

  const other = await browser.newPage();
  await other.goto(`http://localhost:${foreign.address().port}/`);
  const outcome = await other.evaluate(
    (...a) => osteon.me(...a).then(() => "answered", () => "refused"),
    server,
    token,
  );
  console.log(outcome);
} finally {
  await browser.close();
  own.close();
  foreign.close();
}
