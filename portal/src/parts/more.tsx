// The end of a list that goes on: how much of it stands there, and the rest with a press.
import { Partly } from "../app/states";
import { t } from "../words";

interface MoreProps {
  readonly shown: number;
  /** Of how many, where that is known. */
  readonly total?: number;
  readonly more: () => void;
}

export function More({ shown, total, more }: MoreProps) {
  return (
    <p class="pad">
      <Partly shown={shown} {...(total === undefined ? {} : { total })} />{" "}
      <button type="button" onClick={more}>
        {t("list.showMore")}
      </button>
    </p>
  );
}
