//! What the patient shares with whom, and takes back; how much of it this phone holds.

use std::sync::Arc;

use anyhow::{Context, bail};
use jiff::tz::TimeZone;
use osteon_client::{Phone, care::Findings, words};
use osteon_proto::care::GrantCategory;
use osteon_sync_core::device::Depth;
use serde_json::json;

use crate::{
    args::{Args, DEPTHS, GrantArgs, Wanted, Whom},
    fate::{self, Fate},
    run::circle_of,
    show::Out,
};

/// The circle, and the member that is meant.
pub(crate) async fn member(phone: &Phone, args: &Args, whom: Whom) -> anyhow::Result<(u64, u64)> {
    let circle = circle_of(phone, args).await?;
    let role = match whom {
        Whom::Account(account) => return Ok((circle, account)),
        Whom::Role(role) => role,
    };
    let word = words::role(role.number());
    match phone.members_in(circle, role).await?[..] {
        [] => bail!("the circle has no {word}"),
        [account] => Ok((circle, account)),
        ref several => {
            let numbers: Vec<String> = several.iter().map(u64::to_string).collect();
            bail!("the circle has {} in the role {word}: say which account, {}", several.len(), numbers.join(" or "))
        }
    }
}

pub(crate) async fn withdraw(
    phone: &Arc<Phone>,
    args: &Args,
    what: GrantCategory,
    from: Whom,
    out: &Arc<Out>,
) -> anyhow::Result<u8> {
    let (circle, account) = member(phone, args, from).await?;
    let saved = phone.withdraw(circle, account, what).await?;
    let offline = phone.read().await?.settings.offline;
    // A phone that is live sends it by itself, before anything else.
    let send = !out.live && !offline;
    let fate = fate::of(phone, circle, (saved.record, Some(saved.dot)), send).await?;
    let place = match fate {
        Fate::Sent => "Taken back, and the server knows.",
        Fate::Refused => "The server refused it: it is NOT taken back. It is kept here as a draft: osteon-phone drafts",
        Fate::Waits if offline => "Taken back on this phone. It goes first as soon as there is a network.",
        Fate::Waits if out.live => "Taken back. It is being sent first.",
        Fate::Waits => "Taken back on this phone. The server was not reached: it goes first, with osteon-phone sync",
    };
    let (saved, sent) = (saved.dot.to_string(), fate == Fate::Sent);
    out.say(place, &json!({"withdrawn": what.as_str_name(), "account": account, "saved": saved, "sent": sent}));
    Ok(fate.code(&Findings::default(), send))
}

pub(crate) async fn share(phone: &Arc<Phone>, args: &Args, one: &GrantArgs, out: &Arc<Out>) -> anyhow::Result<u8> {
    let GrantArgs { what, with, until } = *one;
    let (circle, account) = member(phone, args, with).await?;
    let end = until.to_zoned(TimeZone::system()).context("that day has no beginning here")?;
    let until_ms = u64::try_from(end.timestamp().as_millisecond()).context("that day is too long ago")?;
    phone.share(circle, account, what, until_ms).await?;
    let text = format!("Shared until {}.", words::date(&until.to_string()));
    out.say(&text, &json!({"shared": what.as_str_name(), "account": account, "until_ms": until_ms}));
    Ok(0)
}

pub(crate) async fn depth(
    phone: &Arc<Phone>,
    args: &Args,
    wanted: Option<Wanted>,
    out: &Arc<Out>,
) -> anyhow::Result<u8> {
    let circle = circle_of(phone, args).await?;
    let depth = match wanted {
        Some(wanted) => phone.set_depth(circle, wanted.depth()).await?,
        None => phone.read().await?.enrolled()?.device.circle(circle).context("a circle")?.depth(),
    };
    let word = DEPTHS.into_iter().find(|(_, known)| *known == depth).map_or("", |(word, _)| word);
    let text = match depth {
        Depth::Full => "This phone holds all that you may read of this circle.",
        Depth::Plan => "This phone holds safety and plans, and of the journal the last month or two.",
        Depth::List => "This phone holds no more than it takes to list this circle.",
    };
    out.say(text, &json!({ "depth": word }));
    Ok(0)
}
