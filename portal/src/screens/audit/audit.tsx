// Who looked, who changed, who was refused: by kind, person and day, the newest first. No values.
import { useSignal } from "@preact/signals";
import type { AccessEntry, AccessKind, ListAccessResponse } from "../../../gen/osteon/audit/v1/audit_service_pb";
import { Role } from "../../../gen/osteon/meta/v1/options_pb";
import { now } from "../../app/clock";
import { membership } from "../../app/me";
import { useResource } from "../../app/resource";
import { address, type PlaceOf, place, turn } from "../../app/router";
import { Absent, Empty, Part } from "../../app/states";
import { useTitle } from "../../app/title";
import { day, received } from "../../format/time";
import { person } from "../../value/who";
import { t } from "../../words";
import { categoryWord } from "../access/categories";
import { Accesses } from "../accesses/list";
import { accessesOf } from "../accesses/load";
import { membersOf } from "../people/load";
import { actionWords, auditOf, isGlass, KINDS, outcomeWords } from "./load";

/** Everybody else reads what they did themselves. */
const READ_ALL: ReadonlySet<Role> = new Set([Role.PATIENT, Role.CAREGIVER, Role.CLINIC_ADMIN]);

/** These read their own rows, and know of their own emergency accesses. */
const OWN: ReadonlySet<Role> = new Set([Role.PHYSICIAN, Role.NURSE]);

export function Audit() {
  const at = place.value as PlaceOf<"audit">;
  const of = membership(at.case);
  if (!of) return <Absent page />;
  return <Loaded key={at.case} circle={of.circle} shortId={of.shortId} />;
}

function Loaded({ circle, shortId }: { circle: bigint; shortId: string }) {
  const at = place.value as PlaceOf<"audit">;
  useTitle(shortId);
  const pages = useSignal(1);
  const kind = Number(at.ask.kind ?? 0) as AccessKind;
  const account = /^\d{1,18}$/.test(at.ask.account ?? "") ? BigInt(at.ask.account ?? 0) : 0n;
  const { from = "", to = "" } = at.ask;
  const asked = { circle, kind, account, from, to };
  const key = `audit ${circle} ${kind} ${account} ${from} ${to}`;
  const list = useResource(key, (signal) => auditOf(asked, pages.value, signal));
  const role = membership(shortId)?.role ?? Role.UNSPECIFIED;
  const readsAll = READ_ALL.has(role);
  const mayKnow = readsAll || OWN.has(role);
  const members = useResource(`members ${circle}`, async (signal) => (readsAll ? membersOf(circle, signal) : []));
  const people = members.state.value.is === "ready" ? members.state.value.value : [];
  const more = () => {
    pages.value += 1;
    list.reload();
  };
  const set = (name: "kind" | "account" | "from" | "to", value: string) => {
    pages.value = 1;
    turn({ ...at, ask: { ...at.ask, [name]: value } });
  };
  return (
    <div class="page">
      <div class="head">
        <h1>{t("audit.title", { case: shortId.toUpperCase() })}</h1>
        <a href={address({ name: "patient", case: shortId, ask: {} })}>{t("visit.back")}</a>
      </div>
      <p class="note">{t("audit.about")}</p>
      <div class="row filters">
        <label>
          {t("audit.kind")}{" "}
          <select value={String(kind)} onChange={(event) => set("kind", event.currentTarget.value)}>
            {KINDS.map(([one, word]) => (
              <option key={one} value={String(one)}>
                {t(word)}
              </option>
            ))}
          </select>
        </label>
        {readsAll && (
          <label>
            {t("audit.who")}{" "}
            <select value={String(account)} onChange={(event) => set("account", event.currentTarget.value)}>
              <option value="0">{t("audit.anybody")}</option>
              {people.map((row) => (
                <option key={row.record.recordId} value={String(row.account)}>
                  {person(row.account, row.role)}
                </option>
              ))}
            </select>
          </label>
        )}
        <label>
          {t("audit.from")}{" "}
          <input type="date" value={from} onChange={(event) => set("from", event.currentTarget.value)} />{" "}
          {from !== "" && day(from)}
        </label>
        <label>
          {t("audit.to")} <input type="date" value={to} onChange={(event) => set("to", event.currentTarget.value)} />{" "}
          {to !== "" && day(to)}
        </label>
      </div>
      {mayKnow && <Glass circle={circle} />}
      <Part what={t("what.audit")} resource={list} lines={12}>
        {(answer) => <Entries answer={answer} more={more} />}
      </Part>
    </div>
  );
}

function Entries({ answer, more }: { answer: ListAccessResponse; more: () => void }) {
  return (
    <>
      {answer.entries.length === 0 ? <Empty>{t("audit.none")}</Empty> : <Table entries={answer.entries} />}
      <p class="note">{sealedWords(answer.entries)}</p>
      {answer.nextPageToken !== "" && (
        <button type="button" onClick={more}>
          {t("journal.older", { shown: answer.entries.length })}
        </button>
      )}
    </>
  );
}

/** Pinned: whatever is asked of the rows below. */
function Glass({ circle }: { circle: bigint }) {
  const list = useResource(`accesses ${circle}`, (signal) => accessesOf(circle, false, signal));
  return (
    <section class="box glass-rows" aria-labelledby="glass">
      <h2 id="glass">{t("accesses.title")}</h2>
      <Part what={t("what.accesses")} resource={list} lines={2}>
        {(answer) =>
          answer.accesses.length === 0 ? (
            <Empty>{t("accesses.none")}</Empty>
          ) : (
            <Accesses answer={answer} ofOne changed={list.reload} />
          )
        }
      </Part>
    </section>
  );
}

function sealedWords(entries: readonly AccessEntry[]): string {
  const newest = entries.find((one) => one.sealed);
  return newest ? t("audit.sealed", { n: String(newest.number) }) : t("audit.notSealed");
}

function Table({ entries }: { entries: readonly AccessEntry[] }) {
  return (
    <div class="wide">
      <table class="listed audit">
        <caption class="hidden">{t("audit.rows")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("audit.when")}</th>
            <th scope="col">{t("audit.who")}</th>
            <th scope="col">{t("audit.what")}</th>
            <th scope="col">{t("audit.areas")}</th>
            <th scope="col">{t("audit.howMany")}</th>
            <th scope="col">{t("audit.outcome")}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((one) => (
            <tr key={String(one.number)} class={isGlass(one) ? "is-glass" : ""}>
              <td>{received(one.at, now())}</td>
              <td>
                {one.account === 0n ? t("audit.server") : person(one.account, one.role)}
                <div class="note">
                  {one.device === 0n ? t("audit.noDevice") : t("people.device", { n: String(one.device) })}
                </div>
              </td>
              <td>{actionWords(one.action)}</td>
              <td>{one.categories.map(categoryWord).join(", ") || t("audit.noAreas")}</td>
              <td class="number">{one.count === 0 ? "" : String(one.count)}</td>
              <td>
                {outcomeWords(one.outcome)}
                {one.requestId !== "" && <div class="note">{t("state.requestId", { id: one.requestId })}</div>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
