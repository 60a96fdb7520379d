// Entering a value of one field: what was typed as the contract's value, the body that holds it alone, and the input.
import { create, type DescField, ScalarType } from "@bufbuild/protobuf";
import { Format } from "../../gen/osteon/meta/v1/options_pb";
import { type RecordBody, RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";
import { scaled, typed } from "../format/number";
import { unitWords } from "../format/unit";
import { enumOf, fieldRule, isWhole, messageOf } from "../value/meta";
import { enumWords } from "../value/say";
import { t } from "../words";

/** Characters of a text. */
const LONGEST = 4000;

export const canEdit = (field: DescField): boolean =>
  field.fieldKind === "enum" || (field.fieldKind === "scalar" && field.scalar !== ScalarType.BYTES);

export type Entered =
  | { readonly is: "value"; readonly value: unknown }
  | { readonly is: "nothing" }
  | { readonly is: "wrong"; readonly says: string };

/** What was typed, as the contract's value. */
export function enteredOf(field: DescField, text: string): Entered {
  if (text.trim() === "") return { is: "nothing" };
  if (enumOf(field)) return { is: "value", value: Number(text) };
  if (isWhole(field)) {
    const number = typed(text, fieldRule(field).scale);
    switch (number.kind) {
      case "number":
        return {
          is: "value",
          value: field.fieldKind === "scalar" && isLong(field) ? number.value : Number(number.value),
        };
      case "unclear":
        return { is: "wrong", says: t("entry.unclear") };
      case "finer":
        return { is: "wrong", says: t("entry.finer", { n: fieldRule(field).scale }) };
      default:
        return { is: "wrong", says: t("entry.noNumber") };
    }
  }
  if (field.fieldKind === "scalar" && field.scalar === ScalarType.BOOL) return { is: "value", value: text === "yes" };
  // What is pasted may be longer than what can be typed.
  const length = [...text.trim().slice(0, 2 * LONGEST + 1)].length;
  if (length > LONGEST) return { is: "wrong", says: t("entry.tooLong", { n: LONGEST }) };
  return { is: "value", value: text.trim() };
}

/** A value as it would be typed. */
export function textOf(field: DescField, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (enumOf(field)) return String(Number(value));
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (isWhole(field)) return scaled(BigInt(value as bigint | number), fieldRule(field).scale, PLAIN);
  return typeof value === "string" ? value : "";
}

const PLAIN = { decimal: ".", thousands: "" };

const LONG = new Set([ScalarType.INT64, ScalarType.UINT64, ScalarType.FIXED64, ScalarType.SFIXED64, ScalarType.SINT64]);
const isLong = (field: DescField & { fieldKind: "scalar" }) => LONG.has(field.scalar);

export function bodyWith(type: number, field: DescField, value: unknown): RecordBody | undefined {
  const member = RecordBodySchema.fields.find((one) => one.number === type);
  const message = messageOf(type);
  if (!member || !message) return undefined;
  const inside = create(message, { [field.localName]: value } as never);
  return create(RecordBodySchema, { body: { case: member.localName, value: inside } } as never);
}

export function Input({ field, text, set }: { field: DescField; text: string; set: (text: string) => void }) {
  const of = enumOf(field);
  if (of) {
    return (
      <select value={text} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">{t("plan.choose")}</option>
        {of.values
          .filter((value) => value.number !== 0)
          .map((value) => (
            <option key={value.number} value={String(value.number)}>
              {enumWords(of, value.number)}
            </option>
          ))}
      </select>
    );
  }
  if (field.fieldKind === "scalar" && field.scalar === ScalarType.BOOL) {
    return (
      <select value={text} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">{t("plan.choose")}</option>
        <option value="yes">{t("value.yes")}</option>
        <option value="no">{t("value.no")}</option>
      </select>
    );
  }
  if (isWhole(field)) {
    return (
      <span class="with-unit">
        <input
          inputMode="decimal"
          autocomplete="off"
          maxLength={20}
          value={text}
          onInput={(event) => set(event.currentTarget.value)}
        />{" "}
        {unitWords(fieldRule(field).unit)}
      </span>
    );
  }
  if (fieldRule(field).format === Format.DATE) {
    return <input type="date" value={text} onInput={(event) => set(event.currentTarget.value)} />;
  }
  return (
    <textarea
      rows={3}
      maxLength={LONGEST}
      dir="auto"
      value={text}
      onInput={(event) => set(event.currentTarget.value)}
    />
  );
}
