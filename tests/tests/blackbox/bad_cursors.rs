//! Bad cursors: of another member, of another server, damaged, of an epoch that is over.

use osteon_proto::sync;
use osteon_tests::{
    device::Device,
    server::{Server, Setup},
    tools::count,
};
use tonic::Code;

use crate::support::{entries, goes_on, member, refused, server_with_patient};

async fn last_cursor(device: &Device) -> Vec<u8> {
    device.pull(&[]).await.expect("pull").last().expect("a page").cursor.to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_another_member_is_refused() {
    let (server, mut device) = server_with_patient().await;
    let before = entries(&mut device, 3).await;
    let nurse = member(&server, &device, "nurse").await;
    let cursor = last_cursor(&nurse).await;
    refused(device.pull(&cursor).await, Code::InvalidArgument, "CURSOR_INVALID");
    goes_on(&mut device, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_another_server_is_refused() {
    let (_server, mut device) = server_with_patient().await;
    let other = Server::start(Setup::default()).expect("server");
    let there = Device::patient(&other).await.expect("patient");
    let cursor = last_cursor(&there).await;
    refused(device.pull(&cursor).await, Code::InvalidArgument, "CURSOR_INVALID");
    goes_on(&mut device, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_damaged_by_one_bit_is_refused_wherever_the_bit_is() {
    let (_server, mut device) = server_with_patient().await;
    let before = entries(&mut device, 2).await;
    let cursor = last_cursor(&device).await;
    let bits = cursor.len() * 8;
    let probes = (count("OSTEON_PROBES", 40) as usize).min(bits);
    for probe in 0..probes {
        let bit = probe * bits / probes;
        let mut damaged = cursor.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        refused(device.pull(&damaged).await, Code::InvalidArgument, "CURSOR_INVALID");
    }
    for length in [1, cursor.len() / 2, cursor.len() - 1] {
        refused(device.pull(&cursor[..length]).await, Code::InvalidArgument, "CURSOR_INVALID");
    }
    goes_on(&mut device, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_epoch_is_refused_and_nothing_is_applied() {
    let (_server, mut device) = server_with_patient().await;
    let before = entries(&mut device, 2).await;
    let ms = osteon_tests::device::now_ms();
    let lost = osteon_tests::device::record_id(ms);
    let mut request =
        device.push_request(&device.urgent, vec![osteon_tests::body::create(lost, osteon_tests::body::pain(1, ms))]);
    request.epoch += 1;
    refused(device.push(request).await, Code::FailedPrecondition, "EPOCH_CHANGED");
    let pull = sync::PullRequest { epoch: device.epoch + 1, ..Default::default() };
    let opened = device.sync().pull(device.request(pull)).await;
    let answer = match opened {
        Ok(stream) => stream.into_inner().message().await.map(|_| ()),
        Err(status) => Err(status),
    };
    refused(answer, Code::FailedPrecondition, "EPOCH_CHANGED");
    goes_on(&mut device, &before).await;
    assert!(device.parts().await.expect("pull").iter().all(|part| part.record != lost[..]));
}
