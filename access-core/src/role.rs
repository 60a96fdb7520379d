//! Roles in one circle, numbered as in `osteon.meta.v1.Role`, and small sets of them.

/// Who somebody is in one circle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Role {
    Patient = 1,
    Caregiver = 2,
    Dietitian = 3,
    Physiotherapist = 4,
    Physician = 5,
    Nurse = 6,
    ClinicAdmin = 7,
    /// The server's own replica. Never a person: [`crate::decide`] always denies.
    System = 8,
}

impl Role {
    /// All roles of persons, in the order of the matrix's columns.
    pub const PERSONS: [Self; 7] = [
        Self::Patient,
        Self::Caregiver,
        Self::Dietitian,
        Self::Physiotherapist,
        Self::Physician,
        Self::Nurse,
        Self::ClinicAdmin,
    ];

    /// None for a number that this version does not know.
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Patient,
            2 => Self::Caregiver,
            3 => Self::Dietitian,
            4 => Self::Physiotherapist,
            5 => Self::Physician,
            6 => Self::Nurse,
            7 => Self::ClinicAdmin,
            8 => Self::System,
            _ => return None,
        })
    }

    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The two letters of the care specification.
    pub const fn short(self) -> &'static str {
        match self {
            Self::Patient => "PT",
            Self::Caregiver => "CG",
            Self::Dietitian => "DI",
            Self::Physiotherapist => "PH",
            Self::Physician => "ON",
            Self::Nurse => "NU",
            Self::ClinicAdmin => "AD",
            Self::System => "SYS",
        }
    }

    /// Holds clinical responsibility: the safety minimum (C21) cannot be taken from them.
    pub const fn is_clinician(self) -> bool {
        matches!(self, Self::Dietitian | Self::Physiotherapist | Self::Physician | Self::Nurse)
    }

    /// May read in an emergency what they have no other right to.
    pub const fn may_break_glass(self) -> bool {
        matches!(self, Self::Physician | Self::Nurse)
    }
}

/// A set of roles; bit k is role number k.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct RoleSet(pub u16);

impl RoleSet {
    pub const EMPTY: Self = Self(0);
    /// Every role of a person.
    pub const PERSONS: Self = Self(0b1111_1110);

    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role.number())
    }

    pub const fn contains(self, role: Role) -> bool {
        self.0 >> role.number() & 1 == 1
    }

    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Numbers that this version does not know are left out.
    pub fn from_numbers(numbers: impl IntoIterator<Item = i32>) -> Self {
        numbers
            .into_iter()
            .filter_map(|n| u8::try_from(n).ok().and_then(Role::from_number))
            .fold(Self::EMPTY, Self::with)
    }

    pub fn iter(self) -> impl Iterator<Item = Role> {
        (1..=8).filter_map(Role::from_number).filter(move |role| self.contains(*role))
    }
}

impl FromIterator<Role> for RoleSet {
    fn from_iter<T: IntoIterator<Item = Role>>(roles: T) -> Self {
        roles.into_iter().fold(Self::EMPTY, Self::with)
    }
}
