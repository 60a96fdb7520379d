import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { de } from "./src/words/de";
import { en } from "./src/words/en";
import { fold, lean, plain } from "./tools/descriptors.ts";

const UNFOLD = fileURLToPath(new URL("./src/rpc/unfold.ts", import.meta.url));
const leanDescriptors = {
  name: "lean-descriptors",
  transform(code: string, id: string) {
    const base64 = /\/gen\/.*_pb\.ts$/.test(id) ? /fileDesc\("([\w+/=]*)"/.exec(code)?.[1] : undefined;
    if (base64 === undefined) return null;
    const file = lean(base64);
    const folded = fold(file);
    const text = JSON.stringify(folded ?? plain(file));
    const bytes = folded === undefined ? text : `unfold(${text})`;
    const said = code.replace(/fileDesc\("[\w+/=]*"/, () => `fileDesc(btoa(${bytes})`);
    return folded === undefined ? said : `import { unfold } from ${JSON.stringify(UNFOLD)};\n${said}`;
  },
};

/** Each contract is read once as the page starts, and the library looks all that it imports through anew. They share one registry. */
const OWN_REGISTRY = "return buildFileRegistry([fileDescriptorProto, resolve]);";
const oneRegistry = {
  name: "one-registry",
  transform(code: string, id: string) {
    if (!/@bufbuild\/protobuf\/dist\/esm\/registry\.js$/.test(id)) return null;
    if (!code.includes(OWN_REGISTRY)) throw new Error("the registry of the contracts is made otherwise now");
    return `const embedded = createBaseRegistry();\n${code.replace(OWN_REGISTRY, "addFile(fileDescriptorProto, embedded); return embedded;")}`;
  },
};

/** The German words go in the order of the English ones, without their keys: these are there already. */
const germanInOrder = {
  name: "german-in-order",
  apply: "build",
  load(id: string) {
    if (!/src\/words\/de\.ts$/.test(id)) return null;
    const keys = Object.keys(en) as (keyof typeof en)[];
    const missing = keys.find((key) => de[key] === undefined);
    if (missing !== undefined || Object.keys(de).length !== keys.length) throw new Error(`German words: ${missing}`);
    const all = JSON.stringify(keys.map((key) => de[key]));
    return `import { en } from "./en";\nconst all = ${all};\nexport const de = Object.fromEntries(Object.keys(en).map((key, at) => [key, all[at]]));\nexport { types } from "./de/types";`;
  },
};

/** Calls are binary alone (`useBinaryFormat`): the JSON form of messages is left out, and says so to whoever asks for it. */
const JSON_FORM = {
  from: ["fromJsonString", "mergeFromJsonString", "fromJson", "mergeFromJson", "enumFromJson", "isEnumJson"],
  to: ["toJson", "toJsonString", "enumToJson"],
} as const;
const binaryAlone = {
  name: "binary-alone",
  transform(_: string, id: string) {
    const found = /@bufbuild\/protobuf\/dist\/esm\/(from|to)-json\.js$/.exec(id)?.[1];
    if (found !== "from" && found !== "to") return null;
    const none = 'function none() { throw new Error("messages have no JSON form here"); }';
    return `${none}\n${JSON_FORM[found].map((name) => `export { none as ${name} };`).join("\n")}`;
  },
};

/**
 * Enums of the library are made by functions that run as the page starts, which no bundler leaves out: written so that it may, those
 * that nobody names are not shipped.
 */
const ENUM = /^export var (\w+);\n\(function \(\1\) \{\n([\s\S]*?)^\}\)\(\1 \|\| \(\1 = \{\}\)\);$/gm;
const namedEnums = {
  name: "named-enums",
  transform(code: string, id: string) {
    if (!/node_modules\/@(bufbuild|connectrpc)\//.test(id) || !code.includes("export var ")) return null;
    // What the library's description of descriptions says of a field is "at most one" without a word, too.
    const described = code.replaceAll(', "label": 1 ', " ").replaceAll(', "label": 1,', ",");
    return described.replace(ENUM, "export var $1 = /*@__PURE__*/ (function ($1) {\n$2return $1; })({});");
  },
};

/**
 * The script that asks before the code of the page is there. A plain one before everything else: a module waits for the page to be
 * read and drawn, which on a slow computer is as long as the answers take.
 */
const askEarly = {
  name: "ask-early",
  apply: "build",
  buildStart(this: { emitFile(file: object): string }) {
    this.emitFile({ type: "chunk", id: "src/early/main.ts", name: "early" });
  },
  generateBundle(_: unknown, bundle: Record<string, Chunk>) {
    const early = earlyOf(bundle);
    if (/\b(?:import|export)\b/.test(early.code)) throw new Error("what asks early needs nothing else");
    early.code = `(()=>{${early.code.trim()}})();`;
  },
  transformIndexHtml: {
    order: "post",
    handler(html: string, { bundle }: { bundle: Record<string, Chunk> }) {
      const first = '<script type="module"';
      if (!html.includes(first)) throw new Error("the page has no script");
      return html.replace(first, `<script src="./${earlyOf(bundle).fileName}"></script>\n  ${first}`);
    },
  },
};
interface Chunk {
  readonly name?: string;
  readonly fileName: string;
  code: string;
}
function earlyOf(bundle: Record<string, Chunk>): Chunk {
  const early = Object.values(bundle).find((one) => one.name === "early");
  if (!early) throw new Error("nothing asks early");
  return early;
}

// Relative paths: the portal works under any sub-path. No inlined assets: the policy of the pages allows no data: fonts or
// scripts. The module preload polyfill would be an inline script.
export default defineConfig({
  base: "./",
  plugins: [leanDescriptors, binaryAlone, namedEnums, oneRegistry, germanInOrder, askEarly],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What every screen needs comes first; the contracts of all records are large, and the work list does without them.
            {
              name: "base",
              priority: 2,
              test: /node_modules\/(?!uqr)|src\/(?:app|live|rpc|format)\/|src\/words\/(?:index|en)|src\/value\/(?:marks|who|phone|names)\.|gen\/(?:osteon\/(?:meta|audit|thread|worklist|live|server|identity\/v1\/identity|circle\/v1\/phone|care\/v1\/(?:alert|common)_pb)|buf)/,
            },
            { name: "records", priority: 1, test: /gen\/osteon\/(?:sync|record|review|summary|care)/ },
            // What the pages of a patient share, in one piece: each piece more is a request more and packs worse.
            {
              name: "parts",
              priority: 1,
              test: /src\/(?:parts|charts|value)\/|src\/screens\/(?:ask\/|alerts\/|access\/categories|people\/load|messages\/load)|gen\/osteon\/(?:circle|consent|alert|seen|timeline)/,
            },
            // Pages of one or two kilobytes each, as one.
            {
              name: "pages",
              test: /src\/screens\/(?:people|invites|accesses|audit|quality|phones|access|glass|visit|team)\//,
            },
          ],
        },
      },
    },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: { include: ["test/unit/**/*.test.{ts,tsx}"], environment: "node" },
} as Parameters<typeof defineConfig>[0]);
