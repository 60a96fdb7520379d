// A request to be erased: what is due until when, what an answer needs, and how it stands on the screen.
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { render } from "preact-render-to-string";
import { beforeEach, describe, expect, it } from "vitest";
import { ErasureDecision } from "../../gen/osteon/care/v1/erasure_request_pb";
import { AccessAction, CategoryAccessSchema } from "../../gen/osteon/consent/v1/consent_service_pb";
import { Category, Policy, Role } from "../../gen/osteon/meta/v1/options_pb";
import { type WorkReason, WorkReasonKind, WorkReasonSchema } from "../../gen/osteon/worklist/v1/worklist_service_pb";
import { heard } from "../../src/app/clock";
import { me } from "../../src/app/me";
import { monthLater } from "../../src/format/time";
import { mayRead } from "../../src/screens/access/categories";
import { Facts } from "../../src/screens/access/erasure";
import { reasonWords, StateOf } from "../../src/screens/worklist/rows";
import { answerOf, dueOf, ERASURE_REQUEST } from "../../src/value/erasure";
import { de } from "../../src/words/de";
import { body, field, plain, record, version } from "./make";

const at = (text: string) => timestampFromMs(Date.parse(text));
const asks = (value: object) => body({ case: "erasureRequest", value: value as never });
const asked = field(1, {
  name: "asked_on",
  policy: Policy.CONSTANT,
  versions: [
    version(asks({ askedOn: "2026-11-27" }), {
      role: Role.PATIENT,
      inForce: true,
      written: at("2026-11-27T10:00:00Z"),
    }),
  ],
});
const said = (answer: object, more: object = {}) => version(asks({ answer }), { role: Role.NURSE, ...more });
const answered = (versions: ReturnType<typeof said>[], blocked = false) =>
  field(3, { name: "answer", policy: Policy.REVIEW, versions, blocked, needsReview: blocked });
const request = (value: object, fields: ReturnType<typeof field>[] = []) =>
  record({ type: ERASURE_REQUEST, fields: [asked, ...fields], body: asks({ askedOn: "2026-11-27", ...value }) });
const shown = (of: ReturnType<typeof request>) => plain(render(<Facts record={of} />));

const DONE = { decision: ErasureDecision.WILL_BE_DONE, by: "2026-12-05" };
const DECLINED = { decision: ErasureDecision.DECLINED, text: "The law has us keep it." };

beforeEach(() => {
  me.value = undefined;
  heard(Date.parse("2026-11-28T10:00:00Z"));
});

describe("a month later", () => {
  it("is a month of the calendar, as the server reckons it", () => {
    expect(["2026-11-27", "2027-01-31", "2028-01-31", "2026-12-31"].map(monthLater)).toEqual([
      "2026-12-27",
      "2027-02-28",
      "2028-02-29",
      "2027-01-31",
    ]);
  });
});

describe("what is due", () => {
  it("is an answer within a month, or what was promised; nothing once it is declined; two answers are none", () => {
    expect(dueOf(request({}))).toBe("2026-12-27");
    expect(dueOf(request({ answer: DONE }))).toBe("2026-12-05");
    expect(dueOf(request({ answer: DECLINED }))).toBeUndefined();
    expect(dueOf(request({ answer: { decision: ErasureDecision.ASKS_BACK, text: "Which?" } }))).toBe("2026-12-27");
    expect(dueOf(request({ answer: DECLINED }, [answered([said(DONE), said(DECLINED)], true)]))).toBe("2026-12-27");
  });
});

describe("an answer", () => {
  const today = "2026-11-28";
  it("needs a day that is not over where it will be done, and words where it will not", () => {
    expect(answerOf(0, "text", "2026-12-05", today)).toBeUndefined();
    expect(answerOf(ErasureDecision.WILL_BE_DONE, "", "", today)).toBeUndefined();
    expect(answerOf(ErasureDecision.WILL_BE_DONE, "", "2026-11-27", today)).toBeUndefined();
    expect(answerOf(ErasureDecision.WILL_BE_DONE, "", "12026-11-29", today)).toBeUndefined();
    expect(answerOf(ErasureDecision.WILL_BE_DONE, "", today, today)).toMatchObject({ by: today });
    for (const decision of [ErasureDecision.DECLINED, ErasureDecision.ASKS_BACK]) {
      for (const text of ["", "  ", "?!"]) expect(answerOf(decision, text, "2026-12-05", today)).toBeUndefined();
      expect(answerOf(decision, " Why? ", "", today)).toMatchObject({ decision, text: "Why?" });
    }
  });

  it("says nothing of what was entered for another decision", () => {
    expect(answerOf(ErasureDecision.DECLINED, "no", "2026-12-05", today)?.by).toBeUndefined();
    expect(answerOf(ErasureDecision.WILL_BE_DONE, " ", "2026-12-05", today)?.text).toBeUndefined();
  });
});

describe("a request", () => {
  it("says when, why in the patient's words, that nobody answered, and until when an answer is due", () => {
    const why = field(2, { name: "why", versions: [version(asks({ why: "<b>moved_away</b>" }), { inForce: true })] });
    const words = shown(request({ why: "<b>moved_away</b>" }, [why]));
    expect(words).toMatch(/^Asked on27 Nov 2026patient,/);
    expect(render(<Facts record={request({ why: "<b>x</b>" }, [why])} />)).not.toContain("<b>");
    expect(words).toContain("not answered yetDue by27 Dec 2026");
  });

  it("says what was answered, by whom, and what is overdue", () => {
    const one = answered([said({ ...DONE, text: "We delete all." }, { inForce: true, account: 5n })]);
    const all = { answer: { ...DONE, text: "We delete all." } };
    expect(shown(request(all, [one]))).toContain("will be done by 05 Dec 2026: “We delete all.”nurse, member 5");
    expect(shown(request(all, [one]))).not.toContain("overdue");
    heard(Date.parse("2026-12-07T10:00:00Z"));
    expect(shown(request(all, [one]))).toContain("Due by05 Dec 2026 overdue");
  });

  it("shows two answers side by side as a dispute in which nothing holds", () => {
    const both = answered(
      [said(DONE, { account: 5n }), said(DECLINED, { role: Role.CLINIC_ADMIN, account: 9n })],
      true,
    );
    const words = shown(request({}, [both]));
    expect(words).toContain("nothing Disputed will be done by 05 Dec 2026 says nurse, member 5");
    expect(words).toContain("or declined: “The law has us keep it.” says clinic admin, member 9");
    expect(words).toContain("Nothing is in force until it is decided.");
    expect(words).not.toContain("Do not give");
  });

  it("is read by whoever reads who the patient is, not by whom the summary alone is shown to", () => {
    const access = (action: AccessAction) => [
      create(CategoryAccessSchema, { category: Category.C01_IDENTITY, actions: [{ action, allowed: true }] }),
    ];
    expect(mayRead(access(AccessAction.READ), ERASURE_REQUEST)).toBe(true);
    expect(mayRead(access(AccessAction.READ_SUMMARY), ERASURE_REQUEST)).toBe(false);
  });
});

describe("the work list", () => {
  const reason: WorkReason = create(WorkReasonSchema, {
    kind: WorkReasonKind.ERASURE_REQUEST,
    type: ERASURE_REQUEST,
    deadline: at("2026-12-27T00:00:00Z"),
  });

  it("says what the patient asks, and by which day, in both languages", () => {
    expect(plain(render(<StateOf reason={reason} />))).toBe("Erasure");
    const words = reasonWords(reason).replaceAll("\u00a0", " ");
    expect(words).toBe("Asks to be erased; answer or erasure due by 27 Dec 2026");
    expect([de["work.erasure"], de["work.erasureLong"], de["work.erasureDue"]].join("; ")).toBe(
      "Löschung; Bittet um Löschung; Antwort oder Löschung fällig bis {day}",
    );
  });
});
