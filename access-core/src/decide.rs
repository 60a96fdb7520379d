//! The one function. Total: any input gives an answer, and what is not understood is denied.

use osteon_proto::LabelId;

use crate::access::{Member, NEVER, UnixMs};
use crate::matrix::column;
use crate::{
    Access, Action, Audience, Categories, Category, FieldFacts, GrantOf, Grantee, LabelView, Reference, Role, TypeFacts,
};

/// Who asks: an account in one of its roles in this circle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Viewer {
    pub account: u64,
    pub role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    Allow {
        /// The earliest end among the grants that this rests on.
        not_after_ms: Option<i64>,
        /// A proxy acting for the patient: the entry shows both names.
        on_behalf: bool,
    },
    Deny,
}

impl Decision {
    pub const fn allowed(self) -> bool {
        matches!(self, Self::Allow { .. })
    }
}

/// May this viewer do this now? See [`crate::MATRIX`] and the care specification, section 4.
pub fn decide(now_ms: i64, viewer: &Viewer, access: &Access, action: &Action<'_>) -> Decision {
    let member = access.member(viewer.account, viewer.role);
    let outcome = member.and_then(|member| Rights::at(now_ms, member, access).outcome(action));
    match outcome.or_else(|| behind_glass(now_ms, viewer, access, action)) {
        None => Decision::Deny,
        Some(Basis { until, on_behalf }) => {
            Decision::Allow { not_after_ms: (until != NEVER).then_some(until), on_behalf }
        }
    }
}

/// Broken glass opens reading alone, and what it opens ends with it.
fn behind_glass(now_ms: UnixMs, viewer: &Viewer, access: &Access, action: &Action<'_>) -> Option<Basis> {
    if !matches!(action, Action::ReadLabel(_) | Action::ReadSummary(_)) {
        return None;
    }
    let until = access.glass_until(now_ms, viewer)?;
    let nobody = Member::nobody(viewer);
    let member = access.member(viewer.account, viewer.role).unwrap_or(&nobody);
    let basis = Rights::at(now_ms, member, access).behind_glass().outcome(action)?;
    Some(basis.and(Basis::by_right(until)))
}

/// What an allowance rests on.
#[derive(Clone, Copy)]
pub(crate) struct Basis {
    pub(crate) until: UnixMs,
    on_behalf: bool,
}

impl Basis {
    fn by_right(until: UnixMs) -> Self {
        Self { until, on_behalf: false }
    }

    fn and(self, other: Self) -> Self {
        Self { until: self.until.min(other.until), on_behalf: self.on_behalf || other.on_behalf }
    }
}

/// One member's rights at one moment.
pub(crate) struct Rights<'a> {
    now_ms: UnixMs,
    member: &'a Member,
    access: &'a Access,
    /// Categories that a grant in force opens.
    opened: Categories,
    pub(crate) read: Categories,
    /// End of the proxy's power, if it has any now.
    proxy_until: Option<UnixMs>,
    glass: bool,
}

impl<'a> Rights<'a> {
    pub(crate) fn at(now_ms: UnixMs, member: &'a Member, access: &'a Access) -> Self {
        let mut opened = Categories::NONE;
        let mut proxy_until = None;
        for window in member.windows.iter().filter(|window| window.holds(now_ms)) {
            match window.of {
                GrantOf::Category(category) => opened = opened.or(category.bit()),
                GrantOf::Proxy if !member.proxy_denied => proxy_until = proxy_until.max(Some(window.until)),
                GrantOf::Proxy => {}
            }
        }
        let activated = proxy_until.is_some() && member.activated_ms <= now_ms;
        let mut read = column(member.role).read.with(opened);
        if activated {
            // An activated proxy speaks for end-of-life wishes and nobody could grant them the reading any more.
            read = read.or(Category::C15_END_OF_LIFE.bit());
        }
        Self { now_ms, member, access, opened, read: read.minus(member.denied), proxy_until, glass: false }
    }

    /// The same, where the glass is broken. Ends are those of the rights without it.
    pub(crate) fn behind_glass(mut self) -> Self {
        self.read = self.read.or(Categories::BREAK_GLASS);
        self.glass = true;
        self
    }

    fn outcome(&self, action: &Action<'_>) -> Option<Basis> {
        match *action {
            Action::ReadLabel(label) => self.reads(label),
            Action::ReadSummary(category) => self.reads_summary(category),
            Action::CreateRecord { facts, label } => self.creates(facts, label),
            Action::WriteField { facts, label, own } => self.writes(facts, label, own),
            Action::ProposeField { facts, label } => self.proposes(facts, label),
            Action::EndRecord { facts, labels, own } => self.ends(facts, labels, own),
            Action::WriteGrant(reference) => self.grants(reference),
        }
    }

    fn column(&self) -> &'static crate::matrix::Column {
        column(self.member.role)
    }

    /// The end of what opens these categories: the earliest among them, each held by its longest grant in force.
    pub(crate) fn until(&self, categories: Categories) -> UnixMs {
        let by_glass = if self.glass { Categories::BREAK_GLASS } else { Categories::NONE };
        let granted = categories.minus(self.column().read.by_default).minus(by_glass);
        if granted.is_empty() {
            return NEVER;
        }
        granted.iter().map(|category| self.until_one(category)).min().unwrap_or(NEVER)
    }

    fn until_one(&self, category: Category) -> UnixMs {
        let holding =
            self.member.windows.iter().filter(|w| w.of == GrantOf::Category(category) && w.holds(self.now_ms));
        let by_grant = holding.map(|window| window.until).max();
        let by_proxy = if category == Category::C15_END_OF_LIFE && self.activated() { self.proxy_until } else { None };
        by_grant.max(by_proxy).unwrap_or(self.now_ms)
    }

    /// What a letter reaches, with the grants in force.
    pub(crate) fn may(&self, pair: crate::matrix::Pair) -> Categories {
        pair.with(self.opened)
    }

    /// Whether the patient's grant `proxy` holds now.
    pub(crate) fn is_proxy(&self) -> bool {
        self.proxy_until.is_some()
    }

    fn activated(&self) -> bool {
        self.proxy_until.is_some() && self.member.activated_ms <= self.now_ms
    }

    /// The categories of which this member reads the summary, or all.
    pub(crate) fn summaries(&self) -> Categories {
        let column = self.column();
        self.read.minus(column.own).or(column.summary.minus(self.member.denied))
    }

    /// Whether the label's audience holds this member, and by name.
    fn audience(&self, audience: Audience) -> Option<bool> {
        let account = self.member.account;
        match audience {
            Audience::All | Audience::Summary => Some(false),
            Audience::Author(named) | Audience::Member(named) => (named == account).then_some(true),
            Audience::Thread(thread) => self.access.in_thread(thread, account).then_some(true),
            Audience::Unknown(author) => (author == account || self.member.role == Role::Patient).then_some(true),
        }
    }

    pub(crate) fn reads(&self, label: LabelId) -> Option<Basis> {
        let view = LabelView::parse(label)?;
        if view.audience == Audience::Summary {
            let each = view.categories.iter().map(|category| self.reads_summary(category));
            return each.reduce(|so_far, one| Some(so_far?.and(one?)))?;
        }
        let by_name = self.audience(view.audience)?;
        let hidden_unless_named = !by_name && view.categories.intersects(self.column().own);
        if !self.read.includes(view.categories) || hidden_unless_named {
            return None;
        }
        Some(Basis::by_right(self.until(view.categories)))
    }

    /// Whether a thread may be started under this label: nobody has, and its categories are read.
    fn opens(&self, label: LabelId) -> Option<Basis> {
        let view = LabelView::parse(label)?;
        let Audience::Thread(thread) = view.audience else { return None };
        let free = !self.access.knows_thread(thread) && self.read.includes(view.categories);
        free.then(|| Basis::by_right(self.until(view.categories)))
    }

    fn reads_summary(&self, category: Category) -> Option<Basis> {
        let whole = self.read.contains(category) && !self.column().own.contains(category);
        let summary = self.column().summary.contains(category) && !self.member.denied.contains(category);
        if whole {
            return Some(Basis::by_right(self.until(category.bit())));
        }
        summary.then_some(Basis::by_right(NEVER))
    }

    fn creates(&self, facts: TypeFacts, label: LabelId) -> Option<Basis> {
        let reads = if facts.opens { self.opens(label)? } else { self.reads(label)? };
        if facts.clinic && self.access.members().any(|(_, role)| role == Role::Patient) {
            return None;
        }
        if !facts.creators.contains(self.member.role) {
            return self
                .acts_for_patient(facts.proxy && facts.creators.contains(Role::Patient), label)
                .map(|p| p.and(reads));
        }
        let categories = LabelView::parse(label)?.categories;
        let may = self.column().write.with(self.opened).or(self.column().edit.with(self.opened));
        (!facts.journal || may.includes(categories)).then_some(reads)
    }

    fn writes(&self, facts: FieldFacts, label: LabelId, own: Option<bool>) -> Option<Basis> {
        let reads = self.reads(label)?;
        if !facts.writers.contains(self.member.role) {
            return self
                .acts_for_patient(facts.proxy && facts.writers.contains(Role::Patient), label)
                .map(|p| p.and(reads));
        }
        (!facts.journal || own != Some(false) || self.edits(label)).then_some(reads)
    }

    fn proposes(&self, facts: FieldFacts, label: LabelId) -> Option<Basis> {
        let view = LabelView::parse(label)?;
        self.audience(view.audience)?;
        if !facts.proposers.contains(self.member.role) {
            return None;
        }
        // A proposer may see only the summary ("P height and weight"); a writer of others' fields reads them.
        let may = self.column().propose.with(self.opened).minus(self.member.denied).or(self.read);
        let default = self.column().propose.by_default;
        may.includes(view.categories).then(|| Basis::by_right(self.until(view.categories.minus(default))))
    }

    fn ends(&self, facts: TypeFacts, labels: &[LabelId], own: Option<bool>) -> Option<Basis> {
        let mut basis: Option<Basis> = None;
        for label in labels {
            let reads = self.reads(*label)?;
            basis = Some(basis.map_or(reads, |so_far| so_far.and(reads)));
        }
        let basis = basis?;
        let role = self.member.role;
        if !facts.journal {
            if facts.creators.contains(role) {
                return Some(basis);
            }
            let for_patient = facts.proxy && facts.creators.contains(Role::Patient);
            return labels
                .iter()
                .try_fold(basis, |so_far, label| self.acts_for_patient(for_patient, *label).map(|p| so_far.and(p)));
        }
        // Anybody's entry can be marked in error by the patient or the nurse. Care specification, 2.1.
        let anybodys = matches!(role, Role::Patient | Role::Nurse) || labels.iter().all(|label| self.edits(*label));
        (anybodys || (facts.creators.contains(role) && own != Some(false))).then_some(basis)
    }

    fn grants(&self, reference: Reference) -> Option<Basis> {
        if self.member.role == Role::Patient {
            return Some(Basis::by_right(NEVER));
        }
        let itself = match reference.grantee {
            Grantee::Member(account) => account == self.member.account,
            Grantee::Role(role) => role == self.member.role,
        };
        if itself || reference.of == GrantOf::Proxy {
            return None;
        }
        self.proxy_until.map(|until| Basis { until, on_behalf: true })
    }

    fn edits(&self, label: LabelId) -> bool {
        let edit = self.column().edit.with(self.opened);
        LabelView::parse(label).is_some_and(|view| !view.categories.is_empty() && edit.includes(view.categories))
    }

    /// A proxy within what the field declares; for end-of-life wishes only once a physician activated it.
    fn acts_for_patient(&self, declared: bool, label: LabelId) -> Option<Basis> {
        let until = self.proxy_until?;
        let end_of_life = LabelView::parse(label)?.categories.contains(Category::C15_END_OF_LIFE);
        (declared && (!end_of_life || self.activated())).then_some(Basis { until, on_behalf: true })
    }
}
