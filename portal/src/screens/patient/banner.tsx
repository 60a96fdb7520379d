// Who this is, in its reserved place, and the safety minimum beside it. What is not known says so.
import type { CircleView } from "../../../gen/osteon/circle/v1/circle_service_pb";
import type { RecordView } from "../../../gen/osteon/record/v1/record_service_pb";
import { now } from "../../app/clock";
import { civil, years } from "../../format/time";
import { inner, messageOf } from "../../value/meta";
import { Phone } from "../../value/phone";
import { Missing, Value } from "../../value/value";
import { Sites } from "../../value/sites";
import { fieldLabel } from "../../value/say";
import { t } from "../../words";

interface Shown {
  readonly record: RecordView | undefined;
  readonly name: string;
}

/** One field of a record by its name, with its dispute; where there is none, that it is not known. */
export function Field({ record, name }: Shown) {
  const views = record?.fields.filter((view) => view.name === name) ?? [];
  if (!record || views.length === 0) return <Missing why="notKnown" />;
  return (
    <>
      {views.map((view, at) => (
        <span key={`${view.field}-${at}`}>
          {at > 0 && ", "}
          <Value type={record.type} view={view} body={inner(record.body)} />
        </span>
      ))}
    </>
  );
}

const valueOf = (record: RecordView | undefined, name: string): unknown => {
  const field = record && messageOf(record.type)?.fields.find((one) => one.name === name);
  return field ? inner(record?.body)?.[field.localName] : undefined;
};

export function Banner({ view, shortId }: { view: CircleView; shortId: string }) {
  const { person, riskProfile } = view;
  const born = valueOf(riskProfile, "birth_date");
  const age = typeof born === "string" ? years(born, civil(now(), 0)) : undefined;
  return (
    <section class="banner" aria-label={t("banner.title")}>
      <div>
        <h1>{person ? <Field record={person} name="display_name" /> : shortId.toUpperCase()}</h1>
        <p>
          {t("banner.case")} <strong>{shortId.toUpperCase()}</strong> {t("banner.born")}{" "}
          <strong>
            <Field record={riskProfile} name="birth_date" />
          </strong>
          {age !== undefined && ` ${t("banner.age", { age })}`} {t("banner.sex")}{" "}
          <strong>
            <Field record={riskProfile} name="sex_for_reference" />
          </strong>
        </p>
        <p>
          {t("banner.cancer")} <Field record={riskProfile} name="primary_cancer" />
          {view.boneSummary && (
            <>
              {". "}
              {t("banner.sites")} <Sites record={view.boneSummary} />
            </>
          )}
        </p>
      </div>
      <Safety view={view} />
    </section>
  );
}

const LIMITS = ["clearance", "lift_max_kg", "forbidden_movements", "no_load_regions", "restrictions", "weight_bearing"];

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
          <Field record={view.riskProfile} name="allergies" />
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
                {label(name).toLowerCase()} <Field record={safety} name={name} />
              </span>
            ))
          )}
        </dd>
      </div>
      <div>
        <dt>{t("banner.drug")}</dt>
        <dd>
          <Field record={safety} name="bone_drug" />
          {safety?.fields.some((field) => field.name === "bone_drug_status") && (
            <>
              {" ("}
              <Field record={safety} name="bone_drug_status" />
              {"), "}
              {t("banner.due")} <Field record={safety} name="bone_drug_next" />
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
