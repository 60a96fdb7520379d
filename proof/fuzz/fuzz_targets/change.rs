//! See `replay::change`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    replay::change(data);
});
