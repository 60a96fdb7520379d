//! The real binary over TLS, as strangers meet it. One module per theme; helpers in `support`.

mod audit;
mod bad_bodies;
mod bad_calls;
mod bad_chains;
mod bad_cursors;
mod bad_peers;
mod browsers;
mod canary;
mod circle;
mod clients;
mod demo;
mod devices;
mod durability;
mod epochs;
mod exports;
mod fleet;
mod grpcurl;
mod keeping;
mod nodes;
mod phone;
mod probes;
mod restores;
mod stores;
mod support;
mod tours;
mod transport;
