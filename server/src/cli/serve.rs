//! `osteon serve`: settings, log, metrics, the data directory, then the server until a signal.

use anyhow::Context;
use serde_json::json;

use super::{Exit, Out, arenas, links};
use crate::{
    config::{ADDRESS_FILE, BENCH_MARKER, BROWSER_ADDRESS_FILE, CA_FILE, Config, make_data_dir},
    serve::{self, Running},
    site, telemetry,
};

/// A build on a machine without OpenSSL's headers.
const WITHOUT_PASSKEYS: &str =
    if cfg!(feature = "passkeys") { "" } else { " (built without passkeys: OpenSSL's headers were not there)" };

pub(super) fn run(config: Config, out: &Out) -> anyhow::Result<Exit> {
    if !config.data.join(BENCH_MARKER).exists() {
        telemetry::not_dumpable()?;
    }
    telemetry::start_log(config.log_format, &config.log)?;
    arenas::few();
    telemetry::quiet_panics();
    telemetry::more_files();
    make_data_dir(&config.data)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("osteon").build()?;
    let done = runtime.block_on(until_signal(&config, out));
    runtime.shutdown_background();
    done
}

async fn until_signal(config: &Config, out: &Out) -> anyhow::Result<Exit> {
    let metrics = telemetry::start_metrics()?;
    let site = site::open(config).await?;
    site.serve_alone(config).await?;
    site.tell_restores(config).await?;
    let running = serve::start(config, site.house(metrics)).await?;
    let links = links::made(&site.app, running.sign_in.as_deref()).await?;
    announce(config, &running, &links, out)?;
    serve::signal().await?;
    tracing::info!("draining");
    let drained = running.stop().await;
    site.close().await;
    tracing::info!(drained, "stopped");
    Ok(Exit::Done)
}

/// Says where it listens, and leaves the address for the other commands.
///
/// `links`: by which browsers sign in to a demo, by role.
pub(super) fn announce(
    config: &Config,
    running: &Running,
    links: &[(String, String)],
    out: &Out,
) -> anyhow::Result<()> {
    let port = running.address.port();
    let host = if running.address.ip().is_unspecified() || running.address.ip().is_loopback() {
        "localhost".to_owned()
    } else {
        running.address.ip().to_string()
    };
    let url = format!("https://{host}:{port}");
    std::fs::write(config.data.join(ADDRESS_FILE), &url).context("cannot write the address file")?;
    if let Some(sign_in) = &running.sign_in {
        std::fs::write(config.data.join(BROWSER_ADDRESS_FILE), sign_in).context("cannot write the address file")?;
    }
    tracing::info!(address = %running.address, metrics = %running.metrics_address, store = config.database.kind(), "serving");
    let ca = config.data.join(CA_FILE);
    let http = running.http_address.map(|address| format!("http://localhost:{}", address.port()));
    out.answer(
        &json!({
            "url": url,
            "metrics": format!("http://{}/metrics", running.metrics_address),
            "ready": format!("http://{}/ready", running.metrics_address),
            "http": http,
            "sign_in": running.sign_in,
            "sign_in_links": links.iter().map(|(role, link)| json!({"role": role, "link": link})).collect::<Vec<_>>(),
            "ca": ca.exists().then(|| ca.clone()),
        }),
        || {
            let mut lines = vec![format!("Osteon serves on {url}")];
            if let Some(http) = &http {
                lines.push(format!("Browser on this machine: {http}"));
            }
            if let Some(sign_in) = &running.sign_in {
                lines.push(format!("Sign in with a browser: {sign_in}{WITHOUT_PASSKEYS}"));
            }
            for (role, link) in links {
                lines.push(format!("As the {role}, once, within half an hour: {link}"));
            }
            if ca.exists() {
                lines.push(format!("Try: grpcurl -cacert {} {host}:{port} list", ca.display()));
            }
            lines.push(format!("Metrics: http://{}/metrics", running.metrics_address));
            lines.join("\n")
        },
    );
    Ok(())
}
