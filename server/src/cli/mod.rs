//! The command line: one file per command. Answers go to stdout (text, or one JSON object with `--json`), everything else
//! to stderr. The exit code says how it went.

mod arenas;
mod audit;
mod backup;
mod bench;
mod client;
mod demo;
mod desk;
mod device;
mod doctor;
mod doctor_clinics;
mod epoch;
mod erase;
mod explain;
mod export;
mod files;
mod invite;
mod keys;
mod links;
mod migrate;
mod out;
mod restore;
mod role;
mod rules;
mod serve;
mod token;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

pub use out::Out;

use crate::{config::Settings, telemetry};

/// How a command ended. The help and docs/commands.md show [`EXIT_CODES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    Failed = 1,
    /// The command line is wrong (clap's own code).
    Usage = 2,
    /// The server refused: the reason is printed.
    Refused = 3,
    /// No server answered.
    Unreachable = 4,
    /// `doctor` or `audit verify` found something that has to be put right.
    Unhealthy = 5,
}

const EXIT_CODES: [(Exit, &str); 6] = [
    (Exit::Done, "done"),
    (Exit::Failed, "failed"),
    (Exit::Usage, "wrong command line; nothing was done"),
    (Exit::Refused, "refused by the server"),
    (Exit::Unreachable, "no server answered"),
    (Exit::Unhealthy, "doctor or audit verify found a fault; a rule set file would be refused"),
];

/// Something is missing on the command line that its parser could not ask for.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

const EXAMPLES: &str = "\
Examples:
  osteon serve                                   start on ./osteon-data, port 8443
  osteon serve --data /var/lib/osteon --listen 0.0.0.0:8443
  osteon invite --new-circle --role patient      a code for the first person of a new circle
  osteon doctor                                  is everything in order here?
  osteon audit show --circle d0001               who looked at this patient's record?
  grpcurl -cacert osteon-data/ca.pem localhost:8443 list

Every setting is a flag, an environment variable OSTEON_… or a line in the file of --config.";

/// Osteon: the server of apps that look after the bones of people living with metastatic cancer.
#[derive(Debug, Parser)]
#[command(name = "osteon", version, after_help = after_help(), propagate_version = true, arg_required_else_help = true)]
struct Cli {
    /// One JSON object on stdout instead of text
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server until SIGTERM or Ctrl-C
    Serve(#[command(flatten)] Settings),
    /// A demo clinic on an empty folder: six fictional patients, a server, phones and clinicians that stay alive, lines to paste
    Demo(demo::Args),
    /// A clinician of the demo, online: commands from standard input
    #[command(hide = true)]
    Desk(desk::Args),
    /// Bring the database's schema up to date without serving (`serve` does it too)
    Migrate(#[command(flatten)] Settings),
    /// Make an enrolment code for one person and role: ten minutes, one use
    Invite(invite::Args),
    /// Print an access token for somebody of the demo (demo data directory only)
    Token(token::Args),
    /// Keys of a device, for scripts; a code for one that was away for long
    Device(device::Args),
    /// Ask a running server why a record is as it is: every version, who wrote it, what is in force and why
    Explain(explain::Args),
    /// The epoch of this database, and the start of the next one (drills and tests)
    #[command(hide = true)]
    Epoch(epoch::Args),
    /// Copy the database while the server runs, and look at every row of the copy
    Backup(backup::Args),
    /// Make a backup the database again: what was taken away since stays away, and the epoch is new
    Restore(restore::Args),
    /// Write one patient's own copy: everything that they may read, with its history, and who read it
    Export(export::Args),
    /// Erase one patient for good: the key, the rows, and what devices hold
    Erase(erase::Args),
    /// The key-encryption key: its versions, rotation, what may be retired
    Keys(keys::Args),
    /// The audit: who looked and who changed; whether anybody has changed it since
    #[command(subcommand)]
    Audit(audit::Command),
    /// Check the data directory, keys, certificates, database and disk
    Doctor(#[command(flatten)] Settings),
    /// The built-in rule set, or whether a rule set file would be taken
    Rules(rules::Args),
    /// Measure this server on this machine, beside a bare one over the same TLS and disk
    Bench(bench::Args),
    /// What this binary is made of
    Version,
}

fn after_help() -> String {
    let rows = EXIT_CODES.iter().map(|(exit, what)| format!("  {}  {what}", *exit as u8));
    format!("{EXAMPLES}\n\nExit codes:\n{}", rows.collect::<Vec<_>>().join("\n"))
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::from_arg_matches(&command().get_matches()).unwrap_or_else(|error| error.exit());
    let out = Out::new(cli.json);
    let exit = match run(cli.command, &out) {
        Ok(exit) => exit,
        Err(error) => {
            out.failed(&error);
            exit_of(&error)
        }
    };
    ExitCode::from(exit as u8)
}

/// The command line, without settings of the port in the help of commands that open none (they are understood: one
/// environment serves all).
fn command() -> clap::Command {
    const OPEN_NO_PORT: [&str; 8] = ["migrate", "invite", "token", "doctor", "backup", "restore", "export", "erase"];
    const OF_THE_PORT: [&str; 8] =
        ["listen", "metrics_listen", "http_listen", "cors_origin", "rate_limits", "min_client", "log", "log_format"];
    let mut command = Cli::command();
    for sub in command.get_subcommands_mut().filter(|sub| OPEN_NO_PORT.contains(&sub.get_name())) {
        let hide = |arg: clap::Arg| if OF_THE_PORT.contains(&arg.get_id().as_str()) { arg.hide(true) } else { arg };
        *sub = sub.clone().mut_args(hide);
    }
    // The others want a folder that is there.
    const MAKE_THE_FOLDER: [&str; 5] = ["serve", "demo", "migrate", "invite", "restore"];
    for sub in command.get_subcommands_mut().filter(|sub| MAKE_THE_FOLDER.contains(&sub.get_name())) {
        let default = if sub.get_name() == "demo" { "run/demo" } else { "./osteon-data" };
        let help =
            format!("Folder that holds the database, keys and certificates. Made if absent [default: {default}]");
        let say = |arg: clap::Arg| if arg.get_id() == "data" { arg.help(help.clone()) } else { arg };
        *sub = sub.clone().mut_args(say);
    }
    command
}

fn run(command: Command, out: &Out) -> anyhow::Result<Exit> {
    // Before any key is in memory.
    telemetry::no_core_dumps()?;
    // `serve` asks where it serves first; `bench` opens nobody's data and reads its servers' memory from outside.
    if !matches!(command, Command::Serve(_) | Command::Bench(_)) {
        telemetry::not_dumpable()?;
    }
    match command {
        Command::Serve(settings) => serve::run(settings.resolve()?, out),
        Command::Demo(args) => demo::run(args, out),
        Command::Desk(args) => desk::run(&args),
        Command::Migrate(settings) => migrate::run(&settings.resolve()?, out),
        Command::Invite(args) => invite::run(args, out),
        Command::Token(args) => token::run(args, out),
        Command::Device(args) => device::run(args, out),
        Command::Explain(args) => explain::run(args, out),
        Command::Epoch(args) => epoch::run(args, out),
        Command::Backup(args) => backup::run(args, out),
        Command::Restore(args) => restore::run(args, out),
        Command::Export(args) => export::run(args, out),
        Command::Erase(args) => erase::run(args, out),
        Command::Keys(args) => keys::run(args, out),
        Command::Audit(command) => audit::run(command, out),
        Command::Rules(args) => rules::run(&args, out),
        Command::Doctor(settings) => doctor::run(&settings.resolve()?, out),
        Command::Bench(args) => bench::run(args, out),
        Command::Version => Ok(version(out)),
    }
}

/// A refusal of the server and a server that is not there have codes of their own.
fn exit_of(error: &anyhow::Error) -> Exit {
    if error.downcast_ref::<Usage>().is_some() {
        return Exit::Usage;
    }
    match error.downcast_ref::<tonic::Status>() {
        Some(status) if status.code() == tonic::Code::Unavailable => Exit::Unreachable,
        Some(_) => Exit::Refused,
        None => Exit::Failed,
    }
}

fn version(out: &Out) -> Exit {
    let version = env!("CARGO_PKG_VERSION");
    out.answer(
        &serde_json::json!({
            "osteon": version,
            "contracts": "osteon.*.v1",
            "tls": "rustls on AWS-LC",
            "target": std::env::consts::ARCH,
        }),
        || format!("osteon {version} (contracts osteon.*.v1, rustls on AWS-LC, {})", std::env::consts::ARCH),
    );
    Exit::Done
}

/// A mistyped folder is not made into a database.
fn needs_database(config: &crate::config::Config) -> anyhow::Result<()> {
    match &config.database {
        crate::config::Database::Sqlite(path) if !path.exists() => {
            anyhow::bail!("there is no database at {}", path.display())
        }
        _ => Ok(()),
    }
}

/// A runtime for commands that do one thing.
fn small_runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound_and_says_what_it_does() {
        let mut command = command();
        command.build();
        command.clone().debug_assert();
        for sub in command.get_subcommands() {
            assert!(sub.get_about().is_some(), "{} has no help", sub.get_name());
            for arg in sub.get_arguments().filter(|arg| !arg.is_hide_set()) {
                assert!(arg.get_help().is_some(), "{} {} has no help", sub.get_name(), arg.get_id());
            }
        }
    }

    #[test]
    fn the_help_and_the_docs_have_the_same_exit_codes() {
        let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/commands.md")).expect("docs");
        let of_osteon = docs.split("## osteon-phone").next().expect("a page");
        let help = command().render_long_help().to_string();
        for (exit, what) in EXIT_CODES {
            assert!(of_osteon.contains(&format!("| {} | {what} |", exit as u8)), "{what}");
            assert!(help.contains(&format!("  {}  {what}", exit as u8)), "{what}");
        }
        assert_eq!(of_osteon.matches("\n| ").count(), EXIT_CODES.len() + 1, "no other rows");
    }

    #[test]
    fn only_commands_that_make_the_folder_say_so() {
        let mut command = command();
        command.build();
        let says = |name: &str| {
            let sub = command.find_subcommand(name).expect("the command");
            let data = sub.get_arguments().find(|arg| arg.get_id() == "data").expect("--data");
            data.get_help().expect("help").to_string().contains("Made if absent")
        };
        assert!(["serve", "migrate", "invite"].into_iter().all(says));
        assert!(!["export", "doctor", "backup", "erase"].into_iter().any(says));
    }

    #[test]
    fn a_flag_that_is_global_may_stand_behind_the_command() {
        let cli = Cli::try_parse_from(["osteon", "doctor", "--data-dir", "x", "--json"]).expect("parses");
        assert!(cli.json);
        let Command::Doctor(settings) = cli.command else { panic!("another command") };
        assert_eq!(settings.data.as_deref(), Some(std::path::Path::new("x")));
    }
}
