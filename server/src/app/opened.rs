//! Pages that people have open: a page that refreshes itself is one read, not one for each refresh. What is forgotten here (a
//! restart, another node, too many pages) costs one more row of the audit, never one less.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use osteon_proto::reasons::Reason;

use crate::{
    access::Caller,
    error::Error,
    limits,
    store::{CircleNo, UnixMs},
};

/// The session, the circle, and what the page calls itself.
type Key = (u64, CircleNo, [u8; 16]);

#[derive(Default)]
pub struct Opened(Mutex<BTreeMap<Key, (UnixMs, u32)>>);

/// What a page calls itself; `None`: nothing, and each call is a read of its own.
pub(super) fn view_id(text: &str) -> Result<Option<[u8; 16]>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    limits::REQUEST_ID_BYTES.check(text.len())?;
    let id = uuid::Uuid::try_parse(text).map_err(|_| Error::field("view_id", Reason::ArgumentInvalid))?;
    Ok(Some(id.into_bytes()))
}

impl Opened {
    /// Whether a page that is asked for again told of these categories before: that is no other read.
    pub(super) fn is_told(&self, caller: &Caller, circle: CircleNo, view: Option<[u8; 16]>, at: (UnixMs, u32)) -> bool {
        let (now_ms, touched) = at;
        let Some(view) = view else { return false };
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(caller.family, circle, view)).copied();
        known.is_some_and(|(since_ms, told)| {
            now_ms.saturating_sub(since_ms) < limits::VIEW_S.max * 1_000 && touched & !told == 0
        })
    }

    /// The read stands in the audit.
    pub(super) fn put(&self, caller: &Caller, circle: CircleNo, view: Option<[u8; 16]>, at: (UnixMs, u32)) {
        let (now_ms, touched) = at;
        let Some(view) = view else { return };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= limits::VIEWS_HELD.usize() {
            known.clear();
        }
        let told = known.entry((caller.family, circle, view)).or_insert((now_ms, 0));
        *told = (now_ms, told.1 | touched);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_once_until_it_tells_of_more() {
        let opened = Opened::default();
        let caller = Caller { account: 1, device: 2, clinic: 3, family: 4, leaving: false };
        let other = Caller { family: 5, ..caller };
        let view = view_id("0196f4a0-0000-7000-8000-000000000001").expect("a UUID");
        assert!(view_id("").expect("none").is_none());
        assert!(view_id("page").is_err());
        assert!(!opened.is_told(&caller, 1, view, (0, 0)));
        opened.put(&caller, 1, view, (0, 0b01));
        assert!(opened.is_told(&caller, 1, view, (1_000, 0b01)));
        assert!(!opened.is_told(&caller, 1, view, (1_000, 0b11)), "another category");
        assert!(!opened.is_told(&caller, 2, view, (1_000, 0b01)), "another patient");
        assert!(!opened.is_told(&other, 1, view, (1_000, 0b01)), "another session");
        assert!(!opened.is_told(&caller, 1, None, (1_000, 0)), "a call that names no page");
        assert!(!opened.is_told(&caller, 1, view, (limits::VIEW_S.max * 1_000, 0b01)), "the next day");
    }
}
