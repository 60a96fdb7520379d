// Emergency accesses of all circles in which one may know of any: what nobody has reviewed stands on top.
import { useResource } from "../../app/resource";
import { address, type PlaceOf, place, turn } from "../../app/router";
import { Empty, Part } from "../../app/states";
import { t } from "../../words";
import { Accesses } from "./list";
import { accessesOf } from "./load";

export function EmergencyAccesses() {
  const at = place.value as PlaceOf<"accesses">;
  const waiting = at.ask.show === "waiting";
  const list = useResource(`accesses ${waiting}`, (signal) => accessesOf(0n, waiting, signal));
  return (
    <div class="page narrow">
      <div class="head">
        <h1>{t("accesses.title")}</h1>
        <a href={address({ name: "people", ask: {} })}>{t("accesses.back")}</a>
        <span class="grow" />
        <button type="button" onClick={list.reload}>
          {t("action.refresh")}
        </button>
      </div>
      <p class="note">{t("accesses.about")}</p>
      <label class="option">
        <input
          type="checkbox"
          checked={waiting}
          onChange={(event) => turn({ ...at, ask: event.currentTarget.checked ? { show: "waiting" } : {} })}
        />{" "}
        {t("accesses.waiting")}
      </label>
      <Part what={t("what.accesses")} resource={list} lines={8}>
        {(answer) =>
          answer.accesses.length === 0 ? (
            <Empty>{t(waiting ? "accesses.noneWaiting" : "accesses.none")}</Empty>
          ) : (
            <section class="box" aria-label={t("accesses.title")}>
              <Accesses answer={answer} changed={list.reload} />
            </section>
          )
        }
      </Part>
    </div>
  );
}
