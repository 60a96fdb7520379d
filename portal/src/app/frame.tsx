// The frame of every screen: top bar, status row, the screen. The status row has its place whether or not there is an
// emergency, so that one never pushes anything.
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { span } from "../format/time";
import { lastHeard, liveness } from "../live/live";
import { away } from "../rpc/call";
import { KeyHint } from "../value/marks";
import { t } from "../words";
import { drafts } from "./drafts";
import { Emergency } from "./emergency";
import { usePrintWays } from "./export";
import { FindBox } from "./find";
import { glassEnds } from "./glass";
import { GlassBar, glassHere } from "./glassbar";
import { KeyHelp } from "./help";
import { type KeyBinding, useKeys } from "./keys";
import { LeavingNote, PrintFoot, Unnoted } from "./leaving";
import { address, go, lost, type Place, type PlaceName, place, placeCase, placeName } from "./router";
import { ScreenOf } from "./screen";
import { outdated, server, session } from "./session";
import { signOutHere } from "./sign";
import { counts, emergencies, unread } from "./standing";
import { whoIs } from "./who-is";

const TABS = [
  { name: "work", says: "place.work", count: () => counts.value?.rows },
  { name: "reviews", says: "place.reviews", count: () => counts.value?.reviews },
  { name: "alerts", says: "place.alerts", count: () => counts.value?.alerts },
  { name: "messages", says: "place.messages", count: () => unread.value?.length },
  { name: "phones", says: "place.phones", count: () => counts.value?.phones },
  { name: "people", says: "place.people", count: () => undefined },
] as const;

export function Frame() {
  const find = useRef<HTMLInputElement>(null);
  const help = useRef<HTMLDialogElement>(null);
  useKeys(globalKeys(find, help));
  usePrintWays();
  return (
    <>
      <button type="button" class="skip" onClick={toMain}>
        {t("frame.skip")}
      </button>
      <header class="topbar">
        <span class="brand">{t("frame.name")}</span>
        <DemoMark />
        <Places />
        <FindBox input={find} />
        <span class="grow" />
        <Newer />
        <Freshness />
        <Who />
        <button type="button" class="quiet" onClick={() => void signOutHere()}>
          {t("action.signOut")}
        </button>
      </header>
      <StatusRow />
      <Main />
      <LeavingNote />
      <KeyHelp dialog={help} />
    </>
  );
}

/** By itself: what the bar counts and what a page asks are no reason to draw the other anew. */
function Places() {
  return (
    <nav aria-label={t("frame.places")}>
      {TABS.map((tab) => (
        <Tab key={tab.name} to={{ name: tab.name, ask: {} }} count={tab.count()} says={t(tab.says)} />
      ))}
    </nav>
  );
}

function Main() {
  const glass = glassHere();
  return (
    <main id="main" tabIndex={-1} class={glass ? "broken-glass" : undefined}>
      {glass && <GlassBar key={glass.recordId} glass={glass} />}
      {lost.value ? (
        <p class="state absent">{t("state.noPlace")}</p>
      ) : (
        <ScreenOf key={glassEnds(placeCase.value)} name={placeName.value} />
      )}
      <PrintFoot />
      <Unnoted />
    </main>
  );
}

function toMain(): void {
  document.getElementById("main")?.focus();
}

function globalKeys(
  find: { current: HTMLInputElement | null },
  help: { current: HTMLDialogElement | null },
): KeyBinding[] {
  return [
    { keys: "/", says: "key.find", run: () => find.current?.focus() },
    { keys: "?", says: "key.help", run: () => help.current?.showModal() },
    { keys: "g w", says: "key.work", run: () => go({ name: "work", ask: {} }) },
    { keys: "g r", says: "key.reviews", run: () => go({ name: "reviews", ask: {} }) },
    { keys: "g a", says: "key.alerts", run: () => go({ name: "alerts", ask: {} }) },
    { keys: "g t", says: "key.messages", run: () => go({ name: "messages", ask: {} }) },
    { keys: "g d", says: "key.phones", run: () => go({ name: "phones", ask: {} }) },
    { keys: "g m", says: "key.people", run: () => go({ name: "people", ask: {} }) },
    { keys: "g p", says: "key.patient", run: toPatient },
  ];
}

function toPatient(): void {
  const at = place.value;
  if ("case" in at) go({ name: "patient", case: at.case, ask: {} });
}

function Tab({ to, count, says }: { to: Place & { name: PlaceName }; count: number | undefined; says: string }) {
  const current = placeName.value === to.name || (to.name === "people" && placeName.value === "circle");
  return (
    <a href={address(to)} aria-current={current ? "page" : undefined}>
      {says}
      <span class="count">{count ?? ""}</span>
    </a>
  );
}

export function DemoMark() {
  return server.value?.demo ? <span class="demo">{t("frame.demo")}</span> : null;
}

/** The server is another one than this page came from. Nothing reloads by itself: a text that was not saved would be gone. */
function Newer() {
  if (!outdated.value) return null;
  if (drafts.count() > 0) return <span class="newer">{t("frame.newerDrafts", { n: drafts.count() })}</span>;
  return (
    <button type="button" class="newer" onClick={() => location.reload()}>
      {t("frame.newer")}
    </button>
  );
}

/** Pages that hear of what moved. The others show what was so when they were read, and say so. */
const LISTENS: ReadonlySet<PlaceName> = new Set<PlaceName>([
  "work",
  "reviews",
  "alerts",
  "messages",
  "phones",
  "patient",
  "plan",
  "visit",
]);

function Freshness() {
  const how = liveness();
  const isAway = away.value;
  if (how === "starting" && !isAway) return <span class="fresh">{t("live.starting")}</span>;
  const age = span(Date.now() - lastHeard.value);
  const isLive = how === "live" || how === "starting";
  const says = isLive ? (LISTENS.has(placeName.value) ? "live.live" : "live.still") : "live.notLive";
  return (
    <span class={`fresh fresh-${isAway ? "loud" : how}`}>
      <span class="dot" aria-hidden="true" />
      {!(isAway && isLive) && t(says, { age })} {isAway && t("live.away")}
    </span>
  );
}

function Who() {
  return <span class="who">{whoIs()}</span>;
}

function StatusRow() {
  if (session.value === "warned") return <Row kind="warned">{t("session.warned")}</Row>;
  if (emergencies.value.length > 0) return <Emergency />;
  const how = liveness();
  if (away.value) return <Row kind="stale">{t("state.offline")}</Row>;
  if (how === "stale" || how === "loud") {
    return <Row kind={how}>{t("live.banner", { age: span(Date.now() - lastHeard.value) })}</Row>;
  }
  if (counts.value?.rulesLate) return <Row kind="stale">{t("status.rulesLate", { n: counts.value.rulesLate })}</Row>;
  if (server.value?.nobodyOnCall) return <Row kind="stale">{t("status.nobodyOnCall")}</Row>;
  const info = server.value;
  return (
    <Row kind="plain">
      {info ? t("status.rules", { version: info.ruleSet }) : t("status.noRules")}{" "}
      <span class="note">{t("status.never")}</span>
    </Row>
  );
}

function Row({ kind, children }: { kind: string; children: ComponentChildren }) {
  return (
    <div class={`status status-${kind}`} role="status">
      <p>{children}</p>
      {kind === "warned" && <KeyHint>{t("key.any")}</KeyHint>}
    </div>
  );
}
