//! Taking a save back: what nobody has heard of is as if it had never been; what was sent is written back, and nothing of
//! anybody else is lost by it.

use crate::enrolled::{CIRCLE, NOW, body, enrolled as phone_in};
use crate::stand_in::StandIn;
use osteon_client::{
    Error, Phone,
    events::silent,
    records::{Entry, NewRecord},
    undo::Undone,
    views::{FieldView, RecordView},
};
use osteon_proto::{care, meta, reasons::Reason};
use osteon_sync_core::{RecordId, lifecycle::State as Life};

fn plan(minutes: u32) -> NewRecord {
    let plan = care::ExercisePlan { max_minutes_session: Some(minutes), ..Default::default() };
    NewRecord { body: body("exercise_plan", &plan), label_choice: 0, record: None }
}

async fn seen(phone: &Phone, record: RecordId) -> Option<RecordView> {
    phone.read().await.unwrap().enrolled().unwrap().view(CIRCLE, NOW).unwrap().record(record)
}

async fn minutes(phone: &Phone, record: RecordId) -> Option<u8> {
    let seen = seen(phone, record).await?;
    seen.field("max_minutes_session").and_then(FieldView::value).and_then(|chunk| chunk.last().copied())
}

async fn set(phone: &Phone, record: RecordId, n: u32) {
    let form = phone.open_form(CIRCLE, record).await.unwrap();
    phone.save(&form, &Entry::of_body(&plan(n).body).unwrap(), "as agreed", false).await.unwrap();
}

#[tokio::test]
async fn what_was_not_sent_is_as_if_it_had_never_been_and_its_number_is_given_again() {
    let dir = tempfile::tempdir().unwrap();
    let server = StandIn::start().await;
    let phone = phone_in(dir.path(), meta::Role::Physiotherapist).await;
    server.serve(&phone).await;
    let first = phone.create(CIRCLE, &plan(40), "").await.unwrap();
    set(&phone, first.record, 20).await;
    assert_eq!(phone.undo(CIRCLE, "").await.unwrap(), Undone::Withdrawn { record: first.record });
    assert_eq!(minutes(&phone, first.record).await, Some(40));
    assert_eq!(phone.undo(CIRCLE, "").await.unwrap(), Undone::Withdrawn { record: first.record });
    assert!(seen(&phone, first.record).await.is_none());
    assert!(matches!(phone.undo(CIRCLE, "").await, Err(Error::CannotUndo(_))));
    // The chain has no hole.
    let again = phone.create(CIRCLE, &plan(30), "").await.unwrap();
    assert_eq!(again.dot, first.dot);
    phone.sync(silent()).await.unwrap();
    let books = server.books.lock().unwrap();
    assert_eq!((books.counters(first.dot.replica.n), books.skips, books.forged), (vec![1], 0, 0));
}

#[tokio::test]
async fn a_form_that_shows_what_was_taken_back_is_not_saved() {
    let dir = tempfile::tempdir().unwrap();
    let phone = phone_in(dir.path(), meta::Role::Physiotherapist).await;
    let plan_ = phone.create(CIRCLE, &plan(40), "").await.unwrap().record;
    set(&phone, plan_, 20).await;
    let form = phone.open_form(CIRCLE, plan_).await.unwrap();
    phone.undo(CIRCLE, "").await.unwrap();
    set(&phone, plan_, 15).await;
    // It would name 15 minutes, which it never showed, by the number that was given again.
    let stale = phone.save(&form, &Entry::of_body(&plan(10).body).unwrap(), "", false).await;
    assert!(matches!(stale, Err(Error::FormOutdated)));
    assert_eq!(minutes(&phone, plan_).await, Some(15));
}

#[tokio::test]
async fn what_was_sent_is_written_back() {
    let dir = tempfile::tempdir().unwrap();
    let server = StandIn::start().await;
    let phone = phone_in(dir.path(), meta::Role::Physiotherapist).await;
    server.serve(&phone).await;
    let plan = phone.create(CIRCLE, &plan(40), "").await.unwrap().record;
    set(&phone, plan, 20).await;
    phone.sync(silent()).await.unwrap();
    // Back to 40 lifts a limit: that needs a reason, and nothing has happened without one.
    let refused = phone.undo(CIRCLE, "").await;
    assert!(matches!(refused, Err(Error::Refused { reason: Reason::ReasonRequired, .. })));
    assert_eq!(minutes(&phone, plan).await, Some(20));
    assert!(matches!(phone.undo(CIRCLE, "typed wrongly").await.unwrap(), Undone::WrittenBack(_)));
    assert_eq!(minutes(&phone, plan).await, Some(40));
    // The one before that was the creation, of a plan with limits: they end with it.
    let refused = phone.undo(CIRCLE, "").await;
    assert!(matches!(refused, Err(Error::Refused { reason: Reason::ReasonRequired, .. })));
    assert!(matches!(phone.undo(CIRCLE, "of another patient").await.unwrap(), Undone::Marked(_)));
    assert_eq!(seen(&phone, plan).await.unwrap().life, Life::EnteredInError);
    phone.sync(silent()).await.unwrap();
    let books = server.books.lock().unwrap();
    assert_eq!((books.accepted().len(), books.forged, books.skips), (4, 0, 0));
}

#[tokio::test]
async fn an_ending_is_taken_back_also_after_it_was_sent() {
    let dir = tempfile::tempdir().unwrap();
    let server = StandIn::start().await;
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    server.serve(&phone).await;
    let entry = care::PainEntry { worst_24h: Some(3), ..Default::default() };
    let new = NewRecord { body: body("pain_entry", &entry), label_choice: 0, record: None };
    let record = phone.create(CIRCLE, &new, "").await.unwrap().record;
    let form = phone.open_form(CIRCLE, record).await.unwrap();
    phone.end(&form, Life::EnteredInError, "wrong day").await.unwrap();
    phone.sync(silent()).await.unwrap();
    assert!(matches!(phone.undo(CIRCLE, "").await.unwrap(), Undone::WrittenBack(_)));
    assert_eq!(seen(&phone, record).await.unwrap().life, Life::Active);
}

#[tokio::test]
async fn own_notes_are_found_and_a_note_that_is_gone_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let phone = phone_in(dir.path(), meta::Role::Patient).await;
    let note = care::PainEntry { worst_24h: Some(3), site: vec!["lower_back".into()], ..Default::default() };
    let new = NewRecord { body: body("pain_entry", &note), label_choice: 0, record: None };
    let record = phone.create(CIRCLE, &new, "").await.unwrap().record;
    let hits = phone.find(CIRCLE, "BACK").await.unwrap();
    assert_eq!(hits.iter().map(|hit| hit.record).collect::<Vec<_>>(), vec![record]);
    phone.undo(CIRCLE, "").await.unwrap();
    assert!(phone.find(CIRCLE, "back").await.unwrap().is_empty());
}
