//! The phone core through UniFFI: bindings of three languages are written, and apps in Python and Kotlin live on the real
//! server.

use std::{
    path::{Path, PathBuf},
    process::Command as Plain,
};

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
    let folder = tempfile::tempdir().expect("a folder");
    write("python", folder.path());
    let library = tools::mobile_library().expect("the library for phones");
    std::fs::copy(&library, folder.path().join("libosteon_mobile.so")).expect("the library beside its module");
    let mut command = Command::new(tools::python().expect("python"));
    command.arg(tools::root().join("tests/clients/python/journal_app.py")).env("PYTHONPATH", folder.path());
    let lines = ["enrolled patient", "warned R-MSCC-1 EMERGENCY", "versions 2 True", "decided", "done"];
    keeps_a_journal(command, folder.path(), &lines).await;
}

/// Runs an app with a patient and a physiotherapist of one circle; it says these lines, and ends well.
async fn keeps_a_journal(mut command: Command, folder: &Path, lines: &[&str]) {
    let server = Server::start(Setup::default()).expect("server");
    let patient = server.new_circle("patient").expect("invite");
    let physio = server.invite_into(&patient.short_id, "physiotherapist").expect("invite");
    command.arg(folder).arg(format!("https://{}", server.authority())).arg(server.ca_path()).args([
        &patient.short_id,
        &patient.code,
        &physio.code,
    ]);
    let mut script = Script::start(command);
    for line in lines {
        assert_eq!(script.line().await, *line);
    }
    script.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_in_kotlin_keeps_a_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    write("kotlin", folder.path());
    let jar = folder.path().join("journal.jar");
    let out = Plain::new(tools::kotlin()).arg("compile").args([folder.path(), &jar]).output().expect("kotlin.sh runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let library = tools::mobile_library().expect("the library for phones");
    let mut command = Command::new(tools::kotlin());
    command.arg("run").arg(&jar).arg(library.parent().expect("its folder"));
    let lines = [
        "enrolled patient",
        "warned R-MSCC-1 EMERGENCY",
        "refused OUT_OF_RANGE pain_entry.worst_24h",
        "sent 2",
        "versions 2 true",
        "decided",
        "done",
    ];
    keeps_a_journal(command, folder.path(), &lines).await;
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

/// Files of the journal app in Kotlin, without the stubs of the platform.
fn kotlin_app() -> Vec<PathBuf> {
    let app = tools::root().join("tests/clients/kotlin");
    let files = [app.clone(), app.join("android")].into_iter().flat_map(|dir| std::fs::read_dir(dir).expect("the app"));
    let paths = files.map(|file| file.expect("a file").path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "kt")).collect()
}

/// What the guide prints is what was run.
#[test]
fn the_guide_prints_lines_of_the_apps() {
    let guide = std::fs::read_to_string(tools::root().join("docs/mobile-guide.md")).expect("the guide");
    let python = vec![tools::root().join("tests/clients/python/journal_app.py")];
    for (language, files, at_least) in [("python", python, 5), ("kotlin", kotlin_app(), 7)] {
        let app: String = files.iter().map(|path| std::fs::read_to_string(path).expect("the app")).collect();
        let blocks = blocks(&guide, language);
        assert!(blocks.len() >= at_least, "{language}: {}", blocks.len());
        for line in blocks.iter().flat_map(|block| block.lines()) {
            assert!(app.lines().any(|known| known == line), "no line of the app in {language}: {line}");
        }
    }
}

#[test]
fn the_guide_names_in_swift_what_the_bindings_have() {
    let guide = std::fs::read_to_string(tools::root().join("docs/mobile-guide.md")).expect("the guide");
    let folder = tempfile::tempdir().expect("a folder");
    write("swift", folder.path());
    let bindings = std::fs::read_to_string(folder.path().join("osteon_mobile.swift")).expect("the bindings");
    let code = blocks(&guide, "swift");
    assert!(!code.is_empty());
    for name in code.iter().flat_map(|block| names(block)) {
        let declared = [format!("{name}("), format!("case {name}"), format!("class {name}")];
        assert!(declared.iter().any(|one| bindings.contains(one)), "swift has no {name}");
    }
}
