// The contracts are shipped as lines of text (tools/descriptors.ts): here they become the bytes of a FileDescriptorProto, one
// character a byte. Lengths, most numbers and what begins every word of an enum follow from the rest.

/** "osteon/care/v1/pain.proto": "osteon.care.v1". */
export const packageOf = (path: string): string => path.slice(0, path.lastIndexOf("/")).replaceAll("/", ".");

/** "PainSite": "PAIN_SITE_". */
export const prefixOf = (name: string): string => `${name.replace(/(?!^)[A-Z]/g, "_$&").toUpperCase()}_`;

const byte = (code: number): string => String.fromCharCode(code);
const varint = (n: number): string => (n < 128 ? byte(n) : byte((n % 128) + 128) + varint(Math.floor(n / 128)));
/** A field of a descriptor that has a length: its number, and what it holds. */
const part = (number: number, text: string): string => byte(number * 8 + 2) + varint(text.length) + text;

/** The one under way: its text, and where the next line stands in it. */
interface Open {
  readonly in: number;
  readonly kind: string;
  readonly name: string;
  text: string;
  /** What comes after the fields: options, names of groups. */
  tail: string;
  number: number;
  groups: number;
}

export function unfold(folded: string): string {
  const [path = "", ...lines] = folded.split("\n");
  const home = packageOf(path);
  let file = part(1, path) + part(2, home);
  let open: Open | undefined;
  const close = () => {
    if (open) file += part(open.in, open.text + open.tail);
  };
  for (const line of lines) {
    const kind = line.charAt(0);
    const at = ">=!".indexOf(kind);
    if (at >= 0) {
      close();
      const [name, options] = halves(line.slice(1));
      const tail = options === "" ? "" : part(7, bytes(options));
      const number = kind === "=" ? -1 : 0;
      open = { in: at + 4, kind, name, text: part(1, name), tail, number, groups: 0 };
    } else if (open) {
      add(open, line, home);
    }
  }
  close();
  return file + part(12, "proto3");
}

function add(open: Open, line: string, home: string): void {
  if (line.startsWith("|")) {
    open.groups += 1;
    open.tail += part(8, part(1, line.slice(1)));
    return;
  }
  const [name, rest] = halves(line);
  if (open.kind === ">") {
    open.text += part(2, field(open, name, rest, home));
  } else if (open.kind === "=") {
    open.number = rest === "" ? open.number + 1 : Number(rest);
    open.text += part(2, `${part(1, prefixOf(open.name) + name)}\x10${varint(open.number)}`);
  } else {
    const method = name.replace("*", "");
    const types = part(2, `.${home}.${method}Request`) + part(3, `.${home}.${method}Response`);
    open.text += part(2, part(1, method) + types + (method === name ? "" : "\x30\x01"));
  }
}

function field(open: Open, name: string, rest: string, home: string): string {
  const [kind, options] = halves(rest);
  const [, number = "", type = "", how = "", typeName = ""] = /^(\d*)([a-r])([*?|]?)(.*)$/.exec(kind) ?? [];
  open.number = number === "" ? open.number + 1 : Number(number);
  return [
    part(1, name),
    `\x18${varint(open.number)}`,
    how === "*" ? "\x20\x03" : "",
    `\x28${byte(type.charCodeAt(0) - 96)}`,
    typeName === "" ? "" : part(6, typeName.startsWith(".") ? typeName : `.${home}.${typeName}`),
    options === "" ? "" : part(8, bytes(options)),
    how === "|" ? `\x48${varint(open.groups - 1)}` : "",
    how === "?" ? "\x88\x01\x01" : "",
  ].join("");
}

/** Before and after the first space. */
function halves(line: string): [string, string] {
  const at = line.indexOf(" ");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}

/** Of a character only the last byte counts: a line cannot hold what would end it. */
const bytes = (text: string): string => text.replace(/[\u0100-\u01ff]/g, (one) => byte(one.charCodeAt(0) - 256));
