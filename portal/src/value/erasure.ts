// A request to be erased: what answers it, and until when something is owed.
import { create } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type ErasureAnswer,
  ErasureAnswerSchema,
  ErasureDecision,
  type ErasureRequest,
} from "../../gen/osteon/care/v1/erasure_request_pb";
import type { RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { civil, monthLater } from "../format/time";
import { inner } from "./meta";

export const ERASURE_REQUEST = 265;

/** The day that was promised, else a month after it was asked, in UTC as the server reckons it; nothing once it is declined. */
export function dueOf(record: RecordView): string | undefined {
  const answer = (inner(record.body) as ErasureRequest | undefined)?.answer;
  // Two answers are none.
  const holds = record.fields.some((view) => view.name === "answer" && view.blocked) ? undefined : answer;
  if (holds?.decision === ErasureDecision.DECLINED) return undefined;
  if (holds?.by !== undefined) return holds.by;
  const asked = record.fields.find((view) => view.name === "asked_on")?.versions[0]?.written;
  return asked && monthLater(civil(timestampMs(asked), 0));
}

/** What was entered, as an answer; nothing while something of it is missing. Of what belongs to another decision nothing is sent. */
export function answerOf(decision: number, text: string, by: string, today: string): ErasureAnswer | undefined {
  const said = text.trim();
  const promises = decision === ErasureDecision.WILL_BE_DONE;
  if (decision === 0 || (promises ? !/^\d{4}-\d\d-\d\d$/.test(by) || by < today : !/[\p{L}\p{N}]/u.test(said))) return;
  return create(ErasureAnswerSchema, { decision, ...(said === "" ? {} : { text: said }), ...(promises ? { by } : {}) });
}
