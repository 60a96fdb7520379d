//! The house holds: which of our crates may know which, what must not be in the dependency tree, what must be there
//! once, and that the pure crates forbid ambient clock, ids and randomness. Over `cargo metadata`, so it needs no
//! other tool; deny.toml says the same and more to those who have cargo-deny.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{Metadata, MetadataCommand, Package, PackageId, semver::Version};

#[path = "house/mobile_records.rs"]
mod mobile_records;
#[path = "house/safety.rs"]
mod safety;
#[path = "house/safety_pages.rs"]
mod safety_pages;

/// ARCHITECTURE: no others, in no kind of dependency.
const EDGES: [(&str, &[&str]); 9] = [
    ("osteon-sync-core", &[]),
    ("osteon-proto", &["osteon-sync-core"]),
    ("osteon-access-core", &["osteon-proto", "osteon-sync-core"]),
    ("osteon-care-core", &["osteon-proto", "osteon-sync-core"]),
    ("osteon-server", &["osteon-access-core", "osteon-care-core", "osteon-proto", "osteon-sync-core"]),
    (
        "osteon-client",
        &["osteon-access-core", "osteon-care-core", "osteon-faulty-vfs", "osteon-proto", "osteon-sync-core"],
    ),
    // In the client's tests alone.
    ("osteon-faulty-vfs", &[]),
    ("osteon-mobile", &["osteon-care-core", "osteon-client", "osteon-proto", "osteon-sync-core"]),
    (
        "osteon-tests",
        &[
            "osteon-access-core",
            "osteon-care-core",
            "osteon-client",
            "osteon-proto",
            "osteon-server",
            "osteon-sync-core",
        ],
    ),
];

const PURE: [&str; 4] = ["sync-core", "proto", "access-core", "care-core"];

/// Layers of the server that must not look up: (folder, what its files must not name).
const LAYERS: [(&str, &[&str]); 5] = [
    ("store", &["crate::rpc", "crate::app", "crate::access", "crate::web", "crate::jobs"]),
    ("access", &["crate::rpc", "crate::app", "crate::web", "crate::jobs"]),
    ("app", &["crate::rpc", "crate::web", "crate::jobs"]),
    ("live", &["crate::rpc", "crate::app", "crate::web", "crate::jobs"]),
    ("audit", &["crate::rpc", "crate::app", "crate::web", "crate::jobs"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_path_buf()
}

fn metadata() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).other_options(vec!["--locked".into(), "--offline".into()]);
    command.exec().expect("cargo metadata")
}

/// Everything that is built by default: the resolve's graph without the optional dependencies that no feature turns
/// on (`cargo metadata` lists those as well, for example ring under rustls-webpki).
fn built(metadata: &Metadata) -> Vec<&Package> {
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let nodes: BTreeMap<&PackageId, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let mut seen: BTreeSet<&PackageId> = metadata.workspace_members.iter().collect();
    let mut todo: Vec<&PackageId> = seen.iter().copied().collect();
    while let Some(id) = todo.pop() {
        let features: BTreeSet<String> = nodes[id].features.iter().map(ToString::to_string).collect();
        for dependency in &nodes[id].deps {
            if turned_on(&metadata[id], &metadata[&dependency.pkg].name, &features) && seen.insert(&dependency.pkg) {
                todo.push(&dependency.pkg);
            }
        }
    }
    seen.into_iter().map(|id| &metadata[id]).collect()
}

/// Whether `package`, with these features, builds its dependency of this name.
fn turned_on(package: &Package, name: &str, features: &BTreeSet<String>) -> bool {
    package.dependencies.iter().filter(|dependency| dependency.name == name).any(|dependency| {
        let called = dependency.rename.as_deref().unwrap_or(&dependency.name);
        let by = |feature: &String| {
            let turns_on = package.features.get(feature).into_iter().flatten();
            feature == called
                || turns_on
                    .into_iter()
                    .any(|on| *on == format!("dep:{called}") || on == called || on.starts_with(&format!("{called}/")))
        };
        !dependency.optional || features.iter().any(by)
    })
}

#[test]
fn our_crates_know_only_those_below_them() {
    let metadata = metadata();
    let ours: BTreeSet<&str> = metadata.workspace_packages().iter().map(|package| package.name.as_str()).collect();
    let listed: BTreeSet<&str> = EDGES.iter().map(|(name, _)| *name).collect();
    assert_eq!(ours, listed, "a crate came or went: say in docs/architecture.md and here whom it may know");
    for (name, allowed) in EDGES {
        let package = metadata.packages.iter().find(|package| package.name.as_str() == name).expect("a member");
        for dependency in &package.dependencies {
            let known = dependency.name.as_str();
            // A crate's tests may turn on a feature of the crate itself (sync-core: planted faults).
            if known == package.name.as_str() && dependency.kind == cargo_metadata::DependencyKind::Development {
                continue;
            }
            assert!(!ours.contains(known) || allowed.contains(&known), "{name} must not know {known}");
        }
    }
}

#[test]
fn one_cryptographic_library_and_no_other_tls() {
    let metadata = metadata();
    let names: BTreeSet<&str> = built(&metadata).iter().map(|package| package.name.as_str()).collect();
    assert!(names.contains("aws-lc-rs") && names.len() > 100, "the graph was walked: {}", names.len());
    for banned in ["ring", "native-tls", "rsa", "protobuf-src", "automerge", "yrs", "loro"] {
        assert!(!names.contains(banned), "{banned} is in the tree: cargo tree -i {banned} --target all");
    }
}

/// Who builds a library of this name; not for their own tests.
fn users<'m>(metadata: &'m Metadata, library: &str) -> Vec<&'m str> {
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let features = |id: &PackageId| -> BTreeSet<String> {
        let node = resolve.nodes.iter().find(|node| node.id == *id).expect("a node");
        node.features.iter().map(ToString::to_string).collect()
    };
    let builds = |package: &&Package| {
        let mut named = package.dependencies.iter().filter(|dependency| dependency.name == library);
        named.any(|dependency| dependency.kind != cargo_metadata::DependencyKind::Development)
            && turned_on(package, library, &features(&package.id))
    };
    built(metadata).into_iter().filter(builds).map(|package| package.name.as_str()).collect()
}

/// Passkeys bring the system's library (the feature `passkeys`); nobody else may lean on it.
#[test]
fn openssl_is_for_passkeys_alone() {
    let metadata = metadata();
    for (library, may) in [
        ("openssl", &["webauthn-rs-core", "webauthn-attestation-ca", "webauthn-rs"][..]),
        ("openssl-sys", &["openssl", "webauthn-rs-core", "webauthn-attestation-ca"]),
        ("webauthn-rs", &["osteon-server"]),
    ] {
        let users = users(&metadata, library);
        assert!(users.iter().all(|user| may.contains(user)), "{library} is used by {users:?}");
    }
    let server = metadata.packages.iter().find(|package| package.name.as_str() == "osteon-server").expect("the server");
    let passkeys = server.dependencies.iter().find(|dependency| dependency.name == "webauthn-rs").expect("passkeys");
    assert!(passkeys.optional, "a machine without OpenSSL's headers builds without passkeys");
}

#[test]
fn what_must_be_there_once_is_there_once() {
    let metadata = metadata();
    let built = built(&metadata);
    let versions = |name: &str| -> Vec<&Version> {
        built.iter().filter(|package| package.name.as_str() == name).map(|package| &package.version).collect()
    };
    for single in ["tonic", "prost", "prost-types", "rustls", "hyper", "h2", "tokio", "aws-lc-rs", "libsqlite3-sys"] {
        assert_eq!(versions(single).len(), 1, "copies of {single}: {:?}", versions(single));
    }
    assert!(*versions("h2")[0] >= Version::new(0, 4, 18), "h2 before 0.4.18 can be flooded");
    assert_eq!(*versions("libsqlite3-sys")[0], Version::new(0, 37, 0), "SQLite before 3.51.3 has the WAL-reset bug");
}

#[test]
fn the_optional_dependency_filter_sees_what_is_optional() {
    let metadata = metadata();
    let webpki =
        metadata.packages.iter().find(|package| package.name.as_str() == "rustls-webpki").expect("rustls-webpki");
    let with = |features: &[&str]| features.iter().map(ToString::to_string).collect::<BTreeSet<String>>();
    assert!(turned_on(webpki, "ring", &with(&["ring"])));
    assert!(!turned_on(webpki, "ring", &with(&["aws-lc-rs", "std", "alloc"])));
    assert!(turned_on(webpki, "untrusted", &with(&[])), "not optional");
}

#[test]
fn the_pure_crates_forbid_ambient_clock_ids_and_randomness() {
    for folder in PURE {
        let path = root().join(folder).join("clippy.toml");
        let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{folder} has no clippy.toml"));
        for forbidden in ["SystemTime::now", "Instant::now", "Uuid::now_v7", "rand::rng", "HashMap"] {
            assert!(text.contains(forbidden), "{folder}/clippy.toml does not forbid {forbidden}");
        }
        for entry in text.lines().filter(|line| line.trim_start().starts_with("{ path")) {
            assert!(entry.contains("reason = \""), "{folder}/clippy.toml, without a reason: {entry}");
        }
    }
}

#[test]
fn every_crate_obeys_the_workspace() {
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        let manifest = fs::read_to_string(&package.manifest_path).expect("a manifest");
        // Of unsafe code the workspace allows none: this one is for tests alone, and says why.
        let is_c_table = package.name.as_str() == "osteon-faulty-vfs";
        assert!(
            manifest.contains("[lints]\nworkspace = true") != is_c_table,
            "{}: the workspace's lints",
            package.name
        );
        assert_eq!(package.license.as_deref(), Some("Apache-2.0"), "{}", package.name);
        // Every version stands once, in the workspace's Cargo.toml.
        for line in manifest.lines().skip_while(|line| !line.contains("dependencies]")) {
            assert!(!line.contains("version = \"") && !line.contains("= \"="), "{}: {line}", package.name);
        }
    }
    let license = fs::read_to_string(root().join("LICENSE")).expect("LICENSE");
    assert!(license.contains("Apache License") && license.contains("END OF TERMS AND CONDITIONS"));
}

#[test]
fn a_request_reads_downwards() {
    let server = root().join("server/src");
    let mut read = 0;
    for (layer, forbidden) in LAYERS {
        for file in rust_files(&server.join(layer)) {
            let text = fs::read_to_string(&file).expect("a source file");
            read += 1;
            for name in forbidden {
                let named = text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(name));
                assert!(!named, "{} names {name}", file.strip_prefix(&server).unwrap_or(&file).display());
            }
        }
    }
    assert!(read > 0, "no layer of the server was found");
}

/// A proof that a circle may be read is made where access is decided, and for the server's own work in these files alone.
#[test]
fn proofs_are_made_where_access_is_decided() {
    const MAKERS: [(&str, &[&str]); 2] = [
        ("Sight::new(", &["access/mod.rs"]),
        (
            "Proof::of_server(",
            &[
                "app/alerts/agreed.rs",
                "app/alerts/away.rs",
                "app/alerts/kept.rs",
                "app/attachments/sweep.rs",
                "app/glass.rs",
                "app/glass_reviews.rs",
                "app/quarantine.rs",
                "app/redact/mod.rs",
                "app/settings/mod.rs",
                "app/settings/staff.rs",
                "app/verify.rs",
            ],
        ),
    ];
    let server = root().join("server/src");
    for (made, allowed) in MAKERS {
        let says = |path: &&PathBuf| {
            let text = fs::read_to_string(path).expect("a source file");
            text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(made))
        };
        let files = rust_files(&server);
        let makers = files.iter().filter(says).map(|path| path.strip_prefix(&server).expect("inside"));
        let makers: Vec<String> = makers.map(|path| path.display().to_string()).collect();
        assert_eq!(makers, allowed, "{made}");
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The README and the architecture lead to files that are there. `a/{b,c}.rs` are two of them.
#[test]
fn the_paths_that_the_documents_name_exist() {
    fn spelled(path: &str) -> Vec<String> {
        let Some((before, rest)) = path.split_once('{') else { return vec![path.to_owned()] };
        let Some((choices, after)) = rest.split_once('}') else { return vec![path.to_owned()] };
        choices.split(',').flat_map(|choice| spelled(&format!("{before}{choice}{after}"))).collect()
    }
    let path = |text: &&str| {
        let first = text.split('/').next().unwrap_or_default();
        text.contains('/')
            && root().join(first).is_dir()
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "_./{},-".contains(c))
    };
    let mut missing = Vec::new();
    let mut named = 0;
    for document in ["README.md", "docs/architecture.md", "docs/keeping.md", "docs/audit.md", "docs/performance.md"] {
        let text = fs::read_to_string(root().join(document)).expect("a document");
        for path in text.split('`').skip(1).step_by(2).filter(path).flat_map(spelled) {
            named += 1;
            if !root().join(&path).exists() {
                missing.push(format!("{document}: {path}"));
            }
        }
    }
    assert!(named > 60, "{named} paths are named");
    assert!(missing.is_empty(), "named, and not there: {missing:#?}");
}

/// docs/security.md says which test shows what: each of them is there.
#[test]
fn the_tests_that_the_security_page_names_exist() {
    let page = fs::read_to_string(root().join("docs/security.md")).expect("the page");
    let word = |text: &&str| {
        text.contains('_') && text.chars().all(|c| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).filter(word).collect();
    assert!(named.len() > 40, "{} tests are named", named.len());
    let folders = ["server", "proto", "access-core", "sync-core", "client", "tests/src", "tests/tests"];
    let sources = folders.iter().flat_map(|folder| rust_files(&root().join(folder)));
    let sources: Vec<String> = sources.map(|path| fs::read_to_string(path).expect("a source")).collect();
    let missing: Vec<_> =
        named.into_iter().filter(|name| !sources.iter().any(|text| text.contains(&format!("fn {name}(")))).collect();
    assert!(missing.is_empty(), "named, and not there: {missing:?}");
}
