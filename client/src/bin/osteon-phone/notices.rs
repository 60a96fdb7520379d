//! What happened to the account, in words: only what the owner would want to know, and what to do if it was not them.

use std::sync::Arc;

use osteon_client::{Phone, words};
use osteon_proto::identity::{Notice, NoticeKind};
use serde_json::json;

use crate::show::Out;

pub(crate) async fn run(phone: &Arc<Phone>, all: bool, seen: Option<u64>, out: &Arc<Out>) -> anyhow::Result<u8> {
    if let Some(up_to) = seen {
        let left = phone.notices_seen(up_to).await?;
        let text = match left {
            0 => "Seen. There are no others.".to_owned(),
            n => format!("Seen. {n} are left: osteon-phone notices"),
        };
        out.say(&text, &json!({ "left": left }));
        return Ok(0);
    }
    let found = phone.notices(all).await?;
    let me = phone.read().await?.enrolled()?.enrolment.account;
    let now_ms = phone.now_ms();
    let mut lines: Vec<String> = found.iter().map(|notice| line(notice, me, now_ms, out)).collect();
    match found.iter().filter(|notice| !notice.acknowledged).map(|notice| notice.number).max() {
        Some(newest) => lines.push(format!("Seen them? osteon-phone notices --seen {newest}")),
        None if lines.is_empty() => lines.push("Nothing happened to your account.".to_owned()),
        None => {}
    }
    let list: Vec<_> = found
        .iter()
        .map(|notice| {
            json!({
                "number": notice.number, "kind": notice.kind().as_str_name(), "at_ms": at_ms(notice),
                "device": notice.device, "device_name": notice.device_name, "by_account": notice.by_account,
                "acknowledged": notice.acknowledged,
            })
        })
        .collect();
    out.say(&lines.join("\n"), &json!(list));
    Ok(0)
}

fn at_ms(notice: &Notice) -> u64 {
    notice.at.as_ref().and_then(|at| u64::try_from(at.seconds).ok()).unwrap_or(0) * 1_000
}

fn line(notice: &Notice, me: u64, now_ms: u64, out: &Out) -> String {
    let when = words::near(at_ms(notice), now_ms, &out.zone);
    let device = match notice.device_name.as_str() {
        "" => format!("device {}", notice.device),
        name => format!("\u{201c}{}\u{201d} (device {})", words::plain(name), notice.device),
    };
    let by = match notice.by_account {
        0 => "your clinic's server".to_owned(),
        account if account == me => "you".to_owned(),
        account => format!("account {account}"),
    };
    let what = match notice.kind() {
        NoticeKind::TokenReplayed => {
            format!("A copy of {device} is about: its session was used twice, and ended. Tell your clinic.")
        }
        NoticeKind::DeviceEnrolled => {
            format!("A further device is yours: {device}, by a code that {by} made. Not you? Tell your clinic.")
        }
        NoticeKind::DeviceLeaves => format!("{device} was told to leave, by {by}."),
        NoticeKind::DeviceWiped => format!("{device} is to be wiped, by order of {by}."),
        NoticeKind::SignedInWithCode => {
            format!("{device} signed in after a long time, with a code of your clinic. Not you? Tell your clinic.")
        }
        NoticeKind::Unspecified => format!("Something newer than this app happened to {device}."),
    };
    let seen = if notice.acknowledged { "  seen" } else { "" };
    format!("{:<4} {when:<18} {what}{seen}", notice.number)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn every_kind_is_said_in_words_and_by_whom() {
        let out = Out { json: false, zone: TimeZone::UTC, live: true };
        for kind in 0..=5 {
            for (by_account, who) in [(0, "server"), (7, "you"), (9, "account 9")] {
                let notice = Notice {
                    number: 3,
                    kind,
                    device: 12,
                    device_name: "kitchen\u{1b}[2J".to_owned(),
                    by_account,
                    ..Notice::default()
                };
                let line = line(&notice, 7, 0, &out);
                assert!(line.contains("(device 12)") && !line.contains('\u{1b}'), "{line}");
                let named = matches!(kind, 2..=4);
                assert!(!named || line.contains(who), "{line}");
            }
        }
    }
}
