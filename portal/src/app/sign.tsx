// Signed out, or locked for idleness: nothing of a patient is in the document. After sign-in the same account finds its place
// and its drafts again.
import { useSignal } from "@preact/signals";
import { serverRoot } from "../rpc/call";
import { DeskRefused, signInWithPasskey, signOut } from "../rpc/desk";
import { t } from "../words";
import { drafts } from "./drafts";
import { enter, leave, lockedFor, session } from "./session";

export async function signOutHere(): Promise<void> {
  drafts.clear();
  try {
    await signOut();
  } finally {
    leave("out");
  }
}

function complaint(error: unknown): string {
  if (error instanceof DeskRefused && error.reason !== "") return error.message;
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "AbortError") return t("sign.notConfirmed");
  if (name === "SecurityError") return t("sign.otherAddress");
  return t("state.unreachable");
}

export function SignIn() {
  const wrong = useSignal("");
  const busy = useSignal(false);
  const start = async () => {
    busy.value = true;
    wrong.value = "";
    try {
      await signInWithPasskey();
      await enter();
    } catch (error) {
      wrong.value = complaint(error);
    }
    busy.value = false;
  };
  const how = session.value;
  // This tab holds the texts: whoever signs in elsewhere comes back to it.
  const waiting = how === "locked" && drafts.count() > 0;
  return (
    <main class="sign" id="main">
      <h1>{t("sign.title")}</h1>
      <p>{t("sign.server", { host: location.host })}</p>
      {how === "locked" && <p role="status">{t(lockedFor.value === "idle" ? "session.locked" : "session.ended")}</p>}
      {waiting && <p>{t("session.drafts", { n: drafts.count() })}</p>}
      {how === "unreachable" && <p role="alert">{t("state.unreachable")}</p>}
      {wrong.value !== "" && <p role="alert">{wrong.value}</p>}
      {how === "unreachable" ? (
        <button type="button" class="primary" onClick={() => void enter()}>
          {t("action.again")}
        </button>
      ) : (
        <button type="button" class="primary" disabled={busy.value} onClick={() => void start()}>
          {busy.value ? t("sign.busy") : t("sign.passkey")}
        </button>
      )}
      <p>
        <a href={`${serverRoot()}/sign-in`} {...(waiting ? { target: "_blank", rel: "noopener" } : {})}>
          {t("sign.other")}
        </a>
        {waiting && <span class="note"> {t("sign.inAnotherTab")}</span>}
      </p>
    </main>
  );
}
