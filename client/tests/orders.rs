//! WIPE: obeyed only with the signature of the pinned clinic key, over an order for this very phone.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use osteon_client::{
    Error, Phone,
    clock::SetClock,
    error::SignedOrder,
    ids::SeededIds,
    keys::DeviceKey,
    state::Enrolled,
    store::items::{Enrolment, Session},
};
use osteon_proto::identity as pb;
use osteon_sync_core::{Replica, device::Lanes};
use prost::Message;

const CONTEXT: &[u8] = b"osteon wipe order 1\0";

async fn open(folder: &Path) -> Phone {
    Phone::open(folder, Arc::new(SetClock::at(1_795_600_000_000)), Arc::new(SeededIds::new(3))).await.unwrap()
}

fn clinic() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

fn public(key: &EcdsaKeyPair) -> Vec<u8> {
    key.public_key().as_ref().to_vec()
}

/// A phone whose clinic has this key; its own public key.
async fn enrolled(folder: &Path, clinic: &EcdsaKeyPair) -> (Phone, Vec<u8>) {
    let phone = open(folder).await;
    let (key, key_pkcs8) = DeviceKey::generate().unwrap();
    let enrolment = Enrolment { account: 42, key_pkcs8, clinic_key: public(clinic), ..Enrolment::default() };
    let lanes = Lanes { urgent: Replica { epoch: 1, n: 2 }, ordinary: Replica { epoch: 1, n: 3 } };
    let enrol = |state: &mut osteon_client::state::State| {
        state.enrolled = Some(Enrolled::new(enrolment.clone(), Session::default(), 1, lanes));
        Ok(())
    };
    phone.change(enrol).await.unwrap();
    (phone, key.public())
}

fn order(device_key: &[u8]) -> Vec<u8> {
    pb::WipeOrder { device: 9, device_key: device_key.to_vec().into(), ordered: None }.encode_to_vec()
}

#[allow(clippy::disallowed_methods, reason = "a clinic signs with its own randomness")]
fn signed(by: &EcdsaKeyPair, context: &[u8], order: &[u8]) -> SignedOrder {
    let signature = by.sign(&SystemRandom::new(), &[context, order].concat()).unwrap();
    SignedOrder { order: order.to_vec(), signature: signature.as_ref().to_vec() }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|e| (e.file_name().into_string().unwrap(), std::fs::read(e.path()).unwrap())).collect()
}

#[tokio::test]
async fn nothing_but_the_clinic_s_own_order_erases() {
    let dir = tempfile::tempdir().unwrap();
    let clinic = clinic();
    let (phone, key) = enrolled(dir.path(), &clinic).await;
    let good = signed(&clinic, CONTEXT, &order(&key));
    let mut forged = vec![
        ("unsigned", SignedOrder { signature: Vec::new(), ..good.clone() }),
        ("zeros", SignedOrder { signature: vec![0; 64], ..good.clone() }),
        ("another clinic's key", signed(&self::clinic(), CONTEXT, &order(&key))),
        ("the device's own key", {
            let state = phone.read().await.unwrap();
            let own = DeviceKey::from_pkcs8(&state.enrolled().unwrap().enrolment.key_pkcs8).unwrap();
            let signature = own.sign(&[CONTEXT, &order(&key)].concat()).unwrap();
            SignedOrder { order: order(&key), signature }
        }),
        ("another device's order", signed(&clinic, CONTEXT, &order(&public(&self::clinic())))),
        ("no device named", signed(&clinic, CONTEXT, &order(&[]))),
        ("nothing at all", signed(&clinic, CONTEXT, &[])),
        ("no message", signed(&clinic, CONTEXT, &[0xff; 9])),
        ("another context", signed(&clinic, b"osteon challenge 1\0", &order(&key))),
        ("no context", signed(&clinic, b"", &order(&key))),
        (
            "the order longer than what was signed",
            SignedOrder { order: [&good.order[..], &[8, 7]].concat(), ..good.clone() },
        ),
    ];
    for bit in [0, 100, 511] {
        let mut flipped = good.clone();
        flipped.signature[bit / 8] ^= 1 << (bit % 8);
        forged.push(("a flipped bit", flipped));
    }
    let names = |files: BTreeMap<String, Vec<u8>>| files.into_keys().collect::<Vec<_>>();
    let before = names(files(dir.path()));
    let enrolment = phone.read().await.unwrap().enrolled().unwrap().enrolment.clone();
    for ((what, order), told) in forged.iter().zip(1..) {
        assert!(!phone.obey(order).await.unwrap(), "{what}");
        assert_eq!(names(files(dir.path())), before, "{what}");
        let state = phone.read().await.unwrap();
        assert_eq!(state.enrolled().unwrap().enrolment, enrolment, "{what}");
        // The clinic will hear that somebody tried.
        assert_eq!(state.settings.orders_refused, told, "{what}");
    }
    assert!(phone.obey(&good).await.unwrap());
    assert_eq!(files(dir.path()).keys().collect::<Vec<_>>(), Vec::<&String>::new(), "the folder is empty");
    assert!(matches!(phone.read().await, Err(Error::Wiped)));
    assert!(matches!(phone.change(|_| Ok(())).await, Err(Error::Wiped)));
    // The folder is as good as new.
    drop(phone);
    let phone = open(dir.path()).await;
    assert!(phone.read().await.unwrap().enrolled.is_none());
    assert!(!phone.obey(&good).await.unwrap(), "there is nothing to erase");
}

#[tokio::test]
async fn an_erasure_that_was_cut_short_is_finished_by_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let (phone, _) = enrolled(dir.path(), &clinic()).await;
    phone.close().await;
    drop(phone);
    std::fs::remove_file(dir.path().join("phone.key")).unwrap();
    let phone = open(dir.path()).await;
    assert!(phone.read().await.unwrap().enrolled.is_none());
}

/// A program that has the folder open beside the one that obeyed finds nothing of it.
#[tokio::test]
async fn another_program_on_the_folder_finds_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let clinic = clinic();
    let (phone, key) = enrolled(dir.path(), &clinic).await;
    let beside = open(dir.path()).await;
    assert!(beside.read().await.unwrap().enrolled.is_some());
    assert!(phone.obey(&signed(&clinic, CONTEXT, &order(&key))).await.unwrap());
    assert!(beside.read().await.is_err() || beside.read().await.unwrap().enrolled.is_none());
}
