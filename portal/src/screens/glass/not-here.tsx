// A patient that one is no member of: the same as one that there is not, and, for whoever may, the way to emergency access.
import { address } from "../../app/router";
import { Absent } from "../../app/states";
import { t } from "../../words";
import { mayBreakGlass } from "./glass";

export function NotHere({ shortId }: { shortId: string }) {
  return (
    <>
      <Absent page />
      {mayBreakGlass() && (
        <p class="pad">
          <a href={address({ name: "glass", ask: { case: shortId } })}>{t("glass.link")}</a>
        </p>
      )}
    </>
  );
}
