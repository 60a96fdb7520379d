// Fails when the portal outgrows its budgets (bytes after gzip): the first route, the whole, the contracts of all
// records, the style.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const KB = 1000;
const BUDGET = { first: 110 * KB, whole: 190 * KB, records: 22 * KB, style: 20 * KB };

const dist = new URL("../dist/", import.meta.url).pathname;
const assets = readdirSync(join(dist, "assets"));
const size = (name) => statSync(join(dist, "assets", `${name}.gz`)).size;
const sum = (names) => names.reduce((total, name) => total + size(name), 0);
const scripts = assets.filter((name) => name.endsWith(".js"));
const styles = assets.filter((name) => name.endsWith(".css"));

/** The scripts that the work list needs: what index.html names, and what these import at once. */
function firstRoute() {
  const wanted = scripts.filter((name) => readFileSync(join(dist, "index.html"), "utf8").includes(name));
  for (const name of wanted) {
    const text = readFileSync(join(dist, "assets", name), "utf8");
    for (const [, other] of text.matchAll(/(?:import|from)\s*["']\.\/([^"']+\.js)["']/g)) {
      if (!wanted.includes(other)) wanted.push(other);
    }
  }
  return wanted;
}

const first = firstRoute();
if (first.some((name) => name.startsWith("records-")))
  throw new Error("the work list needs the contracts of all records");
// The whole is every script, the German words with it: nobody fetches more, whatever they read.
if (scripts.filter((name) => name.startsWith("de-")).length !== 1)
  throw new Error("the German words have no chunk of their own");
// As lines of text they are half of what they are as bytes (tools/descriptors.ts).
const records = scripts.filter((name) => name.startsWith("records-"));
const found = { first: sum(first), whole: sum(scripts), records: sum(records), style: sum(styles) };
let over = false;
for (const [name, bytes] of Object.entries(found)) {
  const line = `budget: ${name} ${(bytes / KB).toFixed(1)} of ${BUDGET[name] / KB} kB gzip`;
  if (bytes > BUDGET[name]) {
    over = true;
    console.error(`${line}: too much`);
  } else {
    console.log(line);
  }
}
process.exit(over ? 1 : 0);
