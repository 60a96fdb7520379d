//! The alert rules: each with its cases (fires, does not, cannot tell, and the boundary between them), and what holds
//! for all of them together.

mod all_rules;
mod bone_drugs;
mod bones;
mod calcium;
mod drugs;
mod emergency;
mod falling;
mod food;
mod habits;
mod house;
mod jaw;
mod kidneys;
mod laws;
mod moving;
mod pains;
mod plans;
mod rule_set;
mod tables;
mod world;

/// Every case of every rule.
pub(crate) fn cases() -> Vec<(&'static str, Vec<world::Case>)> {
    [
        bone_drugs::all(),
        bones::all(),
        calcium::all(),
        drugs::all(),
        emergency::all(),
        falling::all(),
        food::all(),
        habits::all(),
        house::all(),
        jaw::all(),
        kidneys::all(),
        moving::all(),
        pains::all(),
        plans::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
