//! A fall, with the answers that decide whether it is an emergency (R-FALL-1): what is not said is asked, and what nobody
//! answers is said to be missing.

use std::io::{BufRead as _, IsTerminal as _};

use osteon_client::Phone;
use osteon_proto::care;

use crate::{args::FallArgs, care as findings, compose, show::Out};

/// One answer.
struct Sign {
    flag: &'static str,
    asks: &'static str,
    said: fn(&FallArgs) -> bool,
    place: fn(&mut care::Fall) -> &mut Option<bool>,
}

macro_rules! signs {
    ($($said:ident, $field:ident, $flag:literal, $asks:literal;)*) => {
        &[$(Sign {
            flag: $flag,
            asks: $asks,
            said: |fall| fall.$said,
            place: |fall| &mut fall.$field,
        }),*]
    };
}

/// In the order in which they are asked.
const SIGNS: &[Sign] = signs! {
    hit_head, hit_head, "--hit-head", "Hit the head?";
    lost_consciousness, lost_consciousness, "--lost-consciousness", "Lost consciousness?";
    cannot_bear_weight, cannot_bear_weight, "--cannot-bear-weight", "Cannot put weight on a leg?";
    weakness, new_weakness_or_numbness, "--weakness", "New weakness or numbness?";
    back_pain, severe_back_or_neck_pain, "--back-pain", "Severe pain in the back or neck?";
    could_not_get_up, could_not_get_up, "--could-not-get-up", "Could not get up alone?";
    drowsy, after_drowsy, "--drowsy", "Drowsy afterwards?";
    vomited, after_vomiting, "--vomited", "Vomited afterwards?";
    confused, after_confused, "--confused", "Confused afterwards?";
};

/// By sign, in their order. None: not answered.
pub(crate) type Answers = Vec<Option<bool>>;

/// As it was typed.
pub(crate) fn answers(fall: &FallArgs) -> Answers {
    let rest = fall.nothing_else.then_some(false);
    SIGNS.iter().map(|sign| if (sign.said)(fall) { Some(true) } else { rest }).collect()
}

pub(crate) fn entry(fall: &FallArgs, answers: &Answers, at: Option<care::Moment>, source: Option<i32>) -> care::Fall {
    let mut entry = care::Fall {
        when: at,
        source,
        place: fall.place.clone(),
        near_fall: Some(fall.near),
        minutes_on_floor: fall.on_floor,
        ..Default::default()
    };
    for (sign, answer) in SIGNS.iter().zip(answers) {
        *(sign.place)(&mut entry) = *answer;
    }
    entry
}

/// The entry with every answer that there is. `Some`: what nobody answered, and what it would be.
pub(crate) async fn asked(
    phone: &Phone,
    circle: u64,
    fall: &FallArgs,
    at: care::Moment,
    out: &Out,
) -> anyhow::Result<(Vec<u8>, Option<String>)> {
    let body = |fall: &FallArgs, answers: &Answers| {
        compose::body("fall", &entry(fall, answers, Some(at.clone()), compose::manual()))
    };
    let (mut fall, mut answers) = (fall.clone(), answers(fall));
    if fall.near || answers.iter().all(Option::is_some) {
        return Ok((body(&fall, &answers)?, None));
    }
    let asks = out.asks && std::io::stdin().is_terminal();
    if asks {
        for (index, sign) in SIGNS.iter().enumerate().filter(|(index, _)| answers[*index].is_none()).collect::<Vec<_>>()
        {
            // Nobody is asked anything before an emergency is said.
            if findings::would_be_emergency(phone, circle, &body(&fall, &answers)?, out).await {
                break;
            }
            answers[index] = answer(sign.asks)?;
            if sign.flag == "--could-not-get-up" && answers[index] == Some(true) && fall.on_floor.is_none() {
                fall.on_floor = minutes()?;
            }
        }
    }
    let as_said = body(&fall, &answers)?;
    let left: Vec<&Sign> =
        SIGNS.iter().zip(&answers).filter(|(_, answer)| answer.is_none()).map(|(sign, _)| sign).collect();
    if left.is_empty() || findings::would_be_emergency(phone, circle, &as_said, out).await {
        return Ok((as_said, None));
    }
    let worst: Answers = answers.iter().map(|answer| answer.or(Some(true))).collect();
    let found = phone.before_save(circle, &body(&fall, &worst)?, findings::offset_min(phone, out)).await?;
    let cards: Vec<String> = findings::cards(&found).collect();
    let asks: Vec<&str> = left.iter().map(|sign| sign.asks).collect();
    let flags: Vec<&str> = left.iter().map(|sign| sign.flag).collect();
    let card = if cards.is_empty() { String::new() } else { format!(" If so:\n{}\n", cards.join("\n")) };
    let text = format!(
        "Not answered: {}{card}\nWrite it again with what is so ({}), or with --nothing-else if none of it is.",
        asks.join(" "),
        flags.join(", ")
    );
    Ok((as_said, Some(text)))
}

/// None: nobody knows.
fn answer(asks: &str) -> anyhow::Result<Option<bool>> {
    eprint!("{asks} [y/n, Enter: not known] ");
    let line = line()?.to_ascii_lowercase();
    Ok(match line.as_str() {
        "y" | "yes" => Some(true),
        "n" | "no" => Some(false),
        _ => None,
    })
}

fn minutes() -> anyhow::Result<Option<u32>> {
    eprint!("For how many minutes on the floor? [Enter: not known] ");
    Ok(line()?.parse().ok())
}

fn line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_stays_unanswered_unless_nothing_else_happened() {
        let fall = FallArgs { hit_head: true, ..FallArgs::default() };
        let entry = |fall: &FallArgs| super::entry(fall, &answers(fall), None, None);
        let said = entry(&fall);
        assert_eq!((said.hit_head, said.lost_consciousness, said.near_fall), (Some(true), None, Some(false)));
        let said = entry(&FallArgs { nothing_else: true, ..fall });
        assert_eq!(
            (said.hit_head, said.lost_consciousness, said.after_confused),
            (Some(true), Some(false), Some(false))
        );
        let all: Vec<&str> = SIGNS.iter().map(|sign| sign.flag).collect();
        assert!(all.iter().all(|flag| all.iter().filter(|other| *other == flag).count() == 1));
    }
}
