//! Views that leave out what was not asked for say the same as those that put everything together; and questions that are answered
//! anew when their answer changes.

use crate::enrolled;
use std::{sync::Arc, time::Duration};

use crate::enrolled::{CIRCLE, NOW, body};
use osteon_client::{
    Phone,
    records::{Entry, NewRecord},
    views::RecordView,
};
use osteon_proto::{care, meta, wire::device::timestamp};
use osteon_sync_core::{RecordId, lifecycle::State as Life};
use proptest::prelude::*;

const PAIN: u32 = 101;
const PLAN: u32 = 201;
const EXERCISE: u32 = 211;
const DAY: u64 = 86_400_000;

/// What somebody writes.
#[derive(Clone, Debug)]
enum Act {
    Pain { days_ago: u64 },
    Undated,
    Plan,
    Exercise { of: usize },
    Edit { of: usize, minutes: u32 },
    End { of: usize },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        (0_u64..40).prop_map(|days_ago| Act::Pain { days_ago }),
        Just(Act::Undated),
        Just(Act::Plan),
        (0_usize..8).prop_map(|of| Act::Exercise { of }),
        (0_usize..8, 1_u32..60).prop_map(|(of, minutes)| Act::Edit { of, minutes }),
        (0_usize..8).prop_map(|of| Act::End { of }),
    ];
    proptest::collection::vec(act, 1..24)
}

fn new(body: Vec<u8>) -> NewRecord {
    NewRecord { body, label_choice: 0, record: None }
}

fn pain(at_ms: Option<u64>) -> NewRecord {
    let effective_start = at_ms.map(|ms| care::Moment { at: Some(timestamp(ms)), ..Default::default() });
    new(body("pain_entry", &care::PainEntry { worst_24h: Some(4), effective_start, ..Default::default() }))
}

async fn write(phone: &Phone, acts: &[Act]) {
    let (mut plans, mut all): (Vec<RecordId>, Vec<RecordId>) = Default::default();
    for act in acts {
        let made = match act {
            Act::Pain { days_ago } => pain(Some(NOW - days_ago * DAY)),
            Act::Undated => pain(None),
            Act::Plan => new(body("exercise_plan", &care::ExercisePlan::default())),
            Act::Exercise { of } => {
                let Some(plan) = plans.get(of % plans.len().max(1)) else { continue };
                let exercise = care::Exercise {
                    parent: Some(plan.0.to_vec().into()),
                    block: Some(care::ExerciseBlock::Main.into()),
                    code: Some(format!("exercise_{}", all.len())),
                    ..Default::default()
                };
                new(body("exercise", &exercise))
            }
            Act::Edit { of, minutes } => {
                let Some(plan) = plans.get(of % plans.len().max(1)) else { continue };
                let edit = care::ExercisePlan { max_minutes_session: Some(*minutes), ..Default::default() };
                let form = phone.open_form(CIRCLE, *plan).await.unwrap();
                let entries = Entry::of_body(&body("exercise_plan", &edit)).unwrap();
                // What ended may refuse it.
                let _ = phone.save(&form, &entries, "feels better", false).await;
                continue;
            }
            Act::End { of } => {
                let Some(record) = all.get(of % all.len().max(1)) else { continue };
                let form = phone.open_form(CIRCLE, *record).await.unwrap();
                let _ = phone.end(&form, Life::EnteredInError, "not so").await;
                continue;
            }
        };
        let saved = phone.create(CIRCLE, &made, "").await.unwrap();
        if matches!(act, Act::Plan) {
            plans.push(saved.record);
        }
        all.push(saved.record);
    }
}

fn ids<'a>(records: impl IntoIterator<Item = &'a RecordView>) -> Vec<RecordId> {
    records.into_iter().map(|record| record.record).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn what_is_left_out_would_not_have_been_shown(acts in acts(), days in (0_u64..40, 1_u64..20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let dir = tempfile::tempdir().unwrap();
        runtime.block_on(async {
            let phone = enrolled::enrolled(dir.path(), meta::Role::Physiotherapist).await;
            write(&phone, &acts).await;
            let state = phone.read().await.unwrap();
            let view = state.enrolled().unwrap().view(CIRCLE, NOW).unwrap();
            let all = view.records();
            // Days of the timeline are those of all of it.
            let (from, until) = (NOW - days.0 * DAY, NOW - days.0 * DAY + days.1 * DAY);
            for type_number in [None, Some(PAIN), Some(PLAN)] {
                let whole = view.timeline(0, u64::MAX, type_number);
                let expected: Vec<RecordId> = whole
                    .iter()
                    .filter(|moment| (from..until).contains(&moment.at_ms))
                    .map(|moment| moment.record.record)
                    .collect();
                let told = view.timeline(from, until, type_number);
                prop_assert_eq!(ids(told.iter().map(|moment| &moment.record)), expected);
            }
            let expected = all.iter().filter(|record| !record.fields.is_empty()).count();
            prop_assert_eq!(view.timeline(0, u64::MAX, None).len(), expected, "all of it is all");
            for number in [PAIN, PLAN, EXERCISE] {
                prop_assert_eq!(view.count(number), view.of_type(number).len());
            }
            let disputed = all.iter().flat_map(|record| {
                let fields = record.fields.iter().filter(|field| field.needs_review).map(|_| record.record);
                fields.chain(record.life_review.then_some(record.record))
            });
            let told = view.disputes();
            prop_assert_eq!(ids(told.iter().map(|(record, _)| record)), disputed.collect::<Vec<_>>());
            for plan in view.of_type(PLAN) {
                let expected = all.iter().filter(|record| record.parent == Some(plan.record) && record.is_active());
                prop_assert_eq!(ids(&view.children(plan.record)), ids(expected));
            }
            Ok(())
        })?;
    }
}

fn cases() -> u32 {
    std::env::var("OSTEON_CASES").ok().and_then(|cases| cases.parse::<u32>().ok()).map_or(24, |cases| cases / 40 + 1)
}

#[tokio::test]
async fn a_question_is_answered_anew_when_its_answer_changes() {
    let dir = tempfile::tempdir().unwrap();
    let phone = Arc::new(enrolled::enrolled(dir.path(), meta::Role::Physiotherapist).await);
    let first = phone.create(CIRCLE, &pain(Some(NOW)), "").await.unwrap().record;
    let mut count = phone.watch_count(CIRCLE, PAIN);
    let mut list = phone.watch_list(CIRCLE, PAIN);
    let mut one = phone.watch_record(CIRCLE, first);
    assert_eq!(count.next().await.unwrap(), 1);
    assert_eq!(ids(&list.next().await.unwrap()), [first]);
    assert!(one.next().await.unwrap().is_some_and(|record| record.is_active()));
    // Something else has changed: the answer is the same, and nobody is told.
    let plan = new(body("exercise_plan", &care::ExercisePlan::default()));
    phone.create(CIRCLE, &plan, "").await.unwrap();
    let soon = Duration::from_millis(50);
    assert!(tokio::time::timeout(soon, count.next()).await.is_err());
    assert!(tokio::time::timeout(soon, one.next()).await.is_err());
    let second = phone.create(CIRCLE, &pain(Some(NOW)), "").await.unwrap().record;
    assert_eq!(count.next().await.unwrap(), 2, "whoever stopped waiting in between has missed nothing");
    let mut both = [first, second];
    both.sort();
    assert_eq!(ids(&list.next().await.unwrap()), both);
    let form = phone.open_form(CIRCLE, first).await.unwrap();
    phone.end(&form, Life::EnteredInError, "not so").await.unwrap();
    assert!(one.next().await.unwrap().is_some_and(|record| !record.is_active()));
    assert_eq!(count.next().await.unwrap(), 1);
}
