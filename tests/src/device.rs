//! A device as the contracts describe it, with generated stubs and nothing of our own device core: enrolment with a
//! P-256 key, two lanes, dense counters, push and pull. What it sends is decided by the test, also when it is wrong.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use osteon_proto::{
    identity::{self, enrolment_service_client::EnrolmentServiceClient},
    meta::{Lane, Role},
    record::record_service_client::RecordServiceClient,
    review::review_service_client::ReviewServiceClient,
    sync::{self, sync_service_client::SyncServiceClient},
};
use tonic::{Code, Request, Status, transport::Channel};

use crate::server::Server;

/// One lane: a replica and the counter of its last change.
#[derive(Clone, Debug)]
pub struct LaneState {
    pub epoch: u32,
    pub replica: u32,
    pub chain_key: Vec<u8>,
    pub last: u64,
}

pub struct Device {
    pub channel: Channel,
    pub key: EcdsaKeyPair,
    pub account: u64,
    pub circle: u64,
    pub role: Role,
    pub epoch: u32,
    pub urgent: LaneState,
    pub ordinary: LaneState,
    pub tokens: identity::TokenPair,
    /// The clinic's public key, pinned.
    pub clinic_key: Vec<u8>,
}

/// An invitation: what a person types or scans.
#[derive(Clone, Debug)]
pub struct Invite {
    pub code: String,
    /// The same invite as a QR code; empty where nobody scans it.
    pub qr: String,
    pub short_id: String,
}

impl Server {
    /// A new circle with its first member, by the command line of the machine that the server runs on.
    pub fn new_circle(&self, role: &str) -> Result<Invite> {
        self.invite(&["--new-circle", "--role", role])
    }

    /// Another member of an existing circle.
    pub fn invite_into(&self, short_id: &str, role: &str) -> Result<Invite> {
        self.invite(&["--circle", short_id, "--role", role])
    }

    /// Another device of somebody who is a member.
    pub fn another_device(&self, short_id: &str, role: &str, account: u64) -> Result<Invite> {
        self.invite(&["--circle", short_id, "--role", role, "--account", &account.to_string()])
    }

    fn invite(&self, args: &[&str]) -> Result<Invite> {
        let mut all = vec!["invite"];
        all.extend(args);
        let answer = self.cli(&all)?;
        let text = |name: &str| {
            answer[name].as_str().map(str::to_owned).with_context(|| format!("`{name}` is missing in {answer}"))
        };
        Ok(Invite { code: text("code")?, qr: text("qr")?, short_id: text("short_id")? })
    }
}

pub fn new_key() -> Result<EcdsaKeyPair> {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok().context("no key")
}

pub fn sign(key: &EcdsaKeyPair, message: &[u8]) -> Result<Vec<u8>> {
    Ok(key.sign(&SystemRandom::new(), message).ok().context("no signature")?.as_ref().to_vec())
}

impl Device {
    pub async fn enrol(channel: Channel, invite: &Invite) -> Result<Self> {
        let key = new_key()?;
        let device_key = key.public_key().as_ref().to_vec();
        let mut service = EnrolmentServiceClient::new(channel.clone());
        let begun = service
            .begin_enrolment(identity::BeginEnrolmentRequest {
                code: invite.code.clone(),
                short_id: invite.short_id.clone(),
                device_key: device_key.clone().into(),
            })
            .await?
            .into_inner();
        let signature = sign(&key, &begun.challenge)?;
        let done = service
            .finish_enrolment(identity::FinishEnrolmentRequest {
                code: invite.code.clone(),
                short_id: invite.short_id.clone(),
                device_key: device_key.into(),
                challenge: begun.challenge,
                signature: signature.into(),
                device_name: "test device".to_owned(),
            })
            .await?
            .into_inner();
        let lane = |wanted: Lane| {
            let found = done.lanes.iter().find(|lane| lane.lane == wanted as i32);
            let found = found.with_context(|| format!("no lane {wanted:?}"))?;
            anyhow::Ok(LaneState {
                epoch: found.epoch,
                replica: found.replica,
                chain_key: found.chain_key.to_vec(),
                last: 0,
            })
        };
        Ok(Self {
            account: done.account,
            circle: done.circle,
            role: done.role(),
            epoch: done.epoch,
            urgent: lane(Lane::Urgent)?,
            ordinary: lane(Lane::Ordinary)?,
            tokens: done.tokens.clone().context("no tokens")?,
            clinic_key: done.clinic_key.to_vec(),
            channel,
            key,
        })
    }

    /// A patient in a circle of their own.
    pub async fn patient(server: &Server) -> Result<Self> {
        Self::enrol(server.channel()?, &server.new_circle("patient")?).await
    }

    pub fn sync(&self) -> SyncServiceClient<Channel> {
        SyncServiceClient::new(self.channel.clone()).max_decoding_message_size(64 << 20)
    }

    pub fn records(&self) -> RecordServiceClient<Channel> {
        RecordServiceClient::new(self.channel.clone())
    }

    pub fn reviews(&self) -> ReviewServiceClient<Channel> {
        ReviewServiceClient::new(self.channel.clone())
    }

    /// A request with this device's access token.
    pub fn request<T>(&self, message: T) -> Request<T> {
        with_token(message, &self.tokens.access_token)
    }

    /// New tokens for the same replicas, by the device key.
    pub async fn sign_in(&mut self) -> Result<()> {
        let mut service = identity::session_service_client::SessionServiceClient::new(self.channel.clone());
        let device_key: Vec<u8> = self.key.public_key().as_ref().to_vec();
        let begun =
            service.begin_session(identity::BeginSessionRequest { device_key: device_key.clone().into() }).await?;
        let challenge = begun.into_inner().challenge;
        let signature = sign(&self.key, &challenge)?;
        let done = service
            .finish_session(identity::FinishSessionRequest {
                device_key: device_key.into(),
                challenge,
                signature: signature.into(),
                ..Default::default()
            })
            .await?;
        self.tokens = done.into_inner().tokens.context("no tokens")?;
        Ok(())
    }

    pub async fn hello(&self) -> Result<sync::HelloResponse, Status> {
        let request = sync::HelloRequest { epoch: self.epoch, client: "0.1.0".to_owned(), ..Default::default() };
        Ok(self.sync().hello(self.request(request)).await?.into_inner())
    }

    /// A push of these changes as the next ones of the urgent lane. The counter moves only in [`Self::push_urgent`].
    pub fn push_request(&self, lane: &LaneState, changes: Vec<sync::Change>) -> sync::PushRequest {
        sync::PushRequest {
            circle: self.circle,
            epoch: self.epoch,
            replica: lane.replica,
            first_counter: lane.last + 1,
            changes,
            field_table_version: FIELD_TABLE,
            ..Default::default()
        }
    }

    pub async fn push(&self, request: sync::PushRequest) -> Result<sync::PushResponse, Status> {
        Ok(self.sync().push(self.request(request)).await?.into_inner())
    }

    /// Pushes and moves the lane on by the final verdicts.
    pub async fn push_urgent(&mut self, changes: Vec<sync::Change>) -> Result<Vec<sync::Verdict>, Status> {
        let answer = self.push(self.push_request(&self.urgent, changes)).await?;
        self.urgent.last += answer.verdicts.iter().filter(|verdict| is_final(verdict)).count() as u64;
        Ok(answer.verdicts)
    }

    pub async fn push_ordinary(&mut self, changes: Vec<sync::Change>) -> Result<Vec<sync::Verdict>, Status> {
        let answer = self.push(self.push_request(&self.ordinary, changes)).await?;
        self.ordinary.last += answer.verdicts.iter().filter(|verdict| is_final(verdict)).count() as u64;
        Ok(answer.verdicts)
    }

    /// Everything past `cursor` up to the head, page by page.
    pub async fn pull(&self, cursor: &[u8]) -> Result<Vec<sync::Page>, Status> {
        let mut pages = Vec::new();
        let mut cursor = cursor.to_vec();
        // One call sends all that there is; another one only if the stream ended before the head.
        for _ in 0..100 {
            let position =
                sync::CirclePosition { circle: self.circle, cursor: cursor.clone().into(), ..Default::default() };
            let request = sync::PullRequest { positions: vec![position], epoch: self.epoch, ..Default::default() };
            let mut stream = self.sync().pull(self.request(request)).await?.into_inner();
            let before = pages.len();
            while let Some(answer) = stream.message().await? {
                if let Some(sync::pull_response::Event::Page(page)) = answer.event {
                    cursor = page.cursor.to_vec();
                    pages.push(page);
                }
            }
            if pages.len() == before || pages.last().is_some_and(|page| page.at_head) {
                return Ok(pages);
            }
        }
        Err(Status::new(Code::Internal, "the pull never reaches the head"))
    }

    /// Every part that this device may have, from the beginning.
    pub async fn parts(&self) -> Result<Vec<sync::Part>, Status> {
        let pages = self.pull(&[]).await?;
        Ok(pages.into_iter().flat_map(|page| page.cells).flat_map(|cell| cell.parts).collect())
    }
}

/// The version of the field table that these tests were written for.
pub const FIELD_TABLE: u32 = 1;

pub fn with_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(Duration::from_secs(20));
    if let Ok(value) = format!("Bearer {token}").parse() {
        request.metadata_mut().insert("authorization", value);
    }
    request
}

pub fn is_final(verdict: &sync::Verdict) -> bool {
    use sync::verdict::Verdict::{Accepted, Quarantined, Refused, Skipped};
    matches!(verdict.verdict, Some(Accepted(_) | Refused(_) | Quarantined(_) | Skipped(_)))
}

pub fn is_accepted(verdict: &sync::Verdict) -> bool {
    matches!(verdict.verdict, Some(sync::verdict::Verdict::Accepted(_)))
}

/// The reason of a refusal, or the name of the other verdict.
pub fn verdict_word(verdict: &sync::Verdict) -> String {
    use sync::verdict::Verdict;
    match &verdict.verdict {
        Some(Verdict::Accepted(_)) => "ACCEPTED".to_owned(),
        Some(Verdict::Refused(refused)) => refused.reason.clone(),
        Some(Verdict::Quarantined(_)) => "QUARANTINED".to_owned(),
        Some(Verdict::Skipped(_)) => "SKIPPED".to_owned(),
        Some(Verdict::Later(_)) => "LATER".to_owned(),
        Some(Verdict::Gap(_)) => "GAP".to_owned(),
        Some(Verdict::Forked(_)) => "FORKED".to_owned(),
        None => "NONE".to_owned(),
    }
}

pub fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64)
}

/// A UUIDv7: `ms`, then a number that is new in this process.
pub fn record_id(ms: u64) -> [u8; 16] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    numbered_id(ms, NEXT.fetch_add(1, Ordering::Relaxed) | (u64::from(std::process::id()) << 32))
}

/// A UUIDv7 that a script can name again.
pub fn numbered_id(ms: u64, n: u64) -> [u8; 16] {
    let mut id = [0; 16];
    id[..6].copy_from_slice(&ms.to_be_bytes()[2..]);
    id[8..].copy_from_slice(&n.to_be_bytes());
    id[6] = 0x70;
    id[8] = 0x80 | (id[8] & 0x3f);
    id
}
