//! The cast: six patients by pseudonym, their families, one team. Fictional, every one of them.

use osteon_proto::meta::Role;

/// Who plays. The number is the place in [`CAST`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Who {
    Patient(u8),
    /// The same patient on a second device.
    Tablet(u8),
    /// Daughter of a patient.
    Daughter(u8),
    PhysioP,
    PhysioQ,
    Nurse,
    Physician,
    Dietitian,
    Admin,
}

impl Who {
    pub(super) fn role(self) -> Role {
        match self {
            Self::Patient(_) | Self::Tablet(_) => Role::Patient,
            Self::Daughter(_) => Role::Caregiver,
            Self::PhysioP | Self::PhysioQ => Role::Physiotherapist,
            Self::Nurse => Role::Nurse,
            Self::Physician => Role::Physician,
            Self::Dietitian => Role::Dietitian,
            Self::Admin => Role::ClinicAdmin,
        }
    }

    /// How a device of theirs is called.
    pub(super) fn device(self) -> String {
        match self {
            Self::Patient(n) => format!("p{n}"),
            Self::Tablet(n) => format!("p{n}-tablet"),
            Self::Daughter(n) => format!("p{n}-daughter"),
            Self::PhysioP => "pt-p".into(),
            Self::PhysioQ => "pt-q".into(),
            Self::Nurse => "nurse".into(),
            Self::Physician => "physician".into(),
            Self::Dietitian => "dietitian".into(),
            Self::Admin => "admin".into(),
        }
    }

    /// How the demo speaks of them.
    pub(super) fn name(self) -> String {
        match self {
            Self::Patient(n) | Self::Tablet(n) => format!("Demo patient {n}"),
            Self::Daughter(n) => format!("the daughter of demo patient {n}"),
            Self::PhysioP => "Demo physiotherapist P".into(),
            Self::PhysioQ => "Demo physiotherapist Q".into(),
            Self::Nurse => "Demo nurse N".into(),
            Self::Physician => "Demo physician O".into(),
            Self::Dietitian => "Demo dietitian D".into(),
            Self::Admin => "Demo administrator A".into(),
        }
    }
}

/// (short id, who is in it). The patient comes first.
pub(super) const CIRCLES: [(&str, &[Who]); 6] = [
    (
        "d0001",
        &[Who::Patient(1), Who::Daughter(1), Who::PhysioP, Who::PhysioQ, Who::Nurse, Who::Physician, Who::Dietitian],
    ),
    ("d0002", &[Who::Patient(2), Who::Nurse, Who::Physician, Who::PhysioP]),
    ("d0003", &[Who::Patient(3), Who::Nurse, Who::Physician, Who::Dietitian]),
    ("d0004", &[Who::Patient(4), Who::Daughter(4), Who::Dietitian, Who::Nurse, Who::Physician]),
    ("d0005", &[Who::Patient(5), Who::Daughter(5), Who::Nurse, Who::Physician, Who::PhysioP]),
    ("d0006", &[Who::Patient(6), Who::Tablet(6), Who::Physician, Who::Nurse, Who::PhysioP, Who::Admin]),
];

/// What one looks like on paper; said by the narrator, never stored.
pub(crate) const STORIES: [(&str, &str); 6] = [
    ("D-0001", "65 y, breast cancer, T11 and left proximal femur: an open dispute over a lifting limit"),
    ("D-0002", "71 y, prostate cancer, T8 and L3: signs of cord compression, written ten minutes ago"),
    (
        "D-0003",
        "68 y, breast cancer: denosumab 20 days late and held, low calcium with tingling, the calcium target disputed",
    ),
    (
        "D-0004",
        "59 y, kidney cancer: lost a tenth of the weight and gets up from a chair less often; two limits of protein contradict",
    ),
    (
        "D-0005",
        "77 y, myeloma: a fall, marked as a mistake on one phone, head strike added on another: it came back; no rails in the bathroom",
    ),
    (
        "D-0006",
        "83 y, breast cancer, comfort-focused: two wishes about hospital on two devices, read by the physician alone",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_circle_begins_with_its_patient_and_names_nobody_twice() {
        for (n, (short_id, members)) in CIRCLES.iter().enumerate() {
            assert_eq!(members[0], Who::Patient(u8::try_from(n + 1).expect("small")));
            assert_eq!(*short_id, format!("d000{}", n + 1));
            assert_eq!(members.iter().collect::<BTreeSet<_>>().len(), members.len());
        }
    }
}
