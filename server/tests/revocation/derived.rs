//! What is not a record and is made of records: alerts, tasks, series, the digest, the page for a visit, trial writes, what
//! waits for a decision. Each told of the marked entries before, and none does after.

use std::sync::Arc;

use osteon_proto::{
    alert::{self, watch_alerts_response::Event},
    record, review, summary, task, timeline,
};
use osteon_server::{
    access::Caller,
    app::{
        alerts::{listed, statistics, watch},
        quarantine as waiting, records, series, summaries, tasks,
    },
};
use prost::Message;
use tokio_stream::StreamExt;

use crate::{
    What,
    exits::{Out, answer, tells},
    fixture::{body, text},
    phone::Phone,
    world::{PAIN, World, pain},
};

/// Some months with the days of the marked entries at their end: a series of several messages.
const FROM: &str = "2025-02-01";
const UNTIL: &str = "2025-11-25";

pub(crate) fn of_series(circle: u64) -> timeline::GetSeriesRequest {
    timeline::GetSeriesRequest { circle, from: FROM.into(), to: UNTIL.into(), ..Default::default() }
}

/// All of it, as this caller is told.
pub(crate) async fn ask(world: &World<'_>, caller: &Caller, out: &mut Out) {
    let (app, circle) = (&world.kit.app, world.circle.no);
    for of in [circle, 0] {
        let open =
            alert::ListAlertsRequest { circle: of, include_closed: true, cannot_tell: of != 0, ..Default::default() };
        answer(out, "alerts", listed::list(app, caller, &open).await);
    }
    out.push(("watched alerts".into(), watched(world, caller).await));
    let counted = alert::GetRuleStatisticsRequest { circle, ..Default::default() };
    answer(out, "statistics of rules", statistics::get(app, caller, &counted).await);
    for utc_offset_min in [None, Some(0)] {
        let due = task::ListTasksRequest { circle, utc_offset_min, ..Default::default() };
        answer(out, "tasks", tasks::list(app, caller, &due).await);
    }
    let week = summary::get_weekly_digest_request::Week::Until(UNTIL.into());
    let week = summary::GetWeeklyDigestRequest { circle, week: Some(week), ..Default::default() };
    answer(out, "digest", summaries::week(app, caller, &week).await);
    let visit = summary::GetVisitSummaryRequest { circle, until: UNTIL.into(), ..Default::default() };
    answer(out, "visit", summaries::visit(app, caller, &visit).await);
    match series::open(Arc::clone(app), *caller, &of_series(circle)).await {
        Err(error) => answer::<timeline::GetSeriesResponse>(out, "series", Err(error)),
        Ok(mut messages) => {
            let mut whole = Vec::new();
            while let Some(message) = messages.next().await {
                match message {
                    Ok(message) => whole.extend(message.encode_to_vec()),
                    Err(status) => whole.extend(format!("{status:?}").into_bytes()),
                }
            }
            out.push(("series".into(), whole));
        }
    }
    let trial = record::CreateRecordRequest {
        circle,
        body: Some(body(PAIN, &pain(9, "elsewhere"))),
        validate_only: true,
        ..Default::default()
    };
    answer(out, "a trial", records::create(app, caller, &trial).await);
    for record in world.ever.iter().take(2) {
        let trial = record::WriteRecordRequest {
            circle,
            record_id: text(record.0),
            body: Some(body(PAIN, &pain(9, "elsewhere"))),
            validate_only: true,
            ..Default::default()
        };
        answer(out, "a trial on it", records::write(app, caller, &trial).await);
    }
    let waits = review::ListQuarantinedRequest { circle, ..Default::default() };
    answer(out, "what waits", waiting::list(app, caller, &waits).await);
}

/// Alerts as they are watched, until everything that stands was told.
async fn watched(world: &World<'_>, caller: &Caller) -> Vec<u8> {
    let request = alert::WatchAlertsRequest { circle: world.circle.no, ..Default::default() };
    let mut whole = Vec::new();
    match watch::open(Arc::clone(&world.kit.app), *caller, &request).await {
        Err(error) => whole.extend(format!("{:?}", tonic::Status::from(error)).into_bytes()),
        Ok(mut messages) => {
            while let Some(Ok(message)) = messages.next().await {
                whole.extend(message.encode_to_vec());
                if matches!(message.event, Some(Event::CaughtUp(_))) {
                    break;
                }
            }
        }
    }
    whole
}

/// Before anything is taken back the ways that can tell do: else a test would be content with silence.
pub(crate) async fn told(world: &World<'_>, reader: &Phone) {
    let caller = reader.caller(world.kit).await.expect("signed in");
    let mut out = Out::new();
    ask(world, &caller, &mut out).await;
    let telling: Vec<&str> = out.iter().filter(|(_, bytes)| tells(world, bytes)).map(|(way, _)| way.as_str()).collect();
    // No lane draws a result of an analyte that nobody knows.
    let expected: &[&str] =
        if world.what == What::Record { &[] } else { &["alerts", "watched alerts", "digest", "visit", "series"] };
    assert!(expected.iter().all(|way| telling.contains(way)), "{telling:?} tell of it");
    // What tasks say of an entry is the clock of whoever made it.
    let asked = task::ListTasksRequest { circle: world.circle.no, ..Default::default() };
    let clock = tasks::list(&world.kit.app, &caller, &asked).await.expect("tasks").clock();
    assert_eq!(clock == task::ClockSource::Entries, world.what != What::Record);
}
