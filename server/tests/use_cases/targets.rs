//! ListTargets: what concerns a person, from which source, beside what the plan has set; what a member may not see, the
//! thresholds of the clinic, and that nothing is written.

use osteon_proto::{audit as pb_audit, care, meta, meta::Role, record, split, table::table, target as pb, task};
use osteon_server::{
    access::Caller,
    app::{audit, enrol::timestamp, records, settings, targets},
    error::{Error, Reason},
};
use prost::Message;

use crate::{
    access::{grant, remove, write},
    fixture::*,
};

/// The day of [`NOW`].
const TODAY: &str = "2025-11-24";
const GRANT: u32 = 263;
const NUTRITION: u32 = 221;
const SETTINGS: u32 = 461;
const THRESHOLD: u32 = 466;
/// The label of a result that is no scan.
const OF_LABORATORY: u32 = 1;

fn number(name: &str) -> u32 {
    table().by_name(name).expect("a type").number
}

fn asked(circle: u64, on: &str) -> pb::ListTargetsRequest {
    pb::ListTargetsRequest { circle, on: on.into(), utc_offset_min: Some(0) }
}

async fn try_list(kit: &Kit, who: &Caller, request: &pb::ListTargetsRequest) -> Result<pb::ListTargetsResponse, Error> {
    targets::list(&kit.app, who, request).await
}

async fn list(kit: &Kit, who: &Caller, circle: u64) -> pb::ListTargetsResponse {
    try_list(kit, who, &asked(circle, "")).await.expect("targets")
}

fn group(answer: &pb::ListTargetsResponse, topic: pb::TargetTopic) -> &pb::TargetGroup {
    answer.groups.iter().find(|group| group.topic() == topic).expect("every topic is there")
}

fn find<'a>(answer: &'a pb::ListTargetsResponse, id: &str) -> Option<&'a pb::Target> {
    answer.groups.iter().flat_map(|group| &group.targets).find(|target| target.id == id)
}

fn target<'a>(answer: &'a pb::ListTargetsResponse, id: &str) -> &'a pb::Target {
    find(answer, id).unwrap_or_else(|| panic!("{id} is not told"))
}

struct Team {
    no: u64,
    patient: Caller,
    physician: Caller,
    dietitian: Caller,
    nurse: Caller,
    circle: Circle,
}

async fn team(kit: &Kit, short_id: &str) -> Team {
    let roles = [Role::Patient, Role::Physician, Role::Dietitian, Role::Nurse];
    let circle = kit.circle(short_id, &roles).await;
    let [patient, physician, dietitian, nurse] = [0, 1, 2, 3].map(|at| kit.person(circle.people[at]));
    Team { no: circle.no, patient, physician, dietitian, nurse, circle }
}

fn moment(days_ago: u64) -> Option<care::Moment> {
    Some(care::Moment { at: Some(timestamp(NOW - days_ago * DAY)), utc_offset_min: Some(0), zone: None })
}

/// A woman of 67 on denosumab 120 mg, 62.45 kg, with a calcium in range.
async fn write_down(kit: &Kit, team: &Team) -> record::RecordView {
    let risk = care::RiskProfile {
        birth_date: Some("1958-11-24".into()),
        sex_for_reference: Some(care::SexForReference::F.into()),
        kidney_disease: Some(care::TriState::No.into()),
        heart_failure: Some(care::TriState::No.into()),
        primary_cancer: Some("254837009".into()),
        ..Default::default()
    };
    kit.create(&team.physician, team.no, number("P-RISK"), &risk).await.expect("made");
    let bone = care::BoneDrugPlan {
        agent: Some("denosumab".into()),
        dose: Some(120_000),
        dose_unit: Some("mg".into()),
        status: Some(care::BoneDrugStatus::Active.into()),
        interval_days: Some(28),
        ..Default::default()
    };
    kit.create(&team.physician, team.no, number("P-BONE"), &bone).await.expect("made");
    for (days_ago, hundredths) in [(200, 6_800), (3, 6_245)] {
        let weight =
            care::BodyWeight { effective_start: moment(days_ago), weight: Some(hundredths), ..Default::default() };
        kit.create(&team.patient, team.no, number("J08"), &weight).await.expect("made");
    }
    let calcium = care::LaboratoryResult {
        analyte: Some("calcium_adjusted".into()),
        value: Some(24_000),
        unit: Some("mmol/L".into()),
        specimen_time: moment(2),
        ..Default::default()
    };
    kit.create_under(&team.nurse, team.no, number("J20"), OF_LABORATORY, &calcium).await.expect("made");
    let food = care::NutritionPlan {
        status: Some(care::NutritionPlanStatus::Active.into()),
        calcium_mg_d_target: Some(1_000),
        protein_g_kg_d_max: Some(120),
        ..Default::default()
    };
    kit.create(&team.dietitian, team.no, NUTRITION, &food).await.expect("made")
}

/// What the plan keeps apart stands beside what sources say of it.
pub(crate) async fn hours_between_supplements_stand_beside_the_gaps_of_sources(kit: Kit) {
    let team = team(&kit, "d0001").await;
    let line = care::SupplementLine {
        product: Some("calcium_carbonate".into()),
        status: Some(care::SupplementStatus::Active.into()),
        ..Default::default()
    };
    let line = kit.create(&team.dietitian, team.no, number("P-SUP"), &line).await.expect("made");
    let apart = care::SupplementSeparation {
        parent: Some(id_of(&line).to_vec().into()),
        from_code: Some("levothyroxine".into()),
        hours: Some(40),
    };
    let apart = kit.create(&team.dietitian, team.no, number("P-SUP.separation"), &apart).await.expect("made");
    let answer = list(&kit, &team.patient, team.no).await;
    let gaps = group(&answer, pb::TargetTopic::Separation);
    assert!(gaps.targets.iter().any(|target| target.id == "separation.levothyroxine_calcium"));
    let [set] = gaps.plan.as_slice() else { panic!("{:?}", gaps.plan) };
    assert_eq!(
        (set.record_id.as_str(), set.field.as_str(), set.in_force),
        (apart.record_id.as_str(), "hours", Some(40))
    );
    assert_eq!((set.unit.as_str(), set.scale, set.subject.as_str()), ("h", 1, "calcium_carbonate and levothyroxine"));
    // Who may not read it is told what they would be told without it.
    let no = care::Grant {
        category: Some(care::GrantCategory::C07Nutrition.into()),
        ..grant(team.no, team.nurse.account, care::Decision::Deny)
    };
    kit.create(&team.patient, team.no, GRANT, &no).await.expect("denied");
    assert!(group(&list(&kit, &team.nurse, team.no).await, pb::TargetTopic::Separation).plan.is_empty());
}

pub(crate) async fn each_target_has_its_source_and_both_values_where_sources_disagree(kit: Kit) {
    let team = team(&kit, "d0001").await;
    let plan = write_down(&kit, &team).await;
    let answer = list(&kit, &team.patient, team.no).await;
    assert_eq!((answer.on.as_str(), answer.groups.len(), answer.version), (TODAY, 15, 1));
    for target in answer.groups.iter().flat_map(|group| &group.targets) {
        let source = &target.sources[0];
        assert!(!source.key.is_empty() && source.state() != meta::SourceState::Unspecified, "{}", target.id);
        assert!(!source.caution.is_empty() && !target.text.is_empty(), "{}", target.id);
        assert_eq!(target.fit() == pb::TargetFit::CannotTell, !target.missing.is_empty(), "{}", target.id);
    }

    let calcium = group(&answer, pb::TargetTopic::Calcium);
    assert!(calcium.disagrees);
    let label = target(&answer, "calcium.denosumab_120");
    assert_eq!((label.fit(), label.sources[0].key.as_str()), (pb::TargetFit::Applies, "XGEVA"));
    assert_eq!(label.amount.as_ref().and_then(|amount| amount.min).map(|min| (min.units, min.scale)), Some((500, 0)));
    let mut others = label.disagrees_with.clone();
    others.sort_unstable();
    assert_eq!(others, ["calcium.rda.women_51_70", "calcium.survivor"]);
    assert_eq!(target(&answer, "calcium.survivor").judged, ["at risk of a fracture"]);
    assert!(find(&answer, "calcium.rda.men_51_70").is_none() && find(&answer, "calcium.denosumab_60").is_none());
    let inputs: Vec<&str> = label.because.iter().map(|one| one.input.as_str()).collect();
    assert_eq!(inputs, ["J20.value of adjusted calcium", "P-BONE.agent"]);
    assert!(label.because.iter().all(|one| one.record_id.len() == 36));

    // Exact, of the newest weight.
    let day = &target(&answer, "protein.espen").per_day[0];
    let amount = day.amount.as_ref().expect("an amount");
    let ends = [amount.min, amount.max].map(|end| end.map(|end| (end.units, end.scale)));
    assert_eq!(ends, [Some((6_245, 2)), Some((93_675, 3))]);
    assert_eq!((day.weight_g, day.weighed.as_str(), amount.unit.as_str()), (62_450, "2025-11-21", "g/d"));

    // What the plan has set stands beside it, as it was set.
    let set = &calcium.plan[0];
    assert_eq!((set.record_id.as_str(), set.field.as_str()), (plan.record_id.as_str(), "calcium_mg_d_target"));
    assert_eq!((set.in_force, set.disputed, set.active), (Some(1_000), false, Some(true)));
    let protein = &group(&answer, pb::TargetTopic::Protein).plan[0];
    assert_eq!((protein.in_force, protein.scale, protein.unit.as_str()), (Some(120), 2, "g/kg/d"));
    let interval = &group(&answer, pb::TargetTopic::BoneDrug).plan[0];
    assert_eq!((interval.in_force, interval.subject.as_str()), (Some(28), "denosumab"));

    let rows = pb_audit::ListAccessRequest { circle: team.no, account: team.patient.account, ..Default::default() };
    let rows = audit::list(&kit.app, &team.patient, &rows).await.expect("audit").entries;
    let look = rows.iter().find(|row| row.action == "target.list").expect("audited");
    assert!(look.outcome == "ok" && look.categories.contains(&7) && look.kind() == pb_audit::AccessKind::Read);
}

pub(crate) async fn nothing_is_applied_and_a_dispute_shows_both_values(kit: Kit) {
    let team = team(&kit, "d0001").await;
    let made = write_down(&kit, &team).await;
    let (id, target_field) = (id_of(&made), field(&made, "calcium_mg_d_target").field);
    let mut one = kit.phone(&team.circle, 2, Role::Dietitian).await;
    let mut other = kit.phone(&team.circle, 1, Role::Physician).await;
    let food = |mg| care::NutritionPlan { calcium_mg_d_target: Some(mg), ..Default::default() };
    let shown = dots(&made, "calcium_mg_d_target");
    for (phone, mg) in [(&mut one, 1_200), (&mut other, 500)] {
        sequence(&kit.write(phone, team.no, edit(id, NUTRITION, &food(mg), target_field, shown.clone())).await);
    }
    let before = kit.get(&team.patient, team.no, id).await.expect("there");
    let answer = list(&kit, &team.patient, team.no).await;
    let set = &group(&answer, pb::TargetTopic::Calcium).plan[0];
    let live: Vec<Option<i64>> = set.live.iter().map(|version| version.value).collect();
    assert_eq!((live, set.disputed), (vec![Some(500), Some(1_200)], true));
    assert_eq!(set.in_force, Some(1_000), "what was agreed last, until they agree again");
    assert!(set.text.contains("in dispute"), "{}", set.text);
    let after = kit.get(&team.patient, team.no, id).await.expect("there");
    let versions = |view: &record::RecordView| dots(view, "calcium_mg_d_target");
    assert_eq!(versions(&before), versions(&after), "nothing was written");
    assert_eq!(dots(&after, "calcium_mg_d_target").len(), 2);

    // A plan that is empty stays empty.
    let other_team = self::team(&kit, "d0002").await;
    let bare = care::NutritionPlan { meals_per_day: Some(3), ..Default::default() };
    let made = kit.create(&other_team.dietitian, other_team.no, NUTRITION, &bare).await.expect("made");
    let answer = list(&kit, &other_team.dietitian, other_team.no).await;
    assert!(answer.groups.iter().all(|group| group.plan.is_empty()));
    let stands = kit.get(&other_team.dietitian, other_team.no, id_of(&made)).await.expect("there");
    assert_eq!(stands.fields.len(), made.fields.len());
}

/// Whoever may not read an input is told what they would be told if nobody had written it.
pub(crate) async fn what_is_not_shared_is_missing(kit: Kit) {
    let mut answers = Vec::new();
    for (short_id, wrote) in [("d0001", true), ("d0002", false)] {
        let team = team(&kit, short_id).await;
        if wrote {
            write_down(&kit, &team).await;
            assert_eq!(
                target(&list(&kit, &team.nurse, team.no).await, "calcium.denosumab_120").fit(),
                pb::TargetFit::Applies
            );
        }
        for who in [&team.nurse, &team.dietitian] {
            for category in 1..=18 {
                let no = grant(team.no, who.account, care::Decision::Deny);
                let no = care::Grant { category: Some(category), ..no };
                match kit.create(&team.patient, team.no, GRANT, &no).await {
                    Ok(_) => {}
                    // Nobody can open it to them anyway.
                    Err(error) => assert_eq!(error.reason(), Reason::GrantWithoutEffect, "{category}"),
                }
            }
        }
        for who in [&team.nurse, &team.dietitian] {
            let answer = list(&kit, who, team.no).await;
            assert_eq!(target(&answer, "calcium.denosumab_120").fit(), pb::TargetFit::CannotTell);
            assert!(answer.groups.iter().all(|group| group.plan.is_empty()));
            let because = answer.groups.iter().flat_map(|group| &group.targets).flat_map(|target| &target.because);
            assert_eq!(because.count(), 0);
            answers.push(pb::ListTargetsResponse { as_of: None, ..answer }.encode_to_vec());
        }
        let rows =
            pb_audit::ListAccessRequest { circle: team.no, account: team.dietitian.account, ..Default::default() };
        let rows = audit::list(&kit.app, &team.patient, &rows).await.expect("audit").entries;
        assert!(rows.iter().all(|row| row.action != "target.list"), "nothing left");
        let stranger = kit.person(kit.circle(&format!("{short_id}x"), &[Role::Patient]).await.people[0]);
        assert_eq!(reason(try_list(&kit, &stranger, &asked(team.no, "")).await), Reason::NotFound);
        remove(&kit, &team.patient, team.no, team.nurse.account, Role::Nurse).await;
        assert_eq!(reason(try_list(&kit, &team.nurse, &asked(team.no, "")).await), Reason::NotFound);
    }
    assert_eq!(answers[0], answers[2], "the nurse cannot tell");
    assert_eq!(answers[1], answers[3], "nor can the dietitian");
}

pub(crate) async fn one_category_that_is_not_shared_hides_its_inputs_alone(kit: Kit) {
    let team = team(&kit, "d0001").await;
    write_down(&kit, &team).await;
    let no = care::Grant {
        category: Some(care::GrantCategory::C04Medicines.into()),
        ..grant(team.no, team.nurse.account, care::Decision::Deny)
    };
    kit.create(&team.patient, team.no, GRANT, &no).await.expect("denied");
    let answer = list(&kit, &team.nurse, team.no).await;
    let drug = target(&answer, "calcium.denosumab_120");
    assert!(drug.missing.contains(&"P-BONE.agent".to_owned()), "{:?}", drug.missing);
    assert!(!drug.because.iter().any(|one| one.says.contains("denosumab")));
    assert!(group(&answer, pb::TargetTopic::BoneDrug).plan.is_empty());
    assert_eq!(target(&answer, "calcium.rda.women_51_70").fit(), pb::TargetFit::Applies);
    assert_eq!(group(&answer, pb::TargetTopic::Calcium).plan.len(), 1);
}

pub(crate) async fn a_threshold_of_the_clinic_is_in_force_and_the_others_are_shown(kit: Kit) {
    let roles = [Role::Patient, Role::Physician, Role::Dietitian, Role::Nurse, Role::ClinicAdmin];
    let circle = kit.circle("d0001", &roles).await;
    let (patient, physician, admin) =
        (kit.person(circle.people[0]), kit.person(circle.people[1]), kit.person(circle.people[4]));
    let pain = |answer: &pb::ListTargetsResponse| {
        let found = answer.thresholds.iter().find(|one| one.name == "severe_pain_nrs").expect("told").clone();
        let values: Vec<(i64, bool)> = found.values.iter().map(|value| (value.value, value.in_force)).collect();
        (values, found.set_by_clinic)
    };
    let before = list(&kit, &patient, circle.no).await;
    assert_eq!(pain(&before), (vec![(7, true), (8, false), (9, false)], false));
    let gap = before.thresholds.iter().find(|one| one.name == "calcium_after_bisphosphonate_min").expect("told");
    let keys: Vec<&str> = gap.values.iter().map(|value| value.said_by[0].key.as_str()).collect();
    assert_eq!(keys, ["ALN", "MIMS-CA"]);

    let own = settings::circle_of(&kit.app, kit.clinic).await.expect("founded");
    let create = |who: Caller, type_number: u32, bytes: Vec<u8>| {
        let body = Some(split::close(type_number, &bytes).into());
        let app = std::sync::Arc::clone(&kit.app);
        async move {
            let request = record::CreateRecordRequest { circle: own, body, ..Default::default() };
            records::create(&app, &who, &request).await.expect("set");
        }
    };
    create(admin, SETTINGS, care::ClinicSettings::default().encode_to_vec()).await;
    let threshold = care::RuleThreshold {
        parent: Some(settings::record_of(own).0.to_vec().into()),
        rule: Some("R-PAIN-1".into()),
        name: Some("severe_pain_nrs".into()),
        value: Some(8_000),
        ..Default::default()
    };
    create(physician, THRESHOLD, threshold.encode_to_vec()).await;
    // Another node may have written: what was read is believed for a second.
    kit.clock.advance(1_000);
    let after = list(&kit, &patient, circle.no).await;
    assert_eq!(pain(&after), (vec![(7, false), (8, true), (9, false)], true));
}

pub(crate) async fn ages_are_those_of_the_day_and_requests_have_limits(kit: Kit) {
    let team = team(&kit, "d0001").await;
    write_down(&kit, &team).await;
    let on = async |day: &str| try_list(&kit, &team.nurse, &asked(team.no, day)).await.expect("targets");
    // Seventy-one on 24 November 2029.
    assert!(find(&on("2029-11-23").await, "calcium.rda.women_51_70").is_some());
    let older = on("2029-11-24").await;
    assert!(find(&older, "calcium.rda.women_51_70").is_none() && find(&older, "calcium.rda.over_70").is_some());
    // By then the calcium is long ago, and the weight is the last one there is, with its day.
    assert_eq!(target(&older, "calcium.denosumab_120").missing, ["J20.value of adjusted calcium"]);
    assert_eq!(target(&older, "protein.espen").per_day[0].weighed, "2025-11-21");
    let past = on("2025-05-20").await;
    assert_eq!(target(&past, "protein.espen").per_day[0].weight_g, 68_000, "as it was then");
    let ahead =
        try_list(&kit, &team.nurse, &pb::ListTargetsRequest { utc_offset_min: Some(600), ..asked(team.no, "") }).await;
    assert_eq!(ahead.expect("targets").on, "2025-11-25", "four in the afternoon in UTC is tomorrow there");
    // Where nobody says it, the patient's clock is the one of their newest entry.
    let unsaid = pb::ListTargetsRequest { utc_offset_min: None, ..asked(team.no, "") };
    let there = moment(0).map(|at| care::Moment { utc_offset_min: Some(600), ..at });
    let entry = care::PainEntry { effective_start: there, worst_24h: Some(1), ..Default::default() };
    kit.create(&team.patient, team.no, number("pain_entry"), &entry).await.expect("written");
    let own = try_list(&kit, &team.nurse, &unsaid).await.expect("targets");
    assert_eq!((own.on.as_str(), own.utc_offset_min, own.clock()), ("2025-11-25", 600, task::ClockSource::Entries));

    let refused = async |request: pb::ListTargetsRequest| {
        let error = try_list(&kit, &team.nurse, &request).await.expect_err("refused");
        (error.reason(), error.violations().first().map(|one| one.field.clone()).unwrap_or_default())
    };
    assert_eq!(refused(asked(team.no, "2025-02-30")).await, (Reason::DateInvalid, "on".into()));
    let clock = pb::ListTargetsRequest { utc_offset_min: Some(841), ..asked(team.no, "") };
    assert_eq!(refused(clock).await, (Reason::ArgumentInvalid, "utc_offset_min".into()));
    assert_eq!(reason(try_list(&kit, &team.nurse, &asked(999_999, "")).await), Reason::NotFound);

    // A limit that somebody notes is in the next answer.
    let risk = list(&kit, &team.physician, team.no).await;
    let because = target(&risk, "water.total.women").because.iter().find(|one| one.input == "P-RISK.heart_failure");
    let id = uuid::Uuid::parse_str(&because.expect("read from the profile").record_id).expect("an id").into_bytes();
    let view = kit.get(&team.physician, team.no, id).await.expect("the profile");
    let failing = care::RiskProfile { heart_failure: Some(care::TriState::Yes.into()), ..Default::default() };
    write(&kit, &team.physician, team.no, &view, "heart_failure", &failing).await;
    let water = list(&kit, &team.patient, team.no).await;
    let water = target(&water, "water.total.women");
    assert_eq!(water.fit(), pb::TargetFit::NotForThisPerson);
    assert!(water.standing.contains("heart failure"), "{}", water.standing);
}
