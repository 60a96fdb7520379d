//! Writes each target's seeds into `proof/fuzz/corpus`. Files of other names, which a fuzzer found, stay.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    for target in &replay::TARGETS {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target.name);
        fs::create_dir_all(&dir)?;
        let seeds = (target.seeds)();
        for (n, seed) in seeds.iter().enumerate() {
            fs::write(dir.join(format!("seed-{n:03}")), seed)?;
        }
        println!("{}: {} seeds", target.name, seeds.len());
    }
    Ok(())
}
