import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scaled, signed, typed } from "../../src/format/number";

const en = { decimal: ".", thousands: "," };

describe("numbers (V2)", () => {
  it("have a leading zero, no trailing zero, thousands, a true minus", () => {
    expect(scaled(5, 1, en)).toBe("0.5");
    expect(scaled(50, 1, en)).toBe("5");
    expect(scaled(12000, 1, en)).toBe("1,200");
    expect(scaled(-25, 1, en)).toBe("\u22122.5");
    expect(scaled(21100n, 4, en)).toBe("2.11");
    expect(signed(12, 1, en)).toBe("+1.2");
    expect(signed(0, 1, en)).toBe("0");
  });

  it("are exact, whatever the value and the scale", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.nat(9), (value, scale) => {
        const text = scaled(value, scale, en);
        expect(text).not.toMatch(/\.\d*0$|^-|^\.|^0\d/);
        const plain = text.replaceAll(",", "").replace("\u2212", "-");
        const [whole = "", decimals = ""] = plain.replace("-", "").split(".");
        const back = BigInt(whole + decimals.padEnd(scale, "0")) * (plain.startsWith("-") ? -1n : 1n);
        expect(back).toBe(value);
      }),
    );
  });
});

describe("what a person types (V3)", () => {
  it("is read back as it was written", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -999999n, max: 999999n }), fc.nat(4), (value, scale) => {
        const text = scaled(value, scale, { decimal: ".", thousands: "" });
        const read = typed(text, scale);
        if (read.kind === "unclear") expect(text).toMatch(/\.\d{3}$/);
        else expect(read).toEqual({ kind: "number", value });
      }),
    );
  });

  it("asks back where a mark could mean thousands", () => {
    expect(typed("1,200", 1).kind).toBe("unclear");
    expect(typed("1.200", 3).kind).toBe("unclear");
    expect(typed("2,5", 1)).toEqual({ kind: "number", value: 25n });
    expect(typed("0.125", 3)).toEqual({ kind: "number", value: 125n });
  });

  it("says what is no number and what is too fine", () => {
    expect(typed("2.55", 1).kind).toBe("finer");
    for (const wrong of ["abc", "1e3", "1,2,3", "--1", "0x10"]) expect(typed(wrong, 1).kind).toBe("none");
    expect(typed("  ", 1).kind).toBe("empty");
  });
});
