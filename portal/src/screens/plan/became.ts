// What a save became, in words.
import type { WriteRecordResponse } from "../../../gen/osteon/record/v1/record_service_pb";
import type { Failure } from "../../rpc/failure";
import { isApart } from "../../value/value";
import { t } from "../../words";

export function becameWords(answer: WriteRecordResponse, number: number, proposalId: string): string {
  const saved = t(isApart(answer, number) ? "plan.savedDisputed" : "plan.saved");
  return proposalId === "" ? saved : `${saved} ${t("plan.tookOver")}`;
}

/** The proposal ended meanwhile: the next press saves the value without naming it. */
export const isOver = (failure: Failure): boolean => failure.reason === "PROPOSAL_OVER";
