// One patient's page, as the server answers it: read once, then kept up to date by hints. A refresh is not a read, so one view id
// stands for the visit.
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { effect, untracked } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import {
  CircleService,
  type CircleView,
  type GetCircleViewResponse,
} from "../../gen/osteon/circle/v1/circle_service_pb";
import { heard } from "../app/clock";
import { learnGlass } from "../app/glass";
import { useResource } from "../app/resource";
import { heads } from "../live/live";
import { client, OWN_PAGE, tried } from "../rpc/call";

/** `byItself`: nobody asked for it, the page heard that something moved. */
export type Answer = GetCircleViewResponse & { readonly byItself: boolean };

/** The answer of one visit: later ones tell only what changed. */
export function useCircle(circle: bigint) {
  const viewId = useRef(crypto.randomUUID());
  const last = useRef<GetCircleViewResponse | undefined>(undefined);
  const resource = useResource(`circle ${circle}`, async (signal, headers) => {
    const ifChangedSince = last.current?.state ?? new Uint8Array();
    const request = { circle, ifChangedSince, viewId: viewId.current };
    const answer = await tried(() => client(CircleService).getCircleView(request, { signal, headers }), { signal });
    if (answer.asOf) heard(timestampMs(answer.asOf));
    learnGlass(answer.view);
    const whole = answer.view || !last.current?.view ? answer : { ...answer, view: last.current.view };
    last.current = whole;
    return { ...whole, byItself: headers[OWN_PAGE] !== undefined };
  });
  // Without the page being drawn for it: hints tell of every circle.
  useEffect(() => {
    return effect(() => {
      const head = heads.value.get(String(circle));
      if (last.current && head !== undefined && head !== last.current.asOfSequence) untracked(() => resource.refresh());
    });
  }, [circle, resource]);
  return resource;
}

/** What one may see: where that becomes less, nothing that was shown stays. */
export const scopeOf = (view: CircleView | undefined): string =>
  (view?.access ?? [])
    .flatMap((one) => one.actions.filter((of) => of.allowed).map((of) => `${one.category}.${of.action}`))
    .join(" ");
