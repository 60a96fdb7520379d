//! Who reads the audit of a circle: row C22 of the matrix, and the proxy, who stands in for the patient.

use crate::{Access, Category, Role, Viewer, access::UnixMs, decide::Rights, matrix::column};

/// Which rows, and how much of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuditReach {
    Nothing,
    /// Rows of what the reader did.
    Own,
    /// Every row, without records and categories: people and devices, no clinical data.
    People,
    Everything,
}

/// How far this member reads the circle's audit now.
pub fn audit_reach(now_ms: UnixMs, viewer: &Viewer, access: &Access) -> AuditReach {
    let Some(member) = access.member(viewer.account, viewer.role) else { return AuditReach::Nothing };
    let rights = Rights::at(now_ms, member, access);
    let audit = Category::C22_AUDIT.bit();
    if rights.is_proxy() {
        return AuditReach::Everything;
    }
    if rights.read.and(audit).is_empty() {
        return AuditReach::Nothing;
    }
    match viewer.role {
        Role::ClinicAdmin => AuditReach::People,
        role if !column(role).own.and(audit).is_empty() => AuditReach::Own,
        _ => AuditReach::Everything,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Consent, GrantOf, GrantRow, Grantee, MemberRow};

    #[test]
    fn the_matrix_and_the_proxy() {
        let roles = [
            Role::Patient,
            Role::Caregiver,
            Role::Dietitian,
            Role::Physiotherapist,
            Role::Physician,
            Role::Nurse,
            Role::ClinicAdmin,
        ];
        let member =
            |(n, role): (usize, &Role)| MemberRow { account: n as u64 + 1, role: *role, membership: Consent::Allow };
        let members: Vec<MemberRow> = roles.iter().enumerate().map(member).collect();
        let grant = GrantRow {
            grantee: Grantee::Member(2),
            of: GrantOf::Proxy,
            decision: Consent::Allow,
            not_before_ms: None,
            not_after_ms: Some(100),
        };
        let reaches = |now_ms, grants: &[GrantRow]| -> Vec<AuditReach> {
            let access = Access::from_records(1, &members, grants, &[], &[]);
            let viewers = members.iter().map(|row| Viewer { account: row.account, role: row.role });
            viewers.map(|viewer| audit_reach(now_ms, &viewer, &access)).collect()
        };
        use AuditReach::{Everything, Nothing, Own, People};
        let without = [Everything, Nothing, Nothing, Nothing, Own, Own, People];
        assert_eq!(reaches(5, &[]), without);
        let mut with = without;
        with[1] = Everything;
        assert_eq!(reaches(5, &[grant]), with);
        assert_eq!(reaches(100, &[grant]), without, "the grant is over");
        let denied = GrantRow { decision: Consent::Deny, ..grant };
        assert_eq!(reaches(5, &[grant, denied]), without);
        let access = Access::from_records(1, &members, &[], &[], &[]);
        assert_eq!(audit_reach(5, &Viewer { account: 9, role: Role::Patient }, &access), Nothing);
    }
}
