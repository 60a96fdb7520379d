//! `osteon restore`: makes a backup the database again. What was taken away after the backup stays away (the deny log), the
//! epoch is a new one, nobody is signed in. Only when all of that stands is there a database to serve.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use serde_json::json;

use super::{
    Exit, Out,
    backup::{OF_A_DEMO, sha256, sum_path},
    files::{beside, create, folder, remove_database},
    out::reason_of,
    small_runtime,
};
use crate::{
    app::{
        denials::{self, Replayed},
        verify::{self, Whole},
    },
    audit::{
        kept,
        restores::{self, Tried},
    },
    clock::{Clock as _, SystemClock},
    config::{Config, DEMO_MARKER, DEMO_TEXT, Database, DenyLogAt, Settings, is_demo, make_data_dir},
    deny::{self, DenyError, DenyLog, Numbered, place},
    site::{self, Site},
};

/// More accounts, devices and circles than are ever made between a backup and the end of a database: none of the numbers
/// that the lost tail gave is given again.
const LOST_NUMBERS: u64 = 1 << 20;
/// Without a deny log nobody knows which epochs there were; a jump past any that a drill or a restore could have made.
const UNKNOWN_EPOCHS: u32 = 1_024;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The backup. With PostgreSQL none: the database was restored with its own tools before
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Restore although the deny log is not there or not whole: who was removed since the backup is a member again, what was
    /// erased is there again
    #[arg(long)]
    accept_revived: bool,
    #[command(flatten)]
    settings: Settings,
}

/// What a restore came to.
struct Done {
    epoch: u32,
    whole: Whole,
    replayed: Replayed,
}

pub(super) fn run(args: Args, out: &Out) -> anyhow::Result<Exit> {
    let config = args.settings.clone().resolve()?;
    match (&config.database, &args.file) {
        (Database::Sqlite(_), None) => bail!("which backup? osteon restore FILE"),
        (Database::Postgres(_), Some(_)) => {
            bail!(
                "PostgreSQL is restored with its own tools first, then osteon restore without a file (docs/keeping.md)"
            )
        }
        _ => make_data_dir(&config.data)?,
    }
    // Tokens for anybody are for fictional people: only a backup that says so makes a demo again, in a folder without one.
    let of_a_demo = args.file.as_deref().is_some_and(says_demo);
    let done = restored(&config, &args);
    if let Err(error) = restores::leave(&config.data, &tried(&done, args.accept_revived)) {
        tracing::warn!(%error, "this restore will not be on record");
    }
    let done = done?;
    let Done { epoch, whole, replayed } = done;
    if of_a_demo {
        fs::write(config.data.join(DEMO_MARKER), DEMO_TEXT).context("cannot mark the folder as a demo")?;
    }
    let demo = is_demo(&config.data);
    out.answer(
        &json!({
            "epoch": epoch, "demo": demo, "circles": whole.circles, "parts": whole.parts, "changes": whole.changes,
            "denied_again": {
                "access": replayed.access, "devices": replayed.devices, "gone": replayed.gone, "erased": replayed.erased,
            },
        }),
        || {
            format!(
                "Restored {} circles, epoch {epoch}. Taken away again: {} changes of membership or consent, {} devices, {} \
                 records, {} circles.\nosteon serve can start. Devices sign in by themselves and send what was lost.{}",
                whole.circles,
                replayed.access,
                replayed.devices,
                replayed.gone,
                replayed.erased,
                if demo { "\nIt is a demo data directory, as it was: osteon token works." } else { "" }
            )
        },
    );
    Ok(Exit::Done)
}

fn restored(config: &Config, args: &Args) -> anyhow::Result<Done> {
    if !config.key_file.exists() {
        return Err(site::KeyAbsent(config.key_file.clone()).into());
    }
    match (&config.database, &args.file) {
        (Database::Sqlite(database), Some(file)) => from_file(config, database, file, args.accept_revived),
        _ => small_runtime()?.block_on(in_place(config, args.accept_revived)),
    }
}

/// What the audit will say of it.
fn tried(done: &anyhow::Result<Done>, revived: bool) -> Tried {
    let why = |error| reason_of(error).unwrap_or(restores::REFUSED);
    let refused = done.as_ref().err().map_or("", why).to_owned();
    Tried { at_ms: SystemClock.now_ms(), revived, refused }
}

/// Whether the file of the sum beside a backup says that it is of a demo.
fn says_demo(file: &Path) -> bool {
    fs::read_to_string(sum_path(file)).is_ok_and(|text| text.lines().any(|line| line == OF_A_DEMO))
}

/// Beside the final name until everything stands; a crash leaves no database.
fn from_file(config: &Config, database: &Path, file: &Path, accept_revived: bool) -> anyhow::Result<Done> {
    if database.exists() {
        bail!("{} is there: restore wants a data directory without a database", database.display());
    }
    if sum_path(file).exists() {
        let expected = fs::read_to_string(sum_path(file))?;
        if expected.split_whitespace().next() != Some(sha256(file)?.as_str()) {
            bail!("{} is not the file that its sum was made of", file.display());
        }
    }
    if beside(file, "-wal").exists() {
        bail!("{} is a database in use, and not whole without what stands beside it: osteon backup", file.display());
    }
    let coming = beside(database, ".restoring");
    remove_database(&coming);
    let done = copy(file, &coming).context("the backup cannot be copied").and_then(|()| {
        let config = Config { database: Database::Sqlite(coming.clone()), ..config.clone() };
        small_runtime()?.block_on(in_place(&config, accept_revived))
    });
    match done {
        Ok(done) => {
            fs::rename(&coming, database)?;
            File::open(folder(database))?.sync_all()?;
            remove_database(&coming);
            Ok(done)
        }
        Err(error) => {
            remove_database(&coming);
            Err(error)
        }
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = File::open(from)?;
    let mut target = create(to)?;
    io::copy(&mut source, &mut target)?;
    target.sync_all()
}

async fn in_place(config: &Config, accept_revived: bool) -> anyhow::Result<Done> {
    let site = site::open_bare(config, Arc::new(SystemClock)).await?;
    let done = restore(&site, config, accept_revived).await;
    site.close_bare().await;
    done
}

async fn restore(site: &Site, config: &Config, accept_revived: bool) -> anyhow::Result<Done> {
    site.serve_alone(config).await?;
    let whole = verify::whole(&site.app).await.context("the backup is not whole")?;
    let (log, entries) = log(site, config, accept_revived).await?;
    let replayed = denials::replay(&site.app, &entries).await.context("the deny log cannot be replayed")?;
    site.store.forget_lost_tail(LOST_NUMBERS).await?;
    let known = deny::highest_epoch(&entries).max(site.app.epoch());
    let epoch = known + if accept_revived { UNKNOWN_EPOCHS } else { 1 };
    site.store.deny_to(log.into());
    site.store.raise_epoch(epoch).await.context("no new epoch")?;
    kept::put_aside(&config.data).context("the last head of the audit cannot be put aside")?;
    Ok(Done { epoch, whole, replayed })
}

/// The deny log, whole, and newer than the backup; or, if that is accepted, a new one.
async fn log(site: &Site, config: &Config, accept_revived: bool) -> anyhow::Result<(Box<dyn DenyLog>, Vec<Numbered>)> {
    let denied = site.store.denied().await?;
    let read = async {
        let log = place::open(&config.deny_log, site.denials_of(), false).await?;
        let entries = log.read().await?;
        place::long_enough(&entries, denied)?;
        Ok::<_, DenyError>((log, entries))
    };
    match read.await {
        Ok(found) => Ok(found),
        Err(error) if !accept_revived => Err(anyhow::Error::from(error).context(
            "refused without the deny log: who was removed since the backup would be a member again (--accept-revived)",
        )),
        Err(error) => {
            tracing::warn!(%error, "restored without the deny log");
            if let (DenyLogAt::File(path), true) = (&config.deny_log, !matches!(error, DenyError::Absent)) {
                fs::rename(path, beside(path, ".unusable")).context("the old deny log cannot be put aside")?;
            }
            let log = place::open(&config.deny_log, site.denials_of(), true).await?;
            let entries = log.read().await.context("the deny log cannot be begun anew")?;
            Ok((log, entries))
        }
    }
}
