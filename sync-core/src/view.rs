//! Policies: views over the live versions of a field. The merge never looks at them, so that a phone with an
//! older policy table still holds the same record, byte for byte.

use alloc::vec::Vec;

use crate::{FieldRef, Part, Role, Version};

/// A chunk in comparable form, made by whoever knows the schema.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Key {
    /// Numbers, enums without a rank, booleans (0, 1), days, instants.
    Int(i128),
    /// Place in the declared rank of an enum; 0 is the strictest.
    Rank(u32),
    Bytes(Vec<u8>),
    /// Not to be compared: outside of the rank, or newer than this schema. The strictest of all.
    Unknown,
}

impl Key {
    /// What [`Policy::UnionDenyWins`] looks for.
    pub const ALLOW: Self = Self::Int(1);
    pub const DENY: Self = Self::Int(2);
}

/// The values of one record type, compared.
pub trait Keys {
    fn key(&self, number: u32, chunk: &[u8]) -> Key;
}

/// The fields of one record type: their values and their policies.
pub trait Schema: Keys {
    /// A field that the schema does not know is [`Policy::LastWriter`].
    fn policy(&self, number: u32) -> Policy;
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Policy {
    /// The later clock holds, nobody is asked. Also for fields with one writer only (append-only, derived).
    LastWriter,
    Review {
        while_open: WhileOpen,
        asks: bool,
    },
    MostRestrictive {
        order: Order,
        asks: bool,
    },
    UnionAddWins,
    /// Of a set, element by element, or of a register that holds ALLOW or DENY.
    UnionDenyWins,
    /// Written by the creation alone; if two creations of one derived id differ: REVIEW(LAST_AGREED).
    Constant,
}

/// What holds while a review is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WhileOpen {
    /// The greatest version from which all live ones descend; none: blocked.
    LastAgreed,
    /// The role's own version, the later clock among several; none: the later clock of all.
    Owner(Role),
    /// Nothing: blocked.
    Nothing,
}

/// What is safer. Of keys that are the same, the later clock's version is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    Min,
    Max,
    TrueWins,
    FalseWins,
    Earliest,
    Latest,
    /// The least [`Key::Rank`].
    Rank,
}

impl Order {
    fn greatest_wins(self) -> bool {
        matches!(self, Self::Max | Self::TrueWins | Self::Latest)
    }
}

impl Policy {
    /// What an answer needs [`last_agreed`](crate::agreed::last_agreed) for, if `versions` dispute.
    pub fn uses_agreed(self) -> bool {
        matches!(self, Self::Constant | Self::Review { while_open: WhileOpen::LastAgreed, .. })
    }

    pub fn is_union(self) -> bool {
        matches!(self, Self::UnionAddWins | Self::UnionDenyWins)
    }
}

/// The answer about one field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View<'a> {
    /// The version in force; its value may be "cleared". `None`: no value is in force.
    pub effective: Option<Version<'a>>,
    /// All live versions, ascending by dot.
    pub versions: Vec<Version<'a>>,
    /// A person is asked until the dispute is settled.
    pub needs_review: bool,
    /// Nobody may act on the field until it is settled.
    pub blocked: bool,
    /// Where LAST_AGREED holds: what was agreed. Found by the server and shipped with the part.
    pub agreed: Option<Version<'a>>,
    /// An ALLOW and a DENY stand side by side: nobody is asked, but the person is told.
    pub tells: bool,
}

impl<'a> View<'a> {
    /// The chunk in force, if a value is.
    pub fn value(&self) -> Option<&'a [u8]> {
        self.effective.and_then(|v| v.value)
    }

    /// Different values stand side by side.
    pub fn disputed(&self) -> bool {
        disputed(&self.versions)
    }
}

/// Whether different values stand side by side ("cleared" is a value). Equal values are no dispute.
pub fn disputed(versions: &[Version<'_>]) -> bool {
    versions.iter().any(|v| v.value != versions[0].value)
}

/// Looks at the live versions of one register, or of one element of a set. `agreed` is what
/// [`last_agreed`](crate::agreed::last_agreed) found; it is only looked at where [`Policy::uses_agreed`].
pub fn view<'a, K: Keys + ?Sized>(
    policy: Policy,
    number: u32,
    versions: impl Iterator<Item = Version<'a>>,
    keys: &K,
    agreed: Option<Version<'a>>,
) -> View<'a> {
    let mut v = View {
        effective: None,
        versions: versions.collect(),
        needs_review: false,
        blocked: false,
        agreed: None,
        tells: false,
    };
    v.effective = latest(v.versions.iter());
    match policy {
        Policy::LastWriter => {}
        Policy::Review { while_open, asks } => review(&mut v, while_open, asks, agreed),
        Policy::Constant => review(&mut v, WhileOpen::LastAgreed, true, agreed),
        Policy::MostRestrictive { order, asks } => restrict(&mut v, order, asks, number, keys),
        Policy::UnionAddWins => {
            let added = latest(v.versions.iter().filter(|v| v.value.is_some()));
            v.effective = added.or(v.effective);
        }
        Policy::UnionDenyWins => deny(&mut v, number, keys),
    }
    v
}

fn latest<'v, 'a: 'v>(versions: impl Iterator<Item = &'v Version<'a>>) -> Option<Version<'a>> {
    versions.copied().max_by_key(Version::order)
}

fn review<'a>(v: &mut View<'a>, while_open: WhileOpen, asks: bool, agreed: Option<Version<'a>>) {
    if !v.disputed() {
        return;
    }
    v.needs_review = asks;
    v.effective = match while_open {
        WhileOpen::LastAgreed => {
            v.agreed = agreed;
            agreed
        }
        WhileOpen::Owner(role) => latest(v.versions.iter().filter(|v| v.author.role == role)).or(v.effective),
        WhileOpen::Nothing => None,
    };
    v.blocked = v.effective.is_none();
}

fn restrict<K: Keys + ?Sized>(v: &mut View<'_>, order: Order, asks: bool, number: u32, keys: &K) {
    let mut safest: Option<(Key, Version<'_>)> = None;
    let mut cleared = false;
    for version in &v.versions {
        let Some(chunk) = version.value else {
            cleared = true;
            continue;
        };
        let key = keys.key(number, chunk);
        let stricter = safest.as_ref().is_none_or(|(best, held)| match strictness(order, &key, best) {
            core::cmp::Ordering::Equal => version.order() > held.order(),
            o => o.is_gt(),
        });
        if stricter {
            safest = Some((key, *version));
        }
    }
    let unknown = safest.as_ref().is_some_and(|(key, _)| *key == Key::Unknown);
    v.needs_review = unknown || v.disputed() && (asks || cleared);
    v.blocked = unknown;
    if let Some((_, version)) = safest {
        v.effective = Some(version);
    }
}

/// Greater is stricter.
fn strictness(order: Order, a: &Key, b: &Key) -> core::cmp::Ordering {
    match (a == &Key::Unknown, b == &Key::Unknown) {
        (false, false) if order.greatest_wins() => a.cmp(b),
        (false, false) => b.cmp(a),
        (a, b) => a.cmp(&b),
    }
}

fn deny<K: Keys + ?Sized>(v: &mut View<'_>, number: u32, keys: &K) {
    let allows = |v: &&Version<'_>| v.value.is_some_and(|chunk| keys.key(number, chunk) == Key::ALLOW);
    let denies = |v: &&Version<'_>| v.value.is_some() && !allows(v);
    let denial = latest(v.versions.iter().filter(denies));
    let grant = latest(v.versions.iter().filter(allows));
    v.tells = denial.is_some() && grant.is_some();
    v.effective = denial.or(grant).or(v.effective);
}

/// Whether a view under [`Policy::UnionDenyWins`] grants: an ALLOW is in force. What is not known denies.
pub fn allows<K: Keys + ?Sized>(view: &View<'_>, number: u32, keys: &K) -> bool {
    view.value().is_some_and(|chunk| keys.key(number, chunk) == Key::ALLOW)
}

/// Whether putting `put` in the place of the versions `named` leaves less restriction: such a write needs a reason
/// (REASON_REQUIRED). Only under [`Policy::MostRestrictive`].
pub fn relaxes<'a, K: Keys + ?Sized>(
    policy: Policy,
    number: u32,
    named: impl Iterator<Item = Version<'a>>,
    put: Option<&[u8]>,
    keys: &K,
) -> bool {
    let Policy::MostRestrictive { order, .. } = policy else {
        return false;
    };
    let put = put.map(|chunk| keys.key(number, chunk));
    named.filter_map(|v| v.value).any(|chunk| match &put {
        None => true,
        Some(put) => strictness(order, put, &keys.key(number, chunk)).is_lt(),
    })
}

/// The answer about one set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnionView<'a> {
    /// The elements in force, ascending.
    pub effective: Vec<&'a [u8]>,
    /// Elements where an ALLOW and a DENY stand side by side.
    pub tells: Vec<&'a [u8]>,
    /// Every element with live versions, ascending.
    pub elements: Vec<(&'a [u8], View<'a>)>,
}

/// Looks at the set `number` of a part.
pub fn view_union<'a, K: Keys + ?Sized>(policy: Policy, part: &'a Part, number: u32, keys: &K) -> UnionView<'a> {
    let mut union = UnionView { effective: Vec::new(), tells: Vec::new(), elements: Vec::new() };
    for (field, versions) in part.elements(number) {
        let v = view(policy, number, versions, keys, None);
        let holds = match policy {
            Policy::UnionDenyWins => allows(&v, number, keys),
            _ => v.value().is_some(),
        };
        if holds {
            union.effective.push(field.element);
        }
        if v.tells {
            union.tells.push(field.element);
        }
        union.elements.push((field.element, v));
    }
    union
}

/// Looks at one register of a part under its schema's policy.
pub fn view_field<'a, S: Schema + ?Sized>(
    part: &'a Part,
    field: FieldRef<'_>,
    schema: &S,
    agreed: Option<Version<'a>>,
) -> View<'a> {
    view(schema.policy(field.number), field.number, part.versions(field), schema, agreed)
}
