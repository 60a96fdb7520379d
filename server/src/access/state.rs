//! A circle's access state as it is stored: the rows of its members, grants and activations, read off the circle's
//! records in the commit that changed them, and the generation under which each member holds each label.

use std::collections::BTreeMap;

use osteon_access_core::{
    Access, ActivationRow, Category, Consent, GlassRow, GrantOf, GrantRow, Grantee, LabelId, MemberRow, Part, Role,
    ThreadRow, Viewer, gained, lost, reach,
};
use osteon_proto::table::{RecordType, table};
use osteon_sync_core::{RecordId, ledger::Generation};
use prost::Message;

use crate::{
    error::Error,
    store::{AccessRow, AccountNo, StoreError},
};

/// The rows, decoded, and what they make.
#[derive(Clone, Default)]
pub struct CircleAccess {
    pub access: Access,
    members: Vec<MemberRow>,
    threads: Vec<ThreadRow>,
    /// Generations that differ from [`Generation::default`]: (account, label) → when the pair was last gained.
    generations: BTreeMap<(AccountNo, u64), Generation>,
    /// (account, label) → the sequence at which the pair was last lost: what was written before waits for a person.
    lost: BTreeMap<(AccountNo, u64), u64>,
    /// When it was settled: what ended since was not noticed yet.
    settled_ms: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Stored {
    #[prost(message, repeated, tag = "1")]
    members: Vec<StoredMember>,
    #[prost(message, repeated, tag = "2")]
    grants: Vec<StoredGrant>,
    #[prost(message, repeated, tag = "3")]
    activations: Vec<StoredActivation>,
    #[prost(message, repeated, tag = "4")]
    generations: Vec<StoredGeneration>,
    /// `n` is the sequence, `epoch` is not used.
    #[prost(message, repeated, tag = "5")]
    lost: Vec<StoredGeneration>,
    #[prost(int64, tag = "6")]
    settled_ms: i64,
    /// Who takes part in which thread.
    #[prost(message, repeated, tag = "7")]
    threads: Vec<StoredThread>,
    /// Broken glass that was not over when the rows last moved.
    #[prost(message, repeated, tag = "20")]
    glass: Vec<StoredGlass>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct StoredGlass {
    #[prost(uint64, tag = "1")]
    account: u64,
    #[prost(uint32, tag = "2")]
    role: u32,
    #[prost(int64, tag = "3")]
    from_ms: i64,
    #[prost(int64, tag = "4")]
    until_ms: i64,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct StoredThread {
    #[prost(uint64, tag = "1")]
    thread: u64,
    /// 0: everybody.
    #[prost(uint64, tag = "2")]
    account: u64,
    #[prost(uint32, tag = "3")]
    participation: u32,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct StoredMember {
    #[prost(uint64, tag = "1")]
    account: u64,
    #[prost(uint32, tag = "2")]
    role: u32,
    /// 1 ALLOW, 2 DENY.
    #[prost(uint32, tag = "3")]
    membership: u32,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct StoredGrant {
    #[prost(uint64, tag = "1")]
    account: u64,
    #[prost(uint32, tag = "2")]
    role: u32,
    /// Category number; 64 for proxy.
    #[prost(uint32, tag = "3")]
    of: u32,
    #[prost(uint32, tag = "4")]
    decision: u32,
    #[prost(int64, optional, tag = "5")]
    not_before_ms: Option<i64>,
    #[prost(int64, optional, tag = "6")]
    not_after_ms: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct StoredActivation {
    #[prost(uint64, tag = "1")]
    proxy: u64,
    #[prost(int64, tag = "2")]
    activated_ms: i64,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct StoredGeneration {
    #[prost(uint64, tag = "1")]
    account: u64,
    #[prost(uint64, tag = "2")]
    label: u64,
    #[prost(uint32, tag = "3")]
    epoch: u32,
    #[prost(uint64, tag = "4")]
    n: u64,
}

/// The rows that a commit read off the circle's records.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub members: Vec<MemberRow>,
    pub grants: Vec<GrantRow>,
    pub activations: Vec<ActivationRow>,
    pub glass: Vec<GlassRow>,
    pub threads: Vec<ThreadRow>,
    /// Ends of grants that nothing in the circle says to have come, past ones too.
    pub ends: Vec<Ended>,
}

/// One end of one grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ended {
    pub grant: RecordId,
    pub at_ms: i64,
}

const PROXY: u32 = 64;

fn consent(number: u32) -> Consent {
    match number {
        0 => Consent::Unset,
        1 => Consent::Allow,
        _ => Consent::Deny,
    }
}

fn consent_number(consent: Consent) -> u32 {
    match consent {
        Consent::Unset => 0,
        Consent::Allow => 1,
        Consent::Deny => 2,
    }
}

fn number(role: u32) -> Option<Role> {
    u8::try_from(role).ok().and_then(Role::from_number)
}

impl CircleAccess {
    pub fn decode(row: &AccessRow) -> Result<Self, Error> {
        let corrupt = || Error::from(StoreError::Corrupt { table: "access", column: "state" });
        let stored = Stored::decode(row.state.as_slice()).map_err(|_| corrupt())?;
        let member = |m: &StoredMember| {
            Some(MemberRow { account: m.account, role: number(m.role)?, membership: consent(m.membership) })
        };
        let grant = |g: &StoredGrant| {
            let grantee = if g.account != 0 { Grantee::Member(g.account) } else { Grantee::Role(number(g.role)?) };
            let of = if g.of == PROXY {
                GrantOf::Proxy
            } else {
                GrantOf::Category(u8::try_from(g.of).ok().and_then(Category::new)?)
            };
            let (not_before_ms, not_after_ms) = (g.not_before_ms, g.not_after_ms);
            Some(GrantRow { grantee, of, decision: consent(g.decision), not_before_ms, not_after_ms })
        };
        let members: Vec<_> = stored.members.iter().map(member).collect::<Option<_>>().ok_or_else(corrupt)?;
        let grants: Vec<_> = stored.grants.iter().map(grant).collect::<Option<_>>().ok_or_else(corrupt)?;
        let activations: Vec<_> =
            stored.activations.iter().map(|a| ActivationRow { proxy: a.proxy, activated_ms: a.activated_ms }).collect();
        let generations =
            stored.generations.iter().map(|g| ((g.account, g.label), Generation { epoch: g.epoch, n: g.n })).collect();
        let lost = stored.lost.iter().map(|g| ((g.account, g.label), g.n)).collect();
        let glass = |g: &StoredGlass| {
            let (from_ms, until_ms) = (g.from_ms, g.until_ms);
            Some(GlassRow { account: g.account, role: number(g.role)?, from_ms, until_ms })
        };
        let glass: Vec<_> = stored.glass.iter().map(glass).collect::<Option<_>>().ok_or_else(corrupt)?;
        let threads: Vec<_> = stored.threads.iter().map(thread_row).collect();
        let access = Access::from_records(row.generation, &members, &grants, &activations, &threads);
        let access = access.with_glass(&glass);
        Ok(Self { access, members, threads, generations, lost, settled_ms: stored.settled_ms })
    }

    /// The state after a commit that moved the rows: pairs (member, label) that were gained get the commit's generation.
    pub fn after(&self, rows: &Rows, labels: &[LabelId], now_ms: u64, at: Generation) -> AccessRow {
        let generation = self.access.generation() + 1;
        let next = Access::from_records(generation, &rows.members, &rows.grants, &rows.activations, &rows.threads);
        let now_ms = super::signed(now_ms);
        let (mut generations, mut lost_at) = (self.generations.clone(), self.lost.clone());
        for (account, role) in next.members() {
            let viewer = Viewer { account, role };
            for label in gained(now_ms, &viewer, &self.access, &next, labels) {
                generations.insert((account, label.0), at);
                lost_at.remove(&(account, label.0));
            }
            for label in gained(now_ms, &viewer, &self.access, &next, &declared(account)) {
                lost_at.remove(&(account, label.0));
            }
            lost_at.remove(&(account, LEFT));
        }
        for (account, role) in self.access.members() {
            let viewer = Viewer { account, role };
            // Also labels of which the circle has nothing yet: the first entry may be the one that was written too late.
            // And what ended by itself since the rows last moved: `GrantEnded` is such a commit.
            let labels = [labels, &declared(account)].concat();
            for label in lost((self.settled_ms, now_ms), &viewer, &self.access, &next, &labels) {
                lost_at.insert((account, label.0), at.n);
            }
            if next.members().all(|(member, _)| member != account) {
                lost_at.insert((account, LEFT), at.n);
            }
        }
        let members: Vec<(AccountNo, u8)> = next.members().map(|(account, role)| (account, role.number())).collect();
        AccessRow { generation, state: encode(rows, &generations, &lost_at, now_ms), members }
    }

    /// Under which generation the account holds the label.
    pub fn generation(&self, account: AccountNo, label: u64) -> Generation {
        self.generations.get(&(account, label)).copied().unwrap_or_default()
    }

    /// The sequence at which the account last lost the label, if it does not have it now.
    pub fn lost_at(&self, account: AccountNo, label: u64) -> Option<u64> {
        self.lost.get(&(account, label)).copied()
    }

    /// Whether the account had the label when the rows last moved, and has not now: a grant has ended meanwhile.
    pub fn ended_since(&self, account: AccountNo, label: u64, now_ms: u64) -> bool {
        let Some(viewer) = super::viewer(&self.access, account) else { return false };
        let reads = |at| reach(at, &viewer, &self.access).is_some_and(|reach| reach.reads(LabelId(label)));
        reads(self.settled_ms) && !reads(super::signed(now_ms))
    }

    /// The sequence at which the account left the circle, if it is no member now.
    pub fn left_at(&self, account: AccountNo) -> Option<u64> {
        self.lost.get(&(account, LEFT)).copied()
    }

    /// Rows of everybody who is or was a member.
    pub fn members(&self) -> &[MemberRow] {
        &self.members
    }

    /// Who takes part in which thread, as the records say: members and others.
    pub fn threads(&self) -> &[ThreadRow] {
        &self.threads
    }

    /// The account of the patient, if the circle has one.
    pub fn patient(&self) -> Option<AccountNo> {
        self.access.members().find(|(_, role)| *role == Role::Patient).map(|(account, _)| account)
    }
}

fn thread_row(stored: &StoredThread) -> ThreadRow {
    let part = if stored.account == 0 { Part::Everybody } else { Part::Account(stored.account) };
    ThreadRow { thread: stored.thread, part, participation: consent(stored.participation) }
}

fn stored_thread(row: &ThreadRow) -> StoredThread {
    let account = match row.part {
        Part::Account(account) => account,
        Part::Everybody => 0,
    };
    StoredThread { thread: row.thread, account, participation: consent_number(row.participation) }
}

/// Stands for "any label" among what was lost: no label is 0.
const LEFT: u64 = 0;

/// Every label that the contracts declare, for entries of this account.
fn declared(account: AccountNo) -> Vec<LabelId> {
    let of_type = |known: &RecordType| {
        let choices = 0..=u32::try_from(known.label_choice.len()).unwrap_or(0);
        choices.flat_map(|choice| known.labels(choice, account).unwrap_or_default()).collect::<Vec<_>>()
    };
    let mut labels: Vec<LabelId> = table().types().iter().flat_map(of_type).collect();
    labels.sort_unstable();
    labels.dedup();
    labels
}

fn encode(
    rows: &Rows,
    generations: &BTreeMap<(AccountNo, u64), Generation>,
    lost: &BTreeMap<(AccountNo, u64), u64>,
    settled_ms: i64,
) -> Vec<u8> {
    let grant = |g: &GrantRow| {
        let (account, role) = match g.grantee {
            Grantee::Member(account) => (account, 0),
            Grantee::Role(role) => (0, u32::from(role.number())),
        };
        let of = match g.of {
            GrantOf::Category(category) => u32::from(category.number()),
            GrantOf::Proxy => PROXY,
        };
        let (not_before_ms, not_after_ms) = (g.not_before_ms, g.not_after_ms);
        StoredGrant { account, role, of, decision: consent_number(g.decision), not_before_ms, not_after_ms }
    };
    Stored {
        members: rows
            .members
            .iter()
            .map(|m| StoredMember {
                account: m.account,
                role: u32::from(m.role.number()),
                membership: consent_number(m.membership),
            })
            .collect(),
        grants: rows.grants.iter().map(grant).collect(),
        activations: rows
            .activations
            .iter()
            .map(|a| StoredActivation { proxy: a.proxy, activated_ms: a.activated_ms })
            .collect(),
        generations: generations
            .iter()
            .map(|((account, label), g)| StoredGeneration { account: *account, label: *label, epoch: g.epoch, n: g.n })
            .collect(),
        lost: lost
            .iter()
            .map(|((account, label), n)| StoredGeneration { account: *account, label: *label, epoch: 0, n: *n })
            .collect(),
        settled_ms,
        threads: rows.threads.iter().map(stored_thread).collect(),
        // What is over opens nothing any more; the entries themselves stay.
        glass: rows
            .glass
            .iter()
            .filter(|g| g.until_ms > settled_ms)
            .map(|g| StoredGlass {
                account: g.account,
                role: u32::from(g.role.number()),
                from_ms: g.from_ms,
                until_ms: g.until_ms,
            })
            .collect(),
    }
    .encode_to_vec()
}
