// Why a record says what it says: every version of each field, who wrote it, when it was written and when it arrived.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import {
  type ExplainRecordResponse,
  RecordService,
  type RecordView,
} from "../../gen/osteon/record/v1/record_service_pb";
import { useResource } from "../app/resource";
import { Part } from "../app/states";
import { client, tried } from "../rpc/call";
import { inner } from "../value/meta";
import { typeTitle } from "../value/say";
import { arrivedWords, labelOf, Value, versionWords, writtenWords } from "../value/value";
import { author } from "../value/who";
import { t } from "../words";

export function Explain({ circle, record }: { circle: bigint; record: RecordView }) {
  const open = useSignal(false);
  const dialog = useRef<HTMLDialogElement>(null);
  const show = () => {
    open.value = true;
    dialog.current?.showModal();
  };
  return (
    <>
      <button type="button" class="link" onClick={show} aria-label={t("explain.of", { what: typeTitle(record.type) })}>
        {t("explain.open")}
      </button>
      <dialog
        ref={dialog}
        class="explain"
        aria-label={t("explain.of", { what: typeTitle(record.type) })}
        onClose={() => (open.value = false)}
      >
        {open.value && <History circle={circle} record={record} />}
        <button type="button" onClick={() => dialog.current?.close()}>
          {t("action.close")}
        </button>
      </dialog>
    </>
  );
}

function History({ circle, record }: { circle: bigint; record: RecordView }) {
  const answer = useResource(`explain ${record.recordId}`, (signal) =>
    tried(() => client(RecordService).explainRecord({ circle, recordId: record.recordId }, { signal }), { signal }),
  );
  return (
    <Part what={t("what.history")} resource={answer} lines={8}>
      {(value) => <Fields answer={value} record={record} />}
    </Part>
  );
}

function Fields({ answer, record }: { answer: ExplainRecordResponse; record: RecordView }) {
  const body = inner(answer.record?.body);
  return (
    <>
      <h3>{typeTitle(record.type)}</h3>
      <table class="plan">
        <thead>
          <tr>
            <th scope="col">{t("plan.field")}</th>
            <th scope="col">{t("plan.inForce")}</th>
            <th scope="col">{t("explain.versions")}</th>
          </tr>
        </thead>
        <tbody>
          {answer.fields.map((field, at) => {
            const view = field.view;
            if (!view) return null;
            return (
              <tr key={`${view.field}-${at}`}>
                <th scope="row">{labelOf(record.type, view)}</th>
                <td>
                  <Value type={record.type} view={view} body={body} />
                  <div class="note" lang="en">
                    {field.why}
                  </div>
                </td>
                <td>
                  <ol class="history">
                    {field.history.map((version) => (
                      <li key={`${version.dot?.replica}.${version.dot?.counter}`}>
                        {t("explain.version", {
                          value: versionWords(record.type, view, version, body),
                          who: author(version),
                          written: writtenWords(version),
                          arrived: arrivedWords(version),
                        })}
                        {version.reason !== "" && (
                          <>
                            {" "}
                            <q dir="auto">{version.reason}</q>
                          </>
                        )}
                      </li>
                    ))}
                  </ol>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {answer.historyCut && <p class="note">{t("explain.cut")}</p>}
      {answer.redactions.length > 0 && <p class="note">{t("explain.redactions", { n: answer.redactions.length })}</p>}
    </>
  );
}
