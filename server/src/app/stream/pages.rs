//! A pull as the connection takes it.

use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use osteon_proto::sync;
use tokio::sync::mpsc;
use tonic::Status;

use super::{Message, ended};
use crate::live::{Closed, Ending};

/// What the connection takes: nothing that waits in the channel leaves once the session was ended.
pub struct Pages {
    pub(super) messages: Messages,
    pub(super) ending: Arc<OnceLock<Ending>>,
    pub(super) over: bool,
}

pub(super) enum Messages {
    /// All that there is to say.
    Said(std::vec::IntoIter<sync::PullResponse>),
    Coming(mpsc::Receiver<Message>),
}

impl tokio_stream::Stream for Pages {
    type Item = Result<sync::PullResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        if self.ending.get().and_then(Ending::closed) == Some(Closed::Revoked) {
            self.over = true;
            return Poll::Ready(Some(Err(ended(Closed::Revoked).into())));
        }
        match &mut self.messages {
            Messages::Said(said) => Poll::Ready(said.next().map(Ok)),
            Messages::Coming(messages) => {
                messages.poll_recv(cx).map(|next| next.map(|message| message.map(|page| *page)))
            }
        }
    }
}
