//! A part beside the laws: versions that come back by offer, aliases, the limit of 32, digests, contents, sizes.

mod common;

use common::{Site, Small, any_changes, config, dot, interleave};
use osteon_sync_core::{
    Author, Chains, Change, Clock, Dot, Field, FieldRef, FieldWrite, Known, Note, Part, PartId, PartWrite, Put,
    RecordId, Role, TooManyVersions, content, digest, limits,
};
use proptest::prelude::*;

fn put(number: u32, chunk: &[u8], replaces: &[Dot]) -> FieldWrite {
    let put = Some(Put::Value(chunk.into()));
    FieldWrite { field: Field::register(number), put, replaces: replaces.to_vec(), covers: vec![] }
}

fn small(dot: Dot, writes: Vec<FieldWrite>) -> Small {
    let author = Author { account: dot.replica.n.into(), role: Role(1) };
    Small { dot, clock: Clock { ms: dot.counter, logical: 0 }, author, writes }
}

fn live(part: &Part, number: u32) -> Vec<Dot> {
    part.versions(FieldRef::register(number)).map(|v| v.dot).collect()
}

#[test]
fn a_lost_version_comes_back_by_offer_and_is_applied_once() {
    let lost = small(dot(1, 1), vec![put(1, b"a", &[])]);
    let mut site = Site::default();
    assert!(site.part.offer(lost.origin(), &lost.writes[0], &site.chains));
    assert!(!site.part.offer(lost.origin(), &lost.writes[0], &site.chains), "a second offer is nothing new");
    // Replaced while its chain has not come: no longer live, and remembered as gone.
    site.deliver(&small(dot(2, 1), vec![put(1, b"b", &[dot(1, 1)])]));
    assert_eq!((live(&site.part, 1), site.part.gone().count()), (vec![dot(2, 1)], 1));
    assert!(!site.part.offer(lost.origin(), &lost.writes[0], &site.chains), "what is gone does not come back");
    site.deliver(&lost);
    assert_eq!((live(&site.part, 1), site.part.gone().count()), (vec![dot(2, 1)], 0));
    assert!(!site.part.offer(lost.origin(), &lost.writes[0], &site.chains), "processed: live or in the history");
}

#[test]
fn an_offer_and_its_own_change_are_one_version() {
    let lost = small(dot(1, 1), vec![put(1, b"a", &[])]);
    let (mut offered, plain) = (Site::default(), Site::all([&lost]));
    offered.part.offer(lost.origin(), &lost.writes[0], &offered.chains);
    offered.deliver(&lost);
    assert_eq!(offered.part.encode(), plain.part.encode());
}

#[test]
fn a_change_sent_again_under_another_number_is_named_by_both() {
    let mut site = Site::all([&small(dot(1, 1), vec![put(1, b"a", &[])])]);
    // Somebody names the later number before the server has learned that it is the same change.
    site.deliver(&small(dot(2, 1), vec![put(1, b"b", &[dot(7, 1)])]));
    assert_eq!((live(&site.part, 1), site.part.gone().count()), (vec![dot(1, 1), dot(2, 1)], 1));
    site.chains.alias(dot(7, 1), dot(1, 1));
    site.part.alias(dot(7, 1), dot(1, 1));
    assert_eq!((live(&site.part, 1), site.part.gone().count()), (vec![dot(2, 1)], 0));
    // And afterwards.
    let mut site = Site::all([&small(dot(1, 1), vec![put(1, b"a", &[])])]);
    site.chains.alias(dot(7, 1), dot(1, 1));
    site.deliver(&small(dot(2, 1), vec![put(1, b"b", &[dot(7, 1)])]));
    assert_eq!((live(&site.part, 1), site.part.gone().count()), (vec![dot(2, 1)], 0));
}

#[test]
fn aliases_of_aliases_end_at_one_number() {
    let mut chains = Chains::default();
    chains.alias(dot(1, 1), dot(2, 1));
    chains.alias(dot(2, 1), dot(3, 1));
    chains.alias(dot(4, 1), dot(1, 1));
    chains.alias(dot(3, 1), dot(4, 1));
    for n in 1..5 {
        assert_eq!(chains.canonical(dot(n, 1)), dot(3, 1));
    }
}

#[test]
fn a_mark_of_a_change_that_wrote_elsewhere_is_dropped() {
    let mut site = Site::all([&small(dot(2, 1), vec![put(1, b"b", &[dot(1, 1)])])]);
    assert_eq!(site.part.gone().count(), 1);
    let mut refused = site.clone();
    site.deliver(&small(dot(1, 1), vec![put(9, b"z", &[])]));
    assert_eq!(site.part.gone().count(), 0);
    refused.chains.advance(dot(1, 1));
    refused.part.settle(&refused.chains);
    assert_eq!(refused.part.gone().count(), 0);
}

#[test]
fn the_33rd_version_must_name_one_of_its_authors_own() {
    let many: Vec<Small> = (0..32).map(|r| small(dot(r, 1), vec![put(1, b"a", &[])])).collect();
    let site = Site::all(&many);
    let check = |account, names: &[Dot]| {
        let author = Author { account, role: Role(1) };
        site.part.check_versions(author, &put(1, b"b", names), &site.chains)
    };
    assert_eq!(limits::MAX_LIVE_VERSIONS, 32);
    assert_eq!(check(50, &[]), Err(TooManyVersions { number: 1 }));
    assert_eq!(check(3, &[dot(4, 1)]), Err(TooManyVersions { number: 1 }));
    assert_eq!(check(3, &[dot(3, 1)]), Ok(()));
    let author = Author { account: 50, role: Role(1) };
    assert_eq!(site.part.check_versions(author, &put(2, b"b", &[]), &site.chains), Ok(()));
}

#[test]
fn twelve_fields_are_small() {
    let writes: Vec<FieldWrite> = (1..=12).map(|f| put(f, &[f as u8; 25], &[])).collect();
    let made =
        Small { clock: Clock { ms: 1_790_000_000_000, logical: 3 }, ..small(Dot::new(3, 80_000, 4_000), writes) };
    let mut site = Site::default();
    site.part.merge(made.origin(), &made.writes, &site.chains);
    let bytes = site.part.encode();
    assert!(bytes.len() * 5 <= 300 * 6, "{} bytes for a body of 300", bytes.len());
    assert!(site.part.memory_bytes() <= 1500, "{} bytes in memory", site.part.memory_bytes());
    assert!(Part::decode(&bytes).is_ok_and(|p| p.memory_bytes() <= 1500));
}

#[test]
fn a_long_life_does_not_pile_up_in_memory() {
    let mut site = Site::default();
    for counter in 1..2000 {
        let writes = (1..=12).map(|f| put(f, &[counter as u8; 25], &[dot(1, counter - 1)])).collect();
        site.deliver(&small(dot(1, counter), writes));
    }
    assert!(site.part.memory_bytes() <= 3000, "{} bytes in memory", site.part.memory_bytes());
    assert_eq!(site.part.fields().map(|(_, v)| v.len()).sum::<usize>(), 12);
}

#[test]
fn claims_of_a_damaged_part_reserve_nothing() {
    for claim in
        [&[1, 0xff, 0xff, 0xff, 0xff, 0x0f][..], &[1, 0, 0xff, 0xff, 0xff, 0xff, 0x0f], &[1, 0x80, 0x00, 0], &[]]
    {
        assert!(Part::decode(claim).is_err());
    }
    assert_eq!(Part::decode(&[1, 0, 0]), Ok(Part::new()));
}

fn change(dot: Dot, parts: Vec<PartWrite>) -> Change {
    Change {
        dot,
        clock: Clock::default(),
        author: Author::default(),
        base: 0,
        earlier: vec![],
        parts,
        note: Note::default(),
    }
}

#[test]
fn content_leaves_out_what_may_differ_between_two_sendings() {
    let part =
        |label, writes| PartWrite { part: PartId { record: RecordId([1; 16]), label }, type_number: 101, writes };
    let (a, b) = (put(1, b"a", &[dot(1, 1), dot(2, 1)]), put(2, b"b", &[]));
    let first = change(dot(1, 5), vec![part(2, vec![a.clone(), b.clone()])]);
    let mut again =
        change(dot(9, 1), vec![part(2, vec![b.clone()]), part(4, vec![put(1, b"a", &[dot(2, 1), dot(1, 1)])])]);
    again.clock.ms = 77;
    again.base = 5;
    again.earlier = vec![dot(1, 5)];
    assert_eq!(content(&first), content(&again));
    let mut reasoned = first.clone();
    reasoned.note.reason = "asked for".into();
    let mut resolving = first.clone();
    resolving.note.resolves = true;
    let others = [
        reasoned,
        resolving,
        change(dot(1, 5), vec![part(2, vec![a.clone()])]),
        change(dot(1, 5), vec![part(2, vec![put(1, b"x", &a.replaces), b.clone()])]),
        change(dot(1, 5), vec![part(2, vec![put(1, b"a", &[dot(1, 1)]), b.clone()])]),
        change(dot(1, 5), vec![part(2, vec![FieldWrite { put: None, ..a.clone() }, b.clone()])]),
        change(dot(1, 5), vec![part(2, vec![FieldWrite { covers: vec![dot(1, 1)], ..a }, b])]),
    ];
    assert!(others.iter().all(|o| content(o) != content(&first)));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn digests_add_up_whatever_the_way(changes in any_changes(), picks in prop::collection::vec(0..3u32, 1..16)) {
        let key = [3; 16];
        let of = |part: &Part, record: u8| digest::contribution(&key, RecordId([record; 16]), part);
        let mut running = osteon_sync_core::Digest::default();
        let mut site = Site::default();
        for c in &interleave(&changes, &picks) {
            let before = of(&site.part, 1);
            site.deliver(c);
            running.replace(before, of(&site.part, 1));
        }
        let plain = Site::all(&changes);
        prop_assert_eq!(running.0, of(&plain.part, 1));
        let dots = |p: &Part| p.fields().flat_map(|(f, v)| v.map(move |v| (f.number, v.dot))).collect::<Vec<_>>();
        let fewer = Site::all(&changes[..changes.len() - 1]);
        prop_assert_eq!(dots(&fewer.part) == dots(&plain.part), of(&fewer.part, 1) == of(&plain.part, 1));
        prop_assert!(!plain.part.is_live() || of(&plain.part, 1) != of(&plain.part, 2));
    }

    #[test]
    fn content_is_the_same_in_any_order_of_writes(changes in any_changes()) {
        let parts = |c: &Small| c.writes.iter().map(|w| PartWrite {
            part: PartId { record: RecordId([1; 16]), label: 0 }, type_number: 1, writes: vec![w.clone()],
        }).collect::<Vec<_>>();
        for c in &changes {
            let (forth, mut back) = (parts(c), parts(c));
            back.reverse();
            prop_assert_eq!(content(&change(c.dot, forth)), content(&change(dot(6, 6), back)));
        }
    }
}
