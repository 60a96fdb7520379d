//! `attach` and `fetch`: photos and papers of an entry.

use std::{io::Write, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc};

use anyhow::Context;
use osteon_client::{Phone, attachments::Fetched};
use osteon_proto::attachment::MediaType;
use serde_json::json;

use crate::{
    args::Args,
    run::{circle_of, find},
    show::Out,
};

pub(crate) async fn attach(
    phone: &Arc<Phone>,
    args: &Args,
    entry: &str,
    (file, why): (&Path, &str),
    out: &Arc<Out>,
) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    let record = find(phone, circle, entry).await?;
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    phone.attach(circle, record, &bytes, why).await?;
    let number = hex::encode(record.0);
    out.say(
        &format!("Attached ({} bytes). It is kept on this phone, and sent after the entries.", bytes.len()),
        &json!({"attached": number, "bytes": bytes.len()}),
    );
    Ok(0)
}

pub(crate) async fn fetch(
    phone: &Arc<Phone>,
    args: &Args,
    entry: &str,
    to: Option<&Path>,
    out: &Arc<Out>,
) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    let record = find(phone, circle, entry).await?;
    let fetched = phone.fetch(circle, record).await?;
    let (mut lines, mut values) = (Vec::new(), Vec::new());
    for one in &fetched {
        let name = format!("{}.{}", &hex::encode(one.named.sha256)[..12], end(one));
        let path = to.map(|folder| folder.join(&name));
        if let Some(path) = &path {
            write(path, &one.bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
        lines.push(
            path.as_ref().map_or_else(|| name.clone(), |path| path.display().to_string())
                + &format!("  {} bytes", one.bytes.len()),
        );
        let sha256 = hex::encode(one.named.sha256);
        values.push(
            json!({"sha256": sha256, "bytes": one.bytes.len(), "file": path.map(|path| path.display().to_string())}),
        );
    }
    let text = if lines.is_empty() { "Nothing is attached to this entry.".to_owned() } else { lines.join("\n") };
    out.say(&text, &json!(values));
    Ok(0)
}

/// For its owner alone.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)
}

fn end(one: &Fetched) -> &'static str {
    match one.media_type {
        MediaType::Jpeg => "jpg",
        MediaType::Png => "png",
        MediaType::Heic => "heic",
        MediaType::Webp => "webp",
        MediaType::Pdf => "pdf",
        MediaType::Unspecified => "bin",
    }
}
