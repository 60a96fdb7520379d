//! Instants.

/// A point in time (google.protobuf.Timestamp).
#[derive(Clone, Copy, Default, PartialEq, Eq, uniffi::Record)]
pub struct Timestamp {
    /// Since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    #[uniffi(default = 0)]
    pub nanos: i32,
}

impl From<prost_types::Timestamp> for Timestamp {
    fn from(at: prost_types::Timestamp) -> Self {
        Self { seconds: at.seconds, nanos: at.nanos }
    }
}

impl From<Timestamp> for prost_types::Timestamp {
    fn from(at: Timestamp) -> Self {
        Self { seconds: at.seconds, nanos: at.nanos }
    }
}
