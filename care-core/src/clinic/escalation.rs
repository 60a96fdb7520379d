//! Who is told next of an alert that nobody has acknowledged, and when. Care specification, 6.1.5.

use std::collections::{BTreeMap, BTreeSet};

use super::{Clinic, Zone};
use crate::{
    facts::{DAY_MS, MINUTE_MS, Role},
    rules::Severity,
};

/// Turns of one alert that are worked out.
pub const MAX_TURNS: usize = 32;
/// So often an alert goes on after the last in line was told: everybody of the line is told again.
const ROUNDS: u32 = 8;

/// After how long.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum After {
    Minutes(u32),
    WorkingMinutes(u32),
    WorkingDays(u32),
}

/// To whom.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum To {
    /// Whoever is on call, one after the other; of this role, if there is one.
    OnCall(Option<Role>),
    Member(u64),
}

/// One step. Of a step in dispute the shorter time stands, and everybody who is named is told.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Step {
    pub after: After,
    pub to: BTreeSet<To>,
}

/// Steps by severity, in their order. A severity for which a clinic sets none has the specification's.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Escalation(pub BTreeMap<Severity, Vec<Step>>);

/// The people of one turn, and when they are told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Turn {
    /// Counted from 1, over all steps.
    pub turn: u32,
    /// Milliseconds since 1970 UTC.
    pub due_ms: i64,
    /// Never empty but where the clinic has nobody of the role.
    pub accounts: Vec<u64>,
}

/// The turns of one alert, in the order of time.
pub type Line = Vec<Turn>;

/// Who can be told: the members of the circle. Whoever is none may not know that it exists. None: not known, everybody.
pub type Among<'a> = Option<&'a BTreeSet<u64>>;

/// An emergency that nobody has seen goes on after so many minutes at the latest, whatever a clinic sets (ours; to be signed,
/// 8.1). A step that is set to more is taken as the specification's: whoever set it meant no emergency.
pub const EMERGENCY_MAX_MIN: u32 = 60;
/// What the specification has (6.1.5; to be signed, 8.1).
pub const EMERGENCY_MIN: u32 = 15;
/// No alert waits longer for working time, however little of it a clinic sets: two weeks (ours; to be signed, 8.1).
pub const WORKING_MAX_MS: i64 = 14 * DAY_MS;

/// The longest times of what is urgent and of what is soon: by the clock, in working minutes, in working days (ours; to be signed,
/// 8.1). A step that is set to more is taken as the specification's, as one of an emergency is.
const URGENT_MAX: (u32, u32, u32) = (24 * 60, 8 * 60, 1);
const SOON_MAX: (u32, u32, u32) = (7 * 24 * 60, 5 * 8 * 60, 5);

fn is_too_long(severity: Severity, after: After) -> bool {
    let (clock, working, days) = match severity {
        Severity::Emergency => (EMERGENCY_MAX_MIN, EMERGENCY_MAX_MIN, 0),
        Severity::Urgent => URGENT_MAX,
        Severity::Soon => SOON_MAX,
        Severity::Info => return false,
    };
    match after {
        After::Minutes(minutes) => minutes > clock,
        After::WorkingMinutes(minutes) => minutes > working,
        After::WorkingDays(n) => n > days,
    }
}

fn safe(severity: Severity, step: &Step, is_staff: &dyn Fn(u64) -> bool) -> Option<Step> {
    let cares = |to: &To| match to {
        To::Member(account) => is_staff(*account),
        To::OnCall(None) => true,
        To::OnCall(Some(role)) => {
            matches!(role, Role::Nurse | Role::Physician | Role::Physiotherapist | Role::Dietitian)
        }
    };
    let to: BTreeSet<To> = step.to.iter().copied().filter(cares).collect();
    let usual = Escalation::by_default(severity).filter(|_| is_too_long(severity, step.after));
    let after = match (severity, usual, step.after) {
        (_, Some(usual), _) => usual.after,
        (Severity::Emergency, None, After::WorkingMinutes(minutes)) => After::Minutes(minutes),
        (_, None, after) => after,
    };
    (!to.is_empty()).then_some(Step { after, to })
}

impl Escalation {
    /// What holds where the clinic sets nothing. (Times: care specification, 6.1.5; to be signed, 8.1.)
    pub fn by_default(severity: Severity) -> Option<Step> {
        let (after, role) = match severity {
            Severity::Emergency => (After::Minutes(EMERGENCY_MIN), Role::Physician),
            Severity::Urgent => (After::WorkingMinutes(4 * 60), Role::Nurse),
            Severity::Soon => (After::WorkingDays(2), Role::Nurse),
            Severity::Info => return None,
        };
        Some(Step { after, to: BTreeSet::from([To::OnCall(Some(role))]) })
    }

    /// Steps that are set to a longer time than their severity bears, and do not hold.
    pub fn too_long(&self) -> impl Iterator<Item = (Severity, After)> {
        let of = |(severity, steps): (&Severity, &Vec<Step>)| -> Vec<(Severity, After)> {
            let all = steps.iter().map(|step| (*severity, step.after));
            all.filter(|(severity, after)| is_too_long(*severity, *after)).collect()
        };
        self.0.iter().flat_map(of)
    }
}

impl Clinic {
    /// What a clinic sets, as far as it is safe: an alert goes on to people who care for the person, and an emergency waits
    /// for nobody longer than [`EMERGENCY_MAX_MIN`], at whatever hour. A time that is longer than its severity bears is the
    /// specification's. A step that names nobody else, or nobody of the clinic, is as if not set.
    pub fn steps(&self, severity: Severity) -> Vec<Step> {
        let set = self.escalation.0.get(&severity).into_iter().flatten();
        let steps: Vec<Step> =
            set.filter_map(|step| safe(severity, step, &|account| self.may_be_staff(account))).collect();
        if steps.is_empty() { Escalation::by_default(severity).into_iter().collect() } else { steps }
    }

    /// Steps that name nobody to whom an alert may go: severity, and which of its steps, from 1.
    pub fn steps_to_nobody(&self) -> impl Iterator<Item = (Severity, usize)> {
        let of = |(severity, steps): (&Severity, &Vec<Step>)| -> Vec<(Severity, usize)> {
            let nobody = |step: &Step| safe(*severity, step, &|account| self.may_be_staff(account)).is_none();
            steps.iter().enumerate().filter(|(_, step)| nobody(step)).map(|(at, _)| (*severity, at + 1)).collect()
        };
        self.escalation.0.iter().flat_map(of)
    }

    /// Where it is not known who is of the clinic (a phone does not), nobody is left out.
    fn may_be_staff(&self, account: u64) -> bool {
        self.staff.is_empty() || self.staff.contains_key(&account)
    }

    /// When a time is over that began at an instant. Working time is over after [`WORKING_MAX_MS`] at the latest.
    pub fn due_ms(&self, zone: &impl Zone, from_ms: i64, after: After) -> i64 {
        let worked = match after {
            After::Minutes(minutes) => return from_ms.saturating_add(i64::from(minutes) * MINUTE_MS),
            After::WorkingMinutes(minutes) => self.hours.after_minutes(zone, from_ms, minutes).at_ms,
            After::WorkingDays(days) => self.hours.after_days(zone, from_ms, days).at_ms,
        };
        worked.min(from_ms.saturating_add(WORKING_MAX_MS))
    }

    /// Whoever is told at an instant, in the order in which they are called, of those who can be told. Nobody on call of the
    /// role: everybody on call; nobody on call at all: everybody of the clinic in the role, or else every nurse and physician,
    /// at once.
    fn called(&self, zone: &impl Zone, to: To, at_ms: i64, among: Among<'_>) -> (Vec<u64>, bool) {
        let reached = |account: &u64| among.is_none_or(|members| members.contains(account));
        let role = match to {
            To::Member(account) => return (Some(account).filter(reached).into_iter().collect(), true),
            To::OnCall(role) => role,
        };
        let has = |account: &u64| role.is_none_or(|role| self.staff.get(account) == Some(&role));
        let on_call: Vec<u64> = self.on_call.at(zone, at_ms).iter().copied().filter(reached).collect();
        let of_role: Vec<u64> = on_call.iter().copied().filter(has).collect();
        if !of_role.is_empty() {
            return (of_role, true);
        }
        if !on_call.is_empty() {
            return (on_call, true);
        }
        let of = |wanted: &dyn Fn(Role) -> bool| -> Vec<u64> {
            let staff = self.staff.iter().filter(|(account, role)| reached(account) && wanted(**role));
            staff.map(|(account, _)| *account).collect()
        };
        let everybody = of(&|one| role.is_none_or(|role| role == one));
        let clinicians = || of(&|one| matches!(one, Role::Nurse | Role::Physician));
        (if everybody.is_empty() || role.is_none() { clinicians() } else { everybody }, false)
    }

    /// Who is told when of an alert that was raised at an instant, for as long as nobody acknowledges it. People of an
    /// on-call list are called one after the other, each after the time of the step.
    pub fn line(&self, zone: &impl Zone, severity: Severity, raised_ms: i64, among: Among<'_>) -> Line {
        let mut line: Line = Vec::new();
        let steps = self.steps(severity);
        for step in &steps {
            let first_ms = self.due_ms(zone, raised_ms, step.after);
            let mut due_ms = line.last().map_or(first_ms, |turn| turn.due_ms.max(first_ms));
            let mut told: BTreeSet<u64> = line.iter().flat_map(|turn| turn.accounts.iter().copied()).collect();
            for place in 0..MAX_TURNS {
                let mut accounts: BTreeSet<u64> = BTreeSet::new();
                for to in &step.to {
                    let (called, ordered) = self.called(zone, *to, due_ms, among);
                    match (ordered, place) {
                        (true, _) => accounts.extend(called.iter().find(|account| !told.contains(account))),
                        (false, 0) => accounts.extend(called),
                        (false, _) => {}
                    }
                }
                if accounts.is_empty() && place > 0 {
                    break;
                }
                if accounts.is_empty() {
                    // Everybody of this step was told before: they are told again.
                    accounts.extend(step.to.iter().flat_map(|to| self.called(zone, *to, due_ms, among).0));
                }
                if accounts.is_empty() {
                    // Nobody whom the step names can be told: whom the specification names.
                    let usual = Escalation::by_default(severity).into_iter().flat_map(|step| step.to);
                    accounts.extend(usual.flat_map(|to| self.called(zone, to, due_ms, among).0));
                }
                told.extend(&accounts);
                let turn = u32::try_from(line.len() + 1).unwrap_or(u32::MAX);
                line.push(Turn { turn, due_ms, accounts: accounts.into_iter().collect() });
                if line.len() >= MAX_TURNS {
                    return line;
                }
                due_ms = self.due_ms(zone, due_ms, step.after);
            }
        }
        line
    }

    /// The turn that comes next of an alert that went on `step` times since it was raised, the last time at `told_ms`.
    /// After the last in line, all of them are told again, each time after the time of the first step, until they were told
    /// so [`ROUNDS`] times. Whoever was told late (the server was off) has their time all the same. None: it goes on no more.
    pub fn turn(
        &self,
        zone: &impl Zone,
        severity: Severity,
        (raised_ms, told_ms): (i64, i64),
        step: u32,
        among: Among<'_>,
    ) -> Option<Turn> {
        let mut turn = self.turn_of(zone, severity, raised_ms, step, among)?;
        if step > 0 {
            let wait = self.steps(severity).first()?.after;
            turn.due_ms = turn.due_ms.max(self.due_ms(zone, told_ms, wait));
        }
        Some(turn)
    }

    /// The people of a turn without those whom somebody asked to see to the alert and who did not: they know of it. Where
    /// that leaves nobody, the next of the line who was not asked; where there is nobody else, the turn as it is.
    pub fn others(
        &self,
        zone: &impl Zone,
        severity: Severity,
        raised_ms: i64,
        turn: &Turn,
        asked: &BTreeSet<u64>,
        among: Among<'_>,
    ) -> Vec<u64> {
        let without = |turn: &Turn| -> Option<Vec<u64>> {
            let others: Vec<u64> = turn.accounts.iter().copied().filter(|account| !asked.contains(account)).collect();
            (!others.is_empty()).then_some(others)
        };
        let next = || {
            let line = self.line(zone, severity, raised_ms, among);
            line.iter().filter(|one| one.turn > turn.turn).find_map(without)
        };
        without(turn).or_else(next).unwrap_or_else(|| turn.accounts.clone())
    }

    fn turn_of(
        &self,
        zone: &impl Zone,
        severity: Severity,
        raised_ms: i64,
        step: u32,
        among: Among<'_>,
    ) -> Option<Turn> {
        let line = self.line(zone, severity, raised_ms, among);
        let index = usize::try_from(step).ok()?;
        if let Some(turn) = line.get(index) {
            return Some(turn.clone());
        }
        let last = line.last()?;
        let round = index - line.len();
        if round >= ROUNDS as usize {
            return None;
        }
        let wait = self.steps(severity).first()?.after;
        let due_ms = (0..=round).fold(last.due_ms, |from_ms, _| self.due_ms(zone, from_ms, wait));
        let accounts: BTreeSet<u64> = line.iter().flat_map(|turn| turn.accounts.iter().copied()).collect();
        Some(Turn { turn: step + 1, due_ms, accounts: accounts.into_iter().collect() })
    }
}
