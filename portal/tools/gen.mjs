// The contracts as TypeScript, into gen/ (never checked in: it cannot be stale). Made anew only when a contract, the
// template or the lock file changed.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const portal = join(dirname(fileURLToPath(import.meta.url)), "..");
const root = join(portal, "..");

const sources = [
  "portal/buf.gen.yaml",
  "portal/buf.gen.first.yaml",
  "portal/tools/gen.mjs",
  "portal/package-lock.json",
  "buf.yaml",
];
for (const folder of ["proto", "third_party"]) {
  for (const entry of readdirSync(join(root, folder), { recursive: true })) {
    if (String(entry).endsWith(".proto")) sources.push(join(folder, String(entry)));
  }
}
const hash = createHash("sha256");
for (const file of sources.sort()) hash.update(file).update(readFileSync(join(root, file)));
const key = hash.digest("hex");

const stamp = join(portal, "node_modules", ".gen.stamp");
const fresh = existsSync(join(portal, "gen")) && existsSync(stamp) && readFileSync(stamp, "utf8") === key;
if (!fresh) {
  const buf = join(portal, "node_modules", ".bin", "buf");
  for (const template of ["portal/buf.gen.yaml", "portal/buf.gen.first.yaml"]) {
    execFileSync(buf, ["generate", "--template", template], { cwd: root, stdio: "inherit" });
  }
  // Of the second run only this file: it works with the others as the first run made them.
  const workList = join("osteon", "worklist", "v1", "worklist_service_pb.ts");
  copyFileSync(join(portal, "node_modules", ".gen-first", workList), join(portal, "gen", workList));
  writeFileSync(stamp, key);
}
