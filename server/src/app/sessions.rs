//! Token pairs: opaque, rotated with the device's signature, idempotent by request id.
//!
//! A lost answer must never sign a patient out: the same refresh with the same request id gets the same successor for
//! ten minutes. A refresh token that was rotated by another request is a replay: the family ends. Both are asked for the
//! device's signature first: who found a token and has no key gets nothing, and ends nothing.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use osteon_proto::{identity as pb, meta};
use prost::Message;

use super::{App, Purpose, enrol, enrol::timestamp, secrets::sha256};
use crate::{
    access::Caller,
    error::{Error, Reason},
    ids::{random, random_u63},
    limits,
    store::identity::SessionRow,
};

/// How long the successor is given again to the same request.
const REPEAT_MS: u64 = 10 * 60 * 1_000;

/// What is kept of a rotation, sealed: the nonce that it was signed over, and its answer.
#[derive(Clone, PartialEq, Message)]
struct Rotated {
    #[prost(bytes = "vec", tag = "1")]
    nonce: Vec<u8>,
    #[prost(message, optional, tag = "2")]
    pair: Option<pb::TokenPair>,
}

struct Fresh {
    row: SessionRow,
    pair: pb::TokenPair,
}

fn token(app: &App, prefix: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::<32>(&*app.ids)))
}

fn fresh(app: &App, caller: &Caller, family: u64) -> Fresh {
    let now_ms = app.now_ms();
    let (access, refresh) = (token(app, "oa_"), token(app, "or_"));
    let nonce: [u8; 32] = random(&*app.ids);
    let access_expires_ms = now_ms + limits::ACCESS_TOKEN_S.max * 1_000;
    let refresh_expires_ms = now_ms + limits::REFRESH_TOKEN_S.max * 1_000;
    let row = SessionRow {
        access_hash: sha256(&[access.as_bytes()]),
        access_expires_ms,
        refresh_hash: sha256(&[refresh.as_bytes()]),
        refresh_expires_ms,
        nonce,
        family,
        account: caller.account,
        device: caller.device,
        clinic: caller.clinic,
        revoked: false,
        previous_refresh_hash: None,
        rotated_by: None,
        rotated_ms: 0,
        rotated_answer: Vec::new(),
    };
    let pair = pb::TokenPair {
        access_token: access,
        access_expires: Some(timestamp(access_expires_ms)),
        refresh_token: refresh,
        refresh_expires: Some(timestamp(refresh_expires_ms)),
        refresh_nonce: nonce.to_vec().into(),
    };
    Fresh { row, pair }
}

/// A new family for a device that has just proven its key.
pub async fn open(app: &App, caller: &Caller) -> Result<pb::TokenPair, Error> {
    let Fresh { row, pair } = fresh(app, caller, random_u63(&*app.ids));
    app.store.put_session(row).await?;
    Ok(pair)
}

pub async fn refresh(app: &App, request: &pb::RefreshSessionRequest) -> Result<pb::RefreshSessionResponse, Error> {
    limits::REQUEST_ID_BYTES.check(request.request_id.len())?;
    if request.request_id.is_empty() {
        return Err(Error::field("request_id", Reason::ArgumentInvalid));
    }
    let hash = sha256(&[request.refresh_token.as_bytes()]);
    let session = app.store.session_by_refresh(hash).await?.ok_or(Reason::TokenUnknown)?;
    let now_ms = app.now_ms();
    if session.revoked {
        return Err(Reason::SessionRevoked.into());
    }
    let by = request_key(&request.request_id);
    if session.refresh_hash != hash {
        return repeat(app, &session, hash, by, request).await;
    }
    if now_ms >= session.refresh_expires_ms {
        return Err(Reason::RefreshExpired.into());
    }
    signed_by(app, &session, &session.nonce, request).await?;
    let caller =
        Caller { account: session.account, device: session.device, clinic: session.clinic, family: session.family };
    let Fresh { mut row, pair } = fresh(app, &caller, session.family);
    row.previous_refresh_hash = Some(hash);
    row.rotated_by = Some(by);
    row.rotated_ms = now_ms;
    let kept = Rotated { nonce: session.nonce.to_vec(), pair: Some(pair.clone()) };
    row.rotated_answer = app.seal(Purpose::Answer, &hash, &kept.encode_to_vec());
    if app.store.rotate_session(hash, row).await? {
        return Ok(pb::RefreshSessionResponse { tokens: Some(pair) });
    }
    // Somebody rotated it meanwhile: the same request on another connection, or a replay.
    let session = app.store.session_by_refresh(hash).await?.ok_or(Reason::TokenUnknown)?;
    repeat(app, &session, hash, by, request).await
}

/// Whether the device of the session signed this request over this nonce.
async fn signed_by(
    app: &App,
    session: &SessionRow,
    nonce: &[u8],
    request: &pb::RefreshSessionRequest,
) -> Result<(), Error> {
    let device = app.store.device(session.device).await?.filter(|d| !d.revoked).ok_or(Reason::SessionRevoked)?;
    let signed = sha256(&[nonce, request.request_id.as_bytes()]);
    if super::secrets::device_signed(&device.key, &signed, &request.signature) {
        Ok(())
    } else {
        Err(Reason::SignatureInvalid.into())
    }
}

/// The token is the previous one: the same request gets the same answer, any other that the device signed is a replay.
async fn repeat(
    app: &App,
    session: &SessionRow,
    hash: [u8; 32],
    by: [u8; 16],
    request: &pb::RefreshSessionRequest,
) -> Result<pb::RefreshSessionResponse, Error> {
    let answer = app.secrets.open(Purpose::Answer, &hash, &session.rotated_answer).ok_or(Reason::TokenUnknown)?;
    let kept = Rotated::decode(answer.as_slice()).map_err(|_| Error::internal("kept token answer"))?;
    signed_by(app, session, &kept.nonce, request).await?;
    let same = session.previous_refresh_hash == Some(hash) && session.rotated_by == Some(by);
    if same && app.now_ms().saturating_sub(session.rotated_ms) <= REPEAT_MS {
        return Ok(pb::RefreshSessionResponse { tokens: kept.pair });
    }
    if !same {
        let caller =
            Caller { account: session.account, device: session.device, clinic: session.clinic, family: session.family };
        app.note(&caller, 0, "session.replay", "refused").await?;
        app.store.revoke_family(session.family).await?;
        app.access.forget_sessions();
        app.hub.revoke(session.family);
    }
    Err(Reason::SessionRevoked.into())
}

fn request_key(request_id: &str) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&sha256(&[request_id.as_bytes()])[..16]);
    out
}

/// A challenge for a device whose tokens have expired. Any key gets one.
pub fn begin(app: &App, request: &pb::BeginSessionRequest) -> pb::BeginSessionResponse {
    let challenge = app.secrets.challenge(&request.device_key, app.now_ms(), random(&*app.ids));
    pb::BeginSessionResponse { challenge: challenge.into() }
}

/// A session ends, an enrolment does not: a new family for the same replicas.
pub async fn finish(app: &App, request: &pb::FinishSessionRequest) -> Result<pb::FinishSessionResponse, Error> {
    enrol::proven(app, &request.device_key, &request.challenge, &request.signature)?;
    let device = app.store.device_by_key(&request.device_key).await?.filter(|d| !d.revoked);
    let device = device.ok_or(Reason::SignatureInvalid)?;
    let caller = Caller { account: device.account, device: device.device, clinic: device.clinic, family: 0 };
    Ok(pb::FinishSessionResponse { tokens: Some(open(app, &caller).await?) })
}

pub async fn end(app: &App, caller: &Caller) -> Result<(), Error> {
    app.store.revoke_family(caller.family).await?;
    app.access.forget_sessions();
    app.hub.revoke(caller.family);
    Ok(())
}

/// Who the token says I am, and in which circles.
pub async fn me(app: &App, caller: &Caller) -> Result<pb::GetMeResponse, Error> {
    let mut circles = Vec::new();
    for (circle, role) in app.store.circles_of(caller.account).await? {
        let row = app.store.snapshot(circle).await?;
        let role = meta::Role::try_from(i32::from(role)).unwrap_or_default();
        circles.push(pb::CircleRole { circle, short_id: row.circle().short_id.clone(), role: role.into() });
    }
    Ok(pb::GetMeResponse { account: caller.account, device: caller.device, circles, epoch: app.epoch() })
}
