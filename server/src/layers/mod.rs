//! What stands in front of every gRPC call, before its message is decoded: who calls, how often, how long it may take, and
//! that every refusal looks alike. tonic decodes before a handler runs, so a flood or a stranger has to be stopped here.
//!
//! From the outside in: [`origin`] (browsers of other sites), grpc-web, [`gate`] (request id, deadline, token, rates,
//! statuses), then the services. [`rate`] and [`share`]
//! hold limits by address, device, account and clinic. [`methods`] is the list of methods, read from the contracts.

pub mod body;
pub mod cookie;
pub mod gate;
pub mod methods;
pub mod origin;
pub mod rate;
pub mod remap;
pub mod shape;
pub mod share;

use std::net::{IpAddr, SocketAddr};

use async_trait::async_trait;

use crate::error::{Error, Reason};

/// Who calls: what a valid access token says. In the extensions of every request that needs one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub account: u64,
    pub device: u64,
    pub clinic: u64,
    /// The session family: streams are bound to it and end with it.
    pub family: u64,
    /// The device was told to leave: only a few methods are answered.
    pub leaving: bool,
}

/// Names one call, in log lines, audit rows and the answer's `x-request-id`. In the extensions of every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(pub u64);

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// When the caller stops waiting, milliseconds since 1970. In the extensions where the caller set a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(pub u64);

/// The other end of the connection. In the extensions of every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

impl Peer {
    /// What rate limits count by: an IPv4 address, or the /64 of an IPv6 one, which one subscriber has whole.
    #[must_use]
    pub fn network(&self) -> u64 {
        match self.0.ip().to_canonical() {
            IpAddr::V4(v4) => u64::from(u32::from(v4)),
            IpAddr::V6(v6) => (u128::from(v6) >> 64) as u64,
        }
    }
}

/// Turns an access token into a caller.
#[async_trait]
pub trait Authenticator: Send + Sync + 'static {
    /// `Err`: TOKEN_UNKNOWN, TOKEN_EXPIRED, SESSION_REVOKED, …, or INTERNAL where the store fails.
    async fn authenticate(&self, token: &str) -> Result<Caller, Reason>;

    /// The same for the token of a browser's cookie. `by_hand`: a call that keeps the session awake.
    async fn authenticate_cookie(&self, _token: &str, _by_hand: bool) -> Result<Caller, Reason> {
        Err(Reason::TokenUnknown)
    }

    /// The refusal as it is answered: DEVICE_WIPED carries the signed order.
    async fn refusal(&self, _token: &str, reason: Reason) -> Error {
        Error::new(reason)
    }

    /// Is told of calls that were refused, for the audit (aggregated there).
    /// `circle`: the one that the request named, whether it exists or not.
    fn denied(&self, _caller: Option<&Caller>, _circle: Option<u64>, _method: &'static str, _reason: Reason) {}
}
