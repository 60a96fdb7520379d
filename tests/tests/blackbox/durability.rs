//! I6: what was acknowledged survives kill -9; what was not is applied whole or not at all, and can be sent again.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use osteon_proto::sync;
use osteon_tests::{
    body,
    device::{Device, LaneState, is_accepted, now_ms, record_id},
    server::{STORES, Server, Setup, StoreKind},
    tools::count,
};

/// What one writer knows when the server is gone.
struct Writer {
    device: Device,
    /// Acknowledged records.
    kept: BTreeSet<[u8; 16]>,
    /// The push whose answer never came.
    open: Option<sync::PushRequest>,
}

impl Writer {
    /// Sends the open push again until its verdict is there, then goes on with new ones, until the server is gone.
    async fn write(mut self, stop: Instant, batch: usize) -> Self {
        while Instant::now() < stop {
            let request = match self.open.take() {
                Some(request) => request,
                None => {
                    let ms = now_ms();
                    let changes = (0..batch).map(|_| body::create(record_id(ms), body::pain(4, ms))).collect();
                    self.device.push_request(&self.device.urgent, changes)
                }
            };
            match self.device.push(request.clone()).await {
                Ok(answer) => {
                    assert_eq!(answer.verdicts.len(), request.changes.len());
                    assert!(answer.verdicts.iter().all(is_accepted));
                    self.kept.extend(request.changes.iter().map(record_of));
                    self.device.urgent.last += request.changes.len() as u64;
                }
                Err(status) => {
                    assert!(
                        matches!(
                            status.code(),
                            tonic::Code::Unavailable
                                | tonic::Code::Unknown
                                | tonic::Code::Cancelled
                                | tonic::Code::DeadlineExceeded
                        ),
                        "{:?} {}",
                        status.code(),
                        status.message()
                    );
                    self.open = Some(request);
                    return self;
                }
            }
        }
        self
    }
}

fn record_of(change: &sync::Change) -> [u8; 16] {
    change.writes[0].record[..].try_into().expect("16 bytes")
}

async fn rounds(store: StoreKind, n: u64) {
    let setup = Setup::on(store).expect("store").arg("--rate-limits").arg("off");
    let mut server = Server::start(setup).expect("server");
    let mut writers = Vec::new();
    for _ in 0..4 {
        let device = Device::patient(&server).await.expect("patient");
        writers.push(Writer { device, kept: BTreeSet::new(), open: None });
    }
    let mut acknowledged = 0;
    for round in 0..n {
        let stop = Instant::now() + Duration::from_secs(20);
        let batch = [1, 7, 3, 40][(round % 4) as usize];
        let tasks: Vec<_> = writers.drain(..).map(|writer| tokio::spawn(writer.write(stop, batch))).collect();
        // Between 150 and 650 ms into the writing, at another moment each round.
        tokio::time::sleep(Duration::from_millis(150 + (round * 137) % 500)).await;
        server.kill().expect("kill");
        for task in tasks {
            writers.push(task.await.expect("writer"));
        }
        server.restart().expect("restart");
        for writer in &mut writers {
            // The access token may have run out in a long run; the replicas stay.
            writer.device.sign_in().await.expect("sign in");
            check(writer, round).await;
        }
        acknowledged = writers.iter().map(|writer| writer.kept.len()).sum();
    }
    println!("{store:?}: {n} kills, {acknowledged} acknowledged entries, none missing");
    assert!(acknowledged > 0, "nothing was written between the kills");
}

/// No acknowledged entry is missing; the open push is there whole or not at all, and sent again it has one effect.
async fn check(writer: &mut Writer, round: u64) {
    let present = |parts: Vec<sync::Part>| -> BTreeSet<[u8; 16]> {
        parts.iter().map(|part| part.record[..].try_into().expect("16 bytes")).collect()
    };
    let there = present(writer.device.parts().await.expect("pull"));
    let missing = writer.kept.difference(&there).count();
    assert_eq!(missing, 0, "round {round}: acknowledged entries are missing");
    let open = writer.open.take();
    if let Some(request) = open {
        let answer = writer.device.push(request.clone()).await.expect("push again");
        assert!(answer.verdicts.iter().all(is_accepted));
        writer.kept.extend(request.changes.iter().map(record_of));
        writer.device.urgent.last += request.changes.len() as u64;
        let parts = writer.device.parts().await.expect("pull");
        for change in &request.changes {
            let record = record_of(change);
            assert_eq!(parts.iter().filter(|part| part.record == record[..]).count(), 1, "applied once");
        }
    }
    let chain = chain_of(&writer.device, &writer.device.urgent).await;
    assert_eq!(chain, writer.device.urgent.last, "the chain stands where the writer stands");
}

async fn chain_of(device: &Device, lane: &LaneState) -> u64 {
    let hello = device.hello().await.expect("hello");
    let circle = hello.circles.iter().find(|circle| circle.circle == device.circle).expect("own circle");
    let dots = circle.chains.iter().filter_map(|point| point.dot.as_ref());
    dots.filter(|dot| dot.replica == lane.replica).map(|dot| dot.counter).max().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_entry_is_lost_by_kill_9_sqlite() {
    rounds(STORES[0], count("OSTEON_ROUNDS", 5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_entry_is_lost_by_kill_9_postgres() {
    rounds(STORES[1], count("OSTEON_ROUNDS", 5)).await;
}
