//! Journal entries (J01 to J25), as far as rules read them. Units stand in the names.

use std::collections::BTreeMap;

use super::{
    Analyte, Answers, DuringSign, Injury, IntakeStatus, Live, Loading, MouthSign, Portion, Product, Quality, Set, Side,
    Sign, Site, SpineFeature, Tool, VisitKind, With,
};
use crate::facts::{Answer, Day};

/// J01.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pain {
    pub worst: Live<u8>,
    pub now: Live<u8>,
    pub sites: Set<Site>,
    pub side: Live<Side>,
    /// Activity, mood, walking, work, relations, sleep, enjoyment: 0 to 10.
    pub interference: Answers<7>,
    pub loading: Live<Loading>,
    pub quality: Set<Quality>,
    pub spine: Set<SpineFeature>,
    pub new_or_worse: Live<bool>,
    pub onset: Live<Day>,
}

/// J02.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Symptom {
    /// PRO-CTCAE item, 1 to 80. Missing: an entry of red flags alone.
    pub item: Live<u8>,
    pub frequency: Live<u8>,
    pub severity: Live<u8>,
    pub interference: Live<u8>,
    pub flags: Set<Sign>,
    pub new_or_worse: Live<bool>,
    pub known: Live<Answer>,
    pub unchanged: Live<Answer>,
}

/// J03, with the amounts that its items come to, in thousandths.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Meal {
    pub energy_kcal_milli: Live<i64>,
    pub protein_g_milli: Live<i64>,
    pub calcium_mg_milli: Live<i64>,
    pub vitamin_d_ug_milli: Live<i64>,
    pub vitamin_k_ug_milli: Live<i64>,
    pub portion: Live<Portion>,
}

/// J04.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fluid {
    pub volume_ml: Live<u32>,
    pub glasses: Live<u32>,
}

/// J05. What the product is comes from the plan line that it names, else from its code.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Intake {
    pub product: Live<String>,
    pub kinds: Set<Product>,
    /// What the dose taken holds of each: calcium in mg, vitamin D in [iU], biotin in ug, thousandths of it.
    pub holds_milli: BTreeMap<Product, i64>,
    /// The plan line that it names, any of P-SUP, P-MED, P-PAIN, P-BONE.
    pub line: Live<String>,
    pub status: Live<IntakeStatus>,
    pub with: Set<With>,
}

/// J06.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Activity {
    pub duration_min: Live<u32>,
    pub rpe_tenths: Live<u32>,
    pub movements: Set<String>,
    pub regions: Set<Site>,
    pub load_kg_tenths: Live<u32>,
    pub pain_before: Live<u8>,
    pub pain_during: Live<u8>,
    pub pain_after_24h: Live<u8>,
    pub signs: Set<DuringSign>,
}

/// J07. `at` of the entry is its `when`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fall {
    pub near_fall: Live<bool>,
    pub place: Live<String>,
    pub activity: Live<String>,
    pub injury: Set<Injury>,
    pub hit_head: Live<bool>,
    pub lost_consciousness: Live<bool>,
    pub could_not_get_up: Live<bool>,
    pub cannot_bear_weight: Live<bool>,
    pub minutes_on_floor: Live<u32>,
    pub after_drowsy: Live<bool>,
    pub after_vomiting: Live<bool>,
    pub after_confused: Live<bool>,
    pub new_weakness_or_numbness: Live<bool>,
    pub severe_back_or_neck_pain: Live<bool>,
    /// A person said that it is the same fall as another record.
    pub duplicate: bool,
}

/// J08.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Weight {
    pub weight_g: Live<i64>,
    pub height_mm: Live<i64>,
}

/// J09.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sleep {
    pub duration_min: Live<u32>,
}

/// J10.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mood {
    pub phq2_a: Live<u8>,
    pub phq2_b: Live<u8>,
    pub distress: Live<u8>,
    pub not_safe: Live<bool>,
}

/// J11.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Smoking {
    pub cigarettes: Live<u32>,
    pub vape: Live<u32>,
    pub other: Live<u32>,
}

/// J12.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Alcohol {
    pub units_tenths: Live<u32>,
}

/// J13.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sun {
    pub minutes: Live<u32>,
}

/// J14.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Swelling {
    pub site: Live<Site>,
    pub one_sided: Live<bool>,
    pub pain: Live<bool>,
    pub warmth: Live<bool>,
    pub redness: Live<bool>,
    pub tightness: Live<bool>,
    pub onset: Live<Day>,
}

/// J15.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mouth {
    pub signs: Set<MouthSign>,
    pub extraction: Live<Day>,
    pub planned_procedure: Live<VisitKind>,
}

/// J16.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Vitals {
    pub temperature_tenths: Live<i32>,
}

/// J17.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reaction {
    pub effect: Live<String>,
}

/// J19.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Readiness {
    pub treatment_today: Live<bool>,
}

/// J20, in the canonical unit of its analyte. `at` of the entry is its specimen time.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lab {
    pub analyte: Live<Analyte>,
    /// Ten-thousandths.
    pub value: Live<i64>,
    pub low: Live<i64>,
    pub high: Live<i64>,
    /// Method or device: two scans compare only on the same one.
    pub method: Live<String>,
    /// A later record corrects this one.
    pub superseded: bool,
}

/// J21.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FunctionTest {
    pub tug_tenths: Live<u32>,
    pub chair_stands: Live<u32>,
    pub used_arms: Live<bool>,
    pub tandem_tenths: Live<u32>,
    pub gait_m_tenths: Live<u32>,
    pub gait_s_tenths: Live<u32>,
}

/// J22. `at` of the entry is its `when`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Visit {
    pub kind: Live<VisitKind>,
}

/// J23.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Support {
    pub resource: Live<String>,
}

/// J25.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Screen {
    pub tool: Live<Tool>,
    pub total: Live<i32>,
    /// A10, item 1.
    pub fell_in_past_year: Live<bool>,
    pub date: Live<Day>,
}

/// P-EDU.teach_back. `at` of the entry is its `when`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TeachBack {
    pub topic: Live<String>,
    pub understood: Live<bool>,
}

/// P-BONE.administration and P-BONE.oral_dose. `at` of the entry is its `when`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Dose {
    pub agent: Live<super::Agent>,
    pub dose_mg_milli: Live<i64>,
    pub oral: bool,
    /// A person said that it is the same dose as another record.
    pub duplicate: bool,
    /// Which plan it belongs to.
    pub plan: super::Id,
}
