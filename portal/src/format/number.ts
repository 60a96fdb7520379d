// Numbers as people read them: exact, with a leading zero, no trailing zero, a true minus sign. Never a float: a value is
// a whole number and how many of its digits are decimals.

export interface Separators {
  readonly decimal: string;
  readonly thousands: string;
}

export const NBSP = "\u00a0";
const MINUS = "\u2212";

/** `value / 10^scale`, without trailing zeros but for the decimals that a report has at least. */
export function scaled(value: bigint | number, scale: number, by: Separators, least = 0): string {
  const whole = BigInt(value);
  const digits = (whole < 0n ? -whole : whole).toString().padStart(scale + 1, "0");
  const cut = digits.length - scale;
  const all = digits.slice(cut);
  const decimals = all.slice(0, least) + all.slice(least).replace(/0+$/, "");
  const front = digits.slice(0, cut).replace(/\B(?=(\d{3})+$)/g, by.thousands);
  const number = decimals === "" ? front : front + by.decimal + decimals;
  return whole < 0n ? MINUS + number : number;
}

/** The same with its sign, also a plus (T-scores, changes). */
export function signed(value: bigint | number, scale: number, by: Separators): string {
  const number = scaled(value, scale, by);
  return BigInt(value) > 0n ? `+${number}` : number;
}

/** How many decimals a number needs. */
export const decimalsIn = (value: bigint | number, scale: number): number =>
  scaled(value, scale, { decimal: ".", thousands: "" }).split(".")[1]?.length ?? 0;

/** Nothing in it is broken over two lines. */
export const unbroken = (text: string): string => text.replaceAll(" ", NBSP);

export type Typed =
  | { readonly kind: "number"; readonly value: bigint }
  | { readonly kind: "empty" }
  | { readonly kind: "none" }
  | { readonly kind: "finer" }
  /** One mark and three digits: thousands for one reader, decimals for another. */
  | { readonly kind: "unclear" };

/** What a person typed as a whole number of `scale` decimals. A lone comma or point that could mean thousands is asked back. */
export function typed(text: string, scale: number): Typed {
  const plain = text.trim().replace(MINUS, "-");
  if (plain === "") return { kind: "empty" };
  if (/^-?[1-9]\d{0,2}[.,]\d{3}$/.test(plain)) return { kind: "unclear" };
  const parts = /^(-?)(\d{1,15})(?:[.,](\d{1,9}))?$/.exec(plain);
  if (!parts) return { kind: "none" };
  const decimals = (parts[3] ?? "").replace(/0+$/, "");
  if (decimals.length > scale) return { kind: "finer" };
  const value = BigInt(`${parts[2]}${decimals.padEnd(scale, "0")}`);
  return { kind: "number", value: parts[1] === "-" ? -value : value };
}
