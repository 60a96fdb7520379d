//! The closed lists that rules ask about, under the stable codes of the care specification.

/// Declares an enum whose variants carry stable codes.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $code:literal),* $(,)? })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum $name { $($variant),* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// None: a code that this program does not know.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.code())
            }
        }
    )* };
}

codes! {
    /// Roles of the care specification.
    Role { Patient = "PT", Caregiver = "CG", Dietitian = "DI", Physiotherapist = "PH", Physician = "ON", Nurse = "NU", Admin = "AD" }

    /// Red-flag vocabulary, care specification 2.4: one plain question each.
    Sign {
        LimbWeakness = "limb_weakness", GaitDifficulty = "gait_difficulty",
        NumbBodyOrSaddle = "numbness_or_tingling_body_or_saddle", NumbHandsFeet = "numb_hands_feet",
        BladderDysfunction = "bladder_dysfunction", BowelDysfunction = "bowel_dysfunction",
        RadicularPain = "radicular_pain", SevereUnremitting = "severe_unremitting", Progressive = "progressive",
        Mechanical = "mechanical", WorseOnStraining = "worse_on_straining", NightPain = "night_pain",
        LocalTenderness = "local_tenderness", SuddenBreathlessness = "sudden_breathlessness",
        ChestPain = "chest_pain", CoughingBlood = "coughing_blood", Collapse = "collapse", Seizure = "seizure",
        ThroatTightness = "throat_tightness_or_noisy_breathing", Fainting = "fainting", Palpitations = "palpitations",
        SpasmHandFoot = "spasm_hand_foot", TinglingMouth = "tingling_around_mouth",
        TinglingFingertips = "tingling_fingertips", MuscleTwitching = "muscle_twitching", Cramps = "cramps",
        GreatThirst = "great_thirst", PassingMuchUrine = "passing_much_urine", Constipation = "constipation",
        NauseaOrVomiting = "nausea_or_vomiting", NewConfusion = "new_confusion", Drowsiness = "drowsiness",
        ExposedBone = "exposed_bone_in_mouth", PusOrFistula = "pus_or_fistula", NumbLipOrChin = "numb_lip_or_chin",
        SocketNotHealed = "socket_not_healed", LooseTooth = "loose_tooth", JawOrToothPain = "jaw_or_tooth_pain",
        GumSwelling = "gum_swelling", RedOrPainfulEye = "red_or_painful_eye", BlurredVision = "blurred_vision",
        EarDischarge = "ear_discharge", CannotBearWeight = "cannot_bear_weight",
        VisibleDeformity = "visible_deformity", Crack = "felt_or_heard_crack",
        SuddenBonePain = "sudden_severe_bone_pain", ShiveringChills = "shivering_chills", NotSafe = "not_safe",
        Unconscious = "unconscious", CannotBreathe = "cannot_breathe", HeavyBleeding = "heavy_bleeding",
        OneSidedWeakness = "sudden_one_sided_weakness_or_speech_loss", AllergicReaction = "severe_allergic_reaction",
        FeelsUnwell = "feels_unwell", DizzyOnStanding = "dizzy_on_standing",
        VeryLittleUrine = "passing_very_little_urine", GumSwellingOrBleeding = "gum_swelling_or_bleeding",
        DentureSore = "denture_sore", JawStiffness = "jaw_stiffness", MarkedTiredness = "marked_tiredness",
        WorseningBonePain = "worsening_bone_pain", LightSensitivity = "light_sensitivity", EarPain = "ear_pain",
    }

    /// Places of the body, our own codes; SNOMED CT maps onto them (care specification 2.3).
    Site {
        Skull = "skull", Mandible = "mandible", Maxilla = "maxilla", JawJoint = "jaw_joint",
        Cervical = "cervical", Thoracic = "thoracic", Lumbar = "lumbar", Sacral = "sacral",
        Rib = "rib", Sternum = "sternum", Clavicle = "clavicle", Scapula = "scapula", Shoulder = "shoulder",
        Humerus = "humerus", Elbow = "elbow", Forearm = "forearm", Hand = "hand",
        Pelvis = "pelvis", Hip = "hip", Groin = "groin", Thigh = "thigh", ProximalFemur = "proximal_femur",
        FemoralShaft = "femoral_shaft", Knee = "knee", LowerLeg = "lower_leg", Ankle = "ankle", Foot = "foot",
        Arm = "arm", Leg = "leg", Abdomen = "abdomen", Other = "other",
    }

    Side { Left = "left", Right = "right", Both = "both", Midline = "mid" }

    Loading {
        None = "none", AtRest = "at_rest", OnMovement = "worse_on_movement",
        OnUse = "worse_on_weight_bearing_or_use", RelievedLying = "relieved_lying",
    }

    Quality {
        Aching = "aching", Sharp = "sharp", Burning = "burning", Shooting = "shooting", BandLike = "band_like",
        Cramping = "cramping",
    }

    SpineFeature {
        SevereUnremitting = "severe_unremitting", Progressive = "progressive", Mechanical = "mechanical",
        Straining = "straining", Night = "night", Tender = "tender",
    }

    Answer { Yes = "yes", No = "no", Unknown = "unknown" }

    Sex { Female = "f", Male = "m" }

    Portion { None = "none", Quarter = "quarter", Half = "half", ThreeQuarters = "three_quarters", All = "all" }

    /// What a product is, as far as rules ask: from the plan line that an intake names, or from its code.
    Product {
        Calcium = "calcium", CalciumCarbonate = "calcium_carbonate", CalciumCitrate = "calcium_citrate",
        VitaminD = "vitamin_d", VitaminK = "vitamin_k", Iron = "iron", Zinc = "zinc", Biotin = "biotin",
        Antacid = "antacid", Levothyroxine = "levothyroxine", Quinolone = "quinolone", Tetracycline = "tetracycline",
        OralBisphosphonate = "oral_bisphosphonate", OralIbandronate = "oral_ibandronate", Nsaid = "nsaid",
        Opioid = "opioid", Sedative = "sedative", Antihypertensive = "antihypertensive", Thiazide = "thiazide",
        Warfarin = "warfarin", Digoxin = "digoxin", AcidSuppressant = "acid_suppressant", Analgesic = "analgesic",
        Rescue = "rescue", Supplement = "supplement", Herbal = "herbal", Other = "other",
    }

    IntakeStatus { Taken = "taken", Skipped = "skipped", Late = "late", Vomited = "vomited" }

    With { Water = "water", Food = "food", Dairy = "dairy", Coffee = "coffee", OtherMedicines = "other_meds" }

    DuringSign {
        ChestPain = "chest_pain", Fainting = "fainting", Breathlessness = "severe_breathlessness",
        BonePain = "sudden_bone_pain", Neurological = "new_neurological_sign",
    }

    Injury {
        None = "none", Pain = "pain", Bruise = "bruise", Wound = "wound", FractureSuspected = "fracture_suspected",
        Head = "head",
    }

    MouthSign {
        ExposedBone = "exposed_bone", Pus = "pus", NumbChin = "numb_chin", LooseTooth = "loose_tooth", Sore = "sore",
        Bleeding = "bleeding", SocketOpen = "socket_open", None = "none",
    }

    /// What was measured, in the canonical unit of table 2.2.
    Analyte {
        CalciumTotal = "calcium_total", CalciumAdjusted = "calcium_adjusted", CalciumIonised = "calcium_ionised",
        Albumin = "albumin", VitaminD = "vitamin_d_25oh", Magnesium = "magnesium", Phosphate = "phosphate",
        Creatinine = "creatinine", Egfr = "egfr", CreatinineClearance = "creatinine_clearance", Pth = "pth",
        Alp = "alp", Ctx = "ctx", P1np = "p1np", Haemoglobin = "haemoglobin", Platelets = "platelets",
        TScoreLumbar = "t_score_lumbar", TScoreHip = "t_score_hip", TScoreFemur = "t_score_femur",
        BmdLumbar = "bmd_lumbar", BmdHip = "bmd_hip", BmdFemur = "bmd_femur",
    }

    Tool { StayIndependent = "A10", Must = "A12", Mst = "A13", PgSga = "A14_total", Frax = "A23_result" }

    /// Bone drugs.
    Agent {
        Denosumab = "denosumab", Zoledronate = "zoledronate", Pamidronate = "pamidronate",
        Ibandronate = "ibandronate", Alendronate = "alendronate", Risedronate = "risedronate",
        Clodronate = "clodronate", Raloxifene = "raloxifene", Teriparatide = "teriparatide",
        Romosozumab = "romosozumab",
    }

    Route { Oral = "oral", Subcutaneous = "subcutaneous", Intravenous = "intravenous" }

    BoneStatus { Proposed = "proposed", Active = "active", Held = "held", Holiday = "holiday", Stopped = "stopped" }

    LesionStatus {
        Suspected = "suspected", Confirmed = "confirmed", TreatedRt = "treated_rt", Stabilised = "stabilised",
        Healed = "healed",
    }

    Treatment {
        Adt = "ADT", Ai = "AI", Chemo = "chemo", Targeted = "targeted", Immuno = "immuno",
        Radiotherapy = "radiotherapy", Surgery = "surgery", Radionuclide = "radionuclide",
        Glucocorticoid = "glucocorticoid", Other = "other",
    }

    /// State of a plan line: P-SUP says hold, P-MED says held.
    LineStatus { Active = "active", Hold = "hold", Stopped = "stopped" }

    Clearance {
        Hold = "hold", SupervisedOnly = "supervised_only", Modified = "modified", Unrestricted = "unrestricted",
    }

    PlanStatus { Draft = "draft", Active = "active", Paused = "paused", Ended = "ended" }

    MonitoringKind {
        Dxa = "DXA", Calcium = "Ca", Creatinine = "creatinine", VitaminD = "25OHD", Magnesium = "Mg",
        Phosphate = "PO4", TurnoverMarker = "BTM", Dental = "dental", Imaging = "imaging", Visit = "visit",
        Weight = "weight", Functional = "functional",
    }

    HazardStatus { Open = "open", InProgress = "in_progress", Fixed = "fixed" }

    HazardSeverity { Low = "low", Medium = "medium", High = "high" }

    GoalStatus { Proposed = "proposed", Agreed = "agreed", Achieved = "achieved", Parked = "parked", Dropped = "dropped" }

    VisitKind {
        Visit = "visit", Phone = "phone", Infusion = "infusion", Injection = "injection", Dental = "dental",
        ToothExtraction = "tooth_extraction", DentalImplant = "dental_implant", JawSurgery = "jaw_surgery",
        Filling = "filling", Laboratory = "laboratory", Imaging = "imaging", Therapy = "therapy", Other = "other",
    }

    TrialStatus { Screening = "screening", Active = "active", Ended = "ended" }
}

impl Site {
    pub fn is_spine(self) -> bool {
        matches!(self, Self::Cervical | Self::Thoracic | Self::Lumbar | Self::Sacral)
    }

    /// The bones that pain felt there may come from.
    pub fn bones(self) -> &'static [Self] {
        match self {
            Self::Thigh | Self::FemoralShaft | Self::ProximalFemur => &[Self::FemoralShaft, Self::ProximalFemur],
            Self::Hip | Self::Groin => &[Self::ProximalFemur, Self::FemoralShaft, Self::Pelvis],
            Self::Pelvis => &[Self::Pelvis],
            Self::Knee => &[Self::FemoralShaft, Self::LowerLeg],
            Self::LowerLeg | Self::Ankle => &[Self::LowerLeg],
            Self::Foot => &[Self::Foot],
            Self::Leg => &[Self::ProximalFemur, Self::FemoralShaft, Self::LowerLeg, Self::Foot],
            Self::Shoulder => &[Self::Humerus, Self::Scapula, Self::Clavicle],
            Self::Humerus | Self::Elbow => &[Self::Humerus, Self::Forearm],
            Self::Forearm => &[Self::Forearm],
            Self::Hand => &[Self::Hand],
            Self::Arm => &[Self::Humerus, Self::Forearm, Self::Hand],
            _ => &[],
        }
    }

    /// Limb, hip, groin or thigh.
    pub fn is_limb(self) -> bool {
        !self.bones().is_empty()
    }

    /// The same place, as two people may name it.
    pub fn touches(self, other: Self) -> bool {
        self == other || self.bones().contains(&other) || other.bones().contains(&self)
    }
}

impl MonitoringKind {
    /// Does an item of this kind have a rule of its own?
    pub fn has_own_rule(self) -> bool {
        matches!(self, Self::Dxa | Self::Dental | Self::Visit)
    }
}
