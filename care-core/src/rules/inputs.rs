//! Every input that a trigger may read, with the record type and the field that carry it. One table: the generated
//! `docs/rule-inputs.md`, the categories of alerts and the choice of rules that a change concerns are read from it.

use std::fmt;

/// Where an input comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carrier {
    /// (record type, field) of the contracts.
    Field(&'static str, &'static str),
    /// (a named assessment of care-core, what it is computed from).
    Derived(&'static str, &'static [Input]),
    /// The record type itself: when an entry happened, who wrote it, when a value was set. (what, where it is said).
    Envelope(&'static str, &'static str),
    /// A record of the house. (record, what of it)
    House(&'static str, &'static str),
    /// What sync says, no record of care. (what, section)
    Sync(&'static str, &'static str),
}

macro_rules! inputs {
    ($($name:ident = $kind:ident($first:expr, $second:expr);)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Input { $($name),* }

        impl Input {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub const fn carrier(self) -> Carrier {
                match self { $(Self::$name => Carrier::$kind($first, $second)),* }
            }

            /// The name in Rust, which is stable within a version of the rule set.
            pub const fn variant(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }
        }
    };
}

inputs! {
    EffectiveStart = Envelope("effective_start", "care specification 2.1");
    ReceivedAt = Envelope("received_at", "care specification 2.1");
    Author = Envelope("author_role", "care specification 2.1");
    // Journal.
    PainWorst = Field("J01", "worst_24h");
    PainNow = Field("J01", "now");
    PainSite = Field("J01", "site[]");
    PainSide = Field("J01", "side");
    PainInterference = Derived("A11 interference mean", &[
        Input::PainActivity, Input::PainMood, Input::PainWalking, Input::PainWork, Input::PainRelations,
        Input::PainSleep, Input::PainEnjoyment,
    ]);
    PainActivity = Field("J01", "interference_activity");
    PainMood = Field("J01", "interference_mood");
    PainWalking = Field("J01", "interference_walking");
    PainWork = Field("J01", "interference_work");
    PainRelations = Field("J01", "interference_relations");
    PainSleep = Field("J01", "interference_sleep");
    PainEnjoyment = Field("J01", "interference_enjoyment");
    PainLoading = Field("J01", "relation_to_loading");
    PainQuality = Field("J01", "quality[]");
    PainSpine = Field("J01", "spine_features[]");
    PainNew = Field("J01", "new_or_worse");
    PainOnset = Field("J01", "onset_date");
    SymptomItem = Field("J02", "item");
    SymptomFrequency = Field("J02", "frequency");
    SymptomSeverity = Field("J02", "severity");
    SymptomInterference = Field("J02", "interference");
    SymptomFlags = Field("J02", "red_flags[]");
    SymptomNew = Field("J02", "new_or_worse");
    SymptomKnown = Field("J02", "known");
    SymptomUnchanged = Field("J02", "unchanged");
    Composite = Derived("A16 PRO-CTCAE composite", &[
        Input::SymptomItem, Input::SymptomFrequency, Input::SymptomSeverity, Input::SymptomInterference,
    ]);
    MealItems = Field("J03", "items[]");
    MealEnergy = Derived("J03 energy of its items", &[Input::MealItems]);
    MealProtein = Derived("J03 protein of its items", &[Input::MealItems]);
    MealCalcium = Derived("J03 calcium of its items", &[Input::MealItems]);
    MealVitaminD = Derived("J03 vitamin D of its items", &[Input::MealItems]);
    MealVitaminK = Derived("J03 vitamin K1 of its items", &[Input::MealItems]);
    MealPortion = Field("J03", "portion_eaten");
    FluidVolume = Field("J04", "volume");
    FluidGlasses = Field("J04", "glasses");
    IntakeProduct = Field("J05", "product");
    IntakeDose = Field("J05", "dose");
    IntakeTaken = Field("J05", "taken_at");
    IntakeLine = Field("J05", "plan_line");
    IntakeStatus = Field("J05", "status");
    IntakeWith = Field("J05", "with[]");
    ActivityDuration = Field("J06", "duration");
    ActivityRpe = Field("J06", "rpe");
    ActivityMovements = Field("J06", "movements[]");
    ActivityRegions = Field("J06", "regions_loaded[]");
    ActivityLoad = Field("J06", "load_kg");
    ActivityPainBefore = Field("J06", "pain_before");
    ActivityPainDuring = Field("J06", "pain_during_max");
    ActivityPainAfter = Field("J06", "pain_after_24h");
    ActivitySigns = Field("J06", "symptoms_during[]");
    FallWhen = Field("J07", "when");
    FallNear = Field("J07", "near_fall");
    FallPlace = Field("J07", "place");
    FallActivity = Field("J07", "activity");
    FallInjury = Field("J07", "injury[]");
    FallHead = Field("J07", "hit_head");
    FallUnconscious = Field("J07", "lost_consciousness");
    FallCouldNotGetUp = Field("J07", "could_not_get_up");
    FallNoWeight = Field("J07", "cannot_bear_weight");
    FallMinutes = Field("J07", "minutes_on_floor");
    FallDrowsy = Field("J07", "after_drowsy");
    FallVomiting = Field("J07", "after_vomiting");
    FallConfused = Field("J07", "after_confused");
    FallWeakness = Field("J07", "new_weakness_or_numbness");
    FallBackPain = Field("J07", "severe_back_or_neck_pain");
    Weight = Field("J08", "weight");
    Height = Field("J08", "height");
    SleepDuration = Field("J09", "duration");
    MoodPhqA = Field("J10", "phq2_a");
    MoodPhqB = Field("J10", "phq2_b");
    MoodDistress = Field("J10", "distress");
    MoodNotSafe = Field("J10", "not_safe");
    Cigarettes = Field("J11", "cigarettes");
    Vape = Field("J11", "vape");
    OtherTobacco = Field("J11", "other");
    AlcoholUnits = Field("J12", "units");
    SunMinutes = Field("J13", "minutes");
    SwellingSite = Field("J14", "site");
    SwellingOneSided = Field("J14", "one_sided");
    SwellingPain = Field("J14", "pain");
    SwellingWarmth = Field("J14", "warmth");
    SwellingRedness = Field("J14", "redness");
    SwellingTightness = Field("J14", "tightness");
    SwellingOnset = Field("J14", "onset_date");
    MouthSigns = Field("J15", "signs[]");
    MouthExtraction = Field("J15", "extraction_date");
    MouthPlanned = Field("J15", "planned_procedure");
    Temperature = Field("J16", "temperature");
    ReactionEffect = Field("J17", "effect");
    ReadinessTreatment = Field("J19", "treatment_today");
    LabAnalyte = Field("J20", "analyte");
    LabValue = Field("J20", "value");
    LabLow = Field("J20", "ref_low");
    LabHigh = Field("J20", "ref_high");
    LabTime = Field("J20", "specimen_time");
    LabMethod = Field("J20", "method");
    AdjustedCalcium = Derived("A17 adjusted calcium", &[
        Input::LabAnalyte, Input::LabValue, Input::LabLow, Input::LabHigh, Input::LabTime,
    ]);
    Albumin = Derived("J20 albumin of the day of a total calcium", &[
        Input::LabAnalyte, Input::LabValue, Input::LabTime,
    ]);
    TimedUpAndGo = Field("J21", "tug_s");
    ChairStands = Field("J21", "chair_stands_30s");
    ChairArms = Field("J21", "used_arms");
    Tandem = Field("J21", "stance_tandem_s");
    GaitMetres = Field("J21", "gait_m");
    GaitSeconds = Field("J21", "gait_s");
    VisitKind = Field("J22", "kind");
    VisitWhen = Field("J22", "when");
    SupportResource = Field("J23", "resource");
    ScreenTool = Field("J25", "tool");
    ScreenItems = Field("J25", "items[]");
    ScreenTotal = Field("J25", "total");
    ScreenDate = Field("J25", "date");
    // Plans.
    BirthDate = Field("P-RISK", "birth_date");
    Sex = Field("P-RISK", "sex_for_reference");
    PriorFractures = Field("P-RISK", "prior_fractures[]");
    Comorbidities = Field("P-RISK", "comorbidities[]");
    Osteoporosis = Field("P-RISK", "osteoporosis_dx");
    HipFracture = Field("P-RISK", "family_hip_fracture");
    GlucocorticoidMonths = Field("P-RISK", "glucocorticoid_months");
    Anticoagulant = Field("P-RISK", "anticoagulant_or_antiplatelet");
    Dialysis = Field("P-RISK", "dialysis");
    BonePast = Field("P-RISK", "bma_past[]");
    SmokingStatus = Field("P-RISK", "smoking_status");
    PersonHeight = Field("P-RISK", "height_cm");
    LesionExists = Field("P-LES", "(existence)");
    LesionSite = Field("P-LES", "site");
    LesionSide = Field("P-LES", "laterality");
    LesionLevel = Field("P-LES", "level");
    LesionType = Field("P-LES", "type");
    LesionSize = Field("P-LES", "size_fraction");
    LesionPainMirels = Field("P-LES", "pain_mirels");
    LesionPainSins = Field("P-LES", "pain_sins");
    LesionAlignment = Field("P-LES", "alignment");
    LesionCollapse = Field("P-LES", "collapse");
    LesionPosterolateral = Field("P-LES", "posterolateral");
    LesionStatus = Field("P-LES", "status");
    LesionImaging = Field("P-LES", "imaging_events[]");
    Mirels = Derived("A4 Mirels", &[
        Input::LesionSite, Input::LesionPainMirels, Input::LesionType, Input::LesionSize,
    ]);
    Sins = Derived("A5 SINS", &[
        Input::LesionLevel, Input::LesionPainSins, Input::LesionType, Input::LesionAlignment, Input::LesionCollapse,
        Input::LesionPosterolateral,
    ]);
    NutritionEnergy = Field("P-NUT", "energy_kcal_d_min");
    NutritionProteinMax = Field("P-NUT", "protein_g_kg_d_max");
    NutritionCalcium = Field("P-NUT", "calcium_mg_d_target");
    NutritionVitaminD = Field("P-NUT", "vitamin_d_iu_d_target");
    FluidMin = Field("P-NUT", "fluid_min_ml_d");
    FluidMax = Field("P-NUT", "fluid_max_ml_d");
    GlassMl = Field("P-NUT", "glass_ml");
    SupplementProduct = Field("P-SUP", "product");
    SupplementIngredients = Field("P-SUP", "ingredients[]");
    SupplementTimes = Field("P-SUP", "times_per_day");
    SupplementStatus = Field("P-SUP", "status");
    SupplementHolds = Field("P-SUP", "safety_holds[]");
    SupplementApproval = Field("P-SUP", "approved_by[]");
    Clearance = Field("P-EX", "clearance");
    ExerciseStatus = Field("P-EX", "status");
    LiftMax = Field("P-EX", "lift_max_kg");
    Forbidden = Field("P-EX", "forbidden_movements[]");
    NoLoad = Field("P-EX", "no_load_regions[]");
    MaxRpe = Field("P-EX", "max_rpe");
    MaxMinutes = Field("P-EX", "max_minutes_session");
    MaxLoad = Field("P-EX.load_limit", "max_load_kg");
    PainStop = Field("P-EX", "pain_stop_nrs");
    PauseWindows = Field("P-EX", "pause_windows[]");
    ExerciseReview = Field("P-EX", "last_review");
    ExerciseApproval = Field("P-EX", "approved_by[]");
    BoneAgent = Field("P-BONE", "agent");
    BoneDose = Field("P-BONE", "dose");
    BoneRoute = Field("P-BONE", "route");
    BoneInterval = Field("P-BONE", "interval_days");
    BoneStatus = Field("P-BONE", "status");
    BonePlannedNext = Field("P-BONE", "planned_next");
    BoneHolds = Field("P-BONE", "hold_reasons[]");
    DentalCleared = Field("P-BONE", "dental_cleared_on");
    BoneIndication = Field("P-BONE", "indication");
    BoneExtent = Field("P-BONE", "disease_extent");
    BoneFollowOn = Field("P-BONE", "follow_on_agent");
    BoneFollowOnOffset = Field("P-BONE", "follow_on_start_offset_d");
    HolidayFrom = Field("P-BONE", "holiday_from");
    HolidayReason = Field("P-BONE", "holiday_reason");
    HolidayReview = Field("P-BONE", "holiday_review_date");
    HolidayReviewer = Field("P-BONE", "holiday_reviewer");
    DurationReview = Field("P-BONE", "duration_review");
    CalciumMaxAge = Field("P-BONE", "pre_dose_calcium_max_age_days");
    CreatinineMaxAge = Field("P-BONE", "pre_dose_creatinine_max_age_days");
    UrgentStart = Field("P-BONE", "urgent_start");
    DoseAgent = Field("P-BONE.administration", "agent");
    DoseAmount = Field("P-BONE.administration", "dose");
    DoseWhen = Field("P-BONE.administration", "when");
    OralAgent = Field("P-BONE.oral_dose", "agent");
    OralWhen = Field("P-BONE.oral_dose", "when");
    MonitoringKind = Field("P-MON", "kind");
    MonitoringInterval = Field("P-MON", "interval_days");
    MonitoringDue = Field("P-MON", "due");
    MonitoringDone = Derived("P-MON last_done of its results", &[Input::MonitoringResult]);
    MonitoringResult = Field("P-MON.result", "result_ref");
    MonitoringCancelled = Field("P-MON", "cancelled");
    GoalStatus = Field("P-GOAL", "status");
    GoalImportance = Field("P-GOAL", "importance");
    GoalConfidence = Field("P-GOAL", "confidence");
    MilestoneDate = Field("P-GOAL.milestone", "target_date");
    ProgressWhen = Field("P-GOAL.progress", "when");
    DecisionAbout = Field("P-GOAL.decision_record", "about");
    DecisionDate = Field("P-GOAL.decision_record", "date");
    Comfort = Field("P-EOL", "comfort_priorities");
    PreferredRoute = Field("P-EOL", "preferred_route");
    WishRevoked = Field("P-EOL", "revoked");
    HazardStatus = Field("P-HOME.hazard", "status");
    HazardSeverity = Field("P-HOME.hazard", "severity");
    HazardCode = Field("P-HOME.hazard", "code");
    RescueDrug = Field("P-PAIN", "rescue_drug");
    RescueMax = Field("P-PAIN", "rescue_max_per_24h");
    TreatmentKind = Field("P-TX", "kind");
    TreatmentAgent = Field("P-TX", "agent");
    TreatmentStart = Field("P-TX", "start");
    TreatmentEnd = Field("P-TX", "end");
    TreatmentCycle = Field("P-TX", "cycle_days");
    TreatmentLastDose = Field("P-TX", "last_dose");
    MedicineCode = Field("P-MED", "code");
    MedicineKinds = Field("P-MED", "kinds[]");
    MedicineDose = Field("P-MED", "dose");
    MedicineStatus = Field("P-MED", "status");
    MedicineFrom = Field("P-MED", "from");
    TrialStatus = Field("P-TRIAL", "status");
    TrialVisits = Field("P-TRIAL", "visits");
    TrialProhibited = Field("P-TRIAL", "prohibited[]");
    Grant = Field("P-CIRCLE.grant", "decision");
    TeachBackTopic = Field("P-EDU.teach_back", "topic");
    TeachBackWhen = Field("P-EDU.teach_back", "when");
    TeachBackUnderstood = Field("P-EDU.teach_back", "understood");
    // The house, and sync.
    LabLimits = House("ClinicSettings", "lab limits");
    LeastChange = House("ClinicSettings", "least significant change of DXA");
    AlertUnseen = House("Alert", "open, not acknowledged by the patient");
    Disputes = Sync("open reviews: field, versions, since when", "SYNC, One merge, many views");
    DeviceSeen = Sync("when a device of the patient last pulled, what waits for it", "PROTOCOL, Receipts");
    PlanChanges = Sync("who changed which plan, and when", "SYNC, Explain");
    Complete = Sync("classes of the circle that a device holds whole", "PROTOCOL, Pull, Order");
    Combinations = Sync("more live versions than are walked", "SYNC, at most 8 versions and 256 combinations");
}

impl Input {
    /// "J02.red_flags[]", "A17 adjusted calcium": what "cannot tell" names and the tables print.
    pub fn name(self) -> String {
        match self.carrier() {
            Carrier::Field(record, field) => format!("{record}.{field}"),
            Carrier::Derived(what, _) => what.to_owned(),
            Carrier::Envelope(what, _) => what.to_owned(),
            Carrier::House(record, what) => format!("{record}: {what}"),
            Carrier::Sync(what, _) => what.to_owned(),
        }
    }

    pub fn from_variant(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|input| input.variant() == name)
    }

    /// The fields behind it, through every assessment.
    pub fn fields(self) -> Vec<(&'static str, &'static str)> {
        match self.carrier() {
            Carrier::Field(record, field) => vec![(record, field)],
            Carrier::Derived(_, from) => from.iter().flat_map(|input| input.fields()).collect(),
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name())
    }
}

const WORDS: usize = 4;

/// A set of inputs, small enough to be copied.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct InputSet([u64; WORDS]);

impl InputSet {
    pub fn insert(&mut self, input: Input) {
        let number = input as usize;
        if let Some(word) = self.0.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    pub fn contains(&self, input: Input) -> bool {
        let number = input as usize;
        self.0.get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    #[must_use]
    pub fn union(self, other: Self) -> Self {
        let mut words = self.0;
        words.iter_mut().zip(other.0).for_each(|(word, more)| *word |= more);
        Self(words)
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub fn iter(&self) -> impl Iterator<Item = Input> + '_ {
        Input::ALL.iter().copied().filter(|input| self.contains(*input))
    }
}

impl From<Input> for InputSet {
    fn from(input: Input) -> Self {
        let mut set = Self::default();
        set.insert(input);
        set
    }
}

impl FromIterator<Input> for InputSet {
    fn from_iter<I: IntoIterator<Item = Input>>(inputs: I) -> Self {
        inputs.into_iter().fold(Self::default(), |mut set, input| {
            set.insert(input);
            set
        })
    }
}

impl fmt::Debug for InputSet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.iter()).finish()
    }
}
