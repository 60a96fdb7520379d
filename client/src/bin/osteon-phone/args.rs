//! What can be typed.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use osteon_care_core::targets::Topic;
use osteon_client::line::{MAX_LOSS, MAX_ROUND_TRIP_MS};
use osteon_proto::care::GrantCategory;
use osteon_sync_core::device::Depth;

use crate::typed::{category, topic, whom};
pub(crate) use crate::{
    entries::{Eaten, FallArgs, Log, LogArgs, MealKind, StartArgs, ThreadCommand},
    typed::{Whom, code, one_of},
};

/// How a command ended; the help and docs/commands.md show this table.
pub(crate) const EXIT_CODES: [(u8, &str); 7] = [
    (DONE, "done"),
    (FAILED, "failed on this phone: its folder or its data"),
    (USAGE, "nothing was done: the command line is wrong, or there is no such thing here"),
    (NOT_SENT, "the server was not reached; what was to be saved is saved on the phone, not sent"),
    (REFUSED, "refused, by this phone or by the server; what was sent is kept as a draft"),
    (MUST_DECIDE, "a person must decide"),
    (EMERGENCY, "done, and an emergency card was shown: call now"),
];
pub(crate) const DONE: u8 = 0;
pub(crate) const FAILED: u8 = 1;
pub(crate) const USAGE: u8 = 2;
pub(crate) const NOT_SENT: u8 = 3;
pub(crate) const REFUSED: u8 = 4;
pub(crate) const MUST_DECIDE: u8 = 5;
pub(crate) const EMERGENCY: u8 = 10;

/// The table of exit codes for the help.
pub(crate) fn exit_codes() -> String {
    let rows = EXIT_CODES.iter().map(|(code, what)| format!("  {code}  {what}"));
    format!("Exit codes:\n{}", rows.collect::<Vec<_>>().join("\n"))
}

/// A phone in the terminal: write it down without a network, send it, see what your team sees.
#[derive(Parser, Debug)]
#[command(name = "osteon-phone", version, disable_help_subcommand = true, after_help = exit_codes())]
pub(crate) struct Args {
    /// The folder that is this phone
    #[arg(long, env = "OSTEON_PHONE_HOME", value_name = "DIR", default_value = ".", global = true)]
    pub(crate) home: PathBuf,
    /// One JSON object instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Which circle, if this phone follows several [default: the first]
    #[arg(long, value_name = "SHORT-ID", global = true)]
    pub(crate) circle: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Make this folder a member's phone: with the code of the invite and --circle, or with the text of its QR code alone
    Enrol {
        /// Eight characters, or all of the QR code's text (osteon:…)
        code: String,
        /// For example https://localhost:8443
        #[arg(long, env = "OSTEON_SERVER")]
        server: String,
        /// The authority that signed the server's certificate, PEM
        #[arg(long, value_name = "FILE", env = "OSTEON_CA")]
        ca: PathBuf,
        #[arg(long, default_value = "phone")]
        name: String,
    },
    /// Write down what happened
    Log(LogArgs),
    /// The plan in force; --set changes it
    Plan(PlanArgs),
    /// Send what waits and receive what is new
    Sync {
        /// Stay, and show what comes
        #[arg(long)]
        watch: bool,
    },
    /// How this phone stands: what waits, what was refused, what is here, whether the server answers
    Status,
    /// What became of what was saved, since this was asked last
    Settled {
        /// Tell it again the next time
        #[arg(long)]
        keep: bool,
    },
    /// Open alerts, as this phone knows them; with ack and a number: you have seen it
    Alerts(AlertsArgs),
    /// What there is to do on a day, out of your plans, as far as this phone has them; each with its number
    Today {
        /// Another day, for example 2027-01-31
        #[arg(long, value_name = "DAY")]
        date: Option<jiff::civil::Date>,
    },
    /// Threads of messages, the newest first, and who reads each; with say and a number: answer
    Threads {
        #[command(subcommand)]
        command: Option<ThreadCommand>,
    },
    /// Tick a task off
    Done(DoneArgs),
    /// What guidelines and labels say for this person, each with its source, beside what the plan has set. Nothing is put into
    /// a plan
    Targets {
        /// One topic alone, for example calcium, protein, water, activity
        #[arg(value_parser = topic)]
        topic: Option<Topic>,
        /// As on another day, for example 2027-01-31
        #[arg(long, value_name = "DAY")]
        on: Option<jiff::civil::Date>,
    },
    /// What happened, day by day, the newest first
    Timeline {
        /// So many days back
        #[arg(long, default_value_t = 14)]
        days: u32,
        /// One type alone, for example pain_entry, fall_entry, exercise_plan
        #[arg(long, value_name = "TYPE")]
        of: Option<String>,
    },
    /// Look through what you wrote yourself, by words or their beginnings
    Find {
        #[arg(required = true)]
        text: Vec<String>,
    },
    /// Take back what you saved last: before it is sent it is as if it had never been, afterwards it is written back
    Undo {
        /// Needed where that lifts a limit
        #[arg(long, default_value = "")]
        why: String,
    },
    /// Every version of an entry; with restore and a number of the list: put that one in force again
    History {
        /// The entry's number (see entries)
        entry: String,
        #[command(subcommand)]
        restore: Option<HistoryCommand>,
    },
    /// The newest entries, with their numbers
    Entries {
        #[arg(long, default_value_t = 10)]
        last: usize,
    },
    /// Where different values stand side by side; with a number and a choice: decide
    #[command(visible_alias = "questions")]
    Disputes {
        #[command(subcommand)]
        decide: Option<DecideCommand>,
    },
    /// Attach a photo (JPEG, PNG, HEIC, WebP) or a PDF to an entry; works offline, and is sent after the entries
    Attach {
        /// The last digits of the entry's number
        entry: String,
        file: PathBuf,
        #[arg(long, default_value = "")]
        why: String,
    },
    /// Bring the photos and papers of an entry here
    Fetch {
        /// The last digits of the entry's number
        entry: String,
        /// Write them into this folder; without it, only say what there is
        #[arg(long, value_name = "FOLDER")]
        to: Option<PathBuf>,
    },
    /// Take a category back from a member; works offline, and wins
    Withdraw {
        /// For example symptoms, activity or C06
        #[arg(value_parser = category)]
        what: GrantCategory,
        /// The member: their role, if they are the only one in it, or the number of their account
        #[arg(long, value_name = "ROLE|ACCOUNT", value_parser = whom)]
        from: Whom,
    },
    /// Share a category with a member until a day (needs the network), or take it back
    Share(ShareArgs),
    /// How much of the circle this phone holds; with a word: full, plan, list, or usual (for the role)
    Depth { wanted: Option<Wanted> },
    /// What was refused and why, with what it says; write it anew, or drop it
    Drafts {
        /// Throw one away, by its place in the list
        #[arg(long, value_name = "N")]
        drop: Option<usize>,
    },
    /// Who may read what of this circle
    WhoSees,
    /// Who looked into your circle, the newest first. Needs the network
    WhoLooked {
        #[arg(long, default_value_t = 20)]
        last: usize,
        /// Also what you looked at yourself
        #[arg(long)]
        all: bool,
    },
    /// What another member may see of what is here: the last two weeks through their eyes
    As {
        /// The member: their role, if they are the only one in it, or the number of their account
        #[arg(value_name = "ROLE|ACCOUNT", value_parser = whom)]
        whom: Whom,
    },
    /// The devices of your account. Needs the network
    Devices,
    /// What the phone keeps behind what it shows: outbox, drafts, cursor; of an entry: its live versions, and why one holds
    Inspect {
        /// The entry's number (see entries)
        entry: Option<String>,
    },
    /// A script that completes these commands in your shell
    Completions { shell: clap_complete::Shell },
    /// What happened to your account: new devices, devices sent away, copies of a device. Needs the network
    Notices {
        /// Also those that you have seen
        #[arg(long)]
        all: bool,
        /// You have seen them, up to this number
        #[arg(long, value_name = "NUMBER")]
        seen: Option<u64>,
    },
    /// Compare what is here with the server
    Check,
    /// Switch this phone's network off or on, or make it bad: offline off --lossy 30%, offline off --slow 2g
    Offline(OfflineArgs),
    /// Sign in after a long time, with the code that the clinic reads out
    SignIn { code: String },
    /// Ask your clinic to erase everything about you, see what it answers, or take it back
    EraseMe(EraseArgs),
    /// Forget everything on this phone; what your team does not have is asked about first
    Wipe {
        /// Also what was not sent
        #[arg(long)]
        yes: bool,
    },
    /// Commands from standard input, with the phone live between them
    #[command(hide = true)]
    Shell,
}

/// The words for how much a phone holds.
pub(crate) const DEPTHS: [(&str, Depth); 3] = [("list", Depth::List), ("plan", Depth::Plan), ("full", Depth::Full)];

#[derive(Clone, Copy, ValueEnum, Debug)]
pub(crate) enum Wanted {
    Full,
    Plan,
    List,
    /// As much as is usual for the role
    Usual,
}

impl Wanted {
    pub(crate) fn depth(self) -> Option<Depth> {
        match self {
            Self::Full => Some(Depth::Full),
            Self::Plan => Some(Depth::Plan),
            Self::List => Some(Depth::List),
            Self::Usual => None,
        }
    }
}

#[derive(Subcommand, Debug)]
pub(crate) enum DecideCommand {
    /// Decide a dispute
    Decide {
        /// The dispute's number in the list
        n: usize,
        /// The version's number in the list
        choice: usize,
        #[arg(long, default_value = "")]
        why: String,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum HistoryCommand {
    /// Put an older version in force again
    Restore {
        /// The version's number in the list
        n: usize,
        #[arg(long, default_value = "")]
        why: String,
    },
}

/// `share symptoms --with nurse --until 2027-01-31`, the same behind `grant`; `share withdraw symptoms --from nurse`.
#[derive(ClapArgs, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ShareArgs {
    #[command(subcommand)]
    pub(crate) command: Option<Sharing>,
    /// For example symptoms, activity or C06
    #[arg(value_parser = category, requires_all = ["with", "until"])]
    what: Option<GrantCategory>,
    /// The member: their role, if they are the only one in it, or the number of their account
    #[arg(long, value_name = "ROLE|ACCOUNT", value_parser = whom)]
    with: Option<Whom>,
    /// The first day on which it is not shared any more, for example 2027-01-31
    #[arg(long, value_name = "DAY")]
    until: Option<jiff::civil::Date>,
}

impl ShareArgs {
    /// What is to be shared, where no word stands before it.
    pub(crate) fn grant(&self) -> Option<GrantArgs> {
        Some(GrantArgs { what: self.what?, with: self.with?, until: self.until? })
    }
}

#[derive(Subcommand, Debug)]
pub(crate) enum Sharing {
    /// Share a category with a member until a day; needs the network
    Grant(GrantArgs),
    /// Take a category back from a member; works offline, and wins
    Withdraw {
        /// For example symptoms, activity or C06
        #[arg(value_parser = category)]
        what: GrantCategory,
        /// The member: their role, if they are the only one in it, or the number of their account
        #[arg(long, value_name = "ROLE|ACCOUNT", value_parser = whom)]
        from: Whom,
    },
}

#[derive(ClapArgs, Debug)]
pub(crate) struct GrantArgs {
    /// For example symptoms, activity or C06
    #[arg(value_parser = category)]
    pub(crate) what: GrantCategory,
    /// The member: their role, if they are the only one in it, or the number of their account
    #[arg(long, value_name = "ROLE|ACCOUNT", value_parser = whom)]
    pub(crate) with: Whom,
    /// The first day on which it is not shared any more, for example 2027-01-31
    #[arg(long, value_name = "DAY")]
    pub(crate) until: jiff::civil::Date,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct EraseArgs {
    /// Ask without a question back
    #[arg(long)]
    pub(crate) yes: bool,
    /// Why; nobody needs a reason
    #[arg(long, value_name = "TEXT", conflicts_with = "take_back")]
    pub(crate) why: Option<String>,
    /// Do not ask any more
    #[arg(long, conflicts_with = "yes")]
    pub(crate) take_back: bool,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct AlertsArgs {
    /// Also which rules cannot tell, and what they miss
    #[arg(long)]
    pub(crate) cannot_tell: bool,
    #[command(subcommand)]
    pub(crate) command: Option<AlertsCommand>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum AlertsCommand {
    /// You have seen it
    Ack {
        /// The alert's number in the list
        n: usize,
        /// You see to it
        #[arg(long)]
        take_over: bool,
    },
}

#[derive(ClapArgs, Debug)]
pub(crate) struct DoneArgs {
    /// The task's number (see today); of a task of today its last four digits are enough
    pub(crate) task: String,
    /// When: 07:30, "yesterday 22:00", "2026-11-18 14:02" [default: now]
    #[arg(long)]
    pub(crate) at: Option<String>,
    /// It was left out
    #[arg(long)]
    pub(crate) skipped: bool,
    /// It was done, although it says to ask first
    #[arg(long)]
    pub(crate) yes: bool,
    /// Send it at once; exit code 3 if that does not work
    #[arg(long)]
    pub(crate) sent: bool,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct PlanArgs {
    #[arg(default_value = "exercise")]
    pub(crate) section: Section,
    /// FIELD=VALUE, for example max_minutes_session=20
    #[arg(long, value_name = "FIELD=VALUE")]
    pub(crate) set: Vec<String>,
    /// Which, where there are several: the number that stands before it
    #[arg(long = "entry", value_name = "NUMBER")]
    pub(crate) of: Option<String>,
    /// Needed where a limit is lifted
    #[arg(long, default_value = "")]
    pub(crate) why: String,
}

#[derive(Clone, Copy, ValueEnum, Debug)]
pub(crate) enum Section {
    Exercise,
    Food,
    Bone,
    Goals,
    Pain,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct OfflineArgs {
    /// off: online. Without --lossy or --slow the line is a good one
    #[arg(required_unless_present_any = ["lossy", "slow"])]
    pub(crate) switch: Option<Switch>,
    /// So many packets of a hundred are lost and sent again (1% to 60%; 3% if not said)
    #[arg(long, value_name = "PERCENT", num_args = 0..=1, default_missing_value = "3%", value_parser = percent, conflicts_with = "slow")]
    pub(crate) lossy: Option<u8>,
    /// And so many milliseconds pass until an answer can come (at most 2000)
    #[arg(long, value_name = "MS", requires = "lossy", value_parser = clap::value_parser!(u16).range(..=i64::from(MAX_ROUND_TRIP_MS)))]
    pub(crate) round_trip: Option<u16>,
    /// As slow as this network
    #[arg(long, value_name = "NETWORK", num_args = 0..=1, default_missing_value = "2g")]
    pub(crate) slow: Option<Network>,
}

/// `30%` or `30`: of packets that are lost.
fn percent(text: &str) -> Result<u8, String> {
    let number = text.trim().trim_end_matches('%').trim_end();
    number
        .parse()
        .ok()
        .filter(|percent| (1..=MAX_LOSS).contains(percent))
        .ok_or_else(|| format!("say how many packets of a hundred are lost: 1% to {MAX_LOSS}%"))
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq, Debug)]
pub(crate) enum Network {
    #[value(name = "2g", alias = "2G")]
    TwoG,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Eq, Debug)]
pub(crate) enum Switch {
    On,
    Off,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_help_and_the_docs_have_the_same_exit_codes() {
        let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/commands.md")).expect("docs");
        let of_phone = docs.split("## osteon-phone").nth(1).expect("its half of the page");
        let help = Args::command().render_long_help().to_string();
        for (code, what) in EXIT_CODES {
            assert!(of_phone.contains(&format!("| {code} | {what} |")), "{what}");
            assert!(help.contains(&format!("  {code}  {what}")), "{what}");
        }
        assert_eq!(of_phone.matches("\n| ").count(), EXIT_CODES.len() + 1, "no other rows");
    }

    #[test]
    fn a_bad_line_is_said_as_people_say_it_or_refused_in_words() {
        let parse = |words: &[&str]| Args::try_parse_from([&["osteon-phone", "offline"], words].concat());
        for (good, lossy) in [
            (&["off", "--lossy", "30%"][..], Some(30)),
            (&["off", "--lossy", "5"], Some(5)),
            (&["off", "--lossy"], Some(3)),
            (&["--lossy"], Some(3)),
            (&["off", "--slow", "2g"], None),
            (&["--slow"], None),
        ] {
            let Command::Offline(read) = parse(good).expect("good").command else { panic!("{good:?}") };
            assert_eq!((read.lossy, read.slow.is_some()), (lossy, lossy.is_none()), "{good:?}");
        }
        for bad in [&["off", "--lossy", "100%"][..], &["off", "--lossy", "0"], &["off", "--slow", "5g"], &[]] {
            assert_eq!(parse(bad).expect_err("refused").exit_code(), i32::from(USAGE), "{bad:?}");
        }
        let far = parse(&["off", "--lossy", "--round-trip", "800"]).expect("a long way").command;
        let Command::Offline(far) = far else { panic!("offline") };
        assert_eq!((far.lossy, far.round_trip), (Some(3), Some(800)));
        for bad in [&["off", "--round-trip", "800"][..], &["off", "--lossy", "--round-trip", "2001"]] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
        let both = parse(&["off", "--lossy", "3%", "--slow", "2g"]).expect_err("refused");
        assert!(both.to_string().contains("cannot be used with"), "{both}");
    }

    #[test]
    fn a_sign_or_a_site_that_nobody_knows_is_refused_with_those_that_are_known() {
        let parse = |words: &[&str]| Args::try_parse_from([&["osteon-phone", "log"], words].concat());
        for good in
            [&["symptom", "leg-weakness"][..], &["symptom", "Chest pain"], &["pain", "6", "lower-back"], &["pain", "6"]]
        {
            assert!(parse(good).is_ok(), "{good:?}");
        }
        for (bad, known) in [(&["symptom", "foo"][..], "limb-weakness"), (&["pain", "6", "foo"], "lower-back")] {
            let refused = parse(bad).expect_err("refused");
            assert_eq!(refused.exit_code(), i32::from(USAGE));
            assert!(refused.to_string().contains(known), "{refused}");
        }
    }
}
