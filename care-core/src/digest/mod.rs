//! What summaries tell: newest results as bands, change of weight, the newest DXA.
//!
//! Pure, and of few inputs each, so that the server's derived parts and a digest say the same of the same records.

pub mod bones;
pub mod results;
pub mod weights;
