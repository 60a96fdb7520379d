//! A rule set file of whoever runs the server (`--rules-file`), in place of the set that the program was built with. Read at
//! the start and whenever it changes. A file that is malformed, from the future, for a newer program or not what its checksum
//! says is refused: the set in force stays, and health, doctor and the log say so.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use osteon_care_core::{
    Day,
    rules::{BUILT_IN, RuleSet, RuleSetError},
};
use tokio_util::sync::CancellationToken;

use super::{App, kept::instant};
use crate::error::Error;

/// How often it is looked whether the file changed.
const LOOK: Duration = Duration::from_secs(5);
/// Rather more than a set has: nobody is made to read a disk.
const MAX_BYTES: u64 = 1 << 20;

/// Why a file is not in force.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// It is not there, or may not be read.
    Unreadable,
    Set(RuleSetError),
}

impl Refused {
    /// Stable, for a machine.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Unreadable => "RULE_SET_UNREADABLE",
            Self::Set(error) => error.reason(),
        }
    }
}

/// Reads a file as of a day.
pub fn read(path: &Path, today: Day) -> Result<RuleSet, Refused> {
    let size = std::fs::metadata(path).map_err(|_| Refused::Unreadable)?.len();
    if size > MAX_BYTES {
        return Err(Refused::Set(RuleSetError::TooLarge));
    }
    let bytes = std::fs::read(path).map_err(|_| Refused::Unreadable)?;
    let set = RuleSet::parse(&bytes, today).map_err(Refused::Set)?;
    let built_in = RuleSet::parse(BUILT_IN.as_bytes(), Day(i32::MAX)).map_err(Refused::Set)?;
    set.keeps(&built_in).map_err(Refused::Set)?;
    Ok(set)
}

/// Puts the file's set in force, or says why not. Whether the set in force is another one now.
pub fn load(app: &App, path: &Path) -> bool {
    match read(path, instant(app.now_ms()).day()) {
        Ok(set) => {
            app.care.set_refused(None);
            let another = set.checksum != app.care.set().checksum;
            if another {
                tracing::info!(version = set.version, "a rule set is in force");
                app.care.put_set(Arc::new(set));
            }
            another
        }
        Err(refused) => {
            if app.care.set_refused(Some(refused)) {
                tracing::error!(reason = refused.reason(), "the rule set file is refused: the set in force stays");
            }
            false
        }
    }
}

/// The same; where another set came in force, the rules of every circle are asked again. What was closed is not announced
/// again, and nothing that happened more than 30 days ago is.
pub async fn look(app: &App, path: &Path) -> Result<(), Error> {
    if load(app, path) {
        app.store.rules_all_due(app.now_ms()).await?;
    }
    Ok(())
}

/// Looks until it is told to stop.
pub async fn run(app: Arc<App>, path: PathBuf, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
        if let Err(error) = look(&app, &path).await {
            tracing::warn!(%error, "circles were not marked for a new rule set");
        }
    }
}
