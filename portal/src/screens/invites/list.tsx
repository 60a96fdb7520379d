// Invites and their life: for whom, by whom, until when, how many tries are left, what became of each; and taking one back.

import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { useSignal } from "@preact/signals";
import { EnrolmentService, type Invite, InviteState } from "../../../gen/osteon/identity/v1/identity_service_pb";
import { now } from "../../app/clock";
import { useHeld } from "../../app/held";
import type { Resource } from "../../app/resource";
import { Empty, Part, Partly } from "../../app/states";
import { useSteady, useWriting, WriteFailed } from "../../app/writing";
import { received } from "../../format/time";
import { useRefresh } from "../../parts/fresh";
import { Slot } from "../../parts/slot";
import { client } from "../../rpc/call";
import { Mark, type MarkKind } from "../../value/marks";
import { member, person } from "../../value/who";
import { t } from "../../words";
import type { MemberRow } from "../people/load";
import { fits, isOpen, type Row, rowsOf, type Told } from "./load";

/** A new one moves the patient's record, which is hinted. Its life is not: while one is open it is asked for again, seldom, because
 * each time stands in the audit. */
const AGAIN_MS = 30_000;

interface ListProps {
  readonly circle: bigint;
  readonly case_: string;
  readonly list: Resource<Told>;
  readonly changed: () => void;
  readonly members: readonly MemberRow[];
}

export function Invites({ list, circle, ...props }: ListProps) {
  const state = list.state.value;
  const isAnyOpen = state.is === "ready" && state.value.answer.invites.some(isOpen);
  useRefresh(list, { circle, everyMs: AGAIN_MS, still: !isAnyOpen });
  return (
    <section class="box" aria-labelledby="invites">
      <h2 id="invites">{t("invites.title")}</h2>
      <p class="note">{t("invites.about")}</p>
      <Part what={t("what.invites")} resource={list} lines={4}>
        {(newest) => <Listed newest={newest} {...props} />}
      </Part>
    </section>
  );
}

type ListedProps = Omit<ListProps, "list" | "circle"> & { readonly newest: Told };

function Listed({ newest: { answer, asked }, case_, changed, members }: ListedProps) {
  const shown = useHeld(answer, asked, fits);
  const { rows, fresh } = rowsOf(shown, answer);
  return (
    <>
      <p class={fresh > 0 ? "new-items" : "new-items none"} role="status">
        {fresh > 0 ? (
          <button type="button" class="link" onClick={changed}>
            {t("invites.fresh", { n: fresh })}
          </button>
        ) : (
          t("invites.noFresh")
        )}
      </p>
      {rows.length === 0 ? (
        <Empty>{t("invites.none")}</Empty>
      ) : (
        <ul class="devices">
          {rows.map((row) => (
            <li key={row.asked.inviteId}>
              <One row={row} case_={case_} changed={changed} members={members} />
            </li>
          ))}
        </ul>
      )}
      {shown.cut && <Partly shown={shown.invites.length} />}
    </>
  );
}

interface OneProps {
  readonly row: Row;
  readonly case_: string;
  readonly changed: () => void;
  readonly members: readonly MemberRow[];
}

function One({ row, case_, changed, members }: OneProps) {
  const { now: invite } = row;
  const became = useSignal("");
  const by = members.find((one) => one.account === invite.madeBy);
  return (
    <>
      <strong>{person(invite.account, invite.role)}</strong>
      <Life invite={invite} />
      <div class="note">
        {t(isOpen(invite) ? "invites.made" : "invites.madeOnly", {
          who: invite.madeBy === 0n ? t("audit.server") : by ? person(by.account, by.role) : member(invite.madeBy),
          when: received(invite.created, now()),
          until: received(invite.expires, now()),
        })}
      </div>
      {isOpen(row.asked) && (
        <Revoke row={row} case_={case_} changed={changed} tooLate={(state) => (became.value = stateWord(state))} />
      )}
      {became.value !== "" && <p role="status">{t("invites.tooLate", { state: became.value })}</p>}
    </>
  );
}

/** How an invite stands, in a place that keeps its size. */
export function Life({ invite }: { invite: Invite }) {
  const tries = `${invite.typedTriesLeft} ${invite.qrTriesLeft}`;
  return (
    <Slot state={`${invite.state} ${tries}`} keeps={false}>
      <Mark kind={MARKS[invite.state] ?? "plain"}>{stateWord(invite.state)}</Mark> {stateWords(invite)}
      {isOpen(invite) && (
        <div class="note">
          {invite.typedTriesLeft === 0
            ? t("invites.triesQr", { qr: invite.qrTriesLeft })
            : t("invites.tries", { typed: invite.typedTriesLeft, qr: invite.qrTriesLeft })}
        </div>
      )}
    </Slot>
  );
}

const MARKS: Readonly<Partial<Record<InviteState, MarkKind>>> = {
  [InviteState.CREATED]: "new",
  [InviteState.OPENED]: "new",
  [InviteState.MATCHED]: "new",
};

const WORDS = {
  [InviteState.CREATED]: "invites.created",
  [InviteState.OPENED]: "invites.opened",
  [InviteState.MATCHED]: "invites.matched",
  [InviteState.DONE]: "invites.done",
  [InviteState.EXPIRED]: "invites.expired",
  [InviteState.REVOKED]: "invites.revoked",
} as const;

const isKnown = (state: InviteState): state is keyof typeof WORDS => state in WORDS;

export const stateWord = (state: InviteState): string => (isKnown(state) ? t(WORDS[state]) : t("value.newerShort"));

function stateWords(invite: Invite): string {
  const at = (when: Timestamp | undefined) => ({ when: received(when, now()) });
  switch (invite.state) {
    case InviteState.CREATED:
      return t("invites.createdWhat");
    case InviteState.OPENED:
      return t("invites.openedWhat", at(invite.opened));
    case InviteState.MATCHED:
      return t("invites.matchedWhat", at(invite.matched));
    case InviteState.DONE:
      return t("invites.doneWhat", at(invite.done));
    case InviteState.EXPIRED:
      return t("invites.expiredWhat", at(invite.expires));
    case InviteState.REVOKED:
      return t("invites.revokedWhat", { ...at(invite.revoked), who: member(invite.revokedBy) });
    default:
      return "";
  }
}

interface RevokeProps {
  readonly row: Row;
  readonly case_: string;
  readonly changed: () => void;
  readonly tooLate: (state: InviteState) => void;
}

/** The button keeps its place when the invite is used or runs out meanwhile. An answer is no word that it was taken back. */
function Revoke({ row, case_, changed, tooLate }: RevokeProps) {
  const writing = useWriting();
  const { asked, now: invite } = row;
  const { steady, note } = useSteady(`${invite.inviteId} ${invite.state}`);
  const take = () => {
    if (!steady()) return;
    const said = { circle: invite.circle, inviteId: invite.inviteId };
    writing.run(
      invite.inviteId,
      () => client(EnrolmentService).revokeInvite(said),
      (answer) => {
        const state = answer.invite?.state ?? InviteState.UNSPECIFIED;
        if (state !== InviteState.REVOKED) tooLate(state);
        changed();
      },
    );
  };
  const busy = writing.state.is === "saving";
  const who = person(asked.account, asked.role);
  return (
    <>
      <div class="buttons">
        <button type="button" disabled={writing.stopped || !isOpen(invite)} onClick={take}>
          {busy ? t("write.saving") : t("invites.revoke", { who, case: case_ })}
        </button>
      </div>
      {note !== "" && <p role="status">{note}</p>}
      <WriteFailed state={writing.state} />
    </>
  );
}
