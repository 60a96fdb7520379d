//! Threads of messages on phones: started without a network, answered, and gone from a phone that lost them.

use osteon_access_core::Role;
use osteon_client::{
    Phone,
    events::silent,
    outcomes::Outcome,
    records::NewRecord,
    threads::{NewThread, Thread},
};
use osteon_sync_core::device::Confirmed as _;
use osteon_tests::server::{Server, Setup};

use crate::phone::{circle, minutes, phone};

async fn threads(phone: &Phone) -> Vec<Thread> {
    phone.threads(circle(phone).await).await.expect("threads")
}

fn texts(thread: &Thread) -> Vec<&str> {
    thread.messages.iter().filter_map(|said| said.text.as_deref()).collect()
}

async fn account(phone: &Phone, role: Role) -> u64 {
    phone.members_in(circle(phone).await, role).await.expect("members")[0]
}

async fn sync(phones: &[&Phone]) {
    for phone in phones {
        phone.sync(silent()).await.expect("sync");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn phones_talk_and_whoever_is_taken_out_has_nothing_left() {
    let server = Server::start(Setup::default()).expect("server");
    let homes = tempfile::tempdir().expect("dir");
    let invite = server.new_circle("patient").expect("invite");
    let patient = phone(&server, &homes.path().join("patient"), &invite).await;
    let mut team = Vec::new();
    for role in ["physiotherapist", "physician", "nurse", "dietitian"] {
        let invite = server.invite_into(&invite.short_id, role).expect("invite");
        team.push(phone(&server, &homes.path().join(role), &invite).await);
    }
    let [physio, physician, nurse, dietitian] = team.try_into().ok().expect("four");
    sync(&[&patient, &physio, &physician, &nurse, &dietitian]).await;
    let no = circle(&physio).await;
    let new = NewRecord { body: minutes(40), label_choice: 0, record: None };
    let plan = physio.create(no, &new, "").await.expect("a plan").record;
    // Without a network: the thread, who takes part and the first message wait, and say who will read them.
    let asked = account(&physio, Role::Physician).await;
    let new = NewThread {
        title: "Minutes".into(),
        accounts: vec![asked],
        about: Some((plan, Some(7))),
        text: "May it be 40?".into(),
        ..Default::default()
    };
    let (thread, _) = physio.start_thread(no, &new).await.expect("started");
    let own = threads(&physio).await;
    assert_eq!((texts(&own[0]), own[0].readers.len()), (vec!["May it be 40?"], 2));
    assert!(own[0].messages[0].unsent && own[0].about.map(|(record, _)| record) == Some(plan));
    // Somebody who may not read what it is about takes no part, and the phone says so.
    let hers = account(&physio, Role::Dietitian).await;
    assert!(physio.set_participant(no, thread, hers, true).await.is_err());
    sync(&[&physio, &physician, &nurse, &patient]).await;
    assert!(!threads(&physio).await[0].messages[0].unsent);
    physician.say(no, thread, "30, until the scan.").await.expect("said");
    sync(&[&physician, &physio]).await;
    assert_eq!(texts(&threads(&physio).await[0]), ["May it be 40?", "30, until the scan."]);
    for phone in [&nurse, &patient] {
        assert!(threads(phone).await.is_empty(), "who takes no part has nothing of it");
    }
    let late = account(&physio, Role::Nurse).await;
    physio.set_participant(no, thread, late, true).await.expect("taken in");
    sync(&[&physio, &nurse]).await;
    assert_eq!(texts(&threads(&nurse).await[0]).len(), 2, "all of it");
    // Only whoever started it takes others out; then nothing of it is left on their phone, and what they wrote since waits.
    assert!(nurse.set_participant(no, thread, asked, false).await.is_err());
    physio.set_participant(no, thread, asked, false).await.expect("taken out");
    let saved = physician.say(no, thread, "Written on the train.").await.expect("said");
    sync(&[&physio, &physician]).await;
    assert!(threads(&physician).await.is_empty());
    {
        let state = physician.read().await.expect("state");
        let enrolled = state.enrolled().expect("enrolled");
        let held = enrolled.view(no, physician.now_ms()).expect("circle");
        assert_eq!((held.confirmed().of_record(thread).len(), held.hidden_count()), (0, 0), "purged");
    }
    // It waits with the team, and its author is told so with the reason.
    let outcomes = physician.outcomes().await.expect("outcomes");
    let late = outcomes.iter().find(|one| one.dot == saved.dot).expect("told what became of it");
    assert!(matches!(&late.outcome, Outcome::Quarantined { reason } if reason == "LOST_RIGHT"), "{:?}", late.outcome);
    // Who leaves loses it as well.
    let me = account(&nurse, Role::Nurse).await;
    nurse.set_participant(no, thread, me, false).await.expect("left");
    sync(&[&nurse]).await;
    assert!(threads(&nurse).await.is_empty());
    sync(&[&physio]).await;
    assert_eq!(threads(&physio).await[0].readers.len(), 1);
}
