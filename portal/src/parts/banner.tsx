// Who this is, in its reserved place, and the safety minimum beside it. What is not known says so.
import type { CircleView } from "../../gen/osteon/circle/v1/circle_service_pb";
import type { CategoryAccess } from "../../gen/osteon/consent/v1/consent_service_pb";
import type { RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { now } from "../app/clock";
import { address } from "../app/router";
import { civil, daysBetween, years } from "../format/time";
import { mayReadField } from "../screens/access/categories";
import { Disputed } from "../value/marks";
import { inner, messageOf } from "../value/meta";
import { Phone } from "../value/phone";
import { fieldLabel } from "../value/say";
import { Sites } from "../value/sites";
import { Apart, Missing, Value } from "../value/value";
import { inSentence, t } from "../words";
import { keyOf } from "./questions";

interface Shown {
  readonly record: RecordView | undefined;
  readonly name: string;
  /** What is in force alone, where it is said beside it what else the field says. */
  readonly plain?: boolean;
  /** Where there is no record: which type it would be, and what the reader may see, to say why it is not there. */
  readonly type: number;
  readonly access: readonly CategoryAccess[];
}

/** One field of a record by its name, with its dispute; where there is none, that it is not known, or not shared. */
export function Field({ record, name, type, access, plain }: Shown) {
  const views = record?.fields.filter((view) => view.name === name) ?? [];
  if (!record || views.length === 0)
    return <Missing why={mayReadField(access, type, name) ? "notKnown" : "notShared"} />;
  return (
    <>
      {views.map((view, at) => (
        <span key={`${view.field}-${at}`}>
          {at > 0 && ", "}
          <Value type={record.type} view={plain ? { ...view, readings: [] } : view} body={inner(record.body)} />
        </span>
      ))}
    </>
  );
}

const PERSON = 271;
const RISK = 281;
const SAFETY = 321;
const IDENTITY = 322;
const BONE = 473;

const rawOf = (record: RecordView | undefined, name: string): unknown => {
  const field = record && messageOf(record.type)?.fields.find((one) => one.name === name);
  return field ? inner(record?.body)?.[field.localName] : undefined;
};

export function Banner({ view, shortId }: { view: CircleView; shortId: string }) {
  const { access, riskProfile } = view;
  const named = view.person ?? view.personSummary;
  const born = rawOf(riskProfile, "birth_date");
  const age = typeof born === "string" ? years(born, civil(now(), 0)) : undefined;
  const risk = { record: riskProfile, type: RISK, access };
  return (
    <section class="banner" aria-label={t("banner.title")}>
      <div>
        <h1>
          {named?.fields.some((one) => one.name === "display_name") ? (
            <Name record={named} access={access} />
          ) : (
            shortId.toUpperCase()
          )}
        </h1>
        <p>
          {t("banner.case")} <strong>{shortId.toUpperCase()}</strong> {t("banner.born")}{" "}
          {riskProfile || !view.personSummary ? (
            <Field {...risk} name="birth_date" />
          ) : (
            <Field record={view.personSummary} type={IDENTITY} access={access} name="birth_year" />
          )}
          {age !== undefined && ` ${t("banner.age", { age })}`} {t("banner.sex")}{" "}
          <Field {...risk} name="sex_for_reference" />
        </p>
        <p>
          {t("banner.cancer")} <Field {...risk} name="primary_cancer" />. {t("banner.sites")}{" "}
          {view.boneSummary ? (
            <Sites record={view.boneSummary} />
          ) : (
            <Missing why={mayReadField(access, BONE, "lesions") ? "notKnown" : "notShared"} />
          )}
        </p>
      </div>
      <Safety view={view} />
    </section>
  );
}

function Name({ record, access }: { record: RecordView; access: readonly CategoryAccess[] }) {
  return <Field record={record} type={PERSON} access={access} name="display_name" />;
}

const LIMITS = ["clearance", "lift_max_kg", "forbidden_movements", "no_load_regions", "restrictions", "weight_bearing"];

/** The fields of plans that a line of the safety minimum is from, where they have other names, or another type than the exercise plan. */
const FROM: Readonly<Record<string, readonly [number, ...string[]]>> = {
  restrictions: [216, "what", "until"],
  weight_bearing: [213, "limb", "level"],
  bone_drug: [231, "agent"],
  bone_drug_status: [231, "status"],
  bone_drug_next: [231, "planned_next"],
};

const isDisputed = (view: CircleView, name: string): boolean => {
  const names = rawOf(view.safetyMinimum, "disputed");
  return Array.isArray(names) && names.includes(name);
};

/** One line of the safety minimum. While people disagree the safer one holds, the word stands beside it, and what each of them says. */
function Told({ view, name }: { view: CircleView; name: string }) {
  const [type, ...fields] = FROM[name] ?? [201, name];
  const asked = isDisputed(view, name);
  const open = view.reviews.filter((one) => asked && one.type === type && one.field && fields.includes(one.field.name));
  const plain = name === "bone_drug_next" && !asked;
  return (
    <>
      <Field record={view.safetyMinimum} type={SAFETY} access={view.access} name={name} plain={plain} />
      {asked && open.length === 0 && (
        <>
          {" "}
          <Disputed /> {t("banner.safer")}
        </>
      )}
      {open.map((one) => (
        <span key={keyOf(one)}>
          {" "}
          {one.field && (
            <Apart
              type={type}
              view={one.field}
              href={address({ name: "reviews", ask: { circle: String(view.circle), field: keyOf(one) } })}
            />
          )}
        </span>
      ))}
    </>
  );
}

function Safety({ view }: { view: CircleView }) {
  const safety = view.safetyMinimum;
  const set = LIMITS.filter((name) => safety?.fields.some((field) => field.name === name));
  const label = (name: string) => {
    const field = safety && messageOf(safety.type)?.fields.find((one) => one.name === name);
    return field ? fieldLabel(field) : name;
  };
  return (
    <dl class="safety">
      <div>
        <dt>{t("banner.allergies")}</dt>
        <dd>
          <Field record={view.riskProfile} type={RISK} access={view.access} name="allergies" />
        </dd>
      </div>
      <div>
        <dt>{t("banner.restrictions")}</dt>
        <dd>
          {set.length === 0 ? (
            <Missing why={safety ? "notWritten" : "notKnown"} />
          ) : (
            set.map((name, at) => (
              <span key={name}>
                {at > 0 && "; "}
                {inSentence(label(name))} <Told view={view} name={name} />
              </span>
            ))
          )}
        </dd>
      </div>
      <div>
        <dt>{t("banner.drug")}</dt>
        <dd>
          <Told view={view} name="bone_drug" />
          {safety?.fields.some((field) => field.name === "bone_drug_status") && (
            <>
              {": "}
              <Told view={view} name="bone_drug_status" /> {t("banner.due")} <Told view={view} name="bone_drug_next" />
              <Late due={rawOf(safety, "bone_drug_next")} />
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>{t("banner.phone")}</dt>
        <dd>{view.phone ? <Phone state={view.phone} /> : <Missing why="notKnown" />}</dd>
      </div>
    </dl>
  );
}

/** A due day that is past says how long, by the server's clock. Whether the dose was given since stands in the plan. */
function Late({ due }: { due: unknown }) {
  if (typeof due !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(due)) return null;
  const days = daysBetween(due, civil(now(), 0));
  if (days < 1) return null;
  return <strong> ({t(days === 1 ? "banner.lateOne" : "banner.late", { n: days })})</strong>;
}
