//! Writes the bindings: `uniffi-bindgen generate --library libosteon_mobile.so --language python --out-dir DIR`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
