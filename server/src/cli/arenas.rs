//! How many arenas the allocator of glibc keeps. By itself it makes up to eight a core, and every thread of the database's
//! driver fills one of its own with what it frees: a quarter of the memory of a server that has written for a while. The
//! allocator reads the setting when a process begins, so the server begins again, once, under the same process id.

use std::os::unix::process::CommandExt;

const TUNABLES: &str = "GLIBC_TUNABLES";
/// Says that this is the second beginning; also set by whoever wants the allocator as it comes.
const BEGUN: &str = "OSTEON_ARENAS";

/// Returns where there is nothing to set (another C library, a setting of the operator's) or it cannot be set.
pub(super) fn few() {
    if !cfg!(target_env = "gnu") || std::env::var_os(BEGUN).is_some() || std::env::var_os(TUNABLES).is_some() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let arenas = std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
    let mut again = std::process::Command::new(program);
    let mut args = std::env::args_os();
    if let Some(name) = args.next() {
        again.arg0(name);
    }
    again.args(args).env(BEGUN, "1").env(TUNABLES, format!("glibc.malloc.arena_max={arenas}"));
    let error = again.exec();
    tracing::warn!(%error, "the server runs with the allocator as it comes");
}
