// The strict reading of a field while people disagree about it: of all live versions, never of the one in force alone.
import type { FieldView, RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { fieldOf, inner, valueIn } from "./meta";

export const isDisputed = (view: FieldView | undefined): boolean =>
  view !== undefined && (view.needsReview || view.blocked);

/** What every live version of a field says; of one that has no versions at hand what the record says. */
export function liveValues(record: RecordView, name: string): unknown[] {
  const views = record.fields.filter((view) => view.name === name);
  const said = views.flatMap((view) => {
    const field = fieldOf(record.type, view.field);
    return field ? view.versions.filter((one) => one.live).map((one) => valueIn(one.value, field)) : [];
  });
  const known = said.filter((value) => value !== undefined);
  const held = inner(record.body)?.[name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())];
  return known.length > 0 || held === undefined ? known : [held];
}
