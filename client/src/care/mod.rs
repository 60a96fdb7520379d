//! The rules on the phone: the same as on the server, over what this phone holds and its owner may see, with or without a
//! network.
//!
//! [`Phone::after_save`] says what a save brought up, [`Phone::findings`] what is open now. Both are made anew from the
//! phone's records each time: nothing that could go stale is kept. Rules on what only the server knows (who has seen an
//! alert, whose device is behind, open reviews) run there and come as alerts ([`alerts`]).

pub mod alerts;
pub mod engine;
mod lines;
pub mod targets;
pub mod tasks;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use osteon_care_core::{
    facts::{
        Day, Facts, Id, Instant,
        gather::{Gathered, Merged},
    },
    rules::{
        BUILT_IN, Carrier, Changed, Evaluation, Fires, Input, Key, RuleSet, Settings, Severity, State, is_told, say,
    },
};
use osteon_proto::{
    LabelId,
    meta::{self, Category},
    split::split_body,
    table::{RecordType, table},
    values::time_ms,
};
use osteon_sync_core::{
    Author, Clock, Dot, Field, FieldWrite, Known, Origin, Part, PartId, Put, RecordId, Replica, device::Depth,
    lifecycle::State as Life,
};

use self::engine::{Failed, Runner, What};
use crate::{
    error::{Error, Result},
    phone::Phone,
    state::Enrolled,
    views::{CircleView, Seen},
};

/// The set that this program was built with. It is not from the future, whatever the phone's clock says: a clock that is
/// wrong silences no rule.
pub fn rules() -> Result<&'static RuleSet> {
    static RULES: OnceLock<Option<RuleSet>> = OnceLock::new();
    let parsed = RULES.get_or_init(|| RuleSet::parse(BUILT_IN.as_bytes(), Day(i32::MAX)).ok());
    parsed.as_ref().ok_or(Error::Damaged("the rules of this program"))
}

/// What a rule found, in the words for whoever looks.
#[derive(Clone, Debug)]
pub struct Finding {
    pub key: Key,
    pub severity: Severity,
    pub text: String,
    /// Entries that it rests on.
    pub behind: BTreeSet<RecordId>,
    /// When what caused it happened.
    pub happened_ms: Option<i64>,
    /// Where the rule comes from, and how sure that is.
    pub source: String,
    pub state: State,
}

/// A rule that could not tell, and what it misses.
#[derive(Clone, Debug)]
pub struct CannotTell {
    pub rule: &'static str,
    pub missing: Vec<String>,
}

/// What the rules say, the most urgent first. That nothing was found does not mean that all is well.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    pub found: Vec<Finding>,
    pub cannot_tell: Vec<CannotTell>,
    /// The rules could not be asked: whether there is something to tell nobody knows.
    pub failed: Option<Failed>,
}

impl Findings {
    pub fn is_emergency(&self) -> bool {
        self.found.iter().any(|finding| finding.severity == Severity::Emergency)
    }
}

impl Phone {
    /// All rules on all that is here. `offset_min`: of the person's clock from UTC.
    pub async fn findings(&self, circle: u64, offset_min: i32) -> Result<Findings> {
        let now_ms = self.now_ms();
        self.read().await?.enrolled()?.findings(circle, now_ms, offset_min, self.runner())
    }

    /// What a save of this record brought up: what was not found without it, and every emergency that rests on it.
    pub async fn after_save(&self, circle: u64, record: RecordId, offset_min: i32) -> Result<Findings> {
        let now_ms = self.now_ms();
        self.read().await?.enrolled()?.after_save(circle, record, (now_ms, offset_min), self.runner())
    }

    /// The same of an entry that nobody saved yet. `body` is a `RecordBody`, encoded. Nothing of it stays.
    pub async fn before_save(&self, circle: u64, body: &[u8], offset_min: i32) -> Result<Findings> {
        let now_ms = self.now_ms();
        self.read().await?.enrolled()?.before_save(circle, body, (now_ms, offset_min), self.runner())
    }
}

/// What an evaluation needs besides facts.
struct Asked {
    set: &'static RuleSet,
    settings: Settings,
    now: Instant,
    author: Author,
    runner: Runner,
}

impl Enrolled {
    fn findings(&self, circle: u64, now_ms: u64, offset_min: i32, runner: Runner) -> Result<Findings> {
        let view = self.view(circle, now_ms)?;
        let parts = view.all_parts();
        let asked = self.asked(&view, &parts, circle, (now_ms, offset_min), runner)?;
        let known = self.gathered(&view, circle, now_ms, offset_min, parts.iter())?;
        let only: Vec<&str> =
            asked.set.rules().map(|rule| rule.id.as_str()).filter(|id| runs_here(asked.set, id)).collect();
        let said = asked.run(known.facts(), What::All { only: &only });
        Ok(asked.told(said, |fires| !fires.muted, false))
    }

    fn after_save(
        &self,
        circle: u64,
        record: RecordId,
        (now_ms, offset_min): (u64, i32),
        runner: Runner,
    ) -> Result<Findings> {
        let view = self.view(circle, now_ms)?;
        let parts = view.all_parts();
        let asked = self.asked(&view, &parts, circle, (now_ms, offset_min), runner)?;
        let (saved, others): (Vec<_>, Vec<_>) = parts.iter().partition(|(id, ..)| id.record == record);
        let Some(kind) = saved.first().and_then(|(_, number, _)| table().get(*number)) else {
            return Ok(Findings::default());
        };
        let known = self.gathered(&view, circle, now_ms, offset_min, others)?;
        let happened = view.record(record).and_then(|seen| i64::try_from(seen.time_ms?).ok());
        Ok(asked.brought_up(known, kind, record, &saved, happened))
    }

    fn before_save(
        &self,
        circle: u64,
        body: &[u8],
        (now_ms, offset_min): (u64, i32),
        runner: Runner,
    ) -> Result<Findings> {
        let Ok((number, Some(kind), split)) = split_body(body) else { return Ok(Findings::default()) };
        let view = self.view(circle, now_ms)?;
        let parts = view.all_parts();
        let asked = self.asked(&view, &parts, circle, (now_ms, offset_min), runner)?;
        let dot = Dot { replica: Replica { epoch: 0, n: 0 }, counter: 1 };
        let clock = Clock { ms: self.device.server_time_ms(now_ms), logical: 0 };
        let origin = Origin { dot, clock, author: asked.author, earlier: &[] };
        let active = (Field::register(Field::LIFECYCLE), Box::from(Life::Active.chunk()));
        let fields = split.chunks().map(|chunk| (chunk.field(), Box::from(chunk.bytes)));
        let write = |(field, bytes): (Field, Box<[u8]>)| FieldWrite {
            field,
            put: Some(Put::Value(bytes)),
            replaces: Vec::new(),
            covers: Vec::new(),
        };
        let writes: Vec<FieldWrite> = std::iter::once(active).chain(fields).map(write).collect();
        let mut part = Part::new();
        part.merge(origin, &writes, &Nothing);
        let happened =
            split.chunks().filter(|chunk| Some(chunk.number) == kind.time_field).find_map(|c| time_ms(kind, c.bytes));
        // No record has this id: they are UUIDs.
        let record = RecordId([0xff; 16]);
        let entry = (PartId { record, label: 0 }, number, Cow::Owned(part));
        let known = self.gathered(&view, circle, now_ms, offset_min, parts.iter())?;
        Ok(asked.brought_up(known, kind, record, &[&entry], happened))
    }

    fn asked(
        &self,
        view: &CircleView<'_>,
        parts: &[Seen<'_>],
        circle: u64,
        (now_ms, offset_min): (u64, i32),
        runner: Runner,
    ) -> Result<Asked> {
        let ms = i64::try_from(self.device.server_time_ms(now_ms)).unwrap_or(i64::MAX);
        let now = Instant { ms, offset_min };
        let (settings, author) = (lines::settings(view, parts), self.author(circle)?);
        Ok(Asked { set: rules()?, settings, now, author, runner })
    }

    /// The facts of what may be seen. What is not found is missing only where everything is here that rules read.
    fn gathered<'a>(
        &self,
        view: &CircleView<'_>,
        circle: u64,
        now_ms: u64,
        offset_min: i32,
        parts: impl IntoIterator<Item = &'a Seen<'a>>,
    ) -> Result<Gathered> {
        let rights = self.rights(circle, now_ms)?;
        let reads =
            |number: i32| Category::try_from(number).is_ok_and(|category| rights.may_read(LabelId::of([category])));
        // Clinical records stand under C01 to C18.
        let whole = view.circle().at_head() && view.circle().depth() == Depth::Full && (1..=18).all(reads);
        let mut known = Gathered::new(offset_min);
        known.house_mut().incomplete = !whole;
        known.put(parts.into_iter().map(merged));
        Ok(known)
    }
}

fn merged<'a>((id, type_number, part): &'a Seen<'_>) -> Merged<'a> {
    // When the server got it is the server's to know; late arrivals are marked there.
    Merged {
        record: id.record,
        type_number: *type_number,
        label: id.label,
        part: Some(part),
        received: None,
        in_range: false,
    }
}

/// A phone does not know what waits for whom, nor what others have seen.
fn runs_here(set: &RuleSet, rule: &str) -> bool {
    let of_server = |input: Input| match input.carrier() {
        Carrier::House(record, _) => record == "Alert",
        Carrier::Sync(..) => !matches!(input, Input::Complete | Input::Combinations),
        _ => false,
    };
    !set.inputs(rule).iter().any(of_server)
}

/// Nothing was named that has not arrived.
struct Nothing;

impl Known for Nothing {
    fn processed(&self, _: Dot) -> bool {
        true
    }
}

impl Asked {
    fn run(&self, facts: &Facts, what: What<'_>) -> std::result::Result<Vec<Evaluation>, Failed> {
        self.runner.run(self.set, facts, (self.now, &self.settings), what)
    }

    /// What a record brings up that is not among what is known: what was not found without it, and every emergency that
    /// rests on it.
    fn brought_up(
        &self,
        mut known: Gathered,
        kind: &RecordType,
        record: RecordId,
        saved: &[&Seen<'_>],
        happened_ms: Option<i64>,
    ) -> Findings {
        let day = happened_ms.map_or(self.now, |ms| Instant { ms, ..self.now }).day();
        // Its own clock may be that of another place.
        let changed = Changed::new([Id(record)], day.plus(-1), day.plus(1));
        let run = |facts: &Facts| {
            let mut said = self.run(facts, What::Changed { name: &kind.name, changed: &changed })?;
            said.retain(|one| runs_here(self.set, one.rule));
            Ok(said)
        };
        // Nobody knows what was there before: all that is found is said.
        let without = run(known.facts()).unwrap_or_default();
        let before: BTreeMap<&Key, Severity> =
            without.iter().flat_map(|one| &one.fires).map(|(key, fires)| (key, fires.severity)).collect();
        let said = known.with(saved.iter().copied().map(merged), |known| run(known.facts()));
        let is_new = |fires: &Fires| {
            let rises = before.get(&fires.key).is_none_or(|before| *before < fires.severity);
            let rests = fires.severity == Severity::Emergency && fires.behind.contains(&record);
            !fires.muted && (rises || rests)
        };
        self.told(said, is_new, true)
    }

    /// In words, for this reader. `saved`: by their own hand just now.
    fn told(
        &self,
        said: std::result::Result<Vec<Evaluation>, Failed>,
        is_wanted: impl Fn(&Fires) -> bool,
        saved: bool,
    ) -> Findings {
        let said = match said {
            Ok(said) => said,
            Err(failed) => return Findings { failed: Some(failed), ..Findings::default() },
        };
        let fires = said.iter().flat_map(|one| one.fires.values()).filter(|fires| is_wanted(fires));
        let mut found: Vec<Finding> = fires.filter_map(|fires| self.finding(fires, saved)).collect();
        found.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.key.cmp(&b.key)));
        let unsure = said.iter().filter(|one| !one.cannot_tell.is_empty());
        let cannot_tell = unsure
            .map(|one| CannotTell { rule: one.rule, missing: one.missing().iter().map(Input::name).collect() })
            .collect();
        Findings { found, cannot_tell, failed: None }
    }

    fn finding(&self, fires: &Fires, saved: bool) -> Option<Finding> {
        let rule = self.set.rule(fires.key.rule)?;
        let role = meta::Role::try_from(i32::from(self.author.role.0)).ok()?;
        let told = is_told(rule, fires.severity, role, saved);
        let text = told.then(|| say(self.set, rule, &fires.into(), &self.settings, role)).flatten()?;
        Some(Finding {
            key: fires.key.clone(),
            severity: fires.severity,
            text,
            behind: fires.behind.clone(),
            happened_ms: fires.happened.map(|(at, _)| at.ms),
            source: rule.source.text.clone(),
            state: rule.source.state,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_this_program_are_sound_whatever_the_clock_says() {
        assert!(rules().is_ok());
    }

    #[test]
    fn only_what_no_phone_can_know_is_left_to_the_server() {
        let set = rules().expect("sound");
        let left: Vec<&str> = set.rules().map(|rule| rule.id.as_str()).filter(|id| !runs_here(set, id)).collect();
        assert!(left.iter().all(|id| set.rule(id).and_then(|rule| rule.severity()) != Some(Severity::Emergency)));
        assert!(left.contains(&"R-SYNC-1") && left.len() < 12, "{left:?}");
    }
}
