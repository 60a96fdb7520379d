//! Three nodes on one PostgreSQL: a push to one is seen live on the others, also while a node dies.

use std::time::Duration;

use osteon_proto::sync::{self, pull_response::Event, sync_service_client::SyncServiceClient};
use osteon_tests::{
    body,
    device::{Device, is_accepted, now_ms, record_id, with_token},
    server::{Server, Setup, StoreKind},
};
use tonic::{Streaming, transport::Channel};

use crate::support::{entries, goes_on};

/// A live pull on one node, read up to the head.
async fn watch(server: &Server, device: &Device) -> (SyncServiceClient<Channel>, Streaming<sync::PullResponse>) {
    let mut client = SyncServiceClient::new(server.channel().expect("channel"));
    let message = sync::PullRequest { live: true, epoch: device.epoch, ..Default::default() };
    let mut request = with_token(message, &device.tokens.access_token);
    request.set_timeout(Duration::from_secs(120));
    let mut stream = client.pull(request).await.expect("pull").into_inner();
    loop {
        let answer = stream.message().await.expect("stream").expect("open");
        if matches!(answer.event, Some(Event::Page(page)) if page.at_head) {
            return (client, stream);
        }
    }
}

/// Waits until the record comes; panics after the patience.
async fn sees(stream: &mut Streaming<sync::PullResponse>, record: &[u8; 16]) {
    let find = async {
        loop {
            let answer = stream.message().await.expect("stream").expect("open");
            let Some(Event::Page(page)) = answer.event else { continue };
            if page.cells.iter().flat_map(|cell| &cell.parts).any(|part| part.record == record[..]) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), find).await.expect("the record did not come within 10 s");
}

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_on_one_postgres_see_each_others_commits_while_one_is_killed() {
    let one = Server::start(Setup::on(StoreKind::Postgres).expect("postgres")).expect("first node");
    let two = one.another().expect("second node");
    let mut three = one.another().expect("third node");
    let mut device = Device::patient(&one).await.expect("patient");
    let before = entries(&mut device, 3).await;

    let (_two, mut on_two) = watch(&two, &device).await;
    let (_three, mut on_three) = watch(&three, &device).await;
    let ms = now_ms();
    let first = record_id(ms);
    let verdicts = device.push_urgent(vec![body::create(first, body::pain(5, ms))]).await.expect("push");
    assert!(is_accepted(&verdicts[0]));
    sees(&mut on_two, &first).await;
    sees(&mut on_three, &first).await;

    three.kill().expect("kill");
    let second = record_id(ms);
    let verdicts = device.push_urgent(vec![body::create(second, body::pain(6, ms))]).await.expect("push");
    assert!(is_accepted(&verdicts[0]));
    sees(&mut on_two, &second).await;
    assert!(on_three.message().await.is_err(), "the killed node's stream breaks");

    // Back again, it serves all that was committed meanwhile, and a push to it reaches the others.
    three.restart().expect("restart");
    device.channel = three.channel().expect("channel");
    goes_on(&mut device, &[before[0], first, second]).await;
    let third = record_id(ms);
    let verdicts = device.push_urgent(vec![body::create(third, body::pain(7, ms))]).await.expect("push");
    assert!(is_accepted(&verdicts[0]));
    sees(&mut on_two, &third).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_sent_to_three_nodes_at_once_has_one_effect() {
    let one = Server::start(Setup::on(StoreKind::Postgres).expect("postgres")).expect("first node");
    let nodes = [one.another().expect("second node"), one.another().expect("third node")];
    let mut device = Device::patient(&one).await.expect("patient");
    let mut clients = vec![device.sync()];
    for node in &nodes {
        clients.push(SyncServiceClient::new(node.channel().expect("channel")));
    }
    for round in 0..10 {
        let ms = now_ms();
        let record = record_id(ms);
        let request = device.push_request(&device.urgent, vec![body::create(record, body::pain(5, ms))]);
        let calls = clients.iter_mut().map(|client| client.push(device.request(request.clone())));
        let answers = futures_util::future::join_all(calls).await;
        let verdicts: Vec<_> = answers.into_iter().map(|answer| answer.expect("push").into_inner().verdicts).collect();
        assert!(verdicts.iter().all(|v| *v == verdicts[0] && is_accepted(&v[0])), "round {round}");
        device.urgent.last += 1;
        let parts = device.parts().await.expect("pull");
        assert_eq!(parts.iter().filter(|part| part.record == record[..]).count(), 1);
    }
}
