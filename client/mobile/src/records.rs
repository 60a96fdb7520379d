//! Records as an app reads and writes them: generated from the contracts, see tests/tests/house/mobile_records.rs. Do not edit.

use prost::Message as _;

use crate::time::Timestamp;

/// A record, of whatever type.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum Record {
    /// J01: Pain.
    PainEntry { content: PainEntry },
    /// J02: Symptom.
    SymptomEntry { content: SymptomEntry },
    /// J03: Meal.
    Meal { content: Meal },
    /// J04: Fluid.
    FluidEntry { content: FluidEntry },
    /// J05: Medicine or supplement taken.
    IntakeEntry { content: IntakeEntry },
    /// J06: Activity session.
    ActivitySession { content: ActivitySession },
    /// J07: Fall or near-fall.
    Fall { content: Fall },
    /// J08: Body weight.
    BodyWeight { content: BodyWeight },
    /// J09: Sleep.
    SleepEntry { content: SleepEntry },
    /// J10: Mood and stress.
    MoodEntry { content: MoodEntry },
    /// J11: Smoking.
    SmokingEntry { content: SmokingEntry },
    /// J12: Alcohol.
    AlcoholEntry { content: AlcoholEntry },
    /// J13: Sun.
    SunExposure { content: SunExposure },
    /// J14: Swelling.
    SwellingEntry { content: SwellingEntry },
    /// J15: Mouth and jaw.
    MouthCheck { content: MouthCheck },
    /// J16: Temperature and vital signs.
    VitalSigns { content: VitalSigns },
    /// J17: Side effect or reaction.
    SideEffect { content: SideEffect },
    /// J18: Home-safety check.
    HomeSafetyCheck { content: HomeSafetyCheck },
    /// J19: Before a session.
    ReadinessCheck { content: ReadinessCheck },
    /// J20: Laboratory or imaging result.
    LaboratoryResult { content: LaboratoryResult },
    /// J21: Functional test.
    FunctionalTest { content: FunctionalTest },
    /// J22: Visit or appointment.
    VisitEntry { content: VisitEntry },
    /// J23: Education or support.
    SupportActivity { content: SupportActivity },
    /// J24: Diary note.
    DiaryNote { content: DiaryNote },
    /// J25: Assessment.
    AssessmentResult { content: AssessmentResult },
    /// J06.steps_of_day: Steps of a day.
    StepsOfDay { content: StepsOfDay },
    /// P-EX: Exercise plan.
    ExercisePlan { content: ExercisePlan },
    /// P-EX.exercise: Exercise of a plan.
    Exercise { content: Exercise },
    /// P-EX.allowed_module: Allowed module.
    AllowedModule { content: AllowedModule },
    /// P-EX.weight_bearing: Weight bearing of a limb.
    WeightBearing { content: WeightBearing },
    /// P-EX.load_limit: Load limit of an exercise.
    LoadLimit { content: LoadLimit },
    /// P-EX.modifier: Modifier on bad days.
    DoseModifier { content: DoseModifier },
    /// P-EX.event_restriction: Restriction after an event.
    EventRestriction { content: EventRestriction },
    /// P-NUT: Nutrition plan.
    NutritionPlan { content: NutritionPlan },
    /// P-NUT.timing_rule: Keep two things apart.
    TimingRule { content: TimingRule },
    /// P-NUT.symptom_food_action: What to eat when.
    SymptomFoodAction { content: SymptomFoodAction },
    /// P-BONE: Bone drug plan.
    BoneDrugPlan { content: BoneDrugPlan },
    /// P-BONE.administration: Dose given.
    Administration { content: Administration },
    /// P-BONE.oral_dose: Tablet taken.
    OralDose { content: OralDose },
    /// P-GOAL: Goal.
    SharedGoal { content: SharedGoal },
    /// P-GOAL.milestone: Milestone.
    Milestone { content: Milestone },
    /// P-GOAL.progress: Progress towards a goal.
    Progress { content: Progress },
    /// P-GOAL.decision_record: Shared decision.
    DecisionRecord { content: DecisionRecord },
    /// P-LES: Bone lesion.
    Lesion { content: Lesion },
    /// P-CIRCLE: Care circle.
    CareCircle { content: CareCircle },
    /// P-CIRCLE.member: Member.
    CircleMember { content: CircleMember },
    /// P-CIRCLE.grant: Consent.
    Grant { content: Grant },
    /// P-CIRCLE.proxy_activation: Proxy activated.
    ProxyActivation { content: ProxyActivation },
    /// ErasureRequest: Request to be erased.
    ErasureRequest { content: ErasureRequest },
    /// P-CIRCLE.grant_ended: Consent ended.
    GrantEnded { content: GrantEnded },
    /// P-ID: Who this is.
    Person { content: Person },
    /// P-RISK: Risk profile.
    RiskProfile { content: RiskProfile },
    /// P-SUP: Supplement.
    SupplementLine { content: SupplementLine },
    /// P-SUP.separation: Keep apart from.
    SupplementSeparation { content: SupplementSeparation },
    /// Approval: Approval.
    Approval { content: Approval },
    /// Notice: Notice.
    Notice { content: Notice },
    /// BreakGlass: Emergency access.
    BreakGlass { content: BreakGlass },
    /// GlassReview: Emergency access reviewed.
    GlassReview { content: GlassReview },
    /// V-SAFETY: Safety minimum.
    SafetyMinimum { content: SafetyMinimum },
    /// V-C01: Summary: who this is.
    SummaryOfIdentity { content: SummaryOfIdentity },
    /// V-C08: Summary: activity.
    SummaryOfActivity { content: SummaryOfActivity },
    /// P-MON: Monitoring.
    MonitoringItem { content: MonitoringItem },
    /// P-MON.result: Result of monitoring.
    MonitoringResult { content: MonitoringResult },
    /// P-EOL: Wishes for the end of life.
    EndOfLifePreferences { content: EndOfLifePreferences },
    /// P-EOL.discussion_note: Note of a talk.
    DiscussionNote { content: DiscussionNote },
    /// P-EOL.visibility: Who sees these wishes.
    WishVisibility { content: WishVisibility },
    /// P-HOME: Home safety.
    HomeSafetyPlan { content: HomeSafetyPlan },
    /// P-HOME.hazard: Hazard at home.
    HomeHazard { content: HomeHazard },
    /// P-PAIN: Pain plan.
    PainPlan { content: PainPlan },
    /// P-PAIN.regular_analgesic: Regular pain medicine.
    RegularAnalgesic { content: RegularAnalgesic },
    /// P-PAIN.intervention: Procedure against pain.
    PainIntervention { content: PainIntervention },
    /// P-TX: Cancer treatment.
    CancerTreatment { content: CancerTreatment },
    /// P-MED: Medicine.
    MedicineLine { content: MedicineLine },
    /// P-TRIAL: Clinical trial.
    TrialParticipation { content: TrialParticipation },
    /// P-EDU: Education and support.
    EducationPlan { content: EducationPlan },
    /// P-EDU.read: Material read.
    MaterialRead { content: MaterialRead },
    /// P-EDU.teach_back: Said in their own words.
    TeachBack { content: TeachBack },
    /// Alert: Alert.
    Alert { content: Alert },
    /// Alert.acknowledgement: Alert seen.
    AlertAcknowledgement { content: AlertAcknowledgement },
    /// Alert.closure: Alert closed.
    AlertClosure { content: AlertClosure },
    /// Alert.redacted_face: Alert in an area that is not shared.
    AlertFace { content: AlertFace },
    /// TaskOccurrence: Task.
    TaskOccurrence { content: TaskOccurrence },
    /// Proposal: Proposal.
    Proposal { content: Proposal },
    /// Thread: Thread of messages.
    Thread { content: Thread },
    /// Thread.participant: Takes part.
    ThreadParticipant { content: ThreadParticipant },
    /// Message: Message.
    Message { content: Message },
    /// Thread.seen: Thread seen so far.
    ThreadSeen { content: ThreadSeen },
    /// SeenMark: Seen so far.
    SeenMark { content: SeenMark },
    /// ClinicSettings: Clinic's settings.
    ClinicSettings { content: ClinicSettings },
    /// ClinicSettings.team: Team.
    ClinicTeam { content: ClinicTeam },
    /// ClinicSettings.on_call: On call.
    OnCall { content: OnCall },
    /// ClinicSettings.escalation: Escalation.
    EscalationStep { content: EscalationStep },
    /// ClinicSettings.lab_limit: Laboratory limits.
    LabLimit { content: LabLimit },
    /// ClinicSettings.threshold: Threshold of a rule.
    RuleThreshold { content: RuleThreshold },
    /// V-CLINIC: Clinic's settings, copied.
    ClinicCopy { content: ClinicCopy },
    /// V-C02: Summary: cancer.
    SummaryOfCancer { content: SummaryOfCancer },
    /// V-C03: Summary: bone.
    SummaryOfBone { content: SummaryOfBone },
    /// V-C04: Summary: medicines.
    SummaryOfMedicines { content: SummaryOfMedicines },
    /// V-C05: Summary: laboratory.
    SummaryOfLaboratory { content: SummaryOfLaboratory },
    /// V-C07: Summary: nutrition.
    SummaryOfNutrition { content: SummaryOfNutrition },
    /// V-C09: Summary: falls and home.
    SummaryOfFalls { content: SummaryOfFalls },
    /// V-C13: Summary: dental.
    SummaryOfDental { content: SummaryOfDental },
    /// V-C16: Summary: trials.
    SummaryOfTrials { content: SummaryOfTrials },
    /// Of a newer app: kept as it came, and shown as something that this app cannot show.
    Newer { type_number: u32, content: Vec<u8> },
}

impl Record {
    /// The number of its type in the contracts.
    pub fn type_number(&self) -> u32 {
        match self {
            Self::PainEntry { .. } => 101,
            Self::SymptomEntry { .. } => 102,
            Self::Meal { .. } => 103,
            Self::FluidEntry { .. } => 104,
            Self::IntakeEntry { .. } => 105,
            Self::ActivitySession { .. } => 106,
            Self::Fall { .. } => 107,
            Self::BodyWeight { .. } => 108,
            Self::SleepEntry { .. } => 109,
            Self::MoodEntry { .. } => 110,
            Self::SmokingEntry { .. } => 111,
            Self::AlcoholEntry { .. } => 112,
            Self::SunExposure { .. } => 113,
            Self::SwellingEntry { .. } => 114,
            Self::MouthCheck { .. } => 115,
            Self::VitalSigns { .. } => 116,
            Self::SideEffect { .. } => 117,
            Self::HomeSafetyCheck { .. } => 118,
            Self::ReadinessCheck { .. } => 119,
            Self::LaboratoryResult { .. } => 120,
            Self::FunctionalTest { .. } => 121,
            Self::VisitEntry { .. } => 122,
            Self::SupportActivity { .. } => 123,
            Self::DiaryNote { .. } => 124,
            Self::AssessmentResult { .. } => 125,
            Self::StepsOfDay { .. } => 151,
            Self::ExercisePlan { .. } => 201,
            Self::Exercise { .. } => 211,
            Self::AllowedModule { .. } => 212,
            Self::WeightBearing { .. } => 213,
            Self::LoadLimit { .. } => 214,
            Self::DoseModifier { .. } => 215,
            Self::EventRestriction { .. } => 216,
            Self::NutritionPlan { .. } => 221,
            Self::TimingRule { .. } => 222,
            Self::SymptomFoodAction { .. } => 223,
            Self::BoneDrugPlan { .. } => 231,
            Self::Administration { .. } => 232,
            Self::OralDose { .. } => 233,
            Self::SharedGoal { .. } => 241,
            Self::Milestone { .. } => 242,
            Self::Progress { .. } => 243,
            Self::DecisionRecord { .. } => 244,
            Self::Lesion { .. } => 251,
            Self::CareCircle { .. } => 261,
            Self::CircleMember { .. } => 262,
            Self::Grant { .. } => 263,
            Self::ProxyActivation { .. } => 264,
            Self::ErasureRequest { .. } => 265,
            Self::GrantEnded { .. } => 268,
            Self::Person { .. } => 271,
            Self::RiskProfile { .. } => 281,
            Self::SupplementLine { .. } => 291,
            Self::SupplementSeparation { .. } => 292,
            Self::Approval { .. } => 301,
            Self::Notice { .. } => 311,
            Self::BreakGlass { .. } => 312,
            Self::GlassReview { .. } => 313,
            Self::SafetyMinimum { .. } => 321,
            Self::SummaryOfIdentity { .. } => 322,
            Self::SummaryOfActivity { .. } => 323,
            Self::MonitoringItem { .. } => 331,
            Self::MonitoringResult { .. } => 332,
            Self::EndOfLifePreferences { .. } => 341,
            Self::DiscussionNote { .. } => 342,
            Self::WishVisibility { .. } => 343,
            Self::HomeSafetyPlan { .. } => 351,
            Self::HomeHazard { .. } => 352,
            Self::PainPlan { .. } => 361,
            Self::RegularAnalgesic { .. } => 362,
            Self::PainIntervention { .. } => 363,
            Self::CancerTreatment { .. } => 371,
            Self::MedicineLine { .. } => 381,
            Self::TrialParticipation { .. } => 391,
            Self::EducationPlan { .. } => 401,
            Self::MaterialRead { .. } => 402,
            Self::TeachBack { .. } => 403,
            Self::Alert { .. } => 411,
            Self::AlertAcknowledgement { .. } => 412,
            Self::AlertClosure { .. } => 413,
            Self::AlertFace { .. } => 414,
            Self::TaskOccurrence { .. } => 421,
            Self::Proposal { .. } => 431,
            Self::Thread { .. } => 441,
            Self::ThreadParticipant { .. } => 442,
            Self::Message { .. } => 443,
            Self::ThreadSeen { .. } => 444,
            Self::SeenMark { .. } => 451,
            Self::ClinicSettings { .. } => 461,
            Self::ClinicTeam { .. } => 462,
            Self::OnCall { .. } => 463,
            Self::EscalationStep { .. } => 464,
            Self::LabLimit { .. } => 465,
            Self::RuleThreshold { .. } => 466,
            Self::ClinicCopy { .. } => 467,
            Self::SummaryOfCancer { .. } => 472,
            Self::SummaryOfBone { .. } => 473,
            Self::SummaryOfMedicines { .. } => 474,
            Self::SummaryOfLaboratory { .. } => 475,
            Self::SummaryOfNutrition { .. } => 477,
            Self::SummaryOfFalls { .. } => 479,
            Self::SummaryOfDental { .. } => 483,
            Self::SummaryOfTrials { .. } => 486,
            Self::Newer { type_number, .. } => *type_number,
        }
    }

    /// Its fields on the wire.
    pub fn encode(self) -> Vec<u8> {
        match self {
            Self::PainEntry { content } => Into::<osteon_proto::osteon::care::v1::PainEntry>::into(content).encode_to_vec(),
            Self::SymptomEntry { content } => Into::<osteon_proto::osteon::care::v1::SymptomEntry>::into(content).encode_to_vec(),
            Self::Meal { content } => Into::<osteon_proto::osteon::care::v1::Meal>::into(content).encode_to_vec(),
            Self::FluidEntry { content } => Into::<osteon_proto::osteon::care::v1::FluidEntry>::into(content).encode_to_vec(),
            Self::IntakeEntry { content } => Into::<osteon_proto::osteon::care::v1::IntakeEntry>::into(content).encode_to_vec(),
            Self::ActivitySession { content } => Into::<osteon_proto::osteon::care::v1::ActivitySession>::into(content).encode_to_vec(),
            Self::Fall { content } => Into::<osteon_proto::osteon::care::v1::Fall>::into(content).encode_to_vec(),
            Self::BodyWeight { content } => Into::<osteon_proto::osteon::care::v1::BodyWeight>::into(content).encode_to_vec(),
            Self::SleepEntry { content } => Into::<osteon_proto::osteon::care::v1::SleepEntry>::into(content).encode_to_vec(),
            Self::MoodEntry { content } => Into::<osteon_proto::osteon::care::v1::MoodEntry>::into(content).encode_to_vec(),
            Self::SmokingEntry { content } => Into::<osteon_proto::osteon::care::v1::SmokingEntry>::into(content).encode_to_vec(),
            Self::AlcoholEntry { content } => Into::<osteon_proto::osteon::care::v1::AlcoholEntry>::into(content).encode_to_vec(),
            Self::SunExposure { content } => Into::<osteon_proto::osteon::care::v1::SunExposure>::into(content).encode_to_vec(),
            Self::SwellingEntry { content } => Into::<osteon_proto::osteon::care::v1::SwellingEntry>::into(content).encode_to_vec(),
            Self::MouthCheck { content } => Into::<osteon_proto::osteon::care::v1::MouthCheck>::into(content).encode_to_vec(),
            Self::VitalSigns { content } => Into::<osteon_proto::osteon::care::v1::VitalSigns>::into(content).encode_to_vec(),
            Self::SideEffect { content } => Into::<osteon_proto::osteon::care::v1::SideEffect>::into(content).encode_to_vec(),
            Self::HomeSafetyCheck { content } => Into::<osteon_proto::osteon::care::v1::HomeSafetyCheck>::into(content).encode_to_vec(),
            Self::ReadinessCheck { content } => Into::<osteon_proto::osteon::care::v1::ReadinessCheck>::into(content).encode_to_vec(),
            Self::LaboratoryResult { content } => Into::<osteon_proto::osteon::care::v1::LaboratoryResult>::into(content).encode_to_vec(),
            Self::FunctionalTest { content } => Into::<osteon_proto::osteon::care::v1::FunctionalTest>::into(content).encode_to_vec(),
            Self::VisitEntry { content } => Into::<osteon_proto::osteon::care::v1::VisitEntry>::into(content).encode_to_vec(),
            Self::SupportActivity { content } => Into::<osteon_proto::osteon::care::v1::SupportActivity>::into(content).encode_to_vec(),
            Self::DiaryNote { content } => Into::<osteon_proto::osteon::care::v1::DiaryNote>::into(content).encode_to_vec(),
            Self::AssessmentResult { content } => Into::<osteon_proto::osteon::care::v1::AssessmentResult>::into(content).encode_to_vec(),
            Self::StepsOfDay { content } => Into::<osteon_proto::osteon::care::v1::StepsOfDay>::into(content).encode_to_vec(),
            Self::ExercisePlan { content } => Into::<osteon_proto::osteon::care::v1::ExercisePlan>::into(content).encode_to_vec(),
            Self::Exercise { content } => Into::<osteon_proto::osteon::care::v1::Exercise>::into(content).encode_to_vec(),
            Self::AllowedModule { content } => Into::<osteon_proto::osteon::care::v1::AllowedModule>::into(content).encode_to_vec(),
            Self::WeightBearing { content } => Into::<osteon_proto::osteon::care::v1::WeightBearing>::into(content).encode_to_vec(),
            Self::LoadLimit { content } => Into::<osteon_proto::osteon::care::v1::LoadLimit>::into(content).encode_to_vec(),
            Self::DoseModifier { content } => Into::<osteon_proto::osteon::care::v1::DoseModifier>::into(content).encode_to_vec(),
            Self::EventRestriction { content } => Into::<osteon_proto::osteon::care::v1::EventRestriction>::into(content).encode_to_vec(),
            Self::NutritionPlan { content } => Into::<osteon_proto::osteon::care::v1::NutritionPlan>::into(content).encode_to_vec(),
            Self::TimingRule { content } => Into::<osteon_proto::osteon::care::v1::TimingRule>::into(content).encode_to_vec(),
            Self::SymptomFoodAction { content } => Into::<osteon_proto::osteon::care::v1::SymptomFoodAction>::into(content).encode_to_vec(),
            Self::BoneDrugPlan { content } => Into::<osteon_proto::osteon::care::v1::BoneDrugPlan>::into(content).encode_to_vec(),
            Self::Administration { content } => Into::<osteon_proto::osteon::care::v1::Administration>::into(content).encode_to_vec(),
            Self::OralDose { content } => Into::<osteon_proto::osteon::care::v1::OralDose>::into(content).encode_to_vec(),
            Self::SharedGoal { content } => Into::<osteon_proto::osteon::care::v1::SharedGoal>::into(content).encode_to_vec(),
            Self::Milestone { content } => Into::<osteon_proto::osteon::care::v1::Milestone>::into(content).encode_to_vec(),
            Self::Progress { content } => Into::<osteon_proto::osteon::care::v1::Progress>::into(content).encode_to_vec(),
            Self::DecisionRecord { content } => Into::<osteon_proto::osteon::care::v1::DecisionRecord>::into(content).encode_to_vec(),
            Self::Lesion { content } => Into::<osteon_proto::osteon::care::v1::Lesion>::into(content).encode_to_vec(),
            Self::CareCircle { content } => Into::<osteon_proto::osteon::care::v1::CareCircle>::into(content).encode_to_vec(),
            Self::CircleMember { content } => Into::<osteon_proto::osteon::care::v1::CircleMember>::into(content).encode_to_vec(),
            Self::Grant { content } => Into::<osteon_proto::osteon::care::v1::Grant>::into(content).encode_to_vec(),
            Self::ProxyActivation { content } => Into::<osteon_proto::osteon::care::v1::ProxyActivation>::into(content).encode_to_vec(),
            Self::ErasureRequest { content } => Into::<osteon_proto::osteon::care::v1::ErasureRequest>::into(content).encode_to_vec(),
            Self::GrantEnded { content } => Into::<osteon_proto::osteon::care::v1::GrantEnded>::into(content).encode_to_vec(),
            Self::Person { content } => Into::<osteon_proto::osteon::care::v1::Person>::into(content).encode_to_vec(),
            Self::RiskProfile { content } => Into::<osteon_proto::osteon::care::v1::RiskProfile>::into(content).encode_to_vec(),
            Self::SupplementLine { content } => Into::<osteon_proto::osteon::care::v1::SupplementLine>::into(content).encode_to_vec(),
            Self::SupplementSeparation { content } => Into::<osteon_proto::osteon::care::v1::SupplementSeparation>::into(content).encode_to_vec(),
            Self::Approval { content } => Into::<osteon_proto::osteon::care::v1::Approval>::into(content).encode_to_vec(),
            Self::Notice { content } => Into::<osteon_proto::osteon::care::v1::Notice>::into(content).encode_to_vec(),
            Self::BreakGlass { content } => Into::<osteon_proto::osteon::care::v1::BreakGlass>::into(content).encode_to_vec(),
            Self::GlassReview { content } => Into::<osteon_proto::osteon::care::v1::GlassReview>::into(content).encode_to_vec(),
            Self::SafetyMinimum { content } => Into::<osteon_proto::osteon::care::v1::SafetyMinimum>::into(content).encode_to_vec(),
            Self::SummaryOfIdentity { content } => Into::<osteon_proto::osteon::care::v1::SummaryOfIdentity>::into(content).encode_to_vec(),
            Self::SummaryOfActivity { content } => Into::<osteon_proto::osteon::care::v1::SummaryOfActivity>::into(content).encode_to_vec(),
            Self::MonitoringItem { content } => Into::<osteon_proto::osteon::care::v1::MonitoringItem>::into(content).encode_to_vec(),
            Self::MonitoringResult { content } => Into::<osteon_proto::osteon::care::v1::MonitoringResult>::into(content).encode_to_vec(),
            Self::EndOfLifePreferences { content } => Into::<osteon_proto::osteon::care::v1::EndOfLifePreferences>::into(content).encode_to_vec(),
            Self::DiscussionNote { content } => Into::<osteon_proto::osteon::care::v1::DiscussionNote>::into(content).encode_to_vec(),
            Self::WishVisibility { content } => Into::<osteon_proto::osteon::care::v1::WishVisibility>::into(content).encode_to_vec(),
            Self::HomeSafetyPlan { content } => Into::<osteon_proto::osteon::care::v1::HomeSafetyPlan>::into(content).encode_to_vec(),
            Self::HomeHazard { content } => Into::<osteon_proto::osteon::care::v1::HomeHazard>::into(content).encode_to_vec(),
            Self::PainPlan { content } => Into::<osteon_proto::osteon::care::v1::PainPlan>::into(content).encode_to_vec(),
            Self::RegularAnalgesic { content } => Into::<osteon_proto::osteon::care::v1::RegularAnalgesic>::into(content).encode_to_vec(),
            Self::PainIntervention { content } => Into::<osteon_proto::osteon::care::v1::PainIntervention>::into(content).encode_to_vec(),
            Self::CancerTreatment { content } => Into::<osteon_proto::osteon::care::v1::CancerTreatment>::into(content).encode_to_vec(),
            Self::MedicineLine { content } => Into::<osteon_proto::osteon::care::v1::MedicineLine>::into(content).encode_to_vec(),
            Self::TrialParticipation { content } => Into::<osteon_proto::osteon::care::v1::TrialParticipation>::into(content).encode_to_vec(),
            Self::EducationPlan { content } => Into::<osteon_proto::osteon::care::v1::EducationPlan>::into(content).encode_to_vec(),
            Self::MaterialRead { content } => Into::<osteon_proto::osteon::care::v1::MaterialRead>::into(content).encode_to_vec(),
            Self::TeachBack { content } => Into::<osteon_proto::osteon::care::v1::TeachBack>::into(content).encode_to_vec(),
            Self::Alert { content } => Into::<osteon_proto::osteon::care::v1::Alert>::into(content).encode_to_vec(),
            Self::AlertAcknowledgement { content } => Into::<osteon_proto::osteon::care::v1::AlertAcknowledgement>::into(content).encode_to_vec(),
            Self::AlertClosure { content } => Into::<osteon_proto::osteon::care::v1::AlertClosure>::into(content).encode_to_vec(),
            Self::AlertFace { content } => Into::<osteon_proto::osteon::care::v1::AlertFace>::into(content).encode_to_vec(),
            Self::TaskOccurrence { content } => Into::<osteon_proto::osteon::care::v1::TaskOccurrence>::into(content).encode_to_vec(),
            Self::Proposal { content } => Into::<osteon_proto::osteon::care::v1::Proposal>::into(content).encode_to_vec(),
            Self::Thread { content } => Into::<osteon_proto::osteon::care::v1::Thread>::into(content).encode_to_vec(),
            Self::ThreadParticipant { content } => Into::<osteon_proto::osteon::care::v1::ThreadParticipant>::into(content).encode_to_vec(),
            Self::Message { content } => Into::<osteon_proto::osteon::care::v1::Message>::into(content).encode_to_vec(),
            Self::ThreadSeen { content } => Into::<osteon_proto::osteon::care::v1::ThreadSeen>::into(content).encode_to_vec(),
            Self::SeenMark { content } => Into::<osteon_proto::osteon::care::v1::SeenMark>::into(content).encode_to_vec(),
            Self::ClinicSettings { content } => Into::<osteon_proto::osteon::care::v1::ClinicSettings>::into(content).encode_to_vec(),
            Self::ClinicTeam { content } => Into::<osteon_proto::osteon::care::v1::ClinicTeam>::into(content).encode_to_vec(),
            Self::OnCall { content } => Into::<osteon_proto::osteon::care::v1::OnCall>::into(content).encode_to_vec(),
            Self::EscalationStep { content } => Into::<osteon_proto::osteon::care::v1::EscalationStep>::into(content).encode_to_vec(),
            Self::LabLimit { content } => Into::<osteon_proto::osteon::care::v1::LabLimit>::into(content).encode_to_vec(),
            Self::RuleThreshold { content } => Into::<osteon_proto::osteon::care::v1::RuleThreshold>::into(content).encode_to_vec(),
            Self::ClinicCopy { content } => Into::<osteon_proto::osteon::care::v1::ClinicCopy>::into(content).encode_to_vec(),
            Self::SummaryOfCancer { content } => Into::<osteon_proto::osteon::care::v1::SummaryOfCancer>::into(content).encode_to_vec(),
            Self::SummaryOfBone { content } => Into::<osteon_proto::osteon::care::v1::SummaryOfBone>::into(content).encode_to_vec(),
            Self::SummaryOfMedicines { content } => Into::<osteon_proto::osteon::care::v1::SummaryOfMedicines>::into(content).encode_to_vec(),
            Self::SummaryOfLaboratory { content } => Into::<osteon_proto::osteon::care::v1::SummaryOfLaboratory>::into(content).encode_to_vec(),
            Self::SummaryOfNutrition { content } => Into::<osteon_proto::osteon::care::v1::SummaryOfNutrition>::into(content).encode_to_vec(),
            Self::SummaryOfFalls { content } => Into::<osteon_proto::osteon::care::v1::SummaryOfFalls>::into(content).encode_to_vec(),
            Self::SummaryOfDental { content } => Into::<osteon_proto::osteon::care::v1::SummaryOfDental>::into(content).encode_to_vec(),
            Self::SummaryOfTrials { content } => Into::<osteon_proto::osteon::care::v1::SummaryOfTrials>::into(content).encode_to_vec(),
            Self::Newer { content, .. } => content,
        }
    }

    /// Of its fields on the wire; `None`: they do not decode.
    pub fn decode(type_number: u32, bytes: &[u8]) -> Option<Self> {
        Some(match type_number {
            101 => Self::PainEntry { content: osteon_proto::osteon::care::v1::PainEntry::decode(bytes).ok()?.into() },
            102 => Self::SymptomEntry { content: osteon_proto::osteon::care::v1::SymptomEntry::decode(bytes).ok()?.into() },
            103 => Self::Meal { content: osteon_proto::osteon::care::v1::Meal::decode(bytes).ok()?.into() },
            104 => Self::FluidEntry { content: osteon_proto::osteon::care::v1::FluidEntry::decode(bytes).ok()?.into() },
            105 => Self::IntakeEntry { content: osteon_proto::osteon::care::v1::IntakeEntry::decode(bytes).ok()?.into() },
            106 => Self::ActivitySession { content: osteon_proto::osteon::care::v1::ActivitySession::decode(bytes).ok()?.into() },
            107 => Self::Fall { content: osteon_proto::osteon::care::v1::Fall::decode(bytes).ok()?.into() },
            108 => Self::BodyWeight { content: osteon_proto::osteon::care::v1::BodyWeight::decode(bytes).ok()?.into() },
            109 => Self::SleepEntry { content: osteon_proto::osteon::care::v1::SleepEntry::decode(bytes).ok()?.into() },
            110 => Self::MoodEntry { content: osteon_proto::osteon::care::v1::MoodEntry::decode(bytes).ok()?.into() },
            111 => Self::SmokingEntry { content: osteon_proto::osteon::care::v1::SmokingEntry::decode(bytes).ok()?.into() },
            112 => Self::AlcoholEntry { content: osteon_proto::osteon::care::v1::AlcoholEntry::decode(bytes).ok()?.into() },
            113 => Self::SunExposure { content: osteon_proto::osteon::care::v1::SunExposure::decode(bytes).ok()?.into() },
            114 => Self::SwellingEntry { content: osteon_proto::osteon::care::v1::SwellingEntry::decode(bytes).ok()?.into() },
            115 => Self::MouthCheck { content: osteon_proto::osteon::care::v1::MouthCheck::decode(bytes).ok()?.into() },
            116 => Self::VitalSigns { content: osteon_proto::osteon::care::v1::VitalSigns::decode(bytes).ok()?.into() },
            117 => Self::SideEffect { content: osteon_proto::osteon::care::v1::SideEffect::decode(bytes).ok()?.into() },
            118 => Self::HomeSafetyCheck { content: osteon_proto::osteon::care::v1::HomeSafetyCheck::decode(bytes).ok()?.into() },
            119 => Self::ReadinessCheck { content: osteon_proto::osteon::care::v1::ReadinessCheck::decode(bytes).ok()?.into() },
            120 => Self::LaboratoryResult { content: osteon_proto::osteon::care::v1::LaboratoryResult::decode(bytes).ok()?.into() },
            121 => Self::FunctionalTest { content: osteon_proto::osteon::care::v1::FunctionalTest::decode(bytes).ok()?.into() },
            122 => Self::VisitEntry { content: osteon_proto::osteon::care::v1::VisitEntry::decode(bytes).ok()?.into() },
            123 => Self::SupportActivity { content: osteon_proto::osteon::care::v1::SupportActivity::decode(bytes).ok()?.into() },
            124 => Self::DiaryNote { content: osteon_proto::osteon::care::v1::DiaryNote::decode(bytes).ok()?.into() },
            125 => Self::AssessmentResult { content: osteon_proto::osteon::care::v1::AssessmentResult::decode(bytes).ok()?.into() },
            151 => Self::StepsOfDay { content: osteon_proto::osteon::care::v1::StepsOfDay::decode(bytes).ok()?.into() },
            201 => Self::ExercisePlan { content: osteon_proto::osteon::care::v1::ExercisePlan::decode(bytes).ok()?.into() },
            211 => Self::Exercise { content: osteon_proto::osteon::care::v1::Exercise::decode(bytes).ok()?.into() },
            212 => Self::AllowedModule { content: osteon_proto::osteon::care::v1::AllowedModule::decode(bytes).ok()?.into() },
            213 => Self::WeightBearing { content: osteon_proto::osteon::care::v1::WeightBearing::decode(bytes).ok()?.into() },
            214 => Self::LoadLimit { content: osteon_proto::osteon::care::v1::LoadLimit::decode(bytes).ok()?.into() },
            215 => Self::DoseModifier { content: osteon_proto::osteon::care::v1::DoseModifier::decode(bytes).ok()?.into() },
            216 => Self::EventRestriction { content: osteon_proto::osteon::care::v1::EventRestriction::decode(bytes).ok()?.into() },
            221 => Self::NutritionPlan { content: osteon_proto::osteon::care::v1::NutritionPlan::decode(bytes).ok()?.into() },
            222 => Self::TimingRule { content: osteon_proto::osteon::care::v1::TimingRule::decode(bytes).ok()?.into() },
            223 => Self::SymptomFoodAction { content: osteon_proto::osteon::care::v1::SymptomFoodAction::decode(bytes).ok()?.into() },
            231 => Self::BoneDrugPlan { content: osteon_proto::osteon::care::v1::BoneDrugPlan::decode(bytes).ok()?.into() },
            232 => Self::Administration { content: osteon_proto::osteon::care::v1::Administration::decode(bytes).ok()?.into() },
            233 => Self::OralDose { content: osteon_proto::osteon::care::v1::OralDose::decode(bytes).ok()?.into() },
            241 => Self::SharedGoal { content: osteon_proto::osteon::care::v1::SharedGoal::decode(bytes).ok()?.into() },
            242 => Self::Milestone { content: osteon_proto::osteon::care::v1::Milestone::decode(bytes).ok()?.into() },
            243 => Self::Progress { content: osteon_proto::osteon::care::v1::Progress::decode(bytes).ok()?.into() },
            244 => Self::DecisionRecord { content: osteon_proto::osteon::care::v1::DecisionRecord::decode(bytes).ok()?.into() },
            251 => Self::Lesion { content: osteon_proto::osteon::care::v1::Lesion::decode(bytes).ok()?.into() },
            261 => Self::CareCircle { content: osteon_proto::osteon::care::v1::CareCircle::decode(bytes).ok()?.into() },
            262 => Self::CircleMember { content: osteon_proto::osteon::care::v1::CircleMember::decode(bytes).ok()?.into() },
            263 => Self::Grant { content: osteon_proto::osteon::care::v1::Grant::decode(bytes).ok()?.into() },
            264 => Self::ProxyActivation { content: osteon_proto::osteon::care::v1::ProxyActivation::decode(bytes).ok()?.into() },
            265 => Self::ErasureRequest { content: osteon_proto::osteon::care::v1::ErasureRequest::decode(bytes).ok()?.into() },
            268 => Self::GrantEnded { content: osteon_proto::osteon::care::v1::GrantEnded::decode(bytes).ok()?.into() },
            271 => Self::Person { content: osteon_proto::osteon::care::v1::Person::decode(bytes).ok()?.into() },
            281 => Self::RiskProfile { content: osteon_proto::osteon::care::v1::RiskProfile::decode(bytes).ok()?.into() },
            291 => Self::SupplementLine { content: osteon_proto::osteon::care::v1::SupplementLine::decode(bytes).ok()?.into() },
            292 => Self::SupplementSeparation { content: osteon_proto::osteon::care::v1::SupplementSeparation::decode(bytes).ok()?.into() },
            301 => Self::Approval { content: osteon_proto::osteon::care::v1::Approval::decode(bytes).ok()?.into() },
            311 => Self::Notice { content: osteon_proto::osteon::care::v1::Notice::decode(bytes).ok()?.into() },
            312 => Self::BreakGlass { content: osteon_proto::osteon::care::v1::BreakGlass::decode(bytes).ok()?.into() },
            313 => Self::GlassReview { content: osteon_proto::osteon::care::v1::GlassReview::decode(bytes).ok()?.into() },
            321 => Self::SafetyMinimum { content: osteon_proto::osteon::care::v1::SafetyMinimum::decode(bytes).ok()?.into() },
            322 => Self::SummaryOfIdentity { content: osteon_proto::osteon::care::v1::SummaryOfIdentity::decode(bytes).ok()?.into() },
            323 => Self::SummaryOfActivity { content: osteon_proto::osteon::care::v1::SummaryOfActivity::decode(bytes).ok()?.into() },
            331 => Self::MonitoringItem { content: osteon_proto::osteon::care::v1::MonitoringItem::decode(bytes).ok()?.into() },
            332 => Self::MonitoringResult { content: osteon_proto::osteon::care::v1::MonitoringResult::decode(bytes).ok()?.into() },
            341 => Self::EndOfLifePreferences { content: osteon_proto::osteon::care::v1::EndOfLifePreferences::decode(bytes).ok()?.into() },
            342 => Self::DiscussionNote { content: osteon_proto::osteon::care::v1::DiscussionNote::decode(bytes).ok()?.into() },
            343 => Self::WishVisibility { content: osteon_proto::osteon::care::v1::WishVisibility::decode(bytes).ok()?.into() },
            351 => Self::HomeSafetyPlan { content: osteon_proto::osteon::care::v1::HomeSafetyPlan::decode(bytes).ok()?.into() },
            352 => Self::HomeHazard { content: osteon_proto::osteon::care::v1::HomeHazard::decode(bytes).ok()?.into() },
            361 => Self::PainPlan { content: osteon_proto::osteon::care::v1::PainPlan::decode(bytes).ok()?.into() },
            362 => Self::RegularAnalgesic { content: osteon_proto::osteon::care::v1::RegularAnalgesic::decode(bytes).ok()?.into() },
            363 => Self::PainIntervention { content: osteon_proto::osteon::care::v1::PainIntervention::decode(bytes).ok()?.into() },
            371 => Self::CancerTreatment { content: osteon_proto::osteon::care::v1::CancerTreatment::decode(bytes).ok()?.into() },
            381 => Self::MedicineLine { content: osteon_proto::osteon::care::v1::MedicineLine::decode(bytes).ok()?.into() },
            391 => Self::TrialParticipation { content: osteon_proto::osteon::care::v1::TrialParticipation::decode(bytes).ok()?.into() },
            401 => Self::EducationPlan { content: osteon_proto::osteon::care::v1::EducationPlan::decode(bytes).ok()?.into() },
            402 => Self::MaterialRead { content: osteon_proto::osteon::care::v1::MaterialRead::decode(bytes).ok()?.into() },
            403 => Self::TeachBack { content: osteon_proto::osteon::care::v1::TeachBack::decode(bytes).ok()?.into() },
            411 => Self::Alert { content: osteon_proto::osteon::care::v1::Alert::decode(bytes).ok()?.into() },
            412 => Self::AlertAcknowledgement { content: osteon_proto::osteon::care::v1::AlertAcknowledgement::decode(bytes).ok()?.into() },
            413 => Self::AlertClosure { content: osteon_proto::osteon::care::v1::AlertClosure::decode(bytes).ok()?.into() },
            414 => Self::AlertFace { content: osteon_proto::osteon::care::v1::AlertFace::decode(bytes).ok()?.into() },
            421 => Self::TaskOccurrence { content: osteon_proto::osteon::care::v1::TaskOccurrence::decode(bytes).ok()?.into() },
            431 => Self::Proposal { content: osteon_proto::osteon::care::v1::Proposal::decode(bytes).ok()?.into() },
            441 => Self::Thread { content: osteon_proto::osteon::care::v1::Thread::decode(bytes).ok()?.into() },
            442 => Self::ThreadParticipant { content: osteon_proto::osteon::care::v1::ThreadParticipant::decode(bytes).ok()?.into() },
            443 => Self::Message { content: osteon_proto::osteon::care::v1::Message::decode(bytes).ok()?.into() },
            444 => Self::ThreadSeen { content: osteon_proto::osteon::care::v1::ThreadSeen::decode(bytes).ok()?.into() },
            451 => Self::SeenMark { content: osteon_proto::osteon::care::v1::SeenMark::decode(bytes).ok()?.into() },
            461 => Self::ClinicSettings { content: osteon_proto::osteon::care::v1::ClinicSettings::decode(bytes).ok()?.into() },
            462 => Self::ClinicTeam { content: osteon_proto::osteon::care::v1::ClinicTeam::decode(bytes).ok()?.into() },
            463 => Self::OnCall { content: osteon_proto::osteon::care::v1::OnCall::decode(bytes).ok()?.into() },
            464 => Self::EscalationStep { content: osteon_proto::osteon::care::v1::EscalationStep::decode(bytes).ok()?.into() },
            465 => Self::LabLimit { content: osteon_proto::osteon::care::v1::LabLimit::decode(bytes).ok()?.into() },
            466 => Self::RuleThreshold { content: osteon_proto::osteon::care::v1::RuleThreshold::decode(bytes).ok()?.into() },
            467 => Self::ClinicCopy { content: osteon_proto::osteon::care::v1::ClinicCopy::decode(bytes).ok()?.into() },
            472 => Self::SummaryOfCancer { content: osteon_proto::osteon::care::v1::SummaryOfCancer::decode(bytes).ok()?.into() },
            473 => Self::SummaryOfBone { content: osteon_proto::osteon::care::v1::SummaryOfBone::decode(bytes).ok()?.into() },
            474 => Self::SummaryOfMedicines { content: osteon_proto::osteon::care::v1::SummaryOfMedicines::decode(bytes).ok()?.into() },
            475 => Self::SummaryOfLaboratory { content: osteon_proto::osteon::care::v1::SummaryOfLaboratory::decode(bytes).ok()?.into() },
            477 => Self::SummaryOfNutrition { content: osteon_proto::osteon::care::v1::SummaryOfNutrition::decode(bytes).ok()?.into() },
            479 => Self::SummaryOfFalls { content: osteon_proto::osteon::care::v1::SummaryOfFalls::decode(bytes).ok()?.into() },
            483 => Self::SummaryOfDental { content: osteon_proto::osteon::care::v1::SummaryOfDental::decode(bytes).ok()?.into() },
            486 => Self::SummaryOfTrials { content: osteon_proto::osteon::care::v1::SummaryOfTrials::decode(bytes).ok()?.into() },
            _ => Self::Newer { type_number, content: bytes.to_vec() },
        })
    }
}

/// J06. One session of activity. Why it stopped and what was felt go by the urgent lane.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct ActivitySession {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// What was done. A set; at most 16 in one write. Source: LOINC 73985-4 exercise activity (V).
    #[uniffi(default = [])]
    pub kind: Vec<ActivityKind>,
    /// How long. 1 to 600 min. Source: LOINC 55411-3 (V).
    #[uniffi(default = None)]
    pub duration: Option<u32>,
    /// Session rating of perceived exertion. 0 to 10 {score}, in steps of 0.1. Source: session RPE 0-10 (see licence
    /// note).
    #[uniffi(default = None)]
    pub rpe: Option<u32>,
    /// Codes of movements made. A set; at most 64 in one write.
    #[uniffi(default = [])]
    pub movements: Vec<String>,
    /// Body regions under load, SNOMED CT. A set; at most 64 in one write.
    #[uniffi(default = [])]
    pub regions_loaded: Vec<String>,
    /// Heaviest load. 0 to 300 kg, in steps of 0.1.
    #[uniffi(default = None)]
    pub load_kg: Option<u32>,
    /// Sets. 0 to 1000 {#}.
    #[uniffi(default = None)]
    pub sets: Option<u32>,
    /// Repetitions. 0 to 10000 {#}.
    #[uniffi(default = None)]
    pub reps: Option<u32>,
    /// Pain before. 0 to 10 {score}. Source: LOINC 72514-3.
    #[uniffi(default = None)]
    pub pain_before: Option<u32>,
    /// Worst pain during the session. 0 to 10 {score}. Source: LOINC 72514-3.
    #[uniffi(default = None)]
    pub pain_during_max: Option<u32>,
    /// Pain 24 hours later. 0 to 10 {score}. Source: LOINC 72514-3.
    #[uniffi(default = None)]
    pub pain_after_24h: Option<u32>,
    /// Signs during the session. A set; at most 16 in one write. Source: input of R-EX-5 (design).
    #[uniffi(default = [])]
    pub symptoms_during: Vec<SymptomDuring>,
    /// Why it ended.
    #[uniffi(default = None)]
    pub stop_reason: Option<StopReason>,
}

impl From<osteon_proto::osteon::care::v1::ActivitySession> for ActivitySession {
    fn from(m: osteon_proto::osteon::care::v1::ActivitySession) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            kind: m.kind.into_iter().map(|n| n.into()).collect(),
            duration: m.duration,
            rpe: m.rpe,
            movements: m.movements,
            regions_loaded: m.regions_loaded,
            load_kg: m.load_kg,
            sets: m.sets,
            reps: m.reps,
            pain_before: m.pain_before,
            pain_during_max: m.pain_during_max,
            pain_after_24h: m.pain_after_24h,
            symptoms_during: m.symptoms_during.into_iter().map(|n| n.into()).collect(),
            stop_reason: m.stop_reason.map(|n| n.into()),
        }
    }
}

impl From<ActivitySession> for osteon_proto::osteon::care::v1::ActivitySession {
    fn from(m: ActivitySession) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            kind: m.kind.into_iter().map(|n| n.into()).collect(),
            duration: m.duration,
            rpe: m.rpe,
            movements: m.movements,
            regions_loaded: m.regions_loaded,
            load_kg: m.load_kg,
            sets: m.sets,
            reps: m.reps,
            pain_before: m.pain_before,
            pain_during_max: m.pain_during_max,
            pain_after_24h: m.pain_after_24h,
            symptoms_during: m.symptoms_during.into_iter().map(|n| n.into()).collect(),
            stop_reason: m.stop_reason.map(|n| n.into()),
        }
    }
}

/// P-BONE.administration. One injection or infusion that was given. Takes no second write; two reports of one dose are
/// two records and raise a warning.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Administration {
    /// The record that this one belongs to (P-BONE).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// Which drug, a code. Why so: a counter would silently add two reports of one dose; duplicates raise R-BMA-1.
    #[uniffi(default = None)]
    pub agent: Option<String>,
    /// Dose. 0 to 10000, in steps of 0.001. Why so: a counter would silently add two reports of one dose; duplicates
    /// raise R-BMA-1.
    #[uniffi(default = None)]
    pub dose: Option<u32>,
    /// UCUM unit of the dose. Why so: a counter would silently add two reports of one dose; duplicates raise R-BMA-1.
    #[uniffi(default = None)]
    pub dose_unit: Option<String>,
    /// Lot number. Why so: a counter would silently add two reports of one dose; duplicates raise R-BMA-1.
    #[uniffi(default = None)]
    pub lot: Option<String>,
    /// Where it was given. Why so: a counter would silently add two reports of one dose; duplicates raise R-BMA-1.
    #[uniffi(default = None)]
    pub site: Option<AdministrationSite>,
    /// When it was given. Why so: a counter would silently add two reports of one dose; duplicates raise R-BMA-1.
    #[uniffi(default = None)]
    pub when: Option<Moment>,
    /// Who gave it. Why so: a counter would silently add two reports of one dose; duplicates raise R-BMA-1.
    #[uniffi(default = None)]
    pub given_by: Option<String>,
    /// Who knows it. Why so: a counter would silently add two reports of one dose; duplicates raise R-BMA-1.
    #[uniffi(default = None)]
    pub source: Option<AdministrationSource>,
}

impl From<osteon_proto::osteon::care::v1::Administration> for Administration {
    fn from(m: osteon_proto::osteon::care::v1::Administration) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            agent: m.agent,
            dose: m.dose,
            dose_unit: m.dose_unit,
            lot: m.lot,
            site: m.site.map(|n| n.into()),
            when: m.when.map(|n| n.into()),
            given_by: m.given_by,
            source: m.source.map(|n| n.into()),
        }
    }
}

impl From<Administration> for osteon_proto::osteon::care::v1::Administration {
    fn from(m: Administration) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            agent: m.agent,
            dose: m.dose,
            dose_unit: m.dose_unit,
            lot: m.lot,
            site: m.site.map(|n| n.into()),
            when: m.when.map(|n| n.into()),
            given_by: m.given_by,
            source: m.source.map(|n| n.into()),
        }
    }
}

/// J12. What was drunk in a day, in the units of the country.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct AlcoholEntry {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// Units in the day. 0 to 60 {unit}, in steps of 0.1. Source: LOINC 74013-4 drinks per day (V); store local unit
    /// definition (g ethanol).
    #[uniffi(default = None)]
    pub units: Option<u32>,
    /// Ethanol in one such unit: countries count differently. 0 to 50 g, in steps of 0.1.
    #[uniffi(default = None)]
    pub unit_ethanol_g: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::AlcoholEntry> for AlcoholEntry {
    fn from(m: osteon_proto::osteon::care::v1::AlcoholEntry) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            units: m.units,
            unit_ethanol_g: m.unit_ethanol_g,
        }
    }
}

impl From<AlcoholEntry> for osteon_proto::osteon::care::v1::AlcoholEntry {
    fn from(m: AlcoholEntry) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            units: m.units,
            unit_ethanol_g: m.unit_ethanol_g,
        }
    }
}

/// Alert. What a rule found. Written by the server alone; its id is derived from the key and the revision, so that
/// nothing is announced twice. Never deleted. Its label is the union of the categories of the rule's inputs.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Alert {
    /// The revision before this one.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// Which rule, for example R-MSCC-1.
    #[uniffi(default = None)]
    pub rule: Option<String>,
    /// The record that it is about; of the whole circle: its care circle.
    #[uniffi(default = None)]
    pub subject: Option<Vec<u8>>,
    /// What tells alerts of one rule and subject apart: site, agent, entry.
    #[uniffi(default = None)]
    pub discriminator: Option<String>,
    /// Counted from 1. 1 to 1e+06.
    #[uniffi(default = None)]
    pub revision: Option<u32>,
    /// How soon somebody has to look.
    #[uniffi(default = None)]
    pub severity: Option<AlertSeverity>,
    /// What the rule found.
    #[uniffi(default = None)]
    pub verdict: Option<AlertVerdict>,
    /// Inputs without which the rule cannot tell. The list is one value; at most 32.
    #[uniffi(default = [])]
    pub missing: Vec<String>,
    /// The versions that the rule read. The list is one value; at most 256.
    #[uniffi(default = [])]
    pub inputs: Vec<RuleInput>,
    /// What stands for the placeholders of its texts. The list is one value; at most 32.
    #[uniffi(default = [])]
    pub texts: Vec<RuleText>,
    /// Version of the rule set.
    #[uniffi(default = None)]
    pub rule_set: Option<String>,
    /// When what it is about happened.
    #[uniffi(default = None)]
    pub happened: Option<Moment>,
    /// When it was raised; of an update, when what it says anew was.
    #[uniffi(default = None)]
    pub raised: Option<Timestamp>,
    /// Days between what happened and its arrival. 0 to 36500 d.
    #[uniffi(default = None)]
    pub late_days: Option<u32>,
    /// Roles that are told. The list is one value; at most 8.
    #[uniffi(default = [])]
    pub told: Vec<Role>,
    /// Account of the member who sees to it.
    #[uniffi(default = None)]
    pub owner: Option<u64>,
    /// Why it was raised.
    #[uniffi(default = None)]
    pub cause: Option<AlertCause>,
    /// How often it went to the next in line. 0 to 64.
    #[uniffi(default = None)]
    pub step: Option<u32>,
    /// The signs that it names; another one raises it again. The list is one value; at most 32.
    #[uniffi(default = [])]
    pub signs: Vec<String>,
    /// Further sentences of the rule set that apply. The list is one value; at most 16.
    #[uniffi(default = [])]
    pub notes: Vec<String>,
    /// Told to nobody: recorded while the person wishes comfort first (R-EOL-1).
    #[uniffi(default = None)]
    pub muted: Option<bool>,
    /// Accounts of the members that it went on to, because nobody had seen it for its time. The list is one value; at most
    /// 64.
    #[uniffi(default = [])]
    pub told_members: Vec<u64>,
}

impl From<osteon_proto::osteon::care::v1::Alert> for Alert {
    fn from(m: osteon_proto::osteon::care::v1::Alert) -> Self {
        Self {
            supersedes: m.supersedes.map(|b| b.to_vec()),
            rule: m.rule,
            subject: m.subject.map(|b| b.to_vec()),
            discriminator: m.discriminator,
            revision: m.revision,
            severity: m.severity.map(|n| n.into()),
            verdict: m.verdict.map(|n| n.into()),
            missing: m.missing,
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
            texts: m.texts.into_iter().map(|n| n.into()).collect(),
            rule_set: m.rule_set,
            happened: m.happened.map(|n| n.into()),
            raised: m.raised.map(|n| n.into()),
            late_days: m.late_days,
            told: m.told.into_iter().map(|n| n.into()).collect(),
            owner: m.owner,
            cause: m.cause.map(|n| n.into()),
            step: m.step,
            signs: m.signs,
            notes: m.notes,
            muted: m.muted,
            told_members: m.told_members,
        }
    }
}

impl From<Alert> for osteon_proto::osteon::care::v1::Alert {
    fn from(m: Alert) -> Self {
        Self {
            supersedes: m.supersedes.map(|b| b.into()),
            rule: m.rule,
            subject: m.subject.map(|b| b.into()),
            discriminator: m.discriminator,
            revision: m.revision,
            severity: m.severity.map(|n| n.into()),
            verdict: m.verdict.map(|n| n.into()),
            missing: m.missing,
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
            texts: m.texts.into_iter().map(|n| n.into()).collect(),
            rule_set: m.rule_set,
            happened: m.happened.map(|n| n.into()),
            raised: m.raised.map(|n| n.into()),
            late_days: m.late_days,
            told: m.told.into_iter().map(|n| n.into()).collect(),
            owner: m.owner,
            cause: m.cause.map(|n| n.into()),
            step: m.step,
            signs: m.signs,
            notes: m.notes,
            muted: m.muted,
            told_members: m.told_members,
        }
    }
}

/// Alert.acknowledgement. One person has seen one revision of an alert. Its label is that of the alert.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct AlertAcknowledgement {
    /// The record that this one belongs to (Alert).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// Account of whoever has seen it: the author.
    #[uniffi(default = None)]
    pub account: Option<u64>,
    /// When.
    #[uniffi(default = None)]
    pub at: Option<Moment>,
    /// This person sees to it.
    #[uniffi(default = None)]
    pub takes_over: Option<bool>,
    /// Account of the member of the team whom this person asks to see to it. It is theirs once they take it over.
    #[uniffi(default = None)]
    pub hands_to: Option<u64>,
}

impl From<osteon_proto::osteon::care::v1::AlertAcknowledgement> for AlertAcknowledgement {
    fn from(m: osteon_proto::osteon::care::v1::AlertAcknowledgement) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            account: m.account,
            at: m.at.map(|n| n.into()),
            takes_over: m.takes_over,
            hands_to: m.hands_to,
        }
    }
}

impl From<AlertAcknowledgement> for osteon_proto::osteon::care::v1::AlertAcknowledgement {
    fn from(m: AlertAcknowledgement) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            account: m.account,
            at: m.at.map(|n| n.into()),
            takes_over: m.takes_over,
            hands_to: m.hands_to,
        }
    }
}

/// Alert.closure. How an alert ended, and who says so. An emergency or an urgent one is closed by a nurse or
/// physician. Takes no second write.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct AlertClosure {
    /// The record that this one belongs to (Alert).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// How it ended.
    #[uniffi(default = None)]
    pub outcome: Option<AlertOutcome>,
    /// In which role it was closed.
    #[uniffi(default = None)]
    pub role: Option<Role>,
    /// Why, in their words.
    #[uniffi(default = None)]
    pub reason: Option<String>,
    /// Whether the alert was of use, as whoever closed it sees it: what says how good a rule is.
    #[uniffi(default = None)]
    pub useful: Option<bool>,
}

impl From<osteon_proto::osteon::care::v1::AlertClosure> for AlertClosure {
    fn from(m: osteon_proto::osteon::care::v1::AlertClosure) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            outcome: m.outcome.map(|n| n.into()),
            role: m.role.map(|n| n.into()),
            reason: m.reason,
            useful: m.useful,
        }
    }
}

impl From<AlertClosure> for osteon_proto::osteon::care::v1::AlertClosure {
    fn from(m: AlertClosure) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            outcome: m.outcome.map(|n| n.into()),
            role: m.role.map(|n| n.into()),
            reason: m.reason,
            useful: m.useful,
        }
    }
}

/// Alert.redacted_face. What a recipient who lacks a category of an alert sees: that there is one, how soon, and whom
/// to call.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct AlertFace {
    /// The account that is told.
    #[uniffi(default = None)]
    pub account: Option<u64>,
    /// The alert.
    #[uniffi(default = None)]
    pub alert: Option<Vec<u8>>,
    /// How soon somebody has to look.
    #[uniffi(default = None)]
    pub severity: Option<AlertSeverity>,
    /// Revision of the alert. 1 to 1e+06.
    #[uniffi(default = None)]
    pub revision: Option<u32>,
    /// When it was raised.
    #[uniffi(default = None)]
    pub raised: Option<Timestamp>,
    /// Numbers to call. The list is one value; at most 8.
    #[uniffi(default = [])]
    pub call: Vec<String>,
    /// Account of the nurse to ask.
    #[uniffi(default = None)]
    pub nurse: Option<u64>,
}

impl From<osteon_proto::osteon::care::v1::AlertFace> for AlertFace {
    fn from(m: osteon_proto::osteon::care::v1::AlertFace) -> Self {
        Self {
            account: m.account,
            alert: m.alert.map(|b| b.to_vec()),
            severity: m.severity.map(|n| n.into()),
            revision: m.revision,
            raised: m.raised.map(|n| n.into()),
            call: m.call,
            nurse: m.nurse,
        }
    }
}

impl From<AlertFace> for osteon_proto::osteon::care::v1::AlertFace {
    fn from(m: AlertFace) -> Self {
        Self {
            account: m.account,
            alert: m.alert.map(|b| b.into()),
            severity: m.severity.map(|n| n.into()),
            revision: m.revision,
            raised: m.raised.map(|n| n.into()),
            call: m.call,
            nurse: m.nurse,
        }
    }
}

/// What the person does not tolerate, one element of the set.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Allergy {
    /// SNOMED CT, or in words.
    #[uniffi(default = None)]
    pub substance: Option<String>,
    /// What happened.
    #[uniffi(default = None)]
    pub reaction: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::Allergy> for Allergy {
    fn from(m: osteon_proto::osteon::care::v1::Allergy) -> Self {
        Self {
            substance: m.substance,
            reaction: m.reaction,
        }
    }
}

impl From<Allergy> for osteon_proto::osteon::care::v1::Allergy {
    fn from(m: Allergy) -> Self {
        Self {
            substance: m.substance,
            reaction: m.reaction,
        }
    }
}

/// P-EX.allowed_module. How far one module of the programme is allowed.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct AllowedModule {
    /// The record that this one belongs to (P-EX).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// Which module. Why so: an allowance needs agreement of both sides.
    #[uniffi(default = None)]
    pub module: Option<ExerciseModule>,
    /// 0 not allowed, 1 modified, 2 allowed. 0 to 2. Why so: an allowance needs agreement of both sides.
    #[uniffi(default = None)]
    pub level: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::AllowedModule> for AllowedModule {
    fn from(m: osteon_proto::osteon::care::v1::AllowedModule) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            module: m.module.map(|n| n.into()),
            level: m.level,
        }
    }
}

impl From<AllowedModule> for osteon_proto::osteon::care::v1::AllowedModule {
    fn from(m: AllowedModule) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            module: m.module.map(|n| n.into()),
            level: m.level,
        }
    }
}

/// Approval. A signature under what was read: it names the versions, and is void when those are no longer the only
/// live ones. Its label is that of the record that it approves. Writers are the approved_by or agreed_by list of that
/// record.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Approval {
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// The record that is approved.
    #[uniffi(default = None)]
    pub target: Option<Vec<u8>>,
    /// The versions that were read; the list is one value. At most 512.
    #[uniffi(default = [])]
    pub versions: Vec<ApprovedVersion>,
    /// What the signature means.
    #[uniffi(default = None)]
    pub meaning: Option<ApprovalMeaning>,
    /// A remark.
    #[uniffi(default = None)]
    pub note: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::Approval> for Approval {
    fn from(m: osteon_proto::osteon::care::v1::Approval) -> Self {
        Self {
            supersedes: m.supersedes.map(|b| b.to_vec()),
            target: m.target.map(|b| b.to_vec()),
            versions: m.versions.into_iter().map(|n| n.into()).collect(),
            meaning: m.meaning.map(|n| n.into()),
            note: m.note,
        }
    }
}

impl From<Approval> for osteon_proto::osteon::care::v1::Approval {
    fn from(m: Approval) -> Self {
        Self {
            supersedes: m.supersedes.map(|b| b.into()),
            target: m.target.map(|b| b.into()),
            versions: m.versions.into_iter().map(|n| n.into()).collect(),
            meaning: m.meaning.map(|n| n.into()),
            note: m.note,
        }
    }
}

/// One version that was read: a field of a record, and the change that wrote it.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct ApprovedVersion {
    /// The record, or a child record of it.
    #[uniffi(default = None)]
    pub record: Option<Vec<u8>>,
    /// The field's number.
    #[uniffi(default = None)]
    pub field: Option<u32>,
    /// Epoch of the change's replica.
    #[uniffi(default = None)]
    pub epoch: Option<u32>,
    /// Number of the change's replica.
    #[uniffi(default = None)]
    pub replica: Option<u32>,
    /// Counter of the change.
    #[uniffi(default = None)]
    pub counter: Option<u64>,
}

impl From<osteon_proto::osteon::care::v1::ApprovedVersion> for ApprovedVersion {
    fn from(m: osteon_proto::osteon::care::v1::ApprovedVersion) -> Self {
        Self {
            record: m.record.map(|b| b.to_vec()),
            field: m.field,
            epoch: m.epoch,
            replica: m.replica,
            counter: m.counter,
        }
    }
}

impl From<ApprovedVersion> for osteon_proto::osteon::care::v1::ApprovedVersion {
    fn from(m: ApprovedVersion) -> Self {
        Self {
            record: m.record.map(|b| b.into()),
            field: m.field,
            epoch: m.epoch,
            replica: m.replica,
            counter: m.counter,
        }
    }
}

/// One answer of a form.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct AssessmentAnswer {
    /// The item's code.
    #[uniffi(default = None)]
    pub code: Option<String>,
    /// The answer, a code or a number as text.
    #[uniffi(default = None)]
    pub answer: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::AssessmentAnswer> for AssessmentAnswer {
    fn from(m: osteon_proto::osteon::care::v1::AssessmentAnswer) -> Self {
        Self {
            code: m.code,
            answer: m.answer,
        }
    }
}

impl From<AssessmentAnswer> for osteon_proto::osteon::care::v1::AssessmentAnswer {
    fn from(m: AssessmentAnswer) -> Self {
        Self {
            code: m.code,
            answer: m.answer,
        }
    }
}

/// J25. A form that was filled in, or a result that was computed elsewhere. Takes no second write. Of A14 only the
/// total and the name of the form, of A23 only a result: licences.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct AssessmentResult {
    /// When. YYYY-MM-DD. Source: (design).
    #[uniffi(default = None)]
    pub date: Option<String>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// Which. Source: the label follows the tool (design).
    #[uniffi(default = None)]
    pub tool: Option<AssessmentTool>,
    /// The answers. The list is one value; at most 64. Source: items of A10, A12, A13; A14 and A23 have none; A8 stands
    /// in J21 (design).
    #[uniffi(default = [])]
    pub items: Vec<AssessmentAnswer>,
    /// The total. -1000 to 1000 {score}, in steps of 0.01. Source: A14: only the total and the form's name; A23: only a
    /// result computed elsewhere, with country model, version, date (design).
    #[uniffi(default = None)]
    pub total: Option<i32>,
    /// Name and version of the form. Source: name and version of the form (design).
    #[uniffi(default = None)]
    pub form: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::AssessmentResult> for AssessmentResult {
    fn from(m: osteon_proto::osteon::care::v1::AssessmentResult) -> Self {
        Self {
            date: m.date,
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            tool: m.tool.map(|n| n.into()),
            items: m.items.into_iter().map(|n| n.into()).collect(),
            total: m.total,
            form: m.form,
        }
    }
}

impl From<AssessmentResult> for osteon_proto::osteon::care::v1::AssessmentResult {
    fn from(m: AssessmentResult) -> Self {
        Self {
            date: m.date,
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            tool: m.tool.map(|n| n.into()),
            items: m.items.into_iter().map(|n| n.into()).collect(),
            total: m.total,
            form: m.form,
        }
    }
}

/// A food or ingredient to avoid, one element of the set.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct AvoidEntry {
    /// What, a code or a name.
    #[uniffi(default = None)]
    pub code: Option<String>,
    /// Why.
    #[uniffi(default = None)]
    pub kind: Option<AvoidKind>,
}

impl From<osteon_proto::osteon::care::v1::AvoidEntry> for AvoidEntry {
    fn from(m: osteon_proto::osteon::care::v1::AvoidEntry) -> Self {
        Self {
            code: m.code,
            kind: m.kind.map(|n| n.into()),
        }
    }
}

impl From<AvoidEntry> for osteon_proto::osteon::care::v1::AvoidEntry {
    fn from(m: AvoidEntry) -> Self {
        Self {
            code: m.code,
            kind: m.kind.map(|n| n.into()),
        }
    }
}

/// J08. Body weight and height.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct BodyWeight {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// Weight. 20 to 400 kg, in steps of 0.01. Source: LOINC 29463-7 (V).
    #[uniffi(default = None)]
    pub weight: Option<u32>,
    /// What makes it read higher. A set; at most 16 in one write.
    #[uniffi(default = [])]
    pub conditions: Vec<WeightCondition>,
    /// Which scale, as the person calls it.
    #[uniffi(default = None)]
    pub scale_id: Option<String>,
    /// Height. 100 to 230 cm, in steps of 0.1. Source: LOINC 8302-2 (V).
    #[uniffi(default = None)]
    pub height: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::BodyWeight> for BodyWeight {
    fn from(m: osteon_proto::osteon::care::v1::BodyWeight) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            weight: m.weight,
            conditions: m.conditions.into_iter().map(|n| n.into()).collect(),
            scale_id: m.scale_id,
            height: m.height,
        }
    }
}

impl From<BodyWeight> for osteon_proto::osteon::care::v1::BodyWeight {
    fn from(m: BodyWeight) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            weight: m.weight,
            conditions: m.conditions.into_iter().map(|n| n.into()).collect(),
            scale_id: m.scale_id,
            height: m.height,
        }
    }
}

/// P-BONE. The plan of one bone drug. Its owner is the physician. While two orders stand side by side there is none:
/// "do not give until resolved". What the dentist found has a label of its own (C13), so the record has two parts.
/// Doses given are child records, never a counter.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct BoneDrugPlan {
    /// Which drug, a code. Why so: no automatic choice of a drug order. Note: an order that NU transcribes is a
    /// proposal; ON's acceptance is the co-signature.
    #[uniffi(default = None)]
    pub agent: Option<String>,
    /// Dose. 0 to 10000, in steps of 0.001. Why so: no automatic choice of a drug order.
    #[uniffi(default = None)]
    pub dose: Option<u32>,
    /// UCUM unit of the dose. Why so: no automatic choice of a drug order.
    #[uniffi(default = None)]
    pub dose_unit: Option<String>,
    /// How it is given. Why so: no automatic choice of a drug order.
    #[uniffi(default = None)]
    pub route: Option<BoneDrugRoute>,
    /// Days between two doses. 1 to 1500 d. Why so: no automatic choice of a drug order.
    #[uniffi(default = None)]
    pub interval_days: Option<u32>,
    /// State of the plan; its value answers whether the drug may be given. Why so: hold risks rebound, giving risks
    /// hypocalcaemia: block the dose AND keep the lateness alarm running. Note: the field's value answers 'may it be
    /// given'; care-core reads the overdue clock from the live versions (active if any is).
    #[uniffi(default = None)]
    pub status: Option<BoneDrugStatus>,
    /// When the next dose is planned; its value is the reminder. YYYY-MM-DD. Why so: prompt soon, never give early.
    /// Note: the field's value is the reminder; care-core reads 'not before' as the latest of the live versions; AD
    /// books by J22, which ON or NU link.
    #[uniffi(default = None)]
    pub planned_next: Option<String>,
    /// Days that must lie between two doses. 0 to 1500 d. Why so: double-dose guard.
    #[uniffi(default = None)]
    pub min_interval_days: Option<u32>,
    /// Codes of what must be cleared before a dose, each by itself. A set; at most 32 in one write. Why so: dental AND
    /// calcium may both be open.
    #[uniffi(default = [])]
    pub hold_reasons: Vec<String>,
    /// What the dentist found. Why so: clearance must be agreed. Note: NU or ON enter the dentist's result; the
    /// patient's report is a proposal, marked self-reported.
    #[uniffi(default = None)]
    pub dental_clearance: Option<DentalClearance>,
    /// When the dentist cleared. YYYY-MM-DD. Why so: clearance must be agreed.
    #[uniffi(default = None)]
    pub dental_cleared_on: Option<String>,
    /// How old calcium may be before a dose. 0 to 400 d. Why so: fresher labs.
    #[uniffi(default = None)]
    pub pre_dose_calcium_max_age_days: Option<u32>,
    /// How old creatinine may be before a dose. 0 to 400 d. Why so: fresher labs.
    #[uniffi(default = None)]
    pub pre_dose_creatinine_max_age_days: Option<u32>,
    /// How old 25-OH vitamin D may be before a dose. 0 to 1000 d. Why so: fresher labs.
    #[uniffi(default = None)]
    pub pre_dose_vitamin_d_max_age_days: Option<u32>,
    /// Why the drug is given, a code. Why so: decides dose class (osteoporosis or metastatic): never chosen by machine.
    #[uniffi(default = None)]
    pub indication: Option<String>,
    /// Extent of the disease, a code. Why so: decides dose class (osteoporosis or metastatic): never chosen by machine.
    #[uniffi(default = None)]
    pub disease_extent: Option<String>,
    /// Reference to the history of fractures. Why so: decides dose class (osteoporosis or metastatic): never chosen by
    /// machine.
    #[uniffi(default = None)]
    pub fracture_history_ref: Option<String>,
    /// Planned order of drugs. At most 16. Why so: e.g. zoledronate after denosumab.
    #[uniffi(default = [])]
    pub sequence: Vec<SequenceStep>,
    /// The drug that follows, a code. Why so: e.g. zoledronate after denosumab.
    #[uniffi(default = None)]
    pub follow_on_agent: Option<String>,
    /// Days after the last dose at which it starts. 0 to 3660 d. Why so: e.g. zoledronate after denosumab.
    #[uniffi(default = None)]
    pub follow_on_start_offset_d: Option<u32>,
    /// Start of a drug holiday. YYYY-MM-DD. Why so: an early review is safe; reason and start must be agreed.
    #[uniffi(default = None)]
    pub holiday_from: Option<String>,
    /// Why there is a holiday. Why so: an early review is safe; reason and start must be agreed.
    #[uniffi(default = None)]
    pub holiday_reason: Option<HolidayReason>,
    /// When the holiday is looked at again. YYYY-MM-DD. Why so: an early review is safe; reason and start must be
    /// agreed.
    #[uniffi(default = None)]
    pub holiday_review_date: Option<String>,
    /// Account of the member who looks at it. Why so: an early review is safe; reason and start must be agreed.
    #[uniffi(default = None)]
    pub holiday_reviewer: Option<u64>,
    /// When the duration is looked at. YYYY-MM-DD. Why so: review sooner is safe.
    #[uniffi(default = None)]
    pub duration_review: Option<String>,
    /// Start without waiting for the dentist. Why so: input of R-DENT-1: without agreement the dental check stays due
    /// (design).
    #[uniffi(default = None)]
    pub urgent_start: Option<bool>,
    /// Records of the decisions behind the plan. A set; at most 32 in one write. Why so: references only add evidence.
    #[uniffi(default = [])]
    pub shared_decision_refs: Vec<Vec<u8>>,
}

impl From<osteon_proto::osteon::care::v1::BoneDrugPlan> for BoneDrugPlan {
    fn from(m: osteon_proto::osteon::care::v1::BoneDrugPlan) -> Self {
        Self {
            agent: m.agent,
            dose: m.dose,
            dose_unit: m.dose_unit,
            route: m.route.map(|n| n.into()),
            interval_days: m.interval_days,
            status: m.status.map(|n| n.into()),
            planned_next: m.planned_next,
            min_interval_days: m.min_interval_days,
            hold_reasons: m.hold_reasons,
            dental_clearance: m.dental_clearance.map(|n| n.into()),
            dental_cleared_on: m.dental_cleared_on,
            pre_dose_calcium_max_age_days: m.pre_dose_calcium_max_age_days,
            pre_dose_creatinine_max_age_days: m.pre_dose_creatinine_max_age_days,
            pre_dose_vitamin_d_max_age_days: m.pre_dose_vitamin_d_max_age_days,
            indication: m.indication,
            disease_extent: m.disease_extent,
            fracture_history_ref: m.fracture_history_ref,
            sequence: m.sequence.into_iter().map(|n| n.into()).collect(),
            follow_on_agent: m.follow_on_agent,
            follow_on_start_offset_d: m.follow_on_start_offset_d,
            holiday_from: m.holiday_from,
            holiday_reason: m.holiday_reason.map(|n| n.into()),
            holiday_review_date: m.holiday_review_date,
            holiday_reviewer: m.holiday_reviewer,
            duration_review: m.duration_review,
            urgent_start: m.urgent_start,
            shared_decision_refs: m.shared_decision_refs.into_iter().map(|b| b.to_vec()).collect(),
        }
    }
}

impl From<BoneDrugPlan> for osteon_proto::osteon::care::v1::BoneDrugPlan {
    fn from(m: BoneDrugPlan) -> Self {
        Self {
            agent: m.agent,
            dose: m.dose,
            dose_unit: m.dose_unit,
            route: m.route.map(|n| n.into()),
            interval_days: m.interval_days,
            status: m.status.map(|n| n.into()),
            planned_next: m.planned_next,
            min_interval_days: m.min_interval_days,
            hold_reasons: m.hold_reasons,
            dental_clearance: m.dental_clearance.map(|n| n.into()),
            dental_cleared_on: m.dental_cleared_on,
            pre_dose_calcium_max_age_days: m.pre_dose_calcium_max_age_days,
            pre_dose_creatinine_max_age_days: m.pre_dose_creatinine_max_age_days,
            pre_dose_vitamin_d_max_age_days: m.pre_dose_vitamin_d_max_age_days,
            indication: m.indication,
            disease_extent: m.disease_extent,
            fracture_history_ref: m.fracture_history_ref,
            sequence: m.sequence.into_iter().map(|n| n.into()).collect(),
            follow_on_agent: m.follow_on_agent,
            follow_on_start_offset_d: m.follow_on_start_offset_d,
            holiday_from: m.holiday_from,
            holiday_reason: m.holiday_reason.map(|n| n.into()),
            holiday_review_date: m.holiday_review_date,
            holiday_reviewer: m.holiday_reviewer,
            duration_review: m.duration_review,
            urgent_start: m.urgent_start,
            shared_decision_refs: m.shared_decision_refs.into_iter().map(|b| b.into()).collect(),
        }
    }
}

/// BreakGlass. A physician or nurse of the clinic reads, for a short time, what they have no other right to. The patient
/// reads who, why and until when. A second entry, which names the first, ends it early.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct BreakGlass {
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// Account of the clinician.
    #[uniffi(default = None)]
    pub account: Option<u64>,
    /// In which role.
    #[uniffi(default = None)]
    pub role: Option<Role>,
    /// Why, in the clinician's words.
    #[uniffi(default = None)]
    pub reason: Option<String>,
    /// From when.
    #[uniffi(default = None)]
    pub not_before: Option<Timestamp>,
    /// Until when. Of a second entry: when the first one ended.
    #[uniffi(default = None)]
    pub not_after: Option<Timestamp>,
    /// The entry that this one ends.
    #[uniffi(default = None)]
    pub ends: Option<Vec<u8>>,
}

impl From<osteon_proto::osteon::care::v1::BreakGlass> for BreakGlass {
    fn from(m: osteon_proto::osteon::care::v1::BreakGlass) -> Self {
        Self {
            supersedes: m.supersedes.map(|b| b.to_vec()),
            account: m.account,
            role: m.role.map(|n| n.into()),
            reason: m.reason,
            not_before: m.not_before.map(|n| n.into()),
            not_after: m.not_after.map(|n| n.into()),
            ends: m.ends.map(|b| b.to_vec()),
        }
    }
}

impl From<BreakGlass> for osteon_proto::osteon::care::v1::BreakGlass {
    fn from(m: BreakGlass) -> Self {
        Self {
            supersedes: m.supersedes.map(|b| b.into()),
            account: m.account,
            role: m.role.map(|n| n.into()),
            reason: m.reason,
            not_before: m.not_before.map(|n| n.into()),
            not_after: m.not_after.map(|n| n.into()),
            ends: m.ends.map(|b| b.into()),
        }
    }
}

/// P-TX. One course of treatment. Another kind is another course. Windows are read at their widest.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct CancerTreatment {
    /// What kind. Why so: bone-loss rules depend on it. Note: another kind is another course.
    #[uniffi(default = None)]
    pub kind: Option<TreatmentKind>,
    /// Which, a code. Why so: fever and interaction windows must be wide.
    #[uniffi(default = None)]
    pub agent: Option<String>,
    /// From when. YYYY-MM-DD. Why so: fever and interaction windows must be wide.
    #[uniffi(default = None)]
    pub start: Option<String>,
    /// Until when. YYYY-MM-DD. Why so: fever and interaction windows must be wide.
    #[uniffi(default = None)]
    pub end: Option<String>,
    /// Days of a cycle. 1 to 400 d. Why so: fever and interaction windows must be wide.
    #[uniffi(default = None)]
    pub cycle_days: Option<u32>,
    /// When the last dose was given. YYYY-MM-DD. Why so: fever and interaction windows must be wide.
    #[uniffi(default = None)]
    pub last_dose: Option<String>,
    /// How much bone it costs. Why so: higher bone loss class brings more protection.
    #[uniffi(default = None)]
    pub bone_effect_class: Option<BoneEffectClass>,
}

impl From<osteon_proto::osteon::care::v1::CancerTreatment> for CancerTreatment {
    fn from(m: osteon_proto::osteon::care::v1::CancerTreatment) -> Self {
        Self {
            kind: m.kind.map(|n| n.into()),
            agent: m.agent,
            start: m.start,
            end: m.end,
            cycle_days: m.cycle_days,
            last_dose: m.last_dose,
            bone_effect_class: m.bone_effect_class.map(|n| n.into()),
        }
    }
}

impl From<CancerTreatment> for osteon_proto::osteon::care::v1::CancerTreatment {
    fn from(m: CancerTreatment) -> Self {
        Self {
            kind: m.kind.map(|n| n.into()),
            agent: m.agent,
            start: m.start,
            end: m.end,
            cycle_days: m.cycle_days,
            last_dose: m.last_dose,
            bone_effect_class: m.bone_effect_class.map(|n| n.into()),
        }
    }
}

/// P-CIRCLE. What everybody in the circle must know: whom to call, in which language. Everybody may read the rules
/// that they live under.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct CareCircle {
    /// Number for an emergency. Why so: a wrong single number is worse. Note: the app shows every live number.
    #[uniffi(default = None)]
    pub emergency_line: Option<String>,
    /// Number of the team. Why so: a wrong single number is worse. Note: the app shows every live number.
    #[uniffi(default = None)]
    pub team_line: Option<String>,
    /// Number for a crisis of the mind. Why so: a wrong single number is worse. Note: the app shows every live number.
    #[uniffi(default = None)]
    pub crisis_line: Option<String>,
    /// Language of the person, BCP 47. Why so: a wrong single number is worse.
    #[uniffi(default = None)]
    pub language: Option<String>,
    /// Interpreter. Why so: a wrong single number is worse.
    #[uniffi(default = None)]
    pub interpreter: Option<Interpreter>,
}

impl From<osteon_proto::osteon::care::v1::CareCircle> for CareCircle {
    fn from(m: osteon_proto::osteon::care::v1::CareCircle) -> Self {
        Self {
            emergency_line: m.emergency_line,
            team_line: m.team_line,
            crisis_line: m.crisis_line,
            language: m.language,
            interpreter: m.interpreter.map(|n| n.into()),
        }
    }
}

impl From<CareCircle> for osteon_proto::osteon::care::v1::CareCircle {
    fn from(m: CareCircle) -> Self {
        Self {
            emergency_line: m.emergency_line,
            team_line: m.team_line,
            crisis_line: m.crisis_line,
            language: m.language,
            interpreter: m.interpreter.map(|n| n.into()),
        }
    }
}

/// P-CIRCLE.member. A person in a role in this circle. A removal wins over a concurrent invitation.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct CircleMember {
    /// The record that this one belongs to (P-CIRCLE).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// Account of the member. Why so: a removed person must lose access.
    #[uniffi(default = None)]
    pub account: Option<u64>,
    /// Role in this circle. Why so: a removed person must lose access.
    #[uniffi(default = None)]
    pub role: Option<Role>,
    /// Specialty. Why so: a removed person must lose access.
    #[uniffi(default = None)]
    pub specialty: Option<Specialty>,
    /// Whether the person belongs to the circle. Why so: a removed person must lose access.
    #[uniffi(default = None)]
    pub membership: Option<Decision>,
}

impl From<osteon_proto::osteon::care::v1::CircleMember> for CircleMember {
    fn from(m: osteon_proto::osteon::care::v1::CircleMember) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            account: m.account,
            role: m.role.map(|n| n.into()),
            specialty: m.specialty.map(|n| n.into()),
            membership: m.membership.map(|n| n.into()),
        }
    }
}

impl From<CircleMember> for osteon_proto::osteon::care::v1::CircleMember {
    fn from(m: CircleMember) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            account: m.account,
            role: m.role.map(|n| n.into()),
            specialty: m.specialty.map(|n| n.into()),
            membership: m.membership.map(|n| n.into()),
        }
    }
}

/// V-CLINIC. What rules on a phone need of the clinic's settings, copied into each circle of the clinic by the server.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct ClinicCopy {
    /// Numbers for an emergency, every live one. The list is one value; at most 8.
    #[uniffi(default = [])]
    pub emergency_line: Vec<String>,
    /// Numbers of the team. The list is one value; at most 8.
    #[uniffi(default = [])]
    pub team_line: Vec<String>,
    /// Numbers for a crisis of the mind. The list is one value; at most 8.
    #[uniffi(default = [])]
    pub crisis_line: Vec<String>,
    /// Laboratory limits. The list is one value; at most 64.
    #[uniffi(default = [])]
    pub limits: Vec<CopiedLimit>,
    /// Thresholds of rules. The list is one value; at most 256.
    #[uniffi(default = [])]
    pub thresholds: Vec<CopiedThreshold>,
    /// Least significant change of the DXA. 0 to 1 g/cm2, in steps of 0.0001.
    #[uniffi(default = None)]
    pub dxa_least_significant_change: Option<u32>,
    /// Somebody watches at every hour.
    #[uniffi(default = None)]
    pub monitored_round_the_clock: Option<bool>,
    /// Sequence of the clinic's circle that this was copied at.
    #[uniffi(default = None)]
    pub settings_sequence: Option<u64>,
    /// Numbers of the physiotherapist. The list is one value; at most 8.
    #[uniffi(default = [])]
    pub physio_line: Vec<String>,
}

impl From<osteon_proto::osteon::care::v1::ClinicCopy> for ClinicCopy {
    fn from(m: osteon_proto::osteon::care::v1::ClinicCopy) -> Self {
        Self {
            emergency_line: m.emergency_line,
            team_line: m.team_line,
            crisis_line: m.crisis_line,
            limits: m.limits.into_iter().map(|n| n.into()).collect(),
            thresholds: m.thresholds.into_iter().map(|n| n.into()).collect(),
            dxa_least_significant_change: m.dxa_least_significant_change,
            monitored_round_the_clock: m.monitored_round_the_clock,
            settings_sequence: m.settings_sequence,
            physio_line: m.physio_line,
        }
    }
}

impl From<ClinicCopy> for osteon_proto::osteon::care::v1::ClinicCopy {
    fn from(m: ClinicCopy) -> Self {
        Self {
            emergency_line: m.emergency_line,
            team_line: m.team_line,
            crisis_line: m.crisis_line,
            limits: m.limits.into_iter().map(|n| n.into()).collect(),
            thresholds: m.thresholds.into_iter().map(|n| n.into()).collect(),
            dxa_least_significant_change: m.dxa_least_significant_change,
            monitored_round_the_clock: m.monitored_round_the_clock,
            settings_sequence: m.settings_sequence,
            physio_line: m.physio_line,
        }
    }
}

/// ClinicSettings. What a clinic sets for itself, one a clinic, in the clinic's own circle: no data of a patient.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct ClinicSettings {
    /// Number for an emergency.
    #[uniffi(default = None)]
    pub emergency_line: Option<String>,
    /// Number of the team.
    #[uniffi(default = None)]
    pub team_line: Option<String>,
    /// Number for a crisis of the mind.
    #[uniffi(default = None)]
    pub crisis_line: Option<String>,
    /// Languages that the clinic speaks, BCP 47. The list is one value; at most 32.
    #[uniffi(default = [])]
    pub languages: Vec<String>,
    /// IANA time zone in which working hours are meant.
    #[uniffi(default = None)]
    pub time_zone: Option<String>,
    /// Least significant change of the DXA of this clinic. 0 to 1 g/cm2, in steps of 0.0001.
    #[uniffi(default = None)]
    pub dxa_least_significant_change: Option<u32>,
    /// Working hours. The list is one value; at most 21.
    #[uniffi(default = [])]
    pub working_hours: Vec<OpenHours>,
    /// Days on which the clinic is closed, YYYY-MM-DD. YYYY-MM-DD. The list is one value; at most 400.
    #[uniffi(default = [])]
    pub holidays: Vec<String>,
    /// Somebody watches at every hour; else every text says which number to call.
    #[uniffi(default = None)]
    pub monitored_round_the_clock: Option<bool>,
    /// Number of the physiotherapist.
    #[uniffi(default = None)]
    pub physio_line: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::ClinicSettings> for ClinicSettings {
    fn from(m: osteon_proto::osteon::care::v1::ClinicSettings) -> Self {
        Self {
            emergency_line: m.emergency_line,
            team_line: m.team_line,
            crisis_line: m.crisis_line,
            languages: m.languages,
            time_zone: m.time_zone,
            dxa_least_significant_change: m.dxa_least_significant_change,
            working_hours: m.working_hours.into_iter().map(|n| n.into()).collect(),
            holidays: m.holidays,
            monitored_round_the_clock: m.monitored_round_the_clock,
            physio_line: m.physio_line,
        }
    }
}

impl From<ClinicSettings> for osteon_proto::osteon::care::v1::ClinicSettings {
    fn from(m: ClinicSettings) -> Self {
        Self {
            emergency_line: m.emergency_line,
            team_line: m.team_line,
            crisis_line: m.crisis_line,
            languages: m.languages,
            time_zone: m.time_zone,
            dxa_least_significant_change: m.dxa_least_significant_change,
            working_hours: m.working_hours.into_iter().map(|n| n.into()).collect(),
            holidays: m.holidays,
            monitored_round_the_clock: m.monitored_round_the_clock,
            physio_line: m.physio_line,
        }
    }
}

/// ClinicSettings.team. A named team and its members.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct ClinicTeam {
    /// The record that this one belongs to (ClinicSettings).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// Name of the team.
    #[uniffi(default = None)]
    pub name: Option<String>,
    /// Accounts of its members. A set; at most 128 in one write.
    #[uniffi(default = [])]
    pub members: Vec<u64>,
}

impl From<osteon_proto::osteon::care::v1::ClinicTeam> for ClinicTeam {
    fn from(m: osteon_proto::osteon::care::v1::ClinicTeam) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            name: m.name,
            members: m.members,
        }
    }
}

impl From<ClinicTeam> for osteon_proto::osteon::care::v1::ClinicTeam {
    fn from(m: ClinicTeam) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            name: m.name,
            members: m.members,
        }
    }
}

/// Limits of one analyte.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct CopiedLimit {
    /// LOINC number, or an own code.
    #[uniffi(default = None)]
    pub analyte: Option<String>,
    /// UCUM unit.
    #[uniffi(default = None)]
    pub unit: Option<String>,
    /// Lower limit. -200000 to 200000, in steps of 0.0001.
    #[uniffi(default = None)]
    pub low: Option<i32>,
    /// Upper limit. -200000 to 200000, in steps of 0.0001.
    #[uniffi(default = None)]
    pub high: Option<i32>,
}

impl From<osteon_proto::osteon::care::v1::CopiedLimit> for CopiedLimit {
    fn from(m: osteon_proto::osteon::care::v1::CopiedLimit) -> Self {
        Self {
            analyte: m.analyte,
            unit: m.unit,
            low: m.low,
            high: m.high,
        }
    }
}

impl From<CopiedLimit> for osteon_proto::osteon::care::v1::CopiedLimit {
    fn from(m: CopiedLimit) -> Self {
        Self {
            analyte: m.analyte,
            unit: m.unit,
            low: m.low,
            high: m.high,
        }
    }
}

/// One threshold.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct CopiedThreshold {
    /// Which rule.
    #[uniffi(default = None)]
    pub rule: Option<String>,
    /// Which threshold of it.
    #[uniffi(default = None)]
    pub name: Option<String>,
    /// The value. -2e+06 to 2e+06, in steps of 0.001.
    #[uniffi(default = None)]
    pub value: Option<i32>,
    /// The rule runs.
    #[uniffi(default = None)]
    pub on: Option<bool>,
}

impl From<osteon_proto::osteon::care::v1::CopiedThreshold> for CopiedThreshold {
    fn from(m: osteon_proto::osteon::care::v1::CopiedThreshold) -> Self {
        Self {
            rule: m.rule,
            name: m.name,
            value: m.value,
            on: m.on,
        }
    }
}

impl From<CopiedThreshold> for osteon_proto::osteon::care::v1::CopiedThreshold {
    fn from(m: CopiedThreshold) -> Self {
        Self {
            rule: m.rule,
            name: m.name,
            value: m.value,
            on: m.on,
        }
    }
}

/// P-GOAL.decision_record. What was weighed and chosen together. The person confirms by an Approval.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct DecisionRecord {
    /// The record that this one belongs to (P-GOAL).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// What was decided, a code, for example bone_medication. Why so: shared decision trail. Note: (design) input of
    /// R-DXA-2 and R-RISK-1.
    #[uniffi(default = None)]
    pub about: Option<String>,
    /// The options. Why so: shared decision trail.
    #[uniffi(default = None)]
    pub options: Option<String>,
    /// Their benefits. Why so: shared decision trail.
    #[uniffi(default = None)]
    pub benefits: Option<String>,
    /// Their risks. Why so: shared decision trail.
    #[uniffi(default = None)]
    pub risks: Option<String>,
    /// The evidence. Why so: shared decision trail.
    #[uniffi(default = None)]
    pub evidence: Option<String>,
    /// What was chosen. Why so: shared decision trail.
    #[uniffi(default = None)]
    pub choice: Option<String>,
    /// Accounts of the members who took part; the list is one value. At most 32. Why so: shared decision trail.
    #[uniffi(default = [])]
    pub who: Vec<u64>,
    /// When. YYYY-MM-DD. Why so: shared decision trail.
    #[uniffi(default = None)]
    pub date: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::DecisionRecord> for DecisionRecord {
    fn from(m: osteon_proto::osteon::care::v1::DecisionRecord) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            about: m.about,
            options: m.options,
            benefits: m.benefits,
            risks: m.risks,
            evidence: m.evidence,
            choice: m.choice,
            who: m.who,
            date: m.date,
        }
    }
}

impl From<DecisionRecord> for osteon_proto::osteon::care::v1::DecisionRecord {
    fn from(m: DecisionRecord) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            about: m.about,
            options: m.options,
            benefits: m.benefits,
            risks: m.risks,
            evidence: m.evidence,
            choice: m.choice,
            who: m.who,
            date: m.date,
        }
    }
}

/// J24. A note in the person's own words: private (C20, theirs alone), or shared with a thread (C19). Which, is picked
/// at creation and never changes.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct DiaryNote {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// The note. Source: C20 if private.
    #[uniffi(default = None)]
    pub text: Option<String>,
    /// Number of the thread that the note is shared with; absent in a private one. 1 to 2.14748e+09.
    #[uniffi(default = None)]
    pub thread: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::DiaryNote> for DiaryNote {
    fn from(m: osteon_proto::osteon::care::v1::DiaryNote) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            text: m.text,
            thread: m.thread,
        }
    }
}

impl From<DiaryNote> for osteon_proto::osteon::care::v1::DiaryNote {
    fn from(m: DiaryNote) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            text: m.text,
            thread: m.thread,
        }
    }
}

/// P-EOL.discussion_note. What was said in a talk about the end of life, apart from the person's own statement. Takes
/// no second write.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct DiscussionNote {
    /// The record that this one belongs to (P-EOL).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// When. YYYY-MM-DD. Why so: kept apart from the patient's own statement.
    #[uniffi(default = None)]
    pub date: Option<String>,
    /// What was said. Why so: kept apart from the patient's own statement.
    #[uniffi(default = None)]
    pub text: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::DiscussionNote> for DiscussionNote {
    fn from(m: osteon_proto::osteon::care::v1::DiscussionNote) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            date: m.date,
            text: m.text,
        }
    }
}

impl From<DiscussionNote> for osteon_proto::osteon::care::v1::DiscussionNote {
    fn from(m: DiscussionNote) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            date: m.date,
            text: m.text,
        }
    }
}

/// P-EX.modifier. What changes on a day of fatigue, pain, treatment or low counts.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct DoseModifier {
    /// The record that this one belongs to (P-EX).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// Condition, a code. Why so: pacing.
    #[uniffi(default = None)]
    pub condition: Option<String>,
    /// Part of the planned dose that is left. 0 to 100 %. Why so: pacing. Note: (design) 'lower dose' needs a number.
    #[uniffi(default = None)]
    pub dose_percent: Option<u32>,
    /// What to do, in plain words. Why so: pacing.
    #[uniffi(default = None)]
    pub instruction: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::DoseModifier> for DoseModifier {
    fn from(m: osteon_proto::osteon::care::v1::DoseModifier) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            condition: m.condition,
            dose_percent: m.dose_percent,
            instruction: m.instruction,
        }
    }
}

impl From<DoseModifier> for osteon_proto::osteon::care::v1::DoseModifier {
    fn from(m: DoseModifier) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            condition: m.condition,
            dose_percent: m.dose_percent,
            instruction: m.instruction,
        }
    }
}

/// P-EDU. What the person may read and join, one a circle.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct EducationPlan {
    /// References to materials. A set; at most 128 in one write. Why so: adding material harms nobody; a person can
    /// remove it later.
    #[uniffi(default = [])]
    pub materials: Vec<String>,
    /// References to groups. A set; at most 128 in one write. Why so: adding material harms nobody; a person can remove
    /// it later.
    #[uniffi(default = [])]
    pub groups: Vec<String>,
    /// References to resources nearby. A set; at most 128 in one write. Why so: adding material harms nobody; a person
    /// can remove it later.
    #[uniffi(default = [])]
    pub community_resources: Vec<String>,
}

impl From<osteon_proto::osteon::care::v1::EducationPlan> for EducationPlan {
    fn from(m: osteon_proto::osteon::care::v1::EducationPlan) -> Self {
        Self {
            materials: m.materials,
            groups: m.groups,
            community_resources: m.community_resources,
        }
    }
}

impl From<EducationPlan> for osteon_proto::osteon::care::v1::EducationPlan {
    fn from(m: EducationPlan) -> Self {
        Self {
            materials: m.materials,
            groups: m.groups,
            community_resources: m.community_resources,
        }
    }
}

/// Whom to call, one value.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct EmergencyContact {
    /// By what name they are asked for.
    #[uniffi(default = None)]
    pub name: Option<String>,
    /// Their number.
    #[uniffi(default = None)]
    pub phone: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::EmergencyContact> for EmergencyContact {
    fn from(m: osteon_proto::osteon::care::v1::EmergencyContact) -> Self {
        Self {
            name: m.name,
            phone: m.phone,
        }
    }
}

impl From<EmergencyContact> for osteon_proto::osteon::care::v1::EmergencyContact {
    fn from(m: EmergencyContact) -> Self {
        Self {
            name: m.name,
            phone: m.phone,
        }
    }
}

/// P-EOL. What the person wishes for the end of life, one a circle. While two wishes stand side by side there is none:
/// ask the person. Older papers stay, and may be superseded.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct EndOfLifePreferences {
    /// Resuscitation. Why so: no algorithm may choose between two wishes.
    #[uniffi(default = None)]
    pub cpr: Option<Wish>,
    /// Going to hospital. Why so: no algorithm may choose between two wishes.
    #[uniffi(default = None)]
    pub hospital_transfer: Option<Wish>,
    /// What shall not be done. Why so: no algorithm may choose between two wishes.
    #[uniffi(default = None)]
    pub treatment_limits: Option<Wish>,
    /// Where. Why so: no algorithm may choose between two wishes.
    #[uniffi(default = None)]
    pub place_of_care: Option<Wish>,
    /// What comfort means. Why so: no algorithm may choose between two wishes.
    #[uniffi(default = None)]
    pub comfort_priorities: Option<Wish>,
    /// Who speaks for the person. Why so: no algorithm may choose between two wishes. Note: the proxy cannot name
    /// another proxy.
    #[uniffi(default = None)]
    pub proxy: Option<NamedProxy>,
    /// Whom to call first. Why so: input of R-EOL-1; while disputed the texts show the usual line (design).
    #[uniffi(default = None)]
    pub preferred_route: Option<Wish>,
    /// Papers. A set; at most 32 in one write. Why so: no document may vanish; which is valid is a human and legal
    /// question. Note: newest first and 'may be superseded' are a view in care-core.
    #[uniffi(default = [])]
    pub documents: Vec<WishDocument>,
    /// The person takes these wishes back. Why so: a withdrawn wish must not reappear.
    #[uniffi(default = None)]
    pub revoked: Option<bool>,
}

impl From<osteon_proto::osteon::care::v1::EndOfLifePreferences> for EndOfLifePreferences {
    fn from(m: osteon_proto::osteon::care::v1::EndOfLifePreferences) -> Self {
        Self {
            cpr: m.cpr.map(|n| n.into()),
            hospital_transfer: m.hospital_transfer.map(|n| n.into()),
            treatment_limits: m.treatment_limits.map(|n| n.into()),
            place_of_care: m.place_of_care.map(|n| n.into()),
            comfort_priorities: m.comfort_priorities.map(|n| n.into()),
            proxy: m.proxy.map(|n| n.into()),
            preferred_route: m.preferred_route.map(|n| n.into()),
            documents: m.documents.into_iter().map(|n| n.into()).collect(),
            revoked: m.revoked,
        }
    }
}

impl From<EndOfLifePreferences> for osteon_proto::osteon::care::v1::EndOfLifePreferences {
    fn from(m: EndOfLifePreferences) -> Self {
        Self {
            cpr: m.cpr.map(|n| n.into()),
            hospital_transfer: m.hospital_transfer.map(|n| n.into()),
            treatment_limits: m.treatment_limits.map(|n| n.into()),
            place_of_care: m.place_of_care.map(|n| n.into()),
            comfort_priorities: m.comfort_priorities.map(|n| n.into()),
            proxy: m.proxy.map(|n| n.into()),
            preferred_route: m.preferred_route.map(|n| n.into()),
            documents: m.documents.into_iter().map(|n| n.into()).collect(),
            revoked: m.revoked,
        }
    }
}

/// The clinic's answer, one value.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct ErasureAnswer {
    /// What was decided.
    #[uniffi(default = None)]
    pub decision: Option<ErasureDecision>,
    /// To the patient, in words.
    #[uniffi(default = None)]
    pub text: Option<String>,
    /// By when it is done. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub by: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::ErasureAnswer> for ErasureAnswer {
    fn from(m: osteon_proto::osteon::care::v1::ErasureAnswer) -> Self {
        Self {
            decision: m.decision.map(|n| n.into()),
            text: m.text,
            by: m.by,
        }
    }
}

impl From<ErasureAnswer> for osteon_proto::osteon::care::v1::ErasureAnswer {
    fn from(m: ErasureAnswer) -> Self {
        Self {
            decision: m.decision.map(|n| n.into()),
            text: m.text,
            by: m.by,
        }
    }
}

/// ErasureRequest. The patient asks to be erased (GDPR, Article 17). Open until the patient takes it back by
/// ending it; nobody else can. The clinic owes an answer within a month (GDPR, Article 12(3)); whoever runs the server
/// carries it out (`osteon erase`), and nothing of the circle is left then, this record included.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct ErasureRequest {
    /// The patient's day on which it was asked. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub asked_on: Option<String>,
    /// Why, in the patient's words. Nobody needs a reason.
    #[uniffi(default = None)]
    pub why: Option<String>,
    /// What the clinic answers. Why so: two answers are none.
    #[uniffi(default = None)]
    pub answer: Option<ErasureAnswer>,
}

impl From<osteon_proto::osteon::care::v1::ErasureRequest> for ErasureRequest {
    fn from(m: osteon_proto::osteon::care::v1::ErasureRequest) -> Self {
        Self {
            asked_on: m.asked_on,
            why: m.why,
            answer: m.answer.map(|n| n.into()),
        }
    }
}

impl From<ErasureRequest> for osteon_proto::osteon::care::v1::ErasureRequest {
    fn from(m: ErasureRequest) -> Self {
        Self {
            asked_on: m.asked_on,
            why: m.why,
            answer: m.answer.map(|n| n.into()),
        }
    }
}

/// ClinicSettings.escalation. After how long an alert that nobody has acknowledged goes to the next in line. The
/// shorter time stands.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct EscalationStep {
    /// The record that this one belongs to (ClinicSettings).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// Of which alerts.
    #[uniffi(default = None)]
    pub severity: Option<AlertSeverity>,
    /// Counted from 1. 1 to 8.
    #[uniffi(default = None)]
    pub step: Option<u32>,
    /// After how long. 1 to 20160 min.
    #[uniffi(default = None)]
    pub minutes: Option<u32>,
    /// Working hours alone count.
    #[uniffi(default = None)]
    pub working_time: Option<bool>,
    /// To whom, by role: whoever is on call.
    #[uniffi(default = None)]
    pub to_role: Option<Role>,
    /// To whom, by name.
    #[uniffi(default = None)]
    pub to_member: Option<u64>,
}

impl From<osteon_proto::osteon::care::v1::EscalationStep> for EscalationStep {
    fn from(m: osteon_proto::osteon::care::v1::EscalationStep) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            severity: m.severity.map(|n| n.into()),
            step: m.step,
            minutes: m.minutes,
            working_time: m.working_time,
            to_role: m.to_role.map(|n| n.into()),
            to_member: m.to_member,
        }
    }
}

impl From<EscalationStep> for osteon_proto::osteon::care::v1::EscalationStep {
    fn from(m: EscalationStep) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            severity: m.severity.map(|n| n.into()),
            step: m.step,
            minutes: m.minutes,
            working_time: m.working_time,
            to_role: m.to_role.map(|n| n.into()),
            to_member: m.to_member,
        }
    }
}

/// P-EX.event_restriction. A restriction after radiotherapy, surgery or a fracture, and how long it lasts.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct EventRestriction {
    /// The record that this one belongs to (P-EX).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The event and what it restricts, a code. Why so: longer protection.
    #[uniffi(default = None)]
    pub what: Option<String>,
    /// Last day of the restriction. YYYY-MM-DD. Why so: longer protection.
    #[uniffi(default = None)]
    pub until: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::EventRestriction> for EventRestriction {
    fn from(m: osteon_proto::osteon::care::v1::EventRestriction) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            what: m.what,
            until: m.until,
        }
    }
}

impl From<EventRestriction> for osteon_proto::osteon::care::v1::EventRestriction {
    fn from(m: EventRestriction) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            what: m.what,
            until: m.until,
        }
    }
}

/// P-EX.exercise. One exercise of a plan. The same exercise in the same block is the same record, whoever writes it:
/// different exercises add up, two doses of one do not.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Exercise {
    /// The record that this one belongs to (P-EX).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// Block of the programme. Why so: adding different exercises is fine; dosing the same one is not.
    #[uniffi(default = None)]
    pub block: Option<ExerciseBlock>,
    /// Which exercise. Why so: adding different exercises is fine; dosing the same one is not.
    #[uniffi(default = None)]
    pub code: Option<String>,
    /// Sets. 0 to 100. Why so: adding different exercises is fine; dosing the same one is not.
    #[uniffi(default = None)]
    pub sets: Option<u32>,
    /// Repetitions. 0 to 1000. Why so: adding different exercises is fine; dosing the same one is not.
    #[uniffi(default = None)]
    pub reps: Option<u32>,
    /// Load. 0 to 300 kg, in steps of 0.1. Why so: adding different exercises is fine; dosing the same one is not.
    #[uniffi(default = None)]
    pub load_kg: Option<u32>,
    /// Tempo. Why so: adding different exercises is fine; dosing the same one is not.
    #[uniffi(default = None)]
    pub tempo: Option<String>,
    /// Reference to a demonstration. Why so: adding different exercises is fine; dosing the same one is not.
    #[uniffi(default = None)]
    pub demo_ref: Option<String>,
    /// Instructions, never merged character by character. Why so: adding different exercises is fine; dosing the same
    /// one is not.
    #[uniffi(default = None)]
    pub instructions: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::Exercise> for Exercise {
    fn from(m: osteon_proto::osteon::care::v1::Exercise) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            block: m.block.map(|n| n.into()),
            code: m.code,
            sets: m.sets,
            reps: m.reps,
            load_kg: m.load_kg,
            tempo: m.tempo,
            demo_ref: m.demo_ref,
            instructions: m.instructions,
        }
    }
}

impl From<Exercise> for osteon_proto::osteon::care::v1::Exercise {
    fn from(m: Exercise) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            block: m.block.map(|n| n.into()),
            code: m.code,
            sets: m.sets,
            reps: m.reps,
            load_kg: m.load_kg,
            tempo: m.tempo,
            demo_ref: m.demo_ref,
            instructions: m.instructions,
        }
    }
}

/// P-EX. The exercise plan: what the person may do, must not do, and aims at. Its owner is the physiotherapist. Limits
/// and clearance go by the urgent lane; the safest of the values that stand side by side holds. Exercises, modules,
/// loads, limbs, modifiers and restrictions after events are child records.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct ExercisePlan {
    /// How far the person may exercise. Why so: a hold set by one and a release set by another at the same time: hold
    /// stands.
    #[uniffi(default = None)]
    pub clearance: Option<ExerciseClearance>,
    /// State of the plan. Why so: input of R-EX-4 (design).
    #[uniffi(default = None)]
    pub status: Option<ExercisePlanStatus>,
    /// The heaviest thing that the person may lift. 0 to 100 kg, in steps of 0.1. Why so: the limit that holds in the
    /// kitchen (design).
    #[uniffi(default = None)]
    pub lift_max_kg: Option<u32>,
    /// Codes of movements that must not be made: spine_flex, spine_rot, hip_flex_ext, shoulder_abd, high_impact,
    /// twist_under_load, jump …. A set; at most 64 in one write. Why so: most restrictive.
    #[uniffi(default = [])]
    pub forbidden_movements: Vec<String>,
    /// Body regions that must not be loaded, SNOMED CT. A set; at most 64 in one write. Why so: a no-load region must
    /// survive every merge; lift only by a later write that names it.
    #[uniffi(default = [])]
    pub no_load_regions: Vec<String>,
    /// Highest exertion allowed. 0 to 10 {score}, in steps of 0.1. Why so: ceiling.
    #[uniffi(default = None)]
    pub max_rpe: Option<u32>,
    /// Longest session allowed. 0 to 600 min. Why so: ceiling.
    #[uniffi(default = None)]
    pub max_minutes_session: Option<u32>,
    /// Pain at which to stop. 0 to 10 {score}. Why so: stop earlier.
    #[uniffi(default = None)]
    pub pain_stop_nrs: Option<u32>,
    /// Sessions a week to aim at. 0 to 50 /wk. Why so: goal, not ceiling; seed: consistency before intensity.
    #[uniffi(default = None)]
    pub sessions_per_week: Option<u32>,
    /// Minutes a week to aim at. 0 to 5000 min/wk. Why so: goal, not ceiling; seed: consistency before intensity.
    #[uniffi(default = None)]
    pub minutes_per_week: Option<u32>,
    /// Walking aid to use. Why so: fall and fracture protection.
    #[uniffi(default = None)]
    pub assistive_device: Option<AssistiveDevice>,
    /// Codes of orthoses to wear. A set; at most 32 in one write. Why so: fall and fracture protection.
    #[uniffi(default = [])]
    pub orthoses: Vec<String>,
    /// Times of rest. A set; at most 64 in one write. Why so: rest wins. Note: the union of the intervals is a view in
    /// care-core.
    #[uniffi(default = [])]
    pub pause_windows: Vec<PauseWindow>,
    /// Codes of questions to ask before a session, in order; the list is one value. At most 64. Why so: safety text.
    #[uniffi(default = [])]
    pub readiness_check: Vec<String>,
    /// What the person enjoys. Why so: patient's own.
    #[uniffi(default = None)]
    pub patient_enjoys: Option<String>,
    /// What the person dislikes. Why so: patient's own.
    #[uniffi(default = None)]
    pub patient_dislikes: Option<String>,
    /// Next review of the plan. YYYY-MM-DD. Why so: see the patient sooner.
    #[uniffi(default = None)]
    pub next_review: Option<String>,
    /// Last review of the plan. YYYY-MM-DD. Why so: input of R-EX-7: the earlier date keeps the overlay on (design).
    #[uniffi(default = None)]
    pub last_review: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::ExercisePlan> for ExercisePlan {
    fn from(m: osteon_proto::osteon::care::v1::ExercisePlan) -> Self {
        Self {
            clearance: m.clearance.map(|n| n.into()),
            status: m.status.map(|n| n.into()),
            lift_max_kg: m.lift_max_kg,
            forbidden_movements: m.forbidden_movements,
            no_load_regions: m.no_load_regions,
            max_rpe: m.max_rpe,
            max_minutes_session: m.max_minutes_session,
            pain_stop_nrs: m.pain_stop_nrs,
            sessions_per_week: m.sessions_per_week,
            minutes_per_week: m.minutes_per_week,
            assistive_device: m.assistive_device.map(|n| n.into()),
            orthoses: m.orthoses,
            pause_windows: m.pause_windows.into_iter().map(|n| n.into()).collect(),
            readiness_check: m.readiness_check,
            patient_enjoys: m.patient_enjoys,
            patient_dislikes: m.patient_dislikes,
            next_review: m.next_review,
            last_review: m.last_review,
        }
    }
}

impl From<ExercisePlan> for osteon_proto::osteon::care::v1::ExercisePlan {
    fn from(m: ExercisePlan) -> Self {
        Self {
            clearance: m.clearance.map(|n| n.into()),
            status: m.status.map(|n| n.into()),
            lift_max_kg: m.lift_max_kg,
            forbidden_movements: m.forbidden_movements,
            no_load_regions: m.no_load_regions,
            max_rpe: m.max_rpe,
            max_minutes_session: m.max_minutes_session,
            pain_stop_nrs: m.pain_stop_nrs,
            sessions_per_week: m.sessions_per_week,
            minutes_per_week: m.minutes_per_week,
            assistive_device: m.assistive_device.map(|n| n.into()),
            orthoses: m.orthoses,
            pause_windows: m.pause_windows.into_iter().map(|n| n.into()).collect(),
            readiness_check: m.readiness_check,
            patient_enjoys: m.patient_enjoys,
            patient_dislikes: m.patient_dislikes,
            next_review: m.next_review,
            last_review: m.last_review,
        }
    }
}

/// J07. A fall or a near-fall. Urgent lane whole: signs after a fall may be an emergency. An edit beats a deletion
/// that had not seen it.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Fall {
    /// When it happened, not in the future. Source: Stay Independent item LOINC 52552-7 (V) is 'fallen in past year'.
    #[uniffi(default = None)]
    pub when: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// It was a near-fall. Source: Stay Independent item LOINC 52552-7 (V) is 'fallen in past year'.
    #[uniffi(default = None)]
    pub near_fall: Option<bool>,
    /// Where, a code.
    #[uniffi(default = None)]
    pub place: Option<String>,
    /// Doing what, a code.
    #[uniffi(default = None)]
    pub activity: Option<String>,
    /// Footwear, a code.
    #[uniffi(default = None)]
    pub footwear: Option<String>,
    /// Walking aid in use, a code.
    #[uniffi(default = None)]
    pub aid_used: Option<String>,
    /// Injuries. A set; at most 16 in one write.
    #[uniffi(default = [])]
    pub injury: Vec<FallInjury>,
    /// Hit the head.
    #[uniffi(default = None)]
    pub hit_head: Option<bool>,
    /// Lost consciousness.
    #[uniffi(default = None)]
    pub lost_consciousness: Option<bool>,
    /// Could not get up alone.
    #[uniffi(default = None)]
    pub could_not_get_up: Option<bool>,
    /// Cannot put weight on a leg.
    #[uniffi(default = None)]
    pub cannot_bear_weight: Option<bool>,
    /// How long on the floor. 0 to 2880 min.
    #[uniffi(default = None)]
    pub minutes_on_floor: Option<u32>,
    /// Drowsy afterwards. Source: sign after the fall, R-FALL-1 (design).
    #[uniffi(default = None)]
    pub after_drowsy: Option<bool>,
    /// Vomiting afterwards. Source: sign after the fall, R-FALL-1 (design).
    #[uniffi(default = None)]
    pub after_vomiting: Option<bool>,
    /// Confused afterwards. Source: sign after the fall, R-FALL-1 (design).
    #[uniffi(default = None)]
    pub after_confused: Option<bool>,
    /// New weakness or numbness. Source: sign after the fall, R-FALL-1 (design).
    #[uniffi(default = None)]
    pub new_weakness_or_numbness: Option<bool>,
    /// Severe pain in back or neck. Source: sign after the fall, R-FALL-1 (design).
    #[uniffi(default = None)]
    pub severe_back_or_neck_pain: Option<bool>,
}

impl From<osteon_proto::osteon::care::v1::Fall> for Fall {
    fn from(m: osteon_proto::osteon::care::v1::Fall) -> Self {
        Self {
            when: m.when.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            near_fall: m.near_fall,
            place: m.place,
            activity: m.activity,
            footwear: m.footwear,
            aid_used: m.aid_used,
            injury: m.injury.into_iter().map(|n| n.into()).collect(),
            hit_head: m.hit_head,
            lost_consciousness: m.lost_consciousness,
            could_not_get_up: m.could_not_get_up,
            cannot_bear_weight: m.cannot_bear_weight,
            minutes_on_floor: m.minutes_on_floor,
            after_drowsy: m.after_drowsy,
            after_vomiting: m.after_vomiting,
            after_confused: m.after_confused,
            new_weakness_or_numbness: m.new_weakness_or_numbness,
            severe_back_or_neck_pain: m.severe_back_or_neck_pain,
        }
    }
}

impl From<Fall> for osteon_proto::osteon::care::v1::Fall {
    fn from(m: Fall) -> Self {
        Self {
            when: m.when.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            near_fall: m.near_fall,
            place: m.place,
            activity: m.activity,
            footwear: m.footwear,
            aid_used: m.aid_used,
            injury: m.injury.into_iter().map(|n| n.into()).collect(),
            hit_head: m.hit_head,
            lost_consciousness: m.lost_consciousness,
            could_not_get_up: m.could_not_get_up,
            cannot_bear_weight: m.cannot_bear_weight,
            minutes_on_floor: m.minutes_on_floor,
            after_drowsy: m.after_drowsy,
            after_vomiting: m.after_vomiting,
            after_confused: m.after_confused,
            new_weakness_or_numbness: m.new_weakness_or_numbness,
            severe_back_or_neck_pain: m.severe_back_or_neck_pain,
        }
    }
}

/// J04. A drink. Takes no second write: a glass of water is a record, the day is a sum.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct FluidEntry {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// What was drunk. 1 to 5000 mL.
    #[uniffi(default = None)]
    pub volume: Option<u32>,
    /// Glasses, of the size that the nutrition plan gives. 0 to 40 {glass}. Source: was quick_taps; a record a tap, the
    /// count is a sum, x P-NUT.glass_ml.
    #[uniffi(default = None)]
    pub glasses: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::FluidEntry> for FluidEntry {
    fn from(m: osteon_proto::osteon::care::v1::FluidEntry) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            volume: m.volume,
            glasses: m.glasses,
        }
    }
}

impl From<FluidEntry> for osteon_proto::osteon::care::v1::FluidEntry {
    fn from(m: FluidEntry) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            volume: m.volume,
            glasses: m.glasses,
        }
    }
}

/// J21. A test of function, or the ECOG grade, which has a label of its own (C02). Takes no second write.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct FunctionalTest {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// Timed up and go. 1 to 300 s, in steps of 0.1.
    #[uniffi(default = None)]
    pub tug_s: Option<u32>,
    /// Full stands in 30 seconds. 0 to 60 {#}.
    #[uniffi(default = None)]
    pub chair_stands_30s: Option<u32>,
    /// The arms were used.
    #[uniffi(default = None)]
    pub used_arms: Option<bool>,
    /// Feet side by side. 0 to 10 s, in steps of 0.1. Source: A8.
    #[uniffi(default = None)]
    pub stance_side_by_side_s: Option<u32>,
    /// Semi-tandem. 0 to 10 s, in steps of 0.1. Source: A8.
    #[uniffi(default = None)]
    pub stance_semi_tandem_s: Option<u32>,
    /// Tandem. 0 to 10 s, in steps of 0.1. Source: A8.
    #[uniffi(default = None)]
    pub stance_tandem_s: Option<u32>,
    /// One leg. 0 to 10 s, in steps of 0.1. Source: A8.
    #[uniffi(default = None)]
    pub stance_one_leg_s: Option<u32>,
    /// Distance walked. 1 to 20 m, in steps of 0.1.
    #[uniffi(default = None)]
    pub gait_m: Option<u32>,
    /// Time for it. 0.5 to 120 s, in steps of 0.1.
    #[uniffi(default = None)]
    pub gait_s: Option<u32>,
    /// ECOG grade. 0 to 5 {score}. Source: LOINC 89247-1 (V).
    #[uniffi(default = None)]
    pub ecog: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::FunctionalTest> for FunctionalTest {
    fn from(m: osteon_proto::osteon::care::v1::FunctionalTest) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            tug_s: m.tug_s,
            chair_stands_30s: m.chair_stands_30s,
            used_arms: m.used_arms,
            stance_side_by_side_s: m.stance_side_by_side_s,
            stance_semi_tandem_s: m.stance_semi_tandem_s,
            stance_tandem_s: m.stance_tandem_s,
            stance_one_leg_s: m.stance_one_leg_s,
            gait_m: m.gait_m,
            gait_s: m.gait_s,
            ecog: m.ecog,
        }
    }
}

impl From<FunctionalTest> for osteon_proto::osteon::care::v1::FunctionalTest {
    fn from(m: FunctionalTest) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            tug_s: m.tug_s,
            chair_stands_30s: m.chair_stands_30s,
            used_arms: m.used_arms,
            stance_side_by_side_s: m.stance_side_by_side_s,
            stance_semi_tandem_s: m.stance_semi_tandem_s,
            stance_tandem_s: m.stance_tandem_s,
            stance_one_leg_s: m.stance_one_leg_s,
            gait_m: m.gait_m,
            gait_s: m.gait_s,
            ecog: m.ecog,
        }
    }
}

/// What upset the stomach, one element of the set.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct GiTolerance {
    /// What was felt, a code.
    #[uniffi(default = None)]
    pub symptom: Option<String>,
    /// After what.
    #[uniffi(default = None)]
    pub trigger: Option<String>,
    /// Since when. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub since: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::GiTolerance> for GiTolerance {
    fn from(m: osteon_proto::osteon::care::v1::GiTolerance) -> Self {
        Self {
            symptom: m.symptom,
            trigger: m.trigger,
            since: m.since,
        }
    }
}

impl From<GiTolerance> for osteon_proto::osteon::care::v1::GiTolerance {
    fn from(m: GiTolerance) -> Self {
        Self {
            symptom: m.symptom,
            trigger: m.trigger,
            since: m.since,
        }
    }
}

/// GlassReview. Somebody of the clinic has looked at an emergency access after it was over, and says what they found. The
/// patient reads it. Written by the server alone, for whoever reviewed.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct GlassReview {
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// The entry that says that the glass was broken.
    #[uniffi(default = None)]
    pub access: Option<Vec<u8>>,
    /// Account of whoever reviewed it.
    #[uniffi(default = None)]
    pub account: Option<u64>,
    /// In which role.
    #[uniffi(default = None)]
    pub role: Option<Role>,
    /// What they found, in their words.
    #[uniffi(default = None)]
    pub finding: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::GlassReview> for GlassReview {
    fn from(m: osteon_proto::osteon::care::v1::GlassReview) -> Self {
        Self {
            supersedes: m.supersedes.map(|b| b.to_vec()),
            access: m.access.map(|b| b.to_vec()),
            account: m.account,
            role: m.role.map(|n| n.into()),
            finding: m.finding,
        }
    }
}

impl From<GlassReview> for osteon_proto::osteon::care::v1::GlassReview {
    fn from(m: GlassReview) -> Self {
        Self {
            supersedes: m.supersedes.map(|b| b.into()),
            access: m.access.map(|b| b.into()),
            account: m.account,
            role: m.role.map(|n| n.into()),
            finding: m.finding,
        }
    }
}

/// P-CIRCLE.grant. What the patient lets a role or a member read. Granting needs the server; revoking works offline
/// and wins.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Grant {
    /// The record that this one belongs to (P-CIRCLE).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// Who. Why so: privacy: revocation beats a concurrent grant.
    #[uniffi(default = None)]
    pub grantee: Option<Grantee>,
    /// What. Why so: privacy: revocation beats a concurrent grant.
    #[uniffi(default = None)]
    pub category: Option<GrantCategory>,
    /// Whether. Why so: privacy: revocation beats a concurrent grant.
    #[uniffi(default = None)]
    pub decision: Option<Decision>,
    /// From when. Why so: privacy: revocation beats a concurrent grant. Note: (design) grants are from/to.
    #[uniffi(default = None)]
    pub not_before: Option<Timestamp>,
    /// Until when. Why so: privacy: revocation beats a concurrent grant. Note: (design) grants are from/to.
    #[uniffi(default = None)]
    pub not_after: Option<Timestamp>,
}

impl From<osteon_proto::osteon::care::v1::Grant> for Grant {
    fn from(m: osteon_proto::osteon::care::v1::Grant) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            grantee: m.grantee.map(|n| n.into()),
            category: m.category.map(|n| n.into()),
            decision: m.decision.map(|n| n.into()),
            not_before: m.not_before.map(|n| n.into()),
            not_after: m.not_after.map(|n| n.into()),
        }
    }
}

impl From<Grant> for osteon_proto::osteon::care::v1::Grant {
    fn from(m: Grant) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            grantee: m.grantee.map(|n| n.into()),
            category: m.category.map(|n| n.into()),
            decision: m.decision.map(|n| n.into()),
            not_before: m.not_before.map(|n| n.into()),
            not_after: m.not_after.map(|n| n.into()),
        }
    }
}

/// P-CIRCLE.grant_ended. A grant has reached its end. Written by the server alone, once per grant and end: from its
/// sequence on nothing leaves that rested on the grant. Its id is derived from the grant and the end.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct GrantEnded {
    /// The record that this one belongs to (P-CIRCLE).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The grant that ended (P-CIRCLE.grant).
    #[uniffi(default = None)]
    pub ended_grant: Option<Vec<u8>>,
    /// The end that it had: its `not_after`.
    #[uniffi(default = None)]
    pub ended: Option<Timestamp>,
}

impl From<osteon_proto::osteon::care::v1::GrantEnded> for GrantEnded {
    fn from(m: osteon_proto::osteon::care::v1::GrantEnded) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            ended_grant: m.ended_grant.map(|b| b.to_vec()),
            ended: m.ended.map(|n| n.into()),
        }
    }
}

impl From<GrantEnded> for osteon_proto::osteon::care::v1::GrantEnded {
    fn from(m: GrantEnded) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            ended_grant: m.ended_grant.map(|b| b.into()),
            ended: m.ended.map(|n| n.into()),
        }
    }
}

/// Who is granted something: everybody of a role, or one member. Exactly one of the two is set.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Grantee {
    /// Everybody of this role.
    #[uniffi(default = None)]
    pub role: Option<Role>,
    /// One member.
    #[uniffi(default = None)]
    pub account: Option<u64>,
}

impl From<osteon_proto::osteon::care::v1::Grantee> for Grantee {
    fn from(m: osteon_proto::osteon::care::v1::Grantee) -> Self {
        Self {
            role: m.role.map(|n| n.into()),
            account: m.account,
        }
    }
}

impl From<Grantee> for osteon_proto::osteon::care::v1::Grantee {
    fn from(m: Grantee) -> Self {
        Self {
            role: m.role.map(|n| n.into()),
            account: m.account,
        }
    }
}

/// Why the drug is paused, one value.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct HolidayReason {
    /// A code.
    #[uniffi(default = None)]
    pub code: Option<String>,
    /// In plain words.
    #[uniffi(default = None)]
    pub text: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::HolidayReason> for HolidayReason {
    fn from(m: osteon_proto::osteon::care::v1::HolidayReason) -> Self {
        Self {
            code: m.code,
            text: m.text,
        }
    }
}

impl From<HolidayReason> for osteon_proto::osteon::care::v1::HolidayReason {
    fn from(m: HolidayReason) -> Self {
        Self {
            code: m.code,
            text: m.text,
        }
    }
}

/// P-HOME.hazard. A hazard that somebody saw, one a room and question. Whoever still sees it is believed.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct HomeHazard {
    /// The record that this one belongs to (P-HOME).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// Where. Why so: a seen hazard must not be lost.
    #[uniffi(default = None)]
    pub room: Option<HomeRoom>,
    /// Which question of A24. Why so: a seen hazard must not be lost.
    #[uniffi(default = None)]
    pub code: Option<HomeSafetyQuestion>,
    /// Reference to a photo. Why so: a seen hazard must not be lost.
    #[uniffi(default = None)]
    pub photo_ref: Option<String>,
    /// Whether it is still there. Why so: someone still sees it.
    #[uniffi(default = None)]
    pub status: Option<HazardStatus>,
    /// How bad. Why so: higher severity gets attention first.
    #[uniffi(default = None)]
    pub severity: Option<HazardSeverity>,
    /// Who sees to it. Why so: logistics; the earlier date protects.
    #[uniffi(default = None)]
    pub responsible: Option<String>,
    /// By when. YYYY-MM-DD. Why so: logistics; the earlier date protects.
    #[uniffi(default = None)]
    pub target_date: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::HomeHazard> for HomeHazard {
    fn from(m: osteon_proto::osteon::care::v1::HomeHazard) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            room: m.room.map(|n| n.into()),
            code: m.code.map(|n| n.into()),
            photo_ref: m.photo_ref,
            status: m.status.map(|n| n.into()),
            severity: m.severity.map(|n| n.into()),
            responsible: m.responsible,
            target_date: m.target_date,
        }
    }
}

impl From<HomeHazard> for osteon_proto::osteon::care::v1::HomeHazard {
    fn from(m: HomeHazard) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            room: m.room.map(|n| n.into()),
            code: m.code.map(|n| n.into()),
            photo_ref: m.photo_ref,
            status: m.status.map(|n| n.into()),
            severity: m.severity.map(|n| n.into()),
            responsible: m.responsible,
            target_date: m.target_date,
        }
    }
}

/// J18. One question of the home-safety checklist (A24) and its answer; two people who answer it twice are read at the
/// worse.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct HomeSafetyCheck {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// Where. Source: CDC Check for Safety list (section 5, A24).
    #[uniffi(default = None)]
    pub room: Option<HomeRoom>,
    /// Which question. Source: CDC Check for Safety list (section 5, A24).
    #[uniffi(default = None)]
    pub question_code: Option<HomeSafetyQuestion>,
    /// The answer; 'no' is a hazard. Source: CDC Check for Safety list (section 5, A24).
    #[uniffi(default = None)]
    pub answer: Option<TriState>,
    /// A remark. Source: CDC Check for Safety list (section 5, A24).
    #[uniffi(default = None)]
    pub note: Option<String>,
    /// Reference to a photo. Source: CDC Check for Safety list (section 5, A24).
    #[uniffi(default = None)]
    pub photo: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::HomeSafetyCheck> for HomeSafetyCheck {
    fn from(m: osteon_proto::osteon::care::v1::HomeSafetyCheck) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            room: m.room.map(|n| n.into()),
            question_code: m.question_code.map(|n| n.into()),
            answer: m.answer.map(|n| n.into()),
            note: m.note,
            photo: m.photo,
        }
    }
}

impl From<HomeSafetyCheck> for osteon_proto::osteon::care::v1::HomeSafetyCheck {
    fn from(m: HomeSafetyCheck) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            room: m.room.map(|n| n.into()),
            question_code: m.question_code.map(|n| n.into()),
            answer: m.answer.map(|n| n.into()),
            note: m.note,
            photo: m.photo,
        }
    }
}

/// P-HOME. The home, one a circle. "No" from anyone is worth a look.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct HomeSafetyPlan {
    /// Sturdy shoes. Why so: 'no' from anyone is worth a look.
    #[uniffi(default = None)]
    pub footwear_ok: Option<TriState>,
    /// The bathroom can be reached and used. Why so: 'no' from anyone is worth a look.
    #[uniffi(default = None)]
    pub bathroom_access_ok: Option<TriState>,
    /// Enough light. Why so: 'no' from anyone is worth a look.
    #[uniffi(default = None)]
    pub lighting_ok: Option<TriState>,
    /// Clear paths. Why so: 'no' from anyone is worth a look.
    #[uniffi(default = None)]
    pub paths_clear: Option<TriState>,
    /// Rails where they are needed. Why so: 'no' from anyone is worth a look.
    #[uniffi(default = None)]
    pub rails_ok: Option<TriState>,
    /// How sure the person feels not to fall. 0 to 10 {score}. Why so: own feeling.
    #[uniffi(default = None)]
    pub confidence_falls: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::HomeSafetyPlan> for HomeSafetyPlan {
    fn from(m: osteon_proto::osteon::care::v1::HomeSafetyPlan) -> Self {
        Self {
            footwear_ok: m.footwear_ok.map(|n| n.into()),
            bathroom_access_ok: m.bathroom_access_ok.map(|n| n.into()),
            lighting_ok: m.lighting_ok.map(|n| n.into()),
            paths_clear: m.paths_clear.map(|n| n.into()),
            rails_ok: m.rails_ok.map(|n| n.into()),
            confidence_falls: m.confidence_falls,
        }
    }
}

impl From<HomeSafetyPlan> for osteon_proto::osteon::care::v1::HomeSafetyPlan {
    fn from(m: HomeSafetyPlan) -> Self {
        Self {
            footwear_ok: m.footwear_ok.map(|n| n.into()),
            bathroom_access_ok: m.bathroom_access_ok.map(|n| n.into()),
            lighting_ok: m.lighting_ok.map(|n| n.into()),
            paths_clear: m.paths_clear.map(|n| n.into()),
            rails_ok: m.rails_ok.map(|n| n.into()),
            confidence_falls: m.confidence_falls,
        }
    }
}

/// One imaging of the lesion, one element of the set.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct ImagingEvent {
    /// When. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub date: Option<String>,
    /// Which kind.
    #[uniffi(default = None)]
    pub modality: Option<ImagingModality>,
    /// Reference to the report.
    #[uniffi(default = None)]
    pub report_ref: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::ImagingEvent> for ImagingEvent {
    fn from(m: osteon_proto::osteon::care::v1::ImagingEvent) -> Self {
        Self {
            date: m.date,
            modality: m.modality.map(|n| n.into()),
            report_ref: m.report_ref,
        }
    }
}

impl From<ImagingEvent> for osteon_proto::osteon::care::v1::ImagingEvent {
    fn from(m: ImagingEvent) -> Self {
        Self {
            date: m.date,
            modality: m.modality.map(|n| n.into()),
            report_ref: m.report_ref,
        }
    }
}

/// What a dose holds.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Ingredient {
    /// Which, a code: calcium is elemental.
    #[uniffi(default = None)]
    pub code: Option<String>,
    /// How much. 0 to 1e+06, in steps of 0.001.
    #[uniffi(default = None)]
    pub amount: Option<u32>,
    /// UCUM unit.
    #[uniffi(default = None)]
    pub unit: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::Ingredient> for Ingredient {
    fn from(m: osteon_proto::osteon::care::v1::Ingredient) -> Self {
        Self {
            code: m.code,
            amount: m.amount,
            unit: m.unit,
        }
    }
}

impl From<Ingredient> for osteon_proto::osteon::care::v1::Ingredient {
    fn from(m: Ingredient) -> Self {
        Self {
            code: m.code,
            amount: m.amount,
            unit: m.unit,
        }
    }
}

/// J05. A medicine or supplement that was taken, or was not. An event, never a counter: two reports of one dose are
/// two records.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct IntakeEntry {
    /// When it was taken, or should have been. Source: RxNorm/ATC/local (licence).
    #[uniffi(default = None)]
    pub taken_at: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// What: RxNorm, ATC or a local code. Source: RxNorm/ATC/local (licence).
    #[uniffi(default = None)]
    pub product: Option<String>,
    /// How much. 0.001 to 10000, in steps of 0.001. Source: RxNorm/ATC/local (licence).
    #[uniffi(default = None)]
    pub dose: Option<u32>,
    /// UCUM unit of the dose. Source: RxNorm/ATC/local (licence).
    #[uniffi(default = None)]
    pub unit: Option<String>,
    /// The line of the plan that it comes from: P-SUP, P-MED, P-PAIN or P-BONE. Source: RxNorm/ATC/local (licence).
    #[uniffi(default = None)]
    pub plan_line: Option<Vec<u8>>,
    /// What became of it.
    #[uniffi(default = None)]
    pub status: Option<IntakeStatus>,
    /// What it was taken with. A set; at most 16 in one write.
    #[uniffi(default = [])]
    pub with: Vec<IntakeWith>,
}

impl From<osteon_proto::osteon::care::v1::IntakeEntry> for IntakeEntry {
    fn from(m: osteon_proto::osteon::care::v1::IntakeEntry) -> Self {
        Self {
            taken_at: m.taken_at.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            product: m.product,
            dose: m.dose,
            unit: m.unit,
            plan_line: m.plan_line.map(|b| b.to_vec()),
            status: m.status.map(|n| n.into()),
            with: m.with.into_iter().map(|n| n.into()).collect(),
        }
    }
}

impl From<IntakeEntry> for osteon_proto::osteon::care::v1::IntakeEntry {
    fn from(m: IntakeEntry) -> Self {
        Self {
            taken_at: m.taken_at.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            product: m.product,
            dose: m.dose,
            unit: m.unit,
            plan_line: m.plan_line.map(|b| b.into()),
            status: m.status.map(|n| n.into()),
            with: m.with.into_iter().map(|n| n.into()).collect(),
        }
    }
}

/// Whether an interpreter is needed, one value.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Interpreter {
    /// Needed.
    #[uniffi(default = None)]
    pub needed: Option<bool>,
    /// Language, BCP 47.
    #[uniffi(default = None)]
    pub language: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::Interpreter> for Interpreter {
    fn from(m: osteon_proto::osteon::care::v1::Interpreter) -> Self {
        Self {
            needed: m.needed,
            language: m.language,
        }
    }
}

impl From<Interpreter> for osteon_proto::osteon::care::v1::Interpreter {
    fn from(m: Interpreter) -> Self {
        Self {
            needed: m.needed,
            language: m.language,
        }
    }
}

/// ClinicSettings.lab_limit. Between which values a result is in range at this clinic. One an analyte.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct LabLimit {
    /// The record that this one belongs to (ClinicSettings).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// LOINC number, or an own code of table 2.2.
    #[uniffi(default = None)]
    pub analyte: Option<String>,
    /// UCUM unit.
    #[uniffi(default = None)]
    pub unit: Option<String>,
    /// Lower limit. -200000 to 200000, in steps of 0.0001.
    #[uniffi(default = None)]
    pub low: Option<i32>,
    /// Upper limit. -200000 to 200000, in steps of 0.0001.
    #[uniffi(default = None)]
    pub high: Option<i32>,
}

impl From<osteon_proto::osteon::care::v1::LabLimit> for LabLimit {
    fn from(m: osteon_proto::osteon::care::v1::LabLimit) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            analyte: m.analyte,
            unit: m.unit,
            low: m.low,
            high: m.high,
        }
    }
}

impl From<LabLimit> for osteon_proto::osteon::care::v1::LabLimit {
    fn from(m: LabLimit) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            analyte: m.analyte,
            unit: m.unit,
            low: m.low,
            high: m.high,
        }
    }
}

/// J20. One result of a laboratory or of imaging, entered or imported. Takes no second write: a correction is a new
/// record that names the old one. Never averaged. The hard range of the value depends on the analyte (care
/// specification, section 2.2) and is checked in its canonical unit.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct LaboratoryResult {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// What was measured: a LOINC number or an own code of table 2.2. Source: table 2.2, platelets included (design).
    #[uniffi(default = None)]
    pub analyte: Option<String>,
    /// The value as reported. Source: table 2.2.
    #[uniffi(default = None)]
    pub value: Option<i32>,
    /// UCUM unit as reported. Source: table 2.2.
    #[uniffi(default = None)]
    pub unit: Option<String>,
    /// Lower reference limit of the report. Source: table 2.2.
    #[uniffi(default = None)]
    pub ref_low: Option<i32>,
    /// Upper reference limit of the report. Source: table 2.2.
    #[uniffi(default = None)]
    pub ref_high: Option<i32>,
    /// When the specimen or image was taken. Source: table 2.2.
    #[uniffi(default = None)]
    pub specimen_time: Option<Moment>,
    /// Who measured it. Source: table 2.2.
    #[uniffi(default = None)]
    pub lab: Option<String>,
    /// Method as reported. Source: table 2.2.
    #[uniffi(default = None)]
    pub method: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::LaboratoryResult> for LaboratoryResult {
    fn from(m: osteon_proto::osteon::care::v1::LaboratoryResult) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            analyte: m.analyte,
            value: m.value,
            unit: m.unit,
            ref_low: m.ref_low,
            ref_high: m.ref_high,
            specimen_time: m.specimen_time.map(|n| n.into()),
            lab: m.lab,
            method: m.method,
        }
    }
}

impl From<LaboratoryResult> for osteon_proto::osteon::care::v1::LaboratoryResult {
    fn from(m: LaboratoryResult) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            analyte: m.analyte,
            value: m.value,
            unit: m.unit,
            ref_low: m.ref_low,
            ref_high: m.ref_high,
            specimen_time: m.specimen_time.map(|n| n.into()),
            lab: m.lab,
            method: m.method,
        }
    }
}

/// P-LES. One lesion of bone, one record each; a change of state never deletes it. Readings of two authors are never
/// averaged: the worse holds until somebody decides. Urgent lane whole.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Lesion {
    /// Which bone, SNOMED CT or our own site code. Why so: wrong side or level is dangerous; overlay uses both.
    #[uniffi(default = None)]
    pub site: Option<String>,
    /// Side of the body. Why so: wrong side or level is dangerous; overlay uses both.
    #[uniffi(default = None)]
    pub laterality: Option<Side>,
    /// Level of the spine, for example T11. Why so: wrong side or level is dangerous; overlay uses both.
    #[uniffi(default = None)]
    pub level: Option<String>,
    /// How it looks. Why so: higher score until resolved.
    #[uniffi(default = None)]
    pub r#type: Option<LesionType>,
    /// Size. Why so: a larger lesion scores higher: be careful until resolved.
    #[uniffi(default = None)]
    pub size_fraction: Option<LesionSize>,
    /// Pain, for the Mirels score. Why so: functional or mechanical pain weighs most: be careful until resolved. Note:
    /// the patient's own report is J01.
    #[uniffi(default = None)]
    pub pain_mirels: Option<MirelsPain>,
    /// Pain, for the SINS. Why so: functional or mechanical pain weighs most: be careful until resolved. Note: the
    /// patient's own report is J01.
    #[uniffi(default = None)]
    pub pain_sins: Option<SinsPain>,
    /// Alignment. Why so: worst reading gives the higher instability category until resolved.
    #[uniffi(default = None)]
    pub alignment: Option<SpinalAlignment>,
    /// Collapse. Why so: worst reading gives the higher instability category until resolved.
    #[uniffi(default = None)]
    pub collapse: Option<VertebralCollapse>,
    /// Posterolateral elements. Why so: worst reading gives the higher instability category until resolved.
    #[uniffi(default = None)]
    pub posterolateral: Option<PosterolateralInvolvement>,
    /// Mirels score, computed. 4 to 12. Why so: a stored score can disagree with its inputs after a merge.
    #[uniffi(default = None)]
    pub mirels: Option<u32>,
    /// Spinal Instability Neoplastic Score, computed. 0 to 18. Why so: a stored score can disagree with its inputs after
    /// a merge.
    #[uniffi(default = None)]
    pub sins: Option<u32>,
    /// State of the lesion. Why so: 'healed' lifts limits; only a later, not concurrent, write may do so.
    #[uniffi(default = None)]
    pub status: Option<LesionStatus>,
    /// Images taken. A set; at most 64 in one write. Why so: append.
    #[uniffi(default = [])]
    pub imaging_events: Vec<ImagingEvent>,
}

impl From<osteon_proto::osteon::care::v1::Lesion> for Lesion {
    fn from(m: osteon_proto::osteon::care::v1::Lesion) -> Self {
        Self {
            site: m.site,
            laterality: m.laterality.map(|n| n.into()),
            level: m.level,
            r#type: m.r#type.map(|n| n.into()),
            size_fraction: m.size_fraction.map(|n| n.into()),
            pain_mirels: m.pain_mirels.map(|n| n.into()),
            pain_sins: m.pain_sins.map(|n| n.into()),
            alignment: m.alignment.map(|n| n.into()),
            collapse: m.collapse.map(|n| n.into()),
            posterolateral: m.posterolateral.map(|n| n.into()),
            mirels: m.mirels,
            sins: m.sins,
            status: m.status.map(|n| n.into()),
            imaging_events: m.imaging_events.into_iter().map(|n| n.into()).collect(),
        }
    }
}

impl From<Lesion> for osteon_proto::osteon::care::v1::Lesion {
    fn from(m: Lesion) -> Self {
        Self {
            site: m.site,
            laterality: m.laterality.map(|n| n.into()),
            level: m.level,
            r#type: m.r#type.map(|n| n.into()),
            size_fraction: m.size_fraction.map(|n| n.into()),
            pain_mirels: m.pain_mirels.map(|n| n.into()),
            pain_sins: m.pain_sins.map(|n| n.into()),
            alignment: m.alignment.map(|n| n.into()),
            collapse: m.collapse.map(|n| n.into()),
            posterolateral: m.posterolateral.map(|n| n.into()),
            mirels: m.mirels,
            sins: m.sins,
            status: m.status.map(|n| n.into()),
            imaging_events: m.imaging_events.into_iter().map(|n| n.into()).collect(),
        }
    }
}

/// P-EX.load_limit. The heaviest load allowed for one exercise.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct LoadLimit {
    /// The record that this one belongs to (P-EX).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// Which exercise. Why so: ceiling.
    #[uniffi(default = None)]
    pub exercise: Option<String>,
    /// Heaviest load allowed. 0 to 300 kg, in steps of 0.1. Why so: ceiling.
    #[uniffi(default = None)]
    pub max_load_kg: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::LoadLimit> for LoadLimit {
    fn from(m: osteon_proto::osteon::care::v1::LoadLimit) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            exercise: m.exercise,
            max_load_kg: m.max_load_kg,
        }
    }
}

impl From<LoadLimit> for osteon_proto::osteon::care::v1::LoadLimit {
    fn from(m: LoadLimit) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            exercise: m.exercise,
            max_load_kg: m.max_load_kg,
        }
    }
}

/// P-EDU.read. Something was read. Takes no second write.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct MaterialRead {
    /// The record that this one belongs to (P-EDU).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// What. Why so: each is its own event.
    #[uniffi(default = None)]
    pub material_ref: Option<String>,
    /// When. Why so: each is its own event.
    #[uniffi(default = None)]
    pub when: Option<Moment>,
}

impl From<osteon_proto::osteon::care::v1::MaterialRead> for MaterialRead {
    fn from(m: osteon_proto::osteon::care::v1::MaterialRead) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            material_ref: m.material_ref,
            when: m.when.map(|n| n.into()),
        }
    }
}

impl From<MaterialRead> for osteon_proto::osteon::care::v1::MaterialRead {
    fn from(m: MaterialRead) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            material_ref: m.material_ref,
            when: m.when.map(|n| n.into()),
        }
    }
}

/// J03. A meal. Nutrients are computed from the items, never sent as truth.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Meal {
    /// When it was eaten. Source: FoodData Central id or label.
    #[uniffi(default = None)]
    pub when: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// Which meal. Source: FoodData Central id or label.
    #[uniffi(default = None)]
    pub meal_kind: Option<MealKind>,
    /// What was eaten. Unit g. A set; at most 64 in one write. Source: FoodData Central id or label. Note: a child
    /// record each would cost more bytes than the item; n keeps two equal portions apart.
    #[uniffi(default = [])]
    pub items: Vec<MealItem>,
    /// Energy of the meal. 0 to 20000 kcal, in steps of 0.1. Source: UCUM kcal g mg ug.
    #[uniffi(default = None)]
    pub energy: Option<u32>,
    /// Protein of the meal. 0 to 10000 g, in steps of 0.01. Source: UCUM kcal g mg ug.
    #[uniffi(default = None)]
    pub protein: Option<u32>,
    /// Calcium of the meal. 0 to 1000000 mg, in steps of 0.1. Source: UCUM kcal g mg ug.
    #[uniffi(default = None)]
    pub calcium: Option<u32>,
    /// Vitamin D of the meal. 0 to 100000 ug, in steps of 0.01. Source: UCUM kcal g mg ug.
    #[uniffi(default = None)]
    pub vitamin_d: Option<u32>,
    /// Magnesium of the meal. 0 to 1000000 mg, in steps of 0.1. Source: UCUM kcal g mg ug.
    #[uniffi(default = None)]
    pub magnesium: Option<u32>,
    /// Phosphorus of the meal. 0 to 1000000 mg, in steps of 0.1. Source: UCUM kcal g mg ug.
    #[uniffi(default = None)]
    pub phosphorus: Option<u32>,
    /// Vitamin K1 of the meal. 0 to 1000000 ug, in steps of 0.1. Source: UCUM kcal g mg ug.
    #[uniffi(default = None)]
    pub vitamin_k1: Option<u32>,
    /// How much was eaten.
    #[uniffi(default = None)]
    pub portion_eaten: Option<PortionEaten>,
    /// Appetite. 0 to 10 {score}. Source: PRO-CTCAE 8A/8B for grading.
    #[uniffi(default = None)]
    pub appetite: Option<u32>,
    /// Complaints after the meal. A set; at most 16 in one write.
    #[uniffi(default = [])]
    pub gi_after: Vec<GiSymptom>,
}

impl From<osteon_proto::osteon::care::v1::Meal> for Meal {
    fn from(m: osteon_proto::osteon::care::v1::Meal) -> Self {
        Self {
            when: m.when.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            meal_kind: m.meal_kind.map(|n| n.into()),
            items: m.items.into_iter().map(|n| n.into()).collect(),
            energy: m.energy,
            protein: m.protein,
            calcium: m.calcium,
            vitamin_d: m.vitamin_d,
            magnesium: m.magnesium,
            phosphorus: m.phosphorus,
            vitamin_k1: m.vitamin_k1,
            portion_eaten: m.portion_eaten.map(|n| n.into()),
            appetite: m.appetite,
            gi_after: m.gi_after.into_iter().map(|n| n.into()).collect(),
        }
    }
}

impl From<Meal> for osteon_proto::osteon::care::v1::Meal {
    fn from(m: Meal) -> Self {
        Self {
            when: m.when.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            meal_kind: m.meal_kind.map(|n| n.into()),
            items: m.items.into_iter().map(|n| n.into()).collect(),
            energy: m.energy,
            protein: m.protein,
            calcium: m.calcium,
            vitamin_d: m.vitamin_d,
            magnesium: m.magnesium,
            phosphorus: m.phosphorus,
            vitamin_k1: m.vitamin_k1,
            portion_eaten: m.portion_eaten.map(|n| n.into()),
            appetite: m.appetite,
            gi_after: m.gi_after.into_iter().map(|n| n.into()).collect(),
        }
    }
}

/// One food of a meal, one element of the set.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct MealItem {
    /// Keeps two equal portions apart.
    #[uniffi(default = None)]
    pub n: Option<u32>,
    /// FoodData Central id, or a label.
    #[uniffi(default = None)]
    pub food_id: Option<String>,
    /// 0 to 3000 g, in steps of 0.1.
    #[uniffi(default = None)]
    pub amount_g: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::MealItem> for MealItem {
    fn from(m: osteon_proto::osteon::care::v1::MealItem) -> Self {
        Self {
            n: m.n,
            food_id: m.food_id,
            amount_g: m.amount_g,
        }
    }
}

impl From<MealItem> for osteon_proto::osteon::care::v1::MealItem {
    fn from(m: MealItem) -> Self {
        Self {
            n: m.n,
            food_id: m.food_id,
            amount_g: m.amount_g,
        }
    }
}

/// P-MED. One line of medicine besides the bone drug and the cancer drugs. The person reports one as a proposal.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct MedicineLine {
    /// Which: RxNorm, ATC or a local code. Why so: interactions depend on it (design).
    #[uniffi(default = None)]
    pub code: Option<String>,
    /// What the rules ask for. A set; at most 16 in one write. Why so: what the rules ask for (design).
    #[uniffi(default = [])]
    pub kinds: Vec<MedicineKind>,
    /// Dose. 0 to 10000, in steps of 0.001. Why so: a dose must be agreed (design).
    #[uniffi(default = None)]
    pub dose: Option<u32>,
    /// UCUM unit of the dose. Why so: a dose must be agreed (design).
    #[uniffi(default = None)]
    pub dose_unit: Option<String>,
    /// How often a day. 0 to 24 /d. Why so: a dose must be agreed (design).
    #[uniffi(default = None)]
    pub times_per_day: Option<u32>,
    /// State. Why so: neither value is safer by nature (design).
    #[uniffi(default = None)]
    pub status: Option<MedicineStatus>,
    /// From when. YYYY-MM-DD. Why so: interaction windows must be wide (design).
    #[uniffi(default = None)]
    pub from: Option<String>,
    /// Until when. YYYY-MM-DD. Why so: interaction windows must be wide (design).
    #[uniffi(default = None)]
    pub to: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::MedicineLine> for MedicineLine {
    fn from(m: osteon_proto::osteon::care::v1::MedicineLine) -> Self {
        Self {
            code: m.code,
            kinds: m.kinds.into_iter().map(|n| n.into()).collect(),
            dose: m.dose,
            dose_unit: m.dose_unit,
            times_per_day: m.times_per_day,
            status: m.status.map(|n| n.into()),
            from: m.from,
            to: m.to,
        }
    }
}

impl From<MedicineLine> for osteon_proto::osteon::care::v1::MedicineLine {
    fn from(m: MedicineLine) -> Self {
        Self {
            code: m.code,
            kinds: m.kinds.into_iter().map(|n| n.into()).collect(),
            dose: m.dose,
            dose_unit: m.dose_unit,
            times_per_day: m.times_per_day,
            status: m.status.map(|n| n.into()),
            from: m.from,
            to: m.to,
        }
    }
}

/// Message. What somebody wrote in a thread. Takes no second write: a correction is a new message.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Message {
    /// The record that this one belongs to (Thread).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// Number of the thread. 1 to 2.14748e+09.
    #[uniffi(default = None)]
    pub thread: Option<u32>,
    /// What was written.
    #[uniffi(default = None)]
    pub text: Option<String>,
    /// Records that it is about. The list is one value; at most 16.
    #[uniffi(default = [])]
    pub about: Vec<Vec<u8>>,
}

impl From<osteon_proto::osteon::care::v1::Message> for Message {
    fn from(m: osteon_proto::osteon::care::v1::Message) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            thread: m.thread,
            text: m.text,
            about: m.about.into_iter().map(|b| b.to_vec()).collect(),
        }
    }
}

impl From<Message> for osteon_proto::osteon::care::v1::Message {
    fn from(m: Message) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            thread: m.thread,
            text: m.text,
            about: m.about.into_iter().map(|b| b.into()).collect(),
        }
    }
}

/// P-GOAL.milestone. A step on the way to a goal.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Milestone {
    /// The record that this one belongs to (P-GOAL).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The step. Why so: attainable milestones.
    #[uniffi(default = None)]
    pub text: Option<String>,
    /// By when. YYYY-MM-DD. Why so: attainable milestones.
    #[uniffi(default = None)]
    pub target_date: Option<String>,
    /// How one sees that it is reached. Why so: attainable milestones.
    #[uniffi(default = None)]
    pub measure: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::Milestone> for Milestone {
    fn from(m: osteon_proto::osteon::care::v1::Milestone) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            text: m.text,
            target_date: m.target_date,
            measure: m.measure,
        }
    }
}

impl From<Milestone> for osteon_proto::osteon::care::v1::Milestone {
    fn from(m: Milestone) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            text: m.text,
            target_date: m.target_date,
            measure: m.measure,
        }
    }
}

/// An instant as the person lived it: the point in time, the offset of their clock from UTC, and the name of their
/// time zone, so that "at night" and "three days in a row" can be asked in their own time. One value, never split.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Moment {
    #[uniffi(default = None)]
    pub at: Option<Timestamp>,
    /// Minutes east of UTC at that moment. -840 to 840.
    #[uniffi(default = None)]
    pub utc_offset_min: Option<i32>,
    /// IANA time zone name, for example "Europe/Berlin".
    #[uniffi(default = None)]
    pub zone: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::Moment> for Moment {
    fn from(m: osteon_proto::osteon::care::v1::Moment) -> Self {
        Self {
            at: m.at.map(|n| n.into()),
            utc_offset_min: m.utc_offset_min,
            zone: m.zone,
        }
    }
}

impl From<Moment> for osteon_proto::osteon::care::v1::Moment {
    fn from(m: Moment) -> Self {
        Self {
            at: m.at.map(|n| n.into()),
            utc_offset_min: m.utc_offset_min,
            zone: m.zone,
        }
    }
}

/// P-MON. Something that is to be looked at again and again. Its label follows its kind, picked at creation; another
/// kind is another item. AD may write a visit only.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct MonitoringItem {
    /// What. Why so: two kinds under one id is a data error for a person. Note: picked at creation with the label;
    /// another kind is another item.
    #[uniffi(default = None)]
    pub kind: Option<MonitoringKind>,
    /// Days between two. 1 to 3660 d. Why so: look sooner. Note: of kind visit: the visit_interval of R-VISIT-1.
    #[uniffi(default = None)]
    pub interval_days: Option<u32>,
    /// When it is due. YYYY-MM-DD. Why so: test sooner is the safe side; results guard against doubles.
    #[uniffi(default = None)]
    pub due: Option<String>,
    /// When it was done last, computed from the results. YYYY-MM-DD. Why so: derived from appended results.
    #[uniffi(default = None)]
    pub last_done: Option<String>,
    /// Who sees to it. Why so: logistics.
    #[uniffi(default = None)]
    pub responsible_role: Option<Role>,
    /// It is not done any more. Why so: a test is not dropped by accident.
    #[uniffi(default = None)]
    pub cancelled: Option<bool>,
    /// Why not. Why so: a test is not dropped by accident.
    #[uniffi(default = None)]
    pub cancel_reason: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::MonitoringItem> for MonitoringItem {
    fn from(m: osteon_proto::osteon::care::v1::MonitoringItem) -> Self {
        Self {
            kind: m.kind.map(|n| n.into()),
            interval_days: m.interval_days,
            due: m.due,
            last_done: m.last_done,
            responsible_role: m.responsible_role.map(|n| n.into()),
            cancelled: m.cancelled,
            cancel_reason: m.cancel_reason,
        }
    }
}

impl From<MonitoringItem> for osteon_proto::osteon::care::v1::MonitoringItem {
    fn from(m: MonitoringItem) -> Self {
        Self {
            kind: m.kind.map(|n| n.into()),
            interval_days: m.interval_days,
            due: m.due,
            last_done: m.last_done,
            responsible_role: m.responsible_role.map(|n| n.into()),
            cancelled: m.cancelled,
            cancel_reason: m.cancel_reason,
        }
    }
}

/// P-MON.result. A result that answers an item: a J20 or a J21. Its label is that of the item. Takes no second write.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct MonitoringResult {
    /// The record that this one belongs to (P-MON).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// The result. Why so: results are facts; corrections are new records.
    #[uniffi(default = None)]
    pub result_ref: Option<Vec<u8>>,
}

impl From<osteon_proto::osteon::care::v1::MonitoringResult> for MonitoringResult {
    fn from(m: osteon_proto::osteon::care::v1::MonitoringResult) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            result_ref: m.result_ref.map(|b| b.to_vec()),
        }
    }
}

impl From<MonitoringResult> for osteon_proto::osteon::care::v1::MonitoringResult {
    fn from(m: MonitoringResult) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            result_ref: m.result_ref.map(|b| b.into()),
        }
    }
}

/// J10. How the person feels. What they say about not being safe is never averaged and never taken back by a later
/// entry.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct MoodEntry {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// PHQ-2, first item: little interest or pleasure. 0 to 3 {score}. Source: PHQ-2; LOINC 55758-7 total (unverified).
    #[uniffi(default = None)]
    pub phq2_a: Option<u32>,
    /// PHQ-2, second item: down or hopeless. 0 to 3 {score}. Source: PHQ-2; LOINC 55758-7 total (unverified).
    #[uniffi(default = None)]
    pub phq2_b: Option<u32>,
    /// Distress. 0 to 10 {score}. Source: own wording (NCCN DT is licensed).
    #[uniffi(default = None)]
    pub distress: Option<u32>,
    /// Stress. 0 to 10 {score}.
    #[uniffi(default = None)]
    pub stress: Option<u32>,
    /// Energy. 0 to 10 {score}.
    #[uniffi(default = None)]
    pub energy: Option<u32>,
    /// Hope. 0 to 10 {score}.
    #[uniffi(default = None)]
    pub hope: Option<u32>,
    /// The person does not feel safe with themselves.
    #[uniffi(default = None)]
    pub not_safe: Option<bool>,
}

impl From<osteon_proto::osteon::care::v1::MoodEntry> for MoodEntry {
    fn from(m: osteon_proto::osteon::care::v1::MoodEntry) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            phq2_a: m.phq2_a,
            phq2_b: m.phq2_b,
            distress: m.distress,
            stress: m.stress,
            energy: m.energy,
            hope: m.hope,
            not_safe: m.not_safe,
        }
    }
}

impl From<MoodEntry> for osteon_proto::osteon::care::v1::MoodEntry {
    fn from(m: MoodEntry) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            phq2_a: m.phq2_a,
            phq2_b: m.phq2_b,
            distress: m.distress,
            stress: m.stress,
            energy: m.energy,
            hope: m.hope,
            not_safe: m.not_safe,
        }
    }
}

/// J15. What the mouth and jaw show. Needs the symptoms and the dental category. Urgent lane whole: exposed bone may
/// be the first sign of osteonecrosis.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct MouthCheck {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// What is seen; 'none' loses to any sign. A set; at most 16 in one write. Note: 'none' loses to any sign: a view in
    /// care-core.
    #[uniffi(default = [])]
    pub signs: Vec<MouthSign>,
    /// How a denture sits.
    #[uniffi(default = None)]
    pub denture_fit: Option<DentureFit>,
    /// When a tooth was taken out. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub extraction_date: Option<String>,
    /// What the dentist plans, a code.
    #[uniffi(default = None)]
    pub planned_procedure: Option<String>,
    /// Photos of the mouth. A set; at most 8 in one write. Source: photos are part of an entry (design).
    #[uniffi(default = [])]
    pub photos: Vec<String>,
}

impl From<osteon_proto::osteon::care::v1::MouthCheck> for MouthCheck {
    fn from(m: osteon_proto::osteon::care::v1::MouthCheck) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            signs: m.signs.into_iter().map(|n| n.into()).collect(),
            denture_fit: m.denture_fit.map(|n| n.into()),
            extraction_date: m.extraction_date,
            planned_procedure: m.planned_procedure,
            photos: m.photos,
        }
    }
}

impl From<MouthCheck> for osteon_proto::osteon::care::v1::MouthCheck {
    fn from(m: MouthCheck) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            signs: m.signs.into_iter().map(|n| n.into()).collect(),
            denture_fit: m.denture_fit.map(|n| n.into()),
            extraction_date: m.extraction_date,
            planned_procedure: m.planned_procedure,
            photos: m.photos,
        }
    }
}

/// Who speaks for the person: a member of the circle, or somebody else in words. One value.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct NamedProxy {
    /// Account of the member.
    #[uniffi(default = None)]
    pub account: Option<u64>,
    /// Who, in words.
    #[uniffi(default = None)]
    pub text: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::NamedProxy> for NamedProxy {
    fn from(m: osteon_proto::osteon::care::v1::NamedProxy) -> Self {
        Self {
            account: m.account,
            text: m.text,
        }
    }
}

impl From<NamedProxy> for osteon_proto::osteon::care::v1::NamedProxy {
    fn from(m: NamedProxy) -> Self {
        Self {
            account: m.account,
            text: m.text,
        }
    }
}

/// Notice. What one account is told, and nobody else reads. Written by the server alone.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Notice {
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// The account that is told.
    #[uniffi(default = None)]
    pub account: Option<u64>,
    /// What it is about.
    #[uniffi(default = None)]
    pub kind: Option<NoticeKind>,
    /// The record that it is about.
    #[uniffi(default = None)]
    pub record: Option<Vec<u8>>,
    /// Whose doing it was.
    #[uniffi(default = None)]
    pub by: Option<u64>,
    /// In which role.
    #[uniffi(default = None)]
    pub by_role: Option<Role>,
}

impl From<osteon_proto::osteon::care::v1::Notice> for Notice {
    fn from(m: osteon_proto::osteon::care::v1::Notice) -> Self {
        Self {
            supersedes: m.supersedes.map(|b| b.to_vec()),
            account: m.account,
            kind: m.kind.map(|n| n.into()),
            record: m.record.map(|b| b.to_vec()),
            by: m.by,
            by_role: m.by_role.map(|n| n.into()),
        }
    }
}

impl From<Notice> for osteon_proto::osteon::care::v1::Notice {
    fn from(m: Notice) -> Self {
        Self {
            supersedes: m.supersedes.map(|b| b.into()),
            account: m.account,
            kind: m.kind.map(|n| n.into()),
            record: m.record.map(|b| b.into()),
            by: m.by,
            by_role: m.by_role.map(|n| n.into()),
        }
    }
}

/// P-NUT. The nutrition plan, one a circle: two people who both start "the" plan have started one. Its owner is the
/// dietitian. Ceilings hold at their lowest without asking; targets and floors must be agreed.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct NutritionPlan {
    /// State of the plan. Why so: neither value is safer by nature.
    #[uniffi(default = None)]
    pub status: Option<NutritionPlanStatus>,
    /// The plan is paused. Why so: neither value is safer by nature. Note: was the value 'paused' of status: a field of
    /// its own because ON may pause and nothing else.
    #[uniffi(default = None)]
    pub paused: Option<bool>,
    /// Why it is paused, a code. Why so: neither value is safer by nature.
    #[uniffi(default = None)]
    pub pause_reason: Option<String>,
    /// Energy a day, at least. 0 to 10000 kcal/d. Why so: under- and over-feeding both harm.
    #[uniffi(default = None)]
    pub energy_kcal_d_min: Option<u32>,
    /// Energy a day, at most. 0 to 10000 kcal/d. Why so: under- and over-feeding both harm.
    #[uniffi(default = None)]
    pub energy_kcal_d_max: Option<u32>,
    /// Protein a day and kilogram of body weight, at least. 0 to 10 g/kg/d, in steps of 0.01. Why so: a renal ceiling
    /// must win; a floor must be agreed.
    #[uniffi(default = None)]
    pub protein_g_kg_d_min: Option<u32>,
    /// Protein a day and kilogram of body weight, at most. 0 to 10 g/kg/d, in steps of 0.01. Why so: a renal ceiling
    /// must win; a floor must be agreed.
    #[uniffi(default = None)]
    pub protein_g_kg_d_max: Option<u32>,
    /// Calcium a day to aim at. 0 to 10000 mg/d. Why so: upper limit is the safety side.
    #[uniffi(default = None)]
    pub calcium_mg_d_target: Option<u32>,
    /// Calcium a day, at most. 0 to 10000 mg/d. Why so: upper limit is the safety side.
    #[uniffi(default = None)]
    pub calcium_mg_d_max: Option<u32>,
    /// Vitamin D a day to aim at. 0 to 100000 [iU]/d. Why so: the ceiling is the safety side; the target must be agreed.
    #[uniffi(default = None)]
    pub vitamin_d_iu_d_target: Option<u32>,
    /// Vitamin D a day, at most. 0 to 100000 [iU]/d. Why so: the ceiling is the safety side; the target must be agreed.
    #[uniffi(default = None)]
    pub vitamin_d_iu_d_max: Option<u32>,
    /// Magnesium a day to aim at. 0 to 10000 mg/d. Why so: phosphorus may be a ceiling in CKD: then RESTRICT min.
    #[uniffi(default = None)]
    pub magnesium_mg_d_target: Option<u32>,
    /// Phosphorus a day to aim at. 0 to 10000 mg/d. Why so: phosphorus may be a ceiling in CKD: then RESTRICT min.
    #[uniffi(default = None)]
    pub phosphorus_mg_d_target: Option<u32>,
    /// Phosphorus a day, at most. 0 to 10000 mg/d. Why so: phosphorus may be a ceiling in CKD: then RESTRICT min. Note:
    /// the ceiling in CKD is a field of its own: no policy depends on a value.
    #[uniffi(default = None)]
    pub phosphorus_mg_d_max: Option<u32>,
    /// Vitamin K1 a day to aim at. 0 to 10000 ug/d. Why so: phosphorus may be a ceiling in CKD: then RESTRICT min.
    #[uniffi(default = None)]
    pub vitamin_k1_ug_d_target: Option<u32>,
    /// Fluid a day, at least. 0 to 20000 mL/d. Why so: a floor is not safer by nature (heart, kidney): it must be
    /// agreed; compared with fluid_max.
    #[uniffi(default = None)]
    pub fluid_min_ml_d: Option<u32>,
    /// Fluid a day, at most. 0 to 20000 mL/d. Why so: heart/kidney ceiling wins; min > max raises R-SYNC-1.
    #[uniffi(default = None)]
    pub fluid_max_ml_d: Option<u32>,
    /// Meals a day. 3 to 8. Why so: comfort choice: small frequent meals when appetite is poor.
    #[uniffi(default = None)]
    pub meals_per_day: Option<u32>,
    /// Pattern of portions, a code. Why so: comfort choice: small frequent meals when appetite is poor.
    #[uniffi(default = None)]
    pub portion_pattern: Option<String>,
    /// Texture of foods, IDDSI level; the lower is the safer. 3 to 7. Why so: choking risk. Note: (design) foods and
    /// drinks split, because the safe side is the lower level for foods and the higher for drinks; a clinician must
    /// approve.
    #[uniffi(default = None)]
    pub food_texture: Option<u32>,
    /// Thickness of drinks, IDDSI level; the higher is the safer. 0 to 4. Why so: choking risk. Note: (design) see
    /// food_texture.
    #[uniffi(default = None)]
    pub drink_thickness: Option<u32>,
    /// What to avoid. A set; at most 64 in one write. Why so: an avoid entry must survive every merge.
    #[uniffi(default = [])]
    pub avoid: Vec<AvoidEntry>,
    /// What the person likes: dairy or fortified, greens, fish, legumes …. A set; at most 64 in one write. Why so:
    /// patient's own taste is authoritative. Note: 'PT removal wins' is not built: a removal removes what it was shown;
    /// the patient decides if asked.
    #[uniffi(default = [])]
    pub preferred_foods: Vec<String>,
    /// What upset the stomach. A set; at most 64 in one write. Why so: history of what hurt is useful.
    #[uniffi(default = [])]
    pub gi_tolerance: Vec<GiTolerance>,
    /// Loss of weight at which to warn. 0 to 100 %, in steps of 0.1. Why so: earlier warning wins.
    #[uniffi(default = None)]
    pub weight_alert_pct: Option<u32>,
    /// Next review of the plan. YYYY-MM-DD. Why so: see sooner.
    #[uniffi(default = None)]
    pub next_review: Option<String>,
    /// Advice in plain words. Why so: clinical prose is never merged character by character.
    #[uniffi(default = None)]
    pub free_text_advice: Option<String>,
    /// What one glass of this person holds. 50 to 1000 mL. Why so: J04.glasses x glass_ml is the volume (design).
    #[uniffi(default = None)]
    pub glass_ml: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::NutritionPlan> for NutritionPlan {
    fn from(m: osteon_proto::osteon::care::v1::NutritionPlan) -> Self {
        Self {
            status: m.status.map(|n| n.into()),
            paused: m.paused,
            pause_reason: m.pause_reason,
            energy_kcal_d_min: m.energy_kcal_d_min,
            energy_kcal_d_max: m.energy_kcal_d_max,
            protein_g_kg_d_min: m.protein_g_kg_d_min,
            protein_g_kg_d_max: m.protein_g_kg_d_max,
            calcium_mg_d_target: m.calcium_mg_d_target,
            calcium_mg_d_max: m.calcium_mg_d_max,
            vitamin_d_iu_d_target: m.vitamin_d_iu_d_target,
            vitamin_d_iu_d_max: m.vitamin_d_iu_d_max,
            magnesium_mg_d_target: m.magnesium_mg_d_target,
            phosphorus_mg_d_target: m.phosphorus_mg_d_target,
            phosphorus_mg_d_max: m.phosphorus_mg_d_max,
            vitamin_k1_ug_d_target: m.vitamin_k1_ug_d_target,
            fluid_min_ml_d: m.fluid_min_ml_d,
            fluid_max_ml_d: m.fluid_max_ml_d,
            meals_per_day: m.meals_per_day,
            portion_pattern: m.portion_pattern,
            food_texture: m.food_texture,
            drink_thickness: m.drink_thickness,
            avoid: m.avoid.into_iter().map(|n| n.into()).collect(),
            preferred_foods: m.preferred_foods,
            gi_tolerance: m.gi_tolerance.into_iter().map(|n| n.into()).collect(),
            weight_alert_pct: m.weight_alert_pct,
            next_review: m.next_review,
            free_text_advice: m.free_text_advice,
            glass_ml: m.glass_ml,
        }
    }
}

impl From<NutritionPlan> for osteon_proto::osteon::care::v1::NutritionPlan {
    fn from(m: NutritionPlan) -> Self {
        Self {
            status: m.status.map(|n| n.into()),
            paused: m.paused,
            pause_reason: m.pause_reason,
            energy_kcal_d_min: m.energy_kcal_d_min,
            energy_kcal_d_max: m.energy_kcal_d_max,
            protein_g_kg_d_min: m.protein_g_kg_d_min,
            protein_g_kg_d_max: m.protein_g_kg_d_max,
            calcium_mg_d_target: m.calcium_mg_d_target,
            calcium_mg_d_max: m.calcium_mg_d_max,
            vitamin_d_iu_d_target: m.vitamin_d_iu_d_target,
            vitamin_d_iu_d_max: m.vitamin_d_iu_d_max,
            magnesium_mg_d_target: m.magnesium_mg_d_target,
            phosphorus_mg_d_target: m.phosphorus_mg_d_target,
            phosphorus_mg_d_max: m.phosphorus_mg_d_max,
            vitamin_k1_ug_d_target: m.vitamin_k1_ug_d_target,
            fluid_min_ml_d: m.fluid_min_ml_d,
            fluid_max_ml_d: m.fluid_max_ml_d,
            meals_per_day: m.meals_per_day,
            portion_pattern: m.portion_pattern,
            food_texture: m.food_texture,
            drink_thickness: m.drink_thickness,
            avoid: m.avoid.into_iter().map(|n| n.into()).collect(),
            preferred_foods: m.preferred_foods,
            gi_tolerance: m.gi_tolerance.into_iter().map(|n| n.into()).collect(),
            weight_alert_pct: m.weight_alert_pct,
            next_review: m.next_review,
            free_text_advice: m.free_text_advice,
            glass_ml: m.glass_ml,
        }
    }
}

/// ClinicSettings.on_call. Who is on call in one hour of the week, in the order in which they are called. Nobody is
/// shown as nobody.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct OnCall {
    /// The record that this one belongs to (ClinicSettings).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// 1 Monday to 7 Sunday. 1 to 7.
    #[uniffi(default = None)]
    pub weekday: Option<u32>,
    /// The hour. 0 to 23 h.
    #[uniffi(default = None)]
    pub hour: Option<u32>,
    /// Accounts, in the order in which they are called. The list is one value; at most 16.
    #[uniffi(default = [])]
    pub members: Vec<u64>,
}

impl From<osteon_proto::osteon::care::v1::OnCall> for OnCall {
    fn from(m: osteon_proto::osteon::care::v1::OnCall) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            weekday: m.weekday,
            hour: m.hour,
            members: m.members,
        }
    }
}

impl From<OnCall> for osteon_proto::osteon::care::v1::OnCall {
    fn from(m: OnCall) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            weekday: m.weekday,
            hour: m.hour,
            members: m.members,
        }
    }
}

/// Hours of one day of the week, one value.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct OpenHours {
    /// 1 Monday to 7 Sunday. 1 to 7.
    #[uniffi(default = None)]
    pub weekday: Option<u32>,
    /// From: minutes after midnight. 0 to 1440 min.
    #[uniffi(default = None)]
    pub from_min: Option<u32>,
    /// To: minutes after midnight. 0 to 1440 min.
    #[uniffi(default = None)]
    pub to_min: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::OpenHours> for OpenHours {
    fn from(m: osteon_proto::osteon::care::v1::OpenHours) -> Self {
        Self {
            weekday: m.weekday,
            from_min: m.from_min,
            to_min: m.to_min,
        }
    }
}

impl From<OpenHours> for osteon_proto::osteon::care::v1::OpenHours {
    fn from(m: OpenHours) -> Self {
        Self {
            weekday: m.weekday,
            from_min: m.from_min,
            to_min: m.to_min,
        }
    }
}

/// P-BONE.oral_dose. One tablet that was taken. Takes no second write.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct OralDose {
    /// The record that this one belongs to (P-BONE).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// Which drug, a code. Why so: a counter would silently add two reports of one dose; duplicates raise R-BMA-1.
    #[uniffi(default = None)]
    pub agent: Option<String>,
    /// Dose. 0 to 10000, in steps of 0.001. Why so: a counter would silently add two reports of one dose; duplicates
    /// raise R-BMA-1.
    #[uniffi(default = None)]
    pub dose: Option<u32>,
    /// UCUM unit of the dose. Why so: a counter would silently add two reports of one dose; duplicates raise R-BMA-1.
    #[uniffi(default = None)]
    pub dose_unit: Option<String>,
    /// When it was taken. Why so: a counter would silently add two reports of one dose; duplicates raise R-BMA-1.
    #[uniffi(default = None)]
    pub when: Option<Moment>,
    /// Who knows it. Why so: a counter would silently add two reports of one dose; duplicates raise R-BMA-1.
    #[uniffi(default = None)]
    pub source: Option<AdministrationSource>,
}

impl From<osteon_proto::osteon::care::v1::OralDose> for OralDose {
    fn from(m: osteon_proto::osteon::care::v1::OralDose) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            agent: m.agent,
            dose: m.dose,
            dose_unit: m.dose_unit,
            when: m.when.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
        }
    }
}

impl From<OralDose> for osteon_proto::osteon::care::v1::OralDose {
    fn from(m: OralDose) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            agent: m.agent,
            dose: m.dose,
            dose_unit: m.dose_unit,
            when: m.when.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
        }
    }
}

/// J01. Pain as the person reports it, of the last 24 hours. Urgent lane: warning rules read it at once.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct PainEntry {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// Worst pain of the last 24 hours. 0 to 10 {score}. Source: LOINC 72514-3 (V).
    #[uniffi(default = None)]
    pub worst_24h: Option<u32>,
    /// Least pain of the last 24 hours. 0 to 10 {score}. Source: LOINC 72514-3 (V).
    #[uniffi(default = None)]
    pub least_24h: Option<u32>,
    /// Pain on average. 0 to 10 {score}. Source: LOINC 72514-3 (V).
    #[uniffi(default = None)]
    pub average: Option<u32>,
    /// Pain right now. 0 to 10 {score}. Source: LOINC 72514-3 (V).
    #[uniffi(default = None)]
    pub now: Option<u32>,
    /// Where it hurts, a SNOMED CT body structure or our own site code. A set; at most 32 in one write. Source: see 2.3
    /// (V from mCODE).
    #[uniffi(default = [])]
    pub site: Vec<String>,
    /// Side of the body. Source: SNOMED laterality (unverified).
    #[uniffi(default = None)]
    pub side: Option<Side>,
    /// How much pain got in the way of general activity. 0 to 10 {score}. Source: own wording or PRO-CTCAE pain C; BPI
    /// only behind a site licence.
    #[uniffi(default = None)]
    pub interference_activity: Option<u32>,
    /// How much pain got in the way of mood. 0 to 10 {score}. Source: own wording or PRO-CTCAE pain C; BPI only behind a
    /// site licence.
    #[uniffi(default = None)]
    pub interference_mood: Option<u32>,
    /// How much pain got in the way of walking. 0 to 10 {score}. Source: own wording or PRO-CTCAE pain C; BPI only
    /// behind a site licence.
    #[uniffi(default = None)]
    pub interference_walking: Option<u32>,
    /// How much pain got in the way of work. 0 to 10 {score}. Source: own wording or PRO-CTCAE pain C; BPI only behind a
    /// site licence.
    #[uniffi(default = None)]
    pub interference_work: Option<u32>,
    /// How much pain got in the way of relations with other people. 0 to 10 {score}. Source: own wording or PRO-CTCAE
    /// pain C; BPI only behind a site licence.
    #[uniffi(default = None)]
    pub interference_relations: Option<u32>,
    /// How much pain got in the way of sleep. 0 to 10 {score}. Source: own wording or PRO-CTCAE pain C; BPI only behind
    /// a site licence.
    #[uniffi(default = None)]
    pub interference_sleep: Option<u32>,
    /// How much pain got in the way of enjoying life. 0 to 10 {score}. Source: own wording or PRO-CTCAE pain C; BPI only
    /// behind a site licence.
    #[uniffi(default = None)]
    pub interference_enjoyment: Option<u32>,
    /// How the pain depends on load; worse on use is a sign of a bone that may break.
    #[uniffi(default = None)]
    pub relation_to_loading: Option<PainLoading>,
    /// What the pain is like. A set; at most 16 in one write.
    #[uniffi(default = [])]
    pub quality: Vec<PainQuality>,
    /// Features of spinal pain. A set; at most 16 in one write. Source: NG234 list.
    #[uniffi(default = [])]
    pub spine_features: Vec<SpineFeature>,
    /// The pain is new or worse.
    #[uniffi(default = None)]
    pub new_or_worse: Option<bool>,
    /// Day on which it began. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub onset_date: Option<String>,
    /// How much the medicines relieved it. 0 to 100 %.
    #[uniffi(default = None)]
    pub relief_pct: Option<u32>,
    /// What was taken for it: ids of medicines or intakes, or their names. A set; at most 64 in one write.
    #[uniffi(default = [])]
    pub taken_for_it: Vec<String>,
}

impl From<osteon_proto::osteon::care::v1::PainEntry> for PainEntry {
    fn from(m: osteon_proto::osteon::care::v1::PainEntry) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            worst_24h: m.worst_24h,
            least_24h: m.least_24h,
            average: m.average,
            now: m.now,
            site: m.site,
            side: m.side.map(|n| n.into()),
            interference_activity: m.interference_activity,
            interference_mood: m.interference_mood,
            interference_walking: m.interference_walking,
            interference_work: m.interference_work,
            interference_relations: m.interference_relations,
            interference_sleep: m.interference_sleep,
            interference_enjoyment: m.interference_enjoyment,
            relation_to_loading: m.relation_to_loading.map(|n| n.into()),
            quality: m.quality.into_iter().map(|n| n.into()).collect(),
            spine_features: m.spine_features.into_iter().map(|n| n.into()).collect(),
            new_or_worse: m.new_or_worse,
            onset_date: m.onset_date,
            relief_pct: m.relief_pct,
            taken_for_it: m.taken_for_it,
        }
    }
}

impl From<PainEntry> for osteon_proto::osteon::care::v1::PainEntry {
    fn from(m: PainEntry) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            worst_24h: m.worst_24h,
            least_24h: m.least_24h,
            average: m.average,
            now: m.now,
            site: m.site,
            side: m.side.map(|n| n.into()),
            interference_activity: m.interference_activity,
            interference_mood: m.interference_mood,
            interference_walking: m.interference_walking,
            interference_work: m.interference_work,
            interference_relations: m.interference_relations,
            interference_sleep: m.interference_sleep,
            interference_enjoyment: m.interference_enjoyment,
            relation_to_loading: m.relation_to_loading.map(|n| n.into()),
            quality: m.quality.into_iter().map(|n| n.into()).collect(),
            spine_features: m.spine_features.into_iter().map(|n| n.into()).collect(),
            new_or_worse: m.new_or_worse,
            onset_date: m.onset_date,
            relief_pct: m.relief_pct,
            taken_for_it: m.taken_for_it,
        }
    }
}

/// P-PAIN.intervention. A procedure against pain. Takes no second write.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct PainIntervention {
    /// The record that this one belongs to (P-PAIN).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// What. Why so: procedures are events, never overwritten.
    #[uniffi(default = None)]
    pub kind: Option<InterventionKind>,
    /// When. YYYY-MM-DD. Why so: procedures are events, never overwritten.
    #[uniffi(default = None)]
    pub date: Option<String>,
    /// Where, SNOMED CT. Why so: procedures are events, never overwritten.
    #[uniffi(default = None)]
    pub site: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::PainIntervention> for PainIntervention {
    fn from(m: osteon_proto::osteon::care::v1::PainIntervention) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            kind: m.kind.map(|n| n.into()),
            date: m.date,
            site: m.site,
        }
    }
}

impl From<PainIntervention> for osteon_proto::osteon::care::v1::PainIntervention {
    fn from(m: PainIntervention) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            kind: m.kind.map(|n| n.into()),
            date: m.date,
            site: m.site,
        }
    }
}

/// P-PAIN. The pain plan, one a circle. Medicines have a label of their own (C04), so the record has two parts.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct PainPlan {
    /// What to take when it breaks through, a code. Why so: opioid safety.
    #[uniffi(default = None)]
    pub rescue_drug: Option<String>,
    /// How much. 0 to 10000, in steps of 0.001. Why so: opioid safety.
    #[uniffi(default = None)]
    pub rescue_dose: Option<u32>,
    /// UCUM unit. Why so: opioid safety.
    #[uniffi(default = None)]
    pub rescue_dose_unit: Option<String>,
    /// Hours between two. 0 to 72 h, in steps of 0.1. Why so: opioid safety.
    #[uniffi(default = None)]
    pub rescue_min_gap_h: Option<u32>,
    /// At most in 24 hours. 0 to 48 {#}. Why so: opioid safety.
    #[uniffi(default = None)]
    pub rescue_max_per_24h: Option<u32>,
    /// What helps besides medicines. A set; at most 16 in one write. Why so: multimodal.
    #[uniffi(default = [])]
    pub non_drug: Vec<NonDrugMeasure>,
    /// Pain from which on the team is told. 0 to 10 {score}. Why so: earlier re-evaluation.
    #[uniffi(default = None)]
    pub alert_nrs: Option<u32>,
    /// Rise from which on the team is told. 0 to 10 {score}, in steps of 0.1. Why so: earlier re-evaluation.
    #[uniffi(default = None)]
    pub alert_rise: Option<u32>,
    /// What the person wants to be able to do, in their words. Why so: the patient's words.
    #[uniffi(default = None)]
    pub functional_goal: Option<String>,
    /// Safe positions. Why so: clinical prose is not merged by character.
    #[uniffi(default = None)]
    pub safe_positions: Option<String>,
    /// Advice on aids. Why so: clinical prose is not merged by character.
    #[uniffi(default = None)]
    pub assistive_advice: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::PainPlan> for PainPlan {
    fn from(m: osteon_proto::osteon::care::v1::PainPlan) -> Self {
        Self {
            rescue_drug: m.rescue_drug,
            rescue_dose: m.rescue_dose,
            rescue_dose_unit: m.rescue_dose_unit,
            rescue_min_gap_h: m.rescue_min_gap_h,
            rescue_max_per_24h: m.rescue_max_per_24h,
            non_drug: m.non_drug.into_iter().map(|n| n.into()).collect(),
            alert_nrs: m.alert_nrs,
            alert_rise: m.alert_rise,
            functional_goal: m.functional_goal,
            safe_positions: m.safe_positions,
            assistive_advice: m.assistive_advice,
        }
    }
}

impl From<PainPlan> for osteon_proto::osteon::care::v1::PainPlan {
    fn from(m: PainPlan) -> Self {
        Self {
            rescue_drug: m.rescue_drug,
            rescue_dose: m.rescue_dose,
            rescue_dose_unit: m.rescue_dose_unit,
            rescue_min_gap_h: m.rescue_min_gap_h,
            rescue_max_per_24h: m.rescue_max_per_24h,
            non_drug: m.non_drug.into_iter().map(|n| n.into()).collect(),
            alert_nrs: m.alert_nrs,
            alert_rise: m.alert_rise,
            functional_goal: m.functional_goal,
            safe_positions: m.safe_positions,
            assistive_advice: m.assistive_advice,
        }
    }
}

/// A bone drug of before, one element of the set.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct PastBoneDrug {
    /// Which, a code.
    #[uniffi(default = None)]
    pub agent: Option<String>,
    /// From when: YYYY, YYYY-MM or YYYY-MM-DD.
    #[uniffi(default = None)]
    pub from: Option<String>,
    /// Until when: YYYY, YYYY-MM or YYYY-MM-DD.
    #[uniffi(default = None)]
    pub to: Option<String>,
    /// How many doses. 0 to 1000.
    #[uniffi(default = None)]
    pub doses: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::PastBoneDrug> for PastBoneDrug {
    fn from(m: osteon_proto::osteon::care::v1::PastBoneDrug) -> Self {
        Self {
            agent: m.agent,
            from: m.from,
            to: m.to,
            doses: m.doses,
        }
    }
}

impl From<PastBoneDrug> for osteon_proto::osteon::care::v1::PastBoneDrug {
    fn from(m: PastBoneDrug) -> Self {
        Self {
            agent: m.agent,
            from: m.from,
            to: m.to,
            doses: m.doses,
        }
    }
}

/// A time in which nobody expects exercise, one element of the set.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct PauseWindow {
    /// First day. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub from: Option<String>,
    /// Last day. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub to: Option<String>,
    /// Why, in plain words.
    #[uniffi(default = None)]
    pub why: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::PauseWindow> for PauseWindow {
    fn from(m: osteon_proto::osteon::care::v1::PauseWindow) -> Self {
        Self {
            from: m.from,
            to: m.to,
            why: m.why,
        }
    }
}

impl From<PauseWindow> for osteon_proto::osteon::care::v1::PauseWindow {
    fn from(m: PauseWindow) -> Self {
        Self {
            from: m.from,
            to: m.to,
            why: m.why,
        }
    }
}

/// P-ID. The person's name and whom to call. (design) What the summary of C01 is made of has no other place; the day of
/// birth stands in the risk profile (P-RISK).
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Person {
    /// Name or pseudonym by which the person is spoken to. Why so: whoever reads the wrong name speaks to the wrong person.
    #[uniffi(default = None)]
    pub display_name: Option<String>,
    /// Whom to call in an emergency. Why so: a wrong single number is worse. Note: the app shows every live one.
    #[uniffi(default = None)]
    pub emergency_contact: Option<EmergencyContact>,
}

impl From<osteon_proto::osteon::care::v1::Person> for Person {
    fn from(m: osteon_proto::osteon::care::v1::Person) -> Self {
        Self {
            display_name: m.display_name,
            emergency_contact: m.emergency_contact.map(|n| n.into()),
        }
    }
}

impl From<Person> for osteon_proto::osteon::care::v1::Person {
    fn from(m: Person) -> Self {
        Self {
            display_name: m.display_name,
            emergency_contact: m.emergency_contact.map(|n| n.into()),
        }
    }
}

/// A bone that was broken before, one element of the set.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct PriorFracture {
    /// Which bone, SNOMED CT.
    #[uniffi(default = None)]
    pub site: Option<String>,
    /// When: YYYY, YYYY-MM or YYYY-MM-DD, as far as it is known.
    #[uniffi(default = None)]
    pub date: Option<String>,
    /// After what.
    #[uniffi(default = None)]
    pub trauma: Option<Trauma>,
    /// A report or image confirms it.
    #[uniffi(default = None)]
    pub confirmed: Option<bool>,
}

impl From<osteon_proto::osteon::care::v1::PriorFracture> for PriorFracture {
    fn from(m: osteon_proto::osteon::care::v1::PriorFracture) -> Self {
        Self {
            site: m.site,
            date: m.date,
            trauma: m.trauma.map(|n| n.into()),
            confirmed: m.confirmed,
        }
    }
}

impl From<PriorFracture> for osteon_proto::osteon::care::v1::PriorFracture {
    fn from(m: PriorFracture) -> Self {
        Self {
            site: m.site,
            date: m.date,
            trauma: m.trauma.map(|n| n.into()),
            confirmed: m.confirmed,
        }
    }
}

/// P-GOAL.progress. One report of progress, an event of its own.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Progress {
    /// The record that this one belongs to (P-GOAL).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// When. Why so: each report is its own event.
    #[uniffi(default = None)]
    pub when: Option<Moment>,
    /// What was reached, in plain words. Why so: each report is its own event.
    #[uniffi(default = None)]
    pub text: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::Progress> for Progress {
    fn from(m: osteon_proto::osteon::care::v1::Progress) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            when: m.when.map(|n| n.into()),
            text: m.text,
        }
    }
}

impl From<Progress> for osteon_proto::osteon::care::v1::Progress {
    fn from(m: Progress) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            when: m.when.map(|n| n.into()),
            text: m.text,
        }
    }
}

/// Proposal. A value that somebody who may not write a field would have there; in the inbox of the field's owner, who
/// accepts it by an ordinary write that names it. Its label is that of its target. Takes no second write.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Proposal {
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// The target's record type. 1 to 2047.
    #[uniffi(default = None)]
    pub r#type: Option<u32>,
    /// The target; absent: a new record.
    #[uniffi(default = None)]
    pub target: Option<Vec<u8>>,
    /// The field's number. 1 to 5.36871e+08.
    #[uniffi(default = None)]
    pub field: Option<u32>,
    /// The proposed value as it stands on the wire, with its tag; of a set, one element.
    #[uniffi(default = None)]
    pub value: Option<Vec<u8>>,
    /// The versions of the field that the author saw. The list is one value; at most 32.
    #[uniffi(default = [])]
    pub shown: Vec<ShownVersion>,
    /// Why, in their words.
    #[uniffi(default = None)]
    pub reason: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::Proposal> for Proposal {
    fn from(m: osteon_proto::osteon::care::v1::Proposal) -> Self {
        Self {
            supersedes: m.supersedes.map(|b| b.to_vec()),
            r#type: m.r#type,
            target: m.target.map(|b| b.to_vec()),
            field: m.field,
            value: m.value.map(|b| b.to_vec()),
            shown: m.shown.into_iter().map(|n| n.into()).collect(),
            reason: m.reason,
        }
    }
}

impl From<Proposal> for osteon_proto::osteon::care::v1::Proposal {
    fn from(m: Proposal) -> Self {
        Self {
            supersedes: m.supersedes.map(|b| b.into()),
            r#type: m.r#type,
            target: m.target.map(|b| b.into()),
            field: m.field,
            value: m.value.map(|b| b.into()),
            shown: m.shown.into_iter().map(|n| n.into()).collect(),
            reason: m.reason,
        }
    }
}

/// P-CIRCLE.proxy_activation. The physician's dated entry from which on the proxy acts for end-of-life wishes.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct ProxyActivation {
    /// The record that this one belongs to (P-CIRCLE).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// Account of the proxy. Why so: the physician's dated entry 'activated' (design).
    #[uniffi(default = None)]
    pub proxy: Option<u64>,
    /// From when. YYYY-MM-DD. Why so: the physician's dated entry 'activated' (design).
    #[uniffi(default = None)]
    pub activated_on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::ProxyActivation> for ProxyActivation {
    fn from(m: osteon_proto::osteon::care::v1::ProxyActivation) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            proxy: m.proxy,
            activated_on: m.activated_on,
        }
    }
}

impl From<ProxyActivation> for osteon_proto::osteon::care::v1::ProxyActivation {
    fn from(m: ProxyActivation) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            proxy: m.proxy,
            activated_on: m.activated_on,
        }
    }
}

/// J19. How the person is before a session of exercise. The worst holds.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct ReadinessCheck {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// Pain today. 0 to 10 {score}.
    #[uniffi(default = None)]
    pub pain_today: Option<u32>,
    /// Fatigue today. 0 to 10 {score}.
    #[uniffi(default = None)]
    pub fatigue_today: Option<u32>,
    /// Dizzy.
    #[uniffi(default = None)]
    pub dizzy: Option<bool>,
    /// Something new.
    #[uniffi(default = None)]
    pub new_symptom: Option<bool>,
    /// There is a treatment today.
    #[uniffi(default = None)]
    pub treatment_today: Option<bool>,
}

impl From<osteon_proto::osteon::care::v1::ReadinessCheck> for ReadinessCheck {
    fn from(m: osteon_proto::osteon::care::v1::ReadinessCheck) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            pain_today: m.pain_today,
            fatigue_today: m.fatigue_today,
            dizzy: m.dizzy,
            new_symptom: m.new_symptom,
            treatment_today: m.treatment_today,
        }
    }
}

impl From<ReadinessCheck> for osteon_proto::osteon::care::v1::ReadinessCheck {
    fn from(m: ReadinessCheck) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            pain_today: m.pain_today,
            fatigue_today: m.fatigue_today,
            dizzy: m.dizzy,
            new_symptom: m.new_symptom,
            treatment_today: m.treatment_today,
        }
    }
}

/// P-PAIN.regular_analgesic. A medicine that is taken every day. A dose must be agreed.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct RegularAnalgesic {
    /// The record that this one belongs to (P-PAIN).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The line of medicine (P-MED). Why so: lines may be added by two people; a dose must be agreed.
    #[uniffi(default = None)]
    pub medicine: Option<Vec<u8>>,
    /// Dose. 0 to 10000, in steps of 0.001. Why so: lines may be added by two people; a dose must be agreed.
    #[uniffi(default = None)]
    pub dose: Option<u32>,
    /// UCUM unit of the dose. Why so: lines may be added by two people; a dose must be agreed.
    #[uniffi(default = None)]
    pub dose_unit: Option<String>,
    /// How often a day. 0 to 24 /d. Why so: lines may be added by two people; a dose must be agreed.
    #[uniffi(default = None)]
    pub times_per_day: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::RegularAnalgesic> for RegularAnalgesic {
    fn from(m: osteon_proto::osteon::care::v1::RegularAnalgesic) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            medicine: m.medicine.map(|b| b.to_vec()),
            dose: m.dose,
            dose_unit: m.dose_unit,
            times_per_day: m.times_per_day,
        }
    }
}

impl From<RegularAnalgesic> for osteon_proto::osteon::care::v1::RegularAnalgesic {
    fn from(m: RegularAnalgesic) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            medicine: m.medicine.map(|b| b.into()),
            dose: m.dose,
            dose_unit: m.dose_unit,
            times_per_day: m.times_per_day,
        }
    }
}

/// P-RISK. What raises or lowers the risk of a fracture, one a circle. It has a part for each category, so that nobody
/// reads more of it than they may.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct RiskProfile {
    /// Day of birth. YYYY-MM-DD. Why so: drives age norms (chair stand, DRI, eGFR); a wrong silent winner shifts every
    /// rule.
    #[uniffi(default = None)]
    pub birth_date: Option<String>,
    /// Reference values. Why so: drives cut-offs; never infer.
    #[uniffi(default = None)]
    pub sex_for_reference: Option<SexForReference>,
    /// Menopause. Why so: T-score use and risk: assume the higher-risk reading until resolved.
    #[uniffi(default = None)]
    pub menopausal_status: Option<MenopausalStatus>,
    /// Since when: YYYY, YYYY-MM or YYYY-MM-DD. Why so: T-score use and risk: assume the higher-risk reading until
    /// resolved.
    #[uniffi(default = None)]
    pub menopausal_since: Option<String>,
    /// Fractures of before. A set; at most 64 in one write. Why so: a missed fracture lowers risk falsely; duplicates
    /// are merged by a person.
    #[uniffi(default = [])]
    pub prior_fractures: Vec<PriorFracture>,
    /// Other illnesses, SNOMED CT. A set; at most 64 in one write. Why so: same; removal only by ON with reason.
    #[uniffi(default = [])]
    pub comorbidities: Vec<String>,
    /// Osteoporosis was diagnosed. Why so: true switches on more protection.
    #[uniffi(default = None)]
    pub osteoporosis_dx: Option<TriState>,
    /// A parent broke a hip. Why so: risk factor must not be lost.
    #[uniffi(default = None)]
    pub family_hip_fracture: Option<TriState>,
    /// Glucocorticoid, prednisolone-equivalent. 0 to 1000 mg/d, in steps of 0.1. Why so: exposure > 6 months is a risk
    /// factor.
    #[uniffi(default = None)]
    pub glucocorticoid_mg_d: Option<u32>,
    /// For how many months. 0 to 1200 mo. Why so: exposure > 6 months is a risk factor.
    #[uniffi(default = None)]
    pub glucocorticoid_months: Option<u32>,
    /// Takes something against clotting. Why so: decides emergency after head strike (R-FALL-1).
    #[uniffi(default = None)]
    pub anticoagulant_or_antiplatelet: Option<TriState>,
    /// Kidney disease. Why so: gates fluid and protein targets.
    #[uniffi(default = None)]
    pub kidney_disease: Option<TriState>,
    /// Heart failure. Why so: gates fluid and protein targets.
    #[uniffi(default = None)]
    pub heart_failure: Option<TriState>,
    /// On dialysis. Why so: input of R-HYPOCA-6 (design).
    #[uniffi(default = None)]
    pub dialysis: Option<TriState>,
    /// Allergies. A set; at most 64 in one write. Why so: an allergy must survive every merge.
    #[uniffi(default = [])]
    pub allergies: Vec<Allergy>,
    /// The jaw was irradiated. Why so: changes the meaning of jaw signs (MRONJ definition).
    #[uniffi(default = None)]
    pub jaw_radiotherapy: Option<TriState>,
    /// A metastasis in the jaw. Why so: changes the meaning of jaw signs (MRONJ definition).
    #[uniffi(default = None)]
    pub jaw_metastasis: Option<TriState>,
    /// Bone drugs of before. A set; at most 64 in one write. Why so: bisphosphonate stays in bone for years: bma_ever is
    /// monotone.
    #[uniffi(default = [])]
    pub bma_past: Vec<PastBoneDrug>,
    /// Smoking. Why so: self-report; differing reports are information.
    #[uniffi(default = None)]
    pub smoking_status: Option<SmokingStatus>,
    /// Alcohol. 0 to 500 {unit}/wk, in steps of 0.1. Why so: self-report; two different reports are information for the
    /// clinician, not an error.
    #[uniffi(default = None)]
    pub alcohol_units_week: Option<u32>,
    /// Height. 100 to 230 cm, in steps of 0.1. Why so: BMI, MUST, CrCl depend on them. Note: cross-field check: two live
    /// values that differ by more than 2 cm open a review.
    #[uniffi(default = None)]
    pub height_cm: Option<u32>,
    /// Usual weight. 20 to 400 kg, in steps of 0.01. Why so: BMI, MUST, CrCl depend on them. Note: cross-field check:
    /// two live values that differ by more than 2 kg open a review.
    #[uniffi(default = None)]
    pub usual_weight_kg: Option<u32>,
    /// Primary cancer, SNOMED CT or ICD-O. Why so: the cancer type shapes the plan; the summary of C02 holds it.
    #[uniffi(default = None)]
    pub primary_cancer: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::RiskProfile> for RiskProfile {
    fn from(m: osteon_proto::osteon::care::v1::RiskProfile) -> Self {
        Self {
            birth_date: m.birth_date,
            sex_for_reference: m.sex_for_reference.map(|n| n.into()),
            menopausal_status: m.menopausal_status.map(|n| n.into()),
            menopausal_since: m.menopausal_since,
            prior_fractures: m.prior_fractures.into_iter().map(|n| n.into()).collect(),
            comorbidities: m.comorbidities,
            osteoporosis_dx: m.osteoporosis_dx.map(|n| n.into()),
            family_hip_fracture: m.family_hip_fracture.map(|n| n.into()),
            glucocorticoid_mg_d: m.glucocorticoid_mg_d,
            glucocorticoid_months: m.glucocorticoid_months,
            anticoagulant_or_antiplatelet: m.anticoagulant_or_antiplatelet.map(|n| n.into()),
            kidney_disease: m.kidney_disease.map(|n| n.into()),
            heart_failure: m.heart_failure.map(|n| n.into()),
            dialysis: m.dialysis.map(|n| n.into()),
            allergies: m.allergies.into_iter().map(|n| n.into()).collect(),
            jaw_radiotherapy: m.jaw_radiotherapy.map(|n| n.into()),
            jaw_metastasis: m.jaw_metastasis.map(|n| n.into()),
            bma_past: m.bma_past.into_iter().map(|n| n.into()).collect(),
            smoking_status: m.smoking_status.map(|n| n.into()),
            alcohol_units_week: m.alcohol_units_week,
            height_cm: m.height_cm,
            usual_weight_kg: m.usual_weight_kg,
            primary_cancer: m.primary_cancer,
        }
    }
}

impl From<RiskProfile> for osteon_proto::osteon::care::v1::RiskProfile {
    fn from(m: RiskProfile) -> Self {
        Self {
            birth_date: m.birth_date,
            sex_for_reference: m.sex_for_reference.map(|n| n.into()),
            menopausal_status: m.menopausal_status.map(|n| n.into()),
            menopausal_since: m.menopausal_since,
            prior_fractures: m.prior_fractures.into_iter().map(|n| n.into()).collect(),
            comorbidities: m.comorbidities,
            osteoporosis_dx: m.osteoporosis_dx.map(|n| n.into()),
            family_hip_fracture: m.family_hip_fracture.map(|n| n.into()),
            glucocorticoid_mg_d: m.glucocorticoid_mg_d,
            glucocorticoid_months: m.glucocorticoid_months,
            anticoagulant_or_antiplatelet: m.anticoagulant_or_antiplatelet.map(|n| n.into()),
            kidney_disease: m.kidney_disease.map(|n| n.into()),
            heart_failure: m.heart_failure.map(|n| n.into()),
            dialysis: m.dialysis.map(|n| n.into()),
            allergies: m.allergies.into_iter().map(|n| n.into()).collect(),
            jaw_radiotherapy: m.jaw_radiotherapy.map(|n| n.into()),
            jaw_metastasis: m.jaw_metastasis.map(|n| n.into()),
            bma_past: m.bma_past.into_iter().map(|n| n.into()).collect(),
            smoking_status: m.smoking_status.map(|n| n.into()),
            alcohol_units_week: m.alcohol_units_week,
            height_cm: m.height_cm,
            usual_weight_kg: m.usual_weight_kg,
            primary_cancer: m.primary_cancer,
        }
    }
}

/// A version that a rule read.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct RuleInput {
    /// The record.
    #[uniffi(default = None)]
    pub record: Option<Vec<u8>>,
    /// The field's number. 0 to 5.36871e+08.
    #[uniffi(default = None)]
    pub field: Option<u32>,
    /// Epoch of the change's replica. 0 to 4.29497e+09.
    #[uniffi(default = None)]
    pub epoch: Option<u32>,
    /// Number of the change's replica. 0 to 4.29497e+09.
    #[uniffi(default = None)]
    pub replica: Option<u32>,
    /// Counter of the change.
    #[uniffi(default = None)]
    pub counter: Option<u64>,
}

impl From<osteon_proto::osteon::care::v1::RuleInput> for RuleInput {
    fn from(m: osteon_proto::osteon::care::v1::RuleInput) -> Self {
        Self {
            record: m.record.map(|b| b.to_vec()),
            field: m.field,
            epoch: m.epoch,
            replica: m.replica,
            counter: m.counter,
        }
    }
}

impl From<RuleInput> for osteon_proto::osteon::care::v1::RuleInput {
    fn from(m: RuleInput) -> Self {
        Self {
            record: m.record.map(|b| b.into()),
            field: m.field,
            epoch: m.epoch,
            replica: m.replica,
            counter: m.counter,
        }
    }
}

/// What stands for a placeholder of the rule's texts.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct RuleText {
    /// Name of the placeholder.
    #[uniffi(default = None)]
    pub name: Option<String>,
    /// What stands there.
    #[uniffi(default = None)]
    pub text: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::RuleText> for RuleText {
    fn from(m: osteon_proto::osteon::care::v1::RuleText) -> Self {
        Self {
            name: m.name,
            text: m.text,
        }
    }
}

impl From<RuleText> for osteon_proto::osteon::care::v1::RuleText {
    fn from(m: RuleText) -> Self {
        Self {
            name: m.name,
            text: m.text,
        }
    }
}

/// ClinicSettings.threshold. A threshold of a rule that the specification lets a clinic set, or whether the clinic
/// runs the rule. One a rule and name.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct RuleThreshold {
    /// The record that this one belongs to (ClinicSettings).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// Which rule.
    #[uniffi(default = None)]
    pub rule: Option<String>,
    /// Which threshold of it.
    #[uniffi(default = None)]
    pub name: Option<String>,
    /// The value. -2e+06 to 2e+06, in steps of 0.001.
    #[uniffi(default = None)]
    pub value: Option<i32>,
    /// The rule runs.
    #[uniffi(default = None)]
    pub on: Option<bool>,
}

impl From<osteon_proto::osteon::care::v1::RuleThreshold> for RuleThreshold {
    fn from(m: osteon_proto::osteon::care::v1::RuleThreshold) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            rule: m.rule,
            name: m.name,
            value: m.value,
            on: m.on,
        }
    }
}

impl From<RuleThreshold> for osteon_proto::osteon::care::v1::RuleThreshold {
    fn from(m: RuleThreshold) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            rule: m.rule,
            name: m.name,
            value: m.value,
            on: m.on,
        }
    }
}

/// V-SAFETY, the safety minimum (C21): what whoever touches this person must know, whatever else is shared with them. Limits
/// are those in force, the safer one in a dispute; of what people disagree about without a safer side all versions stand
/// here.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SafetyMinimum {
    /// Clearance for exercise.
    #[uniffi(default = None)]
    pub clearance: Option<ExerciseClearance>,
    /// Heaviest weight to lift, in tenths of a kg like the field of the plan that it is from.
    #[uniffi(default = None)]
    pub lift_max_kg: Option<u32>,
    /// Movements that must not be made.
    #[uniffi(default = [])]
    pub forbidden_movements: Vec<String>,
    /// Regions that must not be loaded.
    #[uniffi(default = [])]
    pub no_load_regions: Vec<String>,
    /// Restrictions after an event.
    #[uniffi(default = [])]
    pub restrictions: Vec<SafetyRestriction>,
    /// Weight-bearing status by limb.
    #[uniffi(default = [])]
    pub weight_bearing: Vec<SafetyWeightBearing>,
    /// Current bone drug; several: people disagree.
    #[uniffi(default = [])]
    pub bone_drug: Vec<String>,
    /// Whether it is given or held.
    #[uniffi(default = None)]
    pub bone_drug_status: Option<BoneDrugStatus>,
    /// When it is due next. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub bone_drug_next: Option<String>,
    /// Numbers for an emergency, every live one.
    #[uniffi(default = [])]
    pub emergency_lines: Vec<String>,
    /// The versions that this was made of: record (16 bytes), then epoch, replica and counter of the dot (4, 4 and 8 bytes,
    /// big endian), ascending.
    #[uniffi(default = [])]
    pub inputs: Vec<Vec<u8>>,
    /// Names of fields of this record over whose source people disagree now. The value that is told here is the safer one; whoever
    /// shows it MUST say so beside it.
    #[uniffi(default = [])]
    pub disputed: Vec<String>,
    /// The day before which the bone drug is not given: the latest that somebody planned, where `bone_drug_next` reminds at the
    /// earliest. Not set: nobody says, or not everybody. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub bone_drug_not_before: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SafetyMinimum> for SafetyMinimum {
    fn from(m: osteon_proto::osteon::care::v1::SafetyMinimum) -> Self {
        Self {
            clearance: m.clearance.map(|n| n.into()),
            lift_max_kg: m.lift_max_kg,
            forbidden_movements: m.forbidden_movements,
            no_load_regions: m.no_load_regions,
            restrictions: m.restrictions.into_iter().map(|n| n.into()).collect(),
            weight_bearing: m.weight_bearing.into_iter().map(|n| n.into()).collect(),
            bone_drug: m.bone_drug,
            bone_drug_status: m.bone_drug_status.map(|n| n.into()),
            bone_drug_next: m.bone_drug_next,
            emergency_lines: m.emergency_lines,
            inputs: m.inputs.into_iter().map(|b| b.to_vec()).collect(),
            disputed: m.disputed,
            bone_drug_not_before: m.bone_drug_not_before,
        }
    }
}

impl From<SafetyMinimum> for osteon_proto::osteon::care::v1::SafetyMinimum {
    fn from(m: SafetyMinimum) -> Self {
        Self {
            clearance: m.clearance.map(|n| n.into()),
            lift_max_kg: m.lift_max_kg,
            forbidden_movements: m.forbidden_movements,
            no_load_regions: m.no_load_regions,
            restrictions: m.restrictions.into_iter().map(|n| n.into()).collect(),
            weight_bearing: m.weight_bearing.into_iter().map(|n| n.into()).collect(),
            bone_drug: m.bone_drug,
            bone_drug_status: m.bone_drug_status.map(|n| n.into()),
            bone_drug_next: m.bone_drug_next,
            emergency_lines: m.emergency_lines,
            inputs: m.inputs.into_iter().map(|b| b.into()).collect(),
            disputed: m.disputed,
            bone_drug_not_before: m.bone_drug_not_before,
        }
    }
}

/// What is restricted after an event, and until when.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SafetyRestriction {
    /// What must not be done.
    #[uniffi(default = None)]
    pub what: Option<String>,
    /// Until when. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub until: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SafetyRestriction> for SafetyRestriction {
    fn from(m: osteon_proto::osteon::care::v1::SafetyRestriction) -> Self {
        Self {
            what: m.what,
            until: m.until,
        }
    }
}

impl From<SafetyRestriction> for osteon_proto::osteon::care::v1::SafetyRestriction {
    fn from(m: SafetyRestriction) -> Self {
        Self {
            what: m.what,
            until: m.until,
        }
    }
}

/// How much weight a limb may bear.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SafetyWeightBearing {
    /// Which limb.
    #[uniffi(default = None)]
    pub limb: Option<Limb>,
    /// How much.
    #[uniffi(default = None)]
    pub level: Option<WeightBearingLevel>,
}

impl From<osteon_proto::osteon::care::v1::SafetyWeightBearing> for SafetyWeightBearing {
    fn from(m: osteon_proto::osteon::care::v1::SafetyWeightBearing) -> Self {
        Self {
            limb: m.limb.map(|n| n.into()),
            level: m.level.map(|n| n.into()),
        }
    }
}

impl From<SafetyWeightBearing> for osteon_proto::osteon::care::v1::SafetyWeightBearing {
    fn from(m: SafetyWeightBearing) -> Self {
        Self {
            limb: m.limb.map(|n| n.into()),
            level: m.level.map(|n| n.into()),
        }
    }
}

/// SeenMark. Up to which sequence of the circle a member has seen what there is. One a member; the highest stands.
/// Holds nothing of anybody.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SeenMark {
    /// Account of the member: the author.
    #[uniffi(default = None)]
    pub account: Option<u64>,
    /// The sequence.
    #[uniffi(default = None)]
    pub sequence: Option<u64>,
}

impl From<osteon_proto::osteon::care::v1::SeenMark> for SeenMark {
    fn from(m: osteon_proto::osteon::care::v1::SeenMark) -> Self {
        Self {
            account: m.account,
            sequence: m.sequence,
        }
    }
}

impl From<SeenMark> for osteon_proto::osteon::care::v1::SeenMark {
    fn from(m: SeenMark) -> Self {
        Self {
            account: m.account,
            sequence: m.sequence,
        }
    }
}

/// One step of the planned order of drugs.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SequenceStep {
    /// Which drug, a code.
    #[uniffi(default = None)]
    pub agent: Option<String>,
    /// Days after the last dose of the step before.
    #[uniffi(default = None)]
    pub start_offset_d: Option<i32>,
}

impl From<osteon_proto::osteon::care::v1::SequenceStep> for SequenceStep {
    fn from(m: osteon_proto::osteon::care::v1::SequenceStep) -> Self {
        Self {
            agent: m.agent,
            start_offset_d: m.start_offset_d,
        }
    }
}

impl From<SequenceStep> for osteon_proto::osteon::care::v1::SequenceStep {
    fn from(m: SequenceStep) -> Self {
        Self {
            agent: m.agent,
            start_offset_d: m.start_offset_d,
        }
    }
}

/// P-GOAL. What matters to the person, in their words. It is theirs: their value stands over that of the staff.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SharedGoal {
    /// The goal in the person's own words. Why so: the patient's words are not merged or overwritten by staff.
    #[uniffi(default = None)]
    pub statement: Option<String>,
    /// What it is about. Why so: label for grouping only.
    #[uniffi(default = None)]
    pub domain: Option<GoalDomain>,
    /// How important it is. 0 to 10 {score}. Why so: latest feeling.
    #[uniffi(default = None)]
    pub importance: Option<u32>,
    /// How confident the person is. 0 to 10 {score}. Why so: latest feeling.
    #[uniffi(default = None)]
    pub confidence: Option<u32>,
    /// State of the goal. Why so: it is the patient's goal. Note: what staff write is a proposal while a value of the
    /// patient is live.
    #[uniffi(default = None)]
    pub status: Option<GoalStatus>,
    /// What the person prefers. Why so: sensitive free text.
    #[uniffi(default = None)]
    pub preferences: Option<String>,
    /// What the person fears. Why so: sensitive free text.
    #[uniffi(default = None)]
    pub fears: Option<String>,
    /// What the person expects. Why so: sensitive free text.
    #[uniffi(default = None)]
    pub expectations: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SharedGoal> for SharedGoal {
    fn from(m: osteon_proto::osteon::care::v1::SharedGoal) -> Self {
        Self {
            statement: m.statement,
            domain: m.domain.map(|n| n.into()),
            importance: m.importance,
            confidence: m.confidence,
            status: m.status.map(|n| n.into()),
            preferences: m.preferences,
            fears: m.fears,
            expectations: m.expectations,
        }
    }
}

impl From<SharedGoal> for osteon_proto::osteon::care::v1::SharedGoal {
    fn from(m: SharedGoal) -> Self {
        Self {
            statement: m.statement,
            domain: m.domain.map(|n| n.into()),
            importance: m.importance,
            confidence: m.confidence,
            status: m.status.map(|n| n.into()),
            preferences: m.preferences,
            fears: m.fears,
            expectations: m.expectations,
        }
    }
}

/// A version that the author of a proposal saw.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct ShownVersion {
    /// Epoch of the change's replica. 0 to 4.29497e+09.
    #[uniffi(default = None)]
    pub epoch: Option<u32>,
    /// Number of the change's replica. 0 to 4.29497e+09.
    #[uniffi(default = None)]
    pub replica: Option<u32>,
    /// Counter of the change.
    #[uniffi(default = None)]
    pub counter: Option<u64>,
}

impl From<osteon_proto::osteon::care::v1::ShownVersion> for ShownVersion {
    fn from(m: osteon_proto::osteon::care::v1::ShownVersion) -> Self {
        Self {
            epoch: m.epoch,
            replica: m.replica,
            counter: m.counter,
        }
    }
}

impl From<ShownVersion> for osteon_proto::osteon::care::v1::ShownVersion {
    fn from(m: ShownVersion) -> Self {
        Self {
            epoch: m.epoch,
            replica: m.replica,
            counter: m.counter,
        }
    }
}

/// J17. What somebody thinks a medicine or treatment did.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SideEffect {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// Which medicine or treatment, a code.
    #[uniffi(default = None)]
    pub suspected_agent: Option<String>,
    /// What happened, SNOMED CT.
    #[uniffi(default = None)]
    pub effect: Option<String>,
    /// When it began. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub start: Option<String>,
    /// How bad. 0 to 4 {score}.
    #[uniffi(default = None)]
    pub severity: Option<u32>,
    /// What was done, a code.
    #[uniffi(default = None)]
    pub action_taken: Option<String>,
    /// Photos of it, for example of the skin. A set; at most 8 in one write. Source: photos are part of an entry (design).
    #[uniffi(default = [])]
    pub photos: Vec<String>,
}

impl From<osteon_proto::osteon::care::v1::SideEffect> for SideEffect {
    fn from(m: osteon_proto::osteon::care::v1::SideEffect) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            suspected_agent: m.suspected_agent,
            effect: m.effect,
            start: m.start,
            severity: m.severity,
            action_taken: m.action_taken,
            photos: m.photos,
        }
    }
}

impl From<SideEffect> for osteon_proto::osteon::care::v1::SideEffect {
    fn from(m: SideEffect) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            suspected_agent: m.suspected_agent,
            effect: m.effect,
            start: m.start,
            severity: m.severity,
            action_taken: m.action_taken,
            photos: m.photos,
        }
    }
}

/// J09. One night.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SleepEntry {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// How long the person slept. 0 to 1440 min. Source: LOINC 93832-4 (V, minutes).
    #[uniffi(default = None)]
    pub duration: Option<u32>,
    /// How good it was. 0 to 10 {score}. Source: PRO-CTCAE 52.
    #[uniffi(default = None)]
    pub quality: Option<u32>,
    /// How often pain woke them. 0 to 30 {#}.
    #[uniffi(default = None)]
    pub awakenings_from_pain: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::SleepEntry> for SleepEntry {
    fn from(m: osteon_proto::osteon::care::v1::SleepEntry) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            duration: m.duration,
            quality: m.quality,
            awakenings_from_pain: m.awakenings_from_pain,
        }
    }
}

impl From<SleepEntry> for osteon_proto::osteon::care::v1::SleepEntry {
    fn from(m: SleepEntry) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            duration: m.duration,
            quality: m.quality,
            awakenings_from_pain: m.awakenings_from_pain,
        }
    }
}

/// J11. What was smoked in a day.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SmokingEntry {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// Cigarettes. 0 to 200 {#}. Source: LOINC 72166-2 status (V).
    #[uniffi(default = None)]
    pub cigarettes: Option<u32>,
    /// Times the person vaped. 0 to 200 {#}.
    #[uniffi(default = None)]
    pub vape: Option<u32>,
    /// Other tobacco. 0 to 200 {#}.
    #[uniffi(default = None)]
    pub other: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::SmokingEntry> for SmokingEntry {
    fn from(m: osteon_proto::osteon::care::v1::SmokingEntry) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            cigarettes: m.cigarettes,
            vape: m.vape,
            other: m.other,
        }
    }
}

impl From<SmokingEntry> for osteon_proto::osteon::care::v1::SmokingEntry {
    fn from(m: SmokingEntry) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            cigarettes: m.cigarettes,
            vape: m.vape,
            other: m.other,
        }
    }
}

/// J06.steps_of_day. The steps that one device counted on one day; the sum over devices is derived.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct StepsOfDay {
    /// The day, in the time zone of the person. YYYY-MM-DD. Source: key.
    #[uniffi(default = None)]
    pub date: Option<String>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// The counting device, as the phone knows it. Source: key.
    #[uniffi(default = None)]
    pub device: Option<String>,
    /// Steps. 0 to 100000 {steps}. Source: LOINC 41950-7 steps in 24 h (V).
    #[uniffi(default = None)]
    pub steps: Option<u32>,
    /// The person says that this device counts other steps than the rest. Source: the patient says that the devices
    /// count different steps; else the sum over devices is not made (design).
    #[uniffi(default = None)]
    pub counts_separately: Option<bool>,
}

impl From<osteon_proto::osteon::care::v1::StepsOfDay> for StepsOfDay {
    fn from(m: osteon_proto::osteon::care::v1::StepsOfDay) -> Self {
        Self {
            date: m.date,
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            device: m.device,
            steps: m.steps,
            counts_separately: m.counts_separately,
        }
    }
}

impl From<StepsOfDay> for osteon_proto::osteon::care::v1::StepsOfDay {
    fn from(m: StepsOfDay) -> Self {
        Self {
            date: m.date,
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            device: m.device,
            steps: m.steps,
            counts_separately: m.counts_separately,
        }
    }
}

/// On how many of seven days there was a session of activity.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryActiveDays {
    /// 0 to 7.
    #[uniffi(default = None)]
    pub days: Option<u32>,
    /// The last of the seven. What happened since the newest session is not in it. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub until: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryActiveDays> for SummaryActiveDays {
    fn from(m: osteon_proto::osteon::care::v1::SummaryActiveDays) -> Self {
        Self {
            days: m.days,
            until: m.until,
        }
    }
}

impl From<SummaryActiveDays> for osteon_proto::osteon::care::v1::SummaryActiveDays {
    fn from(m: SummaryActiveDays) -> Self {
        Self {
            days: m.days,
            until: m.until,
        }
    }
}

/// A change of weight.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryChange {
    /// Percent. -100 to 100 %, in steps of 0.1.
    #[uniffi(default = None)]
    pub percent: Option<i32>,
    /// The day of the newer weight. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub until: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryChange> for SummaryChange {
    fn from(m: osteon_proto::osteon::care::v1::SummaryChange) -> Self {
        Self {
            percent: m.percent,
            until: m.until,
        }
    }
}

impl From<SummaryChange> for osteon_proto::osteon::care::v1::SummaryChange {
    fn from(m: SummaryChange) -> Self {
        Self {
            percent: m.percent,
            until: m.until,
        }
    }
}

/// Clearance for exercise.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryClearance {
    /// The one in force: the safer one in a dispute.
    #[uniffi(default = None)]
    pub clearance: Option<ExerciseClearance>,
    /// The day on which it was written. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryClearance> for SummaryClearance {
    fn from(m: osteon_proto::osteon::care::v1::SummaryClearance) -> Self {
        Self {
            clearance: m.clearance.map(|n| n.into()),
            on: m.on,
        }
    }
}

impl From<SummaryClearance> for osteon_proto::osteon::care::v1::SummaryClearance {
    fn from(m: SummaryClearance) -> Self {
        Self {
            clearance: m.clearance.map(|n| n.into()),
            on: m.on,
        }
    }
}

/// Whom to call.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryContact {
    /// As it was written.
    #[uniffi(default = None)]
    pub contact: Option<EmergencyContact>,
    /// The day on which it was written. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryContact> for SummaryContact {
    fn from(m: osteon_proto::osteon::care::v1::SummaryContact) -> Self {
        Self {
            contact: m.contact.map(|n| n.into()),
            on: m.on,
        }
    }
}

impl From<SummaryContact> for osteon_proto::osteon::care::v1::SummaryContact {
    fn from(m: SummaryContact) -> Self {
        Self {
            contact: m.contact.map(|n| n.into()),
            on: m.on,
        }
    }
}

/// A count.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryCount {
    /// How many. 0 to 100000.
    #[uniffi(default = None)]
    pub count: Option<u32>,
    /// The day up to which it was counted. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub until: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryCount> for SummaryCount {
    fn from(m: osteon_proto::osteon::care::v1::SummaryCount) -> Self {
        Self {
            count: m.count,
            until: m.until,
        }
    }
}

impl From<SummaryCount> for osteon_proto::osteon::care::v1::SummaryCount {
    fn from(m: SummaryCount) -> Self {
        Self {
            count: m.count,
            until: m.until,
        }
    }
}

/// What a summary was counted from: an entry that it still needs to be told right when another one comes late, or is taken
/// out again. It stands in a part of its own, for whoever may read the entries themselves.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryCounted {
    /// Record (16 bytes), then epoch, replica and counter of the dot (4, 4 and 8 bytes, big endian).
    #[uniffi(default = None)]
    pub version: Option<Vec<u8>>,
    /// The record type's number.
    #[uniffi(default = None)]
    pub r#type: Option<u32>,
    /// When it happened to the person. Without a zone.
    #[uniffi(default = None)]
    pub at: Option<Moment>,
    /// What was measured or given, our own code.
    #[uniffi(default = None)]
    pub what: Option<String>,
    /// How much: of a result in its canonical unit, in steps of 0.0001; of a weight in kg, in steps of 0.01; of a recorded
    /// fracture risk in %, in steps of 0.01.
    #[uniffi(default = None)]
    pub value: Option<i32>,
    /// Lower reference limit of the report, like the value.
    #[uniffi(default = None)]
    pub low: Option<i32>,
    /// Upper reference limit of the report, like the value.
    #[uniffi(default = None)]
    pub high: Option<i32>,
}

impl From<osteon_proto::osteon::care::v1::SummaryCounted> for SummaryCounted {
    fn from(m: osteon_proto::osteon::care::v1::SummaryCounted) -> Self {
        Self {
            version: m.version.map(|b| b.to_vec()),
            r#type: m.r#type,
            at: m.at.map(|n| n.into()),
            what: m.what,
            value: m.value,
            low: m.low,
            high: m.high,
        }
    }
}

impl From<SummaryCounted> for osteon_proto::osteon::care::v1::SummaryCounted {
    fn from(m: SummaryCounted) -> Self {
        Self {
            version: m.version.map(|b| b.into()),
            r#type: m.r#type,
            at: m.at.map(|n| n.into()),
            what: m.what,
            value: m.value,
            low: m.low,
            high: m.high,
        }
    }
}

/// A day.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryDay {
    /// The day. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub day: Option<String>,
    /// The day on which it was written. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryDay> for SummaryDay {
    fn from(m: osteon_proto::osteon::care::v1::SummaryDay) -> Self {
        Self {
            day: m.day,
            on: m.on,
        }
    }
}

impl From<SummaryDay> for osteon_proto::osteon::care::v1::SummaryDay {
    fn from(m: SummaryDay) -> Self {
        Self {
            day: m.day,
            on: m.on,
        }
    }
}

/// Dental clearance.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryDental {
    /// Whether.
    #[uniffi(default = None)]
    pub clearance: Option<DentalClearanceBand>,
    /// The day on which it was written. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryDental> for SummaryDental {
    fn from(m: osteon_proto::osteon::care::v1::SummaryDental) -> Self {
        Self {
            clearance: m.clearance.map(|n| n.into()),
            on: m.on,
        }
    }
}

impl From<SummaryDental> for osteon_proto::osteon::care::v1::SummaryDental {
    fn from(m: SummaryDental) -> Self {
        Self {
            clearance: m.clearance.map(|n| n.into()),
            on: m.on,
        }
    }
}

/// The newest DXA.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryDxa {
    /// The band.
    #[uniffi(default = None)]
    pub band: Option<DxaBand>,
    /// The day on which it was written. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryDxa> for SummaryDxa {
    fn from(m: osteon_proto::osteon::care::v1::SummaryDxa) -> Self {
        Self {
            band: m.band.map(|n| n.into()),
            on: m.on,
        }
    }
}

impl From<SummaryDxa> for osteon_proto::osteon::care::v1::SummaryDxa {
    fn from(m: SummaryDxa) -> Self {
        Self {
            band: m.band.map(|n| n.into()),
            on: m.on,
        }
    }
}

/// A version that a summary was made of.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryInput {
    /// Record (16 bytes), then epoch, replica and counter of the dot (4, 4 and 8 bytes, big endian).
    #[uniffi(default = None)]
    pub version: Option<Vec<u8>>,
    /// The record type's number.
    #[uniffi(default = None)]
    pub r#type: Option<u32>,
    /// The day that it is about, or on which it was written. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryInput> for SummaryInput {
    fn from(m: osteon_proto::osteon::care::v1::SummaryInput) -> Self {
        Self {
            version: m.version.map(|b| b.to_vec()),
            r#type: m.r#type,
            on: m.on,
        }
    }
}

impl From<SummaryInput> for osteon_proto::osteon::care::v1::SummaryInput {
    fn from(m: SummaryInput) -> Self {
        Self {
            version: m.version.map(|b| b.into()),
            r#type: m.r#type,
            on: m.on,
        }
    }
}

/// Whether an interpreter is needed.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryInterpreter {
    /// As it was written.
    #[uniffi(default = None)]
    pub interpreter: Option<Interpreter>,
    /// The day on which it was written. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryInterpreter> for SummaryInterpreter {
    fn from(m: osteon_proto::osteon::care::v1::SummaryInterpreter) -> Self {
        Self {
            interpreter: m.interpreter.map(|n| n.into()),
            on: m.on,
        }
    }
}

impl From<SummaryInterpreter> for osteon_proto::osteon::care::v1::SummaryInterpreter {
    fn from(m: SummaryInterpreter) -> Self {
        Self {
            interpreter: m.interpreter.map(|n| n.into()),
            on: m.on,
        }
    }
}

/// Where a lesion is, and what follows for movement.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryLesion {
    /// Which bone.
    #[uniffi(default = None)]
    pub site: Option<String>,
    /// Side of the body.
    #[uniffi(default = None)]
    pub side: Option<Side>,
    /// Level of the spine.
    #[uniffi(default = None)]
    pub level: Option<String>,
    /// Limits of movement that follow (A21).
    #[uniffi(default = [])]
    pub limits: Vec<String>,
    /// The day on which it was written. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryLesion> for SummaryLesion {
    fn from(m: osteon_proto::osteon::care::v1::SummaryLesion) -> Self {
        Self {
            site: m.site,
            side: m.side.map(|n| n.into()),
            level: m.level,
            limits: m.limits,
            on: m.on,
        }
    }
}

impl From<SummaryLesion> for osteon_proto::osteon::care::v1::SummaryLesion {
    fn from(m: SummaryLesion) -> Self {
        Self {
            site: m.site,
            side: m.side.map(|n| n.into()),
            level: m.level,
            limits: m.limits,
            on: m.on,
        }
    }
}

/// V-C08, the summary of activity for whoever has the summary alone.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryOfActivity {
    /// Clearance for exercise.
    #[uniffi(default = None)]
    pub clearance: Option<SummaryClearance>,
    /// Weight-bearing status by limb.
    #[uniffi(default = [])]
    pub weight_bearing: Vec<SummaryWeightBearing>,
    /// Active days of the last seven.
    #[uniffi(default = None)]
    pub active_days: Option<SummaryActiveDays>,
    /// The versions that this was made of; of sessions those of the last seven days.
    #[uniffi(default = [])]
    pub inputs: Vec<SummaryInput>,
}

impl From<osteon_proto::osteon::care::v1::SummaryOfActivity> for SummaryOfActivity {
    fn from(m: osteon_proto::osteon::care::v1::SummaryOfActivity) -> Self {
        Self {
            clearance: m.clearance.map(|n| n.into()),
            weight_bearing: m.weight_bearing.into_iter().map(|n| n.into()).collect(),
            active_days: m.active_days.map(|n| n.into()),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
        }
    }
}

impl From<SummaryOfActivity> for osteon_proto::osteon::care::v1::SummaryOfActivity {
    fn from(m: SummaryOfActivity) -> Self {
        Self {
            clearance: m.clearance.map(|n| n.into()),
            weight_bearing: m.weight_bearing.into_iter().map(|n| n.into()).collect(),
            active_days: m.active_days.map(|n| n.into()),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
        }
    }
}

/// V-C03, the summary of bone for whoever has the summary alone. Each item with its date; of what people disagree
/// about all versions stand here.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryOfBone {
    /// Sites of lesions with the limits that follow. The list is one value; at most 64.
    #[uniffi(default = [])]
    pub lesions: Vec<SummaryLesion>,
    /// Newest DXA band.
    #[uniffi(default = None)]
    pub dxa: Option<SummaryDxa>,
    /// Band of the fracture risk.
    #[uniffi(default = None)]
    pub risk: Option<SummaryRisk>,
    /// The versions that this was made of. The list is one value; at most 256.
    #[uniffi(default = [])]
    pub inputs: Vec<SummaryInput>,
    /// What it was counted from, for whoever reads the category whole. The list is one value; at most 64.
    #[uniffi(default = [])]
    pub counted: Vec<SummaryCounted>,
    /// Records that a correction names and that have not arrived. The list is one value; at most 64.
    #[uniffi(default = [])]
    pub awaited: Vec<Vec<u8>>,
}

impl From<osteon_proto::osteon::care::v1::SummaryOfBone> for SummaryOfBone {
    fn from(m: osteon_proto::osteon::care::v1::SummaryOfBone) -> Self {
        Self {
            lesions: m.lesions.into_iter().map(|n| n.into()).collect(),
            dxa: m.dxa.map(|n| n.into()),
            risk: m.risk.map(|n| n.into()),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
            counted: m.counted.into_iter().map(|n| n.into()).collect(),
            awaited: m.awaited.into_iter().map(|b| b.to_vec()).collect(),
        }
    }
}

impl From<SummaryOfBone> for osteon_proto::osteon::care::v1::SummaryOfBone {
    fn from(m: SummaryOfBone) -> Self {
        Self {
            lesions: m.lesions.into_iter().map(|n| n.into()).collect(),
            dxa: m.dxa.map(|n| n.into()),
            risk: m.risk.map(|n| n.into()),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
            counted: m.counted.into_iter().map(|n| n.into()).collect(),
            awaited: m.awaited.into_iter().map(|b| b.into()).collect(),
        }
    }
}

/// V-C02, the summary of cancer for whoever has the summary alone. Each item with its date; of what people disagree
/// about all versions stand here.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryOfCancer {
    /// Primary cancer. The list is one value; at most 8.
    #[uniffi(default = [])]
    pub primary: Vec<SummaryText>,
    /// Kinds of treatment now active. The list is one value; at most 32.
    #[uniffi(default = [])]
    pub treatments: Vec<SummaryTreatment>,
    /// The versions that this was made of. The list is one value; at most 256.
    #[uniffi(default = [])]
    pub inputs: Vec<SummaryInput>,
}

impl From<osteon_proto::osteon::care::v1::SummaryOfCancer> for SummaryOfCancer {
    fn from(m: osteon_proto::osteon::care::v1::SummaryOfCancer) -> Self {
        Self {
            primary: m.primary.into_iter().map(|n| n.into()).collect(),
            treatments: m.treatments.into_iter().map(|n| n.into()).collect(),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
        }
    }
}

impl From<SummaryOfCancer> for osteon_proto::osteon::care::v1::SummaryOfCancer {
    fn from(m: SummaryOfCancer) -> Self {
        Self {
            primary: m.primary.into_iter().map(|n| n.into()).collect(),
            treatments: m.treatments.into_iter().map(|n| n.into()).collect(),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
        }
    }
}

/// V-C13, the summary of dental for whoever has the summary alone. Each item with its date; of what people disagree
/// about all versions stand here.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryOfDental {
    /// Dental clearance.
    #[uniffi(default = None)]
    pub clearance: Option<SummaryDental>,
    /// The versions that this was made of. The list is one value; at most 256.
    #[uniffi(default = [])]
    pub inputs: Vec<SummaryInput>,
}

impl From<osteon_proto::osteon::care::v1::SummaryOfDental> for SummaryOfDental {
    fn from(m: osteon_proto::osteon::care::v1::SummaryOfDental) -> Self {
        Self {
            clearance: m.clearance.map(|n| n.into()),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
        }
    }
}

impl From<SummaryOfDental> for osteon_proto::osteon::care::v1::SummaryOfDental {
    fn from(m: SummaryOfDental) -> Self {
        Self {
            clearance: m.clearance.map(|n| n.into()),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
        }
    }
}

/// V-C09, the summary of falls and home for whoever has the summary alone. Each item with its date; of what people
/// disagree about all versions stand here.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryOfFalls {
    /// Falls in 12 months.
    #[uniffi(default = None)]
    pub falls_12_months: Option<SummaryCount>,
    /// The last fall.
    #[uniffi(default = None)]
    pub last_fall: Option<SummaryDay>,
    /// Open hazards at home.
    #[uniffi(default = None)]
    pub open_hazards: Option<SummaryCount>,
    /// The versions that this was made of. The list is one value; at most 256.
    #[uniffi(default = [])]
    pub inputs: Vec<SummaryInput>,
    /// What it was counted from, for whoever reads the category whole. The list is one value; at most 256.
    #[uniffi(default = [])]
    pub counted: Vec<SummaryCounted>,
}

impl From<osteon_proto::osteon::care::v1::SummaryOfFalls> for SummaryOfFalls {
    fn from(m: osteon_proto::osteon::care::v1::SummaryOfFalls) -> Self {
        Self {
            falls_12_months: m.falls_12_months.map(|n| n.into()),
            last_fall: m.last_fall.map(|n| n.into()),
            open_hazards: m.open_hazards.map(|n| n.into()),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
            counted: m.counted.into_iter().map(|n| n.into()).collect(),
        }
    }
}

impl From<SummaryOfFalls> for osteon_proto::osteon::care::v1::SummaryOfFalls {
    fn from(m: SummaryOfFalls) -> Self {
        Self {
            falls_12_months: m.falls_12_months.map(|n| n.into()),
            last_fall: m.last_fall.map(|n| n.into()),
            open_hazards: m.open_hazards.map(|n| n.into()),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
            counted: m.counted.into_iter().map(|n| n.into()).collect(),
        }
    }
}

/// V-C01, the summary of identity for whoever has the summary alone. Of what people disagree about all versions stand here.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryOfIdentity {
    /// Name or pseudonym.
    #[uniffi(default = [])]
    pub display_name: Vec<SummaryText>,
    /// Year of birth.
    #[uniffi(default = [])]
    pub birth_year: Vec<SummaryYear>,
    /// Language, BCP 47.
    #[uniffi(default = [])]
    pub language: Vec<SummaryText>,
    /// Interpreter.
    #[uniffi(default = [])]
    pub interpreter: Vec<SummaryInterpreter>,
    /// Whom to call.
    #[uniffi(default = [])]
    pub emergency_contact: Vec<SummaryContact>,
    /// The versions that this was made of.
    #[uniffi(default = [])]
    pub inputs: Vec<SummaryInput>,
}

impl From<osteon_proto::osteon::care::v1::SummaryOfIdentity> for SummaryOfIdentity {
    fn from(m: osteon_proto::osteon::care::v1::SummaryOfIdentity) -> Self {
        Self {
            display_name: m.display_name.into_iter().map(|n| n.into()).collect(),
            birth_year: m.birth_year.into_iter().map(|n| n.into()).collect(),
            language: m.language.into_iter().map(|n| n.into()).collect(),
            interpreter: m.interpreter.into_iter().map(|n| n.into()).collect(),
            emergency_contact: m.emergency_contact.into_iter().map(|n| n.into()).collect(),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
        }
    }
}

impl From<SummaryOfIdentity> for osteon_proto::osteon::care::v1::SummaryOfIdentity {
    fn from(m: SummaryOfIdentity) -> Self {
        Self {
            display_name: m.display_name.into_iter().map(|n| n.into()).collect(),
            birth_year: m.birth_year.into_iter().map(|n| n.into()).collect(),
            language: m.language.into_iter().map(|n| n.into()).collect(),
            interpreter: m.interpreter.into_iter().map(|n| n.into()).collect(),
            emergency_contact: m.emergency_contact.into_iter().map(|n| n.into()).collect(),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
        }
    }
}

/// V-C05, the summary of laboratory for whoever has the summary alone. Each item with its date; of what people
/// disagree about all versions stand here.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryOfLaboratory {
    /// Adjusted calcium, 25-OH vitamin D, eGFR and albumin. The list is one value; at most 16.
    #[uniffi(default = [])]
    pub results: Vec<SummaryResult>,
    /// The versions that this was made of. The list is one value; at most 256.
    #[uniffi(default = [])]
    pub inputs: Vec<SummaryInput>,
    /// What it was counted from, for whoever reads the category whole. The list is one value; at most 64.
    #[uniffi(default = [])]
    pub counted: Vec<SummaryCounted>,
    /// Records that a correction names and that have not arrived. The list is one value; at most 64.
    #[uniffi(default = [])]
    pub awaited: Vec<Vec<u8>>,
}

impl From<osteon_proto::osteon::care::v1::SummaryOfLaboratory> for SummaryOfLaboratory {
    fn from(m: osteon_proto::osteon::care::v1::SummaryOfLaboratory) -> Self {
        Self {
            results: m.results.into_iter().map(|n| n.into()).collect(),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
            counted: m.counted.into_iter().map(|n| n.into()).collect(),
            awaited: m.awaited.into_iter().map(|b| b.to_vec()).collect(),
        }
    }
}

impl From<SummaryOfLaboratory> for osteon_proto::osteon::care::v1::SummaryOfLaboratory {
    fn from(m: SummaryOfLaboratory) -> Self {
        Self {
            results: m.results.into_iter().map(|n| n.into()).collect(),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
            counted: m.counted.into_iter().map(|n| n.into()).collect(),
            awaited: m.awaited.into_iter().map(|b| b.into()).collect(),
        }
    }
}

/// V-C04, the summary of medicines for whoever has the summary alone. Each item with its date; of what people disagree
/// about all versions stand here.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryOfMedicines {
    /// Bone drug. The list is one value; at most 8.
    #[uniffi(default = [])]
    pub bone_drug: Vec<SummaryText>,
    /// When it was given last.
    #[uniffi(default = None)]
    pub last_given: Option<SummaryDay>,
    /// When it is due next.
    #[uniffi(default = None)]
    pub next_due: Option<SummaryDay>,
    /// Names of other medicines, without doses. The list is one value; at most 64.
    #[uniffi(default = [])]
    pub medicines: Vec<SummaryText>,
    /// Takes something against clotting.
    #[uniffi(default = None)]
    pub anticoagulant: Option<SummaryTri>,
    /// Takes a glucocorticoid.
    #[uniffi(default = None)]
    pub glucocorticoid: Option<SummaryTri>,
    /// The versions that this was made of. The list is one value; at most 256.
    #[uniffi(default = [])]
    pub inputs: Vec<SummaryInput>,
    /// What it was counted from, for whoever reads the category whole. The list is one value; at most 16.
    #[uniffi(default = [])]
    pub counted: Vec<SummaryCounted>,
    /// Records that a correction names and that have not arrived. The list is one value; at most 64.
    #[uniffi(default = [])]
    pub awaited: Vec<Vec<u8>>,
}

impl From<osteon_proto::osteon::care::v1::SummaryOfMedicines> for SummaryOfMedicines {
    fn from(m: osteon_proto::osteon::care::v1::SummaryOfMedicines) -> Self {
        Self {
            bone_drug: m.bone_drug.into_iter().map(|n| n.into()).collect(),
            last_given: m.last_given.map(|n| n.into()),
            next_due: m.next_due.map(|n| n.into()),
            medicines: m.medicines.into_iter().map(|n| n.into()).collect(),
            anticoagulant: m.anticoagulant.map(|n| n.into()),
            glucocorticoid: m.glucocorticoid.map(|n| n.into()),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
            counted: m.counted.into_iter().map(|n| n.into()).collect(),
            awaited: m.awaited.into_iter().map(|b| b.to_vec()).collect(),
        }
    }
}

impl From<SummaryOfMedicines> for osteon_proto::osteon::care::v1::SummaryOfMedicines {
    fn from(m: SummaryOfMedicines) -> Self {
        Self {
            bone_drug: m.bone_drug.into_iter().map(|n| n.into()).collect(),
            last_given: m.last_given.map(|n| n.into()),
            next_due: m.next_due.map(|n| n.into()),
            medicines: m.medicines.into_iter().map(|n| n.into()).collect(),
            anticoagulant: m.anticoagulant.map(|n| n.into()),
            glucocorticoid: m.glucocorticoid.map(|n| n.into()),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
            counted: m.counted.into_iter().map(|n| n.into()).collect(),
            awaited: m.awaited.into_iter().map(|b| b.into()).collect(),
        }
    }
}

/// V-C07, the summary of nutrition for whoever has the summary alone. Each item with its date; of what people disagree
/// about all versions stand here.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryOfNutrition {
    /// Change of weight over 3 months.
    #[uniffi(default = None)]
    pub weight_change_3_months: Option<SummaryChange>,
    /// Change of weight over 6 months.
    #[uniffi(default = None)]
    pub weight_change_6_months: Option<SummaryChange>,
    /// Target of protein. The list is one value; at most 8.
    #[uniffi(default = [])]
    pub protein_target: Vec<SummaryTarget>,
    /// Target of calcium. The list is one value; at most 8.
    #[uniffi(default = [])]
    pub calcium_target: Vec<SummaryTarget>,
    /// Names of supplements. The list is one value; at most 64.
    #[uniffi(default = [])]
    pub supplements: Vec<SummaryText>,
    /// The versions that this was made of. The list is one value; at most 256.
    #[uniffi(default = [])]
    pub inputs: Vec<SummaryInput>,
    /// What it was counted from, for whoever reads the category whole. The list is one value; at most 128.
    #[uniffi(default = [])]
    pub counted: Vec<SummaryCounted>,
}

impl From<osteon_proto::osteon::care::v1::SummaryOfNutrition> for SummaryOfNutrition {
    fn from(m: osteon_proto::osteon::care::v1::SummaryOfNutrition) -> Self {
        Self {
            weight_change_3_months: m.weight_change_3_months.map(|n| n.into()),
            weight_change_6_months: m.weight_change_6_months.map(|n| n.into()),
            protein_target: m.protein_target.into_iter().map(|n| n.into()).collect(),
            calcium_target: m.calcium_target.into_iter().map(|n| n.into()).collect(),
            supplements: m.supplements.into_iter().map(|n| n.into()).collect(),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
            counted: m.counted.into_iter().map(|n| n.into()).collect(),
        }
    }
}

impl From<SummaryOfNutrition> for osteon_proto::osteon::care::v1::SummaryOfNutrition {
    fn from(m: SummaryOfNutrition) -> Self {
        Self {
            weight_change_3_months: m.weight_change_3_months.map(|n| n.into()),
            weight_change_6_months: m.weight_change_6_months.map(|n| n.into()),
            protein_target: m.protein_target.into_iter().map(|n| n.into()).collect(),
            calcium_target: m.calcium_target.into_iter().map(|n| n.into()).collect(),
            supplements: m.supplements.into_iter().map(|n| n.into()).collect(),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
            counted: m.counted.into_iter().map(|n| n.into()).collect(),
        }
    }
}

/// V-C16, the summary of trials for whoever has the summary alone. Each item with its date; of what people disagree
/// about all versions stand here.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryOfTrials {
    /// In a trial.
    #[uniffi(default = None)]
    pub in_trial: Option<SummaryTri>,
    /// What must not be taken. The list is one value; at most 128.
    #[uniffi(default = [])]
    pub prohibited: Vec<SummaryText>,
    /// The versions that this was made of. The list is one value; at most 256.
    #[uniffi(default = [])]
    pub inputs: Vec<SummaryInput>,
}

impl From<osteon_proto::osteon::care::v1::SummaryOfTrials> for SummaryOfTrials {
    fn from(m: osteon_proto::osteon::care::v1::SummaryOfTrials) -> Self {
        Self {
            in_trial: m.in_trial.map(|n| n.into()),
            prohibited: m.prohibited.into_iter().map(|n| n.into()).collect(),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
        }
    }
}

impl From<SummaryOfTrials> for osteon_proto::osteon::care::v1::SummaryOfTrials {
    fn from(m: SummaryOfTrials) -> Self {
        Self {
            in_trial: m.in_trial.map(|n| n.into()),
            prohibited: m.prohibited.into_iter().map(|n| n.into()).collect(),
            inputs: m.inputs.into_iter().map(|n| n.into()).collect(),
        }
    }
}

/// The newest result of an analyte, as a band.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryResult {
    /// Which.
    #[uniffi(default = None)]
    pub analyte: Option<String>,
    /// Where it lies.
    #[uniffi(default = None)]
    pub band: Option<ResultBand>,
    /// The day on which it was written. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryResult> for SummaryResult {
    fn from(m: osteon_proto::osteon::care::v1::SummaryResult) -> Self {
        Self {
            analyte: m.analyte,
            band: m.band.map(|n| n.into()),
            on: m.on,
        }
    }
}

impl From<SummaryResult> for osteon_proto::osteon::care::v1::SummaryResult {
    fn from(m: SummaryResult) -> Self {
        Self {
            analyte: m.analyte,
            band: m.band.map(|n| n.into()),
            on: m.on,
        }
    }
}

/// Risk of a fracture.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryRisk {
    /// The band.
    #[uniffi(default = None)]
    pub band: Option<FractureRiskBand>,
    /// The day on which it was written. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryRisk> for SummaryRisk {
    fn from(m: osteon_proto::osteon::care::v1::SummaryRisk) -> Self {
        Self {
            band: m.band.map(|n| n.into()),
            on: m.on,
        }
    }
}

impl From<SummaryRisk> for osteon_proto::osteon::care::v1::SummaryRisk {
    fn from(m: SummaryRisk) -> Self {
        Self {
            band: m.band.map(|n| n.into()),
            on: m.on,
        }
    }
}

/// A target of the plan.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryTarget {
    /// How much. 0 to 100000, in steps of 0.01.
    #[uniffi(default = None)]
    pub amount: Option<u32>,
    /// UCUM unit.
    #[uniffi(default = None)]
    pub unit: Option<String>,
    /// The day on which it was written. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryTarget> for SummaryTarget {
    fn from(m: osteon_proto::osteon::care::v1::SummaryTarget) -> Self {
        Self {
            amount: m.amount,
            unit: m.unit,
            on: m.on,
        }
    }
}

impl From<SummaryTarget> for osteon_proto::osteon::care::v1::SummaryTarget {
    fn from(m: SummaryTarget) -> Self {
        Self {
            amount: m.amount,
            unit: m.unit,
            on: m.on,
        }
    }
}

/// A text of a summary.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryText {
    /// As it was written.
    #[uniffi(default = None)]
    pub text: Option<String>,
    /// The day on which it was written. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryText> for SummaryText {
    fn from(m: osteon_proto::osteon::care::v1::SummaryText) -> Self {
        Self {
            text: m.text,
            on: m.on,
        }
    }
}

impl From<SummaryText> for osteon_proto::osteon::care::v1::SummaryText {
    fn from(m: SummaryText) -> Self {
        Self {
            text: m.text,
            on: m.on,
        }
    }
}

/// A kind of treatment that is now active.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryTreatment {
    /// What kind.
    #[uniffi(default = None)]
    pub kind: Option<TreatmentKind>,
    /// From when. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub start: Option<String>,
    /// Until when. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub end: Option<String>,
    /// The day on which it was written. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryTreatment> for SummaryTreatment {
    fn from(m: osteon_proto::osteon::care::v1::SummaryTreatment) -> Self {
        Self {
            kind: m.kind.map(|n| n.into()),
            start: m.start,
            end: m.end,
            on: m.on,
        }
    }
}

impl From<SummaryTreatment> for osteon_proto::osteon::care::v1::SummaryTreatment {
    fn from(m: SummaryTreatment) -> Self {
        Self {
            kind: m.kind.map(|n| n.into()),
            start: m.start,
            end: m.end,
            on: m.on,
        }
    }
}

/// Yes, no, or asked and not known.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryTri {
    /// The answer.
    #[uniffi(default = None)]
    pub value: Option<TriState>,
    /// The day on which it was written. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryTri> for SummaryTri {
    fn from(m: osteon_proto::osteon::care::v1::SummaryTri) -> Self {
        Self {
            value: m.value.map(|n| n.into()),
            on: m.on,
        }
    }
}

impl From<SummaryTri> for osteon_proto::osteon::care::v1::SummaryTri {
    fn from(m: SummaryTri) -> Self {
        Self {
            value: m.value.map(|n| n.into()),
            on: m.on,
        }
    }
}

/// How much weight a limb may bear.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryWeightBearing {
    /// Which limb.
    #[uniffi(default = None)]
    pub limb: Option<Limb>,
    /// The level in force: the safer one in a dispute.
    #[uniffi(default = None)]
    pub level: Option<WeightBearingLevel>,
    /// The day on which it was written. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryWeightBearing> for SummaryWeightBearing {
    fn from(m: osteon_proto::osteon::care::v1::SummaryWeightBearing) -> Self {
        Self {
            limb: m.limb.map(|n| n.into()),
            level: m.level.map(|n| n.into()),
            on: m.on,
        }
    }
}

impl From<SummaryWeightBearing> for osteon_proto::osteon::care::v1::SummaryWeightBearing {
    fn from(m: SummaryWeightBearing) -> Self {
        Self {
            limb: m.limb.map(|n| n.into()),
            level: m.level.map(|n| n.into()),
            on: m.on,
        }
    }
}

/// A year of birth: not the day.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SummaryYear {
    /// Gregorian.
    #[uniffi(default = None)]
    pub year: Option<u32>,
    /// The day on which it was written. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub on: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SummaryYear> for SummaryYear {
    fn from(m: osteon_proto::osteon::care::v1::SummaryYear) -> Self {
        Self {
            year: m.year,
            on: m.on,
        }
    }
}

impl From<SummaryYear> for osteon_proto::osteon::care::v1::SummaryYear {
    fn from(m: SummaryYear) -> Self {
        Self {
            year: m.year,
            on: m.on,
        }
    }
}

/// J13. Time in the sun.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SunExposure {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// How long. 0 to 720 min.
    #[uniffi(default = None)]
    pub minutes: Option<u32>,
    /// How much skin.
    #[uniffi(default = None)]
    pub skin_exposed: Option<SkinExposed>,
    /// With sunscreen.
    #[uniffi(default = None)]
    pub sunscreen: Option<bool>,
}

impl From<osteon_proto::osteon::care::v1::SunExposure> for SunExposure {
    fn from(m: osteon_proto::osteon::care::v1::SunExposure) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            minutes: m.minutes,
            skin_exposed: m.skin_exposed.map(|n| n.into()),
            sunscreen: m.sunscreen,
        }
    }
}

impl From<SunExposure> for osteon_proto::osteon::care::v1::SunExposure {
    fn from(m: SunExposure) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            minutes: m.minutes,
            skin_exposed: m.skin_exposed.map(|n| n.into()),
            sunscreen: m.sunscreen,
        }
    }
}

/// P-SUP. One line of supplements. Any hold for safety holds, whatever the state says.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SupplementLine {
    /// Which product, a code. Why so: dose arithmetic depends on it.
    #[uniffi(default = None)]
    pub product: Option<String>,
    /// What a dose holds. The list is one value; at most 32. Why so: dose arithmetic depends on it.
    #[uniffi(default = [])]
    pub ingredients: Vec<Ingredient>,
    /// Dose. 0 to 10000, in steps of 0.001. Why so: both too much and too little can harm on a bone drug.
    #[uniffi(default = None)]
    pub dose: Option<u32>,
    /// UCUM unit of the dose. Why so: both too much and too little can harm on a bone drug.
    #[uniffi(default = None)]
    pub dose_unit: Option<String>,
    /// How often a day. 0 to 24 /d. Why so: both too much and too little can harm on a bone drug.
    #[uniffi(default = None)]
    pub times_per_day: Option<u32>,
    /// State. Why so: stopping calcium on denosumab is itself a hazard.
    #[uniffi(default = None)]
    pub status: Option<SupplementStatus>,
    /// Why it is held for safety. A set; at most 16 in one write. Why so: stopping calcium on denosumab is itself a
    /// hazard. Note: any reason in it means hold, whatever status says.
    #[uniffi(default = [])]
    pub safety_holds: Vec<SafetyHold>,
    /// Results (J20) that it was started for. A set; at most 64 in one write. Why so: links to the deficiency found.
    #[uniffi(default = [])]
    pub reason_lab_refs: Vec<Vec<u8>>,
}

impl From<osteon_proto::osteon::care::v1::SupplementLine> for SupplementLine {
    fn from(m: osteon_proto::osteon::care::v1::SupplementLine) -> Self {
        Self {
            product: m.product,
            ingredients: m.ingredients.into_iter().map(|n| n.into()).collect(),
            dose: m.dose,
            dose_unit: m.dose_unit,
            times_per_day: m.times_per_day,
            status: m.status.map(|n| n.into()),
            safety_holds: m.safety_holds.into_iter().map(|n| n.into()).collect(),
            reason_lab_refs: m.reason_lab_refs.into_iter().map(|b| b.to_vec()).collect(),
        }
    }
}

impl From<SupplementLine> for osteon_proto::osteon::care::v1::SupplementLine {
    fn from(m: SupplementLine) -> Self {
        Self {
            product: m.product,
            ingredients: m.ingredients.into_iter().map(|n| n.into()).collect(),
            dose: m.dose,
            dose_unit: m.dose_unit,
            times_per_day: m.times_per_day,
            status: m.status.map(|n| n.into()),
            safety_holds: m.safety_holds.into_iter().map(|n| n.into()).collect(),
            reason_lab_refs: m.reason_lab_refs.into_iter().map(|b| b.into()).collect(),
        }
    }
}

/// P-SUP.separation. How long a supplement is kept apart from something else.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SupplementSeparation {
    /// The record that this one belongs to (P-SUP).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// From what, a code. Why so: the longest separation is safe for both readings.
    #[uniffi(default = None)]
    pub from_code: Option<String>,
    /// Hours between the two. 0 to 48 h, in steps of 0.1. Why so: the longest separation is safe for both readings.
    #[uniffi(default = None)]
    pub hours: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::SupplementSeparation> for SupplementSeparation {
    fn from(m: osteon_proto::osteon::care::v1::SupplementSeparation) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            from_code: m.from_code,
            hours: m.hours,
        }
    }
}

impl From<SupplementSeparation> for osteon_proto::osteon::care::v1::SupplementSeparation {
    fn from(m: SupplementSeparation) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            from_code: m.from_code,
            hours: m.hours,
        }
    }
}

/// J23. Something that was read, watched or joined. Takes no second write.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SupportActivity {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// Reference to the material.
    #[uniffi(default = None)]
    pub resource: Option<String>,
    /// How long. 0 to 600 min.
    #[uniffi(default = None)]
    pub minutes: Option<u32>,
    /// How useful. 0 to 10 {score}.
    #[uniffi(default = None)]
    pub useful: Option<u32>,
    /// Reference to the group.
    #[uniffi(default = None)]
    pub group: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SupportActivity> for SupportActivity {
    fn from(m: osteon_proto::osteon::care::v1::SupportActivity) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            resource: m.resource,
            minutes: m.minutes,
            useful: m.useful,
            group: m.group,
        }
    }
}

impl From<SupportActivity> for osteon_proto::osteon::care::v1::SupportActivity {
    fn from(m: SupportActivity) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            resource: m.resource,
            minutes: m.minutes,
            useful: m.useful,
            group: m.group,
        }
    }
}

/// J14. A swelling: of an arm after surgery, or of a leg with a clot.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SwellingEntry {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// Where, SNOMED CT or our own site code. Source: PRO-CTCAE 22.
    #[uniffi(default = None)]
    pub site: Option<String>,
    /// On one side only. Source: PRO-CTCAE 22.
    #[uniffi(default = None)]
    pub one_sided: Option<bool>,
    /// It hurts. Source: PRO-CTCAE 22.
    #[uniffi(default = None)]
    pub pain: Option<bool>,
    /// It is warm. Source: PRO-CTCAE 22.
    #[uniffi(default = None)]
    pub warmth: Option<bool>,
    /// It is red. Source: PRO-CTCAE 22.
    #[uniffi(default = None)]
    pub redness: Option<bool>,
    /// Around the limb. 5 to 150 cm, in steps of 0.1. Source: PRO-CTCAE 22.
    #[uniffi(default = None)]
    pub circumference: Option<u32>,
    /// It feels tight. Source: input of R-VTE-2 (design).
    #[uniffi(default = None)]
    pub tightness: Option<bool>,
    /// Day on which it began. YYYY-MM-DD. Source: input of R-VTE-2: the later date keeps the swelling new (design).
    #[uniffi(default = None)]
    pub onset_date: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SwellingEntry> for SwellingEntry {
    fn from(m: osteon_proto::osteon::care::v1::SwellingEntry) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            site: m.site,
            one_sided: m.one_sided,
            pain: m.pain,
            warmth: m.warmth,
            redness: m.redness,
            circumference: m.circumference,
            tightness: m.tightness,
            onset_date: m.onset_date,
        }
    }
}

impl From<SwellingEntry> for osteon_proto::osteon::care::v1::SwellingEntry {
    fn from(m: SwellingEntry) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            site: m.site,
            one_sided: m.one_sided,
            pain: m.pain,
            warmth: m.warmth,
            redness: m.redness,
            circumference: m.circumference,
            tightness: m.tightness,
            onset_date: m.onset_date,
        }
    }
}

/// J02. One symptom item in the style of PRO-CTCAE, with the red flags that the person ticked. Urgent lane: warning
/// rules read it at once.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SymptomEntry {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// Item number of the PRO-CTCAE library. 1 to 80. Source: item numbers in pro/.
    #[uniffi(default = None)]
    pub item: Option<u32>,
    /// How often. 0 to 4 {score}. Source: NCI PRO-CTCAE.
    #[uniffi(default = None)]
    pub frequency: Option<u32>,
    /// How severe at its worst. 0 to 4 {score}. Source: NCI PRO-CTCAE.
    #[uniffi(default = None)]
    pub severity: Option<u32>,
    /// How much it got in the way. 0 to 4 {score}. Source: NCI PRO-CTCAE.
    #[uniffi(default = None)]
    pub interference: Option<u32>,
    /// Whether it was there at all. 0 to 1 {score}. Source: NCI PRO-CTCAE.
    #[uniffi(default = None)]
    pub presence: Option<u32>,
    /// The period that the item asks about, fixed. 7 to 7 d. Source: NCI: last 7 days; do not change.
    #[uniffi(default = None)]
    pub recall_days: Option<u32>,
    /// Stable codes of red flags (docs/codes.md; care specification, end of section 2.4). A set; at most 64 in one write.
    #[uniffi(default = [])]
    pub red_flags: Vec<String>,
    /// The symptom is new or worse.
    #[uniffi(default = None)]
    pub new_or_worse: Option<bool>,
    /// A clinician has recorded the sign as known. Source: a clinician has recorded the sign as known (design;
    /// R-MSCC-1).
    #[uniffi(default = None)]
    pub known: Option<TriState>,
    /// The sign is as it was before. Source: not answered = unknown (design; R-MSCC-1).
    #[uniffi(default = None)]
    pub unchanged: Option<TriState>,
    /// Photos of it, for example of a wound. A set; at most 8 in one write. Source: photos are part of an entry (design).
    #[uniffi(default = [])]
    pub photos: Vec<String>,
}

impl From<osteon_proto::osteon::care::v1::SymptomEntry> for SymptomEntry {
    fn from(m: osteon_proto::osteon::care::v1::SymptomEntry) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            item: m.item,
            frequency: m.frequency,
            severity: m.severity,
            interference: m.interference,
            presence: m.presence,
            recall_days: m.recall_days,
            red_flags: m.red_flags,
            new_or_worse: m.new_or_worse,
            known: m.known.map(|n| n.into()),
            unchanged: m.unchanged.map(|n| n.into()),
            photos: m.photos,
        }
    }
}

impl From<SymptomEntry> for osteon_proto::osteon::care::v1::SymptomEntry {
    fn from(m: SymptomEntry) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            item: m.item,
            frequency: m.frequency,
            severity: m.severity,
            interference: m.interference,
            presence: m.presence,
            recall_days: m.recall_days,
            red_flags: m.red_flags,
            new_or_worse: m.new_or_worse,
            known: m.known.map(|n| n.into()),
            unchanged: m.unchanged.map(|n| n.into()),
            photos: m.photos,
        }
    }
}

/// P-NUT.symptom_food_action. What helps with one symptom.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct SymptomFoodAction {
    /// The record that this one belongs to (P-NUT).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// Which symptom, a code. Why so: advice text must not interleave.
    #[uniffi(default = None)]
    pub symptom: Option<String>,
    /// What to eat or leave, in plain words. Why so: advice text must not interleave.
    #[uniffi(default = None)]
    pub advice: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::SymptomFoodAction> for SymptomFoodAction {
    fn from(m: osteon_proto::osteon::care::v1::SymptomFoodAction) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            symptom: m.symptom,
            advice: m.advice,
        }
    }
}

impl From<SymptomFoodAction> for osteon_proto::osteon::care::v1::SymptomFoodAction {
    fn from(m: SymptomFoodAction) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            symptom: m.symptom,
            advice: m.advice,
        }
    }
}

/// TaskOccurrence. One task of one day: a line of a plan that was due. One a line, day and slot, whoever ticks it;
/// done wins over open.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct TaskOccurrence {
    /// The line of the plan.
    #[uniffi(default = None)]
    pub line: Option<Vec<u8>>,
    /// The day, in the time zone of the person. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub due: Option<String>,
    /// Minutes after midnight, by the clock on the wall. 0 to 1439 min.
    #[uniffi(default = None)]
    pub slot: Option<u32>,
    /// Whether it was done.
    #[uniffi(default = None)]
    pub status: Option<TaskStatus>,
    /// When it was done.
    #[uniffi(default = None)]
    pub done_at: Option<Moment>,
    /// The journal entry that says so.
    #[uniffi(default = None)]
    pub entry: Option<Vec<u8>>,
    /// A remark.
    #[uniffi(default = None)]
    pub note: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::TaskOccurrence> for TaskOccurrence {
    fn from(m: osteon_proto::osteon::care::v1::TaskOccurrence) -> Self {
        Self {
            line: m.line.map(|b| b.to_vec()),
            due: m.due,
            slot: m.slot,
            status: m.status.map(|n| n.into()),
            done_at: m.done_at.map(|n| n.into()),
            entry: m.entry.map(|b| b.to_vec()),
            note: m.note,
        }
    }
}

impl From<TaskOccurrence> for osteon_proto::osteon::care::v1::TaskOccurrence {
    fn from(m: TaskOccurrence) -> Self {
        Self {
            line: m.line.map(|b| b.into()),
            due: m.due,
            slot: m.slot,
            status: m.status.map(|n| n.into()),
            done_at: m.done_at.map(|n| n.into()),
            entry: m.entry.map(|b| b.into()),
            note: m.note,
        }
    }
}

/// P-EDU.teach_back. The person said in their own words what to look out for. Takes no second write.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct TeachBack {
    /// The record that this one belongs to (P-EDU).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The record that this one corrects.
    #[uniffi(default = None)]
    pub supersedes: Option<Vec<u8>>,
    /// What about, a code. Why so: each is its own event.
    #[uniffi(default = None)]
    pub topic: Option<String>,
    /// When. Why so: each is its own event.
    #[uniffi(default = None)]
    pub when: Option<Moment>,
    /// It was understood. Why so: each is its own event.
    #[uniffi(default = None)]
    pub understood: Option<bool>,
}

impl From<osteon_proto::osteon::care::v1::TeachBack> for TeachBack {
    fn from(m: osteon_proto::osteon::care::v1::TeachBack) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            supersedes: m.supersedes.map(|b| b.to_vec()),
            topic: m.topic,
            when: m.when.map(|n| n.into()),
            understood: m.understood,
        }
    }
}

impl From<TeachBack> for osteon_proto::osteon::care::v1::TeachBack {
    fn from(m: TeachBack) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            supersedes: m.supersedes.map(|b| b.into()),
            topic: m.topic,
            when: m.when.map(|n| n.into()),
            understood: m.understood,
        }
    }
}

/// Thread. A conversation of some members, or of all. Whoever starts it takes part.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Thread {
    /// Number of the thread, picked at random by whoever starts it. 1 to 2.14748e+09.
    #[uniffi(default = None)]
    pub thread: Option<u32>,
    /// Title.
    #[uniffi(default = None)]
    pub title: Option<String>,
    /// The record that it is about; unset: about the person as a whole.
    #[uniffi(default = None)]
    pub about_record: Option<Vec<u8>>,
    /// Number of the field of that record; unset: about the whole record.
    #[uniffi(default = None)]
    pub about_field: Option<u32>,
    /// Every member of the circle takes part who may read what it is about, also who comes later.
    #[uniffi(default = None)]
    pub everybody: Option<bool>,
}

impl From<osteon_proto::osteon::care::v1::Thread> for Thread {
    fn from(m: osteon_proto::osteon::care::v1::Thread) -> Self {
        Self {
            thread: m.thread,
            title: m.title,
            about_record: m.about_record.map(|b| b.to_vec()),
            about_field: m.about_field,
            everybody: m.everybody,
        }
    }
}

impl From<Thread> for osteon_proto::osteon::care::v1::Thread {
    fn from(m: Thread) -> Self {
        Self {
            thread: m.thread,
            title: m.title,
            about_record: m.about_record.map(|b| b.into()),
            about_field: m.about_field,
            everybody: m.everybody,
        }
    }
}

/// Thread.participant. Whether a member takes part in a thread. Leaving wins over a concurrent invitation.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct ThreadParticipant {
    /// The record that this one belongs to (Thread).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// Number of the thread. 1 to 2.14748e+09.
    #[uniffi(default = None)]
    pub thread: Option<u32>,
    /// Account of the member.
    #[uniffi(default = None)]
    pub account: Option<u64>,
    /// Whether they take part.
    #[uniffi(default = None)]
    pub participation: Option<Decision>,
}

impl From<osteon_proto::osteon::care::v1::ThreadParticipant> for ThreadParticipant {
    fn from(m: osteon_proto::osteon::care::v1::ThreadParticipant) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            thread: m.thread,
            account: m.account,
            participation: m.participation.map(|n| n.into()),
        }
    }
}

impl From<ThreadParticipant> for osteon_proto::osteon::care::v1::ThreadParticipant {
    fn from(m: ThreadParticipant) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            thread: m.thread,
            account: m.account,
            participation: m.participation.map(|n| n.into()),
        }
    }
}

/// Thread.seen. Up to which sequence of the circle a participant has seen the thread. One a participant; the highest stands.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct ThreadSeen {
    /// The record that this one belongs to (Thread).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// Number of the thread. 1 to 2.14748e+09.
    #[uniffi(default = None)]
    pub thread: Option<u32>,
    /// Account of the participant: the author.
    #[uniffi(default = None)]
    pub account: Option<u64>,
    /// The sequence.
    #[uniffi(default = None)]
    pub sequence: Option<u64>,
}

impl From<osteon_proto::osteon::care::v1::ThreadSeen> for ThreadSeen {
    fn from(m: osteon_proto::osteon::care::v1::ThreadSeen) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            thread: m.thread,
            account: m.account,
            sequence: m.sequence,
        }
    }
}

impl From<ThreadSeen> for osteon_proto::osteon::care::v1::ThreadSeen {
    fn from(m: ThreadSeen) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            thread: m.thread,
            account: m.account,
            sequence: m.sequence,
        }
    }
}

/// P-NUT.timing_rule. Keep A and B apart by some hours, for example iron and calcium.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct TimingRule {
    /// The record that this one belongs to (P-NUT).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// The one, a code. Why so: longest separation is safe.
    #[uniffi(default = None)]
    pub a: Option<String>,
    /// The other, a code. Why so: longest separation is safe.
    #[uniffi(default = None)]
    pub b: Option<String>,
    /// Hours between the two. 0 to 48 h, in steps of 0.1. Why so: longest separation is safe.
    #[uniffi(default = None)]
    pub min_h: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::TimingRule> for TimingRule {
    fn from(m: osteon_proto::osteon::care::v1::TimingRule) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            a: m.a,
            b: m.b,
            min_h: m.min_h,
        }
    }
}

impl From<TimingRule> for osteon_proto::osteon::care::v1::TimingRule {
    fn from(m: TimingRule) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            a: m.a,
            b: m.b,
            min_h: m.min_h,
        }
    }
}

/// P-TRIAL. A trial that the person takes part in.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct TrialParticipation {
    /// Which, a code. Why so: eligibility and safety contact: a person decides.
    #[uniffi(default = None)]
    pub trial_id: Option<String>,
    /// How far. Why so: eligibility and safety contact: a person decides.
    #[uniffi(default = None)]
    pub status: Option<TrialStatus>,
    /// Whom to ask. Why so: eligibility and safety contact: a person decides.
    #[uniffi(default = None)]
    pub contact: Option<String>,
    /// Days of visits, YYYY-MM-DD. YYYY-MM-DD. The list is one value; at most 256. Why so: eligibility and safety
    /// contact: a person decides.
    #[uniffi(default = [])]
    pub visits: Vec<String>,
    /// What must not be taken, codes. A set; at most 128 in one write. Why so: a prohibited item must survive every
    /// merge.
    #[uniffi(default = [])]
    pub prohibited: Vec<String>,
}

impl From<osteon_proto::osteon::care::v1::TrialParticipation> for TrialParticipation {
    fn from(m: osteon_proto::osteon::care::v1::TrialParticipation) -> Self {
        Self {
            trial_id: m.trial_id,
            status: m.status.map(|n| n.into()),
            contact: m.contact,
            visits: m.visits,
            prohibited: m.prohibited,
        }
    }
}

impl From<TrialParticipation> for osteon_proto::osteon::care::v1::TrialParticipation {
    fn from(m: TrialParticipation) -> Self {
        Self {
            trial_id: m.trial_id,
            status: m.status.map(|n| n.into()),
            contact: m.contact,
            visits: m.visits,
            prohibited: m.prohibited,
        }
    }
}

/// J22. An appointment (C18), and what the person and the team write about it (C14): two parts, so that whoever books
/// sees no notes.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct VisitEntry {
    /// When.
    #[uniffi(default = None)]
    pub when: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// What kind.
    #[uniffi(default = None)]
    pub kind: Option<VisitKind>,
    /// With whom.
    #[uniffi(default = None)]
    pub with: Option<String>,
    /// Notes.
    #[uniffi(default = None)]
    pub notes: Option<String>,
    /// Questions of the person for the team. A set; at most 32 in one write.
    #[uniffi(default = [])]
    pub questions: Vec<String>,
}

impl From<osteon_proto::osteon::care::v1::VisitEntry> for VisitEntry {
    fn from(m: osteon_proto::osteon::care::v1::VisitEntry) -> Self {
        Self {
            when: m.when.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            kind: m.kind.map(|n| n.into()),
            with: m.with,
            notes: m.notes,
            questions: m.questions,
        }
    }
}

impl From<VisitEntry> for osteon_proto::osteon::care::v1::VisitEntry {
    fn from(m: VisitEntry) -> Self {
        Self {
            when: m.when.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            kind: m.kind.map(|n| n.into()),
            with: m.with,
            notes: m.notes,
            questions: m.questions,
        }
    }
}

/// J16. Temperature, blood pressure and pulse. Urgent lane whole: fever under chemotherapy cannot wait.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct VitalSigns {
    /// When it happened to the person.
    #[uniffi(default = None)]
    pub effective_start: Option<Moment>,
    /// When it ended for the person.
    #[uniffi(default = None)]
    pub effective_end: Option<Moment>,
    /// How the person knows.
    #[uniffi(default = None)]
    pub certainty: Option<Certainty>,
    /// Where the entry comes from.
    #[uniffi(default = None)]
    pub source: Option<Source>,
    /// Body temperature. 30 to 45 Cel, in steps of 0.1. Source: LOINC 8310-5 (unverified here).
    #[uniffi(default = None)]
    pub temperature: Option<u32>,
    /// Blood pressure, the upper value. 40 to 300 mm[Hg]. Source: LOINC panel 85354-9 (unverified here).
    #[uniffi(default = None)]
    pub bp_systolic: Option<u32>,
    /// Blood pressure, the lower value. 40 to 300 mm[Hg]. Source: LOINC panel 85354-9 (unverified here).
    #[uniffi(default = None)]
    pub bp_diastolic: Option<u32>,
    /// Pulse. 20 to 250 /min. Source: LOINC 8867-4 (unverified here).
    #[uniffi(default = None)]
    pub pulse: Option<u32>,
}

impl From<osteon_proto::osteon::care::v1::VitalSigns> for VitalSigns {
    fn from(m: osteon_proto::osteon::care::v1::VitalSigns) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            temperature: m.temperature,
            bp_systolic: m.bp_systolic,
            bp_diastolic: m.bp_diastolic,
            pulse: m.pulse,
        }
    }
}

impl From<VitalSigns> for osteon_proto::osteon::care::v1::VitalSigns {
    fn from(m: VitalSigns) -> Self {
        Self {
            effective_start: m.effective_start.map(|n| n.into()),
            effective_end: m.effective_end.map(|n| n.into()),
            certainty: m.certainty.map(|n| n.into()),
            source: m.source.map(|n| n.into()),
            temperature: m.temperature,
            bp_systolic: m.bp_systolic,
            bp_diastolic: m.bp_diastolic,
            pulse: m.pulse,
        }
    }
}

/// P-EX.weight_bearing. How much weight one limb may bear, after surgery or radiotherapy.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct WeightBearing {
    /// The record that this one belongs to (P-EX).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// Which limb. Why so: post-surgery/RT orders.
    #[uniffi(default = None)]
    pub limb: Option<Limb>,
    /// How much weight. Why so: post-surgery/RT orders.
    #[uniffi(default = None)]
    pub level: Option<WeightBearingLevel>,
}

impl From<osteon_proto::osteon::care::v1::WeightBearing> for WeightBearing {
    fn from(m: osteon_proto::osteon::care::v1::WeightBearing) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            limb: m.limb.map(|n| n.into()),
            level: m.level.map(|n| n.into()),
        }
    }
}

impl From<WeightBearing> for osteon_proto::osteon::care::v1::WeightBearing {
    fn from(m: WeightBearing) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            limb: m.limb.map(|n| n.into()),
            level: m.level.map(|n| n.into()),
        }
    }
}

/// A wish, a code and the words it was said in: one value.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct Wish {
    /// A code.
    #[uniffi(default = None)]
    pub code: Option<String>,
    /// In their own words.
    #[uniffi(default = None)]
    pub text: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::Wish> for Wish {
    fn from(m: osteon_proto::osteon::care::v1::Wish) -> Self {
        Self {
            code: m.code,
            text: m.text,
        }
    }
}

impl From<Wish> for osteon_proto::osteon::care::v1::Wish {
    fn from(m: Wish) -> Self {
        Self {
            code: m.code,
            text: m.text,
        }
    }
}

/// A paper that says what the person wants, one element of the set.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct WishDocument {
    /// Reference to it.
    #[uniffi(default = None)]
    pub r#ref: Option<String>,
    /// Its date. YYYY-MM-DD.
    #[uniffi(default = None)]
    pub date: Option<String>,
}

impl From<osteon_proto::osteon::care::v1::WishDocument> for WishDocument {
    fn from(m: osteon_proto::osteon::care::v1::WishDocument) -> Self {
        Self {
            r#ref: m.r#ref,
            date: m.date,
        }
    }
}

impl From<WishDocument> for osteon_proto::osteon::care::v1::WishDocument {
    fn from(m: WishDocument) -> Self {
        Self {
            r#ref: m.r#ref,
            date: m.date,
        }
    }
}

/// P-EOL.visibility. Whether a role sees the wishes. One a role: a withdrawal wins over a concurrent grant.
#[derive(Clone, Default, PartialEq, uniffi::Record)]
pub struct WishVisibility {
    /// The record that this one belongs to (P-EOL).
    #[uniffi(default = None)]
    pub parent: Option<Vec<u8>>,
    /// Which role. Why so: privacy: withdrawal beats a concurrent grant.
    #[uniffi(default = None)]
    pub role: Option<Role>,
    /// Whether. Why so: privacy: withdrawal beats a concurrent grant.
    #[uniffi(default = None)]
    pub decision: Option<Decision>,
}

impl From<osteon_proto::osteon::care::v1::WishVisibility> for WishVisibility {
    fn from(m: osteon_proto::osteon::care::v1::WishVisibility) -> Self {
        Self {
            parent: m.parent.map(|b| b.to_vec()),
            role: m.role.map(|n| n.into()),
            decision: m.decision.map(|n| n.into()),
        }
    }
}

impl From<WishVisibility> for osteon_proto::osteon::care::v1::WishVisibility {
    fn from(m: WishVisibility) -> Self {
        Self {
            parent: m.parent.map(|b| b.into()),
            role: m.role.map(|n| n.into()),
            decision: m.decision.map(|n| n.into()),
        }
    }
}

/// What kind of activity.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ActivityKind {
    Unspecified,
    Walk,
    Cycle,
    Swim,
    Resistance,
    Balance,
    Core,
    Stretch,
    Chair,
    DailyTask,
    Other,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for ActivityKind {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Walk,
            2 => Self::Cycle,
            3 => Self::Swim,
            4 => Self::Resistance,
            5 => Self::Balance,
            6 => Self::Core,
            7 => Self::Stretch,
            8 => Self::Chair,
            9 => Self::DailyTask,
            10 => Self::Other,
            number => Self::Newer { number },
        }
    }
}

impl From<ActivityKind> for i32 {
    fn from(word: ActivityKind) -> Self {
        match word {
            ActivityKind::Unspecified => 0,
            ActivityKind::Walk => 1,
            ActivityKind::Cycle => 2,
            ActivityKind::Swim => 3,
            ActivityKind::Resistance => 4,
            ActivityKind::Balance => 5,
            ActivityKind::Core => 6,
            ActivityKind::Stretch => 7,
            ActivityKind::Chair => 8,
            ActivityKind::DailyTask => 9,
            ActivityKind::Other => 10,
            ActivityKind::Newer { number } => number,
        }
    }
}

/// Where the drug was given.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum AdministrationSite {
    Unspecified,
    LeftArm,
    RightArm,
    LeftThigh,
    RightThigh,
    Abdomen,
    Vein,
    Port,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for AdministrationSite {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::LeftArm,
            2 => Self::RightArm,
            3 => Self::LeftThigh,
            4 => Self::RightThigh,
            5 => Self::Abdomen,
            6 => Self::Vein,
            7 => Self::Port,
            number => Self::Newer { number },
        }
    }
}

impl From<AdministrationSite> for i32 {
    fn from(word: AdministrationSite) -> Self {
        match word {
            AdministrationSite::Unspecified => 0,
            AdministrationSite::LeftArm => 1,
            AdministrationSite::RightArm => 2,
            AdministrationSite::LeftThigh => 3,
            AdministrationSite::RightThigh => 4,
            AdministrationSite::Abdomen => 5,
            AdministrationSite::Vein => 6,
            AdministrationSite::Port => 7,
            AdministrationSite::Newer { number } => number,
        }
    }
}

/// Who knows that it was given.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum AdministrationSource {
    Unspecified,
    Clinic,
    Hospital,
    Home,
    Reported,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for AdministrationSource {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Clinic,
            2 => Self::Hospital,
            3 => Self::Home,
            4 => Self::Reported,
            number => Self::Newer { number },
        }
    }
}

impl From<AdministrationSource> for i32 {
    fn from(word: AdministrationSource) -> Self {
        match word {
            AdministrationSource::Unspecified => 0,
            AdministrationSource::Clinic => 1,
            AdministrationSource::Hospital => 2,
            AdministrationSource::Home => 3,
            AdministrationSource::Reported => 4,
            AdministrationSource::Newer { number } => number,
        }
    }
}

/// Why a revision of an alert was raised.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum AlertCause {
    Unspecified,
    New,
    /// It became more severe, or a value that matters became worse.
    Worse,
    /// Another sign joined it, or another entry of an emergency.
    NewSign,
    /// Seen long ago, and still so.
    StillTrue,
    /// Closed, and something changed since.
    Again,
    /// Nobody had seen it for its time: it went to the next in line.
    Escalated,
    /// It says something else, and nothing worse: nobody is told anew, and what was said to the revision before it holds.
    Updated,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for AlertCause {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::New,
            2 => Self::Worse,
            3 => Self::NewSign,
            4 => Self::StillTrue,
            5 => Self::Again,
            6 => Self::Escalated,
            7 => Self::Updated,
            number => Self::Newer { number },
        }
    }
}

impl From<AlertCause> for i32 {
    fn from(word: AlertCause) -> Self {
        match word {
            AlertCause::Unspecified => 0,
            AlertCause::New => 1,
            AlertCause::Worse => 2,
            AlertCause::NewSign => 3,
            AlertCause::StillTrue => 4,
            AlertCause::Again => 5,
            AlertCause::Escalated => 6,
            AlertCause::Updated => 7,
            AlertCause::Newer { number } => number,
        }
    }
}

/// How an alert ended.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum AlertOutcome {
    Unspecified,
    ActedOn,
    Referred,
    Watching,
    NotRelevant,
    EnteredInError,
    Solved,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for AlertOutcome {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::ActedOn,
            2 => Self::Referred,
            3 => Self::Watching,
            4 => Self::NotRelevant,
            5 => Self::EnteredInError,
            6 => Self::Solved,
            number => Self::Newer { number },
        }
    }
}

impl From<AlertOutcome> for i32 {
    fn from(word: AlertOutcome) -> Self {
        match word {
            AlertOutcome::Unspecified => 0,
            AlertOutcome::ActedOn => 1,
            AlertOutcome::Referred => 2,
            AlertOutcome::Watching => 3,
            AlertOutcome::NotRelevant => 4,
            AlertOutcome::EnteredInError => 5,
            AlertOutcome::Solved => 6,
            AlertOutcome::Newer { number } => number,
        }
    }
}

/// How soon somebody has to look. Never lowered by a merge, a mute or the age of an entry.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum AlertSeverity {
    Unspecified,
    Info,
    Soon,
    Urgent,
    Emergency,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for AlertSeverity {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Info,
            2 => Self::Soon,
            3 => Self::Urgent,
            4 => Self::Emergency,
            number => Self::Newer { number },
        }
    }
}

impl From<AlertSeverity> for i32 {
    fn from(word: AlertSeverity) -> Self {
        match word {
            AlertSeverity::Unspecified => 0,
            AlertSeverity::Info => 1,
            AlertSeverity::Soon => 2,
            AlertSeverity::Urgent => 3,
            AlertSeverity::Emergency => 4,
            AlertSeverity::Newer { number } => number,
        }
    }
}

/// What the rule found.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum AlertVerdict {
    Unspecified,
    Fires,
    CannotTell,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for AlertVerdict {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Fires,
            2 => Self::CannotTell,
            number => Self::Newer { number },
        }
    }
}

impl From<AlertVerdict> for i32 {
    fn from(word: AlertVerdict) -> Self {
        match word {
            AlertVerdict::Unspecified => 0,
            AlertVerdict::Fires => 1,
            AlertVerdict::CannotTell => 2,
            AlertVerdict::Newer { number } => number,
        }
    }
}

/// What a signature means.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ApprovalMeaning {
    Unspecified,
    Approved,
    Agreed,
    Confirmed,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for ApprovalMeaning {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Approved,
            2 => Self::Agreed,
            3 => Self::Confirmed,
            number => Self::Newer { number },
        }
    }
}

impl From<ApprovalMeaning> for i32 {
    fn from(word: ApprovalMeaning) -> Self {
        match word {
            ApprovalMeaning::Unspecified => 0,
            ApprovalMeaning::Approved => 1,
            ApprovalMeaning::Agreed => 2,
            ApprovalMeaning::Confirmed => 3,
            ApprovalMeaning::Newer { number } => number,
        }
    }
}

/// Which assessment. The label of the record follows it.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum AssessmentTool {
    Unspecified,
    A10,
    A12,
    A13,
    A14Total,
    A23Result,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for AssessmentTool {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::A10,
            2 => Self::A12,
            3 => Self::A13,
            4 => Self::A14Total,
            5 => Self::A23Result,
            number => Self::Newer { number },
        }
    }
}

impl From<AssessmentTool> for i32 {
    fn from(word: AssessmentTool) -> Self {
        match word {
            AssessmentTool::Unspecified => 0,
            AssessmentTool::A10 => 1,
            AssessmentTool::A12 => 2,
            AssessmentTool::A13 => 3,
            AssessmentTool::A14Total => 4,
            AssessmentTool::A23Result => 5,
            AssessmentTool::Newer { number } => number,
        }
    }
}

/// Walking aid.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum AssistiveDevice {
    Unspecified,
    None,
    Stick,
    Frame,
    Wheelchair,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for AssistiveDevice {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::None,
            2 => Self::Stick,
            3 => Self::Frame,
            4 => Self::Wheelchair,
            number => Self::Newer { number },
        }
    }
}

impl From<AssistiveDevice> for i32 {
    fn from(word: AssistiveDevice) -> Self {
        match word {
            AssistiveDevice::Unspecified => 0,
            AssistiveDevice::None => 1,
            AssistiveDevice::Stick => 2,
            AssistiveDevice::Frame => 3,
            AssistiveDevice::Wheelchair => 4,
            AssistiveDevice::Newer { number } => number,
        }
    }
}

/// Why a food is to be avoided.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum AvoidKind {
    Unspecified,
    Allergy,
    Intolerance,
    Interaction,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for AvoidKind {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Allergy,
            2 => Self::Intolerance,
            3 => Self::Interaction,
            number => Self::Newer { number },
        }
    }
}

impl From<AvoidKind> for i32 {
    fn from(word: AvoidKind) -> Self {
        match word {
            AvoidKind::Unspecified => 0,
            AvoidKind::Allergy => 1,
            AvoidKind::Intolerance => 2,
            AvoidKind::Interaction => 3,
            AvoidKind::Newer { number } => number,
        }
    }
}

/// How the drug is given.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum BoneDrugRoute {
    Unspecified,
    Oral,
    Subcutaneous,
    Intravenous,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for BoneDrugRoute {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Oral,
            2 => Self::Subcutaneous,
            3 => Self::Intravenous,
            number => Self::Newer { number },
        }
    }
}

impl From<BoneDrugRoute> for i32 {
    fn from(word: BoneDrugRoute) -> Self {
        match word {
            BoneDrugRoute::Unspecified => 0,
            BoneDrugRoute::Oral => 1,
            BoneDrugRoute::Subcutaneous => 2,
            BoneDrugRoute::Intravenous => 3,
            BoneDrugRoute::Newer { number } => number,
        }
    }
}

/// State of the drug plan.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum BoneDrugStatus {
    Unspecified,
    Proposed,
    Active,
    Held,
    Holiday,
    Stopped,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for BoneDrugStatus {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Proposed,
            2 => Self::Active,
            3 => Self::Held,
            4 => Self::Holiday,
            5 => Self::Stopped,
            number => Self::Newer { number },
        }
    }
}

impl From<BoneDrugStatus> for i32 {
    fn from(word: BoneDrugStatus) -> Self {
        match word {
            BoneDrugStatus::Unspecified => 0,
            BoneDrugStatus::Proposed => 1,
            BoneDrugStatus::Active => 2,
            BoneDrugStatus::Held => 3,
            BoneDrugStatus::Holiday => 4,
            BoneDrugStatus::Stopped => 5,
            BoneDrugStatus::Newer { number } => number,
        }
    }
}

/// How much bone the treatment costs.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum BoneEffectClass {
    Unspecified,
    High,
    Moderate,
    Low,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for BoneEffectClass {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::High,
            2 => Self::Moderate,
            3 => Self::Low,
            number => Self::Newer { number },
        }
    }
}

impl From<BoneEffectClass> for i32 {
    fn from(word: BoneEffectClass) -> Self {
        match word {
            BoneEffectClass::Unspecified => 0,
            BoneEffectClass::High => 1,
            BoneEffectClass::Moderate => 2,
            BoneEffectClass::Low => 3,
            BoneEffectClass::Newer { number } => number,
        }
    }
}

/// How the person knows what the entry says.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Certainty {
    Unspecified,
    Measured,
    Estimated,
    Recalled,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for Certainty {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Measured,
            2 => Self::Estimated,
            3 => Self::Recalled,
            number => Self::Newer { number },
        }
    }
}

impl From<Certainty> for i32 {
    fn from(word: Certainty) -> Self {
        match word {
            Certainty::Unspecified => 0,
            Certainty::Measured => 1,
            Certainty::Estimated => 2,
            Certainty::Recalled => 3,
            Certainty::Newer { number } => number,
        }
    }
}

/// What was decided about access. One live DENY wins over any ALLOW beside it.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Decision {
    Unspecified,
    Allow,
    Deny,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for Decision {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Allow,
            2 => Self::Deny,
            number => Self::Newer { number },
        }
    }
}

impl From<Decision> for i32 {
    fn from(word: Decision) -> Self {
        match word {
            Decision::Unspecified => 0,
            Decision::Allow => 1,
            Decision::Deny => 2,
            Decision::Newer { number } => number,
        }
    }
}

/// What the dentist found. The strictest first.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum DentalClearance {
    Unspecified,
    NotDone,
    TreatmentNeeded,
    Cleared,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for DentalClearance {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::NotDone,
            2 => Self::TreatmentNeeded,
            3 => Self::Cleared,
            number => Self::Newer { number },
        }
    }
}

impl From<DentalClearance> for i32 {
    fn from(word: DentalClearance) -> Self {
        match word {
            DentalClearance::Unspecified => 0,
            DentalClearance::NotDone => 1,
            DentalClearance::TreatmentNeeded => 2,
            DentalClearance::Cleared => 3,
            DentalClearance::Newer { number } => number,
        }
    }
}

/// Whether the dentist has cleared.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum DentalClearanceBand {
    Unspecified,
    Yes,
    No,
    Expired,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for DentalClearanceBand {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Yes,
            2 => Self::No,
            3 => Self::Expired,
            number => Self::Newer { number },
        }
    }
}

impl From<DentalClearanceBand> for i32 {
    fn from(word: DentalClearanceBand) -> Self {
        match word {
            DentalClearanceBand::Unspecified => 0,
            DentalClearanceBand::Yes => 1,
            DentalClearanceBand::No => 2,
            DentalClearanceBand::Expired => 3,
            DentalClearanceBand::Newer { number } => number,
        }
    }
}

/// How a denture sits.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum DentureFit {
    Unspecified,
    NoDenture,
    Good,
    Loose,
    Sore,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for DentureFit {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::NoDenture,
            2 => Self::Good,
            3 => Self::Loose,
            4 => Self::Sore,
            number => Self::Newer { number },
        }
    }
}

impl From<DentureFit> for i32 {
    fn from(word: DentureFit) -> Self {
        match word {
            DentureFit::Unspecified => 0,
            DentureFit::NoDenture => 1,
            DentureFit::Good => 2,
            DentureFit::Loose => 3,
            DentureFit::Sore => 4,
            DentureFit::Newer { number } => number,
        }
    }
}

/// Band of the lowest T-score (A1).
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum DxaBand {
    Unspecified,
    Normal,
    LowBoneMass,
    Osteoporosis,
    OsteoporosisWithFracture,
    NotApplicableUseZ,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for DxaBand {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Normal,
            2 => Self::LowBoneMass,
            3 => Self::Osteoporosis,
            4 => Self::OsteoporosisWithFracture,
            5 => Self::NotApplicableUseZ,
            number => Self::Newer { number },
        }
    }
}

impl From<DxaBand> for i32 {
    fn from(word: DxaBand) -> Self {
        match word {
            DxaBand::Unspecified => 0,
            DxaBand::Normal => 1,
            DxaBand::LowBoneMass => 2,
            DxaBand::Osteoporosis => 3,
            DxaBand::OsteoporosisWithFracture => 4,
            DxaBand::NotApplicableUseZ => 5,
            DxaBand::Newer { number } => number,
        }
    }
}

/// What the clinic decided.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ErasureDecision {
    Unspecified,
    /// It will be done, by the day that is named.
    WillBeDone,
    /// It may not be done: the text says why, and where to complain (GDPR, Article 12(4)).
    Declined,
    /// The clinic asks something first: the text says what.
    AsksBack,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for ErasureDecision {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::WillBeDone,
            2 => Self::Declined,
            3 => Self::AsksBack,
            number => Self::Newer { number },
        }
    }
}

impl From<ErasureDecision> for i32 {
    fn from(word: ErasureDecision) -> Self {
        match word {
            ErasureDecision::Unspecified => 0,
            ErasureDecision::WillBeDone => 1,
            ErasureDecision::Declined => 2,
            ErasureDecision::AsksBack => 3,
            ErasureDecision::Newer { number } => number,
        }
    }
}

/// The block of the programme that an exercise stands in.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ExerciseBlock {
    Unspecified,
    Main,
    Balance,
    Core,
    Proprioception,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for ExerciseBlock {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Main,
            2 => Self::Balance,
            3 => Self::Core,
            4 => Self::Proprioception,
            number => Self::Newer { number },
        }
    }
}

impl From<ExerciseBlock> for i32 {
    fn from(word: ExerciseBlock) -> Self {
        match word {
            ExerciseBlock::Unspecified => 0,
            ExerciseBlock::Main => 1,
            ExerciseBlock::Balance => 2,
            ExerciseBlock::Core => 3,
            ExerciseBlock::Proprioception => 4,
            ExerciseBlock::Newer { number } => number,
        }
    }
}

/// How far the person may exercise. The strictest first.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ExerciseClearance {
    Unspecified,
    Hold,
    SupervisedOnly,
    Modified,
    Unrestricted,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for ExerciseClearance {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Hold,
            2 => Self::SupervisedOnly,
            3 => Self::Modified,
            4 => Self::Unrestricted,
            number => Self::Newer { number },
        }
    }
}

impl From<ExerciseClearance> for i32 {
    fn from(word: ExerciseClearance) -> Self {
        match word {
            ExerciseClearance::Unspecified => 0,
            ExerciseClearance::Hold => 1,
            ExerciseClearance::SupervisedOnly => 2,
            ExerciseClearance::Modified => 3,
            ExerciseClearance::Unrestricted => 4,
            ExerciseClearance::Newer { number } => number,
        }
    }
}

/// A module of the programme.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ExerciseModule {
    Unspecified,
    Upper,
    Trunk,
    Lower,
    /// Weight-bearing aerobic.
    Wb,
    /// Non-weight-bearing aerobic.
    Nwb,
    /// Flexibility.
    Flex,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for ExerciseModule {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Upper,
            2 => Self::Trunk,
            3 => Self::Lower,
            4 => Self::Wb,
            5 => Self::Nwb,
            6 => Self::Flex,
            number => Self::Newer { number },
        }
    }
}

impl From<ExerciseModule> for i32 {
    fn from(word: ExerciseModule) -> Self {
        match word {
            ExerciseModule::Unspecified => 0,
            ExerciseModule::Upper => 1,
            ExerciseModule::Trunk => 2,
            ExerciseModule::Lower => 3,
            ExerciseModule::Wb => 4,
            ExerciseModule::Nwb => 5,
            ExerciseModule::Flex => 6,
            ExerciseModule::Newer { number } => number,
        }
    }
}

/// State of the plan.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ExercisePlanStatus {
    Unspecified,
    Draft,
    Active,
    Paused,
    Ended,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for ExercisePlanStatus {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Draft,
            2 => Self::Active,
            3 => Self::Paused,
            4 => Self::Ended,
            number => Self::Newer { number },
        }
    }
}

impl From<ExercisePlanStatus> for i32 {
    fn from(word: ExercisePlanStatus) -> Self {
        match word {
            ExercisePlanStatus::Unspecified => 0,
            ExercisePlanStatus::Draft => 1,
            ExercisePlanStatus::Active => 2,
            ExercisePlanStatus::Paused => 3,
            ExercisePlanStatus::Ended => 4,
            ExercisePlanStatus::Newer { number } => number,
        }
    }
}

/// What was hurt.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum FallInjury {
    Unspecified,
    None,
    Pain,
    Bruise,
    Wound,
    FractureSuspected,
    Head,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for FallInjury {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::None,
            2 => Self::Pain,
            3 => Self::Bruise,
            4 => Self::Wound,
            5 => Self::FractureSuspected,
            6 => Self::Head,
            number => Self::Newer { number },
        }
    }
}

impl From<FallInjury> for i32 {
    fn from(word: FallInjury) -> Self {
        match word {
            FallInjury::Unspecified => 0,
            FallInjury::None => 1,
            FallInjury::Pain => 2,
            FallInjury::Bruise => 3,
            FallInjury::Wound => 4,
            FallInjury::FractureSuspected => 5,
            FallInjury::Head => 6,
            FallInjury::Newer { number } => number,
        }
    }
}

/// Whether a criterion for bone protection is met.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum FractureRiskBand {
    Unspecified,
    NotMet,
    Met,
    CannotTell,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for FractureRiskBand {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::NotMet,
            2 => Self::Met,
            3 => Self::CannotTell,
            number => Self::Newer { number },
        }
    }
}

impl From<FractureRiskBand> for i32 {
    fn from(word: FractureRiskBand) -> Self {
        match word {
            FractureRiskBand::Unspecified => 0,
            FractureRiskBand::NotMet => 1,
            FractureRiskBand::Met => 2,
            FractureRiskBand::CannotTell => 3,
            FractureRiskBand::Newer { number } => number,
        }
    }
}

/// What the stomach said afterwards.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum GiSymptom {
    Unspecified,
    Nausea,
    Fullness,
    Pain,
    Diarrhoea,
    Constipation,
    Reflux,
    None,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for GiSymptom {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Nausea,
            2 => Self::Fullness,
            3 => Self::Pain,
            4 => Self::Diarrhoea,
            5 => Self::Constipation,
            6 => Self::Reflux,
            7 => Self::None,
            number => Self::Newer { number },
        }
    }
}

impl From<GiSymptom> for i32 {
    fn from(word: GiSymptom) -> Self {
        match word {
            GiSymptom::Unspecified => 0,
            GiSymptom::Nausea => 1,
            GiSymptom::Fullness => 2,
            GiSymptom::Pain => 3,
            GiSymptom::Diarrhoea => 4,
            GiSymptom::Constipation => 5,
            GiSymptom::Reflux => 6,
            GiSymptom::None => 7,
            GiSymptom::Newer { number } => number,
        }
    }
}

/// What a goal is about; for grouping only.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum GoalDomain {
    Unspecified,
    Symptom,
    Independence,
    Mobility,
    Eating,
    Exercise,
    Treatment,
    Comfort,
    Other,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for GoalDomain {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Symptom,
            2 => Self::Independence,
            3 => Self::Mobility,
            4 => Self::Eating,
            5 => Self::Exercise,
            6 => Self::Treatment,
            7 => Self::Comfort,
            8 => Self::Other,
            number => Self::Newer { number },
        }
    }
}

impl From<GoalDomain> for i32 {
    fn from(word: GoalDomain) -> Self {
        match word {
            GoalDomain::Unspecified => 0,
            GoalDomain::Symptom => 1,
            GoalDomain::Independence => 2,
            GoalDomain::Mobility => 3,
            GoalDomain::Eating => 4,
            GoalDomain::Exercise => 5,
            GoalDomain::Treatment => 6,
            GoalDomain::Comfort => 7,
            GoalDomain::Other => 8,
            GoalDomain::Newer { number } => number,
        }
    }
}

/// State of a goal.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum GoalStatus {
    Unspecified,
    Proposed,
    Agreed,
    Achieved,
    Parked,
    Dropped,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for GoalStatus {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Proposed,
            2 => Self::Agreed,
            3 => Self::Achieved,
            4 => Self::Parked,
            5 => Self::Dropped,
            number => Self::Newer { number },
        }
    }
}

impl From<GoalStatus> for i32 {
    fn from(word: GoalStatus) -> Self {
        match word {
            GoalStatus::Unspecified => 0,
            GoalStatus::Proposed => 1,
            GoalStatus::Agreed => 2,
            GoalStatus::Achieved => 3,
            GoalStatus::Parked => 4,
            GoalStatus::Dropped => 5,
            GoalStatus::Newer { number } => number,
        }
    }
}

/// What a grant is about: a consent category (same numbers as osteon.meta.v1.Category) or the right to act as proxy.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum GrantCategory {
    Unspecified,
    C01Identity,
    C02Cancer,
    C03BoneStatus,
    C04Medicines,
    C05Laboratory,
    C06Symptoms,
    C07Nutrition,
    C08Activity,
    C09FallsHome,
    C10SleepMood,
    C11SmokingAlcohol,
    C12Reproductive,
    C13Dental,
    C14Goals,
    C15EndOfLife,
    C16Trials,
    C17Education,
    C18Visits,
    C19Messages,
    C20PrivateNotes,
    C21SafetyMinimum,
    C22Audit,
    /// Acting for the patient.
    Proxy,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for GrantCategory {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::C01Identity,
            2 => Self::C02Cancer,
            3 => Self::C03BoneStatus,
            4 => Self::C04Medicines,
            5 => Self::C05Laboratory,
            6 => Self::C06Symptoms,
            7 => Self::C07Nutrition,
            8 => Self::C08Activity,
            9 => Self::C09FallsHome,
            10 => Self::C10SleepMood,
            11 => Self::C11SmokingAlcohol,
            12 => Self::C12Reproductive,
            13 => Self::C13Dental,
            14 => Self::C14Goals,
            15 => Self::C15EndOfLife,
            16 => Self::C16Trials,
            17 => Self::C17Education,
            18 => Self::C18Visits,
            19 => Self::C19Messages,
            20 => Self::C20PrivateNotes,
            21 => Self::C21SafetyMinimum,
            22 => Self::C22Audit,
            64 => Self::Proxy,
            number => Self::Newer { number },
        }
    }
}

impl From<GrantCategory> for i32 {
    fn from(word: GrantCategory) -> Self {
        match word {
            GrantCategory::Unspecified => 0,
            GrantCategory::C01Identity => 1,
            GrantCategory::C02Cancer => 2,
            GrantCategory::C03BoneStatus => 3,
            GrantCategory::C04Medicines => 4,
            GrantCategory::C05Laboratory => 5,
            GrantCategory::C06Symptoms => 6,
            GrantCategory::C07Nutrition => 7,
            GrantCategory::C08Activity => 8,
            GrantCategory::C09FallsHome => 9,
            GrantCategory::C10SleepMood => 10,
            GrantCategory::C11SmokingAlcohol => 11,
            GrantCategory::C12Reproductive => 12,
            GrantCategory::C13Dental => 13,
            GrantCategory::C14Goals => 14,
            GrantCategory::C15EndOfLife => 15,
            GrantCategory::C16Trials => 16,
            GrantCategory::C17Education => 17,
            GrantCategory::C18Visits => 18,
            GrantCategory::C19Messages => 19,
            GrantCategory::C20PrivateNotes => 20,
            GrantCategory::C21SafetyMinimum => 21,
            GrantCategory::C22Audit => 22,
            GrantCategory::Proxy => 64,
            GrantCategory::Newer { number } => number,
        }
    }
}

/// How bad a hazard is.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum HazardSeverity {
    Unspecified,
    Low,
    Medium,
    High,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for HazardSeverity {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Low,
            2 => Self::Medium,
            3 => Self::High,
            number => Self::Newer { number },
        }
    }
}

impl From<HazardSeverity> for i32 {
    fn from(word: HazardSeverity) -> Self {
        match word {
            HazardSeverity::Unspecified => 0,
            HazardSeverity::Low => 1,
            HazardSeverity::Medium => 2,
            HazardSeverity::High => 3,
            HazardSeverity::Newer { number } => number,
        }
    }
}

/// Whether a hazard is still there.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum HazardStatus {
    Unspecified,
    Open,
    InProgress,
    Fixed,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for HazardStatus {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Open,
            2 => Self::InProgress,
            3 => Self::Fixed,
            number => Self::Newer { number },
        }
    }
}

impl From<HazardStatus> for i32 {
    fn from(word: HazardStatus) -> Self {
        match word {
            HazardStatus::Unspecified => 0,
            HazardStatus::Open => 1,
            HazardStatus::InProgress => 2,
            HazardStatus::Fixed => 3,
            HazardStatus::Newer { number } => number,
        }
    }
}

/// A part of the home, as the checklist divides it.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum HomeRoom {
    Unspecified,
    Floors,
    Stairs,
    Kitchen,
    Bathroom,
    Bedroom,
    Door,
    Person,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for HomeRoom {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Floors,
            2 => Self::Stairs,
            3 => Self::Kitchen,
            4 => Self::Bathroom,
            5 => Self::Bedroom,
            6 => Self::Door,
            7 => Self::Person,
            number => Self::Newer { number },
        }
    }
}

impl From<HomeRoom> for i32 {
    fn from(word: HomeRoom) -> Self {
        match word {
            HomeRoom::Unspecified => 0,
            HomeRoom::Floors => 1,
            HomeRoom::Stairs => 2,
            HomeRoom::Kitchen => 3,
            HomeRoom::Bathroom => 4,
            HomeRoom::Bedroom => 5,
            HomeRoom::Door => 6,
            HomeRoom::Person => 7,
            HomeRoom::Newer { number } => number,
        }
    }
}

/// The questions of A24: the CDC list "Check for Safety" (public domain). "No" is a hazard.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum HomeSafetyQuestion {
    Unspecified,
    FloorsFurniture,
    FloorsRugs,
    FloorsObjects,
    FloorsCords,
    StairsObjects,
    StairsEven,
    StairsLight,
    StairsSwitch,
    StairsCarpet,
    StairsRails,
    KitchenReach,
    KitchenStool,
    BathMat,
    BathBars,
    BedLamp,
    BedNightlight,
    DoorSteps,
    Footwear,
    Phone,
    Alarm,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for HomeSafetyQuestion {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::FloorsFurniture,
            2 => Self::FloorsRugs,
            3 => Self::FloorsObjects,
            4 => Self::FloorsCords,
            5 => Self::StairsObjects,
            6 => Self::StairsEven,
            7 => Self::StairsLight,
            8 => Self::StairsSwitch,
            9 => Self::StairsCarpet,
            10 => Self::StairsRails,
            11 => Self::KitchenReach,
            12 => Self::KitchenStool,
            13 => Self::BathMat,
            14 => Self::BathBars,
            15 => Self::BedLamp,
            16 => Self::BedNightlight,
            17 => Self::DoorSteps,
            18 => Self::Footwear,
            19 => Self::Phone,
            20 => Self::Alarm,
            number => Self::Newer { number },
        }
    }
}

impl From<HomeSafetyQuestion> for i32 {
    fn from(word: HomeSafetyQuestion) -> Self {
        match word {
            HomeSafetyQuestion::Unspecified => 0,
            HomeSafetyQuestion::FloorsFurniture => 1,
            HomeSafetyQuestion::FloorsRugs => 2,
            HomeSafetyQuestion::FloorsObjects => 3,
            HomeSafetyQuestion::FloorsCords => 4,
            HomeSafetyQuestion::StairsObjects => 5,
            HomeSafetyQuestion::StairsEven => 6,
            HomeSafetyQuestion::StairsLight => 7,
            HomeSafetyQuestion::StairsSwitch => 8,
            HomeSafetyQuestion::StairsCarpet => 9,
            HomeSafetyQuestion::StairsRails => 10,
            HomeSafetyQuestion::KitchenReach => 11,
            HomeSafetyQuestion::KitchenStool => 12,
            HomeSafetyQuestion::BathMat => 13,
            HomeSafetyQuestion::BathBars => 14,
            HomeSafetyQuestion::BedLamp => 15,
            HomeSafetyQuestion::BedNightlight => 16,
            HomeSafetyQuestion::DoorSteps => 17,
            HomeSafetyQuestion::Footwear => 18,
            HomeSafetyQuestion::Phone => 19,
            HomeSafetyQuestion::Alarm => 20,
            HomeSafetyQuestion::Newer { number } => number,
        }
    }
}

/// Kind of imaging.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ImagingModality {
    Unspecified,
    Xray,
    Ct,
    Mri,
    BoneScan,
    PetCt,
    Dxa,
    Ultrasound,
    Other,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for ImagingModality {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Xray,
            2 => Self::Ct,
            3 => Self::Mri,
            4 => Self::BoneScan,
            5 => Self::PetCt,
            6 => Self::Dxa,
            7 => Self::Ultrasound,
            8 => Self::Other,
            number => Self::Newer { number },
        }
    }
}

impl From<ImagingModality> for i32 {
    fn from(word: ImagingModality) -> Self {
        match word {
            ImagingModality::Unspecified => 0,
            ImagingModality::Xray => 1,
            ImagingModality::Ct => 2,
            ImagingModality::Mri => 3,
            ImagingModality::BoneScan => 4,
            ImagingModality::PetCt => 5,
            ImagingModality::Dxa => 6,
            ImagingModality::Ultrasound => 7,
            ImagingModality::Other => 8,
            ImagingModality::Newer { number } => number,
        }
    }
}

/// What became of a planned intake.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum IntakeStatus {
    Unspecified,
    Taken,
    Skipped,
    Late,
    Vomited,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for IntakeStatus {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Taken,
            2 => Self::Skipped,
            3 => Self::Late,
            4 => Self::Vomited,
            number => Self::Newer { number },
        }
    }
}

impl From<IntakeStatus> for i32 {
    fn from(word: IntakeStatus) -> Self {
        match word {
            IntakeStatus::Unspecified => 0,
            IntakeStatus::Taken => 1,
            IntakeStatus::Skipped => 2,
            IntakeStatus::Late => 3,
            IntakeStatus::Vomited => 4,
            IntakeStatus::Newer { number } => number,
        }
    }
}

/// What it was taken with.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum IntakeWith {
    Unspecified,
    Water,
    Food,
    Dairy,
    Coffee,
    OtherMeds,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for IntakeWith {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Water,
            2 => Self::Food,
            3 => Self::Dairy,
            4 => Self::Coffee,
            5 => Self::OtherMeds,
            number => Self::Newer { number },
        }
    }
}

impl From<IntakeWith> for i32 {
    fn from(word: IntakeWith) -> Self {
        match word {
            IntakeWith::Unspecified => 0,
            IntakeWith::Water => 1,
            IntakeWith::Food => 2,
            IntakeWith::Dairy => 3,
            IntakeWith::Coffee => 4,
            IntakeWith::OtherMeds => 5,
            IntakeWith::Newer { number } => number,
        }
    }
}

/// What was done against the pain.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum InterventionKind {
    Unspecified,
    Rt,
    NerveBlock,
    Vertebroplasty,
    Surgery,
    Other,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for InterventionKind {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Rt,
            2 => Self::NerveBlock,
            3 => Self::Vertebroplasty,
            4 => Self::Surgery,
            5 => Self::Other,
            number => Self::Newer { number },
        }
    }
}

impl From<InterventionKind> for i32 {
    fn from(word: InterventionKind) -> Self {
        match word {
            InterventionKind::Unspecified => 0,
            InterventionKind::Rt => 1,
            InterventionKind::NerveBlock => 2,
            InterventionKind::Vertebroplasty => 3,
            InterventionKind::Surgery => 4,
            InterventionKind::Other => 5,
            InterventionKind::Newer { number } => number,
        }
    }
}

/// Size of the lesion as a fraction of the bone's diameter (Mirels).
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum LesionSize {
    Unspecified,
    Lt13,
    N13To23,
    Gt23,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for LesionSize {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Lt13,
            2 => Self::N13To23,
            3 => Self::Gt23,
            number => Self::Newer { number },
        }
    }
}

impl From<LesionSize> for i32 {
    fn from(word: LesionSize) -> Self {
        match word {
            LesionSize::Unspecified => 0,
            LesionSize::Lt13 => 1,
            LesionSize::N13To23 => 2,
            LesionSize::Gt23 => 3,
            LesionSize::Newer { number } => number,
        }
    }
}

/// State of a lesion.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum LesionStatus {
    Unspecified,
    Suspected,
    Confirmed,
    TreatedRt,
    Stabilised,
    Healed,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for LesionStatus {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Suspected,
            2 => Self::Confirmed,
            3 => Self::TreatedRt,
            4 => Self::Stabilised,
            5 => Self::Healed,
            number => Self::Newer { number },
        }
    }
}

impl From<LesionStatus> for i32 {
    fn from(word: LesionStatus) -> Self {
        match word {
            LesionStatus::Unspecified => 0,
            LesionStatus::Suspected => 1,
            LesionStatus::Confirmed => 2,
            LesionStatus::TreatedRt => 3,
            LesionStatus::Stabilised => 4,
            LesionStatus::Healed => 5,
            LesionStatus::Newer { number } => number,
        }
    }
}

/// How the lesion looks.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum LesionType {
    Unspecified,
    Blastic,
    Mixed,
    Lytic,
    Unknown,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for LesionType {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Blastic,
            2 => Self::Mixed,
            3 => Self::Lytic,
            4 => Self::Unknown,
            number => Self::Newer { number },
        }
    }
}

impl From<LesionType> for i32 {
    fn from(word: LesionType) -> Self {
        match word {
            LesionType::Unspecified => 0,
            LesionType::Blastic => 1,
            LesionType::Mixed => 2,
            LesionType::Lytic => 3,
            LesionType::Unknown => 4,
            LesionType::Newer { number } => number,
        }
    }
}

/// A limb.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Limb {
    Unspecified,
    LeftArm,
    RightArm,
    LeftLeg,
    RightLeg,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for Limb {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::LeftArm,
            2 => Self::RightArm,
            3 => Self::LeftLeg,
            4 => Self::RightLeg,
            number => Self::Newer { number },
        }
    }
}

impl From<Limb> for i32 {
    fn from(word: Limb) -> Self {
        match word {
            Limb::Unspecified => 0,
            Limb::LeftArm => 1,
            Limb::RightArm => 2,
            Limb::LeftLeg => 3,
            Limb::RightLeg => 4,
            Limb::Newer { number } => number,
        }
    }
}

/// Which meal it was.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum MealKind {
    Unspecified,
    Breakfast,
    Lunch,
    Dinner,
    Snack,
    Drink,
    SupplementDrink,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for MealKind {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Breakfast,
            2 => Self::Lunch,
            3 => Self::Dinner,
            4 => Self::Snack,
            5 => Self::Drink,
            6 => Self::SupplementDrink,
            number => Self::Newer { number },
        }
    }
}

impl From<MealKind> for i32 {
    fn from(word: MealKind) -> Self {
        match word {
            MealKind::Unspecified => 0,
            MealKind::Breakfast => 1,
            MealKind::Lunch => 2,
            MealKind::Dinner => 3,
            MealKind::Snack => 4,
            MealKind::Drink => 5,
            MealKind::SupplementDrink => 6,
            MealKind::Newer { number } => number,
        }
    }
}

/// What the rules ask a medicine for.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum MedicineKind {
    Unspecified,
    Opioid,
    Sedative,
    Antihypertensive,
    AcidSuppressant,
    Thiazide,
    Warfarin,
    Digoxin,
    Levothyroxine,
    Quinolone,
    Tetracycline,
    Nsaid,
    Iron,
    Other,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for MedicineKind {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Opioid,
            2 => Self::Sedative,
            3 => Self::Antihypertensive,
            4 => Self::AcidSuppressant,
            5 => Self::Thiazide,
            6 => Self::Warfarin,
            7 => Self::Digoxin,
            8 => Self::Levothyroxine,
            9 => Self::Quinolone,
            10 => Self::Tetracycline,
            11 => Self::Nsaid,
            12 => Self::Iron,
            13 => Self::Other,
            number => Self::Newer { number },
        }
    }
}

impl From<MedicineKind> for i32 {
    fn from(word: MedicineKind) -> Self {
        match word {
            MedicineKind::Unspecified => 0,
            MedicineKind::Opioid => 1,
            MedicineKind::Sedative => 2,
            MedicineKind::Antihypertensive => 3,
            MedicineKind::AcidSuppressant => 4,
            MedicineKind::Thiazide => 5,
            MedicineKind::Warfarin => 6,
            MedicineKind::Digoxin => 7,
            MedicineKind::Levothyroxine => 8,
            MedicineKind::Quinolone => 9,
            MedicineKind::Tetracycline => 10,
            MedicineKind::Nsaid => 11,
            MedicineKind::Iron => 12,
            MedicineKind::Other => 13,
            MedicineKind::Newer { number } => number,
        }
    }
}

/// State of a line of medicine.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum MedicineStatus {
    Unspecified,
    Active,
    Held,
    Stopped,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for MedicineStatus {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Active,
            2 => Self::Held,
            3 => Self::Stopped,
            number => Self::Newer { number },
        }
    }
}

impl From<MedicineStatus> for i32 {
    fn from(word: MedicineStatus) -> Self {
        match word {
            MedicineStatus::Unspecified => 0,
            MedicineStatus::Active => 1,
            MedicineStatus::Held => 2,
            MedicineStatus::Stopped => 3,
            MedicineStatus::Newer { number } => number,
        }
    }
}

/// Whether and how the menopause came.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum MenopausalStatus {
    Unspecified,
    Pre,
    Peri,
    Post,
    PostInduced,
    Na,
    Unknown,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for MenopausalStatus {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Pre,
            2 => Self::Peri,
            3 => Self::Post,
            4 => Self::PostInduced,
            5 => Self::Na,
            6 => Self::Unknown,
            number => Self::Newer { number },
        }
    }
}

impl From<MenopausalStatus> for i32 {
    fn from(word: MenopausalStatus) -> Self {
        match word {
            MenopausalStatus::Unspecified => 0,
            MenopausalStatus::Pre => 1,
            MenopausalStatus::Peri => 2,
            MenopausalStatus::Post => 3,
            MenopausalStatus::PostInduced => 4,
            MenopausalStatus::Na => 5,
            MenopausalStatus::Unknown => 6,
            MenopausalStatus::Newer { number } => number,
        }
    }
}

/// Pain of the Mirels score.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum MirelsPain {
    Unspecified,
    Mild,
    Moderate,
    Functional,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for MirelsPain {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Mild,
            2 => Self::Moderate,
            3 => Self::Functional,
            number => Self::Newer { number },
        }
    }
}

impl From<MirelsPain> for i32 {
    fn from(word: MirelsPain) -> Self {
        match word {
            MirelsPain::Unspecified => 0,
            MirelsPain::Mild => 1,
            MirelsPain::Moderate => 2,
            MirelsPain::Functional => 3,
            MirelsPain::Newer { number } => number,
        }
    }
}

/// What is looked at. The label of the record follows it.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum MonitoringKind {
    Unspecified,
    Dxa,
    Ca,
    Creatinine,
    VitaminD,
    Mg,
    Po4,
    Btm,
    Dental,
    Imaging,
    Visit,
    Weight,
    Functional,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for MonitoringKind {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Dxa,
            2 => Self::Ca,
            3 => Self::Creatinine,
            4 => Self::VitaminD,
            5 => Self::Mg,
            6 => Self::Po4,
            7 => Self::Btm,
            8 => Self::Dental,
            9 => Self::Imaging,
            10 => Self::Visit,
            11 => Self::Weight,
            12 => Self::Functional,
            number => Self::Newer { number },
        }
    }
}

impl From<MonitoringKind> for i32 {
    fn from(word: MonitoringKind) -> Self {
        match word {
            MonitoringKind::Unspecified => 0,
            MonitoringKind::Dxa => 1,
            MonitoringKind::Ca => 2,
            MonitoringKind::Creatinine => 3,
            MonitoringKind::VitaminD => 4,
            MonitoringKind::Mg => 5,
            MonitoringKind::Po4 => 6,
            MonitoringKind::Btm => 7,
            MonitoringKind::Dental => 8,
            MonitoringKind::Imaging => 9,
            MonitoringKind::Visit => 10,
            MonitoringKind::Weight => 11,
            MonitoringKind::Functional => 12,
            MonitoringKind::Newer { number } => number,
        }
    }
}

/// What the mouth shows.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum MouthSign {
    Unspecified,
    ExposedBone,
    Pus,
    NumbChin,
    LooseTooth,
    Sore,
    Bleeding,
    SocketOpen,
    None,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for MouthSign {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::ExposedBone,
            2 => Self::Pus,
            3 => Self::NumbChin,
            4 => Self::LooseTooth,
            5 => Self::Sore,
            6 => Self::Bleeding,
            7 => Self::SocketOpen,
            8 => Self::None,
            number => Self::Newer { number },
        }
    }
}

impl From<MouthSign> for i32 {
    fn from(word: MouthSign) -> Self {
        match word {
            MouthSign::Unspecified => 0,
            MouthSign::ExposedBone => 1,
            MouthSign::Pus => 2,
            MouthSign::NumbChin => 3,
            MouthSign::LooseTooth => 4,
            MouthSign::Sore => 5,
            MouthSign::Bleeding => 6,
            MouthSign::SocketOpen => 7,
            MouthSign::None => 8,
            MouthSign::Newer { number } => number,
        }
    }
}

/// What helps besides medicines.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum NonDrugMeasure {
    Unspecified,
    Heat,
    Tens,
    Positioning,
    Movement,
    Relaxation,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for NonDrugMeasure {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Heat,
            2 => Self::Tens,
            3 => Self::Positioning,
            4 => Self::Movement,
            5 => Self::Relaxation,
            number => Self::Newer { number },
        }
    }
}

impl From<NonDrugMeasure> for i32 {
    fn from(word: NonDrugMeasure) -> Self {
        match word {
            NonDrugMeasure::Unspecified => 0,
            NonDrugMeasure::Heat => 1,
            NonDrugMeasure::Tens => 2,
            NonDrugMeasure::Positioning => 3,
            NonDrugMeasure::Movement => 4,
            NonDrugMeasure::Relaxation => 5,
            NonDrugMeasure::Newer { number } => number,
        }
    }
}

/// What a notice is about.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum NoticeKind {
    Unspecified,
    /// The account was taken out of the circle, or its consent ended.
    Removal,
    /// The account was granted something.
    Grant,
    /// A clinician read behind broken glass: `record` is the entry.
    BreakGlass,
    /// A change of the account that waited for a person was decided: `record` is what it wrote to.
    Quarantine,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for NoticeKind {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Removal,
            2 => Self::Grant,
            3 => Self::BreakGlass,
            4 => Self::Quarantine,
            number => Self::Newer { number },
        }
    }
}

impl From<NoticeKind> for i32 {
    fn from(word: NoticeKind) -> Self {
        match word {
            NoticeKind::Unspecified => 0,
            NoticeKind::Removal => 1,
            NoticeKind::Grant => 2,
            NoticeKind::BreakGlass => 3,
            NoticeKind::Quarantine => 4,
            NoticeKind::Newer { number } => number,
        }
    }
}

/// State of the plan.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum NutritionPlanStatus {
    Unspecified,
    Draft,
    Active,
    Ended,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for NutritionPlanStatus {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Draft,
            2 => Self::Active,
            3 => Self::Ended,
            number => Self::Newer { number },
        }
    }
}

impl From<NutritionPlanStatus> for i32 {
    fn from(word: NutritionPlanStatus) -> Self {
        match word {
            NutritionPlanStatus::Unspecified => 0,
            NutritionPlanStatus::Draft => 1,
            NutritionPlanStatus::Active => 2,
            NutritionPlanStatus::Ended => 3,
            NutritionPlanStatus::Newer { number } => number,
        }
    }
}

/// How the pain depends on load.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum PainLoading {
    Unspecified,
    None,
    AtRest,
    WorseOnMovement,
    WorseOnWeightBearingOrUse,
    RelievedLying,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for PainLoading {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::None,
            2 => Self::AtRest,
            3 => Self::WorseOnMovement,
            4 => Self::WorseOnWeightBearingOrUse,
            5 => Self::RelievedLying,
            number => Self::Newer { number },
        }
    }
}

impl From<PainLoading> for i32 {
    fn from(word: PainLoading) -> Self {
        match word {
            PainLoading::Unspecified => 0,
            PainLoading::None => 1,
            PainLoading::AtRest => 2,
            PainLoading::WorseOnMovement => 3,
            PainLoading::WorseOnWeightBearingOrUse => 4,
            PainLoading::RelievedLying => 5,
            PainLoading::Newer { number } => number,
        }
    }
}

/// What the pain is like.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum PainQuality {
    Unspecified,
    Aching,
    Sharp,
    Burning,
    Shooting,
    BandLike,
    Cramping,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for PainQuality {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Aching,
            2 => Self::Sharp,
            3 => Self::Burning,
            4 => Self::Shooting,
            5 => Self::BandLike,
            6 => Self::Cramping,
            number => Self::Newer { number },
        }
    }
}

impl From<PainQuality> for i32 {
    fn from(word: PainQuality) -> Self {
        match word {
            PainQuality::Unspecified => 0,
            PainQuality::Aching => 1,
            PainQuality::Sharp => 2,
            PainQuality::Burning => 3,
            PainQuality::Shooting => 4,
            PainQuality::BandLike => 5,
            PainQuality::Cramping => 6,
            PainQuality::Newer { number } => number,
        }
    }
}

/// How much of it was eaten.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum PortionEaten {
    Unspecified,
    None,
    Quarter,
    Half,
    ThreeQuarters,
    All,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for PortionEaten {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::None,
            2 => Self::Quarter,
            3 => Self::Half,
            4 => Self::ThreeQuarters,
            5 => Self::All,
            number => Self::Newer { number },
        }
    }
}

impl From<PortionEaten> for i32 {
    fn from(word: PortionEaten) -> Self {
        match word {
            PortionEaten::Unspecified => 0,
            PortionEaten::None => 1,
            PortionEaten::Quarter => 2,
            PortionEaten::Half => 3,
            PortionEaten::ThreeQuarters => 4,
            PortionEaten::All => 5,
            PortionEaten::Newer { number } => number,
        }
    }
}

/// Involvement of the posterolateral elements (SINS).
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum PosterolateralInvolvement {
    Unspecified,
    None,
    Unilateral,
    Bilateral,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for PosterolateralInvolvement {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::None,
            2 => Self::Unilateral,
            3 => Self::Bilateral,
            number => Self::Newer { number },
        }
    }
}

impl From<PosterolateralInvolvement> for i32 {
    fn from(word: PosterolateralInvolvement) -> Self {
        match word {
            PosterolateralInvolvement::Unspecified => 0,
            PosterolateralInvolvement::None => 1,
            PosterolateralInvolvement::Unilateral => 2,
            PosterolateralInvolvement::Bilateral => 3,
            PosterolateralInvolvement::Newer { number } => number,
        }
    }
}

/// Where a result lies.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ResultBand {
    Unspecified,
    Low,
    InRange,
    High,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for ResultBand {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Low,
            2 => Self::InRange,
            3 => Self::High,
            number => Self::Newer { number },
        }
    }
}

impl From<ResultBand> for i32 {
    fn from(word: ResultBand) -> Self {
        match word {
            ResultBand::Unspecified => 0,
            ResultBand::Low => 1,
            ResultBand::InRange => 2,
            ResultBand::High => 3,
            ResultBand::Newer { number } => number,
        }
    }
}

/// Who somebody is in one circle. Source: care specification, roles.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Role {
    Unspecified,
    /// PT. The person whose bones these are.
    Patient,
    /// CG. Family or friend, reads what the patient granted by name.
    Caregiver,
    /// DI. Owner of the nutrition plan.
    Dietitian,
    /// PH. Owner of the exercise plan.
    Physiotherapist,
    /// ON. Oncologist or other physician, the specialty is an attribute. Owner of the bone drug plan.
    Physician,
    /// NU. Nurse coordinator.
    Nurse,
    /// AD. People and devices, no clinical data.
    ClinicAdmin,
    /// SYS. The server's own replica (rules, derived parts). Never a person.
    System,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for Role {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Patient,
            2 => Self::Caregiver,
            3 => Self::Dietitian,
            4 => Self::Physiotherapist,
            5 => Self::Physician,
            6 => Self::Nurse,
            7 => Self::ClinicAdmin,
            8 => Self::System,
            number => Self::Newer { number },
        }
    }
}

impl From<Role> for i32 {
    fn from(word: Role) -> Self {
        match word {
            Role::Unspecified => 0,
            Role::Patient => 1,
            Role::Caregiver => 2,
            Role::Dietitian => 3,
            Role::Physiotherapist => 4,
            Role::Physician => 5,
            Role::Nurse => 6,
            Role::ClinicAdmin => 7,
            Role::System => 8,
            Role::Newer { number } => number,
        }
    }
}

/// Why a supplement must be held, whatever its state says.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SafetyHold {
    Unspecified,
    Hypercalcaemia,
    Allergy,
    Interaction,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for SafetyHold {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Hypercalcaemia,
            2 => Self::Allergy,
            3 => Self::Interaction,
            number => Self::Newer { number },
        }
    }
}

impl From<SafetyHold> for i32 {
    fn from(word: SafetyHold) -> Self {
        match word {
            SafetyHold::Unspecified => 0,
            SafetyHold::Hypercalcaemia => 1,
            SafetyHold::Allergy => 2,
            SafetyHold::Interaction => 3,
            SafetyHold::Newer { number } => number,
        }
    }
}

/// Which reference values apply. Never inferred.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SexForReference {
    Unspecified,
    F,
    M,
    Unknown,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for SexForReference {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::F,
            2 => Self::M,
            3 => Self::Unknown,
            number => Self::Newer { number },
        }
    }
}

impl From<SexForReference> for i32 {
    fn from(word: SexForReference) -> Self {
        match word {
            SexForReference::Unspecified => 0,
            SexForReference::F => 1,
            SexForReference::M => 2,
            SexForReference::Unknown => 3,
            SexForReference::Newer { number } => number,
        }
    }
}

/// Side of the body.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Side {
    Unspecified,
    Left,
    Right,
    Both,
    Midline,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for Side {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Left,
            2 => Self::Right,
            3 => Self::Both,
            4 => Self::Midline,
            number => Self::Newer { number },
        }
    }
}

impl From<Side> for i32 {
    fn from(word: Side) -> Self {
        match word {
            Side::Unspecified => 0,
            Side::Left => 1,
            Side::Right => 2,
            Side::Both => 3,
            Side::Midline => 4,
            Side::Newer { number } => number,
        }
    }
}

/// Pain of the Spinal Instability Neoplastic Score.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SinsPain {
    Unspecified,
    None,
    NonMechanical,
    Mechanical,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for SinsPain {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::None,
            2 => Self::NonMechanical,
            3 => Self::Mechanical,
            number => Self::Newer { number },
        }
    }
}

impl From<SinsPain> for i32 {
    fn from(word: SinsPain) -> Self {
        match word {
            SinsPain::Unspecified => 0,
            SinsPain::None => 1,
            SinsPain::NonMechanical => 2,
            SinsPain::Mechanical => 3,
            SinsPain::Newer { number } => number,
        }
    }
}

/// How much skin the sun reached.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SkinExposed {
    Unspecified,
    FaceAndHands,
    Arms,
    ArmsAndLegs,
    MostOfTheBody,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for SkinExposed {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::FaceAndHands,
            2 => Self::Arms,
            3 => Self::ArmsAndLegs,
            4 => Self::MostOfTheBody,
            number => Self::Newer { number },
        }
    }
}

impl From<SkinExposed> for i32 {
    fn from(word: SkinExposed) -> Self {
        match word {
            SkinExposed::Unspecified => 0,
            SkinExposed::FaceAndHands => 1,
            SkinExposed::Arms => 2,
            SkinExposed::ArmsAndLegs => 3,
            SkinExposed::MostOfTheBody => 4,
            SkinExposed::Newer { number } => number,
        }
    }
}

/// Whether the person smokes.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SmokingStatus {
    Unspecified,
    Never,
    Former,
    Current,
    Unknown,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for SmokingStatus {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Never,
            2 => Self::Former,
            3 => Self::Current,
            4 => Self::Unknown,
            number => Self::Newer { number },
        }
    }
}

impl From<SmokingStatus> for i32 {
    fn from(word: SmokingStatus) -> Self {
        match word {
            SmokingStatus::Unspecified => 0,
            SmokingStatus::Never => 1,
            SmokingStatus::Former => 2,
            SmokingStatus::Current => 3,
            SmokingStatus::Unknown => 4,
            SmokingStatus::Newer { number } => number,
        }
    }
}

/// Where an entry comes from.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Source {
    Unspecified,
    Manual,
    Device,
    Imported,
    Clinician,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for Source {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Manual,
            2 => Self::Device,
            3 => Self::Imported,
            4 => Self::Clinician,
            number => Self::Newer { number },
        }
    }
}

impl From<Source> for i32 {
    fn from(word: Source) -> Self {
        match word {
            Source::Unspecified => 0,
            Source::Manual => 1,
            Source::Device => 2,
            Source::Imported => 3,
            Source::Clinician => 4,
            Source::Newer { number } => number,
        }
    }
}

/// Specialty of a clinician.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Specialty {
    Unspecified,
    Oncology,
    Endocrinology,
    PrimaryCare,
    Orthopaedics,
    Radiotherapy,
    PalliativeCare,
    Dentistry,
    Other,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for Specialty {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Oncology,
            2 => Self::Endocrinology,
            3 => Self::PrimaryCare,
            4 => Self::Orthopaedics,
            5 => Self::Radiotherapy,
            6 => Self::PalliativeCare,
            7 => Self::Dentistry,
            8 => Self::Other,
            number => Self::Newer { number },
        }
    }
}

impl From<Specialty> for i32 {
    fn from(word: Specialty) -> Self {
        match word {
            Specialty::Unspecified => 0,
            Specialty::Oncology => 1,
            Specialty::Endocrinology => 2,
            Specialty::PrimaryCare => 3,
            Specialty::Orthopaedics => 4,
            Specialty::Radiotherapy => 5,
            Specialty::PalliativeCare => 6,
            Specialty::Dentistry => 7,
            Specialty::Other => 8,
            Specialty::Newer { number } => number,
        }
    }
}

/// Alignment of the spine (SINS).
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SpinalAlignment {
    Unspecified,
    Normal,
    Deformity,
    Subluxation,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for SpinalAlignment {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Normal,
            2 => Self::Deformity,
            3 => Self::Subluxation,
            number => Self::Newer { number },
        }
    }
}

impl From<SpinalAlignment> for i32 {
    fn from(word: SpinalAlignment) -> Self {
        match word {
            SpinalAlignment::Unspecified => 0,
            SpinalAlignment::Normal => 1,
            SpinalAlignment::Deformity => 2,
            SpinalAlignment::Subluxation => 3,
            SpinalAlignment::Newer { number } => number,
        }
    }
}

/// Features of spinal pain that ask for a fast answer. Source: NICE NG234.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SpineFeature {
    Unspecified,
    SevereUnremitting,
    Progressive,
    Mechanical,
    Straining,
    Night,
    Tender,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for SpineFeature {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::SevereUnremitting,
            2 => Self::Progressive,
            3 => Self::Mechanical,
            4 => Self::Straining,
            5 => Self::Night,
            6 => Self::Tender,
            number => Self::Newer { number },
        }
    }
}

impl From<SpineFeature> for i32 {
    fn from(word: SpineFeature) -> Self {
        match word {
            SpineFeature::Unspecified => 0,
            SpineFeature::SevereUnremitting => 1,
            SpineFeature::Progressive => 2,
            SpineFeature::Mechanical => 3,
            SpineFeature::Straining => 4,
            SpineFeature::Night => 5,
            SpineFeature::Tender => 6,
            SpineFeature::Newer { number } => number,
        }
    }
}

/// Why the session ended.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum StopReason {
    Unspecified,
    Completed,
    PlannedEnd,
    Pain,
    Fatigue,
    Breathlessness,
    Dizziness,
    Fall,
    Symptom,
    Equipment,
    Time,
    Other,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for StopReason {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Completed,
            2 => Self::PlannedEnd,
            3 => Self::Pain,
            4 => Self::Fatigue,
            5 => Self::Breathlessness,
            6 => Self::Dizziness,
            7 => Self::Fall,
            8 => Self::Symptom,
            9 => Self::Equipment,
            10 => Self::Time,
            11 => Self::Other,
            number => Self::Newer { number },
        }
    }
}

impl From<StopReason> for i32 {
    fn from(word: StopReason) -> Self {
        match word {
            StopReason::Unspecified => 0,
            StopReason::Completed => 1,
            StopReason::PlannedEnd => 2,
            StopReason::Pain => 3,
            StopReason::Fatigue => 4,
            StopReason::Breathlessness => 5,
            StopReason::Dizziness => 6,
            StopReason::Fall => 7,
            StopReason::Symptom => 8,
            StopReason::Equipment => 9,
            StopReason::Time => 10,
            StopReason::Other => 11,
            StopReason::Newer { number } => number,
        }
    }
}

/// State of a line of supplements.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SupplementStatus {
    Unspecified,
    Active,
    Hold,
    Stopped,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for SupplementStatus {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Active,
            2 => Self::Hold,
            3 => Self::Stopped,
            number => Self::Newer { number },
        }
    }
}

impl From<SupplementStatus> for i32 {
    fn from(word: SupplementStatus) -> Self {
        match word {
            SupplementStatus::Unspecified => 0,
            SupplementStatus::Active => 1,
            SupplementStatus::Hold => 2,
            SupplementStatus::Stopped => 3,
            SupplementStatus::Newer { number } => number,
        }
    }
}

/// Signs during activity after which it must stop.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SymptomDuring {
    Unspecified,
    ChestPain,
    Fainting,
    SevereBreathlessness,
    SuddenBonePain,
    NewNeurologicalSign,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for SymptomDuring {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::ChestPain,
            2 => Self::Fainting,
            3 => Self::SevereBreathlessness,
            4 => Self::SuddenBonePain,
            5 => Self::NewNeurologicalSign,
            number => Self::Newer { number },
        }
    }
}

impl From<SymptomDuring> for i32 {
    fn from(word: SymptomDuring) -> Self {
        match word {
            SymptomDuring::Unspecified => 0,
            SymptomDuring::ChestPain => 1,
            SymptomDuring::Fainting => 2,
            SymptomDuring::SevereBreathlessness => 3,
            SymptomDuring::SuddenBonePain => 4,
            SymptomDuring::NewNeurologicalSign => 5,
            SymptomDuring::Newer { number } => number,
        }
    }
}

/// Whether a task was done.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum TaskStatus {
    Unspecified,
    Open,
    Done,
    Skipped,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for TaskStatus {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Open,
            2 => Self::Done,
            3 => Self::Skipped,
            number => Self::Newer { number },
        }
    }
}

impl From<TaskStatus> for i32 {
    fn from(word: TaskStatus) -> Self {
        match word {
            TaskStatus::Unspecified => 0,
            TaskStatus::Open => 1,
            TaskStatus::Done => 2,
            TaskStatus::Skipped => 3,
            TaskStatus::Newer { number } => number,
        }
    }
}

/// How hard the blow was that broke the bone.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Trauma {
    Unspecified,
    Low,
    High,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for Trauma {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Low,
            2 => Self::High,
            number => Self::Newer { number },
        }
    }
}

impl From<Trauma> for i32 {
    fn from(word: Trauma) -> Self {
        match word {
            Trauma::Unspecified => 0,
            Trauma::Low => 1,
            Trauma::High => 2,
            Trauma::Newer { number } => number,
        }
    }
}

/// What kind of treatment.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum TreatmentKind {
    Unspecified,
    Adt,
    Ai,
    Chemo,
    Targeted,
    Immuno,
    Radiotherapy,
    Surgery,
    Radionuclide,
    Glucocorticoid,
    Other,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for TreatmentKind {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Adt,
            2 => Self::Ai,
            3 => Self::Chemo,
            4 => Self::Targeted,
            5 => Self::Immuno,
            6 => Self::Radiotherapy,
            7 => Self::Surgery,
            8 => Self::Radionuclide,
            9 => Self::Glucocorticoid,
            10 => Self::Other,
            number => Self::Newer { number },
        }
    }
}

impl From<TreatmentKind> for i32 {
    fn from(word: TreatmentKind) -> Self {
        match word {
            TreatmentKind::Unspecified => 0,
            TreatmentKind::Adt => 1,
            TreatmentKind::Ai => 2,
            TreatmentKind::Chemo => 3,
            TreatmentKind::Targeted => 4,
            TreatmentKind::Immuno => 5,
            TreatmentKind::Radiotherapy => 6,
            TreatmentKind::Surgery => 7,
            TreatmentKind::Radionuclide => 8,
            TreatmentKind::Glucocorticoid => 9,
            TreatmentKind::Other => 10,
            TreatmentKind::Newer { number } => number,
        }
    }
}

/// Yes, no, or asked and not known. Not answered at all is an absent field.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum TriState {
    Unspecified,
    Yes,
    No,
    Unknown,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for TriState {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Yes,
            2 => Self::No,
            3 => Self::Unknown,
            number => Self::Newer { number },
        }
    }
}

impl From<TriState> for i32 {
    fn from(word: TriState) -> Self {
        match word {
            TriState::Unspecified => 0,
            TriState::Yes => 1,
            TriState::No => 2,
            TriState::Unknown => 3,
            TriState::Newer { number } => number,
        }
    }
}

/// How far the person is in a trial.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum TrialStatus {
    Unspecified,
    Considering,
    Screening,
    Enrolled,
    FollowUp,
    Ended,
    Declined,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for TrialStatus {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Considering,
            2 => Self::Screening,
            3 => Self::Enrolled,
            4 => Self::FollowUp,
            5 => Self::Ended,
            6 => Self::Declined,
            number => Self::Newer { number },
        }
    }
}

impl From<TrialStatus> for i32 {
    fn from(word: TrialStatus) -> Self {
        match word {
            TrialStatus::Unspecified => 0,
            TrialStatus::Considering => 1,
            TrialStatus::Screening => 2,
            TrialStatus::Enrolled => 3,
            TrialStatus::FollowUp => 4,
            TrialStatus::Ended => 5,
            TrialStatus::Declined => 6,
            TrialStatus::Newer { number } => number,
        }
    }
}

/// Collapse of the vertebral body (SINS).
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum VertebralCollapse {
    Unspecified,
    None,
    NoneGt50Body,
    Lt50,
    Gt50,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for VertebralCollapse {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::None,
            2 => Self::NoneGt50Body,
            3 => Self::Lt50,
            4 => Self::Gt50,
            number => Self::Newer { number },
        }
    }
}

impl From<VertebralCollapse> for i32 {
    fn from(word: VertebralCollapse) -> Self {
        match word {
            VertebralCollapse::Unspecified => 0,
            VertebralCollapse::None => 1,
            VertebralCollapse::NoneGt50Body => 2,
            VertebralCollapse::Lt50 => 3,
            VertebralCollapse::Gt50 => 4,
            VertebralCollapse::Newer { number } => number,
        }
    }
}

/// What kind of appointment.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum VisitKind {
    Unspecified,
    Clinic,
    Telephone,
    Video,
    Home,
    Dose,
    Laboratory,
    Imaging,
    Dental,
    Physiotherapy,
    Dietitian,
    Treatment,
    Other,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for VisitKind {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Clinic,
            2 => Self::Telephone,
            3 => Self::Video,
            4 => Self::Home,
            5 => Self::Dose,
            6 => Self::Laboratory,
            7 => Self::Imaging,
            8 => Self::Dental,
            9 => Self::Physiotherapy,
            10 => Self::Dietitian,
            11 => Self::Treatment,
            12 => Self::Other,
            number => Self::Newer { number },
        }
    }
}

impl From<VisitKind> for i32 {
    fn from(word: VisitKind) -> Self {
        match word {
            VisitKind::Unspecified => 0,
            VisitKind::Clinic => 1,
            VisitKind::Telephone => 2,
            VisitKind::Video => 3,
            VisitKind::Home => 4,
            VisitKind::Dose => 5,
            VisitKind::Laboratory => 6,
            VisitKind::Imaging => 7,
            VisitKind::Dental => 8,
            VisitKind::Physiotherapy => 9,
            VisitKind::Dietitian => 10,
            VisitKind::Treatment => 11,
            VisitKind::Other => 12,
            VisitKind::Newer { number } => number,
        }
    }
}

/// How much weight a limb may bear. The strictest first.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum WeightBearingLevel {
    Unspecified,
    /// Non-weight-bearing.
    Nwb,
    /// Toe-touch.
    Ttwb,
    /// Partial.
    Pwb,
    /// As tolerated.
    Wbat,
    /// Full.
    Fwb,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for WeightBearingLevel {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Nwb,
            2 => Self::Ttwb,
            3 => Self::Pwb,
            4 => Self::Wbat,
            5 => Self::Fwb,
            number => Self::Newer { number },
        }
    }
}

impl From<WeightBearingLevel> for i32 {
    fn from(word: WeightBearingLevel) -> Self {
        match word {
            WeightBearingLevel::Unspecified => 0,
            WeightBearingLevel::Nwb => 1,
            WeightBearingLevel::Ttwb => 2,
            WeightBearingLevel::Pwb => 3,
            WeightBearingLevel::Wbat => 4,
            WeightBearingLevel::Fwb => 5,
            WeightBearingLevel::Newer { number } => number,
        }
    }
}

/// What makes a weight read higher than the body weighs.
#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum WeightCondition {
    Unspecified,
    Clothed,
    Oedema,
    /// A word of a newer app: kept as it came.
    Newer { number: i32 },
}

impl From<i32> for WeightCondition {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unspecified,
            1 => Self::Clothed,
            2 => Self::Oedema,
            number => Self::Newer { number },
        }
    }
}

impl From<WeightCondition> for i32 {
    fn from(word: WeightCondition) -> Self {
        match word {
            WeightCondition::Unspecified => 0,
            WeightCondition::Clothed => 1,
            WeightCondition::Oedema => 2,
            WeightCondition::Newer { number } => number,
        }
    }
}
