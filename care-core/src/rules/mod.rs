//! The alert rules of the care specification, section 6: data plus a typed evaluator, no scripting engine.
//!
//! The rule set file says texts, severities, who is told, sources and thresholds ([`RuleSet`]); a typed function per
//! rule says when it fires (`topics`). [`evaluate`] runs them over [`crate::facts::Facts`]. Three outcomes: a rule
//! fires, it does not, or it cannot tell because an input is missing, which is said and never taken for silence. Each
//! live version of a disputed field is looked at, and the worst outcome counts.
//!
//! Architecture invariant: no clock, no I/O; the time, the person's offset from UTC and the clinic's settings are
//! arguments.

mod careful;
mod changed;
mod eval;
mod index;
mod inputs;
mod outcome;
mod render;
mod ruleset;
mod say;
mod settings;
mod topics;
mod truth;
mod versions;

pub use changed::Changed;
pub use eval::{Overrun, evaluate, evaluate_changed, evaluate_changed_within, evaluate_only_within, evaluate_within};
pub use inputs::{Carrier, Input, InputSet};
pub use outcome::{Evaluation, Fires, Key, Severity, Subject, Verdict};
pub use render::{MissingPlaceholder, Texts, Told, placeholders, texts};
pub use ruleset::{BUILT_IN, ENGINE, FORMAT, Note, Rule, RuleSet, RuleSetError, RuleSource, State, Threshold, sealed};
pub use say::{is_told, say};
pub use settings::{CALCIUM_HIGH, CALCIUM_LOW, Settings};
pub use topics::{LATE_NOTE, LATE_TEXTS, RAISED};
pub use truth::Truth;
pub use versions::{MAX_COMBINATIONS, MAX_VERSIONS};
