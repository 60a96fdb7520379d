// The end of a membership: an ordinary write of the member's record, with what it does said before.

import { create } from "@bufbuild/protobuf";
import { useSignal } from "@preact/signals";
import { CircleMemberSchema } from "../../../gen/osteon/care/v1/care_circle_pb";
import { Decision } from "../../../gen/osteon/care/v1/common_pb";
import { Role } from "../../../gen/osteon/meta/v1/options_pb";
import { RecordService } from "../../../gen/osteon/record/v1/record_service_pb";
import { RecordBodySchema } from "../../../gen/osteon/sync/v1/record_body_pb";
import { me } from "../../app/me";
import { useSteady, useWriting, WriteFailed } from "../../app/writing";
import { Reason, saysWhy } from "../../parts/reason";
import { client } from "../../rpc/call";
import { person } from "../../value/who";
import { t } from "../../words";
import type { MemberRow } from "./load";

interface EndProps {
  readonly row: MemberRow;
  readonly case_: string;
  readonly changed: () => void;
}

export function EndMembership({ row, case_, changed }: EndProps) {
  const writing = useWriting();
  const reason = useSignal("");
  const { steady, note } = useSteady(row.record.recordId);
  const { membership, record } = row;
  // The patient's own circle does not end here, and nobody closes the door behind themselves by accident.
  if (!membership || row.role === Role.PATIENT || row.account === me.value?.account) return null;
  const end = (event: Event) => {
    event.preventDefault();
    if (!steady()) return;
    const value = create(CircleMemberSchema, { membership: Decision.DENY });
    const said = {
      circle: record.circle,
      recordId: record.recordId,
      body: create(RecordBodySchema, { body: { case: "circleMember", value } }),
      updateMask: { paths: [membership.name] },
      shown: [{ field: membership.field, shown: membership.shown }],
      reason: reason.value.trim(),
    };
    const call = (requestId: string) => client(RecordService).writeRecord({ ...said, requestId });
    writing.run(`end ${record.recordId} ${said.reason}`, call, changed);
  };
  const who = person(row.account, row.role);
  return (
    <details>
      <summary>{t("people.end")}</summary>
      <form class="close" onSubmit={end}>
        <p>{t("people.endDoes")}</p>
        <Reason label={t("people.endWhy")} text={reason.value} set={(next) => (reason.value = next)} />
        <div class="buttons">
          <button type="submit" class="danger" disabled={writing.stopped || !saysWhy(reason.value)}>
            {writing.state.is === "saving" ? t("write.saving") : t("people.endSave", { who, case: case_ })}
          </button>
        </div>
        {note !== "" && <p role="status">{note}</p>}
        <WriteFailed state={writing.state} />
      </form>
    </details>
  );
}
