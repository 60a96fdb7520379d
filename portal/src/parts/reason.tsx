// Why somebody does something, in their own words: the same field wherever a reason is asked for, and what is one.
import { t } from "../words";

/** A letter or a digit at least: what nobody can read is no reason. */
export const saysWhy = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);

interface ReasonProps {
  readonly label: string;
  readonly text: string;
  readonly set: (text: string) => void;
  readonly rows?: number;
  /** In characters, as the server limits it. */
  readonly atMost?: number;
  readonly required?: boolean;
}

export function Reason({ label, text, set, rows = 2, atMost = 1000, required = false }: ReasonProps) {
  return (
    <label class="field">
      {label}
      <textarea
        rows={rows}
        dir="auto"
        maxLength={atMost}
        required={required}
        value={text}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
}

/** What became of a decision, and the way to the next question. */
export function Became({ words, next }: { readonly words: string; readonly next: () => void }) {
  return (
    <p class="state done" role="status">
      {words}{" "}
      <button type="button" onClick={next}>
        {t("review.nextQuestion")}
      </button>
    </p>
  );
}
