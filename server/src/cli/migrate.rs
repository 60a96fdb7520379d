//! `osteon migrate`: brings the database's schema up to date, without serving.

use anyhow::Context;
use serde_json::json;

use super::{Exit, Out, small_runtime};
use crate::{
    config::{Config, make_data_dir},
    site::store_url,
    store,
};

pub(super) fn run(config: &Config, out: &Out) -> anyhow::Result<Exit> {
    make_data_dir(&config.data)?;
    let kind = config.database.kind();
    let migrated = small_runtime()?.block_on(store::open::migrate(&store_url(&config.database)));
    migrated.with_context(|| format!("cannot migrate the {kind} database"))?;
    out.answer(&json!({ "database": kind, "migrated": true }), || format!("The {kind} database is up to date."));
    Ok(Exit::Done)
}
