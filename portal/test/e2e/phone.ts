// A patient's phone, as a process of its own, beside the pages. p1 is the demo's, of D0001.
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";

export const data = () => process.env.E2E_DATA ?? "";

export const run = (name: string, words: readonly string[]) =>
  execFileSync(
    join(dirname(process.env.E2E_BINARY ?? ""), "osteon-phone"),
    ["--home", join(data(), "phones", name), ...words],
    { encoding: "utf8" },
  );
export const phone = (...words: string[]) => run("p1", words);
