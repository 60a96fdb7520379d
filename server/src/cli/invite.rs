//! `osteon invite`: an enrolment code by whoever runs the machine. It is how the first person of a clinic gets in; after
//! that members invite each other in the app.

use std::sync::Arc;

use anyhow::{Context, bail};
use osteon_proto::meta::Role;
use serde_json::json;

use super::{Exit, Out, role, small_runtime};
use crate::{
    access::Caller,
    app::{App, enrol, members},
    config::{Settings, is_demo},
    site,
    store::{AccountNo, CircleNo},
};

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("where").required(true).args(["circle", "new_circle"]))]
pub(super) struct Args {
    /// Into this circle (its short id, for example d0001)
    #[arg(long, value_name = "ID")]
    circle: Option<String>,
    /// Into a new circle, as its first member
    #[arg(long)]
    new_circle: bool,
    /// Short id of the new circle [default: the next free one]
    #[arg(long, value_name = "ID", requires = "new_circle")]
    id: Option<String>,
    /// patient, caregiver, dietitian, physiotherapist, physician, nurse or clinic-admin
    #[arg(long, value_name = "ROLE", value_parser = role::parse)]
    role: Role,
    /// Another device of this account, which is a member already
    #[arg(long, value_name = "NUMBER", requires = "circle")]
    account: Option<u64>,
    /// Short id of the clinic; made if it is new [default: demo in a demo data directory, else clinic]
    #[arg(long, value_name = "ID")]
    clinic: Option<String>,
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(args: Args, out: &Out) -> anyhow::Result<Exit> {
    let config = args.settings.clone().resolve()?;
    let clinic = args.clinic.as_deref().unwrap_or(if is_demo(&config.data) { "demo" } else { "clinic" });
    small_runtime()?.block_on(async {
        let site = site::open(&config).await?;
        let done = invite(&site.app, clinic, &args, out).await;
        site.close().await;
        done
    })
}

async fn invite(app: &Arc<App>, clinic_id: &str, args: &Args, out: &Out) -> anyhow::Result<Exit> {
    let clinic = clinic(app, clinic_id).await?;
    let (circle, short_id, account) = match &args.circle {
        Some(short_id) => {
            let found = app.store.circle_by_short_id(clinic, short_id).await?;
            let circle = found.with_context(|| format!("no circle {short_id} in clinic {clinic_id}"))?;
            (circle, short_id.clone(), member(app, clinic, circle, args).await?)
        }
        None => {
            let short_id = match &args.id {
                Some(id) => id.clone(),
                None => next_id(app, clinic).await?,
            };
            let account = app.store.create_account(clinic, members::PERSON).await?;
            let circle = members::found(app, clinic, &short_id, &[(account, args.role)]).await?;
            (circle, short_id, account)
        }
    };
    let invite = enrol::invite(app, circle, &short_id, account, args.role as u8).await?;
    let role = role::word(args.role);
    out.answer(
        &json!({
            "code": invite.typed, "qr": invite.qr, "short_id": short_id, "circle": circle, "account": account,
            "role": role, "expires_ms": invite.expires_ms,
        }),
        || {
            let (front, back) = invite.typed.split_at(invite.typed.len() / 2);
            format!(
                "{}\nCode    {front}-{back}   for circle {short_id}, as {role}\nQR      {}\nValid for ten minutes, once.",
                picture(&invite.qr),
                invite.qr
            )
        },
    );
    Ok(Exit::Done)
}

/// The QR code in half blocks, light on dark. Empty if the content does not fit, which no invite's does.
fn picture(content: &str) -> String {
    use qrcode::{EcLevel, QrCode, render::unicode::Dense1x2};
    let Ok(code) = QrCode::with_error_correction_level(content, EcLevel::L) else { return String::new() };
    // A terminal draws light on dark: what is dark on paper stays empty here.
    code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build()
}

async fn clinic(app: &App, short_id: &str) -> anyhow::Result<u64> {
    match app.store.clinic_by_short_id(short_id).await? {
        Some(clinic) => Ok(clinic),
        None => Ok(app.store.create_clinic(short_id).await?),
    }
}

/// Who is invited: an account that is a member already, or a new one, which becomes a member.
async fn member(app: &Arc<App>, clinic: u64, circle: CircleNo, args: &Args) -> anyhow::Result<AccountNo> {
    if let Some(account) = args.account {
        let wanted = (circle, args.role as u8);
        if !app.store.circles_of(account).await?.contains(&wanted) {
            bail!("account {account} is no {} of this circle", role::word(args.role));
        }
        return Ok(account);
    }
    let access =
        app.circle_access(circle, &Caller { account: 0, device: 0, clinic, family: 0, leaving: false }).await?;
    if let Some(patient) = access.patient().filter(|_| args.role == Role::Patient) {
        bail!("this circle has its patient; for another phone of theirs: --account {patient}");
    }
    let account = app.store.create_account(clinic, members::PERSON).await?;
    members::name(app, circle, account, args.role).await?;
    Ok(account)
}

async fn next_id(app: &App, clinic: u64) -> anyhow::Result<String> {
    let taken = app.store.circles_of_clinic(clinic).await?;
    let free = (taken.len() + 1..).map(|n| format!("d{n:04}")).find(|id| taken.iter().all(|(_, other)| other != id));
    free.context("no short id is free")
}

#[cfg(test)]
mod tests {
    use qrcode::{Color, EcLevel, QrCode};

    use super::*;

    /// Every module of the code stands where it belongs, two rows in one line, with a quiet zone of four around.
    #[test]
    fn the_picture_is_the_code() {
        const QUIET: usize = 4;
        let content = "osteon:d0001:7K4M9QX2:00112233445566778899aabbccddeeff";
        let code = QrCode::with_error_correction_level(content, EcLevel::L).expect("fits");
        let width = code.width();
        let lines: Vec<Vec<char>> = picture(content).lines().map(|line| line.chars().collect()).collect();
        assert!(lines.iter().all(|line| line.len() == width + 2 * QUIET));
        assert_eq!(lines.len(), (width + 2 * QUIET).div_ceil(2));
        for (y, x) in (0..width).flat_map(|y| (0..width).map(move |x| (y, x))) {
            let shown = lines[(y + QUIET) / 2][x + QUIET];
            let lit = match (y + QUIET) % 2 {
                0 => matches!(shown, '█' | '▀'),
                _ => matches!(shown, '█' | '▄'),
            };
            assert_eq!(lit, code[(x, y)] == Color::Light, "module {x}, {y}");
        }
    }
}
