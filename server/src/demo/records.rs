//! Bodies of the demo's records, as short as they can be said.

use osteon_proto::{care, split::close, table::table, wire::device::timestamp};
use prost::Message;

/// One hour east of UTC, as in a Central European winter; the demo's people live there.
const OFFSET_MIN: i32 = 60;
const ZONE: &str = "Europe/Berlin";

/// A record that knows the name of its type.
pub(super) trait Body: Message + Sized {
    const MEMBER: &'static str;

    /// A `RecordBody`.
    fn body(&self) -> Vec<u8> {
        let number = table().by_name(Self::MEMBER).map_or(0, |t| t.number);
        close(number, &self.encode_to_vec())
    }
}

macro_rules! bodies {
    ($($type:ident => $member:literal),* $(,)?) => {
        $(impl Body for care::$type { const MEMBER: &'static str = $member; })*
    };
}

bodies! {
    PainEntry => "pain_entry",
    SymptomEntry => "symptom_entry",
    Meal => "meal",
    ActivitySession => "activity_session",
    Fall => "fall",
    LaboratoryResult => "laboratory_result",
    ExercisePlan => "exercise_plan",
    Exercise => "exercise",
    NutritionPlan => "nutrition_plan",
    TimingRule => "timing_rule",
    BoneDrugPlan => "bone_drug_plan",
    Administration => "administration",
    SharedGoal => "shared_goal",
    Milestone => "milestone",
    Progress => "progress",
    Lesion => "lesion",
    RiskProfile => "risk_profile",
    BodyWeight => "body_weight",
    FunctionalTest => "functional_test",
    VisitEntry => "visit_entry",
    SupplementLine => "supplement_line",
    HomeSafetyPlan => "home_safety_plan",
    HomeHazard => "home_hazard",
    EndOfLifePreferences => "end_of_life_preferences",
    CancerTreatment => "cancer_treatment",
}

/// An instant as the demo's people live it.
pub(super) fn moment(ms: u64) -> Option<care::Moment> {
    Some(care::Moment { at: Some(timestamp(ms)), utc_offset_min: Some(OFFSET_MIN), zone: Some(ZONE.to_owned()) })
}

pub(super) fn manual() -> Option<i32> {
    Some(care::Source::Manual.into())
}

/// A day as the contracts write it.
pub(super) fn date(ms: u64) -> Option<String> {
    let at = jiff::Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()?;
    Some(at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
}
