//! Black-box tests against the real binary, and the conformance runners.

pub mod merge_vectors;
