// One field being changed: the input, what the rules would say to it (asked of the server, nothing is written), the difference
// before saving, and what the save became.
import type { DescField } from "@bufbuild/protobuf";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import {
  Effect,
  type FieldView,
  RecordService,
  type RecordView,
  type Trial,
} from "../../../gen/osteon/record/v1/record_service_pb";
import { drafts } from "../../app/drafts";
import { lookAround } from "../../app/standing";
import { useWriting, WriteFailed } from "../../app/writing";
import { bodyWith, enteredOf, Input } from "../../parts/entry";
import { client } from "../../rpc/call";
import { type Failure, failureOf, sentence } from "../../rpc/failure";
import { Severity } from "../../value/marks";
import { inner } from "../../value/meta";
import { fieldLabel, sayValue } from "../../value/say";
import { Value } from "../../value/value";
import { inSentence, t } from "../../words";
import { draftKey } from "./editor";

interface FormProps {
  readonly circle: bigint;
  readonly shortId: string;
  readonly record: RecordView;
  readonly view: FieldView;
  readonly field: DescField;
  readonly close: () => void;
  readonly saved: () => void;
}

export function FieldForm({ circle, shortId, record, view, field, close, saved }: FormProps) {
  const key = draftKey(record, view);
  const text = drafts.get(key);
  const reason = drafts.get(`${key} reason`);
  const writing = useWriting();
  const became = useSignal("");
  const entered = enteredOf(field, text);
  const body = entered.is === "value" ? bodyWith(record.type, field, entered.value) : undefined;
  const said = {
    circle,
    recordId: record.recordId,
    updateMask: { paths: [view.name] },
    shown: [{ field: view.field, shown: view.shown }],
    reason: reason.trim(),
    ...(body ? { body } : {}),
  };
  const trial = useTrial(said, body !== undefined ? `${text}|${reason}` : "");
  const save = (event: Event) => {
    event.preventDefault();
    if (!body) return;
    const call = (requestId: string) => client(RecordService).writeRecord({ ...said, requestId });
    writing.run(`${key} ${text} ${reason}`, call, (answer) => {
      drafts.set(key, "");
      drafts.set(`${key} reason`, "");
      became.value = t(answer.effect === Effect.DISPUTED ? "plan.savedDisputed" : "plan.saved");
      void lookAround();
      close();
      saved();
    });
  };
  if (became.value !== "") return <p class="state done">{became.value}</p>;
  return (
    <form class="close" onSubmit={save} onKeyDown={(event) => event.ctrlKey && event.key === "Enter" && save(event)}>
      <label class="field">
        {t("plan.newValue", { field: inSentence(fieldLabel(field)) })}
        <Input field={field} text={text} set={(next) => drafts.set(key, next)} />
      </label>
      {entered.is === "wrong" && <p role="alert">{entered.says}</p>}
      {entered.is === "value" && (
        <p class="echo">
          {t("plan.becomes")} <strong dir="auto">{sayValue(field, entered.value, inner(record.body))}</strong>,{" "}
          {t("plan.was")} <Value type={record.type} view={view} body={inner(record.body)} />
        </p>
      )}
      <label class="field">
        {trial.failure?.reason === "REASON_REQUIRED" ? t("plan.reasonMust") : t("plan.reasonMay")}
        <textarea
          rows={2}
          maxLength={1000}
          dir="auto"
          value={reason}
          onInput={(event) => drafts.set(`${key} reason`, event.currentTarget.value)}
        />
      </label>
      <Would trial={trial.trial} failure={trial.failure} />
      <div class="buttons">
        <button
          type="submit"
          class="primary"
          disabled={!body || writing.state.is === "saving" || trial.failure?.reason === "REASON_REQUIRED"}
        >
          {writing.state.is === "saving" ? t("write.saving") : t("plan.save", { case: shortId.toUpperCase() })}
        </button>
        <button type="button" onClick={close}>
          {t("action.cancel")}
        </button>
      </div>
      <WriteFailed state={writing.state} />
    </form>
  );
}

const AFTER_KEY_MS = 500;

interface Tried {
  readonly trial: Trial | undefined;
  readonly failure: Failure | undefined;
}

/** What the write would bring. Nothing is written; nothing is told before there is something to try. */
function useTrial(said: object, content: string): Tried {
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

function Would({ trial, failure }: Tried) {
  if (failure) return <p class="would">{sentence(failure)}</p>;
  if (!trial) return <p class="would note">{t("would.ask")}</p>;
  const nothing = trial.questions.length + trial.raised.length + trial.cleared.length + trial.alerts.length === 0;
  return (
    <div class="would" role="status">
      {trial.rulesNotAsked && <p>{t("would.notAsked")}</p>}
      {nothing && !trial.rulesNotAsked && <p class="note">{t("would.nothing")}</p>}
      <ul>
        {trial.questions.map((one) => (
          <li key={`${one.path}${one.doubt}`}>
            {t("would.question", { doubt: one.doubt.toLowerCase().replaceAll("_", " ") })}
          </li>
        ))}
        {trial.alerts.map((one) => (
          <li key={one.rule}>
            <Severity of={one.severity} /> {t("would.fires", { rule: one.rule })} <span lang="en">{one.says}</span>
          </li>
        ))}
        {trial.raised.map((one) => (
          <li key={one.check}>
            <Severity of={one.severity} /> <span lang="en">{one.says}</span>{" "}
            {one.missing !== "" && t("review.missing", { what: one.missing })}
          </li>
        ))}
        {trial.cleared.map((one) => (
          <li key={one.check}>
            {t("would.clears")} <span lang="en">{one.says}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
