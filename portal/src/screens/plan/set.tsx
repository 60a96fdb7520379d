// A set, element by element: adding one tightens and needs no reason; taking one away names exactly what was shown, and why.

import type { DescField } from "@bufbuild/protobuf";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { type FieldView, RecordService, type RecordView } from "../../../gen/osteon/record/v1/record_service_pb";
import { draft, drafts } from "../../app/drafts";
import { lookAround } from "../../app/standing";
import { useWriting, WriteFailed } from "../../app/writing";
import { bodyWith } from "../../parts/entry";
import { Reason, saysWhy } from "../../parts/reason";
import { client } from "../../rpc/call";
import { inner } from "../../value/meta";
import { sayValue } from "../../value/say";
import { elementWords } from "../../value/value";
import { t } from "../../words";
import { becameWords, isOver } from "./became";
import type { Saved } from "./editor";
import { useTrial } from "./trial";
import { Would } from "./would";

export const isSet = (field: DescField): boolean => field.fieldKind === "list" && field.listKind === "scalar";

interface SetProps {
  readonly circle: bigint;
  readonly shortId: string;
  readonly record: RecordView;
  readonly field: DescField;
  readonly views: readonly FieldView[];
  /** The proposal that a save takes over; empty: none. */
  readonly proposal: string;
  readonly saved: Saved;
}

export function SetForm({ circle, shortId, record, field, views, proposal, saved }: SetProps) {
  const key = `set ${record.recordId} ${field.number}`;
  const text = drafts.get(key);
  /** Only as it is first drawn: afterwards the person opens and closes it. */
  const unsaved = useRef(text !== "");
  const writing = useWriting();
  const body = text.trim() === "" ? undefined : bodyWith(record.type, field, [text.trim()]);
  const said = {
    circle,
    recordId: record.recordId,
    updateMask: { paths: [field.name] },
    proposalId: writing.state.is === "failed" && isOver(writing.state.failure) ? "" : proposal,
    ...(body ? { body } : {}),
  };
  const trial = useTrial(said, body ? text : "");
  const add = (event: Event) => {
    event.preventDefault();
    if (!body) return;
    const call = (requestId: string) => client(RecordService).writeRecord({ ...said, requestId });
    writing.run(`${key} ${text} ${said.proposalId}`, call, (answer) => {
      drafts.set(key, "");
      void lookAround();
      saved(answer.record, becameWords(answer, field.number, said.proposalId));
    });
  };
  return (
    <details open={unsaved.current || undefined}>
      <summary>{t("plan.change")}</summary>
      <ul>
        {views
          .filter((view) => view.mayWrite && view.element.length > 0)
          .map((view) => (
            <TakeAway
              key={String(view.element)}
              circle={circle}
              shortId={shortId}
              record={record}
              view={view}
              saved={saved}
            />
          ))}
      </ul>
      <form class="close" onSubmit={add}>
        <label class="field">
          {t("plan.addOne")}
          <input
            maxLength={64}
            autocomplete="off"
            value={text}
            onInput={(event) => drafts.set(key, event.currentTarget.value)}
          />
        </label>
        {body && (
          <p>
            {t("plan.adds")} <strong dir="auto">{sayValue(field, text.trim(), inner(record.body))}</strong>
          </p>
        )}
        <Would {...trial} />
        <div class="buttons">
          <button type="submit" class="primary" disabled={!body || writing.stopped}>
            {writing.state.is === "saving" ? t("write.saving") : t("plan.save", { case: shortId.toUpperCase() })}
          </button>
        </div>
        <WriteFailed state={writing.state} />
      </form>
    </details>
  );
}

interface TakeProps {
  readonly circle: bigint;
  readonly shortId: string;
  readonly record: RecordView;
  readonly view: FieldView;
  readonly saved: Saved;
}

function TakeAway({ circle, shortId, record, view, saved }: TakeProps) {
  const reason = draft(`take ${record.recordId} ${view.field} ${view.element}`);
  const open = useSignal(reason.value !== "");
  const writing = useWriting();
  const words = elementWords(record.type, view, inner(record.body));
  const take = (event: Event) => {
    event.preventDefault();
    const remove = [{ field: view.field, element: view.element, shown: view.shown }];
    const said = { circle, recordId: record.recordId, remove, reason: reason.value.trim() };
    const call = (requestId: string) => client(RecordService).writeRecord({ ...said, requestId });
    writing.run(`take ${view.element} ${said.reason}`, call, (answer) => {
      reason.value = "";
      void lookAround();
      saved(answer.record, t("plan.saved"));
    });
  };
  return (
    <li>
      <span dir="auto">{words}</span>{" "}
      <button type="button" class="link" aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
        {t("plan.takeAway", { value: words })}
      </button>
      {open.value && (
        <form class="close" onSubmit={take}>
          <Reason
            label={t("plan.takeWhy", { value: words })}
            text={reason.value}
            set={(next) => (reason.value = next)}
          />
          <div class="buttons">
            <button type="submit" disabled={!saysWhy(reason.value) || writing.stopped}>
              {writing.state.is === "saving"
                ? t("write.saving")
                : t("plan.takeSave", { value: words, case: shortId.toUpperCase() })}
            </button>
          </div>
          <WriteFailed state={writing.state} />
        </form>
      )}
    </li>
  );
}
