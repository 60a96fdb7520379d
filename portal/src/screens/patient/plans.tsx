// The plans in force, field by field: value with its unit, who set it, and how it stands.
import { useEffect, useRef } from "preact/hooks";
import type { PhoneState } from "../../../gen/osteon/circle/v1/phone_pb";
import type { CategoryAccess } from "../../../gen/osteon/consent/v1/consent_service_pb";
import type { RecordView } from "../../../gen/osteon/record/v1/record_service_pb";
import type { Review } from "../../../gen/osteon/review/v1/review_service_pb";
import { useHeld } from "../../app/held";
import { useAsked, useResource } from "../../app/resource";
import { address } from "../../app/router";
import { Empty, NotShared, Part } from "../../app/states";
import { DrugLine } from "../../parts/drug";
import { keyOf, PLANS, readPlans, sharedWith } from "../../parts/planlists";
import { PlanRows } from "../../parts/planrows";
import { PreDose } from "../../parts/predose";
import { Slot } from "../../parts/slot";
import { VoidApprovals } from "../../parts/void";
import { OWN_PAGE } from "../../rpc/call";
import { onPhoneWords } from "../../value/phone";
import { typeTitle } from "../../value/say";
import { fieldsInOrder } from "../../value/value";
import { t } from "../../words";

const BONE_DRUG = 231;

interface PlanProps {
  readonly circle: bigint;
  readonly shortId: string;
  readonly access: readonly CategoryAccess[];
  /** What waits for a person: approvals that are void stand at their plan. */
  readonly reviews?: readonly Review[];
  readonly phone?: PhoneState | undefined;
  readonly head: bigint;
  /** Raised when somebody asks for what is new. */
  readonly asked: number;
}

/** The same records with the same fields: each value can change in its place. */
const shapeOf = (plans: readonly RecordView[][]): string =>
  plans.map((records) => records.map(shapeOfRecord).join(";")).join("|");
const shapeOfRecord = (record: RecordView): string =>
  `${record.recordId} ${record.lifecycleReview} ${record.limitedView} ${fieldsInOrder(record).map(({ number, views }) => `${number}.${views.length}`)}`;
const fits = (shown: RecordView[][], newer: RecordView[][]) => shapeOf(shown) === shapeOf(newer);

export function PlanInForce({ circle, shortId, access, reviews = [], phone, head, asked }: PlanProps) {
  const shared = sharedWith(access);
  const hidden = PLANS.filter((type) => !shared.includes(type));
  /** Raised with each answer that somebody asked for: values have changed since that answer, not since the press. */
  const told = useRef(0);
  const key = keyOf(circle, shared);
  const plans = useResource(key, async (signal, headers) => {
    const all = await readPlans(circle, shared, { signal, headers });
    if (headers[OWN_PAGE] === undefined) told.current += 1;
    return { all, answer: told.current };
  });
  useAsked(plans, asked);
  const first = useRef(head);
  useEffect(() => {
    if (first.current !== head) plans.refresh();
    first.current = head;
  }, [head]);
  return (
    <section class="box" aria-labelledby="plan">
      <div class="head">
        <h2 id="plan">{t("plan.title")}</h2>
        <span class="note">{t("plan.about")}</span>
      </div>
      <Part what={t("what.plan")} resource={plans} lines={10}>
        {({ all, answer }) => (
          <Plans
            key={shared.join()}
            newest={all}
            asked={answer}
            {...{ reviews, phone, circle, shortId }}
            types={shared}
          />
        )}
      </Part>
      {hidden.length > 0 && <NotShared what={hidden.map(typeTitle).join(", ")} />}
    </section>
  );
}

interface PlansProps {
  readonly reviews: readonly Review[];
  readonly phone: PhoneState | undefined;
  readonly newest: RecordView[][];
  readonly asked: number;
  readonly circle: bigint;
  readonly types: readonly number[];
  readonly shortId: string;
}

function Plans({ newest, reviews, phone, asked, circle, types, shortId }: PlansProps) {
  const all = useHeld(newest, asked, fits);
  const none = types.filter((_, at) => (all[at] ?? []).length === 0).map(typeTitle);
  return (
    <>
      {all.map((records, at) => (
        <OnePlan key={`${types[at]} ${asked}`} {...{ circle, shortId, records, reviews, phone }} />
      ))}
      {none.length > 0 && <Empty>{t("plan.none", { plans: none.join(", ") })}</Empty>}
    </>
  );
}

interface OnePlanProps {
  readonly reviews: readonly Review[];
  readonly phone: PhoneState | undefined;
  readonly circle: bigint;
  readonly shortId: string;
  readonly records: readonly RecordView[];
}

function OnePlan({ circle, shortId, records, reviews, phone }: OnePlanProps) {
  const [first] = records;
  if (!first) return null;
  const open = (record: RecordView) => (
    <a class="quiet" href={address({ name: "plan", case: shortId, record: record.recordId, ask: {} })}>
      {t("plan.open")}
    </a>
  );
  return (
    <div class="wide">
      <table class="plan">
        <caption>
          {typeTitle(first.type)} {open(first)}
          {first.unknownFieldCount > 0 && (
            <span class="note"> {t("value.newerFields", { n: first.unknownFieldCount })}</span>
          )}{" "}
          <OnPhone phone={phone} records={records} /> <DrugLine record={first} />
          <VoidApprovals reviews={reviews} records={records} />
        </caption>
        <thead class="hidden">
          <tr>
            <th scope="col">{t("plan.field")}</th>
            <th scope="col">{t("plan.inForce")}</th>
            <th scope="col">{t("plan.setBy")}</th>
          </tr>
        </thead>
        {records.map((record) => (
          <tbody key={record.recordId}>
            {record !== first && (
              <tr class="child">
                <th colSpan={3} scope="rowgroup">
                  {typeTitle(record.type)} {record.type === first.type && open(record)}
                </th>
              </tr>
            )}
            <PlanRows record={record} />
          </tbody>
        ))}
      </table>
      {first.type === BONE_DRUG && <PreDose circle={circle} plan={first} />}
    </div>
  );
}

/** Since when the patient's phone has held the plan as it stands, or that it does not yet. */
function OnPhone({ phone, records }: { phone: PhoneState | undefined; records: readonly RecordView[] }) {
  let newest = 0n;
  for (const { sequence } of records) if (sequence > newest) newest = sequence;
  const words = onPhoneWords(phone, newest);
  return (
    <Slot state={words} keeps={false} quiet>
      <span class="note">{words}</span>
    </Slot>
  );
}
