//! `osteon-phone`: the terminal client that stands in for a mobile app. One folder is one phone.

mod alerts;
mod args;
mod attachments;
mod care;
mod compose;
mod entries;
mod erasure;
mod fall;
mod fate;
mod inspect;
mod intake;
mod log;
mod look;
mod more;
mod network;
mod notices;
mod questions;
mod run;
mod seen;
mod sharing;
mod show;
mod status;
mod targets;
mod threads;
mod today;
mod typed;
mod undo;
mod watch;

use std::{process::ExitCode, sync::Arc};

use clap::Parser;
use osteon_client::{Phone, clock::SystemClock, ids::OsIds};

use args::{Args, Command};

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(wrong) if wrong.use_stderr() && std::env::args().any(|word| word == "--json") => {
            let text = wrong.render().to_string();
            show::print(serde_json::json!({"error": text.trim(), "reason": null, "code": args::USAGE}));
            show::note(text.trim());
            return ExitCode::from(args::USAGE);
        }
        Err(wrong) => wrong.exit(),
    };
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing::Level::WARN)
        .log_internal_errors(false)
        .init();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            show::note(format!("cannot start: {e}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(start(&args)) {
        Ok(code) => ExitCode::from(code),
        Err(e) => {
            let code = run::code_of(&e);
            if args.json {
                let reason = run::reason_of(&e);
                show::print(serde_json::json!({"error": format!("{e:#}"), "reason": reason, "code": code}));
            }
            show::note(format!("{e:#}"));
            ExitCode::from(code)
        }
    }
}

async fn start(args: &Args) -> anyhow::Result<u8> {
    if let Command::Completions { shell } = &args.command {
        // No phone is needed for this.
        completions(*shell);
        return Ok(args::DONE);
    }
    let (was_there, enrols) = (Phone::lives_in(&args.home), matches!(args.command, Command::Enrol { .. }));
    if !was_there && !enrols {
        // A mistyped folder is not made into a phone.
        anyhow::bail!(
            "there is no phone in {}: name another folder with --home, or make this one a phone with the code of an invite \
             (osteon-phone enrol CODE --circle ID --server URL --ca FILE)",
            args.home.display()
        );
    }
    let phone = Arc::new(Phone::open(&args.home, Arc::new(SystemClock), Arc::new(OsIds::new())).await?);
    let done = run::run(&phone, args).await;
    if done.is_err() && !was_there {
        phone.discard_empty().await?;
    }
    done
}

/// Prints what a shell needs to complete these commands.
pub(crate) fn completions(shell: clap_complete::Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut <Args as clap::CommandFactory>::command(), "osteon-phone", &mut script);
    show::print(String::from_utf8_lossy(&script).trim_end());
}
