//! The contract's side of a decision: what the field table says, in the words of [`crate::Action`].

use osteon_proto::{
    care,
    meta::PriorityClass,
    table::{self, FieldInfo, RecordType},
};

use crate::{Category, FieldFacts, GrantOf, Grantee, Role, RoleSet, TypeFacts};

impl From<table::RoleSet> for RoleSet {
    fn from(roles: table::RoleSet) -> Self {
        Self(roles.0)
    }
}

impl TypeFacts {
    /// A type that this version does not know: kept for its author and the patient, under a label that says so.
    pub const UNKNOWN: Self =
        Self { creators: RoleSet::PERSONS, journal: false, proxy: false, clinic: false, opens: false };

    /// `choice` counts from 1; 0 where the type has no choice of labels.
    pub fn of(record: &RecordType, choice: u32) -> Self {
        Self {
            creators: record.creators_of(choice).into(),
            journal: record.class == PriorityClass::Journal,
            proxy: record.shape.fields.iter().any(|field| field.proxy),
            clinic: record.of_clinic,
            opens: record.opens_thread(),
        }
    }
}

impl FieldFacts {
    /// A field that this version does not know: see [`TypeFacts::UNKNOWN`].
    pub const UNKNOWN: Self =
        Self { writers: RoleSet::PERSONS, proposers: RoleSet::EMPTY, journal: false, proxy: false };

    pub fn of(record: &RecordType, field: &FieldInfo) -> Self {
        Self {
            writers: field.writers.into(),
            proposers: field.proposers.into(),
            journal: record.class == PriorityClass::Journal,
            proxy: field.proxy,
        }
    }

    /// By numbers, as a change names them. The lifecycle field (number 0) is no field of the table: ask for
    /// [`crate::Action::EndRecord`].
    pub fn find(type_number: u32, field: u32) -> Self {
        let Some(record) = table::table().get(type_number) else { return Self::UNKNOWN };
        record.field(field).map_or(Self::UNKNOWN, |field| Self::of(record, field))
    }
}

impl Grantee {
    /// None unless exactly one of the two is named, in a way that this version knows.
    pub fn read(grantee: &care::Grantee) -> Option<Self> {
        match (grantee.role, grantee.account) {
            (Some(role), None) => u8::try_from(role).ok().and_then(Role::from_number).map(Self::Role),
            (None, Some(account)) => Some(Self::Member(account)),
            _ => None,
        }
    }
}

impl GrantOf {
    /// The number of `osteon.care.v1.GrantCategory`.
    pub fn from_number(number: i32) -> Option<Self> {
        if number == care::GrantCategory::Proxy as i32 {
            return Some(Self::Proxy);
        }
        u8::try_from(number).ok().and_then(Category::new).map(Self::Category)
    }
}
