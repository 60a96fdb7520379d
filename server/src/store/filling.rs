//! Fills the room of a page commit by commit.

use osteon_sync_core::ledger::Room;

use super::PartRow;

pub(super) struct Filling {
    room: Room,
    rows: Vec<PartRow>,
    commit: Option<u64>,
    more: bool,
}

impl Filling {
    pub(super) fn new(room: Room) -> Self {
        Self { room, rows: Vec::new(), commit: None, more: false }
    }

    /// The next row, in the order of commits. `false`: there is no room for the commit that it begins.
    pub(super) fn put(&mut self, commit: u64, row: PartRow) -> bool {
        if self.room.is_full() && self.commit != Some(commit) {
            self.more = true;
            return false;
        }
        self.commit = Some(commit);
        self.room = self.room.without(1, row.bytes());
        self.rows.push(row);
        true
    }

    /// The rows, and whether there may be more.
    pub(super) fn done(self) -> (Vec<PartRow>, bool) {
        (self.rows, self.more || self.room.is_full())
    }
}
