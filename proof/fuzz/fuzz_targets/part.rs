//! See `replay::part`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    replay::part(data);
});
