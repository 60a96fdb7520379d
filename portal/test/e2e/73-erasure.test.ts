// A patient asks on the phone to be erased: who learns of it in the portal, who answers, and what the phone tells then.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser } from "@playwright/test";
import { SessionService } from "../../gen/osteon/identity/v1/identity_service_pb";
import { callerOf } from "./caller";
import { enter } from "./enter";
import { data, phone, run } from "./phone";
import { expect, open, test } from "./portal";

test.use({ actionTimeout: 20_000 });

/** One more phone of the patient of a circle. */
async function another(browser: Browser, circle: string): Promise<(...words: string[]) => string> {
  const page = await enter(browser, "patient", circle);
  const { account } = await (await callerOf(page, SessionService)).getMe({});
  await page.context().close();
  const invite = ["invite", "--circle", circle, "--role", "patient", "--account", String(account), "--json"];
  const said = execFileSync(process.env.E2E_BINARY ?? "", [...invite, "--data-dir", data()], { encoding: "utf8" });
  const { code } = JSON.parse(said) as { code: string };
  mkdirSync(join(data(), "phones", circle), { recursive: true });
  const where = ["--circle", circle, "--server", process.env.E2E_TLS ?? "", "--ca", join(data(), "ca.pem")];
  run(circle, ["enrol", code, ...where]);
  run(circle, ["sync"]);
  return (...words) => run(circle, words);
}

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

test("a patient asks to be erased: the nurse answers, the phone tells the answer, a physiotherapist sees nothing", async ({
  as,
  browser,
}) => {
  test.setTimeout(180_000);
  phone("erase-me", "--yes", "--why", "I move <b>away</b>");
  phone("sync");
  try {
    const nurse = await as("nurse");
    await open(nurse, "#/patient/d0001/access");
    const box = nurse.getByRole("region", { name: "Request to be erased" });
    await expect(box).toContainText("I move <b>away</b>");
    await expect(box).toContainText("not answered yet");
    await expect(box).toContainText("An answer erases nothing by itself");
    await box.getByRole("button", { name: "Answer", exact: true }).click();
    const save = box.getByRole("button", { name: "Save for D0001" });
    const decide = (label: string) => box.getByLabel("Answer").selectOption({ label });
    await decide("declined");
    await expect(save, "why not, and where to complain").toBeDisabled();
    await decide("will be done");
    await box.getByLabel("Done by").fill(inDays(-2));
    await expect(box.getByRole("alert")).toHaveText("Not this day: today or later.");
    await expect(save).toBeDisabled();
    await box.getByLabel("Done by").fill(inDays(9));
    await box.getByLabel(/^To the patient/).fill("We call you before.");
    expect((await new AxeBuilder({ page: nurse }).analyze()).violations.map((one) => one.id)).toEqual([]);
    await save.click();
    await expect(box).toContainText("Saved.");
    await expect(box).toContainText("will be done by");
    await expect(box).toContainText("you, nurse");

    phone("sync");
    expect(phone("erase-me")).toMatch(/Your clinic will do it by .*\. It says: "We call you before\."/);

    const physio = await as("physiotherapist");
    expect(await physio.locator("main").textContent()).not.toContain("erased");
    await open(physio, "#/patient/d0001/access");
    const hidden = physio.getByRole("region", { name: "Request to be erased" });
    await expect(hidden).toContainText("Not shared with you. This says nothing about what is recorded.");
    expect(await physio.locator("main").textContent()).not.toMatch(/We call you before|I move/);
    await expect(hidden.getByRole("button")).toHaveCount(0);
  } finally {
    phone("erase-me", "--take-back");
    phone("sync");
  }
  const page = await enter(browser, "nurse", "d0001");
  await open(page, "#/patient/d0001/access");
  await expect(page.getByRole("region", { name: "Request to be erased" })).toContainText("No request to be erased");
  await page.context().close();
});

test("the work list says who asks to be erased and by when, and leads to the request", async ({ as, browser }) => {
  test.setTimeout(120_000);
  const own = await another(browser, "d0004");
  own("erase-me", "--yes");
  own("sync");
  const nurse = await as("nurse");
  await nurse.getByRole("link", { name: /^Asks to be erased; answer or erasure due by \d\d\s\w+\s\d{4}$/ }).click();
  await expect(nurse.getByRole("heading", { level: 1 })).toHaveText("Who sees what of D0004");
  await expect(nurse.getByRole("region", { name: "Request to be erased" })).toContainText("not answered yet");
  own("erase-me", "--take-back");
  own("sync");
  await expect(nurse.getByRole("region", { name: "Request to be erased" })).toContainText("The patient took it back.");
});
