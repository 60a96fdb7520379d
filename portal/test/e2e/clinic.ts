// One demo clinic for all tests: the real binary on an empty folder. Its story stands still, so that nothing changes but by the
// tests. Where the binary was built without this portal, dist/ is served in front of it with the same headers.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const portal = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const START_MS = 180_000;
const STANDS_STILL_S = "86400";

const freePort = () =>
  new Promise<number>((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const at = probe.address();
      probe.close(() => done(typeof at === "object" && at ? at.port : 0));
    });
  });

async function until(what: string, ready: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + START_MS;
  while (Date.now() < end) {
    if (await ready().catch(() => false)) return;
    await new Promise((next) => setTimeout(next, 250));
  }
  throw new Error(`not in time: ${what}`);
}

/** The script that an index.html names: the same build has the same name. */
const scriptOf = (html: string) => /assets\/index-[\w-]+\.js/.exec(html)?.[0];

const ended = (process: ChildProcess) =>
  process.exitCode === null && process.signalCode === null
    ? new Promise((done) => process.once("exit", done))
    : undefined;

export default async function start(): Promise<() => Promise<void>> {
  const binary = resolve(portal, "..", process.env.OSTEON_BIN ?? "target/debug/osteon");
  const data = mkdtempSync(join(tmpdir(), "osteon-portal-"));
  const [tls, http, metrics, front] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const running: ChildProcess[] = [];
  const options = [
    ["--data-dir", data],
    ["--listen", `127.0.0.1:${tls}`],
    ["--http-listen", `127.0.0.1:${http}`],
    ["--metrics-listen", `127.0.0.1:${metrics}`],
    ["--rate-limits", "off"],
    ["--pace", STANDS_STILL_S],
  ].flat();
  const said: string[] = [];
  const demo = spawn(binary, ["demo", ...options], { stdio: ["ignore", "pipe", "pipe"] });
  demo.stdout?.on("data", (text) => said.push(String(text)));
  demo.stderr?.on("data", (text) => said.push(String(text)));
  running.push(demo);
  const stop = async () => {
    for (const process of running) process.kill("SIGTERM");
    await Promise.all(running.map(ended));
    rmSync(data, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  try {
    const server = `http://localhost:${http}`;
    await until(`the demo clinic:\n${said.join("")}`, async () => said.join("").includes("Sign in with a browser, as"));
    const own = scriptOf(readFileSync(join(portal, "dist", "index.html"), "utf8"));
    const there = scriptOf(await (await fetch(`${server}/`)).text()) === own;
    let base = server;
    if (!there) {
      console.log("The binary was built without this portal: dist/ is served in front of it.");
      running.push(
        spawn(process.execPath, [join(portal, "tools", "serve.mjs"), String(front), server], { stdio: "inherit" }),
      );
      base = `http://localhost:${front}`;
      await until("the front", async () => (await fetch(`${base}/`)).ok);
    }
    Object.assign(process.env, {
      E2E_BASE: base,
      E2E_SERVER: server,
      E2E_DATA: data,
      E2E_BINARY: binary,
      E2E_TLS: `https://localhost:${tls}`,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

const tool = (...words: string[]) =>
  execFileSync(process.env.E2E_BINARY ?? "", [...words, "--data-dir", process.env.E2E_DATA ?? ""], {
    encoding: "utf8",
  });

/** A one-time link of the demo for a role. */
export const linkFor = (role: string): string => /https?:\S+/.exec(tool("token", "--as", role, "--link"))?.[0] ?? "";

export const inviteFor = (role: string): string =>
  (JSON.parse(tool("invite", "--circle", "d0001", "--role", role, "--json")) as { code: string }).code;
