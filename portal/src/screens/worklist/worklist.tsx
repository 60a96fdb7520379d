// Who needs me today, and why: one row a patient, in the server's order. What arrives meanwhile is said and shown when asked:
// nothing moves by itself.
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import {
  type ListWorkResponse,
  WorkFilter,
  WorkGroup,
  WorklistService,
  type WorkRow,
} from "../../../gen/osteon/worklist/v1/worklist_service_pb";
import { askAhead, takeAhead } from "../../app/ahead";
import { now } from "../../app/clock";
import { printPage, useOnPage } from "../../app/export";
import { useKeys } from "../../app/keys";
import { isGone } from "../../app/me";
import { afterPaint } from "../../app/paint";
import { type Resource, useResource } from "../../app/resource";
import { go, type PlaceOf, place, turn } from "../../app/router";
import { server, session } from "../../app/session";
import { learn } from "../../app/standing";
import { Empty, Part, Partly } from "../../app/states";
import { rememberList } from "../../app/walk";
import { received } from "../../format/time";
import { heads } from "../../live/live";
import { NewItems } from "../../parts/fresh";
import { client, tried } from "../../rpc/call";
import { earlyView } from "../../rpc/early";
import { KeyHint } from "../../value/marks";
import { fetchNames } from "../../value/names";
import { t } from "../../words";
import { Rows } from "./rows";

const PAGE = 50;
const FILTERS = {
  mine: WorkFilter.MINE,
  team: WorkFilter.TEAM,
  all: WorkFilter.ALL,
} as const;
type FilterName = keyof typeof FILTERS;
const WORDS = { mine: "work.mine", team: "work.team", all: "work.all" } as const;

const filterOf = (text: string | undefined): FilterName => (text === "mine" || text === "team" ? text : "all");

const requestOf = (filter: FilterName, text: string, viewId: string) => ({
  filter: FILTERS[filter],
  text,
  pageSize: PAGE,
  viewId,
});

/** What a page at the address of the list asks first; early/first.ts asks the same. */
export const firstRequest = (viewId: string) => requestOf("all", "", viewId);

/** The view of the page's first list; each later visit has one of its own. */
let firstView = earlyView();
const anotherView = () => {
  firstView = crypto.randomUUID();
};

/** The list of the address, asked for before it is known who sits here. */
export function lookAhead(): void {
  if (session.value !== "starting") return;
  const { ask } = place.value as PlaceOf<"work">;
  const [filter, text] = [filterOf(ask.team), ask.q ?? ""];
  askAhead(`${filter}/${text}`, () => client(WorklistService).listWork(requestOf(filter, text, firstView)));
}

export function WorkList() {
  const at = place.value as PlaceOf<"work">;
  const filter = filterOf(at.ask.team);
  const text = at.ask.q ?? "";
  const viewId = useRef(firstView);
  useEffect(() => anotherView, []);
  const explain = useSignal(false);
  const chosen = useRef(-1);
  const pages = useSignal(1);
  /** The list below which a further page is to stand: what stands is not read again. */
  const further = useRef<ListWorkResponse | undefined>(undefined);
  const list = useResource(`${filter}/${text}`, async (signal) => {
    const request = requestOf(filter, text, viewId.current);
    const ahead = await takeAhead<ListWorkResponse>(`${filter}/${text}`)?.catch(() => undefined);
    const before = further.current;
    further.current = undefined;
    const answer = before
      ? await nextOf(request, before, signal)
      : (ahead ?? (await listed(request, pages.value, signal)));
    learn(answer, filter === "all" && text === "");
    rememberList(answer.rows.filter((row) => row.rank?.group !== WorkGroup.NO_OPEN_ITEM).map((row) => row.shortId));
    return answer;
  });
  const isThere = useComputed(() => list.state.value.is === "ready").value;
  // The contracts of all records are large: they come when the list is on the screen.
  useEffect(() => {
    if (isThere) afterPaint(() => void fetchNames().catch(() => undefined));
  }, [isThere]);
  useOnPage(() => {
    const state = list.state.peek();
    const rows = state.is === "ready" ? state.value.rows : state.is === "failed" ? (state.old?.rows ?? []) : [];
    return { circles: rows.map((row) => row.circle), count: 1 };
  });
  const show = () => list.reload();
  // The rows that stand stay where they are while more are read.
  const more = () => {
    pages.value += 1;
    const state = list.state.peek();
    further.current = state.is === "ready" ? state.value : undefined;
    list.reload();
  };
  const step = (by: number) => move(chosen, by);
  useKeys([
    { keys: "j", says: "key.next", run: () => step(1) },
    { keys: "k", says: "key.previous", run: () => step(-1) },
    { keys: ".", says: "key.showNew", run: show },
    { keys: "e", says: "key.order", run: () => (explain.value = !explain.value) },
  ]);
  return (
    <div class="page">
      <div class="head">
        <h1>{t("work.title")}</h1>
        <fieldset class="choices">
          <legend class="hidden">{t("work.whose")}</legend>
          {(Object.keys(FILTERS) as FilterName[]).map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === filter}
              onClick={() => {
                pages.value = 1;
                turn({ ...at, ask: { ...at.ask, team: name } });
              }}
            >
              {t(WORDS[name])}
            </button>
          ))}
        </fieldset>
        <span class="note">{t("work.order")}</span>
        <button
          type="button"
          class="link"
          aria-pressed={explain.value}
          onClick={() => (explain.value = !explain.value)}
        >
          {t("work.why")} <KeyHint>e</KeyHint>
        </button>
        <span class="grow" />
        <button type="button" class="print-only-hide" onClick={printPage}>
          {t("action.print")}
        </button>
      </div>
      <NewsOf list={list} show={show} />
      <Part what={t("what.work")} resource={list} lines={12}>
        {(answer) => <Listed answer={answer} explain={explain.value} text={text} more={more} />}
      </Part>
    </div>
  );
}

interface Request {
  readonly filter: WorkFilter;
  readonly text: string;
  readonly pageSize: number;
  readonly viewId: string;
}

const ask = (request: Request & { pageToken: string }, signal: AbortSignal) =>
  tried(() => client(WorklistService).listWork(request, { signal }), { signal });

/** So many pages as one list. A row that moved up meanwhile may stand on an earlier page already: it stays where it was first. */
async function listed(request: Request, pages: number, signal: AbortSignal): Promise<ListWorkResponse> {
  let whole = await ask({ ...request, pageToken: "" }, signal);
  for (let n = 1; n < pages && whole.nextPageToken !== ""; n += 1) whole = await nextOf(request, whole, signal);
  return whole;
}

async function nextOf(request: Request, whole: ListWorkResponse, signal: AbortSignal): Promise<ListWorkResponse> {
  const next = await ask({ ...request, pageToken: whole.nextPageToken }, signal);
  const there = new Set(whole.rows.map((row) => row.circle));
  return { ...next, asOf: whole.asOf, rows: [...whole.rows, ...next.rows.filter((row) => !there.has(row.circle))] };
}

/** How many of the listed patients have something newer than what the list was made of. */
function movedSince(answer: ListWorkResponse | undefined): number {
  const newer = (row: WorkRow) => !isGone(row.circle) && (heads.value.get(String(row.circle)) ?? 0n) > row.sequence;
  return (answer?.rows ?? []).filter(newer).length;
}

/** By itself: a hint is no reason to draw the list anew. */
const NewsOf = ({ list, show }: { list: Resource<ListWorkResponse>; show: () => void }) => (
  <NewItems n={movedSince(list.state.value.is === "ready" ? list.state.value.value : undefined)} show={show} />
);

interface ListedProps {
  readonly answer: ListWorkResponse;
  readonly explain: boolean;
  readonly text: string;
  readonly more: () => void;
}

function Listed({ answer: told, explain, text, more }: ListedProps) {
  // Whoever left a circle keeps nothing of it on the screen.
  const answer = told.rows.some((row) => isGone(row.circle))
    ? { ...told, rows: told.rows.filter((row) => !isGone(row.circle)) }
    : told;
  if (answer.rows.length === 0) {
    return <Empty>{text === "" ? t("work.noRows") : t("work.noRowsFor", { text })}</Empty>;
  }
  return (
    <>
      <p class="print-only">
        {t("work.printed", { when: received(answer.asOf, now()), rules: answer.ruleSet })}
        {server.value?.demo && ` ${t("frame.demo")}`}
      </p>
      <Rows answer={answer} explain={explain} />
      {answer.nextPageToken !== "" && (
        <div class="row">
          <Partly shown={answer.rows.length} total={answer.total} />
          <button type="button" onClick={more}>
            {t("list.showMore")}
          </button>
        </div>
      )}
      <p class="note">
        {t("work.asOf", {
          when: received(answer.asOf, now()),
          rules: answer.ruleSet,
          n: answer.counts?.cannotTell ?? 0,
        })}
      </p>
    </>
  );
}

/** The focus goes to the next row's patient; Enter opens it like every link. */
function move(chosen: { current: number }, by: number): void {
  const links = document.querySelectorAll<HTMLAnchorElement>("a.patient-link");
  if (links.length === 0) return;
  chosen.current = Math.min(links.length - 1, Math.max(0, chosen.current + by));
  links[chosen.current]?.focus();
}

export const openPatient = (shortId: string) => go({ name: "patient", case: shortId, ask: {} });
