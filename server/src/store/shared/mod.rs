//! The store over a database, compiled once for each driver: `Db` is the parent module's choice, `bulk` its
//! statements of many rows. What differs between the databases stands there and nowhere here.

mod attachments;
mod audit;
mod browser;
mod clinics;
mod custody;
mod devices;
mod flush;
mod identity;
mod load;
pub(super) mod rows;
mod snapshot;
mod teams;
mod wakes;
mod writer;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use sqlx::{Database, Pool, Row as _};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use self::writer::{Item, Lane, Op};
use super::{Db, bulk, ranges};
use crate::limits;
use crate::store::{
    ANSWERS_KEPT_MS, AccountNo, AuditEntry, AuditRow, CircleNo, CircleRow, DeviceNo, ErasureRow, Job,
    KEPT_HEARD_MINUTES, KEPT_REACHED_MINUTES, Listener, MINUTE_MS, ReadRow, RulesDue, SILENCE_MINUTES, Snapshot, Store,
    StoreError, UnixMs,
    common::Common,
    open::Limits,
    statements::{browser as browsers, portable as sql},
    warm::{Recent, Warm},
};

pub(super) type Conn = <Db as Database>::Connection;
pub(super) type Row = <Db as Database>::Row;

/// A writer and the queue before it.
struct Queue {
    sender: Mutex<Option<mpsc::Sender<Item>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

pub struct SqlStore {
    common: Arc<Common>,
    readers: Pool<Db>,
    writers: Pool<Db>,
    lanes: Vec<Queue>,
    /// Stopped when the store closes.
    background: Mutex<Vec<JoinHandle<()>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SqlStore {
    /// Starts `lanes` writers; each circle has its own, so that its jobs keep their order.
    pub(super) fn start(
        common: Arc<Common>,
        readers: Pool<Db>,
        writers: Pool<Db>,
        lanes: usize,
        limits: Limits,
        background: Vec<JoinHandle<()>>,
        moved: impl Fn(&[(CircleNo, u64)]) + Clone + Send + Sync + 'static,
    ) -> Self {
        let lane = |_| {
            let (sender, queue) = mpsc::channel(limits.queued_jobs);
            let lane = Lane::new(Arc::clone(&common), writers.clone(), queue, limits, moved.clone());
            let task = tokio::spawn(lane.run());
            Queue { sender: Mutex::new(Some(sender)), task: Mutex::new(Some(task)) }
        };
        let lanes = (0..lanes.max(1)).map(lane).collect();
        Self { common, readers, writers, lanes, background: Mutex::new(background) }
    }

    fn sender(&self, circle: CircleNo) -> Result<mpsc::Sender<Item>, StoreError> {
        let lane = usize::try_from(circle % self.lanes.len() as u64).unwrap_or_default();
        locked(&self.lanes[lane].sender).clone().ok_or(StoreError::Closed)
    }

    fn queue(&self, circle: CircleNo, item: Item) -> Result<(), StoreError> {
        self.sender(circle)?.try_send(item).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
        })
    }

    /// Runs a write beside the circles: with one writing connection it rides along with a group; with several it has
    /// a transaction of its own, since it would hold its rows for the whole of a group.
    async fn run(&self, op: Op) -> Result<(), StoreError> {
        if self.lanes.len() == 1 {
            let (done, answer) = oneshot::channel();
            self.queue(0, Item::Op(op, done))?;
            return answer.await.map_err(|_| StoreError::Closed)?;
        }
        for _ in 0..RETRIES {
            match self.alone(&op).await {
                Err(StoreError::Database(error)) if is_conflict(&*error) => {}
                other => return other,
            }
        }
        self.alone(&op).await
    }

    async fn alone(&self, op: &Op) -> Result<(), StoreError> {
        let mut tx = self.writers.begin_with(super::BEGIN_WRITE).await?;
        (op.run)(&mut tx).await?;
        writer::deny(&mut tx, &self.common, &op.denials).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// How often a write is tried again that met another one.
const RETRIES: u32 = 3;

/// Two transactions waited for each other and the database chose one to give up (40P01, 40001).
fn is_conflict(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    let error = error.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
    error.and_then(|error| error.code()).is_some_and(|code| code == "40P01" || code == "40001")
}

impl Drop for SqlStore {
    fn drop(&mut self) {
        for task in locked(&self.background).drain(..) {
            task.abort();
        }
    }
}

#[async_trait]
impl Store for SqlStore {
    fn submit(&self, job: Job) -> Result<(), StoreError> {
        self.queue(job.needs.circle, Item::Job(job))
    }

    async fn snapshot(&self, circle: CircleNo) -> Result<Box<dyn Snapshot>, StoreError> {
        let tx = self.readers.begin_with(super::BEGIN_READ).await?;
        Ok(Box::new(snapshot::SqlSnapshot::open(tx, &self.common, circle).await?))
    }

    async fn snapshot_of(&self, circles: &[CircleNo]) -> Result<Box<dyn Snapshot>, StoreError> {
        let begun = self.common.warm.as_ref().and_then(|warm| Some((warm, warm.begin(circles)?)));
        let tx = self.readers.begin_with(super::BEGIN_READ).await?;
        let opened = snapshot::SqlSnapshot::open_all(tx, &self.common, circles).await;
        if let Some((warm, begun)) = begun {
            for (info, row) in opened.iter().flat_map(snapshot::SqlSnapshot::heads) {
                warm.keep(begun, Arc::clone(info), Arc::clone(row));
            }
            warm.end(begun, circles);
        }
        Ok(Box::new(opened?))
    }

    fn access_moved(&self, circle: CircleNo, generation: u64) -> bool {
        self.common.access_moved(circle, generation)
    }

    fn alone(&self) -> bool {
        self.common.warm.as_ref().is_some_and(Warm::is_alone)
    }

    fn last_committed(&self, circle: CircleNo) -> Option<u64> {
        self.common.warm.as_ref()?.last_committed(circle)
    }

    fn recent(&self, circle: CircleNo, after: u64) -> Option<Box<dyn Snapshot>> {
        let kept = self.common.warm.as_ref()?.recent(circle, after)?;
        let access = self.common.access_at(circle, kept.row.access_generation)?;
        Some(Box::new(Recent::new(kept, access)))
    }

    async fn standing(&self, circles: &[CircleNo]) -> Result<Vec<Arc<CircleRow>>, StoreError> {
        let warm = self.common.warm.as_ref();
        if let Some(standing) = warm.and_then(|warm| warm.standing(circles)) {
            return Ok(standing);
        }
        let begun = warm.and_then(|warm| Some((warm, warm.begin(circles)?)));
        let mut conn = self.readers.acquire().await?;
        let mut standing = Vec::with_capacity(circles.len());
        for row in bulk::heads(&mut conn, circles).await? {
            let circle = rows::number(&row, 0)?;
            let info = load::info(&mut conn, &self.common, circle).await?.ok_or(StoreError::NotFound)?;
            let row = Arc::new(rows::head(&info, &row, 1)?);
            if let Some((warm, begun)) = begun {
                warm.keep(begun, info, Arc::clone(&row));
            }
            standing.push(row);
        }
        if let Some((warm, begun)) = begun {
            warm.end(begun, circles);
        }
        Ok(standing)
    }

    async fn heads(&self, circles: &[CircleNo]) -> Result<Vec<(CircleNo, u64)>, StoreError> {
        let mut conn = self.readers.acquire().await?;
        let found = bulk::heads(&mut conn, circles).await?;
        found.iter().map(|row| Ok((rows::number(row, 0)?, rows::number(row, 1)?))).collect()
    }

    async fn rules_due(&self, now_ms: UnixMs, limit: u32) -> Result<Vec<CircleNo>, StoreError> {
        let query = sqlx::query(sql::RULES_DUE).bind(now_ms.cast_signed()).bind(i64::from(limit));
        query.fetch_all(&self.readers).await?.iter().map(|row| rows::number(row, 0)).collect()
    }

    async fn rules_all_due(&self, at_ms: UnixMs) -> Result<(), StoreError> {
        self.write(move |conn| {
            let query = sqlx::query(sql::RULES_ALL_DUE).bind(at_ms.cast_signed());
            Box::pin(async move { query.execute(conn).await.map(|_| ()).map_err(Into::into) })
        })
        .await
    }

    async fn rules_due_of(&self, circle: CircleNo) -> Result<Option<RulesDue>, StoreError> {
        let query = sqlx::query(sql::RULES_DUE_OF).bind(circle.cast_signed());
        let Some(row) = query.fetch_optional(&self.readers).await? else { return Ok(None) };
        let late_ms: Option<i64> = row.try_get(1)?;
        Ok(Some(RulesDue { at_ms: rows::number(&row, 0)?, late_ms: late_ms.map(i64::cast_unsigned) }))
    }

    async fn rules_late(&self, account: AccountNo) -> Result<Vec<(CircleNo, UnixMs)>, StoreError> {
        let query = sqlx::query(sql::RULES_LATE).bind(account.cast_signed());
        let rows = query.fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((rows::number(row, 0)?, rows::number(row, 1)?))).collect()
    }

    async fn grant_ends_due(&self, now_ms: UnixMs, limit: u32) -> Result<Vec<CircleNo>, StoreError> {
        let query = sqlx::query(sql::GRANT_ENDS_DUE).bind(now_ms.cast_signed()).bind(i64::from(limit));
        query.fetch_all(&self.readers).await?.iter().map(|row| rows::number(row, 0)).collect()
    }

    async fn put_erasure(&self, row: ErasureRow) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let query = sqlx::query(sql::ERASURE_PUT).bind(row.circle.cast_signed()).bind(row.device.cast_signed());
                let query = query.bind(row.seq.cast_signed()).bind(row.account.cast_signed());
                query.bind(i64::from(row.cells)).bind(row.asked_ms.cast_signed()).execute(conn).await?;
                Ok(())
            })
        })
        .await
    }

    async fn confirm_erasures(
        &self,
        circle: CircleNo,
        device: DeviceNo,
        upto: u64,
        now_ms: UnixMs,
    ) -> Result<(), StoreError> {
        self.write(move |conn| {
            Box::pin(async move {
                let query = sqlx::query(sql::ERASURES_CONFIRM).bind(circle.cast_signed()).bind(device.cast_signed());
                query.bind(upto.cast_signed()).bind(now_ms.cast_signed()).execute(conn).await?;
                Ok(())
            })
        })
        .await
    }

    async fn put_reads(&self, rows: Vec<ReadRow>) -> Result<(), StoreError> {
        self.write(move |conn| {
            let rows = rows.clone();
            Box::pin(async move {
                for row in rows {
                    let of = |query| sqlx::query(query).bind(row.circle.cast_signed()).bind(row.device.cast_signed());
                    let put = of(sql::READ_PUT).bind(row.seq.cast_signed()).bind(row.at_ms.cast_signed());
                    put.execute(&mut *conn).await?;
                    let minute = row.minute();
                    let on = of(sql::HEARD_ON).bind(minute.cast_signed());
                    on.bind(minute.saturating_sub(SILENCE_MINUTES).cast_signed()).execute(&mut *conn).await?;
                    of(sql::HEARD_AGAIN).bind(minute.cast_signed()).execute(&mut *conn).await?;
                    let oldest = minute.saturating_sub(KEPT_HEARD_MINUTES);
                    of(sql::HEARD_FORGET).bind(oldest.cast_signed()).execute(&mut *conn).await?;
                    if row.seq > 0 {
                        let put = of(sql::REACHED_PUT).bind(minute.cast_signed()).bind(row.seq.cast_signed());
                        put.execute(&mut *conn).await?;
                        let oldest = minute.saturating_sub(KEPT_REACHED_MINUTES);
                        of(sql::REACHED_FORGET).bind(oldest.cast_signed()).execute(&mut *conn).await?;
                    }
                }
                Ok(())
            })
        })
        .await
    }

    async fn reads_of(&self, circle: CircleNo) -> Result<Vec<ReadRow>, StoreError> {
        let query = sqlx::query(sql::READS_OF).bind(circle.cast_signed());
        let read = |row: &Row| {
            let (device, seq, at_ms) = (rows::number(row, 0)?, rows::number(row, 1)?, rows::number(row, 2)?);
            Ok(ReadRow { circle, device, seq, at_ms })
        };
        query.fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    async fn reached_of(
        &self,
        circle: CircleNo,
        device: DeviceNo,
        limit: u32,
    ) -> Result<Vec<(u64, UnixMs)>, StoreError> {
        let query = sqlx::query(sql::REACHED_OF).bind(circle.cast_signed()).bind(device.cast_signed());
        let read = |row: &Row| Ok((rows::number(row, 1)?, rows::number(row, 0)?.saturating_mul(MINUTE_MS)));
        query.bind(i64::from(limit)).fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    async fn heard_of(&self, circle: CircleNo, limit: u32) -> Result<Vec<(UnixMs, UnixMs)>, StoreError> {
        let query = sqlx::query(sql::HEARD_OF).bind(circle.cast_signed()).bind(i64::from(limit));
        let minute = |row: &Row, at| Ok::<_, StoreError>(rows::number(row, at)?.saturating_mul(MINUTE_MS));
        let read = |row: &Row| Ok((minute(row, 0)?, minute(row, 1)?));
        query.fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    async fn erasures_of(&self, circle: CircleNo, limit: u32) -> Result<Vec<ErasureRow>, StoreError> {
        let query = sqlx::query(sql::ERASURES_OF).bind(circle.cast_signed()).bind(i64::from(limit));
        query.fetch_all(&self.readers).await?.iter().map(|row| rows::erasure(circle, row)).collect()
    }

    async fn audit(&self, rows: Vec<AuditRow>) -> Result<(), StoreError> {
        let Some(circle) = rows.first().filter(|_| self.common.audits).map(|row| row.circle) else { return Ok(()) };
        let (done, answer) = oneshot::channel();
        // Waits for its turn: thousands of streams are told of one commit, and none of them ends for the number of others.
        self.sender(circle)?.send(Item::Audit(rows, done)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    async fn audit_after(&self, circle: CircleNo, after: u64, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let query = sqlx::query(ranges::AUDIT_AFTER).bind(circle.cast_signed()).bind(after.cast_signed());
        let found = query.bind(i64::from(limit)).fetch_all(&self.readers).await?;
        found.iter().map(rows::audit).collect()
    }

    async fn sweep(&self, now_ms: UnixMs) -> Result<u64, StoreError> {
        let answers_before = now_ms.saturating_sub(ANSWERS_KEPT_MS).cast_signed();
        let browsers_before = now_ms.saturating_sub(limits::WEB_SESSION_S.max * 1_000).cast_signed();
        let now = now_ms.cast_signed();
        self.write(move |conn| {
            Box::pin(async move {
                let mut gone = 0;
                for (sql, before) in [
                    (sql::SWEEP_REQUESTS, answers_before),
                    (sql::SWEEP_SESSIONS, now),
                    (sql::SWEEP_INVITES, answers_before),
                    (sql::SWEEP_CODES, now),
                    (browsers::SWEEP_WEB_SESSIONS, browsers_before),
                    (browsers::SWEEP_CHALLENGES, now),
                ] {
                    gone += sqlx::query(sql).bind(before).execute(&mut *conn).await?.rows_affected();
                }
                Ok(gone)
            })
        })
        .await
    }

    fn on_commit(&self, listener: Listener) {
        self.common.listen(listener);
    }

    async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query(sql::PING).execute(&self.readers).await?;
        Ok(())
    }

    async fn close(&self) {
        for lane in &self.lanes {
            drop(locked(&lane.sender).take());
        }
        for lane in &self.lanes {
            let task = locked(&lane.task).take();
            if let Some(task) = task {
                let _ = task.await;
            }
        }
        for task in locked(&self.background).drain(..) {
            task.abort();
        }
        self.readers.close().await;
        self.writers.close().await;
    }

    fn kind(&self) -> &'static str {
        super::KIND
    }
}
