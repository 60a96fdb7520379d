// What a refused or failed call comes to: a stable reason, a sentence for a person, the request id, and what to do.
// docs/api.md: UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, ABORTED and INTERNAL are retried with the same request id.
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import { has, t, words } from "../words";

export interface Failure {
  readonly reason: string;
  readonly code: Code;
  /** The server's own sentence, English. */
  readonly says: string;
  readonly requestId: string;
  /** Paths of the fields at fault. */
  readonly fields: readonly string[];
  readonly retryAfterMs: number | undefined;
  readonly again: boolean;
}

const AGAIN = new Set([Code.Unavailable, Code.DeadlineExceeded, Code.Canceled, Code.Aborted, Code.Internal]);

export const isAbsent = (failure: Failure): boolean =>
  failure.code === Code.NotFound || failure.code === Code.PermissionDenied;

export const isSignedOut = (failure: Failure): boolean => failure.code === Code.Unauthenticated;

/** No word of the server's own: a refusal of its has a reason. */
export const isOutOfReach = (failure: Failure): boolean => failure.reason === "" && failure.code === Code.Unavailable;

export function failureOf(thrown: unknown): Failure {
  const error = ConnectError.from(thrown);
  const found = { reason: "", requestId: "", fields: [] as string[], retryAfterMs: undefined as number | undefined };
  for (const detail of error.details) {
    if (!("type" in detail) || !("value" in detail)) continue;
    const bytes = detail.value as Uint8Array;
    if (detail.type === "google.rpc.ErrorInfo") Object.assign(found, errorInfo(bytes));
    if (detail.type === "google.rpc.BadRequest") found.fields = badRequest(bytes);
    if (detail.type === "google.rpc.RetryInfo") found.retryAfterMs = retryInfo(bytes);
  }
  const lost = thrown instanceof TypeError || (error.cause instanceof TypeError && found.reason === "");
  return {
    ...found,
    code: lost ? Code.Unavailable : error.code,
    says: error.rawMessage,
    again: lost || AGAIN.has(error.code) || found.retryAfterMs !== undefined,
  };
}

/** A sentence: ours where we have one, else the server's. */
export function sentence(failure: Failure): string {
  if (isAbsent(failure) && failure.reason !== "FIELD_NOT_WRITABLE") {
    const own = `reason.${failure.reason}`;
    return has(own) ? words(own) : t("state.absent");
  }
  const key = `reason.${failure.reason}`;
  if (has(key)) return words(key);
  if (isOutOfReach(failure)) return t("state.unreachable");
  return failure.says !== "" ? failure.says : t("state.failed");
}

function* parts(bytes: Uint8Array): Generator<[number, Uint8Array | bigint]> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (wire === 2) yield [field, reader.bytes()];
    else if (wire === 0) yield [field, BigInt(reader.int64())];
    else reader.skip(wire, field);
  }
}

const text = (value: Uint8Array | bigint) => (typeof value === "bigint" ? "" : new TextDecoder().decode(value));

function errorInfo(bytes: Uint8Array): { reason: string; requestId: string } {
  const info = { reason: "", requestId: "" };
  for (const [field, value] of parts(bytes)) {
    if (field === 1) info.reason = text(value);
    if (field !== 3 || typeof value === "bigint") continue;
    const entry = new Map([...parts(value)].map(([number, one]) => [number, text(one)]));
    if (entry.get(1) === "request_id") info.requestId = entry.get(2) ?? "";
  }
  return info;
}

function badRequest(bytes: Uint8Array): string[] {
  const paths: string[] = [];
  for (const [field, value] of parts(bytes)) {
    if (field !== 1 || typeof value === "bigint") continue;
    for (const [number, one] of parts(value)) if (number === 1) paths.push(text(one));
  }
  return paths;
}

function retryInfo(bytes: Uint8Array): number | undefined {
  for (const [field, value] of parts(bytes)) {
    if (field !== 1 || typeof value === "bigint") continue;
    const units = new Map(parts(value));
    return Number(units.get(1) ?? 0n) * 1000 + Math.ceil(Number(units.get(2) ?? 0n) / 1e6);
  }
  return undefined;
}
