// What a save became, in words.
import { Effect, type WriteRecordResponse } from "../../../gen/osteon/record/v1/record_service_pb";
import type { Failure } from "../../rpc/failure";
import { t } from "../../words";

/** The effect is the record's: it is disputed, too, where another field of it is. What was written here is this one. */
export function becameWords({ record, effect }: WriteRecordResponse, number: number, proposalId: string): string {
  const mine = record?.fields.filter((view) => view.field === number) ?? [];
  const isDisputed = mine.length > 0 ? mine.some((view) => view.needsReview) : effect === Effect.DISPUTED;
  const saved = t(isDisputed ? "plan.savedDisputed" : "plan.saved");
  return proposalId === "" ? saved : `${saved} ${t("plan.tookOver")}`;
}

/** The proposal ended meanwhile: the next press saves the value without naming it. */
export const isOver = (failure: Failure): boolean => failure.reason === "PROPOSAL_OVER";
