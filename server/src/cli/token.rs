//! `osteon token`: an access token for somebody of the demo, so that pasted grpcurl lines work. Refused outside of a demo
//! data directory. Enrols a device of its own for each account, with a key beside the database.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, bail};
use aws_lc_rs::signature::KeyPair;
use osteon_proto::{identity as pb, meta::Role};
use serde_json::json;

use super::{Exit, Out, device, links, role, small_runtime};
use crate::{
    app::{App, enrol, sessions},
    config::{BROWSER_ADDRESS_FILE, Config, Settings, is_demo},
    layers::Caller,
    site,
    store::{AccountNo, CircleNo, identity::DeviceRow},
};

const DEVICE_NAME: &str = "osteon token";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// As whom: patient, caregiver, dietitian, physiotherapist, physician, nurse or clinic-admin
    #[arg(long = "as", value_name = "ROLE", value_parser = role::parse)]
    role: Role,
    /// In which circle (its short id)
    #[arg(long, value_name = "ID", default_value = "d0001")]
    circle: String,
    /// Short id of the clinic
    #[arg(long, value_name = "ID", default_value = "demo")]
    clinic: String,
    /// A link by which a browser signs in, once, instead of a token
    #[arg(long)]
    link: bool,
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(args: Args, out: &Out) -> anyhow::Result<Exit> {
    let config = args.settings.clone().resolve()?;
    if !is_demo(&config.data) {
        bail!("{} is no demo data directory: tokens are given to devices that prove their key", config.data.display());
    }
    small_runtime()?.block_on(async {
        let site = site::open(&config).await?;
        let done = token(&site.app, &config, &args, out).await;
        site.close().await;
        done
    })
}

async fn token(app: &Arc<App>, config: &Config, args: &Args, out: &Out) -> anyhow::Result<Exit> {
    let clinic = app.store.clinic_by_short_id(&args.clinic).await?;
    let clinic = clinic.context("no such clinic here: --clinic names another")?;
    let circle = app.store.circle_by_short_id(clinic, &args.circle).await?;
    let circle = circle.with_context(|| format!("no circle {} here", args.circle))?;
    let account = somebody(app, circle, args.role).await?;
    if args.link {
        let sign_in = std::fs::read_to_string(config.data.join(BROWSER_ADDRESS_FILE));
        let link = links::link(app, account, &sign_in.context("no server has run here for browsers")?).await?;
        out.answer(&json!({ "link": link, "account": account, "role": role::word(args.role) }), || link.clone());
        return Ok(Exit::Done);
    }
    let device = own_device(app, config, circle, &args.circle, account, args.role).await?;
    let caller = Caller { account, device: device.device, clinic, family: 0, leaving: false };
    let pair = sessions::open(app, &caller).await?;
    let lanes = app.store.replicas_of(device.device).await?;
    let lanes = lanes.iter().filter(|lane| !lane.retired);
    let lanes: Vec<_> = lanes
        .map(|lane| json!({ "lane": if lane.lane == 2 { "urgent" } else { "ordinary" }, "epoch": lane.epoch, "replica": lane.n }))
        .collect();
    let expires = pair.access_expires.as_ref().map_or(0, |at| at.seconds);
    out.answer(
        &json!({
            "token": pair.access_token, "expires": expires, "circle": circle, "short_id": args.circle,
            "account": account, "device": device.device, "role": role::word(args.role), "lanes": lanes,
        }),
        || pair.access_token.clone(),
    );
    Ok(Exit::Done)
}

/// The first member with this role.
pub(super) async fn somebody(app: &App, circle: CircleNo, role: Role) -> anyhow::Result<AccountNo> {
    let mut snapshot = app.store.snapshot(circle).await?;
    let access = app.access_of(&mut *snapshot).await?;
    let mut members = access.access.members();
    let found = members.find(|(_, member)| i32::from(member.number()) == role as i32);
    Ok(found.with_context(|| format!("the circle has no {}", role::word(role)))?.0)
}

/// Where the key of an account's device of this command lies.
pub(super) fn key_of(config: &Config, account: AccountNo) -> PathBuf {
    config.data.join(format!("token-{account}.key"))
}

/// The device that this command enrolled for the account; enrols it the first time.
pub(super) async fn own_device(
    app: &App,
    config: &Config,
    circle: CircleNo,
    short_id: &str,
    account: AccountNo,
    role: Role,
) -> anyhow::Result<DeviceRow> {
    let key = device::open_or_make(&key_of(config, account))?;
    let public = key.public_key().as_ref();
    if let Some(device) = app.store.device_by_key(public).await?.filter(|device| !device.revoked) {
        return Ok(device);
    }
    let invite = enrol::invite(app, circle, short_id, account, role as u8).await?;
    let begin = pb::BeginEnrolmentRequest {
        code: invite.typed.clone(),
        short_id: short_id.to_owned(),
        device_key: public.to_vec().into(),
    };
    let challenge = enrol::begin(app, &begin).await?.challenge;
    let signature = device::sign(&key, &challenge, None)?;
    let finish = pb::FinishEnrolmentRequest {
        code: invite.typed,
        short_id: short_id.to_owned(),
        device_key: public.to_vec().into(),
        challenge,
        signature: signature.into(),
        device_name: DEVICE_NAME.to_owned(),
    };
    enrol::finish(app, &finish).await?;
    app.store.device_by_key(public).await?.context("the device that was just enrolled")
}
