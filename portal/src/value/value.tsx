// The one component that prints a clinical value: what is in force, or that nothing is, with every version that stands
// beside it. A test holds that no other file reads a version's value.
import type { DescField } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Fragment } from "preact";
import { Policy } from "../../gen/osteon/meta/v1/options_pb";
import {
  Effect,
  type FieldReading,
  type FieldView,
  type RecordView,
  type VersionView,
} from "../../gen/osteon/record/v1/record_service_pb";
import { Lifecycle } from "../../gen/osteon/sync/v1/sync_pb";
import { now } from "../app/clock";
import { civil, day, delay, received } from "../format/time";
import { t } from "../words";
import { ageWords } from "./age";
import { ERASURE_REQUEST } from "./erasure";
import { Disputed } from "./marks";
import { fieldOf, inner, messageOf, valueIn } from "./meta";
import { fieldLabel, sayRecord, sayValue } from "./say";
import { author } from "./who";

export type Bag = Readonly<Record<string, unknown>>;

/** What one version says, in words. */
export function versionWords(type: number, view: Pick<FieldView, "field">, version: VersionView, body?: Bag): string {
  const field = fieldOf(type, view.field);
  if (!field) return t("value.newer", { field: view.field });
  if (version.redacted) return t("value.redacted");
  if (version.absent) return t("value.cleared");
  return sayValue(field, valueIn(version.value, field), body);
}

export const isWish = (type: number) => type >= 341 && type <= 343;

/** What stands in the place of a value while none is in force. */
function blockedWords(type: number): string {
  if (type === ERASURE_REQUEST) return t("value.nothing");
  return t(isWish(type) ? "value.ask" : "value.blocked");
}

interface ValueProps {
  readonly type: number;
  readonly view: FieldView;
  /** The record that it stands in, with what is in force; some numbers have their unit beside them. */
  readonly body?: Bag | undefined;
  /** What was last agreed, where it is no live version any more and the record is not at hand. */
  readonly agreed?: VersionView | undefined;
}

export function Value(props: ValueProps) {
  const { type, view } = props;
  if (!fieldOf(type, view.field)) return <span class="value newer">{t("value.newer", { field: view.field })}</span>;
  return view.readings.length > 0 ? <Readings {...props} /> : <Standing {...props} />;
}

/** The server's words, with the day as days are written here. */
export const readingWords = ({ says, value }: FieldReading): string => says.replace(value, () => day(value));

/** Two readings of one field are two lines, each with its name. */
function Readings(props: ValueProps) {
  return (
    <div class="readings">
      <Standing {...props} />
      {props.view.readings.map((reading) => (
        // Where they stand in one line a space parts them.
        <Fragment key={reading.name}>
          {" "}
          <div lang="en">{readingWords(reading)}</div>
        </Fragment>
      ))}
    </div>
  );
}

function Standing(props: ValueProps) {
  const { type, view, body } = props;
  const versions = view.versions.filter((version) => version.live);
  const disputed = view.needsReview || view.blocked;
  return (
    <>
      <InForce {...props} versions={versions} />
      {disputed && (
        <>
          {" "}
          <Apart type={type} view={view} body={body} />
        </>
      )}
    </>
  );
}

/** The word, and what each says. With `href` the word leads to where it is settled. */
export function Apart({ type, view, body, href }: ValueProps & { readonly href?: string }) {
  const versions = view.versions.filter((version) => version.live);
  return (
    <>
      {href ? (
        <a href={href}>
          <Disputed />
        </a>
      ) : (
        <Disputed />
      )}{" "}
      <Claims type={type} view={view} versions={versions} body={body} />
    </>
  );
}

/**
 * What is in force: a live version, or what was last agreed, which is live no more; or that nothing is, said in words. While a
 * field is blocked nothing else is ever printed in this place.
 */
function InForce({ type, view, body, agreed, versions }: ValueProps & { versions: readonly VersionView[] }) {
  if (view.blocked) return <strong class="value blocked">{blockedWords(type)}</strong>;
  const holds = versions.find((version) => version.inForce) ?? agreed;
  if (holds) return <One words={versionWords(type, view, holds, body)} version={holds} />;
  const field = fieldOf(type, view.field);
  const held = field && body?.[field.localName];
  if (field && held !== undefined) return <One words={sayValue(field, held, body)} version={undefined} />;
  if (view.agreed) return <span class="value">{t("value.lastAgreed")}</span>;
  return <strong class="value">{t(view.needsReview ? "value.nothing" : "missing.notWritten")}</strong>;
}

function One({ words, version }: { words: string; version: VersionView | undefined }) {
  return (
    <>
      <span class="value" dir="auto">
        {words}
      </span>
      {version?.outOfRange && <span class="note"> {t("value.outOfRange")}</span>}
    </>
  );
}

/** All versions, wherever the field stands: never only the one in force. */
function Claims({ type, view, versions, body }: ValueProps & { versions: readonly VersionView[] }) {
  return (
    <span class="claims">
      {versions.map((version, at) => (
        <span key={`${version.dot?.replica}.${version.dot?.counter}`} class="claim">
          {at > 0 && ` ${t("value.or")} `}
          {t(version.inForce && !view.blocked ? "value.claimInForce" : "value.claim", {
            value: versionWords(type, view, version, body),
            who: author(version),
          })}
        </span>
      ))}
    </span>
  );
}

const sameDot = (a: VersionView["dot"], b: VersionView["dot"]) =>
  a !== undefined && b !== undefined && a.epoch === b.epoch && a.replica === b.replica && a.counter === b.counter;

const versionsIn = (view: FieldView): string =>
  view.versions
    .filter((version) => version.live)
    .map((one) => `${one.dot?.epoch}.${one.dot?.replica}.${one.dot?.counter}${one.inForce ? "!" : ""}`)
    .join(" ");

/** Another one: the field, or the record, stands otherwise than before. */
export const viewState = (views: readonly FieldView[]): string =>
  views.map((view) => `${view.field} ${view.blocked} ${view.needsReview} ${versionsIn(view)}`).join(",");

export const stateOf = (record: RecordView | undefined): string =>
  record ? `${viewState(record.fields)} ${record.lifecycle}` : "";

interface Answered {
  readonly record?: RecordView | undefined;
  readonly effect: Effect;
}

/** Whether what was written to one field stands beside others. The effect that an answer names is that of the whole record. */
export function isApart({ record, effect }: Answered, number: number, element: Uint8Array = new Uint8Array()): boolean {
  if (!record) return effect === Effect.DISPUTED;
  const own = record.fields.filter((view) => view.field === number);
  const one = own.filter((view) => element.length === 0 || String(view.element) === String(element));
  return one.some((view) => view.needsReview || view.blocked);
}

/** Among earlier versions the one that was last agreed. */
export const agreedAmong = (view: FieldView | undefined, before: readonly VersionView[]): VersionView | undefined =>
  before.find((version) => sameDot(version.dot, view?.agreed));

/** Who set it and when: of the version in force, else of each. */
export function SetBy({ view }: { view: FieldView }) {
  const live = view.versions.filter((version) => version.live);
  const shown = live.filter((version) => version.inForce);
  return (
    <>
      {(shown.length > 0 ? shown : live).map((version) => (
        <div key={`${version.dot?.replica}.${version.dot?.counter}`}>
          {author(version)}, {received(version.written, now())}
        </div>
      ))}
    </>
  );
}

/** Why this one holds while people disagree, by the field's policy. */
export function policyWords(view: FieldView): string {
  if (view.blocked) return t("policy.none");
  switch (view.policy) {
    case Policy.MOST_RESTRICTIVE:
      return t("policy.restrictive");
    case Policy.REVIEW:
      return view.agreed ? t("policy.agreed") : t("policy.owner");
    case Policy.UNION_ADD_WINS:
      return t("policy.union");
    case Policy.UNION_DENY_WINS:
      return t("policy.deny");
    default:
      return t("policy.later");
  }
}

/** When a version was written and when it arrived, with the delay where there is one. */
export function writtenWords(version: VersionView): string {
  return received(version.written, now());
}

export function arrivedWords(version: VersionView): string {
  if (!version.received) return t("missing.notSaid");
  const late = delay(version.written, version.received);
  const between = version.written ? timestampMs(version.received) - timestampMs(version.written) : 0;
  if (between < 60_000) return t("time.atOnce");
  return late ? `${received(version.received, now())}, ${late}` : received(version.received, now());
}

/** The fields of a record in the order of the contract, several views of a set under one heading. */
export function fieldsInOrder(
  record: RecordView,
): { number: number; field: DescField | undefined; views: FieldView[] }[] {
  const groups = new Map<number, FieldView[]>();
  for (const view of record.fields) {
    const group = groups.get(view.field) ?? [];
    group.push(view);
    groups.set(view.field, group);
  }
  const known = messageOf(record.type)?.fields.map((field) => field.number) ?? [];
  const rest = [...groups.keys()].filter((number) => !known.includes(number));
  return [...known, ...rest]
    .filter((number) => groups.has(number))
    .map((number) => ({ number, field: fieldOf(record.type, number), views: groups.get(number) ?? [] }));
}

export const labelOf = (type: number, view: Pick<FieldView, "field">): string => {
  const field = fieldOf(type, view.field);
  return field ? fieldLabel(field) : t("value.newer", { field: view.field });
};

const RESULTS: ReadonlySet<string> = new Set([
  "LaboratoryResult",
  "AssessmentResult",
  "FunctionalTest",
  "ImagingEvent",
]);

/** Results and scores are read by their age; entries of a journal by their time. */
function ageOf({ type, time }: RecordView): string {
  const isResult = RESULTS.has(messageOf(type)?.name ?? "");
  return isResult && time ? ageWords(civil(timestampMs(time), 0), civil(now(), 0)) : "";
}

/** A whole record in one line. What is disputed says so with all its versions; a mistake is struck out. */
export function RecordLine({ record }: { record: RecordView }) {
  const body = inner(record.body);
  const mistake = record.lifecycle === Lifecycle.ENTERED_IN_ERROR;
  const gone = record.lifecycle === Lifecycle.DELETED;
  const disputed = record.fields.filter((view) => view.needsReview || view.blocked);
  const words = <bdi>{sayRecord(record.type, body)}</bdi>;
  return (
    <span class="record">
      {mistake || gone ? <s>{words}</s> : words}
      {ageOf(record) !== "" && <span class="note"> {ageOf(record)}</span>}
      {mistake && <span class="note"> {t("state.mistake")}</span>}
      {gone && <span class="note"> {t("state.deleted")}</span>}
      {record.lifecycleReview && (
        <>
          {" "}
          <Disputed /> <span class="note">{t("state.endingDisputed")}</span>
        </>
      )}
      {disputed.map((view) => (
        <span key={view.field} class="disputed-part">
          {" "}
          {labelOf(record.type, view)}: <Value type={record.type} view={view} body={body} />
        </span>
      ))}
      {record.unknownFieldCount > 0 && (
        <span class="note"> {t("value.newerFields", { n: record.unknownFieldCount })}</span>
      )}
      {record.limitedView && <span class="note"> {t("missing.partNotShared")}</span>}
    </span>
  );
}

/** The six ways in which something is not there. They are never the same word, and never blank. */
export type Absence = "notWritten" | "notAsked" | "notShared" | "silent" | "cannotTell" | "notApplicable" | "notKnown";

const ABSENCES = {
  notWritten: "missing.notWritten",
  notAsked: "missing.notAsked",
  notShared: "missing.notShared",
  silent: "missing.silent",
  cannotTell: "missing.cannotTell",
  notApplicable: "missing.notApplicable",
  notKnown: "missing.notKnown",
} as const;

export const Missing = ({ why, what }: { why: Absence; what?: string }) => (
  <span class={`missing missing-${why}`}>
    {t(ABSENCES[why])}
    {what !== undefined && ` (${what})`}
  </span>
);

/** What one element of a set says. */
export function elementWords(type: number, view: FieldView, body?: Bag): string {
  const version = view.versions.find((one) => one.live);
  return version ? versionWords(type, view, version, body) : t("missing.notWritten");
}
