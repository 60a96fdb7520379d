// One field being changed: the input, what the rules would say to it (asked of the server, nothing is written), the difference
// before saving, and what the save became.

import type { DescField } from "@bufbuild/protobuf";
import { type FieldView, RecordService, type RecordView } from "../../../gen/osteon/record/v1/record_service_pb";
import { drafts } from "../../app/drafts";
import { lookAround } from "../../app/standing";
import { useWriting, WriteFailed } from "../../app/writing";
import { bodyWith, enteredOf, Input } from "../../parts/entry";
import { Reason } from "../../parts/reason";
import { client } from "../../rpc/call";
import { inner } from "../../value/meta";
import { fieldLabel, sayValue } from "../../value/say";
import { Value } from "../../value/value";
import { inSentence, t } from "../../words";
import { becameWords, isOver } from "./became";
import { draftKey, type Saved } from "./editor";
import { useTrial } from "./trial";
import { Would } from "./would";

interface FormProps {
  readonly circle: bigint;
  readonly shortId: string;
  readonly record: RecordView;
  readonly view: FieldView;
  readonly field: DescField;
  readonly close: () => void;
  /** The proposal that a save takes over; empty: none. */
  readonly proposal: string;
  readonly saved: Saved;
}

export function FieldForm({ circle, shortId, record, view, field, close, proposal, saved }: FormProps) {
  const key = draftKey(record, view);
  const text = drafts.get(key);
  const reason = drafts.get(`${key} reason`);
  const writing = useWriting();
  const entered = enteredOf(field, text);
  const body = entered.is === "value" ? bodyWith(record.type, field, entered.value) : undefined;
  const said = {
    circle,
    recordId: record.recordId,
    updateMask: { paths: [view.name] },
    // A field that nobody wrote yet has nothing that could have been shown.
    shown: view.shown.length === 0 ? [] : [{ field: view.field, shown: view.shown }],
    reason: reason.trim(),
    ...(body ? { body } : {}),
    proposalId: writing.state.is === "failed" && isOver(writing.state.failure) ? "" : proposal,
  };
  const trial = useTrial(said, body !== undefined ? `${text}|${reason}` : "");
  const save = (event: Event) => {
    event.preventDefault();
    if (!body) return;
    const call = (requestId: string) => client(RecordService).writeRecord({ ...said, requestId });
    writing.run(`${key} ${text} ${reason} ${said.proposalId}`, call, (answer) => {
      drafts.set(key, "");
      drafts.set(`${key} reason`, "");
      void lookAround();
      close();
      saved(answer.record, becameWords(answer, view.field, said.proposalId));
    });
  };
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
      <Reason
        label={trial.failure?.reason === "REASON_REQUIRED" ? t("plan.reasonMust") : t("plan.reasonMay")}
        text={reason}
        set={(next) => drafts.set(`${key} reason`, next)}
      />
      <Would trial={trial.trial} failure={trial.failure} />
      <div class="buttons">
        <button
          type="submit"
          class="primary"
          disabled={!body || writing.stopped || trial.failure?.reason === "REASON_REQUIRED"}
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
