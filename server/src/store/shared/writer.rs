//! The writer: gathers what waits into one transaction, so that many callers share one fsync. It never waits for a
//! group to fill: while one commits, the next gathers.
//!
//! A group that fails as a whole (a row that does not open, a full disk, a lost connection) is run again one by one,
//! so that a bad job takes nobody with it.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use futures_util::future::BoxFuture;
use sqlx::{Acquire as _, Pool, Transaction};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use super::{Conn, Db, flush, load};
use crate::{
    deny::Denial,
    store::{
        AuditRow, CircleNo, Job, StoreError, common::Common, group::Group, open::Limits, statements::portable as sql,
    },
};

pub(super) type RunOp = Box<dyn for<'c> Fn(&'c mut Conn) -> BoxFuture<'c, Result<(), StoreError>> + Send + Sync>;

/// A write beside the circles, behind a savepoint. May be run again.
pub(super) struct Op {
    pub(super) run: RunOp,
    /// What it takes away.
    pub(super) denials: Vec<Denial>,
    /// Shares its transaction with nobody: it removes what a job of the same group would have loaded.
    pub(super) alone: bool,
}
type Done = oneshot::Sender<Result<(), StoreError>>;

/// What waits for the writer.
pub(super) enum Item {
    Job(Job),
    /// Rows that come without a job.
    Audit(Vec<AuditRow>, Done),
    Op(Op, Done),
}

impl Item {
    fn circle(&self) -> CircleNo {
        match self {
            Self::Job(job) => job.needs.circle,
            Self::Audit(..) | Self::Op(..) => 0,
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Job(job) => 1 + job.needs.dots.len().max(job.needs.records.len()),
            Self::Audit(rows, _) => rows.len(),
            Self::Op(..) => 1,
        }
    }

    fn is_alone(&self) -> bool {
        matches!(self, Self::Op(Op { alone: true, .. }, _))
    }

    fn done(self, result: Result<(), StoreError>) {
        match self {
            Self::Job(job) => (job.done)(result),
            // A caller that went away needs no answer.
            Self::Audit(_, done) | Self::Op(_, done) => drop(done.send(result)),
        }
    }
}

/// What is known of one item after its group.
enum Ran {
    Result(Result<(), StoreError>),
    /// The group's time was over before it ran.
    Later,
}

pub(super) struct Lane<M> {
    common: Arc<Common>,
    pool: Pool<Db>,
    queue: mpsc::Receiver<Item>,
    limits: Limits,
    /// Told after each commit, for other nodes.
    moved: M,
}

impl<M: Fn(&[(CircleNo, u64)]) + Send + Sync + 'static> Lane<M> {
    pub(super) fn new(
        common: Arc<Common>,
        pool: Pool<Db>,
        queue: mpsc::Receiver<Item>,
        limits: Limits,
        moved: M,
    ) -> Self {
        Self { common, pool, queue, limits, moved }
    }

    /// Until the queue is closed and empty.
    pub(super) async fn run(mut self) {
        let mut waiting = VecDeque::new();
        while self.gather(&mut waiting).await {
            let mut group = Vec::new();
            let mut weight = 0;
            while let Some(item) = waiting.pop_front() {
                if item.is_alone() && !group.is_empty() {
                    waiting.push_front(item);
                    break;
                }
                weight += item.weight();
                let alone = item.is_alone();
                group.push(item);
                if alone || group.len() >= self.limits.group_jobs || weight >= self.limits.group_weight {
                    break;
                }
            }
            group.sort_by_key(Item::circle);
            for item in self.commit(group).await.into_iter().rev() {
                waiting.push_front(item);
            }
        }
    }

    /// Takes in what waits; waits itself only when there is nothing. False: closed and empty.
    async fn gather(&mut self, waiting: &mut VecDeque<Item>) -> bool {
        if waiting.is_empty() {
            match self.queue.recv().await {
                Some(item) => waiting.push_back(item),
                None => return false,
            }
        }
        while waiting.len() < self.limits.group_jobs {
            match self.queue.try_recv() {
                Ok(item) => waiting.push_back(item),
                Err(_) => break,
            }
        }
        true
    }

    /// Commits the group and answers it. Returns what the group had no time for.
    async fn commit(&self, mut items: Vec<Item>) -> Vec<Item> {
        match self.transaction(&mut items).await {
            Ok(ran) => self.answer(items, ran),
            Err(error) if items.len() == 1 => {
                answer_all(items, error);
                Vec::new()
            }
            Err(error) => {
                tracing::warn!(error = %error, jobs = items.len(), "a group failed and is run one by one");
                for item in items {
                    let mut alone = vec![item];
                    match self.transaction(&mut alone).await {
                        Ok(ran) => drop(self.answer(alone, ran)),
                        Err(error) => answer_all(alone, error),
                    }
                }
                Vec::new()
            }
        }
    }

    fn answer(&self, items: Vec<Item>, ran: Vec<Ran>) -> Vec<Item> {
        let mut later = Vec::new();
        for (item, ran) in items.into_iter().zip(ran) {
            match ran {
                Ran::Result(result) => item.done(result),
                Ran::Later => later.push(item),
            }
        }
        later
    }

    async fn transaction(&self, items: &mut [Item]) -> Result<Vec<Ran>, StoreError> {
        let mut tx = self.pool.begin_with(super::super::BEGIN_WRITE).await?;
        let mut ran: Vec<Ran> = Vec::with_capacity(items.len());
        let circles: BTreeSet<CircleNo> = items.iter().map(Item::circle).filter(|circle| *circle != 0).collect();
        let circles: Vec<CircleNo> = circles.into_iter().collect();
        let mut group =
            if circles.is_empty() { Group::default() } else { load::heads(&mut tx, &self.common, &circles).await? };
        for item in &*items {
            if let Item::Job(job) = item
                && let Some(loaded) = group.circles.get_mut(&job.needs.circle)
            {
                loaded.ask(&job.needs);
            }
        }
        load::fill(&mut tx, &mut group).await?;
        let started = Instant::now();
        let mut denials = Vec::new();
        for item in items {
            if !ran.is_empty() && started.elapsed() > self.limits.group_time {
                ran.push(Ran::Later);
                continue;
            }
            ran.push(Ran::Result(match item {
                Item::Job(job) => group.run(job),
                Item::Audit(rows, _) => {
                    group.audit.extend(rows.iter().cloned());
                    Ok(())
                }
                Item::Op(op, _) => {
                    let done = guarded(&mut tx, op).await;
                    denials.extend(done.is_ok().then(|| op.denials.clone()).into_iter().flatten());
                    done
                }
            }));
        }
        denials.extend(group.denials().cloned());
        let words = flush::group(&mut tx, &self.common, &group).await?;
        // Last before the commit: an entry without its commit takes away nothing that anybody was told of; a commit without
        // its entry would come back with a backup.
        deny(&mut tx, &self.common, &denials).await?;
        tx.commit().await?;
        self.committed(group, words);
        if let Some(warm) = &self.common.warm
            && let Err(error) = warm.committed()
        {
            tracing::warn!(%error, "a server beside was not told of a commit; it looks by itself in a moment");
        }
        Ok(ran)
    }

    /// What is held in memory follows the commit, never runs ahead of it.
    fn committed(&self, group: Group, words: BTreeMap<String, i32>) {
        self.common.cache_words(words);
        let moved = group.moved();
        for (circle, mut loaded) in group.circles {
            if let Some(access) = loaded.writes.access.take() {
                self.common.cache_access(circle, Arc::new(access));
            }
            if let Some(warm) = &self.common.warm {
                warm.moved(circle, loaded);
            }
        }
        if !moved.is_empty() {
            (self.moved)(&moved);
            self.common.wake(moved);
        }
    }
}

fn answer_all(items: Vec<Item>, error: StoreError) {
    let mut error = Some(error);
    for item in items {
        item.done(Err(error.take().unwrap_or(StoreError::Closed)));
    }
}

/// Puts what is taken away on record outside the database, and counts it inside.
pub(super) async fn deny(conn: &mut Conn, common: &Common, denials: &[Denial]) -> Result<(), StoreError> {
    let Some(log) = common.deny_log().filter(|_| !denials.is_empty()) else { return Ok(()) };
    let entries = log.append(denials).await?;
    sqlx::query(sql::DENIED_PUT).bind(entries.cast_signed()).execute(conn).await?;
    Ok(())
}

async fn guarded(tx: &mut Transaction<'static, Db>, op: &mut Op) -> Result<(), StoreError> {
    let mut savepoint = tx.begin().await?;
    let result = (op.run)(&mut savepoint).await;
    match result {
        Ok(()) => savepoint.commit().await?,
        Err(_) => savepoint.rollback().await?,
    }
    result
}
