//! Every stored input (`proof/fuzz/corpus`, `proof/fuzz/crashers`) and every seed, run again on stable: no fuzzer is needed
//! to see that what crashed once does not crash again.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use replay::{TARGETS, Target};

fn stored(kind: &str, target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz").join(kind).join(target.name);
    let Ok(entries) = fs::read_dir(&dir) else { return Vec::new() };
    let paths = entries.map(|e| e.expect("an entry").path()).filter(|p| p.is_file());
    let mut all: Vec<_> = paths.map(|p| (p.clone(), fs::read(&p).expect("a stored input"))).collect();
    all.sort();
    all
}

#[test]
fn stored_inputs_crash_no_more() {
    let mut crashed = Vec::new();
    for target in &TARGETS {
        let corpus = stored("corpus", target);
        let crashers = stored("crashers", target);
        assert!(!corpus.is_empty(), "{}: no stored input; `cargo run -p replay --bin seeds` writes them", target.name);
        let mut accepted = 0;
        for (path, input) in corpus.iter().chain(&crashers) {
            match catch_unwind(AssertUnwindSafe(|| (target.run)(input))) {
                Ok(taken) => accepted += usize::from(taken),
                Err(_) => crashed.push(path.display().to_string()),
            }
        }
        println!("{}: {} inputs, {} crashers, {accepted} accepted", target.name, corpus.len(), crashers.len());
        // A format that moved on leaves a corpus that is refused at its first byte, and tests nothing.
        assert!(accepted > 0, "{}: every stored input is refused", target.name);
    }
    assert!(crashed.is_empty(), "these crash: {crashed:#?}");
}

#[test]
fn seeds_are_accepted_and_damaged_seeds_do_no_harm() {
    for target in &TARGETS {
        for (n, seed) in (target.seeds)().iter().enumerate() {
            assert!((target.run)(seed), "{}: its seed {n} is refused", target.name);
            for at in 0..seed.len() {
                (target.run)(&seed[..at]);
                for bit in 0..8 {
                    let mut damaged = seed.clone();
                    damaged[at] ^= 1 << bit;
                    (target.run)(&damaged);
                }
            }
        }
    }
}
