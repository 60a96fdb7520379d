//! `osteon desk`: the clinician of the demo, a program of its own. Commands on standard input, an answer in JSON for each.

use std::{io::BufRead, path::PathBuf};

use anyhow::Context;
use serde_json::json;

use super::{Exit, device, small_runtime};
use crate::{
    config::{ADDRESS_FILE, CA_FILE},
    demo::desk::Desk,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Data directory of the demo: the server's address and authority are read from there
    #[arg(long, visible_alias = "data-dir", value_name = "DIR")]
    data: PathBuf,
    /// File with the private key of an enrolled device (PKCS #8)
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Number of the circle
    #[arg(long, value_name = "NUMBER")]
    circle: u64,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    small_runtime()?.block_on(async {
        let url = std::fs::read_to_string(args.data.join(ADDRESS_FILE)).context("the server's address")?;
        let key = device::open_or_make(&args.key)?;
        let mut desk = Desk::sit_down(url.trim().to_owned(), &args.data.join(CA_FILE), key, args.circle).await?;
        // A thread of its own: the connection goes on answering while nobody types.
        let (typed, mut lines) = tokio::sync::mpsc::channel::<String>(16);
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                if typed.blocking_send(line).is_err() {
                    return;
                }
            }
        });
        while let Some(line) = lines.recv().await {
            let answer = desk.command(&line).await.unwrap_or_else(|error| json!({"error": format!("{error:#}")}));
            println!("{answer}");
        }
        Ok(Exit::Done)
    })
}
