//! Token pairs: opaque, rotated with the device's signature, idempotent by request id.
//!
//! A lost answer must never sign a patient out: the same refresh with the same request id gets the same successor for
//! ten minutes. A used-up refresh token with another request id is a replay: the family ends, and its member is told. Both
//! are asked for the device's signature first: who found a token and has no key gets nothing, and ends nothing.
//!
//! A refresh token says of itself, sealed, which family it is of and which nonce it is signed over: one that was used up
//! long ago, on a copy of a device, is known for what it is.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use osteon_proto::{identity as pb, meta, sync};
use prost::Message;

use super::{App, Purpose, devices, enrol, enrol::timestamp, secrets::sha256};
use crate::{
    access::Caller,
    audit::current,
    error::{Error, Reason},
    ids::{random, random_u63},
    limits,
    store::{devices::Ending, identity::SessionRow},
};

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

const ACCESS: &str = "oa_";
const REFRESH: &str = "or_";
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

fn access_token(app: &App) -> String {
    format!("{ACCESS}{}", URL_SAFE_NO_PAD.encode(random::<32>(&*app.ids)))
}

/// 256 random bits and, sealed to them, family and nonce.
fn refresh_token(app: &App, family: u64, nonce: &[u8; 32]) -> String {
    let id: [u8; 32] = random(&*app.ids);
    let plain = [&family.to_be_bytes()[..], nonce].concat();
    let sealed = app.seal(Purpose::Refresh, &id, &plain);
    format!("{REFRESH}{}", URL_SAFE_NO_PAD.encode([&id[..], &sealed].concat()))
}

/// Family and nonce of a refresh token that this server gave, however long ago.
fn said(app: &App, token: &str) -> Option<(u64, Vec<u8>)> {
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(REFRESH)?).ok()?;
    let (id, sealed) = bytes.split_at_checked(32)?;
    let plain = app.secrets.open(Purpose::Refresh, id, sealed)?;
    let (family, nonce) = plain.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*family), nonce.to_vec()))
}

fn fresh(app: &App, caller: &Caller, family: u64) -> Fresh {
    let now_ms = app.now_ms();
    let nonce: [u8; 32] = random(&*app.ids);
    let (access, refresh) = (access_token(app), refresh_token(app, family, &nonce));
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
        leaving: caller.leaving,
        previous_refresh_hash: None,
        rotated_by: None,
        rotated_ms: now_ms,
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
    match app.store.open_session(row, app.now_ms()).await? {
        Some(_) => Ok(pair),
        None => Err(devices::refusal(app, caller.device, Reason::DeviceRevoked).await?),
    }
}

pub async fn refresh(app: &App, request: &pb::RefreshSessionRequest) -> Result<pb::RefreshSessionResponse, Error> {
    limits::REQUEST_ID_BYTES.check(request.request_id.len())?;
    limits::REFRESH_TOKEN_BYTES.check(request.refresh_token.len())?;
    if request.request_id.is_empty() {
        return Err(Error::field("request_id", Reason::ArgumentInvalid));
    }
    let hash = sha256(&[request.refresh_token.as_bytes()]);
    let Some(session) = app.store.session_by_refresh(hash).await? else { return used_up(app, request).await };
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
    let Fresh { mut row, pair } = fresh(app, &Caller::of(&session), session.family);
    row.previous_refresh_hash = Some(hash);
    row.rotated_by = Some(by);
    let kept = Rotated { nonce: session.nonce.to_vec(), pair: Some(pair.clone()) };
    row.rotated_answer = app.seal(Purpose::Answer, &hash, &kept.encode_to_vec());
    if app.store.rotate_session(hash, row).await? {
        if session.rotated_ms / DAY_MS != now_ms / DAY_MS {
            app.store.device_seen(session.device, now_ms).await?;
        }
        return Ok(pb::RefreshSessionResponse { tokens: Some(pair) });
    }
    // Somebody rotated it meanwhile: the same request on another connection, or a replay.
    let session = app.store.session_by_refresh(hash).await?.ok_or(Reason::TokenUnknown)?;
    if session.revoked {
        return Err(Reason::SessionRevoked.into());
    }
    repeat(app, &session, hash, by, request).await
}

/// Whether the device of the session signed this request over this nonce, and may speak.
async fn signed_by(
    app: &App,
    session: &SessionRow,
    nonce: &[u8],
    request: &pb::RefreshSessionRequest,
) -> Result<(), Error> {
    let device = app.store.device(session.device).await?.ok_or(Reason::SessionRevoked)?;
    let signed = sha256(&[nonce, request.request_id.as_bytes()]);
    if !super::secrets::device_signed(&device.key, &signed, &request.signature) {
        current::in_the_name_of(Caller::of(session));
        return Err(Reason::SignatureInvalid.into());
    }
    if session.leaving || device.revoked {
        let standing = app.store.device_standing(device.device).await?;
        devices::may_speak(app, &device, &standing).await?;
    }
    Ok(())
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
    if session.previous_refresh_hash != Some(hash) || session.rotated_by != Some(by) {
        return replayed(app, session).await;
    }
    if app.now_ms().saturating_sub(session.rotated_ms) > limits::REFRESH_REPEAT_S.max * 1_000 {
        return Err(Reason::RefreshExpired.into());
    }
    Ok(pb::RefreshSessionResponse { tokens: kept.pair })
}

/// Neither the current token nor the one before it: one from long ago, or none at all.
async fn used_up(app: &App, request: &pb::RefreshSessionRequest) -> Result<pb::RefreshSessionResponse, Error> {
    let (family, nonce) = said(app, &request.refresh_token).ok_or(Reason::TokenUnknown)?;
    let session = app.store.session_of(family).await?.ok_or(Reason::RefreshExpired)?;
    if session.revoked {
        return Err(Reason::SessionRevoked.into());
    }
    signed_by(app, &session, &nonce, request).await?;
    replayed(app, &session).await
}

/// The device's own key signed for a token that was used up: there are two of this device. The session ends, and the
/// member is told; both copies have to prove the key and the person again.
async fn replayed(app: &App, session: &SessionRow) -> Result<pb::RefreshSessionResponse, Error> {
    app.note(&Caller::of(session), 0, "session.replay", Reason::SessionRevoked.as_str()).await?;
    let notice = app.notice(pb::NoticeKind::TokenReplayed, session.account, session.device, 0);
    if app.store.end_replayed(session.family, notice).await? {
        app.close_streams(&[session.family]);
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

/// A session ends, an enrolment does not: a new family for the same replicas. After a long time the device's key is not
/// enough: the clinic reads out a code.
pub async fn finish(app: &App, request: &pb::FinishSessionRequest) -> Result<pb::FinishSessionResponse, Error> {
    enrol::proven(app, &request.device_key, &request.challenge, &request.signature)?;
    let device = app.store.device_by_key(&request.device_key).await?.ok_or(Reason::SignatureInvalid)?;
    let standing = app.store.device_standing(device.device).await?;
    devices::may_speak(app, &device, &standing).await?;
    let leaving = standing.ending == Ending::Leave;
    let caller = Caller { account: device.account, device: device.device, clinic: device.clinic, family: 0, leaving };
    let seen_ms = standing.seen_ms.max(device.created_ms);
    let away = app.now_ms().saturating_sub(seen_ms) > limits::AWAY_S.max * 1_000;
    if away {
        if request.code.is_empty() {
            return Err(Reason::SignInCodeRequired.into());
        }
        if !devices::code_fits(app, device.device, &request.code).await? {
            current::in_the_name_of(caller);
            return Err(Reason::SignInCodeInvalid.into());
        }
    }
    let tokens = open(app, &caller).await?;
    if away {
        let kind = pb::NoticeKind::SignedInWithCode;
        app.store.put_notice(app.notice(kind, device.account, device.device, 0)).await?;
    }
    let order = if leaving { sync::DeviceOrder::Leave } else { sync::DeviceOrder::Unspecified };
    Ok(pb::FinishSessionResponse { tokens: Some(tokens), order: order.into() })
}

/// Ends the session. A device that was told to leave has left with it.
pub async fn end(app: &App, caller: &Caller) -> Result<(), Error> {
    if caller.leaving {
        app.note(caller, 0, "device.left", "ok").await?;
        app.store.device_left(caller.device, app.now_ms()).await?;
    } else {
        app.store.revoke_family(caller.family).await?;
    }
    app.close_streams(&[caller.family]);
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
    let notices = app.store.notices_open(caller.account).await?;
    Ok(pb::GetMeResponse { account: caller.account, device: caller.device, circles, epoch: app.epoch(), notices })
}
