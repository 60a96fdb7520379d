// Who sees what. Clinicians read only: the patient changes it on the phone. My own access, what was granted, and how far what was
// taken back has reached.

import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useRef } from "preact/hooks";
import type { Grant } from "../../../gen/osteon/care/v1/care_circle_pb";
import { Decision } from "../../../gen/osteon/care/v1/common_pb";
import {
  AccessAction,
  AccessReason,
  type CategoryAccess,
  ConsentService,
  type ExplainAccessResponse,
} from "../../../gen/osteon/consent/v1/consent_service_pb";
import { Role } from "../../../gen/osteon/meta/v1/options_pb";
import { RecordService, type RecordView } from "../../../gen/osteon/record/v1/record_service_pb";
import { Lifecycle } from "../../../gen/osteon/sync/v1/sync_pb";
import { now } from "../../app/clock";
import { membership } from "../../app/me";
import { type Resource, useResource } from "../../app/resource";
import { address, type PlaceOf, place, turn } from "../../app/router";
import { Absent, Empty, Part } from "../../app/states";
import { useTitle } from "../../app/title";
import { received } from "../../format/time";
import { client, tried } from "../../rpc/call";
import { RecordLine } from "../../value/value";
import { member, person, roleWord } from "../../value/who";
import { t } from "../../words";
import { type MemberRow, membersOf } from "../people/load";
import { categoryWord } from "./categories";
import { Stops, Withdrawals } from "./consent";
import { Erasures } from "./erasure";

const GRANT = 263;
/** What a consent names beside the categories: to act for the patient. */
const PROXY = 64;

export function Access() {
  const at = place.value as PlaceOf<"access">;
  const of = membership(at.case);
  if (!of) return <Absent page />;
  return <Loaded key={at.case} circle={of.circle} shortId={of.shortId} />;
}

function Loaded({ circle, shortId }: { circle: bigint; shortId: string }) {
  const once = useRef(circle);
  useTitle(shortId);
  const at = place.value as PlaceOf<"access">;
  const as = /^\d{1,18}$/.test(at.ask.as ?? "") ? BigInt(at.ask.as ?? 0) : 0n;
  const explain = (account: bigint, signal: AbortSignal) =>
    tried(() => client(ConsentService).explainAccess({ circle, account }, { signal }), { signal });
  const own = useResource(`access ${circle}`, (signal) => explain(0n, signal));
  const other = useResource(`access ${circle} ${as}`, async (signal) => (as === 0n ? undefined : explain(as, signal)));
  const mine = as === 0n ? own : other;
  const grants = useResource(`grants ${circle}`, (signal) =>
    tried(() => client(RecordService).listRecords({ circle: once.current, type: GRANT, pageSize: 100 }, { signal }), {
      signal,
    }),
  );
  const members = useResource(`members ${circle}`, (signal) => membersOf(once.current, signal));
  const consent = useResource(`consent ${circle}`, (signal) =>
    tried(() => client(ConsentService).getConsent({ circle }, { signal }), { signal }),
  );
  return (
    <div class="page narrow">
      <div class="head">
        <h1>{t("access.title", { case: shortId.toUpperCase() })}</h1>
        <a href={address({ name: "patient", case: shortId, ask: {} })}>{t("visit.back")}</a>
      </div>
      <p class="note">{t("access.readOnly")}</p>
      <section class="box" aria-labelledby="erasure">
        <h2 id="erasure">{t("erasure.title")}</h2>
        <Part what={t("what.erasures")} resource={own} lines={2}>
          {({ categories }) => <Erasures circle={circle} shortId={shortId} access={categories} />}
        </Part>
      </section>
      <section class="box">
        <div class="row">
          <h2>{heading(other)}</h2>
          <SeeAs own={own} circle={circle} as={as} />
        </div>
        <Part what={t("what.access")} resource={mine} lines={12}>
          {(answer) =>
            answer && (
              <>
                {as !== 0n && (
                  <p class="state summary">{t("access.asOther", { who: person(answer.account, answer.role) })}</p>
                )}
                <Mine answer={answer} />
              </>
            )
          }
        </Part>
      </section>
      <section class="box">
        <h2>{t("access.members")}</h2>
        <Part what={t("what.members")} resource={members} lines={4}>
          {(rows) => <Members rows={rows} />}
        </Part>
      </section>
      <section class="box">
        <h2>{t("access.grants")}</h2>
        <Part what={t("what.grants")} resource={grants} lines={4}>
          {({ records }) => <Grants records={records} members={rowsOf(members)} />}
        </Part>
      </section>
      <section class="box">
        <h2>{t("access.reach")}</h2>
        <Part what={t("what.reach")} resource={consent} lines={2}>
          {(answer) => <Withdrawals answer={answer} />}
        </Part>
      </section>
      <section class="box">
        <h2>{t("access.stops")}</h2>
        <p class="note">{t("access.stopsAbout")}</p>
        <Part what={t("what.stops")} resource={consent} lines={6}>
          {(answer) => <Stops answer={answer} account={as === 0n ? accountOf(own) : as} />}
        </Part>
      </section>
    </div>
  );
}

const accountOf = (own: Resource<ExplainAccessResponse>): bigint =>
  own.state.value.is === "ready" ? own.state.value.value.account : 0n;

/** Whose eyes these are. */
function heading(other: Resource<ExplainAccessResponse | undefined>): string {
  const state = other.state.value;
  const answer = state.is === "ready" ? state.value : undefined;
  return answer ? t("access.of", { who: person(answer.account, answer.role) }) : t("access.mine");
}

/** The patient and a proxy look through the eyes of any member; everybody else through their own. */
function SeeAs({ own, circle, as }: { own: Resource<ExplainAccessResponse>; circle: bigint; as: bigint }) {
  const at = place.value as PlaceOf<"access">;
  const state = own.state.value;
  const may = state.is === "ready" && (state.value.proxy || state.value.role === Role.PATIENT);
  const members = useResource(`see as ${circle} ${may}`, async (signal) => (may ? membersOf(circle, signal) : []));
  if (!may) return null;
  const rows = members.state.value.is === "ready" ? members.state.value.value : [];
  const choose = (account: string) => {
    const { as: _, ...ask } = at.ask;
    turn({ ...at, ask: account === "0" ? ask : { ...ask, as: account } });
  };
  return (
    <label>
      {t("access.seeAs")}{" "}
      <select value={String(as)} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="0">{t("access.seeAsMe")}</option>
        {rows
          .filter((row) => !row.ended && row.account !== state.value.account)
          .map((row) => (
            <option key={row.record.recordId} value={String(row.account)}>
              {person(row.account, row.role)}
            </option>
          ))}
      </select>
    </label>
  );
}

const ACTIONS = [
  [AccessAction.READ, "access.read"],
  [AccessAction.READ_SUMMARY, "access.summary"],
  [AccessAction.WRITE, "access.write"],
  [AccessAction.PROPOSE, "access.propose"],
] as const;

const REASONS = {
  [AccessReason.UNSPECIFIED]: "access.why.unknown",
  [AccessReason.ROLE]: "access.why.role",
  [AccessReason.GRANTED]: "access.why.granted",
  [AccessReason.PROXY]: "access.why.proxy",
  [AccessReason.NARROWED]: "access.why.narrowed",
  [AccessReason.NOT_YET]: "access.why.notYet",
  [AccessReason.ENDED]: "access.why.ended",
  [AccessReason.NOT_GRANTED]: "access.why.notGranted",
  [AccessReason.NOT_IN_MATRIX]: "access.why.notRole",
  [AccessReason.OWN_ONLY]: "access.why.ownOnly",
} as const;

function Mine({ answer }: { answer: ExplainAccessResponse }) {
  return (
    <div class="wide">
      <table class="plan free">
        <thead>
          <tr>
            <th scope="col">{t("access.category")}</th>
            {ACTIONS.map(([action, word]) => (
              <th key={action} scope="col">
                {t(word)}
              </th>
            ))}
            <th scope="col">{t("access.because")}</th>
          </tr>
        </thead>
        <tbody>
          {answer.categories.map((one) => (
            <tr key={one.category}>
              <th scope="row">{categoryWord(one.category)}</th>
              {ACTIONS.map(([action]) => (
                <Cell key={action} of={one} action={action} />
              ))}
              <td class="note">{becauseOf(one)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ of, action }: { of: CategoryAccess; action: AccessAction }) {
  const found = of.actions.find((one) => one.action === action);
  if (!found?.allowed) return <td class="no">{t("access.no")}</td>;
  return <td>{found.until ? t("access.until", { when: received(found.until, now()) }) : t("access.yes")}</td>;
}

function becauseOf(of: CategoryAccess): string {
  const found = (action: AccessAction) => of.actions.find((one) => one.action === action);
  const read = found(AccessAction.READ);
  if (!read?.allowed && found(AccessAction.READ_SUMMARY)?.allowed) return t("access.why.summary");
  return t(REASONS[read?.reason ?? AccessReason.UNSPECIFIED] ?? "access.why.unknown");
}

/** What is not simply so, is said as a record: with its versions, or struck out. */
const isPlain = (record: RecordView): boolean =>
  record.lifecycle === Lifecycle.ACTIVE &&
  !record.lifecycleReview &&
  !record.fields.some((view) => view.needsReview || view.blocked);

const rowsOf = (members: Resource<readonly MemberRow[]>): readonly MemberRow[] =>
  members.state.value.is === "ready" ? members.state.value.value : [];

function Members({ rows }: { rows: readonly MemberRow[] }) {
  if (rows.length === 0) return <Empty>{t("access.noMembers")}</Empty>;
  return (
    <ul>
      {rows.map(({ record, account, role, ended }) => (
        <li key={record.recordId}>
          {isPlain(record) ? person(account, role) : <RecordLine record={record} />}
          {ended && <span class="note"> {t("side.left")}</span>}
        </li>
      ))}
    </ul>
  );
}

function Grants({ records, members }: { records: readonly RecordView[]; members: readonly MemberRow[] }) {
  if (records.length === 0) return <Empty>{t("access.noGrants")}</Empty>;
  return (
    <ul>
      {records.map((record) => (
        <li key={record.recordId}>
          {record.body?.body.case === "grant" && isPlain(record) ? (
            grantWords(record.body.body.value, members)
          ) : (
            <RecordLine record={record} />
          )}
        </li>
      ))}
    </ul>
  );
}

/** "caregiver, member 2: activity, until 28 Aug 2028 12:00". */
function grantWords(grant: Grant, members: readonly MemberRow[]): string {
  const { account = 0n, role } = grant.grantee ?? {};
  const found = members.find((row) => row.account === account);
  const who =
    account === 0n ? roleWord(role ?? Role.UNSPECIFIED) : found ? person(account, found.role) : member(account);
  const what = Number(grant.category) === PROXY ? t("access.why.proxy") : categoryWord(Number(grant.category ?? 0));
  return `${who}: ${what}, ${windowWords(grant)}`;
}

function windowWords({ decision, notBefore, notAfter }: Grant): string {
  if (decision !== Decision.ALLOW) return t("access.no");
  if (notBefore && timestampMs(notBefore) > now()) return t("access.why.notYet");
  return notAfter ? t("access.until", { when: received(notAfter, now()) }) : t("access.yes");
}
