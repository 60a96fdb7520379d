// What is asked before the code of the page is there: the same as that code asks, given once, and never to somebody else.
import { create, toBinary } from "@bufbuild/protobuf";
import { afterEach, describe, expect, it, vi } from "vitest";
import { GetMeRequestSchema } from "../../gen/osteon/identity/v1/identity_service_pb";
import { ListWorkRequestSchema } from "../../gen/osteon/worklist/v1/worklist_service_pb";
import { askAhead, dropAhead, takeAhead } from "../../src/app/ahead";
import { firstQuestions } from "../../src/early/first";
import { dropEarly, earlyView, takeEarly } from "../../src/rpc/early";
import { firstRequest } from "../../src/screens/worklist/worklist";

const VIEW = "0b8f3f34-5b0c-4a5e-9d52-6f6a1c1f2d3e";
const framed = (message: Uint8Array) => new Uint8Array([0, 0, 0, 0, message.length, ...message]);
const of = (hash: string, path: string) => firstQuestions(hash, VIEW).find((one) => one.path.endsWith(path))?.body;

describe("the first questions", () => {
  it("are, byte for byte, those of the page's code", () => {
    expect(of("", "GetMe")).toEqual(framed(toBinary(GetMeRequestSchema, create(GetMeRequestSchema, {}))));
    const list = create(ListWorkRequestSchema, firstRequest(VIEW));
    expect(of("", "ListWork")).toEqual(framed(toBinary(ListWorkRequestSchema, list)));
    expect(of("#/work", "ListWork")).toEqual(of("", "ListWork"));
  });

  it("ask for the list only where the page begins with all of it", () => {
    for (const hash of ["#/patient/d0003", "#/work?team=mine", "#/work?q=a", "#/alerts", "#/nowhere"]) {
      expect(of(hash, "ListWork")).toBeUndefined();
      expect(of(hash, "web/me")).toBe("{}");
    }
  });
});

describe("an early answer", () => {
  const answer = Promise.resolve(new Response("them"));
  const asked = (body: Uint8Array | string) => {
    globalThis.osteonEarly = { view: VIEW, calls: new Map([["a", { body, answer }]]) };
  };
  afterEach(() => {
    globalThis.osteonEarly = undefined;
  });

  it("is given once, and only to the same question", () => {
    asked(new Uint8Array([1, 2]));
    expect(earlyView()).toBe(VIEW);
    expect(takeEarly("b", new Uint8Array([1, 2]))).toBeUndefined();
    expect(takeEarly("a", new Uint8Array([1, 2]))).toBe(answer);
    expect(takeEarly("a", new Uint8Array([1, 2]))).toBeUndefined();
    for (const other of [new Uint8Array([1, 3]), new Uint8Array([1]), "12"]) {
      asked(new Uint8Array([1, 2]));
      expect(takeEarly("a", other)).toBeUndefined();
      expect(takeEarly("a", new Uint8Array([1, 2])), "another question came first").toBeUndefined();
    }
  });

  it("is gone when nobody sits here any more", () => {
    asked("{}");
    dropEarly();
    expect(takeEarly("a", "{}")).toBeUndefined();
  });

  it("is no condition: without the script the page asks by itself", () => {
    expect(takeEarly("a", "{}")).toBeUndefined();
    expect(earlyView()).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("what is read ahead", () => {
  afterEach(() => {
    dropAhead();
    vi.useRealTimers();
  });

  it("is given once", async () => {
    askAhead("a", async () => 1);
    askAhead("b", async () => 2);
    expect(await takeAhead("b")).toBe(2);
    expect(await takeAhead("a")).toBe(1);
    expect(takeAhead("a")).toBeUndefined();
  });

  it("is asked for anew when it is old, when whoever asked has left, and for somebody else", () => {
    vi.useFakeTimers();
    askAhead("old", async () => 1);
    vi.advanceTimersByTime(20_000);
    expect(takeAhead("old")).toBeUndefined();
    const page = new AbortController();
    askAhead("left", async () => 1, page.signal);
    page.abort();
    expect(takeAhead("left")).toBeUndefined();
    askAhead("theirs", async () => 1);
    dropAhead();
    expect(takeAhead("theirs")).toBeUndefined();
  });
});
