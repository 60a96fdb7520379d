//! Who reads the audit, and what of it.

use std::sync::Arc;

use osteon_proto::{audit as pb, care, meta::Role};
use osteon_server::{
    access::Caller,
    app::{audit, enrol::timestamp, exported, members},
    audit::{Sign, denials::Denials, sealer::Sealer, verify::verify},
    error::{Error, Reason},
};

use crate::{access::derived, fixture::*};

const GRANT: u32 = 263;

async fn list(kit: &Kit, who: &Caller, request: pb::ListAccessRequest) -> Result<pb::ListAccessResponse, Error> {
    audit::list(&kit.app, who, &request).await
}

async fn entries(kit: &Kit, who: &Caller, circle: u64) -> Vec<pb::AccessEntry> {
    let request = pb::ListAccessRequest { circle, page_size: 500, ..Default::default() };
    list(kit, who, request).await.expect("listed").entries
}

pub(crate) async fn the_patient_reads_who_read_them(kit: Kit) {
    let roles = [Role::Patient, Role::Nurse, Role::Dietitian, Role::Caregiver, Role::ClinicAdmin];
    let circle = kit.circle("d0001", &roles).await;
    let [patient, nurse, dietitian, carer, admin] = std::array::from_fn(|at| kit.person(circle.people[at]));
    let pain = care::PainEntry { worst_24h: Some(3), ..Default::default() };
    let made = kit.create(&patient, circle.no, 101, &pain).await.expect("made");
    kit.clock.advance(1_000);
    let from = kit.app.now_ms();
    for who in [&nurse, &dietitian] {
        kit.get(who, circle.no, id_of(&made)).await.expect("read");
    }
    let all = entries(&kit, &patient, circle.no).await;
    assert!(all.is_sorted_by(|a, b| a.number > b.number), "newest first");
    let reads: Vec<_> =
        all.iter().filter(|e| e.kind() == pb::AccessKind::Read && e.account != patient.account).collect();
    let told: Vec<_> = reads.iter().map(|e| (e.account, e.role(), e.record_id.as_str())).collect();
    let (id, c06) = (made.record_id.as_str(), vec![6]);
    assert_eq!(told, [(dietitian.account, Role::Dietitian, id), (nurse.account, Role::Nurse, id)]);
    assert!(reads.iter().all(|e| e.categories == c06 && e.count == 1 && e.outcome == "ok" && !e.sealed));
    let first = all.last().expect("founded");
    assert_eq!((first.action.as_str(), first.account, first.kind()), ("circle.found", 0, pb::AccessKind::Write));

    // By time, account and kind; pages.
    let asked = |from_ms: Option<u64>, account, kind: pb::AccessKind| pb::ListAccessRequest {
        circle: circle.no,
        from: from_ms.map(timestamp),
        account,
        kind: kind.into(),
        ..Default::default()
    };
    let since = list(&kit, &patient, asked(Some(from), 0, pb::AccessKind::Unspecified)).await.expect("listed");
    let (after, whole) = (timestamp(from), since.entries.len());
    let later =
        |e: &pb::AccessEntry| e.at.as_ref().is_some_and(|at| (at.seconds, at.nanos) >= (after.seconds, after.nanos));
    assert!(since.entries.iter().all(later) && (3..all.len()).contains(&whole));
    let hers = list(&kit, &patient, asked(None, nurse.account, pb::AccessKind::Read)).await.expect("listed").entries;
    assert!(hers.iter().map(|e| e.account).eq([nurse.account]));
    let none = pb::ListAccessRequest { to: Some(timestamp(1)), ..asked(None, 0, pb::AccessKind::Unspecified) };
    assert!(list(&kit, &patient, none).await.expect("listed").entries.is_empty());
    let whole = entries(&kit, &patient, circle.no).await;
    let mut page = pb::ListAccessRequest { page_size: 2, ..asked(None, 0, pb::AccessKind::Unspecified) };
    let mut paged = Vec::new();
    loop {
        let answer = list(&kit, &patient, page.clone()).await.expect("page");
        assert!(answer.entries.len() <= 2);
        paged.extend(answer.entries);
        page.page_token = answer.next_page_token;
        if page.page_token.is_empty() {
            break;
        }
    }
    let paged: Vec<u64> = paged.iter().map(|e| e.number).filter(|no| *no <= whole[0].number).collect();
    assert_eq!(paged, whole.iter().map(|e| e.number).collect::<Vec<_>>());
    let first = list(&kit, &patient, pb::ListAccessRequest { page_size: 1, ..page.clone() }).await.expect("page");
    let other = pb::ListAccessRequest { account: 1, page_token: first.next_page_token, ..page };
    assert_eq!(reason(list(&kit, &patient, other).await), Reason::PageTokenInvalid);

    who_else(&kit, &circle, [&patient, &nurse, &dietitian, &carer, &admin]).await;
}

async fn who_else(kit: &Kit, circle: &Circle, people: [&Caller; 5]) {
    let [patient, nurse, dietitian, carer, admin] = people;
    let whole = |circle| pb::ListAccessRequest { circle, ..Default::default() };
    let own = entries(kit, nurse, circle.no).await;
    assert!(!own.is_empty() && own.iter().all(|e| e.account == nurse.account));
    let of_patient = pb::ListAccessRequest { account: patient.account, ..whole(circle.no) };
    assert_eq!(reason(list(kit, nurse, of_patient).await), Reason::NotFound);
    let people = entries(kit, admin, circle.no).await;
    assert!(people.iter().any(|e| e.account == dietitian.account));
    assert!(people.iter().all(|e| e.record_id.is_empty() && e.categories.is_empty()), "no clinical data");
    let outsider = kit.person(kit.circle("d0002", &[Role::Patient]).await.people[0]);
    for nobody in [dietitian, carer, &outsider, &Caller { clinic: kit.clinic + 7, ..*patient }] {
        assert_eq!(reason(list(kit, nobody, whole(circle.no)).await), Reason::NotFound);
    }
    assert_eq!(reason(list(kit, patient, whole(4711)).await), Reason::NotFound);

    // The proxy, from the grant on.
    let parent = osteon_server::app::ids_for::singleton(circle.no, 261);
    let grant = care::Grant {
        parent: Some(parent.0.to_vec().into()),
        grantee: Some(care::Grantee { account: Some(carer.account), role: None }),
        category: Some(care::GrantCategory::Proxy.into()),
        decision: Some(care::Decision::Allow.into()),
        not_after: Some(timestamp(NOW + 1_000 * DAY)),
        ..Default::default()
    };
    assert!(derived(circle.no, GRANT, &grant).create);
    kit.create(patient, circle.no, GRANT, &grant).await.expect("granted");
    let seen = entries(kit, carer, circle.no).await;
    assert!(seen.iter().any(|e| !e.record_id.is_empty()) && seen.iter().any(|e| e.account == nurse.account));
}

/// The server's own key and rows, as use cases write them.
pub(crate) async fn what_use_cases_write_is_sealed_and_sound(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let patient = kit.person(circle.people[0]);
    members::name(&kit.app, circle.no, circle.people[1], Role::Nurse).await.expect("named again");
    let pain = care::PainEntry { worst_24h: Some(3), ..Default::default() };
    kit.create(&patient, circle.no, 101, &pain).await.expect("made");
    let signer: Arc<dyn Sign> = Arc::clone(&kit.app.clinic) as Arc<dyn Sign>;
    let (store, clock) = (Arc::clone(&kit.app.store), Arc::clone(&kit.app.clock));
    let sealer = Sealer::new(store, clock, signer, Arc::new(Denials::default()), None, Box::new(|_| ()));
    let passed = sealer.pass().await.expect("sealed");
    assert!(passed.rows >= 3 && passed.seals >= 1 && !passed.more);
    let report = verify(&*kit.app.store, &kit.app.clinic_key, None, &[]).await.expect("verified");
    assert!(report.sound() && report.unsealed == 0 && report.rows == passed.rows, "{report:?}");
    assert!(entries(&kit, &patient, circle.no).await.iter().all(|e| e.sealed));
    let other = verify(&*kit.app.store, &[4; 65], None, &[]).await.expect("verified");
    assert!(!other.sound(), "another key");
}

/// Paper and files: a row in each circle that was on the page, which its patient reads; without values, and none at all where
/// one of the circles is not theirs.
pub(crate) async fn what_was_printed_is_on_record(kit: Kit) {
    let one = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::ClinicAdmin]).await;
    let two = kit.circle("d0002", &[Role::Patient, Role::Nurse]).await;
    let [patient, nurse, admin] = std::array::from_fn(|at| kit.person(one.people[at]));
    let (other, stranger) = (kit.person(two.people[0]), kit.person(two.people[1]));
    members::name(&kit.app, two.no, nurse.account, Role::Nurse).await.expect("named");
    let head = kit.app.store.snapshot(one.no).await.expect("circle").circle().head;
    let sheet = pb::RecordExportRequest {
        circle: one.no,
        kind: pb::ExportKind::Print.into(),
        page: pb::ExportPage::VisitSheet.into(),
        // Private notes are the patient's alone: no nurse has printed any.
        categories: vec![5, 6, 20],
        count: 12,
        as_of_sequence: head,
        ..Default::default()
    };
    let record = async |who: &Caller, request: &pb::RecordExportRequest| exported::record(&kit.app, who, request).await;
    assert!(record(&nurse, &sheet).await.expect("noted").at.is_some());
    let of = async |who: &Caller, circle| {
        let all = entries(&kit, who, circle).await;
        all.into_iter().filter(|e| e.account == nurse.account && e.action.ends_with(".print")).collect::<Vec<_>>()
    };
    let printed = of(&patient, one.no).await;
    let told: Vec<_> = printed.iter().map(|e| (e.action.as_str(), e.kind(), e.count, e.to_sequence)).collect();
    assert_eq!(told, [("visit_sheet.print", pb::AccessKind::Read, 12, head)]);
    assert_eq!((printed[0].categories.as_slice(), printed[0].record_id.as_str()), ([5, 6].as_slice(), ""));
    let of_admin = of(&admin, one.no).await;
    assert_eq!((of_admin.len(), of_admin[0].categories.len()), (1, 0), "people, without categories");
    // The sheet of a shift: each patient of it reads the row.
    let page = pb::ExportPage::HandOver.into();
    let shift =
        pb::RecordExportRequest { page, as_of_sequence: 0, other_circles: vec![two.no, two.no], ..sheet.clone() };
    record(&nurse, &shift).await.expect("noted");
    assert_eq!(of(&patient, one.no).await[0].action, "hand_over.print");
    assert_eq!(of(&other, two.no).await.len(), 1, "once, however often it was named");
    // Not theirs, or not there: one answer, and nothing is noted anywhere.
    for request in [&sheet, &pb::RecordExportRequest { circle: 4_711, ..sheet.clone() }] {
        assert_eq!(reason(record(&stranger, request).await), Reason::NotFound);
    }
    let half = pb::RecordExportRequest { circle: two.no, other_circles: vec![one.no], ..shift.clone() };
    assert_eq!(reason(record(&stranger, &half).await), Reason::NotFound);
    let all = entries(&kit, &other, two.no).await;
    assert!(all.iter().all(|e| e.account != stranger.account), "not half of a page");
    // What is said has to be of the contract.
    let refused = async |change: fn(&mut pb::RecordExportRequest)| {
        let mut request = sheet.clone();
        change(&mut request);
        let error = record(&nurse, &request).await.expect_err("refused");
        error.violations().first().map(|violation| violation.field.clone())
    };
    assert_eq!(refused(|r| r.kind = 0).await.as_deref(), Some("kind"));
    assert_eq!(refused(|r| r.kind = 77).await.as_deref(), Some("kind"));
    assert_eq!(refused(|r| r.page = 0).await.as_deref(), Some("page"));
    assert_eq!(refused(|r| r.categories = vec![5, 0]).await.as_deref(), Some("categories[1]"));
    assert_eq!(refused(|r| r.categories = vec![99]).await.as_deref(), Some("categories[0]"));
    assert_eq!(refused(|r| r.as_of_sequence = 1_000_000).await.as_deref(), Some("as_of_sequence"));
    assert_eq!(refused(|r| r.other_circles = vec![9]).await.as_deref(), Some("as_of_sequence"));
    let many = pb::RecordExportRequest { other_circles: vec![1; 1_001], ..shift };
    assert_eq!(reason(record(&nurse, &many).await), Reason::LimitExceeded);
    assert_eq!(of(&patient, one.no).await.len(), 2, "nothing of it was noted");
    // Behind broken glass the row says so.
    let ask = osteon_proto::identity::BreakGlassRequest {
        circle: one.no,
        reason: "found unconscious at home, nobody answers".into(),
        ..Default::default()
    };
    osteon_server::app::glass::open(&kit.app, &stranger, &ask).await.expect("opened");
    record(&stranger, &sheet).await.expect("what they may read they may print");
    let last = entries(&kit, &patient, one.no).await;
    let last = last.iter().find(|e| e.action == "visit_sheet.print").expect("noted");
    assert_eq!((last.account, last.outcome.as_str()), (stranger.account, "behind_glass"));
    assert_eq!(last.kind(), pb::AccessKind::Read, "it was looked at, nothing was refused");
}
