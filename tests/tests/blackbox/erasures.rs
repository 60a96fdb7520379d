//! A patient is erased by a command beside servers that run: whoever is live is told within a second, on every node, and
//! what the device held goes.

use std::time::{Duration, Instant};

use osteon_proto::sync::{self, pull_response::Event};
use osteon_tests::{
    device::Device,
    server::{Server, Setup, StoreKind},
};
use tonic::{Code, Streaming};

use crate::{
    devices::{CLOSED_WITHIN, live},
    support::{entries, member, refused},
};

/// When the page came that erases, which brings nothing.
async fn erased(mut stream: Streaming<sync::PullResponse>) -> Instant {
    let told = async {
        loop {
            let answer = stream.message().await.expect("no refusal").expect("open");
            let Some(Event::Page(page)) = answer.event else { continue };
            assert!(page.cells.is_empty(), "nothing leaves any more");
            if !page.erased.is_empty() {
                return Instant::now();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told).await.expect("the stream says nothing")
}

async fn told_at_once(one: &Server, two: &Server) {
    let mut patient = Device::patient(one).await.expect("patient");
    let nurse = member(one, &patient, "nurse").await;
    let short_id = patient.hello().await.expect("hello").circles[0].short_id.clone();
    entries(&mut patient, 3).await;
    let (here, there) = (one.channel().expect("channel"), two.channel().expect("channel"));
    let streams = [live(here.clone(), &patient).await, live(there.clone(), &patient).await, live(there, &nurse).await];
    let waiting: Vec<_> = streams.into_iter().map(|stream| tokio::spawn(erased(stream))).collect();
    let asked = Instant::now();
    let erase = ["erase", "--circle", &short_id, "--confirm", &short_id];
    tokio::task::block_in_place(|| one.cli(&erase)).expect("erased");
    let done = Instant::now();
    for stream in waiting {
        let took = stream.await.expect("told").saturating_duration_since(done);
        println!("told {took:?} after the command had ended, which took {:?}", done - asked);
        assert!(took < CLOSED_WITHIN, "{took:?}");
    }
    for who in [&patient, &nurse] {
        let ask = osteon_proto::record::ListRecordsRequest { circle: who.circle, ..Default::default() };
        refused(who.records().list_records(who.request(ask)).await, Code::NotFound, "NOT_FOUND");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_is_told_within_a_second_on_sqlite() {
    let server = Server::start(Setup::on(StoreKind::Sqlite).expect("sqlite")).expect("server");
    told_at_once(&server, &server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_is_told_within_a_second_on_every_node() {
    let one = Server::start(Setup::on(StoreKind::Postgres).expect("postgres")).expect("first node");
    let two = one.another().expect("second node");
    told_at_once(&one, &two).await;
}
