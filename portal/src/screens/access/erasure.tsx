// What the patient asks of the clinic: to be erased. Who asked when and why, what was answered, and until when something is due.
import { create } from "@bufbuild/protobuf";
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { CategoryAccess } from "../../../gen/osteon/consent/v1/consent_service_pb";
import {
  type FieldView,
  FieldViewSchema,
  RecordService,
  type RecordView,
} from "../../../gen/osteon/record/v1/record_service_pb";
import { Lifecycle } from "../../../gen/osteon/sync/v1/sync_pb";
import { now } from "../../app/clock";
import { membership } from "../../app/me";
import { useResource } from "../../app/resource";
import { address } from "../../app/router";
import { Empty, NotShared, Part, Partly } from "../../app/states";
import { civil, day, viewer } from "../../format/time";
import { Meanwhile, useNewer, versionsOf } from "../../parts/newer";
import { Slot } from "../../parts/slot";
import { client, tried } from "../../rpc/call";
import { dueOf, ERASURE_REQUEST } from "../../value/erasure";
import { Mark } from "../../value/marks";
import { fieldOf, fieldRule, inner } from "../../value/meta";
import { policyWords, SetBy, Value } from "../../value/value";
import { t } from "../../words";
import { AnswerForm } from "./answer";
import { mayRead } from "./categories";

interface ErasuresProps {
  readonly circle: bigint;
  readonly shortId: string;
  readonly access: readonly CategoryAccess[];
}

/** As many as the server looks at. */
const AT_MOST = 16;
const ANSWER = 3;

export function Erasures(props: ErasuresProps) {
  return mayRead(props.access, ERASURE_REQUEST) ? <Listed {...props} /> : <NotShared />;
}

function Listed({ circle, shortId }: ErasuresProps) {
  const list = useResource(`asked ${circle}`, (signal) => {
    const request = { circle, type: ERASURE_REQUEST, pageSize: AT_MOST };
    return tried(() => client(RecordService).listRecords(request, { signal }), { signal });
  });
  return (
    <Part what={t("what.erasures")} resource={list} lines={2}>
      {({ records, nextPageToken }) => (
        <>
          {records.length === 0 && <Empty>{t("erasure.none")}</Empty>}
          {records.map((record) => (
            <Request key={record.recordId} circle={circle} shortId={shortId} first={record} />
          ))}
          {nextPageToken !== "" && <Partly shown={records.length} />}
        </>
      )}
    </Part>
  );
}

interface RequestProps {
  readonly circle: bigint;
  readonly shortId: string;
  readonly first: RecordView;
}

export const today = (): string => civil(now(), viewer.offset(now()));

function Request({ circle, shortId, first }: RequestProps) {
  const shown = useSignal(first);
  const said = useSignal("");
  const record = shown.value;
  const newer = useNewer(circle, record);
  const view = record.fields.find(({ field }) => field === ANSWER);
  const other = newer?.fields.find(({ field }) => field === ANSWER);
  const isGone = newer?.lifecycle === Lifecycle.DELETED;
  const moved = newer && other && versionsOf(other) !== versionsOf(view);
  const beside = isGone ? (
    <strong>{t("erasure.takenBack")}</strong>
  ) : (
    moved && <Meanwhile record={newer} view={other} read={() => (shown.value = newer)} />
  );
  return (
    <>
      <Facts record={record}>{beside}</Facts>
      {said.value !== "" && (
        <p class="state done" role="status">
          {said.value}
        </p>
      )}
      <Doing
        circle={circle}
        shortId={shortId}
        record={record}
        isGone={isGone}
        saved={(answer, words) => {
          shown.value = answer ?? record;
          said.value = words;
        }}
      />
    </>
  );
}

interface FactsProps {
  readonly record: RecordView;
  /** What stands beside the answer since it was read. */
  readonly children?: ComponentChildren;
}

export function Facts({ record, children }: FactsProps) {
  const [asked, why, answer] = [1, 2, ANSWER].map((number) => record.fields.find(({ field }) => field === number));
  const body = inner(record.body);
  const due = dueOf(record);
  return (
    <dl class="facts">
      <dt>{t("erasure.asked")}</dt>
      <dd>
        {asked && <Value type={record.type} view={asked} body={body} />}
        <div class="note">{asked && <SetBy view={asked} />}</div>
      </dd>
      <dt>{t("access.because")}</dt>
      <dd>{why ? <Value type={record.type} view={why} body={body} /> : t("review.noReason")}</dd>
      <dt>{t("erasure.answer")}</dt>
      <dd>
        {answer && <Value type={record.type} view={answer} body={body} />}
        <Slot key={versionsOf(answer)} state={children ? "newer" : ""} quiet>
          {children || <Answered view={answer} />}
        </Slot>
      </dd>
      {due !== undefined && (
        <>
          <dt>{t("erasure.due")}</dt>
          <dd>
            {day(due)} {due < today() && <Mark kind="urgent">{t("erasure.over")}</Mark>}
          </dd>
        </>
      )}
    </dl>
  );
}

function Answered({ view }: { view: FieldView | undefined }) {
  if (view && !view.blocked) return <SetBy view={view} />;
  return <span>{view ? policyWords(view) : t("erasure.notYet")}</span>;
}

interface DoingProps {
  readonly circle: bigint;
  readonly shortId: string;
  readonly record: RecordView;
  /** Taken back meanwhile: nothing is left to answer. */
  readonly isGone: boolean;
  readonly saved: (record: RecordView | undefined, words: string) => void;
}

/** Answer, decide which of two holds, or neither: another role answers. */
function Doing(props: DoingProps) {
  const { circle, shortId, record } = props;
  const role = membership(shortId)?.role;
  const field = fieldOf(ERASURE_REQUEST, ANSWER);
  const open = useSignal(false);
  const mayWrite = role !== undefined && field !== undefined && fieldRule(field).writers.includes(role);
  const view =
    record.fields.find((one) => one.field === ANSWER) ??
    create(FieldViewSchema, { field: ANSWER, name: "answer", mayWrite });
  if (view.needsReview || view.blocked) {
    return (
      <a class="button" href={address({ name: "reviews", ask: { circle: String(circle) } })}>
        {t("plan.toReview")}
      </a>
    );
  }
  if (!view.mayWrite) return null;
  return (
    <>
      <p class="note">{t("erasure.byItself")}</p>
      {open.value ? (
        <AnswerForm {...props} view={view} close={() => (open.value = false)} />
      ) : (
        <button type="button" onClick={() => (open.value = true)}>
          {t(view.shown.length === 0 ? "erasure.answer" : "plan.change")}
        </button>
      )}
    </>
  );
}
