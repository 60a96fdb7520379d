//! Values on their way to a terminal or into one line of a screen: free text made harmless, scaled integers as decimals.

use crate::table::{FieldInfo, table};

/// What somebody else wrote, as one harmless line: no line break, no terminal's escape and nothing that turns the direction
/// of reading gets from one person's text onto another one's screen.
pub fn plain(text: &str) -> String {
    let harmless = |c: char| match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    text.chars().map(harmless).collect()
}
/// A scaled integer as a decimal: a leading zero, no trailing one, thousands apart.
pub fn scaled(n: i128, scale: u32) -> String {
    let power = 10i128.pow(scale.min(18));
    let (whole, part) = (n.unsigned_abs() / power.unsigned_abs(), n.unsigned_abs() % power.unsigned_abs());
    let digits = whole.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    let decimals = format!("{part:0width$}", width = scale as usize);
    let decimals = decimals.trim_end_matches('0');
    let sign = if n < 0 { "−" } else { "" };
    if scale == 0 || decimals.is_empty() { format!("{sign}{text}") } else { format!("{sign}{text}.{decimals}") }
}

/// The words of an enum's number; one that this program does not know says so.
pub fn enum_words(field: &FieldInfo, n: i128) -> String {
    let number = i32::try_from(n).unwrap_or(-1);
    let found = table().pool().get_enum_by_name(&field.type_name).and_then(|e| {
        let prefix = e.get_value(0)?.name().trim_end_matches("UNSPECIFIED").to_owned();
        Some(e.get_value(number)?.name().trim_start_matches(&prefix).to_ascii_lowercase().replace('_', " "))
    });
    found.unwrap_or_else(|| format!("something newer (number {number})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_somebody_else_stays_one_harmless_line() {
        assert_eq!(plain("left hip, 2 cm"), "left hip, 2 cm");
        assert_eq!(plain("\u{1b}[2J\u{1b}[31mESC\nFAKE LINE\u{202e}"), "\u{fffd}[2J\u{fffd}[31mESC FAKE LINE\u{fffd}");
        assert_eq!(plain("Hüfte – 痛い"), "Hüfte – 痛い");
    }

    #[test]
    fn numbers_have_a_leading_zero_no_trailing_one_and_thousands_apart() {
        assert_eq!(scaled(5, 1), "0.5");
        assert_eq!(scaled(50, 1), "5");
        assert_eq!(scaled(30, 1), "3");
        assert_eq!(scaled(1_200, 0), "1,200");
        assert_eq!(scaled(123_456_789, 2), "1,234,567.89");
        assert_eq!(scaled(-25, 1), "−2.5");
    }
}
