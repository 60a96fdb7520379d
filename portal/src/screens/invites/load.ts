// Invites of one circle as the server tells them, and what of them may be on the screen: their life goes on in its place, new ones
// wait until somebody asks.
import { useRef } from "preact/hooks";
import {
  EnrolmentService,
  type Invite,
  InviteState,
  type ListInvitesResponse,
} from "../../../gen/osteon/identity/v1/identity_service_pb";
import { type Resource, useResource } from "../../app/resource";
import { client, OWN_PAGE, tried } from "../../rpc/call";

export interface Told {
  readonly answer: ListInvitesResponse;
  /** Another number: somebody asked for this one. */
  readonly asked: number;
}

export function useInvites(circle: bigint): Resource<Told> {
  const asked = useRef(0);
  return useResource(`invites ${circle}`, async (signal, headers) => {
    const answer = await tried(() => client(EnrolmentService).listInvites({ circle }, { signal, headers }), { signal });
    if (!(OWN_PAGE in headers)) asked.current += 1;
    return { answer, asked: asked.current };
  });
}

const OPEN: ReadonlySet<InviteState> = new Set([InviteState.CREATED, InviteState.OPENED, InviteState.MATCHED]);

/** Somebody can still come in with it. */
export const isOpen = (invite: Invite): boolean => OPEN.has(invite.state);

/** The same invites in the same order: what came meanwhile stands in the places that are there. */
export const fits = (shown: ListInvitesResponse, newer: ListInvitesResponse): boolean =>
  shown.invites.map((one) => one.inviteId).join() === newer.invites.map((one) => one.inviteId).join();

export interface Row {
  /** As it was when somebody asked for the list: what can be done with it is decided by that. */
  readonly asked: Invite;
  readonly now: Invite;
}

/** Those that are shown, each as it is now, and how many there are beside them. */
export function rowsOf(shown: ListInvitesResponse, newest: ListInvitesResponse): { rows: Row[]; fresh: number } {
  const now = new Map(newest.invites.map((one) => [one.inviteId, one]));
  const rows = shown.invites.map((asked) => ({ asked, now: now.get(asked.inviteId) ?? asked }));
  const known = new Set(shown.invites.map((one) => one.inviteId));
  return { rows, fresh: newest.invites.filter((one) => !known.has(one.inviteId)).length };
}
