//! The two proofs, and what changes between two states of access.
//!
//! A [`Scope`] says what somebody may read until when; a query that has none cannot be written. A [`Permit`] says
//! that one action was allowed under one generation of the access state; the committing transaction compares the
//! generation under the circle's lock and decides again if it moved. Only this module makes either.

use osteon_proto::LabelId;

use crate::access::{Member, NEVER, UnixMs, Window};
use crate::decide::{Decision, Rights, Viewer, decide};
use crate::matrix::column;
use crate::{Access, Action, Audience, Categories, GrantOf, LabelView, Role};

/// Forbidden. Says nothing more: forbidden and absent look the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Denied;

/// The proof that `A` was allowed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Permit<A> {
    viewer: Viewer,
    generation: u64,
    not_after_ms: Option<i64>,
    on_behalf: bool,
    action: A,
}

impl<A> Permit<A> {
    pub fn viewer(&self) -> Viewer {
        self.viewer
    }

    pub fn generation(&self) -> u64 {
        self.generation
    }

    pub fn not_after_ms(&self) -> Option<i64> {
        self.not_after_ms
    }

    /// A proxy acts for the patient; the entry shows both names.
    pub fn on_behalf(&self) -> bool {
        self.on_behalf
    }

    pub fn action(&self) -> &A {
        &self.action
    }
}

/// Decides all that `action` needs, and hands out the proof. An action that needs nothing is denied.
pub fn permit<A>(
    now_ms: i64,
    viewer: &Viewer,
    access: &Access,
    action: A,
    needs: &[Action<'_>],
) -> Result<Permit<A>, Denied> {
    let mut not_after_ms: Option<i64> = None;
    let mut behalf = false;
    if needs.is_empty() {
        return Err(Denied);
    }
    for need in needs {
        match decide(now_ms, viewer, access, need) {
            Decision::Deny => return Err(Denied),
            Decision::Allow { not_after_ms: end, on_behalf } => {
                not_after_ms = earliest(not_after_ms, end);
                behalf |= on_behalf;
            }
        }
    }
    Ok(Permit { viewer: *viewer, generation: access.generation(), not_after_ms, on_behalf: behalf, action })
}

/// What one member can read: a predicate over labels.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reach {
    account: u64,
    role: Role,
    categories: Categories,
    /// Of which the summary is read.
    summaries: Categories,
    threads: Vec<u64>,
}

impl Reach {
    pub fn reads(&self, label: LabelId) -> bool {
        let Some(view) = LabelView::parse(label) else { return false };
        let (inside, by_name) = match view.audience {
            Audience::Summary => return self.summaries.includes(view.categories),
            Audience::All => (true, false),
            Audience::Author(named) | Audience::Member(named) => (named == self.account, true),
            Audience::Thread(thread) => (self.threads.binary_search(&thread).is_ok(), true),
            Audience::Unknown(author) => (author == self.account || self.role == Role::Patient, true),
        };
        inside
            && self.categories.includes(view.categories)
            && (by_name || !view.categories.intersects(column(self.role).own))
    }
}

/// The proof that a member may read, and what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    reach: Reach,
    generation: u64,
    not_after_ms: Option<i64>,
    opens_at_ms: Option<i64>,
    labels: Vec<LabelId>,
    behind_glass: bool,
}

impl Scope {
    pub fn viewer(&self) -> Viewer {
        Viewer { account: self.reach.account, role: self.reach.role }
    }

    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The earliest end among the grants in force that it rests on.
    pub fn not_after_ms(&self) -> Option<i64> {
        self.not_after_ms
    }

    /// The next moment at which a grant that is not yet in force begins.
    pub fn opens_at_ms(&self) -> Option<i64> {
        self.opens_at_ms
    }

    /// Whether glass is broken for the reader: each look says so in the audit.
    pub fn behind_glass(&self) -> bool {
        self.behind_glass
    }

    /// Whether a part under this label may be read, for any label.
    pub fn reads(&self, label: LabelId) -> bool {
        self.reach.reads(label)
    }

    /// Those of the labels that the scope was made over that may be read, ascending.
    pub fn labels(&self) -> &[LabelId] {
        &self.labels
    }
}

/// What this viewer may read now; `labels` are those that the contract and the circle know.
pub fn scope(now_ms: i64, viewer: &Viewer, access: &Access, labels: &[LabelId]) -> Result<Scope, Denied> {
    let glass = access.glass_until(now_ms, viewer);
    let held = held(now_ms, viewer, access, labels);
    let Some(until) = glass else {
        let opens_at_ms = earliest(held.as_ref().ok().and_then(|s| s.opens_at_ms), access.glass_opens(now_ms, viewer));
        return held.map(|held| Scope { opens_at_ms, ..held });
    };
    let nobody = Member::nobody(viewer);
    let member = access.member(viewer.account, viewer.role).unwrap_or(&nobody);
    let rights = Rights::at(now_ms, member, access).behind_glass();
    let whole = of(now_ms, viewer, access, member, &rights, labels);
    let not_after_ms = earliest(held.ok().and_then(|held| held.not_after_ms), Some(until));
    let opens_at_ms = earliest(whole.opens_at_ms, access.glass_opens(now_ms, viewer));
    Ok(Scope { not_after_ms, opens_at_ms, behind_glass: true, ..whole })
}

/// The same without what broken glass opens: what a device may hold. Looks behind glass are online, one by one.
pub fn held(now_ms: i64, viewer: &Viewer, access: &Access, labels: &[LabelId]) -> Result<Scope, Denied> {
    let member = access.member(viewer.account, viewer.role).ok_or(Denied)?;
    let rights = Rights::at(now_ms, member, access);
    let until = rights.until(rights.read);
    let scope = of(now_ms, viewer, access, member, &rights, labels);
    Ok(Scope { not_after_ms: (until != NEVER).then_some(until), ..scope })
}

fn of(
    now_ms: i64,
    viewer: &Viewer,
    access: &Access,
    member: &Member,
    rights: &Rights<'_>,
    labels: &[LabelId],
) -> Scope {
    let threads = access.threads_of(viewer.account);
    let (categories, summaries) = (rights.read, rights.summaries());
    let reach = Reach { account: viewer.account, role: viewer.role, categories, summaries, threads };
    let starts = member.windows.iter().map(|window| window.from).chain([member.activated_ms]);
    let opens = starts.filter(|start| *start > now_ms && *start != NEVER).min();
    let mut labels: Vec<LabelId> = labels.iter().copied().filter(|label| reach.reads(*label)).collect();
    labels.sort_unstable();
    labels.dedup();
    Scope {
        reach,
        generation: access.generation(),
        not_after_ms: None,
        opens_at_ms: opens,
        labels,
        behind_glass: false,
    }
}

/// What this member can read now or will at some later moment, if nothing is changed. A grant that has been made
/// but not begun counts: the pair (member, label) got its generation when the grant was committed.
pub fn reach(now_ms: i64, viewer: &Viewer, access: &Access) -> Option<Reach> {
    let member = access.member(viewer.account, viewer.role)?;
    let ahead = |window: &&Window| window.until > now_ms && window.from < window.until;
    let mut opened = Categories::NONE;
    let mut proxy = false;
    for window in member.windows.iter().filter(ahead) {
        match window.of {
            GrantOf::Category(category) => opened = opened.or(category.bit()),
            GrantOf::Proxy => proxy |= !member.proxy_denied && meets_activation(window, now_ms, member.activated_ms),
        }
    }
    let mut categories = column(member.role).read.with(opened);
    if proxy {
        categories = categories.or(crate::Category::C15_END_OF_LIFE.bit());
    }
    let threads = access.threads_of(viewer.account);
    let (categories, column) = (categories.minus(member.denied), column(member.role));
    let summaries = categories.minus(column.own).or(column.summary.minus(member.denied));
    Some(Reach { account: viewer.account, role: viewer.role, categories, summaries, threads })
}

fn meets_activation(window: &Window, now_ms: UnixMs, activated_ms: UnixMs) -> bool {
    activated_ms != NEVER && activated_ms.max(now_ms) < window.until
}

/// The labels that this viewer can read after a commit and could not before: each needs a new generation, so
/// that a device that still holds the old cell erases it and fetches again. A grant that was extended while it
/// ran is no gain.
pub fn gained(now_ms: i64, viewer: &Viewer, before: &Access, after: &Access, labels: &[LabelId]) -> Vec<LabelId> {
    let (before, after) = (reach(now_ms, viewer, before), reach(now_ms, viewer, after));
    difference(after.as_ref(), before.as_ref(), labels)
}

/// The labels that this viewer could read before a commit and cannot after. `between`: when what was before was last
/// looked at, and now; a grant that ended in between is lost as well.
pub fn lost(between: (i64, i64), viewer: &Viewer, before: &Access, after: &Access, labels: &[LabelId]) -> Vec<LabelId> {
    let (before, after) = (reach(between.0, viewer, before), reach(between.1, viewer, after));
    difference(before.as_ref(), after.as_ref(), labels)
}

fn difference(has: Option<&Reach>, has_not: Option<&Reach>, labels: &[LabelId]) -> Vec<LabelId> {
    let reads = |reach: Option<&Reach>, label: LabelId| reach.is_some_and(|reach| reach.reads(label));
    let mut found: Vec<LabelId> =
        labels.iter().copied().filter(|label| reads(has, *label) && !reads(has_not, *label)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The categories that a button "share all" may grant to a role: what the matrix opens by grant, without those
/// that need a switch of their own.
pub fn bulk_grantable(role: Role) -> Categories {
    column(role).read.by_grant.minus(Categories::OWN_SWITCH)
}

fn earliest(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (end, None) | (None, end) => end,
    }
}
