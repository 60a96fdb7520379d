// Calls as somebody who is signed in on a page: the same session, the same contracts, from the test's own process.
import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import type { Page } from "@playwright/test";
import { SERVER } from "./portal";

export async function callerOf<S extends DescService>(page: Page, service: S): Promise<Client<S>> {
  const cookies = await page.context().cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const transport = createGrpcWebTransport({
    baseUrl: SERVER(),
    useBinaryFormat: true,
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set("cookie", cookie);
      headers.set("origin", SERVER());
      headers.set("sec-fetch-site", "same-origin");
      headers.set("x-osteon-portal", "1");
      return fetch(input, { ...init, headers });
    },
  });
  return createClient(service, transport);
}
