// The patients' phones, those first of which somebody should be called. Two directions, never mixed.
import { useRef } from "preact/hooks";
import { PhoneStanding, type PhoneState } from "../../../gen/osteon/circle/v1/phone_pb";
import { WorkFilter, WorklistService, type WorkRow } from "../../../gen/osteon/worklist/v1/worklist_service_pb";
import { now } from "../../app/clock";
import { useKeys } from "../../app/keys";
import { isGone } from "../../app/me";
import { useResource } from "../../app/resource";
import { address } from "../../app/router";
import { learn, nameOf } from "../../app/standing";
import { Empty, Part } from "../../app/states";
import { received } from "../../format/time";
import { client, tried } from "../../rpc/call";
import { Phone } from "../../value/phone";
import { t } from "../../words";

const PAGES = 20;

type Held = WorkRow & { readonly phone: PhoneState };

async function everyPhone(viewId: string, signal: AbortSignal): Promise<Held[]> {
  const rows: WorkRow[] = [];
  let pageToken = "";
  for (let n = 0; n < PAGES; n += 1) {
    const request = { filter: WorkFilter.ALL, pageSize: 100, pageToken, viewId };
    const answer = await tried(() => client(WorklistService).listWork(request, { signal }), { signal });
    learn(answer);
    rows.push(...answer.rows);
    pageToken = answer.nextPageToken;
    if (pageToken === "") break;
  }
  return rows.filter((row): row is Held => row.phone !== undefined).sort((a, b) => rank(a.phone) - rank(b.phone));
}

/** A safety change that has not arrived before silence, silence before what waits on the phone. */
function rank(phone: PhoneState): number {
  if (phone.safetyUndelivered) return phone.standing === PhoneStanding.SILENT ? 0 : 1;
  if (phone.standing === PhoneStanding.SILENT) return 2;
  if (phone.draftCount > 0) return 3;
  return phone.outboxCount > 0 ? 4 : 5;
}

export function Phones() {
  const viewId = useRef(crypto.randomUUID());
  const list = useResource("phones", (signal) => everyPhone(viewId.current, signal));
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
        {(all) => {
          const rows = all.filter((row) => !isGone(row.circle));
          return rows.length === 0 ? <Empty>{t("phones.none")}</Empty> : <Table rows={rows} />;
        }}
      </Part>
    </div>
  );
}

function Table({ rows }: { rows: readonly Held[] }) {
  return (
    <div class="wide">
      <table class="work">
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
          {rows.map((row) => (
            <tr key={String(row.circle)}>
              <th scope="row">
                <a class="patient-link" href={address({ name: "patient", case: row.shortId, ask: {} })}>
                  <bdi>{nameOf(row)}</bdi>
                </a>
              </th>
              <td>
                <Phone state={row.phone} part="heard" />
              </td>
              <td>{row.phone.safetyUndelivered ? <strong>{t("phones.call")}</strong> : t("phones.delivered")}</td>
              <td>
                <From phone={row.phone} />
              </td>
              <td class="note">{appWords(row.phone)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function From({ phone }: { phone: PhoneState }) {
  if (!phone.reported) return <span class="note">{t("phones.neverSaid")}</span>;
  if (phone.outboxCount + phone.draftCount > 0) return <Phone state={phone} part="waiting" />;
  return <span class="note">{t("phones.nothing", { when: received(phone.reported, now()) })}</span>;
}

function appWords(phone: PhoneState): string {
  const parts = [
    phone.appVersion !== "" ? t("phones.version", { app: phone.appVersion }) : "",
    phone.ruleSetVersion !== "" ? t("phones.rules", { rules: phone.ruleSetVersion }) : "",
    phone.appVersion !== "" && !phone.notificationsAllowed ? t("phones.quiet") : "",
  ];
  return parts.filter((part) => part !== "").join(", ") || t("missing.notSaid");
}
