//! Pull, page by page: what it sends, in which order, what it erases, whose cursors it takes.

use std::collections::{BTreeMap, BTreeSet};

use osteon_proto::{care, meta::Role, sync, wire};
use osteon_server::{
    access::Caller,
    app::{hello, pull},
    error::Reason,
};
use osteon_sync_core::{Part, PartId, RecordId, digest, ledger::Cell};

use crate::all::All;
use crate::{
    access::{C06, decide, remove, take_back},
    fixture::*,
};

fn pain(n: u32) -> care::PainEntry {
    care::PainEntry { worst_24h: Some(n), ..Default::default() }
}

async fn turn(kit: &Kit, caller: &Caller, circle: u64, cursor: &[u8], page_size: u32) -> sync::Page {
    let position = pull::Position { circle, cursor: cursor.to_vec(), page_size, ..Default::default() };
    pull::turn(&kit.app, caller, &position).await.expect("page").page
}

pub(crate) async fn every_page_is_a_whole_commit(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let nurse = kit.person(circle.people[1]);
    let mut commits: Vec<BTreeSet<[u8; 16]>> = Vec::new();
    for n in 1..5 {
        let ids: Vec<[u8; 16]> = (0..n).map(|_| kit.id()).collect();
        let change = kit.change(ids.iter().map(|id| create(*id, 101, &pain(n))).collect());
        sequence(&kit.push(&mut phone, circle.no, change).await);
        commits.push(ids.into_iter().collect());
    }
    // Backfill: classes ascend, within one the newest first; a page of one part still ends with its commit.
    let (mut cursor, mut seen, mut class) = (Vec::new(), Vec::new(), 0);
    for round in 0.. {
        assert!(round < 50, "it ends");
        let page = turn(&kit, &nurse, circle.no, &cursor, 1).await;
        let journal: BTreeSet<[u8; 16]> =
            parts(&page).iter().map(|(_, p)| p.record.as_ref().try_into().expect("id")).collect();
        for cell in page.cells.iter().filter_map(|cell| cell.cell.as_ref()) {
            assert!(cell.priority_class >= class, "classes ascend");
            class = cell.priority_class;
        }
        let known: Vec<_> = commits.iter().filter(|commit| commit.iter().any(|id| journal.contains(id))).collect();
        for commit in known {
            assert!(commit.is_subset(&journal), "no page ends inside a commit");
            seen.push(commit.clone());
        }
        cursor = page.cursor.to_vec();
        if page.at_head {
            assert_eq!(page.complete.last().copied(), Some(class));
            break;
        }
    }
    commits.reverse();
    assert_eq!(seen, commits, "each once, the newest first");
    // What is committed later comes by sequence.
    let ids: [[u8; 16]; 2] = [kit.id(), kit.id()];
    for id in ids {
        sequence(&kit.write(&mut phone, circle.no, create(id, 101, &pain(9))).await);
    }
    for id in ids {
        let page = turn(&kit, &nurse, circle.no, &cursor, 1).await;
        assert!(holds(&page, id));
        cursor = page.cursor.to_vec();
    }
}

/// A device's copy of a circle, kept from pages alone.
#[derive(Default)]
struct Copy {
    parts: BTreeMap<PartId, (u8, Part)>,
    digests: BTreeMap<Cell, u128>,
    cursor: Vec<u8>,
}

impl Copy {
    fn take(&mut self, page: &sync::Page) {
        let taken = wire::device::pages::page(page, 1, self.cursor.clone()).expect("page");
        for cell in taken.erased {
            self.parts.retain(|id, (class, _)| (id.label, *class) != (cell.label, cell.class));
        }
        for part in taken.parts {
            self.parts.insert(part.id, (part.class, part.part));
        }
        // A page that says nothing new says no digests either: what was said before stands.
        if taken.at_head && !taken.digests.is_empty() {
            self.digests = taken.digests.into_iter().collect();
        }
        self.cursor = taken.cursor;
    }

    /// Everything live, without marks of what is gone.
    fn live(part: &Part) -> Vec<String> {
        let fields = part.fields().flat_map(|(field, versions)| versions.map(move |v| (field, v)));
        fields
            .map(|(f, v)| {
                format!("{} {:?} {:?} {:?} {:?} {:?}", f.number, f.element, v.dot, v.clock, v.author, v.value)
            })
            .collect()
    }
}

/// What a reader is sent, taken apart as its device does, is what stands; and both have the same digests under the key
/// that Hello gives.
pub(crate) async fn what_is_pulled_is_what_stands(kit: Kit) {
    let roles = [Role::Patient, Role::Physiotherapist, Role::Physiotherapist, Role::Nurse];
    let circle = kit.circle("d0001", &roles).await;
    let mut patient = kit.phone(&circle, 0, Role::Patient).await;
    let mut a = kit.phone(&circle, 1, Role::Physiotherapist).await;
    let mut b = kit.phone(&circle, 2, Role::Physiotherapist).await;
    let nurse = kit.phone(&circle, 3, Role::Nurse).await;
    let plan = |kg, names: &[&str]| care::ExercisePlan {
        lift_max_kg: Some(kg),
        orthoses: names.iter().map(|s| (*s).to_owned()).collect(),
        ..Default::default()
    };
    let made = kit.create(&a.caller, circle.no, 201, &plan(50, &["brace"])).await.expect("made");
    let (id, number, shown) = (id_of(&made), field(&made, "lift_max_kg").field, dots(&made, "lift_max_kg"));
    let (mut copy, mut late) = (Copy::default(), Copy::default());
    for n in 0..12_u32 {
        match n % 4 {
            0 => kit.write(&mut patient, circle.no, create(kit.id(), 101, &pain(n % 10))).await,
            1 => kit.write(&mut a, circle.no, edit(id, 201, &plan(40 - n, &[]), number, shown.clone())).await,
            2 => kit.write(&mut b, circle.no, edit(id, 201, &plan(30 - n, &["sling"]), number, vec![])).await,
            _ => {
                let mut odd = create(kit.id(), 101, &pain(1));
                odd.body = Some(osteon_proto::split::close(1999, &[8, 1]).into());
                kit.write(&mut patient, circle.no, odd).await
            }
        };
        copy.take(&turn(&kit, &nurse.caller, circle.no, &copy.cursor.clone(), 3).await);
    }
    for copy in [&mut copy, &mut late] {
        loop {
            let page = turn(&kit, &nurse.caller, circle.no, &copy.cursor.clone(), 3).await;
            copy.take(&page);
            if page.at_head {
                break;
            }
        }
    }
    let told = hello::hello(&kit.app, &nurse.caller, sync::HelloRequest::default()).await.expect("hello");
    let key: [u8; 16] = told.circles[0].digest_key.as_ref().try_into().expect("a key");
    let records: Vec<RecordId> = copy.parts.keys().map(|id| id.record).collect();
    assert!(records.len() > 4);
    let mut snapshot = kit.app.store.snapshot(circle.no).await.expect("circle");
    let stands: BTreeMap<PartId, Part> = (snapshot.all().parts_of(&records).await.expect("parts").into_iter())
        .map(|row| (PartId { record: row.record, label: row.label }, Part::decode(&row.state).expect("part")))
        .filter(|(id, _)| copy.parts.contains_key(id))
        .collect();
    for copy in [&copy, &late] {
        let mut sums: BTreeMap<Cell, u128> = BTreeMap::new();
        assert_eq!(copy.parts.keys().collect::<Vec<_>>(), stands.keys().collect::<Vec<_>>());
        for (id, (class, part)) in &copy.parts {
            assert_eq!(Copy::live(part), Copy::live(&stands[id]));
            let sum = sums.entry(Cell { label: id.label, class: *class }).or_default();
            *sum = sum.wrapping_add(digest::contribution(&key, id.record, part));
        }
        assert_eq!(sums, copy.digests, "digests of the cells that the reader has");
    }
}

pub(crate) async fn a_grant_that_comes_and_goes(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Caregiver]).await;
    let (patient, carer) = (kit.person(circle.people[0]), kit.person(circle.people[1]));
    let id = id_of(&kit.create(&patient, circle.no, 101, &pain(3)).await.expect("made"));
    let bit = 1_u64 << (C06 as u32);
    let of_c06 = |cells: &[sync::Cell]| cells.iter().any(|cell| cell.label_id & bit != 0);
    let first = kit.page(&carer, circle.no, &[]).await.expect("page");
    assert!(!holds(&first, id) && !of_c06(&first.granted));
    let mut cursor = first.cursor.to_vec();
    let mut generations = Vec::new();
    for round in 0..3 {
        decide(&kit, &patient, circle.no, circle.people[1], care::Decision::Allow).await;
        let page = kit.page(&carer, circle.no, &cursor).await.expect("page");
        assert!(holds(&page, id), "round {round}: sent again");
        let cell = page.cells.iter().find(|c| c.parts.iter().any(|p| p.record.as_ref() == id)).expect("cell");
        generations.push(cell.generation.expect("generation").n);
        decide(&kit, &patient, circle.no, circle.people[1], care::Decision::Deny).await;
        let page = kit.page(&carer, circle.no, &page.cursor).await.expect("page");
        assert!(of_c06(&page.erased) && !holds(&page, id), "round {round}");
        cursor = page.cursor.to_vec();
        assert!(!of_c06(&kit.page(&carer, circle.no, &cursor).await.expect("page").erased), "said once");
    }
    assert!(generations.is_sorted_by(|a, b| a < b), "{generations:?}");
    // Withdrawn and granted again between two pulls: erased, and sent anew.
    decide(&kit, &patient, circle.no, circle.people[1], care::Decision::Allow).await;
    let page = kit.page(&carer, circle.no, &cursor).await.expect("page");
    decide(&kit, &patient, circle.no, circle.people[1], care::Decision::Deny).await;
    decide(&kit, &patient, circle.no, circle.people[1], care::Decision::Allow).await;
    let page = kit.page(&carer, circle.no, &page.cursor).await.expect("page");
    assert!(of_c06(&page.erased) && holds(&page, id));
}

pub(crate) async fn a_member_who_leaves(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let (patient, nurse) = (kit.person(circle.people[0]), kit.person(circle.people[1]));
    let id = id_of(&kit.create(&patient, circle.no, 101, &pain(3)).await.expect("made"));
    let held = kit.page(&nurse, circle.no, &[]).await.expect("page");
    remove(&kit, &patient, circle.no, circle.people[1], Role::Nurse).await;
    kit.create(&patient, circle.no, 101, &pain(4)).await.expect("made");
    let last = kit.page(&nurse, circle.no, &held.cursor).await.expect("page");
    let cells = |page: &sync::Page| {
        page.cells.iter().filter_map(|c| c.cell.clone()).map(|c| c.label_id).collect::<BTreeSet<_>>()
    };
    assert!(cells(&held).iter().all(|label| last.erased.iter().any(|cell| cell.label_id == *label)));
    assert!(last.cells.is_empty() && last.digests.is_empty() && last.processed.is_empty());
    assert_eq!((last.head, last.role), (0, 0), "nothing else is said");
    let again = kit.page(&nurse, circle.no, &last.cursor).await.expect("nothing more");
    assert!(again.erased.is_empty() && again.cells.is_empty() && (again.head, again.role) == (0, 0));
    // In a new epoch, or on a phone that lost its cursor: nothing is what may be kept. To others there is no circle.
    let nothing = kit.page(&nurse, circle.no, &[]).await.expect("told to keep nothing");
    assert!(nothing.at_head && nothing.granted.is_empty() && nothing.cells.is_empty() && nothing.digests.is_empty());
    assert_eq!((nothing.head, nothing.role), (0, 0), "and nothing else is said");
    let other = kit.circle("d0002", &[Role::Nurse]).await;
    let stranger = kit.person(other.people[0]);
    assert_eq!(reason(kit.page(&stranger, circle.no, &[]).await), Reason::NotFound, "who never was there");
    take_back(&kit, &patient, circle.no, circle.people[1], Role::Nurse).await;
    assert!(holds(&kit.page(&nurse, circle.no, &last.cursor).await.expect("page"), id));
    let anew = kit.page(&nurse, circle.no, &held.cursor).await.expect("page");
    assert!(!anew.erased.is_empty() && holds(&anew, id), "another generation");
}

pub(crate) async fn cursors_belong_to_one_reader(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let people = [(circle.people[1], Role::Nurse)];
    let other = osteon_server::app::members::found(&kit.app, kit.clinic, "d0002", &people).await.expect("circle");
    let (patient, nurse) = (kit.person(circle.people[0]), kit.person(circle.people[1]));
    let cursor = kit.page(&nurse, circle.no, &[]).await.expect("page").cursor;
    assert_eq!(reason(kit.page(&patient, circle.no, &cursor).await), Reason::CursorInvalid);
    assert_eq!(reason(kit.page(&nurse, other, &cursor).await), Reason::CursorInvalid);
    assert_eq!(reason(kit.page(&nurse, circle.no, &[7; 70_000]).await), Reason::LimitExceeded);
    for byte in 0..cursor.len() {
        let mut damaged = cursor.to_vec();
        damaged[byte] ^= 1 << (byte % 8);
        assert_eq!(reason(kit.page(&nurse, circle.no, &damaged).await), Reason::CursorInvalid, "byte {byte}");
    }
}

pub(crate) async fn the_first_page_says_what_may_be_held(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::ClinicAdmin]).await;
    // Nothing of the journal exists yet: what a phone wrote before its first pull must not be taken for forbidden.
    let number =
        |role: usize, page: sync::Page| (role, page.granted.iter().map(|c| c.label_id).collect::<BTreeSet<_>>());
    let mut granted = BTreeMap::new();
    for role in 0..3 {
        let who = kit.person(circle.people[role]);
        let page = kit.page(&who, circle.no, &[]).await.expect("page");
        let cursor = page.cursor.clone();
        let (role, labels) = number(role, page);
        granted.insert(role, labels);
        assert!(kit.page(&who, circle.no, &cursor).await.expect("page").granted.is_empty(), "said once");
    }
    let journal = 1_u64 << (C06 as u32);
    let reads = |role: usize, bits: u64| granted[&role].iter().any(|label| label & bits != 0 && label >> 24 & 7 == 1);
    assert!(reads(0, journal) && reads(1, journal) && !reads(2, journal));
    let unknown =
        |role: usize| granted[&role].iter().any(|label| label >> 24 & 7 == 7 && label >> 32 == circle.people[role]);
    assert!(unknown(0) && unknown(1), "what an author's newer app wrote");
    // The device's own bridge hands it on.
    let page = kit.page(&kit.person(circle.people[0]), circle.no, &[]).await.expect("page");
    assert_eq!(wire::device::pages::page(&page, 1, vec![]).expect("page").granted.len(), page.granted.len());
}

pub(crate) async fn dropped_cells_come_again(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let (patient, nurse) = (kit.person(circle.people[0]), kit.person(circle.people[1]));
    let id = id_of(&kit.create(&patient, circle.no, 101, &pain(3)).await.expect("made"));
    let page = kit.page(&nurse, circle.no, &[]).await.expect("page");
    let cell = page.cells.iter().find(|c| c.parts.iter().any(|p| p.record.as_ref() == id)).and_then(|c| c.cell.clone());
    let cell = pull::core_cell(&cell.expect("cell"));
    let nothing_of_mine = Cell { label: 1 << 24 | 1 << 20, class: 3 };
    let position = pull::Position {
        circle: circle.no,
        cursor: page.cursor.to_vec(),
        dropped: vec![cell, nothing_of_mine],
        page_size: 200,
        ..Default::default()
    };
    let again = pull::turn(&kit.app, &nurse, &position).await.expect("page").page;
    assert!(holds(&again, id));
    assert_eq!(parts(&again).len(), 1, "that cell alone");
}

pub(crate) async fn an_epoch_ends_cursors(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let patient = kit.person(circle.people[0]);
    let cursor = kit.page(&patient, circle.no, &[]).await.expect("page").cursor;
    kit.app.set_epoch(kit.app.store.bump_epoch().await.expect("epoch"));
    assert_eq!(reason(kit.page(&patient, circle.no, &cursor).await), Reason::CursorStaleEpoch);
    let anew = kit.page(&patient, circle.no, &[]).await.expect("page");
    assert!(anew.at_head);
    // Online writes of the new epoch come from a new number of the server.
    let made = kit.create(&patient, circle.no, 101, &pain(3)).await.expect("made");
    assert_eq!(dots(&made, "worst_24h"), [sync::Dot { epoch: 2, replica: 0, counter: 1 }]);
}
