//! Forms, facts, targets and tasks in one binary; the rules, targets and what they come to together are larger, each one of its own.

mod assess_forms;
mod assess_laws;
mod assessments;
mod bone_drug;
mod catalogue;
mod clinic;
mod days;
mod egfr;
mod facts;
mod facts_lines;
mod gather;
mod relaxation;
mod seed;
mod tasks;
mod tasks_read;
