//! Why somebody may or may not: the same rights that [`crate::decide`] looks at, told in words. And what a grant can do at
//! all, so that one that could never have an effect is refused when it is made.

use crate::access::{Member, NEVER, UnixMs};
use crate::decide::{Rights, Viewer};
use crate::matrix::{Pair, column};
use crate::{Access, Categories, Category, GrantOf, Role};

/// What one may do with a category, as the matrix has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    Read,
    ReadSummary,
    Write,
    Edit,
    Propose,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Read, Self::ReadSummary, Self::Write, Self::Edit, Self::Propose];
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// Yes: the role has it by itself.
    Role,
    /// Yes: the patient granted it.
    Granted,
    /// Yes: as an activated proxy.
    Proxy,
    /// No: the patient took it away.
    Narrowed,
    /// No: a grant begins then.
    NotYet(i64),
    /// No: the last grant ended then.
    Ended(i64),
    /// No: the patient may grant it and has not.
    NotGranted,
    /// No: the role never has it.
    NotInMatrix,
    /// No, but for what names them.
    OwnOnly,
}

impl Why {
    pub const fn allows(self) -> bool {
        matches!(self, Self::Role | Self::Granted | Self::Proxy)
    }
}

/// Why this viewer may or may not do this with entries of this category that are for everybody. Says yes exactly where
/// [`crate::decide`] does; None: no member.
pub fn why(now_ms: i64, viewer: &Viewer, access: &Access, category: Category, kind: Kind) -> Option<Why> {
    let member = access.member(viewer.account, viewer.role)?;
    let rights = Rights::at(now_ms, member, access);
    let seen = Seen { now_ms, member, rights: &rights, category };
    Some(match kind {
        Kind::Read => seen.reading(),
        Kind::ReadSummary => seen.summary(),
        Kind::Write => seen.also(column(member.role).write, column(member.role).edit),
        Kind::Edit => seen.also(column(member.role).edit, Pair::NOTHING),
        Kind::Propose => seen.proposing(),
    })
}

/// From when to when the patient granted a category to a member in a role; half open, none: without an end on that side.
pub fn windows(access: &Access, account: u64, role: Role, category: Category) -> Vec<(Option<UnixMs>, Option<UnixMs>)> {
    let member = access.member(account, role);
    let windows = member.into_iter().flat_map(|member| &member.windows);
    let of = windows.filter(|window| window.of == GrantOf::Category(category));
    of.map(|w| (Some(w.from).filter(|at| *at != UnixMs::MIN), Some(w.until).filter(|at| *at != NEVER))).collect()
}

/// Whether this viewer is the patient, or acts for the patient now.
pub fn speaks_for_patient(now_ms: i64, viewer: &Viewer, access: &Access) -> bool {
    let Some(member) = access.member(viewer.account, viewer.role) else { return false };
    member.role == Role::Patient || Rights::at(now_ms, member, access).is_proxy()
}

struct Seen<'a> {
    now_ms: UnixMs,
    member: &'a Member,
    rights: &'a Rights<'a>,
    category: Category,
}

impl Seen<'_> {
    fn own_only(&self) -> bool {
        column(self.member.role).own.contains(self.category)
    }

    fn reading(&self) -> Why {
        let read = column(self.member.role).read;
        if self.rights.read.contains(self.category) {
            return if self.own_only() { Why::OwnOnly } else { self.basis(read) };
        }
        self.refusal(read)
    }

    fn summary(&self) -> Why {
        let read = self.reading();
        if read.allows() {
            return read;
        }
        match (column(self.member.role).summary.contains(self.category), self.narrowed()) {
            (true, false) => Why::Role,
            (true, true) => Why::Narrowed,
            (false, _) => read,
        }
    }

    /// Something that needs reading as well, by one of two letters.
    fn also(&self, one: Pair, other: Pair) -> Why {
        let pair = one.or(other);
        if !pair.by_default.or(pair.by_grant).contains(self.category) {
            return Why::NotInMatrix;
        }
        match self.reading() {
            yes if yes.allows() && self.rights.may(pair).contains(self.category) => {
                if pair.by_default.contains(self.category) { yes } else { Why::Granted }
            }
            yes if yes.allows() => self.refusal(pair),
            no => no,
        }
    }

    fn proposing(&self) -> Why {
        let propose = column(self.member.role).propose;
        let read = column(self.member.role).read;
        // Whoever reads a category may propose where the field's list names them.
        if self.rights.read.contains(self.category) {
            return self.basis(read);
        }
        if self.rights.may(propose).minus(self.member.denied).contains(self.category) {
            return if propose.by_default.contains(self.category) { Why::Role } else { Why::Granted };
        }
        self.refusal(propose.or(read))
    }

    fn narrowed(&self) -> bool {
        self.member.denied.contains(self.category)
    }

    fn basis(&self, pair: Pair) -> Why {
        let windows = self.member.windows.iter();
        let granted = windows.filter(|w| w.of == GrantOf::Category(self.category)).any(|w| w.holds(self.now_ms));
        match (pair.by_default.contains(self.category), granted) {
            (true, _) => Why::Role,
            (false, true) => Why::Granted,
            (false, false) => Why::Proxy,
        }
    }

    fn refusal(&self, pair: Pair) -> Why {
        if !pair.by_default.or(pair.by_grant).contains(self.category) {
            return Why::NotInMatrix;
        }
        if self.narrowed() {
            return Why::Narrowed;
        }
        let windows = || self.member.windows.iter().filter(|w| w.of == GrantOf::Category(self.category));
        let ahead = windows().filter(|w| w.from > self.now_ms && w.from < w.until).map(|w| w.from).min();
        let past = windows().filter(|w| w.until <= self.now_ms && w.until != NEVER).map(|w| w.until).max();
        match (ahead, past) {
            (Some(from), _) => Why::NotYet(from),
            (None, Some(until)) => Why::Ended(until),
            (None, None) => Why::NotGranted,
        }
    }
}

/// Why a grant could not have the effect that it promises.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ungrantable {
    /// Nobody can open this to this role.
    WithoutEffect,
    /// A caregiver is granted by name.
    NotByName,
    /// What a caregiver is granted has an end.
    WithoutEnd,
}

/// Whether an ALLOW to a member in this role says something that can hold. Undoing what the patient took away counts: the
/// role had it by itself.
pub fn grantable(role: Role, by_name: bool, of: GrantOf, ends: bool) -> Result<(), Ungrantable> {
    let category = match of {
        GrantOf::Proxy if role != Role::Caregiver => return Err(Ungrantable::WithoutEffect),
        GrantOf::Proxy => return if by_name { Ok(()) } else { Err(Ungrantable::NotByName) },
        GrantOf::Category(category) => category,
    };
    let column = column(role);
    let by_default = column.read.by_default.or(column.summary);
    let by_grant = [column.read, column.write, column.edit, column.propose];
    let by_grant = by_grant.iter().fold(Categories::NONE, |all, pair| all.or(pair.by_grant));
    match role {
        _ if !by_default.or(by_grant).contains(category) => Err(Ungrantable::WithoutEffect),
        Role::Caregiver if by_default.contains(category) => Ok(()),
        Role::Caregiver if !by_name => Err(Ungrantable::NotByName),
        Role::Caregiver if !ends => Err(Ungrantable::WithoutEnd),
        _ => Ok(()),
    }
}
