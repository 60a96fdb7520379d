// A page of somebody of the demo in a circle of their own, where the role is not one of the first circle.
import { execFileSync } from "node:child_process";
import type { Browser, Page } from "@playwright/test";
import { BASE } from "./portal";

export async function enter(browser: Browser, role: string, circle: string): Promise<Page> {
  const words = ["token", "--as", role, "--link", "--circle", circle, "--data-dir", process.env.E2E_DATA ?? ""];
  const said = execFileSync(process.env.E2E_BINARY ?? "", words, { encoding: "utf8" });
  const page = await (await browser.newContext()).newPage();
  await page.goto(/https?:\S+/.exec(said)?.[0] ?? "");
  await page.goto(`${BASE()}/#/work`);
  await page.locator("h1").waitFor();
  return page;
}
