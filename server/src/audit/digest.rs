//! What seals and heads say, as bytes: SHA-256 over a fixed layout, every number big-endian, every text with its length.
//! docs/audit.md describes it for whoever writes another verifier.

use aws_lc_rs::digest::{Context, SHA256};

use crate::store::{
    AuditEntry,
    audit::{AuditHead, AuditSeal},
};

const SEAL: &[u8] = b"osteon audit seal 1\0";
const HEAD: &[u8] = b"osteon audit head 1\0";
/// The hash before the first.
pub const START: [u8; 32] = [0; 32];

fn numbers(context: &mut Context, numbers: &[u64]) {
    for number in numbers {
        context.update(&number.to_be_bytes());
    }
}

fn bytes(context: &mut Context, bytes: &[u8]) {
    numbers(context, &[bytes.len() as u64]);
    context.update(bytes);
}

/// A hash that grows by rows, so that no batch has to be held.
pub struct Rows(Context);

impl Rows {
    /// Begins a seal of `seal`'s chain, number, head and time, after the hash of the seal before it.
    #[must_use]
    pub fn begin(seal: &AuditSeal, before: &[u8]) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(SEAL);
        numbers(&mut context, &[seal.chain, seal.no, seal.head, seal.at_ms]);
        bytes(&mut context, before);
        Self(context)
    }

    pub fn row(&mut self, row: &AuditEntry) {
        let AuditEntry { no, at_ms, account, device, from_seq, to_seq, request, .. } = *row;
        numbers(&mut self.0, &[no, at_ms, account, device, from_seq, to_seq, request]);
        numbers(&mut self.0, &[row.categories.into(), row.count.into()]);
        bytes(&mut self.0, row.record.as_ref().map_or(&[], |record| &record.0[..]));
        bytes(&mut self.0, row.action.as_bytes());
        bytes(&mut self.0, row.outcome.as_bytes());
    }

    /// The hash of a seal over these rows.
    #[must_use]
    pub fn end(mut self, seal: &AuditSeal) -> Vec<u8> {
        numbers(&mut self.0, &[seal.from_no, seal.to_no, seal.rows]);
        self.0.finish().as_ref().to_vec()
    }
}

/// A hash that grows by the seals of one head.
pub struct Seals(Context);

impl Seals {
    #[must_use]
    pub fn begin(no: u64, at_ms: u64, before: &[u8]) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(HEAD);
        numbers(&mut context, &[no, at_ms]);
        bytes(&mut context, before);
        Self(context)
    }

    /// In order of their chains.
    pub fn seal(&mut self, seal: &AuditSeal) {
        numbers(&mut self.0, &[seal.chain, seal.no]);
        bytes(&mut self.0, &seal.hash);
    }

    #[must_use]
    pub fn end(mut self, head: &AuditHead) -> Vec<u8> {
        numbers(&mut self.0, &[head.upto, head.seals, head.rows]);
        self.0.finish().as_ref().to_vec()
    }
}

/// What is signed of a seal. A signature of one kind is none of another.
#[must_use]
pub fn seal_message(hash: &[u8]) -> Vec<u8> {
    [SEAL, hash].concat()
}

#[must_use]
pub fn head_message(hash: &[u8]) -> Vec<u8> {
    [HEAD, hash].concat()
}

#[cfg(test)]
mod tests {
    use osteon_sync_core::RecordId;

    use super::*;

    fn row(no: u64) -> AuditEntry {
        AuditEntry {
            no,
            at_ms: 5,
            account: 1,
            device: 2,
            action: "push".to_owned(),
            record: Some(RecordId([7; 16])),
            categories: 4,
            from_seq: 8,
            to_seq: 9,
            count: 1,
            outcome: "ok".to_owned(),
            request: 3,
        }
    }

    fn seal() -> AuditSeal {
        let (hash, signature) = (Vec::new(), Vec::new());
        AuditSeal { chain: 1, no: 2, head: 3, at_ms: 4, from_no: 1, to_no: 2, rows: 2, hash, signature }
    }

    fn hash(rows: &[AuditEntry]) -> Vec<u8> {
        let mut hash = Rows::begin(&seal(), &START);
        rows.iter().for_each(|row| hash.row(row));
        hash.end(&seal())
    }

    #[test]
    fn every_part_of_a_row_is_in_the_hash() {
        let whole = hash(&[row(1), row(2)]);
        assert_eq!(whole, hash(&[row(1), row(2)]));
        let edits: [fn(&mut AuditEntry); 13] = [
            |row| row.no += 1,
            |row| row.at_ms += 1,
            |row| row.account += 1,
            |row| row.device += 1,
            |row| row.action = "pull".to_owned(),
            |row| row.record = None,
            |row| row.record = Some(RecordId([8; 16])),
            |row| row.categories += 1,
            |row| row.from_seq += 1,
            |row| row.to_seq += 1,
            |row| row.count += 1,
            |row| row.outcome = "okpush".to_owned(),
            |row| row.request += 1,
        ];
        for (at, edit) in edits.iter().enumerate() {
            let mut rows = [row(1), row(2)];
            edit(&mut rows[1]);
            assert_ne!(hash(&rows), whole, "edit {at}");
        }
        assert_ne!(hash(&[row(2), row(1)]), whole, "the order counts");
        assert_ne!(hash(&[row(1)]), whole);
        // A letter that moves from one text into the next.
        let (mut a, mut b) = (row(1), row(1));
        (a.action, a.outcome) = ("ab".to_owned(), "c".to_owned());
        (b.action, b.outcome) = ("a".to_owned(), "bc".to_owned());
        assert_ne!(hash(&[a]), hash(&[b]));
    }
}
