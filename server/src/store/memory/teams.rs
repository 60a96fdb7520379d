//! Changes of a team, in memory.

use async_trait::async_trait;

use super::MemoryStore;
use crate::store::{
    AccountNo, StoreError, TeamStore, UnixMs,
    teams::{NewTeamChange, TeamChangeRow},
};

/// Jobs in the order of their numbers, with the end of their lease.
#[derive(Default)]
pub(super) struct Teams(Vec<(TeamChangeRow, UnixMs)>);

#[async_trait]
impl TeamStore for MemoryStore {
    async fn put_team_change(&self, new: NewTeamChange) -> Result<TeamChangeRow, StoreError> {
        let jobs = &mut self.state().teams.0;
        let same = |row: &TeamChangeRow| (row.change.account, row.change.request_id) == (new.account, new.request_id);
        if let Some((row, _)) = jobs.iter().find(|(row, _)| same(row)) {
            return Ok(row.clone());
        }
        let job = jobs.len() as u64 + 1;
        let row = TeamChangeRow { job, change: new, done: 0, refused: Vec::new(), finished: false };
        jobs.push((row.clone(), 0));
        Ok(row)
    }

    async fn team_change(&self, job: u64) -> Result<Option<TeamChangeRow>, StoreError> {
        Ok(self.state().teams.0.iter().find(|(row, _)| row.job == job).map(|(row, _)| row.clone()))
    }

    async fn team_changes_waiting(&self, account: AccountNo) -> Result<u64, StoreError> {
        let state = self.state();
        let waiting = state.teams.0.iter().filter(|(row, _)| row.change.account == account && !row.finished);
        Ok(waiting.count() as u64)
    }

    async fn lease_team_change(&self, now_ms: UnixMs, until_ms: UnixMs) -> Result<Option<TeamChangeRow>, StoreError> {
        let mut state = self.state();
        let due = state.teams.0.iter_mut().find(|(row, until)| !row.finished && *until <= now_ms);
        Ok(due.map(|(row, until)| {
            *until = until_ms;
            row.clone()
        }))
    }

    async fn move_team_change(
        &self,
        job: u64,
        done: u32,
        refused: &[(u32, String)],
        finished: bool,
        until_ms: UnixMs,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let known = state.teams.0.iter_mut().find(|(row, _)| row.job == job && row.done < done && !row.finished);
        let Some((row, until)) = known else { return Ok(false) };
        (row.done, row.refused, row.finished) = (done, refused.to_vec(), finished);
        *until = until_ms;
        Ok(true)
    }
}
