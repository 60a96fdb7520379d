// The categories of consent in words.
import { Category } from "../../../gen/osteon/meta/v1/options_pb";
import { has, t, words } from "../../words";

export function categoryWord(category: Category): string {
  const key = `category.${category}`;
  return has(key) ? words(key) : t("value.newer", { field: category });
}

export const CATEGORIES: readonly Category[] = Object.values(Category).filter(
  (one): one is Category => typeof one === "number" && one !== Category.UNSPECIFIED,
);
