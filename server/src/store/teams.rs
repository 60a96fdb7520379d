//! Changes of a team over many circles, as jobs that survive a restart.

use async_trait::async_trait;

use super::{AccountNo, CircleNo, DeviceNo, StoreError, UnixMs};

/// A change that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTeamChange {
    pub clinic: u64,
    pub account: AccountNo,
    pub device: DeviceNo,
    pub request_id: [u8; 16],
    /// Hash of the request, so that another request under the same id is refused.
    pub fingerprint: [u8; 16],
    pub made_ms: UnixMs,
    pub steps: Vec<TeamStep>,
}

/// Somebody leaves a circle, or joins it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TeamStep {
    pub circle: CircleNo,
    pub account: AccountNo,
    pub role: u8,
    pub joins: bool,
}

/// A job as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamChangeRow {
    pub job: u64,
    pub change: NewTeamChange,
    /// How many steps are behind it, refused ones with them.
    pub done: u32,
    /// (step, reason) of those that were refused.
    pub refused: Vec<(u32, String)>,
    pub finished: bool,
}

const STEP_BYTES: usize = 18;

/// Steps as they lie in the database.
pub(super) fn encode_steps(steps: &[TeamStep]) -> Vec<u8> {
    let mut out = Vec::with_capacity(steps.len() * STEP_BYTES);
    for step in steps {
        out.extend_from_slice(&step.circle.to_be_bytes());
        out.extend_from_slice(&step.account.to_be_bytes());
        out.extend_from_slice(&[step.role, u8::from(step.joins)]);
    }
    out
}

pub(super) fn decode_steps(bytes: &[u8]) -> Option<Vec<TeamStep>> {
    let (chunks, rest) = bytes.as_chunks::<STEP_BYTES>();
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    let step = |chunk: &[u8; STEP_BYTES]| TeamStep {
        circle: number(&chunk[..8]),
        account: number(&chunk[8..16]),
        role: chunk[16],
        joins: chunk[17] != 0,
    };
    rest.is_empty().then(|| chunks.iter().map(step).collect())
}

/// Refusals as they lie in the database: a line each.
pub(super) fn encode_refused(refused: &[(u32, String)]) -> Vec<u8> {
    refused.iter().flat_map(|(step, reason)| format!("{step} {reason}\n").into_bytes()).collect()
}

pub(super) fn decode_refused(bytes: &[u8]) -> Option<Vec<(u32, String)>> {
    let line = |line: &str| {
        let (step, reason) = line.split_once(' ')?;
        Some((step.parse().ok()?, reason.to_owned()))
    };
    std::str::from_utf8(bytes).ok()?.lines().map(line).collect()
}

#[async_trait]
pub trait TeamStore {
    /// Keeps a change. The same request id of the same account: the job that stands, whatever it says.
    async fn put_team_change(&self, change: NewTeamChange) -> Result<TeamChangeRow, StoreError>;
    async fn team_change(&self, job: u64) -> Result<Option<TeamChangeRow>, StoreError>;
    /// How many jobs of the account are not finished.
    async fn team_changes_waiting(&self, account: AccountNo) -> Result<u64, StoreError>;
    /// The oldest job that nobody works on, for whoever asks, until `until_ms`.
    async fn lease_team_change(&self, now_ms: UnixMs, until_ms: UnixMs) -> Result<Option<TeamChangeRow>, StoreError>;
    /// Says how far it is. Only forward: false if somebody else was further.
    async fn move_team_change(
        &self,
        job: u64,
        done: u32,
        refused: &[(u32, String)],
        finished: bool,
        until_ms: UnixMs,
    ) -> Result<bool, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_team_change_reads_as_it_was() {
        let steps = [
            TeamStep { circle: 7, account: u64::MAX, role: 4, joins: false },
            TeamStep { circle: u64::MAX, account: 1, role: 7, joins: true },
        ];
        assert_eq!(decode_steps(&encode_steps(&steps)).as_deref(), Some(&steps[..]));
        assert_eq!(decode_steps(&encode_steps(&steps)[1..]), None);
        let refused = vec![(0, "NOT_FOUND".to_owned()), (9, "LAST_ADMINISTRATOR".to_owned())];
        assert_eq!(decode_refused(&encode_refused(&refused)), Some(refused));
        assert_eq!(decode_refused(b"x"), None);
    }
}
