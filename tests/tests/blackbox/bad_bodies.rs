//! Bad input inside a record body: each is refused with its reason and a field path (or kept, where the laws say so),
//! alone: the rest of the push and the server go on.

use bytes::Bytes;
use osteon_proto::{care, sync::record_body::Body};
use osteon_tests::{
    body,
    device::{Device, is_accepted, now_ms, record_id, verdict_word},
};

use crate::support::{entries, goes_on, member, server_with_patient, violations};

/// J01's number in the contracts.
fn pain_number() -> u32 {
    body::type_number(&body::pain(1, 0))
}

/// One field of J01 in wire form: `worst_24h` (5), `site` (9), `onset_date` (22).
fn text_field(number: u32, text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    prost::encoding::encode_key(number, prost::encoding::WireType::LengthDelimited, &mut out);
    prost::encoding::encode_varint(text.len() as u64, &mut out);
    out.extend_from_slice(text);
    out
}

/// Sends one body between two good entries: it alone is refused, with `reason` and a path that holds `path`.
async fn refused_alone(device: &mut Device, body: Bytes, reason: &str, path: &str) {
    let ms = now_ms();
    let (before, after) = (record_id(ms), record_id(ms));
    let changes = vec![
        body::create(before, body::pain(2, ms)),
        body::create(record_id(ms), body),
        body::create(after, body::pain(3, ms)),
    ];
    let verdicts = device.push_urgent(changes).await.expect("push");
    assert_eq!(verdicts.len(), 3, "every change has a verdict");
    assert!(is_accepted(&verdicts[0]) && is_accepted(&verdicts[2]), "the others are accepted");
    assert_eq!(verdict_word(&verdicts[1]), reason);
    let paths = violations(&verdicts[1]);
    assert!(paths.iter().any(|p| p.contains(path)), "{paths:?} should name {path}");
    goes_on(device, &[before, after]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_field_of_the_wrong_wire_type_is_refused_with_its_path() {
    let (_server, mut device) = server_with_patient().await;
    // worst_24h as 8 bytes instead of a varint.
    let mut inner = vec![5 << 3 | 1];
    inner.extend_from_slice(&7u64.to_le_bytes());
    refused_alone(&mut device, body::raw(pain_number(), &inner), "WRONG_WIRE_TYPE", "worst_24h").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_a_number_and_infinity_are_refused() {
    let (_server, mut device) = server_with_patient().await;
    // The contracts have no floating point fields: as such they can only come in the place of another number.
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut inner = vec![5 << 3 | 1];
        inner.extend_from_slice(&number.to_le_bytes());
        refused_alone(&mut device, body::raw(pain_number(), &inner), "WRONG_WIRE_TYPE", "worst_24h").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_singular_field_that_stands_twice_is_refused() {
    let (_server, mut device) = server_with_patient().await;
    let inner = [5 << 3, 3, 5 << 3, 4];
    refused_alone(&mut device, body::raw(pain_number(), &inner), "DUPLICATE_FIELD", "worst_24h").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_one_over_its_limit_is_refused_and_the_limit_itself_is_not() {
    let (_server, mut device) = server_with_patient().await;
    let sites = |n: usize| {
        let inner: Vec<u8> = (0..n).flat_map(|i| text_field(9, format!("site {i}").as_bytes())).collect();
        body::raw(pain_number(), &inner)
    };
    let ms = now_ms();
    let verdicts = device.push_urgent(vec![body::create(record_id(ms), sites(32))]).await.expect("push");
    assert!(is_accepted(&verdicts[0]), "{}", verdict_word(&verdicts[0]));
    refused_alone(&mut device, sites(33), "TOO_MANY_ELEMENTS", "site").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_are_not_utf8_hold_nul_or_are_too_long_are_refused() {
    let (_server, mut device) = server_with_patient().await;
    let number = pain_number();
    refused_alone(&mut device, body::raw(number, &text_field(9, b"le\xffg")), "NOT_UTF8", "site").await;
    refused_alone(&mut device, body::raw(number, &text_field(9, b"le\0g")), "NUL_IN_TEXT", "site").await;
    for control in [b"le\x1b[2Jg".as_slice(), b"le\rg", b"le\x7fg", b"le\xc2\x9bg"] {
        refused_alone(&mut device, body::raw(number, &text_field(9, control)), "CONTROL_IN_TEXT", "site").await;
    }
    let lines = body::create(record_id(now_ms()), body::raw(number, &text_field(9, b"le\n\tg")));
    assert!(is_accepted(&device.push_urgent(vec![lines]).await.expect("push")[0]), "a new line and a tab are text");
    refused_alone(&mut device, body::raw(number, &text_field(9, &[b'a'; 65])), "TEXT_TOO_LONG", "site").await;
    refused_alone(&mut device, body::raw(number, &text_field(22, b"2026-02-30")), "DATE_INVALID", "onset_date").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_out_of_its_hard_range_is_refused() {
    let (_server, mut device) = server_with_patient().await;
    refused_alone(&mut device, body::pain(11, now_ms()), "OUT_OF_RANGE", "worst_24h").await;
}

/// Two days ahead is more than a wrong time zone; four hundred days ago is a long memory.
#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_the_future_or_of_another_century_is_refused() {
    const DAY: u64 = 86_400_000;
    let (_server, mut device) = server_with_patient().await;
    let path = "effective_start";
    refused_alone(&mut device, body::pain(3, now_ms() + 2 * DAY + 60_000), "TIME_IMPOSSIBLE", path).await;
    let long_ago = prost_types::Timestamp { seconds: -2_208_988_801, nanos: 0 };
    let when = care::Moment { at: Some(long_ago), ..Default::default() };
    let entry = care::PainEntry { effective_start: Some(when), worst_24h: Some(3), ..Default::default() };
    refused_alone(&mut device, body::encode(Body::PainEntry(entry)), "TIME_IMPOSSIBLE", path).await;
    let changes = [now_ms() + 2 * DAY - 60_000, now_ms() - 400 * DAY];
    let changes = changes.map(|ms| body::create(record_id(now_ms()), body::pain(3, ms))).to_vec();
    assert!(device.push_urgent(changes).await.expect("push").iter().all(is_accepted));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_exactly_one_record_is_refused() {
    let (_server, mut device) = server_with_patient().await;
    let ms = now_ms();
    let two: Bytes = [body::pain(1, ms), body::pain(2, ms)].concat().into();
    refused_alone(&mut device, two, "MALFORMED_BODY", "body").await;
    // The inner length says more than there is.
    refused_alone(&mut device, body::pain(1, ms).slice(..4), "MALFORMED_BODY", "body").await;
    // A group that never ends.
    refused_alone(&mut device, body::raw(pain_number(), &[99 << 1 | 1, 3, 0x0b]), "MALFORMED_BODY", "body").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_field_is_kept_byte_for_byte_and_not_shown_to_others() {
    let (server, mut device) = server_with_patient().await;
    let nurse = member(&server, &device, "nurse").await;
    let ms = now_ms();
    let record = record_id(ms);
    // Field 900: text; written beside a known one. The overlong varint must survive as it is.
    let secret = b"a word of tomorrow";
    let mut inner = vec![5 << 3, 6];
    inner.extend(text_field(900, secret));
    let verdicts =
        device.push_urgent(vec![body::create(record, body::raw(pain_number(), &inner))]).await.expect("push");
    assert!(is_accepted(&verdicts[0]), "{}", verdict_word(&verdicts[0]));

    let own = device.parts().await.expect("pull");
    let chunk = text_field(900, secret);
    let bodies = own.iter().filter(|part| part.record == record[..]).filter_map(|part| part.body.as_ref());
    let kept = bodies.filter(|body| body.windows(chunk.len()).any(|bytes| bytes == chunk)).count();
    assert_eq!(kept, 1, "the unknown field comes back to its author once");

    let others = nurse.parts().await.expect("pull");
    assert!(others.iter().any(|part| part.record == record[..]), "the known part is shown");
    assert!(!shows(&others, secret), "the unknown field is shown to nobody else");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_record_type_is_kept_byte_for_byte_and_not_shown_to_others() {
    let (server, mut device) = server_with_patient().await;
    let nurse = member(&server, &device, "nurse").await;
    let ms = now_ms();
    let record = record_id(ms);
    let secret = b"content of tomorrow";
    let unknown = body::raw(1999, &text_field(7, secret));
    let verdicts = device.push_urgent(vec![body::create(record, unknown.clone())]).await.expect("push");
    assert!(is_accepted(&verdicts[0]), "{}", verdict_word(&verdicts[0]));

    let own = device.parts().await.expect("pull");
    let part = own.iter().find(|part| part.record == record[..]).expect("the record comes back");
    assert_eq!(part.body.as_ref(), Some(&unknown));
    let others = nurse.parts().await.expect("pull");
    assert!(!others.iter().any(|part| part.record == record[..]) && !shows(&others, secret));
    let earlier = entries(&mut device, 1).await;
    goes_on(&mut device, &earlier).await;
}

fn shows(parts: &[osteon_proto::sync::Part], secret: &[u8]) -> bool {
    parts.iter().any(|part| {
        let bytes = prost::Message::encode_to_vec(part);
        bytes.windows(secret.len()).any(|window| window == secret)
    })
}
