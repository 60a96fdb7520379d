// People: in which circles I am, and my own devices. Case numbers only.
import { Role } from "../../../gen/osteon/meta/v1/options_pb";
import { me } from "../../app/me";
import { useResource } from "../../app/resource";
import { address } from "../../app/router";
import { Empty, Part } from "../../app/states";
import { roleWord } from "../../value/who";
import { t } from "../../words";
import { TeamChange } from "../team/team";
import { Devices } from "./devices";
import { devicesOf, namesMembers } from "./load";
import { Notices } from "./notices";

/** Who may know of emergency accesses: administrators of all, physicians and nurses of their own. */
const KNOW: ReadonlySet<Role> = new Set([Role.CLINIC_ADMIN, Role.PHYSICIAN, Role.NURSE]);

export function People() {
  const circles = me.value?.circles ?? [];
  const mine = circles.filter((one) => namesMembers(one.role) && one.role !== Role.PATIENT).length;
  const knows = circles.some((one) => KNOW.has(one.role));
  const own = useResource("own devices", (signal) => devicesOf(0n, signal));
  return (
    <div class="page narrow">
      <div class="head">
        <h1>{t("people.title")}</h1>
        <span class="note">{t("people.about")}</span>
        {knows && <a href={address({ name: "accesses", ask: {} })}>{t("accesses.title")}</a>}
      </div>
      <section class="box" aria-labelledby="circles">
        <h2 id="circles">{t("people.circles")}</h2>
        {circles.length === 0 && <Empty>{t("people.noCircles")}</Empty>}
        <ul class="cases">
          {circles.map((one) => (
            <li key={`${one.circle}${one.role}`}>
              <a href={address({ name: "circle", case: one.shortId, ask: {} })}>{one.shortId.toUpperCase()}</a>{" "}
              <span class="note">{t("people.as", { role: roleWord(one.role) })}</span>
            </li>
          ))}
        </ul>
      </section>
      <section class="box" aria-labelledby="own">
        <h2 id="own">{t("people.ownDevices")}</h2>
        <Part what={t("what.devices")} resource={own} lines={3}>
          {(devices) => <Devices circle={0n} devices={devices} changed={own.reload} />}
        </Part>
      </section>
      <Notices />
      {mine > 0 && <TeamChange circles={mine} />}
    </div>
  );
}
