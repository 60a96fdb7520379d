//! Tasks as messages.

use std::collections::BTreeSet;

use osteon_access_core::{Action, LabelId, decide};
use osteon_care_core::{
    Day,
    facts::Id,
    tasks::{self, Adherence, Held, Kind, Occurrence, Plans, Stage, TASK, Title},
};
use osteon_proto::{table::table, task as pb};

use super::{Asked, Clock, asked::wire, sharing};
use crate::{
    access::signed,
    app::{enrol::timestamp, records::Session, rights::type_facts, secrets::sha256},
};

/// What a reader is told of.
pub(super) struct Teller<'t> {
    pub(super) session: &'t Session,
    pub(super) asked: &'t Asked,
    pub(super) plans: &'t Plans,
    pub(super) clock: &'t Clock,
}

impl Teller<'_> {
    pub(super) fn answer(&self, span: (Day, Day), days: (Day, Day)) -> pb::ListTasksResponse {
        let now = self.clock.now;
        let due = tasks::listed(self.plans, span);
        let wanted = due.tasks.iter().filter(|task| self.asked.wants(task.kind));
        let held = due.held.iter().filter(|held| self.asked.wants(held.kind));
        pb::ListTasksResponse {
            today: now.day().to_string(),
            utc_offset_min: now.offset_min,
            clock: self.clock.source.into(),
            tasks: wanted.map(|one| self.task(one)).collect(),
            held: held.map(held_plan).collect(),
            adherence: self.adherence(days),
            at: None,
        }
    }

    fn task(&self, one: &Occurrence) -> pb::Task {
        let now = self.clock.now;
        let from = one.from();
        let minute = |minute: Option<u16>| minute.map(u32::from);
        pb::Task {
            line: text_of(one.line),
            date: one.date.to_string(),
            slot: u32::from(one.slot),
            record_id: text_of(Id(one.record_id(self.session.member.circle, sha256))),
            label_choice: one.kind.choice(),
            kind: wire(one.kind).into(),
            title: Some(text(&one.title)),
            window: Some(pb::TaskWindow { from: minute(one.opens()), to: minute(one.until) }),
            state: state(one.stage((now.day(), tasks::minute_of(now)))).into(),
            done_at: one.done_at.and_then(|at| u64::try_from(at.ms).ok()).map(timestamp),
            late_days: u32::try_from(one.late_days(now.day())).unwrap_or(0),
            why: Some(source(one.line, from.record_type, from.fields)),
            notes: one.notes(self.plans).iter().map(text).collect(),
            disputed: one.disputed,
            roles: one.kind.writers().iter().map(i32::from).collect(),
            may_tick: self.may_tick(one.kind),
        }
    }

    /// Decided as the creation of the record would be.
    fn may_tick(&self, kind: Kind) -> bool {
        let member = &self.session.member;
        let Some(known) = table().get(TASK) else { return false };
        let Ok(label) = known.record_label(kind.choice(), member.viewer.account) else { return false };
        let action = Action::CreateRecord { facts: type_facts(known, label.0), label: LabelId(label.0) };
        decide(signed(self.session.now_ms), &member.viewer, &member.access.access, &action).allowed()
    }

    fn adherence(&self, (from, to): (Day, Day)) -> Vec<pb::TaskAdherence> {
        let today = self.clock.now.day();
        let due = tasks::due_between(self.plans, from, to).tasks;
        let count = |word: Option<&str>| tasks::adherence(self.plans, &due, (from, to), today, word);
        let told = |kinds: Option<&[Kind]>, counted: Adherence| {
            let sharing = sharing::of_kinds(self.session, kinds.unwrap_or(&Kind::ALL).iter().copied());
            let (days_with_nothing_due, days_not_shared) = sharing::without_tasks(counted, sharing);
            pb::TaskAdherence {
                kinds: kinds.unwrap_or_default().iter().map(|kind| wire(*kind).into()).collect(),
                from: from.to_string(),
                to: to.to_string(),
                active_days: counted.active,
                inactive_days: counted.inactive,
                unknown_days: counted.not_logged,
                days_with_nothing_due,
                days_not_shared,
                sharing: sharing.into(),
            }
        };
        let mut all: Vec<pb::TaskAdherence> =
            self.asked.is_whole().then(|| told(None, count(None))).into_iter().collect();
        let words: BTreeSet<&str> =
            Kind::ALL.into_iter().filter(|kind| self.asked.wants(*kind)).map(Kind::word).collect();
        for word in words {
            let counted = count(Some(word));
            if counted.active + counted.inactive + counted.not_logged > 0 {
                let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| kind.word() == word).collect();
                all.push(told(Some(&kinds), counted));
            }
        }
        all
    }
}

fn held_plan(held: &Held) -> pb::HeldPlan {
    let (record_type, field) = held.from();
    pb::HeldPlan {
        why: Some(source(held.line, record_type, &[field])),
        kind: wire(held.kind).into(),
        text: Some(text(&held.title())),
        disputed: held.disputed,
    }
}

fn source(record: Id, record_type: &str, fields: &[&str]) -> pb::PlanSource {
    pb::PlanSource {
        record_id: text_of(record),
        r#type: table().by_name(record_type).map_or(0, |known| known.number),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
    }
}

fn text(title: &Title) -> pb::TaskText {
    let value = |(name, value): &(&str, String)| pb::TaskTextValue { name: (*name).to_owned(), value: value.clone() };
    pb::TaskText { key: title.key.to_owned(), values: title.values.iter().map(value).collect(), text: title.words() }
}

fn state(stage: Stage) -> pb::TaskState {
    match stage {
        Stage::NotYet => pb::TaskState::NotYet,
        Stage::Open => pb::TaskState::Open,
        Stage::Done => pb::TaskState::Done,
        Stage::Skipped => pb::TaskState::Skipped,
        Stage::Missed => pb::TaskState::Missed,
        Stage::AskFirst => pb::TaskState::AskFirst,
    }
}

fn text_of(id: Id) -> String {
    uuid::Uuid::from_bytes(id.0.0).to_string()
}
