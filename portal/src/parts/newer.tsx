// What the server has now of a record that somebody is changing: it stands beside what they see, and is taken into their save only
// once they said that they read it.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type FieldView, RecordService, type RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { useSteady } from "../app/writing";
import { heads } from "../live/live";
import { BY_ITSELF, client } from "../rpc/call";
import { failureOf, isAbsent } from "../rpc/failure";
import { inner } from "../value/meta";
import { Value } from "../value/value";
import { t } from "../words";

export const versionsOf = (view: FieldView | undefined): string =>
  (view?.versions ?? [])
    .filter((version) => version.live)
    .map((version) => `${version.dot?.epoch}.${version.dot?.replica}.${version.dot?.counter}`)
    .join(" ");

/** What the server has now, asked when the circle moved. The fields of the page stay as they are. `gone`: it may not be read any more. */
export function useNewer(circle: bigint, record: RecordView, gone?: () => void): RecordView | undefined {
  const newer = useSignal<RecordView | undefined>(undefined);
  const head = heads.value.get(String(circle));
  useEffect(() => {
    if (head === undefined) return;
    const mine = new AbortController();
    client(RecordService)
      .getRecord({ circle, recordId: record.recordId }, { signal: mine.signal, headers: BY_ITSELF })
      .then(
        (answer) => {
          newer.value = answer.record;
        },
        (error: unknown) => {
          if (isAbsent(failureOf(error))) gone?.();
        },
      );
    return () => mine.abort();
  }, [head, circle, record.recordId]);
  return newer.value;
}

export function Meanwhile({ record, view, read }: { record: RecordView; view: FieldView; read: () => void }) {
  const { steady, note } = useSteady(versionsOf(view));
  return (
    <div class="meanwhile" role="alert">
      <button type="button" onClick={() => steady() && read()}>
        {t("plan.haveRead")}
      </button>{" "}
      {note} {t("plan.meanwhile")} <Value type={record.type} view={view} body={inner(record.body)} />
    </div>
  );
}
