// A script of its own, less than a kilobyte, before any other: it asks while the code of the page is on its way and read (rpc/early.ts
// takes the answers).
import { type EarlyCall, firstQuestions } from "./first";

const root = document.querySelector<HTMLMetaElement>('meta[name="osteon-root"]')?.content ?? "./";
const calls = new Map<string, EarlyCall>();
const view = crypto.randomUUID();
for (const { path, type, body } of firstQuestions(location.hash, view)) {
  const headers = { "content-type": type, "x-osteon-portal": "1", ...(body === "{}" ? {} : { "x-grpc-web": "1" }) };
  const answer = fetch(new URL(path, new URL(root, document.baseURI)), { method: "POST", headers, body });
  answer.catch(() => undefined);
  calls.set(path, { body, answer });
}
globalThis.osteonEarly = { view, calls };
