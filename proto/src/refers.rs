//! How a field names an attachment: the text `sha256:` and 64 lower-case hexadecimal digits; and how files of each media type
//! begin. Server and phone go by the same.

use std::fmt::Write as _;

use crate::{
    attachment::MediaType,
    meta::Format,
    table::{FieldInfo, Kind},
    values::{self, Value},
};

const PREFIX: &str = "sha256:";
const DIGITS: usize = 64;

/// The text that stands in a field.
pub fn text(sha256: &[u8; 32]) -> String {
    let mut out = PREFIX.to_owned();
    for byte in sha256 {
        // Into a string nothing fails.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// The attachment that a text names.
pub fn parse(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix(PREFIX).filter(|digits| digits.len() == DIGITS)?.as_bytes();
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut out = [0; 32];
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(out)
}

/// Whether the field, or a field of the message in it, may name one.
pub fn may_refer(field: &FieldInfo) -> bool {
    let inner = match &field.kind {
        Kind::Message(shape) => shape.fields.iter().any(may_refer),
        _ => false,
    };
    inner || field.format == Format::Attachment
}

/// The attachments that this chunk of the field names.
pub fn named(field: &FieldInfo, chunk: &[u8]) -> Vec<[u8; 32]> {
    let of = |value| match value {
        Value::Text(text) if field.format == Format::Attachment => parse(text).into_iter().collect(),
        Value::Message(shape, bytes) => {
            values::fields(shape, bytes).flat_map(|(inner, chunk)| named(inner, chunk)).collect()
        }
        _ => Vec::new(),
    };
    if may_refer(field) { values::values(field, chunk).flat_map(of).collect() } else { Vec::new() }
}

/// Every attachment that some text in these bytes may name. Also of types and fields that this build does not know: what it
/// finds too much stays longer, and nothing that is named is lost.
pub fn all_in(bytes: &[u8]) -> impl Iterator<Item = [u8; 32]> + '_ {
    let whole = PREFIX.len() + DIGITS;
    let starts = bytes.windows(whole).filter(|window| window.starts_with(PREFIX.as_bytes()));
    starts.filter_map(|window| parse(std::str::from_utf8(window).ok()?))
}

/// What a file is, by how it begins: T.81 (JPEG), RFC 2083 (PNG), ISO/IEC 14496-12 and 23008-12 (HEIC), RFC 9649 (WebP),
/// ISO 32000 (PDF).
pub fn media_of(head: &[u8]) -> MediaType {
    let at = |from: usize, what: &[u8]| head.get(from..).is_some_and(|rest| rest.starts_with(what));
    let brand = || [b"heic", b"heix", b"mif1", b"msf1", b"hevc"].iter().any(|brand| at(8, *brand));
    if at(0, b"\xff\xd8\xff") {
        MediaType::Jpeg
    } else if at(0, b"\x89PNG\r\n\x1a\n") {
        MediaType::Png
    } else if at(4, b"ftyp") && brand() {
        MediaType::Heic
    } else if at(0, b"RIFF") && at(8, b"WEBP") {
        MediaType::Webp
    } else if at(0, b"%PDF-") {
        MediaType::Pdf
    } else {
        MediaType::Unspecified
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::table;

    #[test]
    fn a_reference_reads_back_and_nothing_else_is_one() {
        let sha = [0xa7; 32];
        let name = text(&sha);
        assert_eq!(parse(&name), Some(sha));
        assert_eq!(parse(&name.to_uppercase()), None);
        assert_eq!(parse(&format!("{name}0")), None);
        assert_eq!(parse(&name.replace('a', "g")), None);
        assert_eq!(parse("in the drawer"), None);
        let within = [b"\x0a\x47".as_slice(), name.as_bytes(), b"\x10\x01", name.as_bytes(), b"sha256:77"].concat();
        assert_eq!(all_in(&within).collect::<Vec<_>>(), [sha, sha]);
    }

    #[test]
    fn the_fields_that_name_attachments() {
        let all = table().types().iter().flat_map(|known| {
            let fields = known.shape.fields.iter().filter(|field| may_refer(field));
            fields.map(|field| format!("{}.{}", known.name, field.name)).collect::<Vec<_>>()
        });
        let found: Vec<String> = all.collect();
        assert_eq!(found.len(), 6, "{found:?}");
    }

    #[test]
    fn each_media_type_is_known_by_its_first_bytes() {
        let files: [(MediaType, &[u8]); 6] = [
            (MediaType::Jpeg, b"\xff\xd8\xff\xe0\0\x10JFIF"),
            (MediaType::Png, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
            (MediaType::Heic, b"\0\0\0\x18ftypheic\0\0\0\0"),
            (MediaType::Webp, b"RIFF\x24\0\0\0WEBPVP8 "),
            (MediaType::Pdf, b"%PDF-1.7\n"),
            (MediaType::Unspecified, b"<html>"),
        ];
        for (kind, head) in files {
            assert_eq!(media_of(head), kind);
        }
        assert_eq!(media_of(b""), MediaType::Unspecified);
    }
}
