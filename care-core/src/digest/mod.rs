//! What summaries tell: newest results as bands, change of weight, the newest DXA; and one page of a period ([`page`]).
//!
//! Pure, and of few inputs each, so that the server's derived parts and a digest say the same of the same records.

pub mod bones;
pub mod changes;
pub mod page;
pub mod results;
pub mod weights;
