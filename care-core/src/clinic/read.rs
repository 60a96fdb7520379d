//! From the merged records of a clinic's circle to its settings.

use std::collections::{BTreeMap, BTreeSet};

use osteon_proto::{care, table::table};
use prost::Message;

use super::{After, Clinic, Escalation, Hours, Ignored, Lines, OnCall, SetThreshold, Step, Team, To, hours::DAY_MIN};
use crate::{
    convert::calcium_mmol,
    exact::Exact,
    facts::{
        Analyte, Day, Role, Set,
        from_codes::analyte,
        gather::{self, Merged},
        record::{Record, text},
    },
    rules::{Settings, Severity},
};

/// Type numbers of the contracts.
const SETTINGS: u32 = 461;
const TEAM: u32 = 462;
const ON_CALL: u32 = 463;
const ESCALATION: u32 = 464;
const LAB_LIMIT: u32 = 465;
const THRESHOLD: u32 = 466;

/// A merged record of the clinic's circle that was not ended.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Setting<'a> {
    pub type_number: u32,
    pub record: Record<'a>,
    /// The value in force of a field, where it has one: of a disputed field what was last agreed.
    pub in_force: BTreeMap<u32, &'a [u8]>,
}

impl Setting<'_> {
    fn in_force<M: Message + Default, T>(&self, field: u32, get: impl Fn(M) -> Option<T>) -> Option<T> {
        if self.record.out_of_range.contains(&field) {
            return None;
        }
        M::decode(*self.in_force.get(&field)?).ok().and_then(get)
    }
}

/// What rules read, and the rest. Records in any order.
pub fn read(records: &[Setting<'_>]) -> (Settings, Clinic) {
    let (mut settings, mut clinic) = (Settings::default(), Clinic::default());
    let mut sorted: Vec<&Setting<'_>> = records.iter().collect();
    sorted.sort_by_key(|one| (one.type_number, one.record.id));
    let mut steps = BTreeMap::new();
    for one in sorted {
        match one.type_number {
            SETTINGS => of_clinic(one, &mut settings, &mut clinic),
            TEAM => clinic.teams.extend(team(one)),
            ON_CALL => on_call(&one.record, &mut clinic.on_call),
            ESCALATION => steps.extend(step(&one.record)),
            LAB_LIMIT => clinic.without_effect.extend(lab_limit(&one.record, &mut settings)),
            THRESHOLD => threshold(one, &mut settings, &mut clinic),
            _ => {}
        }
    }
    if settings.physio.is_empty() {
        settings.physio.clone_from(&settings.team_line);
    }
    for ((severity, _), step) in steps {
        clinic.escalation.0.entry(severity).or_insert_with(Vec::new).push(step);
    }
    (settings, clinic)
}

/// The numbers to call that a care circle names, as it was merged; none where it is gone.
pub fn lines_of_part(merged: Merged<'_>) -> Lines {
    let live = merged.part.filter(|part| gather::is_there(part));
    let record =
        live.zip(table().get(merged.type_number)).map(|(part, known)| gather::record(known, merged, [part], 0));
    record.as_ref().map(lines_of).unwrap_or_default()
}

/// The numbers to call that stand in a record of P-CIRCLE.
pub fn lines_of(record: &Record<'_>) -> Lines {
    type M = care::CareCircle;
    Lines {
        emergency: all(record, 1, |m: M| text(m.emergency_line)),
        team: all(record, 2, |m: M| text(m.team_line)),
        crisis: all(record, 3, |m: M| text(m.crisis_line)),
        physio: Vec::new(),
    }
}

fn all<M: Message + Default, T: Ord + Clone>(record: &Record<'_>, field: u32, get: impl Fn(M) -> Option<T>) -> Vec<T> {
    record.live(field, get).known().cloned().collect()
}

fn of_clinic(one: &Setting<'_>, settings: &mut Settings, clinic: &mut Clinic) {
    type M = care::ClinicSettings;
    let record = &one.record;
    settings.emergency_line = all(record, 1, |m: M| text(m.emergency_line));
    settings.team_line = all(record, 2, |m: M| text(m.team_line));
    settings.crisis_line = all(record, 3, |m: M| text(m.crisis_line));
    settings.physio = all(record, 10, |m: M| text(m.physio_line));
    clinic.languages = record.live(4, |m: M| Some(m.languages)).known().flatten().cloned().collect();
    clinic.zone = one.in_force(5, |m: M| text(m.time_zone));
    // The smaller change counts as one: more is said.
    let least = record.live(6, |m: M| m.dxa_least_significant_change).known().min().copied();
    if let Some(least) = least {
        let bones = [Analyte::BmdLumbar, Analyte::BmdHip, Analyte::BmdFemur];
        settings.least_change = bones.into_iter().map(|bone| (bone, i64::from(least))).collect();
    }
    clinic.hours = hours(record);
    clinic.without_effect.extend(hours_of_no_day(record));
    let watched = record.live(9, |m: M| m.monitored_round_the_clock);
    clinic.monitored_round_the_clock = !watched.has_unknown() && watched.known().all(|watched| *watched);
}

/// Open where one live version says so, closed for a holiday where all do: time counts sooner.
fn hours(record: &Record<'_>) -> Hours {
    type M = care::ClinicSettings;
    let open = record.live(7, |m: M| Some(m.working_hours.iter().filter_map(span).collect::<Vec<_>>()));
    let closed = record.live(8, |m: M| Some(m.holidays.iter().filter_map(|day| Day::parse(day)).collect()));
    let unknown = closed.has_unknown();
    let mut each = closed.known();
    let first: BTreeSet<Day> = each.next().filter(|_| !unknown).cloned().unwrap_or_default();
    let holidays = each.fold(first, |so_far, one: &BTreeSet<Day>| so_far.intersection(one).copied().collect());
    Hours::new(open.known().flatten().copied(), holidays)
}

fn span(open: &care::OpenHours) -> Option<(u8, u16, u16)> {
    let weekday = u8::try_from(open.weekday?).ok()?;
    Some((weekday, u16::try_from(open.from_min?).ok()?, u16::try_from(open.to_min?).ok()?))
}

/// Hours of a live version that open nothing.
fn hours_of_no_day(record: &Record<'_>) -> Vec<Ignored> {
    type M = care::ClinicSettings;
    let opens = |open: &care::OpenHours| {
        let (weekday, from, to) = (open.weekday?, open.from_min?, open.to_min?);
        ((1..=7).contains(&weekday) && from < to && from < u32::from(DAY_MIN)).then_some(())
    };
    let chunks = record.versions(7).iter().filter_map(|version| version.chunk);
    let all = chunks.filter_map(|chunk| M::decode(chunk).ok()).flat_map(|set| set.working_hours);
    let none = all.filter(|open| opens(open).is_none());
    none.map(|open| Ignored::Hours { weekday: open.weekday, from_min: open.from_min, to_min: open.to_min }).collect()
}

fn team(one: &Setting<'_>) -> Option<Team> {
    type M = care::ClinicTeam;
    let name = one.in_force(2, |m: M| text(m.name))?;
    let members: Set<u64> = one.record.set(3, |m: M| m.members.into_iter().map(Some).collect());
    Some(Team { name, members: members.known.into_iter().collect() })
}

fn constant<M: Message + Default, T: Ord + Copy>(
    record: &Record<'_>,
    field: u32,
    get: impl Fn(M) -> Option<T>,
) -> Option<T> {
    record.live(field, get).known().next().copied()
}

/// Of lists in dispute everybody is called: the list that was written first before the others.
fn on_call(record: &Record<'_>, on_call: &mut OnCall) {
    type M = care::OnCall;
    let weekday = constant(record, 2, |m: M| m.weekday).and_then(|n| u8::try_from(n).ok());
    // Midnight is hour 0, which an encoder may leave out.
    let hour = constant(record, 3, |m: M| m.hour).and_then(|n| u8::try_from(n).ok());
    let (Some(weekday), Some(hour)) = (weekday, hour) else { return };
    let mut versions: Vec<_> = record.versions(4).iter().collect();
    versions.sort_by_key(|version| (version.written, version.chunk));
    let list = on_call.0.entry((weekday, hour)).or_default();
    for account in versions.iter().filter_map(|v| M::decode(v.chunk?).ok()).flat_map(|m| m.members) {
        if !list.contains(&account) {
            list.push(account);
        }
    }
}

fn step(record: &Record<'_>) -> Option<((Severity, u32), Step)> {
    type M = care::EscalationStep;
    let severity = constant(record, 2, |m: M| m.severity).and_then(severity)?;
    let number = constant(record, 3, |m: M| m.step)?;
    let minutes = record.live(4, |m: M| m.minutes).known().min().copied()?;
    let working = record.live(5, |m: M| m.working_time);
    let counts_working = !working.has_unknown() && working.known().all(|working| *working);
    let after = if counts_working { After::WorkingMinutes(minutes) } else { After::Minutes(minutes) };
    let roles = record.live(6, |m: M| m.to_role.and_then(role));
    let members = record.live(7, |m: M| m.to_member);
    let mut to: BTreeSet<To> = members.known().map(|account| To::Member(*account)).collect();
    to.extend(roles.known().map(|role| To::OnCall(Some(*role))));
    // Whoever names nobody means those on call; whoever names a patient, or a role that is not known, has named somebody.
    if roles.is_missing() && members.is_missing() {
        to.insert(To::OnCall(None));
    }
    Some(((severity, number), Step { after, to }))
}

/// Of the contract's number.
pub(super) fn severity(number: i32) -> Option<Severity> {
    match care::AlertSeverity::try_from(number).ok()? {
        care::AlertSeverity::Unspecified => None,
        care::AlertSeverity::Info => Some(Severity::Info),
        care::AlertSeverity::Soon => Some(Severity::Soon),
        care::AlertSeverity::Urgent => Some(Severity::Urgent),
        care::AlertSeverity::Emergency => Some(Severity::Emergency),
    }
}

fn role(number: i32) -> Option<Role> {
    use osteon_proto::meta::Role as Number;
    match Number::try_from(number).ok()? {
        Number::Dietitian => Some(Role::Dietitian),
        Number::Physiotherapist => Some(Role::Physiotherapist),
        Number::Physician => Some(Role::Physician),
        Number::Nurse => Some(Role::Nurse),
        Number::ClinicAdmin => Some(Role::Admin),
        _ => None,
    }
}

/// Of limits in dispute the higher lower one and the lower upper one: more is out of range. A limit in a unit that is not
/// known, or whose unit is in dispute, is none, and so are limits of which the lower one lies over the upper one (an upper limit
/// of 2.0 mmol/L would make a low calcium a high one, and say so to a patient); `Some`: what of it has no effect.
fn lab_limit(record: &Record<'_>, settings: &mut Settings) -> Option<Ignored> {
    type M = care::LabLimit;
    let named = record.live(2, |m: M| text(m.analyte)).known().next().cloned();
    let none = |why| Some(Ignored::Limit { analyte: named.clone().unwrap_or_else(|| "nothing".to_owned()), why });
    let code = named.as_deref().and_then(|code| analyte(code).or_else(|| Analyte::from_code(code)));
    if code != Some(Analyte::CalciumAdjusted) {
        return none("no rule reads a clinic's limits of it");
    }
    let unit = record.live(3, |m: M| text(m.unit));
    let units: Vec<&String> = unit.known().collect();
    let ([unit], false) = (units.as_slice(), unit.has_unknown()) else {
        return none("its unit is missing or in dispute");
    };
    let (lows, highs) = (record.live(4, |m: M| m.low), record.live(5, |m: M| m.high));
    let low = lows.known().max().and_then(|low| calcium(*low, unit));
    let high = highs.known().min().and_then(|high| calcium(*high, unit));
    if low.is_none() && high.is_none() {
        return none("no limit in mmol/L or mg/dL");
    }
    let taken = settings.with_calcium_limits(low, high);
    if taken { None } else { none("its lower limit lies over the upper one") }
}

/// Ten-thousandths of the unit as written, in ten-thousandths of mmol/L.
fn calcium(value: i32, unit: &str) -> Option<i64> {
    const SCALE: u32 = 4;
    let value = i64::from(value);
    match unit {
        "mmol/L" => Some(value),
        "mg/dL" => i64::try_from(calcium_mmol(Exact::scaled(value, SCALE)?)?.rounded(SCALE)?).ok(),
        _ => None,
    }
}

/// By the threshold's name, in its unit.
fn threshold(one: &Setting<'_>, settings: &mut Settings, clinic: &mut Clinic) {
    type M = care::RuleThreshold;
    let first = |field, get: fn(M) -> Option<String>| one.record.live(field, get).known().next().cloned();
    if one.in_force(5, |m: M| m.on) == Some(false) {
        clinic.without_effect.extend(first(2, |m| text(m.rule)).map(|rule| Ignored::Off { rule }));
    }
    let Some((name, value)) = first(3, |m| text(m.name)).zip(one.in_force(4, |m: M| m.value)) else { return };
    let set = SetThreshold { name, thousandths: i64::from(value) };
    settings.thresholds.extend(set.value().map(|value| (set.name.clone(), value)));
    clinic.thresholds.push(set);
}

impl Escalation {
    /// Whether the clinic sets steps of its own.
    pub fn is_set(&self) -> bool {
        self.0.values().any(|steps| !steps.is_empty())
    }
}
