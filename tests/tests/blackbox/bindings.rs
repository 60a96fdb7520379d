//! The phone core through UniFFI: bindings of three languages are written, and an app in Python lives on the real server.

use std::{path::Path, process::Command as Plain};

use osteon_tests::{
    server::{Server, Setup},
    tools,
};
use tokio::process::Command;

use crate::clients::Script;

/// Writes a language's bindings of the library that was built with these tests.
fn write(language: &str, to: &Path) {
    let library = tools::mobile_library().expect("the library for phones");
    let out = Plain::new(tools::uniffi_bindgen().expect("uniffi-bindgen"))
        .args(["generate", "--no-format", "--language", language, "--out-dir"])
        .arg(to)
        .arg("--library")
        .arg(&library)
        .current_dir(tools::root())
        .output()
        .expect("uniffi-bindgen runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

fn holds(folder: &Path, file: &str, words: &[&str]) {
    let text = std::fs::read_to_string(folder.join(file)).expect("the bindings are written");
    for word in words {
        assert!(text.contains(word), "{file} has no {word}");
    }
}

#[test]
fn kotlin_and_swift_have_the_same_records() {
    let folder = tempfile::tempdir().expect("a folder");
    write("kotlin", folder.path());
    holds(folder.path(), "uniffi/osteon_mobile/osteon_mobile.kt", &["data class PainEntry", "suspend fun `sync`"]);
    write("swift", folder.path());
    holds(folder.path(), "osteon_mobile.swift", &["public struct PainEntry", "open func sync(", "async throws"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_in_python_keeps_a_journal() {
    let server = Server::start(Setup::default()).expect("server");
    let folder = tempfile::tempdir().expect("a folder");
    write("python", folder.path());
    let library = tools::mobile_library().expect("the library for phones");
    std::fs::copy(&library, folder.path().join("libosteon_mobile.so")).expect("the library beside its module");
    let patient = server.new_circle("patient").expect("invite");
    let physio = server.invite_into(&patient.short_id, "physiotherapist").expect("invite");
    let mut command = Command::new(tools::python().expect("python"));
    command
        .arg(tools::root().join("tests/clients/python/journal_app.py"))
        .arg(folder.path())
        .arg(format!("https://{}", server.authority()))
        .arg(server.ca_path())
        .args([&patient.short_id, &patient.code, &physio.code])
        .env("PYTHONPATH", folder.path());
    let mut script = Script::start(command);
    for line in ["enrolled patient", "warned R-MSCC-1 EMERGENCY", "versions 2 True", "decided", "done"] {
        assert_eq!(script.line().await, line);
    }
    script.ends_well().await;
}

/// Blocks of a language in the guide.
fn blocks<'g>(guide: &'g str, language: &str) -> Vec<&'g str> {
    let open = format!("```{language}\n");
    guide.split(&open).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// The names that a line calls or makes.
fn names(code: &str) -> impl Iterator<Item = &str> {
    let word = |c: char| !(c.is_alphanumeric() || c == '_');
    code.split_inclusive('(')
        .filter_map(move |part| part.strip_suffix('(')?.rsplit(word).next())
        .filter(|name| !name.is_empty())
}

#[test]
fn the_guide_says_what_the_bindings_have() {
    let guide = std::fs::read_to_string(tools::root().join("docs/mobile-guide.md")).expect("the guide");
    let app = std::fs::read_to_string(tools::root().join("tests/clients/python/journal_app.py")).expect("the app");
    let python = blocks(&guide, "python");
    assert!(python.len() >= 5, "{}", python.len());
    for line in python.iter().flat_map(|block| block.lines()) {
        assert!(app.lines().any(|known| known == line), "no line of the app: {line}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let of_platform = ["resolve"];
    for (language, file) in [("kotlin", "uniffi/osteon_mobile/osteon_mobile.kt"), ("swift", "osteon_mobile.swift")] {
        write(language, folder.path());
        let bindings = std::fs::read_to_string(folder.path().join(file)).expect("the bindings");
        let code = blocks(&guide, language);
        assert!(!code.is_empty());
        for name in code.iter().flat_map(|block| names(block)).filter(|name| !of_platform.contains(name)) {
            let declared = [format!("{name}("), format!("`{name}`("), format!("case {name}"), format!("class {name}")];
            assert!(declared.iter().any(|one| bindings.contains(one)), "{language} has no {name}");
        }
    }
}
