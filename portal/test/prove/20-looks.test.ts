// The same screens for other eyes: twice as large, narrow, in forced colours, without motion, in grey, on paper.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { expect, open, print, test } from "../e2e/portal";
import { PLAN, planOf, SCREENS } from "./screens";

const FOLDER = "test-results/states";
mkdirSync(FOLDER, { recursive: true });
const file = (screen: string, look: string) => `${FOLDER}/${screen.replaceAll(" ", "-")}.${look}.png`;

test("every screen at 200 %, at 320 pixels, in forced colours, in grey, and without motion", async ({ as }) => {
  test.setTimeout(300_000);
  const page = await as("nurse");
  const plan = await planOf(page);
  for (const [screen, hash] of Object.entries(SCREENS)) {
    const to = hash === PLAN ? plan : hash;
    for (const [look, width, height] of [
      ["200-percent", 720, 500],
      ["320-px", 320, 700],
    ] as const) {
      await page.setViewportSize({ width, height });
      await open(page, to);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect.soft(wide, `${screen} ${look}`).toBeLessThanOrEqual(width + 1);
      await page.screenshot({ path: file(screen, look) });
    }
    await page.setViewportSize({ width: 1440, height: 1000 });
    await page.emulateMedia({ forcedColors: "active" });
    await page.screenshot({ path: file(screen, "forced-colours") });
    await page.emulateMedia({ forcedColors: "none", reducedMotion: "reduce" });
    const moving = await page.evaluate(() => document.getAnimations().length);
    expect.soft(moving, `${screen} moves`).toBe(0);
    const client = await page.context().newCDPSession(page);
    await client.send("Emulation.setEmulatedVisionDeficiency", { type: "achromatopsia" });
    await page.screenshot({ path: file(screen, "grey") });
    await client.send("Emulation.setEmulatedVisionDeficiency", { type: "none" });
    await page.emulateMedia({ reducedMotion: "no-preference" });
  }
});

const textOf = (path: string): string => execFileSync("pdftotext", ["-layout", path, "-"], { encoding: "utf8" });

test("on paper each page says whose it is, and what is disputed stays disputed", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/patient/d0003/visit");
  await print(page);
  const pdf = await page.pdf({ format: "A4" });
  const path = `${FOLDER}/visit-sheet.pdf`;
  writeFileSync(path, pdf);
  const text = textOf(path);
  const pages = text.split("\f").filter((one) => one.trim() !== "");
  expect(pages.length).toBeGreaterThan(0);
  for (const one of pages) {
    expect(one).toContain("D0003");
    expect(one).toContain("DEMO CLINIC");
    expect(one).toContain("Printed by");
  }
  expect(text).toContain("Disputed");
  await open(page, "#/work");
  const list = `${FOLDER}/work-list.pdf`;
  await print(page);
  writeFileSync(list, await page.pdf({ format: "A4", landscape: true }));
  expect(textOf(list)).toContain("DEMO CLINIC");
  // What the browser's menu prints past the portal is a page without a word about anybody.
  writeFileSync(list, await page.pdf({ format: "A4", landscape: true }));
  expect(textOf(list)).toContain("Print with the portal's own button");
  expect(textOf(list)).not.toMatch(/D000\d|Demo patient/);
});
