import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { Refused, tried, write } from "../../src/rpc/call";
import { failureOf, isAbsent, sentence } from "../../src/rpc/failure";

/** google.rpc.ErrorInfo {reason, domain, metadata{request_id}} as bytes. */
function errorInfo(reason: string, requestId: string): Uint8Array {
  const text = (value: string) => [...new TextEncoder().encode(value)];
  const part = (field: number, bytes: number[]) => [(field << 3) | 2, bytes.length, ...bytes];
  const entry = [...part(1, text("request_id")), ...part(2, text(requestId))];
  return Uint8Array.from([...part(1, text(reason)), ...part(2, text("osteon")), ...part(3, entry)]);
}

function refusal(code: Code, reason: string): ConnectError {
  const error = new ConnectError("The server's sentence.", code);
  error.details.push({ type: "google.rpc.ErrorInfo", value: errorInfo(reason, "r-1") });
  return error;
}

describe("failures", () => {
  it("have the stable reason, the request id and a sentence", () => {
    const failure = failureOf(refusal(Code.FailedPrecondition, "REASON_REQUIRED"));
    expect(failure).toMatchObject({ reason: "REASON_REQUIRED", requestId: "r-1", again: false });
    expect(sentence(failure)).toContain("say why");
    expect(sentence(failureOf(refusal(Code.InvalidArgument, "SOMETHING_NEW")))).toBe("The server's sentence.");
  });

  it("absent and forbidden look the same", () => {
    const [absent, forbidden] = [Code.NotFound, Code.PermissionDenied].map((code) => failureOf(refusal(code, "")));
    expect(absent && forbidden && sentence(absent) === sentence(forbidden)).toBe(true);
    expect(absent && isAbsent(absent) && forbidden && isAbsent(forbidden)).toBe(true);
  });

  it("are tried again where docs/api.md says so, and only there", async () => {
    for (const [code, wanted] of [
      [Code.Unavailable, 4],
      [Code.Internal, 4],
      [Code.InvalidArgument, 1],
      [Code.NotFound, 1],
    ] as const) {
      let calls = 0;
      const call = () => {
        calls += 1;
        return Promise.reject(refusal(code, "X"));
      };
      await expect(tried(call, { wait: () => Promise.resolve() })).rejects.toBeInstanceOf(Refused);
      expect(calls, Code[code]).toBe(wanted);
    }
  });

  it("a write keeps its request id over all its tries", async () => {
    const ids: string[] = [];
    const made = write((id) => {
      ids.push(id);
      return ids.length < 2 ? Promise.reject(refusal(Code.InvalidArgument, "X")) : Promise.resolve("done");
    });
    await expect(made.send()).rejects.toBeInstanceOf(Refused);
    await expect(made.send()).resolves.toBe("done");
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
  });
});
