// What became of the wish to print or save a file: in a place of its own over the foot of the window, so that nothing moves, until
// somebody closes it; and what stands at the foot of the paper.
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { received } from "../format/time";
import { sentence } from "../rpc/failure";
import { t } from "../words";
import { now } from "./clock";
import { leaving, notedAt } from "./export";
import { server } from "./session";
import { whoIs } from "./who-is";

export function LeavingNote() {
  const state = leaving.value;
  return (
    <div class="leaving" role={state?.is === "failed" ? "alert" : "status"}>
      {state?.is === "noting" && <p>{t("export.noting")}</p>}
      {state?.is === "noted" && <p>{state.words}</p>}
      {state?.is === "failed" && (
        <p>
          {t("export.failed")} {sentence(state.failure)}{" "}
          {state.failure.requestId !== "" && (
            <span class="note">{t("state.requestId", { id: state.failure.requestId })} </span>
          )}
          <button type="button" onClick={state.again}>
            {t("action.again")}
          </button>
        </p>
      )}
      {state && state.is !== "noting" && (
        <button type="button" onClick={() => (leaving.value = undefined)}>
          {t("action.close")}
        </button>
      )}
    </div>
  );
}

export function PrintFoot() {
  if (notedAt.value === 0) return null;
  const when = received(timestampFromMs(notedAt.value), now());
  const demo = server.value?.demo ? ` ${t("frame.demo")}` : "";
  return (
    <p class="print-only">
      {t("export.foot", { who: whoIs(), when })}
      {demo}
    </p>
  );
}

/** In place of a page that the browser prints past the portal. */
export const Unnoted = () => <p class="unnoted-note">{t("export.unnoted")}</p>;
