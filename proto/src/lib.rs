//! The contracts: generated messages and services, the field table read from their options, the splitter that takes
//! record bodies apart without losing a byte, comparable keys of values, checks, labels, statuses and reasons.
//!
//! Start at [`table`]: everything that is true about a field stands there once, read from the `.proto` files.
//! [`split`] is the only way from a body on the wire to what the merge core sees.

pub mod check;
pub mod codec;
pub mod document;
pub mod keys;
pub mod label;
pub mod plain;
pub mod reasons;
pub mod refers;
pub mod split;
pub mod table;
pub mod values;

mod redacted;
pub mod wire;

pub use label::LabelId;

/// The descriptors of every contract with comments and custom options, for reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/osteon.binpb"));

/// The generated code, in the tree of its packages (references between packages need it).
#[allow(clippy::all, clippy::pedantic, missing_docs, rustdoc::all)]
pub mod osteon {
    pub mod meta {
        pub mod v1 {
            tonic::include_proto!("osteon.meta.v1");
        }
    }
    pub mod care {
        pub mod v1 {
            tonic::include_proto!("osteon.care.v1");
        }
    }
    pub mod sync {
        pub mod v1 {
            tonic::include_proto!("osteon.sync.v1");
        }
    }
    pub mod record {
        pub mod v1 {
            tonic::include_proto!("osteon.record.v1");
        }
    }
    pub mod review {
        pub mod v1 {
            tonic::include_proto!("osteon.review.v1");
        }
    }
    pub mod alert {
        pub mod v1 {
            tonic::include_proto!("osteon.alert.v1");
        }
    }
    pub mod attachment {
        pub mod v1 {
            tonic::include_proto!("osteon.attachment.v1");
        }
    }
    pub mod audit {
        pub mod v1 {
            tonic::include_proto!("osteon.audit.v1");
        }
    }
    pub mod export {
        pub mod v1 {
            tonic::include_proto!("osteon.export.v1");
        }
    }
    pub mod identity {
        pub mod v1 {
            tonic::include_proto!("osteon.identity.v1");
        }
    }
    pub mod consent {
        pub mod v1 {
            tonic::include_proto!("osteon.consent.v1");
        }
    }
    pub mod summary {
        pub mod v1 {
            tonic::include_proto!("osteon.summary.v1");
        }
    }
    pub mod target {
        pub mod v1 {
            tonic::include_proto!("osteon.target.v1");
        }
    }
    pub mod task {
        pub mod v1 {
            tonic::include_proto!("osteon.task.v1");
        }
    }
    pub mod circle {
        pub mod v1 {
            tonic::include_proto!("osteon.circle.v1");
        }
    }
    pub mod live {
        pub mod v1 {
            tonic::include_proto!("osteon.live.v1");
        }
    }
    pub mod seen {
        pub mod v1 {
            tonic::include_proto!("osteon.seen.v1");
        }
    }
    pub mod thread {
        pub mod v1 {
            tonic::include_proto!("osteon.thread.v1");
        }
    }
    pub mod server {
        pub mod v1 {
            tonic::include_proto!("osteon.server.v1");
        }
    }
    pub mod worklist {
        pub mod v1 {
            tonic::include_proto!("osteon.worklist.v1");
        }
    }
    pub mod timeline {
        pub mod v1 {
            tonic::include_proto!("osteon.timeline.v1");
        }
    }
    pub mod wake {
        pub mod v1 {
            tonic::include_proto!("osteon.wake.v1");
        }
    }
}

pub use osteon::{
    alert::v1 as alert, attachment::v1 as attachment, audit::v1 as audit, care::v1 as care, circle::v1 as circle,
    consent::v1 as consent, export::v1 as export, identity::v1 as identity, live::v1 as live, meta::v1 as meta,
    record::v1 as record, review::v1 as review, seen::v1 as seen, server::v1 as server, summary::v1 as summary,
    sync::v1 as sync, target::v1 as target, task::v1 as task, thread::v1 as thread, timeline::v1 as timeline,
    wake::v1 as wake, worklist::v1 as worklist,
};
