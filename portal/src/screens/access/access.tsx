// Who sees what. Clinicians read only: the patient changes it on the phone. My own access, what was granted, and how far what was
// taken back has reached.
import { useRef } from "preact/hooks";
import {
  AccessAction,
  AccessReason,
  type CategoryAccess,
  ConsentService,
  type ExplainAccessResponse,
  type ListErasuresResponse,
} from "../../../gen/osteon/consent/v1/consent_service_pb";
import {
  type ListRecordsResponse,
  RecordService,
  type RecordView,
} from "../../../gen/osteon/record/v1/record_service_pb";
import { now } from "../../app/clock";
import { membership } from "../../app/me";
import { useResource } from "../../app/resource";
import { address, type PlaceOf, place } from "../../app/router";
import { Absent, Empty, Part } from "../../app/states";
import { received } from "../../format/time";
import { client, tried } from "../../rpc/call";
import { RecordLine } from "../../value/value";
import { member } from "../../value/who";
import { t } from "../../words";
import { useTitle } from "../patient/patient";
import { categoryWord } from "./categories";

const GRANT = 263;
const MEMBER = 262;

export function Access() {
  const at = place.value as PlaceOf<"access">;
  const of = membership(at.case);
  if (!of) return <Absent page />;
  return <Loaded key={at.case} circle={of.circle} shortId={of.shortId} />;
}

function Loaded({ circle, shortId }: { circle: bigint; shortId: string }) {
  const once = useRef(circle);
  useTitle(shortId);
  const list = (type: number, signal: AbortSignal) =>
    tried(() => client(RecordService).listRecords({ circle: once.current, type, pageSize: 100 }, { signal }), {
      signal,
    });
  const mine = useResource(`access ${circle}`, (signal) =>
    tried(() => client(ConsentService).explainAccess({ circle }, { signal }), { signal }),
  );
  const grants = useResource(`grants ${circle}`, (signal) => list(GRANT, signal));
  const members = useResource(`members ${circle}`, (signal) => list(MEMBER, signal));
  const reach = useResource(`erasures ${circle}`, (signal) =>
    tried(() => client(ConsentService).listErasures({ circle }, { signal }), { signal }),
  );
  return (
    <div class="page narrow">
      <div class="head">
        <h1>{t("access.title", { case: shortId.toUpperCase() })}</h1>
        <a href={address({ name: "patient", case: shortId, ask: {} })}>{t("visit.back")}</a>
      </div>
      <p class="note">{t("access.readOnly")}</p>
      <section class="box">
        <h2>{t("access.mine")}</h2>
        <Part what={t("what.access")} resource={mine} lines={12}>
          {(answer) => <Mine answer={answer} />}
        </Part>
      </section>
      <section class="box">
        <h2>{t("access.members")}</h2>
        <Part what={t("what.members")} resource={members} lines={4}>
          {(answer) => <Records answer={answer} none={t("access.noMembers")} />}
        </Part>
      </section>
      <section class="box">
        <h2>{t("access.grants")}</h2>
        <Part what={t("what.grants")} resource={grants} lines={4}>
          {(answer) => <Records answer={answer} none={t("access.noGrants")} />}
        </Part>
      </section>
      <section class="box">
        <h2>{t("access.reach")}</h2>
        <Part what={t("what.reach")} resource={reach} lines={2}>
          {(answer) => <Reach answer={answer} />}
        </Part>
      </section>
    </div>
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
      <table class="plan">
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
  const read = of.actions.find((one) => one.action === AccessAction.READ);
  return t(REASONS[read?.reason ?? AccessReason.UNSPECIFIED] ?? "access.why.unknown");
}

function Records({ answer, none }: { answer: ListRecordsResponse; none: string }) {
  if (answer.records.length === 0) return <Empty>{none}</Empty>;
  return (
    <ul>
      {answer.records.map((record: RecordView) => (
        <li key={record.recordId}>
          <RecordLine record={record} />
        </li>
      ))}
    </ul>
  );
}

function Reach({ answer }: { answer: ListErasuresResponse }) {
  if (answer.erasures.length === 0) return <Empty>{t("access.noReach")}</Empty>;
  return (
    <ul>
      {answer.erasures.map((one) => (
        <li key={`${one.device}${one.sequence}`}>
          {t("access.told", { who: member(one.account), device: String(one.device), when: received(one.asked, now()) })}{" "}
          {one.confirmed ? (
            t("access.confirmed", { when: received(one.confirmed, now()) })
          ) : (
            <strong>{t("access.notYet")}</strong>
          )}
        </li>
      ))}
    </ul>
  );
}
