//! The caller's threads, the one with the newest message first: of one circle, or of all of theirs.

use std::{cmp::Reverse, collections::BTreeMap};

use osteon_proto::thread as pb;
use osteon_sync_core::RecordId;
use prost::Message as _;

use super::{
    Standing, of_parts,
    read::{Summed, sum_up, told, touched},
    seen_id, seen_of, thread_id,
};
use crate::{
    access::Caller,
    app::{
        App,
        records::{Session, parse_id},
        reviews::page_size,
        secrets::sha256,
    },
    error::{Error, Reason},
    limits,
    store::{CircleNo, UnixMs},
};

/// The place of a thread in the list: when its newest message came (or it was started), the newest first.
type Place = (Reverse<UnixMs>, CircleNo, RecordId);

#[derive(Clone, PartialEq, prost::Message)]
struct After {
    #[prost(uint64, tag = "1")]
    at_ms: u64,
    #[prost(uint64, tag = "2")]
    circle: u64,
    #[prost(bytes = "vec", tag = "3")]
    record: Vec<u8>,
    /// Of the request but for its page.
    #[prost(bytes = "vec", tag = "4")]
    question: Vec<u8>,
}

struct Listed {
    place: Place,
    thread: Standing,
    summed: Summed,
}

/// What of a circle's threads is asked for.
struct Asked {
    unread: bool,
    about: Option<RecordId>,
    field: u32,
}

pub async fn list(
    app: &App,
    caller: &Caller,
    request: &pb::ListThreadsRequest,
) -> Result<pb::ListThreadsResponse, Error> {
    let size = page_size(request.page_size, &limits::PAGE_THREADS)?;
    let about = if request.record_id.is_empty() { None } else { Some(parse_id(&request.record_id)?) };
    if about.is_some() && request.circle == 0 {
        return Err(Error::field("circle", Reason::ArgumentInvalid));
    }
    if about.is_none() && request.field != 0 {
        return Err(Error::field("field", Reason::ArgumentInvalid));
    }
    let question = question(request);
    let after = match app.page_token::<After>(caller, &request.page_token)? {
        None => None,
        Some(after) => Some(place(&after, &question)?),
    };
    let circles: Vec<CircleNo> = match request.circle {
        0 => app.store.circles_of(caller.account).await?.into_iter().map(|(circle, _)| circle).collect(),
        circle => vec![circle],
    };
    let asked = Asked { unread: request.unread, about, field: request.field };
    let mut listed = Vec::new();
    for circle in circles {
        let mut session = match app.session(caller, circle).await {
            // They left it meanwhile.
            Err(error) if request.circle == 0 && error.reason() == Reason::NotFound => continue,
            session => session?,
        };
        in_circle(&mut session, &asked, &mut listed).await?;
    }
    listed.sort_by_key(|one| one.place);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let (total, unread) = (count(listed.len()), count(listed.iter().filter(|one| one.summed.unread > 0).count()));
    listed.retain(|one| after.is_none_or(|after| one.place > after));
    let more = listed.len() > size;
    listed.truncate(size);
    let next = listed.last().filter(|_| more).map(|one| {
        let (Reverse(at_ms), circle, record) = one.place;
        app.seal_page_token(caller, &After { at_ms, circle, record: record.0.to_vec(), question })
    });
    let threads = page(app, caller, listed).await?;
    Ok(pb::ListThreadsResponse { threads, next_page_token: next.unwrap_or_default(), total, unread })
}

fn question(request: &pb::ListThreadsRequest) -> Vec<u8> {
    let asked = pb::ListThreadsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    sha256(&[&asked.encode_to_vec()])[..16].to_vec()
}

fn place(after: &After, question: &[u8]) -> Result<Place, Error> {
    let invalid = || Error::field("page_token", Reason::PageTokenInvalid);
    let record = <[u8; 16]>::try_from(after.record.as_slice()).map_err(|_| invalid())?;
    if after.question != question {
        return Err(invalid());
    }
    Ok((Reverse(after.at_ms), after.circle, RecordId(record)))
}

/// The threads of one circle that its reader takes part in. A circle without one costs no query.
async fn in_circle(session: &mut Session, asked: &Asked, listed: &mut Vec<Listed>) -> Result<(), Error> {
    let (circle, reader) = (session.member.circle, session.member.viewer.account);
    let numbers = session.member.access.access.threads_of(reader);
    if numbers.is_empty() {
        return Ok(());
    }
    let mut ids = Vec::new();
    for number in numbers.into_iter().filter_map(|number| u32::try_from(number).ok()) {
        ids.push(thread_id(circle, number)?);
    }
    let mut threads: Vec<Standing> = Vec::new();
    for some in ids.chunks(limits::PAGE_PARTS.usize()) {
        let parts = session.parts(some, false).await?;
        let wanted = parts.into_iter().filter_map(|(id, parts)| of_parts(id, parts)).filter(|one| is_about(one, asked));
        threads.extend(wanted);
    }
    let mut marks: BTreeMap<RecordId, u64> = BTreeMap::new();
    for some in threads.chunks(limits::PAGE_PARTS.usize()) {
        let own = some.iter().map(|one| seen_id(circle, one.record, reader)).collect::<Result<Vec<_>, _>>()?;
        let parts = session.parts(&own, true).await?;
        for (thread, own) in some.iter().zip(&own) {
            let seen = parts.get(own).and_then(|parts| seen_of(parts));
            marks.insert(thread.record, seen.map_or(0, |seen| seen.sequence));
        }
    }
    let mut sums = sum_up(session, &marks).await?;
    let received = received(session, &sums).await?;
    for thread in threads {
        let summed = sums.remove(&thread.record).unwrap_or_default();
        if asked.unread && summed.unread == 0 {
            continue;
        }
        let started = thread.opened_by().map_or(0, |version| version.clock.ms);
        let at_ms = received.get(&thread.record).copied().unwrap_or(started);
        listed.push(Listed { place: (Reverse(at_ms), circle, thread.record), thread, summed });
    }
    Ok(())
}

fn is_about(thread: &Standing, asked: &Asked) -> bool {
    let Some(about) = asked.about else { return true };
    let same = thread.body.about_record.as_deref() == Some(&about.0[..]);
    same && (asked.field == 0 || thread.body.about_field == Some(asked.field))
}

/// When the newest message of each thread came.
async fn received(
    session: &mut Session,
    sums: &BTreeMap<RecordId, Summed>,
) -> Result<BTreeMap<RecordId, UnixMs>, Error> {
    let last = |(thread, sum): (&RecordId, &Summed)| Some((*thread, *sum.last.as_ref()?.history.first()?));
    let births: Vec<_> = sums.iter().filter_map(last).collect();
    let mut received = BTreeMap::new();
    for some in births.chunks(limits::PAGE_PARTS.usize()) {
        let mut dots: Vec<_> = some.iter().map(|(_, dot)| *dot).collect();
        dots.sort_unstable();
        let rows = session.rows()?.log_of(&dots).await?;
        let at: BTreeMap<_, _> = rows.into_iter().map(|row| (row.dot, row.received_ms)).collect();
        received.extend(some.iter().filter_map(|(thread, dot)| Some((*thread, *at.get(dot)?))));
    }
    Ok(received)
}

/// What is on the page, told and audited circle by circle.
async fn page(app: &App, caller: &Caller, listed: Vec<Listed>) -> Result<Vec<pb::Thread>, Error> {
    let places: Vec<Place> = listed.iter().map(|one| one.place).collect();
    let mut by_circle: BTreeMap<CircleNo, Vec<Listed>> = BTreeMap::new();
    for one in listed {
        by_circle.entry(one.place.1).or_default().push(one);
    }
    let mut threads: BTreeMap<Place, pb::Thread> = BTreeMap::new();
    for (circle, some) in by_circle {
        let mut session = app.session(caller, circle).await?;
        let (mut categories, listed) = (0, some.len());
        for one in some {
            categories |= touched(&one.thread);
            threads.insert(one.place, told(&mut session, &one.thread, one.summed).await?);
        }
        let behind_glass = session.scope.behind_glass();
        drop(session);
        app.note_list(caller, circle, "thread.list", categories, listed, behind_glass).await?;
    }
    Ok(places.iter().filter_map(|place| threads.remove(place)).collect())
}
