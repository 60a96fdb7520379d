//! `osteon erase`: everything of one patient, for good: the circle's key, its rows, and with the next contact what devices
//! hold. A tombstone and the audit (which has no values) stay. It is on record in the deny log, so that a backup does not
//! bring the patient back.

use anyhow::{Context, bail};
use osteon_proto::care;
use serde_json::json;

use super::{Exit, Out, needs_database, small_runtime};
use crate::{
    app::{App, denials, erasures},
    config::{Config, Settings, is_demo},
    site,
    store::AuditRow,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The circle to erase (its short id)
    #[arg(long, value_name = "ID", required_unless_present = "requests", requires = "confirm")]
    circle: Option<String>,
    /// The short id once more: there is no way back
    #[arg(long, value_name = "ID", requires = "circle")]
    confirm: Option<String>,
    /// Erase nothing: list the patients who ask for it, and by when they must have an answer
    #[arg(long, conflicts_with_all = ["circle", "confirm"])]
    requests: bool,
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
    needs_database(&config)?;
    let clinic = args.clinic.as_deref().unwrap_or(if is_demo(&config.data) { "demo" } else { "clinic" });
    let Some(short_id) = &args.circle else { return requests(&config, clinic, out) };
    let circle = small_runtime()?.block_on(async {
        let site = site::open(&config).await?;
        let done = erase(&site.app, clinic, short_id).await;
        site.close().await;
        done
    })?;
    out.answer(&json!({ "circle": circle, "short_id": short_id }), || {
        format!(
            "Erased {short_id}. Devices erase what they hold at their next contact. Backups keep the sealed rows until they \
             are thrown away; a restore erases them again. Its audit stays: osteon audit show --circle {circle}"
        )
    });
    Ok(Exit::Done)
}

/// Who asks for it. It decides nothing: an answer is the clinic's, given in the portal.
fn requests(config: &Config, clinic_id: &str, out: &Out) -> anyhow::Result<Exit> {
    let found = small_runtime()?.block_on(async {
        let site = site::open(config).await?;
        let found = async {
            let clinic = site.app.store.clinic_by_short_id(clinic_id).await?;
            let clinic = clinic.with_context(|| format!("no clinic {clinic_id}"))?;
            anyhow::Ok(erasures::of_clinic(&site.app, clinic).await?)
        };
        let found = found.await;
        site.close().await;
        found
    })?;
    let list: Vec<_> = found
        .iter()
        .map(|(circle, short_id, one)| {
            let decision = one.answer.as_ref().map(|answer| answer.decision().as_str_name());
            let (asked, due) = (day(one.asked_ms), day(one.due_ms));
            json!({ "circle": circle, "short_id": short_id, "asked": asked, "decision": decision, "due": due })
        })
        .collect();
    out.answer(&json!({ "requests": list }), || {
        if found.is_empty() {
            return "Nobody asks to be erased.".to_owned();
        }
        let line = |(_, short_id, one): &(u64, String, erasures::Asked)| {
            let stands = match one.answer.as_ref().map(care::ErasureAnswer::decision) {
                Some(care::ErasureDecision::WillBeDone) => "the clinic will do it by",
                Some(care::ErasureDecision::AsksBack) => "the clinic asked something back; an answer is owed by",
                _ => "no answer yet; it is owed by",
            };
            format!("{short_id:<8} asked {}, {stands} {}", day(one.asked_ms), day(one.due_ms))
        };
        let lines: Vec<String> = found.iter().map(line).collect();
        format!("{}\nTo erase one for good: osteon erase --circle ID --confirm ID", lines.join("\n"))
    });
    Ok(Exit::Done)
}

fn day(ms: u64) -> String {
    let at = i64::try_from(ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    at.map_or_else(|| "?".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
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
