// How far what was taken back has reached, device by device; and what stops working for somebody where consent is narrowed.
import {
  type CategoryConsent,
  ConsentReach,
  type ConsentWindow,
  type DeviceReach,
  type GetConsentResponse,
  type Withdrawal,
} from "../../../gen/osteon/consent/v1/consent_service_pb";
import { now } from "../../app/clock";
import { Empty } from "../../app/states";
import { received } from "../../format/time";
import { typeTitle } from "../../value/say";
import { member, person, roleWord } from "../../value/who";
import { t } from "../../words";
import { categoryWord } from "./categories";

type Answer = Pick<GetConsentResponse, "members" | "withdrawals">;

export function Withdrawals({ answer }: { answer: Answer }) {
  if (answer.withdrawals.length === 0) return <Empty>{t("access.noReach")}</Empty>;
  return (
    <ul>
      {answer.withdrawals.map((one) => (
        <li key={one.recordId}>
          {t("access.withdrawn", { what: whatOf(one), who: whoOf(one, answer), when: received(one.at, now()) })}
          {one.devices.length > 0 && (
            <ul>
              {one.devices.map((device) => (
                <li key={String(device.device)}>
                  <Device one={device} answer={answer} />
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
}

const whatOf = ({ proxy, category }: Withdrawal): string => (proxy ? t("access.why.proxy") : categoryWord(category));

const whoOf = ({ account, role }: Withdrawal, answer: Answer): string =>
  account === 0n ? roleWord(role) : nameIn(account, answer);

function nameIn(account: bigint, { members }: Answer): string {
  const found = members.find((one) => one.access?.account === account)?.access;
  return found ? person(account, found.role) : member(account);
}

function Device({ one, answer }: { one: DeviceReach; answer: Answer }) {
  const words = t("access.device", { device: String(one.device), who: nameIn(one.account, answer) });
  return (
    <>
      {words}{" "}
      {one.reach === ConsentReach.NOT_TOLD || one.reach === ConsentReach.TOLD ? (
        <strong>{reachWords(one)}</strong>
      ) : (
        reachWords(one)
      )}
    </>
  );
}

/** "not yet on this device, last heard 19 Nov 2026 18:02". */
export function reachWords(one: DeviceReach): string {
  switch (one.reach) {
    case ConsentReach.CONFIRMED:
      return t("access.confirmed", { when: received(one.confirmed, now()) });
    case ConsentReach.TOLD:
      return t("access.toldNotYet", { when: received(one.asked, now()) });
    case ConsentReach.NOTHING_HELD:
      return t("access.nothingHeld");
    case ConsentReach.NOT_TOLD:
      return one.lastHeard
        ? t("access.notYetHeard", { when: received(one.lastHeard, now()) })
        : t("access.notYetNever");
    default:
      return t("missing.notSaid");
  }
}

/** Of one member: since when and until when, and what would stop or has stopped. */
export function Stops({ answer, account }: { answer: Answer; account: bigint }) {
  const found = answer.members.find((one) => one.access?.account === account);
  const rows = found?.categories.filter((one) => one.stops || one.windows.length > 0) ?? [];
  if (rows.length === 0) return <Empty>{t("access.noStops")}</Empty>;
  return (
    <div class="wide">
      <table class="plan">
        <thead>
          <tr>
            <th scope="col">{t("access.category")}</th>
            <th scope="col">{t("access.windows")}</th>
            <th scope="col">{t("access.stopsReading")}</th>
            <th scope="col">{t("access.stopsWriting")}</th>
            <th scope="col">{t("access.stopsAlerts")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <StopsRow key={one.category} one={one} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function StopsRow({ one }: { one: CategoryConsent }) {
  const { reads = [], writes = [], rules = [] } = one.stops ?? {};
  const types = (numbers: readonly number[]) => numbers.map(typeTitle).join(", ") || t("access.stopsNothing");
  return (
    <tr>
      <th scope="row">{categoryWord(one.category)}</th>
      <td>{one.windows.map(windowWords).join("; ") || t("access.noWindow")}</td>
      <td>{types(reads)}</td>
      <td>{types(writes)}</td>
      <td>{rules.join(", ") || t("access.stopsNothing")}</td>
    </tr>
  );
}

export function windowWords({ from, to }: ConsentWindow): string {
  const parts = [
    from ? t("access.from", { when: received(from, now()) }) : "",
    to ? t("access.until", { when: received(to, now()) }) : "",
  ];
  return parts.filter((part) => part !== "").join(" ") || t("access.withoutEnd");
}
