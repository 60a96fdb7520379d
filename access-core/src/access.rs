//! The access state of one circle: who is a member, what the patient granted, who may act for them.
//!
//! Built once per generation from plain rows that server and phone read off the circle's records, with the
//! grants of roles already spread over the members, so that [`crate::decide`] only looks at one member.

use std::collections::BTreeSet;

use crate::{
    Categories, Category, Role,
    matrix::column,
    threads::{ThreadRow, Threads},
};

/// Milliseconds since 1970.
pub(crate) type UnixMs = i64;
/// "Without an end", inside; outside it is None.
pub(crate) const NEVER: UnixMs = UnixMs::MAX;

/// ALLOW and DENY side by side, read as the policy UNION_DENY_WINS says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Consent {
    /// Nobody has said anything.
    #[default]
    Unset,
    Allow,
    Deny,
}

impl Consent {
    /// The live versions' enum numbers (1 ALLOW, 2 DENY). One DENY wins, and so does a number that this version
    /// does not know: it may be a stricter kind of no.
    pub fn of(live: impl IntoIterator<Item = i32>) -> Self {
        live.into_iter().fold(Self::Unset, |so_far, number| match number {
            1 => so_far.max(Self::Allow),
            _ => Self::Deny,
        })
    }
}

/// A record of type P-CIRCLE.member.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MemberRow {
    pub account: u64,
    pub role: Role,
    pub membership: Consent,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Grantee {
    /// Every member in this role.
    Role(Role),
    /// The account, in whatever role.
    Member(u64),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GrantOf {
    Category(Category),
    /// Acting for the patient; counts only for a caregiver granted by name.
    Proxy,
}

/// A record of type P-CIRCLE.grant. The window is half open, and only an ALLOW has one: a DENY holds until it is
/// replaced, or an old end date left standing in the record would quietly open what the patient closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GrantRow {
    pub grantee: Grantee,
    pub of: GrantOf,
    pub decision: Consent,
    pub not_before_ms: Option<i64>,
    pub not_after_ms: Option<i64>,
}

/// A record of type P-CIRCLE.proxy_activation: a physician's dated entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ActivationRow {
    pub proxy: u64,
    pub activated_ms: i64,
}

/// Somebody broke the glass (record type BreakGlass): a clinician of the same clinic reads for a short time what they
/// have no other right to. The window is half open.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct GlassRow {
    pub account: u64,
    pub role: Role,
    pub from_ms: i64,
    pub until_ms: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Window {
    pub(crate) of: GrantOf,
    pub(crate) from: UnixMs,
    pub(crate) until: UnixMs,
}

impl Window {
    pub(crate) fn holds(&self, now_ms: UnixMs) -> bool {
        self.from <= now_ms && now_ms < self.until
    }
}

impl GlassRow {
    fn holds(&self, now_ms: UnixMs) -> bool {
        self.from_ms <= now_ms && now_ms < self.until_ms
    }
}

impl Member {
    /// Somebody who is no member: has nothing but what the glass opens.
    pub(crate) fn nobody(viewer: &crate::Viewer) -> Self {
        Self {
            account: viewer.account,
            role: viewer.role,
            denied: Categories::ALL,
            proxy_denied: true,
            windows: Vec::new(),
            activated_ms: NEVER,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Member {
    pub(crate) account: u64,
    pub(crate) role: Role,
    pub(crate) denied: Categories,
    pub(crate) proxy_denied: bool,
    pub(crate) windows: Vec<Window>,
    pub(crate) activated_ms: UnixMs,
}

/// The circle's access state at one generation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Access {
    generation: u64,
    /// Current members, ascending by (account, role).
    members: Vec<Member>,
    threads: Threads,
    /// Ascending; of physicians and nurses alone.
    glass: Vec<GlassRow>,
}

impl Access {
    /// `generation` moves whenever one of the rows does; a permit carries it. Rows may come in any order and
    /// repeat: the result is a function of their set, and the stricter of two rows about the same thing holds.
    pub fn from_records(
        generation: u64,
        members: &[MemberRow],
        grants: &[GrantRow],
        activations: &[ActivationRow],
        threads: &[ThreadRow],
    ) -> Self {
        let mut rows: Vec<MemberRow> = members.to_vec();
        rows.sort_unstable_by_key(|row| (row.account, row.role, row.membership));
        // Within one (account, role) DENY sorts last, so the last row decides.
        let mut current: Vec<Member> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let last = rows.get(at + 1).is_none_or(|next| (next.account, next.role) != (row.account, row.role));
            if last && row.membership == Consent::Allow && row.role != Role::System {
                current.push(resolve(row, grants, activations));
            }
        }
        let accounts: BTreeSet<u64> = current.iter().map(|member| member.account).collect();
        let threads = Threads::of(threads, &accounts);
        Self { generation, members: current, threads, glass: Vec::new() }
    }

    /// The same with the glass that was broken. Rows of roles that may not break it have no effect.
    #[must_use]
    pub fn with_glass(mut self, rows: &[GlassRow]) -> Self {
        self.glass = rows.iter().copied().filter(|row| row.role.may_break_glass()).collect();
        self.glass.sort_unstable();
        self.glass.dedup();
        self
    }

    /// Somebody who is behind broken glass now, and need not be a member.
    pub fn behind_glass(&self, now_ms: i64, account: u64) -> Option<crate::Viewer> {
        let open = self.glass.iter().find(|row| row.account == account && row.holds(now_ms))?;
        Some(crate::Viewer { account, role: open.role })
    }

    /// Until when this viewer reads behind broken glass.
    pub fn glass_until(&self, now_ms: i64, viewer: &crate::Viewer) -> Option<i64> {
        let theirs = |row: &&GlassRow| (row.account, row.role) == (viewer.account, viewer.role);
        self.glass.iter().filter(theirs).filter(|row| row.holds(now_ms)).map(|row| row.until_ms).max()
    }

    /// When glass that is broken for later opens.
    pub(crate) fn glass_opens(&self, now_ms: i64, viewer: &crate::Viewer) -> Option<i64> {
        let theirs = |row: &&GlassRow| (row.account, row.role) == (viewer.account, viewer.role);
        let ahead = |row: &&GlassRow| row.from_ms > now_ms && row.from_ms < row.until_ms;
        self.glass.iter().filter(theirs).filter(ahead).map(|row| row.from_ms).min()
    }

    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// (account, role) of every current member, ascending.
    pub fn members(&self) -> impl Iterator<Item = (u64, Role)> {
        self.members.iter().map(|member| (member.account, member.role))
    }

    pub(crate) fn member(&self, account: u64, role: Role) -> Option<&Member> {
        let at = self.members.binary_search_by_key(&(account, role), |m| (m.account, m.role)).ok()?;
        self.members.get(at)
    }

    pub(crate) fn in_thread(&self, thread: u64, account: u64) -> bool {
        self.threads.holds(thread, account)
    }

    /// Whether somebody started this thread, whoever takes part in it now.
    pub fn knows_thread(&self, thread: u64) -> bool {
        self.threads.knows(thread)
    }

    /// The same with one more who takes part: for a thread that is being started, and to ask what somebody would read.
    #[must_use]
    pub fn with_participant(mut self, thread: u64, account: u64) -> Self {
        self.threads.add(thread, account);
        self
    }

    /// Threads in which an account takes part, ascending; which of them it may read, the labels say.
    pub fn threads_of(&self, account: u64) -> Vec<u64> {
        self.threads.of_account(account)
    }
}

fn resolve(row: &MemberRow, grants: &[GrantRow], activations: &[ActivationRow]) -> Member {
    let mut member = Member {
        account: row.account,
        role: row.role,
        denied: Categories::NONE,
        proxy_denied: false,
        windows: Vec::new(),
        activated_ms: activations
            .iter()
            .filter(|activation| activation.proxy == row.account)
            .map(|activation| activation.activated_ms)
            .min()
            .unwrap_or(NEVER),
    };
    for grant in grants {
        let by_name = grant.grantee == Grantee::Member(row.account);
        if !by_name && grant.grantee != Grantee::Role(row.role) {
            continue;
        }
        match (grant.decision, grant.of) {
            (Consent::Unset, _) => {}
            (Consent::Deny, GrantOf::Category(category)) => member.denied = member.denied.or(category.bit()),
            (Consent::Deny, GrantOf::Proxy) => member.proxy_denied = true,
            (Consent::Allow, of) => {
                if opens(row.role, by_name, grant) {
                    member.windows.push(Window {
                        of,
                        from: grant.not_before_ms.unwrap_or(UnixMs::MIN),
                        until: grant.not_after_ms.unwrap_or(NEVER),
                    });
                }
            }
        }
    }
    member.denied = member.denied.and(column(row.role).narrowable);
    member.windows.sort_unstable();
    member.windows.dedup();
    member
}

/// Whether an ALLOW can have any effect on a member in this role: the matrix must have a `*` there, a
/// caregiver's grant must name its end, and the proxy is a caregiver granted by name.
fn opens(role: Role, by_name: bool, grant: &GrantRow) -> bool {
    match grant.of {
        GrantOf::Proxy => role == Role::Caregiver && by_name,
        GrantOf::Category(category) => {
            let column = column(role);
            let openable = column.read.by_grant.or(column.write.by_grant).or(column.edit.by_grant);
            let openable = openable.or(column.propose.by_grant);
            let ended = role != Role::Caregiver || grant.not_after_ms.is_some();
            openable.contains(category) && ended
        }
    }
}
