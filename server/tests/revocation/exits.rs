//! Every way out of the server, asked by the reader: after the revoking commit neither the marked text nor the id of a
//! record that held it may be on any of them.

use std::time::Duration;

use osteon_proto::{record, review, sync};
use osteon_server::{
    access::Caller,
    app::{consents, explain, hello, lists, records, reviews, stream, whosees},
    error::{Error, Reason},
};
use osteon_sync_core::device::Depth;
use prost::Message;
use tokio::sync::mpsc;

use crate::{
    What, derived,
    fixture::text,
    phone::{Phone, contains},
    world::{CANARY, World},
};

/// What came out, by the name of the way.
pub(crate) type Out = Vec<(String, Vec<u8>)>;

/// Asserts that nothing comes out for this phone's owner, anew or from the cursor that the phone has.
pub(crate) async fn dry(world: &World<'_>, phone: &Phone) {
    let caller = match phone.caller(world.kit).await {
        Ok(caller) => caller,
        Err(reason) => {
            // Without a session nothing is asked at all.
            assert_eq!((world.what, reason), (What::Device, Reason::SessionRevoked));
            return;
        }
    };
    let mut out = Out::new();
    for (how, cursor) in [("pull anew", Vec::new()), ("pull on", phone.cursor().await)] {
        // As the phone asks: another depth would be told to erase what the phone never had.
        let position = sync::CirclePosition { depth: phone.depth().await.into(), ..world.at(&cursor) };
        pages(world, &caller, position, how, &mut out).await;
    }
    one_by_one(world, &caller, &mut out).await;
    lists(world, &caller, &mut out).await;
    derived::ask(world, &caller, &mut out).await;
    for (way, bytes) in &out {
        assert!(!tells(world, bytes), "{way} tells of what was taken back");
    }
    assert!(out.len() >= 20, "{} ways out", out.len());
}

/// Whether these bytes hold the marked text, or the id of a record that held it.
pub(crate) fn tells(world: &World<'_>, bytes: &[u8]) -> bool {
    let id =
        |record: &osteon_sync_core::RecordId| contains(bytes, &record.0) || contains(bytes, text(record.0).as_bytes());
    contains(bytes, CANARY.as_bytes()) || world.ever.iter().any(id)
}

pub(crate) fn answer<M: Message>(out: &mut Out, way: impl Into<String>, answer: Result<M, Error>) {
    let bytes = match answer {
        Ok(message) => message.encode_to_vec(),
        // With all its details.
        Err(error) => format!("{:?}", tonic::Status::from(error)).into_bytes(),
    };
    out.push((way.into(), bytes));
}

/// A depth as it is asked for.
pub(crate) fn asked(depth: Depth) -> sync::Depth {
    match depth {
        Depth::Full => sync::Depth::Full,
        Depth::Plan => sync::Depth::Plan,
        Depth::List => sync::Depth::List,
    }
}

/// Pages until the head, as a stream sends them. Tombstones name records by what they are for.
async fn pages(world: &World<'_>, caller: &Caller, position: sync::CirclePosition, how: &str, out: &mut Out) {
    let request = sync::PullRequest { positions: vec![position], page_size: 3, ..Default::default() };
    let asked = match stream::asked(&world.kit.app, caller, request).await {
        Ok(asked) => asked,
        Err(error) => return answer::<sync::Page>(out, how, Err(error)),
    };
    let (send, mut messages) = mpsc::channel(2);
    let run = stream::Stream::new(std::sync::Arc::clone(&world.kit.app), *caller, send, asked.positions);
    tokio::spawn(run.run(false, Duration::ZERO));
    let mut count = 0;
    while let Some(message) = messages.recv().await {
        match message {
            Ok(mut message) => {
                if let Some(sync::pull_response::Event::Page(page)) = &mut message.event {
                    page.tombstones.clear();
                    count += 1;
                }
                out.push((format!("{how}, page {count}"), message.encode_to_vec()));
            }
            Err(status) => out.push((format!("{how}, the end"), format!("{status:?}").into_bytes())),
        }
    }
}

async fn one_by_one(world: &World<'_>, caller: &Caller, out: &mut Out) {
    let (app, circle) = (&world.kit.app, world.circle.no);
    for record in &world.ever {
        let record_id = text(record.0);
        let get = record::GetRecordRequest { circle, record_id: record_id.clone() };
        let got = records::get(app, caller, &get).await;
        assert_eq!(got.as_ref().err().map(Error::reason), Some(Reason::NotFound), "forbidden looks absent");
        answer(out, "get", got);
        let why = record::ExplainRecordRequest { circle, record_id, ..Default::default() };
        let explained = explain::explain(app, caller, &why).await;
        assert_eq!(explained.as_ref().err().map(Error::reason), Some(Reason::NotFound), "forbidden looks absent");
        answer(out, "explain", explained);
    }
}

async fn lists(world: &World<'_>, caller: &Caller, out: &mut Out) {
    let (app, circle) = (&world.kit.app, world.circle.no);
    for (order, kind) in [
        (record::ListOrder::Arrival, 0),
        (record::ListOrder::Time, 0),
        (record::ListOrder::Arrival, 101),
        (record::ListOrder::Time, 120),
    ] {
        let list = record::ListRecordsRequest {
            circle,
            r#type: kind,
            order: order.into(),
            include_ended: true,
            ..Default::default()
        };
        answer(out, format!("list of {kind} by {order:?}"), lists::list(app, caller, &list).await);
    }
    for circle in [circle, 0] {
        let open = review::ListReviewsRequest { circle, ..Default::default() };
        answer(out, "reviews", reviews::list(app, caller, &open).await);
    }
    let feed = sync::ListFeedRequest { circle, page_size: 500, ..Default::default() };
    answer(out, "feed", hello::feed(app, caller, &feed).await);
    answer(out, "hello", hello::hello(app, caller, sync::HelloRequest::default()).await);
    let seen = osteon_proto::consent::ExplainAccessRequest { circle, account: 0 };
    answer(out, "who sees what", whosees::explain(app, caller, &seen).await);
    let consent = osteon_proto::consent::GetConsentRequest { circle };
    answer(out, "consent", consents::get(app, caller, &consent).await);
}
