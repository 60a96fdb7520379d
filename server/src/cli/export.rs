//! `osteon export --patient`: the patient's own copy, for a patient who asks the clinic for it. The same pages as the app
//! gets from ExportPatient, through the patient's eyes; the audit names whoever runs the server.
//!
//! One line of JSON an item, in the canonical form of protobuf (`osteon.export.v1.ExportItem`). A file without the line
//! `end` is not whole; it gets its name when it is.

use std::{
    fs::OpenOptions,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use osteon_proto::export::{ExportEnd, ExportItem, ExportPatientRequest, export_item::Item};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use serde_json::json;

use super::{Exit, Out, files::Coming, needs_database, small_runtime};
use crate::{
    access::Caller,
    app::{App, export},
    config::{Config, Settings, is_demo},
    limits, site,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Whose: the short id of the patient's circle, for example d0001
    #[arg(long, value_name = "ID")]
    patient: String,
    /// Where to; must not exist. JSON, one item a line, readable by its owner alone
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Short id of the clinic [default: demo in a demo data directory, else clinic]
    #[arg(long, value_name = "ID")]
    clinic: Option<String>,
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(args: Args, out: &Out) -> anyhow::Result<Exit> {
    let config = args.settings.resolve()?;
    needs_database(&config)?;
    let clinic = args.clinic.as_deref().unwrap_or(if is_demo(&config.data) { "demo" } else { "clinic" });
    let coming = Coming::at(&args.file)?;
    let written = small_runtime()?.block_on(to_file(&config, clinic, &args.patient, coming.part()))?;
    coming.keep()?;
    let ExportEnd { records, waiting, accesses } = written;
    out.answer(&json!({ "file": args.file, "records": records, "waiting": waiting, "accesses": accesses }), || {
        format!(
            "{}: {records} records with their history, {waiting} changes that wait for a person, {accesses} rows of \
                 who looked and who changed.\nIt holds everything that the patient may read, in clear. Hand it to the \
                 patient alone.",
            args.file.display()
        )
    });
    Ok(Exit::Done)
}

async fn to_file(config: &Config, clinic: &str, short_id: &str, file: &Path) -> anyhow::Result<ExportEnd> {
    let site = site::open(config).await?;
    let made = async {
        let mut out = BufWriter::new(OpenOptions::new().write(true).open(file)?);
        let end = write(&site.app, clinic, short_id, &mut out).await?;
        out.flush()?;
        out.get_ref().sync_all()?;
        Ok(end)
    };
    let made = made.await;
    site.close().await;
    made
}

async fn write(app: &App, clinic_id: &str, short_id: &str, out: &mut impl Write) -> anyhow::Result<ExportEnd> {
    let clinic = app.store.clinic_by_short_id(clinic_id).await?;
    let clinic = clinic.with_context(|| format!("no clinic {clinic_id}"))?;
    let circle = app.store.circle_by_short_id(clinic, short_id).await?;
    let circle = circle.with_context(|| format!("no circle {short_id} in clinic {clinic_id}"))?;
    let operator = Caller { account: 0, device: 0, clinic, family: 0, leaving: false };
    let access = app.circle_access(circle, &operator).await?;
    let patient = access.patient().with_context(|| format!("circle {short_id} has no patient"))?;
    let reader = Caller { account: patient, ..operator };
    let of = item()?;
    let page_size = i32::try_from(limits::PAGE_RECORDS.max)?;
    let mut page_token = String::new();
    loop {
        let request = ExportPatientRequest { circle, page_size, page_token };
        let page = export::page(app, &reader, &operator, &request).await?;
        for item in &page.items {
            writeln!(out, "{}", line(&of, item)?)?;
        }
        if let Some(Item::End(end)) = page.items.last().and_then(|item| item.item.as_ref()) {
            return Ok(*end);
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            bail!("the export has no end");
        }
    }
}

fn item() -> anyhow::Result<MessageDescriptor> {
    let pool = DescriptorPool::decode(osteon_proto::FILE_DESCRIPTOR_SET)?;
    pool.get_message_by_name("osteon.export.v1.ExportItem").context("no descriptor")
}

/// Record bodies come out as what they are, through the descriptors.
fn line(of: &MessageDescriptor, item: &ExportItem) -> anyhow::Result<String> {
    let item = DynamicMessage::decode(of.clone(), item.encode_to_vec().as_slice()).context("an item")?;
    Ok(serde_json::to_string(&item)?)
}
