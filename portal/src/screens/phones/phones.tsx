// The patients' phones, those first of which somebody should be called. Two directions, never mixed.
import { useRef } from "preact/hooks";
import { PhoneStanding, type PhoneState } from "../../../gen/osteon/circle/v1/phone_pb";
import { WorkFilter, WorklistService, type WorkRow } from "../../../gen/osteon/worklist/v1/worklist_service_pb";
import { now } from "../../app/clock";
import { useHeld } from "../../app/held";
import { useKeys } from "../../app/keys";
import { isGone } from "../../app/me";
import { useResource } from "../../app/resource";
import { address } from "../../app/router";
import { learn, nameOf } from "../../app/standing";
import { Empty, Part } from "../../app/states";
import { received } from "../../format/time";
import { type How, NewItems, useRefresh } from "../../parts/fresh";
import { Slot } from "../../parts/slot";
import { client, OWN_PAGE, tried } from "../../rpc/call";
import { Phone } from "../../value/phone";
import { t } from "../../words";
import { appWords, knownWords, rank } from "./health";

const PAGES = 20;

type Held = WorkRow & { readonly phone: PhoneState };
interface Answer {
  readonly rows: readonly Held[];
  /** Raised with each answer that somebody asked for. */
  readonly asked: number;
}

async function everyPhone(viewId: string, how: How): Promise<Held[]> {
  const rows: WorkRow[] = [];
  let pageToken = "";
  for (let n = 0; n < PAGES; n += 1) {
    const request = { filter: WorkFilter.ALL, pageSize: 100, pageToken, viewId };
    const answer = await tried(() => client(WorklistService).listWork(request, how), how);
    learn(answer);
    rows.push(...answer.rows);
    pageToken = answer.nextPageToken;
    if (pageToken === "") break;
  }
  return rows.filter((row): row is Held => row.phone !== undefined).sort((a, b) => rank(a.phone) - rank(b.phone));
}

export function Phones() {
  const viewId = useRef(crypto.randomUUID());
  const asked = useRef(0);
  const list = useResource("phones", async (signal, headers): Promise<Answer> => {
    const rows = await everyPhone(viewId.current, { signal, headers });
    if (headers[OWN_PAGE] === undefined) asked.current += 1;
    return { rows, asked: asked.current };
  });
  useRefresh(list);
  useKeys([{ keys: ".", says: "key.showNew", run: () => list.reload() }]);
  return (
    <div class="page">
      <div class="head">
        <h1>{t("phones.title")}</h1>
        <span class="note">{t("phones.about")}</span>
        <span class="grow" />
        <button type="button" onClick={() => list.reload()}>
          {t("action.refresh")}
        </button>
      </div>
      <Part what={t("what.phones")} resource={list} lines={10}>
        {(newest) => <Listed newest={newest} show={list.reload} />}
      </Part>
    </div>
  );
}

/** The order that somebody asked for, each phone as it is now; patients and ranks that are new wait. */
function Listed({ newest, show }: { newest: Answer; show: () => void }) {
  const held = useHeld(newest, newest.asked, () => false);
  const rows = held.rows.filter((row) => !isGone(row.circle));
  const stands = new Map(newest.rows.map((row) => [row.circle, row]));
  const before = new Map(held.rows.map((row) => [row.circle, rank(row.phone)]));
  const moved = newest.rows.filter((row) => before.get(row.circle) !== rank(row.phone)).length;
  return (
    <>
      <NewItems n={moved} show={show} />
      {rows.length === 0 ? (
        <Empty>{t("phones.none")}</Empty>
      ) : (
        <Table key={held.asked} rows={rows.map(({ circle, shortId }) => stands.get(circle) ?? { circle, shortId })} />
      )}
    </>
  );
}

/** Of a patient whose phone is not told any more nothing but the case number stands. */
type Row = Pick<WorkRow, "circle" | "shortId"> & Partial<Held>;

function Table({ rows }: { rows: readonly Row[] }) {
  return (
    <div class="wide">
      <table class="work even">
        <caption class="hidden">{t("phones.title")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("work.patient")}</th>
            <th scope="col">{t("work.phone")}</th>
            <th scope="col">{t("phones.to")}</th>
            <th scope="col">{t("phones.from")}</th>
            <th scope="col">{t("phones.app")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ circle, shortId, displayNames = [], phone }) => (
            <tr key={String(circle)}>
              <th scope="row">
                <a class="patient-link" href={address({ name: "patient", case: shortId, ask: {} })}>
                  <bdi>{nameOf({ displayNames, shortId })}</bdi>
                </a>
              </th>
              {cellsOf(phone).map((cell, at) => (
                <td key={at} class={at === 3 ? "note" : ""}>
                  <Slot state={stateOf(phone)} keeps={false} quiet={at > 0}>
                    {cell}
                  </Slot>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Of a patient who has no phone nothing waits anywhere: that is not said as if one had answered. */
const cellsOf = (phone: PhoneState | undefined) =>
  phone?.standing === PhoneStanding.NONE
    ? [<Phone key="heard" state={phone} part="heard" />, ...Array(3).fill(t("missing.notApplicable"))]
    : phone
      ? [
          <Phone key="heard" state={phone} part="heard" />,
          <To key="to" phone={phone} />,
          <From key="from" phone={phone} />,
          appWords(phone),
        ]
      : [t("phone.notTold"), "", "", ""];

const stateOf = (phone: PhoneState | undefined): string =>
  phone
    ? [phone.standing, phone.safetyUndelivered, phone.outboxCount, phone.draftCount, ...knownWords(phone)].join()
    : "";

/** What the server knows of it: what has not reached it, and what it has not answered. */
function To({ phone }: { phone: PhoneState }) {
  return (
    <>
      {phone.safetyUndelivered ? <strong>{t("phones.call")}</strong> : t("phones.delivered")}
      {knownWords(phone).map((one) => (
        <div key={one}>{one}</div>
      ))}
    </>
  );
}

function From({ phone }: { phone: PhoneState }) {
  if (!phone.reported) return <span class="note">{t("phones.neverSaid")}</span>;
  if (phone.outboxCount + phone.draftCount > 0) return <Phone state={phone} part="waiting" />;
  return <span class="note">{t("phones.nothing", { when: received(phone.reported, now()) })}</span>;
}
