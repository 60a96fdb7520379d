import { defineConfig } from "@playwright/test";

// Against the real binary with a demo clinic; Debian's Chromium. One worker: the tests share the clinic. Which tests: e2e
// (tools/portal.sh e2e), prove (what takes longer, and the pictures), perf (figures beside their budgets, of which none fails).
const kind = process.env.PORTAL_TESTS ?? "e2e";

export default defineConfig({
  testDir: `test/${kind}`,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  workers: 1,
  retries: 0,
  reporter: [["list"]],
  globalSetup: "./test/e2e/clinic.ts",
  outputDir: "test-results/run",
  use: {
    viewport: { width: 1440, height: 1000 },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    },
  },
});
