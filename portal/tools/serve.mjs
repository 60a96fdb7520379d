// For work on the portal: serves dist/ with the headers of the real server and passes everything else on to a running one,
// with its origin. Usage: node tools/serve.mjs PORT SERVER_URL   (then open http://localhost:PORT/)
import { createReadStream, existsSync, statSync } from "node:fs";
import { request as ask, createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const [port = "5180", server = "http://localhost:8080"] = process.argv.slice(2);
const dist = new URL("../dist/", import.meta.url).pathname;
const KINDS = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".woff2": "font/woff2",
};
const POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'",
  "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
].join("; ");

function own(url) {
  const path = normalize(decodeURIComponent(url.split("?")[0]));
  const file = join(dist, path === "/" ? "index.html" : path);
  return file.startsWith(dist) && existsSync(file) && statSync(file).isFile() ? file : undefined;
}

const target = new URL(server);
createServer((incoming, outgoing) => {
  const file = incoming.method === "GET" ? own(incoming.url) : undefined;
  if (file) {
    // As the real server: packed where the browser takes it, and what has a hash in its name stays.
    const packed = /\bbr\b/.test(incoming.headers["accept-encoding"] ?? "") && existsSync(`${file}.br`);
    outgoing.writeHead(200, {
      ...(packed ? { "content-encoding": "br" } : {}),
      "content-type": KINDS[extname(file)] ?? "application/octet-stream",
      "content-security-policy": POLICY,
      "cache-control": file.includes("/assets/") ? "public, max-age=31536000, immutable" : "no-store",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
    createReadStream(packed ? `${file}.br` : file).pipe(outgoing);
    return;
  }
  const headers = { ...incoming.headers, host: target.host };
  if (headers.origin) headers.origin = target.origin;
  const options = {
    hostname: target.hostname,
    port: target.port,
    path: incoming.url,
    method: incoming.method,
    headers,
  };
  const passed = ask(options, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers);
    answer.pipe(outgoing);
  });
  passed.on("error", () => outgoing.writeHead(502).end());
  outgoing.on("close", () => passed.destroy());
  incoming.pipe(passed);
}).listen(Number(port), "127.0.0.1");
