//! What somebody wants to do, with the facts of the contract that decide it (from osteon-proto's field table).

use osteon_proto::LabelId;

use crate::{Category, GrantOf, Grantee, RoleSet};

/// What the contract says about a record type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TypeFacts {
    /// Who may create one: the declared creators or, if none, the union of its fields' writers; under a label
    /// choice with writers of its own, those.
    pub creators: RoleSet,
    /// A journal entry: the matrix must say W or E as well. Otherwise a plan, where the list alone decides.
    pub journal: bool,
    /// True where a proxy may create it on behalf of the patient.
    pub proxy: bool,
    /// Stands in the clinic's own circle: nobody creates one beside a patient.
    pub clinic: bool,
    /// Starts a thread: whoever creates one takes part in it, and its number must not be taken.
    pub opens: bool,
}

/// What the contract says about a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FieldFacts {
    pub writers: RoleSet,
    pub proposers: RoleSet,
    /// Belongs to a journal entry: W reaches one's own entries only.
    pub journal: bool,
    /// True where a proxy may write it on behalf of the patient.
    pub proxy: bool,
}

/// Which category or circle-wide thing a grant record is about, and to whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reference {
    pub grantee: Grantee,
    pub of: GrantOf,
}

/// `label` is the part's label as it stands in the record. `own`: whether the viewer made the entry; None where
/// that is not known yet (an edit may come before the creation), which does not refuse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action<'a> {
    ReadLabel(LabelId),
    ReadSummary(Category),
    CreateRecord {
        facts: TypeFacts,
        label: LabelId,
    },
    WriteField {
        facts: FieldFacts,
        label: LabelId,
        own: Option<bool>,
    },
    ProposeField {
        facts: FieldFacts,
        label: LabelId,
    },
    /// Delete, mark as entered in error, restore: needs every label of the record.
    EndRecord {
        facts: TypeFacts,
        labels: &'a [LabelId],
        own: Option<bool>,
    },
    /// Create or change a grant record (P-CIRCLE.grant): the patient, or a proxy within limits.
    WriteGrant(Reference),
}
