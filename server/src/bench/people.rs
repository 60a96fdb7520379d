//! One end of the load: a device on a connection of its own, and the calls that it makes.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use osteon_proto::{
    sync::{self as pb, sync_service_client::SyncServiceClient, verdict::Verdict},
    table::FIELD_TABLE_VERSION,
};
use prost::Message;
use tokio::task::JoinSet;
use tonic::{Request, transport::Channel};

use super::{
    clinic::{Device, Token},
    entry::Entry,
    host::{Host, Kind},
};

/// Connections that are opened at once.
const AT_ONCE: usize = 64;

pub(super) struct Person {
    pub device: Device,
    client: SyncServiceClient<Channel>,
    token: Option<Token>,
    next: u64,
    base: u64,
}

/// What one call took.
pub(super) struct Pushed {
    pub wait: Duration,
    pub up: u64,
    pub down: u64,
}

/// A connection for each device, signed in unless the server is the baseline.
pub(super) async fn connect(host: &Host, kind: Kind, devices: &[Device]) -> anyhow::Result<Vec<Person>> {
    let mut people: Vec<Option<Person>> = devices.iter().map(|_| None).collect();
    let mut tasks = JoinSet::new();
    for (n, device) in devices.iter().enumerate() {
        if tasks.len() >= AT_ONCE {
            take(&mut tasks, &mut people).await?;
        }
        let (dialler, device) = (host.dialler.clone(), device.clone());
        tasks.spawn(async move {
            let channel = dialler.dial().await?;
            let token = match kind {
                Kind::Osteon | Kind::WithoutAudit | Kind::WithoutRules => Some(device.sign_in(channel.clone()).await?),
                Kind::Bare => None,
            };
            let client = SyncServiceClient::new(channel).max_decoding_message_size(16 << 20);
            Ok((n, Person { device, client, token, next: 1, base: 0 }))
        });
    }
    while !tasks.is_empty() {
        take(&mut tasks, &mut people).await?;
    }
    Ok(people.into_iter().flatten().collect())
}

async fn take(tasks: &mut JoinSet<anyhow::Result<(usize, Person)>>, out: &mut [Option<Person>]) -> anyhow::Result<()> {
    if let Some(done) = tasks.join_next().await {
        let (n, person) = done??;
        out[n] = Some(person);
    }
    Ok(())
}

impl Person {
    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(token) = &self.token {
            request.metadata_mut().insert("authorization", token.clone());
        }
        request
    }

    /// Continues after the entries that this device pushed on an earlier connection.
    pub(super) fn after(&mut self, pushed: u64) {
        self.next = pushed + 1;
    }

    /// One call with these entries as new records; every one must be accepted.
    pub(super) async fn push(&mut self, entries: &[Entry]) -> anyhow::Result<Pushed> {
        let change = |entry: &Entry| pb::Change {
            clock_ms: entry.made_ms,
            writes: vec![pb::RecordWrite {
                record: entry.record.0.to_vec().into(),
                body: Some(entry.body.clone()),
                create: true,
                ..Default::default()
            }],
            ..Default::default()
        };
        let message = pb::PushRequest {
            circle: self.device.circle,
            epoch: self.device.epoch,
            replica: self.device.urgent,
            first_counter: self.next,
            base: self.base,
            changes: entries.iter().map(change).collect(),
            field_table_version: FIELD_TABLE_VERSION,
            ..Default::default()
        };
        let up = message.encoded_len() as u64;
        let request = self.request(message);
        let started = Instant::now();
        let answer = self.client.push(request).await?.into_inner();
        let wait = started.elapsed();
        if answer.verdicts.len() != entries.len() {
            bail!("{} verdicts for {} entries", answer.verdicts.len(), entries.len());
        }
        for verdict in &answer.verdicts {
            match &verdict.verdict {
                Some(Verdict::Accepted(accepted)) => self.base = accepted.sequence,
                Some(Verdict::Refused(refused)) => bail!("an entry was refused: {}", refused.reason),
                _ => bail!("an entry was not accepted"),
            }
        }
        self.next += entries.len() as u64;
        Ok(Pushed { wait, up, down: answer.encoded_len() as u64 })
    }

    /// Opens a pull.
    pub(super) async fn pull(
        &mut self,
        positions: Vec<pb::CirclePosition>,
        live: bool,
    ) -> anyhow::Result<(tonic::Streaming<pb::PullResponse>, u64)> {
        let message = pb::PullRequest { positions, live, epoch: self.device.epoch, ..Default::default() };
        let up = message.encoded_len() as u64;
        let request = self.request(message);
        Ok((self.client.pull(request).await?.into_inner(), up))
    }

    /// The baseline's bare call, with a message as long as a pull's.
    pub(super) async fn hello(&mut self, client: &str) -> anyhow::Result<(u64, u64)> {
        let message = pb::HelloRequest { epoch: 1, client: client.to_owned(), ..Default::default() };
        let up = message.encoded_len() as u64;
        let request = self.request(message);
        let answer = self.client.hello(request).await.context("the bare call")?.into_inner();
        Ok((up, answer.encoded_len() as u64))
    }
}

/// Where to begin.
pub(super) fn position(circle: u64, cursor: Vec<u8>) -> pb::CirclePosition {
    pb::CirclePosition { circle, cursor: cursor.into(), ..Default::default() }
}
