//! See `replay::split_body`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    replay::split_body(data);
});
