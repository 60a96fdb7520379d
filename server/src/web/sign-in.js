// The sign-in page and the page after it. No library, nothing stored: the session lies in a cookie that no script reads.
"use strict";

const find = (id) => document.getElementById(id);

const say = (text) => { find("status").textContent = text; };

/** A sentence for people, whatever it was. */
function complain(error) {
  const known = {
    AbortError: "It was cancelled.",
    InvalidStateError: "This device has a passkey of yours already: sign in with it.",
    NotAllowedError: "Nothing was confirmed, or it took too long. Please try again.",
    SecurityError: "This page was opened under another address than passkeys are made for.",
  };
  say("");
  find("alert").textContent = error.reason ? error.message : known[error.name] ?? "The server cannot be reached. Please try again.";
}

/** Asks the desk. A refusal has a stable reason and a sentence. */
async function ask(path, body = {}) {
  const answer = await fetch(path, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json", "x-osteon-portal": "1" },
    body: JSON.stringify(body),
  });
  const value = await answer.json();
  if (answer.ok) return value;
  throw Object.assign(new Error(value.text), { reason: value.reason });
}

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Makes a passkey as the server asked. */
async function create({ publicKey }) {
  const options = {
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    user: { ...publicKey.user, id: bytes(publicKey.user.id) },
    excludeCredentials: (publicKey.excludeCredentials ?? []).map((known) => ({ ...known, id: bytes(known.id) })),
  };
  const made = await navigator.credentials.create({ publicKey: options });
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    response: {
      attestationObject: text(made.response.attestationObject),
      clientDataJSON: text(made.response.clientDataJSON),
      transports: made.response.getTransports?.() ?? [],
    },
  };
}

/** Signs with whichever passkey of this server the person chooses. */
async function sign({ publicKey }) {
  const signed = await navigator.credentials.get({ publicKey: { ...publicKey, challenge: bytes(publicKey.challenge) } });
  const { authenticatorData, clientDataJSON, signature, userHandle } = signed.response;
  return {
    id: signed.id,
    rawId: text(signed.rawId),
    type: signed.type,
    response: {
      authenticatorData: text(authenticatorData),
      clientDataJSON: text(clientDataJSON),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    },
  };
}

/** Runs one step at a time, with the buttons off meanwhile. */
async function step(sentence, work) {
  const buttons = [...document.querySelectorAll("button")];
  find("alert").textContent = "";
  say(sentence);
  for (const button of buttons) button.disabled = true;
  try {
    await work();
  } catch (error) {
    complain(error);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

/** Where one goes who has signed in: the portal, or who one is. Relative, as a proxy may have put the server under a path. */
async function home() {
  const { portal } = await ask("web/ways");
  location.assign(portal ? "./" : "me");
}

const invite = () => ({ code: find("code").value.trim(), circle: find("circle").value.trim() });

async function enrol() {
  const { handle, options } = await ask("web/enrol/begin", invite());
  await ask("web/enrol/finish", { handle, credential: await create(options) });
  await home();
}

async function signIn() {
  const { handle, options } = await ask("web/sign-in/begin");
  await ask("web/sign-in/finish", { handle, credential: await sign(options) });
  await home();
}

async function toHospital(body) {
  location.assign((await ask("web/hospital/begin", body)).url);
}

async function another() {
  const { handle, options } = await ask("web/passkey/begin");
  await ask("web/passkey/finish", { handle, credential: await create(options) });
  say("The passkey is yours now.");
}

async function signOut() {
  await ask("web/sign-out");
  location.assign("sign-in");
}

async function signInPage() {
  find("server").textContent = location.host;
  const { passkeys, hospital } = await ask("web/ways");
  const able = passkeys && "PublicKeyCredential" in window;
  find("passkey").hidden = find("enrol-passkey").hidden = !able;
  find("hospital").hidden = find("enrol-hospital").hidden = !hospital;
  find("hospital-name").textContent = hospital ?? "";
  if (!able && !hospital) say("Neither passkeys nor a hospital's sign-in are possible here.");
  find("sign-in").addEventListener("click", () => step("Your browser asks you now.", signIn));
  find("hospital-sign-in").addEventListener("click", () => step("One moment.", () => toHospital({})));
  find("enrol-hospital").addEventListener("click", () => {
    if (find("enrol").reportValidity()) step("One moment.", () => toHospital(invite()));
  });
  find("enrol").addEventListener("submit", (event) => {
    event.preventDefault();
    if (able) step("Your browser asks you now.", enrol);
  });
  document.body.dataset.ready = "true";
}

async function mePage() {
  let me;
  try {
    me = await ask("web/me");
  } catch (error) {
    if (error.reason) return location.replace("sign-in");
    throw error;
  }
  const { passkeys } = await ask("web/ways");
  find("account").textContent = `number ${me.account}`;
  for (const { circle, role } of me.circles) {
    const item = document.createElement("li");
    item.textContent = `${circle}: ${role}`;
    find("circles").append(item);
  }
  if (me.circles.length === 0) find("circles").replaceWith("none");
  const time = (ms) => new Date(ms).toLocaleTimeString();
  find("session").textContent = `ends at ${time(me.idle_ms)} if nothing is done until then, at ${time(me.absolute_ms)} in any case`;
  find("who").hidden = find("sign-out").hidden = false;
  find("another").hidden = !(passkeys && "PublicKeyCredential" in window);
  find("another").addEventListener("click", () => step("Your browser asks you now.", another));
  find("sign-out").addEventListener("click", () => step("Signing out.", signOut));
  document.body.dataset.ready = "true";
}

(document.body.dataset.page === "me" ? mePage() : signInPage()).catch(complain);
