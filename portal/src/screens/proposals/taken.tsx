// A proposal that somebody takes over in the plan editor.
import { useEffect, useRef } from "preact/hooks";
import type { RecordView } from "../../../gen/osteon/record/v1/record_service_pb";
import { drafts } from "../../app/drafts";
import { textOf } from "../../parts/entry";
import { type Proposed, proposalWords } from "../../value/proposal";
import { author } from "../../value/who";
import { t } from "../../words";

/** What is proposed becomes text that was typed and not saved, where there is none yet; of a set it is one element. */
export function takeOver(record: RecordView, one: Proposed): void {
  if (!one.field) return;
  if (Array.isArray(one.value)) {
    const set = `set ${record.recordId} ${one.number}`;
    if (!drafts.has(set)) drafts.set(set, String(one.value[0] ?? ""));
    return;
  }
  const key = `plan ${record.recordId} ${one.number}`;
  if (drafts.has(key)) return;
  drafts.set(key, textOf(one.field, one.value));
  drafts.set(`${key} reason`, t("proposal.asReason", { who: one.by ? author(one.by) : "", reason: one.reason }).trim());
}

export function ProposalNote({ one }: { one: Proposed }) {
  const note = useRef<HTMLParagraphElement>(null);
  // The plan is longer than a window: its field is what somebody came for.
  useEffect(() => note.current?.scrollIntoView({ block: "center" }), []);
  return (
    <p ref={note} class="state summary">
      {proposalWords(one)}
      {one.reason !== "" && (
        <>
          {" "}
          <q dir="auto">{one.reason}</q>
        </>
      )}
    </p>
  );
}
