// Entries that contradict each other: no answer of one press. A value is changed in the editor, at the field; or an entry was made
// in error, and whoever knows that says so. Asking somebody stands below, as with every question.
import { useSignal } from "@preact/signals";
import { membership, shortIdOf } from "../../app/me";
import { InError } from "../../parts/error";
import { Became } from "../../parts/reason";
import { recordRule } from "../../value/meta";
import { mayEnd } from "../../value/rights";
import { t } from "../../words";
import { isOnScreen, type ReadProps } from "./finding";
import { fieldsIn, Open } from "./rests";

export function Apart({ review, patient, changed, locked, records }: ReadProps) {
  const became = useSignal("");
  const role = membership(shortIdOf(review.circle))?.role;
  const isWhole = isOnScreen(review, records);
  const rest = records.filter((record) => fieldsIn(review, record).length > 0);
  if (became.value !== "") return <Became words={became.value} next={changed} />;
  return (
    <>
      <p>{t("apart.does")}</p>
      {(rest.length > 0 ? rest : records).map((record) => (
        <Open key={record.recordId} record={record} only={fieldsIn(review, record)}>
          {/* The one plan of its kind is changed, not marked. */}
          {rest.length > 1 && !recordRule(record.type)?.singleton && mayEnd(record, role) && (
            <InError
              record={record}
              patient={patient}
              locked={locked || !isWhole}
              done={(words) => (became.value = words)}
            />
          )}
        </Open>
      ))}
      {!isWhole && <p class="state failed">{t("review.notWhole")}</p>}
    </>
  );
}
