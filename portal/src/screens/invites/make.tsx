// An invitation for one person and role: a QR code, and the same as a code that is typed with the case number.
import { useSignal } from "@preact/signals";
import type { Device } from "../../../gen/osteon/identity/v1/device_service_pb";
import {
  type CreateInviteResponse,
  EnrolmentService,
  type Invite,
} from "../../../gen/osteon/identity/v1/identity_service_pb";
import { Role } from "../../../gen/osteon/meta/v1/options_pb";
import { now } from "../../app/clock";
import { me } from "../../app/me";
import { useSteady, useWriting, WriteFailed } from "../../app/writing";
import { received } from "../../format/time";
import { Qr } from "../../parts/qr";
import { client } from "../../rpc/call";
import { person, roleWord } from "../../value/who";
import { t } from "../../words";
import { Code } from "../people/code";
import type { MemberRow } from "../people/load";
import { Life } from "./list";

const ROLES = [
  Role.CAREGIVER,
  Role.DIETITIAN,
  Role.PHYSIOTHERAPIST,
  Role.PHYSICIAN,
  Role.NURSE,
  Role.CLINIC_ADMIN,
  Role.PATIENT,
] as const;

interface InviteProps {
  readonly circle: bigint;
  readonly shortId: string;
  readonly rows: readonly MemberRow[];
  readonly devices: readonly Device[];
  /** The invites that are known, of which one may be the one that was made here. */
  readonly invites: readonly Invite[];
  readonly changed: () => void;
}

export function MakeInvite({ circle, shortId, rows, devices, invites, changed }: InviteProps) {
  const writing = useWriting();
  const role = useSignal<Role>(Role.UNSPECIFIED);
  const whom = useSignal("0");
  const made = useSignal<CreateInviteResponse | undefined>(undefined);
  // A second press that comes with the code on the screen is no wish for a second one.
  const { steady, note } = useSteady(made.value?.inviteId ?? "");
  const fresh = rows.filter((row) => !row.ended && row.role === role.value && mayGetCode(row, devices));
  const make = (event: Event) => {
    event.preventDefault();
    if (role.value === Role.UNSPECIFIED || !steady()) return;
    const said = { circle, role: role.value, account: BigInt(whom.value) };
    // Where the answer was lost, another press gets the same member and the same code.
    const call = (requestId: string) => client(EnrolmentService).createInvite({ ...said, requestId });
    writing.run(`invite ${said.role} ${said.account}`, call, (answer) => {
      made.value = answer;
      changed();
    });
  };
  const mine = made.value && invites.find((one) => one.inviteId === made.value?.inviteId);
  const case_ = shortId.toUpperCase();
  return (
    <section class="box" aria-labelledby="invite">
      <h2 id="invite">{t("invite.title")}</h2>
      <form class="row" onSubmit={make}>
        <label>
          {t("invite.role")}{" "}
          <select
            value={String(role.value)}
            onChange={(event) => {
              role.value = Number(event.currentTarget.value);
              whom.value = "0";
              made.value = undefined;
            }}
          >
            <option value="0">{t("plan.choose")}</option>
            {ROLES.map((one) => (
              <option key={one} value={String(one)}>
                {roleWord(one)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t("invite.whom")}{" "}
          <select value={whom.value} onChange={(event) => (whom.value = event.currentTarget.value)}>
            <option value="0">{t("invite.new")}</option>
            {fresh.map((row) => (
              <option key={String(row.account)} value={String(row.account)}>
                {person(row.account, row.role)}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="primary" disabled={role.value === Role.UNSPECIFIED || writing.stopped}>
          {writing.state.is === "saving" ? t("write.saving") : t("invite.make", { case: case_ })}
        </button>
      </form>
      {role.value !== Role.UNSPECIFIED && (
        <p class="note">{t("invite.will", { role: roleWord(role.value), case: case_ })}</p>
      )}
      {note !== "" && <p role="status">{note}</p>}
      <WriteFailed state={writing.state} />
      {made.value && <Made answer={made.value} role={role.value} />}
      {mine && <Life invite={mine} />}
    </section>
  );
}

/** Oneself for a second device, or somebody for whom nothing was enrolled yet; the server decides. */
const mayGetCode = (row: MemberRow, devices: readonly Device[]): boolean =>
  row.account === me.value?.account || !devices.some((device) => device.account === row.account);

function Made({ answer, role }: { answer: CreateInviteResponse; role: Role }) {
  return (
    <div class="invite" role="status">
      <Qr text={answer.qr} label={t("invite.qr")} />
      <div>
        <p>{t("invite.for", { who: person(answer.account, role) })}</p>
        <p>{t("invite.typed", { case: answer.shortId.toUpperCase() })}</p>
        <p>
          <Code code={answer.code} />
        </p>
        <p>{t("invite.until", { when: received(answer.expires, now()) })}</p>
        <p class="note">{t("invite.once")}</p>
      </div>
    </div>
  );
}
