//! Consent, as it is written: who may give and take it back, from when to when, and what of it needs the server.
//!
//! Taking back works offline and wins; granting, or granting for longer, is decided here and now. A grant that could never
//! hold (it is over, it ends before it starts, the matrix does not know it) is refused with its reason, so that nobody
//! believes to have shared what nobody sees.

use osteon_access_core::{Action, GrantOf, Grantee, Ungrantable, grantable};
use osteon_proto::{
    reasons::Reason,
    table::{RecordType, table},
    values::{instant, value},
};
use osteon_sync_core::{Change, FieldRef, PartWrite, Put, ledger::StoredPart};

use super::rights::{GRANT, Rights, opens, reference};
use crate::access::signed;

impl Rights<'_> {
    /// A grant is the patient's, or a proxy's within limits. `longer`: the write moves an end or a start so that more is
    /// shared.
    pub(super) fn grant(
        &self,
        change: &Change,
        part: &PartWrite,
        stored: Option<&StoredPart>,
        longer: bool,
    ) -> Result<(), Reason> {
        let known = table().get(GRANT).ok_or(Reason::Internal)?;
        let reference = reference(change, part, stored, known).ok_or(Reason::GrantWithoutEffect)?;
        if !self.allowed(&Action::WriteGrant(reference)) {
            return Err(Reason::NotYourConsent);
        }
        let opening = part.writes.iter().any(|w| known.field(w.field.number).is_some_and(|f| opens(f, w)));
        if !opening && !longer {
            return Ok(());
        }
        if !self.online {
            return Err(Reason::GrantNeedsServer);
        }
        let (from, until) =
            (self.bound(part, stored, known, "not_before"), self.bound(part, stored, known, "not_after"));
        if until.is_some_and(|until| until <= signed(self.now_ms)) {
            return Err(Reason::GrantInPast);
        }
        if let (Some(from), Some(until)) = (from, until)
            && until <= from
        {
            return Err(Reason::GrantEndsBeforeStart);
        }
        self.has_effect(reference.grantee, reference.of, until.is_some())
    }

    /// The bound that holds after this write: of several the latest start, the earliest end.
    fn bound(&self, part: &PartWrite, stored: Option<&StoredPart>, known: &RecordType, name: &str) -> Option<i64> {
        const NANOS_PER_MS: i128 = 1_000_000;
        let field = known.field_by_name(name)?;
        let write = part.writes.iter().find(|w| w.field.number == field.number);
        let replaced = write.map_or(&[][..], |w| &w.replaces);
        let live = stored.map(|s| s.part.versions(FieldRef::register(field.number))).into_iter().flatten();
        let live = live.filter(|version| !replaced.contains(&version.dot)).filter_map(|version| version.value);
        let put = write.and_then(|w| w.put.as_ref()).and_then(Put::value);
        let ms = |chunk: &[u8]| i64::try_from(instant(field, value(field, chunk)?)?.div_euclid(NANOS_PER_MS)).ok();
        let bounds = live.chain(put).filter_map(ms);
        if name == "not_after" { bounds.min() } else { bounds.max() }
    }

    /// Of a member: whoever is none may be anybody, and the next to join may get the number that was mistyped.
    fn has_effect(&self, grantee: Grantee, of: GrantOf, ends: bool) -> Result<(), Reason> {
        let roles: Vec<_> = match grantee {
            Grantee::Role(role) => vec![role],
            Grantee::Member(account) => {
                self.access.access.members().filter(|(member, _)| *member == account).map(|(_, role)| role).collect()
            }
        };
        let by_name = matches!(grantee, Grantee::Member(_));
        let refused = roles.into_iter().map(|role| grantable(role, by_name, of, ends)).collect::<Vec<_>>();
        // In several roles: one that it holds for is enough.
        if refused.iter().any(Result::is_ok) {
            return Ok(());
        }
        match refused.first() {
            Some(Ok(())) => Ok(()),
            None | Some(Err(Ungrantable::WithoutEffect)) => Err(Reason::GrantWithoutEffect),
            Some(Err(Ungrantable::NotByName)) => Err(Reason::GrantByName),
            Some(Err(Ungrantable::WithoutEnd)) => Err(Reason::GrantNeedsEnd),
        }
    }
}

/// Whether a refusal is about consent: those are audited by their reason.
pub fn is_about_consent(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::NotYourConsent
            | Reason::GrantNeedsServer
            | Reason::GrantInPast
            | Reason::GrantEndsBeforeStart
            | Reason::GrantNeedsEnd
            | Reason::GrantByName
            | Reason::GrantWithoutEffect
    )
}
