// Versions that stand side by side: what is in force, what each asks for, and the decision. It names every version that is on
// the screen (the review's token) and nothing else.

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { FieldView, VersionView } from "../../../gen/osteon/record/v1/record_service_pb";
import { type Review, type ReviewChoice, ReviewService } from "../../../gen/osteon/review/v1/review_service_pb";
import type { Dot } from "../../../gen/osteon/sync/v1/sync_pb";
import { drafts } from "../../app/drafts";
import { useKeys } from "../../app/keys";
import { membership, shortIdOf } from "../../app/me";
import { lookAround } from "../../app/standing";
import { useSteady, useWriting, WriteFailed } from "../../app/writing";
import { agreedOf, keyOf } from "../../parts/questions";
import { Became, Reason, saysWhy } from "../../parts/reason";
import { client } from "../../rpc/call";
import { KeyHint } from "../../value/marks";
import { mayCreate } from "../../value/rights";
import { arrivedWords, isApart, isWish, policyWords, Value, versionWords, writtenWords } from "../../value/value";
import { author, roleWord } from "../../value/who";
import { t } from "../../words";
import { Asked, NOTE } from "./asked";
import type { DecisionProps } from "./decision";
import { Other } from "./other";

const id = (dot: Dot | undefined) => `${dot?.epoch}.${dot?.replica}.${dot?.counter}`;

export function Dispute({ review, patient, changed, locked }: DecisionProps & { locked: boolean }) {
  const view = review.field;
  if (!view) return null;
  const versions = view.versions.filter((version) => version.live);
  return (
    <>
      <div class="in-force">
        <div>
          {t(view.blocked ? "review.blocked" : "review.inForce")}{" "}
          <Value type={review.type} view={view} agreed={agreedOf(review)} />
          <div class="note">{policyWords(view)}</div>
        </div>
      </div>
      <div class="versions">
        {versions.map((version, at) => (
          <Version key={id(version.dot)} at={at + 1} review={review} view={view} version={version} />
        ))}
      </div>
      <Before review={review} view={view} />
      {review.mayResolve ? (
        <Decide review={review} view={view} versions={versions} patient={patient} changed={changed} locked={locked} />
      ) : (
        <>
          <p class="state summary">{t("review.notYours", { roles: review.owners.map(roleWord).join(", ") })}</p>
          {isWish(review.type) && mayCreate(NOTE, membership(shortIdOf(review.circle))?.role) && (
            <Asked review={review} patient={patient} />
          )}
        </>
      )}
    </>
  );
}

interface VersionProps {
  readonly at: number;
  readonly review: Review;
  readonly view: FieldView;
  readonly version: VersionView;
}

const choiceOf = (review: Review, version: VersionView): ReviewChoice | undefined =>
  review.choices.find((choice) => id(choice.version) === id(version.dot));

function Version({ at, review, view, version }: VersionProps) {
  const choice = choiceOf(review, version);
  const holds = version.inForce && !view.blocked;
  return (
    <section class={holds ? "version holds" : "version"} aria-label={t("review.version", { n: at })}>
      <h4>
        {review.mayResolve && <KeyHint>{String(at)}</KeyHint>}{" "}
        <span dir="auto">{versionWords(review.type, view, version)}</span>{" "}
        {holds && <span class="holds-word">{t("review.holds")}</span>}
      </h4>
      <dl class="facts">
        <dt>{t("review.by")}</dt>
        <dd>{author(version)}</dd>
        <dt>{t("review.when")}</dt>
        <dd>
          {writtenWords(version)}
          {version.clockLowered && ` (${t("review.clock")})`}
        </dd>
        <dt>{t("review.arrived")}</dt>
        <dd>{arrivedWords(version)}</dd>
        <dt>{t("review.hadSeen")}</dt>
        <dd>{hadSeen(review, view, choice)}</dd>
        <dt>{t("review.reason")}</dt>
        <dd>{version.reason === "" ? t("review.noReason") : <q dir="auto">{version.reason}</q>}</dd>
        {choice && choice.lifts.length > 0 && (
          <>
            <dt>{t("review.lifts")}</dt>
            <dd>{t("review.liftsOf", { values: valuesOf(review, view, choice.before, choice.lifts) })}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

const valuesOf = (review: Review, view: FieldView, among: readonly VersionView[], wanted: readonly Dot[]): string =>
  among
    .filter((one) => wanted.some((dot) => id(dot) === id(one.dot)))
    .map((one) => versionWords(review.type, view, one))
    .join(", ");

function hadSeen(review: Review, view: FieldView, choice: ReviewChoice | undefined): string {
  const before = choice?.before ?? [];
  if (before.length === 0) return t(choice?.beforeCut ? "review.seenCut" : "review.seenNothing");
  const seen = before.map((one) =>
    t("review.seenOf", { value: versionWords(review.type, view, one), when: writtenWords(one) }),
  );
  return seen.join(", ") + (choice?.beforeCut ? ` ${t("review.seenCut")}` : "");
}

function Before({ review, view }: { review: Review; view: FieldView }) {
  const agreed = view.agreed;
  const all = review.choices.flatMap((choice) => choice.before);
  const found = all.find((one) => agreed && id(one.dot) === id(agreed)) ?? all.find((one) => one.inForce);
  if (!found) return null;
  return (
    <p class="before">
      <strong>{t("review.before")}</strong>{" "}
      {t("review.beforeOf", {
        value: versionWords(review.type, view, found),
        who: author(found),
        when: writtenWords(found),
      })}
    </p>
  );
}

interface DecideProps {
  readonly review: Review;
  readonly view: FieldView;
  readonly versions: readonly VersionView[];
  readonly patient: string;
  readonly changed: () => void;
  readonly locked: boolean;
}

function Decide({ review, view, versions, patient, changed, locked }: DecideProps) {
  const buttons = useRef<(HTMLButtonElement | null)[]>([]);
  const wants = useSignal<VersionView | undefined>(undefined);
  const became = useSignal("");
  const writing = useWriting();
  const other = useSignal(drafts.has(`other ${keyOf(review)}`));
  const { steady, note } = useSteady(versions.map((version) => id(version.dot)).join(" "));
  const key = `review ${keyOf(review)}`;
  const reason = drafts.get(key);
  useKeys(
    [0, 1, 2, 3].map((at) => ({
      keys: String(at + 1),
      says: "key.choose" as const,
      run: () => buttons.current[at]?.focus(),
    })),
  );
  const decide = (version: VersionView) => {
    if (locked || !steady()) return;
    const relaxes = (choiceOf(review, version)?.relaxes.length ?? 0) > 0;
    if (relaxes && !saysWhy(reason)) {
      wants.value = version;
      return;
    }
    const value = version.absent || !version.value ? { clear: true } : { value: version.value };
    // Words that were written for another choice are not said for this one.
    const said = { reviewId: review.reviewId, shown: review.shown, reason: relaxes ? reason.trim() : "", ...value };
    const call = (requestId: string) => client(ReviewService).resolveReview({ ...said, requestId });
    writing.run(`${review.reviewId} ${id(version.dot)} ${said.reason}`, call, (answer) => {
      drafts.set(key, "");
      wants.value = undefined;
      became.value = t(isApart(answer, view.field, view.element) ? "review.stillDisputed" : "review.decided", {
        value: versionWords(review.type, view, version),
      });
      void lookAround();
    });
  };
  if (became.value !== "") {
    return <Became words={became.value} next={changed} />;
  }
  const busy = writing.state.is === "saving";
  return (
    <div class="decide">
      <div class="buttons">
        {versions.map((version, at) => (
          <button
            key={id(version.dot)}
            ref={(element) => {
              buttons.current[at] = element;
            }}
            type="button"
            class={version.inForce && !view.blocked ? "primary" : ""}
            disabled={writing.stopped || locked}
            onClick={() => decide(version)}
          >
            {busy
              ? t("write.saving")
              : t(version.inForce && !view.blocked ? "review.keep" : "review.use", {
                  value: versionWords(review.type, view, version),
                })}{" "}
            <KeyHint>{String(at + 1)}</KeyHint>
          </button>
        ))}
        <button
          type="button"
          aria-expanded={other.value}
          disabled={writing.stopped || locked}
          onClick={() => (other.value = !other.value)}
        >
          {t("review.other")}
        </button>
      </div>
      <p class="note">{t("review.for", { patient })}</p>
      {wants.value && (
        <>
          <Reason
            label={t("review.reasonMust", { value: versionWords(review.type, view, wants.value) })}
            text={reason}
            set={(next) => drafts.set(key, next)}
          />
          <button
            type="button"
            class="primary"
            disabled={!saysWhy(reason) || writing.stopped}
            onClick={() => wants.value && decide(wants.value)}
          >
            {t("review.use", { value: versionWords(review.type, view, wants.value) })}
          </button>
        </>
      )}
      {other.value && !locked && (
        <Other
          review={review}
          view={view}
          done={(words) => {
            became.value = words;
            void lookAround();
          }}
        />
      )}
      {note !== "" && <p role="status">{note}</p>}
      <WriteFailed state={writing.state} />
      <p class="note">{t("review.stays")}</p>
    </div>
  );
}
