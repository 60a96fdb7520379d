// What the contracts say of a field (unit, decimals, policy, words of an enum), read from their own options. There is no
// second table.
import { type DescEnum, type DescField, type DescMessage, getOption, hasOption, ScalarType } from "@bufbuild/protobuf";
import { field as limitsOption } from "../../gen/buf/validate/validate_pb";
import {
  type FieldRule,
  field as fieldOption,
  Policy,
  type RecordRule,
  record as recordOption,
} from "../../gen/osteon/meta/v1/options_pb";
import { type RecordBody, RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";

const types = new Map<number, DescField & { message: DescMessage }>();
for (const member of RecordBodySchema.fields) {
  if (member.fieldKind === "message") types.set(member.number, member);
}

/** The message of a record type's number; nothing for a type of a newer server. */
export const messageOf = (type: number): DescMessage | undefined => types.get(type)?.message;

export const typeNumbers = (): readonly number[] => [...types.keys()];

export function recordRule(type: number): RecordRule | undefined {
  const message = messageOf(type);
  return message && hasOption(message, recordOption) ? getOption(message, recordOption) : undefined;
}

export const fieldRule = (field: DescField): FieldRule => getOption(field, fieldOption);

export const fieldOf = (type: number, number: number): DescField | undefined =>
  messageOf(type)?.fields.find((field) => field.number === number);

/** The record inside a body, as a bag of its fields. */
export function inner(body: RecordBody | undefined): Record<string, unknown> | undefined {
  return body?.body.case === undefined ? undefined : (body.body.value as unknown as Record<string, unknown>);
}

/** The value of one field in a body, if it is set there. */
export function valueIn(body: RecordBody | undefined, field: DescField): unknown {
  const value = inner(body)?.[field.localName];
  return Array.isArray(value) && value.length === 0 ? undefined : value;
}

export interface Limits {
  readonly min?: bigint;
  readonly max?: bigint;
}

/** The hard range of a whole number, inclusive. */
export function limitsOf(field: DescField): Limits {
  const rules = getOption(field, limitsOption).type;
  if (rules.case === undefined) return {};
  const bounds = rules.value as {
    greaterThan?: { case?: string | undefined; value?: unknown };
    lessThan?: { case?: string | undefined; value?: unknown };
  };
  const limits: { min?: bigint; max?: bigint } = {};
  if (bounds.greaterThan?.case === "gte") limits.min = BigInt(bounds.greaterThan.value as number);
  if (bounds.lessThan?.case === "lte") limits.max = BigInt(bounds.lessThan.value as number);
  return limits;
}

/** A score that goes to ten says so. */
export function tenOf(field: DescField, rule: FieldRule): bigint | undefined {
  const ten = 10n ** BigInt(rule.scale + 1);
  return rule.unit === "{score}" && limitsOf(field).max === ten ? ten : undefined;
}

export const isWhole = (field: DescField): boolean => {
  const scalar = field.fieldKind === "list" ? (field.listKind === "scalar" ? field.scalar : undefined) : field.scalar;
  return (
    scalar !== undefined &&
    scalar !== ScalarType.BOOL &&
    scalar !== ScalarType.STRING &&
    scalar !== ScalarType.BYTES &&
    scalar !== ScalarType.DOUBLE &&
    scalar !== ScalarType.FLOAT
  );
};

export const enumOf = (field: DescField): DescEnum | undefined => {
  if (field.fieldKind === "enum") return field.enum;
  return field.fieldKind === "list" && field.listKind === "enum" ? field.enum : undefined;
};

export interface Measure {
  readonly unit: string;
  readonly scale: number;
}

const sources = new Map<string, Measure>();
for (const { message } of types.values()) {
  for (const field of message.fields) {
    const { unit, scale } = fieldRule(field);
    if (unit !== "" && !sources.has(field.name)) sources.set(field.name, { unit, scale });
  }
}

/** Unit and decimals of a field. A derived copy that says none has those of the field of the same name that it was made of. */
export function measureOf(field: DescField): Measure {
  const { unit, scale, policy } = fieldRule(field);
  const source = unit === "" && policy === Policy.DERIVED ? sources.get(field.name) : undefined;
  return source ?? { unit, scale };
}
