//! Sign-in at the hospital: there with state, nonce and PKCE, back with a code. The hospital's account is linked to ours
//! once, by an invite; issuer and subject are kept as a MAC.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{
    App,
    browser::{self, Opened},
    secrets::sha256,
};
use crate::{
    access::Caller,
    error::{Error, Reason},
    ids::random,
    limits,
    oidc::{Failure, Provider, Trip},
    store::{browser::WayIn, identity::InviteCode},
};

const KIND: &str = "hospital";

#[derive(Serialize, Deserialize)]
struct Away {
    trip: Trip,
    /// SHA-256 of what the browser keeps in a cookie: who comes back is who went.
    browser: [u8; 32],
    invite: Option<InviteCode>,
}

/// Where to send the browser, and what it has to keep meanwhile.
pub struct Leave {
    pub url: String,
    pub keep: String,
}

/// What the provider sent the browser back with.
pub struct Back<'a> {
    pub state: &'a str,
    pub code: &'a str,
    pub iss: Option<&'a str>,
    /// What the browser kept.
    pub kept: Option<&'a str>,
}

/// `invite`: code and short id, for the first time.
pub async fn leave(app: &App, provider: &Provider, invite: Option<(&str, &str)>) -> Result<Leave, Error> {
    let invite = match invite {
        Some((code, short_id)) => Some(browser::invited(app, code, short_id).await?.code),
        None => None,
    };
    let secret = || URL_SAFE_NO_PAD.encode(random::<32>(&*app.ids));
    let (keep, trip) = (secret(), Trip { nonce: secret(), verifier: secret() });
    let away = Away { trip: trip.clone(), browser: sha256(&[keep.as_bytes()]), invite };
    let state = browser::ask(app, KIND, &away, limits::HOSPITAL_SIGN_IN_S.max).await?;
    let url = provider.way_there(&trip, &state, app.now_ms()).await;
    let url = url.map_err(|unreachable| failed(unreachable.0))?;
    Ok(Leave { url, keep })
}

/// Signs in whoever comes back.
pub async fn back(app: &App, provider: &Provider, back: &Back<'_>) -> Result<Opened, Error> {
    let away: Away = browser::asked(app, KIND, back.state).await?;
    if back.kept.map(|kept| sha256(&[kept.as_bytes()])) != Some(away.browser) {
        return Err(Reason::ChallengeInvalid.into());
    }
    let person = match provider.who(&away.trip, back.code, back.iss, app.now_ms()).await {
        Ok(person) => person,
        Err(Failure::Provider(unreachable)) => return Err(failed(unreachable.0)),
        Err(Failure::Token(fault)) => {
            let nobody = Caller { account: 0, device: 0, clinic: 0, family: 0, leaving: false };
            app.note(&nobody, 0, "hospital.refused", fault.word()).await?;
            return Err(Reason::IdTokenInvalid.into());
        }
    };
    let subject = app.secrets.hospital_subject(provider.issuer(), &person.subject);
    if let Some(row) = app.store.hospital_account(subject).await? {
        let clinic = browser::trusted(app, row.device).await?;
        return browser::open(app, row.account, clinic, row.device).await;
    }
    let code = away.invite.ok_or(Reason::NotLinked)?;
    let invite = app.store.invite(code.mac).await?.ok_or(Reason::InviteInvalid)?;
    let (clinic, _) = app.store.account(invite.account).await?.ok_or(Reason::InviteInvalid)?;
    let way_in = WayIn::Hospital { subject };
    let device =
        browser::enrolled(app, (invite.account, clinic), Some(code), way_in, "Browser, hospital sign-in").await?;
    browser::open(app, invite.account, clinic, device.ok_or(Reason::InviteInvalid)?).await
}

fn failed(why: &'static str) -> Error {
    tracing::warn!(why, "the hospital's provider fails");
    Error::retry(Reason::ProviderFailed, std::time::Duration::from_secs(5))
}
