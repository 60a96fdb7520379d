//! Answers as a connection takes them: nothing that waits in the channel leaves once the session was ended.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio::sync::mpsc;
use tonic::Status;

use super::ended;
use crate::live::{Closed, Ending};

pub struct Told<T> {
    messages: mpsc::Receiver<Result<T, Status>>,
    ending: Ending,
    over: bool,
}

impl<T> Told<T> {
    pub fn new(messages: mpsc::Receiver<Result<T, Status>>, ending: Ending) -> Self {
        Self { messages, ending, over: false }
    }
}

impl<T> tokio_stream::Stream for Told<T> {
    type Item = Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        if self.ending.closed() == Some(Closed::Revoked) {
            self.over = true;
            return Poll::Ready(Some(Err(ended(Closed::Revoked).into())));
        }
        self.messages.poll_recv(cx)
    }
}
