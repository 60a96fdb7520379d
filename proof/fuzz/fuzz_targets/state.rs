//! See `replay::state`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    replay::state(data);
});
