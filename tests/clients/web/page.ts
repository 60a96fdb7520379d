// Runs in the browser. `osteon.watch` opens a live Pull over grpc-web and reports each step through `report`, which the
// driver binds; `osteon.me` is one unary call.

import { createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { SessionService } from "../../../target/clients/web/gen/osteon/identity/v1/identity_service_pb";
import { SyncService } from "../../../target/clients/web/gen/osteon/sync/v1/sync_service_pb";

declare const report: (line: string) => Promise<void>;

function transport(server: string, token: string) {
  return createGrpcWebTransport({
    baseUrl: server,
    interceptors: [
      (next) => (request) => {
        request.header.set("authorization", `Bearer ${token}`);
        return next(request);
      },
    ],
  });
}

const hex = (bytes: Uint8Array) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

async function me(server: string, token: string): Promise<string> {
  const answer = await createClient(SessionService, transport(server, token)).getMe({}, { timeoutMs: 10_000 });
  return answer.account.toString();
}

async function watch(server: string, token: string, circle: string, record: string): Promise<string> {
  const stop = new AbortController();
  const client = createClient(SyncService, transport(server, token));
  const stream = client.pull({ positions: [{ circle: BigInt(circle) }], live: true }, { signal: stop.signal });
  let ready = false;
  for await (const answer of stream) {
    if (answer.event.case !== "page") continue;
    for (const part of answer.event.value.cells.flatMap((cell) => cell.parts)) {
      if (hex(part.record) !== record) continue;
      if (!ready || part.body?.body.case !== "painEntry") throw new Error("not the record that was awaited");
      stop.abort();
      return `seen ${part.body.body.value.worst24h}`;
    }
    if (answer.event.value.atHead && !ready) {
      ready = true;
      await report("ready");
    }
  }
  throw new Error("the stream ended");
}

Object.assign(globalThis, { osteon: { me, watch } });
