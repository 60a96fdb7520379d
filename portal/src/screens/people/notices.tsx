// What happened to one's own account: new devices, devices sent away, copies of a session.
import { type Notice, NoticeKind, NoticeService } from "../../../gen/osteon/identity/v1/device_service_pb";
import { now } from "../../app/clock";
import { useResource } from "../../app/resource";
import { Empty, Part, Partly } from "../../app/states";
import { useWriting, WriteFailed } from "../../app/writing";
import { received } from "../../format/time";
import { client, tried } from "../../rpc/call";
import { member } from "../../value/who";
import { t } from "../../words";

const KINDS = {
  [NoticeKind.UNSPECIFIED]: "notice.other",
  [NoticeKind.TOKEN_REPLAYED]: "notice.replayed",
  [NoticeKind.DEVICE_ENROLLED]: "notice.enrolled",
  [NoticeKind.DEVICE_LEAVES]: "notice.leaves",
  [NoticeKind.DEVICE_WIPED]: "notice.wiped",
  [NoticeKind.SIGNED_IN_WITH_CODE]: "notice.code",
} as const;

export function Notices() {
  const list = useResource("notices", (signal) =>
    tried(() => client(NoticeService).listNotices({ pageSize: 50, all: true }, { signal }), { signal }),
  );
  return (
    <section class="box" aria-labelledby="notices">
      <h2 id="notices">{t("notice.title")}</h2>
      <Part what={t("what.notices")} resource={list} lines={3}>
        {(answer) => (
          <>
            {answer.notices.length === 0 && <Empty>{t("notice.none")}</Empty>}
            <ul>
              {answer.notices.map((one) => (
                <li key={String(one.number)} class={one.acknowledged ? "note" : ""}>
                  <OneNotice one={one} />
                </li>
              ))}
            </ul>
            {answer.nextBefore !== 0n && <Partly shown={answer.notices.length} />}
            <Acknowledge notices={answer.notices} done={list.reload} />
          </>
        )}
      </Part>
    </section>
  );
}

function OneNotice({ one }: { one: Notice }) {
  return (
    <>
      {received(one.at, now())}: {t(KINDS[one.kind] ?? "notice.other")} <bdi>{one.deviceName}</bdi>{" "}
      <span class="note">
        {t("people.device", { n: String(one.device) })}
        {one.byAccount !== 0n && `, ${t("notice.by", { who: member(one.byAccount) })}`}
      </span>
    </>
  );
}

function Acknowledge({ notices, done }: { notices: readonly Notice[]; done: () => void }) {
  const writing = useWriting();
  const open = notices.filter((one) => !one.acknowledged);
  const [newest] = open;
  if (!newest) return null;
  const upTo = newest.number;
  const say = () => writing.run(`notices ${upTo}`, () => client(NoticeService).acknowledgeNotices({ upTo }), done);
  return (
    <p>
      <button type="button" disabled={writing.stopped} onClick={say}>
        {writing.state.is === "saving" ? t("write.saving") : t("notice.seen", { n: open.length })}
      </button>
      <WriteFailed state={writing.state} />
    </p>
  );
}
