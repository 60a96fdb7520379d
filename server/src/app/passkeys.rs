//! Passkeys: the first browser by an invite, further ones by who is signed in, sign-in by discoverable credential.
//!
//! The protocol is webauthn-rs: it checks origin, domain, challenge, signature, counter, and that the person was there
//! (user verification). Here stand who a passkey belongs to, that a challenge is answered once and in time, and that a
//! counter moves once.

use serde::{Deserialize, Serialize};
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{
        CreationChallengeResponse, DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyRegistration,
        PublicKeyCredential, RegisterPublicKeyCredential, RequestChallengeResponse, Url, Uuid, WebauthnError,
    },
};
use webauthn_rs_proto::ResidentKeyRequirement;

use super::{
    App,
    browser::{self, Opened},
};
use crate::{
    access::Caller,
    error::{Error, Reason},
    limits,
    store::{AccountNo, browser::PasskeyRow, browser::WayIn, identity::InviteCode},
};

const REGISTER: &str = "passkey.register";
const SIGN_IN: &str = "passkey.sign-in";

/// The relying party: this site, as browsers and authenticators know it.
pub struct Site(Webauthn);

#[derive(Serialize, Deserialize)]
struct Registering {
    account: AccountNo,
    clinic: u64,
    /// `None`: asked for by this account itself, signed in.
    invite: Option<InviteCode>,
    state: PasskeyRegistration,
}

#[derive(Serialize, Deserialize)]
struct SigningIn {
    state: DiscoverableAuthentication,
}

/// What the browser is asked, under which handle.
pub struct Asked<T> {
    pub handle: String,
    pub options: T,
}

impl Site {
    /// `origins`: the first is where browsers reach this server; passkeys are made for `domain`.
    pub fn new(domain: &str, origins: &[String]) -> anyhow::Result<Self> {
        let urls = origins.iter().map(|origin| Url::parse(origin)).collect::<Result<Vec<_>, _>>()?;
        let Some((first, others)) = urls.split_first() else { anyhow::bail!("no origin") };
        let mut builder = WebauthnBuilder::new(domain, first)
            .map_err(|_| anyhow::anyhow!("--passkey-domain must be the web origin's host or a domain that it lies in"))?
            .rp_name("Osteon")
            .timeout(limits::CHALLENGE_S.duration());
        for other in others {
            builder = builder.append_allowed_origin(other);
        }
        Ok(Self(builder.build()?))
    }
}

/// The first browser of somebody who was invited.
pub async fn begin_enrolment(
    app: &App,
    site: &Site,
    code: &str,
    short_id: &str,
) -> Result<Asked<CreationChallengeResponse>, Error> {
    let invited = browser::invited(app, code, short_id).await?;
    let row = app.store.snapshot(invited.circle).await?;
    let name = format!("circle {}", row.circle().short_id);
    register(app, site, (invited.account, invited.clinic), Some(invited.code), &name).await
}

/// One more passkey of whoever is signed in.
pub async fn begin_another(app: &App, site: &Site, caller: &Caller) -> Result<Asked<CreationChallengeResponse>, Error> {
    register(app, site, (caller.account, caller.clinic), None, &format!("account {}", caller.account)).await
}

async fn register(
    app: &App,
    site: &Site,
    (account, clinic): (AccountNo, u64),
    invite: Option<InviteCode>,
    name: &str,
) -> Result<Asked<CreationChallengeResponse>, Error> {
    let known = app.store.passkeys_of(account).await?;
    limits::PASSKEYS_PER_ACCOUNT.check(known.len() + 1)?;
    let exclude = known.into_iter().map(|row| row.credential.into()).collect();
    let handle = Uuid::from_bytes(app.secrets.passkey_handle(account));
    let begun = site.0.start_passkey_registration(handle, name, name, Some(exclude));
    let (mut options, state) = begun.map_err(|_| Error::internal("a passkey registration does not begin"))?;
    // Sign-in asks nobody for a name, so the authenticator has to find the passkey by itself.
    let selection = options.public_key.authenticator_selection.get_or_insert_default();
    selection.resident_key = Some(ResidentKeyRequirement::Required);
    selection.require_resident_key = true;
    let asked = Registering { account, clinic, invite, state };
    Ok(Asked { handle: browser::ask(app, REGISTER, &asked, limits::CHALLENGE_S.max).await?, options })
}

/// Keeps the passkey. By an invite: uses it up and signs in. `caller`: who is signed in, for a further one.
pub async fn finish_registration(
    app: &App,
    site: &Site,
    caller: Option<&Caller>,
    handle: &str,
    answer: &RegisterPublicKeyCredential,
) -> Result<Option<Opened>, Error> {
    let asked: Registering = browser::asked(app, REGISTER, handle).await?;
    let theirs = match (&asked.invite, caller) {
        (Some(_), None) => true,
        (None, Some(caller)) => caller.account == asked.account,
        _ => false,
    };
    if !theirs {
        return Err(Reason::ChallengeInvalid.into());
    }
    let passkey = site.0.finish_passkey_registration(answer, &asked.state);
    let passkey = match passkey {
        Ok(passkey) => passkey,
        Err(error) => return Err(refused(app, asked.account, asked.clinic, 0, &error).await),
    };
    let way_in = WayIn::Passkey { credential: passkey.cred_id().to_vec(), content: encode(&passkey)? };
    let person = (asked.account, asked.clinic);
    let device = browser::enrolled(app, person, asked.invite, way_in, "Browser, passkey").await?;
    match (device, asked.invite) {
        (Some(device), Some(_)) => Ok(Some(browser::open(app, asked.account, asked.clinic, device).await?)),
        (Some(_), None) => Ok(None),
        (None, Some(_)) => Err(Reason::InviteInvalid.into()),
        (None, None) => Err(Reason::PasskeyInvalid.into()),
    }
}

pub async fn begin_sign_in(app: &App, site: &Site) -> Result<Asked<RequestChallengeResponse>, Error> {
    let begun = site.0.start_discoverable_authentication();
    let (mut options, state) = begun.map_err(|_| Error::internal("a passkey sign-in does not begin"))?;
    // The page asks when the button is pressed, not in the form's list of suggestions.
    options.mediation = None;
    let handle = browser::ask(app, SIGN_IN, &SigningIn { state }, limits::CHALLENGE_S.max).await?;
    Ok(Asked { handle, options })
}

pub async fn finish_sign_in(
    app: &App,
    site: &Site,
    handle: &str,
    answer: &PublicKeyCredential,
) -> Result<Opened, Error> {
    let SigningIn { state } = browser::asked(app, SIGN_IN, handle).await?;
    let identified = site.0.identify_discoverable_authentication(answer);
    let (person, credential) = identified.map_err(|_| Reason::PasskeyInvalid)?;
    let row = app.store.passkey(credential).await?.ok_or(Reason::PasskeyInvalid)?;
    if person.as_bytes() != &app.secrets.passkey_handle(row.account) {
        return Err(Reason::PasskeyInvalid.into());
    }
    let mut passkey: Passkey =
        serde_json::from_slice(&row.content).map_err(|_| Error::internal("a kept passkey is not of this layout"))?;
    let clinic = app.store.account(row.account).await?.map_or(0, |(clinic, _)| clinic);
    let keys = [DiscoverableKey::from(&passkey)];
    let result = match site.0.finish_discoverable_authentication(answer, state, &keys) {
        Ok(result) => result,
        Err(error) => return Err(refused(app, row.account, clinic, row.device, &error).await),
    };
    // Proven, so it may be told.
    let clinic = browser::trusted(app, row.device).await?;
    passkey.update_credential(&result);
    let PasskeyRow { credential, content, .. } = &row;
    if !app.store.passkey_used(credential, content, &encode(&passkey)?, app.now_ms()).await? {
        return Err(Reason::PasskeyInvalid.into());
    }
    browser::open(app, row.account, clinic, row.device).await
}

fn encode(passkey: &Passkey) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(passkey).map_err(|_| Error::internal("a passkey is not kept"))
}

/// One reason for whatever was wrong with the answer; the audit has the stable word.
async fn refused(app: &App, account: AccountNo, clinic: u64, device: u64, error: &WebauthnError) -> Error {
    let outcome = match error {
        WebauthnError::InvalidRPOrigin => "wrong origin",
        WebauthnError::InvalidRPIDHash => "wrong domain",
        WebauthnError::MismatchedChallenge => "wrong challenge",
        WebauthnError::UserNotVerified | WebauthnError::UserNotPresent => "person not verified",
        WebauthnError::CredentialPossibleCompromise => "counter went back",
        _ => "not valid",
    };
    let caller = Caller { account, device, clinic, family: 0, leaving: false };
    match app.note(&caller, 0, "passkey.refused", outcome).await {
        Ok(()) => Reason::PasskeyInvalid.into(),
        Err(error) => error,
    }
}
