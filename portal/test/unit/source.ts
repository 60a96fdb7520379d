// The portal's own source, for tests that hold rules about it.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "vite";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

export const files = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true })
    .map((entry) => join(root, folder, String(entry)))
    .filter((file) => /\.tsx?$/.test(file));

const SPOKEN = new Set(["title", "aria-label", "placeholder", "alt", "label"]);

type Node = { type: string } & Record<string, unknown>;

/** Text that people would read and that stands in a component: between tags, or in an attribute that is read out. */
export function walk(file: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const one of node) visit(one);
      return;
    }
    if (typeof node !== "object" || node === null || !("type" in node)) return;
    const of = node as Node;
    if (of.type === "JSXText" && /\p{L}{2}/u.test(String(of.value))) found.push(String(of.value).trim());
    if (of.type === "JSXAttribute") {
      const name = (of.name as { name?: string }).name ?? "";
      const value = of.value as Node | null;
      if (SPOKEN.has(name) && value?.type === "Literal" && /\p{L}/u.test(String(value.value)))
        found.push(`${name}=${value.value}`);
    }
    for (const value of Object.values(of)) visit(value);
  };
  visit(parseSync(file, readFileSync(file, "utf8")).program);
  return found;
}
