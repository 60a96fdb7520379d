// The states that every list, card and chart has. Space is kept at its final height, nothing shimmers, and what was read stays
// where it cannot be read again.

import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { received } from "../format/time";
import { isAbsent, sentence } from "../rpc/failure";
import { t } from "../words";
import { now } from "./clock";
import type { Reading, Resource } from "./resource";

const SAID_AFTER_MS = 3000;

interface PartProps<T> {
  /** "laboratory results": what is being read. */
  readonly what: string;
  readonly resource: Resource<T>;
  /** Height that is kept while nothing is there. */
  readonly lines?: number;
  /** It is all of a page: while it is not there, this is the page's heading. */
  readonly heading?: string;
  readonly children: (value: T) => ComponentChildren;
}

/** A part of a page with the states of its reading. */
export function Part<T>(props: PartProps<T>) {
  const { heading, resource } = props;
  const isThere = resource.state.value.is === "ready";
  return (
    <>
      {heading !== undefined && !isThere && <h1 class="hidden">{heading}</h1>}
      <PartIn {...props} />
    </>
  );
}

function PartIn<T>({ what, resource, lines = 4, children }: PartProps<T>) {
  const state = resource.state.value;
  if (state.is === "loading") return <Loading what={what} since={state.since} lines={lines} />;
  if (state.is === "ready") return <>{children(state.value)}</>;
  // What may not be read any more is not shown any more.
  const isGone = isAbsent(state.failure);
  if (isGone || state.old === undefined) return <Failed what={what} state={state} retry={resource.reload} />;
  return (
    <>
      <Failed what={what} state={state} retry={resource.reload} />
      <div class="old">{children(state.old)}</div>
    </>
  );
}

export function Loading({ what, since, lines }: { what: string; since: number; lines: number }) {
  const seconds = useSignal(0);
  useEffect(() => {
    const timer = setInterval(() => {
      seconds.value = Math.trunc((Date.now() - since) / 1000);
    }, 1000);
    return () => clearInterval(timer);
  }, [since]);
  const late = seconds.value * 1000 >= SAID_AFTER_MS;
  return (
    <p class={`state loading lines-${Math.min(lines, 12)}`} role="status">
      {late ? t("state.stillLoading", { what, seconds: seconds.value }) : t("state.loading", { what })}
    </p>
  );
}

type FailedReading<T> = Extract<Reading<T>, { is: "failed" }>;

/** What failed, what still holds, one way on. Absent and forbidden look the same. */
export function Failed<T>({ what, state, retry }: { what: string; state: FailedReading<T>; retry: () => void }) {
  const { failure, at } = state;
  if (isAbsent(failure)) return <Absent />;
  return (
    <div class="state failed" role="alert">
      <p>
        {t("state.couldNot", { what })} {sentence(failure)}{" "}
        {at !== undefined && t("state.asOf", { when: received(timestampFromMs(at), now()) })}
      </p>
      <p>
        <button type="button" onClick={retry}>
          {t("action.again")}
        </button>
        {failure.requestId !== "" && <span class="note"> {t("state.requestId", { id: failure.requestId })}</span>}
      </p>
    </div>
  );
}

/** `page`: there is nothing else on the page. */
export const Absent = ({ page = false }: { page?: boolean }) => (
  <div class="state absent" role="alert">
    {page ? <h1 class="plain">{t("state.absent")}</h1> : t("state.absent")}
  </div>
);

/** Says what was looked for, never that all is well. */
export const Empty = ({ children }: { children: ComponentChildren }) => <p class="state empty">{children}</p>;

export const NotShared = ({ what }: { what?: string }) => (
  <p class="state not-shared">
    {what !== undefined && <strong>{what}. </strong>}
    {t("state.notShared")}
  </p>
);

export const Summary = () => <p class="state summary">{t("state.summary")}</p>;

export const Partly = ({ shown, total }: { shown: number; total?: number }) => (
  <p class="state partly">{total === undefined ? t("state.more", { shown }) : t("state.partly", { shown, total })}</p>
);
