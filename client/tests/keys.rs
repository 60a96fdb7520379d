//! A key that the platform keeps for the app: nothing else opens the phone, and nobody who lacks it harms it.

use std::sync::Arc;

use osteon_client::{Phone, clock::SetClock, error::Error, ids::SeededIds};

const NOW: u64 = 1_795_600_000_000;

fn parts() -> (Arc<SetClock>, Arc<SeededIds>) {
    (Arc::new(SetClock::at(NOW)), Arc::new(SeededIds::new(1)))
}

async fn with_key(folder: &std::path::Path, key: u8) -> Result<Phone, Error> {
    let (clock, ids) = parts();
    Phone::open_with_key(folder, &[key; 32], clock, ids).await
}

#[tokio::test]
async fn no_other_key_opens_a_phone_or_takes_it_for_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let phone = with_key(folder.path(), 1).await.unwrap();
    phone.set_offline(true).await.unwrap();
    phone.close().await;
    let files = || {
        let names = std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    let before = files();
    assert!(!before.iter().any(|name| name == "phone.key"), "{before:?}");
    assert!(Phone::lives_in(folder.path()));

    assert!(matches!(with_key(folder.path(), 2).await, Err(Error::Damaged(_))));
    let (clock, ids) = parts();
    assert!(matches!(Phone::open(folder.path(), clock, ids).await, Err(Error::Damaged(_))), "without any");
    assert!(!files().iter().any(|name| name.to_string_lossy().contains("damaged")), "nothing was moved aside");

    let phone = with_key(folder.path(), 1).await.unwrap();
    assert!(phone.read().await.unwrap().settings.offline, "as it was left");
    phone.close().await;
}

#[tokio::test]
async fn a_phone_with_a_key_file_takes_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, ids) = parts();
    let phone = Phone::open(folder.path(), clock, ids).await.unwrap();
    phone.set_offline(true).await.unwrap();
    phone.close().await;
    assert!(matches!(with_key(folder.path(), 1).await, Err(Error::Damaged(_))));
    let (clock, ids) = parts();
    let phone = Phone::open(folder.path(), clock, ids).await.unwrap();
    assert!(phone.read().await.unwrap().settings.offline);
}
