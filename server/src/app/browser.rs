//! Browsers: sessions by cookie, and what a browser is asked before it has one.
//!
//! ACCESS: 256 random bits, stored as SHA-256; 30 minutes idle, 12 hours in all. The browser is a device without lanes:
//! whoever revokes it ends its sessions, and what it was signed in by signs in no more.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use osteon_proto::identity as pb;
use serde::{Serialize, de::DeserializeOwned};

use super::{App, Purpose, enrol, secrets::sha256};
use crate::{
    access::Caller,
    error::{Error, Reason},
    ids::{random, random_u63},
    limits,
    store::{
        AccountNo, CircleNo, DeviceNo,
        browser::{NewBrowser, WayIn, WebSessionRow},
        devices::Ending,
        identity::InviteCode,
    },
};

/// How often a session in use is written down: a minute's calls cost two writes.
const SEEN_EVERY_MS: u64 = 30_000;
const TOKEN_PREFIX: &str = "ow_";

/// A session that has just begun. The token goes into the cookie and nowhere else.
pub struct Opened {
    pub token: String,
    pub caller: Caller,
}

/// When a session ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    pub idle_ms: u64,
    pub absolute_ms: u64,
}

/// An invite that is open: for whom, and in which circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    pub code: InviteCode,
    pub account: AccountNo,
    pub clinic: u64,
    pub circle: CircleNo,
    pub role: u8,
}

/// A session for somebody who has just shown who they are.
pub async fn open(app: &App, account: AccountNo, clinic: u64, device: DeviceNo) -> Result<Opened, Error> {
    let token = format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(random::<32>(&*app.ids)));
    let (family, now_ms) = (random_u63(&*app.ids), app.now_ms());
    let row = WebSessionRow {
        token_hash: sha256(&[token.as_bytes()]),
        family,
        account,
        device,
        clinic,
        created_ms: now_ms,
        seen_ms: now_ms,
        ended: false,
    };
    app.store.put_web_session(row).await?;
    app.store.device_seen(device, now_ms).await?;
    let caller = Caller { account, device, clinic, family, leaving: false };
    app.note(&caller, 0, "browser.session", "ok").await?;
    Ok(Opened { token, caller })
}

fn ends(row: &WebSessionRow) -> Ends {
    let absolute_ms = row.created_ms.saturating_add(limits::WEB_SESSION_S.max * 1_000);
    let idle_ms = row.seen_ms.saturating_add(limits::WEB_IDLE_S.max * 1_000);
    Ends { idle_ms: idle_ms.min(absolute_ms), absolute_ms }
}

/// A cookie's token to a caller. `by_hand`: a call that shows that somebody is there, and keeps the session awake; a
/// stream that a page opens by itself does not.
pub async fn authenticate(app: &App, token: &str, by_hand: bool) -> Result<Caller, Reason> {
    let (row, _) = session(app, token).await?;
    let now_ms = app.now_ms();
    if by_hand && now_ms.saturating_sub(row.seen_ms) >= SEEN_EVERY_MS {
        app.store.web_session_seen(row.token_hash, now_ms).await.map_err(|_| Reason::Internal)?;
    }
    Ok(Caller { account: row.account, device: row.device, clinic: row.clinic, family: row.family, leaving: false })
}

/// When the session of a token ends.
pub async fn ends_of(app: &App, token: &str) -> Result<Ends, Reason> {
    session(app, token).await.map(|(_, ends)| ends)
}

async fn session(app: &App, token: &str) -> Result<(WebSessionRow, Ends), Reason> {
    let hash = sha256(&[token.as_bytes()]);
    let row = app.store.web_session(hash).await.map_err(|_| Reason::Internal)?.ok_or(Reason::TokenUnknown)?;
    if row.ended {
        return Err(Reason::SessionRevoked);
    }
    let ends = ends(&row);
    if app.now_ms() >= ends.idle_ms { Err(Reason::SessionExpired) } else { Ok((row, ends)) }
}

/// The open invite behind a code. Wrong codes count as tries; the code itself is used up by [`enrolled`].
pub async fn invited(app: &App, code: &str, short_id: &str) -> Result<Invited, Error> {
    let (code, row) = enrol::invited(app, code, short_id).await?;
    if !row.is_open(code.form, app.now_ms()) {
        return Err(Reason::InviteInvalid.into());
    }
    let (clinic, _) = app.store.account(row.account).await?.ok_or(Reason::InviteInvalid)?;
    Ok(Invited { code, account: row.account, clinic, circle: row.circle, role: row.role })
}

/// A new browser of an account, by its invite or by somebody who is signed in. `None`: somebody was faster.
pub(super) async fn enrolled(
    app: &App,
    (account, clinic): (AccountNo, u64),
    invite: Option<InviteCode>,
    way_in: WayIn,
    name: &str,
) -> Result<Option<DeviceNo>, Error> {
    let key = key_of(&way_in);
    let created_ms = app.now_ms();
    let name = app.seal_device_name(&key, name);
    let new = NewBrowser { account, clinic, key, name, created_ms, way_in, invite };
    let device = app.store.add_browser(new).await?;
    if let Some(device) = device {
        app.note(&Caller { account, device, clinic, family: 0, leaving: false }, 0, "browser.enrol", "ok").await?;
        if app.store.devices_of(account).await?.len() > 1 {
            // Without an invite: by somebody who is signed in already.
            let made_by = match invite {
                Some(code) => app.store.invite(code.mac).await?.map_or(0, |row| row.made_by),
                None => account,
            };
            app.store.put_notice(app.notice(pb::NoticeKind::DeviceEnrolled, account, device, made_by)).await?;
        }
    }
    Ok(device)
}

/// In the place of a device key, and of no key's length (`DeviceRow::is_browser`): nothing signs with it.
pub(super) fn key_of(way_in: &WayIn) -> Vec<u8> {
    match way_in {
        WayIn::Passkey { credential, .. } => [b"passkey ".as_slice(), &sha256(&[credential])].concat(),
        WayIn::Hospital { subject } => [b"hospital ".as_slice(), subject].concat(),
        WayIn::Link { account } => [b"demo link ".as_slice(), &account.to_be_bytes()].concat(),
    }
}

/// Keeps what a browser was asked, for one answer within `life_s`. Returns the handle that the answer has to bring.
pub(super) async fn ask<T: Serialize>(app: &App, kind: &str, asked: &T, life_s: u64) -> Result<String, Error> {
    let handle = URL_SAFE_NO_PAD.encode(random::<32>(&*app.ids));
    let id = sha256(&[handle.as_bytes()]);
    let plain = serde_json::to_vec(asked).map_err(|_| Error::internal("a challenge is not kept"))?;
    let sealed = app.seal(Purpose::Browser, &[kind.as_bytes(), &id].concat(), &plain);
    app.store.put_challenge(id, app.now_ms() + life_s * 1_000, sealed).await?;
    Ok(handle)
}

/// What was asked under this handle: once, and not too late.
pub(super) async fn asked<T: DeserializeOwned>(app: &App, kind: &str, handle: &str) -> Result<T, Error> {
    let id = sha256(&[handle.as_bytes()]);
    let (expires_ms, sealed) = app.store.take_challenge(id).await?.ok_or(Reason::ChallengeInvalid)?;
    if app.now_ms() >= expires_ms {
        return Err(Reason::ChallengeExpired.into());
    }
    let plain = app.secrets.open(Purpose::Browser, &[kind.as_bytes(), &id].concat(), &sealed);
    serde_json::from_slice(&plain.ok_or(Reason::ChallengeInvalid)?)
        .map_err(|_| Error::internal("a kept challenge is not of this layout"))
}

/// The clinic of a way in's device, as long as nobody revoked it or told it to leave.
pub(super) async fn trusted(app: &App, device: DeviceNo) -> Result<u64, Error> {
    let row = app.store.device(device).await?.ok_or(Reason::DeviceRevoked)?;
    let standing = app.store.device_standing(device).await?;
    if row.revoked || standing.ending != Ending::None { Err(Reason::DeviceRevoked.into()) } else { Ok(row.clinic) }
}
