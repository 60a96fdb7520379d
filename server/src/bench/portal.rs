//! What a clinician's browser asks: the work list over all patients, one patient's page, two years of a chart. One call at a time, over one
//! connection, as the nurse of every circle.

use std::time::Instant;

use anyhow::{Context, bail};
use osteon_proto::{
    care,
    circle::{self, circle_service_client::CircleServiceClient},
    record::{self, record_service_client::RecordServiceClient},
    split,
    timeline::{self, timeline_service_client::TimelineServiceClient},
    worklist::{self, worklist_service_client::WorklistServiceClient},
};
use prost::Message;
use tonic::{Request, transport::Channel};

use super::{
    clinic::{Clinic, Device, Token},
    figures::{Measured, Section, Target},
    host::Host,
};

/// Patients of the work list.
pub(super) const PATIENTS: usize = 500;
/// Calls of each kind.
const CALLS: u64 = 50;
const DAYS: u64 = 730;
const DAY_MS: u64 = 86_400_000;
/// Records that are made at once.
const AT_ONCE: usize = 16;
const KIB: f64 = 1_024.0;

/// A connection, and as whom.
#[derive(Clone)]
struct Desk {
    channel: Channel,
    token: Token,
}

impl Desk {
    async fn open(host: &Host, device: &Device) -> anyhow::Result<Self> {
        let channel = host.dialler.dial().await?;
        let token = device.sign_in(channel.clone()).await?;
        Ok(Self { channel, token })
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", self.token.clone());
        request
    }
}

/// The circles are there and something is written in each. `now_ms`: the journal of two years ends then.
pub(super) async fn run(host: &Host, clinic: &Clinic, now_ms: u64) -> anyhow::Result<Vec<Section>> {
    let nurse = Desk::open(host, &clinic.nurse).await?;
    let list = work_list(host, &nurse, clinic.synced.len()).await?;
    let device = clinic.writers.first().context("a patient")?;
    let entries = two_years(&Desk::open(host, device).await?, device.circle, now_ms).await?;
    let page = page(host, &nurse, device.circle, entries).await?;
    let chart = chart(host, &nurse, device.circle, now_ms, entries).await?;
    Ok(vec![list, page, chart])
}

/// Asks over and over; `ask` tells how long its answer is.
async fn measured(host: &Host, mut ask: impl AsyncFnMut() -> anyhow::Result<u64>) -> anyhow::Result<Measured> {
    let mut measured = Measured::default();
    let (cpu, started) = (host.cpu(), Instant::now());
    for _ in 0..CALLS {
        let asked = Instant::now();
        measured.down += ask().await?;
        measured.waits.push(asked.elapsed());
        measured.count += 1;
    }
    measured.took = started.elapsed();
    measured.cpu = host.cpu().saturating_sub(cpu);
    Ok(measured)
}

async fn work_list(host: &Host, nurse: &Desk, patients: usize) -> anyhow::Result<Section> {
    let mut client = WorklistServiceClient::new(nurse.channel.clone());
    let mut ask = async || -> anyhow::Result<worklist::ListWorkResponse> {
        let request = nurse.request(worklist::ListWorkRequest::default());
        Ok(client.list_work(request).await?.into_inner())
    };
    let started = Instant::now();
    let first = ask().await?;
    let cold = started.elapsed();
    let total = first.total as usize;
    if total < patients {
        bail!("the list tells of {total} of {patients} patients");
    }
    let osteon = measured(host, async || Ok(ask().await?.encoded_len() as u64)).await?;
    let targets = vec![Target::at_most("ms (p50)", osteon.quantile(0.5), 50.0)];
    let notes =
        vec![format!("the first list of a server that knows nothing yet: {:.0} ms", cold.as_secs_f64() * 1_000.0)];
    let shape = format!("{patients} patients, the first 50 of them, {CALLS} calls");
    Ok(Section { name: "P1 work list", shape, osteon, targets, notes, ..Section::default() })
}

async fn page(host: &Host, nurse: &Desk, circle: u64, entries: usize) -> anyhow::Result<Section> {
    let mut client = CircleServiceClient::new(nurse.channel.clone());
    let osteon = measured(host, async || {
        let request = nurse.request(circle::GetCircleViewRequest { circle, ..Default::default() });
        Ok(client.get_circle_view(request).await?.into_inner().encoded_len() as u64)
    })
    .await?;
    let targets = vec![
        Target::at_most("ms (p50)", osteon.quantile(0.5), 15.0),
        Target::at_most("KiB an answer", osteon.down_each() / KIB, 60.0),
    ];
    let shape = format!("one patient with {entries} entries in two years, {CALLS} calls");
    Ok(Section { name: "P2 patient page", shape, osteon, targets, ..Section::default() })
}

async fn chart(host: &Host, nurse: &Desk, circle: u64, now_ms: u64, entries: usize) -> anyhow::Result<Section> {
    let mut client = TimelineServiceClient::new(nurse.channel.clone());
    let ask = |lanes: Vec<i32>| timeline::GetSeriesRequest {
        circle,
        from: day(now_ms - (DAYS - 1) * DAY_MS),
        to: day(now_ms),
        lanes,
        ..Default::default()
    };
    let mut read = async |lanes: Vec<i32>| -> anyhow::Result<u64> {
        let mut messages = client.get_series(nurse.request(ask(lanes))).await?.into_inner();
        let mut bytes = 0;
        while let Some(message) = messages.message().await? {
            bytes += message.encoded_len() as u64;
        }
        Ok(bytes)
    };
    let pain = measured(host, async || read(vec![timeline::SeriesLane::Pain.into()]).await).await?;
    let osteon = measured(host, async || read(Vec::new()).await).await?;
    let targets = vec![
        Target::at_most("one lane, ms (p50)", pain.quantile(0.5), 20.0),
        Target::at_most("every lane, ms (p50)", osteon.quantile(0.5), 20.0),
    ];
    let shape = format!("two years, {entries} entries, every lane, {CALLS} calls");
    Ok(Section { name: "P3 chart", shape, osteon, targets, ..Section::default() })
}

fn moment(at_ms: u64) -> Option<care::Moment> {
    let at = prost_types::Timestamp { seconds: (at_ms / 1_000).cast_signed(), nanos: 0 };
    Some(care::Moment { at: Some(at), utc_offset_min: Some(0), zone: None })
}

fn day(at_ms: u64) -> String {
    osteon_care_core::Day(i32::try_from(at_ms / DAY_MS).unwrap_or(i32::MAX)).to_string()
}

/// A day of the patient: a pain, two meals, two drinks, every second day a session, every seventh a weight. As (type, fields).
fn entries_of(day: u64, midnight_ms: u64) -> Vec<(u32, Vec<u8>)> {
    let at = |hour: u64| moment(midnight_ms + hour * 3_600_000);
    let worst_24h = u32::try_from(day % 4).ok();
    let mut all =
        vec![(101, care::PainEntry { effective_start: at(1), worst_24h, ..Default::default() }.encode_to_vec())];
    for hour in [2, 4] {
        all.push((103, care::Meal { when: at(hour), ..Default::default() }.encode_to_vec()));
        let drink = care::FluidEntry { effective_start: at(hour), volume: Some(250), ..Default::default() };
        all.push((104, drink.encode_to_vec()));
    }
    if day.is_multiple_of(2) {
        let walk = care::ActivitySession { effective_start: at(3), duration: Some(20), ..Default::default() };
        all.push((106, walk.encode_to_vec()));
    }
    if day.is_multiple_of(7) {
        let weight = care::BodyWeight { effective_start: at(1), weight: Some(7_050), ..Default::default() };
        all.push((108, weight.encode_to_vec()));
    }
    all
}

/// Written by the patient, online. Returns how many.
async fn two_years(patient: &Desk, circle: u64, now_ms: u64) -> anyhow::Result<usize> {
    let today_ms = now_ms / DAY_MS * DAY_MS;
    let all: Vec<_> = (1..DAYS).flat_map(|day| entries_of(day, today_ms - day * DAY_MS)).collect();
    let made = all.len();
    let mut tasks = tokio::task::JoinSet::new();
    for (number, fields) in all {
        if tasks.len() >= AT_ONCE
            && let Some(done) = tasks.join_next().await
        {
            done??;
        }
        let patient = patient.clone();
        tasks.spawn(async move {
            let body = Some(split::close(number, &fields).into());
            let request = patient.request(record::CreateRecordRequest { circle, body, ..Default::default() });
            let made = RecordServiceClient::new(patient.channel.clone()).create_record(request).await;
            made.map(|_| ()).context("an entry of two years")
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(made)
}
