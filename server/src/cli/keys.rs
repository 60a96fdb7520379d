//! `osteon keys`: the versions of the key-encryption key. Rotation needs no stop: servers that run find the new version in
//! the file by themselves.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use clap::Subcommand;
use serde_json::json;

use super::{Exit, Out, small_runtime};
use crate::{
    app::rotate,
    config::{Config, Settings},
    ids::OsIds,
    seal::RingFile,
    site::{self, Site},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Which versions the key file holds, and how many keys of the database each one wraps
    Show(#[command(flatten)] Settings),
    /// Add a version and wrap every key of the database anew, while servers run; an interrupted rotation is taken up again
    Rotate(RotateArgs),
    /// Take versions out of the key file that wrap nothing any more. Older backups cannot be restored without them
    Retire(#[command(flatten)] Settings),
}

#[derive(Debug, clap::Args)]
struct RotateArgs {
    /// Only add the version to the file: with several machines, copy the file to each and then rotate with --wrap-only
    #[arg(long, conflicts_with = "wrap_only")]
    add_only: bool,
    /// Only wrap anew what is under an older version than the file's newest
    #[arg(long)]
    wrap_only: bool,
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(args: Args, out: &Out) -> anyhow::Result<Exit> {
    match args.step {
        Step::Show(settings) => show(&settings.resolve()?, out),
        Step::Rotate(args) => rotate(args, out),
        Step::Retire(settings) => retire(&settings.resolve()?, out),
    }
}

/// How many keys each version wraps.
async fn used(site: &Site) -> anyhow::Result<BTreeMap<u8, usize>> {
    let mut used = BTreeMap::new();
    // No key has version 0: every one is another.
    for key in site.store.wrapped_keys(0, u32::MAX).await? {
        *used.entry(key.wrapped.first().copied().unwrap_or_default()).or_default() += 1;
    }
    Ok(used)
}

fn with_site<R>(config: &Config, run: impl AsyncFnOnce(&Site) -> anyhow::Result<R>) -> anyhow::Result<R> {
    if !config.key_file.exists() {
        bail!("there is no key file {}", config.key_file.display());
    }
    small_runtime()?.block_on(async {
        let site = site::open(config).await?;
        let done = run(&site).await;
        site.close().await;
        done
    })
}

fn show(config: &Config, out: &Out) -> anyhow::Result<Exit> {
    let used = with_site(config, used)?;
    let versions = RingFile::at(&config.key_file).versions()?;
    let rows = versions.iter().map(|v| (*v, used.get(v).copied().unwrap_or(0)));
    let list: Vec<_> = rows.clone().map(|(version, wraps)| json!({ "version": version, "wraps": wraps })).collect();
    out.answer(&json!({ "versions": list }), || {
        let lines = rows.map(|(version, wraps)| format!("version {version}   wraps {wraps} keys"));
        lines.collect::<Vec<_>>().join("\n")
    });
    Ok(Exit::Done)
}

fn rotate(args: RotateArgs, out: &Out) -> anyhow::Result<Exit> {
    let config = args.settings.resolve()?;
    let file = RingFile::at(&config.key_file);
    let (version, wrapped) = with_site(&config, async |site| {
        // What an earlier rotation left is finished before anything new begins.
        let newest = file.versions()?.last().copied().context("the key file is empty")?;
        let unfinished = !site.store.wrapped_keys(newest, 1).await?.is_empty();
        if !args.wrap_only && !unfinished {
            file.add(&OsIds::new())?;
        }
        let wrapped = if args.add_only { 0 } else { rotate::all(&site.app).await? };
        Ok((site.vault.version()?, wrapped))
    })?;
    out.answer(&json!({ "version": version, "wrapped": wrapped }), || {
        format!(
            "Version {version} wraps now; {wrapped} keys were wrapped anew.\nCopy {} to where the key is kept apart.",
            { config.key_file.display() }
        )
    });
    Ok(Exit::Done)
}

fn retire(config: &Config, out: &Out) -> anyhow::Result<Exit> {
    let used = with_site(config, used)?;
    let needed: Vec<u8> = used.into_keys().collect();
    let gone = RingFile::at(&config.key_file).retain(&needed)?;
    out.answer(&json!({ "retired": gone }), || match gone.as_slice() {
        [] => "Nothing to take out: every version is the newest one or wraps something.".to_owned(),
        gone => format!("Taken out: {gone:?}. Backups made under them need a copy of the earlier key file."),
    });
    Ok(Exit::Done)
}
