// One plan: its fields with every version, what may be written, and the history.
import { RecordService } from "../../../gen/osteon/record/v1/record_service_pb";
import { glassOf } from "../../app/glass";
import { membership } from "../../app/me";
import { useResource } from "../../app/resource";
import { address, type PlaceOf, place } from "../../app/router";
import { Absent, Part } from "../../app/states";
import { useTitle } from "../../app/title";
import { AsOf } from "../../parts/asof";
import { client, tried } from "../../rpc/call";
import { proposedIn } from "../../value/proposal";
import { typeTitle } from "../../value/say";
import { t } from "../../words";
import { Editor } from "./editor";

export function Plan() {
  const at = place.value as PlaceOf<"plan">;
  const of = membership(at.case) ?? glassOf(at.case);
  if (!of || !/^[0-9a-f-]{36}$/.test(at.record)) return <Absent page />;
  return (
    <Loaded
      key={`${at.record} ${at.ask.proposal}`}
      circle={of.circle}
      shortId={of.shortId}
      recordId={at.record}
      proposal={at.ask.proposal}
    />
  );
}

interface LoadedProps {
  readonly circle: bigint;
  readonly shortId: string;
  readonly recordId: string;
  readonly proposal: string | undefined;
}

function Loaded({ circle, shortId, recordId, proposal }: LoadedProps) {
  useTitle(shortId);
  const get = (id: string, signal: AbortSignal) =>
    tried(() => client(RecordService).getRecord({ circle, recordId: id }, { signal }), { signal });
  const record = useResource(`plan ${circle} ${recordId}`, async (signal) => {
    const [plan, other] = await Promise.all([
      get(recordId, signal),
      proposal !== undefined && /^[0-9a-f-]{36}$/.test(proposal) ? get(proposal, signal) : undefined,
    ]);
    const proposed = other?.record && proposedIn(other.record);
    return { record: plan.record, proposed: proposed?.target === recordId ? proposed : undefined };
  });
  return (
    <div class="page narrow">
      <Part what={t("what.plan")} resource={record} lines={12} heading={shortId.toUpperCase()}>
        {(answer) =>
          answer.record ? (
            <>
              <div class="head">
                <h1>{t("plan.of", { plan: typeTitle(answer.record.type), case: shortId.toUpperCase() })}</h1>
                <a href={address({ name: "patient", case: shortId, ask: {} })}>{t("visit.back")}</a>
              </div>
              <Editor
                circle={circle}
                shortId={shortId}
                record={answer.record}
                proposed={answer.proposed}
                gone={record.reload}
              />
            </>
          ) : (
            <Absent />
          )
        }
      </Part>
      <AsOf resource={record} />
    </div>
  );
}
