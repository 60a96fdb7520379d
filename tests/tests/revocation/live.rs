//! The phone in the foreground, with an open stream, while it is taken back.

use std::{sync::Arc, time::Duration};

use osteon_client::events::silent;

use crate::{
    What,
    exits::dry,
    world::{CANARY, World},
};

/// A stream is open after this time.
const OPENS: Duration = Duration::from_millis(500);
/// Within so long a phone with an open stream has erased.
const SOON: Duration = Duration::from_secs(20);

pub(crate) async fn mid_stream(mut world: World<'_>) {
    let mark = CANARY.as_bytes();
    let phone = Arc::clone(&world.reader.inner);
    let live = tokio::spawn(async move { phone.live(silent()).await });
    // To a phone that has everything an open stream says nothing.
    tokio::time::sleep(OPENS).await;
    world.revoke().await;
    world.wake().await;
    if world.what == What::Device {
        tokio::time::sleep(Duration::from_millis(50)).await;
    } else {
        let erased = async {
            while world.reader.holds(mark).await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(SOON, erased).await.expect("the stream says what to erase");
    }
    live.abort();
    let _ = live.await;
    let mut reader = world.reader.copy().await;
    crate::flows::comes_back(&world, &mut reader).await;
    dry(&world, &reader).await;
}
