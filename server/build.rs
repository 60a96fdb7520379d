//! Puts the files of the built portal (`portal/dist`) into the binary. Where there are none, the binary says so on its page.
//! `make portal` builds them and touches this file, so that the first build after it takes them in.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// Encodings that stand beside a file, made when the portal was built.
const ENCODED: [&str; 2] = ["br", "gz"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=OSTEON_PORTAL_DIST");
    let beside = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../portal/dist");
    let dist = env::var_os("OSTEON_PORTAL_DIST").map_or(beside, PathBuf::from);
    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        println!("cargo:rerun-if-changed={}", dist.display());
        list(&dist.canonicalize()?, &mut files)?;
    }
    files.sort();
    let mut code = String::from("pub(super) static FILES: &[File] = &[\n");
    let root = dist.canonicalize().unwrap_or_default();
    for file in files.iter().filter(|file| !is_encoded(file, &files)) {
        let name = file.strip_prefix(&root)?.to_str().ok_or("a file name is no text")?;
        let bytes = |path: &Path| format!("include_bytes!({:?})", path.display().to_string());
        write!(code, "    File {{ path: {name:?}, bytes: {}", bytes(file))?;
        for ending in ENCODED {
            let encoded = PathBuf::from(format!("{}.{ending}", file.display()));
            let bytes = if files.contains(&encoded) { format!("Some({})", bytes(&encoded)) } else { "None".into() };
            write!(code, ", {ending}: {bytes}")?;
        }
        code.push_str(" },\n");
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("portal.rs"), code)?;
    Ok(())
}

/// Whether it is another file in an encoding.
fn is_encoded(file: &Path, files: &[PathBuf]) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ENCODED.contains(&ending) && files.contains(&file.with_extension(""))
}

fn list(dir: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else if path.file_name().is_some_and(|name| name != ".gitkeep") {
            files.push(path);
        }
    }
    Ok(())
}
