//! The server of the simulation: nodes over one database, commits that become durable later than they are made, a
//! backup that may be restored, grants that come and go. It decides nothing that the ledger decides.

use std::collections::{BTreeMap, BTreeSet};

use osteon_sync_core::{
    Change, Dot, Field, FieldWrite, Put, Replica,
    device::{
        HelloAnswer, HelloCircle, HelloRequest, Lanes, Offer, OfferAnswer, OfferRequest, Page, PagePart, Position,
        PullRequest, PushAnswer, PushRequest, RebaseAnswer, RebaseRequest,
    },
    faults::{Fault, Faults},
    ledger::{
        At, Cell, Context, Cursor, Decision, Generation, Granted, Item, Offered, Owner, PagePlan, PushItem, Room,
        Verdict, hello, process, push, take_back,
    },
};

use crate::{
    Plant, SimFault,
    memory::Memory,
    parts::{CLASSES, on_the_wire, refused, serials},
    schemas::{TestMacs, TestSchemas, test_mac},
};

pub(crate) const CIRCLE: u64 = 1;

/// What a transaction writes: the circle, who may read what, which numbers were given.
#[derive(Clone, Default)]
pub(crate) struct Database {
    pub(crate) circle: Memory,
    pub(crate) epoch: u32,
    pub(crate) grants: BTreeMap<u64, BTreeMap<u64, Generation>>,
    generations: u64,
    numbers: u32,
    rebases: BTreeMap<[u8; 16], Lanes>,
}

/// Outside of the database: what a restore must not forget.
#[derive(Clone, Default)]
struct DenyLog {
    epoch: u32,
    ended: BTreeSet<(u64, u64, Generation)>,
}

#[derive(Debug)]
pub(crate) enum Answer {
    Hello(HelloAnswer),
    Rebase(RebaseAnswer),
    Push(PushAnswer),
    Page(Box<Page>),
    Offer(OfferAnswer),
    EpochChanged,
}

pub(crate) struct Server {
    plant: Option<Plant>,
    /// Committed, perhaps not on the disk yet.
    pub(crate) database: Database,
    /// What a crash leaves.
    pub(crate) durable: Database,
    backup: Option<Database>,
    deny: DenyLog,
    /// Sequences given to transactions that have not committed (planted bug).
    early: Vec<(u64, PushRequest)>,
    /// What each node believes of the grants (planted bug).
    cached: Vec<BTreeMap<u64, BTreeMap<u64, Generation>>>,
    pub(crate) restored: bool,
    pub(crate) skips: u32,
    /// Edits that ever waited for a person's decision.
    pub(crate) quarantined: BTreeSet<u64>,
    /// Every change that was ever accepted, also by a server that was restored since.
    pub(crate) ever: BTreeMap<Dot, Vec<Change>>,
    /// Whose numbers, whatever was restored since.
    numbers_of: BTreeMap<Replica, u64>,
    /// A part was read outside of the scope at its read.
    pub(crate) leaked: bool,
    /// Purges as messages (planted bug).
    purges: BTreeMap<u64, Vec<Cell>>,
}

impl Server {
    pub(crate) fn new(plant: Option<Plant>) -> Self {
        let database = Database { epoch: 1, ..Database::default() };
        let deny = DenyLog { epoch: 1, ..DenyLog::default() };
        Self {
            plant,
            durable: database.clone(),
            database,
            backup: None,
            deny,
            early: vec![],
            cached: vec![BTreeMap::new(); 2],
            restored: false,
            skips: 0,
            quarantined: BTreeSet::new(),
            ever: BTreeMap::new(),
            numbers_of: BTreeMap::new(),
            leaked: false,
            purges: BTreeMap::new(),
        }
    }

    fn has(&self, fault: SimFault) -> bool {
        self.plant == Some(Plant::Sim(fault))
    }

    fn faults(&self) -> Faults {
        match self.plant {
            Some(Plant::Core(fault)) => Faults::only(fault),
            _ => Faults::NONE,
        }
    }

    fn context(&self, now_ms: u64) -> Context {
        let (epoch, faults) = (self.database.epoch, self.faults());
        Context { now_ms, epoch, retry_after_ms: 1_000, digest_key: [7; 16], faults }
    }

    /// New numbers for an installation.
    pub(crate) fn give_lanes(&mut self, account: u64, installation: u64) -> Lanes {
        let mut give = || {
            self.database.numbers += 1;
            let replica = Replica { epoch: self.database.epoch, n: self.database.numbers };
            self.database.circle.owners.insert(replica, Owner { account, installation, retired: false });
            self.numbers_of.insert(replica, installation);
            replica
        };
        Lanes { urgent: give(), ordinary: give() }
    }

    pub(crate) fn granted(&self, account: u64, label: u64) -> bool {
        self.database.grants.get(&account).is_some_and(|g| g.contains_key(&label))
    }

    pub(crate) fn grant(&mut self, account: u64, label: u64) {
        if !self.granted(account, label) {
            self.database.generations += 1;
            let generation = Generation { epoch: self.database.epoch, n: self.database.generations };
            self.database.grants.entry(account).or_default().insert(label, generation);
        }
        self.flush();
    }

    pub(crate) fn revoke(&mut self, account: u64, label: u64) {
        if let Some(generation) = self.database.grants.get_mut(&account).and_then(|g| g.remove(&label)) {
            self.deny.ended.insert((account, label, generation));
            self.purges.entry(account).or_default().extend(CLASSES.map(|class| Cell { label, class }));
        }
        self.flush();
    }

    /// What was committed reaches the disk.
    pub(crate) fn flush(&mut self) {
        self.durable = self.database.clone();
    }

    pub(crate) fn answers_wait(&self) -> bool {
        !self.has(SimFault::AckedBeforeDurable)
    }

    /// A node learns of the grants; a sound node reads them in its transaction.
    pub(crate) fn refresh(&mut self, node: usize) {
        self.cached[node] = self.durable.grants.clone();
    }

    pub(crate) fn crash(&mut self) {
        self.early.clear();
        self.database = self.durable.clone();
    }

    pub(crate) fn back_up(&mut self) {
        self.flush();
        self.backup = Some(self.durable.clone());
    }

    pub(crate) fn restore(&mut self) {
        let Some(backup) = self.backup.clone() else { return };
        self.early.clear();
        self.database = backup;
        for (account, label, generation) in &self.deny.ended {
            if let Some(grants) = self.database.grants.get_mut(account) {
                grants.retain(|l, g| (*l, *g) != (*label, *generation));
            }
        }
        self.restored = true;
        if !self.has(SimFault::RestoreWithoutEpoch) {
            self.deny.epoch += 1;
            self.database.epoch = self.deny.epoch;
            self.database.numbers = 0;
            self.database.generations = 0;
        }
        self.flush();
    }

    fn safe_upto(&self) -> u64 {
        self.backup.as_ref().map_or(0, |b| b.circle.head)
    }

    pub(crate) fn hello(
        &mut self,
        account: u64,
        installation: u64,
        now_ms: u64,
        request: &HelloRequest,
    ) -> HelloAnswer {
        let epoch = self.database.epoch;
        let lanes = (request.epoch != epoch).then(|| self.give_lanes(account, installation));
        let positions = request.positions.iter().find(|(n, _)| *n == CIRCLE).map(|(_, p)| p.as_slice());
        let positions = positions.unwrap_or_default();
        for position in positions.iter().filter(|p| p.replica.epoch < epoch) {
            // Numbers that were given after the backup: the keys are derived, the device has proved whose they are.
            let owner = Owner { account, installation, retired: false };
            self.database.circle.owners.entry(position.replica).or_insert(owner);
        }
        let compared = positions.iter().map(|p| hello::compare(&self.database.circle, p));
        let lanes_there = compared.collect();
        let circle = HelloCircle {
            circle: CIRCLE,
            safe_upto: self.safe_upto(),
            digest_key: [7; 16],
            lanes: lanes_there,
            fates: Vec::new(),
        };
        HelloAnswer { epoch, server_ms: now_ms, circles: vec![circle], lanes }
    }

    pub(crate) fn rebase(&mut self, account: u64, installation: u64, request: &RebaseRequest) -> RebaseAnswer {
        let epoch = self.database.epoch;
        if let Some(lanes) = self.database.rebases.get(&request.request_id) {
            return RebaseAnswer { epoch, lanes: *lanes };
        }
        for replica in &request.lanes {
            if let Some(owner) = self.database.circle.owners.get_mut(replica) {
                owner.retired = true;
            }
        }
        let lanes = self.give_lanes(account, installation);
        self.database.rebases.insert(request.request_id, lanes);
        RebaseAnswer { epoch, lanes }
    }

    pub(crate) fn push(&mut self, now_ms: u64, request: &PushRequest, early: bool) -> Answer {
        if request.epoch != self.database.epoch {
            return Answer::EpochChanged;
        }
        if early && self.has(SimFault::SequenceBeforeCommit) && self.early.is_empty() {
            self.early.push((self.database.circle.head, request.clone()));
            self.database.circle.head += request.items.len() as u64;
            let none = PushAnswer { epoch: request.epoch, verdicts: vec![] };
            return Answer::Push(none);
        }
        let verdicts = self.process_push(now_ms, request);
        Answer::Push(PushAnswer { epoch: self.database.epoch, verdicts })
    }

    /// A transaction that took its sequence before commits.
    pub(crate) fn commit_early(&mut self, now_ms: u64) {
        for (head, request) in std::mem::take(&mut self.early) {
            let now = self.database.circle.head;
            self.database.circle.head = head;
            self.process_push(now_ms, &request);
            self.database.circle.head = self.database.circle.head.max(now);
        }
    }

    fn process_push(&mut self, now_ms: u64, request: &PushRequest) -> Vec<Verdict> {
        let ctx = self.context(now_ms);
        for item in &request.items {
            let old = request.replica.epoch < self.database.epoch;
            self.skips += u32::from(matches!(item, Item::Skip(_)) && !old);
        }
        let with_mac = |item: &Item| PushItem {
            mac: match item {
                Item::Change(change) => test_mac(change.dot.replica, change),
                Item::Skip(_) => osteon_sync_core::ledger::SKIP_MAC,
            },
            item: item.clone(),
        };
        let mut items: Vec<PushItem> = request.items.iter().map(with_mac).collect();
        let grants = self.database.grants.clone();
        let mut check = |change: &Change, _: &Memory| decide(&grants, change);
        let circle = &mut self.database.circle;
        let outcomes = push(circle, &mut items, &request.builds_on, &ctx, &TestMacs, &TestSchemas, &mut check);
        for (change, _) in &circle.quarantined {
            self.quarantined.extend(serials(change));
        }
        self.remember();
        outcomes.into_iter().map(|o| o.verdict).collect()
    }

    fn remember(&mut self) {
        for (dot, change) in self.database.circle.history.iter().filter(|(_, c)| !taken_back(c)) {
            let known = self.ever.entry(*dot).or_default();
            if known.iter().all(|c| c.parts != change.parts) {
                known.push(change.clone());
            }
        }
    }

    /// Somebody gives back what a restored server lost.
    pub(crate) fn offer(&mut self, account: u64, now_ms: u64, request: &OfferRequest) -> Answer {
        if request.epoch != self.database.epoch {
            return Answer::EpochChanged;
        }
        let ctx = self.context(now_ms);
        let mut taken = vec![];
        for offer in &request.offers {
            for dot in &offer.dots {
                let reads = self.granted(account, offer.id.label) && !self.has(SimFault::OffersIgnored);
                let circle = &mut self.database.circle;
                let mut back = || offered(offer, *dot).map(|one| take_back(circle, &one, &ctx, &TestSchemas));
                taken.push(if reads { back() } else { None });
            }
        }
        Answer::Offer(OfferAnswer { epoch: self.database.epoch, taken })
    }

    pub(crate) fn is_of(&self, dot: Dot, installations: &BTreeSet<u64>) -> bool {
        self.numbers_of.get(&dot.replica).is_some_and(|installation| installations.contains(installation))
    }

    /// What was committed by now and is no more: versions that a phone still holds.
    pub(crate) fn has_lost(&self, dot: Dot) -> bool {
        let circle = &self.database.circle;
        let chain = circle.chains.get(&dot.replica).map_or(0, |c| c.counter);
        dot.replica.epoch < self.database.epoch && dot.counter > chain && !circle.aliases.contains_key(&dot)
    }

    /// An online write: the server's own replica, the same process.
    pub(crate) fn write(&mut self, now_ms: u64, mut change: Change) {
        let replica = Replica::server(self.database.epoch);
        change.dot = Dot { replica, counter: self.database.circle.chains.get(&replica).map_or(0, |c| c.counter) + 1 };
        let (ctx, mac) = (self.context(now_ms), test_mac(replica, &change));
        let mut accept = |_: &Change, _: &Memory| Decision::Accept { out_of_range: false };
        process(&mut self.database.circle, &mut change, mac, &ctx, &TestMacs, &TestSchemas, &mut accept);
        self.remember();
        self.flush();
    }

    pub(crate) fn page(
        &mut self,
        node: usize,
        account: u64,
        own: &[Replica],
        request: &PullRequest,
        limit: u32,
    ) -> Answer {
        let db = &self.durable;
        if request.epoch != db.epoch {
            return Answer::EpochChanged;
        }
        let Some(Position { cursor: asked, dropped, .. }) = request.positions.iter().find(|at| at.circle == CIRCLE)
        else {
            return Answer::EpochChanged;
        };
        let grants = if self.has(SimFault::CachedScope) { &self.cached[node] } else { &db.grants };
        let granted: Granted = grants
            .get(&account)
            .into_iter()
            .flatten()
            .flat_map(|(label, g)| CLASSES.map(|class| (Cell { label: *label, class }, *g)))
            .collect();
        let cursor = (!asked.is_empty()).then(|| Cursor::decode(asked).expect("a cursor of ours"));
        let circle = &db.circle;
        let at = At {
            epoch: db.epoch,
            head: circle.head,
            head_mark: circle.mark(circle.head),
            cursor_mark: cursor.as_ref().map_or(0, |c| circle.mark(c.sequence)),
        };
        // Now the parts are the bound, now the bytes.
        let bytes = if circle.head.is_multiple_of(2) { u64::MAX } else { u64::from(limit) * 50 };
        let room = Room { parts: limit, bytes };
        let Ok(mut plan) = PagePlan::open(cursor, dropped, &granted, at, room, self.faults()) else {
            return Answer::EpochChanged;
        };
        while let Some(ask) = plan.ask() {
            let (rows, more) = circle.rows(ask);
            plan.rows(rows, more);
        }
        let mark = circle.mark(plan.sequence());
        let mut planned = plan.finish(mark);
        let allowed = db.grants.get(&account);
        self.leaked |= planned.rows.iter().any(|r| !allowed.is_some_and(|g| g.contains_key(&r.cell.label)));
        if self.faults() == Faults::only(Fault::PurgeAsMessage) {
            planned.erased = self.purges.remove(&account).unwrap_or_default();
        }
        let sent =
            |row: osteon_sync_core::ledger::Row<(osteon_sync_core::PartId, osteon_sync_core::ledger::StoredPart)>| {
                let (id, stored) = row.payload;
                let (type_number, class) = (stored.type_number, stored.class);
                PagePart { id, part: on_the_wire(&stored.part), type_number, class, extra: vec![] }
            };
        let processed = own.iter().filter_map(|replica| {
            let chain = circle.chains.get(replica)?;
            Some((Dot { replica: *replica, counter: chain.counter }, chain.mac))
        });
        let digest = |cell: &Cell| (*cell, circle.digests.get(cell).copied().unwrap_or_default());
        Answer::Page(Box::new(Page {
            circle: CIRCLE,
            epoch: db.epoch,
            asked: asked.clone(),
            cursor: planned.cursor.encode(),
            head: circle.head,
            erased: planned.erased,
            granted: if asked.is_empty() { granted.keys().copied().collect() } else { vec![] },
            parts: planned.rows.into_iter().map(sent).collect(),
            processed: processed.collect(),
            complete: planned.complete,
            at_head: planned.at_head,
            digests: if planned.at_head { granted.keys().map(digest).collect() } else { vec![] },
            removed: vec![],
            redacted: vec![],
        }))
    }

    /// Changes of an installation that were refused, or wait for a decision.
    pub(crate) fn refusals(&self, installation: u64) -> usize {
        let owned =
            |dot: &Dot| self.database.circle.owners.get(&dot.replica).is_some_and(|o| o.installation == installation);
        let refused = |v: &Verdict| matches!(v, Verdict::Refused { .. } | Verdict::Quarantined { .. });
        self.database.circle.kept.iter().filter(|(dot, kept)| owned(dot) && refused(&kept.verdict)).count()
    }

    /// The replicas of an installation, of all epochs.
    pub(crate) fn replicas_of(&self, installation: u64) -> Vec<Replica> {
        let owners = self.durable.circle.owners.iter();
        owners.filter(|(_, o)| o.installation == installation).map(|(r, _)| *r).collect()
    }
}

/// Whether an entry of the history is something that was taken back, under the server's number.
pub(crate) fn taken_back(change: &Change) -> bool {
    change.dot.replica.n == 0 && !change.earlier.is_empty()
}

/// The versions of one change in what a phone offers.
fn offered(offer: &Offer, dot: Dot) -> Option<Offered> {
    let mut found = None;
    let mut writes = vec![];
    for (field, versions) in offer.held.part.fields() {
        for v in versions.filter(|v| v.dot == dot) {
            found = Some((v.clock, v.author));
            let put = v.value.map_or(Put::Absent, |value| Put::Value(value.into()));
            writes.push(FieldWrite { field: Field::from(field), put: Some(put), replaces: vec![], covers: vec![] });
        }
    }
    let (clock, author) = found?;
    let mut offered =
        Offered { dot, clock, author, part: offer.id, type_number: offer.held.type_number, writes, mac: [0; 16] };
    // The receipt of the simulation: of the content, under a key that is nobody's replica.
    let as_content = Change {
        dot,
        clock,
        author,
        base: 0,
        earlier: vec![],
        parts: vec![osteon_sync_core::PartWrite {
            part: offer.id,
            type_number: offer.held.type_number,
            writes: offered.writes.clone(),
        }],
        note: osteon_sync_core::Note::default(),
    };
    offered.mac = test_mac(Replica { epoch: offer.id.label as u32, n: u32::MAX }, &as_content);
    Some(offered)
}

/// Rights first: what somebody writes without them waits for a person. Then a rule that looks at the content alone.
fn decide(grants: &BTreeMap<u64, BTreeMap<u64, Generation>>, change: &Change) -> Decision {
    let granted = grants.get(&change.author.account);
    if change.parts.iter().any(|p| !granted.is_some_and(|g| g.contains_key(&p.part.label))) {
        return Decision::Quarantine { reason: "RIGHT_LOST".into() };
    }
    if serials(change).any(refused) {
        return Decision::Refuse { reason: "NOT_ALLOWED".into(), violations: vec![] };
    }
    Decision::Accept { out_of_range: false }
}
