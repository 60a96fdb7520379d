// Two wishes of one person: nobody else chooses between them. Whoever asked writes down when and what was said; the question stays
// until the person, or who speaks for them, decides on their own phone.
import { create } from "@bufbuild/protobuf";
import { useSignal } from "@preact/signals";
import { DiscussionNoteSchema } from "../../../gen/osteon/care/v1/end_of_life_pb";
import { RecordService } from "../../../gen/osteon/record/v1/record_service_pb";
import type { Review } from "../../../gen/osteon/review/v1/review_service_pb";
import { RecordBodySchema } from "../../../gen/osteon/sync/v1/record_body_pb";
import { now } from "../../app/clock";
import { draft } from "../../app/drafts";
import { useResource } from "../../app/resource";
import { Part } from "../../app/states";
import { useWriting, WriteFailed } from "../../app/writing";
import { civil, viewer } from "../../format/time";
import { Input } from "../../parts/entry";
import { keyOf } from "../../parts/questions";
import { Reason, saysWhy } from "../../parts/reason";
import { client, tried } from "../../rpc/call";
import { bytesOf } from "../../value/ids";
import { typeTitle } from "../../value/say";
import { RecordLine } from "../../value/value";
import { author, firstLive } from "../../value/who";
import { t } from "../../words";

export const NOTE = 342;
const DATE = DiscussionNoteSchema.field.date;

export function Asked({ review, patient }: { review: Review; patient: string }) {
  const { circle, recordId } = review;
  const key = `asked ${keyOf(review)}`;
  const [on, said] = [draft(`${key} on`), draft(key)];
  const writing = useWriting();
  const noted = useSignal(false);
  const notes = useResource(`asked ${circle} ${recordId}`, (signal, headers) => {
    const request = { circle, type: NOTE, parentId: recordId };
    return tried(() => client(RecordService).listRecords(request, { signal, headers }), { signal });
  });
  const today = civil(now(), viewer.offset(now()));
  const day = on.value === "" ? today : on.value;
  const isAhead = day > today;
  const save = (event: Event) => {
    event.preventDefault();
    if (isAhead || !saysWhy(said.value)) return;
    const value = create(DiscussionNoteSchema, { parent: bytesOf(recordId), date: day, text: said.value.trim() });
    const body = create(RecordBodySchema, { body: { case: "discussionNote", value } });
    const call = (requestId: string) => client(RecordService).createRecord({ circle, body, requestId });
    writing.run(`${key} ${day} ${said.value}`, call, () => {
      said.value = "";
      on.value = "";
      noted.value = true;
      notes.reload();
    });
  };
  return (
    <section class="decide" aria-labelledby="asked">
      <h3 id="asked">{t("asked.title")}</h3>
      <p>{t("asked.about")}</p>
      <Part what={typeTitle(NOTE)} resource={notes} lines={1}>
        {({ records }) => (
          <ul>
            {records.length === 0 && <li class="note">{t("asked.none")}</li>}
            {records.map((record) => {
              const by = firstLive(record);
              return (
                <li key={record.recordId}>
                  <RecordLine record={record} /> {by && <span class="note">{author(by)}</span>}
                </li>
              );
            })}
          </ul>
        )}
      </Part>
      <form class="decide" onSubmit={save}>
        <label class="field">
          {t("asked.on")}
          <Input field={DATE} text={day} set={(next) => (on.value = next)} />
        </label>
        {isAhead && <p role="alert">{t("asked.ahead")}</p>}
        <Reason label={t("asked.said")} text={said.value} set={(next) => (said.value = next)} atMost={8000} />
        <div class="buttons">
          <button type="submit" disabled={isAhead || !saysWhy(said.value) || writing.stopped}>
            {writing.state.is === "saving" ? t("write.saving") : t("asked.save", { patient })}
          </button>
        </div>
        {noted.value && (
          <p class="state done" role="status">
            {t("asked.saved")}
          </p>
        )}
        <WriteFailed state={writing.state} />
      </form>
    </section>
  );
}
