// The title of the tab on a patient's pages.
import { useEffect } from "preact/hooks";
import { t } from "../words";

/** The tab's title begins with the case number: two patients are never one tab's name apart. */
export function useTitle(shortId: string): void {
  useEffect(() => {
    const before = document.title;
    document.title = t("patient.tab", { case: shortId.toUpperCase() });
    return () => {
      document.title = before;
    };
  }, [shortId]);
}
