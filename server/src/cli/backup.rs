//! `osteon backup`: a copy of the database while the server runs, looked at before it counts.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use aws_lc_rs::digest;
use serde_json::json;
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    Exit, Out,
    files::{Coming, beside, create},
    small_runtime,
};
use crate::{
    app::verify::{self, Whole},
    clock::SystemClock,
    config::{Config, Database, Settings, is_demo},
    site,
};

/// A line of the file of the sum: restored, it is a demo again.
pub(super) const OF_A_DEMO: &str = "# of a demo data directory";

/// SQLite's own way to copy a database that is being written, in one read transaction.
const COPY: &str = "VACUUM INTO $1";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to; must not exist. Beside it comes FILE.sha256
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(args: Args, out: &Out) -> anyhow::Result<Exit> {
    let config = args.settings.resolve()?;
    let Database::Sqlite(database) = &config.database else {
        bail!(
            "PostgreSQL has its own: pg_dump or a base backup, then osteon restore on the database (docs/keeping.md)"
        );
    };
    let coming = Coming::at(&args.file)?;
    let sum_file = create(&sum_path(&args.file)).context("cannot make the file of its sum")?;
    let made = make(&config, database, coming, sum_file);
    if made.is_err() {
        let _ = fs::remove_file(sum_path(&args.file));
    }
    let (Whole { circles, parts, changes }, epoch, sum) = made?;
    let bytes = fs::metadata(&args.file)?.len();
    out.answer(
        &json!({
            "file": args.file, "bytes": bytes, "sha256": sum, "epoch": epoch,
            "circles": circles, "parts": parts, "changes": changes,
        }),
        || {
            format!(
                "{}: {circles} circles, {parts} parts, {changes} changes; every row opens, every digest is right.\n\
                 Keep it apart from the key file and the deny log, and keep both of them too.",
                args.file.display()
            )
        },
    );
    Ok(Exit::Done)
}

/// Copies, looks at the copy, and gives it its name and its sum.
fn make(config: &Config, database: &Path, coming: Coming, mut sum_file: File) -> anyhow::Result<(Whole, u32, String)> {
    let (whole, epoch) = small_runtime()?.block_on(async {
        copy(database, coming.part()).await.context("the database cannot be copied")?;
        look_at(config, coming.part()).await
    })?;
    let sum = sha256(coming.part())?;
    let file = coming.keep()?;
    writeln!(sum_file, "{sum}  {}", name(&file))?;
    if is_demo(&config.data) {
        // sha256sum passes over it.
        writeln!(sum_file, "{OF_A_DEMO}")?;
    }
    sum_file.sync_all()?;
    Ok((whole, epoch, sum))
}

/// `to` is there, and empty.
async fn copy(database: &Path, to: &Path) -> anyhow::Result<()> {
    let options = SqliteConnectOptions::new().filename(database).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let to_text = to.to_str().context("the path is not text")?.to_owned();
    sqlx::query(COPY).bind(to_text).execute(&mut connection).await?;
    connection.close().await?;
    Ok(File::open(to)?.sync_all()?)
}

/// Opens the copy as a server would and looks at every row. Its epoch comes with it.
async fn look_at(config: &Config, copy: &Path) -> anyhow::Result<(Whole, u32)> {
    let config = Config { database: Database::Sqlite(copy.to_owned()), ..config.clone() };
    let site = site::open_bare(&config, Arc::new(SystemClock)).await?;
    let (whole, epoch) = (verify::whole(&site.app).await, site.app.epoch());
    site.close_bare().await;
    // Of a copy nobody else is to hear.
    let _ = fs::remove_file(beside(copy, "-others"));
    Ok((whole.context("the copy is not whole")?, epoch))
}

/// SHA-256 of a file, in hex.
pub(super) fn sha256(path: &Path) -> anyhow::Result<String> {
    let mut file = File::open(path)?;
    let (mut context, mut buffer) = (digest::Context::new(&digest::SHA256), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(context.finish())),
            n => context.update(&buffer[..n]),
        }
    }
}

/// Where the sum of a backup stands, in the form of sha256sum.
pub(super) fn sum_path(file: &Path) -> PathBuf {
    beside(file, ".sha256")
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
