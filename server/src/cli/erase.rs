//! `osteon erase`: everything of one patient, for good: the circle's key, its rows, and with the next contact what devices
//! hold. A tombstone and the audit (which has no values) stay. It is on record in the deny log, so that a backup does not
//! bring the patient back.

use anyhow::{Context, bail};
use serde_json::json;

use super::{Exit, Out, small_runtime};
use crate::{
    app::{App, denials},
    config::{Settings, is_demo},
    site,
    store::AuditRow,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The circle to erase (its short id)
    #[arg(long, value_name = "ID")]
    circle: String,
    /// The short id once more: there is no way back
    #[arg(long, value_name = "ID")]
    confirm: String,
    /// Short id of the clinic [default: demo in a demo data directory, else clinic]
    #[arg(long, value_name = "ID")]
    clinic: Option<String>,
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(args: Args, out: &Out) -> anyhow::Result<Exit> {
    if args.confirm != args.circle {
        bail!("--confirm wants the short id of the circle once more; nothing was erased");
    }
    let config = args.settings.resolve()?;
    let clinic = args.clinic.as_deref().unwrap_or(if is_demo(&config.data) { "demo" } else { "clinic" });
    let circle = small_runtime()?.block_on(async {
        let site = site::open(&config).await?;
        let done = erase(&site.app, clinic, &args.circle).await;
        site.close().await;
        done
    })?;
    out.answer(&json!({ "circle": circle, "short_id": args.circle }), || {
        format!(
            "Erased {}. Devices erase what they hold at their next contact. Backups keep the sealed rows until they are \
             thrown away; a restore erases them again. Its audit stays: osteon audit show --circle {circle}",
            args.circle
        )
    });
    Ok(Exit::Done)
}

async fn erase(app: &App, clinic_id: &str, short_id: &str) -> anyhow::Result<u64> {
    let clinic = app.store.clinic_by_short_id(clinic_id).await?;
    let clinic = clinic.with_context(|| format!("no clinic {clinic_id}"))?;
    let circle = app.store.circle_by_short_id(clinic, short_id).await?;
    let circle = circle.with_context(|| format!("no circle {short_id} in clinic {clinic_id}"))?;
    let at_ms = app.now_ms();
    denials::erase(app, circle, at_ms).await?;
    let row = AuditRow {
        circle,
        at_ms,
        account: 0,
        device: 0,
        action: "circle.erase",
        record: None,
        categories: 0,
        from_seq: 0,
        to_seq: 0,
        count: 1,
        outcome: "ok",
        request: 0,
    };
    app.store.audit(vec![row]).await?;
    Ok(circle)
}
