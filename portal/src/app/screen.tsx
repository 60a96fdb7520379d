// The screen of a place. Each but the work list is fetched when it is first opened; opening one again costs nothing.
import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { lookAhead, WorkList } from "../screens/worklist/worklist";
import { t } from "../words";
import type { PlaceName } from "./router";
import { Loading } from "./states";

type Screen = ComponentType;

const SCREENS: Readonly<Record<PlaceName, () => Promise<Screen>>> = {
  work: async () => WorkList,
  reviews: async () => (await import("../screens/reviews/reviews")).Reviews,
  alerts: async () => (await import("../screens/alerts/alerts")).Alerts,
  messages: async () => (await import("../screens/messages/messages")).Messages,
  phones: async () => (await import("../screens/phones/phones")).Phones,
  people: async () => (await import("../screens/people/people")).People,
  circle: async () => (await import("../screens/people/circle")).Circle,
  patient: async () => (await import("../screens/patient/patient")).Patient,
  plan: async () => (await import("../screens/plan/plan")).Plan,
  visit: async () => (await import("../screens/visit/visit")).Visit,
  access: async () => (await import("../screens/access/access")).Access,
  audit: async () => (await import("../screens/audit/audit")).Audit,
  quality: async () => (await import("../screens/quality/quality")).Quality,
  glass: async () => (await import("../screens/glass/glass")).Glass,
  accesses: async () => (await import("../screens/accesses/accesses")).EmergencyAccesses,
};

/** The work list comes with the page: nearly everybody begins there, and its rows are asked for a round trip earlier. */
const ready = new Map<PlaceName, Screen>([["work", WorkList]]);

/** Asked for before it is shown: while the server is asked who sits here, or while somebody reads the list. */
export async function fetchScreen(name: PlaceName): Promise<void> {
  if (name === "work") lookAhead();
  else ready.set(name, await SCREENS[name]());
}

export function ScreenOf({ name }: { name: PlaceName }) {
  const shown = useSignal<Screen | undefined>(ready.get(name));
  const broken = useSignal(false);
  useEffect(() => {
    let current = true;
    shown.value = ready.get(name);
    broken.value = false;
    SCREENS[name]().then(
      (screen) => {
        ready.set(name, screen);
        if (current) shown.value = screen;
      },
      () => {
        if (current) broken.value = true;
      },
    );
    return () => {
      current = false;
    };
  }, [name]);
  if (broken.value) return <p class="state failed">{t("state.pageMissing")}</p>;
  const Found = ready.get(name) ?? shown.value;
  return Found ? <Found /> : <Loading what={t("what.page")} since={Date.now()} lines={12} />;
}
