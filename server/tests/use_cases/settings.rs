//! The clinic's own circle: founded once, its members the staff, its settings read from its records.

use osteon_proto::{alert, audit as audit_pb, care, meta::Role, record as pb, review, split};
use osteon_server::{
    access::Caller,
    app::{
        alerts::{due, listed},
        audit,
        enrol::timestamp,
        lists, members, records, reviews, settings,
    },
    error::Reason,
};
use prost::Message;

use crate::{
    access::remove,
    alerts::{alerts, weak_leg},
    escalation::ESCALATION,
    fixture::*,
};

const BONE_PLAN: u32 = 231;
pub(crate) const SETTINGS: u32 = 461;
pub(crate) const ON_CALL: u32 = 463;
const THRESHOLD: u32 = 466;
const COPY: u32 = 467;
const GRANT: u32 = 263;
const MINUTE: u64 = 60_000;

fn create(circle: u64, type_number: u32, body: &impl Message) -> pb::CreateRecordRequest {
    let body = split::close(type_number, &body.encode_to_vec());
    pb::CreateRecordRequest { circle, body: Some(body.into()), ..Default::default() }
}

pub(crate) async fn a_clinic_s_settings_stand_in_its_own_circle(kit: Kit) {
    let app = &kit.app;
    let roles = [Role::Patient, Role::Nurse, Role::ClinicAdmin, Role::Caregiver];
    let circle = kit.circle("d0001", &roles).await;
    let own = settings::circle_of(app, kit.clinic).await.expect("founded");
    assert_eq!(settings::circle_of(app, kit.clinic).await.expect("again"), own);
    let [patient, nurse, admin, caregiver] = [0, 1, 2, 3].map(|at| kit.person(circle.people[at]));
    for (who, is) in [(&patient, false), (&nurse, true), (&admin, true), (&caregiver, false)] {
        assert_eq!(app.member(who, own).await.is_ok(), is);
        assert_eq!(app.store.circles_of(who.account).await.expect("circles").len(), 1, "it is nobody's patient");
    }
    assert!(app.settings_for(kit.clinic).await.expect("settings").rules.team_line.is_empty());

    let set = care::ClinicSettings { team_line: Some("0301234".into()), ..Default::default() };
    records::create(app, &admin, &create(own, SETTINGS, &set)).await.expect("the admin sets a line");
    // Another node may have written: what was read is believed for a second.
    kit.clock.advance(1_000);
    let read = app.settings_for(kit.clinic).await.expect("settings");
    assert_eq!((read.circle, read.rules.team_line.clone()), (Some(own), vec!["0301234".to_owned()]));
    assert_eq!(read.rules.physio, read.rules.team_line, "no line of their own: the team's");
    assert_eq!(read.clinic.staff.len(), 2);
    assert!(
        records::create(app, &patient, &create(own, SETTINGS, &set)).await.is_err(),
        "it is not there for a patient"
    );
    assert!(records::create(app, &admin, &create(circle.no, SETTINGS, &set)).await.is_err(), "not beside a patient");

    let parent = Some(settings::record_of(own).0.to_vec().into());
    let on_call = care::OnCall { parent, weekday: Some(1), hour: Some(0), members: vec![nurse.account] };
    records::create(app, &nurse, &create(own, ON_CALL, &on_call)).await.expect("the nurse sets who is on call");
    kit.clock.advance(1_000);
    let gaps = app.settings_for(kit.clinic).await.expect("settings").clinic.on_call.gaps();
    assert_eq!(gaps.iter().map(|gap| usize::from(gap.until - gap.from)).sum::<usize>(), 167);

    // Who works in no circle any more leaves the clinic's, who comes back comes back.
    remove(&kit, &patient, circle.no, nurse.account, Role::Nurse).await;
    settings::keep_all(app).await.expect("kept");
    assert!(app.member(&nurse, own).await.is_err());
    let other = members::found(app, kit.clinic, "d0002", &[(nurse.account, Role::Nurse)]).await.expect("circle");
    assert!(app.member(&nurse, other).await.is_ok());
    settings::keep_all(app).await.expect("kept");
    assert!(app.member(&nurse, own).await.is_ok());
}

pub(crate) const TEAM: [Role; 5] =
    [Role::Patient, Role::Nurse, Role::Physician, Role::Physiotherapist, Role::ClinicAdmin];

/// What a member of the staff writes into the clinic's own circle.
pub(crate) async fn set(kit: &Kit, who: &Caller, own: u64, type_number: u32, record: &impl Message) {
    records::create(&kit.app, who, &create(own, type_number, record)).await.expect("set");
    kit.clock.advance(1_000);
}

/// Hours that no day has are refused, with their field. A threshold that the rules would not go by is asked about before it is
/// written, and said as without effect afterwards.
pub(crate) async fn what_no_clinic_can_mean_is_refused_or_asked_about(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [nurse, physician] = [1, 2].map(|at| kit.person(circle.people[at]));
    let own = settings::circle_of(&kit.app, kit.clinic).await.expect("founded");
    let hours = |from, to| care::ClinicSettings {
        working_hours: vec![care::OpenHours { weekday: Some(1), from_min: Some(from), to_min: Some(to) }],
        ..Default::default()
    };
    for (set, why) in [(hours(1_000, 10), Reason::HoursImpossible), (hours(0, 1_441), Reason::OutOfRange)] {
        let refused = records::create(&kit.app, &nurse, &create(own, SETTINGS, &set)).await.expect_err("no such hours");
        let path = refused.violations().first().map(|one| one.field.clone());
        assert_eq!(
            (refused.reason(), path.as_deref()),
            (why, Some("writes[0].body.clinic_settings.working_hours.to_min"))
        );
    }
    set(&kit, &nurse, own, SETTINGS, &hours(480, 1_020)).await;

    let threshold = |value: i32| care::RuleThreshold {
        parent: Some(settings::record_of(own).0.to_vec().into()),
        rule: Some("R-PAIN-1".into()),
        name: Some("severe_pain_nrs".into()),
        value: Some(value),
        ..Default::default()
    };
    let questions = |trial: Option<pb::Trial>| -> Vec<(String, String)> {
        let asked = trial.expect("a trial").questions.into_iter();
        asked.map(|one| (one.path, one.doubt)).collect()
    };
    let asked = [("writes[0].body.rule_threshold.value".to_owned(), "THRESHOLD_NOT_ALLOWED".to_owned())];
    for (value, expected) in [(8_000, &[][..]), (5_000, &asked), (8_500, &asked)] {
        let request = pb::CreateRecordRequest { validate_only: true, ..create(own, THRESHOLD, &threshold(value)) };
        let tried = records::create(&kit.app, &physician, &request).await.expect("tried");
        assert_eq!(questions(tried.trial), expected, "{value}");
    }
    // Minutes that are no step of an emergency, also where the edit does not say of which severity the step is.
    let step = |minutes, severity: Option<care::AlertSeverity>| care::EscalationStep {
        parent: severity.map(|_| settings::record_of(own).0.to_vec().into()),
        severity: severity.map(i32::from),
        step: severity.map(|_| 1),
        minutes: Some(minutes),
        to_role: severity.map(|_| Role::Nurse.into()),
        ..Default::default()
    };
    let of_minutes = [("writes[0].body.escalation_step.minutes".to_owned(), "OUT_OF_WARN_RANGE".to_owned())];
    for (severity, expected) in [(care::AlertSeverity::Emergency, &of_minutes[..]), (care::AlertSeverity::Soon, &[])] {
        let made = records::create(&kit.app, &nurse, &create(own, ESCALATION, &step(30, Some(severity)))).await;
        let made = made.expect("set").record.expect("a record");
        let edit = pb::WriteRecordRequest {
            circle: own,
            record_id: made.record_id.clone(),
            body: Some(body(ESCALATION, &step(120, None))),
            reason: "fewer nurses at night".into(),
            shown: vec![pb::FieldShown {
                field: field(&made, "minutes").field,
                shown: field(&made, "minutes").shown.clone(),
                ..Default::default()
            }],
            validate_only: true,
            ..Default::default()
        };
        let tried = records::write(&kit.app, &nurse, &edit).await.expect("tried");
        assert_eq!(questions(tried.trial), expected, "{severity:?}");
    }
    // Of an edit, too, which does not say which threshold it is.
    let made = records::create(&kit.app, &physician, &create(own, THRESHOLD, &threshold(8_000))).await;
    let made = made.expect("set").record.expect("a record");
    let write = |value, validate_only| pb::WriteRecordRequest {
        circle: own,
        record_id: made.record_id.clone(),
        body: Some(body(THRESHOLD, &care::RuleThreshold { value: Some(value), ..Default::default() })),
        shown: vec![pb::FieldShown {
            field: field(&made, "value").field,
            shown: field(&made, "value").shown.clone(),
            ..Default::default()
        }],
        validate_only,
        ..Default::default()
    };
    let tried = async |value| records::write(&kit.app, &physician, &write(value, true)).await.expect("tried").trial;
    assert!(questions(tried(9_000).await).is_empty());
    assert_eq!(questions(tried(5_000).await), asked);
    kit.clock.advance(1_000);
    let without_effect = async || {
        let set = kit.app.settings_for(kit.clinic).await.expect("settings");
        set.clinic.ignored(&kit.app.care.set()).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(without_effect().await.is_empty());
    records::write(&kit.app, &physician, &write(5_000, false)).await.expect("whoever insists");
    kit.clock.advance(1_000);
    assert_eq!(without_effect().await, ["threshold severe_pain_nrs = 5 (the rules allow 7, 8, 9)"]);
}

pub(crate) async fn weak(kit: &Kit, circle: &Circle) {
    let mut phone = kit.phone(circle, 0, Role::Patient).await;
    let change = kit.change(vec![crate::fixture::create(kit.id(), 102, &weak_leg(NOW))]);
    assert_eq!(said(&kit.push(&mut phone, circle.no, change).await), "accepted");
}

pub(crate) async fn cord(kit: &Kit, who: &Caller, circle: u64) -> alert::ListedAlert {
    let request = alert::ListAlertsRequest { circle, ..Default::default() };
    let mut all = listed::list(&kit.app, who, &request).await.expect("list").circles.remove(0);
    all.alerts.retain(|one| one.rule == "R-MSCC-1");
    all.alerts.remove(0)
}

pub(crate) async fn lines_are_called_by_rules_and_copied_into_circles(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [patient, admin] = [0, 4].map(|at| kit.person(circle.people[at]));
    let own = settings::circle_of(&kit.app, kit.clinic).await.expect("founded");
    settings::keep_all(&kit.app).await.expect("kept");
    let copies = async || {
        let request = pb::ListRecordsRequest { circle: circle.no, r#type: COPY, ..Default::default() };
        let found = lists::list(&kit.app, &patient, &request).await.expect("list").records;
        found.iter().map(open_body::<care::ClinicCopy>).collect::<Vec<_>>()
    };
    assert!(copies().await.is_empty(), "nothing is set");
    weak(&kit, &circle).await;
    let lines = care::ClinicSettings {
        emergency_line: Some("112-7".into()),
        team_line: Some("0301234".into()),
        ..Default::default()
    };
    set(&kit, &admin, own, SETTINGS, &lines).await;
    settings::keep_all(&kit.app).await.expect("kept");
    settings::keep_all(&kit.app).await.expect("kept");
    let copied = copies().await;
    assert_eq!(copied.len(), 1);
    assert_eq!(
        (&copied[0].emergency_line, &copied[0].team_line),
        (&vec!["112-7".to_owned()], &vec!["0301234".to_owned()])
    );
    // What stands already is said with the numbers of today.
    assert!(cord(&kit, &patient, circle.no).await.text.contains("112-7"));
    // A circle that is founded afterwards has them at once.
    let other = kit.circle("d0002", &[Role::Patient]).await;
    let request = pb::ListRecordsRequest { circle: other.no, r#type: COPY, ..Default::default() };
    let found = lists::list(&kit.app, &kit.person(other.people[0]), &request).await.expect("list").records;
    assert_eq!(found.len(), 1);
    // The change is on record.
    let request = audit_pb::ListAccessRequest { circle: own, page_size: 100, ..Default::default() };
    let rows = audit::list(&kit.app, &admin, &request).await.expect("listed").entries;
    assert!(rows.iter().any(|row| row.account == admin.account && row.action == "record.create"), "{rows:?}");
}

/// Nobody writes; the day comes by itself, over restarts and a pause.
pub(crate) async fn a_dose_is_late_by_time_alone(kit: Kit) {
    let circle = kit.circle("d0001", &TEAM).await;
    let [nurse, physician] = [1, 2].map(|at| kit.person(circle.people[at]));
    let plan = care::BoneDrugPlan {
        agent: Some("denosumab".into()),
        dose: Some(120_000),
        dose_unit: Some("mg".into()),
        interval_days: Some(28),
        status: Some(care::BoneDrugStatus::Active.into()),
        ..Default::default()
    };
    kit.create(&physician, circle.no, 231, &plan).await.expect("a plan");
    let given = care::Administration {
        agent: Some("denosumab".into()),
        dose: Some(120_000),
        dose_unit: Some("mg".into()),
        when: Some(care::Moment { at: Some(timestamp(NOW)), utc_offset_min: Some(60), zone: None }),
        ..Default::default()
    };
    kit.create(&nurse, circle.no, 232, &given).await.expect("a dose");
    let late = async |node: &Kit| {
        let of_drug = async |rule| alerts(node, &nurse, circle.no, rule).await;
        (of_drug("R-DMAB-2").await.len(), of_drug("R-DMAB-3").await.len())
    };
    due::sweep(&kit.app).await.expect("sweep");
    assert_eq!(late(&kit).await, (0, 0));
    // The server was off while the day came. Two nodes start, at the same moment.
    kit.clock.set(NOW + 50 * DAY);
    let (one, two) = (kit.node().await, kit.node().await);
    let (a, b) = tokio::join!(due::sweep(&one.app), due::sweep(&two.app));
    assert!(a.expect("sweep") + b.expect("sweep") > 0);
    let said = late(&one).await;
    assert!(said.0 + said.1 > 0, "twenty-two days late");
    // Once, whoever looks, and however often.
    for node in [&one, &two, &kit.node().await] {
        due::sweep(&node.app).await.expect("sweep");
        assert_eq!(late(node).await, said);
    }
}

/// Two versions of one record's field: nothing is shown to the second writer, so nothing is replaced.
async fn apart(kit: &Kit, circle: u64, who: &Caller, number: u32, [one, two]: [&[u8]; 2]) {
    let body = |message: &[u8]| split::close(number, message).into();
    let request = pb::CreateRecordRequest { circle, body: Some(body(one)), ..Default::default() };
    let made = records::create(&kit.app, who, &request).await.expect("created");
    let record_id = made.record.expect("a record").record_id;
    let write = pb::WriteRecordRequest { circle, record_id, body: Some(body(two)), ..Default::default() };
    records::write(&kit.app, who, &write).await.expect("written");
}

/// The value that people built on holds, and the alert says so in both texts.
pub(crate) async fn what_was_agreed_holds_until_a_dispute_is_decided(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Physician, Role::Dietitian]).await;
    let [patient, nurse, dietitian] = [0, 1, 3].map(|at| kit.person(circle.people[at]));
    let calcium = |mg: u32| care::NutritionPlan { calcium_mg_d_target: Some(mg), ..Default::default() };
    let made = kit.create(&dietitian, circle.no, 221, &calcium(1_000)).await.expect("a plan");
    let (id, number, shown) =
        (id_of(&made), field(&made, "calcium_mg_d_target").field, dots(&made, "calcium_mg_d_target"));
    for (at, role, mg) in [(2, Role::Physician, 1_200), (3, Role::Dietitian, 1_500)] {
        let mut phone = kit.phone(&circle, at, role).await;
        let change = edit(id, 221, &calcium(mg), number, shown.clone());
        assert_eq!(said(&kit.write(&mut phone, circle.no, change).await), "accepted");
    }
    kit.clock.set(NOW + DAY + MINUTE);
    due::sweep(&kit.app).await.expect("sweep");
    let text = async |who: &Caller| {
        let request = alert::ListAlertsRequest { circle: circle.no, ..Default::default() };
        let all = listed::list(&kit.app, who, &request).await.expect("list").circles.remove(0).alerts;
        all.into_iter().find(|one| one.rule == "R-SYNC-1").expect("one").text
    };
    let (theirs, ours) = (text(&patient).await, text(&nurse).await);
    assert!(theirs.ends_with("follow: 1,000 mg/d."), "{theirs}");
    let both = "1,200 mg/d by a physician / 1,500 mg/d by the dietitian. Until it is decided: 1,000 mg/d holds.";
    assert!(ours.ends_with(both), "{ours}");
}

/// R-SYNC-1 tells whoever owns what is disputed, as well as the nurse; who owns it and may not read it knows that there is one.
pub(crate) async fn who_owns_what_is_disputed_is_told(kit: Kit) {
    let roles = [Role::Patient, Role::Nurse, Role::Physiotherapist, Role::Dietitian, Role::Physician];
    let circle = kit.circle("d0001", &roles).await;
    let [patient, nurse, physio, dietitian, physician] = [0, 1, 2, 3, 4].map(|at| kit.person(circle.people[at]));
    let clearance = |cleared: care::ExerciseClearance| {
        care::ExercisePlan { clearance: Some(cleared.into()), ..Default::default() }.encode_to_vec()
    };
    let both = [clearance(care::ExerciseClearance::Unrestricted), clearance(care::ExerciseClearance::Hold)];
    apart(&kit, circle.no, &physio, 201, [&both[0], &both[1]]).await;
    let calcium = |mg: u32| care::NutritionPlan { calcium_mg_d_target: Some(mg), ..Default::default() }.encode_to_vec();
    apart(&kit, circle.no, &dietitian, 221, [&calcium(1_000), &calcium(1_500)]).await;
    let dose = |mg: u32| care::BoneDrugPlan { dose: Some(mg), ..Default::default() }.encode_to_vec();
    apart(&kit, circle.no, &physician, BONE_PLAN, [&dose(3_300), &dose(4_000)]).await;
    kit.clock.set(NOW + DAY + MINUTE);
    let told = async |who: &Caller| {
        due::sweep(&kit.app).await.expect("sweep");
        let mut told: Vec<_> = alerts(&kit, who, circle.no, "R-SYNC-1").await;
        told.sort_by(|a, b| a.discriminator.cmp(&b.discriminator));
        told.into_iter().map(|alert| (alert.discriminator.unwrap_or_default(), alert.told)).collect::<Vec<_>>()
    };
    let expected = [
        ("P-BONE.dose", [Role::Physician, Role::Nurse]),
        ("P-EX.clearance", [Role::Physiotherapist, Role::Nurse]),
        ("P-NUT.calcium_mg_d_target", [Role::Dietitian, Role::Nurse]),
    ];
    let expected = expected.map(|(field, roles)| (field.to_owned(), roles.map(|role| role as i32).to_vec()));
    assert_eq!(told(&nurse).await, expected);
    // An alert that went on to the next in line still tells them.
    kit.clock.set(NOW + 7 * DAY);
    let later = told(&nurse).await;
    assert!(later.len() > expected.len());
    assert!(later.iter().all(|(field, roles)| expected.iter().any(|(known, told)| known == field && told == roles)));
    // An owner may not read it: they know that there is one. Who is not told and may not read it is told nothing.
    for who in [&dietitian, &physio] {
        let denied = care::Grant {
            category: Some(care::GrantCategory::C07Nutrition.into()),
            ..crate::access::grant(circle.no, who.account, care::Decision::Deny)
        };
        kit.create(&patient, circle.no, GRANT, &denied).await.expect("denied");
    }
    due::sweep(&kit.app).await.expect("sweep");
    let request = alert::ListAlertsRequest { circle: circle.no, ..Default::default() };
    for (who, faces) in [(&dietitian, 1), (&physio, 0)] {
        let listed = listed::list(&kit.app, who, &request).await.expect("list").circles.remove(0);
        assert!(listed.alerts.iter().all(|one| one.discriminator != "P-NUT.calcium_mg_d_target"));
        assert_eq!(listed.redacted.len(), faces);
    }
}

/// R-SYNC-1: at once where nothing may wait, else after a day and after three; under the label of what is disputed.
pub(crate) async fn a_dispute_that_stays_open_is_an_alert(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Physiotherapist, Role::Dietitian]).await;
    let [nurse, physio, dietitian] = [1, 2, 3].map(|at| kit.person(circle.people[at]));
    let apart =
        async |who: &Caller, number: u32, one: &[u8], two: &[u8]| apart(&kit, circle.no, who, number, [one, two]).await;
    let disputes = async |who: &Caller| {
        due::sweep(&kit.app).await.expect("sweep");
        let request = alert::ListAlertsRequest { circle: circle.no, ..Default::default() };
        let all = listed::list(&kit.app, who, &request).await.expect("list").circles.remove(0);
        let all = all.alerts.into_iter().filter(|one| one.rule == "R-SYNC-1");
        all.map(|one| (one.severity(), one.text.contains("clearance"))).collect::<Vec<_>>()
    };
    let words = async |who: &Caller, field: &str| {
        let request = alert::ListAlertsRequest { circle: circle.no, ..Default::default() };
        let all = listed::list(&kit.app, who, &request).await.expect("list").circles.remove(0).alerts;
        all.into_iter().find(|one| one.discriminator == field).expect("one").text
    };
    let clearance = |cleared: care::ExerciseClearance| {
        care::ExercisePlan { clearance: Some(cleared.into()), ..Default::default() }.encode_to_vec()
    };
    apart(&physio, 201, &clearance(care::ExerciseClearance::Unrestricted), &clearance(care::ExerciseClearance::Hold))
        .await;
    let (urgent, soon) = (care::AlertSeverity::Urgent, care::AlertSeverity::Soon);
    assert_eq!(disputes(&nurse).await, [(urgent, true)]);
    let calcium = |mg: u32| care::NutritionPlan { calcium_mg_d_target: Some(mg), ..Default::default() }.encode_to_vec();
    apart(&dietitian, 221, &calcium(1_000), &calcium(1_500)).await;
    assert_eq!(disputes(&nurse).await, [(urgent, true)], "the other waits a day");
    kit.clock.set(NOW + DAY + MINUTE);
    assert_eq!(disputes(&nurse).await, [(urgent, true), (soon, false)]);
    let text = words(&nurse, "P-NUT.calcium_mg_d_target").await;
    let both = "1,000 mg/d by the dietitian / 1,500 mg/d by the dietitian. Until it is decided: nothing holds.";
    assert!(text.contains(both), "{text}");
    kit.clock.set(NOW + 3 * DAY + MINUTE);
    assert_eq!(disputes(&nurse).await.iter().filter(|(severity, _)| *severity == urgent).count(), 2);
    // It is decided: the alert ends by itself, at a look that is due at once. The other one stays.
    let mine = review::ListReviewsRequest { circle: circle.no, mine: true, ..Default::default() };
    let open = reviews::list(&kit.app, &physio, &mine).await.expect("reviews").reviews;
    let open = open.into_iter().find(|one| one.kind() == review::ReviewKind::Dispute).expect("one");
    let resolve = review::ResolveReviewRequest {
        review_id: open.review_id,
        shown: open.shown,
        value: Some(split::close(201, &clearance(care::ExerciseClearance::Hold)).into()),
        ..Default::default()
    };
    reviews::resolve(&kit.app, &physio, &resolve).await.expect("resolved");
    assert_eq!(disputes(&nurse).await, [(urgent, false)]);
}
