//! What guidelines and labels say for a person, in lines. No line ever says that nothing is needed.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::Context;
use osteon_care_core::{
    Day, Exact,
    assess::catalogue::state_word,
    targets::{Amount, Fit, Group, Offer, PlanValue, Switch, SwitchValue, Topic},
};
use osteon_client::{Phone, care::targets::Targets, words};
use serde_json::{Value as Json, json};

use crate::{args::Args, care, run::circle_of, show::Out};

/// Under a line: as far in as its text begins.
const INDENT: &str = "      ";
const FOOT: &str =
    "None of this was put into a plan, and none of it is a prescription: ask your team before you change anything.";

pub(crate) async fn run(
    phone: &Arc<Phone>,
    args: &Args,
    topic: Option<Topic>,
    on: Option<jiff::civil::Date>,
    out: &Arc<Out>,
) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    phone.opened(circle).await?;
    let on = on.map(|on| Day::parse(&on.to_string()).context("no such day")).transpose()?;
    let found = phone.targets(circle, on, care::offset_min(phone, out)).await?;
    let groups: Vec<&Group> =
        found.groups.iter().filter(|group| topic.is_none_or(|topic| group.topic == topic)).collect();
    let mut lines = vec![format!("What sources say, as of {}", words::date(&found.on.to_string()))];
    lines.extend(rests_on(&groups));
    lines.extend(groups.iter().map(|group| said(&found, group)));
    if topic.is_none() {
        lines.push("Where guidance disagrees about warnings, and what your clinic goes by".to_owned());
        lines.extend(found.switches.iter().map(switch));
    }
    lines.push(FOOT.to_owned());
    let json = json!({
        "on": found.on.to_string(),
        "groups": groups.iter().map(|group| group_json(&found, group)).collect::<Vec<_>>(),
        "thresholds": found.switches.iter().map(switch_json).collect::<Vec<_>>(),
    });
    out.say(&lines.join("\n"), &json);
    Ok(0)
}

/// What the values that apply were read from: each thing once, however many rest on it.
fn rests_on(groups: &[&Group]) -> Option<String> {
    let applies = groups.iter().flat_map(|group| &group.offers).filter(|offer| offer.fit == Fit::Applies);
    let says: BTreeSet<&str> = applies.flat_map(|offer| &offer.because).map(|one| one.says.as_str()).collect();
    let says: Vec<String> = says.into_iter().map(words::plain).collect();
    (!says.is_empty()).then(|| format!("This rests on: {}.", says.join(", ")))
}

fn said(found: &Targets, group: &Group) -> String {
    let mut lines = vec![group.topic.title().to_owned()];
    if group.offers.is_empty() {
        lines.push("  No source here has a value for this person. That does not say that none is needed.".to_owned());
    }
    group.offers.iter().for_each(|offer| lines.extend(of_offer(group, offer)));
    if group.disagrees() {
        lines.push("  These sources do not say the same: your team decides which one is yours.".to_owned());
    }
    let set: Vec<&PlanValue> = found.plan_of(group).collect();
    if set.is_empty() {
        lines.push("  Nothing of this is set in a plan on this phone.".to_owned());
    }
    lines.extend(set.into_iter().map(|value| format!("  Set in the plan: {}", words::plain(&value.words()))));
    lines.join("\n")
}

/// "  at least 500 mg a day, with the drug  [XGEVA (verified)]", and what belongs to it.
fn of_offer(group: &Group, offer: &Offer) -> Vec<String> {
    let target = offer.target;
    let mut lines = vec![format!("  {}  [{}]", target.words(), target.sourced())];
    let mut add = |text: String| lines.push(format!("{INDENT}{}", words::plain(&text)));
    let standing = offer.standing();
    if !standing.is_empty() {
        add(standing);
    }
    if !target.whom().is_empty() {
        add(format!("for whom: {}", target.whom()));
    }
    let others = group.offers.iter().filter(|other| offer.disagrees_with.contains(&other.target.id));
    let keys: BTreeSet<&str> = others.flat_map(|other| other.target.sources).map(|source| source.key).collect();
    if !keys.is_empty() {
        add(format!("not the same as: {}", keys.into_iter().collect::<Vec<_>>().join(", ")));
    }
    if offer.disputed {
        add("people do not agree about what this rests on".to_owned());
    }
    offer.per_day_words().into_iter().for_each(&mut add);
    lines
}

fn switch(one: &Switch) -> String {
    let value = |value: &SwitchValue| {
        let by: Vec<&str> = value.said_by.iter().map(|said| said.key).collect();
        if by.is_empty() { value.value.to_string() } else { format!("{} ({})", value.value, by.join(", ")) }
    };
    let all: Vec<String> = one.values.iter().map(value).collect();
    let force =
        one.values.iter().find(|value| value.in_force).map_or_else(String::new, |value| value.value.to_string());
    let whose = if one.set_by_clinic { "set by your clinic" } else { "as the rules have it" };
    format!("  {}: {}; in force: {force}, {whose}", one.about, all.join(", "))
}

fn group_json(found: &Targets, group: &Group) -> Json {
    json!({
        "topic": group.topic.name(),
        "title": group.topic.title(),
        "disagrees": group.disagrees(),
        "targets": group.offers.iter().map(offer_json).collect::<Vec<_>>(),
        "plan": found.plan_of(group).map(plan_json).collect::<Vec<_>>(),
    })
}

fn offer_json(offer: &Offer) -> Json {
    let target = offer.target;
    let fit = match offer.fit {
        Fit::Applies => "applies",
        Fit::CannotTell => "cannot_tell",
        Fit::NotForThisPerson => "not_for_this_person",
    };
    let because = offer.because.iter().map(
        |one| json!({"input": one.input, "says": one.says, "record": one.record.map(|record| hex::encode(record.0))}),
    );
    let per_day = offer.per_day.iter().map(|day| {
        json!({
            "amount": amount_json(&day.amount), "weight_g": day.weight_g, "weighed": day.weighed.to_string(),
            "record": hex::encode(day.record.0),
        })
    });
    let sources = target.sources.iter().map(|source| json!({"key": source.key, "state": state_word(source.state)}));
    json!({
        "id": target.id,
        "row": target.row,
        "kind": target.kind.name(),
        "amount": target.amount.as_ref().map(amount_json),
        "text": target.words(),
        "whom": target.whom(),
        "sources": sources.collect::<Vec<_>>(),
        "fit": fit,
        "missing": offer.missing,
        "standing": offer.standing(),
        "disputed": offer.disputed,
        "because": because.collect::<Vec<_>>(),
        "judged": offer.judged().collect::<Vec<_>>(),
        "disagrees_with": offer.disagrees_with,
        "per_day": per_day.collect::<Vec<_>>(),
        "per_day_missing": offer.per_day_missing,
    })
}

/// Numbers as decimal texts: exact.
fn amount_json(amount: &Amount) -> Json {
    let end = |end: Option<Exact>| end.map(|end| end.to_string());
    json!({
        "min": end(amount.min), "max": end(amount.max), "over_min": amount.over_min, "under_max": amount.under_max,
        "at_least": amount.at_least, "unit": amount.unit, "times_per_week": amount.times_per_week,
    })
}

fn plan_json(value: &PlanValue) -> Json {
    json!({
        "record": hex::encode(value.record.0),
        "type": value.record_type,
        "field": value.field,
        "unit": value.unit,
        "scale": value.scale,
        "live": value.live,
        "in_force": value.in_force,
        "disputed": value.disputed(),
        "subject": value.subject,
        "active": value.active,
        "text": value.words(),
    })
}

fn switch_json(one: &Switch) -> Json {
    let values = one.values.iter().map(|value| {
        let by = value.said_by.iter().map(|said| json!({"key": said.key, "state": state_word(said.state)}));
        json!({
            "value": value.value, "said_by": by.collect::<Vec<_>>(), "in_force": value.in_force, "default": value.default,
        })
    });
    json!({
        "name": one.name, "about": one.about, "rules": one.rules, "unit": one.unit,
        "values": values.collect::<Vec<_>>(), "set_by_clinic": one.set_by_clinic,
    })
}
