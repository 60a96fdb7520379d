//! Endings of parents, and children that were written without knowing of them.

use osteon_proto::{care, meta::Role, record as pb, review, sync};
use osteon_server::{
    access::Caller,
    app::{records, reviews},
};

use crate::fixture::*;

const GOAL: u32 = 241;
const MILESTONE: u32 = 242;

fn end_of(circle: u64, view: &pb::RecordView) -> pb::EndRecordRequest {
    pb::EndRecordRequest {
        circle,
        record_id: view.record_id.clone(),
        state: sync::Lifecycle::Deleted.into(),
        shown: view.shown.clone(),
        ..Default::default()
    }
}

async fn inbox(kit: &Kit, reader: &Caller, circle: u64) -> Vec<review::Review> {
    let ask = review::ListReviewsRequest { circle, ..Default::default() };
    reviews::list(&kit.app, reader, &ask).await.expect("reviews").reviews
}

/// How the parent stands on the pages from `cursor` on; `None`: it was not sent. And the cursor behind them.
async fn sent(kit: &Kit, reader: &Caller, circle: u64, id: [u8; 16], cursor: &[u8]) -> (Option<(i32, bool)>, Vec<u8>) {
    let page = kit.page(reader, circle, cursor).await.expect("a page");
    assert!(page.at_head);
    let part = parts(&page).into_iter().find(|(_, part)| part.record.as_ref() == id);
    (part.map(|(_, part)| (part.lifecycle, part.lifecycle_review)), page.cursor.to_vec())
}

pub(crate) async fn a_child_is_edited_under_an_ended_parent(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let (patient, physio) = (kit.person(circle.people[0]), kit.person(circle.people[1]));
    let goal = care::SharedGoal { statement: Some("walk".into()), ..Default::default() };
    let goal = kit.create(&patient, circle.no, GOAL, &goal).await.expect("goal");
    let step = |text: &str| care::Milestone {
        parent: Some(id_of(&goal).to_vec().into()),
        text: Some(text.into()),
        ..Default::default()
    };
    let made = kit.create(&patient, circle.no, MILESTONE, &step("to the shop")).await.expect("milestone");
    let seen = kit.get(&patient, circle.no, id_of(&goal)).await.expect("read");
    let ended = records::end(&kit.app, &patient, &end_of(circle.no, &seen)).await.expect("ended").record.expect("goal");
    assert_eq!((ended.lifecycle(), ended.lifecycle_review), (sync::Lifecycle::Deleted, false));
    assert!(inbox(&kit, &physio, circle.no).await.is_empty(), "nobody is asked");
    let (held, cursor) = sent(&kit, &physio, circle.no, id_of(&goal), &[]).await;
    assert_eq!(held, Some((sync::Lifecycle::Deleted.into(), false)));

    // Offline, the child was edited by somebody who had not seen the ending.
    let part_of = |text: &str| care::Milestone { text: Some(text.into()), ..Default::default() };
    let number = field(&made, "text").field;
    let offline = edit(id_of(&made), MILESTONE, &part_of("to the park"), number, dots(&made, "text"));
    sequence(&kit.write(&mut phone, circle.no, offline).await);
    let (held, cursor) = sent(&kit, &physio, circle.no, id_of(&goal), &cursor).await;
    assert_eq!(held, Some((0, true)), "the parent comes again: it stays, and a person is asked");
    let open = inbox(&kit, &patient, circle.no).await;
    assert_eq!(open.iter().map(|one| one.kind()).collect::<Vec<_>>(), [review::ReviewKind::Ending]);

    let resolve = review::ResolveReviewRequest {
        review_id: open[0].review_id.clone(),
        shown: open[0].shown.clone(),
        end: true,
        ..Default::default()
    };
    let view = reviews::resolve(&kit.app, &patient, &resolve).await.expect("resolved").record.expect("goal");
    assert_eq!((view.lifecycle(), view.lifecycle_review), (sync::Lifecycle::EnteredInError, false));
    assert!(inbox(&kit, &patient, circle.no).await.is_empty(), "the question is answered");
    let (held, _) = sent(&kit, &physio, circle.no, id_of(&goal), &cursor).await;
    assert_eq!(held, Some((sync::Lifecycle::EnteredInError.into(), false)));
}

pub(crate) async fn an_ending_that_leaves_a_child_out_is_asked_about(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let patient = kit.person(circle.people[0]);
    let goal = care::SharedGoal { statement: Some("walk".into()), ..Default::default() };
    let goal = kit.create(&patient, circle.no, GOAL, &goal).await.expect("goal");
    // The child comes from a phone, after what is on the screen of whoever ends the goal; and it comes while the circle is
    // otherwise still.
    let step = care::Milestone {
        parent: Some(id_of(&goal).to_vec().into()),
        text: Some("to the shop".into()),
        ..Default::default()
    };
    sequence(&kit.write(&mut phone, circle.no, create([7; 16], MILESTONE, &step)).await);
    records::end(&kit.app, &patient, &end_of(circle.no, &goal)).await.expect("ended");
    let open = inbox(&kit, &patient, circle.no).await;
    assert_eq!(open.len(), 1, "the goal stays, and a person is asked");
    // A second child under the ended goal: the same one question.
    sequence(&kit.write(&mut phone, circle.no, create([8; 16], MILESTONE, &step)).await);
    assert_eq!(inbox(&kit, &patient, circle.no).await.len(), 1);
    let (held, _) = sent(&kit, &patient, circle.no, id_of(&goal), &[]).await;
    assert_eq!(held, Some((0, true)));
}
