//! `osteon-phone`: the terminal client that stands in for a mobile app. One folder is one phone.

mod args;
mod compose;
mod questions;
mod run;
mod sharing;
mod show;
mod watch;

use std::{process::ExitCode, sync::Arc};

use clap::Parser;
use osteon_client::{Phone, clock::SystemClock, ids::OsIds};

use args::Args;

fn main() -> ExitCode {
    let args = Args::parse();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN).init();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("cannot start: {e}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(start(&args)) {
        Ok(code) => ExitCode::from(code),
        Err(e) => {
            eprintln!("{e:#}");
            ExitCode::from(run::code_of(&e))
        }
    }
}

async fn start(args: &Args) -> anyhow::Result<u8> {
    let phone = Phone::open(&args.home, Arc::new(SystemClock), Arc::new(OsIds::new())).await?;
    let code = run::run(&Arc::new(phone), args).await?;
    Ok(code)
}
