//! JSON in which a number stays the text that it was: most readers turn 0.1 into the nearest binary fraction, and then a
//! vector no longer says what it says.

use std::collections::BTreeMap;

use osteon_care_core::{Exact, exact::decimal_text};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// As it was written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

/// Deeper than this is not read.
const DEPTH: usize = 32;

fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|e| e.to_string())
}

impl Json {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        Self::of(text, DEPTH)
    }

    fn of(text: &str, depth: usize) -> Result<Self, String> {
        let deeper = depth.checked_sub(1).ok_or("nested too deeply")?;
        let text = text.trim_matches([' ', '\t', '\n', '\r']);
        Ok(match text.as_bytes().first() {
            Some(b'[') => {
                let items = read::<Vec<&RawValue>>(text)?;
                Self::List(items.into_iter().map(|item| Self::of(item.get(), deeper)).collect::<Result<_, _>>()?)
            }
            Some(b'{') => {
                let entries = read::<BTreeMap<String, &RawValue>>(text)?.into_iter();
                let entry = |(key, value): (String, &RawValue)| Ok::<_, String>((key, Self::of(value.get(), deeper)?));
                Self::Map(entries.map(entry).collect::<Result<_, _>>()?)
            }
            Some(b'"') => Self::Text(read(text)?),
            _ => match read::<&RawValue>(text)?.get() {
                "null" => Self::Null,
                "true" => Self::Bool(true),
                "false" => Self::Bool(false),
                number => Self::Number(number.to_owned()),
            },
        })
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn list(&self) -> Option<&[Self]> {
        if let Self::List(list) = self { Some(list) } else { None }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl std::fmt::Display for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(yes) => yes.fmt(f),
            Self::Number(number) => f.write_str(number),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::List(list) => {
                let inner: Vec<String> = list.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", inner.join(", "))
            }
            Self::Map(entries) => {
                let inner: Vec<String> = entries.iter().map(|(key, value)| format!("{key:?}: {value}")).collect();
                write!(f, "{{{}}}", inner.join(", "))
            }
        }
    }
}

/// What a core answered, in the words of a file of vectors.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Answer {
    /// Unrounded, and the decimals to which it is shown.
    Number(Exact, u32),
    Word(String),
    Yes(bool),
    Null,
    List(Vec<Answer>),
    Map(Vec<(String, Answer)>),
    /// The names of what is missing.
    CannotTell(Vec<String>),
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(exact, places) => match exact.rounded(*places) {
                Some(units) => f.write_str(&decimal_text(units, *places)),
                None => exact.fmt(f),
            },
            Self::Word(word) => write!(f, "{word:?}"),
            Self::Yes(yes) => yes.fmt(f),
            Self::Null => f.write_str("null"),
            Self::List(list) => {
                let inner: Vec<String> = list.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", inner.join(", "))
            }
            Self::Map(entries) => {
                let inner: Vec<String> = entries.iter().map(|(key, value)| format!("{key:?}: {value}")).collect();
                write!(f, "{{{}}}", inner.join(", "))
            }
            Self::CannotTell(missing) => write!(f, "cannot tell (missing {})", missing.join(", ")),
        }
    }
}

impl Answer {
    /// Whether this is what a file expects. A number is compared at the decimals to which it is shown, or at those that
    /// the file gives if they are more. "Cannot tell" is `null`, a list of nulls, or `{"missing": [names]}`.
    pub(super) fn is(&self, expected: &Json) -> bool {
        match (self, expected) {
            (Self::Number(exact, places), Json::Number(text)) => same_number(*exact, *places, text),
            (Self::Word(word), Json::Text(text)) => word == text,
            (Self::Yes(yes), Json::Bool(expected)) => yes == expected,
            (Self::Null, Json::Null) | (Self::CannotTell(_), Json::Null) => true,
            (Self::CannotTell(missing), Json::Map(_)) => {
                expected.get("missing").is_some_and(|names| is_all(missing, names))
            }
            (Self::CannotTell(_), Json::List(list)) => !list.is_empty() && list.iter().all(Json::is_null),
            (Self::List(found), Json::List(expected)) => {
                found.len() == expected.len() && found.iter().zip(expected).all(|(found, expected)| found.is(expected))
            }
            (Self::Map(found), Json::Map(entries)) => {
                found.len() == entries.len()
                    && found.iter().all(|(key, value)| expected.get(key).is_some_and(|expected| value.is(expected)))
            }
            _ => false,
        }
    }
}

/// The same names, in any order.
fn is_all(missing: &[String], names: &Json) -> bool {
    let Some(names) = names.list() else { return false };
    names.len() == missing.len() && missing.iter().all(|name| names.iter().any(|other| other.text() == Some(name)))
}

fn same_number(exact: Exact, places: u32, text: &str) -> bool {
    let Some(expected) = Exact::parse(text) else { return false };
    let places = places.max(expected.decimals().unwrap_or(0));
    let units = exact.rounded(places);
    units.is_some() && units == expected.rounded(places)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_stay_text() {
        let json =
            Json::parse(r#" {"a" : [0.10, -2 , 1e3,null], "b\"c": {"d":"é\u00e9\n" , "e": true}, "f": [], "g": {}} "#);
        let json = json.expect("JSON");
        assert_eq!(
            json.to_string(),
            r#"{"a": [0.10, -2, 1e3, null], "b\"c": {"d": "éé\n", "e": true}, "f": [], "g": {}}"#
        );
        for wrong in ["", "[", "[1,]", "{\"a\"}", "01", "[1 2]", "tru"] {
            assert!(Json::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Json::parse(&format!("{}1{}", "[".repeat(40), "]".repeat(40))).is_err());
    }

    #[test]
    fn numbers_are_compared_as_they_are_shown() {
        let third = Exact::ratio(1, 3).expect("a third");
        for (expected, same) in
            [("0.3", true), ("0.30", true), ("0.33", true), ("0.333", true), ("0.34", false), ("0", false)]
        {
            assert_eq!(Answer::Number(third, 1).is(&Json::Number(expected.to_owned())), same, "{expected}");
        }
        assert!(Answer::Number(Exact::whole(22), 1).is(&Json::Number("22".to_owned())));
        assert!(Answer::CannotTell(vec!["a".to_owned()]).is(&Json::parse(r#"{"missing": ["a"]}"#).expect("JSON")));
        assert!(!Answer::CannotTell(vec!["a".to_owned()]).is(&Json::parse(r#"{"missing": ["b"]}"#).expect("JSON")));
        assert!(!Answer::CannotTell(vec!["a".to_owned()]).is(&Json::parse(r#"[0, null]"#).expect("JSON")));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[\\[\\]{}\":,0-9a-z\\\\ .-]{0,40}") {
            let _ = Json::parse(&text);
        }
    }
}
