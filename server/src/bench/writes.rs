//! W1 and W1b: writers push what a phone holds, one entry a call or many, each waiting for the durable acknowledgement.

use std::time::Instant;

use tokio::task::JoinSet;

use super::{
    clinic::Device,
    entry::{Entry, entry},
    figures::Measured,
    host::{Host, Kind},
    people::{self, Person},
};

/// How the entries are pushed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Writers at a time.
    pub callers: usize,
    pub entries: u64,
    /// Entries in one call.
    pub batch: usize,
    /// How often: other records each time.
    pub rounds: u64,
    /// Tells the records of one workload from another's.
    pub salt: u64,
}

type Done = anyhow::Result<(Person, Measured)>;

/// Pushes everything; returns the people, who may go on.
pub(super) async fn run(host: &Host, kind: Kind, devices: &[Device], plan: Plan) -> anyhow::Result<Measured> {
    let mut people = people::connect(host, kind, devices).await?;
    // The first statement of each kind is prepared, the first circle's keys are opened: not what is measured.
    let mut total = Measured::default();
    let (cpu, (tcp_up, tcp_down)) = (host.cpu(), host.dialler.tcp.now());
    let started = Instant::now();
    for round in 0..plan.rounds {
        people = one_round(people, plan, plan.salt + round, &mut total).await?;
    }
    total.took = started.elapsed();
    total.cpu = host.cpu().saturating_sub(cpu);
    let now = host.dialler.tcp.now();
    (total.tcp_up, total.tcp_down) = (now.0 - tcp_up, now.1 - tcp_down);
    Ok(total)
}

pub(super) async fn one_round(
    people: Vec<Person>,
    plan: Plan,
    round: u64,
    total: &mut Measured,
) -> anyhow::Result<Vec<Person>> {
    let mut tasks: JoinSet<Done> = JoinSet::new();
    let mut back = Vec::with_capacity(people.len());
    for person in people {
        if tasks.len() >= plan.callers {
            back.extend(take(&mut tasks, total).await?);
        }
        tasks.spawn(writer(person, plan, round));
    }
    while !tasks.is_empty() {
        back.extend(take(&mut tasks, total).await?);
    }
    Ok(back)
}

async fn take(tasks: &mut JoinSet<Done>, total: &mut Measured) -> anyhow::Result<Option<Person>> {
    let Some(done) = tasks.join_next().await else { return Ok(None) };
    let (person, one) = done??;
    total.count += one.count;
    total.up += one.up;
    total.down += one.down;
    total.waits.extend(one.waits);
    Ok(Some(person))
}

async fn writer(mut person: Person, plan: Plan, round: u64) -> Done {
    let mut one = Measured::default();
    let entries: Vec<Entry> = (0..plan.entries).map(|n| entry(person.device.circle, round, n)).collect();
    for batch in entries.chunks(plan.batch) {
        let pushed = person.push(batch).await?;
        one.count += batch.len() as u64;
        one.up += pushed.up;
        one.down += pushed.down;
        one.waits.push(pushed.wait);
    }
    Ok((person, one))
}
