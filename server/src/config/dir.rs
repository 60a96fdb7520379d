//! The data directory: what lies in it, whose it is, and whether it is a demo.

use std::path::Path;

use anyhow::{Context, bail};

/// Marks a demo data directory: only there are `osteon token` and the seed allowed.
pub const DEMO_MARKER: &str = "demo";
/// What stands in the marker.
pub const DEMO_TEXT: &str =
    "This is a demo: fictional people, keys for anybody. `osteon token` and the seed work only beside this file.\n";
/// Marks a data directory that `osteon bench` made: only there may a server run without its audit, and be
/// looked into by its user, to measure it.
pub const BENCH_MARKER: &str = "bench";
/// The development certificate authority, for clients.
pub const CA_FILE: &str = "ca.pem";
/// Where the server of this data directory listens, for the commands that talk to it.
pub const ADDRESS_FILE: &str = "address";

/// Where browsers find the server of this data directory, for the commands that print links.
pub const BROWSER_ADDRESS_FILE: &str = "browser-address";

/// Whether this is a demo data directory.
#[must_use]
pub fn is_demo(data: &Path) -> bool {
    data.join(DEMO_MARKER).is_file()
}

/// Makes the data directory, for its owner alone.
pub fn make_data_dir(data: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data);
    made.with_context(|| format!("cannot make {}", data.display()))
}

/// Makes `data` a demo data directory; refused where something that is not a demo lies already.
pub fn mark_demo(data: &Path) -> anyhow::Result<()> {
    make_data_dir(data)?;
    if is_demo(data) {
        return Ok(());
    }
    let mut entries = std::fs::read_dir(data).with_context(|| format!("cannot read {}", data.display()))?;
    if entries.next().is_some() {
        bail!("{} holds something that is not a demo: the demo wants an empty folder", data.display());
    }
    std::fs::write(data.join(DEMO_MARKER), DEMO_TEXT).context("cannot write the demo marker")
}
