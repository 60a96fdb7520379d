//! Looking at what is here: the timeline, own notes, who sees what, this account's devices.

use std::sync::Arc;

use anyhow::Context;
use osteon_client::{Phone, timeline::Moment, words};
use osteon_proto::{identity::DeviceStanding, table::table, wire::device::millis};
use serde_json::json;

use crate::{
    args::{Args, DONE},
    compose::zoned,
    run::circle_of,
    seen::Seen,
    show::{self, Out},
};

const DAY_MS: u64 = 86_400_000;

pub(crate) async fn timeline(
    phone: &Arc<Phone>,
    args: &Args,
    (days, of): (u32, Option<&str>),
    out: &Arc<Out>,
) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    phone.opened(circle).await?;
    let of = match of {
        Some(name) => {
            let known = table().by_name(&crate::args::code(name));
            Some(known.context("no such type: for example pain_entry, fall_entry, exercise_plan")?.number)
        }
        None => None,
    };
    let (seen, now_ms) = (Seen::of(phone, circle).await?, phone.now_ms());
    let from = now_ms.saturating_sub(u64::from(days) * DAY_MS);
    let state = phone.read().await?;
    // What is planned for later is no history; a clock that was behind is.
    let moments = state.enrolled()?.view(circle, now_ms)?.timeline(from, now_ms.saturating_add(DAY_MS), of);
    let mut lines = Vec::new();
    let mut day = String::new();
    for moment in &moments {
        let at = zoned(moment.at_ms, &out.zone);
        let of = at.as_ref().map_or_else(String::new, |at| at.strftime("%a %d %b %Y").to_string());
        if of != day {
            lines.push(of.clone());
            day = of;
        }
        let clock = at.map_or_else(String::new, |at| at.strftime("%H:%M").to_string());
        lines.push(format!(
            "  {clock}  {}  {}{}{}",
            show::number(moment.record.record),
            line(moment, out),
            late(moment, out),
            seen.mark(moment.record.record, now_ms, out)
        ));
    }
    let text =
        if lines.is_empty() { format!("Nothing in the last {days} days on this phone.") } else { lines.join("\n") };
    out.say(&text, &json!(moments.iter().map(|moment| moment_json(moment, &seen)).collect::<Vec<_>>()));
    Ok(DONE)
}

fn line(moment: &Moment, out: &Out) -> String {
    let mark = match (moment.record.is_active(), moment.record.unsent) {
        (false, _) => "  marked as a mistake",
        (true, true) => "  not sent yet",
        (true, false) => "",
    };
    format!("{}  ({}){mark}", show::line(&moment.record, &out.zone), words::role(moment.role.0))
}

/// What was written much later than it happened says so.
fn late(moment: &Moment, out: &Out) -> String {
    if moment.written_ms.saturating_sub(moment.at_ms) < DAY_MS {
        return String::new();
    }
    format!("  written {}", words::near(moment.written_ms, moment.written_ms, &out.zone).replace("today ", ""))
}

fn moment_json(moment: &Moment, seen: &Seen) -> serde_json::Value {
    json!({
        "at_ms": moment.at_ms, "written_ms": moment.written_ms, "account": moment.account,
        "role": words::role(moment.role.0), "entry": show::record_json(&moment.record),
        "receipt": seen.json(moment.record.record),
    })
}

pub(crate) async fn find(phone: &Arc<Phone>, args: &Args, text: &[String], out: &Arc<Out>) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    let now_ms = phone.now_ms();
    let hits = phone.find(circle, &text.join(" ")).await?;
    let lines = hits.iter().map(|hit| {
        let kind = table().get(hit.type_number);
        let label = kind.and_then(|k| k.field(hit.field)).map_or_else(String::new, |f| words::label(f).to_lowercase());
        let title = kind.map_or("a record", |k| k.title.as_str());
        let when = hit.time_ms.map_or_else(String::new, |ms| words::near(ms, now_ms, &out.zone));
        format!("{}  {when:<18} {title}, {label}: {}", show::number(hit.record), words::plain(&hit.text))
    });
    let lines: Vec<String> = lines.collect();
    let text = if lines.is_empty() {
        "None of your own notes on this phone has these words.".to_owned()
    } else {
        lines.join("\n")
    };
    let json = hits.iter().map(|hit| {
        let kind = table().get(hit.type_number);
        json!({
            "record": hex::encode(hit.record.0), "type": kind.map(|k| &k.member),
            "field": kind.and_then(|k| k.field(hit.field)).map(|f| &f.name), "text": hit.text, "happened_ms": hit.time_ms,
        })
    });
    out.say(&text, &json!(json.collect::<Vec<_>>()));
    Ok(DONE)
}

pub(crate) async fn who_sees(phone: &Arc<Phone>, args: &Args, out: &Arc<Out>) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    let own = phone.read().await?.enrolled()?.enrolment.account;
    let readers = phone.readers(circle).await?;
    let categories = |reader: &osteon_client::devices::Reader| -> Vec<String> {
        let number = |category: &osteon_proto::meta::Category| u8::try_from(*category as i32).unwrap_or(0);
        reader.categories.iter().map(|category| words::category(number(category))).collect()
    };
    let lines = readers.iter().map(|reader| {
        let you = if reader.account == own { " (you)" } else { "" };
        let all = categories(reader);
        let what = if all.is_empty() { "nothing but what all members see".to_owned() } else { all.join(", ") };
        format!("{}{you}, account {}: {what}", words::role(reader.role.number()), reader.account)
    });
    let lines: Vec<String> = lines.collect();
    let text = if lines.is_empty() {
        "The members are not on this phone yet: osteon-phone sync".to_owned()
    } else {
        lines.join("\n")
    };
    let json = readers.iter().map(|reader| {
        json!({
            "account": reader.account, "role": words::role(reader.role.number()), "you": reader.account == own,
            "categories": categories(reader),
        })
    });
    out.say(&text, &json!(json.collect::<Vec<_>>()));
    Ok(DONE)
}

pub(crate) async fn devices(phone: &Arc<Phone>, out: &Arc<Out>) -> anyhow::Result<u8> {
    let now_ms = phone.now_ms();
    let devices = phone.devices().await?;
    let lines = devices.iter().map(|device| {
        let this = if device.this_device { "  this phone" } else { "" };
        let near = |at: Option<u64>| at.map_or_else(|| "never".to_owned(), |ms| words::near(ms, now_ms, &out.zone));
        let told = device.told.as_ref().map(millis);
        let state = match device.standing() {
            DeviceStanding::Enrolled => String::new(),
            DeviceStanding::Leaving => "  told to leave, and not gone yet".to_owned(),
            DeviceStanding::Left => "  gone".to_owned(),
            DeviceStanding::Wiped if told.is_some() => format!("  erased, {}", near(told)),
            DeviceStanding::Wiped => "  to be erased; the order has not reached it".to_owned(),
            DeviceStanding::Unspecified => "  in a state that this version does not know".to_owned(),
        };
        let (made, seen) = (near(device.created.as_ref().map(millis)), near(device.last_seen.as_ref().map(millis)));
        format!("{}  {}: since {made}, last seen {seen}{this}{state}", device.device, words::plain(&device.name))
    });
    let json = devices.iter().map(|device| {
        json!({
            "device": device.device, "name": device.name, "created_ms": device.created.as_ref().map(millis),
            "last_seen_ms": device.last_seen.as_ref().map(millis), "standing": device.standing().as_str_name(),
            "ordered_ms": device.ordered.as_ref().map(millis), "told_ms": device.told.as_ref().map(millis),
            "this_device": device.this_device,
        })
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    out.say(&text, &json!(json.collect::<Vec<_>>()));
    Ok(DONE)
}
