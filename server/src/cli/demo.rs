//! `osteon demo`: a demo clinic on an empty data directory, a server on it, phones and clinicians that stay alive, and
//! lines to paste. Ends with Ctrl-C.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use osteon_proto::meta::Role;
use osteon_sync_core::RecordId;

use super::{Exit, Out, links, role, serve::announce, token};
use crate::{
    app::enrol,
    clock::{Clock, SetClock, SystemClock},
    config::{ADDRESS_FILE, CA_FILE, Config, Database, Settings, mark_demo},
    demo::{
        self, STORIES, Seeded,
        alive::{Alive, Stage},
        lines,
    },
    ids::uuid_v7,
    serve, site, telemetry,
};

const HTTP_PORT: u16 = 8080;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What the ninety days of journal are drawn from
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Seconds between the steps of the phones' story
    #[arg(long, value_name = "SECONDS", default_value_t = 4.0)]
    pace: f64,
    /// End after one round of the story
    #[arg(long)]
    once: bool,
    /// Make the clinic and end; `osteon serve` goes on from there. Prints how its people get phones of their own
    #[arg(long, conflicts_with = "once")]
    seed_only: bool,
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(args: Args, out: &Out) -> anyhow::Result<Exit> {
    let mut settings = args.settings.clone();
    let data = settings.data.get_or_insert_with(|| PathBuf::from("run/demo")).clone();
    mark_demo(&data)?;
    settings.http_listen.get_or_insert_with(|| for_browsers(HTTP_PORT));
    settings.log.get_or_insert_with(|| "error".to_owned());
    let config = settings.resolve()?;
    if let Database::Sqlite(path) = &config.database
        && path.exists()
    {
        bail!(
            "{} has been seeded already: give the demo an empty folder, or `osteon serve` on this one",
            data.display()
        );
    }
    telemetry::start_log(config.log_format, &config.log)?;
    telemetry::quiet_panics();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("osteon").build()?;
    if !args.seed_only {
        let _inside = runtime.enter();
        drop(serve::listeners(&config)?);
    }
    eprintln!(
        "Making a demo clinic in {}: six patients, {} days of journal. A few seconds.",
        data.display(),
        demo::DAYS
    );
    let done = runtime.block_on(show(&args, &config, out));
    runtime.shutdown_background();
    done
}

/// Where browsers find the demo over plain http, unless somebody says: this port, or any other where it is taken, so that no
/// other program's pages stand behind the address that is printed, and nothing is seeded for an address that cannot be had.
fn for_browsers(port: u16) -> SocketAddr {
    let local = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if TcpListener::bind(local(port)).is_ok() { local(port) } else { local(0) }
}

async fn show(args: &Args, config: &Config, out: &Out) -> anyhow::Result<Exit> {
    let started = std::time::Instant::now();
    let seeded = seed(args, config).await?;
    println!(
        "DEMO CLINIC. Six fictional patients, {} days of journal ({} entries), made in {:.1} s:",
        demo::DAYS,
        seeded.records,
        started.elapsed().as_secs_f64()
    );
    for (case, story) in STORIES {
        println!("  {case}  {story}");
    }
    println!();
    if args.seed_only {
        print_people(config, &seeded);
        return Ok(Exit::Done);
    }
    let metrics = telemetry::start_metrics()?;
    let site = site::open(config).await?;
    site.serve_alone(config).await?;
    site.tell_restores(config).await?;
    let running = serve::start(config, site.house(metrics)).await?;
    let links = links::made(&site.app, running.sign_in.as_deref()).await?;
    announce(config, &running, &links, out)?;
    let url = std::fs::read_to_string(config.data.join(ADDRESS_FILE)).context("the server's address")?;
    print_lines(config, &site, &seeded, &url).await?;
    print_sign_in(config, &site, &seeded, running.sign_in.as_deref()).await?;
    let told = tokio::select! {
        told = story(args, config, &site, &seeded, &url) => told,
        stopped = serve::signal() => stopped.map(|_| ()),
    };
    println!("\nStopping.");
    running.stop().await;
    site.close().await;
    told.map(|()| Exit::Done)
}

/// The ninety days, on a site of its own under a clock that walks.
async fn seed(args: &Args, config: &Config) -> anyhow::Result<Seeded> {
    let now_ms = SystemClock.now_ms();
    let clock = Arc::new(SetClock::at(now_ms));
    let site = site::open_at(config, Arc::clone(&clock) as Arc<dyn Clock>).await?;
    let seeded = demo::seed(Arc::clone(&site.app), clock, now_ms, args.seed).await;
    site.close().await;
    seeded.context("the demo clinic")
}

async fn story(args: &Args, config: &Config, site: &site::Site, seeded: &Seeded, url: &str) -> anyhow::Result<()> {
    let pace = Duration::try_from_secs_f64(args.pace).context("--pace wants seconds")?;
    for phone in &seeded.phones {
        println!(
            "Phone {:<5} is that of {}, in {}.",
            phone.name,
            phone.who,
            config.data.join("phones").join(phone.name).display()
        );
    }
    let mut keys = Vec::new();
    for desk in &seeded.desks {
        println!("Desk  {:<5} is that of {}: a program that speaks RecordService.", desk.name, desk.who);
        let role = Role::try_from(i32::from(desk.role)).unwrap_or_default();
        token::own_device(&site.app, config, desk.circle, desk.short_id, desk.account, role).await?;
        keys.push(token::key_of(config, desk.account));
    }
    let stage = Stage {
        app: Arc::clone(&site.app),
        data: config.data.clone(),
        url: url.to_owned(),
        ca: config.data.join(CA_FILE),
        program: std::env::args().next().unwrap_or_else(|| "osteon".to_owned()),
        patient: seeded.phones.first().context("the patient's phone")?.clone(),
        pace,
    };
    let mut alive = Alive::start(stage, seeded, &keys).await?;
    for n in 1.. {
        let told = alive.round(n).await;
        if args.once {
            return told;
        }
        if let Err(error) = told {
            println!("\nThe story of the phones ends here: {error:#}. The server goes on; Ctrl-C ends it.");
            return std::future::pending().await;
        }
        println!(
            "\nThe next round begins in a while. Ctrl-C ends the demo; the clinic stays in {}.",
            config.data.display()
        );
        tokio::time::sleep(5 * pace).await;
    }
    Ok(())
}

/// For each of the story's people the line that invites another device of theirs.
fn print_people(config: &Config, seeded: &Seeded) {
    let (program, data) = (std::env::args().next().unwrap_or_else(|| "osteon".to_owned()), config.data.display());
    println!("A code for a phone of:");
    for one in seeded.phones.iter().chain(&seeded.desks) {
        let role = Role::try_from(i32::from(one.role)).unwrap_or_default();
        let (circle, role, account) = (one.short_id, role::word(role), one.account);
        let whose = format!("{}: {}", one.name, one.who);
        println!("{program} invite --data-dir {data} --circle {circle} --role {role} --account {account}   # {whose}");
    }
    println!("Serve it: {program} serve --data-dir {data}");
}

/// A browser's first sign-in, as the nurse.
async fn print_sign_in(
    config: &Config,
    site: &site::Site,
    seeded: &Seeded,
    sign_in: Option<&str>,
) -> anyhow::Result<()> {
    let Some(page) = sign_in else { return Ok(()) };
    let nurse = token::somebody(&site.app, seeded.circle, Role::Nurse).await?;
    let invite = enrol::invite(&site.app, seeded.circle, "d0001", nurse, Role::Nurse as u8).await?;
    let (front, back) = invite.typed.split_at(invite.typed.len() / 2);
    println!("Sign in with a browser, as the nurse: {page}   circle d0001, code {front}-{back} (ten minutes, once)");
    let program = std::env::args().next().unwrap_or_else(|| "osteon".to_owned());
    println!("Another link, later: {program} token --as nurse --link --data-dir {}", config.data.display());
    println!(
        "Another code, later: {program} invite --data-dir {} --circle d0001 --role nurse --account {nurse}\n",
        config.data.display()
    );
    Ok(())
}

async fn print_lines(config: &Config, site: &site::Site, seeded: &Seeded, url: &str) -> anyhow::Result<()> {
    let nurse = token::somebody(&site.app, seeded.circle, Role::Nurse).await?;
    let device = token::own_device(&site.app, config, seeded.circle, "d0001", nurse, Role::Nurse).await?;
    let lanes = site.store.replicas_of(device.device).await?;
    let urgent = lanes.iter().find(|lane| lane.lane == 2).context("the nurse's urgent lane")?;
    let program = std::env::args().next().unwrap_or_else(|| "osteon".to_owned());
    let about = lines::About {
        data: &config.data,
        address: url.trim_start_matches("https://"),
        program: &program,
        circle: seeded.circle,
        exercise_plan: seeded.exercise_plan,
        epoch: urgent.epoch,
        nurse_replica: urgent.n,
        fresh: RecordId(uuid_v7(&*site.clock, &*site.ids)),
        now_ms: site.clock.now_ms(),
    };
    println!("\nPaste these:");
    for (what, line) in lines::lines(&about) {
        println!("\n# {what}\n{line}");
    }
    println!();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_somebody_has_is_left_to_them() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = taken.local_addr().expect("its address").port();
        assert_eq!(for_browsers(port).port(), 0, "any other, and the one that was got is printed");
        drop(taken);
        assert_eq!(for_browsers(port), SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
}
