// What a screen that decides something rests on: by which rules, and as of when.
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { now } from "../app/clock";
import type { Resource } from "../app/resource";
import { server } from "../app/session";
import { received } from "../format/time";
import { t } from "../words";

export function AsOf({ resource }: { resource: Resource<unknown> }) {
  const state = resource.state.value;
  const at = state.is === "loading" ? undefined : state.at;
  if (at === undefined) return null;
  const when = received(timestampFromMs(at), now());
  return <p class="note as-of">{t("screen.asOf", { when, rules: server.value?.ruleSet ?? t("missing.notKnown") })}</p>;
}
