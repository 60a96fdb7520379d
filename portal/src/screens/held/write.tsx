// What a held change would write to one record, beside what stands there now.

import { RecordService } from "../../../gen/osteon/record/v1/record_service_pb";
import type { QuarantinedWrite } from "../../../gen/osteon/review/v1/quarantine_service_pb";
import { Lifecycle, type RecordWrite } from "../../../gen/osteon/sync/v1/sync_pb";
import { useResource } from "../../app/resource";
import { Part } from "../../app/states";
import { client, tried } from "../../rpc/call";
import { uuidOf } from "../../value/ids";
import { fieldOf, inner } from "../../value/meta";
import { fieldLabel, sayRecord, typeTitle } from "../../value/say";
import { RecordLine } from "../../value/value";
import { t } from "../../words";

interface WriteProps {
  readonly circle: bigint;
  readonly write: RecordWrite;
  /** The same as the list tells it: it knows the type where the body is empty. */
  readonly said: QuarantinedWrite | undefined;
}

export function HeldWrite({ circle, write, said }: WriteProps) {
  const type = said?.type ?? write.type;
  const body = inner(write.body);
  const cleared = write.fields.filter((field) => field.clear).map((field) => field.field);
  return (
    <li>
      <strong>{typeTitle(type)}</strong> <span class="note">{t(kindOf(write))}</span>
      {body && (
        <div>
          <bdi>{sayRecord(type, body)}</bdi>
        </div>
      )}
      {cleared.length > 0 && (
        <div>
          {t("held.clears", {
            fields: cleared
              .map((number) => {
                const field = fieldOf(type, number);
                return field ? fieldLabel(field) : t("value.newer", { field: number });
              })
              .join(", "),
          })}
        </div>
      )}
      {!write.create && <Now circle={circle} recordId={uuidOf(write.record)} type={type} />}
    </li>
  );
}

function kindOf(write: RecordWrite) {
  if (write.lifecycle?.state === Lifecycle.ACTIVE) return "held.write.back";
  if (write.lifecycle) return "held.write.ends";
  return write.create ? "held.write.creates" : "held.write.changes";
}

function Now({ circle, recordId, type }: { circle: bigint; recordId: string; type: number }) {
  const record = useResource(`held now ${circle} ${recordId}`, (signal) =>
    tried(() => client(RecordService).getRecord({ circle, recordId }, { signal }), { signal }),
  );
  return (
    <div class="note">
      {t("held.now")}{" "}
      <Part what={typeTitle(type)} resource={record} lines={1}>
        {(answer) => (answer.record ? <RecordLine record={answer.record} /> : null)}
      </Part>
    </div>
  );
}
