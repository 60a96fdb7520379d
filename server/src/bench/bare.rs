//! The baseline server: the same messages over the same TLS and HTTP/2 stack, stored by bare group commit, scanned and
//! streamed back. No token, no rule, no merge, no sealing, no audit that anybody could read.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context;
use osteon_proto::sync::{
    self as pb,
    pull_response::Event,
    sync_service_server::{SyncService, SyncServiceServer},
    verdict::{Accepted, Verdict},
};
use tokio::{
    net::TcpListener,
    sync::{Mutex as Queue, mpsc, oneshot},
};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::TaskTracker;
use tonic::{Request, Response, Status, service::Routes};

use super::raw::{Change, Raw, Sizes};
use crate::{
    config::{Config, Database},
    limits,
    serve::accept,
    tls,
};

/// Connections that write, as many as Osteon has.
const POSTGRES_WRITERS: usize = 4;
/// Answer of the bare call: about as long as "nothing is new".
const ANSWER: usize = 80;
/// Pages that may wait for one reader.
const PAGES_AHEAD: usize = 2;
/// Messages that may wait for one watcher.
const LIVE_AHEAD: usize = 64;

struct Job {
    circle: u64,
    changes: Vec<Change>,
    /// The first sequence.
    done: oneshot::Sender<i64>,
}

type Watchers = Arc<Mutex<HashMap<u64, Vec<mpsc::Sender<Sent>>>>>;
type Sent = Result<pb::PullResponse, Status>;

struct Bare {
    lanes: Vec<mpsc::Sender<Job>>,
    reader: Arc<Queue<Raw>>,
    watchers: Watchers,
}

/// What the baseline is told.
#[derive(Clone, Debug)]
pub struct Options {
    pub sizes: Sizes,
}

async fn connect(config: &Config) -> anyhow::Result<Raw> {
    match &config.database {
        Database::Sqlite(_) => Raw::sqlite(&file(config)).await,
        Database::Postgres(url) => Raw::postgres(&url.0).await,
    }
}

fn file(config: &Config) -> PathBuf {
    config.data.join("bare.db")
}

/// Serves until the process is told to end; `up` is told the address.
pub async fn serve(config: &Config, options: Options, now_ms: u64, up: impl FnOnce(SocketAddr)) -> anyhow::Result<()> {
    let files = tls::ensure(&config.tls, &config.data, now_ms)?;
    let tls = tls::server_config(&files, config.tls12)?;
    connect(config).await?.anew().await?;
    let watchers = Watchers::default();
    let mut lanes = Vec::new();
    for _ in 0..if matches!(config.database, Database::Sqlite(_)) { 1 } else { POSTGRES_WRITERS } {
        let (sender, queue) = mpsc::channel(limits::QUEUED_JOBS.usize());
        tokio::spawn(write(connect(config).await?, queue, options.sizes, Arc::clone(&watchers)));
        lanes.push(sender);
    }
    let bare = Bare { lanes, reader: Arc::new(Queue::new(connect(config).await?)), watchers };
    let routes = Routes::default().add_service(SyncServiceServer::new(bare));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("cannot listen")?;
    up(listener.local_addr()?);
    let served =
        accept::run(listener, Some(tls), routes.into_axum_router(), accept::Down::default(), TaskTracker::new());
    tokio::select! {
        () = served => Ok(()),
        signal = crate::serve::signal() => signal,
    }
}

/// Group commit, as the store does it: what waits is committed together.
async fn write(mut raw: Raw, mut queue: mpsc::Receiver<Job>, sizes: Sizes, watchers: Watchers) {
    let mut heads: BTreeMap<u64, i64> = BTreeMap::new();
    while let Some(first) = queue.recv().await {
        let mut group = vec![first];
        while group.len() < limits::GROUP_JOBS.usize()
            && group.iter().map(|job| job.changes.len()).sum::<usize>() < 1024
        {
            let Ok(job) = queue.try_recv() else { break };
            group.push(job);
        }
        group.sort_by_key(|job| job.circle);
        let (mut changes, mut moved, mut answers) = (Vec::new(), BTreeMap::new(), Vec::new());
        for job in group {
            let head = heads.entry(job.circle).or_default();
            answers.push((job.done, *head + 1));
            for mut change in job.changes {
                *head += 1;
                change.seq = *head;
                changes.push(change);
            }
            moved.insert(job.circle.cast_signed(), *head);
        }
        let moved: Vec<(i64, i64)> = moved.into_iter().collect();
        if let Err(error) = raw.commit(&changes, &moved, sizes).await {
            tracing::error!(%error, "the baseline cannot commit");
            return;
        }
        for (done, seq) in answers {
            // A caller that went away needs no answer.
            let _ = done.send(seq);
        }
        tell(&watchers, &changes);
    }
}

fn tell(watchers: &Watchers, changes: &[Change]) {
    let watchers = watchers.lock().unwrap_or_else(PoisonError::into_inner);
    if watchers.is_empty() {
        return;
    }
    for change in changes {
        for watcher in watchers.get(&change.circle.cast_unsigned()).into_iter().flatten() {
            let row = (change.seq, change.record.to_vec(), change.body.clone());
            // A watcher that does not read is not waited for.
            let _ = watcher.try_send(Ok(page(change.circle.cast_unsigned(), vec![row], true)));
        }
    }
}

fn page(circle: u64, rows: Vec<(i64, Vec<u8>, Vec<u8>)>, at_head: bool) -> pb::PullResponse {
    let cursor = rows.last().map_or(0, |row| row.0);
    let part = |(_, record, body): (i64, Vec<u8>, Vec<u8>)| pb::Part {
        record: record.into(),
        body: Some(body.into()),
        ..Default::default()
    };
    let cells = vec![pb::CellParts { parts: rows.into_iter().map(part).collect(), ..Default::default() }];
    let page = pb::Page { circle, cursor: cursor.to_be_bytes().to_vec().into(), cells, at_head, ..Default::default() };
    pb::PullResponse { epoch: 1, event: Some(Event::Page(page)) }
}

fn failed(error: anyhow::Error) -> Status {
    tracing::error!(%error, "the baseline failed");
    Status::internal("the baseline failed")
}

/// Everything of these circles, in pages.
async fn scan(reader: &Queue<Raw>, circles: &[u64], out: &mpsc::Sender<Sent>) -> anyhow::Result<()> {
    let limit = limits::PAGE_PARTS.max.cast_signed();
    for circle in circles {
        let mut after = 0;
        loop {
            let rows = reader.lock().await.scan(circle.cast_signed(), after, limit).await?;
            let full = rows.len() as i64 == limit;
            after = rows.last().map_or(after, |row| row.0);
            out.send(Ok(page(*circle, rows, !full))).await?;
            if !full {
                break;
            }
        }
    }
    Ok(())
}

#[tonic::async_trait]
impl SyncService for Bare {
    /// The bare unary call.
    async fn hello(&self, _: Request<pb::HelloRequest>) -> Result<Response<pb::HelloResponse>, Status> {
        Ok(Response::new(pb::HelloResponse { epoch: 1, min_client: "x".repeat(ANSWER), ..Default::default() }))
    }

    async fn push(&self, request: Request<pb::PushRequest>) -> Result<Response<pb::PushResponse>, Status> {
        let request = request.into_inner();
        let bytes = |change: pb::Change, counter| {
            let write = change.writes.into_iter().next().unwrap_or_default();
            Some(Change {
                circle: request.circle.cast_signed(),
                record: write.record.as_ref().try_into().ok()?,
                replica: request.replica.cast_signed(),
                counter,
                seq: 0,
                begins_call: counter == request.first_counter.cast_signed(),
                body: write.body?.to_vec(),
            })
        };
        let counters = request.first_counter.cast_signed()..;
        let changes: Vec<Change> = request.changes.into_iter().zip(counters).filter_map(|(c, n)| bytes(c, n)).collect();
        let (n, (done, answer)) = (changes.len() as u64, oneshot::channel());
        let lane = &self.lanes[(request.circle % self.lanes.len() as u64) as usize];
        let queued = lane.send(Job { circle: request.circle, changes, done }).await;
        queued.map_err(|_| Status::unavailable("the baseline has ended"))?;
        let first = answer.await.map_err(|_| Status::unavailable("the baseline has ended"))?.cast_unsigned();
        let verdict = |i| pb::Verdict {
            counter: request.first_counter + i,
            verdict: Some(Verdict::Accepted(Accepted { sequence: first + i, ..Default::default() })),
        };
        Ok(Response::new(pb::PushResponse { epoch: 1, verdicts: (0..n).map(verdict).collect() }))
    }

    type PullStream = ReceiverStream<Sent>;

    async fn pull(&self, request: Request<pb::PullRequest>) -> Result<Response<Self::PullStream>, Status> {
        let request = request.into_inner();
        let (out, pages) = mpsc::channel(PAGES_AHEAD);
        let circles: Vec<u64> = request.positions.iter().map(|position| position.circle).collect();
        if request.live {
            let (out, pages) = mpsc::channel(LIVE_AHEAD);
            let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
            for circle in circles {
                watchers.entry(circle).or_default().push(out.clone());
            }
            return Ok(Response::new(ReceiverStream::new(pages)));
        }
        let reader = Arc::clone(&self.reader);
        tokio::spawn(async move {
            if let Err(error) = scan(&reader, &circles, &out).await {
                // The reader may have gone.
                let _ = out.send(Err(failed(error))).await;
            }
        });
        Ok(Response::new(ReceiverStream::new(pages)))
    }

    async fn rebase(&self, _: Request<pb::RebaseRequest>) -> Result<Response<pb::RebaseResponse>, Status> {
        Err(Status::unimplemented("the baseline stores and streams"))
    }

    async fn offer(&self, _: Request<pb::OfferRequest>) -> Result<Response<pb::OfferResponse>, Status> {
        Err(Status::unimplemented("the baseline stores and streams"))
    }

    async fn list_feed(&self, _: Request<pb::ListFeedRequest>) -> Result<Response<pb::ListFeedResponse>, Status> {
        Err(Status::unimplemented("the baseline stores and streams"))
    }
}
