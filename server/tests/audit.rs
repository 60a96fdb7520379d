//! Whoever can write to the database and has no key: every edit, deletion, swap, insertion and truncation is found.
//!
//! Every row is edited in every column, deleted, swapped and doubled: one row of each seal at a time, so that each seal has
//! to notice on its own. `OSTEON_CASES` is the number of rows (default 1,000; `make prove`: 10,000).

#![allow(clippy::disallowed_methods, reason = "a test makes its key from its own randomness")]
#![allow(clippy::disallowed_types, reason = "somebody else's SQL is made of strings")]

use std::{collections::BTreeSet, sync::Arc};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use osteon_server::{
    audit::{
        Sign,
        denials::Denials,
        kept::KeptHead,
        sealer::{Passed, Sealer},
        verify::{Report, What, verify},
    },
    clock::SetClock,
    ids::SeededIds,
    seal::{FileKey, Vault},
    store::{AuditRow, Options, Store, audit::clinic_chain, open},
};
use osteon_sync_core::RecordId;
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

const CHAINS: u64 = 20;
const PER_SEAL: u64 = 5;

struct Key(EcdsaKeyPair);

impl Key {
    fn new() -> Arc<Self> {
        Arc::new(Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()))
    }

    fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }
}

impl Sign for Key {
    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        self.0.sign(&SystemRandom::new(), message).ok().map(|signature| signature.as_ref().to_vec())
    }
}

fn sealer(store: &Arc<dyn Store>, key: &Arc<Key>) -> Sealer {
    let clock = Arc::new(SetClock::at(1_764_000_000_000));
    let signer: Arc<dyn Sign> = Arc::clone(key) as Arc<dyn Sign>;
    Sealer::new(Arc::clone(store), clock, signer, Arc::new(Denials::default()), None, Box::new(|_| ()))
}

fn chain(n: u64) -> u64 {
    if n == CHAINS - 1 { clinic_chain(1) } else { n + 1 }
}

/// Every number is another one than its neighbour's.
fn row(n: u64, chain: u64) -> AuditRow {
    AuditRow {
        circle: chain,
        at_ms: 1_764_000_000_000 + 17 * n,
        account: 5 + n % 7,
        device: 9 + n % 3,
        action: ["push", "pull.open", "pull.end", "record.get"][(n % 4) as usize],
        record: n.is_multiple_of(2).then_some(RecordId([n as u8; 16])),
        categories: 1 << (n % 22 + 1),
        from_seq: n,
        to_seq: n + 1,
        count: n as u32 + 1,
        outcome: if n.is_multiple_of(5) { "refused" } else { "ok" },
        request: n << 8,
    }
}

struct Bed {
    store: Arc<dyn Store>,
    key: Arc<Key>,
    db: SqliteConnection,
    passes: u64,
    last: KeptHead,
    _folder: tempfile::TempDir,
}

const COPIED: [&str; 4] = ["audit", "audit_seal", "audit_head", "word"];

impl Bed {
    async fn new() -> Self {
        let rows = std::env::var("OSTEON_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_u64);
        let passes = (rows / CHAINS / PER_SEAL).max(4);
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("osteon.db").display());
        let ids = Arc::new(SeededIds::new(1));
        let vault = Vault::new(Arc::new(FileKey::from_bytes(&[3; 32], ids.clone()).unwrap()), ids);
        let store = open(&Options::new(&url), vault).await.unwrap();
        let key = Key::new();
        let sealer = sealer(&store, &key);
        for pass in 0..passes {
            let batch = (0..PER_SEAL).flat_map(|k| (0..CHAINS).map(move |c| (k, c)));
            let number = |k, c| (pass * PER_SEAL + k) * CHAINS + c;
            store.audit(batch.map(|(k, c)| row(number(k, c), chain(c))).collect()).await.unwrap();
            let passed = sealer.pass().await.unwrap();
            assert_eq!(passed, Passed { rows: PER_SEAL * CHAINS, seals: CHAINS, more: false });
        }
        assert_eq!(sealer.pass().await.unwrap(), Passed::default(), "nothing new: nothing is written");
        let mut db = SqliteConnection::connect(&url).await.unwrap();
        for table in COPIED {
            run(&mut db, format!("CREATE TABLE {table}_copy AS SELECT * FROM {table}")).await;
        }
        let last = KeptHead::from(&store.last_head().await.unwrap().unwrap());
        let bed = Self { store, key, db, passes, last, _folder: folder };
        let report = bed.verify().await;
        assert_eq!(report.findings, []);
        let counts = (report.chains, report.rows, report.seals, report.heads);
        assert_eq!(counts, (CHAINS, passes * PER_SEAL * CHAINS, passes * CHAINS, passes));
        bed
    }

    async fn verify(&self) -> Report {
        verify(&*self.store, self.key.public(), None, &[]).await.unwrap()
    }

    async fn tamper(&mut self, sql: impl Into<String>) -> u64 {
        run(&mut self.db, sql.into()).await
    }

    async fn restore(&mut self) {
        for table in COPIED {
            self.tamper(format!("DELETE FROM {table}")).await;
            self.tamper(format!("INSERT INTO {table} SELECT * FROM {table}_copy")).await;
        }
    }

    /// Tampers with one row of every seal; every seal notices.
    async fn every_seal(&mut self, sql: &str, expected: &[What]) {
        self.tamper(sql).await;
        let report = self.verify().await;
        let rows = report.findings.iter().filter(|finding| expected.contains(&finding.what));
        let ours: BTreeSet<u64> = (0..CHAINS).map(chain).collect();
        let rows = rows.filter_map(|finding| Some((finding.chain?, finding.at)));
        let told: BTreeSet<_> = rows.filter(|(chain, at)| ours.contains(chain) && *at <= self.passes).collect();
        assert_eq!(told.len() as u64, self.passes * CHAINS, "{sql}: {:?}", report.findings.first());
        self.restore().await;
    }

    /// Tampers once; it is found, and nothing else is.
    async fn once(&mut self, sql: &str, expected: &[What]) {
        assert!(self.tamper(sql).await > 0, "{sql}");
        let told: BTreeSet<What> = self.verify().await.findings.iter().map(|finding| finding.what).collect();
        assert_eq!(told, expected.iter().copied().collect(), "{sql}");
        self.restore().await;
    }
}

async fn run(db: &mut SqliteConnection, sql: String) -> u64 {
    sqlx::query(AssertSqlSafe(sql)).execute(db).await.unwrap().rows_affected()
}

/// The k-th row of every seal.
fn kth(k: u64) -> String {
    format!("(no - 1) / {CHAINS} % {PER_SEAL} = {k}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_and_every_column() {
    let mut bed = Bed::new().await;
    let edits = [
        "at_ms = at_ms + 1",
        "account = account + 1",
        "account = -account",
        "device = device + 1",
        "device = 0",
        "action = action % 4 + 1",
        "action = 4711",
        "record = CASE WHEN record IS NULL THEN zeroblob(16) END",
        "record = randomblob(16)",
        "categories = categories + 1",
        "categories = 0",
        "from_seq = from_seq + 1",
        "to_seq = to_seq - 1",
        "touched = touched - 1",
        "outcome = 3 - outcome + 4",
        "outcome = 4711",
        "request = request + 1",
        "from_seq = to_seq, to_seq = from_seq",
    ];
    for k in 0..PER_SEAL {
        let kth = kth(k);
        for edit in edits {
            bed.every_seal(&format!("UPDATE audit SET {edit} WHERE {kth}"), &[What::RowsEdited]).await;
        }
        bed.every_seal(&format!("DELETE FROM audit WHERE {kth}"), &[What::RowsMissing]).await;
        // Out of its place: behind everything that is sealed, or into another circle.
        bed.every_seal(&format!("UPDATE audit SET no = no + 1000000 WHERE {kth}"), &[What::RowsMissing]).await;
        let elsewhere = format!("UPDATE audit SET circle = 4000 WHERE {kth}");
        bed.every_seal(&elsewhere, &[What::RowsMissing]).await;
        bed.every_seal(
            &format!("UPDATE audit SET circle = circle % {CHAINS} + 1 WHERE {kth}"),
            &[What::RowsEdited, What::RowsInserted, What::RowsMissing],
        )
        .await;
        // Swapped with the next row of its seal, whole.
        let (columns, next) =
            ("at_ms, account, device, action, record, categories, from_seq, to_seq, touched, outcome, request", CHAINS);
        if k + 1 < PER_SEAL {
            let other = format!(
                "CASE WHEN (audit.no - 1) / {CHAINS} % {PER_SEAL} = {k} THEN audit.no + {next} ELSE audit.no - {next} END"
            );
            let swap = format!(
                "UPDATE audit SET ({columns}) = (SELECT {columns} FROM audit_copy AS c WHERE c.no = {other}) \
                 WHERE (no - 1) / {CHAINS} % {PER_SEAL} IN ({k}, {})",
                k + 1
            );
            bed.every_seal(&swap, &[What::RowsEdited]).await;
        }
    }
}

/// Rows are numbered densely here, so a place between two is made first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_inserted() {
    let mut bed = Bed::new().await;
    let columns =
        "circle, at_ms, account, device, action, record, categories, from_seq, to_seq, touched, outcome, request";
    // The number of a row of the next circle, deleted there.
    let copy = format!("INSERT INTO audit (no, {columns}) SELECT no - 1000000, {columns} FROM audit_copy WHERE no = 7");
    bed.once(&copy, &[What::RowsInserted]).await;
    let moved = format!("REPLACE INTO audit (no, {columns}) SELECT no + 1, {columns} FROM audit_copy WHERE no = 7");
    bed.once(&moved, &[What::RowsInserted, What::RowsMissing]).await;
    // In a chain that has no seal, and before and after the seals of one that has.
    for (circle, what) in [("4000", What::RowsInserted), ("1", What::RowsInserted)] {
        let last = bed.passes * PER_SEAL * CHAINS;
        for no in [0, last - 1] {
            let insert = format!(
                "REPLACE INTO audit (no, {columns}) SELECT {no}, {circle}, {} FROM audit_copy WHERE no = 3",
                &columns[8..]
            );
            let expected = if no == 0 { vec![what] } else { vec![what, What::RowsMissing] };
            bed.once(&insert, &expected).await;
        }
    }
    // Behind everything that is sealed: it waits for a seal like any other. This is the window.
    bed.tamper(format!("INSERT INTO audit ({columns}) SELECT {columns} FROM audit_copy WHERE no = 7")).await;
    let report = bed.verify().await;
    assert!(report.sound() && report.unsealed == 1 && report.oldest_unsealed_ms.is_some());
    bed.restore().await;
    // A word that means something else, everywhere at once.
    bed.every_seal("UPDATE word SET word = 'x' || word", &[What::RowsEdited]).await;
    bed.every_seal("DELETE FROM word", &[What::RowsEdited]).await;
    // What does not even decode.
    bed.once("UPDATE audit SET touched = touched + 4294967296 WHERE no = 9", &[What::Unreadable, What::RowsMissing])
        .await;
    bed.once("UPDATE audit SET record = x'00' WHERE no = 9", &[What::Unreadable, What::RowsMissing]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seals_and_heads() {
    let mut bed = Bed::new().await;
    let edits = [
        ("head = head + 1", vec![What::RowsEdited, What::HeadEdited, What::SealStray]),
        ("at_ms = at_ms + 1", vec![What::RowsEdited]),
        ("from_no = from_no - 1", vec![What::RowsEdited]),
        ("to_no = to_no + 1", vec![What::RowsEdited]),
        ("sealed_rows = sealed_rows - 1", vec![What::RowsInserted, What::HeadEdited]),
        ("sealed_rows = sealed_rows + 1", vec![What::RowsMissing, What::HeadEdited]),
        ("hash = randomblob(32)", vec![What::RowsEdited, What::SealForged, What::HeadEdited]),
        ("hash = x''", vec![What::RowsEdited, What::SealForged, What::HeadEdited]),
        ("signature = randomblob(64)", vec![What::SealForged]),
        ("signature = x''", vec![What::SealForged]),
    ];
    let last = bed.passes;
    for no in [1, 2, last] {
        for (edit, expected) in &edits {
            // Where the number of the head moves on, the last one has none to move to.
            let expected: Vec<What> = match *edit {
                "head = head + 1" if no < last => {
                    vec![What::RowsEdited, What::HeadEdited]
                }
                _ => expected.clone(),
            };
            let of = format!("chain = 2 AND no = {no}");
            if *edit == "head = head + 1" && no < last {
                // The place is taken: make room.
                bed.tamper(format!("DELETE FROM audit_seal WHERE chain = 2 AND no = {}", no + 1)).await;
                assert!(bed.tamper(format!("UPDATE audit_seal SET {edit} WHERE {of}")).await > 0);
                assert!(!bed.verify().await.sound());
                bed.restore().await;
                continue;
            }
            // The seal after it was chained to what stood before, and says so for itself where its hash is edited.
            let sql = format!("UPDATE audit_seal SET {edit} WHERE {of}");
            assert!(bed.tamper(&sql).await > 0);
            let report = bed.verify().await;
            for what in expected {
                assert!(report.findings.iter().any(|f| f.what == what), "{sql}: no {what:?} in {:?}", report.findings);
            }
            bed.restore().await;
        }
        // Each chain loses this seal.
        bed.tamper(format!("DELETE FROM audit_seal WHERE no = {no}")).await;
        let report = bed.verify().await;
        let gone = if no == last { What::RowsInserted } else { What::SealMissing };
        assert_eq!(report.findings.iter().filter(|f| f.what == gone).count() as u64, CHAINS, "{:?}", report.findings);
        assert!(report.findings.iter().any(|f| f.what == What::HeadEdited));
        bed.restore().await;

        for edit in [
            "at_ms = at_ms + 1",
            "upto = upto + 1",
            "upto = upto - 1",
            "seals = seals - 1",
            "total_rows = total_rows + 1",
        ] {
            let sql = format!("UPDATE audit_head SET {edit} WHERE no = {no}");
            assert!(bed.tamper(&sql).await > 0);
            let report = bed.verify().await;
            assert!(report.findings.iter().any(|f| f.what == What::HeadEdited), "{sql}");
            bed.restore().await;
        }
        for edit in ["hash = randomblob(32)", "signature = randomblob(64)"] {
            assert!(bed.tamper(format!("UPDATE audit_head SET {edit} WHERE no = {no}")).await > 0);
            assert!(bed.verify().await.findings.iter().any(|f| f.what == What::HeadForged));
            bed.restore().await;
        }
        assert!(bed.tamper(format!("DELETE FROM audit_head WHERE no = {no}")).await > 0);
        let what = if no == last { What::SealStray } else { What::HeadMissing };
        assert!(bed.verify().await.findings.iter().any(|f| f.what == what));
        bed.restore().await;
    }
    let swap = "UPDATE audit_seal SET hash = (SELECT hash FROM audit_seal_copy AS c WHERE c.chain = audit_seal.chain \
        AND c.no = 3 - audit_seal.no), signature = (SELECT signature FROM audit_seal_copy AS c \
        WHERE c.chain = audit_seal.chain AND c.no = 3 - audit_seal.no) WHERE no < 3";
    bed.tamper(swap).await;
    assert!(bed.verify().await.findings.iter().filter(|f| f.what == What::RowsEdited).count() as u64 >= 2 * CHAINS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_cut_off() {
    let mut bed = Bed::new().await;
    let rows = bed.passes * PER_SEAL * CHAINS;
    for cut in [1, CHAINS, PER_SEAL * CHAINS, rows - 1, rows] {
        bed.tamper(format!("DELETE FROM audit WHERE no > {}", rows - cut)).await;
        assert!(bed.verify().await.findings.iter().any(|f| f.what == What::RowsMissing), "{cut} rows");
        bed.restore().await;
    }
    bed.tamper("DELETE FROM audit_seal").await;
    assert!(!bed.verify().await.sound());
    bed.restore().await;
    // All of one circle.
    bed.tamper("DELETE FROM audit WHERE circle = 3").await;
    bed.tamper("DELETE FROM audit_seal WHERE chain = 3").await;
    assert!(bed.verify().await.findings.iter().any(|f| f.what == What::HeadEdited));
    bed.restore().await;

    // The end, in all tables as they belong together: only a head that was kept elsewhere knows.
    for cut in [1, 2, bed.passes] {
        let left = bed.passes - cut;
        bed.tamper(format!("DELETE FROM audit_head WHERE no > {left}")).await;
        bed.tamper(format!("DELETE FROM audit_seal WHERE head > {left}")).await;
        bed.tamper(format!("DELETE FROM audit WHERE no > {}", left * PER_SEAL * CHAINS)).await;
        assert!(bed.verify().await.sound());
        let kept = verify(&*bed.store, bed.key.public(), None, &[bed.last.clone()]).await.unwrap();
        assert!(kept.findings.iter().map(|f| f.what).eq([What::Cut]), "{:?}", kept.findings);
        // A server that goes on from there makes it no better, and one that runs says so.
        bed.store.audit(vec![row(1, 1)]).await.unwrap();
        sealer(&bed.store, &bed.key).pass().await.unwrap();
        let kept = verify(&*bed.store, bed.key.public(), None, &[bed.last.clone()]).await.unwrap();
        assert!(kept.findings.iter().map(|f| f.what).eq([What::Cut]), "{:?}", kept.findings);
        bed.restore().await;
    }
    let whole = verify(&*bed.store, bed.key.public(), None, &[bed.last.clone()]).await.unwrap();
    assert_eq!(whole.findings, []);
    let forged = KeptHead { signature: vec![0; 64], ..bed.last.clone() };
    let report = verify(&*bed.store, bed.key.public(), None, &[forged]).await.unwrap();
    assert!(report.findings.iter().map(|f| f.what).eq([What::KeptForged]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_sealer_notices_that_its_last_head_is_gone() {
    let mut bed = Bed::new().await;
    let sealer = sealer(&bed.store, &bed.key);
    sealer.pass().await.unwrap();
    let left = bed.passes - 1;
    bed.tamper(format!("DELETE FROM audit_head WHERE no > {left}")).await;
    bed.tamper(format!("DELETE FROM audit_seal WHERE head > {left}")).await;
    bed.tamper(format!("DELETE FROM audit WHERE no > {}", left * PER_SEAL * CHAINS)).await;
    sealer.pass().await.unwrap();
    sealer.pass().await.unwrap();
    let told = bed.store.audit_after(clinic_chain(0), 0, 10).await.unwrap();
    let told: Vec<_> = told.iter().map(|row| (row.action.as_str(), row.from_seq)).collect();
    assert_eq!(told, [("audit.cut", bed.passes)], "once");
    assert!(bed.verify().await.sound());
}

/// Whoever changes a row and makes all seals anew has another key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seals_of_somebody_else() {
    let mut bed = Bed::new().await;
    bed.tamper("UPDATE audit SET account = 1 WHERE no = 9").await;
    bed.tamper("DELETE FROM audit_seal").await;
    bed.tamper("DELETE FROM audit_head").await;
    let forger = Key::new();
    sealer(&bed.store, &forger).pass().await.unwrap();
    assert!(verify(&*bed.store, forger.public(), None, &[]).await.unwrap().sound(), "a whole forgery");
    let told: BTreeSet<What> = bed.verify().await.findings.iter().map(|f| f.what).collect();
    assert_eq!(told, BTreeSet::from([What::HeadForged, What::SealForged]));
}

/// Two nodes that seal at once: each row is sealed once, in one order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_sealers_seal_each_row_once() {
    let bed = Bed::new().await;
    let sealers: Vec<_> = (0..4).map(|_| Arc::new(sealer(&bed.store, &bed.key))).collect();
    for n in 0..20 {
        bed.store.audit((0..30).map(|k| row(n * 30 + k, chain(k % CHAINS))).collect()).await.unwrap();
        let passes = sealers.iter().map(|one| {
            let one = Arc::clone(one);
            tokio::spawn(async move { one.pass().await.unwrap().rows })
        });
        let mut sealed = 0;
        for pass in passes.collect::<Vec<_>>() {
            sealed += pass.await.unwrap();
        }
        assert_eq!(sealed, 30);
    }
    let report = bed.verify().await;
    assert!(report.sound() && report.unsealed == 0);
    assert_eq!(report.rows, bed.passes * PER_SEAL * CHAINS + 600);
}
