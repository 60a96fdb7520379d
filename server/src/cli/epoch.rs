//! `osteon epoch`: starts a new epoch, as a restore from a backup will. For tests and drills: every device says Hello again,
//! gets new numbers, and pulls from the beginning. A running server has to be started again.

use anyhow::Context;
use serde_json::json;

use super::{Exit, Out, small_runtime};
use crate::{config::Settings, site};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Start the next epoch; without it the current one is printed
    #[arg(long)]
    bump: bool,
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(args: Args, out: &Out) -> anyhow::Result<Exit> {
    let config = args.settings.resolve()?;
    let epoch = small_runtime()?.block_on(async {
        let site = site::open(&config).await?;
        let epoch = site.app.epoch() + u32::from(args.bump);
        let raised = if args.bump { site.store.raise_epoch(epoch).await } else { Ok(()) };
        site.close().await;
        raised.context("no new epoch")?;
        anyhow::Ok(epoch)
    })?;
    out.answer(&json!({ "epoch": epoch }), || format!("Epoch {epoch}"));
    Ok(Exit::Done)
}
