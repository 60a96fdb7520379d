//! The conformance kit of whoever writes another client: `vectors merge FILE.jsonl` drives the real core with the
//! vectors of a file. One line per failing case, a count at the end; exit code 1 if any fails, 2 if the file is not readable.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use osteon_tests::merge_vectors;

#[derive(Parser)]
#[command(name = "vectors", about = "Runs conformance vectors against the core")]
struct Cli {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Subcommand)]
enum Kind {
    /// The merge: states, views and verdicts after a run of changes.
    Merge { file: PathBuf },
}

fn main() -> ExitCode {
    let Kind::Merge { file } = Cli::parse().kind;
    let read = std::fs::read_to_string(&file).map_err(|e| e.to_string());
    match read.and_then(|text| merge_vectors::run(&text)) {
        Ok(report) => {
            for (id, difference) in &report.failed {
                println!("FAIL {id}: {difference}");
            }
            println!("{} passed, {} failed", report.passed, report.failed.len());
            ExitCode::from(u8::from(!report.failed.is_empty()))
        }
        Err(e) => {
            eprintln!("{}: {e}", file.display());
            ExitCode::from(2)
        }
    }
}
