//! A global allocator that counts the bytes that are held, so that four libraries are weighed on the same scale.
//! Sizes are those that were asked for; what the system's allocator rounds up is not in them.
#![allow(unsafe_code)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

pub(crate) struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

/// Bytes held now.
pub(crate) fn held() -> usize {
    HELD.load(Relaxed)
}

// SAFETY: every call goes to `System` with the caller's own arguments, so its contract is kept as the caller kept it;
// the counter is an atomic that never allocates.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see above.
        let at = unsafe { System.alloc(layout) };
        if !at.is_null() {
            HELD.fetch_add(layout.size(), Relaxed);
        }
        at
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: see above.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: see above.
        let new = unsafe { System.realloc(at, layout, size) };
        if !new.is_null() {
            HELD.fetch_add(size, Relaxed);
            HELD.fetch_sub(layout.size(), Relaxed);
        }
        new
    }
}
