//! The field table: everything that the contracts say about record types and fields, read once from the options of
//! the descriptors ([`read`]). Server, phone and portal obey these rows; nothing about a field stands anywhere else.

pub mod compat;
mod read;

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use prost_reflect::DescriptorPool;

use crate::{
    LabelId,
    meta::{self, Audience, Format, Lane, Order, Policy, PriorityClass, Role, WhileOpen},
};

pub use read::{ReadError, read};

/// Raised by one with every change of `proto/golden/fields.txt` after the first release. A change (SYNC) names the
/// version that it was made under: only an older one may carry a value outside of today's hard range.
pub const FIELD_TABLE_VERSION: u32 = 1;

/// All record types. Made by [`table`].
pub struct Table {
    raw: Cow<'static, [u8]>,
    /// Only where somebody asks: it takes megabytes, and a server that merges needs the rows alone.
    pool: OnceLock<DescriptorPool>,
    /// Ascending by number.
    types: Vec<RecordType>,
    /// Type number → index + 1 into `types`.
    by_number: Vec<u16>,
}

/// Some roles, as bits (bit k = the role with number k).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RoleSet(pub u16);

/// A label as the contracts write it: for the audiences author, member and thread, whose is known only with a record.
#[derive(Clone, PartialEq, Debug)]
pub struct LabelRule(meta::Label);

/// One of the labels that the author of a record picks from at creation.
#[derive(Clone, PartialEq, Debug)]
pub struct LabelChoice {
    pub label: LabelRule,
    pub word: String,
    /// Roles that may create a record under this choice; empty: the type's creators.
    pub writers: RoleSet,
    /// The values of the type's choice field that belong to this choice.
    pub values: Vec<i32>,
}

/// A record type: one row of the table, with its fields.
pub struct RecordType {
    pub number: u32,
    /// Full name of the message, for example "osteon.care.v1.PainEntry".
    pub message: String,
    /// Name of the member of `RecordBody`, for example `pain_entry`.
    pub member: String,
    /// Name in the care specification, for example "J01".
    pub name: String,
    pub title: String,
    pub label: Option<LabelRule>,
    pub label_choice: Vec<LabelChoice>,
    pub class: PriorityClass,
    /// It restricts as a whole: to end it leaves less restriction.
    pub restricts: bool,
    pub review_group: String,
    pub time_field: Option<u32>,
    /// The time field may lie ahead.
    pub planned: bool,
    /// The field that holds the account of a label with audience MEMBER, or the number of one with audience THREAD.
    pub whose: Option<u32>,
    /// The enum field that the choice of label follows.
    pub choice_field: Option<u32>,
    /// The field that holds the account of whoever creates the record.
    pub own_field: Option<u32>,
    /// Stands in the clinic's own circle and in no other.
    pub of_clinic: bool,
    pub append_only: bool,
    pub singleton: bool,
    /// Key fields of a derived id, in order.
    pub id_from: Vec<u32>,
    /// The parent's type number.
    pub parent: Option<u32>,
    pub creators: RoleSet,
    pub owners: RoleSet,
    pub lifecycle_lane: Lane,
    /// Systems of the seed that the record, or some fields of it, carry.
    pub carries: Vec<meta::Carried>,
    pub shape: Shape,
}

/// The fields of a message, ascending by number.
pub struct Shape {
    pub fields: Vec<FieldInfo>,
    /// Field number → index + 1, for the small numbers that nearly all fields have.
    dense: [u8; 64],
}

/// What a value is on the wire.
#[derive(Clone)]
pub enum Kind {
    Bool,
    /// int32 and enums: negative numbers take ten bytes.
    Int32,
    Enum,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Float,
    Double,
    String,
    Bytes,
    Message(Arc<Shape>),
}

/// How a field's values stand on the wire and in the merge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cardinality {
    /// At most one occurrence, one value.
    Singular,
    /// Repeated, but one value: the whole list.
    List,
    /// Repeated, and each element is a field of its own (UNION).
    Set,
}

/// The hard range of a value (of each element, if repeated), inclusive, on the number as it stands on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Limits {
    pub min: Option<i128>,
    pub max: Option<i128>,
    /// Characters of a text, bytes of a byte string.
    pub min_len: Option<u32>,
    pub max_len: Option<u32>,
    pub max_items: Option<u32>,
}

/// One field of a record type, or of a message nested in one (those carry no policy).
pub struct FieldInfo {
    pub number: u32,
    pub name: String,
    pub kind: Kind,
    pub cardinality: Cardinality,
    pub packed: bool,
    /// Absent and zero are two things.
    pub presence: bool,
    pub limits: Limits,
    pub policy: Policy,
    pub while_open: WhileOpen,
    pub owner_of_value: Role,
    pub order: Order,
    /// Enum numbers, the strictest first.
    pub rank: Vec<i32>,
    pub asks: bool,
    pub lane: Lane,
    pub owners: RoleSet,
    pub writers: RoleSet,
    pub proposers: RoleSet,
    /// The label of the part that the field stands in; `None`: the record's own.
    pub label: Option<LabelRule>,
    pub unit: String,
    pub scale: u32,
    pub codes: Vec<meta::Code>,
    pub warn: String,
    pub warn_min: Option<i64>,
    pub warn_max: Option<i64>,
    pub design: bool,
    pub proxy: bool,
    /// A set of which each element restricts.
    pub restricts: bool,
    /// Values of an enum by which the record restricts no longer.
    pub lifts: Vec<i32>,
    /// LOINC codes of the results of which this is the allowed age, in days.
    pub age_of: Vec<String>,
    pub format: Format,
    /// Full name of the enum or message, if the field is one.
    pub type_name: String,
}

/// Why a field has no label.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LabelError {
    /// The type has a choice and the write names none, or one that is not there.
    Choice,
    /// The author's account does not fit a label.
    Account,
}

/// The table of this build.
pub fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    #[allow(clippy::expect_used, reason = "our own contracts, compiled in; the tests read every row of them")]
    TABLE.get_or_init(|| read::rows(Cow::Borrowed(crate::FILE_DESCRIPTOR_SET)).expect("the contracts of this build"))
}

impl Table {
    /// Descriptors of all contracts, for reflection and typed JSON.
    pub fn pool(&self) -> &DescriptorPool {
        #[allow(clippy::expect_used, reason = "these bytes were decoded when the table was made")]
        self.pool.get_or_init(|| DescriptorPool::decode(&*self.raw).expect("descriptors that decoded before"))
    }

    /// Ascending by number.
    pub fn types(&self) -> &[RecordType] {
        &self.types
    }

    /// `None`: a type that this build does not know.
    #[inline]
    pub fn get(&self, number: u32) -> Option<&RecordType> {
        let i = *self.by_number.get(number as usize)?;
        self.types.get(usize::from(i).checked_sub(1)?)
    }

    /// By the name in the care specification ("J01") or the member of `RecordBody` ("pain_entry").
    pub fn by_name(&self, name: &str) -> Option<&RecordType> {
        self.types.iter().find(|t| t.name == name || t.member == name)
    }

    /// The label of a field's part. What this build does not know goes under UNKNOWN, with its author.
    pub fn label_of(&self, type_number: u32, field: u32, choice: u32, author: u64) -> Result<LabelId, LabelError> {
        match self.get(type_number) {
            Some(t) => t.label_of(field, choice, author),
            None => Ok(LabelId::unknown(author)),
        }
    }
}

impl RecordType {
    #[inline]
    pub fn field(&self, number: u32) -> Option<&FieldInfo> {
        self.shape.field(number)
    }

    pub fn field_by_name(&self, name: &str) -> Option<&FieldInfo> {
        self.shape.fields.iter().find(|f| f.name == name)
    }

    /// See [`Table::label_of`]. `choice` counts from 1; 0 where the type has no choice.
    pub fn label_of(&self, field: u32, choice: u32, author: u64) -> Result<LabelId, LabelError> {
        match self.field(field) {
            Some(FieldInfo { label: Some(label), .. }) => label.for_author(author),
            Some(_) => self.record_label(choice, author),
            None => Ok(LabelId::unknown(author)),
        }
    }

    /// The record's own label.
    pub fn record_label(&self, choice: u32, author: u64) -> Result<LabelId, LabelError> {
        match (&self.label, (choice as usize).checked_sub(1)) {
            (Some(label), None) => label.for_author(author),
            (None, Some(i)) => self.label_choice.get(i).ok_or(LabelError::Choice)?.label.for_author(author),
            _ => Err(LabelError::Choice),
        }
    }

    /// The labels of all parts that a record of this type has, ascending: the lifecycle field stands in each.
    pub fn labels(&self, choice: u32, author: u64) -> Result<Vec<LabelId>, LabelError> {
        let mut all = vec![self.record_label(choice, author)?];
        for field in &self.shape.fields {
            if let Some(label) = &field.label {
                all.push(label.for_author(author)?);
            }
        }
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    /// Whether the type's label, under this choice, names an account or a thread that the record holds.
    pub fn names_whose(&self, choice: u32) -> bool {
        let chosen = (choice as usize).checked_sub(1).and_then(|i| self.label_choice.get(i)).map(|c| &c.label);
        let named = |label: &LabelRule| matches!(label.0.audience(), Audience::Member | Audience::Thread);
        self.whose.is_some() && self.label.as_ref().or(chosen).is_some_and(named)
    }

    /// Whether a record of this type starts a thread: the thread's number, which its label names, is its key.
    pub fn opens_thread(&self) -> bool {
        let keyed = self.whose.is_some_and(|whose| self.id_from == [whose]);
        keyed && self.parent.is_none() && self.names_whose(u32::from(!self.label_choice.is_empty()))
    }

    /// Whether the label stands beside the record's own: some field declares it for itself.
    pub fn is_beside(&self, label: LabelId) -> bool {
        let of = |l: &LabelRule| l.for_author(label.0 >> 32).is_ok_and(|l| l == label);
        !self.label.as_ref().is_some_and(of) && self.shape.fields.iter().filter_map(|f| f.label.as_ref()).any(of)
    }

    /// Roles that may create a record under this choice.
    pub fn creators_of(&self, choice: u32) -> RoleSet {
        let by_choice = (choice as usize).checked_sub(1).and_then(|i| self.label_choice.get(i)).map(|c| c.writers);
        match by_choice {
            Some(w) if !w.is_empty() => w,
            _ => self.creators,
        }
    }
}

impl Shape {
    pub(crate) const fn empty() -> Self {
        Self { fields: Vec::new(), dense: [0; 64] }
    }

    #[inline]
    pub fn index(&self, number: u32) -> Option<usize> {
        match self.dense.get(number as usize) {
            Some(i) => usize::from(*i).checked_sub(1),
            None => self.fields.binary_search_by_key(&number, |f| f.number).ok(),
        }
    }

    #[inline]
    pub fn field(&self, number: u32) -> Option<&FieldInfo> {
        self.index(number).map(|i| &self.fields[i])
    }
}

impl Kind {
    /// The wire type of one value.
    #[inline]
    pub fn wire(&self) -> u8 {
        match self {
            Self::Fixed64 | Self::Sfixed64 | Self::Double => 1,
            Self::String | Self::Bytes | Self::Message(_) => 2,
            Self::Fixed32 | Self::Sfixed32 | Self::Float => 5,
            _ => 0,
        }
    }

    /// Whether a list of it may stand in one packed run.
    #[inline]
    pub fn packable(&self) -> bool {
        self.wire() != 2
    }
}

impl FieldInfo {
    /// Whether it is a list or a set.
    pub fn is_repeated(&self) -> bool {
        self.cardinality != Cardinality::Singular
    }

    pub fn is_set(&self) -> bool {
        self.cardinality == Cardinality::Set
    }

    /// The roles in whose inbox a dispute lands.
    pub fn inbox(&self) -> RoleSet {
        if self.owners.is_empty() { self.writers } else { self.owners }
    }
}

impl LabelRule {
    pub fn for_author(&self, author: u64) -> Result<LabelId, LabelError> {
        LabelId::from_options(&self.0, author).ok_or(LabelError::Account)
    }

    pub fn options(&self) -> &meta::Label {
        &self.0
    }
}

impl RoleSet {
    pub fn of(roles: impl IntoIterator<Item = Role>) -> Self {
        Self(roles.into_iter().fold(0, |s, r| s | 1 << r as u16))
    }

    pub fn has(self, role: Role) -> bool {
        self.0 >> (role as u16) & 1 == 1
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Ascending.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        (0..16).filter(move |k| self.0 >> k & 1 == 1).filter_map(|k| Role::try_from(k).ok())
    }
}
