// What is taken back while somebody has it open leaves their screen, at once and without a press.
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { expect, open, test } from "../e2e/portal";

/** The patient's phone of the demo, as a process of its own. */
const phone = (...words: string[]) =>
  execFileSync(
    join(dirname(process.env.E2E_BINARY ?? ""), "osteon-phone"),
    ["--home", join(process.env.E2E_DATA ?? "", "phones", "p1"), ...words],
    { encoding: "utf8" },
  );

test("a category that is taken back leaves the open page: trends, journal and plans", async ({ as }) => {
  const page = await as("nurse");
  await open(page, "#/patient/d0001");
  const main = page.locator("main");
  await expect(main.locator(".left")).toContainText("Pain");
  await expect(main.locator('.lane[data-lane="Pain"]')).toHaveCount(1);
  phone("withdraw", "symptoms", "--from", "5");
  phone("sync");
  await expect(main.locator('.lane[data-lane="Pain"]'), "its trend is gone").toHaveCount(0, { timeout: 20_000 });
  await expect(main.locator(".left tbody", { hasText: /worst pain(?! during)/ }), "its entries are gone").toHaveCount(
    0,
  );
  await expect(page.getByRole("region", { name: "Not shared" })).toContainText(/symptoms/i);
});
