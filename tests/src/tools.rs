//! Where the programs lie that `make tools` installs. A missing one is an error, never a skipped test.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn tool(relative: &str) -> Result<PathBuf> {
    let path = root().join(relative);
    if !path.exists() {
        bail!("{relative} is missing: run 'make tools'");
    }
    Ok(path)
}

pub fn grpcurl() -> Result<PathBuf> {
    tool(".tools/grpcurl")
}

/// Python with grpcio.
pub fn python() -> Result<PathBuf> {
    tool(".tools/venv/bin/python")
}

/// The folder of the Node clients, with its packages.
pub fn node_clients() -> Result<PathBuf> {
    tool("tests/clients/node_modules/@grpc/grpc-js")?;
    Ok(root().join("tests/clients"))
}

pub fn chromium() -> Result<PathBuf> {
    let dirs: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    for name in ["chromium", "chromium-browser", "google-chrome"] {
        if let Some(found) = dirs.iter().map(|dir| dir.join(name)).find(|path| path.exists()) {
            return Ok(found);
        }
    }
    bail!("no Chromium here: run 'make tools'")
}

/// The server under test: `OSTEON_BIN`, else what lies beside the test binaries (built by the same cargo command).
pub fn osteon() -> Result<PathBuf> {
    program("OSTEON_BIN", "osteon")
}

/// The terminal phone.
pub fn osteon_phone() -> Result<PathBuf> {
    program("OSTEON_PHONE_BIN", "osteon-phone")
}

/// What writes the bindings of phones.
pub fn uniffi_bindgen() -> Result<PathBuf> {
    program("OSTEON_BINDGEN_BIN", "uniffi-bindgen")
}

/// The library for phones, as an app loads it.
pub fn mobile_library() -> Result<PathBuf> {
    program("OSTEON_MOBILE_LIB", "libosteon_mobile.so")
}

/// Compiles and runs the journal app in Kotlin; without a compiler it fails and says what is missing.
pub fn kotlin() -> PathBuf {
    root().join("tools/kotlin.sh")
}

fn program(variable: &str, name: &str) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Ok(path.into());
    }
    let test = std::env::current_exe()?;
    // target/<profile>/deps/<test>-<hash>, or target/<profile>/<runner>.
    for dir in test.ancestors().skip(1).take(2) {
        let path = dir.join(name);
        if path.exists() {
            return Ok(path);
        }
    }
    bail!("no binary `{name}` beside the tests: run 'cargo build --workspace --bins --tests' first, or set {variable}")
}

/// A count that `make test` keeps small and `make prove` raises.
pub fn count(variable: &str, small: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(small)
}
