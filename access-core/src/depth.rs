//! How much of a circle a device of somebody in this role holds, unless its owner asks otherwise: a scope narrower than the
//! right, so that a clinician of five hundred patients does not carry five hundred journals about.

use osteon_sync_core::device::Depth;

use crate::Role;

impl Role {
    /// The patient and their family hold all that they may read. Clinicians hold safety and plans, and of the journal the
    /// last month: enough for a visit without a network, of every patient. An administrator lists circles.
    pub const fn depth(self) -> Depth {
        match self {
            Self::Patient | Self::Caregiver => Depth::Full,
            Self::Dietitian | Self::Physiotherapist | Self::Physician | Self::Nurse => Depth::Plan,
            Self::ClinicAdmin | Self::System => Depth::List,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_many_patients_holds_less_of_each() {
        let of = |depth: Depth| {
            let roles = Role::PERSONS.into_iter().filter(move |role| role.depth() == depth);
            roles.map(Role::short).collect::<Vec<_>>()
        };
        assert_eq!(of(Depth::Full), ["PT", "CG"]);
        assert_eq!(of(Depth::Plan), ["DI", "PH", "ON", "NU"]);
        assert_eq!(of(Depth::List), ["AD"]);
    }
}
