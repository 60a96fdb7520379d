//! The people of the workload, made by the use cases themselves on the data directory before the load starts: a circle
//! for each patient, a nurse who is in many of them, and a crowd in one circle for the streams that only wait.

use std::sync::Arc;

use anyhow::Context;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use osteon_proto::{
    identity::{self as pb, session_service_client::SessionServiceClient},
    meta::Role,
};
use tokio::task::JoinSet;
use tonic::{metadata::AsciiMetadataValue, transport::Channel};

use crate::{
    app::{App, enrol, members},
    config::Config,
    ids::{OsIds, random},
    limits, site,
};

/// How many people there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub writers: usize,
    /// Circles of the nurse.
    pub synced: usize,
    /// Streams of the crowd.
    pub idle: usize,
}

/// An enrolled device.
#[derive(Clone)]
pub(super) struct Device {
    pub circle: u64,
    /// Replica of the lane that J01 goes by.
    pub urgent: u32,
    pub epoch: u32,
    key: Arc<EcdsaKeyPair>,
}

pub(super) struct Clinic {
    /// One patient each, one circle each.
    pub writers: Vec<Device>,
    pub nurse: Device,
    /// Circles that the nurse syncs: those of the first patients.
    pub synced: Vec<u64>,
    /// All in one circle.
    pub crowd: Vec<Device>,
}

/// Enrolments that run at once: they share commits.
const AT_ONCE: usize = 32;
/// Members that a circle starts with; the others are named one by one.
const FOUNDERS: usize = 100;

struct Setup {
    app: Arc<App>,
    clinic: u64,
    name: String,
}

/// Founds the circles and enrols everybody. The server may run beside it: this is one more node.
pub(super) async fn found(config: &Config, sizes: Sizes) -> anyhow::Result<Clinic> {
    let site = site::open(config).await?;
    let made = people(&site.app, sizes).await;
    site.close().await;
    made
}

async fn people(app: &Arc<App>, sizes: Sizes) -> anyhow::Result<Clinic> {
    let name = format!("bench-{}", hex::encode(random::<4>(&*app.ids)));
    let clinic = app.store.create_clinic(&name).await?;
    let setup = Arc::new(Setup { app: Arc::clone(app), clinic, name });
    let nurse = app.store.create_account(clinic, members::PERSON).await?;
    let mut tasks = JoinSet::new();
    let mut writers: Vec<Option<Device>> = vec![None; sizes.writers];
    for n in 0..sizes.writers {
        if tasks.len() >= AT_ONCE {
            take(&mut tasks, &mut writers).await?;
        }
        let (setup, nurse) = (Arc::clone(&setup), (n < sizes.synced).then_some(nurse));
        tasks.spawn(async move { Ok((n, setup.patient(n, nurse).await?)) });
    }
    while !tasks.is_empty() {
        take(&mut tasks, &mut writers).await?;
    }
    let writers: Vec<Device> = writers.into_iter().flatten().collect();
    let synced: Vec<u64> = writers.iter().take(sizes.synced).map(|device| device.circle).collect();
    let first = writers.first().context("at least one writer")?.circle;
    let nurse = setup.enrol(first, &setup.short_id(0), nurse, Role::Nurse).await?;
    let crowd = setup.crowd(sizes.idle).await?;
    Ok(Clinic { writers, nurse, synced, crowd })
}

type Made = anyhow::Result<(usize, Device)>;

async fn take(tasks: &mut JoinSet<Made>, out: &mut [Option<Device>]) -> anyhow::Result<()> {
    if let Some(done) = tasks.join_next().await {
        let (n, device) = done??;
        out[n] = Some(device);
    }
    Ok(())
}

impl Setup {
    fn short_id(&self, n: usize) -> String {
        format!("{}-{n}", self.name)
    }

    async fn patient(&self, n: usize, nurse: Option<u64>) -> anyhow::Result<Device> {
        let patient = self.app.store.create_account(self.clinic, members::PERSON).await?;
        let mut named = vec![(patient, Role::Patient)];
        named.extend(nurse.map(|nurse| (nurse, Role::Nurse)));
        let short_id = self.short_id(n);
        let circle = members::found(&self.app, self.clinic, &short_id, &named).await?;
        self.enrol(circle, &short_id, patient, Role::Patient).await
    }

    /// As many nurses of one circle as `streams` need, and its patient, who comes first.
    async fn crowd(self: &Arc<Self>, streams: usize) -> anyhow::Result<Vec<Device>> {
        let nurses = streams.div_ceil(limits::STREAMS_PER_ACCOUNT.usize());
        let mut named = Vec::new();
        for n in 0..=nurses {
            let role = if n == 0 { Role::Patient } else { Role::Nurse };
            named.push((self.app.store.create_account(self.clinic, members::PERSON).await?, role));
        }
        let short_id = format!("{}-crowd", self.name);
        let (founders, later) = named.split_at(named.len().min(FOUNDERS));
        let circle = members::found(&self.app, self.clinic, &short_id, founders).await?;
        for (account, role) in later {
            members::name(&self.app, circle, *account, *role).await?;
        }
        let mut crowd: Vec<Option<Device>> = vec![None; named.len()];
        let mut tasks = JoinSet::new();
        for (n, (account, role)) in named.into_iter().enumerate() {
            if tasks.len() >= AT_ONCE {
                take(&mut tasks, &mut crowd).await?;
            }
            let (setup, short_id) = (Arc::clone(self), short_id.clone());
            tasks.spawn(async move { Ok((n, setup.enrol(circle, &short_id, account, role).await?)) });
        }
        while !tasks.is_empty() {
            take(&mut tasks, &mut crowd).await?;
        }
        Ok(crowd.into_iter().flatten().collect())
    }

    async fn enrol(&self, circle: u64, short_id: &str, account: u64, role: Role) -> anyhow::Result<Device> {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let key = Arc::new(key.map_err(|_| anyhow::anyhow!("cannot make a key"))?);
        let public = key.public_key().as_ref().to_vec();
        let invite = enrol::invite(&self.app, circle, short_id, account, role as u8).await?;
        let begin = pb::BeginEnrolmentRequest {
            code: invite.typed.clone(),
            short_id: short_id.to_owned(),
            device_key: public.clone().into(),
        };
        let challenge = enrol::begin(&self.app, &begin).await?.challenge;
        let finish = pb::FinishEnrolmentRequest {
            code: invite.typed,
            short_id: short_id.to_owned(),
            device_key: public.into(),
            signature: sign(&key, &challenge)?.into(),
            challenge,
            device_name: "bench".to_owned(),
        };
        let done = enrol::finish(&self.app, &finish).await?;
        let urgent = done.lanes.get(1).context("two lanes")?.replica;
        Ok(Device { circle, urgent, epoch: done.epoch, key })
    }
}

fn sign(key: &EcdsaKeyPair, message: &[u8]) -> anyhow::Result<Vec<u8>> {
    let signature = key.sign(OsIds::new().source(), message);
    Ok(signature.map_err(|_| anyhow::anyhow!("cannot sign"))?.as_ref().to_vec())
}

/// The header of a signed-in device.
pub(super) type Token = AsciiMetadataValue;

impl Device {
    /// A fresh session, over the wire as any device gets it: access tokens live five minutes.
    pub(super) async fn sign_in(&self, channel: Channel) -> anyhow::Result<Token> {
        let mut sessions = SessionServiceClient::new(channel);
        let device_key = self.key.public_key().as_ref().to_vec();
        let begin = pb::BeginSessionRequest { device_key: device_key.clone().into() };
        let challenge = sessions.begin_session(begin).await?.into_inner().challenge;
        let signature = sign(&self.key, &challenge)?.into();
        let finish =
            pb::FinishSessionRequest { device_key: device_key.into(), challenge, signature, ..Default::default() };
        let tokens = sessions.finish_session(finish).await?.into_inner().tokens.context("tokens")?;
        Ok(format!("Bearer {}", tokens.access_token).parse()?)
    }
}
