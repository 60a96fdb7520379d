//! Runs triggers over [`Facts`]. Pure: the clock, the zone (as an offset) and the clinic's settings are arguments; the
//! same inputs give the same outcome on phone and server, in whatever order they came.

use std::collections::BTreeSet;

use osteon_sync_core::RecordId;

use super::{
    changed::Changed,
    index::Index,
    inputs::{Input, InputSet},
    outcome::{Evaluation, Fires, Found, Key, Severity, Subject},
    render::placeholders,
    ruleset::{Rule, RuleSet},
    settings::Settings,
    topics,
    truth::Truth,
    versions::{MAX_COMBINATIONS, Versions},
};
use crate::facts::{Day, Entry, Facts, Instant};

/// A typed trigger of one rule.
pub(super) type Trigger = fn(&mut Cx<'_>);

/// What a trigger runs on.
pub(super) struct Cx<'a> {
    pub(super) facts: &'a Facts,
    /// The time, with the offset of the person's clock.
    pub(super) now: Instant,
    pub(super) settings: &'a Settings,
    pub(super) set: &'a RuleSet,
    rule: &'a Rule,
    pub(super) changed: Option<&'a Changed>,
    pub(super) index: &'a Index<'a>,
    out: Evaluation,
}

/// All rules of a set, or those of `only`.
pub fn evaluate(
    set: &RuleSet,
    only: Option<&[&str]>,
    facts: &Facts,
    now: Instant,
    settings: &Settings,
) -> Vec<Evaluation> {
    run(set, &set.places(only), None, facts, now, settings, &|| true).unwrap_or_default()
}

/// The rules took longer than they may.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Overrun;

/// All rules, for as long as `go_on` says so: asked before each rule.
pub fn evaluate_within(
    set: &RuleSet,
    facts: &Facts,
    now: Instant,
    settings: &Settings,
    go_on: &dyn Fn() -> bool,
) -> Result<Vec<Evaluation>, Overrun> {
    run(set, &set.places(None), None, facts, now, settings, go_on)
}

/// The same of these rules alone.
pub fn evaluate_only_within(
    set: &RuleSet,
    only: &[&str],
    facts: &Facts,
    now: Instant,
    settings: &Settings,
    go_on: &dyn Fn() -> bool,
) -> Result<Vec<Evaluation>, Overrun> {
    run(set, &set.places(Some(only)), None, facts, now, settings, go_on)
}

/// The rules that changes of these record types concern, on what is near the changed entries. Where a plan changed, all
/// that the rules read is looked at again. What a rule says of older entries is not said again: [`evaluate`] says it.
pub fn evaluate_changed(
    set: &RuleSet,
    records: &[&str],
    changed: &Changed,
    facts: &Facts,
    now: Instant,
    settings: &Settings,
) -> Vec<Evaluation> {
    evaluate_changed_within(set, records, changed, facts, now, settings, &|| true).unwrap_or_default()
}

/// The same, for as long as `go_on` says so: asked before each rule.
pub fn evaluate_changed_within(
    set: &RuleSet,
    records: &[&str],
    changed: &Changed,
    facts: &Facts,
    now: Instant,
    settings: &Settings,
    go_on: &dyn Fn() -> bool,
) -> Result<Vec<Evaluation>, Overrun> {
    let only = records.iter().flat_map(|record| set.concerned(record).iter().copied()).collect();
    let journal = records.iter().all(|record| record.starts_with('J'));
    run(set, &only, journal.then_some(changed), facts, now, settings, go_on)
}

fn run(
    set: &RuleSet,
    places: &BTreeSet<usize>,
    changed: Option<&Changed>,
    facts: &Facts,
    now: Instant,
    settings: &Settings,
    go_on: &dyn Fn() -> bool,
) -> Result<Vec<Evaluation>, Overrun> {
    let index = Index::new(facts, changed);
    let mut all = Vec::with_capacity(places.len());
    for (rule, id, trigger) in set.linked(places.iter().copied()) {
        if !go_on() {
            return Err(Overrun);
        }
        let mut cx = Cx { facts, now, settings, set, rule, changed, index: &index, out: Evaluation::new(id) };
        trigger(&mut cx);
        all.push(cx.out);
    }
    topics::after::late_arrivals(set, &mut all);
    topics::after::comfort(facts, &mut all);
    Ok(all)
}

impl<'a> Cx<'a> {
    pub(super) fn today(&self) -> Day {
        self.now.day()
    }

    pub(super) fn threshold(&self, name: &str) -> i64 {
        self.settings.threshold(self.set, name)
    }

    /// Runs a trigger on one subject, for every combination of live versions that it reads.
    pub(super) fn judge(&mut self, subject: impl Into<Subject>, run: impl Fn(&Cx<'a>, &Versions) -> Found) {
        let subject = subject.into();
        let versions = Versions::default();
        let mut left = MAX_COMBINATIONS;
        loop {
            versions.begin();
            let found = run(self, &versions);
            self.take(subject, found, versions.all_reads());
            left -= 1;
            if !versions.next() {
                break;
            }
            if left == 0 {
                self.cannot(subject, Input::Combinations.into());
                break;
            }
        }
        if versions.too_many() {
            self.cannot(subject, Input::Combinations.into());
        }
        self.out.reads = self.out.reads.union(versions.all_reads());
    }

    /// Runs a trigger on an entry, whose times the alert carries.
    pub(super) fn judge_on<T>(&mut self, entry: &Entry<T>, run: impl Fn(&Cx<'a>, &Versions) -> Found) {
        let received = entry.received;
        self.judge(entry.id, |cx, v| {
            let mut found = run(cx, v);
            let at = v.at(entry);
            let is_emergency = found.finding.as_ref().is_some_and(|one| one.severity == Some(Severity::Emergency));
            if !is_emergency && at.is_some_and(|at| cx.has_passed(at)) {
                return Found::no();
            }
            if let Some(finding) = &mut found.finding {
                finding.happened = at.map(|at| (at, received));
            }
            found
        });
    }

    /// Whether the rule says "call today" of what passes by itself, and this was too long ago.
    fn has_passed(&self, at: Instant) -> bool {
        topics::PASSING.contains(&self.out.rule) && self.today().since(at.day()) > topics::PASSED_D
    }

    fn cannot(&mut self, subject: Subject, missing: InputSet) {
        let all = self.out.cannot_tell.entry(subject).or_default();
        *all = all.union(missing);
    }

    fn take(&mut self, subject: Subject, found: Found, inputs: InputSet) {
        if !found.missing.is_empty() {
            self.cannot(subject, found.missing);
        }
        let Some(finding) = found.finding else { return };
        let own: Option<RecordId> = match subject {
            Subject::Record(id) => Some(id),
            Subject::Person => None,
        };
        let subject = if finding.of_person { Subject::Person } else { subject };
        let severity = finding.severity.or(self.rule.severity()).unwrap_or(Severity::Info);
        let behind = finding.behind.into_iter().chain(own);
        let rank = (severity, finding.happened.map(|(at, _)| at));
        let key = Key { rule: self.out.rule, subject, discriminator: finding.mark.into_owned() };
        // The worst is said, and of the equally bad the newest; it rests on all of them.
        let known = self.out.fires.get_mut(&key);
        let mut all = match known {
            Some(before) if rank <= (before.severity, before.happened.map(|(at, _)| at)) => {
                before.behind.extend(behind);
                return;
            }
            Some(before) => std::mem::take(&mut before.behind),
            None => BTreeSet::new(),
        };
        all.extend(behind);
        let fires = Fires {
            key: key.clone(),
            severity,
            fill: finding.fill.into_iter().chain(self.cuts()).collect(),
            notes: finding.notes.into_iter().collect(),
            behind: all,
            inputs,
            happened: finding.happened,
            muted: false,
            route: None,
            partial: finding.of_person && self.changed.is_some(),
        };
        self.out.fires.insert(key, fires);
    }

    /// The thresholds that the texts of the rule name, as they are in force: an alert keeps what it was raised under.
    fn cuts(&self) -> impl Iterator<Item = (&'static str, String)> + use<'a> {
        let (rule, set, settings) = (self.rule, self.set, self.settings);
        let named = |name: &&&str| {
            let mut all = placeholders(&rule.patient_text).chain(placeholders(&rule.clinician_reason));
            all.any(|placeholder| placeholder == **name)
        };
        let cuts = topics::THRESHOLDS.iter().filter(named);
        let cuts: Vec<_> = cuts.filter_map(|name| Some((*name, settings.said(set, name)?))).collect();
        cuts.into_iter()
    }

    /// Nothing of the kind was found: "no", unless some of the circle is still to come.
    pub(super) fn none_found(&self) -> Truth {
        if self.facts.house.incomplete { Truth::Unknown(Input::Complete.into()) } else { Truth::No }
    }

    /// Days since an entry; None: its time is not known.
    pub(super) fn days_ago<T>(&self, v: &Versions, entry: &Entry<T>) -> Option<i32> {
        v.at(entry).map(|at| self.today().since(at.day()))
    }

    /// Did it happen on one of the last days, today and the one `days` ago included?
    pub(super) fn within<T>(&self, v: &Versions, entry: &Entry<T>, days: i32) -> Truth {
        match self.days_ago(v, entry) {
            Some(ago) => (ago <= days).into(),
            None => Truth::Unknown(Input::EffectiveStart.into()),
        }
    }
}

/// Entries that rules read: those in their hard range.
pub(super) fn in_range<T>(entries: &[Entry<T>]) -> impl DoubleEndedIterator<Item = &Entry<T>> {
    entries.iter().filter(|entry| !entry.out_of_range)
}
