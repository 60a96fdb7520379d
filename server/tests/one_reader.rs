//! A store with one connection that reads: whoever held a snapshot and waited for another connection would wait for
//! ever here, as it would with many callers on a larger pool.

use std::{sync::Arc, time::Duration};

use osteon_proto::{care, meta, record, review, split};
use osteon_server::{
    access::Caller,
    app::{App, Parts, members, pull, records, reviews, stream},
    clock::SystemClock,
    ids::{Ids, SeededIds},
    live::Hub,
    seal::{FileKey, Vault},
    store::{self, Options},
};
use prost::Message;
use tokio::sync::mpsc;

/// The pool itself gives up after thirty seconds.
const PATIENCE: Duration = Duration::from_secs(10);

async fn app(dir: &std::path::Path) -> Arc<App> {
    let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(11));
    let key = FileKey::from_bytes(&[5; 32], Arc::clone(&ids)).expect("key");
    let vault = Vault::new(Arc::new(key), Arc::clone(&ids));
    let options = Options { readers: 1, ..Options::new(format!("sqlite:{}", dir.join("osteon.db").display())) };
    let store = store::open(&options, vault.clone()).await.expect("store");
    let parts = Parts { store, clock: Arc::new(SystemClock), ids, hub: Hub::new(), vault };
    App::open(parts).await.expect("app")
}

fn limit(kg: u32) -> prost::bytes::Bytes {
    split::close(201, &care::ExercisePlan { lift_max_kg: Some(kg), ..Default::default() }.encode_to_vec()).into()
}

/// A plan whose limit two people wrote apart, and who may decide.
async fn disputed(app: &Arc<App>) -> (u64, Caller) {
    let clinic = app.store.create_clinic("c1").await.expect("clinic");
    let mut named = Vec::new();
    for role in [meta::Role::Patient, meta::Role::Physiotherapist] {
        named.push((app.store.create_account(clinic, members::PERSON).await.expect("account"), role));
    }
    let circle = members::found(app, clinic, "d0001", &named).await.expect("circle");
    let caller = Caller { account: named[1].0, device: 9, clinic, family: 1, leaving: false };
    let create = record::CreateRecordRequest { circle, body: Some(limit(50)), ..Default::default() };
    let plan = records::create(app, &caller, &create).await.expect("created").record.expect("record");
    let shown = plan.fields.iter().find(|f| f.name == "lift_max_kg").expect("field");
    for kg in [30, 20] {
        let write = record::WriteRecordRequest {
            circle,
            record_id: plan.record_id.clone(),
            body: Some(limit(kg)),
            update_mask: Some(prost_types::FieldMask { paths: vec!["lift_max_kg".into()] }),
            shown: vec![record::FieldShown { field: shown.field, shown: shown.shown.clone(), ..Default::default() }],
            ..Default::default()
        };
        records::write(app, &caller, &write).await.expect("written");
    }
    (circle, caller)
}

#[tokio::test]
async fn nobody_waits_for_a_second_connection_while_holding_the_first() {
    let dir = tempfile::tempdir().expect("temp dir");
    let app = app(dir.path()).await;
    let work = async {
        let (circle, caller) = disputed(&app).await;
        let position = pull::Position { circle, page_size: 200, ..Default::default() };
        let page = pull::turn(&app, &caller, &position).await.expect("page").page;
        assert!(page.at_head && page.cells.iter().any(|cell| !cell.parts.is_empty()));

        let (out, mut pages) = mpsc::channel(2);
        stream::Stream::new(Arc::clone(&app), caller, out, vec![position]).run(false, Duration::ZERO).await;
        assert!(pages.recv().await.expect("a page").is_ok());

        let ask = review::ListReviewsRequest { circle, ..Default::default() };
        let open = reviews::list(&app, &caller, &ask).await.expect("reviews").reviews;
        let resolve = review::ResolveReviewRequest {
            review_id: open.first().expect("a dispute").review_id.clone(),
            shown: open[0].shown.clone(),
            value: Some(limit(20)),
            ..Default::default()
        };
        reviews::resolve(&app, &caller, &resolve).await.expect("resolved");
    };
    tokio::time::timeout(PATIENCE, work).await.expect("somebody waits for ever");
    app.store.close().await;
}
