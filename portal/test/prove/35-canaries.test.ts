// What somebody may not see reaches nothing of their browser: a word of each category that people write text in, and everything that
// came to the page of each role: answers, the document, the console, addresses, storage.
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Page } from "@playwright/test";
import { AccessAction, ConsentService } from "../../gen/osteon/consent/v1/consent_service_pb";
import { Category } from "../../gen/osteon/meta/v1/options_pb";
import { RecordService } from "../../gen/osteon/record/v1/record_service_pb";
import { RecordBodySchema } from "../../gen/osteon/sync/v1/record_body_pb";
import { callerOf } from "../e2e/caller";
import { expect, open, test } from "../e2e/portal";

const CIRCLE = 1n;
const COMFORT = 6n;

interface Canary {
  readonly type: number;
  readonly of: string;
  readonly by: "patient" | "physician" | "dietitian";
  /** A reader needs all of them. */
  readonly categories: readonly Category[];
  readonly body: (word: string) => Record<string, unknown>;
  /** Of a record that is there already: its one field. */
  readonly field?: string;
  readonly choice?: number;
  readonly circle?: bigint;
  /** What the summary of the category tells, by its contract, to whoever has that alone. */
  readonly inSummary?: true;
}

const at = { at: timestampFromMs(Date.now()), zone: "UTC" };
const CANARIES: readonly Canary[] = [
  {
    type: 371,
    of: "cancerTreatment",
    by: "physician",
    categories: [Category.C02_CANCER],
    body: (agent) => ({ agent }),
  },
  {
    type: 251,
    of: "lesion",
    by: "physician",
    categories: [Category.C03_BONE_STATUS],
    body: (site) => ({ site }),
    inSummary: true,
  },
  {
    type: 105,
    of: "intakeEntry",
    by: "patient",
    categories: [Category.C04_MEDICINES],
    body: (product) => ({ takenAt: at, product }),
  },
  {
    type: 120,
    of: "laboratoryResult",
    by: "physician",
    categories: [Category.C05_LABORATORY],
    body: (lab) => ({ effectiveStart: at, analyte: "2601-3", value: 8100, unit: "mmol/L", lab }),
    choice: 1,
  },
  {
    type: 117,
    of: "sideEffect",
    by: "patient",
    categories: [Category.C06_SYMPTOMS],
    body: (effect) => ({ effectiveStart: at, effect }),
  },
  {
    type: 221,
    of: "nutritionPlan",
    by: "dietitian",
    categories: [Category.C07_NUTRITION],
    body: (freeTextAdvice) => ({ freeTextAdvice }),
    field: "free_text_advice",
  },
  {
    type: 201,
    of: "exercisePlan",
    by: "patient",
    categories: [Category.C08_ACTIVITY],
    body: (patientEnjoys) => ({ patientEnjoys }),
    field: "patient_enjoys",
  },
  {
    type: 118,
    of: "homeSafetyCheck",
    by: "patient",
    categories: [Category.C09_FALLS_HOME],
    body: (note) => ({ effectiveStart: at, note }),
  },
  {
    type: 115,
    of: "mouthCheck",
    by: "patient",
    categories: [Category.C06_SYMPTOMS, Category.C13_DENTAL],
    body: (plannedProcedure) => ({ effectiveStart: at, plannedProcedure }),
  },
  {
    type: 241,
    of: "sharedGoal",
    by: "patient",
    categories: [Category.C14_GOALS],
    body: (statement) => ({ statement }),
  },
  {
    type: 342,
    of: "discussionNote",
    by: "physician",
    categories: [Category.C15_END_OF_LIFE],
    body: (text) => ({ text, date: new Date().toISOString().slice(0, 10) }),
    circle: COMFORT,
  },
  {
    type: 391,
    of: "trialParticipation",
    by: "patient",
    categories: [Category.C16_TRIALS],
    body: (contact) => ({ contact }),
  },
  {
    type: 123,
    of: "supportActivity",
    by: "patient",
    categories: [Category.C17_EDUCATION],
    body: (resource) => ({ effectiveStart: at, resource }),
  },
  {
    type: 122,
    of: "visitEntry",
    by: "patient",
    categories: [Category.C18_VISITS],
    body: (word) => ({ when: at, with: word }),
  },
  {
    type: 124,
    of: "diaryNote",
    by: "patient",
    categories: [Category.C20_PRIVATE_NOTES],
    body: (text) => ({ effectiveStart: at, text }),
    choice: 2,
  },
];

const wordOf = (one: Canary) => `zq${one.of.toLowerCase()}canary`;

async function plant(records: Awaited<ReturnType<typeof recordsOf>>, one: Canary): Promise<void> {
  const value = one.body(wordOf(one));
  const body = create(RecordBodySchema, { body: { case: one.of, value } } as never);
  const requestId = crypto.randomUUID();
  const circle = one.circle ?? CIRCLE;
  if (one.field === undefined) {
    await records.createRecord({ circle, body, labelChoice: one.choice ?? 0, requestId });
    return;
  }
  const [record] = (await records.listRecords({ circle, type: one.type })).records;
  const view = record?.fields.find((field) => field.name === one.field);
  await records.writeRecord({
    circle,
    recordId: record?.recordId ?? "",
    body,
    updateMask: { paths: [one.field] },
    shown: view ? [{ field: view.field, shown: view.shown }] : [],
    requestId,
  });
}

const recordsOf = (page: Page) => callerOf(page, RecordService);

/** Everything that reached the browser of a page. */
async function everything(page: Page): Promise<string[]> {
  const heard: string[] = [];
  page.on("console", (message) => heard.push(message.text()));
  page.on("request", (request) => heard.push(request.url()));
  page.on("response", async (response) => {
    if (response.url().includes("LiveService")) return;
    heard.push((await response.body().catch(() => Buffer.alloc(0))).toString("latin1"));
  });
  const patient = "#/patient/d0001";
  const places = [
    "#/work",
    patient,
    `${patient}?as=table`,
    `${patient}/visit`,
    `${patient}/access`,
    `${patient}/audit`,
  ];
  const types = CANARIES.map((one) => `#/patient/d000${one.circle ?? CIRCLE}?type=${one.type}`);
  const lists = ["#/reviews", `#/reviews?circle=${CIRCLE}`, "#/alerts", `#/messages?circle=${CIRCLE}`, "#/quality"];
  for (const hash of [...places, ...types, ...lists]) {
    await open(page, hash);
    heard.push(await page.content(), page.url());
  }
  heard.push(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie));
  return heard;
}

test("a word of each category reaches the browser of whoever may read it, and of nobody else", async ({ as }) => {
  test.setTimeout(600_000);
  const writers = new Map<string, Awaited<ReturnType<typeof recordsOf>>>();
  for (const one of CANARIES) {
    const records = writers.get(one.by) ?? (await recordsOf(await as(one.by)));
    writers.set(one.by, records);
    await plant(records, one);
  }
  const seenBy = new Map<string, string[]>();
  const hiddenFrom = new Map<string, string[]>();
  for (const role of ["patient", "caregiver", "physician", "physiotherapist", "dietitian", "nurse"]) {
    const page = await as(role);
    const consent = await callerOf(page, ConsentService);
    // Whoever is no member is told of no category.
    const of = (circle: bigint) => consent.explainAccess({ circle }).catch(() => ({ categories: [] }));
    const access = new Map([
      [CIRCLE, await of(CIRCLE)],
      [COMFORT, await of(COMFORT)],
    ]);
    const reads = ({ circle = CIRCLE, inSummary }: Canary, wanted: Category) =>
      (access.get(circle)?.categories.find((one) => one.category === wanted)?.actions ?? []).some(
        ({ action, allowed }) =>
          allowed && (action === AccessAction.READ || (inSummary && action === AccessAction.READ_SUMMARY)),
      );
    const all = await everything(page);
    for (const one of CANARIES) {
      const found = all.some((text) => text.includes(wordOf(one)));
      if (one.categories.every((wanted) => reads(one, wanted))) {
        if (found) seenBy.set(one.of, [...(seenBy.get(one.of) ?? []), role]);
      } else {
        hiddenFrom.set(one.of, [...(hiddenFrom.get(one.of) ?? []), role]);
        expect.soft(found, `${role} may not read ${one.of}`).toBe(false);
      }
    }
  }
  for (const one of CANARIES)
    expect.soft(seenBy.get(one.of) ?? [], `${one.of} is found where it may be`).not.toEqual([]);
  expect(hiddenFrom.size, "most of them are hidden from somebody").toBeGreaterThan(10);
});
