//! What settings may say, and what they may not.

use super::*;

#[test]
fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
    let dir = tempfile::tempdir().expect("temp dir");
    let file = dir.path().join("osteon.toml");
    std::fs::write(&file, "listen = \"127.0.0.1:1\"\ntls12 = \"off\"\nlog = \"debug\"\n").expect("write");
    let settings =
        Settings { config: Some(file), listen: Some(SocketAddr::from(([127, 0, 0, 1], 2))), ..Settings::default() };
    let config = settings.resolve().expect("resolves");
    assert_eq!((config.listen.port(), config.tls12, config.log.as_str()), (2, false, "debug"));
    assert_eq!(config.metrics_listen.port(), 9464);
    assert_eq!(config.database, Database::Sqlite(PathBuf::from("osteon-data/osteon.db")));
}

#[test]
fn the_lowest_client_is_a_version() {
    let of = |text: &str| Settings { min_client: Some(text.to_owned()), ..Settings::default() }.resolve();
    assert_eq!(of("2.10.0").expect("resolves").min_client.to_string(), "2.10.0");
    assert!(of("newest").is_err());
}

#[test]
fn a_misspelt_setting_is_an_error() {
    let dir = tempfile::tempdir().expect("temp dir");
    let file = dir.path().join("osteon.toml");
    std::fs::write(&file, "lisen = \"127.0.0.1:1\"\n").expect("write");
    assert!(Settings { config: Some(file), ..Settings::default() }.resolve().is_err());
}

#[test]
fn no_server_runs_without_its_audit_or_rules_but_one_that_is_measured() {
    let dir = tempfile::tempdir().expect("temp dir");
    let given = |part| {
        let data = Some(dir.path().to_owned());
        Settings { data, bench_without: Some(part), ..Settings::default() }.resolve()
    };
    for part in [Measured::Audit, Measured::Rules] {
        assert!(given(part).is_err());
    }
    std::fs::write(dir.path().join(BENCH_MARKER), "").expect("write");
    assert_eq!(given(Measured::Rules).expect("a bench's directory").without, Some(Measured::Rules));
    assert_eq!(Settings::default().resolve().expect("resolves").without, None);
}

#[test]
fn what_would_open_the_house_is_refused() {
    let open = Some(SocketAddr::from(([0, 0, 0, 0], 1)));
    assert!(Settings { metrics_listen: open, ..Settings::default() }.resolve().is_err());
    let local = Some(SocketAddr::from(([127, 0, 0, 1], 1)));
    let dir = tempfile::tempdir().expect("temp dir");
    let data = Some(dir.path().join("data"));
    assert!(Settings { http_listen: local, data: data.clone(), ..Settings::default() }.resolve().is_err());
    mark_demo(&dir.path().join("data")).expect("an empty folder becomes a demo");
    assert!(Settings { http_listen: local, data, ..Settings::default() }.resolve().is_ok());
    for origin in ["*", "portal.example.org", "https://a.example/x", "https://a.example/"] {
        let cors_origin = Some(vec![origin.to_owned()]);
        assert!(Settings { cors_origin, ..Settings::default() }.resolve().is_err(), "{origin}");
    }
}

#[test]
fn browsers_and_providers_are_reached_in_private() {
    for (url, private) in [
        ("https://login.hospital.example/realms/a", true),
        ("http://localhost:8080", true),
        ("http://127.0.0.1:1", true),
        ("http://login.hospital.example", false),
        ("http://localhost.evil.example", false),
        ("ftp://localhost", false),
        ("localhost", false),
    ] {
        assert_eq!(is_private(url), private, "{url}");
    }
    let web_origin = Some("http://osteon.example".to_owned());
    assert!(Settings { web_origin, ..Settings::default() }.resolve().is_err());
    let file = "[oidc]\nissuer = \"https://login.example\"\nclient-id = \"osteon\"\n";
    let settings: Settings = toml::from_str(file).expect("understood");
    assert_eq!(settings.resolve().expect("resolves").oidc.expect("a provider").client_id, "osteon");
    assert!(toml::from_str::<Settings>(&file.replace("client-id", "klient")).is_err());
}

#[test]
fn a_real_data_directory_never_becomes_a_demo() {
    let dir = tempfile::tempdir().expect("temp dir");
    std::fs::write(dir.path().join("osteon.db"), "x").expect("write");
    assert!(mark_demo(dir.path()).is_err());
    assert!(!is_demo(dir.path()));
}

#[test]
fn what_is_wrong_with_a_file_is_said_without_showing_it() {
    for (text, line) in [
        ("data = \"/srv\"\ndatabase = postgres://u:secret@h/d\n", "line 2"),
        ("database = [\"secret\"]\n", "line 1"),
        ("tls12 = \"secret\"\n", "line 1"),
        ("\n\nsecret = 1\n", "line 3"),
    ] {
        let said = format!("{:#}", understand(text).expect_err("refused"));
        assert!(said.contains(line) && !said.contains("secret"), "{said}");
    }
}

#[test]
fn a_password_in_the_url_is_not_printed() {
    let settings =
        Settings { database: Some(DatabaseUrl("postgres://u:secret@h/d".to_owned())), ..Settings::default() };
    assert!(!format!("{:?}", settings.resolve().expect("resolves")).contains("secret"));
}
