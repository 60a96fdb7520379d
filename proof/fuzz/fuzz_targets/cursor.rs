//! See `replay::cursor`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    replay::cursor(data);
});
