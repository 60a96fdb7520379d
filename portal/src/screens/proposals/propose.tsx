// A proposal for a field that one's role may not write: the value, and why. It waits in the inbox of whoever may.

import type { DescField } from "@bufbuild/protobuf";
import { useSignal } from "@preact/signals";
import { type FieldView, RecordService, type RecordView } from "../../../gen/osteon/record/v1/record_service_pb";
import { drafts } from "../../app/drafts";
import { useWriting, WriteFailed } from "../../app/writing";
import { bodyWith, canEdit, enteredOf, Input } from "../../parts/entry";
import { Reason } from "../../parts/reason";
import { client } from "../../rpc/call";
import { inner } from "../../value/meta";
import { choiceLike, PROPOSAL, proposalOf } from "../../value/proposal";
import { fieldLabel, sayValue } from "../../value/say";
import { inSentence, t } from "../../words";

interface ProposeProps {
  readonly circle: bigint;
  readonly shortId: string;
  readonly record: RecordView;
  readonly view: FieldView;
  readonly field: DescField | undefined;
}

export function Propose(props: ProposeProps) {
  const { field, record } = props;
  const open = useSignal(false);
  const said = useSignal(false);
  if (!field || !canEdit(field) || choiceLike(record.type, PROPOSAL, field) === 0) {
    return <p class="note">{t("plan.mayNot")}</p>;
  }
  if (said.value) {
    return (
      <p class="state done" role="status">
        {t("propose.done")}
      </p>
    );
  }
  if (open.value) {
    const close = (done: boolean) => {
      open.value = false;
      said.value = done;
    };
    return <Form {...props} field={field} close={close} />;
  }
  return (
    <p class="note">
      {t("plan.mayPropose")}{" "}
      <button type="button" class="link" onClick={() => (open.value = true)}>
        {t("propose.open", { field: inSentence(fieldLabel(field)) })}
      </button>
    </p>
  );
}

type FormProps = ProposeProps & { field: DescField; close: (done: boolean) => void };

function Form({ circle, shortId, record, view, field, close }: FormProps) {
  const key = `propose ${record.recordId} ${view.field}`;
  const text = drafts.get(key);
  const reason = drafts.get(`${key} reason`);
  const writing = useWriting();
  const entered = enteredOf(field, text);
  const value = entered.is === "value" ? bodyWith(record.type, field, entered.value) : undefined;
  const end = (done: boolean) => {
    drafts.set(key, "");
    drafts.set(`${key} reason`, "");
    close(done);
  };
  const send = (event: Event) => {
    event.preventDefault();
    if (!value) return;
    const body = proposalOf(record, view, value, reason.trim());
    const said = { circle, body, labelChoice: choiceLike(record.type, PROPOSAL, field) };
    const call = (requestId: string) => client(RecordService).createRecord({ ...said, requestId });
    writing.run(`${key} ${text} ${reason}`, call, () => end(true));
  };
  return (
    <form class="close" onSubmit={send} onKeyDown={(event) => event.ctrlKey && event.key === "Enter" && send(event)}>
      <label class="field">
        {t("propose.value", { field: inSentence(fieldLabel(field)) })}
        <Input field={field} text={text} set={(next) => drafts.set(key, next)} />
      </label>
      {entered.is === "wrong" && <p role="alert">{entered.says}</p>}
      {entered.is === "value" && (
        <p class="echo">
          {t("propose.says")} <strong dir="auto">{sayValue(field, entered.value, inner(record.body))}</strong>
        </p>
      )}
      <Reason label={t("propose.why")} text={reason} set={(next) => drafts.set(`${key} reason`, next)} />
      <div class="buttons">
        <button type="submit" class="primary" disabled={!value || writing.stopped}>
          {writing.state.is === "saving" ? t("write.saving") : t("propose.send", { case: shortId.toUpperCase() })}
        </button>
        <button type="button" onClick={() => end(false)}>
          {t("action.cancel")}
        </button>
      </div>
      <WriteFailed state={writing.state} />
    </form>
  );
}
