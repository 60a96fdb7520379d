//! "Settled without you": disputes in which the caller had a version and which somebody else decided, found in the histories of
//! what changed last. A decision is a write that named several versions of different values.

use std::cmp::Reverse;

use osteon_proto::review as pb;
use osteon_sync_core::{Field, RecordId, Version};
use prost::Message as _;

use crate::{
    access::Caller,
    app::{
        App,
        lists::ms_of,
        look::{self, Looked, Written},
        notes::categories,
        records::Session,
        reviews::page_size,
        secrets::sha256,
        views,
    },
    error::{Error, Reason},
    limits,
    store::{AccountNo, CircleNo, ListQuery, PartRow, UnixMs},
};

/// A dispute leaves three changes at the least: two versions, and what was decided.
const CHANGES: usize = 3;

/// Where a decision stands in the list: when it came, its circle, sequence, record and field.
type Place = (Reverse<UnixMs>, CircleNo, Reverse<u64>, RecordId, u32);

#[derive(Clone, PartialEq, prost::Message)]
struct After {
    #[prost(uint64, repeated, tag = "1")]
    numbers: Vec<u64>,
    #[prost(bytes = "vec", tag = "2")]
    record: Vec<u8>,
    /// Of the request but for its page.
    #[prost(bytes = "vec", tag = "3")]
    question: Vec<u8>,
}

impl After {
    fn of(place: Place, question: Vec<u8>) -> Self {
        let (Reverse(at_ms), circle, Reverse(sequence), record, field) = place;
        Self { numbers: vec![at_ms, circle, sequence, field.into()], record: record.0.to_vec(), question }
    }

    fn place(&self, question: &[u8]) -> Option<Place> {
        let [at_ms, circle, sequence, field] = self.numbers[..] else { return None };
        let record = RecordId(self.record.as_slice().try_into().ok()?);
        let place = (Reverse(at_ms), circle, Reverse(sequence), record, u32::try_from(field).ok()?);
        (self.question == question).then_some(place)
    }
}

struct Found {
    place: Place,
    label: u64,
    behind_glass: bool,
    told: pb::Settled,
}

pub async fn settled(
    app: &App,
    caller: &Caller,
    request: &pb::ListSettledRequest,
) -> Result<pb::ListSettledResponse, Error> {
    let size = page_size(request.page_size, &limits::PAGE_REVIEWS)?;
    let since_ms = ms_of(&request.since, 0, "since")?;
    let asked = pb::ListSettledRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let question = sha256(&[&asked.encode_to_vec()])[..16].to_vec();
    let after = match app.page_token::<After>(caller, &request.page_token)? {
        None => None,
        Some(after) => {
            let place = after.place(&question);
            Some(place.ok_or_else(|| Error::field("page_token", Reason::PageTokenInvalid))?)
        }
    };
    let (circles, most) = match request.circle {
        0 => (app.store.circles_of(caller.account).await?.into_iter().map(|(c, _)| c).collect(), &limits::PAGE_PARTS),
        circle => (vec![circle], &limits::UNSEEN_RECORDS),
    };
    let mut found: Vec<Found> = Vec::new();
    for circle in circles {
        let mut session = match app.session(caller, circle).await {
            // They left it meanwhile.
            Err(error) if request.circle == 0 && error.reason() == Reason::NotFound => continue,
            session => session?,
        };
        in_circle(&mut session, since_ms, most.usize(), &mut found).await?;
    }
    found.sort_by_key(|one| one.place);
    found.retain(|one| after.is_none_or(|after| one.place > after));
    let more = found.len() > size;
    found.truncate(size);
    audit(app, caller, &found).await?;
    let next = found.last().filter(|_| more).map(|one| app.seal_page_token(caller, &After::of(one.place, question)));
    let settled = found.into_iter().map(|one| one.told).collect();
    Ok(pb::ListSettledResponse { settled, next_page_token: next.unwrap_or_default() })
}

async fn audit(app: &App, caller: &Caller, found: &[Found]) -> Result<(), Error> {
    let mut circles: Vec<CircleNo> = found.iter().map(|one| one.told.circle).collect();
    circles.sort_unstable();
    circles.dedup();
    for circle in circles {
        let here: Vec<&Found> = found.iter().filter(|one| one.told.circle == circle).collect();
        let touched = here.iter().fold(0, |bits, one| bits | categories(one.label));
        let behind_glass = here.iter().any(|one| one.behind_glass);
        app.note_list(caller, circle, "review.settled", touched, here.len(), behind_glass).await?;
    }
    Ok(())
}

async fn in_circle(session: &mut Session, since_ms: u64, most: usize, found: &mut Vec<Found>) -> Result<(), Error> {
    let (mut before, mut read) = (None, 0);
    while read < most {
        let limit = limits::PAGE_PARTS.u32();
        let query = ListQuery::by_arrival(0, before, limit);
        let rows = session.rows()?.list(query).await?;
        let full = rows.len() >= limit as usize;
        (before, read) = (rows.last().map(|row| (row.seq, row.record)), read + rows.len());
        let wanted = |row: &PartRow| row.history.len() >= CHANGES && views::readable(&session.scope, row.label);
        let rows: Vec<PartRow> = rows.into_iter().filter(wanted).collect();
        let parts = look::look(session.rows()?, rows, true).await?;
        let account = session.member.viewer.account;
        for one in parts.iter().filter(|one| one.created()) {
            found.extend(of_part(session, one, account).filter(|one| one.place.0.0 >= since_ms));
        }
        if !full {
            break;
        }
    }
    Ok(())
}

/// The decisions of others in one part, each on versions of which one was the reader's.
fn of_part<'p>(session: &'p Session, one: &'p Looked, account: AccountNo) -> impl Iterator<Item = Found> + 'p {
    let by_others = one.log.values().filter(move |written| written.row.author.account != account);
    let writes = by_others.flat_map(|written| written.writes.iter().map(move |write| (written, write)));
    writes.filter_map(move |(written, write)| {
        let field = write.field.as_ref();
        if field.number == Field::LIFECYCLE || write.replaces.len() < 2 {
            return None;
        }
        let versions: Vec<Version<'_>> =
            write.replaces.iter().filter_map(|dot| one.past(field, *dot)?.version).collect();
        let differ = versions.iter().any(|version| version.value != versions[0].value);
        let mut own = versions.iter().filter(|version| version.author.account == account).peekable();
        if !differ || own.peek().is_none() {
            return None;
        }
        let decided = one.past(field, written.row.dot)?.version?;
        let stands = one.part.versions(field).any(|live| live.dot == decided.dot);
        let yours = own.any(|version| version.value == decided.value);
        let info = one.known.and_then(|known| known.field(field.number))?;
        let (circle, record) = (session.member.circle, one.row.record);
        let told = pb::Settled {
            circle,
            short_id: session.snapshot.circle().short_id.clone(),
            record_id: uuid::Uuid::from_bytes(record.0).to_string(),
            r#type: one.row.type_number,
            field: field.number,
            name: info.name.clone(),
            versions: versions.iter().map(|version| views::version(one, version, false, false)).collect(),
            decision: Some(views::version(one, &decided, stands, stands)),
            yours,
            stands,
        };
        Some(Found {
            place: place(circle, written, record, field.number),
            label: one.row.label,
            behind_glass: session.scope.behind_glass(),
            told,
        })
    })
}

fn place(circle: CircleNo, written: &Written, record: RecordId, field: u32) -> Place {
    (Reverse(written.row.received_ms), circle, Reverse(written.row.seq), record, field)
}
