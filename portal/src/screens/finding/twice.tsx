// Two records that may be one event, side by side. One event: one of them is marked as entered in error and stays in the history,
// the other counts. Two events: whoever knows signs both times. Nothing is deleted, and nothing of one goes into the other.
import { useSignal } from "@preact/signals";
import type { RecordView } from "../../../gen/osteon/record/v1/record_service_pb";
import { drafts } from "../../app/drafts";
import { membership, shortIdOf } from "../../app/me";
import { useSteady, useWriting, WriteFailed } from "../../app/writing";
import { markInError } from "../../parts/error";
import { keyOf } from "../../parts/questions";
import { Became, Reason, saysWhy } from "../../parts/reason";
import { mayEnd } from "../../value/rights";
import { typeTitle } from "../../value/say";
import { fieldsInOrder, labelOf, stateOf, versionWords, writtenWords } from "../../value/value";
import { author, firstLive, roleWord } from "../../value/who";
import { t } from "../../words";
import { sign } from "./approve";
import { isOnScreen, type ReadProps } from "./finding";
import { Views } from "./rests";

export function Twice(props: ReadProps) {
  const { review, records } = props;
  // In the order in which the finding names them.
  const [one, two] = review.rests.flatMap(({ recordId }) => records.filter((each) => each.recordId === recordId));
  if (!one || !two) return <p class="state failed">{t("review.notWhole")}</p>;
  return (
    <>
      <Compared pair={[one, two]} />
      <Settle {...props} pair={[one, two]} />
    </>
  );
}

type Pair = readonly [RecordView, RecordView];

const NAMES = ["twice.first", "twice.second"] as const;

function Compared({ pair }: { pair: Pair }) {
  const rows = fieldsInOrder({ ...pair[0], fields: pair.flatMap((record) => record.fields) }).filter(
    ({ field }) => field?.name !== "parent",
  );
  const says = (record: RecordView, number: number) =>
    record.fields
      .filter((view) => view.field === number)
      .flatMap((view) =>
        view.versions.filter((version) => version.live).map((version) => versionWords(record.type, view, version)),
      )
      .join();
  return (
    <div class="wide">
      <table class="plan free compared">
        <caption>{typeTitle(pair[0].type)}</caption>
        <thead>
          <tr>
            <td />
            {NAMES.map((name) => (
              <th key={name} scope="col">
                {t(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t("review.by")}</th>
            {pair.map((record) => {
              const version = firstLive(record);
              return <td key={record.recordId}>{version && `${author(version)}, ${writtenWords(version)}`}</td>;
            })}
          </tr>
          {rows.map(({ number, views }) => {
            const differs = says(pair[0], number) !== says(pair[1], number);
            return (
              <tr key={number}>
                <th scope="row">
                  {views[0] ? labelOf(pair[0].type, views[0]) : ""}{" "}
                  {differs && <span class="note">{t("twice.differs")}</span>}
                </th>
                {pair.map((record) => (
                  <td key={record.recordId}>
                    <Views record={record} number={number} />
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Settle({ review, patient, changed, locked, records, pair }: ReadProps & { pair: Pair }) {
  const writing = useWriting();
  const became = useSignal("");
  const role = membership(shortIdOf(review.circle))?.role;
  const key = `review ${keyOf(review)}`;
  const reason = drafts.get(key);
  const { steady, note } = useSteady(pair.map(stateOf).join());
  const over = (words: string) => {
    drafts.set(key, "");
    became.value = words;
  };
  const keep = (kept: 0 | 1) => {
    if (locked || !steady()) return;
    const why = saysWhy(reason) ? reason.trim() : t("twice.asReason");
    const done = () => over(t("twice.one", { kept: t(NAMES[kept]) }));
    markInError(writing, key, pair[kept === 0 ? 1 : 0], why, done);
  };
  const both = () => {
    if (locked || !steady()) return;
    const of = { circle: review.circle, target: review.recordId, type: review.type, versions: review.rests };
    sign(writing, of, () => over(t("twice.two")));
  };
  if (became.value !== "") return <Became words={became.value} next={changed} />;
  const ends = ([0, 1] as const).filter((at) => mayEnd(pair[at === 0 ? 1 : 0], role));
  if (ends.length === 0 && !review.mayResolve) {
    return <p class="state summary">{t("review.notYours", { roles: review.owners.map(roleWord).join(", ") })}</p>;
  }
  if (!isOnScreen(review, records)) return <p class="state failed">{t("review.notWhole")}</p>;
  const busy = writing.state.is === "saving";
  return (
    <div class="decide">
      <p>{t("twice.does")}</p>
      {ends.length > 0 && (
        <Reason
          label={t("twice.why", { text: t("twice.asReason") })}
          text={reason}
          set={(next) => drafts.set(key, next)}
        />
      )}
      <div class="buttons">
        {ends.map((kept) => (
          <button key={kept} type="button" disabled={locked || writing.stopped} onClick={() => keep(kept)}>
            {busy ? t("write.saving") : t(kept === 0 ? "twice.keepFirst" : "twice.keepSecond")}
          </button>
        ))}
        {review.mayResolve && (
          <button type="button" disabled={locked || writing.stopped} onClick={both}>
            {busy ? t("write.saving") : t("twice.both")}
          </button>
        )}
      </div>
      <p class="note">{t("review.for", { patient })}</p>
      {note !== "" && <p role="status">{note}</p>}
      <WriteFailed state={writing.state} />
    </div>
  );
}
