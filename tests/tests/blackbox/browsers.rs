//! The sign-in page in headless Chromium: a passkey by a virtual authenticator, and a hospital's account at a real OpenID
//! provider (npm `oidc-provider`). The scripts in `tests/clients/web/` say line by line what they saw.

use std::{collections::BTreeMap, time::Instant};

use osteon_tests::{
    server::{Server, Setup, free_port},
    tools,
};
use tokio::process::Command;

use crate::clients::Script;

/// What a script said: "what: value" a line, to its end.
async fn said(mut script: Script) -> BTreeMap<String, String> {
    let mut said = BTreeMap::new();
    loop {
        let line = script.line().await;
        let (what, value) = line.split_once(": ").unwrap_or((&line, ""));
        said.insert(what.to_owned(), value.to_owned());
        if what == "wrong" {
            break;
        }
    }
    script.ends_well().await;
    said
}

fn assert_said(said: &BTreeMap<String, String>, what: &str, value: &str) {
    assert_eq!(said.get(what).map(String::as_str), Some(value), "{what}; it said {said:#?}");
}

/// A server, and an invite for the first member of a new circle: (circle, code, account).
fn invited(server: &Server, role: &str) -> (String, String, u64) {
    let invite = server.cli(&["invite", "--new-circle", "--role", role]).expect("invite");
    let text = |name: &str| invite[name].as_str().expect("text").to_owned();
    (text("short_id"), text("code"), invite["account"].as_u64().expect("account"))
}

#[cfg(feature = "passkeys")]
#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_in_chromium_signs_in_and_other_pages_do_not() {
    let server = Server::start(Setup::default()).expect("server");
    let (circle, code, account) = invited(&server, "nurse");
    let mut command = Command::new("node");
    command
        .current_dir(tools::node_clients().expect("node clients"))
        .arg("web/passkey.mjs")
        .arg(format!("https://{}", server.authority()))
        .args([&circle, &code])
        .arg(tools::chromium().expect("chromium"));
    let said = said(Script::start(command)).await;
    let is = |what: &str, value: &str| assert_said(&said, what, value);
    let who = format!("number {account}; {circle}: nurse");
    is("wrong code", "The code is wrong or was used.");
    is("enrolled", &who);
    is("credentials", "1 resident true for localhost");
    is("cookie", "httpOnly true secure true sameSite Strict session true");
    is("script sees", "\"00\"");
    is("grpc-web", &format!("me {account} {circle}"));
    is("grpc-web without the header", "refused PermissionDenied");
    is("another page tries", "blocked blocked");
    is("foreign origin", "403 CROSS_SITE");
    is("same site", "403 CROSS_SITE");
    is("no header", "403 CROSS_SITE");
    is("still there", &format!("me {account} {circle}"));
    is("phished", "401 PASSKEY_INVALID");
    is("late handle", "401 CHALLENGE_INVALID");
    is("signed out", "refused Unauthenticated, cookie gone");
    is("old cookie", "401 SESSION_REVOKED");
    is("signed in", &who);
    is("second passkey", &who);
    assert!(said["nobody verified"].starts_with("/sign-in "), "{said:#?}");
    is("wrong", "[]");
    assert!(!server.log().contains("ow_"), "no token in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_account_is_linked_by_an_invite_and_signs_in() {
    let dir = tempfile::tempdir().expect("temp dir");
    let port = free_port().expect("port");
    let secret = dir.path().join("client.secret");
    std::fs::write(&secret, "a secret of the tests alone\n").expect("file");
    let config = dir.path().join("osteon.toml");
    let text = format!(
        "[oidc]\nissuer = \"http://localhost:{port}\"\nclient-id = \"osteon\"\nname = \"Demo Hospital\"\n\
         client-secret-file = \"{}\"\n",
        secret.display()
    );
    std::fs::write(&config, text).expect("file");
    let setup = Setup::default().arg("--config").arg(config.display().to_string());
    let server = Server::start(setup).expect("server");
    let (circle, code, account) = invited(&server, "physician");
    let mut command = Command::new("node");
    command
        .current_dir(tools::node_clients().expect("node clients"))
        .arg("web/hospital.mjs")
        .arg(format!("https://{}", server.authority()))
        .args([&circle, &code, &port.to_string()])
        .arg(tools::chromium().expect("chromium"));
    let started = Instant::now();
    let said = said(Script::start(command)).await;
    let is = |what: &str, value: &str| assert_said(&said, what, value);
    let who = format!("number {account}; {circle}: physician");
    is("button", "Sign in with Demo Hospital");
    is(
        "not linked",
        "/web/hospital/back The hospital account belongs to nobody here; its first sign-in needs an invite.",
    );
    is("linked", &who);
    is("signed in", &who);
    is("replayed", "The challenge is unknown, was answered already or is too old.");
    is("asked with", "code S256 openid");
    is("wrong", "[]");
    let log = server.log();
    assert!(!log.contains("anna") && !log.contains("ow_"), "neither the person nor a token is in the log");
    println!("the whole way in {:?}", started.elapsed());
}
