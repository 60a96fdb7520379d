// The answer to a request to be erased, as one value: what is decided, what the patient is told, and by when it is done.
import { ErasureAnswerSchema, ErasureDecision } from "../../../gen/osteon/care/v1/erasure_request_pb";
import { type FieldView, RecordService, type RecordView } from "../../../gen/osteon/record/v1/record_service_pb";
import { draft } from "../../app/drafts";
import { lookAround } from "../../app/standing";
import { useWriting, WriteFailed } from "../../app/writing";
import { bodyWith, Input } from "../../parts/entry";
import { versionsOf } from "../../parts/newer";
import { Reason } from "../../parts/reason";
import { client } from "../../rpc/call";
import { answerOf } from "../../value/erasure";
import { fieldOf } from "../../value/meta";
import { isApart } from "../../value/value";
import { t } from "../../words";
import { today } from "./erasure";

interface FormProps {
  readonly circle: bigint;
  readonly shortId: string;
  readonly record: RecordView;
  /** As it is on the screen: the save names these versions and no other. */
  readonly view: FieldView;
  readonly isGone: boolean;
  readonly close: () => void;
  readonly saved: (record: RecordView | undefined, words: string) => void;
}

const { decision: DECISION, by: BY } = ErasureAnswerSchema.field;

const TEXTS = {
  [ErasureDecision.UNSPECIFIED]: "erasure.text",
  [ErasureDecision.WILL_BE_DONE]: "erasure.text",
  [ErasureDecision.DECLINED]: "erasure.textDeclined",
  [ErasureDecision.ASKS_BACK]: "erasure.textAsks",
} as const;

export function AnswerForm({ circle, shortId, record, view, isGone, close, saved }: FormProps) {
  const key = `erasure ${record.recordId}`;
  const [decision, text, by, reason] = [draft(key), draft(`${key} text`), draft(`${key} by`), draft(`${key} reason`)];
  const writing = useWriting();
  const decided = Number(decision.value) as ErasureDecision;
  const promises = decided === ErasureDecision.WILL_BE_DONE;
  const answer = answerOf(decided, text.value, by.value, today());
  const field = fieldOf(record.type, view.field);
  const body = field && answer && bodyWith(record.type, field, answer);
  const end = () => {
    for (const one of [decision, text, by, reason]) one.value = "";
    close();
  };
  const save = (event: Event) => {
    event.preventDefault();
    if (!body || isGone) return;
    const said = {
      circle,
      recordId: record.recordId,
      updateMask: { paths: [view.name] },
      shown: view.shown.length === 0 ? [] : [{ field: view.field, shown: view.shown }],
      reason: reason.value.trim(),
      body,
    };
    const call = (requestId: string) => client(RecordService).writeRecord({ ...said, requestId });
    const same = [key, versionsOf(view), decided, text.value, by.value, reason.value].join("\n");
    writing.run(same, call, (told) => {
      void lookAround();
      end();
      saved(told.record, t(isApart(told, view.field) ? "plan.savedDisputed" : "plan.saved"));
    });
  };
  return (
    <form class="close" onSubmit={save} onKeyDown={(event) => event.ctrlKey && event.key === "Enter" && save(event)}>
      <label class="field">
        {t("erasure.answer")}
        <Input field={DECISION} text={decision.value} set={(next) => (decision.value = next)} />
      </label>
      {promises && (
        <label class="field">
          {t("erasure.by")}
          <Input field={BY} text={by.value} set={(next) => (by.value = next)} />
        </label>
      )}
      {promises && by.value !== "" && !answer && <p role="alert">{t("erasure.past")}</p>}
      <Reason label={t(TEXTS[decided])} text={text.value} set={(next) => (text.value = next)} atMost={2000} />
      {view.shown.length > 0 && (
        <Reason label={t("plan.reasonMay")} text={reason.value} set={(next) => (reason.value = next)} />
      )}
      <div class="buttons">
        <button type="submit" class="primary" disabled={!body || isGone || writing.stopped}>
          {writing.state.is === "saving" ? t("write.saving") : t("plan.save", { case: shortId.toUpperCase() })}
        </button>
        <button type="button" onClick={end}>
          {t("action.cancel")}
        </button>
      </div>
      <WriteFailed state={writing.state} />
    </form>
  );
}
