//! The bytes inside columns: the state of a circle's head, and what is sealed of parts, log rows, kept answers.
//! Numbers are little-endian base-128; every layout starts with its version, so that a later one can be told apart.

use std::collections::{BTreeMap, BTreeSet};

use osteon_sync_core::{Author, Clock, Dot, RecordId, Replica, Role};

use super::{AccountNo, CellKey, ChainHead, CircleRow, DeviceNo, UnixMs};

const VERSION: u8 = 1;

pub(super) struct Writer(Vec<u8>);

impl Writer {
    fn new(capacity: usize) -> Self {
        let mut out = Vec::with_capacity(capacity);
        out.push(VERSION);
        Self(out)
    }

    fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.0.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
    }

    fn dot(&mut self, dot: Dot) {
        self.number(dot.replica.epoch.into());
        self.number(dot.replica.n.into());
        self.number(dot.counter);
    }
}

/// `None`: the bytes are not of this layout.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        (*version == VERSION).then_some(Self(rest))
    }

    fn number(&mut self) -> Option<u64> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            n |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if *byte < 0x80 {
                return Some(n);
            }
        }
        None
    }

    fn small<N: TryFrom<u64>>(&mut self) -> Option<N> {
        self.number()?.try_into().ok()
    }

    fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    fn dot(&mut self) -> Option<Dot> {
        Some(Dot { replica: Replica { epoch: self.small()?, n: self.small()? }, counter: self.number()? })
    }
}

/// What stands in `head.state`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct HeadState {
    pub(super) chains: BTreeMap<Replica, ChainHead>,
    pub(super) digests: BTreeMap<CellKey, u128>,
    pub(super) head_mark: u32,
    pub(super) reviews: BTreeSet<(RecordId, u64)>,
}

pub(super) fn encode_head(row: &CircleRow) -> Vec<u8> {
    let CircleRow { chains, digests, head_mark, reviews, .. } = row;
    let mut out = Writer::new(16 + chains.len() * 28 + digests.len() * 24 + reviews.len() * 20);
    out.0.extend_from_slice(&head_mark.to_le_bytes());
    out.number(chains.len() as u64);
    for (replica, chain) in chains {
        out.number(replica.epoch.into());
        out.number(replica.n.into());
        out.number(chain.counter);
        out.0.extend_from_slice(&chain.mac);
        out.number(chain.account);
    }
    out.number(digests.len() as u64);
    for (cell, digest) in digests {
        out.number(cell.label);
        out.0.push(cell.class);
        out.0.extend_from_slice(&digest.to_le_bytes());
    }
    out.number(reviews.len() as u64);
    for (record, label) in reviews {
        out.0.extend_from_slice(&record.0);
        out.number(*label);
    }
    out.0
}

pub(super) fn decode_head(bytes: &[u8]) -> Option<HeadState> {
    let mut input = Reader::new(bytes)?;
    let mut state = HeadState { head_mark: u32::from_le_bytes(input.array()?), ..HeadState::default() };
    for _ in 0..input.number()? {
        let replica = Replica { epoch: input.small()?, n: input.small()? };
        let chain = ChainHead { counter: input.number()?, mac: input.array()?, account: input.number()? };
        state.chains.insert(replica, chain);
    }
    for _ in 0..input.number()? {
        let cell = CellKey { label: input.number()?, class: input.array::<1>()?[0] };
        state.digests.insert(cell, u128::from_le_bytes(input.array()?));
    }
    for _ in 0..input.number()? {
        let record = RecordId(input.array()?);
        state.reviews.insert((record, input.number()?));
    }
    input.0.is_empty().then_some(state)
}

/// What is sealed of a part: its state and where its history is found.
pub(super) fn encode_part(state: &[u8], history: &[Dot]) -> Vec<u8> {
    let mut out = Writer::new(state.len() + 8 + history.len() * 5);
    out.number(history.len() as u64);
    for dot in history {
        out.dot(*dot);
    }
    out.0.extend_from_slice(state);
    out.0
}

pub(super) fn decode_part(mut bytes: Vec<u8>) -> Option<(Vec<u8>, Vec<Dot>)> {
    let mut input = Reader::new(&bytes)?;
    let count = input.number()?;
    let mut history = Vec::with_capacity(usize::try_from(count).ok()?.min(bytes.len()));
    for _ in 0..count {
        history.push(input.dot()?);
    }
    let state = bytes.len() - input.0.len();
    bytes.drain(..state);
    Some((bytes, history))
}

/// What is sealed of a log row.
pub(super) struct LogBody {
    pub(super) clock: Clock,
    pub(super) author: Author,
    pub(super) device: DeviceNo,
    pub(super) received_ms: UnixMs,
    pub(super) verdict: u8,
    pub(super) content: Vec<u8>,
}

pub(super) fn encode_log(row: &super::LogRow) -> Vec<u8> {
    let mut out = Writer::new(row.content.len() + 32);
    out.0.push(row.verdict);
    out.number(row.clock.ms);
    out.number(row.clock.logical.into());
    out.number(row.author.account);
    out.0.push(row.author.role.0);
    out.number(row.device);
    out.number(row.received_ms);
    out.0.extend_from_slice(&row.content);
    out.0
}

pub(super) fn decode_log(bytes: &[u8]) -> Option<LogBody> {
    let mut input = Reader::new(bytes)?;
    let verdict = input.array::<1>()?[0];
    let clock = Clock { ms: input.number()?, logical: input.small()? };
    let author = Author { account: input.number()?, role: Role(input.array::<1>()?[0]) };
    let device = input.number()?;
    let received_ms = input.number()?;
    Some(LogBody { clock, author, device, received_ms, verdict, content: input.0.to_vec() })
}

/// A kept answer: the fingerprint of its request, then the answer.
pub(super) fn encode_answer(fingerprint: &[u8; 16], answer: &[u8]) -> Vec<u8> {
    let mut out = Writer::new(answer.len() + 17);
    out.0.extend_from_slice(fingerprint);
    out.0.extend_from_slice(answer);
    out.0
}

pub(super) fn decode_answer(bytes: &[u8]) -> Option<([u8; 16], Vec<u8>)> {
    let mut input = Reader::new(bytes)?;
    Some((input.array()?, input.0.to_vec()))
}

/// A quarantined change: who wrote it, why it waits, and the change.
pub(super) fn encode_quarantine(author: Author, reason: &str, content: &[u8]) -> Vec<u8> {
    let mut out = Writer::new(content.len() + reason.len() + 16);
    out.number(author.account);
    out.0.push(author.role.0);
    out.number(reason.len() as u64);
    out.0.extend_from_slice(reason.as_bytes());
    out.0.extend_from_slice(content);
    out.0
}

pub(super) fn decode_quarantine(bytes: &[u8]) -> Option<(Author, String, Vec<u8>)> {
    let mut input = Reader::new(bytes)?;
    let author = Author { account: input.number()? as AccountNo, role: Role(input.array::<1>()?[0]) };
    let len = input.small()?;
    let reason = std::str::from_utf8(input.bytes(len)?).ok()?.to_owned();
    Some((author, reason, input.0.to_vec()))
}

#[cfg(test)]
mod tests {
    use osteon_sync_core::RecordId;
    use proptest::prelude::*;

    use super::{super::LogRow, *};

    fn dots() -> impl Strategy<Value = Vec<Dot>> {
        prop::collection::vec(
            any::<(u32, u32, u64)>().prop_map(|(epoch, n, counter)| Dot::new(epoch, n, counter)),
            0..5,
        )
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(
            dots in dots(), bytes in any::<Vec<u8>>(), numbers in any::<[u64; 4]>(), logical in any::<u32>(),
            small in any::<[u8; 3]>(), mac in any::<[u8; 16]>(), digest in any::<u128>(), reason in "\\PC{0,20}",
        ) {
            prop_assert_eq!(decode_part(encode_part(&bytes, &dots)), Some((bytes.clone(), dots.clone())));
            prop_assert_eq!(decode_answer(&encode_answer(&mac, &bytes)), Some((mac, bytes.clone())));
            let author = Author { account: numbers[0], role: Role(small[0]) };
            prop_assert_eq!(
                decode_quarantine(&encode_quarantine(author, &reason, &bytes)),
                Some((author, reason, bytes.clone()))
            );
            let chains: BTreeMap<_, _> = dots
                .iter()
                .map(|dot| (dot.replica, ChainHead { counter: dot.counter, mac, account: numbers[1] }))
                .collect();
            let digests = BTreeMap::from([(CellKey { label: numbers[2], class: small[1] }, digest)]);
            let reviews = BTreeSet::from([(RecordId([small[0]; 16]), numbers[0])]);
            let state = HeadState { chains, digests, head_mark: numbers[1] as u32, reviews };
            let HeadState { chains, digests, head_mark, reviews } = state.clone();
            let row = CircleRow { chains, digests, head_mark, reviews, ..CircleRow::default() };
            prop_assert_eq!(decode_head(&encode_head(&row)), Some(state));
            let row = LogRow {
                seq: 0, dot: Dot::default(), mac, clock: Clock { ms: numbers[0], logical }, author, device: numbers[1],
                received_ms: numbers[3], verdict: small[2], content: bytes,
            };
            let body = decode_log(&encode_log(&row)).unwrap();
            let again = LogRow {
                clock: body.clock, author: body.author, device: body.device, received_ms: body.received_ms,
                verdict: body.verdict, content: body.content, ..row.clone()
            };
            prop_assert_eq!(again, row);
        }

        #[test]
        fn foreign_bytes_do_not_panic(bytes in any::<Vec<u8>>()) {
            let _ = (decode_part(bytes.clone()), decode_answer(&bytes), decode_quarantine(&bytes));
            let _ = (decode_head(&bytes), decode_log(&bytes).map(|body| RecordId([body.verdict; 16])));
        }
    }
}
