//! Links by which a browser signs in to a demo as somebody of it: good for some minutes, and once. They are made and followed
//! beside the marker of a demo data directory alone; anywhere else none is made and none opens anything.

use osteon_proto::reasons::Reason;
use serde::{Deserialize, Serialize};

use super::{
    App,
    browser::{self, Opened},
};
use crate::{
    error::Error,
    limits,
    store::{AccountNo, DeviceNo, browser::WayIn},
};

const KIND: &str = "demo link";
const BROWSER: &str = "Browser of a demo link";

#[derive(Serialize, Deserialize)]
struct Link {
    account: AccountNo,
    clinic: u64,
}

/// What stands at the end of the link.
pub async fn make(app: &App, account: AccountNo) -> Result<String, Error> {
    if !app.is_demo() {
        return Err(Reason::Unsupported.into());
    }
    let (clinic, _) = app.store.account(account).await?.ok_or_else(Error::not_found)?;
    browser::ask(app, KIND, &Link { account, clinic }, limits::DEMO_LINK_S.max).await
}

/// A session for whoever follows it first.
pub async fn follow(app: &App, link: &str) -> Result<Opened, Error> {
    if !app.is_demo() {
        return Err(Reason::ChallengeInvalid.into());
    }
    let Link { account, clinic } = browser::asked(app, KIND, link).await?;
    let device = device(app, account, clinic).await?;
    browser::open(app, account, clinic, device).await
}

/// The one browser that links sign in, enrolled with the first of them.
async fn device(app: &App, account: AccountNo, clinic: u64) -> Result<DeviceNo, Error> {
    let way_in = WayIn::Link { account };
    if let Some(known) = app.store.device_by_key(&browser::key_of(&way_in)).await? {
        browser::trusted(app, known.device).await?;
        return Ok(known.device);
    }
    let enrolled = browser::enrolled(app, (account, clinic), None, way_in, BROWSER).await?;
    enrolled.ok_or_else(|| Reason::ChallengeInvalid.into())
}
