// Devices: how each stands, and what sending one away does and when.
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import { useSignal } from "@preact/signals";
import { type Device, DeviceService, DeviceStanding } from "../../../gen/osteon/identity/v1/device_service_pb";
import { DeviceOrder } from "../../../gen/osteon/sync/v1/sync_pb";
import { now } from "../../app/clock";
import { me } from "../../app/me";
import { Empty } from "../../app/states";
import { useSteady, useWriting, WriteFailed } from "../../app/writing";
import { civil, day, received, viewer } from "../../format/time";
import { client } from "../../rpc/call";
import { member } from "../../value/who";
import { t } from "../../words";
import { Code } from "./code";

interface DevicesProps {
  /** 0: my own. */
  readonly circle: bigint;
  readonly devices: readonly Device[];
  readonly changed: () => void;
}

export function Devices({ circle, devices, changed }: DevicesProps) {
  if (devices.length === 0) return <Empty>{t("people.noDevices")}</Empty>;
  return (
    <ul class="devices">
      {devices.map((device) => (
        <li key={String(device.device)}>
          <OneDevice circle={circle} device={device} changed={changed} />
        </li>
      ))}
    </ul>
  );
}

function OneDevice({ circle, device: told, changed }: { circle: bigint; device: Device; changed: () => void }) {
  const newer = useSignal<Device | undefined>(undefined);
  const device = newer.value ?? told;
  const gone = device.standing === DeviceStanding.LEFT || device.standing === DeviceStanding.WIPED;
  const mine = device.account === me.value?.account;
  return (
    <>
      <strong>
        <bdi>{device.name}</bdi>
      </strong>{" "}
      <span class="note">
        {t("people.device", { n: String(device.device) })}
        {device.thisDevice && `, ${t("people.thisDevice")}`}
      </span>
      <div>{standingWords(device)}</div>
      <div class="note">
        {t("people.enrolled", { when: received(device.created, now()) })}{" "}
        {device.lastSeen ? t("people.lastHeard", { when: heardOn(device.lastSeen) }) : t("people.neverHeard")}
      </div>
      {!gone && !device.thisDevice && (
        <details>
          <summary>{t("people.sendAway")}</summary>
          <Revoke circle={circle} device={device} told={(is) => (newer.value = is)} changed={changed} />
        </details>
      )}
      {!gone && circle !== 0n && !mine && (
        <details>
          <summary>{t("people.code")}</summary>
          <SignInCode circle={circle} device={device} />
        </details>
      )}
    </>
  );
}

/** The server keeps this to the day. */
function heardOn(at: Timestamp): string {
  const ms = timestampMs(at);
  return day(civil(ms, viewer.offset(ms)));
}

function standingWords(device: Device): string {
  const when = received(device.ordered, now());
  const reached = device.told ? t("people.reached", { when: received(device.told, now()) }) : t("people.notReached");
  switch (device.standing) {
    case DeviceStanding.ENROLLED:
      return t("people.stands");
    case DeviceStanding.LEAVING:
      return `${t("people.leaving", { when })} ${reached}`;
    case DeviceStanding.LEFT:
      return t("people.left", { when });
    case DeviceStanding.WIPED:
      return `${t("people.wiped", { when })} ${reached}`;
    default:
      return t("value.newerShort");
  }
}

interface RevokeProps {
  readonly circle: bigint;
  readonly device: Device;
  readonly told: (device: Device) => void;
  readonly changed: () => void;
}

/** Both orders with what they do, to be read before one is given. */
function Revoke({ circle, device, told, changed }: RevokeProps) {
  const writing = useWriting();
  const { steady, note } = useSteady(`${device.device} ${device.standing}`);
  const lastHeard = device.lastSeen ? heardOn(device.lastSeen) : t("people.neverHeard");
  const order = (which: DeviceOrder) => {
    if (!steady()) return;
    const said = { circle, device: device.device, order: which };
    writing.run(
      `${device.device} ${which}`,
      () => client(DeviceService).revokeDevice(said),
      (answer) => {
        if (answer.device) told(answer.device);
        changed();
      },
    );
  };
  const busy = writing.state.is === "saving";
  const who = member(device.account);
  return (
    <div class="close">
      {device.standing === DeviceStanding.ENROLLED && (
        <>
          <p>{t("people.leaveDoes", { when: lastHeard })}</p>
          <div class="buttons">
            <button type="button" disabled={writing.stopped} onClick={() => order(DeviceOrder.LEAVE)}>
              {busy ? t("write.saving") : t("people.leave", { device: device.name, who })}
            </button>
          </div>
        </>
      )}
      <p>{t("people.wipeDoes", { when: lastHeard })}</p>
      <div class="buttons">
        <button type="button" class="danger" disabled={writing.stopped} onClick={() => order(DeviceOrder.WIPE)}>
          {busy ? t("write.saving") : t("people.wipe", { device: device.name, who })}
        </button>
      </div>
      {note !== "" && <p role="status">{note}</p>}
      <WriteFailed state={writing.state} />
    </div>
  );
}

/** For a device that was away for 180 days: read out to the person, who types it. */
function SignInCode({ circle, device }: { circle: bigint; device: Device }) {
  const writing = useWriting();
  const made = useSignal<{ code: string; until: string } | undefined>(undefined);
  const make = () => {
    const said = { circle, device: device.device };
    writing.run(
      `code ${device.device}`,
      () => client(DeviceService).createSignInCode(said),
      (answer) => {
        made.value = { code: answer.code, until: received(answer.expires, now()) };
      },
    );
  };
  return (
    <div class="close">
      <p>{t("people.codeDoes")}</p>
      {made.value ? (
        <p role="status">
          <Code code={made.value.code} /> {t("people.codeUntil", { when: made.value.until })}
        </p>
      ) : (
        <div class="buttons">
          <button type="button" disabled={writing.stopped} onClick={make}>
            {writing.state.is === "saving" ? t("write.saving") : t("people.codeMake")}
          </button>
        </div>
      )}
      <WriteFailed state={writing.state} />
    </div>
  );
}
