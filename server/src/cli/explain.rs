//! `osteon explain`: ExplainRecord for people, and why an alert fired ([`alert`]). The answer is read through the descriptors,
//! so that values come out typed.

mod alert;

use std::fmt::Write;

use anyhow::Context;
use bytes::{Buf, Bytes};
use osteon_proto::{
    identity::{GetMeRequest, session_service_client::SessionServiceClient},
    plain::{plain, scaled},
    record::{ExplainRecordRequest, ExplainRecordResponse},
    table::table,
};
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use serde_json::Value;
use tonic::{
    Status,
    codec::{Codec, DecodeBuf, Decoder},
    transport::Channel,
};
use tonic_prost::{ProstCodec, ProstEncoder};

use super::{Exit, Out, client::Target, small_runtime};

/// The record type of alerts.
const ALERT: u32 = 411;
const PATH: &str = "/osteon.record.v1.RecordService/ExplainRecord";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The circle: its short id (d0001), or its number
    #[arg(value_name = "CIRCLE")]
    circle: String,
    /// The record's id (UUID); of an alert also its rule, for example R-MSCC-1
    #[arg(value_name = "RECORD")]
    record: String,
    /// Only this field (number); may be given several times
    #[arg(long, value_name = "NUMBER")]
    field: Vec<u32>,
    #[command(flatten)]
    target: Target,
}

pub(super) fn run(args: Args, out: &Out) -> anyhow::Result<Exit> {
    match small_runtime()?.block_on(ask(&args))? {
        Answer::Record(json) => out.answer(&json, || text(&json)),
        Answer::Alerts(json) => out.answer(&json, || alert::text(&json)),
    }
    Ok(Exit::Done)
}

enum Answer {
    Record(Value),
    Alerts(Value),
}

/// Of an alert the newest revision says why it fired; an older one is a record like any other.
async fn ask(args: &Args) -> anyhow::Result<Answer> {
    args.target.token()?;
    let channel = args.target.connect().await?;
    let circle = number(args, channel.clone()).await?;
    let of_alert = || alert::explain(&args.target, channel.clone(), circle, &args.record);
    if alert::is_rule(&args.record) {
        return Ok(Answer::Alerts(of_alert().await?));
    }
    let record = typed(&record(args, channel.clone(), circle).await?)?;
    if record["record"]["type"] == ALERT && args.field.is_empty() {
        let alerts = of_alert().await?;
        if alerts["alerts"].as_array().is_some_and(|all| !all.is_empty()) {
            return Ok(Answer::Alerts(alerts));
        }
    }
    Ok(Answer::Record(record))
}

async fn record(args: &Args, channel: Channel, circle: u64) -> anyhow::Result<Bytes> {
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.context("the connection")?;
    let message = ExplainRecordRequest { circle, record_id: args.record.clone(), fields: args.field.clone() };
    let path = http::uri::PathAndQuery::from_static(PATH);
    Ok(grpc.unary(args.target.request(message)?, path, Undecoded).await?.into_inner())
}

/// The circle's number: as it was given, or that of the caller's circle with this short id.
async fn number(args: &Args, channel: Channel) -> anyhow::Result<u64> {
    if let Ok(number) = args.circle.parse() {
        return Ok(number);
    }
    let me = SessionServiceClient::new(channel).get_me(args.target.request(GetMeRequest {})?).await?.into_inner();
    let mine = me.circles.iter().find(|circle| circle.short_id.eq_ignore_ascii_case(&args.circle));
    let known = || me.circles.iter().map(|circle| circle.short_id.as_str()).collect::<Vec<_>>().join(", ");
    let found = mine.with_context(|| format!("no circle {} of yours; there is {}", args.circle, known()))?;
    Ok(found.circle)
}

/// The answer's bytes as JSON, with record bodies as what they are.
fn typed(answer: &Bytes) -> anyhow::Result<Value> {
    let pool = DescriptorPool::decode(osteon_proto::FILE_DESCRIPTOR_SET)?;
    let descriptor = pool.get_message_by_name("osteon.record.v1.ExplainRecordResponse").context("descriptor")?;
    let message = DynamicMessage::decode(descriptor, answer.clone()).context("an answer that cannot be decoded")?;
    let options = SerializeOptions::new().use_proto_field_name(true).stringify_64_bit_integers(false);
    Ok(message.serialize_with_options(serde_json::value::Serializer, &options)?)
}

/// The value of a body that holds one field.
fn value_of(version: &Value) -> String {
    if version["absent"] == Value::Bool(true) {
        return "cleared".to_owned();
    }
    let record = version["value"].as_object().and_then(|body| body.iter().next());
    let Some((member, (name, value))) = record.and_then(|(m, r)| Some((m, r.as_object()?.iter().next()?))) else {
        return "?".to_owned();
    };
    printed(member, name, value)
}

/// A field's value in its unit.
fn printed(member: &str, name: &str, value: &Value) -> String {
    let info = table().by_name(member).and_then(|known| known.field_by_name(name));
    match (value, info) {
        (Value::String(text), _) => plain(text),
        // A moment is its instant; of a list each element stands alone.
        (Value::Object(moment), _) if moment.contains_key("at") => printed(member, name, &moment["at"]),
        (Value::Array(all), _) => all.iter().map(|one| printed(member, name, one)).collect::<Vec<_>>().join(", "),
        (Value::Number(number), Some(info)) if number.is_i64() => {
            let number = scaled(number.as_i64().unwrap_or_default().into(), info.scale);
            // An annotation of UCUM ({score}) is no unit.
            if info.unit.is_empty() || info.unit.starts_with('{') { number } else { format!("{number} {}", info.unit) }
        }
        (value, _) => plain(&value.to_string()),
    }
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("-")
}

fn text(json: &Value) -> String {
    let mut out = String::new();
    for explained in json["fields"].as_array().into_iter().flatten() {
        let view = &explained["view"];
        let mark = match (&view["blocked"], &view["needs_review"]) {
            (Value::Bool(true), _) => "  BLOCKED until somebody decides",
            (_, Value::Bool(true)) => "  DISPUTED",
            _ => "",
        };
        let _ = writeln!(out, "{}{mark}", word(view, "name"));
        for version in view["versions"].as_array().into_iter().flatten() {
            let force = if version["in_force"] == Value::Bool(true) { "in force" } else { "beside it" };
            let role = word(version, "role").trim_start_matches("ROLE_").to_lowercase();
            let _ = writeln!(
                out,
                "  {force:<10}{}   by {role} (account {}), written {}, received {}",
                value_of(version),
                version["account"],
                word(version, "written"),
                word(version, "received"),
            );
            if let Some(reason) = version["reason"].as_str().filter(|reason| !reason.is_empty()) {
                let _ = writeln!(out, "            reason: {}", plain(reason));
            }
        }
        let history = explained["history"].as_array().map_or(0, Vec::len);
        let _ = writeln!(out, "  why       {} ({history} in its history)\n", word(explained, "why"));
    }
    if out.is_empty() {
        out.push_str("Nothing to explain: no field of this record is shared with you.");
    }
    out
}

/// Encodes as always, leaves the answer's bytes as they are.
#[derive(Clone, Copy, Debug, Default)]
struct Undecoded;

impl Codec for Undecoded {
    type Encode = ExplainRecordRequest;
    type Decode = Bytes;
    type Encoder = ProstEncoder<ExplainRecordRequest>;
    type Decoder = Self;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<ExplainRecordRequest, ExplainRecordResponse>::default().encoder()
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Decoder for Undecoded {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}

#[cfg(test)]
mod tests {
    use osteon_proto::record::{FieldExplanation, FieldView, VersionView};
    use prost::Message as _;

    use super::*;

    #[test]
    fn a_limit_is_told_in_its_unit() {
        let said = |value: Value| value_of(&serde_json::json!({ "value": value }));
        assert_eq!(said(serde_json::json!({"exercise_plan": {"lift_max_kg": 30}})), "3 kg");
        assert_eq!(said(serde_json::json!({"pain_entry": {"worst_24h": 4}})), "4");
        assert_eq!(said(serde_json::json!({})), "?");
    }

    #[test]
    fn a_dispute_is_shown_with_its_values_and_who_wrote_them() {
        let body = |n: u32| {
            let entry = osteon_proto::care::PainEntry { worst_24h: Some(n), ..Default::default() }.encode_to_vec();
            let mut body = Vec::new();
            prost::encoding::encode_key(101, prost::encoding::WireType::LengthDelimited, &mut body);
            prost::encoding::encode_varint(entry.len() as u64, &mut body);
            body.extend(entry);
            Some(Bytes::from(body))
        };
        let version = |n, in_force| VersionView { value: body(n), role: 4, account: 7, in_force, ..Default::default() };
        let view = FieldView {
            name: "lift_max_kg".to_owned(),
            needs_review: true,
            versions: vec![
                VersionView { reason: "\u{1b}[2Jtoo heavy\nin force  99".to_owned(), ..version(3, true) },
                version(10, false),
            ],
            ..Default::default()
        };
        let field =
            FieldExplanation { view: Some(view), why: "the lower limit holds".to_owned(), ..Default::default() };
        let answer = ExplainRecordResponse { fields: vec![field], ..Default::default() };
        let text = text(&typed(&answer.encode_to_vec().into()).expect("typed"));
        assert!(text.contains("lift_max_kg  DISPUTED"), "{text}");
        assert!(
            text.contains("in force  3 ")
                && text.contains("beside it 10 ")
                && text.contains("by physiotherapist (account 7)"),
            "{text}"
        );
        assert!(text.contains("the lower limit holds"), "{text}");
        assert!(text.contains("reason: \u{fffd}[2Jtoo heavy in force  99"), "somebody's words stay one line: {text}");
    }
}
