//! Bad input on the use cases: each gets its reason, nothing of it stays.

use osteon_proto::{care, meta::Role, split, sync};
use osteon_server::{
    app::{enrol, explain, export, push},
    error::{Error, Reason},
    limits,
};
use prost::Message;

use crate::fixture::*;

fn pain(n: u32) -> care::PainEntry {
    care::PainEntry { worst_24h: Some(n), ..Default::default() }
}

pub(crate) async fn dots_that_never_were(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let nurse = kit.phone(&circle, 1, Role::Nurse).await;
    let id = kit.id();
    sequence(&kit.write(&mut phone, circle.no, create(id, 101, &pain(3))).await);
    let number = field(&kit.get(&phone.caller, circle.no, id).await.expect("read"), "worst_24h").field;
    let dot = |epoch, replica, counter| sync::Dot { epoch, replica, counter };
    let own = phone.lanes[0].replica.n;
    for (what, named) in [
        ("of another replica, past its chain", wire_dot(&nurse, 0, 9)),
        ("of nobody", dot(1, 4711, 1)),
        ("of the future", dot(1, own, 99)),
        ("of a coming epoch", dot(2, own, 1)),
        ("of the server, past its chain", dot(1, 0, 99)),
        ("without a number", dot(1, own, 0)),
    ] {
        let verdict = kit.write(&mut phone, circle.no, edit(id, 101, &pain(4), number, vec![named])).await;
        assert_eq!(said(&verdict), format!("UNKNOWN_DOT writes[0].{number}"), "{what}");
    }
    // A device's own other lane is waited for.
    let verdicts = kit
        .send(
            &phone,
            kit.request(
                &phone,
                circle.no,
                0,
                vec![kit.change(vec![edit(id, 101, &pain(4), number, vec![wire_dot(&phone, 1, 1)])])],
            ),
        )
        .await;
    assert_eq!(said(&verdicts[0]), "later WAITS_FOR_OTHER_LANE");
    let foreign = sync::PushRequest { replica: nurse.lanes[0].replica.n, ..kit.request(&phone, circle.no, 0, vec![]) };
    assert_eq!(reason(push::push(&kit.app, &phone.caller, foreign, 1).await), Reason::NotFound);
    for first_counter in [0, u64::MAX] {
        let changes = vec![kit.change(vec![create(kit.id(), 101, &pain(1))]); 2];
        let odd = sync::PushRequest { first_counter, ..kit.request(&phone, circle.no, 0, changes) };
        assert_eq!(reason(push::push(&kit.app, &phone.caller, odd, 1).await), Reason::ArgumentInvalid);
    }
    let many = vec![sync::Change::default(); limits::CHANGES_PER_PUSH.usize() + 1];
    let many = kit.request(&phone, circle.no, 0, many);
    let refused = push::push(&kit.app, &phone.caller, many, 1).await.expect_err("too many");
    assert_eq!((refused.reason(), refused.limit_name()), (Reason::LimitExceeded, Some("CHANGES_PER_PUSH")));
}

pub(crate) async fn clocks(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    for (ms, lowered) in [(1, false), (NOW + 60_000, false), (NOW + 360_000, true), (u64::MAX, true)] {
        let (id, mut change) = (kit.id(), kit.change(vec![]));
        change.writes = vec![create(id, 101, &pain(3))];
        change.clock_ms = ms;
        let verdict = kit.push(&mut phone, circle.no, change).await;
        let Some(sync::verdict::Verdict::Accepted(accepted)) = verdict.verdict else { panic!("{}", said(&verdict)) };
        assert_eq!(accepted.clock_lowered, lowered, "{ms}");
        let view = kit.get(&phone.caller, circle.no, id).await.expect("read");
        let written = field(&view, "worst_24h").versions[0].written.expect("written");
        let expected = if lowered { NOW / 1_000 } else { ms / 1_000 };
        assert!(written.seconds.abs_diff(expected as i64) <= 1, "{ms}");
    }
    let mut change = kit.change(vec![create(kit.id(), 101, &pain(3))]);
    change.clock_ms = 0;
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "CLOCK_INVALID clock_ms");
}

/// An entry that happens so much later than now.
fn later_than(kit: &Kit, ms: u64) -> care::PainEntry {
    let at = Some(enrol::timestamp(kit.app.now_ms() + ms));
    care::PainEntry { effective_start: Some(care::Moment { at, ..Default::default() }), ..pain(1) }
}

/// RecordService asks the same, and names the same fields.
pub(crate) async fn bad_texts_and_times_online(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let patient = kit.person(circle.people[0]);
    let create = async |entry: care::PainEntry| kit.create(&patient, circle.no, 101, &entry).await;
    let path = |error: &Error| error.violations().first().map(|violation| violation.field.clone());
    let late = create(later_than(&kit, 2 * DAY + 1_000)).await.expect_err("the day after tomorrow");
    assert_eq!(late.reason(), Reason::TimeImpossible);
    assert_eq!(path(&late).as_deref(), Some("writes[0].body.pain_entry.effective_start"));
    create(later_than(&kit, 2 * DAY - 1_000)).await.expect("tomorrow, in another time zone");
    let text = care::PainEntry { site: vec!["le\u{9b}g".into()], ..pain(1) };
    let control = create(text).await.expect_err("a control character");
    assert_eq!(control.reason(), Reason::ControlInText);
    assert_eq!(path(&control).as_deref(), Some("writes[0].body.pain_entry.site"));
}

/// The same reason at the same field, whether it comes by Push or by RecordService.
pub(crate) async fn what_cannot_be_is_refused_everywhere(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let mut phone = kit.phone(&circle, 1, Role::Nurse).await;
    let at = |ms: u64| care::Moment { at: Some(enrol::timestamp(ms)), ..Default::default() };
    let zoned = |zone: &str| care::Moment { zone: Some(zone.into()), ..at(NOW) };
    let onset = |day: &str| care::PainEntry { onset_date: Some(day.into()), ..pain(1) };
    let lab = |analyte: &str, unit: Option<&str>| care::LaboratoryResult {
        analyte: Some(analyte.into()),
        value: Some(-25_000),
        unit: unit.map(Into::into),
        specimen_time: Some(at(NOW)),
        ..Default::default()
    };
    let mouth = care::MouthCheck {
        signs: vec![care::MouthSign::None.into(), care::MouthSign::Pus.into()],
        ..Default::default()
    };
    let backwards =
        care::PainEntry { effective_start: Some(at(NOW)), effective_end: Some(at(NOW - 60_000)), ..pain(1) };
    let cases: Vec<(u32, Vec<u8>, &str)> = vec![
        (101, later_than(&kit, 2 * DAY + 60_000).encode_to_vec(), "TIME_IMPOSSIBLE pain_entry.effective_start"),
        (101, backwards.encode_to_vec(), "TIME_IMPOSSIBLE pain_entry.effective_end"),
        (
            101,
            care::PainEntry { effective_start: Some(zoned("Mars/Olympus")), ..pain(1) }.encode_to_vec(),
            "ZONE_UNKNOWN pain_entry.effective_start.zone",
        ),
        (101, onset("1800").encode_to_vec(), "DATE_INVALID pain_entry.onset_date"),
        (101, onset("2025-02-30").encode_to_vec(), "DATE_INVALID pain_entry.onset_date"),
        (101, onset("1800-01-01").encode_to_vec(), "TIME_IMPOSSIBLE pain_entry.onset_date"),
        (101, onset("2400-01-01").encode_to_vec(), "TIME_IMPOSSIBLE pain_entry.onset_date"),
        (115, mouth.encode_to_vec(), "FLAGS_CONTRADICT mouth_check.signs"),
        (120, lab("2000-8", None).encode_to_vec(), "UNIT_MISSING laboratory_result.unit"),
        (120, lab("t_score_forehead", Some("{T-score}")).encode_to_vec(), "SITE_UNKNOWN laboratory_result.analyte"),
    ];
    let person = phone.caller;
    for (number, inner, expected) in cases {
        let (reason_of, path) = expected.split_once(' ').expect("two words");
        let id = kit.id();
        let mut write = create(id, number, &pain(1));
        write.body = Some(split::close(number, &inner).into());
        write.label_choice = u32::from(number == 120);
        let pushed = said(&kit.write(&mut phone, circle.no, write.clone()).await);
        assert_eq!(pushed, format!("{reason_of} writes[0].body.{path}"));
        let request = osteon_proto::record::CreateRecordRequest {
            circle: circle.no,
            body: write.body,
            label_choice: write.label_choice,
            ..Default::default()
        };
        let online = osteon_server::app::records::create(&kit.app, &person, &request).await.expect_err(expected);
        let first = online.violations().first().expect("a field");
        assert_eq!(format!("{} {}", online.reason().as_str(), first.field), pushed, "RecordService says the same");
        assert_eq!(reason(kit.get(&person, circle.no, id).await), Reason::NotFound, "nothing of it stays");
    }
    // What is near is taken: a zone that exists, an onset of next week, an end at the beginning, an entry of long ago.
    let good = care::PainEntry {
        effective_start: Some(zoned("Europe/Berlin")),
        effective_end: Some(at(NOW)),
        ..onset("2025-11-30")
    };
    let long_ago = care::PainEntry { effective_start: Some(at(NOW - 400 * DAY)), ..pain(1) };
    for entry in [good, long_ago] {
        sequence(&kit.write(&mut phone, circle.no, create(kit.id(), 101, &entry)).await);
    }
}

pub(crate) async fn bad_bodies(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let number = osteon_proto::table::table().get(101).expect("type").field_by_name("worst_24h").expect("field").number;
    let tag = |wire: u32| u8::try_from(number << 3 | wire).expect("a one byte tag");
    let whole = |inner: &[u8]| split::close(101, inner);
    let long = care::SharedGoal { statement: Some("x".repeat(1 << 17)), ..Default::default() }.encode_to_vec();
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("WRONG_WIRE_TYPE", whole(&[tag(2), 1, 7])),
        ("DUPLICATE_FIELD", whole(&[tag(0), 3, tag(0), 4])),
        ("MALFORMED_BODY", vec![0xaa, 0x06, 0xff]),
        ("MALFORMED_BODY", [whole(&[tag(0), 3]), whole(&[tag(0), 3])].concat()),
        ("OUT_OF_RANGE", whole(&[tag(0), 99])),
        ("CONTROL_IN_TEXT", whole(&care::PainEntry { site: vec!["le\u{1b}g".into()], ..pain(1) }.encode_to_vec())),
        ("TIME_IMPOSSIBLE", whole(&later_than(&kit, 2 * DAY + 1_000).encode_to_vec())),
        ("LIMIT_EXCEEDED", split::close(241, &long)),
        ("WRONG_RECORD_TYPE", vec![]),
    ];
    for (expected, bytes) in bodies {
        let (id, mut write) = (kit.id(), create([0; 16], 101, &pain(1)));
        write.record = id.to_vec().into();
        write.body = Some(bytes.into());
        let verdict = kit.write(&mut phone, circle.no, write).await;
        assert!(said(&verdict).starts_with(expected), "{expected}: {}", said(&verdict));
        assert_eq!(reason(kit.get(&phone.caller, circle.no, id).await), Reason::NotFound, "nothing of it stays");
        // What was written to it later depends on a creation that was refused.
        let later = edit(id, 101, &pain(2), number, vec![]);
        assert_eq!(said(&kit.write(&mut phone, circle.no, later).await), "DEPENDS_ON_REFUSED writes[0]", "{expected}");
    }
    let mut short = create([0; 16], 101, &pain(1));
    short.record = vec![1, 2, 3].into();
    assert_eq!(said(&kit.write(&mut phone, circle.no, short).await), "RECORD_ID_INVALID writes[0].record");
    let twice = create(kit.id(), 101, &pain(1));
    let change = kit.change(vec![twice.clone(), twice]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "DUPLICATE_WRITE writes[1].record");
    let empty = kit.change(vec![]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, empty).await), "EMPTY_CHANGE writes");
    let wide = kit.change(vec![create(kit.id(), 101, &pain(1)); limits::WRITES_PER_CHANGE.usize() + 1]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, wide).await), "LIMIT_EXCEEDED writes");
    // The lane goes on.
    sequence(&kit.write(&mut phone, circle.no, create(kit.id(), 101, &pain(1))).await);
}

/// The name of the limit that a refusal of one change names.
fn limit_of(verdict: &sync::Verdict) -> String {
    match &verdict.verdict {
        Some(sync::verdict::Verdict::Refused(refused)) if refused.reason == "LIMIT_EXCEEDED" => {
            refused.violations.iter().map(|v| v.reason.clone()).collect()
        }
        _ => panic!("{}", said(verdict)),
    }
}

/// What stands in a part is bounded, and what of it the server does not know; each limit is answered by its name.
pub(crate) async fn what_a_part_may_hold(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let wide = kit.change(vec![create(kit.id(), 101, &pain(1)); limits::WRITES_PER_CHANGE.usize() + 1]);
    assert_eq!(limit_of(&kit.push(&mut phone, circle.no, wide).await), "WRITES_PER_CHANGE");

    // Fields that the server does not know, beside one that it knows: some are kept, one too much is not.
    let unknown = |n: u32, len: usize| {
        let mut inner = pain(1).encode_to_vec();
        prost::encoding::bytes::encode(n, &vec![7u8; len], &mut inner);
        osteon_proto::split::close(101, &inner)
    };
    let id = kit.id();
    let at_once = limits::UNKNOWN_BYTES.usize() / 2;
    let mut write = create(id, 101, &pain(1));
    write.body = Some(unknown(900, at_once).into());
    sequence(&kit.write(&mut phone, circle.no, write.clone()).await);
    let mut more = sync::RecordWrite { create: false, ..write.clone() };
    let mut inner = Vec::new();
    prost::encoding::bytes::encode(901, &vec![7u8; at_once], &mut inner);
    more.body = Some(osteon_proto::split::close(101, &inner).into());
    assert_eq!(limit_of(&kit.write(&mut phone, circle.no, more).await), "UNKNOWN_BYTES");
    let mut alone = create(kit.id(), 101, &pain(1));
    alone.body = Some(unknown(900, limits::UNKNOWN_BYTES.usize() + 1).into());
    assert_eq!(limit_of(&kit.write(&mut phone, circle.no, alone).await), "UNKNOWN_BYTES");

    // A record type that the server does not know grows until its part is full, and no further.
    let id = kit.id();
    let body = |n: u32| {
        let mut inner = Vec::new();
        prost::encoding::bytes::encode(n, &vec![7u8; limits::BODY_BYTES.usize() - 16], &mut inner);
        prost::bytes::Bytes::from(osteon_proto::split::close(1_999, &inner))
    };
    let mut told = Vec::new();
    for n in 1..=17 {
        let write =
            sync::RecordWrite { record: id.to_vec().into(), body: Some(body(n)), create: n == 1, ..Default::default() };
        let verdict = kit.write(&mut phone, circle.no, write).await;
        told.push(if said(&verdict) == "accepted" { said(&verdict) } else { limit_of(&verdict) });
    }
    assert_eq!(told.iter().filter(|word| *word == "accepted").count(), 15, "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("PART_BYTES"));
    // Whoever reads it reads it whole.
    let page = kit.page(&phone.caller, circle.no, &[]).await.expect("page");
    assert!(holds(&page, id));
}

/// A record that was changed for years is read back as far as the limit goes, and that is said.
pub(crate) async fn a_long_history_is_cut(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let id = kit.id();
    let number = osteon_proto::table::table().get(101).expect("type").field_by_name("worst_24h").expect("field").number;
    sequence(&kit.write(&mut phone, circle.no, create(id, 101, &pain(1))).await);
    let ask =
        osteon_proto::record::ExplainRecordRequest { circle: circle.no, record_id: text(id), fields: vec![number] };
    let told = explain::explain(&kit.app, &phone.caller, &ask).await.expect("explained");
    assert!(!told.history_cut);
    let edits = limits::HISTORY_CHANGES.max + 20;
    let change = |n: u64| {
        let replaces = vec![wire_dot(&phone, 0, n)];
        kit.change(vec![edit(id, 101, &pain(u32::try_from(n % 10).expect("small")), number, replaces)])
    };
    let request = kit.request(&phone, circle.no, 0, (1..=edits).map(change).collect());
    let verdicts = kit.send(&phone, request).await;
    assert!(verdicts.iter().all(|v| said(v) == "accepted") && verdicts.len() as u64 == edits);
    let told = explain::explain(&kit.app, &phone.caller, &ask).await.expect("explained");
    assert!(told.history_cut);
    let history = &told.fields[0].history;
    // And the creation, of which the lifecycle is live.
    assert_eq!(history.len() as u64, limits::HISTORY_CHANGES.max + 1);
    assert_eq!(history.last().and_then(|v| v.dot).map(|d| d.counter), Some(edits + 1), "the newest");
    assert!(kit.get(&phone.caller, circle.no, id).await.is_ok());
}

/// The same in bytes: an answer has room for so much, whatever was written.
pub(crate) async fn a_history_of_long_texts_is_cut(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let id = kit.id();
    let fears = osteon_proto::table::table().get(241).expect("type").field_by_name("fears").expect("field").number;
    let goal =
        |n: u64| care::SharedGoal { fears: Some(format!("{n:04}{}", "€".repeat(3_996))), ..Default::default() };
    sequence(&kit.write(&mut phone, circle.no, create(id, 241, &goal(0))).await);
    let edits = 400;
    let change = |n: u64| kit.change(vec![edit(id, 241, &goal(n), fears, vec![wire_dot(&phone, 0, n)])]);
    let request = kit.request(&phone, circle.no, 0, (1..=edits).map(change).collect());
    assert!(kit.send(&phone, request).await.iter().all(|v| said(v) == "accepted"));
    let ask = |fields: &[u32]| osteon_proto::record::ExplainRecordRequest {
        circle: circle.no,
        record_id: text(id),
        fields: fields.to_vec(),
    };
    let counters = |told: &osteon_proto::record::ExplainRecordResponse| -> Vec<u64> {
        let field = told.fields.iter().find(|field| field.view.as_ref().is_some_and(|view| view.field == fears));
        field.expect("the field").history.iter().map(|v| v.dot.expect("a dot").counter).collect()
    };
    let told = explain::explain(&kit.app, &phone.caller, &ask(&[])).await.expect("explained");
    let newest = counters(&told);
    let bytes = newest.len() * 12_000;
    assert!(told.history_cut && bytes > 1_000_000 && bytes < 1_400_000, "{} of {edits}", newest.len());
    assert_eq!(newest.last(), Some(&(edits + 1)));
    assert!(newest.is_sorted() && newest.windows(2).skip(1).all(|two| two[0] + 1 == two[1]), "no hole: {newest:?}");

    // Where a dispute asks what was agreed the whole history is at hand. Still no answer is longer than it may be, and what
    // is live is always told.
    let mut other = kit.phone(&circle, 0, Role::Patient).await;
    let first = vec![wire_dot(&phone, 0, edits)];
    sequence(&kit.write(&mut other, circle.no, edit(id, 241, &goal(9_999), fears, first)).await);
    let told = explain::explain(&kit.app, &phone.caller, &ask(&[fears])).await.expect("explained");
    let limit = limits::EXPLAIN_BYTES.usize();
    assert!(told.history_cut && told.encoded_len() <= limit && told.encoded_len() > limit - 30_000);
    let live = told.fields[0].history.iter().filter(|version| version.live).count();
    assert_eq!((live, told.fields[0].view.as_ref().map(|view| view.versions.len())), (2, Some(2)));
    // The patient's own copy takes the same bound a record.
    let request = osteon_proto::export::ExportPatientRequest { circle: circle.no, ..Default::default() };
    let page = export::export(&kit.app, &phone.caller, &request).await.expect("a page");
    let records = page.items.iter().filter_map(|item| match &item.item {
        Some(osteon_proto::export::export_item::Item::Record(record)) => Some(record),
        _ => None,
    });
    let cut: Vec<_> = records.filter(|record| record.history_cut).collect();
    assert_eq!(cut.len(), 1);
    assert!(cut[0].encoded_len() <= limit);
}

pub(crate) async fn append_only_and_too_many_versions(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let (goal, step) = (kit.id(), kit.id());
    let walk = care::SharedGoal { statement: Some("walk".into()), ..Default::default() };
    sequence(&kit.write(&mut phone, circle.no, create(goal, 241, &walk)).await);
    let progress =
        |s: &str| care::Progress { parent: Some(goal.to_vec().into()), text: Some(s.into()), ..Default::default() };
    sequence(&kit.write(&mut phone, circle.no, create(step, 243, &progress("a mile"))).await);
    let again = sync::RecordWrite { create: false, ..create(step, 243, &progress("two miles")) };
    assert_eq!(said(&kit.write(&mut phone, circle.no, again).await), "APPEND_ONLY_RECORD writes[0]");

    let id = kit.id();
    sequence(&kit.write(&mut phone, circle.no, create(id, 241, &walk)).await);
    let number =
        osteon_proto::table::table().get(241).expect("type").field_by_name("importance").expect("field").number;
    let mut last = String::new();
    for n in 0..33 {
        let goal = care::SharedGoal { importance: Some(n % 10), ..Default::default() };
        let write = edit(id, 241, &goal, number, vec![]);
        last = said(&kit.write(&mut phone, circle.no, write).await);
        if n < 32 {
            assert_eq!(last, "accepted", "{n}");
        }
    }
    assert_eq!(last, format!("TOO_MANY_VERSIONS writes[0].{number}"));
}

/// Whoever may not write under a label is told the same whether a record is there or not, in whatever order they try.
pub(crate) async fn an_obstacle_is_told_to_whoever_may_write_there(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Nurse]).await;
    let mut physio = kit.phone(&circle, 1, Role::Physiotherapist).await;
    let mut nurse = kit.phone(&circle, 2, Role::Nurse).await;
    let result = care::LaboratoryResult {
        analyte: Some("1751-7".into()),
        value: Some(410_000),
        unit: Some("g/L".into()),
        ..Default::default()
    };
    let laboratory = 1;
    let made = kit.create_under(&nurse.caller, circle.no, 120, laboratory, &result).await.expect("made");
    let second = |id, again: bool| sync::RecordWrite {
        create: again,
        label_choice: laboratory,
        r#type: 120,
        ..create(id, 120, &result)
    };
    let mut told = Vec::new();
    for id in [id_of(&made), kit.id()] {
        let mut said_of = Vec::new();
        for again in [false, true, false] {
            said_of.push(said(&kit.write(&mut physio, circle.no, second(id, again)).await));
        }
        told.push(said_of);
    }
    assert_eq!(told[0], told[1], "it takes no second write, which is nothing to those who may not see it");
    assert!(told[0].iter().all(|word| word != "accepted"), "{told:?}");
    let own = said(&kit.write(&mut nurse, circle.no, second(id_of(&made), false)).await);
    assert_eq!(own, "APPEND_ONLY_RECORD writes[0]");
}

pub(crate) async fn an_id_belongs_to_one_type(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let id = kit.id();
    sequence(&kit.write(&mut phone, circle.no, create(id, 101, &pain(1))).await);
    let other = create(id, 241, &care::SharedGoal { statement: Some("walk".into()), ..Default::default() });
    assert_eq!(said(&kit.write(&mut phone, circle.no, other).await), "WRONG_RECORD_TYPE writes[0].record");
    // An edit of what was never created is kept, and not shown.
    let (lost, number) =
        (kit.id(), field(&kit.get(&phone.caller, circle.no, id).await.expect("read"), "worst_24h").field);
    sequence(&kit.write(&mut phone, circle.no, edit(lost, 101, &pain(2), number, vec![])).await);
    assert_eq!(reason(kit.get(&phone.caller, circle.no, lost).await), Reason::NotFound);
    let page = kit.page(&phone.caller, circle.no, &[]).await.expect("page");
    assert!(parts(&page).iter().any(|(_, part)| part.record.as_ref() == lost && part.incomplete));
}
