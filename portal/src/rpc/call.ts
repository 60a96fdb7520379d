// Every call: same origin, grpc-web, with the header by which the server knows a page of its own. Reads are tried again a few
// times; a write keeps its request id over all its tries, so that it has one effect.
import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { signal } from "@preact/signals";
import { takeEarly } from "./early";
import { type Failure, failureOf, isOutOfReach, isSignedOut } from "./failure";

/** Where the server is, seen from the page: the portal lies in a folder of it, or at its root. */
export const serverRoot = (): string => {
  const said = document.querySelector<HTMLMetaElement>('meta[name="osteon-root"]')?.content ?? "./";
  return new URL(said, document.baseURI).href.replace(/\/$/, "");
};

export const OWN_PAGE = "x-osteon-portal";

/** For calls that the page makes by itself: they keep nobody's session awake. */
export const BY_ITSELF = { [OWN_PAGE]: "refresh" } as const;

/** The last call did not reach the server. What is there can be read; nothing can be written. */
export const away = signal(false);

const ownPage: Interceptor = (next) => async (request) => {
  if (!request.header.has(OWN_PAGE)) request.header.set(OWN_PAGE, "1");
  try {
    const answer = await next(request);
    away.value = false;
    return answer;
  } catch (thrown) {
    if (!request.signal.aborted) away.value = isOutOfReach(failureOf(thrown));
    throw thrown;
  }
};

/** What was asked already, else asks. */
const early: typeof fetch = (url, how) => {
  const { body, headers } = how ?? {};
  const mayTake = body instanceof Uint8Array && headers instanceof Headers && headers.get(OWN_PAGE) === "1";
  const path = String(url).slice(serverRoot().length + 1);
  return (mayTake ? takeEarly(path, body) : undefined) ?? fetch(url, how);
};

export const TIMEOUT_MS = 20_000;

const clients = new Map<string, unknown>();

export function client<S extends DescService>(service: S): Client<S> {
  const known = clients.get(service.typeName);
  if (known) return known as Client<S>;
  const how = { baseUrl: serverRoot(), interceptors: [ownPage], useBinaryFormat: true, fetch: early };
  const transport = createGrpcWebTransport(how);
  const made = createClient(service, transport);
  clients.set(service.typeName, made);
  return made;
}

export class Refused extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.reason);
    this.failure = failure;
  }
}

/** Told when the server no longer knows who we are. */
export const onSignedOut: { call: () => void } = { call: () => undefined };

const WAITS_MS = [1000, 2000, 4000];

export interface Tries {
  readonly signal?: AbortSignal | undefined;
  readonly wait?: (ms: number) => Promise<void>;
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Runs a call, again where docs/api.md says so. What fails for good is thrown as Refused. */
export async function tried<T>(call: () => Promise<T>, tries: Tries = {}): Promise<T> {
  for (let n = 0; ; n += 1) {
    try {
      return await call();
    } catch (thrown) {
      if (tries.signal?.aborted) throw thrown;
      const failure = failureOf(thrown);
      if (isSignedOut(failure)) onSignedOut.call();
      const wait = WAITS_MS[n];
      if (!failure.again || wait === undefined) throw new Refused(failure);
      const jitter = wait * (0.5 + Math.random());
      await (tries.wait ?? sleep)(failure.retryAfterMs ?? jitter);
    }
  }
}

/** Something that a person wrote. Asked again after a failure it is the same write. */
export interface Write<T> {
  readonly requestId: string;
  send(): Promise<T>;
}

export function write<T>(call: (requestId: string) => Promise<T>): Write<T> {
  const requestId = crypto.randomUUID();
  return { requestId, send: () => tried(() => call(requestId)) };
}
