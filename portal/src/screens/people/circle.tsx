// The people of one circle: members with their devices, invitations, the end of a membership. No clinical word.
import { membership } from "../../app/me";
import { useResource } from "../../app/resource";
import { address, type PlaceOf, place } from "../../app/router";
import { Absent, Empty, Part } from "../../app/states";
import { useTitle } from "../../app/title";
import { SetBy } from "../../value/value";
import { person } from "../../value/who";
import { t } from "../../words";
import { Invites } from "../invites/list";
import { useInvites } from "../invites/load";
import { MakeInvite } from "../invites/make";
import { Devices } from "./devices";
import { EndMembership } from "./end";
import { devicesOf, looksAfterDevices, type MemberRow, membersOf, namesMembers } from "./load";

export function Circle() {
  const at = place.value as PlaceOf<"circle">;
  const of = membership(at.case);
  if (!of) return <Absent page />;
  return <Loaded key={at.case} shortId={of.shortId} />;
}

function Loaded({ shortId }: { shortId: string }) {
  const of = membership(shortId);
  const circle = of?.circle ?? 0n;
  const role = of?.role ?? 0;
  useTitle(shortId);
  const members = useResource(`members ${circle}`, (signal) => membersOf(circle, signal));
  const tells = looksAfterDevices(role);
  const devices = useResource(`devices ${circle}`, async (signal) => (tells ? devicesOf(circle, signal) : []));
  const invites = useInvites(circle);
  const again = () => {
    members.reload();
    devices.reload();
    invites.reload();
  };
  const known = invites.state.value.is === "ready" ? invites.state.value.value.answer.invites : [];
  const case_ = shortId.toUpperCase();
  return (
    <div class="page narrow">
      <div class="head">
        <h1>{t("people.of", { case: case_ })}</h1>
        <a href={address({ name: "people", ask: {} })}>{t("people.back")}</a>
        <span class="grow" />
        <button type="button" onClick={again}>
          {t("action.refresh")}
        </button>
      </div>
      <p class="note">{t(tells ? "people.rules" : "people.rulesOther")}</p>
      <Part what={t("what.members")} resource={members} lines={8}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty>{t("access.noMembers")}</Empty>
          ) : (
            <Part what={t("what.devices")} resource={devices} lines={8}>
              {(all) => (
                <>
                  {rows.map((row) => (
                    <Member
                      key={row.record.recordId}
                      row={row}
                      case_={case_}
                      changed={again}
                      names={namesMembers(role)}
                    >
                      {tells && (
                        <Devices
                          circle={circle}
                          devices={all.filter((device) => device.account === row.account)}
                          changed={devices.reload}
                        />
                      )}
                    </Member>
                  ))}
                  {namesMembers(role) && (
                    <MakeInvite
                      circle={circle}
                      shortId={shortId}
                      rows={rows}
                      devices={all}
                      invites={known}
                      changed={invites.reload}
                    />
                  )}
                  <Invites circle={circle} case_={case_} list={invites} changed={invites.reload} members={rows} />
                </>
              )}
            </Part>
          )
        }
      </Part>
    </div>
  );
}

interface MemberProps {
  readonly row: MemberRow;
  readonly case_: string;
  readonly names: boolean;
  readonly changed: () => void;
  readonly children: preact.ComponentChildren;
}

function Member({ row, case_, names, changed, children }: MemberProps) {
  return (
    <section class="box member" aria-label={person(row.account, row.role)}>
      <h2>{person(row.account, row.role)}</h2>
      <p class="note">
        {t(row.ended ? "people.memberEnded" : "people.memberSince")} {row.membership && <SetBy view={row.membership} />}
      </p>
      {children}
      {names && !row.ended && <EndMembership row={row} case_={case_} changed={changed} />}
    </section>
  );
}
