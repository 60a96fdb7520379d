// Emergency access: the reason, the red frame, its end; for whoever is a member and for whoever is none.
import { AxeBuilder } from "@axe-core/playwright";
import { GetCircleViewRequestSchema, GetCircleViewResponseSchema } from "../../gen/osteon/circle/v1/circle_service_pb";
import { enter, withPasskey } from "./enter";
import { answer, asked } from "./grpc";
import { BASE, expect, open, test } from "./portal";

const clean = async (page: Parameters<typeof open>[0]) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
};

test("the glass breaks with a reason of some length, shows a red frame on this patient alone, and is ended", async ({
  as,
}) => {
  const page = await as("nurse");
  await open(page, "#/patient/d0006");
  await page
    .getByRole("region", { name: "Not shared with you" })
    .getByRole("link", { name: "Emergency access" })
    .click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Emergency access");
  await expect(page.locator("main")).toContainText("The patient will be told");
  const breaks = page.getByRole("button", { name: "Break the glass for D0006" });
  await expect(breaks).toBeDisabled();
  const reason = page.getByLabel(/^Why, in words/);
  await reason.fill("....... ....... ....... .......");
  await expect(breaks, "ten of them letters or digits").toBeDisabled();
  await reason.fill("Found <b>unconscious</b> at home, nobody reachable");
  await clean(page);
  await breaks.press("Enter");
  const bar = page.getByRole("region", { name: "Emergency access is open" });
  await expect(bar).toContainText("Emergency access to D0006 until");
  await expect(page.locator("main")).toHaveCSS("border-left-color", "rgb(179, 18, 29)");
  await expect(page.getByRole("region", { name: "Who this is" })).toContainText("D0006");
  await clean(page);

  await page.goto(`${BASE()}/#/patient/d0001`);
  await expect(page.getByRole("region", { name: "Who this is" })).toContainText("D0001");
  await expect(bar).toHaveCount(0);

  await page.goto(`${BASE()}/#/patient/d0006/audit`);
  await expect(page.getByRole("region", { name: "Emergency accesses" })).toContainText("Goes on now");
  await expect(page.getByRole("row", { name: /broke the glass/ }).first()).toHaveClass(/is-glass/);
  await bar.getByRole("button", { name: "End it for D0006" }).click();
  await expect(bar).toHaveCount(0);
});

test("whoever is no member reads records behind broken glass, and nothing after its end", async ({ browser }) => {
  const page = await withPasskey(browser, "nurse");
  await open(page, "#/patient/d0003");
  await expect(page.locator("main")).toContainText("There is no such patient for you.");
  await page.getByRole("link", { name: "Emergency access" }).click();
  await expect(page.getByLabel("Case number")).toHaveValue("D0003");
  await page.getByLabel(/^Why, in words/).fill("Brought in by ambulance, no team member reachable");
  await page.getByRole("button", { name: "Break the glass for D0003" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("D0003");
  await expect(page.getByText("Loading")).toHaveCount(0);
  await expect(page.locator(".failed, .absent")).toHaveCount(0);
  await expect(page.locator("caption", { hasText: "Bone drug plan" })).toBeVisible();
  await expect(page.locator(".journal tbody tr").first()).toBeVisible();
  await clean(page);
  await page.locator("caption", { hasText: "Nutrition plan" }).getByRole("link").click();
  await expect(page.getByRole("heading", { name: "Nutrition plan of D0003" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Change", exact: true }), "it is for reading").toHaveCount(0);
  await page.getByRole("button", { name: "End it for D0003" }).click();
  await expect(page.locator("main")).toContainText("There is no such patient for you.");
  await expect(page.getByRole("heading", { name: "Nutrition plan of D0003" })).toHaveCount(0);
  await page.context().close();
});

test("who may not break the glass is told so", async ({ as }) => {
  const page = await as("physiotherapist");
  await open(page, "#/emergency-access?case=d0004");
  await expect(page.locator("main")).toContainText("for a physician or a nurse of the clinic");
  await expect(page.getByRole("button", { name: /^Break the glass/ })).toHaveCount(0);
});

const breakGlass = async (
  page: Parameters<typeof open>[0],
  case_: string,
  why = "Found unconscious at home, nobody reachable",
) => {
  await open(page, `#/emergency-access?case=${case_}`);
  await page.getByLabel(/^Why, in words/).fill(why);
  await page.getByRole("button", { name: `Break the glass for ${case_.toUpperCase()}` }).click();
};

test("a page that is loaded again shows the glass that is open, and ends it", async ({ as }) => {
  const page = await as("nurse");
  await breakGlass(page, "d0006");
  const bar = page.getByRole("region", { name: "Emergency access is open" });
  await expect(bar).toContainText("Emergency access to D0006 until");
  const said = await bar.locator("strong").textContent();
  await page.reload();
  await expect(bar.locator("strong"), "with the same end").toHaveText(said ?? "");
  await expect(page.locator("main")).toHaveCSS("border-left-color", "rgb(179, 18, 29)");
  await clean(page);
  // Another tab of the same person knows of it, too, and ends it; this one learns that.
  const other = await page.context().newPage();
  await open(other, "#/patient/d0006");
  await other.getByRole("button", { name: "End it for D0006" }).click();
  await expect(other.locator(".glass-bar")).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("region", { name: "Who this is" })).toContainText("D0006");
  await expect(bar).toHaveCount(0);
  await other.close();
});

test("at its end the bar goes by itself, and what was read behind the glass is read anew", async ({ as }) => {
  const page = await as("nurse");
  await breakGlass(page, "d0006");
  const bar = page.getByRole("region", { name: "Emergency access is open" });
  await expect(bar).toBeVisible();
  // As if four hours were over six seconds after the page was loaded again.
  let end = 0n;
  let readAfter = 0;
  await page.route("**/osteon.circle.v1.CircleService/GetCircleView", (route) => {
    const question = asked(route, GetCircleViewRequestSchema);
    return answer(route, [GetCircleViewRequestSchema, question], GetCircleViewResponseSchema, ({ view, asOf }) => {
      if (!view?.glass?.notAfter || !asOf) return;
      if (end === 0n) end = asOf.seconds + 6n;
      if (asOf.seconds >= end) {
        readAfter += 1;
        view.glass = undefined;
      } else view.glass.notAfter = { ...asOf, seconds: end };
    });
  });
  await page.reload();
  await expect(bar).toBeVisible();
  expect(readAfter).toBe(0);
  await expect(bar).toHaveCount(0, { timeout: 12_000 });
  await expect(page.locator("main")).not.toHaveClass(/broken-glass/);
  await expect.poll(() => readAfter, "the page is read anew").toBe(1);
  await expect(page.getByRole("region", { name: "Who this is" })).toContainText("D0006");
  await page.unrouteAll({ behavior: "wait" });
  await page.reload();
  await bar.getByRole("button", { name: "End it for D0006" }).click();
  await expect(bar).toHaveCount(0);
});

const WHY = "The fire brigade forced the door <b>open</b>, nobody could say what she takes";

test("an administrator reviews it once it has ended, never whoever broke the glass, and says what they found", async ({
  as,
  browser,
}) => {
  const nurse = await as("nurse");
  await breakGlass(nurse, "d0006", WHY);
  await expect(nurse.getByRole("region", { name: "Who this is" })).toContainText("D0006");
  await open(nurse, "#/people");
  await nurse.getByRole("link", { name: "Emergency accesses" }).press("Enter");
  const own = nurse.getByRole("article").filter({ hasText: "fire brigade" });
  await expect(own).toContainText("Goes on now");
  await expect(own).toContainText("You broke this glass: somebody else reviews it.");
  await expect(nurse.getByRole("button", { name: /^Reviewed/ })).toHaveCount(0);

  const admin = await enter(browser, "clinic-admin", "d0006");
  await open(admin, "#/emergency-accesses");
  const access = admin.getByRole("article").filter({ hasText: "fire brigade" });
  await expect(access.locator("q")).toHaveText(WHY);
  await expect(access).toContainText("It can be reviewed once it has ended.");
  await open(nurse, "#/patient/d0006");
  await nurse.getByRole("button", { name: "End it for D0006" }).click();
  await expect(nurse.locator(".glass-bar")).toHaveCount(0);

  await admin.getByRole("button", { name: "Read again" }).click();
  await expect(access).toContainText("Nobody has reviewed it");
  await access.getByText("What was read behind the glass").click();
  await expect(access.locator("details li").filter({ hasText: "opened the patient's page" })).toHaveText(/: \d+, last/);
  await clean(admin);
  const save = access.getByRole("button", { name: "Reviewed: save for D0006" });
  await expect(save).toBeDisabled();
  const finding = access.getByLabel(/^What you found/);
  await finding.fill("...");
  await expect(save, "nobody can read that").toBeDisabled();
  await finding.fill("Called the ward: she was <i>there</i>, it was needed");
  await finding.press("Control+Enter");
  await expect(access).toContainText(/Reviewed by you, clinic admin, today/);
  await expect(access.locator("q").last()).toHaveText("Called the ward: she was <i>there</i>, it was needed");
  await admin.getByLabel("Only those that nobody has reviewed").check();
  await expect(access).toHaveCount(0);
  await clean(admin);
  await admin.setViewportSize({ width: 320, height: 700 });
  expect(await admin.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(321);
  await admin.context().close();

  await open(nurse, "#/patient/d0006/audit");
  const pinned = nurse.getByRole("region", { name: "Emergency accesses" });
  await expect(pinned.getByRole("article").filter({ hasText: "fire brigade" })).toContainText(
    /Reviewed by clinic admin, member \d+, today/,
  );
  await expect(nurse.getByRole("row", { name: /opened the patient's page.*done behind broken glass/ })).not.toHaveCount(
    0,
  );
  await clean(nurse);
});

test("whoever may know of no emergency access is told of none", async ({ as }) => {
  const page = await as("physiotherapist");
  await open(page, "#/people");
  await expect(page.getByRole("link", { name: "Emergency accesses" })).toHaveCount(0);
  await open(page, "#/emergency-accesses");
  await expect(page.locator("main")).toContainText("No emergency access that you may know of.");
  await expect(page.getByRole("article")).toHaveCount(0);
});
