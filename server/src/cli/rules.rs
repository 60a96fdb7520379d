//! `osteon rules`: the rule set that this program was built with, to begin another from, and whether a file would be taken.

use std::{
    io::{ErrorKind, Write},
    path::PathBuf,
};

use osteon_care_core::{
    Day,
    facts::DAY_MS,
    rules::{BUILT_IN, RuleSet, sealed},
};
use serde_json::json;

use super::{Exit, Out};
use crate::{
    app::alerts::rules_file,
    clock::{Clock, SystemClock},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Look at this file; without one, the built-in set is printed
    file: Option<PathBuf>,
    /// Print the file with the checksum that its content has
    #[arg(long, requires = "file")]
    seal: bool,
}

/// The day in UTC.
pub(super) fn today() -> Day {
    let day = i64::try_from(SystemClock.now_ms()).unwrap_or(0).div_euclid(DAY_MS);
    Day(i32::try_from(day).unwrap_or(i32::MAX))
}

/// "version 3 of 2026-01-31, 114 rules".
pub(super) fn said(set: &RuleSet) -> String {
    format!("version {} of {}, {} rules", set.version, set.published, set.rules().count())
}

/// A file, to stdout; whoever reads no further is content.
fn pour(text: &str) -> anyhow::Result<Exit> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(Exit::Done),
    }
}

pub(super) fn run(args: &Args, out: &Out) -> anyhow::Result<Exit> {
    let Some(file) = &args.file else {
        return pour(BUILT_IN);
    };
    if args.seal {
        let bytes = std::fs::read(file)?;
        return pour(&sealed(&bytes)?);
    }
    match rules_file::read(file, today()) {
        Ok(set) => {
            out.answer(
                &json!({ "version": set.version, "published": set.published.to_string(), "checksum": set.checksum }),
                || format!("{}: would be taken: {}", file.display(), said(&set)),
            );
            Ok(Exit::Done)
        }
        Err(refused) => {
            out.answer(&json!({ "refused": refused.reason() }), || {
                format!("{}: would be refused: {}", file.display(), refused.reason())
            });
            Ok(Exit::Unhealthy)
        }
    }
}
