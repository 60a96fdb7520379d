//! What sessions cost: `cargo bench -p osteon-server --bench sessions`. One core, a store in memory, no network.
//! Targets: 2,000 refreshes/s (signature checked, pair made, sealed, rotated); a revoked device's stream ends within 1 s.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use osteon_proto::{identity as pb, meta::Role, sync, sync::pull_response::Event};
use osteon_server::{
    access::{Caller, authenticate},
    app::{App, Parts, devices, enrol, members, secrets::sha256, sessions, stream},
    clock::{Clock, SystemClock},
    ids::{Ids, SeededIds},
    live::Hub,
    seal::{FileKey, Vault},
    store::{MemoryStore, Store},
};
use tokio::{runtime::Runtime, sync::mpsc};

struct Bench {
    app: Arc<App>,
    circle: u64,
    account: u64,
}

struct Phone {
    key: EcdsaKeyPair,
    tokens: pb::TokenPair,
}

async fn bench() -> Bench {
    let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
    let key = FileKey::from_bytes(&[3; 32], Arc::clone(&ids)).expect("a key");
    let vault = Vault::new(Arc::new(key), Arc::clone(&ids));
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new(vault.clone()));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let app = App::open(Parts { store, clock, ids, hub: Hub::new(), vault }).await.expect("an app");
    let clinic = app.store.create_clinic("clinic").await.expect("a clinic");
    let account = app.store.create_account(clinic, members::PERSON).await.expect("an account");
    let circle = members::found(&app, clinic, "d0001", &[(account, Role::Patient)]).await.expect("a circle");
    Bench { app, circle, account }
}

#[allow(clippy::disallowed_methods, reason = "a device signs with its own randomness")]
fn sign(key: &EcdsaKeyPair, message: &[u8]) -> bytes::Bytes {
    key.sign(&SystemRandom::new(), message).expect("signed").as_ref().to_vec().into()
}

impl Bench {
    async fn phone(&self) -> Phone {
        let app = &self.app;
        let invite = enrol::invite(app, self.circle, "d0001", self.account, Role::Patient as u8).await;
        let code = invite.expect("an invite").typed;
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let device_key: bytes::Bytes = key.public_key().as_ref().to_vec().into();
        let begin = pb::BeginEnrolmentRequest { device_key: device_key.clone(), ..Default::default() };
        let challenge = enrol::begin(app, &begin).await.expect("a challenge").challenge;
        let finish = pb::FinishEnrolmentRequest {
            code,
            short_id: "d0001".into(),
            device_key,
            signature: sign(&key, &challenge),
            challenge,
            device_name: "bench".into(),
        };
        let tokens = enrol::finish(app, &finish).await.expect("enrolled").tokens.expect("tokens");
        Phone { key, tokens }
    }

    /// A live pull at its head, and who reads it.
    async fn live(&self, phone: &Phone) -> (Caller, mpsc::Receiver<stream::Message>) {
        let caller = authenticate(&self.app, &phone.tokens.access_token).await.expect("signed in");
        let request = sync::PullRequest { live: true, ..Default::default() };
        let asked = stream::asked(&self.app, &caller, request).await.expect("asked");
        let (out, mut messages) = mpsc::channel(2);
        let stream = stream::Stream::new(Arc::clone(&self.app), caller, out, asked.positions);
        tokio::spawn(stream.run(asked.live, asked.wait));
        loop {
            let event = messages.recv().await.expect("open").expect("no error").event;
            if matches!(event, Some(Event::Page(page)) if page.at_head) {
                return (caller, messages);
            }
        }
    }

    async fn revoke(&self, caller: &Caller) {
        let order = sync::DeviceOrder::Wipe.into();
        let request = pb::RevokeDeviceRequest { circle: 0, device: caller.device, order };
        devices::revoke(&self.app, caller, &request).await.expect("revoked");
    }
}

fn signed(phone: &Phone, n: u64) -> pb::RefreshSessionRequest {
    let request_id = format!("request-{n}");
    let message = sha256(&[&phone.tokens.refresh_nonce, request_id.as_bytes()]);
    let refresh_token = phone.tokens.refresh_token.clone();
    pb::RefreshSessionRequest { refresh_token, signature: sign(&phone.key, &message), request_id }
}

fn refreshes(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let bench = runtime.block_on(bench());
    let phone = std::cell::RefCell::new(runtime.block_on(bench.phone()));
    let mut n = 0;
    criterion.bench_function("session/refresh", |b| {
        b.iter_batched(
            || {
                n += 1;
                signed(&phone.borrow(), n)
            },
            |request| {
                let answer = runtime.block_on(sessions::refresh(&bench.app, &request)).expect("refreshed");
                phone.borrow_mut().tokens = answer.tokens.expect("tokens");
            },
            // One at a time: each is signed over the answer of the one before.
            BatchSize::PerIteration,
        );
    });
}

fn revocation(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let bench = runtime.block_on(bench());
    let mut group = criterion.benchmark_group("device");
    group.sample_size(50).measurement_time(Duration::from_secs(5));
    group.bench_function("revoke_to_stream_closed", |b| {
        b.iter_batched(
            || {
                runtime.block_on(async {
                    let phone = bench.phone().await;
                    bench.live(&phone).await
                })
            },
            |(caller, mut messages)| {
                runtime.block_on(async {
                    bench.revoke(&caller).await;
                    while let Some(Ok(_)) = messages.recv().await {}
                });
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, refreshes, revocation);
criterion_main!(benches);
