// A plan field by field: value with its unit, who set it, and how it stands.
import type { PhoneState } from "../../gen/osteon/circle/v1/phone_pb";
import { Policy } from "../../gen/osteon/meta/v1/options_pb";
import type { FieldView, RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { Disputed, Mark } from "../value/marks";
import { inner } from "../value/meta";
import { onPhoneWords } from "../value/phone";
import { fieldsInOrder, labelOf, SetBy, Value, viewState } from "../value/value";
import { t } from "../words";
import { Slot } from "./slot";

/** The sequence of the newest live version. */
export const lastOf = (views: readonly FieldView[]): bigint =>
  views
    .flatMap((view) => view.versions)
    .reduce((most, version) => (version.live && version.sequence > most ? version.sequence : most), 0n);

/** What restricts says since when the phone knows it; everything says so while the phone does not. */
function phoneWords(views: readonly FieldView[], phone: PhoneState | undefined): string {
  const sequence = lastOf(views);
  const restricts = views.some((view) => view.policy === Policy.MOST_RESTRICTIVE);
  return restricts || sequence > (phone?.deliveredSequence ?? 0n) ? onPhoneWords(phone, sequence) : "";
}

export function PlanRows({ record, phone }: { record: RecordView; phone?: PhoneState | undefined }) {
  const body = inner(record.body);
  return (
    <>
      {fieldsInOrder(record)
        .filter(({ field }) => field?.name !== "parent")
        .map(({ number, views }) => (
          <tr key={number} class={views.some((view) => view.needsReview || view.blocked) ? "is-disputed" : ""}>
            <th scope="row">{views[0] ? labelOf(record.type, views[0]) : ""}</th>
            <td>
              <Slot state={viewState(views)}>
                {views.map((view, at) => (
                  <div key={`${number}-${at}`}>
                    <Value type={record.type} view={view} body={body} />
                  </div>
                ))}
              </Slot>
            </td>
            <td class="note">
              <Slot state={`${viewState(views)} ${phoneWords(views, phone)}`} keeps={false} quiet>
                {views[0] && <SetBy view={views[0]} />}
                <div>{phoneWords(views, phone)}</div>
              </Slot>
            </td>
          </tr>
        ))}
      {record.lifecycleReview && (
        <tr>
          <td colSpan={3}>
            <Disputed /> {t("state.endingDisputed")}
          </td>
        </tr>
      )}
      {record.limitedView && (
        <tr>
          <td colSpan={3}>
            <Mark kind="away">{t("missing.partNotShared")}</Mark>
          </td>
        </tr>
      )}
    </>
  );
}
