// What guidelines and labels say for this person, as text beside a field: each value with its source and how sure that is, all
// that disagree, and never one put into a form. Which field they stand at is what the server says of the plan.
import { SourceState } from "../../../gen/osteon/meta/v1/options_pb";
import {
  type Target,
  TargetFit,
  type TargetGroup,
  TargetService,
} from "../../../gen/osteon/target/v1/target_service_pb";
import { type Resource, useResource } from "../../app/resource";
import { Part } from "../../app/states";
import { client, tried } from "../../rpc/call";
import { t } from "../../words";

export type Targets = Resource<readonly TargetGroup[]>;

export const useTargets = (circle: bigint): Targets =>
  useResource(`targets ${circle}`, async (signal) => {
    const answer = await tried(() => client(TargetService).listTargets({ circle }, { signal }), { signal });
    return answer.groups;
  });

/** The groups that speak of one field of one type of plan. */
export const groupsOf = (groups: readonly TargetGroup[], type: number, field: string): TargetGroup[] =>
  groups.filter((group) => group.plan.some((value) => value.type === type && value.field === field));

/** Beside one field. While nothing was read yet, or there is nothing for it, there is nothing to see. */
export function TargetsBeside({ targets, type, field }: { targets: Targets; type: number; field: string }) {
  const state = targets.state.value;
  if (state.is !== "ready") return null;
  const groups = groupsOf(state.value, type, field).filter((group) => group.targets.length > 0);
  return (
    <>
      {groups.map((group) => (
        <details key={group.topic} class="targets">
          <summary>
            {t("target.beside", { n: group.targets.length })}{" "}
            {group.disagrees && <strong>{t("target.disagree")}</strong>}
          </summary>
          <List group={group} />
        </details>
      ))}
    </>
  );
}

/** Every topic, also those of which the plan has set nothing yet. */
export function AllTargets({ targets }: { targets: Targets }) {
  return (
    <details class="targets">
      <summary>{t("target.all")}</summary>
      <Part what={t("what.targets")} resource={targets} lines={4}>
        {(groups) => (
          <>
            {groups.map((group) => (
              <section key={group.topic}>
                <h3 lang="en">{group.title}</h3>
                {group.disagrees && <strong>{t("target.disagree")}</strong>}
                {group.targets.length === 0 ? <p class="note">{t("target.none")}</p> : <List group={group} />}
              </section>
            ))}
          </>
        )}
      </Part>
    </details>
  );
}

const STATES = {
  [SourceState.UNSPECIFIED]: "target.sureUnknown",
  [SourceState.VERIFIED]: "alert.sureVerified",
  [SourceState.SECONDARY]: "alert.sureSecondary",
  [SourceState.UNVERIFIED]: "alert.sureUnverified",
} as const;

function List({ group }: { group: TargetGroup }) {
  return (
    <ul class="note">
      {group.targets.map((target) => (
        <li key={target.id} class={target.fit === TargetFit.NOT_FOR_THIS_PERSON ? "not-for" : ""}>
          <span lang="en">{wordsOf(target)}</span>{" "}
          {target.sources.map((source) => (
            <span key={source.key}>
              [{source.key}: {t(STATES[source.state] ?? "target.sureUnknown")}] <span lang="en">
                {source.caution}
              </span>{" "}
            </span>
          ))}
          {target.disputed && <strong>{t("target.disputed")}</strong>}
        </li>
      ))}
    </ul>
  );
}

const wordsOf = ({ text, whom, standing, judged }: Target): string =>
  [text, whom, standing, ...judged].filter((one) => one !== "").join(". ");
