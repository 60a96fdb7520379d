//! From a code to a device: invite, challenge, proof, two lanes.
//!
//! ACCESS: ten minutes, one use, five tries; the typed form is valid only together with the circle's short id; a
//! thousand redemptions at once make exactly one winner (the store's transaction decides). Each form has tries of its own:
//! a wrong typed code may have been meant for any invite of the circle, a forged QR code names its one (decision 0050).

use aws_lc_rs::constant_time;
use osteon_proto::identity as pb;

use super::{App, Purpose, glass::new_id, hello::lane_key, online::RequestKey, secrets, sessions};
use crate::{
    access::Caller,
    error::{Error, Reason},
    ids::random,
    limits,
    store::{
        AccountNo, CircleNo, DeviceNo,
        identity::{CodeForm, InviteCode, InviteLife, InviteOutcome, InviteRow, NewDevice},
    },
};

/// Crockford's alphabet: no I, L, O, U.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TYPED_LEN: usize = 8;
/// Uncompressed SEC1 point of P-256.
const DEVICE_KEY_LEN: usize = 65;

/// What a caller may be told about an invite that was made.
pub struct Invite {
    pub typed: String,
    pub qr: String,
    pub expires_ms: u64,
    pub account: AccountNo,
    pub id: [u8; 16],
}

/// An invite that is to be made.
pub struct NewInvite<'n> {
    /// 0: whoever runs the server.
    pub made_by: AccountNo,
    pub circle: CircleNo,
    pub short_id: &'n str,
    pub account: AccountNo,
    pub role: u8,
    pub request: Option<RequestKey>,
}

/// A code by whoever runs the server.
pub async fn invite(
    app: &App,
    circle: CircleNo,
    short_id: &str,
    account: AccountNo,
    role: u8,
) -> Result<Invite, Error> {
    invite_by(app, NewInvite { made_by: 0, circle, short_id, account, role, request: None }).await
}

/// Stores a code for one account and role. It has a typed and a QR form; either uses up both, for they share a row: the QR
/// form holds the typed one and 128 bits that only this server can make of it.
pub async fn invite_by(app: &App, new: NewInvite<'_>) -> Result<Invite, Error> {
    let NewInvite { made_by, circle, account, role, request, .. } = new;
    let typed = request.map_or_else(|| typed_code(app), |key| code_of(app, made_by, circle, key));
    let short_id = new.short_id.to_ascii_lowercase();
    let row = InviteRow {
        code_mac: app.secrets.invite_mac(&short_id, &typed),
        circle,
        account,
        role,
        made_by,
        expires_ms: app.now_ms() + limits::INVITE_S.max * 1_000,
        tries_left: limits::INVITE_TRIES.max as u8,
        qr_tries_left: limits::INVITE_TRIES.max as u8,
        used: false,
        id: new_id(app).0,
        fingerprint: request.map(|key| key.fingerprint),
        made_ms: app.now_ms(),
        life: InviteLife::default(),
    };
    if app.store.put_invite(row.clone()).await? {
        return Ok(told(app, &row, &short_id, typed));
    }
    // The same request at the same moment was faster.
    let key = request.ok_or_else(|| Error::internal("a random code is taken"))?;
    invited_before(app, made_by, circle, &short_id, key).await?.ok_or_else(|| Error::internal("an invite is gone"))
}

/// The invite that the same request made before, as it was told then.
pub async fn invited_before(
    app: &App,
    made_by: AccountNo,
    circle: CircleNo,
    short_id: &str,
    key: RequestKey,
) -> Result<Option<Invite>, Error> {
    let (typed, short_id) = (code_of(app, made_by, circle, key), short_id.to_ascii_lowercase());
    let Some(row) = app.store.invite(app.secrets.invite_mac(&short_id, &typed)).await? else { return Ok(None) };
    if row.fingerprint != Some(key.fingerprint) {
        return Err(Reason::RequestIdReused.into());
    }
    Ok(Some(told(app, &row, &short_id, typed)))
}

fn told(app: &App, row: &InviteRow, short_id: &str, typed: String) -> Invite {
    let qr = format!("osteon:{short_id}:{typed}:{}", hex::encode(qr_mac(app, short_id, &typed)));
    Invite { typed, qr, expires_ms: row.expires_ms, account: row.account, id: row.id }
}

/// Forty bits that only this server can make of a request, so that an answer that was lost is given again though codes are
/// stored nowhere.
fn code_of(app: &App, made_by: AccountNo, circle: CircleNo, key: RequestKey) -> String {
    let mac = app.secrets.invite_mac(&format!("made:{made_by}:{circle}"), &hex::encode(key.id));
    letters(&mac[..TYPED_LEN])
}

fn letters(bytes: &[u8]) -> String {
    bytes.iter().map(|b| char::from(CROCKFORD[usize::from(b & 31)])).collect()
}

/// Forty random bits, as people read them out.
pub fn typed_code(app: &App) -> String {
    letters(&random::<TYPED_LEN>(&*app.ids))
}

/// `CreateInvite` for a caller who may name members of the circle (checked before, by `app::invites`).
pub fn answer(invite: Invite, short_id: String) -> pb::CreateInviteResponse {
    pb::CreateInviteResponse {
        invite_id: uuid::Uuid::from_bytes(invite.id).to_string(),
        code: invite.typed,
        qr: invite.qr,
        expires: Some(timestamp(invite.expires_ms)),
        short_id,
        account: invite.account,
    }
}

fn device_key(key: &[u8]) -> Result<&[u8], Error> {
    if key.len() == DEVICE_KEY_LEN && key.first() == Some(&4) {
        Ok(key)
    } else {
        Err(Error::field("device_key", Reason::ArgumentInvalid))
    }
}

/// People type O for 0 and l for 1, in lower case and with a hyphen.
pub fn normalise(code: &str) -> String {
    code.chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            'U' => 'V',
            other => other,
        })
        .collect()
}

fn qr_mac(app: &App, short_id: &str, typed: &str) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&app.secrets.invite_mac(&format!("qr:{short_id}"), typed)[..16]);
    out
}

/// A code as it was given: for which circle, and under which MAC it may be stored.
struct Given {
    short_id: String,
    code: InviteCode,
    /// A QR code that this server never made.
    forged: bool,
}

fn given(app: &App, code: &str, short_id: &str) -> Result<Given, Error> {
    limits::REASON_BYTES.check(code.len() + short_id.len())?;
    let Some(qr) = code.strip_prefix("osteon:") else {
        let short_id = short_id.to_ascii_lowercase();
        let mac = app.secrets.invite_mac(&short_id, &normalise(code));
        return Ok(Given { short_id, code: InviteCode::typed(mac), forged: false });
    };
    let mut words = qr.split(':');
    let mut word = || words.next().unwrap_or_default();
    let (short_id, typed, proof) = (word().to_ascii_lowercase(), word(), hex::decode(word()).unwrap_or_default());
    let ours = constant_time::verify_slices_are_equal(&qr_mac(app, &short_id, typed), &proof).is_ok();
    let code = InviteCode::qr(app.secrets.invite_mac(&short_id, typed));
    Ok(Given { short_id, code, forged: !ours })
}

/// Any key gets a challenge: whether the code is good is told only to whoever proves the key. Whoever made the invite sees that
/// a QR code was read: that it is of this server nobody guesses. A typed code is not looked at, lest the time it takes tell
/// a right one from a wrong one before it counts as a try.
pub async fn begin(app: &App, request: &pb::BeginEnrolmentRequest) -> Result<pb::BeginEnrolmentResponse, Error> {
    let key = device_key(&request.device_key)?;
    if let Ok(Given { code, forged: false, .. }) = given(app, &request.code, &request.short_id)
        && code.form == CodeForm::Qr
    {
        app.store.open_invite(code.mac, app.now_ms()).await?;
    }
    Ok(pb::BeginEnrolmentResponse { challenge: app.secrets.challenge(key, app.now_ms(), random(&*app.ids)).into() })
}

/// Checks that `signature` is the key's, over a challenge of this server that is not too old.
pub fn proven(app: &App, key: &[u8], challenge: &[u8], signature: &[u8]) -> Result<(), Error> {
    let issued = app.secrets.challenge_issued(key, challenge).ok_or(Reason::SignatureInvalid)?;
    if !secrets::device_signed(key, challenge, signature) {
        return Err(Reason::SignatureInvalid.into());
    }
    if app.now_ms().saturating_sub(issued) > limits::CHALLENGE_S.max * 1_000 {
        return Err(Reason::ChallengeExpired.into());
    }
    Ok(())
}

pub async fn finish(app: &App, request: &pb::FinishEnrolmentRequest) -> Result<pb::FinishEnrolmentResponse, Error> {
    let key = device_key(&request.device_key)?;
    limits::DEVICE_NAME_BYTES.check(request.device_name.len())?;
    // Others read it on a screen or in a terminal. An empty one is given a name later.
    if request.device_name.contains(char::is_control) {
        return Err(Error::field("device_name", Reason::ArgumentInvalid));
    }
    proven(app, key, &request.challenge, &request.signature)?;
    let (code, invite) = invited(app, &request.code, &request.short_id).await?;
    let now_ms = app.now_ms();
    if let Some(known) = app.store.device_by_key(key).await? {
        // Enrolled already. By this very invite: the answer was lost on its way, and whoever proves the key gets it again while the
        // invite would have stood. A key enrols once.
        let same = invite.account == known.account && invite.used && invite.life.done_ms == known.created_ms;
        if !same || known.revoked || invite.expires_ms <= now_ms {
            return Err(Error::field("device_key", Reason::ArgumentInvalid));
        }
        return enrolled(app, &invite, &caller_of(&invite, known.device, known.clinic)).await;
    }
    let (clinic, _) = app.store.account(invite.account).await?.ok_or(Reason::InviteInvalid)?;
    let chain_keys: [[u8; 32]; 2] = [random(&*app.ids), random(&*app.ids)];
    let epoch = app.epoch();
    let device = NewDevice {
        account: invite.account,
        clinic,
        key: key.to_vec(),
        name: app.seal_device_name(key, &request.device_name),
        created_ms: now_ms,
        chain_keys: chain_keys.map(|key| app.seal(Purpose::ChainKey, b"", &key)),
        epoch,
    };
    let InviteOutcome::Redeemed { device, .. } = app.store.redeem_invite(code, now_ms, device).await? else {
        return Err(Reason::InviteInvalid.into());
    };
    if app.store.devices_of(invite.account).await?.len() > 1 {
        app.store
            .put_notice(app.notice(pb::NoticeKind::DeviceEnrolled, invite.account, device, invite.made_by))
            .await?;
    }
    enrolled(app, &invite, &caller_of(&invite, device, clinic)).await
}

fn caller_of(invite: &InviteRow, device: DeviceNo, clinic: u64) -> Caller {
    Caller { account: invite.account, device, clinic, family: 0, leaving: false }
}

/// What a device is told that an invite was used up for: its lanes as they stand, in a session of its own.
async fn enrolled(app: &App, invite: &InviteRow, caller: &Caller) -> Result<pb::FinishEnrolmentResponse, Error> {
    let epoch = app.epoch();
    let rows = app.store.replicas_of(caller.device).await?;
    let rows = rows.iter().filter(|row| row.epoch == epoch && !row.retired);
    let lanes = rows.map(|row| lane_key(app, row)).collect::<Result<Vec<_>, _>>()?;
    app.note(caller, invite.circle, "enrol", "ok").await?;
    Ok(pb::FinishEnrolmentResponse {
        account: invite.account,
        device: caller.device,
        circle: invite.circle,
        role: invite.role.into(),
        lanes,
        tokens: Some(sessions::open(app, caller).await?),
        clinic_key: app.clinic_key.clone().into(),
        epoch,
    })
}

/// The invite behind a code, used or not, and in which form it came. Counted as a try before it is looked at, whoever waits
/// for the answer: nobody tries and takes the try back.
pub(super) async fn invited(app: &App, code: &str, short_id: &str) -> Result<(InviteCode, InviteRow), Error> {
    let Given { short_id, code, forged } = given(app, code, short_id)?;
    let now_ms = app.now_ms();
    if forged {
        app.store.forged_invite(code.mac, now_ms).await?;
        return Err(Reason::InviteInvalid.into());
    }
    let invite = app.store.attempt_invite(&short_id, code, now_ms).await?.ok_or(Reason::InviteInvalid)?;
    Ok((code, invite))
}

/// Milliseconds since 1970 as a protobuf timestamp.
pub fn timestamp(ms: u64) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: i64::try_from(ms / 1_000).unwrap_or(i64::MAX),
        nanos: i32::try_from(ms % 1_000).unwrap_or(0) * 1_000_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_may_type_a_code_as_they_read_it() {
        assert_eq!(normalise("7k4m-9qx2"), "7K4M9QX2");
        assert_eq!(normalise(" O0iL uV"), "0011VV");
    }
}
