// Runs in a page of the server itself. `osteon.me` is one unary call over grpc-web that brings the session's cookie and
// no token; with what a page of ours says on every call, or without.

import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { SessionService } from "../../../target/clients/web/gen/osteon/identity/v1/identity_service_pb";

async function me(portal: boolean): Promise<string> {
  const transport = createGrpcWebTransport({
    baseUrl: location.origin,
    interceptors: [
      (next) => (request) => {
        if (portal) request.header.set("x-osteon-portal", "1");
        return next(request);
      },
    ],
  });
  try {
    const answer = await createClient(SessionService, transport).getMe({}, { timeoutMs: 10_000 });
    return `me ${answer.account} ${answer.circles.map((circle) => circle.shortId).join(",")}`;
  } catch (error) {
    return `refused ${Code[ConnectError.from(error).code]}`;
  }
}

Object.assign(globalThis, { osteon: { me } });
