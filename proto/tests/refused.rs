//! What the splitter and the checks refuse, and what their errors say: a field path and a reason, never a value.

use bytes::Bytes;
use osteon_proto::{
    care, check,
    meta::Category,
    reasons::Reason,
    record, split,
    split::{Split, SplitError, close, put_tag, put_varint},
    sync,
    table::{RoleSet, table},
};
use osteon_sync_core::{Key, Keys, Policy, Schema, view};
use prost::Message;

/// Something that must never stand in an error.
const CANARY: &str = "canary-9f3b";

fn refused(number: u32, inner: &[u8]) -> (Reason, String) {
    let body = close(number, inner);
    let e: SplitError = split::split_body(&body).map(|(_, _, s)| s.len()).expect_err("refused");
    assert!(!e.to_string().contains("canary") && !format!("{e:?}").contains("canary"));
    (e.reason, e.path)
}

fn field(number: u32, wire: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_tag(&mut out, number, wire);
    if wire == 2 {
        put_varint(&mut out, payload.len() as u64);
    }
    out.extend_from_slice(payload);
    out
}

fn number_of(type_number: u32, name: &str) -> u32 {
    table().get(type_number).and_then(|t| t.field_by_name(name)).map(|f| f.number).expect("a field")
}

#[test]
fn each_break_of_the_wire_format_has_its_reason() {
    let (worst, onset) = (number_of(101, "worst_24h"), number_of(101, "onset_date"));
    let twice = [field(worst, 0, &[5]), field(worst, 0, &[5])].concat();
    let apart = [field(worst, 0, &[5]), field(onset, 2, b"2026-01-01"), field(worst, 0, &[6])].concat();
    let nul = [CANARY.as_bytes(), &[0]].concat();
    let bad = [CANARY.as_bytes(), &[0xff]].concat();
    let moment_zone = field(1, 2, &field(3, 2, &nul));
    let cases: [(&str, u32, Vec<u8>, Reason, &str); 12] = [
        ("duplicate", 101, twice, Reason::DuplicateField, "pain_entry.worst_24h"),
        ("duplicate apart", 101, apart, Reason::DuplicateField, "pain_entry.worst_24h"),
        ("wire type", 101, field(worst, 2, b"x"), Reason::WrongWireType, "pain_entry.worst_24h"),
        ("utf-8", 101, field(onset, 2, &bad), Reason::NotUtf8, "pain_entry.onset_date"),
        ("nul", 101, field(onset, 2, &nul), Reason::NulInText, "pain_entry.onset_date"),
        ("nested", 101, moment_zone, Reason::NulInText, "pain_entry.effective_start.zone"),
        (
            "too wide",
            101,
            field(worst, 0, &[0x80, 0x80, 0x80, 0x80, 0x10]),
            Reason::MalformedBody,
            "pain_entry.worst_24h",
        ),
        ("cut off", 101, vec![0x28], Reason::MalformedBody, "pain_entry.worst_24h"),
        ("number 0", 101, vec![0x00, 0x01], Reason::MalformedBody, "pain_entry"),
        ("open group", 101, field(900, 3, &[]), Reason::MalformedBody, "pain_entry.#900"),
        ("1 MB", 101, field(onset, 2, &vec![b'a'; 1 << 20]), Reason::TextTooLong, "pain_entry.onset_date"),
        ("unknown type, broken", 1777, vec![0x08], Reason::MalformedBody, "#1777.#1"),
    ];
    for (what, number, inner, reason, path) in cases {
        assert_eq!(refused(number, &inner), (reason, path.into()), "{what}");
    }
}

#[test]
fn bombs_are_refused() {
    // 2,000 empty elements more than a body may have, in two bytes each.
    let items = number_of(103, "items");
    let bomb = field(items, 2, &[]).repeat(split::MAX_OCCURRENCES as usize + 2_000);
    assert_eq!(refused(103, &bomb).0, Reason::TooManyElements);
    let run = field(number_of(103, "gi_after"), 2, &vec![1; split::MAX_OCCURRENCES as usize]);
    assert_eq!(refused(103, &run).0, Reason::TooManyElements);
    let mut deep = Vec::new();
    (0..150).for_each(|_| put_tag(&mut deep, 900, 3));
    (0..150).for_each(|_| put_tag(&mut deep, 900, 4));
    assert_eq!(refused(101, &deep).0, Reason::MalformedBody);
}

#[test]
fn exactly_one_record() {
    let one = close(101, &[]);
    let mut cut = close(101, &[8, 1]);
    cut.pop();
    let scalar = vec![0xa8, 0x06, 0x01];
    for body in [[one.clone(), one.clone()].concat(), cut, scalar, vec![], vec![0xff; 12]] {
        assert_eq!(split::open(&body).expect_err("refused").reason, Reason::MalformedBody);
    }
    // An overlong tag means the same record, and is written anew.
    let overlong = [0xaa, 0x86, 0x00, 0x00];
    let (number, inner) = split::open(&overlong).expect("legal");
    assert_eq!(close(number, inner), one);
}

/// Legal forms of one value, each on its own: all are written in the same one.
#[test]
fn one_value_has_one_form() {
    let who = number_of(244, "who");
    let canonical = field(who, 2, &[1, 2]);
    let forms = [
        [field(who, 2, &[1]), field(who, 2, &[2])].concat(),
        [field(who, 0, &[1]), field(who, 0, &[2])].concat(),
        [field(who, 0, &[1]), field(who, 2, &[]), field(who, 2, &[2])].concat(),
        field(who, 2, &[0x81, 0x00, 2]),
    ];
    let seconds = field(1, 0, &[5]);
    let at = |timestamp: &[u8]| field(1, 2, &field(1, 2, timestamp));
    let zero_nanos = at(&[seconds.clone(), field(2, 0, &[0])].concat());
    let turned = at(&[field(2, 0, &[7]), seconds.clone()].concat());
    let cases = forms.map(|f| (244, f, canonical.clone())).into_iter().chain([
        (101, zero_nanos, at(&seconds)),
        (101, turned, at(&[seconds.clone(), field(2, 0, &[7])].concat())),
        (101, field(number_of(101, "new_or_worse"), 0, &[2]), field(number_of(101, "new_or_worse"), 0, &[1])),
        (101, field(number_of(101, "site"), 2, &[]), field(number_of(101, "site"), 2, &[])),
        (244, field(who, 2, &[]), Vec::new()),
    ]);
    for (number, form, expect) in cases {
        let t = table().get(number).expect("a type");
        let parts = split::split(&t.shape, &form).expect("legal");
        assert_eq!(parts.was_canonical(), form == expect, "{form:?}");
        assert_eq!(split::join(&t.shape, parts.chunks().map(|c| (c.number, c.bytes))), expect, "{form:?}");
    }
}

#[test]
fn elements_of_sets_are_apart_and_ordered() {
    let t = table().get(101).expect("J01");
    let entry = care::PainEntry {
        site: ["b", "a", "b", "c"].map(String::from).into(),
        quality: vec![5, 1, 5],
        ..Default::default()
    };
    let body = entry.encode_to_vec();
    let parts: Split<'_> = split::split(&t.shape, &body).expect("good");
    let seen: Vec<(u32, bool, &[u8])> = parts.chunks().map(|c| (c.number, c.element, c.bytes)).collect();
    let (site, quality) = (number_of(101, "site"), number_of(101, "quality"));
    let texts: Vec<Vec<u8>> = ["a", "b", "c"].iter().map(|s| field(site, 2, s.as_bytes())).collect();
    let (one, five) = (field(quality, 2, &[1]), field(quality, 2, &[5]));
    let expect: Vec<(u32, bool, &[u8])> = vec![
        (site, true, &texts[0]),
        (site, true, &texts[1]),
        (site, true, &texts[2]),
        (quality, true, &one),
        (quality, true, &five),
    ];
    assert_eq!(seen, expect);
    let joined = split::join(&t.shape, parts.chunks().map(|c| (c.number, c.bytes)));
    let back = care::PainEntry::decode(joined.as_slice()).expect("decodes");
    assert!(back.site == ["a", "b", "c"] && back.quality == [1, 5]);
    // A removal may name an element unpacked, as some encoders write it.
    let unpacked = field(quality, 0, &[5]);
    let single = split::single(&t.shape, quality, &unpacked).expect("one element");
    assert_eq!(single.as_ref(), five);
    assert!(split::single(&t.shape, site, &five).is_err());
}

fn violations(number: u32, message: &impl Message) -> Vec<(String, Reason)> {
    let t = table().get(number).expect("a type");
    let body = message.encode_to_vec();
    let parts = split::split(&t.shape, &body).expect("well-formed");
    let found = check::check_body(t, parts.chunks().map(|c| (c.number, c.bytes))).err().unwrap_or_default();
    assert!(!format!("{found:?}").contains("canary"));
    found.into_iter().map(|v| (v.path, v.reason)).collect()
}

#[test]
fn checks_name_the_field() {
    let moment = |seconds| care::Moment {
        at: Some(prost_types::Timestamp { seconds, nanos: 0 }),
        utc_offset_min: Some(900),
        zone: None,
    };
    let pain = care::PainEntry {
        worst_24h: Some(11),
        now: Some(10),
        onset_date: Some("2026-02-30".into()),
        effective_start: Some(moment(i64::MAX)),
        taken_for_it: vec![CANARY.repeat(20)],
        quality: (0..17).collect(),
        ..Default::default()
    };
    let expect = [
        ("pain_entry.effective_start.at", Reason::InstantInvalid),
        ("pain_entry.effective_start.utc_offset_min", Reason::OutOfRange),
        ("pain_entry.worst_24h", Reason::OutOfRange),
        ("pain_entry.quality", Reason::TooManyElements),
        ("pain_entry.onset_date", Reason::DateInvalid),
        ("pain_entry.taken_for_it", Reason::TextTooLong),
    ];
    assert_eq!(violations(101, &pain), expect.map(|(p, r)| (p.to_string(), r)));
    let meal = care::Meal {
        energy: Some(1),
        items: vec![care::MealItem { amount_g: Some(30_001), ..Default::default() }],
        ..Default::default()
    };
    let expect = [("meal.items.amount_g", Reason::OutOfRange), ("meal.energy", Reason::DerivedField)];
    assert_eq!(violations(103, &meal), expect.map(|(p, r)| (p.to_string(), r)));
    assert!(violations(101, &care::PainEntry { worst_24h: Some(10), ..Default::default() }).is_empty());
}

#[test]
fn results_have_the_range_of_their_analyte() {
    let calcium = |value, unit: &str| care::LaboratoryResult {
        analyte: Some("2000-8".into()),
        value: Some(value),
        unit: Some(unit.into()),
        ..Default::default()
    };
    assert!(violations(120, &calcium(24_000, "mmol/L")).is_empty());
    assert!(violations(120, &calcium(96_000, "mg/dL")).is_empty());
    let out = vec![("laboratory_result.value".to_string(), Reason::OutOfRange)];
    assert_eq!(violations(120, &calcium(45_001, "mmol/L")), out);
    assert_eq!(violations(120, &calcium(9_999, "mmol/L")), out);
}

#[test]
fn keys_compare_what_policies_compare() {
    let plan = table().get(201).expect("P-EX");
    let key = |field: &str, message: care::ExercisePlan| {
        let body = message.encode_to_vec();
        let parts = split::split(&plan.shape, &body).expect("good");
        let n = number_of(201, field);
        let chunk = parts.chunks().find(|c| c.number == n).expect("written");
        plan.key(n, chunk.bytes)
    };
    let clearance = |n| key("clearance", care::ExercisePlan { clearance: Some(n), ..Default::default() });
    assert_eq!(clearance(care::ExerciseClearance::Hold as i32), Key::Rank(0));
    assert_eq!(clearance(care::ExerciseClearance::Unrestricted as i32), Key::Rank(3));
    assert_eq!(clearance(77), Key::Unknown);
    assert_eq!(clearance(0), Key::Unknown);
    let review = |d: &str| key("next_review", care::ExercisePlan { next_review: Some(d.into()), ..Default::default() });
    assert!(review("2026-01-31") < review("2026-02-01"));
    assert_eq!(key("lift_max_kg", care::ExercisePlan { lift_max_kg: Some(30), ..Default::default() }), Key::Int(30));
    assert_eq!(
        plan.policy(number_of(201, "lift_max_kg")),
        Policy::MostRestrictive { order: view::Order::Min, asks: true }
    );
    let grant = table().get(263).expect("P-CIRCLE.grant");
    let decision = |d: care::Decision| {
        let body = care::Grant { decision: Some(d as i32), ..Default::default() }.encode_to_vec();
        grant.key(number_of(263, "decision"), &body)
    };
    assert_eq!((decision(care::Decision::Allow), decision(care::Decision::Deny)), (Key::ALLOW, Key::DENY));
}

#[test]
fn labels_follow_field_and_choice() {
    let of = |t, field, choice| table().label_of(t, number_of(t, field), choice, 5).map(|l| l.to_string());
    assert_eq!(of(101, "now", 0).as_deref(), Ok("C06"));
    assert_eq!(of(231, "agent", 0).as_deref(), Ok("C04"));
    assert_eq!(of(231, "dental_clearance", 0).as_deref(), Ok("C13"));
    assert_eq!(of(120, "value", 1).as_deref(), Ok("C05"));
    assert_eq!(of(120, "value", 2).as_deref(), Ok("C03"));
    assert!(of(120, "value", 0).is_err() && of(120, "value", 3).is_err() && of(101, "now", 1).is_err());
    assert_eq!(of(261, "team_line", 0).as_deref(), Ok("ALL"));
    assert_eq!(table().label_of(101, 900, 0, 5).map(|l| l.to_string()).as_deref(), Ok("UNKNOWN:5"));
    assert_eq!(table().label_of(1999, 1, 0, 5).map(|l| l.to_string()).as_deref(), Ok("UNKNOWN:5"));
    let bone = table().get(231).expect("P-BONE");
    let labels = bone.labels(0, 5).expect("two parts");
    assert_eq!(labels.iter().map(|l| l.categories().count()).sum::<usize>(), 2);
    assert!(labels[0].categories().eq([Category::C04Medicines]));
    let lab = table().get(120).expect("J20");
    assert!(lab.creators_of(2) == RoleSet(lab.creators_of(1).0 & !(1 << 1)));
}

/// Holders of a body have bytes, so that unknown types and fields survive; Debug never prints a value.
#[test]
fn bodies_are_bytes_and_debug_is_silent() {
    let entry = care::PainEntry { taken_for_it: vec![CANARY.into()], ..Default::default() };
    let write = sync::RecordWrite {
        body: Some(Bytes::from(close(101, &entry.encode_to_vec()))),
        record: Bytes::from_static(CANARY.as_bytes()),
        ..Default::default()
    };
    let body: &Option<Bytes> = &write.body;
    assert!(body.is_some());
    let view = record::VersionView { value: body.clone(), ..Default::default() };
    let verdict =
        sync::verdict::Verdict::Refused(sync::verdict::Refused { reason: CANARY.into(), ..Default::default() });
    for text in [format!("{entry:?}"), format!("{write:?}"), format!("{view:?}"), format!("{verdict:?}")] {
        assert!(!text.contains("canary") && text.ends_with(" bytes)"), "{text}");
    }
    let change = sync::Change { writes: vec![write], ..Default::default() };
    let sent = change.encode_to_vec();
    assert_eq!(sync::Change::decode(sent.as_slice()).map(|c| c.encode_to_vec()).ok(), Some(sent));
}
