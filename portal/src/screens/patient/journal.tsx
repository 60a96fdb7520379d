// The journal, newest arrival first: when it happened, what, who said it, when it was written, and its state.
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { useComputed, useSignal } from "@preact/signals";
import { PriorityClass } from "../../../gen/osteon/meta/v1/options_pb";
import {
  ListOrder,
  type ListRecordsResponse,
  RecordService,
  type RecordView,
  type VersionView,
} from "../../../gen/osteon/record/v1/record_service_pb";
import { askAhead, takeAhead } from "../../app/ahead";
import { now } from "../../app/clock";
import { me } from "../../app/me";
import { useAsked, useResource } from "../../app/resource";
import { type PlaceOf, place, turn } from "../../app/router";
import { Empty, Part } from "../../app/states";
import { delay, happened, type LivedMoment, received } from "../../format/time";
import { Explain } from "../../parts/explain";
import { Photos } from "../../parts/photos";
import { client, tried } from "../../rpc/call";
import { New } from "../../value/marks";
import { inner, messageOf, recordRule, typeNumbers } from "../../value/meta";
import { typeTitle } from "../../value/say";
import { Missing, RecordLine } from "../../value/value";
import { author, firstLive } from "../../value/who";
import { t } from "../../words";

const isJournal = (type: number) => recordRule(type)?.priorityClass === PriorityClass.JOURNAL;
const journalTypes = typeNumbers().filter(isJournal);
const PAGE = 50;
/** Rows before somebody asks for more: the plan stands below. */
const FIRST = 10;

/** Of the whole journal, which a page begins with. */
const aheadKey = (circle: bigint) => `journal ${circle}`;

/** Read beside the patient's page: the one needs nothing of the other. */
export function journalAhead(circle: bigint, signal: AbortSignal): void {
  if ((place.peek() as PlaceOf<"patient">).ask.type !== undefined) return;
  askAhead(aheadKey(circle), () => entries(circle, 0, false, 1, signal), signal);
}

interface JournalProps {
  readonly circle: bigint;
  /** The reader's mark: what came after it is new. */
  readonly since: bigint;
  /** What one may see; where it changes, what was shown goes. */
  readonly scope: string;
  /** Raised when somebody asks for what is new. */
  readonly asked: number;
}

export function Journal({ circle, since, scope, asked }: JournalProps) {
  const wanted = useComputed(() => (place.value as PlaceOf<"patient">).ask.type).value;
  const type = journalTypes.find((one) => String(one) === wanted) ?? 0;
  const mistakes = useSignal(false);
  const pages = useSignal(1);
  const shown = useSignal(FIRST);
  const key = `journal ${circle} ${type} ${mistakes.value} ${scope}`;
  const list = useResource(key, (signal) => {
    const isFirst = type === 0 && !mistakes.value && pages.value === 1;
    const ahead = isFirst ? takeAhead<Read>(aheadKey(circle)) : undefined;
    return ahead ?? entries(circle, type, mistakes.value, pages.value, signal);
  });
  useAsked(list, asked);
  return (
    <section class="box" aria-labelledby="journal">
      <div class="head">
        <h2 id="journal">{t("journal.title")}</h2>
        <span class="note">{t("journal.order")}</span>
        <span class="grow" />
        <label>
          {t("journal.type")}{" "}
          <select value={String(type)} onChange={(event) => ofType(event.currentTarget.value)}>
            <option value="0">{t("journal.all")}</option>
            {journalTypes.map((one) => (
              <option key={one} value={String(one)}>
                {typeTitle(one)}
              </option>
            ))}
          </select>
        </label>
        <label class="option">
          <input
            type="checkbox"
            checked={mistakes.value}
            onChange={(event) => (mistakes.value = event.currentTarget.checked)}
          />{" "}
          {t("journal.mistakes")}
        </label>
      </div>
      <Part what={t("what.journal")} resource={list} lines={10}>
        {(answer) => (
          <>
            <Entries records={answer.records.slice(0, shown.value)} since={since} type={type} circle={circle} />
            {(answer.nextPageToken !== "" || answer.records.length > shown.value) && (
              <button
                type="button"
                onClick={() => {
                  shown.value += PAGE;
                  if (answer.records.length >= shown.value || answer.nextPageToken === "") return;
                  // What stands stays while more is read.
                  pages.value += 1;
                  list.reload();
                }}
              >
                {t("journal.older", { shown: Math.min(shown.value, answer.records.length) })}
              </button>
            )}
          </>
        )}
      </Part>
    </section>
  );
}

function ofType(type: string): void {
  const at = place.peek() as PlaceOf<"patient">;
  turn({ ...at, ask: { ...at.ask, type } });
}

type Read = Awaited<ReturnType<typeof entries>>;

async function entries(circle: bigint, type: number, includeEnded: boolean, pages: number, signal: AbortSignal) {
  const records: RecordView[] = [];
  let pageToken = "";
  let answer: ListRecordsResponse | undefined;
  for (let n = 0; n < pages; n += 1) {
    const request = { circle, type, includeEnded, order: ListOrder.ARRIVAL, pageSize: PAGE, pageToken };
    answer = await tried(() => client(RecordService).listRecords(request, { signal }), { signal });
    records.push(...answer.records.filter((record) => isJournal(record.type) || !messageOf(record.type)));
    pageToken = answer.nextPageToken;
    if (pageToken === "") break;
  }
  return { records, nextPageToken: pageToken };
}

function Entries({
  records,
  since,
  type,
  circle,
}: {
  records: readonly RecordView[];
  since: bigint;
  type: number;
  circle: bigint;
}) {
  if (records.length === 0) {
    return <Empty>{type === 0 ? t("journal.none") : t("journal.noneOf", { type: typeTitle(type) })}</Empty>;
  }
  return (
    <div class="wide">
      <table class="journal">
        <caption class="hidden">{t("journal.title")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("journal.happened")}</th>
            <th scope="col">{t("journal.what")}</th>
            <th scope="col">{t("journal.by")}</th>
            <th scope="col">{t("journal.written")}</th>
            <th scope="col">
              <span class="hidden">{t("journal.more")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <Entry key={record.recordId} record={record} since={since} circle={circle} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The moment that the record's type names as its time. */
function momentOf(record: RecordView): LivedMoment | undefined {
  const name = recordRule(record.type)?.timeField;
  const field = messageOf(record.type)?.fields.find((one) => one.name === name);
  const value = field && inner(record.body)?.[field.localName];
  return typeof value === "object" && value !== null && "at" in value ? (value as LivedMoment) : undefined;
}

/** When it was written, by the reader's clock; where it came long after it happened or was written, when it arrived and how long after. */
function written(version: VersionView, at: Timestamp | undefined): string {
  const late = delay(version.written, version.received) ?? delay(at, version.received);
  const said = received(version.written, now());
  return late === undefined
    ? said
    : `${said}; ${t("journal.arrived", { when: received(version.received, now()), late })}`;
}

function Entry({ record, since, circle }: { record: RecordView; since: bigint; circle: bigint }) {
  const first = firstLive(record);
  const moment = momentOf(record);
  const isNew = since > 0n && record.sequence > since && first?.account !== me.value?.account;
  return (
    <tr class={isNew ? "new" : ""}>
      <td>
        {isNew && <New />}{" "}
        {moment ? happened(moment, now()) : record.time ? received(record.time, now()) : <Missing why="notWritten" />}
      </td>
      <td class="what">
        <strong>{typeTitle(record.type)}</strong> <RecordLine record={record} />
        <Photos circle={circle} record={record} />
      </td>
      <td>{first ? author(first) : <Missing why="notKnown" />}</td>
      <td>{first && written(first, moment?.at ?? record.time)}</td>
      <td>
        <Explain circle={circle} record={record} />
      </td>
    </tr>
  );
}
