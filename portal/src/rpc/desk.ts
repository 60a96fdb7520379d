// The sign-in desk of the server (JSON): who the cookie says I am, a passkey, the end of the session.
import { serverRoot } from "./call";
import { takeEarly } from "./early";

export class DeskRefused extends Error {
  readonly reason: string;
  constructor(reason: string, text: string) {
    super(text);
    this.reason = reason;
  }
}

export async function ask<T>(path: string, body: object = {}): Promise<T> {
  const text = JSON.stringify(body);
  const asked = takeEarly(`web/${path}`, text);
  const answer = await (asked ??
    fetch(`${serverRoot()}/web/${path}`, {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/json", "x-osteon-portal": "1" },
      body: text,
    }));
  const value = (await answer.json()) as { reason?: string; text?: string };
  if (answer.ok) return value as T;
  throw new DeskRefused(value.reason ?? "", value.text ?? "");
}

export interface Ends {
  readonly idle_ms: number;
  readonly absolute_ms: number;
}

export const whoAmI = () => ask<Ends & { account: number }>("me");

export const signOut = () => ask("sign-out");

const bytes = (text: string) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

const base64url = (buffer: ArrayBuffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

interface Asked {
  readonly handle: string;
  readonly options: { readonly publicKey: { challenge: string } & Record<string, unknown> };
}

/** Signs with whichever passkey of this server the person chooses. */
export async function signInWithPasskey(): Promise<void> {
  const { handle, options } = await ask<Asked>("sign-in/begin");
  const publicKey = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
  const signed = await navigator.credentials.get({ publicKey: publicKey as PublicKeyCredentialRequestOptions });
  if (!(signed instanceof PublicKeyCredential)) throw new DeskRefused("", "");
  const response = signed.response as AuthenticatorAssertionResponse;
  await ask("sign-in/finish", {
    handle,
    credential: {
      id: signed.id,
      rawId: base64url(signed.rawId),
      type: signed.type,
      response: {
        authenticatorData: base64url(response.authenticatorData),
        clientDataJSON: base64url(response.clientDataJSON),
        signature: base64url(response.signature),
        userHandle: response.userHandle ? base64url(response.userHandle) : null,
      },
    },
  });
}
