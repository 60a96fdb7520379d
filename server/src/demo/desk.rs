//! A clinician at a desk: a program of its own that speaks RecordService, ReviewService and DeviceService as a browser
//! would, with a command a line. It opens a plan and keeps what was on the screen, so that what others write meanwhile is
//! concurrent, and says so.

use std::{path::Path, time::Duration};

use anyhow::{Context, bail};
use aws_lc_rs::signature::{EcdsaKeyPair, KeyPair};
use osteon_proto::{
    care, identity as id,
    identity::{device_service_client::DeviceServiceClient, session_service_client::SessionServiceClient},
    record::{self as pb, record_service_client::RecordServiceClient},
    review::{self, review_service_client::ReviewServiceClient},
    split::{close, open},
    sync,
};
use prost::Message;
use serde_json::{Value, json};
use tokio::time::Instant;
use tonic::{
    Request,
    metadata::AsciiMetadataValue,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};

use super::FIELD;
use crate::ids::{OsIds, random};

const EXERCISE_PLAN: u32 = 201;
/// Access tokens live five minutes.
const SIGN_IN_AGAIN: Duration = Duration::from_secs(240);

/// A signed-in clinician, and the plan that is open.
pub(crate) struct Desk {
    channel: Channel,
    key: EcdsaKeyPair,
    circle: u64,
    token: Option<(AsciiMetadataValue, Instant)>,
    open: Option<pb::RecordView>,
}

impl Desk {
    pub(crate) async fn sit_down(url: String, ca: &Path, key: EcdsaKeyPair, circle: u64) -> anyhow::Result<Self> {
        let pem = std::fs::read(ca).with_context(|| format!("cannot read {}", ca.display()))?;
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem));
        let channel = Endpoint::from_shared(url)?.tls_config(tls)?.connect().await?;
        Ok(Self { channel, key, circle, token: None, open: None })
    }

    /// One command, and what came of it.
    pub(crate) async fn command(&mut self, line: &str) -> anyhow::Result<Value> {
        let (what, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let (first, words) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
        match what {
            "look" => Ok(json!([said(&self.plan().await?)])),
            "open" => {
                let plan = self.plan().await?;
                let seen = said(&plan);
                self.open = Some(plan);
                Ok(seen)
            }
            "write" => self.write(first.parse().context("a number of minutes")?, words).await,
            "decide" => self.decide(first.parse().context("a number of minutes")?, words).await,
            "wipe" => self.wipe(first).await,
            _ => bail!("look, open, write, decide or wipe"),
        }
    }

    async fn request<T>(&mut self, message: T) -> anyhow::Result<Request<T>> {
        let fresh = self.token.as_ref().filter(|(_, since)| since.elapsed() < SIGN_IN_AGAIN);
        let token = match fresh {
            Some((token, _)) => token.clone(),
            None => {
                let token = self.sign_in().await?;
                self.token = Some((token.clone(), Instant::now()));
                token
            }
        };
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", token);
        Ok(request)
    }

    async fn sign_in(&self) -> anyhow::Result<AsciiMetadataValue> {
        let mut sessions = SessionServiceClient::new(self.channel.clone());
        let device_key = self.key.public_key().as_ref().to_vec();
        let begin = id::BeginSessionRequest { device_key: device_key.clone().into() };
        let challenge = sessions.begin_session(begin).await?.into_inner().challenge;
        let signature = self.key.sign(OsIds::new().source(), &challenge).ok().context("a signature")?;
        let signature = signature.as_ref().to_vec().into();
        let finish =
            id::FinishSessionRequest { device_key: device_key.into(), challenge, signature, ..Default::default() };
        let tokens = sessions.finish_session(finish).await?.into_inner().tokens.context("tokens")?;
        Ok(format!("Bearer {}", tokens.access_token).parse()?)
    }

    /// The circle's exercise plan, as it stands.
    async fn plan(&mut self) -> anyhow::Result<pb::RecordView> {
        let ask =
            pb::ListRecordsRequest { circle: self.circle, r#type: EXERCISE_PLAN, page_size: 1, ..Default::default() };
        let ask = self.request(ask).await?;
        let listed = RecordServiceClient::new(self.channel.clone()).list_records(ask).await?.into_inner();
        listed.records.into_iter().next().context("an exercise plan")
    }

    /// Writes the field as it was on the screen when the plan was opened.
    async fn write(&mut self, minutes: u32, reason: &str) -> anyhow::Result<Value> {
        let open = self.open.as_ref().context("open the plan first")?;
        let shown = open.fields.iter().filter(|field| field.name == FIELD);
        let write = pb::WriteRecordRequest {
            circle: self.circle,
            record_id: open.record_id.clone(),
            body: Some(body(minutes).into()),
            update_mask: Some(prost_types::FieldMask { paths: vec![FIELD.to_owned()] }),
            shown: shown
                .map(|f| pb::FieldShown { field: f.field, element: f.element.clone(), shown: f.shown.clone() })
                .collect(),
            request_id: request_id(),
            reason: reason.to_owned(),
            ..Default::default()
        };
        let write = self.request(write).await?;
        let done = RecordServiceClient::new(self.channel.clone()).write_record(write).await?.into_inner();
        let record = done.record.context("the record")?;
        let answer = json!({"written": minutes, "plan": said(&record)});
        self.open = Some(record);
        Ok(answer)
    }

    /// Settles the question of this field: every version was on the screen.
    async fn decide(&mut self, minutes: u32, reason: &str) -> anyhow::Result<Value> {
        let list = review::ListReviewsRequest { circle: self.circle, ..Default::default() };
        let list = self.request(list).await?;
        let mut reviews = ReviewServiceClient::new(self.channel.clone());
        let open = reviews.list_reviews(list).await?.into_inner().reviews;
        let ours = |one: &review::Review| one.field.as_ref().is_some_and(|field| field.name == FIELD);
        let question = open.into_iter().find(ours).context("the question of this round")?;
        let versions = question.field.as_ref().map_or(0, |field| field.versions.len());
        let resolve = review::ResolveReviewRequest {
            review_id: question.review_id,
            shown: question.shown,
            value: Some(body(minutes).into()),
            reason: reason.to_owned(),
            request_id: request_id(),
            ..Default::default()
        };
        let resolve = self.request(resolve).await?;
        let done = reviews.resolve_review(resolve).await?.into_inner();
        Ok(json!({"versions": versions, "plan": said(&done.record.context("the record")?)}))
    }

    /// Orders a device of this circle to erase itself.
    async fn wipe(&mut self, name: &str) -> anyhow::Result<Value> {
        let mut devices = DeviceServiceClient::new(self.channel.clone());
        let list = self.request(id::ListDevicesRequest { circle: self.circle, account: 0 }).await?;
        let listed = devices.list_devices(list).await?.into_inner().devices;
        let of_that_name = listed.iter().filter(|row| row.name == name);
        // The newest, where an older one of that name is gone already.
        let device = of_that_name.map(|row| row.device).max().with_context(|| format!("no device {name}"))?;
        let order = sync::DeviceOrder::Wipe.into();
        let wipe = self.request(id::RevokeDeviceRequest { circle: self.circle, device, order }).await?;
        let row = devices.revoke_device(wipe).await?.into_inner().device.context("the device")?;
        Ok(json!({"device": device, "standing": row.standing().as_str_name()}))
    }
}

fn request_id() -> String {
    uuid::Uuid::from_bytes(random(&OsIds::new())).to_string()
}

fn body(minutes: u32) -> Vec<u8> {
    let plan = care::ExercisePlan { max_minutes_session: Some(minutes), ..Default::default() };
    close(EXERCISE_PLAN, &plan.encode_to_vec())
}

/// What is on the screen, in the shape in which a phone says it.
fn said(record: &pb::RecordView) -> Value {
    let field = record.fields.iter().find(|field| field.name == FIELD);
    let value = record.body.as_deref().and_then(|body| care::ExercisePlan::decode(open(body).ok()?.1).ok());
    json!({
        "record": record.record_id,
        "fields": [{
            "field": FIELD,
            "value": value.and_then(|plan| plan.max_minutes_session),
            "needs_review": field.is_some_and(|field| field.needs_review),
            "versions": field.map_or(0, |field| field.versions.len()),
        }],
    })
}
