//! What the operating system says of a process and its children: CPU, memory, and the core that they run on (proc(5)).

use std::{collections::BTreeMap, fs, time::Duration};

use anyhow::Context;
use rustix::thread::{CpuSet, Pid, sched_getaffinity, sched_setaffinity};

/// A tick of the accounting, on every Linux there is (USER_HZ).
const TICK_MS: u64 = 10;

/// Cores for the server and for the load: two where the machine has two.
#[derive(Clone, Copy, Debug)]
pub struct Cores {
    pub server: Option<usize>,
    pub load: Option<usize>,
}

impl Cores {
    #[must_use]
    pub fn of_this_machine() -> Self {
        let allowed = sched_getaffinity(None).ok();
        let cores: Vec<usize> =
            allowed.map(|set| (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect()).unwrap_or_default();
        match cores[..] {
            [server, load, ..] => Self { server: Some(server), load: Some(load) },
            _ => Self { server: None, load: None },
        }
    }
}

fn set(pid: Option<Pid>, core: usize) -> anyhow::Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(pid, &cores).context("cannot choose a core")
}

/// Puts the calling thread on a core; what it starts from now on is there too.
pub fn pin_thread(core: Option<usize>) -> anyhow::Result<()> {
    core.map_or(Ok(()), |core| set(None, core))
}

/// Puts a process, with every thread and child that it has, on a core.
pub(super) fn pin_tree(root: u32, core: Option<usize>) -> anyhow::Result<()> {
    let Some(core) = core else { return Ok(()) };
    for pid in tree(root) {
        for task in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
            let task = task.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
            if let Some(task) = task {
                // It may have ended meanwhile.
                let _ = set(Some(task), core);
            }
        }
    }
    Ok(())
}

struct Stat {
    parent: u32,
    ticks: u64,
}

/// Parent, and user and system time with that of children that have ended.
fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok());
    let ticks = (11..=14).map(number).sum::<Option<u64>>()?;
    Some(Stat { parent: u32::try_from(number(1)?).ok()?, ticks })
}

fn processes() -> BTreeMap<u32, Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid| Some((pid, stat(pid)?))).collect()
}

fn tree(root: u32) -> Vec<u32> {
    let all = processes();
    let mut found = vec![root];
    let mut at = 0;
    while let Some(&parent) = found.get(at) {
        found.extend(all.iter().filter(|(_, stat)| stat.parent == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    found
}

/// CPU that a process and its children have used so far.
#[must_use]
pub(super) fn used(root: u32) -> Duration {
    let ticks: u64 = tree(root).into_iter().filter_map(stat).map(|stat| stat.ticks).sum();
    Duration::from_millis(ticks * TICK_MS)
}

/// Parent of a process.
#[must_use]
pub(super) fn parent(pid: u32) -> Option<u32> {
    stat(pid).map(|stat| stat.parent)
}

/// Proportional set size, bytes.
#[must_use]
pub(super) fn pss(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()).and_then(|text| text.parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}

/// How much else is going on (one-minute load average).
#[must_use]
pub(super) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("?").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_time_and_memory() {
        let me = std::process::id();
        assert!(pss(me) > 100_000);
        assert!(parent(me).is_some());
        assert!(tree(me).contains(&me));
        assert_eq!(load().parse::<f64>().map(|load| load >= 0.0), Ok(true));
    }
}
