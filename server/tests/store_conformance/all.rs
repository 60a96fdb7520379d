//! The rows of a snapshot, for tests that look at all of them: proven by a patient of an access state of the test's own.

use std::sync::Arc;

use osteon_access_core::{Access, Consent, MemberRow, Role};
use osteon_server::{
    access::{CircleAccess, Member, Proof},
    store::{CircleNo, CircleRow, Rows, Snapshot},
};

pub(crate) fn proof(circle: CircleNo) -> Proof {
    let patient = MemberRow { account: 1, role: Role::Patient, membership: Consent::Allow };
    let mut access = CircleAccess::default();
    access.access = Access::from_records(1, &[patient], &[], &[], &[]);
    let member = Member::of(circle, patient.account, Arc::new(access)).expect("a member");
    member.scope(0, &CircleRow { circle, ..CircleRow::default() }).expect("a scope").proof()
}

pub(crate) trait All {
    /// Every row of the circle that it stands at.
    fn all(&mut self) -> &mut dyn Rows;
}

impl All for dyn Snapshot {
    fn all(&mut self) -> &mut dyn Rows {
        let proof = proof(self.circle().circle);
        self.rows(proof).expect("a proof of this circle")
    }
}
