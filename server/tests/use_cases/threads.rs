//! Threads of messages: who takes part reads them and nobody else, whoever loses what a thread is about loses the thread.

use osteon_proto::{care, meta::Role, record, split, sync, thread as pb};
use osteon_server::{
    access::Caller,
    app::{quarantine, records, threads},
    error::{Error, Reason},
};
use prost::Message;

use crate::{access, fixture::*};

const TEAM: [Role; 5] = [Role::Patient, Role::Physiotherapist, Role::Physician, Role::Nurse, Role::Dietitian];
const EXERCISE_PLAN: u32 = 201;
const THREAD: u32 = 441;
const PARTICIPANT: u32 = 442;
const MESSAGE: u32 = 443;

struct Scene {
    circle: Circle,
    patient: Caller,
    physio: Caller,
    physician: Caller,
    nurse: Caller,
    dietitian: Caller,
}

async fn scene(kit: &Kit) -> Scene {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, physio, physician, nurse, dietitian] = [0, 1, 2, 3, 4].map(|at| kit.person(circle.people[at]));
    Scene { circle, patient, physio, physician, nurse, dietitian }
}

fn asking(circle: u64, accounts: &[u64]) -> pb::OpenThreadRequest {
    pb::OpenThreadRequest {
        circle,
        title: "Lifting".into(),
        accounts: accounts.to_vec(),
        text: "Why do you say 5 kg?".into(),
        ..Default::default()
    }
}

async fn open(kit: &Kit, who: &Caller, request: &pb::OpenThreadRequest) -> pb::Thread {
    threads::open(&kit.app, who, request).await.expect("opened").thread.expect("a thread")
}

async fn get(kit: &Kit, who: &Caller, circle: u64, id: &str) -> Result<pb::GetThreadResponse, Error> {
    let request = pb::GetThreadRequest { circle, record_id: id.into(), ..Default::default() };
    threads::get(&kit.app, who, &request).await
}

async fn send(kit: &Kit, who: &Caller, circle: u64, id: &str, text: &str) -> Result<pb::ThreadMessage, Error> {
    let request = pb::SendMessageRequest { circle, record_id: id.into(), text: text.into(), ..Default::default() };
    Ok(threads::send(&kit.app, who, &request).await?.message.expect("a message"))
}

async fn take(kit: &Kit, who: &Caller, circle: u64, id: &str, account: u64, takes_part: bool) -> Result<(), Error> {
    let request = pb::SetParticipantRequest { circle, record_id: id.into(), account, takes_part, ..Default::default() };
    threads::set_participant(&kit.app, who, &request).await.map(|_| ())
}

async fn listed(kit: &Kit, who: &Caller, circle: u64) -> pb::ListThreadsResponse {
    threads::list(&kit.app, who, &pb::ListThreadsRequest { circle, ..Default::default() }).await.expect("listed")
}

async fn mark(kit: &Kit, who: &Caller, circle: u64, id: &str, sequence: u64) -> Result<pb::ThreadParticipant, Error> {
    let request = pb::MarkThreadSeenRequest { circle, record_id: id.into(), sequence, request_id: String::new() };
    Ok(threads::mark(&kit.app, who, &request).await?.seen.expect("a mark"))
}

fn texts(answer: &pb::GetThreadResponse) -> Vec<&str> {
    answer.messages.iter().map(|message| message.text.as_str()).collect()
}

fn takes_part(thread: &pb::Thread) -> Vec<u64> {
    thread.participants.iter().filter(|one| one.takes_part).map(|one| one.account).collect()
}

fn id_in(text: &str) -> [u8; 16] {
    uuid::Uuid::parse_str(text).expect("an id").into_bytes()
}

/// Forbidden and absent, as both are told.
fn same(one: Error, other: Error) {
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
}

pub(crate) async fn two_take_part_and_a_third_sees_nothing(kit: Kit) {
    let s = scene(&kit).await;
    let no = s.circle.no;
    let thread = open(&kit, &s.physio, &asking(no, &[s.physician.account])).await;
    assert_eq!((thread.title.as_str(), thread.opened_by, thread.everybody), ("Lifting", s.physio.account, false));
    assert_eq!(takes_part(&thread), [s.physio.account, s.physician.account]);
    assert!(thread.may_write && thread.about.is_none() && thread.unread == 0, "one's own message is not unread");
    let id = thread.record_id.as_str();
    send(&kit, &s.physician, no, id, "The lesion in L3.").await.expect("sent");
    let read = get(&kit, &s.physio, no, id).await.expect("read");
    assert_eq!(texts(&read), ["The lesion in L3.", "Why do you say 5 kg?"]);
    assert_eq!((read.thread.as_ref().expect("a thread").unread, read.messages[0].account), (1, s.physician.account));
    // Whoever does not take part is told what they are told of a thread that never was; not even the patient is.
    let never = text(kit.id());
    for who in [&s.patient, &s.nurse, &s.dietitian] {
        assert_eq!((listed(&kit, who, no).await.total, listed(&kit, who, 0).await.total), (0, 0));
        same(get(&kit, who, no, id).await.expect_err("hidden"), get(&kit, who, no, &never).await.expect_err("absent"));
        let [hidden, absent] = [id, &never].map(|id| send(&kit, who, no, id, "hello"));
        same(hidden.await.expect_err("hidden"), absent.await.expect_err("absent"));
        let [hidden, absent] = [id, &never].map(|id| take(&kit, who, no, id, who.account, true));
        same(hidden.await.expect_err("hidden"), absent.await.expect_err("absent"));
        let [hidden, absent] = [id, &never].map(|id| mark(&kit, who, no, id, 1));
        same(hidden.await.expect_err("hidden"), absent.await.expect_err("absent"));
        assert_eq!(reason(kit.get(who, no, id_in(id)).await), Reason::NotFound);
    }
    // In no list of records, by no device either.
    let request = record::ListRecordsRequest { circle: no, r#type: MESSAGE, ..Default::default() };
    let lists = osteon_server::app::lists::list(&kit.app, &s.nurse, &request).await.expect("listed");
    assert!(lists.records.is_empty());
    let phone = kit.phone(&s.circle, 3, Role::Nurse).await;
    assert!(!holds(&kit.page(&phone.caller, no, &[]).await.expect("page"), id_in(id)));
    let phone = kit.phone(&s.circle, 2, Role::Physician).await;
    assert!(holds(&kit.page(&phone.caller, no, &[]).await.expect("page"), id_in(id)));
    // It is audited as other content is.
    let rows = kit.app.store.audit_after(no, 0, 500).await.expect("audit");
    for (action, account) in [("thread.open", s.physio.account), ("thread.get", s.physio.account)] {
        let row = rows.iter().find(|row| row.action == action && row.account == account);
        assert_eq!(row.map(|row| (row.outcome.to_string(), row.categories)), Some(("ok".into(), 1 << 19)), "{action}");
    }
}

pub(crate) async fn whoever_is_taken_in_reads_all_and_whoever_is_taken_out_nothing(kit: Kit) {
    let s = scene(&kit).await;
    let no = s.circle.no;
    let thread = open(&kit, &s.physio, &asking(no, &[s.physician.account])).await;
    let id = thread.record_id.as_str();
    take(&kit, &s.physician, no, id, s.nurse.account, true).await.expect("any participant takes somebody in");
    assert_eq!(texts(&get(&kit, &s.nurse, no, id).await.expect("read")).len(), 1, "also what was said before");
    // Out: by oneself, or by whoever started it.
    assert_eq!(reason(take(&kit, &s.physician, no, id, s.nurse.account, false).await), Reason::ThreadRemoval);
    take(&kit, &s.physio, no, id, s.nurse.account, false).await.expect("taken out");
    assert_eq!(reason(get(&kit, &s.nurse, no, id).await), Reason::NotFound);
    take(&kit, &s.physician, no, id, s.physician.account, false).await.expect("left");
    assert_eq!(reason(get(&kit, &s.physician, no, id).await), Reason::NotFound);
    assert_eq!(
        takes_part(get(&kit, &s.physio, no, id).await.expect("read").thread.as_ref().expect("it")),
        [s.physio.account]
    );
    // And in again.
    take(&kit, &s.physio, no, id, s.nurse.account, true).await.expect("taken in");
    assert_eq!(get(&kit, &s.nurse, no, id).await.expect("read").messages.len(), 1);
    // Whoever leaves the circle loses it; who is no member is not taken in.
    access::remove(&kit, &s.patient, no, s.nurse.account, Role::Nurse).await;
    assert_eq!(reason(get(&kit, &s.nurse, no, id).await), Reason::NotFound);
    for nobody in [s.nurse.account, 987_654] {
        assert_eq!(reason(take(&kit, &s.physio, no, id, nobody, true).await), Reason::ThreadParticipant);
    }
    // Everybody's: also who comes later.
    let all = open(&kit, &s.dietitian, &pb::OpenThreadRequest { everybody: true, ..asking(no, &[]) }).await;
    assert_eq!(takes_part(&all).len(), 4, "the nurse has left");
    access::take_back(&kit, &s.patient, no, s.nurse.account, Role::Nurse).await;
    assert_eq!(get(&kit, &s.nurse, no, &all.record_id).await.expect("read").messages.len(), 1);
    take(&kit, &s.nurse, no, &all.record_id, s.nurse.account, false).await.expect("nobody has to stay");
    assert_eq!(reason(get(&kit, &s.nurse, no, &all.record_id).await), Reason::NotFound);
}

/// A plan of exercises, and the number of its field `lift_max_kg`.
async fn plan(kit: &Kit, s: &Scene) -> (String, u32) {
    let plan = care::ExercisePlan { lift_max_kg: Some(50), ..Default::default() };
    let view = kit.create(&s.physio, s.circle.no, EXERCISE_PLAN, &plan).await.expect("a plan");
    let known = osteon_proto::table::table().get(EXERCISE_PLAN).expect("a type");
    (view.record_id, known.field_by_name("lift_max_kg").expect("a field").number)
}

pub(crate) async fn a_thread_on_a_field_goes_with_the_field(kit: Kit) {
    let s = scene(&kit).await;
    let no = s.circle.no;
    let (record_id, field) = plan(&kit, &s).await;
    let about = Some(pb::ThreadSubject { record_id: record_id.clone(), field, ..Default::default() });
    let request = pb::OpenThreadRequest { about, ..asking(no, &[s.physician.account]) };
    let thread = open(&kit, &s.physio, &request).await;
    let subject = thread.about.clone().expect("about the field");
    assert_eq!((subject.r#type, subject.field, subject.record_id.as_str()), (EXERCISE_PLAN, field, record_id.as_str()));
    assert_eq!(thread.label.as_ref().expect("a label").categories, [8, 19]);
    let id = thread.record_id.as_str();
    let of = |field| pb::ListThreadsRequest { circle: no, record_id: record_id.clone(), field, ..Default::default() };
    for (field, found) in [(0, 1), (field, 1), (field + 1, 0)] {
        assert_eq!(threads::list(&kit.app, &s.physician, &of(field)).await.expect("listed").total, found);
    }
    // A dietitian reads the summary of activity alone: not the field, so not what quotes it.
    let taken = take(&kit, &s.physio, no, id, s.dietitian.account, true).await.expect_err("refused");
    assert_eq!((taken.reason(), taken.violations()[0].field.as_str()), (Reason::ThreadParticipant, "account"));
    let request = pb::OpenThreadRequest { accounts: vec![s.dietitian.account], ..request };
    assert_eq!(reason(threads::open(&kit.app, &s.physio, &request).await), Reason::ThreadParticipant);
    // For them the field is as one that is not there.
    let hidden = threads::open(&kit.app, &s.dietitian, &request).await.expect_err("hidden");
    let absent = Some(pb::ThreadSubject { record_id: text(kit.id()), field, ..Default::default() });
    let absent = pb::OpenThreadRequest { about: absent, ..request };
    same(hidden, threads::open(&kit.app, &s.dietitian, &absent).await.expect_err("absent"));
    // The physician loses the category: the thread is gone from their lists and from their phone, and comes back with it.
    let phone = kit.phone(&s.circle, 2, Role::Physician).await;
    assert!(holds(&kit.page(&phone.caller, no, &[]).await.expect("page"), id_in(id)));
    let narrowed = care::Grant {
        category: Some(care::GrantCategory::C08Activity.into()),
        not_after: None,
        ..access::grant(no, s.physician.account, care::Decision::Deny)
    };
    let grant = kit.create(&s.patient, no, 263, &narrowed).await.expect("narrowed");
    assert_eq!(reason(get(&kit, &s.physician, no, id).await), Reason::NotFound);
    assert!(!holds(&kit.page(&phone.caller, no, &[]).await.expect("page"), id_in(id)));
    let told = get(&kit, &s.physio, no, id).await.expect("read").thread.expect("a thread");
    assert_eq!(takes_part(&told), [s.physio.account], "it says who reads it now");
    let again = care::Grant { decision: Some(care::Decision::Allow.into()), ..Default::default() };
    access::write(&kit, &s.patient, no, &grant, "decision", &again).await;
    assert_eq!(get(&kit, &s.physician, no, id).await.expect("read").messages.len(), 1);
}

fn head_of(thread: &pb::Thread, circle: u64) -> ([u8; 16], [u8; 16]) {
    let head = care::Thread { thread: Some(thread.thread), ..Default::default() };
    let id = osteon_server::app::ids_for::derived(circle, &split::close(THREAD, &head.encode_to_vec())).expect("an id");
    assert_eq!(text(id.0), thread.record_id);
    (id.0, id.0)
}

fn said_in(thread: [u8; 16], number: u32, id: [u8; 16], choice: u32) -> sync::RecordWrite {
    let message = care::Message {
        parent: Some(thread.to_vec().into()),
        thread: Some(number),
        text: Some("written on the train".into()),
        ..Default::default()
    };
    sync::RecordWrite { label_choice: choice, ..create(id, MESSAGE, &message) }
}

pub(crate) async fn a_late_message_to_a_thread_that_was_lost_waits(kit: Kit) {
    let s = scene(&kit).await;
    let no = s.circle.no;
    let thread = open(&kit, &s.physio, &asking(no, &[s.physician.account])).await;
    let (id, _) = head_of(&thread, no);
    let mut phone = kit.phone(&s.circle, 2, Role::Physician).await;
    let base = kit.page(&phone.caller, no, &[]).await.expect("page").head;
    let mine = kit.id();
    assert_eq!(said(&kit.write(&mut phone, no, said_in(id, thread.thread, mine, 1)).await), "accepted");
    take(&kit, &s.physio, no, &thread.record_id, s.physician.account, false).await.expect("taken out");
    let late = kit.id();
    let mut change = kit.change(vec![said_in(id, thread.thread, late, 1)]);
    change.base = Some(base);
    assert_eq!(said(&kit.push(&mut phone, no, change).await), "quarantined LOST_RIGHT");
    // What was begun after they lost it is refused, as a message to a thread that never was is.
    let mut after = kit.change(vec![said_in(id, thread.thread, kit.id(), 1)]);
    after.base = Some(kit.page(&phone.caller, no, &[]).await.expect("page").head);
    let refused = said(&kit.push(&mut phone, no, after).await);
    let mut never = kit.change(vec![said_in(id, thread.thread ^ 1, kit.id(), 1)]);
    never.base = Some(kit.page(&phone.caller, no, &[]).await.expect("page").head);
    assert_eq!(
        (refused.as_str(), said(&kit.push(&mut phone, no, never).await)),
        ("RECORD_NOT_CREATABLE writes[0]", refused.clone())
    );
    assert!(!holds(&kit.page(&phone.caller, no, &[]).await.expect("page"), mine), "purged with the thread");
    // Whoever takes part sees that it waits, and nobody else does.
    for (who, waits) in [(&s.physio, 1), (&s.nurse, 0), (&s.patient, 0)] {
        let request = osteon_proto::review::ListQuarantinedRequest { circle: no, ..Default::default() };
        assert_eq!(quarantine::list(&kit.app, who, &request).await.expect("listed").changes.len(), waits);
    }
}

pub(crate) async fn a_phone_starts_a_thread(kit: Kit) {
    let s = scene(&kit).await;
    let no = s.circle.no;
    let mut phone = kit.phone(&s.circle, 1, Role::Physiotherapist).await;
    let number = 77;
    let head = care::Thread { thread: Some(number), title: Some("Stairs".into()), ..Default::default() };
    let mut start = access::derived(no, THREAD, &head);
    start.label_choice = 1;
    let id: [u8; 16] = start.record.as_ref().try_into().expect("an id");
    let named = care::ThreadParticipant {
        parent: Some(id.to_vec().into()),
        thread: Some(number),
        account: Some(s.physician.account),
        participation: Some(care::Decision::Allow.into()),
    };
    let mut named = access::derived(no, PARTICIPANT, &named);
    named.label_choice = 1;
    // Nothing of a thread comes before it; in one push, in whatever changes, it is there.
    let lonely = said(&kit.write(&mut phone, no, said_in(id, number, kit.id(), 1)).await);
    assert_eq!(lonely, "RECORD_NOT_CREATABLE writes[0]");
    let changes = vec![
        kit.change(vec![start.clone()]),
        kit.change(vec![named, said_in(id, number, kit.id(), 1)]),
        kit.change(vec![said_in(id, number, kit.id(), 1)]),
    ];
    let verdicts = kit.send(&phone, kit.request(&phone, no, 0, changes)).await;
    phone.lanes[0].next += 3;
    assert_eq!(verdicts.iter().map(said).collect::<Vec<_>>(), ["accepted"; 3]);
    assert_eq!(get(&kit, &s.physician, no, &text(id)).await.expect("read").messages.len(), 2);
    // Its number is taken, for whoever takes part in it and for whoever does not know of it.
    let mut other = kit.phone(&s.circle, 3, Role::Nurse).await;
    for phone in [&mut phone, &mut other] {
        assert_eq!(said(&kit.write(phone, no, start.clone()).await), "RECORD_NOT_CREATABLE writes[0]");
    }
    assert_eq!(reason(get(&kit, &s.nurse, no, &text(id)).await), Reason::NotFound);
    // What belongs to a thread stands under its label: another one would outlive what the thread's readers lose.
    let elsewhere = said(&kit.write(&mut phone, no, said_in(id, number, kit.id(), 3)).await);
    assert_eq!(elsewhere, "RECORD_NOT_CREATABLE writes[0]", "C02 is not the physiotherapist's");
    let elsewhere = said(&kit.write(&mut phone, no, said_in(id, number, kit.id(), 9)).await);
    assert_eq!(elsewhere, "THREAD_UNKNOWN writes[0].body.message.parent");
    // Nor does a thread say that it is about what it is not.
    let (record_id, field) = plan(&kit, &s).await;
    let about = |choice: u32, record: Option<[u8; 16]>, about_field: Option<u32>, number: u32| {
        let about_record = record.map(|id| id.to_vec().into());
        let head = care::Thread { thread: Some(number), about_record, about_field, ..Default::default() };
        sync::RecordWrite { label_choice: choice, ..access::derived(no, THREAD, &head) }
    };
    let plan = Some(id_in(&record_id));
    for (write, expected) in [
        (about(1, plan, Some(field), 81), "THREAD_SUBJECT writes[0].body.thread.about_field"),
        (about(9, plan, Some(1_999), 82), "THREAD_SUBJECT writes[0].body.thread.about_field"),
        (about(9, Some(kit.id()), None, 83), "THREAD_SUBJECT writes[0].body.thread.about_record"),
        (about(1, None, Some(field), 84), "ARGUMENT_INVALID writes[0].body.thread.about_field"),
        (about(9, plan, Some(field), 85), "accepted"),
        (about(9, plan, None, 86), "accepted"),
    ] {
        assert_eq!(said(&kit.write(&mut phone, no, write).await), expected);
    }
}

pub(crate) async fn how_far_each_has_seen_a_thread(kit: Kit) {
    let s = scene(&kit).await;
    let other = kit.circle("d0002", &[Role::Patient]).await;
    let no = s.circle.no;
    let thread = open(&kit, &s.physio, &asking(no, &[s.physician.account])).await;
    let id = thread.record_id.as_str();
    kit.clock.advance(1_000);
    let second =
        open(&kit, &s.physio, &pb::OpenThreadRequest { title: "Bath".into(), ..asking(no, &[s.physician.account]) })
            .await;
    open(&kit, &kit.person(other.people[0]), &pb::OpenThreadRequest { everybody: true, ..asking(other.no, &[]) }).await;
    let all = listed(&kit, &s.physician, 0).await;
    assert_eq!((all.total, all.unread), (2, 2), "over all of their circles, and no others");
    assert_eq!(all.threads.iter().map(|one| one.title.as_str()).collect::<Vec<_>>(), ["Bath", "Lifting"]);
    kit.clock.advance(1_000);
    send(&kit, &s.physio, no, id, "Anybody?").await.expect("sent");
    let all = listed(&kit, &s.physician, 0).await;
    assert_eq!(all.threads.iter().map(|one| one.unread).collect::<Vec<_>>(), [2, 1], "the newest message first");
    assert_eq!(all.threads[0].last.as_ref().expect("a message").text, "Anybody?");
    let read = get(&kit, &s.physician, no, id).await.expect("read");
    let seen = mark(&kit, &s.physician, no, id, read.as_of_sequence).await.expect("marked");
    assert_eq!((seen.account, seen.seen_sequence), (s.physician.account, read.as_of_sequence));
    assert_eq!(mark(&kit, &s.physician, no, id, 1).await.expect("lower"), seen, "a mark only grows");
    let all = listed(&kit, &s.physician, no).await;
    assert_eq!((all.total, all.unread), (2, 1));
    let unread = pb::ListThreadsRequest { circle: 0, unread: true, ..Default::default() };
    let unread = threads::list(&kit.app, &s.physician, &unread).await.expect("listed").threads;
    assert_eq!(unread.iter().map(|one| one.record_id.as_str()).collect::<Vec<_>>(), [second.record_id.as_str()]);
    let told = get(&kit, &s.physio, no, id).await.expect("read").thread.expect("a thread");
    let of = |account| told.participants.iter().find(|one| one.account == account).expect("takes part").seen_sequence;
    assert_eq!((of(s.physician.account), of(s.physio.account)), (seen.seen_sequence, 0), "a read is no mark");
    send(&kit, &s.physio, no, id, "One more.").await.expect("sent");
    assert_eq!(get(&kit, &s.physician, no, id).await.expect("read").thread.expect("it").unread, 1);
    let further = get(&kit, &s.physician, no, id).await.expect("read").as_of_sequence;
    assert_eq!(mark(&kit, &s.physician, no, id, further).await.expect("marked").seen_sequence, further);
    for wrong in [0, further + 99] {
        let error = mark(&kit, &s.physician, no, id, wrong).await.expect_err("refused");
        assert_eq!((error.reason(), error.violations()[0].field.as_str()), (Reason::ArgumentInvalid, "sequence"));
    }
    // Page by page.
    let (mut token, mut found) = (String::new(), Vec::new());
    loop {
        let request = pb::GetThreadRequest { circle: no, record_id: id.into(), page_size: 2, page_token: token };
        let page = threads::get(&kit.app, &s.physician, &request).await.expect("read");
        found.extend(texts(&page).into_iter().map(str::to_owned));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(found, ["One more.", "Anybody?", "Why do you say 5 kg?"]);
    let request = pb::ListThreadsRequest { circle: no, page_size: 1, ..Default::default() };
    let first = threads::list(&kit.app, &s.physician, &request).await.expect("listed");
    let request = pb::ListThreadsRequest { page_token: first.next_page_token.clone(), ..request };
    let rest = threads::list(&kit.app, &s.physician, &request).await.expect("listed");
    assert_eq!((first.threads[0].title.as_str(), rest.threads[0].title.as_str()), ("Lifting", "Bath"));
    let request = pb::ListThreadsRequest { unread: true, ..request };
    assert_eq!(reason(threads::list(&kit.app, &s.physician, &request).await), Reason::PageTokenInvalid);
}

pub(crate) async fn threads_have_limits_and_bad_requests_have_reasons(kit: Kit) {
    let s = scene(&kit).await;
    let no = s.circle.no;
    let request_id = text(kit.id());
    let request = pb::OpenThreadRequest { request_id: request_id.clone(), ..asking(no, &[s.physician.account]) };
    let thread = open(&kit, &s.physio, &request).await;
    assert_eq!(open(&kit, &s.physio, &request).await.record_id, thread.record_id, "the same request opens one");
    assert_eq!(listed(&kit, &s.physio, no).await.total, 1);
    let other = pb::OpenThreadRequest { title: "Another".into(), ..request };
    assert_eq!(reason(threads::open(&kit.app, &s.physio, &other).await), Reason::RequestIdReused);
    let id = thread.record_id.as_str();
    let long = "x".repeat(8_001);
    for (text, expected) in [
        ("", Reason::ArgumentInvalid),
        (" ", Reason::ArgumentInvalid),
        (&long, Reason::ArgumentInvalid),
        ("a\u{7}", Reason::ControlInText),
    ] {
        let error = send(&kit, &s.physio, no, id, text).await.expect_err("refused");
        assert_eq!((error.reason(), error.violations()[0].field.as_str()), (expected, "text"));
        let opening = pb::OpenThreadRequest { text: text.into(), ..asking(no, &[]) };
        assert_eq!(reason(threads::open(&kit.app, &s.physio, &opening).await), expected);
    }
    send(&kit, &s.physio, no, id, &"x".repeat(8_000)).await.expect("the bound itself");
    let many = asking(no, &(1..=65).collect::<Vec<u64>>());
    assert_eq!(reason(threads::open(&kit.app, &s.physio, &many).await), Reason::LimitExceeded);
    for (about, path) in [
        (pb::ThreadSubject { field: 3, ..Default::default() }, "about.field"),
        (pb::ThreadSubject { record_id: "x".into(), ..Default::default() }, "about.record_id"),
    ] {
        let request = pb::OpenThreadRequest { about: Some(about), ..asking(no, &[]) };
        let error = threads::open(&kit.app, &s.physio, &request).await.expect_err("refused");
        assert_eq!(error.violations()[0].field.as_str(), path);
    }
    // A correction is of one's own message.
    let mine = send(&kit, &s.physio, no, id, "6 kg").await.expect("sent");
    let correct = |supersedes: &str| pb::SendMessageRequest {
        circle: no,
        record_id: id.into(),
        text: "5 kg".into(),
        supersedes: supersedes.into(),
        ..Default::default()
    };
    let corrected = threads::send(&kit.app, &s.physio, &correct(&mine.record_id)).await.expect("sent").message;
    assert_eq!(corrected.expect("a message").supersedes, mine.record_id);
    assert_eq!(reason(threads::send(&kit.app, &s.physician, &correct(&mine.record_id)).await), Reason::NotFound);
    // A message takes no second write, by anybody; its author may mark it as a mistake.
    let view = kit.get(&s.physio, no, id_in(&mine.record_id)).await.expect("there");
    let again = care::Message { text: Some("7 kg".into()), ..Default::default() };
    let request = record::WriteRecordRequest {
        circle: no,
        record_id: mine.record_id.clone(),
        body: Some(body(MESSAGE, &again)),
        ..Default::default()
    };
    assert!(records::write(&kit.app, &s.physio, &request).await.is_err());
    let end = record::EndRecordRequest {
        circle: no,
        record_id: mine.record_id.clone(),
        state: sync::Lifecycle::EnteredInError.into(),
        shown: view.shown,
        ..Default::default()
    };
    records::end(&kit.app, &s.physio, &end).await.expect("marked as a mistake");
    let read = get(&kit, &s.physician, no, id).await.expect("read");
    let gone = read.messages.iter().find(|one| one.record_id == mine.record_id).expect("it is told that there was one");
    assert!(gone.ended && gone.text.is_empty());
    // Nothing of a thread moves to another label.
    let other = send(&kit, &s.physio, no, id, "stays").await.expect("sent");
    let moving = record::MoveRecordRequest {
        circle: no,
        record_id: other.record_id,
        label_choice: 2,
        reason: "elsewhere".into(),
        ..Default::default()
    };
    assert_eq!(reason(osteon_server::app::moves::run(&kit.app, &s.physio, &moving).await), Reason::NotMovable);
    // The title is changed by whoever takes part.
    let head = kit.get(&s.physician, no, id_in(id)).await.expect("there");
    access::write(
        &kit,
        &s.physician,
        no,
        &head,
        "title",
        &care::Thread { title: Some("Loads".into()), ..Default::default() },
    )
    .await;
    assert_eq!(get(&kit, &s.physio, no, id).await.expect("read").thread.expect("it").title, "Loads");
}
