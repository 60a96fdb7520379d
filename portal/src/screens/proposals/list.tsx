// Proposals in the inbox, in a list of their own below what is disputed: what one may decide, or what one made and how it ended.

import { timestampMs } from "@bufbuild/protobuf/wkt";
import { ProposalState } from "../../../gen/osteon/review/v1/review_service_pb";
import { now } from "../../app/clock";
import { isGone } from "../../app/me";
import { Empty, Part } from "../../app/states";
import { span } from "../../format/time";
import { More } from "../../parts/more";
import { Mark } from "../../value/marks";
import { proposedLabel, proposedWords } from "../../value/proposal";
import { typeTitle } from "../../value/say";
import { person } from "../../value/who";
import { inSentence, t } from "../../words";
import { patientWords } from "../alerts/alerts";
import { type Listed, type Proposals as Lists, proposalKey } from "./load";

interface ListProps {
  readonly proposals: Lists;
  readonly row: (key: string, children: preact.ComponentChildren) => preact.VNode;
}

export function Proposals({ proposals: { list, mine, ended, more }, row }: ListProps) {
  return (
    <section aria-labelledby="proposals">
      <h2 id="proposals" class="pad">
        {t("proposal.title")}
      </h2>
      <div class="row pad">
        <fieldset class="choices">
          <legend class="hidden">{t("proposal.whose")}</legend>
          <button type="button" aria-pressed={!mine.value} onClick={() => (mine.value = false)}>
            {t("proposal.forMe")}
          </button>
          <button type="button" aria-pressed={mine.value} onClick={() => (mine.value = true)}>
            {t("proposal.byMe")}
          </button>
        </fieldset>
        <label class="option">
          <input
            type="checkbox"
            checked={ended.value}
            onChange={(event) => (ended.value = event.currentTarget.checked)}
          />{" "}
          {t("proposal.ended")}
        </label>
      </div>
      <Part what={t("what.proposals")} resource={list} lines={3}>
        {({ all, more: hasMore }) => {
          const shown = all.filter((one) => !isGone(one.record.circle));
          return (
            <>
              {shown.length === 0 ? (
                <Empty>{t(mine.value ? "proposal.noneMine" : "proposal.none")}</Empty>
              ) : (
                <ul class="questions">{shown.map((one) => row(proposalKey(one), <Row one={one} />))}</ul>
              )}
              {hasMore && <More shown={shown.length} more={more} />}
            </>
          );
        }}
      </Part>
    </section>
  );
}

function Row({ one }: { one: Listed }) {
  const { made, account, role, state } = one.how;
  return (
    <>
      <span class="row">
        <Mark kind="plain">{stateWord(state)}</Mark> <strong>{patientWords(one.record.circle)}</strong>
        <span class="grow" />
        {made && <span class="note">{span(now() - timestampMs(made))}</span>}
      </span>
      <span class="about">
        {t("review.about", { type: typeTitle(one.type), field: inSentence(proposedLabel(one)) })}
      </span>
      <span class="note">{t("value.claim", { value: proposedWords(one), who: person(account, role) })}</span>
    </>
  );
}

export function stateWord(state: ProposalState): string {
  switch (state) {
    case ProposalState.OPEN:
      return t("proposal.kind");
    case ProposalState.TAKEN_OVER:
      return t("proposal.wasTakenOver");
    case ProposalState.DECLINED:
      return t("proposal.wasDeclined");
    case ProposalState.TAKEN_BACK:
      return t("proposal.wasTakenBack");
    default:
      return t("value.newerShort");
  }
}
