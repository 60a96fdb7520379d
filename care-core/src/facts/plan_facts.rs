//! Plans and what belongs to them, out of the parts that are kept of them.

use std::collections::{BTreeMap, BTreeSet};

use osteon_proto::{care, table::table};
use osteon_sync_core::{Part, RecordId};

use super::{
    Clearance, Day, Dose, Entry, Exercise, Facts, Id, Instant, LineChange, Live, Role, disputes,
    from_lines::{self, Lines},
    from_plans, from_profile,
    gather::{self, Merged},
    record::Record,
};

/// Parts that are kept as they were merged.
#[derive(Clone, Debug)]
pub(super) struct Owned {
    pub(super) type_number: u32,
    pub(super) part: Part,
    pub(super) received: Option<Instant>,
}

pub(super) const EXERCISE: u32 = 201;
const LOAD_LIMIT: u32 = 214;
pub(super) const NUTRITION: u32 = 221;
pub(super) const BONE: u32 = 231;
const ADMINISTRATION: u32 = 232;
const ORAL_DOSE: u32 = 233;
pub(super) const GOAL: u32 = 241;
pub(super) const MILESTONE: u32 = 242;
pub(super) const PROGRESS: u32 = 243;
const DECISION: u32 = 244;
const LESION: u32 = 251;
const RISK: u32 = 281;
pub(super) const SUPPLEMENT: u32 = 291;
const APPROVAL: u32 = 301;
const MONITORING: u32 = 331;
const MONITORING_RESULT: u32 = 332;
pub(super) const WISHES: u32 = 341;
const HAZARD: u32 = 352;
pub(super) const PAIN: u32 = 361;
pub(super) const PAIN_LINE: u32 = 362;
pub(super) const INTERVENTION: u32 = 363;
const COURSE: u32 = 371;
pub(super) const MEDICINE: u32 = 381;
const TRIAL: u32 = 391;
pub(super) const TEACH_BACK: u32 = 403;

/// Types of which the parts are kept.
pub(super) const TYPES: &[u32] = &[
    EXERCISE,
    LOAD_LIMIT,
    NUTRITION,
    BONE,
    ADMINISTRATION,
    ORAL_DOSE,
    GOAL,
    MILESTONE,
    PROGRESS,
    DECISION,
    LESION,
    RISK,
    SUPPLEMENT,
    APPROVAL,
    MONITORING,
    MONITORING_RESULT,
    WISHES,
    HAZARD,
    PAIN,
    PAIN_LINE,
    INTERVENTION,
    COURSE,
    MEDICINE,
    TRIAL,
    TEACH_BACK,
];

type Plans = BTreeMap<(RecordId, u64), Owned>;

/// Records of some types, each of all its parts.
struct Read<'a> {
    plans: &'a Plans,
    offset_min: i32,
}

impl<'a> Read<'a> {
    fn of(&self, type_number: u32) -> Vec<Record<'a>> {
        let Some(known) = table().get(type_number) else { return Vec::new() };
        let mut parts: BTreeMap<RecordId, Vec<&'a Owned>> = BTreeMap::new();
        for ((record, _), owned) in self.plans.iter().filter(|(_, owned)| owned.type_number == type_number) {
            parts.entry(*record).or_default().push(owned);
        }
        let record = |(record, owned): (RecordId, Vec<&'a Owned>)| {
            let received = owned.iter().filter_map(|owned| owned.received).min();
            let merged = Merged { record, type_number, label: 0, part: None, received, in_range: false };
            gather::record(known, merged, owned.iter().map(|owned| &owned.part), self.offset_min)
        };
        parts.into_iter().map(record).collect()
    }

    /// Children of a record; all of them name their parent in the first field.
    fn children(&self, type_number: u32, parent: Id) -> Vec<Record<'a>> {
        let of = |child: &Record<'_>| {
            let named = child.live(1, |m: care::Milestone| m.parent.map(|id| id.to_vec()));
            named.known().any(|id| id.as_slice() == parent.0.0.as_slice())
        };
        self.of(type_number).into_iter().filter(of).collect()
    }
}

/// Makes the facts of all plans anew, and looks again at what leans on them.
pub(super) fn make(facts: &mut Facts, plans: &Plans, offset_min: i32) {
    let read = Read { plans, offset_min };
    facts.risk = read.of(RISK).first().map(from_profile::risk);
    facts.lesions = read.of(LESION).iter().map(from_plans::lesion).collect();
    facts.nutrition = read.of(NUTRITION).first().map(from_plans::nutrition);
    facts.supplements = read.of(SUPPLEMENT).iter().map(supplement).collect();
    facts.exercises = exercises(&read);
    facts.bone_plans = read.of(BONE).iter().map(from_plans::bone_plan).collect();
    facts.doses = doses(&read);
    facts.goals = read.of(GOAL).iter().map(|goal| goal_of(&read, goal)).collect();
    facts.decisions = read.of(DECISION).iter().map(from_plans::decision).collect();
    facts.wishes = read.of(WISHES).first().map(from_profile::wishes);
    facts.hazards = read.of(HAZARD).iter().map(from_profile::hazard).collect();
    facts.pain_plan = read.of(PAIN).first().map(|plan| pain_plan(&read, plan));
    facts.treatments = read.of(COURSE).iter().map(from_profile::course).collect();
    facts.medicines = read.of(MEDICINE).iter().map(|line| from_lines::medicine(line, changes(line))).collect();
    facts.trials = read.of(TRIAL).iter().map(from_profile::trial).filter(|trial| !trial.is_over()).collect();
    facts.taught = read.of(TEACH_BACK).iter().map(from_profile::teach_back).collect();
    let lines = lines(facts, plans);
    facts.intakes.iter_mut().for_each(|intake| from_lines::resolve(&mut intake.is, &lines));
    facts.house.disputes = disputes::disputes(plans, offset_min);
    facts.house.changes = disputes::changes(facts, plans, offset_min);
}

fn supplement(line: &Record<'_>) -> super::SupplementLine {
    let by_physician = line.by == Some(Role::Physician);
    let mut made = from_lines::supplement(line, by_physician, None);
    if made.status.known().all(|status| *status == super::LineStatus::Stopped) {
        made.stopped = line.written(6).known().max().copied();
    }
    made
}

fn exercises(read: &Read<'_>) -> Vec<Exercise> {
    let plans = read.of(EXERCISE);
    let made = plans.iter().map(|plan| {
        let limits = read.children(LOAD_LIMIT, plan.id);
        from_plans::exercise(plan, &limits, approvals(read, plan))
    });
    made.filter(|plan| !plan.is_over()).collect()
}

/// Days on which a physician or physiotherapist signed the clearance as it stands now.
fn approvals(read: &Read<'_>, plan: &Record<'_>) -> BTreeSet<Day> {
    let standing: Vec<Clearance> = plan
        .live(1, |m: care::ExercisePlan| {
            care::ExerciseClearance::try_from(m.clearance?).ok().and_then(from_plans::clearance)
        })
        .known()
        .copied()
        .collect();
    let Some(written) = plan.versions(1).iter().filter_map(|version| version.written).max() else {
        return BTreeSet::new();
    };
    let signs = |approval: &Record<'_>| {
        let by = matches!(approval.by, Some(Role::Physician | Role::Physiotherapist));
        let names = approval.versions(3).iter().filter_map(|version| version.chunk).any(|chunk| {
            let read = <care::Approval as prost::Message>::decode(chunk).unwrap_or_default();
            let of_plan = |one: &care::ApprovedVersion| {
                one.field == Some(1) && one.record.as_deref() == Some(plan.id.0.0.as_slice())
            };
            read.versions.iter().any(of_plan)
        });
        // One signed before the value that stands was written signed another value.
        let after = approval.created.is_some_and(|at| at >= written);
        (by && names && after && standing.len() == 1).then_some(approval.created).flatten().map(Instant::day)
    };
    read.of(APPROVAL).iter().filter_map(signs).collect()
}

fn doses(read: &Read<'_>) -> Vec<Entry<Dose>> {
    let given = read.of(ADMINISTRATION).iter().map(|dose| from_plans::administration(dose, false)).collect::<Vec<_>>();
    let taken = read.of(ORAL_DOSE).iter().map(|dose| from_plans::oral_dose(dose, false)).collect::<Vec<_>>();
    let mut all: Vec<Entry<Dose>> = given.into_iter().chain(taken).collect();
    all.sort_by_key(|dose| dose.id);
    all
}

fn goal_of(read: &Read<'_>, goal: &Record<'_>) -> super::Goal {
    from_plans::goal(goal, &read.children(MILESTONE, goal.id), &read.children(PROGRESS, goal.id))
}

fn pain_plan(read: &Read<'_>, plan: &Record<'_>) -> super::PainPlan {
    let lines = [PAIN_LINE, INTERVENTION].into_iter().flat_map(|kind| read.children(kind, plan.id));
    from_profile::pain_plan(plan, lines.filter_map(|line| line.changed()).max())
}

/// What became of a medicine's dose, by the worst reading: a dose written after the line was made was raised.
fn changes(line: &Record<'_>) -> Vec<(Day, LineChange)> {
    let made = line.created.map(Instant::day);
    let written = |field: u32| line.written(field).known().copied().collect::<Vec<Day>>();
    let doses = [3, 5].into_iter().flat_map(written).filter(|day| Some(*day) > made);
    let mut all: Vec<(Day, LineChange)> = doses.map(|day| (day, LineChange::Increased)).collect();
    let stopped = line.live(6, |m: care::MedicineLine| {
        care::MedicineStatus::try_from(m.status?).ok().map(|status| status == care::MedicineStatus::Stopped)
    });
    if stopped.known().any(|stopped| *stopped) {
        all.extend(written(6).into_iter().map(|day| (day, LineChange::Stopped)));
    }
    all
}

/// What an intake may name.
pub(super) fn lines(facts: &Facts, plans: &Plans) -> Lines {
    let mut lines = Lines::default();
    facts.supplements.iter().for_each(|line| lines.supplement(line));
    facts.medicines.iter().for_each(|line| lines.medicine(line));
    facts.bone_plans.iter().for_each(|plan| lines.bone_plan(plan));
    for ((record, _), owned) in plans {
        match owned.type_number {
            PAIN => lines.pain(*record, true),
            PAIN_LINE => lines.pain(*record, false),
            _ => {}
        }
    }
    lines
}

/// When each monitoring item was done last: the days of the results that were linked to it. What is not linked does not
/// count: which result answers an item is said by a person.
pub(super) fn done(facts: &mut Facts, plans: &Plans, offset_min: i32) {
    if !plans.values().any(|owned| owned.type_number == MONITORING) {
        facts.monitoring.clear();
        return;
    }
    let read = Read { plans, offset_min };
    let mut links: BTreeMap<Vec<u8>, Vec<RecordId>> = BTreeMap::new();
    for link in read.of(MONITORING_RESULT) {
        let parent = link.live(1, |m: care::MonitoringResult| m.parent.map(|id| id.to_vec()));
        let result =
            link.live(3, |m: care::MonitoringResult| Some(RecordId(m.result_ref.as_ref()?.as_ref().try_into().ok()?)));
        for parent in parent.known() {
            links.entry(parent.clone()).or_default().extend(result.known().copied());
        }
    }
    let items = read.of(MONITORING);
    let made = items.iter().map(|item| {
        let results = links.get(item.id.0.0.as_slice()).map_or(&[][..], Vec::as_slice);
        from_profile::monitoring(item, results.iter().filter_map(|result| day_of(facts, *result)))
    });
    let made: Vec<_> = made.collect();
    facts.monitoring = made;
}

/// The day on which a linked result was taken.
fn day_of(facts: &Facts, result: RecordId) -> Option<Day> {
    fn at<T>(list: &[Entry<T>], id: Id) -> Option<&Live<Instant>> {
        let at = list.binary_search_by_key(&id, |entry| entry.id).ok()?;
        list.get(at).map(|entry| &entry.at)
    }
    let id = Id(result);
    let found = at(&facts.labs, id).or_else(|| at(&facts.tests, id)).or_else(|| at(&facts.visits, id));
    let found = found.or_else(|| at(&facts.weights, id)).or_else(|| at(&facts.mouths, id));
    found?.known().max().map(|at| at.day())
}
