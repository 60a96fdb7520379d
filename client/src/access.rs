//! Who may do what, decided on the phone by the same function as on the server: to grey out what cannot be edited, and to
//! hide what a grant opened that has ended, also without a network. What it refuses the server would refuse; what it allows
//! the server decides again.

use osteon_access_core::{
    Access, Action, ActivationRow, Consent, FieldFacts, GrantOf, GrantRow, Grantee, LabelView, MemberRow, Part, Role,
    ThreadRow, TypeFacts, Viewer, decide, held,
};
use osteon_proto::{
    LabelId, care,
    split::payload,
    table::{FieldInfo, RecordType},
    values::{Value, day, instant, value},
};
use osteon_sync_core::Author;
use prost::Message;

use crate::views::{CircleView, FieldView, RecordView};

const MEMBER: u32 = 262;
const GRANT: u32 = 263;
const PROXY_ACTIVATION: u32 = 264;
pub(crate) const THREAD: u32 = 441;
pub(crate) const PARTICIPANT: u32 = 442;
const DAY_MS: i64 = 86_400_000;

/// What the phone knows of the circle's members and grants, at one moment.
pub struct Rights {
    access: Access,
    viewer: Option<Viewer>,
    now_ms: i64,
}

impl Rights {
    /// Reads the rows off the circle's records. `now_ms`: the server's time, as far as the phone knows.
    pub fn of(circle: &CircleView<'_>, author: Author, now_ms: u64) -> Self {
        let rows = |number: u32| circle.of_type(number);
        // Whoever takes part reads a thread that has ended, too.
        let of_threads = |number: u32| circle.records_of(Some(number)).into_iter();
        let members: Vec<MemberRow> = rows(MEMBER).iter().filter_map(member).collect();
        let grants: Vec<GrantRow> = rows(GRANT).iter().filter_map(grant).collect();
        let activations: Vec<ActivationRow> = rows(PROXY_ACTIVATION).iter().filter_map(activation).collect();
        let started =
            rows(THREAD).into_iter().filter_map(|thread| thread_rows(&thread, circle.author_of(thread.record)?));
        let named = of_threads(PARTICIPANT).filter_map(|one| participant(&one));
        let threads: Vec<ThreadRow> = started.flatten().chain(named).collect();
        let viewer = Role::from_number(author.role.0).map(|role| Viewer { account: author.account, role });
        let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
        Self { access: Access::from_records(0, &members, &grants, &activations, &threads), viewer, now_ms }
    }

    /// Until the members have arrived, nothing is greyed out: the server decides.
    pub(crate) fn knows(&self) -> bool {
        self.viewer.is_some_and(|v| self.access.members().any(|(account, _)| account == v.account))
    }

    fn allows(&self, action: &Action<'_>) -> bool {
        match (&self.viewer, self.knows()) {
            (Some(viewer), true) => decide(self.now_ms, viewer, &self.access, action).allowed(),
            _ => true,
        }
    }

    /// Whether a part under this label may be looked at. What this version cannot read of a label the server decided.
    pub fn may_read(&self, label: LabelId) -> bool {
        LabelView::parse(label).is_none() || self.allows(&Action::ReadLabel(label))
    }

    /// Whether another member may look at a part under this label.
    pub fn reads(&self, (account, role): (u64, Role), label: LabelId) -> bool {
        let viewer = Viewer { account, role };
        decide(self.now_ms, &viewer, &self.access, &Action::ReadLabel(label)).allowed()
    }

    /// Whether a member would look at what stands under the label of a thread, if they took part in it.
    pub fn would_read(&self, account: u64, thread: u32, label: LabelId) -> bool {
        let access = self.access.clone().with_participant(u64::from(thread), account);
        let mut roles = self.access.members().filter(|(member, _)| *member == account);
        roles.any(|(account, role)| {
            decide(self.now_ms, &Viewer { account, role }, &access, &Action::ReadLabel(label)).allowed()
        })
    }

    /// When a grant that something of this rests on ends: whoever shows it looks again then.
    pub fn until_ms(&self) -> Option<u64> {
        let scope = held(self.now_ms, self.viewer.as_ref()?, &self.access, &[]).ok()?;
        scope.not_after_ms().and_then(|ms| u64::try_from(ms).ok())
    }

    pub fn may_create(&self, record: &RecordType, choice: u32, label: LabelId) -> bool {
        self.allows(&Action::CreateRecord { facts: TypeFacts::of(record, choice), label })
    }

    /// `own`: whether the viewer made the entry; `None`: not known.
    pub fn may_write(&self, record: &RecordType, field: &FieldInfo, label: LabelId, own: Option<bool>) -> bool {
        self.allows(&Action::WriteField { facts: FieldFacts::of(record, field), label, own })
    }

    pub fn may_end(&self, record: &RecordType, labels: &[LabelId], own: Option<bool>) -> bool {
        self.allows(&Action::EndRecord { facts: TypeFacts::of(record, 0), labels, own })
    }

    /// (account, role) of every member that this phone knows.
    pub fn members(&self) -> Vec<(u64, Role)> {
        self.access.members().collect()
    }
}

fn number(record: &RecordView, name: &str) -> Option<i128> {
    let field = record.kind()?.field_by_name(name)?;
    match value(field, record.field(name)?.value()?)? {
        Value::Int(n) => Some(n),
        _ => None,
    }
}

fn role(record: &RecordView, name: &str) -> Option<Role> {
    number(record, name).and_then(|n| u8::try_from(n).ok()).and_then(Role::from_number)
}

/// Every live version counts: one DENY wins.
fn consent(record: &RecordView, name: &str) -> Consent {
    let field = record.kind().and_then(|k| k.field_by_name(name));
    let (Some(field), Some(seen)) = (field, record.field(name)) else { return Consent::Unset };
    let of = |chunk: &Vec<u8>| match value(field, chunk) {
        Some(Value::Int(n)) => i32::try_from(n).unwrap_or(-1),
        _ => -1,
    };
    Consent::of(seen.versions.iter().filter_map(|v| v.value.as_ref()).map(of))
}

fn member(record: &RecordView) -> Option<MemberRow> {
    let account = u64::try_from(number(record, "account")?).ok()?;
    Some(MemberRow { account, role: role(record, "role")?, membership: consent(record, "membership") })
}

/// Whoever started a thread takes part, and everybody in one that is everybody's.
fn thread_rows(record: &RecordView, author: Author) -> Option<Vec<ThreadRow>> {
    let thread = u64::try_from(number(record, "thread")?).ok()?;
    let everybody = number(record, "everybody") == Some(1);
    Some(ThreadRow::of_thread(thread, author.account, everybody).collect())
}

fn participant(record: &RecordView) -> Option<ThreadRow> {
    let thread = u64::try_from(number(record, "thread")?).ok()?;
    let part = Part::Account(u64::try_from(number(record, "account")?).ok()?);
    Some(ThreadRow { thread, part, participation: consent(record, "participation") })
}

fn moment_ms(record: &RecordView, name: &str) -> Option<i64> {
    let field = record.kind()?.field_by_name(name)?;
    let ns = instant(field, value(field, record.field(name)?.value()?)?)?;
    i64::try_from(ns / 1_000_000).ok()
}

fn grant(record: &RecordView) -> Option<GrantRow> {
    let grantee = record.field("grantee").and_then(FieldView::value)?;
    let grantee = care::Grantee::decode(payload(grantee)).ok()?;
    let category = i32::try_from(number(record, "category")?).ok()?;
    Some(GrantRow {
        grantee: Grantee::read(&grantee)?,
        of: GrantOf::from_number(category)?,
        decision: consent(record, "decision"),
        not_before_ms: moment_ms(record, "not_before"),
        not_after_ms: moment_ms(record, "not_after"),
    })
}

fn activation(record: &RecordView) -> Option<ActivationRow> {
    let proxy = u64::try_from(number(record, "proxy")?).ok()?;
    let field = record.kind()?.field_by_name("activated_on")?;
    match value(field, record.field("activated_on")?.value()?)? {
        Value::Text(text) => Some(ActivationRow { proxy, activated_ms: day(text)?.saturating_mul(DAY_MS) }),
        _ => None,
    }
}
