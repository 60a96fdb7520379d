//! Civil days: what prints is what was read, and days follow each other.

use osteon_care_core::Day;
use proptest::prelude::*;

#[test]
fn days_that_are_known() {
    let day = |text| Day::parse(text).unwrap_or_else(|| panic!("{text}"));
    assert_eq!(day("1970-01-01"), Day(0));
    assert_eq!(day("2000-03-01").since(day("2000-02-28")), 2);
    assert_eq!(day("2025-07-07").since(day("2025-01-06")), 182);
    for wrong in [
        "",
        "2025-02-29",
        "1900-02-29",
        "2025-13-01",
        "2025-00-10",
        "2025-1-06",
        "2025-01-06 ",
        "0000-01-01",
        "+025-01-01",
    ] {
        assert_eq!(Day::parse(wrong), None, "{wrong:?}");
    }
}

proptest! {
    #[test]
    fn a_day_is_what_it_prints(number in -719_162..=2_932_896) {
        let day = Day(number);
        prop_assert_eq!(Day::parse(&day.to_string()), Some(day));
        prop_assert!(day.plus(1).civil() > day.civil());
    }

    #[test]
    fn no_text_panics(text in ".{0,12}") {
        let _ = Day::parse(&text);
    }
}
