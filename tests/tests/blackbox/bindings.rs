//! The phone core through UniFFI: bindings of three languages are written, and apps in Python, Kotlin and Swift live on the
//! real server.

use std::{
    io::Write,
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

/// Where a compiler of Swift is on the path: nothing that these tests install has one.
#[tokio::test(flavor = "multi_thread")]
async fn an_app_in_swift_keeps_a_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    write("swift", folder.path());
    if Plain::new("swiftc").arg("--version").output().is_err() {
        // Not by a macro: what those print is dropped when a test passes.
        let _ = writeln!(std::io::stderr(), "swift: not compiled here (no compiler)");
        return;
    }
    let library = tools::mobile_library().expect("the library for phones");
    let libraries = library.parent().expect("its folder");
    let app = folder.path().join("journal");
    let out = Plain::new("swiftc")
        .args(["-parse-as-library", "-module-name", "osteon_mobile", "-losteon_mobile", "-Xcc"])
        .arg(format!("-fmodule-map-file={}", folder.path().join("osteon_mobileFFI.modulemap").display()))
        .arg("-L")
        .arg(libraries)
        .args(["-Xlinker", "-rpath", "-Xlinker"])
        .arg(libraries)
        .arg("-o")
        .args([app.clone(), folder.path().join("osteon_mobile.swift"), swift_app()])
        .output()
        .expect("swiftc runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let lines = [
        "enrolled patient",
        "warned R-MSCC-1 emergency",
        "refused OUT_OF_RANGE pain_entry.worst_24h",
        "sent 2",
        "versions 2 true",
        "decided",
        "done",
    ];
    keeps_a_journal(Command::new(app), folder.path(), &lines).await;
}

fn swift_app() -> PathBuf {
    tools::root().join("tests/clients/swift/JournalApp.swift")
}

/// Blocks of a language in the guide.
fn blocks<'g>(guide: &'g str, language: &str) -> Vec<&'g str> {
    let open = format!("```{language}\n");
    guide.split(&open).skip(1).filter_map(|rest| rest.split("```").next()).collect()
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
    let apps = [("python", python, 5), ("kotlin", kotlin_app(), 7), ("swift", vec![swift_app()], 2)];
    for (language, files, at_least) in apps {
        let app: String = files.iter().map(|path| std::fs::read_to_string(path).expect("the app")).collect();
        let blocks = blocks(&guide, language);
        assert!(blocks.len() >= at_least, "{language}: {}", blocks.len());
        for line in blocks.iter().flat_map(|block| block.lines()) {
            assert!(app.lines().any(|known| known == line), "no line of the app in {language}: {line}");
        }
    }
}
