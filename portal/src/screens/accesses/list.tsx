// One emergency access: who broke the glass, when, why, what was read behind it, and what was found when somebody of the clinic
// looked at it afterwards.
import { useSignal } from "@preact/signals";
import {
  BreakGlassService,
  type GlassAccess,
  type ListBreakGlassResponse,
} from "../../../gen/osteon/identity/v1/break_glass_service_pb";
import { now } from "../../app/clock";
import { drafts } from "../../app/drafts";
import { me, shortIdOf } from "../../app/me";
import { useResource } from "../../app/resource";
import { address } from "../../app/router";
import { Empty, Part, Partly } from "../../app/states";
import { useSteady, useWriting, WriteFailed } from "../../app/writing";
import { received } from "../../format/time";
import { Reason, saysWhy } from "../../parts/reason";
import { client } from "../../rpc/call";
import { Mark } from "../../value/marks";
import { person } from "../../value/who";
import { t } from "../../words";
import { actionWords } from "../audit/load";
import { readBehind } from "./load";

interface ListProps {
  readonly answer: ListBreakGlassResponse;
  /** On a page of one patient the case stands above. */
  readonly ofOne?: boolean;
  readonly changed: () => void;
}

export function Accesses({ answer, ofOne = false, changed }: ListProps) {
  return (
    <>
      <ul class="devices">
        {answer.accesses.map((one) => (
          <li key={one.recordId}>
            <One access={one} ofOne={ofOne} changed={changed} />
          </li>
        ))}
      </ul>
      {answer.cut && <Partly shown={answer.accesses.length} />}
    </>
  );
}

function One({ access, ofOne, changed }: { access: GlassAccess; ofOne: boolean; changed: () => void }) {
  const { circle, account, role, reason, notBefore, notAfter, open, review } = access;
  const shortId = shortIdOf(circle);
  const isRead = useSignal(false);
  return (
    <article aria-label={t("accesses.one", { case: shortId.toUpperCase(), who: person(account, role) })}>
      <div class="row">
        {open ? (
          <Mark kind="urgent">{t("accesses.open")}</Mark>
        ) : (
          <Mark kind={review ? "plain" : "soon"}>{t(review ? "accesses.reviewed" : "accesses.notReviewed")}</Mark>
        )}
        {!ofOne && (
          <strong>
            <a href={address({ name: "audit", case: shortId, ask: {} })}>{shortId.toUpperCase()}</a>
          </strong>
        )}
        <strong>{person(account, role)}</strong>
        <span>{t("accesses.between", { from: received(notBefore, now()), until: received(notAfter, now()) })}</span>
      </div>
      <p>
        {t("accesses.why")} <q dir="auto">{reason}</q>
      </p>
      {review && (
        <p>
          {t("accesses.found", { who: person(review.account, review.role), when: received(review.at, now()) })}{" "}
          <q dir="auto">{review.finding}</q>
        </p>
      )}
      <details onToggle={(event) => (isRead.value ||= event.currentTarget.open)}>
        <summary>{t("accesses.what")}</summary>
        {isRead.value && <Behind access={access} />}
      </details>
      {!review && <Review access={access} case_={shortId.toUpperCase()} changed={changed} />}
    </article>
  );
}

/** Read when somebody asks: reading the audit stands in the audit. */
function Behind({ access }: { access: GlassAccess }) {
  const rows = useResource(`behind ${access.recordId}`, (signal) => readBehind(access, signal));
  return (
    <Part what={t("what.audit")} resource={rows} lines={2}>
      {({ looked, cut }) => (
        <>
          {looked.length === 0 ? (
            <Empty>{t("accesses.nothing")}</Empty>
          ) : (
            <ul>
              {looked.map(({ action, times, last }) => (
                <li key={action}>
                  {t("accesses.looked", { what: actionWords(action), n: times, when: received(last, now()) })}
                </li>
              ))}
            </ul>
          )}
          {cut && <p class="note">{t("accesses.cut")}</p>}
        </>
      )}
    </Part>
  );
}

function Review({ access, case_, changed }: { access: GlassAccess; case_: string; changed: () => void }) {
  const { circle, recordId, account, open, mayReview } = access;
  const writing = useWriting();
  const key = `accesses ${recordId}`;
  const finding = drafts.get(key);
  const { steady, note } = useSteady(key);
  if (account === me.value?.account) return <p class="note">{t("accesses.own")}</p>;
  if (!mayReview) return <p class="note">{t("accesses.byAdmin")}</p>;
  if (open) return <p class="note">{t("accesses.afterEnd")}</p>;
  const save = (event: Event) => {
    event.preventDefault();
    if (!steady() || !saysWhy(finding)) return;
    const said = { circle, recordId, finding: finding.trim() };
    const call = (requestId: string) => client(BreakGlassService).reviewBreakGlass({ ...said, requestId });
    writing.run(`${key} ${said.finding}`, call, () => {
      drafts.set(key, "");
      changed();
    });
  };
  const busy = writing.state.is === "saving";
  return (
    <form class="close" onSubmit={save} onKeyDown={(event) => event.ctrlKey && event.key === "Enter" && save(event)}>
      <Reason label={t("accesses.finding")} text={finding} set={(next) => drafts.set(key, next)} atMost={2000} />
      <div class="buttons">
        <button type="submit" disabled={writing.stopped || !saysWhy(finding)}>
          {busy ? t("write.saving") : t("accesses.save", { case: case_ })}
        </button>
      </div>
      {note !== "" && <p role="status">{note}</p>}
      <WriteFailed state={writing.state} />
    </form>
  );
}
