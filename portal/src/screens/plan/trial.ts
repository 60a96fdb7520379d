// What a write would bring, asked of the server while somebody types. Nothing is written.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { RecordService, type Trial } from "../../../gen/osteon/record/v1/record_service_pb";
import { client } from "../../rpc/call";
import { type Failure, failureOf } from "../../rpc/failure";

const AFTER_KEY_MS = 500;

export interface Tried {
  readonly trial: Trial | undefined;
  readonly failure: Failure | undefined;
}

/** What the write would bring. Nothing is written; nothing is told before there is something to try. */
export function useTrial(said: object, content: string): Tried {
  const found = useSignal<Tried>({ trial: undefined, failure: undefined });
  useEffect(() => {
    found.value = { trial: undefined, failure: undefined };
    if (content === "") return;
    const mine = new AbortController();
    const timer = setTimeout(() => {
      const request = { ...said, validateOnly: true, requestId: crypto.randomUUID() };
      client(RecordService)
        .writeRecord(request, { signal: mine.signal })
        .then(
          (answer) => {
            found.value = { trial: answer.trial, failure: undefined };
          },
          (thrown: unknown) => {
            if (!mine.signal.aborted) found.value = { trial: undefined, failure: failureOf(thrown) };
          },
        );
    }, AFTER_KEY_MS);
    return () => {
      clearTimeout(timer);
      mine.abort();
    };
  }, [content]);
  return found.value;
}
