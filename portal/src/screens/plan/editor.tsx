// The fields of one plan and what one may do with each. A save names the version that was rendered here; what arrives while
// somebody types stands beside the field and is taken into the save only once they said that they read it.
import { create } from "@bufbuild/protobuf";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type FieldView, FieldViewSchema, type RecordView } from "../../../gen/osteon/record/v1/record_service_pb";
import { drafts } from "../../app/drafts";
import { membership } from "../../app/me";
import { address, type PlaceOf, place } from "../../app/router";
import { canEdit } from "../../parts/entry";
import { Explain } from "../../parts/explain";
import { Meanwhile, useNewer, versionsOf } from "../../parts/newer";
import { Photos } from "../../parts/photos";
import { Slot } from "../../parts/slot";
import { Mark } from "../../value/marks";
import { fieldRule, inner, messageOf } from "../../value/meta";
import type { Proposed } from "../../value/proposal";
import { fieldsInOrder, labelOf, SetBy, Value } from "../../value/value";
import { t } from "../../words";
import { AskLink } from "../ask/link";
import { Propose } from "../proposals/propose";
import { ProposalNote, takeOver } from "../proposals/taken";
import { FieldForm } from "./field";
import { isSet, SetForm } from "./set";
import { AllTargets, TargetsBeside, useTargets } from "./targets";

interface EditorProps {
  readonly circle: bigint;
  readonly shortId: string;
  readonly record: RecordView;
  /** A proposal that somebody takes over: its field opens with what it says, to be read, changed and saved like any other. */
  readonly proposed?: Proposed | undefined;
  /** The plan may not be read any more. */
  readonly gone: () => void;
}

/** Told after a save: the record as it stands now, and what the save became. */
export type Saved = (record: RecordView | undefined, words: string) => void;

export const draftKey = (record: RecordView, view: FieldView): string => `plan ${record.recordId} ${view.field}`;

export function Editor({ circle, shortId, record, proposed, gone }: EditorProps) {
  const shown = useSignal(record);
  const newer = useNewer(circle, shown.value, gone);
  const targets = useTargets(circle);
  const open = useSignal<number | undefined>(proposed?.number);
  useEffect(() => proposed && takeOver(record, proposed), []);
  // A question leads here with the fields that it is about: "6.7".
  const asked = ((place.value as PlaceOf<"plan">).ask.field ?? "").split(".").map(Number);
  const first = useRef<HTMLTableRowElement | null>(null);
  useEffect(() => first.current?.scrollIntoView({ block: "center" }), []);
  const current = shown.value;
  const said = useSignal<{ number: number; words: string } | undefined>(undefined);
  /** What a save of one's own became: that field as the answer has it; the others stay as they are on the screen. */
  const saved = (number: number) => (answer: RecordView | undefined, words: string) => {
    said.value = { number, words };
    if (!answer) return;
    const fresh = answer.fields.filter((view) => view.field === number);
    const rest = shown.value.fields.filter((view) => view.field !== number);
    shown.value = { ...shown.value, fields: [...rest, ...fresh], ...(answer.body ? { body: answer.body } : {}) };
  };
  const take = (view: FieldView) => {
    shown.value = { ...current, fields: current.fields.map((one) => (one.field === view.field ? view : one)) };
  };
  return (
    <>
      <p class="note">{t("plan.rules")}</p>
      <div class="wide">
        <table class="plan editor">
          <thead>
            <tr>
              <th scope="col">{t("plan.field")}</th>
              <th scope="col">{t("plan.inForce")}</th>
              <th scope="col">{t("plan.setBy")}</th>
            </tr>
          </thead>
          <tbody>
            {[...fieldsInOrder(current), ...unwritten(current, shortId)]
              .filter(({ field }) => field?.name !== "parent")
              .map(({ number, field, views }) => {
                const [view] = views;
                if (!view) return null;
                const meanwhile = newer?.fields.find((one) => one.field === number);
                const moved =
                  meanwhile !== undefined && versionsOf(meanwhile) !== versionsOf(view) && views.length === 1;
                return (
                  <tr
                    key={number}
                    ref={number === asked[0] ? first : null}
                    class={views.some((one) => one.needsReview || one.blocked) ? "is-disputed" : ""}
                  >
                    <th scope="row">
                      {labelOf(current.type, view)}{" "}
                      {asked.includes(number) && <Mark kind="soon">{t("plan.asked")}</Mark>}
                      <AskLink circle={circle} recordId={current.recordId} field={number} />
                    </th>
                    <td>
                      {views.map((one, at) => (
                        <div key={`${number}-${at}`}>
                          <Value type={current.type} view={one} body={inner(current.body)} />
                        </div>
                      ))}
                      <Photos circle={circle} record={current} field={number} />
                      <TargetsBeside targets={targets} type={current.type} field={view.name} />
                      {proposed?.number === number && <ProposalNote one={proposed} />}
                      <Doing
                        circle={circle}
                        shortId={shortId}
                        record={current}
                        view={view}
                        field={field}
                        views={views}
                        open={open}
                        proposal={proposed?.number === number ? proposed.record.recordId : ""}
                        saved={saved(number)}
                      />
                      {said.value?.number === number && (
                        <p class="state done" role="status">
                          {said.value.words}
                        </p>
                      )}
                    </td>
                    <td class="note">
                      <Slot key={versionsOf(view)} state={moved ? versionsOf(meanwhile) : ""} quiet>
                        {moved ? (
                          <Meanwhile record={current} view={meanwhile} read={() => take(meanwhile)} />
                        ) : (
                          <SetBy view={view} />
                        )}
                      </Slot>
                    </td>
                  </tr>
                );
              })}
          </tbody>
        </table>
      </div>
      <AllTargets targets={targets} />
      <Explain circle={circle} record={current} />
    </>
  );
}

/** Fields that nobody wrote yet and that the reader's role may write, as the contract says. */
function unwritten(record: RecordView, shortId: string): ReturnType<typeof fieldsInOrder> {
  const role = membership(shortId)?.role;
  const there = new Set(record.fields.map((view) => view.field));
  const mine = (messageOf(record.type)?.fields ?? []).filter(
    (field) => !there.has(field.number) && role !== undefined && fieldRule(field).writers.includes(role),
  );
  return mine.map((field) => ({
    number: field.number,
    field,
    views: [create(FieldViewSchema, { field: field.number, name: field.name, mayWrite: true })],
  }));
}

interface DoingProps {
  readonly circle: bigint;
  readonly shortId: string;
  readonly record: RecordView;
  readonly view: FieldView;
  readonly field: ReturnType<typeof fieldsInOrder>[number]["field"];
  readonly views: readonly FieldView[];
  readonly open: { value: number | undefined };
  /** The proposal that a save takes over; empty: none. */
  readonly proposal: string;
  readonly saved: Saved;
}

/** Edit, or why not: decided in the review inbox, another role's, or no form for this kind of field here. */
function Doing({ circle, shortId, record, view, field, views, open, proposal, saved }: DoingProps) {
  if (view.needsReview || view.blocked) {
    const key = address({ name: "reviews", ask: { circle: String(circle) } });
    return (
      <p>
        <a class="button" href={key}>
          {t("plan.toReview")}
        </a>
      </p>
    );
  }
  if (!view.mayWrite) {
    if (!view.mayPropose) return <p class="note">{t("plan.mayNot")}</p>;
    return <Propose circle={circle} shortId={shortId} record={record} view={view} field={field} />;
  }
  if (field && isSet(field)) {
    return <SetForm {...{ circle, shortId, record, field, views, proposal, saved }} />;
  }
  if (!field || views.length > 1 || !canEdit(field)) return <p class="note">{t("plan.noForm")}</p>;
  if (open.value !== view.field && !drafts.has(draftKey(record, view))) {
    return (
      <button type="button" class="link" onClick={() => (open.value = view.field)}>
        {t("plan.change")}
      </button>
    );
  }
  const close = () => {
    open.value = undefined;
    drafts.set(draftKey(record, view), "");
  };
  return (
    <FieldForm
      circle={circle}
      shortId={shortId}
      record={record}
      view={view}
      field={field}
      close={close}
      proposal={proposal}
      saved={saved}
    />
  );
}
