//! A page as a message.

use osteon_care_core::{
    digest::{
        page::{Days, Done, LastResult, Page},
        results::Place,
        weights::{self, Change},
    },
    facts::Role,
    series::{Lane, Point},
    tasks::{Adherence, Held, Kind, Why},
};
use osteon_proto::{alert, meta, summary as pb, table::table, timeline};
use prost::Message;

use crate::{
    app::{
        records::Session,
        series::{
            Known, sharing,
            told::{kind, moment, point},
        },
        tasks::sharing::{of_kinds, without_tasks},
    },
    limits,
};

pub(super) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The first of a list, and how many are left out.
pub(super) fn at_most<T>(mut all: Vec<T>, most: usize) -> (Vec<T>, u32) {
    let more = count(all.len().saturating_sub(most));
    all.truncate(most);
    (all, more)
}

/// The page itself, but for what comes from elsewhere.
pub(super) fn page(page: &Page, done: &Done, known: &Known, session: &Session) -> pb::Digest {
    let items = limits::DIGEST_ITEMS.usize();
    let account = session.member.viewer.account;
    let all_and_words = [("", done.all)].into_iter().chain(done.by_word.iter().copied());
    let adherence = all_and_words.map(|(word, one)| adherence(session, word, one, done.known)).collect();
    let (held, more_held) = at_most(done.held.iter().map(held_plan).collect(), items);
    let (results, more_results) = at_most(page.results().iter().map(|one| result(known, one)).collect(), items);
    let lane = |days: &Days| lane(known, days, sharing(days.lane, session, account));
    let (questions, more_questions) = at_most(questions(page), items);
    pb::Digest {
        adherence,
        held,
        more_held,
        doses: Some(doses(page, known, session)),
        results,
        more_results,
        lanes: page.lanes().iter().map(lane).collect(),
        weight_3_months: Some(weight(page.weight_change(weights::THREE_MONTHS_WEEKS))),
        weight_6_months: Some(weight(page.weight_change(weights::SIX_MONTHS_WEEKS))),
        questions,
        more_questions,
        questions_sharing: questions_sharing(session).into(),
        ..Default::default()
    }
}

pub(super) fn alerts(digest: &mut pb::Digest, alerts: alert::CircleAlerts) {
    let items = limits::DIGEST_ITEMS.usize();
    let (open, closed) = alerts.alerts.into_iter().partition(|one| one.closed.is_none());
    (digest.open_alerts, digest.more_open_alerts) = at_most(open, items);
    // The list itself has a bound.
    digest.more_open_alerts += u32::from(alerts.truncated);
    (digest.closed_alerts, digest.more_closed_alerts) = at_most(closed, items);
    (digest.redacted_alerts, _) = at_most(alerts.redacted, items);
    (digest.cannot_tell, digest.more_cannot_tell) = at_most(alerts.cannot_tell, items);
    digest.alerts_late_since = alerts.late_since;
}

/// Makes room: the oldest changes go first, then the last disputes. Both are counted, and told elsewhere.
pub(super) fn shorten(digest: &mut pb::Digest) {
    let most = limits::DIGEST_BYTES.usize();
    let mut bytes = digest.encoded_len();
    while bytes > most {
        let (gone, more) = match (digest.changes.pop(), digest.disputes.last()) {
            (Some(change), _) => (change.encoded_len(), &mut digest.more_changes),
            (None, Some(dispute)) => {
                let gone = dispute.encoded_len();
                digest.disputes.pop();
                (gone, &mut digest.more_disputes)
            }
            (None, None) => return,
        };
        *more += 1;
        bytes = bytes.saturating_sub(gone);
    }
}

/// No word: of all tasks.
fn adherence(session: &Session, word: &str, one: Adherence, known: bool) -> pb::DigestAdherence {
    let kinds = Kind::ALL.into_iter().filter(|kind| word.is_empty() || kind.word() == word);
    let sharing = of_kinds(session, kinds);
    let (nothing_due, not_shared) = without_tasks(one, sharing);
    let missing = if known { Vec::new() } else { vec!["TaskOccurrence.status".to_owned()] };
    pb::DigestAdherence {
        word: word.to_owned(),
        active: one.active,
        inactive: one.inactive,
        not_logged: one.not_logged,
        nothing_due,
        missing,
        not_shared,
        sharing: sharing.into(),
    }
}

fn held_plan(held: &Held) -> pb::HeldPlan {
    pb::HeldPlan {
        record_id: uuid::Uuid::from_bytes(held.line.0.0).to_string(),
        kind: held.kind.name().to_owned(),
        why: held.why.key().to_owned(),
        rest_until: if let Why::Rest(Some(day)) = held.why { day.to_string() } else { String::new() },
        missing: if let Why::Missing(input) = held.why { input.to_owned() } else { String::new() },
        disputed: held.disputed,
    }
}

/// The newest days, ascending, and how many are left out.
fn newest(known: &Known, lane: Lane, points: &[Point]) -> (Vec<timeline::SeriesPoint>, u32) {
    let left_out = points.len().saturating_sub(limits::DIGEST_POINTS.usize());
    (points.iter().skip(left_out).map(|one| point(known, lane, one)).collect(), count(left_out))
}

fn doses(page: &Page, known: &Known, session: &Session) -> pb::DigestDoses {
    let (given, due) = page.doses();
    let missing = if due.is_empty() { vec!["P-BONE.planned_next".to_owned()] } else { Vec::new() };
    let ((given, more_given), (due, more_due)) =
        (newest(known, Lane::DoseGiven, &given), newest(known, Lane::DoseDue, &due));
    let sharing = sharing(Lane::DoseGiven, session, session.member.viewer.account).into();
    pb::DigestDoses { given, more_given, due, more_due, sharing, missing }
}

fn result(known: &Known, one: &LastResult) -> pb::LastResult {
    let lane = Lane::Lab(one.analyte);
    let (unit, scale) = lane.unit();
    let place = |place: &Option<Place>| {
        i32::from(match place {
            Some(Place::Low) => pb::ResultPlace::Low,
            Some(Place::InRange) => pb::ResultPlace::InRange,
            Some(Place::High) => pb::ResultPlace::High,
            None => pb::ResultPlace::CannotTell,
        })
    };
    pb::LastResult {
        analyte: one.analyte.code().to_owned(),
        unit: unit.to_owned(),
        scale,
        last: Some(point(known, lane, &one.last)),
        places: one.places.iter().map(place).collect(),
        previous: one.previous.as_ref().map(|previous| point(known, lane, previous)),
        change: one.change,
    }
}

fn lane(known: &Known, days: &Days, sharing: timeline::SeriesSharing) -> pb::DigestLane {
    let (unit, scale) = days.lane.unit();
    let (points, more_points) = newest(known, days.lane, &days.points);
    let input = match days.lane {
        Lane::Pain => "J01.worst_24h",
        Lane::Weight => "J08.weight",
        _ => "J07.when",
    };
    pb::DigestLane {
        lane: kind(days.lane).into(),
        unit: unit.to_owned(),
        scale,
        sharing: sharing.into(),
        days: count(days.points.len()),
        missing_days: days.missing,
        entries: days.entries,
        worst: days.worst.as_ref().map(|worst| point(known, days.lane, worst)),
        points,
        more_points,
        missing: if days.worst.is_none() { vec![input.to_owned()] } else { Vec::new() },
    }
}

fn weight(change: Option<Change>) -> pb::WeightChange {
    match change {
        Some(change) => pb::WeightChange {
            percent_tenths: Some(change.percent_tenths),
            from: change.from.to_string(),
            until: change.until.to_string(),
            missing: Vec::new(),
        },
        None => pb::WeightChange { missing: vec!["J08.weight".to_owned()], ..Default::default() },
    }
}

fn questions(page: &Page) -> Vec<pb::VisitQuestion> {
    let told =
        |(visit, question): (&osteon_care_core::digest::page::Visit, &osteon_care_core::digest::page::Question)| {
            pb::VisitQuestion {
                record_id: uuid::Uuid::from_bytes(question.visit.0.0).to_string(),
                text: question.text.clone(),
                written: question.written.and_then(|at| moment(&at).at),
                role: question.by.map_or(meta::Role::Unspecified, role).into(),
                when: visit.when.known().map(moment).collect(),
                kinds: visit.kinds.known().map(|kind| i32::from(*kind)).collect(),
            }
        };
    page.questions().into_iter().map(told).collect()
}

fn role(role: Role) -> meta::Role {
    match role {
        Role::Patient => meta::Role::Patient,
        Role::Caregiver => meta::Role::Caregiver,
        Role::Dietitian => meta::Role::Dietitian,
        Role::Physiotherapist => meta::Role::Physiotherapist,
        Role::Physician => meta::Role::Physician,
        Role::Nurse => meta::Role::Nurse,
        Role::Admin => meta::Role::ClinicAdmin,
    }
}

/// The label of the questions alone: a visit has another one, too.
fn questions_sharing(session: &Session) -> timeline::SeriesSharing {
    let account = session.member.viewer.account;
    let visit = table().get(osteon_care_core::digest::page::VISIT);
    let own = visit.and_then(|known| known.record_label(0, account).ok());
    let all = visit.and_then(|known| known.labels(0, account).ok()).unwrap_or_default();
    let reads = all.iter().filter(|label| Some(**label) != own).all(|label| session.scope.reads(*label));
    if reads { timeline::SeriesSharing::All } else { timeline::SeriesSharing::None }
}
