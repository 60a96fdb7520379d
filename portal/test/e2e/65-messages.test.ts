// Messages between the people of a circle: who can read is said before sending, nothing is marked as read but by a press, and a
// message decides nothing. The conversations are kept by the test (threads.ts); everything else is the server's.
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Page } from "@playwright/test";
import { SessionService } from "../../gen/osteon/identity/v1/identity_service_pb";
import { Role } from "../../gen/osteon/meta/v1/options_pb";
import { RecordService } from "../../gen/osteon/record/v1/record_service_pb";
import { RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";
import { callerOf } from "./caller";
import { expect, open, test } from "./portal";
import { Threads } from "./threads";

const CIRCLE = 3n;
const HOSTILE = `<script>violations.push("ran")</script><b>bold</b> \u202egnirts \u{1f9b4}\u{1f468}\u200d\u{1f469}\u200d\u{1f467}`;

async function whoIs(page: Page, role: Role) {
  const { account } = await (await callerOf(page, SessionService)).getMe({});
  return { account, role };
}

/** A change in the circle, by somebody else: pages hear that something moved. */
async function moves(page: Page): Promise<void> {
  const pain = { effectiveStart: { at: timestampFromMs(Date.now()), zone: "UTC" }, worst24h: 2 };
  const body = create(RecordBodySchema, { body: { case: "painEntry", value: pain } } as never);
  await (await callerOf(page, RecordService)).createRecord({ circle: CIRCLE, body, requestId: crypto.randomUUID() });
}

async function two(as: (role: string) => Promise<Page>) {
  const threads = new Threads();
  const [nursePage, doctorPage] = [await as("nurse"), await as("physician")];
  const nurse = await whoIs(nursePage, Role.NURSE);
  const doctor = await whoIs(doctorPage, Role.PHYSICIAN);
  await threads.on(nursePage, nurse);
  await threads.on(doctorPage, doctor);
  return { threads, nursePage, doctorPage, nurse, doctor };
}

const composer = (page: Page) => page.getByLabel("Your answer");

test("a conversation begins with who can read it, and reaches the other's bar, list and screen", async ({ as }) => {
  const { nursePage, doctorPage, doctor } = await two(as);
  await open(nursePage, `#/messages?circle=${CIRCLE}`);
  await expect(nursePage.locator("main")).toContainText("Nobody has written to you here");
  await nursePage.keyboard.press("n");
  const send = nursePage.getByRole("button", { name: /Send, about D0003/ });
  await nursePage.getByLabel("Your message").fill("Shall I hold the injection?");
  await expect(send, "to nobody").toBeDisabled();
  const whom = nursePage.getByLabel(new RegExp(`member ${doctor.account}\\b`)).first();
  await whom.check();
  await expect(nursePage.locator(".readers")).toContainText(`member ${doctor.account}`);
  await expect(nursePage.locator(".readers")).toContainText("The patient does not read it.");
  await nursePage.getByLabel("Everybody who may read").check();
  await expect(nursePage.locator(".readers")).toContainText("The patient can read it.");
  await nursePage.getByLabel("Everybody who may read").uncheck();
  await nursePage.waitForTimeout(400);
  await nursePage.getByLabel("Your message").press("Control+Enter");
  await expect(nursePage.locator(".messages .said")).toHaveText("Shall I hold the injection?");
  await expect(nursePage.locator(".seen-by")).toContainText("has not read it yet");

  await moves(nursePage);
  await expect(doctorPage.getByRole("link", { name: /Messages 1/ })).toBeVisible();
  await expect(doctorPage.locator("table.work")).toContainText("Messages: 1");
  await doctorPage.keyboard.press("g");
  await doctorPage.keyboard.press("t");
  await expect(doctorPage.locator(".messages .said")).toHaveText("Shall I hold the injection?");
  await expect(doctorPage.getByRole("button", { name: /I have read these 1/ }), "opening is not reading").toBeVisible();
  await doctorPage.waitForTimeout(400);
  await doctorPage.keyboard.press("m");
  await doctorPage.keyboard.press("Enter");
  await expect(doctorPage.getByRole("button", { name: /I have read these/ })).toHaveCount(0);
  await expect(doctorPage.getByRole("link", { name: /Messages 1/ })).toHaveCount(0);
  await moves(doctorPage);
  await expect(nursePage.locator(".seen-by")).toContainText("has read all of it");
});

test("what arrives while somebody reads waits until they ask, and a text that is being written stays", async ({
  as,
}) => {
  const { threads, nursePage, nurse, doctor, doctorPage } = await two(as);
  const one = threads.open(doctor, { circle: CIRCLE, accounts: [nurse.account], text: "First" });
  await open(nursePage, `#/messages?circle=${CIRCLE}`);
  await composer(nursePage).fill("I am writing");
  const before = await composer(nursePage).boundingBox();
  threads.say(one, doctor, "Second");
  await moves(doctorPage);
  await expect(nursePage.locator(".decision .new-items")).toContainText("New messages: 1");
  await expect(nursePage.locator(".messages .said")).toHaveText(["First"]);
  await expect(composer(nursePage)).toHaveValue("I am writing");
  expect(await composer(nursePage).boundingBox()).toEqual(before);
  await expect(
    nursePage.getByRole("button", { name: "I have read these 1" }),
    "of what is on the screen",
  ).toBeVisible();
  await nursePage.getByRole("button", { name: /New messages/ }).click();
  await expect(nursePage.locator(".messages .said")).toHaveText(["Second", "First"]);
  await expect(nursePage.getByRole("button", { name: "I have read these 2" })).toBeVisible();
  await nursePage.waitForTimeout(400);
  threads.refuseNext = "the server was busy";
  await composer(nursePage).press("Control+Enter");
  await expect(nursePage.locator(".decision [role=alert]")).toContainText("the server was busy");
  await expect(composer(nursePage)).toHaveValue("I am writing");
  await composer(nursePage).press("Control+Enter");
  await expect(nursePage.locator(".messages .said").first()).toHaveText("I am writing");
  await expect(composer(nursePage)).toHaveValue("");
});

test("nobody says that they have read what is not on their screen", async ({ as }) => {
  const { threads, nursePage, nurse, doctor } = await two(as);
  const one = threads.open(doctor, { circle: CIRCLE, accounts: [nurse.account], text: "1" });
  for (let n = 2; n <= 60; n += 1) threads.say(one, doctor, String(n));
  await open(nursePage, `#/messages?circle=${CIRCLE}`);
  await expect(nursePage.locator(".decision")).toContainText("10 more to read are not on the screen");
  await nursePage.getByRole("button", { name: "Show older messages" }).click();
  await expect(nursePage.locator(".messages > li")).toHaveCount(60);
  await expect(nursePage.getByRole("button", { name: "I have read these 60" })).toBeVisible();
});

test("a question on a disputed field: asked beside it, kept with it, and the question stays open", async ({ as }) => {
  const { threads, doctorPage, nurse } = await two(as);
  await open(doctorPage, "#/reviews");
  await doctorPage.locator(".questions a", { hasText: "Disputed" }).first().click();
  await expect(doctorPage.locator(".decision .ask")).toContainText("The question stays open, and its time goes on.");
  await doctorPage.getByRole("button", { name: "Ask a colleague" }).click();
  await expect(doctorPage.locator(".ask")).toContainText("Nothing was written to you about this.");
  await doctorPage
    .getByLabel(new RegExp(`member ${nurse.account}\\b`))
    .first()
    .check();
  await doctorPage.getByLabel("Your message").fill("Which of the two did you mean?");
  await doctorPage.waitForTimeout(400);
  await doctorPage.locator(".ask").getByRole("button", { name: /Send/ }).click();
  await expect(doctorPage.locator(".ask ul a")).toHaveCount(1);
  expect(threads.kept[0]?.head.about?.field).toBeGreaterThan(0);
  await expect(doctorPage.locator(".decision .versions"), "still to decide").toBeVisible();
  await doctorPage.locator(".ask ul a").click();
  await expect(doctorPage.locator(".decision")).toContainText("A message decides nothing and stops no deadline.");
  // Of a plan the field has the same way.
  await open(doctorPage, "#/patient/d0003");
  await doctorPage.locator("caption", { hasText: "Bone drug plan" }).getByRole("link").click();
  await doctorPage.getByRole("row", { name: /Dose/ }).first().getByRole("link", { name: "Ask a colleague" }).click();
  await expect(doctorPage.getByLabel("Your message")).toBeVisible();
});

test("a megabyte is refused in words and cut nowhere; markup, emoji and turned letters are text", async ({ as }) => {
  const { threads, nursePage, nurse, doctor } = await two(as);
  threads.open(doctor, { circle: CIRCLE, accounts: [nurse.account], title: HOSTILE, text: HOSTILE });
  await open(nursePage, `#/messages?circle=${CIRCLE}`);
  await expect(nursePage.locator(".messages .said")).toHaveText(HOSTILE);
  const send = nursePage.getByRole("button", { name: /Send/ });
  const long = "\u{1f9b4}".repeat(250_000);
  await composer(nursePage).evaluate((field, text) => {
    (field as HTMLTextAreaElement).value = text;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }, long);
  await expect(nursePage.locator(".decision [role=alert]")).toContainText(
    "250000 characters: 242000 more than the 8000",
  );
  await expect(send).toBeDisabled();
  await composer(nursePage).press("Control+Enter");
  expect(threads.requestIds).toEqual([]);
  await composer(nursePage).fill(`  ${HOSTILE} ${"word ".repeat(400)}`);
  await nursePage.waitForTimeout(400);
  await send.click();
  await expect(nursePage.locator(".messages summary").first()).toContainText("All of it:");
  expect(threads.kept[0]?.messages[0]?.text.startsWith("<script>")).toBe(true);
  await composer(nursePage).fill("   \n  ");
  await expect(send).toBeDisabled();
  await composer(nursePage).fill("");
  const width = await nursePage.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(width, "nothing runs out of the page").toBeLessThanOrEqual(0);
});

test("a message is corrected by another, people are taken in, and leaving takes it off the screen", async ({ as }) => {
  const { threads, nursePage, nurse, doctor } = await two(as);
  threads.open(nurse, { circle: CIRCLE, accounts: [doctor.account], text: "The dose was 60 milligrams" });
  await open(nursePage, `#/messages?circle=${CIRCLE}`);
  await nursePage.getByRole("button", { name: "Correct it" }).click();
  await nursePage.getByLabel("What it should say").fill("The dose was 120 milligrams");
  await nursePage.waitForTimeout(400);
  await nursePage.locator(".message").getByRole("button", { name: /Send/ }).click();
  await expect(nursePage.locator(".messages s")).toHaveText("The dose was 60 milligrams");
  await expect(nursePage.locator(".messages li").last()).toContainText("Corrected later.");
  await expect(nursePage.locator(".messages li").first()).toContainText("It corrects an earlier one.");
  await nursePage.getByText("Change who takes part").click();
  await nursePage
    .getByRole("button", { name: /Take in dietitian/ })
    .first()
    .click();
  await expect(nursePage.locator(".seen-by li")).toHaveCount(2);
  await nursePage.getByRole("button", { name: /Leave: you can read none/ }).click();
  await expect(nursePage.locator(".messages")).toHaveCount(0);
});

test("messages speak German, and the bar has room for it", async ({ as }) => {
  const { threads, nursePage, nurse, doctor } = await two(as);
  threads.open(doctor, { circle: CIRCLE, accounts: [nurse.account], title: "Kalzium", text: "Bitte ansehen" });
  await nursePage.keyboard.press("?");
  await nursePage.getByRole("button", { name: "Deutsch" }).click();
  await nursePage.getByRole("button", { name: "Schließen" }).click();
  await open(nursePage, `#/messages?circle=${CIRCLE}`);
  await expect(nursePage.getByRole("heading", { level: 1 })).toContainText("Nachrichten zu");
  await expect(nursePage.locator("main")).not.toContainText(/\b(Send|read|conversation|member|newest)\b/i);
  for (const width of [1400, 1440, 1500, 1280, 320]) {
    await nursePage.setViewportSize({ width, height: 900 });
    const over = await nursePage.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(over, `${width}`).toBeLessThanOrEqual(0);
  }
});
