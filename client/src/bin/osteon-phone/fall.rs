//! A fall, with the answers that decide whether it is an emergency (R-FALL-1): what is not said is asked, and what nobody
//! answers is said to be missing.

use anyhow::bail;
use osteon_care_core::vocabulary::FALL_PLACES;
use osteon_client::{Phone, words};
use osteon_proto::care;

use crate::{
    args::{FallArgs, code, one_of},
    care as findings, compose,
    more::Unanswered,
    show::{Out, ask, is_no, is_yes, note},
};

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

/// The fall with a place that is known. One that is none keeps nobody from an emergency: it is left out then, and said.
pub(crate) async fn placed(
    phone: &Phone,
    circle: u64,
    fall: &FallArgs,
    at: &care::Moment,
    out: &Out,
) -> anyhow::Result<FallArgs> {
    let Some(typed) = &fall.place else { return Ok(fall.clone()) };
    let place = code(typed);
    if FALL_PLACES.contains(&place.as_str()) {
        return Ok(FallArgs { place: Some(place), ..fall.clone() });
    }
    let known = one_of(FALL_PLACES.into_iter());
    let without = FallArgs { place: None, ..fall.clone() };
    if !findings::would_be_emergency(phone, circle, &body(&without, &answers(&without), at)?, out).await {
        let typed = words::plain(typed);
        bail!(
            "{typed} is no place that is known. One of: {known}. When it happened is --at, for example --at \"yesterday 22:00\""
        );
    }
    note(format!("The place is none that is known, and was left out. One of: {known}"));
    Ok(without)
}

fn body(fall: &FallArgs, answers: &Answers, at: &care::Moment) -> anyhow::Result<Vec<u8>> {
    compose::body("fall", &entry(fall, answers, Some(at.clone()), compose::manual()))
}

/// The entry with every answer that there is, and what nobody answered.
pub(crate) async fn asked(
    phone: &Phone,
    circle: u64,
    fall: &FallArgs,
    at: care::Moment,
    out: &Out,
) -> anyhow::Result<(Vec<u8>, Option<Unanswered>)> {
    let (mut fall, mut answers) = (fall.clone(), answers(fall));
    if fall.near || answers.iter().all(Option::is_some) {
        return Ok((body(&fall, &answers, &at)?, None));
    }
    let is_emergency = async |fall: &FallArgs, answers: &Answers| match body(fall, answers, &at) {
        Ok(body) => findings::would_be_emergency(phone, circle, &body, out).await,
        Err(_) => false,
    };
    if out.asks_somebody() {
        ask_all(&mut fall, &mut answers, is_emergency, &mut |question| ask(question)).await?;
    }
    let left: Vec<&Sign> =
        SIGNS.iter().zip(&answers).filter(|(_, answer)| answer.is_none()).map(|(sign, _)| sign).collect();
    let as_said = body(&fall, &answers, &at)?;
    if left.is_empty() || is_emergency(&fall, &answers).await {
        return Ok((as_said, None));
    }
    let worst: Answers = answers.iter().map(|answer| answer.or(Some(true))).collect();
    let found = phone.before_save(circle, &body(&fall, &worst, &at)?, findings::offset_min(phone, out)).await?;
    let flags = left.iter().map(|sign| sign.flag).collect::<Vec<_>>().join(", ");
    let unanswered = Unanswered {
        asks: left.iter().map(|sign| sign.asks.to_owned()).collect(),
        cards: findings::cards(&found).collect(),
        what: "fall".to_owned(),
        answer: format!("and what is so ({flags}), or --nothing-else if none of it is"),
    };
    Ok((as_said, Some(unanswered)))
}

/// Asks for each answer that is not there, in their order. Nobody is asked anything more before an emergency is said.
async fn ask_all(
    fall: &mut FallArgs,
    answers: &mut Answers,
    is_emergency: impl AsyncFn(&FallArgs, &Answers) -> bool,
    ask: &mut dyn FnMut(&str) -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    for (index, sign) in SIGNS.iter().enumerate() {
        if answers.get(index).is_none_or(Option::is_some) {
            continue;
        }
        if is_emergency(fall, answers).await {
            break;
        }
        let typed = ask(&format!("{} [y/n, Enter: not known]", sign.asks))?;
        let answer = if is_yes(&typed) { Some(true) } else { is_no(&typed).then_some(false) };
        if let Some(place) = answers.get_mut(index) {
            *place = answer;
        }
        if sign.flag == "--could-not-get-up" && answer == Some(true) && fall.on_floor.is_none() {
            fall.on_floor = ask("For how many minutes on the floor? [Enter: not known]")?.parse().ok();
        }
    }
    Ok(())
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

    /// What is typed, one by one; and what was asked.
    async fn typed(fall: &mut FallArgs, lines: &[&str], emergency_after: usize) -> (Answers, Vec<String>) {
        let (mut answers, mut asked, mut lines) = (answers(fall), Vec::new(), lines.iter());
        let is_emergency = async |_: &FallArgs, answers: &Answers| {
            answers.iter().filter(|answer| answer.is_some()).count() > emergency_after
        };
        let mut ask = |question: &str| {
            asked.push(question.to_owned());
            Ok((*lines.next().expect("a line for each question")).to_owned())
        };
        ask_all(fall, &mut answers, is_emergency, &mut ask).await.expect("asked");
        (answers, asked)
    }

    #[tokio::test]
    async fn each_question_once_in_order_and_enter_is_no_answer() {
        let mut fall = FallArgs { hit_head: true, ..FallArgs::default() };
        let lines = ["n", "", "NO", "n", "y", "35", "n", "maybe", "yes"];
        let (answers, asked) = typed(&mut fall, &lines, usize::MAX).await;
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(answers, [yes, no, None, no, no, yes, no, None, yes]);
        assert_eq!(fall.on_floor, Some(35));
        let signs: Vec<&str> = SIGNS.iter().map(|sign| sign.asks).skip(1).collect();
        let (before, after) = signs.split_at(5);
        let all = before.iter().chain([&"For how many minutes on the floor?"]).chain(after);
        assert!(asked.iter().zip(all).all(|(asked, expected)| asked.starts_with(expected)), "{asked:?}");
        assert_eq!(asked.len(), lines.len());
    }

    #[tokio::test]
    async fn nobody_is_asked_on_once_it_is_an_emergency() {
        let mut fall = FallArgs::default();
        let (answers, asked) = typed(&mut fall, &["y", "n"], 1).await;
        assert_eq!((asked.len(), answers.iter().flatten().count()), (2, 2));
        let (_, asked) = typed(&mut FallArgs { hit_head: true, drowsy: true, ..FallArgs::default() }, &[], 1).await;
        assert_eq!(asked, Vec::<String>::new(), "what was typed is one already");
    }
}
