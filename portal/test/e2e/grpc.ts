// Answers of the real server, changed on their way to the page: a list of six becomes the first page of a longer one.
import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { Route } from "@playwright/test";

/** The messages of a grpc-web body: one byte of flags, four of length. */
function* frames(body: Uint8Array): Generator<{ flags: number; data: Uint8Array }> {
  for (let at = 0; at + 5 <= body.length; ) {
    const length = new DataView(body.buffer, body.byteOffset + at + 1, 4).getUint32(0);
    yield { flags: body[at] ?? 0, data: body.subarray(at + 5, at + 5 + length) };
    at += 5 + length;
  }
}

function frame(flags: number, data: Uint8Array): Uint8Array {
  const whole = new Uint8Array(5 + data.length);
  whole[0] = flags;
  new DataView(whole.buffer).setUint32(1, data.length);
  whole.set(data, 5);
  return whole;
}

export function asked<D extends DescMessage>(route: Route, schema: D): MessageShape<D> {
  const [first] = frames(new Uint8Array(route.request().postDataBuffer() ?? []));
  if (!first) throw new Error("a call without a message");
  return fromBinary(schema, first.data);
}

const TRAILER = 0x80;
const text = (words: string) => new TextEncoder().encode(words);

/** An answer that no server gave; `refused`: a status and a sentence instead. */
export async function reply<A extends DescMessage>(
  route: Route,
  schema: A,
  said: MessageShape<A> | { readonly refused: number; readonly says: string },
): Promise<void> {
  const isRefused = "refused" in said;
  const trailer = isRefused ? `grpc-status:${said.refused}\r\ngrpc-message:${said.says}\r\n` : "grpc-status:0\r\n";
  const data = isRefused ? [] : [frame(0, toBinary(schema, said as MessageShape<A>))];
  const headers = { "content-type": "application/grpc-web+proto" };
  await route.fulfill({ headers, body: Buffer.concat([...data, frame(TRAILER, text(trailer))]) });
}

/** Lets the server answer `request` and passes its answer on as `change` leaves it. */
export async function answer<Q extends DescMessage, A extends DescMessage>(
  route: Route,
  [request, question]: [Q, MessageShape<Q>],
  schema: A,
  change: (message: MessageShape<A>) => void,
): Promise<void> {
  const postData = Buffer.from(frame(0, toBinary(request, question)));
  const response = await route.fetch({ postData });
  const parts = [...frames(new Uint8Array(await response.body()))].map(({ flags, data }) => {
    if ((flags & TRAILER) !== 0) return frame(flags, data);
    const message = fromBinary(schema, data);
    change(message);
    return frame(flags, toBinary(schema, message));
  });
  await route.fulfill({ response, body: Buffer.concat(parts) });
}
