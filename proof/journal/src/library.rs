//! What a library has to do to take part.

use crate::work::{Edit, Record};

/// An answer of a library that it gives only to input that it did not make itself, or to our mistake.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

pub(crate) trait Library {
    const NAME: &'static str;
    /// What [`Library::apply`] is given.
    const APPLY_IS: &'static str;
    type Doc;
    /// An edit as it is kept until it is wanted.
    type Sent;
    /// An edit, decoded where the library can do so apart from applying it.
    type Change;

    /// A new record by [`crate::work::AUTHOR`].
    fn make(record: &Record) -> Result<Self::Doc>;

    /// An edit by another replica that was shown the record as `saved`; what would travel. Never measured.
    fn edit_elsewhere(record: &Record, saved: &[u8], replica: u32, edit: &Edit) -> Result<Self::Sent>;

    /// Not measured.
    fn receive(sent: &Self::Sent) -> Result<Self::Change>;

    fn apply(doc: &mut Self::Doc, change: Self::Change) -> Result<()>;

    fn encode(doc: &mut Self::Doc) -> Result<Vec<u8>>;

    fn decode(bytes: &[u8]) -> Result<Self::Doc>;

    /// Every value of a field that a reader can see without going back in time.
    fn values(doc: &Self::Doc, field: usize) -> Result<Vec<String>>;

    /// Whether `lost`, which is not among the values any more, can still be had from the document itself:
    /// `by` wrote it, `encoded` are the document's bytes.
    fn in_history(doc: &Self::Doc, encoded: &[u8], by: u32, field: usize, lost: &str) -> Result<bool>;
}
