//! `osteon backup`: a copy of the database while the server runs, looked at before it counts.

use std::{
    fs::{self, File, OpenOptions},
    io::Read as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use aws_lc_rs::digest;
use serde_json::json;
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{Exit, Out, small_runtime};
use crate::{
    app::verify::{self, Whole},
    clock::SystemClock,
    config::{Config, Database, Settings},
    site,
};

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
    if args.file.exists() {
        bail!("{} is there already", args.file.display());
    }
    let part = beside(&args.file, ".part");
    let made = small_runtime()?.block_on(async {
        copy(database, &part).await.context("the database cannot be copied")?;
        look_at(&config, &part).await
    });
    let made = made.and_then(|(whole, epoch)| {
        let sum = sha256(&part)?;
        fs::rename(&part, &args.file)?;
        fs::write(sum_path(&args.file), format!("{sum}  {}\n", name(&args.file)))?;
        File::open(folder(&args.file))?.sync_all()?;
        Ok((whole, epoch, sum))
    });
    if made.is_err() {
        remove_database(&part);
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

async fn copy(database: &Path, to: &Path) -> anyhow::Result<()> {
    remove_database(to);
    // Made before SQLite would, with the mode that it must have from the first byte.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
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

pub(super) fn beside(file: &Path, end: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(end);
    PathBuf::from(path)
}

pub(super) fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A database file that is not wanted, with what SQLite keeps beside it. Absent is as good as removed.
pub(super) fn remove_database(path: &Path) {
    for end in ["", "-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(beside(path, end));
    }
}
