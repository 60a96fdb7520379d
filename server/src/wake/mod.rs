//! The way to a sleeping phone. A [`Sender`] knows one kind of push service; [`push`] is web push (UnifiedPush speaks it):
//! RFC 8030 with the content of RFC 8291 and the proof of RFC 8292. What is sent is always the same byte.
//!
//! A push service is an address that a device names: [`guard`] keeps it from being one of ours.

pub mod guard;
pub mod push;

use std::time::Duration;

use async_trait::async_trait;

/// Where and how a device is woken.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Endpoint {
    #[prost(string, tag = "1")]
    pub url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub p256dh: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub auth: Vec<u8>,
}

/// What came of one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    Taken,
    /// The subscription is gone: nobody listens there any more.
    Gone,
    /// Not now. The service may say when.
    Later(Option<Duration>),
}

#[async_trait]
pub trait Sender: Send + Sync {
    async fn send(&self, to: &Endpoint, urgent: bool) -> Sent;
    /// The public key that subscriptions are made for.
    fn public_key(&self) -> &[u8];
    /// Hosts that it sends to.
    fn hosts(&self) -> &guard::Hosts;
}
