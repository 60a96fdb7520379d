// All keys, and the two settings of this tab: language and single keys. Neither is kept anywhere.
import type { RefObject } from "preact";
import { language, speak, t } from "../words";
import { bindings, singleKeys } from "./keys";

export function KeyHelp({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  return (
    <dialog ref={dialog} aria-label={t("help.title")}>
      <h2>{t("help.title")}</h2>
      <dl class="keys">
        {bindings().map((binding) => (
          <div key={binding.keys}>
            <dt>
              <kbd>{binding.keys}</kbd>
            </dt>
            <dd>{t(binding.says as "key.help")}</dd>
          </div>
        ))}
      </dl>
      <p class="note">{t("help.noWrite")}</p>
      <p>
        <label>
          <input
            type="checkbox"
            checked={singleKeys.value}
            onChange={(event) => {
              singleKeys.value = event.currentTarget.checked;
            }}
          />{" "}
          {t("help.singleKeys")}
        </label>
      </p>
      <p>
        <button type="button" onClick={() => void speak(language() === "en" ? "de" : "en")}>
          {t("help.language")}
        </button>{" "}
        <button type="button" onClick={() => dialog.current?.close()}>
          {t("action.close")}
        </button>
      </p>
    </dialog>
  );
}
