//! The assessment vectors: a JSON list of `{assessment, fn, args, kw, expect, note}`. This adapter calls the core with
//! the arguments of each and compares what it says (how: `json::Answer::is`). Numbers are read as decimal text.

mod bind;
mod calls;
mod json;
mod pgsga;

use json::Json;

/// What a file of vectors came to.
#[derive(Debug, Default)]
pub struct Report {
    pub passed: usize,
    /// (id or place of the case, what differs)
    pub failed: Vec<(String, String)>,
}

/// Runs every case of a file; `Err` if it is not in the format.
pub fn run(text: &str) -> Result<Report, String> {
    let file = Json::parse(text)?;
    let cases = file.list().ok_or("not a list of cases")?;
    let mut report = Report::default();
    for (i, case) in cases.iter().enumerate() {
        let place = case.get("id").and_then(Json::text).map_or_else(|| (i + 1).to_string(), str::to_owned);
        let function = case.get("fn").and_then(Json::text).ok_or_else(|| format!("case {place}: no fn"))?;
        let expected = case.get("expect").ok_or_else(|| format!("case {place}: no expect"))?;
        let call = Call::of(case).map_err(|e| format!("case {place}: {e}"))?;
        match calls::call(function, &call) {
            Ok(found) if found.is(expected) => report.passed += 1,
            Ok(found) => {
                let difference = format!("{function}: expected {expected}, found {found}");
                report.failed.push((place, difference));
            }
            Err(e) => report.failed.push((place, format!("{function}: {e}"))),
        }
    }
    Ok(report)
}

/// The arguments of one case.
struct Call<'c> {
    args: &'c [Json],
    kw: &'c [(String, Json)],
}

impl<'c> Call<'c> {
    fn of(case: &'c Json) -> Result<Self, String> {
        let args = match case.get("args") {
            None | Some(Json::Null) => &[],
            Some(args) => args.list().ok_or("args is no list")?,
        };
        let kw: &[(String, Json)] = match case.get("kw") {
            None | Some(Json::Null) => &[],
            Some(Json::Map(entries)) => entries,
            Some(_) => return Err("kw is no object".to_owned()),
        };
        Ok(Self { args, kw })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vectors_and_those_of_the_text_hold() {
        for (text, least) in [
            (include_str!("../../care-core/vectors/assessments.json"), 128),
            (include_str!("../../care-core/vectors/specification.json"), 79),
        ] {
            let report = run(text).expect("the format");
            assert!(report.failed.is_empty(), "{:#?}", report.failed);
            assert!(report.passed >= least, "{}", report.passed);
        }
    }

    #[test]
    fn a_difference_is_said_with_the_case() {
        let text = r#"[{"fn": "tug", "args": [11.9], "kw": {}, "expect": "at_risk"},
                       {"id": "x1", "fn": "tug", "args": [], "kw": {"nonsense": 1}, "expect": null},
                       {"fn": "no_such", "args": [], "expect": null},
                       {"fn": "tug", "args": [null], "expect": {"missing": ["seconds"]}}]"#;
        let report = run(text).expect("the format");
        assert_eq!(report.passed, 1);
        let said: Vec<String> = report.failed.iter().map(|(id, difference)| format!("{id} {difference}")).collect();
        assert_eq!(
            said,
            [
                r#"1 tug: expected "at_risk", found "below_threshold""#,
                "x1 tug: there is no argument nonsense",
                "3 no_such: there is no such function",
            ]
        );
    }

    #[test]
    fn what_is_not_in_the_format_is_refused() {
        for text in ["", "{}", "[{}]", r#"[{"fn": "tug"}]"#, r#"[{"fn": "tug", "args": 3, "expect": 1}]"#] {
            assert!(run(text).is_err(), "{text}");
        }
    }
}
