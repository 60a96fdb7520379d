// Somebody leaves the clinic, somebody takes over: one change over every circle that one may name members of, step by step on the
// server; whoever leaves goes first.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type GetTeamChangeResponse, TeamService } from "../../../gen/osteon/identity/v1/team_service_pb";
import { Role } from "../../../gen/osteon/meta/v1/options_pb";
import { caseOf } from "../../app/me";
import { useWriting, WriteFailed } from "../../app/writing";
import { BY_ITSELF, client, Refused, tried } from "../../rpc/call";
import { sentence } from "../../rpc/failure";
import { person, roleWord } from "../../value/who";
import { has, t, words } from "../../words";

const ROLES = [Role.DIETITIAN, Role.PHYSIOTHERAPIST, Role.PHYSICIAN, Role.NURSE, Role.CLINIC_ADMIN] as const;
const LOOK_EVERY_MS = 1000;

const accountOf = (text: string): bigint => (/^[1-9]\d{0,17}$/.test(text.trim()) ? BigInt(text.trim()) : 0n);

export function TeamChange({ circles }: { circles: number }) {
  const writing = useWriting();
  const role = useSignal<Role>(Role.UNSPECIFIED);
  const leaves = useSignal("");
  const joins = useSignal("");
  const job = useSignal<bigint | undefined>(undefined);
  const [out, into] = [accountOf(leaves.value), accountOf(joins.value)];
  const wrong = (leaves.value.trim() !== "" && out === 0n) || (joins.value.trim() !== "" && into === 0n);
  const ready = role.value !== Role.UNSPECIFIED && !wrong && (out !== 0n || into !== 0n) && out !== into;
  const start = (event: Event) => {
    event.preventDefault();
    if (!ready) return;
    const one = (account: bigint) => (account === 0n ? [] : [{ account, role: role.value }]);
    const said = { leave: one(out), join: one(into) };
    const call = (requestId: string) => client(TeamService).startTeamChange({ ...said, requestId });
    writing.run(`team ${role.value} ${out} ${into}`, call, (answer) => {
      job.value = answer.job;
    });
  };
  return (
    <section class="box" aria-labelledby="team">
      <h2 id="team">{t("team.title")}</h2>
      <p class="note">{t("team.about", { n: circles })}</p>
      <form class="close" onSubmit={start}>
        <label class="field">
          {t("invite.role")}{" "}
          <select value={String(role.value)} onChange={(event) => (role.value = Number(event.currentTarget.value))}>
            <option value="0">{t("plan.choose")}</option>
            {ROLES.map((one) => (
              <option key={one} value={String(one)}>
                {roleWord(one)}
              </option>
            ))}
          </select>
        </label>
        <Account says={t("team.leaves")} text={leaves} />
        <Account says={t("team.joins")} text={joins} />
        {wrong && <p role="alert">{t("team.noNumber")}</p>}
        <div class="buttons">
          <button type="submit" class="danger" disabled={!ready || writing.stopped}>
            {writing.state.is === "saving" ? t("write.saving") : t("team.start", { n: circles })}
          </button>
        </div>
        <WriteFailed state={writing.state} />
      </form>
      {job.value !== undefined && <Progress key={String(job.value)} job={job.value} />}
    </section>
  );
}

function Account({ says, text }: { says: string; text: { value: string } }) {
  return (
    <label class="field">
      {says}
      <input
        class="short"
        inputMode="numeric"
        autocomplete="off"
        maxLength={18}
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
    </label>
  );
}

function Progress({ job }: { job: bigint }) {
  const stands = useSignal<GetTeamChangeResponse | undefined>(undefined);
  const failed = useSignal("");
  useEffect(() => {
    const mine = new AbortController();
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      try {
        const how = { signal: mine.signal, headers: BY_ITSELF };
        const answer = await tried(() => client(TeamService).getTeamChange({ job }, how), how);
        stands.value = answer;
        if (!answer.finished) waiting = setTimeout(() => void look(), LOOK_EVERY_MS);
      } catch (error) {
        if (!mine.signal.aborted) failed.value = error instanceof Refused ? sentence(error.failure) : t("state.failed");
      }
    };
    void look();
    return () => {
      mine.abort();
      clearTimeout(waiting);
    };
  }, [job]);
  const answer = stands.value;
  if (failed.value !== "") return <p class="state failed">{failed.value}</p>;
  if (!answer) return <p role="status">{t("team.begins")}</p>;
  return (
    <div role="status">
      <p class={answer.finished ? "state done" : ""}>
        {t(answer.finished ? "team.finished" : "team.going", { done: answer.done, steps: answer.steps })}
      </p>
      {answer.refused.length > 0 && (
        <>
          <p>{t("team.refused", { n: answer.refused.length })}</p>
          <ul>
            {answer.refused.map((one, at) => (
              <li key={at}>
                {caseOf(one.circle)}: {t(one.joins ? "team.notJoined" : "team.notLeft")}{" "}
                {one.member && person(one.member.account, one.member.role)}.{" "}
                {has(`reason.${one.reason}`) ? words(`reason.${one.reason}`) : one.reason}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
