// The categories of consent in words.
import { AccessAction, type CategoryAccess } from "../../../gen/osteon/consent/v1/consent_service_pb";
import { Audience, type Category, type Label } from "../../../gen/osteon/meta/v1/options_pb";
import { fieldRule, messageOf, recordRule } from "../../value/meta";
import { has, t, words } from "../../words";

export function categoryWord(category: Category): string {
  const key = `category.${category}`;
  return has(key) ? words(key) : t("value.newer", { field: category });
}

const readable = (access: readonly CategoryAccess[], category: Category, orSummary: boolean): boolean =>
  access.some(
    (one) =>
      one.category === category &&
      one.actions.some(
        (action) =>
          action.allowed &&
          (action.action === AccessAction.READ || (orSummary && action.action === AccessAction.READ_SUMMARY)),
      ),
  );

/** What somebody reads, whole or as a summary. */
export const readOf = (access: readonly CategoryAccess[]): Category[] =>
  access.map((one) => one.category).filter((one) => readable(access, one, true));

/** Whether somebody reads a record type: every category of its label. */
export const mayRead = (access: readonly CategoryAccess[], type: number): boolean =>
  mayReadLabel(access, recordRule(type)?.label);

/** The same of one field, which may have a label of its own. */
export function mayReadField(access: readonly CategoryAccess[], type: number, name: string): boolean {
  const field = messageOf(type)?.fields.find((one) => one.name === name);
  return mayReadLabel(access, (field && fieldRule(field).label) ?? recordRule(type)?.label);
}

function mayReadLabel(access: readonly CategoryAccess[], label: Label | undefined): boolean {
  const summary = label?.audience === Audience.SUMMARY;
  return (label?.categories ?? []).every((category) => readable(access, category, summary));
}
