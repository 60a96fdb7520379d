//! The table as a page: docs/targets.md.

use std::fmt::Write;

use osteon_proto::meta::SourceState;

use super::{Target, Topic, VERSION, all};
use crate::assess::catalogue::state_word;

const INTRODUCTION: &str = "# Targets by source

Generated from `care-core/src/targets/table/` (`UPDATE_GOLDEN=1 cargo test -p osteon-care-core --test targets`): do not edit. The
values of the care specification, section 7. None of them is applied or filled in by a program: a person picks one and writes it into a
plan, and the plans start empty. `TargetService.ListTargets` and `osteon-phone targets` tell which of them concern one person, beside what
the plan has set. Nothing here was approved by a clinician yet. *Verified*: seen in the source. *Secondary*: seen in another text about it.
*Unverified*: general knowledge, or our own default.

Whom a value is for is read from the records that the reader may see: with an input missing the answer is \"cannot tell (missing …)\". A limit (*not
with …*) that stands in any live version keeps its value from being offered, and says so. What is marked *a person judges* is never decided here.
Sources that give one person different values of one kind are told together. What is counted by the kilogram is multiplied with the
newest weight, exactly; without a weight there is no value for a day.

";

pub fn page() -> String {
    let mut out = String::from(INTRODUCTION);
    let sources: Vec<SourceState> =
        all().filter_map(|target| target.sources.first()).map(|source| source.state).collect();
    let count = |state: SourceState| sources.iter().filter(|one| **one == state).count();
    let (verified, secondary, unverified) =
        (count(SourceState::Verified), count(SourceState::Secondary), count(SourceState::Unverified));
    let _ = writeln!(
        out,
        "Version {VERSION}: {} values, {verified} verified, {secondary} secondary, {unverified} unverified.",
        sources.len()
    );
    for topic in Topic::ALL {
        let _ = write!(
            out,
            "\n## {}\n\n| | id | kind | value | unit (UCUM) | for whom | source and state |\n|---|---|---|---|---|---|---|\n",
            topic.title()
        );
        all().filter(|target| target.topic == *topic).for_each(|target| row(&mut out, target));
    }
    out
}

fn row(out: &mut String, target: &Target) {
    let whom = target.whom();
    let sources: Vec<String> =
        target.sources.iter().map(|source| format!("{}: {}", source.key, state_word(source.state))).collect();
    let _ = writeln!(
        out,
        "| {} | `{}` | {} | {} | {} | {} | {} |",
        target.row,
        target.id,
        target.kind.name().replace('_', " "),
        target.words(),
        target.amount.map_or("–", |amount| amount.unit),
        if whom.is_empty() { "everybody" } else { &whom },
        sources.join("<br>"),
    );
}
