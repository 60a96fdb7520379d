//! Bounds of the core. Whoever stands at a door checks them; past them the core refuses or says "cannot tell".

/// Live versions of one field. The next write must name one of its own author's (TOO_MANY_VERSIONS).
pub const MAX_LIVE_VERSIONS: usize = 32;

/// Versions of the past that [`last_agreed`](crate::agreed::last_agreed) looks at; past it nothing counts as agreed (blocked).
pub const MAX_AGREED_WALK: usize = 4096;

/// Bytes of one encoded part; more is refused by [`Part::decode`](crate::Part::decode).
pub const MAX_PART_BYTES: usize = 16 << 20;
