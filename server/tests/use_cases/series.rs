//! GetSeries: the worst of the day with its count, days that are missing, what a member may not see, limits, and access
//! that is taken back while a series is told.

use std::sync::Arc;

use osteon_proto::{audit as pb_audit, care, meta::Role, record, sync, timeline as pb};
use osteon_server::{
    access::Caller,
    app::{audit, enrol::timestamp, reads, records, series, stream},
    clock::Clock,
    error::{Error, Reason},
};
use pb::get_series_response::Part;
use prost::Message;
use tokio_stream::StreamExt;

use crate::{
    access::{decide, remove, write},
    away::comes,
    fixture::*,
};

const PAIN: u32 = 101;
const FLUID: u32 = 104;
const WEIGHT: u32 = 108;
const LAB: u32 = 120;
/// The day of [`NOW`].
const TODAY: &str = "2025-11-24";

fn at(days_ago: u64) -> Option<care::Moment> {
    Some(care::Moment { at: Some(timestamp(NOW - days_ago * DAY)), utc_offset_min: Some(0), zone: None })
}

fn pain(days_ago: u64, worst: u32) -> care::PainEntry {
    care::PainEntry { effective_start: at(days_ago), worst_24h: Some(worst), ..Default::default() }
}

fn drink(days_ago: u64, volume: u32) -> care::FluidEntry {
    care::FluidEntry { effective_start: at(days_ago), volume: Some(volume), ..Default::default() }
}

fn asked(circle: u64, from: &str, to: &str) -> pb::GetSeriesRequest {
    pb::GetSeriesRequest { circle, from: from.into(), to: to.into(), ..Default::default() }
}

struct Told {
    head: pb::SeriesHead,
    days: Vec<pb::SeriesDays>,
    end: pb::SeriesEnd,
}

impl Told {
    /// Points of one lane.
    fn points(&self, lane: pb::SeriesLane, analyte: &str) -> Vec<pb::SeriesPoint> {
        let place = self.head.lanes.iter().position(|head| head.lane() == lane && head.analyte == analyte);
        let place = u32::try_from(place.expect("the head names the lane")).expect("few");
        let lanes = self.days.iter().flat_map(|days| &days.lanes).filter(|told| told.lane == place);
        lanes.flat_map(|told| told.points.clone()).collect()
    }

    fn worst(&self, lane: pb::SeriesLane) -> Vec<(String, Option<i64>, u32)> {
        self.points(lane, "").into_iter().map(|point| (point.day, point.worst, point.count)).collect()
    }

    /// As bytes, without the time at which it was told.
    fn bytes(&self) -> Vec<u8> {
        let days = self.days.iter().flat_map(Message::encode_to_vec);
        let end = pb::SeriesEnd { at: None, ..self.end };
        self.head.encode_to_vec().into_iter().chain(days).chain(end.encode_to_vec()).collect()
    }
}

async fn messages(
    kit: &Kit,
    who: &Caller,
    request: &pb::GetSeriesRequest,
) -> Result<stream::Told<pb::GetSeriesResponse>, Error> {
    series::open(Arc::clone(&kit.app), *who, request).await
}

async fn told(kit: &Kit, who: &Caller, request: &pb::GetSeriesRequest) -> Told {
    let mut messages = messages(kit, who, request).await.expect("opened");
    let (mut head, mut days, mut end) = (None, Vec::new(), None);
    while let Some(message) = messages.next().await {
        match message.expect("a message").part.expect("a part") {
            Part::Head(one) => assert!(head.replace(one).is_none() && days.is_empty(), "one head, first"),
            Part::Days(one) => days.push(one),
            Part::End(one) => assert!(end.replace(one).is_none(), "one end"),
        }
        assert!(head.is_some());
    }
    let end = end.expect("whole");
    let points = days.iter().flat_map(|days| &days.lanes).map(|lane| lane.points.len() as u64).sum::<u64>();
    assert_eq!(end.points, points);
    Told { head: head.expect("a head"), days, end }
}

pub(crate) async fn the_worst_of_each_day_with_its_count(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let [patient, nurse] = [0, 1].map(|i| kit.person(circle.people[i]));
    for (days_ago, worst) in [(0, 3), (0, 8), (0, 5), (2, 4), (40, 6)] {
        kit.create(&patient, circle.no, PAIN, &pain(days_ago, worst)).await.expect("made");
    }
    for volume in [200, 300] {
        kit.create(&patient, circle.no, FLUID, &drink(1, volume)).await.expect("made");
    }
    // Of a dispute every version is told, and the worst is taken.
    let made = kit.create(&patient, circle.no, PAIN, &pain(5, 2)).await.expect("made");
    let (number, shown) = (field(&made, "worst_24h").field, dots(&made, "worst_24h"));
    for worst in [1, 7] {
        let mut phone = kit.phone(&circle, 0, Role::Patient).await;
        let change = care::PainEntry { worst_24h: Some(worst), ..Default::default() };
        sequence(&kit.write(&mut phone, circle.no, edit(id_of(&made), PAIN, &change, number, shown.clone())).await);
    }
    // A mistake is counted and told on request; what was deleted is not there.
    for (days_ago, state) in [(2, sync::Lifecycle::EnteredInError), (3, sync::Lifecycle::Deleted)] {
        let made = kit.create(&patient, circle.no, PAIN, &pain(days_ago, 10)).await.expect("made");
        let end = record::EndRecordRequest {
            circle: circle.no,
            record_id: made.record_id.clone(),
            state: state.into(),
            shown: made.shown,
            ..Default::default()
        };
        records::end(&kit.app, &patient, &end).await.expect("ended");
    }
    let result = care::LaboratoryResult {
        analyte: Some("calcium_adjusted".into()),
        value: Some(80_000),
        unit: Some("mg/dL".into()),
        ref_low: Some(84_000),
        ref_high: Some(102_000),
        specimen_time: at(4),
        ..Default::default()
    };
    kit.create_under(&nurse, circle.no, LAB, 1, &result).await.expect("made");

    let request = asked(circle.no, "2025-11-01", TODAY);
    let answer = told(&kit, &nurse, &request).await;
    let day = |text: &str, worst, count| (text.to_owned(), Some(worst), count);
    let expected = [day("2025-11-19", 7, 1), day("2025-11-22", 4, 1), day(TODAY, 8, 3)];
    assert_eq!(answer.worst(pb::SeriesLane::Pain), expected, "missing days are missing");
    let pains = answer.points(pb::SeriesLane::Pain, "");
    let versions: Vec<Option<i64>> = pains[0].entries[0].versions.iter().map(|said| said.value).collect();
    assert_eq!((pains[0].disputed, versions), (true, vec![Some(1), Some(7)]));
    assert_eq!(pains[2].entries.len(), 1, "the worst alone");
    assert_eq!(answer.worst(pb::SeriesLane::Fluid), [day("2025-11-23", 500, 2)], "a total");
    let lab = answer.points(pb::SeriesLane::Laboratory, "calcium_adjusted");
    let entry = &lab[0].entries[0];
    assert_eq!((lab[0].day.as_str(), lab[0].worst), ("2025-11-20", Some(19_960)), "canonical");
    assert_eq!((entry.versions[0].entered, entry.versions[0].entered_unit.as_str()), (Some(80_000), "mg/dL"));
    assert_eq!((&entry.reference_low, &entry.reference_high), (&vec![20_958], &vec![25_449]));
    assert!(entry.arrived > 0 && entry.happened.len() == 1);
    let spans: Vec<_> = answer.days.iter().flat_map(|days| &days.entries).map(|s| (&*s.from, &*s.to)).collect();
    assert_eq!(spans, [("2025-11-19", "2025-11-20"), ("2025-11-22", TODAY)]);
    let mistakes: u32 = answer.days.iter().flat_map(|days| &days.lanes).map(|lane| lane.mistakes).sum();
    assert_eq!(mistakes, 1);
    assert!(pains.iter().flat_map(|point| &point.entries).all(|entry| !entry.mistake));
    let with = told(&kit, &nurse, &pb::GetSeriesRequest { include_mistakes: true, ..request.clone() }).await;
    let pains = with.points(pb::SeriesLane::Pain, "");
    assert_eq!(pains[1].entries.iter().filter(|entry| entry.mistake).count(), 1);
    assert_eq!(pains[1].worst, Some(4), "never the worst");

    // Lanes and analytes that were named, and no other.
    let lanes = vec![pb::SeriesLane::Fluid.into(), pb::SeriesLane::Laboratory.into()];
    let some = pb::GetSeriesRequest { lanes, analytes: vec!["29265-6".into()], ..request };
    let answer = told(&kit, &nurse, &some).await;
    assert_eq!((answer.head.lanes.len(), answer.end.points, answer.end.entries), (2, 2, 3));
    let rows = pb_audit::ListAccessRequest { circle: circle.no, account: nurse.account, ..Default::default() };
    let rows = audit::list(&kit.app, &patient, &rows).await.expect("audit").entries;
    let reads: Vec<_> = rows.iter().filter(|row| row.action == "series.get").collect();
    assert_eq!(reads.len(), 3, "one for each call");
    assert_eq!((reads[0].categories.clone(), reads[0].count), (vec![5, 7], 3), "of the lanes that were asked for");
    assert!(reads.iter().all(|row| row.kind() == pb_audit::AccessKind::Read && row.outcome == "ok"));
}

pub(crate) async fn what_is_not_shared_is_as_if_it_was_never_written(kit: Kit) {
    let roles = [Role::Patient, Role::Nurse, Role::ClinicAdmin];
    let mut answers = Vec::new();
    for (short_id, wrote) in [("d0001", true), ("d0002", false)] {
        let circle = kit.circle(short_id, &roles).await;
        let [patient, nurse, admin] = [0, 1, 2].map(|i| kit.person(circle.people[i]));
        decide(&kit, &patient, circle.no, nurse.account, care::Decision::Deny).await;
        if wrote {
            kit.create(&patient, circle.no, PAIN, &pain(1, 9)).await.expect("made");
            let mistake = kit.create(&patient, circle.no, PAIN, &pain(2, 9)).await.expect("made");
            let end = record::EndRecordRequest {
                circle: circle.no,
                record_id: mistake.record_id.clone(),
                state: sync::Lifecycle::EnteredInError.into(),
                shown: mistake.shown,
                ..Default::default()
            };
            records::end(&kit.app, &patient, &end).await.expect("ended");
        }
        let request = asked(circle.no, "2025-01-01", TODAY);
        let request = pb::GetSeriesRequest { include_mistakes: true, ..request };
        let own = told(&kit, &patient, &request).await;
        assert_eq!(own.worst(pb::SeriesLane::Pain).len(), if wrote { 2 } else { 0 });
        for who in [nurse, admin] {
            let answer = told(&kit, &who, &request).await;
            let pains = answer.head.lanes.iter().find(|head| head.lane() == pb::SeriesLane::Pain).expect("named");
            assert_eq!(pains.sharing(), pb::SeriesSharing::None);
            assert_eq!((answer.end.points, answer.end.entries), (0, 0));
            answers.push(answer.bytes());
        }
        let rows = pb_audit::ListAccessRequest { circle: circle.no, account: nurse.account, ..Default::default() };
        let rows = audit::list(&kit.app, &patient, &rows).await.expect("audit").entries;
        assert!(rows.iter().all(|row| row.action != "series.get"), "nothing left");
        let stranger = kit.person(kit.circle(&format!("{short_id}x"), &[Role::Patient]).await.people[0]);
        assert_eq!(refused(messages(&kit, &stranger, &request).await), Reason::NotFound);
        remove(&kit, &patient, circle.no, nurse.account, Role::Nurse).await;
        assert_eq!(refused(messages(&kit, &nurse, &request).await), Reason::NotFound, "no member any more");
    }
    assert_eq!(answers[0], answers[2], "the nurse cannot tell");
    assert_eq!(answers[1], answers[3], "nor can the administrator");
}

#[track_caller]
fn refused(answer: Result<stream::Told<pb::GetSeriesResponse>, Error>) -> Reason {
    answer.err().expect("was not refused").reason()
}

pub(crate) async fn periods_and_lanes_have_limits(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let patient = kit.person(circle.people[0]);
    let said = async |request: pb::GetSeriesRequest| {
        let error = messages(&kit, &patient, &request).await.err().expect("was not refused");
        let path = error.violations().first().map(|one| one.field.clone()).unwrap_or_default();
        (error.reason(), path, error.limit_name())
    };
    let of = |from: &str, to: &str| asked(circle.no, from, to);
    assert_eq!(said(of("2025-13-01", TODAY)).await, (Reason::DateInvalid, "from".into(), None));
    assert_eq!(said(of("2025-01-01", "")).await, (Reason::DateInvalid, "to".into(), None));
    assert_eq!(said(of(TODAY, "2025-11-23")).await, (Reason::ArgumentInvalid, "to".into(), None));
    let limit = |path: &str, name| (Reason::LimitExceeded, path.to_owned(), Some(name));
    assert_eq!(said(of("2020-01-01", "2025-01-04")).await, limit("to", "SERIES_DAYS"), "1,831 days");
    assert_eq!(told(&kit, &patient, &of("2020-01-01", "2025-01-03")).await.end.points, 0, "1,830 days");
    let pains = vec![pb::SeriesLane::Pain.into(); 65];
    let many = pb::GetSeriesRequest { lanes: pains, ..of(TODAY, TODAY) };
    assert_eq!(said(many).await, limit("lanes", "SERIES_LANES"));
    let many = pb::GetSeriesRequest { analytes: vec!["alp".into(); 65], ..of(TODAY, TODAY) };
    assert_eq!(said(many).await, limit("analytes", "SERIES_LANES"));
    let lanes = vec![pb::SeriesLane::Pain.into(), 99];
    let unknown = pb::GetSeriesRequest { lanes, ..of(TODAY, TODAY) };
    assert_eq!(said(unknown).await, (Reason::ArgumentInvalid, "lanes[1]".into(), None));
    let unknown = pb::GetSeriesRequest { analytes: vec!["unobtainium".into()], ..of(TODAY, TODAY) };
    assert_eq!(said(unknown).await, (Reason::ArgumentInvalid, "analytes[0]".into(), None));
}

pub(crate) async fn a_long_period_is_told_as_it_is_taken(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let [patient, nurse] = [0, 1].map(|i| kit.person(circle.people[i]));
    for months_ago in 0..24 {
        kit.create(&patient, circle.no, PAIN, &pain(months_ago * 30, 5)).await.expect("made");
        let weight =
            care::BodyWeight { effective_start: at(months_ago * 30), weight: Some(7_000), ..Default::default() };
        kit.create(&patient, circle.no, WEIGHT, &weight).await.expect("made");
    }
    let request = asked(circle.no, "2023-11-25", TODAY);
    let answer = told(&kit, &nurse, &request).await;
    assert!(answer.days.len() >= 8, "{} messages", answer.days.len());
    assert_eq!((answer.days[0].from.as_str(), answer.days.last().map(|d| d.to.as_str())), ("2023-11-25", Some(TODAY)));
    let one_after_the_other = |two: &[pb::SeriesDays]| {
        let midnight = |day: &str| osteon_care_core::Day::parse(day).expect("a day");
        midnight(&two[0].to).plus(1) == midnight(&two[1].from)
    };
    assert!(answer.days.windows(2).all(one_after_the_other));
    assert_eq!(answer.worst(pb::SeriesLane::Pain).len(), 24);
    assert_eq!(answer.worst(pb::SeriesLane::Weight).len(), 24);

    // What was taken back while a reader was slow does not leave: but one message may wait in the channel already.
    let mut slow = messages(&kit, &nurse, &request).await.expect("opened");
    assert!(matches!(slow.next().await.expect("a head").expect("a head").part, Some(Part::Head(_))));
    decide(&kit, &patient, circle.no, nurse.account, care::Decision::Deny).await;
    let _ = slow.next().await;
    let (mut days, mut points) = (0, Vec::new());
    while let Some(message) = slow.next().await {
        match message.expect("a message").part.expect("a part") {
            Part::Days(one) => {
                days += 1;
                points.extend(one.lanes.into_iter().map(|lane| (lane.lane, lane.points.len())));
            }
            Part::Head(_) => panic!("one head"),
            Part::End(_) => {}
        }
    }
    let place = |lane| answer.head.lanes.iter().position(|head| head.lane() == lane).expect("named") as u32;
    assert!(days >= 7 && points.iter().all(|(lane, _)| *lane != place(pb::SeriesLane::Pain)), "{points:?}");
    assert!(points.iter().any(|(lane, _)| *lane == place(pb::SeriesLane::Weight)), "the rest goes on");
    // A session that was ended is told nothing more.
    let mut ended = messages(&kit, &patient, &request).await.expect("opened");
    kit.app.streams_ended(&[patient.family]);
    let status = ended.next().await.expect("an answer").expect_err("ended");
    assert_eq!(status.code(), tonic::Code::Unauthenticated);
    assert!(ended.next().await.is_none());
}

pub(crate) async fn two_labels_and_times_far_apart(kit: Kit) {
    let roles = [Role::Patient, Role::Physician, Role::Physiotherapist, Role::Nurse];
    let circle = kit.circle("d0001", &roles).await;
    let [patient, physician, physio, nurse] = [0, 1, 2, 3].map(|i| kit.person(circle.people[i]));
    // A result without the time of its specimen stands where it happened.
    let scan = |days_ago, value| care::LaboratoryResult {
        analyte: Some("t_score_hip".into()),
        value: Some(value),
        unit: Some("{T-score}".into()),
        effective_start: at(days_ago),
        ..Default::default()
    };
    let first = kit.create_under(&physician, circle.no, LAB, 2, &scan(300, -21_000)).await.expect("made");
    let request = asked(circle.no, "2025-01-01", TODAY);
    let scores = |answer: &Told| answer.points(pb::SeriesLane::Laboratory, "t_score_hip");
    assert_eq!(scores(&told(&kit, &physician, &request).await).len(), 1);
    let again = care::LaboratoryResult { supersedes: Some(id_of(&first).to_vec().into()), ..scan(300, -25_000) };
    kit.create_under(&physician, circle.no, LAB, 2, &again).await.expect("made");
    let answer = told(&kit, &physician, &request).await;
    let points = scores(&answer);
    assert_eq!((points.len(), points[0].worst, points[0].count), (1, Some(-25_000), 1), "the corrected one gives way");
    // Who sees laboratory results and no bone status, or the other way round, is told so of the lane.
    let of = |answer: &Told| {
        answer.head.lanes.iter().find(|head| head.analyte == "t_score_hip").map(|head| head.sharing()).expect("named")
    };
    assert_eq!(of(&answer), pb::SeriesSharing::All);
    // Chair-stands stand beside a grade of another category in one record.
    let test =
        care::FunctionalTest { effective_start: at(3), chair_stands_30s: Some(9), ecog: Some(2), ..Default::default() };
    kit.create(&nurse, circle.no, 121, &test).await.expect("made");
    for who in [&patient, &physio] {
        let answer = told(&kit, who, &request).await;
        assert_eq!(answer.worst(pb::SeriesLane::ChairStands), [("2025-11-21".to_owned(), Some(9), 1)]);
    }
    // An entry that moves to another day is found by the new one.
    let made = kit.create(&patient, circle.no, PAIN, &pain(1, 4)).await.expect("made");
    let moved = care::PainEntry { effective_start: at(100), ..Default::default() };
    write(&kit, &patient, circle.no, &made, "effective_start", &moved).await;
    let week = asked(circle.no, "2025-11-18", TODAY);
    assert!(told(&kit, &patient, &week).await.worst(pb::SeriesLane::Pain).is_empty());
    let then = asked(circle.no, "2025-08-16", "2025-08-16");
    assert_eq!(told(&kit, &patient, &then).await.worst(pb::SeriesLane::Pain).len(), 1);
}

/// Days and what is told of the phone on them.
fn contacts(answer: &Told) -> Vec<(String, pb::PhoneContact)> {
    let spans = answer.days.iter().flat_map(|days| &days.phone);
    spans.map(|one| (format!("{} {}", &one.from[5..], &one.to[5..]), one.contact())).collect()
}

pub(crate) async fn a_gap_says_whether_the_phone_was_heard(kit: Kit) {
    use pb::PhoneContact::{CannotTell, Heard, NotHeard};
    const HOUR: u64 = 3_600_000;
    let roles = [Role::Patient, Role::Nurse, Role::Caregiver];
    let circle = kit.circle("d0001", &roles).await;
    let [nurse, caregiver] = [1, 2].map(|i| kit.person(circle.people[i]));
    let request = asked(circle.no, "2025-11-22", "2025-12-05");
    let never = told(&kit, &nurse, &request).await;
    let span = |days: &str, contact| (days.to_owned(), contact);
    assert_eq!(contacts(&never), [span("11-22 12-05", CannotTell)], "no phone ever came");
    assert!(never.head.phone_known_since.is_none());

    let phone = kit.phone(&circle, 0, Role::Patient).await.caller;
    let began_ms = kit.clock.now_ms();
    let come = async || {
        comes(&kit, &phone, circle.no, &[]).await;
        reads::write(&kit.app).await.expect("written");
    };
    // Each time within a day and a night of the last one, then not for five days.
    for hours in [0, 20, 24, 23, 5 * 24] {
        kit.clock.advance(hours * HOUR);
        come().await;
    }
    let answer = told(&kit, &nurse, &request).await;
    let expected = [
        span("11-22 11-23", CannotTell),
        span("11-24 11-27", Heard),
        span("11-28 12-01", NotHeard),
        span("12-02 12-02", Heard),
        span("12-03 12-05", CannotTell),
    ];
    assert_eq!(contacts(&answer), expected);
    let since = answer.head.phone_known_since.expect("since when").seconds;
    assert_eq!(since, (began_ms / 60_000 * 60).cast_signed(), "to the minute");
    // The next day it may still come; a day and a night later it did not.
    kit.clock.advance(23 * HOUR);
    assert_eq!(contacts(&told(&kit, &nurse, &request).await)[4], span("12-03 12-05", CannotTell));
    kit.clock.advance(2 * HOUR);
    assert_eq!(
        contacts(&told(&kit, &nurse, &request).await)[4..6],
        [span("12-03 12-03", NotHeard), span("12-04 12-05", CannotTell)]
    );
    // A clinician's device is no phone of the patient; who is not told of the phone is told nothing.
    let other = kit.phone(&circle, 1, Role::Nurse).await.caller;
    comes(&kit, &other, circle.no, &[]).await;
    reads::write(&kit.app).await.expect("written");
    assert_eq!(contacts(&told(&kit, &nurse, &request).await).len(), 6);
    let theirs = told(&kit, &caregiver, &request).await;
    assert!(contacts(&theirs).is_empty() && theirs.head.phone_known_since.is_none());
}

/// Days of any entry, whatever its type, but none that the reader may not see.
pub(crate) async fn days_with_entries_are_those_that_the_reader_may_read(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let [patient, nurse] = [0, 1].map(|i| kit.person(circle.people[i]));
    let mood = care::MoodEntry { effective_start: at(3), energy: Some(4), ..Default::default() };
    kit.create(&patient, circle.no, 110, &mood).await.expect("made");
    kit.create(&patient, circle.no, FLUID, &drink(1, 200)).await.expect("made");
    kit.create(&patient, circle.no, PAIN, &pain(2, 3)).await.expect("made");
    let steps = care::StepsOfDay {
        device: Some("band".into()),
        date: Some("2025-11-19".into()),
        steps: Some(4_000),
        ..Default::default()
    };
    kit.create(&patient, circle.no, 151, &steps).await.expect("made");
    let wrong = kit.create(&patient, circle.no, PAIN, &pain(6, 10)).await.expect("made");
    let end = record::EndRecordRequest {
        circle: circle.no,
        record_id: wrong.record_id.clone(),
        state: sync::Lifecycle::EnteredInError.into(),
        shown: wrong.shown,
        ..Default::default()
    };
    records::end(&kit.app, &patient, &end).await.expect("ended");
    let weights = vec![pb::SeriesLane::Weight.into()];
    let request = pb::GetSeriesRequest { lanes: weights, ..asked(circle.no, "2025-11-10", TODAY) };
    let days = async |who: &Caller, request: &pb::GetSeriesRequest| {
        let answer = told(&kit, who, request).await;
        let spans = answer.days.iter().flat_map(|days| &days.days_with_entries);
        spans.map(|one| (one.from[5..].to_owned(), one.to[5..].to_owned())).collect::<Vec<_>>()
    };
    assert!(days(&nurse, &request).await.is_empty(), "nobody asked for them");
    let request = pb::GetSeriesRequest { days_with_entries: true, ..request };
    let span = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let all = [span("11-19", "11-19"), span("11-21", "11-23")];
    assert_eq!(days(&nurse, &request).await, all, "whichever lanes were asked for; no mistake");
    let rows = pb_audit::ListAccessRequest { circle: circle.no, account: nurse.account, ..Default::default() };
    let rows = audit::list(&kit.app, &patient, &rows).await.expect("audit").entries;
    let read: Vec<_> = rows.iter().filter(|row| row.action == "series.get").collect();
    assert_eq!((read.len(), read[0].count), (1, 4), "what was told of is in the audit");
    decide(&kit, &patient, circle.no, nurse.account, care::Decision::Deny).await;
    assert_eq!(days(&patient, &request).await, all);
    let left = [span("11-19", "11-19"), span("11-21", "11-21"), span("11-23", "11-23")];
    assert_eq!(days(&nurse, &request).await, left, "a day counts by what may be read alone");
}
