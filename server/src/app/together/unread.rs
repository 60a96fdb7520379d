//! Plans that were merged from changes that had not seen each other, and that nobody of an owner role has read since.

use std::collections::{BTreeMap, BTreeSet};

use osteon_care_core::together::{Commit, Live, Read, unseen};
use osteon_proto::{meta::Role, review as pb};
use osteon_sync_core::Dot;

use super::{approvals::Approval, basis, text};
use crate::app::{enrol::timestamp, kept::Content, look::Looked};

/// One review group of the circle.
#[derive(Default)]
struct Group<'p> {
    parts: Vec<&'p Looked>,
    commits: BTreeMap<Dot, Commit>,
    live: Live,
}

pub(super) fn merged(parts: &[Looked], approvals: &[Approval]) -> Vec<pb::Review> {
    let mut groups: BTreeMap<&str, Group<'_>> = BTreeMap::new();
    for one in parts {
        let Some(known) = one.known.filter(|known| !known.review_group.is_empty()) else { continue };
        groups.entry(known.review_group.as_str()).or_default().take(one);
    }
    groups.into_values().filter_map(|group| group.unread(approvals)).collect()
}

impl<'p> Group<'p> {
    fn take(&mut self, one: &'p Looked) {
        self.parts.push(one);
        for written in one.log.values().filter(|written| written.row.author.account != 0) {
            let row = &written.row;
            let base = Content::of(row).map_or(row.seq, |content| content.base);
            let commit = self.commits.entry(row.dot).or_insert_with(|| Commit {
                sequence: row.seq,
                dot: row.dot,
                account: row.author.account,
                base,
                fields: BTreeSet::new(),
            });
            let fields = written.writes.iter().map(|write| write.field.number).filter(|number| *number != 0);
            commit.fields.extend(fields.map(|number| (one.row.record, number)));
        }
        for (field, versions) in one.part.fields().filter(|(field, _)| field.number != 0) {
            let live = self.live.entry((one.row.record, field.number)).or_default();
            live.extend(versions.map(|v| (v.dot, one.log.get(&v.dot).map_or(one.row.seq, |w| w.row.seq))));
        }
    }

    fn unread(self, approvals: &[Approval]) -> Option<pb::Review> {
        let owner = |role: i32| {
            let role = Role::try_from(role).unwrap_or_default();
            self.parts.iter().filter_map(|one| one.known).any(|known| known.owners.has(role))
        };
        let reads: Vec<Read> = approvals
            .iter()
            .filter(|one| owner(one.role))
            .map(|one| Read { sequence: one.sequence, approved: one.approved.clone() })
            .collect();
        let met = unseen(self.commits.into_values(), &reads, &self.live);
        let first = met.first()?;
        let whole = self.parts.iter().find(|one| one.row.parent.is_none()).or(self.parts.first())?;
        let opened = self.parts.iter().filter_map(|one| one.log.get(&first.later)).map(|w| w.row.received_ms).min();
        let types: BTreeMap<_, _> = self.parts.iter().map(|one| (one.row.record, one.row.type_number)).collect();
        let rests = self.live.iter().map(|((record, field), dots)| {
            basis(*record, types.get(record).copied().unwrap_or(0), *field, dots.keys().copied())
        });
        Some(pb::Review {
            kind: pb::ReviewKind::MergedUnseen.into(),
            record_id: text(whole.row.record),
            r#type: whole.row.type_number,
            opened: opened.map(timestamp),
            says: "Two people changed this plan. Nobody has read the result.".to_owned(),
            rests: rests.collect(),
            ..Default::default()
        })
    }
}
