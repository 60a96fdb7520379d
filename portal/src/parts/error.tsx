// A record that somebody marks as entered in error.
import { useSignal } from "@preact/signals";
import { RecordService, type RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { Lifecycle } from "../../gen/osteon/sync/v1/sync_pb";
import { drafts } from "../app/drafts";
import { lookAround } from "../app/standing";
import { useSteady, useWriting, WriteFailed, type Writing } from "../app/writing";
import { client } from "../rpc/call";
import { typeTitle } from "../value/say";
import { stateOf } from "../value/value";
import { inSentence, t } from "../words";
import { Reason, saysWhy } from "./reason";

/** Never deleted: it stays in the history with the reason. Names what was rendered. */
export function markInError(writing: Writing, key: string, record: RecordView, reason: string, done: () => void): void {
  const { circle, recordId, shown } = record;
  const said = { circle, recordId, shown, state: Lifecycle.ENTERED_IN_ERROR, reason };
  const call = (requestId: string) => client(RecordService).endRecord({ ...said, requestId });
  writing.run(`${key} ${stateOf(record)} ${reason}`, call, () => {
    void lookAround();
    done();
  });
}

interface InErrorProps {
  readonly record: RecordView;
  readonly patient: string;
  readonly locked: boolean;
  readonly done: (words: string) => void;
}

/** Says first what it does, and asks for words. */
export function InError({ record, patient, locked, done }: InErrorProps) {
  const key = `error ${record.recordId}`;
  const open = useSignal(drafts.has(key));
  const writing = useWriting();
  const { steady, note } = useSteady(stateOf(record));
  const reason = drafts.get(key);
  const title = typeTitle(record.type);
  const mark = () => {
    if (locked || !steady()) return;
    markInError(writing, key, record, reason.trim(), () => {
      drafts.set(key, "");
      done(t("error.done", { what: title }));
    });
  };
  return (
    <div class="decide">
      <p>
        <button type="button" aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
          {t("error.open", { what: title })}
        </button>
      </p>
      {open.value && (
        <>
          <p class="note">{t("error.does")}</p>
          <Reason
            label={t("error.why", { what: inSentence(title) })}
            text={reason}
            set={(next) => drafts.set(key, next)}
          />
          <div class="buttons">
            <button type="button" disabled={locked || writing.stopped || !saysWhy(reason)} onClick={mark}>
              {writing.state.is === "saving"
                ? t("write.saving")
                : t("error.mark", { what: inSentence(title), patient })}
            </button>
          </div>
          {note !== "" && <p role="status">{note}</p>}
        </>
      )}
      <WriteFailed state={writing.state} />
    </div>
  );
}
