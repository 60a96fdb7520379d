//! The tasks of a day on the phone: the same as on the server, over the plans that this phone holds and its owner may see,
//! with or without a network; and ticking one off, which writes its record.

use std::collections::BTreeSet;

use osteon_care_core::{
    facts::{Day, Instant, gather::Merged},
    tasks::{self, Adherence, Due, Occurrence, Plans, Stage, TASK},
};
use osteon_proto::{care, split::close};
use osteon_sync_core::RecordId;
use prost::Message;

use super::merged;
use crate::{
    error::{Error, Result},
    phone::Phone,
    records::{Entry, NewRecord, Saved},
    state::Enrolled,
    views::{CircleView, sha256},
};

const PATIENT: u8 = 1;
/// A task is looked for so many days back: what is older is ticked by nobody.
const BACK_D: i32 = 31;
/// A task's number: the last digits of its record's id.
pub const NUMBER_DIGITS: usize = 8;
/// Fewer of them name nothing: "1" is rather the first of a list.
pub const LEAST_DIGITS: usize = 4;

/// What there is to do on a day.
pub struct Tasks {
    /// Now, on the patient's clock.
    pub now: Instant,
    pub date: Day,
    pub due: Due,
    /// The four weeks up to that day.
    pub adherence: Adherence,
    /// Occurrences of which something was written here and has no verdict yet.
    pub unsent: BTreeSet<RecordId>,
    plans: Plans,
    circle: u64,
}

impl Tasks {
    pub fn stage(&self, task: &Occurrence) -> Stage {
        task.stage((self.now.day(), tasks::minute_of(self.now)))
    }

    /// What to mind, in words.
    pub fn notes(&self, task: &Occurrence) -> Vec<String> {
        task.notes(&self.plans).iter().map(tasks::Title::words).collect()
    }

    pub fn record_id(&self, task: &Occurrence) -> RecordId {
        task.record_id(self.circle, sha256)
    }
}

impl Phone {
    /// What is due on a day of the patient; `None`: today. `offset_min`: of this phone's clock from UTC.
    pub async fn tasks(&self, circle: u64, date: Option<Day>, offset_min: i32) -> Result<Tasks> {
        let now_ms = self.now_ms();
        self.read().await?.enrolled()?.tasks(circle, date, now_ms, offset_min)
    }

    /// Tasks whose number ends with these digits, and what they are looked at with: the whole number is looked for among those
    /// of the last weeks, its end among those of today alone. Nobody ticks by an end what is not before their eyes.
    pub async fn tasks_ending(&self, circle: u64, digits: &str, offset_min: i32) -> Result<(Tasks, Vec<Occurrence>)> {
        let now_ms = self.now_ms();
        let state = self.read().await?;
        let today = state.enrolled()?.tasks(circle, None, now_ms, offset_min)?;
        let whole = digits.len() >= NUMBER_DIGITS;
        let mut found = if whole {
            tasks::listed(&today.plans, (today.date.plus(-BACK_D), today.date)).tasks
        } else {
            today.due.tasks.clone()
        };
        let wanted = digits.to_ascii_lowercase();
        found.retain(|task| wanted.len() >= LEAST_DIGITS && hex::encode(today.record_id(task).0).ends_with(&wanted));
        Ok((today, found))
    }

    /// Ticks a task off. One record for an occurrence, whoever ticks it, on whichever phone.
    pub async fn tick(
        &self,
        circle: u64,
        task: &Occurrence,
        status: care::TaskStatus,
        at: care::Moment,
    ) -> Result<Saved> {
        let record = task.record_id(circle, sha256);
        let said = care::TaskOccurrence { status: Some(status.into()), done_at: Some(at), ..Default::default() };
        let now_ms = self.now_ms();
        let known = self.read().await?.enrolled()?.view(circle, now_ms)?.record(record).is_some();
        if known {
            let form = self.open_form(circle, record).await?;
            let entries = Entry::of_body(&close(TASK, &said.encode_to_vec()))?;
            return self.save(&form, &entries, "", false).await;
        }
        let whole = care::TaskOccurrence {
            line: Some(task.line.0.0.to_vec().into()),
            due: Some(task.date.to_string()),
            slot: Some(u32::from(task.slot)),
            ..said
        };
        let body = close(TASK, &whole.encode_to_vec());
        let new = NewRecord { body, label_choice: task.kind.choice(), record: None };
        let saved = self.create(circle, &new, "").await?;
        // The id is derived from the body, as everybody derives it.
        if saved.record == record { Ok(saved) } else { Err(Error::NoRecord) }
    }
}

impl Enrolled {
    /// Now on the patient's clock: this phone's, if it is theirs; on somebody else's that of their newest entry.
    pub(super) fn patients_now(
        &self,
        circle: u64,
        parts: &[Merged<'_>],
        now_ms: u64,
        offset_min: i32,
    ) -> Result<Instant> {
        let own = self.author(circle)?.role.0 == PATIENT;
        let theirs = if own { None } else { tasks::clock(parts.iter().copied()) };
        let ms = i64::try_from(self.device.server_time_ms(now_ms)).unwrap_or(i64::MAX);
        Ok(Instant { ms, offset_min: theirs.unwrap_or(offset_min) })
    }

    fn tasks(&self, circle: u64, date: Option<Day>, now_ms: u64, offset_min: i32) -> Result<Tasks> {
        let view = self.view(circle, now_ms)?;
        let parts = view.all_parts();
        let parts: Vec<_> = parts.iter().map(merged).collect();
        let now = self.patients_now(circle, &parts, now_ms, offset_min)?;
        let date = date.unwrap_or(now.day());
        let plans = Plans::of(&parts, now.offset_min);
        let due = tasks::listed(&plans, (date, date));
        let (from, to) = tasks::adherence_span(date.min(now.day()));
        let all = tasks::due_between(&plans, from, to).tasks;
        let adherence = tasks::adherence(&plans, &all, (from, to), now.day(), None);
        let unsent = unsent(&view);
        Ok(Tasks { now, date, due, adherence, unsent, plans, circle })
    }
}

fn unsent(view: &CircleView<'_>) -> BTreeSet<RecordId> {
    let written = view.circle().outbox().flat_map(|own| &own.change.parts);
    written.filter(|part| part.type_number == TASK).map(|part| part.part.record).collect()
}
