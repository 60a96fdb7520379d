// What came since the reader looked: entries by type, and of plans what stood and what stands now.
import type { CircleView } from "../../gen/osteon/circle/v1/circle_service_pb";
import type { FieldView } from "../../gen/osteon/record/v1/record_service_pb";
import { onPhoneWords } from "../value/phone";
import { typeTitle } from "../value/say";
import { agreedAmong, labelOf, Value, versionWords } from "../value/value";
import { inSentence, t } from "../words";

/** The sequence of the newest live version. */
const newest = (view: FieldView): bigint =>
  view.versions.reduce((most, version) => (version.live && version.sequence > most ? version.sequence : most), 0n);

export function Changes({ view }: { view: CircleView }) {
  return (
    <ul>
      {view.newEntries.map((entries) => (
        <li key={entries.type}>{t("side.newEntries", { n: entries.count, type: typeTitle(entries.type) })}</li>
      ))}
      {view.changes.flatMap((record) =>
        record.fields.map((field) => (
          <li key={`${record.recordId}${field.now?.field}`}>
            {typeTitle(record.type)}, {field.now && inSentence(labelOf(record.type, field.now))}:{" "}
            {field.now && <Value type={record.type} view={field.now} agreed={agreedAmong(field.now, field.before)} />}
            <span class="note">
              {" "}
              {field.before.length === 0
                ? t("side.wasNothing")
                : t("side.was", {
                    value: field.before
                      .map((one) => (field.now ? versionWords(record.type, field.now, one) : ""))
                      .join(", "),
                  })}
              {field.now && ` ${onPhoneWords(view.phone, newest(field.now))}`}
            </span>
          </li>
        )),
      )}
      {view.moreChanges > 0 && <li class="note">{t("side.moreChanges", { n: view.moreChanges })}</li>}
    </ul>
  );
}
