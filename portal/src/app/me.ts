// Who sits here, as the server says. Nothing of it is kept in any storage.
import { signal } from "@preact/signals";
import type { Role } from "../../gen/osteon/meta/v1/options_pb";
import { gone } from "../live/live";

export interface Membership {
  readonly circle: bigint;
  readonly shortId: string;
  readonly role: Role;
}

export interface Me {
  readonly account: bigint;
  readonly circles: readonly Membership[];
}

export const me = signal<Me | undefined>(undefined);

/** Whether I am in a circle no more, since this page was opened. */
export const isGone = (circle: bigint): boolean => gone.value.has(String(circle));

export const membership = (shortId: string): Membership | undefined =>
  me.value?.circles.find((one) => one.shortId === shortId && !isGone(one.circle));

/** As it stands in addresses. */
export const shortIdOf = (circle: bigint): string =>
  me.value?.circles.find((one) => one.circle === circle)?.shortId ?? String(circle);

export const caseOf = (circle: bigint): string => shortIdOf(circle).toUpperCase();
