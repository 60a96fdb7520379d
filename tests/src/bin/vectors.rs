//! The conformance kit of whoever writes another client: `vectors merge FILE.jsonl` drives the real merge with the
//! vectors of a file, `vectors care FILE.json` the assessments. One line per failing case, a count at the end; exit code 1
//! if any fails, 2 if a file is not readable.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use osteon_tests::{care_vectors, merge_vectors};

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
    /// The assessments: a function, its arguments, what it answers.
    Care {
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

fn main() -> ExitCode {
    let (mut passed, mut failed) = (0, 0);
    let files = match Cli::parse().kind {
        Kind::Merge { file } => vec![(merge(&file), file)],
        Kind::Care { files } => files.into_iter().map(|file| (care(&file), file)).collect(),
    };
    for (ran, file) in files {
        match ran {
            Ok((in_file, differences)) => {
                for difference in &differences {
                    println!("FAIL {difference}");
                }
                (passed, failed) = (passed + in_file, failed + differences.len());
            }
            Err(e) => {
                eprintln!("{}: {e}", file.display());
                return ExitCode::from(2);
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    ExitCode::from(u8::from(failed > 0))
}

/// How many passed, and a line for each that did not.
type Ran = Result<(usize, Vec<String>), String>;

fn merge(file: &Path) -> Ran {
    let report = merge_vectors::run(&read(file)?)?;
    Ok((report.passed, report.failed.into_iter().map(|(id, difference)| format!("{id}: {difference}")).collect()))
}

fn care(file: &Path) -> Ran {
    let report = care_vectors::run(&read(file)?)?;
    Ok((report.passed, report.failed.into_iter().map(|(id, difference)| format!("{id} {difference}")).collect()))
}

fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|e| e.to_string())
}
