//! The journal as a person looks through it: what is disputed, what happened when, their own words, who has seen what.

use osteon_client::{receipts::Receipt, records::Entry};
use osteon_proto::{
    record as pb,
    split::{close, open, split_body},
    table::table,
    wire::device::millis,
};

use crate::{
    error::{PhoneError, Result, id_text, record_id},
    phone::{Phone, Saved},
    records::Record,
    view::{self, RecordView},
};

/// Something that happened.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Happened {
    /// To the person, milliseconds since 1970; of a plan or a decision, when it was written last.
    pub at_ms: u64,
    /// When what is shown was written last, by whom, in which role.
    pub written_ms: u64,
    pub account: u64,
    pub role: String,
    pub record: RecordView,
}

/// A text of the owner's own in which the words were found.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Hit {
    pub record_id: String,
    pub type_number: u32,
    /// Its name in the contracts.
    pub field: String,
    pub text: String,
    pub time_ms: Option<u64>,
}

/// What is known of an entry that was written on this phone.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct EntryReceipt {
    pub record_id: String,
    /// The server has all of it.
    pub reached: bool,
    /// Who of the team has seen it since, the earliest first. By their own word alone: that a page was opened is none.
    pub seen: Vec<SeenBy>,
}

#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct SeenBy {
    pub account: u64,
    pub role: String,
    pub at_ms: u64,
}

/// One version that a field ever had.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct PastVersion {
    pub field: String,
    /// A record with this field alone. `None`: cleared, or destroyed (`redacted`).
    pub value: Option<Record>,
    pub account: u64,
    pub role: String,
    pub written_ms: u64,
    pub reason: String,
    pub live: bool,
    pub in_force: bool,
    pub redacted: bool,
}

#[uniffi::export(async_runtime = "tokio")]
impl Phone {
    /// Records with a field that waits for a decision, or with an ending that met an edit. Show every version; then
    /// [`Form::decide`](crate::form::Form::decide).
    pub async fn disputes(&self, circle: u64) -> Result<Vec<RecordView>> {
        let now_ms = self.core().now_ms();
        let state = self.core().read().await?;
        let view = state.enrolled()?.view(circle, now_ms)?;
        let mut found = view.disputes();
        found.dedup_by(|a, b| a.0.record == b.0.record);
        Ok(found.iter().filter_map(|(record, _)| view::record(&view, record)).collect())
    }

    /// What happened from one moment on until before another, the newest first. `type_number`: of one type alone.
    pub async fn timeline(
        &self,
        circle: u64,
        from_ms: u64,
        until_ms: u64,
        type_number: Option<u32>,
    ) -> Result<Vec<Happened>> {
        let now_ms = self.core().now_ms();
        let state = self.core().read().await?;
        let view = state.enrolled()?.view(circle, now_ms)?;
        let moment = |one: osteon_client::timeline::Moment| {
            Some(Happened {
                at_ms: one.at_ms,
                written_ms: one.written_ms,
                account: one.account,
                role: osteon_client::words::role(one.role.0).into(),
                record: view::record(&view, &one.record)?,
            })
        };
        Ok(view.timeline(from_ms, until_ms, type_number).into_iter().filter_map(moment).collect())
    }

    /// Looks for words in the owner's own texts.
    pub async fn find(&self, circle: u64, query: String) -> Result<Vec<Hit>> {
        let hit = |one: osteon_client::find::Hit| {
            let field = table().get(one.type_number).and_then(|kind| kind.field(one.field));
            Hit {
                record_id: id_text(one.record),
                type_number: one.type_number,
                field: field.map(|field| field.name.clone()).unwrap_or_default(),
                text: one.text,
                time_ms: one.time_ms,
            }
        };
        Ok(self.core().find(circle, &query).await?.into_iter().map(hit).collect())
    }

    /// Of the entries that were written on this phone: whether the server has them, and who has seen them.
    pub async fn receipts(&self, circle: u64) -> Result<Vec<EntryReceipt>> {
        let now_ms = self.core().now_ms();
        let state = self.core().read().await?;
        let receipts = state.enrolled()?.receipts(circle, now_ms)?;
        let seen = |mark: osteon_client::receipts::Mark| SeenBy {
            account: mark.account,
            role: osteon_client::words::role(mark.role.0).into(),
            at_ms: mark.at_ms,
        };
        let one = |(record, receipt)| {
            let (reached, marks) = match receipt {
                Receipt::Waits => (false, Vec::new()),
                Receipt::Reached { seen } => (true, seen),
            };
            EntryReceipt { record_id: id_text(record), reached, seen: marks.into_iter().map(seen).collect() }
        };
        Ok(receipts.into_iter().map(one).collect())
    }

    /// Every version that a record ever had, field by field, the server's word: needs the network.
    pub async fn history(&self, circle: u64, record_id: String) -> Result<Vec<PastVersion>> {
        let record = self::record_id(&record_id)?;
        let told = self.core().history(circle, record).await?;
        let past = |name: &str, version: &pb::VersionView| PastVersion {
            field: name.to_owned(),
            value: version.value.as_ref().and_then(|body| {
                let (number, record) = open(body).ok()?;
                Record::decode(number, record)
            }),
            account: version.account,
            role: osteon_client::words::role(u8::try_from(version.role).unwrap_or(0)).into(),
            written_ms: version.written.as_ref().map_or(0, millis),
            reason: version.reason.clone(),
            live: version.live,
            in_force: version.in_force,
            redacted: version.redacted,
        };
        let of = |field: &pb::FieldExplanation| {
            let name = field.view.as_ref().map_or("", |view| &view.name);
            field.history.iter().map(|version| past(name, version)).collect::<Vec<_>>()
        };
        Ok(told.fields.iter().flat_map(of).collect())
    }

    /// Puts an older version of a field in force again, as an ordinary write. `value`: a record with this field; `None`: it was
    /// cleared then.
    pub async fn restore(
        &self,
        circle: u64,
        record_id: String,
        field: String,
        value: Option<Record>,
        reason: String,
    ) -> Result<Saved> {
        let record = self::record_id(&record_id)?;
        let type_number = {
            let state = self.core().read().await?;
            let seen = state.enrolled()?.view(circle, self.core().now_ms())?.record(record);
            seen.ok_or(osteon_client::Error::NoRecord)?.type_number
        };
        let known = table().get(type_number).and_then(|kind| kind.field_by_name(&field));
        let number = known.ok_or_else(|| PhoneError::argument("field", "There is no such field."))?.number;
        let entry = match value {
            None => Entry::Clear { field: number },
            Some(value) if value.type_number() == type_number => {
                let body = close(type_number, &value.encode());
                let (_, _, split) =
                    split_body(&body).map_err(|_| PhoneError::argument("value", "It cannot be written."))?;
                let chunk = split.chunks().find(|chunk| chunk.number == number);
                let chunk = chunk.ok_or_else(|| PhoneError::argument("value", "It has no such field."))?;
                Entry::Put { field: number, chunk: chunk.bytes.to_vec() }
            }
            Some(_) => return Err(PhoneError::argument("value", "The record is of another type.")),
        };
        Ok(Saved::of(self.core().restore(circle, record, entry, &reason).await?))
    }
}
