// A plan field by field: value with its unit, who set it, and how it stands.
import type { RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { Disputed, Mark } from "../value/marks";
import { inner } from "../value/meta";
import { fieldsInOrder, labelOf, SetBy, Value, viewState } from "../value/value";
import { t } from "../words";
import { Photos } from "./photos";
import { Slot } from "./slot";

export function PlanRows({ record }: { record: RecordView }) {
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
              <Photos circle={record.circle} record={record} field={number} />
            </td>
            <td class="note">
              <Slot state={viewState(views)} keeps={false} quiet>
                {views[0] && <SetBy view={views[0]} />}
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
