//! The Osteon server: gRPC in front, one store behind, one merge in the middle. docs/architecture.md is the map.
//!
//! A request reads downwards, once: `rpc` decodes, `access` decides who may, `app` does it, `store` keeps it, `live`
//! tells the others. The files beside the folders are what all of them share.

// store/shared is compiled once for each database driver (docs/architecture.md, "Stores").
#![allow(clippy::duplicate_mod)]

pub mod access;
pub mod app;
pub mod audit;
pub mod bench;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod deny;
pub mod error;
pub mod ids;
pub mod layers;
pub mod limits;
pub mod live;
pub mod oidc;
pub mod proof;
pub mod rpc;
pub mod seal;
pub mod serve;
pub mod site;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod wake;
pub mod web;
