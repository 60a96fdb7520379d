// grpc-js with proto-loader, no generated code but the descriptors: Hello, a push, and a live Pull that sees it.
// Usage: node sync.mjs ADDRESS CA_FILE TOKEN CIRCLE REPLICA RECORD_HEX
// Prints one JSON line: {"verdict": "accepted", "worst": 7}.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const [address, caFile, token, circle, replica, recordHex] = process.argv.slice(2);
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
// By descriptors: the loader's own parser does not read lists of messages in options.
const image = execFileSync(join(root, "tests/clients/node_modules/.bin/buf"), ["build", "-o", "-#format=binpb"], {
  cwd: root,
  maxBuffer: 64 << 20,
});
const definition = loader.loadFileDescriptorSetFromBuffer(image, {
  keepCase: true,
  longs: String,
  enums: String,
  oneofs: true,
});
const { osteon } = grpc.loadPackageDefinition(definition);
const client = new osteon.sync.v1.SyncService(address, grpc.credentials.createSsl(readFileSync(caFile)));
const metadata = new grpc.Metadata();
metadata.set("authorization", `Bearer ${token}`);
const record = Buffer.from(recordHex, "hex");

const call = (method, request) =>
  new Promise((resolve, reject) => {
    client[method](request, metadata, { deadline: Date.now() + 20_000 }, (error, answer) =>
      error ? reject(error) : resolve(answer),
    );
  });

const hello = await call("Hello", { client: "0.1.0" });
const seen = new Promise((resolve, reject) => {
  const stream = client.Pull({ positions: [{ circle }], live: true, epoch: hello.epoch }, metadata, {
    deadline: Date.now() + 60_000,
  });
  stream.on("data", (answer) => {
    for (const cell of answer.page?.cells ?? []) {
      const part = cell.parts.find((p) => record.equals(p.record));
      if (part) {
        resolve(part.body);
        stream.cancel();
      }
    }
  });
  stream.on("error", (error) => (error.code === grpc.status.CANCELLED ? undefined : reject(error)));
  stream.on("end", () => reject(new Error("the stream ended")));
});
const pushed = await call("Push", {
  circle,
  epoch: hello.epoch,
  replica,
  first_counter: "1",
  field_table_version: 1,
  changes: [
    {
      clock_ms: String(Date.now()),
      writes: [{ record, body: { pain_entry: { worst_24h: 7, effective_start: { at: { seconds: String(Math.floor(Date.now() / 1000)) } } } } }],
    },
  ],
});
const body = await seen;
console.log(JSON.stringify({ verdict: pushed.verdicts[0].verdict, member: body.body, worst: body.pain_entry.worst_24h }));
client.close();
