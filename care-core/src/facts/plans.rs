//! Plans and profiles, as far as rules read them. Units stand in the names.

use std::collections::BTreeMap;

use osteon_proto::care::{
    LesionSize, LesionType, MirelsPain, PosterolateralInvolvement, SinsPain, SpinalAlignment, VertebralCollapse,
};

use super::{
    Agent, Answer, BoneStatus, Clearance, Day, GoalStatus, HazardSeverity, HazardStatus, Id, Instant, LesionStatus,
    LineStatus, Live, MonitoringKind, PlanStatus, Product, Role, Route, Set, Sex, Side, Site, Treatment, TrialStatus,
};

/// P-RISK.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Risk {
    pub id: Id,
    pub birth: Live<Day>,
    pub sex: Live<Sex>,
    /// Each with its day where it is known, and whether the trauma was low.
    pub fractures: Set<(Option<Day>, bool)>,
    /// SNOMED CT codes or our own.
    pub comorbidities: Set<String>,
    pub osteoporosis: Live<Answer>,
    pub hip_fracture_in_family: Live<Answer>,
    pub glucocorticoid_months: Live<u32>,
    pub anticoagulant: Live<Answer>,
    pub kidney_disease: Live<Answer>,
    pub heart_failure: Live<Answer>,
    pub dialysis: Live<Answer>,
    pub bone_drugs_past: Set<Agent>,
    pub smokes: Live<bool>,
    pub height_mm: Live<i64>,
    /// SNOMED CT or ICD-O.
    pub primary_cancer: Live<String>,
}

/// P-LES.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lesion {
    pub id: Id,
    pub site: Live<Site>,
    pub side: Live<Side>,
    pub level: Live<String>,
    pub kind: Live<LesionType>,
    pub size: Live<LesionSize>,
    pub pain_mirels: Live<MirelsPain>,
    pub pain_sins: Live<SinsPain>,
    pub alignment: Live<SpinalAlignment>,
    pub collapse: Live<VertebralCollapse>,
    pub posterolateral: Live<PosterolateralInvolvement>,
    pub status: Live<LesionStatus>,
    /// Days of imaging that showed it.
    pub imaged: Set<Day>,
    /// Day on which the record was made.
    pub recorded: Option<Day>,
}

/// P-NUT.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Nutrition {
    pub id: Id,
    pub energy_kcal: Live<i64>,
    /// Thousandths of g/kg/d. Missing: no ceiling.
    pub protein_max_milli: Live<i64>,
    pub calcium_mg: Live<i64>,
    pub vitamin_d_iu: Live<i64>,
    pub fluid_min_ml: Live<i64>,
    pub fluid_max_ml: Live<i64>,
    pub glass_ml: Live<i64>,
}

/// P-SUP.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SupplementLine {
    pub id: Id,
    pub product: Live<String>,
    pub kinds: Set<Product>,
    /// What one dose holds: calcium in mg, vitamin D in [iU], biotin in ug, thousandths of it.
    pub holds_milli: BTreeMap<Product, i64>,
    pub times_per_day: Live<u32>,
    pub status: Live<LineStatus>,
    /// A safety hold stands: no dose.
    pub safety_hold: bool,
    /// An order of a physician stands behind it.
    pub ordered_by_physician: bool,
    pub started: Option<Day>,
    pub stopped: Option<Day>,
}

/// P-EX.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Exercise {
    pub id: Id,
    pub clearance: Live<Clearance>,
    /// Days on which ON or PH approved the clearance.
    pub approved: Set<Day>,
    pub status: Live<PlanStatus>,
    pub lift_max_kg_tenths: Live<u32>,
    /// (movement, who set it, when).
    pub forbidden: BTreeMap<String, (Option<Role>, Option<Day>)>,
    pub no_load: Set<Site>,
    pub max_rpe_tenths: Live<u32>,
    pub max_minutes: Live<u32>,
    /// By exercise, in tenths of a kg.
    pub max_load_kg_tenths: BTreeMap<String, Live<u32>>,
    pub pain_stop: Live<u8>,
    /// First and last day.
    pub pauses: Set<(Day, Day)>,
    pub last_review: Live<Day>,
}

impl Exercise {
    /// Everybody says that it ended.
    pub fn is_over(&self) -> bool {
        self.status.all(|status| *status == PlanStatus::Ended)
    }
}

/// P-BONE.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BonePlan {
    pub id: Id,
    pub agent: Live<Agent>,
    pub dose_mg_milli: Live<i64>,
    pub route: Live<Route>,
    pub interval_d: Live<i32>,
    pub status: Live<BoneStatus>,
    /// Day on which the status was set.
    pub status_since: Live<Day>,
    pub planned_next: Live<Day>,
    pub dental_cleared_on: Live<Day>,
    pub hold_reasons: Set<String>,
    pub indication: Live<String>,
    pub extent: Live<String>,
    pub follow_on: Live<Agent>,
    pub follow_on_offset_d: Live<i32>,
    pub holiday_from: Live<Day>,
    pub holiday_reason: Live<String>,
    pub holiday_review: Live<Day>,
    pub holiday_reviewer: Live<String>,
    pub duration_review: Live<Day>,
    pub urgent_start: Live<bool>,
    /// How old results may be before a dose; missing: the rule set's own number.
    pub calcium_max_age_d: Live<i32>,
    pub creatinine_max_age_d: Live<i32>,
}

/// P-MON.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Monitoring {
    pub id: Id,
    pub kind: Live<MonitoringKind>,
    pub interval_d: Live<i32>,
    pub due: Live<Day>,
    pub last_done: Live<Day>,
    pub cancelled: Live<bool>,
    /// CTX or P1NP, of a turnover marker.
    pub planned_at: Live<Instant>,
}

/// P-GOAL with its milestones and progress.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Goal {
    pub id: Id,
    pub status: Live<GoalStatus>,
    pub importance: Live<u8>,
    pub confidence: Live<u8>,
    pub milestones: Vec<Live<Day>>,
    pub progress: Set<Day>,
}

/// P-GOAL.decision_record.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Decision {
    pub id: Id,
    pub about: Live<String>,
    pub date: Live<Day>,
}

/// P-EOL.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wishes {
    pub id: Id,
    /// The coded answer to the question of comfort.
    pub comfort: Live<String>,
    /// Whom to call first, as written.
    pub preferred_route: Live<String>,
    pub revoked: Live<bool>,
}

/// P-HOME.hazard.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hazard {
    pub id: Id,
    pub code: Live<String>,
    pub status: Live<HazardStatus>,
    pub severity: Live<HazardSeverity>,
    /// Day on which it was first seen.
    pub since: Live<Day>,
}

/// P-PAIN.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PainPlan {
    pub id: Id,
    pub rescue_max_per_24h: Live<u32>,
    /// Day of the newest change of the plan.
    pub changed: Live<Day>,
}

/// P-TX.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Course {
    pub id: Id,
    pub kind: Live<Treatment>,
    pub agent: Live<String>,
    pub start: Live<Day>,
    pub end: Live<Day>,
    pub cycle_d: Live<i32>,
    pub last_dose: Live<Day>,
}

/// What happened to a medicine line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LineChange {
    Started,
    Increased,
    Decreased,
    Other,
    Stopped,
}

/// P-MED.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MedicineLine {
    pub id: Id,
    pub code: Live<String>,
    pub kinds: Set<Product>,
    pub status: Live<LineStatus>,
    /// From its versions: its start, and what became of its dose.
    pub changes: Set<(Day, LineChange)>,
}

/// P-TRIAL.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trial {
    pub id: Id,
    pub status: Live<TrialStatus>,
    pub visits: Live<Vec<Day>>,
    pub prohibited: Set<String>,
}

impl Trial {
    /// Everybody says that the person is not in it.
    pub fn is_over(&self) -> bool {
        self.status.all(|status| *status == TrialStatus::Ended)
    }
}
