//! Eleven months in airplane mode, by the server's clock and the phone's: what was saved and where the phone stood stay,
//! the clinic's code is asked for once, and then everything is sent and everything comes.

use osteon_client::{Error, events::silent};
use osteon_proto::{identity, meta::Role};
use osteon_server::app::devices;

use crate::{
    fixture::{DAY, Kit, body, id_of},
    phone::Phone,
    world::{PAIN, pain},
};

const MONTH: u64 = 30 * DAY + DAY / 2;
const MONTHS: u32 = 11;

fn said(error: &Error) -> (&str, String) {
    match error {
        Error::Server(answer) => (answer.reason.as_str(), error.to_string()),
        _ => panic!("{error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_eleven_months_in_airplane_mode_one_code_is_asked_for_and_nothing_is_lost() {
    let kit = Kit::memory().await;
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let device = kit.phone(&circle, 0, Role::Patient).await;
    let nurse = kit.person(circle.people[1]);
    let mut phone = Phone::new(&kit, &device, circle.no).await;
    let mut saved = vec![phone.create(&kit, &body(PAIN, &pain(1, "hip"))).await];
    phone.sync(&kit).await.expect("sent");
    let cursor = phone.cursor().await;
    assert!(!cursor.is_empty());

    phone.inner.set_offline(true).await.expect("off");
    let mut theirs = Vec::new();
    for month in 1..=MONTHS {
        kit.clock.advance(MONTH);
        saved.push(phone.create(&kit, &body(PAIN, &pain(month % 11, "hip"))).await);
        theirs.push(id_of(
            &kit.create(&nurse, circle.no, PAIN, &pain(2, "as told on the telephone")).await.expect("made"),
        ));
        if month % 4 == 0 {
            phone.restart().await;
        }
        assert!(matches!(phone.inner.sync(silent()).await, Err(Error::Offline(_))));
    }
    phone.inner.set_offline(false).await.expect("on");

    // However often it tries: nothing of it goes, and what to do is said.
    for _ in 0..3 {
        let error = phone.inner.sync(silent()).await.expect_err("away for too long");
        let (reason, words) = said(&error);
        assert_eq!(reason, "SIGN_IN_CODE_REQUIRED");
        assert!(words.contains("ask the clinic for a code"), "{words}");
    }
    let error = phone.inner.sign_in("7K4M9QX2").await.expect_err("not a code of the clinic");
    assert_eq!(said(&error).0, "SIGN_IN_CODE_INVALID");
    assert_eq!((phone.waiting().await.0, phone.cursor().await), (MONTHS as usize, cursor), "outbox and cursor stay");

    let ask = identity::CreateSignInCodeRequest { circle: circle.no, device: device.caller.device };
    let code = devices::sign_in_code(&kit.app, &nurse, &ask).await.expect("the nurse reads it out").code;
    phone.inner.sign_in(&code).await.expect("signed in");
    let before = phone.pulls_from_the_beginning();
    phone.sync(&kit).await.expect("everything goes, everything comes");
    assert_eq!(phone.waiting().await, (0, 0, Vec::new()));
    assert_eq!(phone.pulls_from_the_beginning(), before, "it went on from where it stood");
    for record in &saved {
        let view = kit.get(&nurse, circle.no, record.0).await.expect("sent");
        assert_eq!(view.record_id, crate::fixture::text(record.0));
    }
    let shown: Vec<_> = phone.shown().await;
    for record in saved.iter().map(|record| record.0).chain(theirs) {
        assert!(shown.contains(&record), "it is here");
    }
    // The next months are as the ones before: the key alone is enough, and then the refresh.
    for later in [DAY, 3 * MONTH] {
        kit.clock.advance(later);
        phone.create(&kit, &body(PAIN, &pain(3, "hip"))).await;
        phone.sync(&kit).await.expect("without a code");
    }
}
