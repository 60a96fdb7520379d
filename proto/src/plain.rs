//! Free text on its way to a terminal or into one line of a screen.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_somebody_else_stays_one_harmless_line() {
        assert_eq!(plain("left hip, 2 cm"), "left hip, 2 cm");
        assert_eq!(plain("\u{1b}[2J\u{1b}[31mESC\nFAKE LINE\u{202e}"), "\u{fffd}[2J\u{fffd}[31mESC FAKE LINE\u{fffd}");
        assert_eq!(plain("Hüfte – 痛い"), "Hüfte – 痛い");
    }
}
