// A write as a person sees it: the button says "Saving", then what it became. A failure keeps the text and tries the same write
// again; a press that comes right after its button changed is not taken.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { away, Refused, type Write, write } from "../rpc/call";
import { type Failure, failureOf, isOutOfReach, sentence } from "../rpc/failure";
import { t } from "../words";

export type WriteState =
  | { readonly is: "idle" }
  | { readonly is: "saving" }
  | { readonly is: "failed"; readonly failure: Failure };

export interface Writing {
  readonly state: WriteState;
  /** Being saved, or the server is out of reach: the button is not offered. */
  readonly stopped: boolean;
  /** `same`: names what is written; another press for the same content is the same write. */
  run<T>(same: string, call: (requestId: string) => Promise<T>, done: (answer: T) => void): void;
}

const OUT_OF_REACH = failureOf(new TypeError());

export function useWriting(): Writing {
  const state = useSignal<WriteState>({ is: "idle" });
  const held = useRef<{ same: string; made: Write<unknown> } | undefined>(undefined);
  return {
    state: state.value,
    stopped: state.value.is === "saving" || away.value,
    run(same, call, done) {
      if (state.peek().is === "saving") return;
      // Another press is the same write all the same: what was on its way when the line went may have arrived.
      if (away.peek()) {
        state.value = { is: "failed", failure: OUT_OF_REACH };
        return;
      }
      if (held.current?.same !== same) held.current = { same, made: write(call) };
      state.value = { is: "saving" };
      held.current.made.send().then(
        (answer) => {
          held.current = undefined;
          state.value = { is: "idle" };
          done(answer as Parameters<typeof done>[0]);
        },
        (thrown: unknown) => {
          const failure = thrown instanceof Refused ? thrown.failure : failureOf(thrown);
          // What was refused for good is another write when it is tried again.
          if (!failure.again) held.current = undefined;
          state.value = { is: "failed", failure };
        },
      );
    },
  };
}

export function WriteFailed({ state }: { state: WriteState }) {
  if (state.is !== "failed") return null;
  return (
    <p class="state failed" role="alert">
      {t("write.failed")} {sentence(state.failure)} {isOutOfReach(state.failure) && t("state.offline")}
      {state.failure.fields.length > 0 && ` (${state.failure.fields.join(", ")})`}
      {state.failure.requestId !== "" && (
        <span class="note"> {t("state.requestId", { id: state.failure.requestId })}</span>
      )}
    </p>
  );
}

export const TOO_SOON_MS = 300;

/** Whether a press meant what stands there now. `content` is what the button says or does. */
export function useSteady(content: string): { steady: () => boolean; note: string } {
  const seen = useRef({ content, at: 0 });
  const note = useSignal("");
  if (seen.current.content !== content) seen.current = { content, at: Date.now() };
  return {
    steady: () => {
      const early = Date.now() - seen.current.at < TOO_SOON_MS;
      note.value = early ? t("write.changed") : "";
      return !early;
    },
    note: note.value,
  };
}
