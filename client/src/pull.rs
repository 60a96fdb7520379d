//! An open pull: what comes on it, and whether something in between holds it back.

use std::{collections::BTreeMap, pin::Pin, time::Duration};

use osteon_proto::{sync, wire::device::asking::Until};
use osteon_sync_core::device::Ticket;
use tokio::time::Instant;
use tonic::Streaming;

use crate::{
    error::{Error, Result},
    sync::silent,
    transport::{CALL_TIMEOUT, FIRST_WORD, STREAM_SILENCE},
};

/// An open pull: its stream, and per circle the cursor that the next page follows.
pub(crate) struct Pull {
    pub(crate) ticket: Ticket,
    opened: Opened,
    until: Until,
    /// When something was heard last; at first, when it was asked.
    heard: Instant,
    spoke: bool,
    pub(crate) asked: BTreeMap<u64, Vec<u8>>,
}

/// A proxy may hold back even the beginning of an answer.
enum Opened {
    Coming(Coming),
    Here(Box<Streaming<sync::PullResponse>>),
}

type Coming = Pin<Box<dyn Future<Output = Result<Streaming<sync::PullResponse>>> + Send>>;

impl Pull {
    pub(crate) fn asked(ticket: Ticket, until: Until, asked: BTreeMap<u64, Vec<u8>>, coming: Coming) -> Self {
        Self { ticket, opened: Opened::Coming(coming), until, heard: Instant::now(), spoke: false, asked }
    }

    /// What comes next, or that nothing has come for too long. Whoever stops waiting for it loses nothing.
    pub(crate) async fn message(&mut self) -> Result<Option<sync::PullResponse>> {
        let until = self.heard + self.silence();
        let message = async {
            loop {
                match &mut self.opened {
                    Opened::Coming(coming) => self.opened = Opened::Here(Box::new(coming.as_mut().await?)),
                    Opened::Here(stream) => return stream.message().await.map_err(Error::from),
                }
            }
        };
        let message = tokio::time::timeout_at(until, message).await.unwrap_or_else(|_| Err(silent()))?;
        (self.heard, self.spoke) = (Instant::now(), true);
        Ok(message)
    }

    /// How long nothing may be heard.
    fn silence(&self) -> Duration {
        match (self.until, self.spoke) {
            (Until::Gone, false) => FIRST_WORD,
            (Until::Head, false) => CALL_TIMEOUT,
            _ => STREAM_SILENCE,
        }
    }

    /// It ends by itself only with the connection.
    pub(crate) fn goes_on(&self) -> bool {
        self.until == Until::Gone
    }

    /// It was to go on, and has said nothing for as long as that takes.
    pub(crate) fn is_held_back(&self) -> bool {
        self.until == Until::Gone && self.heard.elapsed() >= self.silence()
    }
}
