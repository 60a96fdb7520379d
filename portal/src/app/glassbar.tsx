// The bar on every page of a patient whose glass this tab broke, for as long as it is open.
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { BreakGlassService } from "../../gen/osteon/identity/v1/break_glass_service_pb";
import { received } from "../format/time";
import { client } from "../rpc/call";
import { t } from "../words";
import { now } from "./clock";
import { dropGlass, glassOf, type OpenGlass } from "./glass";
import { placeCase } from "./router";
import { useWriting, WriteFailed } from "./writing";

/** The glass of the place that is on the screen. */
export function glassHere(): OpenGlass | undefined {
  const at = placeCase.value;
  return at === undefined ? undefined : glassOf(at);
}

export function GlassBar({ glass }: { glass: OpenGlass }) {
  const writing = useWriting();
  const end = () => {
    const said = { circle: glass.circle, recordId: glass.recordId };
    writing.run(
      `end glass ${glass.recordId}`,
      () => client(BreakGlassService).endBreakGlass(said),
      () => dropGlass(glass.shortId),
    );
  };
  const case_ = glass.shortId.toUpperCase();
  return (
    <section class="glass-bar" aria-label={t("glass.bar")}>
      <p>
        <strong>{t("glass.open", { case: case_, when: received(timestampFromMs(glass.untilMs), now()) })}</strong>{" "}
        {t("glass.told")}
      </p>
      <button type="button" class="danger" disabled={writing.stopped} onClick={end}>
        {writing.state.is === "saving" ? t("write.saving") : t("glass.end", { case: case_ })}
      </button>
      <WriteFailed state={writing.state} />
    </section>
  );
}
