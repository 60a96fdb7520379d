// The pictures of docs/portal-tour.md, made by going through the demo clinic: `tools/portal.sh tour`.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { BreakGlassService } from "../../gen/osteon/identity/v1/break_glass_service_pb";
import { SessionService } from "../../gen/osteon/identity/v1/identity_service_pb";
import { ThreadService } from "../../gen/osteon/thread/v1/thread_service_pb";
import { callerOf } from "../e2e/caller";
import { open, test } from "../e2e/portal";
import { PLAN, planOf, SCREENS } from "../prove/screens";

const FOLDER = join(import.meta.dirname ?? ".", "..", "..", "..", "docs", "portal-tour");

const QUALITY = 62;

async function take(page: Page, name: string): Promise<void> {
  const client = await page.context().newCDPSession(page);
  const { data } = await client.send("Page.captureScreenshot", { format: "webp", quality: QUALITY });
  writeFileSync(join(FOLDER, `${name.replaceAll(" ", "-")}.webp`), Buffer.from(data, "base64"));
}

/** A conversation, so that there is one to see. */
async function writes(doctor: Page, nurse: Page): Promise<void> {
  const { account } = await (await callerOf(nurse, SessionService)).getMe({});
  const threads = await callerOf(doctor, ThreadService);
  const told = { circle: 3n, accounts: [account], title: "Calcium before the injection" };
  const text = "The calcium is low. Can you reach her today?";
  const { thread } = await threads.openThread({ ...told, text, requestId: crypto.randomUUID() });
  const more = { circle: 3n, recordId: thread?.recordId ?? "", text: "The laboratory has a place at 14:00." };
  await threads.sendMessage({ ...more, requestId: crypto.randomUUID() });
}

/** An emergency access that is over, so that there is one to review. */
async function breaksGlass(nurse: Page): Promise<void> {
  const glass = await callerOf(nurse, BreakGlassService);
  const reason = "Brought in by ambulance, no team member reachable";
  const { recordId } = await glass.breakGlass({ circle: 6n, reason, requestId: crypto.randomUUID() });
  await glass.endBreakGlass({ circle: 6n, recordId });
}

test("a picture of each screen", async ({ as }) => {
  test.setTimeout(180_000);
  mkdirSync(FOLDER, { recursive: true });
  const page = await as("nurse");
  await writes(await as("physician"), page);
  await breaksGlass(page);
  await page.setViewportSize({ width: 1280, height: 860 });
  const plan = await planOf(page);
  for (const [screen, hash] of Object.entries(SCREENS)) {
    await open(page, hash === PLAN ? plan : hash);
    await page.waitForTimeout(300);
    await take(page, screen);
  }
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in to Osteon" }).waitFor();
  await take(page, "sign in");
});
