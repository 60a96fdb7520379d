//! Why an alert fired: what the rule says, where it comes from and how sure that is, who has seen it, and the entries that
//! it rests on, as far as the caller may read them.

use std::fmt::Write;

use anyhow::{Context, ensure};
use osteon_care_core::rules::{BUILT_IN, RuleSet};
use osteon_proto::{
    alert::{CircleAlerts, ListAlertsRequest, ListedAlert, alert_service_client::AlertServiceClient},
    plain::plain,
    record::{GetRecordRequest, RecordView, record_service_client::RecordServiceClient},
    table::table,
};
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use serde_json::{Value, json};
use tonic::transport::Channel;

use super::{super::client::Target, printed};

/// Entries of an alert that are shown.
const SHOWN: usize = 20;

/// Whether an argument names a rule, not a record.
pub(super) fn is_rule(text: &str) -> bool {
    text.starts_with("R-")
}

/// A clinic's own rule set may have others, of which nothing is known before one fires.
fn is_built_in(rule: &str) -> anyhow::Result<bool> {
    let set = RuleSet::parse(BUILT_IN.as_bytes(), osteon_care_core::Day(i32::MAX)).context("the built-in rule set")?;
    Ok(set.rules().any(|one| one.id == rule))
}

/// The alerts of a rule, or the one that has this record, each with what it rests on.
pub(super) async fn explain(target: &Target, channel: Channel, circle: u64, wanted: &str) -> anyhow::Result<Value> {
    let mut alerts = AlertServiceClient::new(channel.clone());
    let request =
        ListAlertsRequest { circle, include_closed: true, cannot_tell: is_rule(wanted), ..Default::default() };
    let listed = alerts.list_alerts(target.request(request)?).await?.into_inner();
    let CircleAlerts { alerts, cannot_tell, .. } = listed.circles.into_iter().next().context("a circle")?;
    let mut found = Vec::new();
    for alert in alerts.into_iter().filter(|alert| alert.rule == wanted || alert.record_id == wanted) {
        let mut entries = Vec::new();
        for input in alert.inputs.iter().take(SHOWN) {
            entries.push(entry(target, channel.clone(), circle, &input.record_id).await?);
        }
        found.push(json(&alert, entries));
    }
    let missing = cannot_tell.into_iter().find(|one| one.rule == wanted).map(|one| one.missing);
    if found.is_empty() && missing.is_none() && is_rule(wanted) {
        ensure!(
            is_built_in(wanted)?,
            "no rule has this name in the rule set of this program (`osteon rules` writes it out)"
        );
    }
    Ok(json!({ "alerts": found, "cannot_tell": missing }))
}

/// What one entry says; what the caller may not read says nothing.
async fn entry(target: &Target, channel: Channel, circle: u64, record: &str) -> anyhow::Result<Value> {
    let mut records = RecordServiceClient::new(channel).max_decoding_message_size(16 << 20);
    let request = GetRecordRequest { circle, record_id: record.to_owned() };
    let view = match records.get_record(target.request(request)?).await {
        Ok(answer) => answer.into_inner().record.unwrap_or_default(),
        Err(status) if status.code() == tonic::Code::NotFound => {
            return Ok(json!({ "record_id": record, "readable": false }));
        }
        Err(status) => return Err(status.into()),
    };
    let title = table().get(view.r#type).map_or("a record of a newer server", |known| known.title.as_str());
    Ok(json!({ "record_id": record, "readable": true, "type": title, "body": body(&view)? }))
}

/// The record's body as typed JSON.
fn body(view: &RecordView) -> anyhow::Result<Value> {
    let pool = DescriptorPool::decode(osteon_proto::FILE_DESCRIPTOR_SET)?;
    let descriptor = pool.get_message_by_name("osteon.sync.v1.RecordBody").context("descriptor")?;
    let message = DynamicMessage::decode(descriptor, view.body.clone().unwrap_or_default())?;
    let options = SerializeOptions::new().use_proto_field_name(true).stringify_64_bit_integers(false);
    Ok(message.serialize_with_options(serde_json::value::Serializer, &options)?)
}

fn json(alert: &ListedAlert, entries: Vec<Value>) -> Value {
    let time = |at: &Option<prost_types::Timestamp>| at.as_ref().map(ToString::to_string);
    json!({
        "record_id": alert.record_id, "rule": alert.rule, "text": alert.text, "source": alert.source,
        "severity": alert.severity().as_str_name(), "state": alert.state().as_str_name(), "rule_set": alert.rule_set,
        "revision": alert.revision, "cause": alert.cause().as_str_name(), "raised": time(&alert.raised),
        "updated": time(&alert.updated), "happened": time(&alert.happened), "late_days": alert.late_days, "step": alert.step,
        "escalates": time(&alert.escalates), "owner": alert.owner, "muted": alert.muted,
        "seen_by": alert.seen.iter().map(|one| one.account).collect::<Vec<_>>(),
        "closed": alert.closed.as_ref().map(|closed| json!({
            "by": closed.account, "at": time(&closed.at), "outcome": closed.outcome().as_str_name(), "reason": closed.reason,
        })),
        "rests_on": entries,
    })
}

fn word(value: &Value, prefix: &str) -> String {
    value.as_str().unwrap_or("-").trim_start_matches(prefix).to_lowercase().replace('_', " ")
}

/// For people.
pub(super) fn text(found: &Value) -> String {
    let mut out = String::new();
    for alert in found["alerts"].as_array().into_iter().flatten() {
        let _ = one(&mut out, alert);
    }
    if let Some(missing) = found["cannot_tell"].as_array() {
        let missing: Vec<&str> = missing.iter().filter_map(Value::as_str).collect();
        let _ = writeln!(out, "It cannot tell of everything: missing {}.", missing.join(", "));
    }
    if out.is_empty() {
        out.push_str("No alert of this rule is shared with you. That does not mean that all is well.\n");
    }
    out
}

fn one(out: &mut String, alert: &Value) -> std::fmt::Result {
    let of = |name: &str| alert[name].as_str().map_or_else(|| "-".to_owned(), plain);
    writeln!(
        out,
        "{}  {}  (alert {})",
        of("rule"),
        word(&alert["severity"], "ALERT_SEVERITY_").to_uppercase(),
        of("record_id")
    )?;
    writeln!(out, "  says      {}", of("text"))?;
    writeln!(
        out,
        "  source    {} ({}; rule set {})",
        of("source"),
        word(&alert["state"], "RULE_STATE_"),
        of("rule_set")
    )?;
    let cause = word(&alert["cause"], "ALERT_CAUSE_");
    writeln!(out, "  raised    {}, revision {} ({cause})", of("raised"), alert["revision"])?;
    if let Some(updated) = alert["updated"].as_str() {
        writeln!(out, "  updated   {updated}: it says what is so since then, nobody was told anew")?;
    }
    if let Some(happened) = alert["happened"].as_str() {
        let late = alert["late_days"].as_u64().filter(|days| *days > 0);
        let late = late.map_or_else(String::new, |days| format!(", {days} days before it arrived"));
        writeln!(out, "  happened  {happened}{late}")?;
    }
    let seen: Vec<String> = alert["seen_by"].as_array().into_iter().flatten().map(Value::to_string).collect();
    match (&alert["closed"], seen.is_empty()) {
        (Value::Object(closed), _) => writeln!(
            out,
            "  closed    {} by account {}, {}: {}",
            closed["at"].as_str().unwrap_or("-"),
            closed["by"],
            word(&closed["outcome"], "ALERT_OUTCOME_"),
            closed["reason"].as_str().map(plain).unwrap_or_default(),
        )?,
        (_, false) => writeln!(out, "  seen by   account {}", seen.join(", "))?,
        (_, true) => writeln!(out, "  seen by   nobody yet")?,
    }
    if let Some(next) = alert["escalates"].as_str() {
        writeln!(out, "  goes on   to the next in line at {next}, unless somebody of the team has seen it")?;
    }
    writeln!(out, "  rests on")?;
    for entry in alert["rests_on"].as_array().into_iter().flatten() {
        let record = entry["record_id"].as_str().unwrap_or("-");
        if entry["readable"] != Value::Bool(true) {
            writeln!(out, "    a record that is not shared with you ({record})")?;
            continue;
        }
        writeln!(out, "    {} ({record})", entry["type"].as_str().unwrap_or("-"))?;
        let body = entry["body"].as_object().and_then(|body| body.iter().next());
        let Some((member, fields)) = body else { continue };
        for (name, value) in fields.as_object().into_iter().flatten() {
            writeln!(out, "      {name:<22} {}", printed(member, name, value))?;
        }
    }
    writeln!(out)
}
