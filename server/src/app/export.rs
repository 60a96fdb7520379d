//! The patient's own copy: everything that they may read, each record with all its versions, and who read it. Page by
//! page, through the same scope, views and audit as every other way to read.
//!
//! Records follow the sequence upwards: one that is written while the export runs comes again, later and newer; none is
//! missed, however long the patient takes.

use osteon_access_core::speaks_for_patient;
use osteon_proto::{audit as pb_audit, export as pb, reasons::Reason};
use osteon_sync_core::RecordId;
use pb::export_item::Item;
use prost::Message;

use super::{
    App, audit, enrol::timestamp, explain::explained, look::Looked, notes::categories, quarantine, records::Session,
    reviews::page_size, views,
};
use crate::{
    access::{Caller, signed},
    error::Error,
    limits,
    store::{AuditRow, PartRow},
};

/// Histories that are looked at together.
const AT_ONCE: usize = 16;
/// Reads of one call, so that it stays short where little may be seen.
const MAX_ROUNDS: usize = 16;

/// What comes next. Sealed to the reader.
#[derive(Clone, PartialEq, prost::Message)]
struct Stand {
    #[prost(uint64, tag = "1")]
    circle: u64,
    /// 1 records, 2 what waits, 3 the audit.
    #[prost(uint32, tag = "2")]
    step: u32,
    /// The last sequence, or the id of the last waiting change, that was looked at.
    #[prost(uint64, tag = "3")]
    after: u64,
    /// Within the commit of `after`: the last record. Empty: the whole commit was looked at.
    #[prost(bytes = "vec", tag = "4")]
    record: Vec<u8>,
    #[prost(string, tag = "5")]
    audit: String,
    #[prost(uint64, tag = "6")]
    records: u64,
    #[prost(uint64, tag = "7")]
    waiting: u64,
    #[prost(uint64, tag = "8")]
    accesses: u64,
}

/// One page while it is made.
struct Page {
    items: Vec<pb::ExportItem>,
    size: usize,
    bytes: usize,
    categories: u32,
}

impl Page {
    fn push(&mut self, item: Item) {
        let item = pb::ExportItem { item: Some(item) };
        self.bytes += item.encoded_len();
        self.items.push(item);
    }

    fn full(&self) -> bool {
        self.items.len() >= self.size || self.bytes >= limits::PAGE_BYTES.usize()
    }
}

pub async fn export(
    app: &App,
    caller: &Caller,
    request: &pb::ExportPatientRequest,
) -> Result<pb::ExportPatientResponse, Error> {
    page(app, caller, caller, request).await
}

/// The page that `reader` is shown; the audit names who asked for it (whoever runs the server, for a patient).
pub async fn page(
    app: &App,
    reader: &Caller,
    asks: &Caller,
    request: &pb::ExportPatientRequest,
) -> Result<pb::ExportPatientResponse, Error> {
    let size = page_size(request.page_size, &limits::PAGE_RECORDS)?;
    let token = app.page_token::<Stand>(reader, &request.page_token)?;
    if token.as_ref().is_some_and(|stand| stand.circle != request.circle) {
        return Err(Error::field("page_token", Reason::PageTokenInvalid));
    }
    let mut session = app.session(reader, request.circle).await?;
    if !speaks_for_patient(signed(session.now_ms), &session.member.viewer, &session.member.access.access) {
        return Err(Error::not_found());
    }
    let mut page = Page { items: Vec::new(), size, bytes: 0, categories: 0 };
    let mut stand = token.unwrap_or_else(|| {
        page.push(Item::Head(head(app, &session)));
        Stand { circle: request.circle, step: 1, ..Stand::default() }
    });
    let done = match stand.step {
        1 => records(app, &mut session, &mut stand, &mut page).await?,
        2 => waits(&mut session, &mut stand, &mut page).await?,
        _ => false,
    };
    // Before the audit: nothing waits for the store while it holds one of its readers.
    drop(session);
    let ended = stand.step >= 3 && accesses(app, reader, &mut stand, &mut page).await?;
    if done {
        stand = Stand { step: stand.step + 1, after: 0, record: Vec::new(), ..stand };
    }
    if !page.items.is_empty() {
        let count = u32::try_from(page.items.len()).unwrap_or(u32::MAX);
        let row = app.row(asks, request.circle, "patient.export");
        app.store.audit(vec![AuditRow { count, categories: page.categories, ..row }]).await?;
    }
    let next_page_token = if ended { String::new() } else { app.seal_page_token(reader, &stand) };
    Ok(pb::ExportPatientResponse { items: page.items, next_page_token })
}

fn head(app: &App, session: &Session) -> pb::ExportHead {
    let circle = session.snapshot.circle();
    pb::ExportHead {
        circle: circle.circle,
        short_id: circle.short_id.clone(),
        account: session.member.viewer.account,
        role: i32::from(session.member.role().number()),
        at: Some(timestamp(session.now_ms)),
        epoch: app.epoch(),
        sequence: circle.head,
    }
}

/// Records from where the export stands; true: there are no more.
async fn records(app: &App, session: &mut Session, stand: &mut Stand, page: &mut Page) -> Result<bool, Error> {
    for _ in 0..MAX_ROUNDS {
        let from = if stand.record.is_empty() { stand.after } else { stand.after.saturating_sub(1) };
        let mut rows = session.rows()?.parts_after(from, AT_ONCE as u32).await?;
        // Whole commits: there is nothing else at the last one's sequence.
        let Some(last) = rows.iter().map(|row| row.seq).max() else { return Ok(true) };
        rows.retain(|row| (row.seq, &row.record.0[..]) > (stand.after, &stand.record[..]));
        rows.sort_unstable_by_key(place);
        for rows in rows.chunks(AT_ONCE) {
            if page.full() {
                return Ok(false);
            }
            some(app, session, rows, stand, page).await?;
        }
        if page.full() {
            return Ok(false);
        }
        (stand.after, stand.record) = (last, Vec::new());
    }
    Ok(false)
}

fn place(row: &PartRow) -> (u64, RecordId) {
    (row.seq, row.record)
}

/// Those records of these rows that stand here: a record stands where its last part does.
async fn some(
    app: &App,
    session: &mut Session,
    rows: &[PartRow],
    stand: &mut Stand,
    page: &mut Page,
) -> Result<(), Error> {
    let readable = rows.iter().filter(|row| views::readable(&session.scope, row.label));
    let mut ids: Vec<RecordId> = readable.map(|row| row.record).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = session.parts(&ids, true).await?;
    let reader = session.reader(app);
    for row in rows {
        if page.full() {
            return Ok(());
        }
        let again = (stand.after, stand.record.as_slice()) == (row.seq, &row.record.0[..]);
        (stand.after, stand.record) = (row.seq, row.record.0.to_vec());
        let Some(parts) = found.get(&row.record).filter(|_| !again) else { continue };
        if parts.iter().map(|part| part.row.seq).max() == Some(row.seq) {
            page.categories |= parts.iter().fold(0, |bits, part| bits | categories(part.row.label));
            page.push(Item::Record(record(&reader, parts)));
            stand.records += 1;
        }
    }
    Ok(())
}

/// As ExplainRecord tells it, without what only a form needs.
fn record(reader: &views::Reader<'_>, parts: &[Looked]) -> pb::ExportedRecord {
    let told = explained(reader, parts, &[]);
    let mut fields = told.fields;
    for view in fields.iter_mut().filter_map(|field| field.view.as_mut()) {
        view.shown = Default::default();
    }
    let mut record = told.record.unwrap_or_default();
    (record.fields, record.shown) = (Vec::new(), Default::default());
    pb::ExportedRecord { record: Some(record), fields, history_cut: told.history_cut, redactions: told.redactions }
}

/// Changes that wait for a person; true: there are no more.
async fn waits(session: &mut Session, stand: &mut Stand, page: &mut Page) -> Result<bool, Error> {
    while !page.full() {
        let found = quarantine::told(session, stand.after, AT_ONCE).await?;
        if found.is_empty() {
            return Ok(true);
        }
        for (id, categories, told) in found {
            if page.full() {
                return Ok(false);
            }
            (stand.after, stand.waiting) = (id, stand.waiting + 1);
            page.categories |= categories;
            page.push(Item::Waiting(pb::ExportedWaiting { summary: told.summary, change: told.change }));
        }
    }
    Ok(false)
}

/// A page of the audit, and the end after the last one; true: this was it.
async fn accesses(app: &App, reader: &Caller, stand: &mut Stand, page: &mut Page) -> Result<bool, Error> {
    let request = pb_audit::ListAccessRequest {
        circle: stand.circle,
        page_size: i32::try_from(page.size).unwrap_or(i32::MAX),
        page_token: std::mem::take(&mut stand.audit),
        ..Default::default()
    };
    let told = audit::read(app, reader, &request).await?;
    stand.accesses += told.entries.len() as u64;
    told.entries.into_iter().for_each(|entry| page.push(Item::Access(entry)));
    stand.audit = told.next_page_token;
    let ended = stand.audit.is_empty();
    if ended {
        let Stand { records, waiting, accesses, .. } = *stand;
        page.push(Item::End(pb::ExportEnd { records, waiting, accesses }));
    }
    Ok(ended)
}
