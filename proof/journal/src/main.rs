//! `journal`: the journal work, done by the merge core and by automerge, yrs and loro in one run: what a record costs to
//! make, to edit, to store and to hold, and what becomes of the value that lost.

mod alloc;
mod libraries;
mod library;
mod measure;
mod print;
mod work;

use libraries::{automerge::Automerge, loro::Loro, osteon::Osteon, yrs::Yrs};
use library::Result;

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

const HELP: &str = "journal [--records N] [--rounds N] [--seed N] [--json]
  The same work for each library: N records (10000) of 12 fields of 25 bytes, 20 % edited, 2 % by two at once.
  Times are CPU time, the best of some rounds (5). --json prints the same figures for machines.";

struct Asked {
    records: usize,
    rounds: usize,
    seed: u64,
    json: bool,
}

fn asked() -> Result<Option<Asked>> {
    let mut asked = Asked { records: 10_000, rounds: 5, seed: 1, json: false };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut number = || args.next().ok_or_else(|| format!("{arg} needs a number"));
        match arg.as_str() {
            "--records" => asked.records = number()?.parse::<usize>()?.clamp(1, 1_000_000),
            "--rounds" => asked.rounds = number()?.parse::<usize>()?.clamp(1, 1_000),
            "--seed" => asked.seed = number()?.parse()?,
            "--json" => asked.json = true,
            "--help" | "-h" => return Ok(None),
            other => return Err(format!("{other}: not an option\n{HELP}").into()),
        }
    }
    Ok(Some(asked))
}

fn main() -> Result<()> {
    let Some(asked) = asked()? else {
        println!("{HELP}");
        return Ok(());
    };
    let records = work::records(asked.records, asked.seed);
    let all = [
        measure::measure::<Osteon>(&records, asked.rounds)?,
        measure::measure::<Automerge>(&records, asked.rounds)?,
        measure::measure::<Yrs>(&records, asked.rounds)?,
        measure::measure::<Loro>(&records, asked.rounds)?,
    ];
    if asked.json {
        println!("{:#}", print::json(&all, asked.records, asked.rounds, asked.seed));
    } else {
        print::table(&all);
    }
    Ok(())
}
