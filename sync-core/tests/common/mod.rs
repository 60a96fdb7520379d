//! What the laws are tried on: changes that name anything (a restored server, a broken client), and a small fleet whose
//! devices write what their forms were shown.
#![allow(dead_code, unreachable_pub)]

use std::collections::{BTreeMap, BTreeSet};

use osteon_sync_core::{
    Author, Chains, Clock, Dot, Edit, Field, FieldRef, FieldWrite, Form, Key, Keys, Order, Origin, Part, Place, Policy,
    Put, Role, Schema, Version, View, WhileOpen,
    agreed::{Past, last_agreed},
    lifecycle::State,
    view::view_field,
};
use proptest::prelude::*;

pub const REPLICAS: u32 = 3;

/// Cases a property runs: `OSTEON_CASES`, small by default.
pub fn config() -> ProptestConfig {
    let cases = std::env::vars().find(|(k, _)| k == "OSTEON_CASES").and_then(|(_, v)| v.parse().ok());
    ProptestConfig { cases: cases.unwrap_or(200), failure_persistence: None, ..ProptestConfig::default() }
}

/// A change on the one part that is looked at.
#[derive(Clone, Debug)]
pub struct Small {
    pub dot: Dot,
    pub clock: Clock,
    pub author: Author,
    pub writes: Vec<FieldWrite>,
}

impl Small {
    pub fn origin(&self) -> Origin<'_> {
        Origin { dot: self.dot, clock: self.clock, author: self.author, earlier: &[] }
    }
}

/// A part with the chains and the log of its circle.
#[derive(Clone, Debug, Default)]
pub struct Site {
    pub part: Part,
    pub chains: Chains,
    pub log: BTreeMap<Dot, Small>,
}

impl Site {
    pub fn deliver(&mut self, change: &Small) -> Place {
        let place = self.chains.place(change.dot);
        if place == Place::Next {
            self.part.merge(change.origin(), &change.writes, &self.chains);
            self.chains.advance(change.dot);
            self.log.insert(change.dot, change.clone());
        }
        place
    }

    pub fn all<'c>(changes: impl IntoIterator<Item = &'c Small>) -> Self {
        let mut site = Self::default();
        changes.into_iter().for_each(|c| {
            site.deliver(c);
        });
        site
    }

    pub fn agreed(&self, field: FieldRef<'_>) -> Option<Version<'_>> {
        let log = |dot: Dot| {
            let change = self.log.get(&dot)?;
            let write = change.writes.iter().find(|w| w.field.as_ref() == field)?;
            let version = write.put.as_ref().map(|put| Version {
                dot,
                clock: change.clock,
                author: change.author,
                value: put.value(),
            });
            Some(Past { version, replaces: &write.replaces })
        };
        last_agreed(self.part.versions(field).map(|v| v.dot), log, &self.chains)
    }

    pub fn view(&self, field: FieldRef<'_>) -> View<'_> {
        view_field(&self.part, field, &Policies, self.agreed(field))
    }

    pub fn form(&self) -> Form {
        Form::open(&self.part, &Policies, |f| self.agreed(f), &[])
    }
}

/// Versions: (field, dot).
pub type Names = BTreeSet<(Field, Dot)>;

/// What the state must be, said without an order: a put is live if no processed write of its field names it; a name is
/// "gone" if it is named and has not been processed.
pub fn oracle(processed: &[&Small]) -> (Names, Names) {
    let dots: BTreeSet<Dot> = processed.iter().map(|c| c.dot).collect();
    let writes = || processed.iter().flat_map(|c| c.writes.iter().map(|w| (c.dot, w)));
    let named: Names = writes().flat_map(|(_, w)| w.replaces.iter().map(|d| (w.field.clone(), *d))).collect();
    let puts = writes().filter(|(_, w)| w.put.is_some()).map(|(d, w)| (w.field.clone(), d));
    let live = puts.filter(|version| !named.contains(version)).collect();
    (live, named.into_iter().filter(|(_, d)| !dots.contains(d)).collect())
}

/// One field of each kind of policy.
pub struct Policies;

impl Keys for Policies {
    fn key(&self, number: u32, chunk: &[u8]) -> Key {
        match (number, chunk.first()) {
            (4, Some(9)) | (_, None) => Key::Unknown,
            (4, Some(n)) => Key::Rank((*n).into()),
            (_, Some(n)) => Key::Int((*n).into()),
        }
    }
}

impl Schema for Policies {
    fn policy(&self, number: u32) -> Policy {
        match number {
            1 => Policy::LastWriter,
            2 => Policy::Review { while_open: WhileOpen::LastAgreed, asks: true },
            3 => Policy::Review { while_open: WhileOpen::Owner(Role(1)), asks: true },
            4 => Policy::MostRestrictive { order: Order::Rank, asks: true },
            5 => Policy::UnionAddWins,
            6 => Policy::UnionDenyWins,
            _ => Policy::Constant,
        }
    }
}

pub fn dot(replica: u32, counter: u64) -> Dot {
    Dot::new(1, replica, counter)
}

pub fn field() -> impl Strategy<Value = Field> {
    prop_oneof![
        Just(Field::register(0)),
        (1..5u32).prop_map(Field::register),
        (5..7u32, prop::sample::select(vec!["a", "b"])).prop_map(|(n, e)| Field::element(n, e.as_bytes())),
    ]
}

fn put(field: &Field) -> impl Strategy<Value = Option<Put>> + use<> {
    let put = (0..5u8).prop_map(|b| Some(Put::Value([b + 1].into())));
    let own = Some(Put::Value(field.element.clone()));
    prop_oneof![4 => put, 1 => Just(Some(Put::Absent)), 1 => Just(None), 1 => Just(own)]
}

fn any_write() -> impl Strategy<Value = FieldWrite> {
    let names = || prop::collection::vec((0..REPLICAS, 1..5u64).prop_map(|(r, c)| dot(r, c)), 0..3);
    (field(), names(), names()).prop_flat_map(|(field, replaces, covers)| {
        let made = FieldWrite { field, put: None, replaces, covers };
        put(&made.field).prop_map(move |put| FieldWrite { put, ..made.clone() })
    })
}

/// Changes of three replicas that name anything: later ones, ones that never come, those of other fields.
pub fn any_changes() -> impl Strategy<Value = Vec<Small>> {
    let writes = prop::collection::btree_map(field(), any_write(), 1..4)
        .prop_map(|m| m.into_iter().map(|(field, w)| FieldWrite { field, ..w }).collect::<Vec<_>>());
    prop::collection::vec((0..REPLICAS, 0..20u64, 0..3u8, writes), 1..10).prop_map(number)
}

fn number(raw: Vec<(u32, u64, u8, Vec<FieldWrite>)>) -> Vec<Small> {
    let mut counters = [0; REPLICAS as usize];
    raw.into_iter()
        .map(|(r, ms, role, writes)| {
            counters[r as usize] += 1;
            let author = Author { account: r.into(), role: Role(role) };
            Small { dot: dot(r, counters[r as usize]), clock: Clock { ms, logical: 0 }, author, writes }
        })
        .collect()
}

/// Another order of the same changes that keeps each replica's own: `picks` says whose turn it is.
pub fn interleave(changes: &[Small], picks: &[u32]) -> Vec<Small> {
    let mut lanes: Vec<Vec<Small>> =
        (0..REPLICAS).map(|r| changes.iter().rev().filter(|c| c.dot.replica.n == r).cloned().collect()).collect();
    let mut order = Vec::new();
    let mut picks = picks.iter().cycle();
    while lanes.iter().any(|l| !l.is_empty()) {
        let lane = picks.next().copied().unwrap_or_default() as usize;
        let open: Vec<usize> = (0..lanes.len()).filter(|l| !lanes[*l].is_empty()).collect();
        order.extend(lanes[open[lane % open.len()]].pop());
    }
    order
}

/// A step of a fleet.
#[derive(Clone, Debug)]
pub enum Step {
    Edit {
        field: Field,
        put: Option<Put>,
        resolves: bool,
    },
    End(State),
    /// Sends own changes and takes all that the server has.
    Sync,
}

pub fn steps() -> impl Strategy<Value = Vec<(u32, u64, Step)>> {
    let edit = field().prop_flat_map(|field| {
        (put(&field), any::<bool>(), Just(field)).prop_map(|(put, resolves, field)| Step::Edit { field, put, resolves })
    });
    let state = prop::sample::select(vec![State::Active, State::Deleted, State::EnteredInError]);
    let step = prop_oneof![5 => edit, 1 => state.prop_map(Step::End), 2 => Just(Step::Sync)];
    prop::collection::vec((0..REPLICAS, 0..30u64, step), 1..24)
}

/// Runs a fleet: each device writes what its forms were shown. Gives all changes, in the order of their making.
pub fn fleet(steps: &[(u32, u64, Step)]) -> Vec<Small> {
    let mut server = Site::default();
    let mut devices = vec![Site::default(); REPLICAS as usize];
    let mut made: Vec<Small> = Vec::new();
    for (r, ms, step) in steps {
        let device = &mut devices[*r as usize];
        let form = device.form();
        let write = match step {
            Step::Edit { field, put, resolves } => {
                form.write(Edit { field: field.clone(), put: put.clone(), resolves: *resolves })
            }
            Step::End(state) => form.end(*state, []),
            Step::Sync => {
                made.iter().filter(|c| device.log.contains_key(&c.dot)).for_each(|c| {
                    server.deliver(c);
                });
                made.iter().filter(|c| server.log.contains_key(&c.dot)).for_each(|c| {
                    device.deliver(c);
                });
                continue;
            }
        };
        let head = device.chains.head(dot(*r, 0).replica);
        let change = Small {
            dot: dot(*r, head.counter + 1),
            clock: Clock { ms: *ms, logical: 0 },
            author: Author { account: (*r).into(), role: Role(*r as u8) },
            writes: vec![write],
        };
        device.deliver(&change);
        made.push(change);
    }
    made
}
