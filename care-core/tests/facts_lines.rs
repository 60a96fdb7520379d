//! From the other records to facts: intakes by the line that they name, profiles, screens, wishes.

use std::collections::BTreeMap;

use osteon_care_core::facts::{
    Answer, Day, Id, Instant, LineStatus, Live, MonitoringKind, Product, Tool, TrialStatus, VisitKind, from_entries,
    from_lines, from_profile,
    record::{Record, Version},
};
use osteon_proto::care;
use osteon_sync_core::RecordId;
use prost::Message;

#[derive(Default)]
struct Written(BTreeMap<u32, Vec<Vec<u8>>>);

impl Written {
    fn with(mut self, field: u32, message: impl Message) -> Self {
        self.0.entry(field).or_default().push(message.encode_to_vec());
        self
    }

    fn record(&self, id: u8) -> Record<'_> {
        let fields = self.0.iter().map(|(field, versions)| {
            let versions = versions.iter().map(|chunk| Version { chunk: Some(chunk.as_slice()), ..Version::default() });
            (*field, versions.collect())
        });
        Record { id: Id(RecordId([id; 16])), fields: fields.collect(), ..Record::default() }
    }
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn supplement(code: &str, amount: u32, unit: &str) -> Written {
    type M = care::SupplementLine;
    let ingredient = care::Ingredient { code: Some(code.into()), amount: Some(amount), unit: Some(unit.into()) };
    Written::default()
        .with(1, M { product: Some("own-7".into()), ..Default::default() })
        .with(2, M { ingredients: vec![ingredient], ..Default::default() })
        .with(5, M { times_per_day: Some(2), ..Default::default() })
        .with(6, M { status: Some(care::SupplementStatus::Active as i32), ..Default::default() })
}

#[test]
fn amounts_come_in_the_units_that_rules_count_in() {
    for (code, amount, unit, product, milli) in [
        ("calcium", 500_000, "mg", Product::Calcium, 500_000),
        ("calcium", 600, "g", Product::Calcium, 600_000),
        ("vitamin_d", 20_000, "ug", Product::VitaminD, 800_000),
        ("vitamin_d", 800_000, "[iU]", Product::VitaminD, 800_000),
        ("biotin", 5_000, "mg", Product::Biotin, 5_000_000),
    ] {
        let line = from_lines::supplement(&supplement(code, amount, unit).record(1), false, None);
        assert_eq!(line.holds_milli.get(&product), Some(&milli), "{amount} {unit} of {code}");
        assert!(line.kinds.has(&product) && !line.kinds.newer);
        assert_eq!(line.status, Live::One(LineStatus::Active));
    }
    let odd = from_lines::supplement(&supplement("calcium", 1, "spoons").record(1), false, None);
    assert!(odd.kinds.newer, "how much calcium that is, is not known");
    let new = from_lines::supplement(&supplement("a_mineral_of_2030", 1, "mg").record(1), false, None);
    assert!(new.kinds.newer);
}

#[test]
fn an_intake_is_what_its_line_says() {
    type M = care::IntakeEntry;
    let line = from_lines::supplement(&supplement("calcium", 600_000, "mg").record(9), false, None);
    let mut lines = from_lines::Lines::default();
    lines.supplement(&line);
    lines.pain(RecordId([8; 16]), true);
    let named = |id: u8| {
        let written = Written::default()
            .with(5, M { product: Some("unheard-of".into()), ..Default::default() })
            .with(8, M { plan_line: Some(vec![id; 16].into()), ..Default::default() })
            .with(9, M { status: Some(care::IntakeStatus::Taken as i32), ..Default::default() });
        from_lines::intake(&written.record(1), &lines)
    };
    let calcium = named(9);
    assert!(calcium.kinds.has(&Product::Calcium) && !calcium.kinds.newer);
    assert_eq!(calcium.holds_milli.get(&Product::Calcium), Some(&600_000));
    assert!(named(8).kinds.has(&Product::Rescue));
    assert!(named(7).kinds.newer, "no such line, and no such product");
}

#[test]
fn a_profile_with_two_answers_keeps_both() {
    type M = care::RiskProfile;
    let thinner = |tri: care::TriState| M { anticoagulant_or_antiplatelet: Some(tri as i32), ..Default::default() };
    let written = Written::default()
        .with(1, M { birth_date: Some("1960-02-29".into()), ..Default::default() })
        .with(11, thinner(care::TriState::No))
        .with(11, thinner(care::TriState::Yes))
        .with(21, M { height_cm: Some(1_652), ..Default::default() });
    let risk = from_profile::risk(&written.record(1));
    assert_eq!(risk.birth, Live::One(day("1960-02-29")));
    assert_eq!(risk.anticoagulant, Live::disputed([Answer::Yes, Answer::No]));
    assert_eq!(risk.height_mm, Live::One(1_652), "tenths of a cm");
    assert!(risk.dialysis.is_missing());
}

#[test]
fn a_screen_has_its_day_and_its_whole_points() {
    type M = care::AssessmentResult;
    let fell = care::AssessmentAnswer { code: Some("1".into()), answer: Some("yes".into()) };
    let written = Written::default()
        .with(1, M { date: Some("2026-03-15".into()), ..Default::default() })
        .with(6, M { tool: Some(care::AssessmentTool::A10 as i32), ..Default::default() })
        .with(7, M { items: vec![fell], ..Default::default() })
        .with(8, M { total: Some(400), ..Default::default() });
    let screen = from_entries::screen(&written.record(1));
    assert_eq!(screen.tool, Live::One(Tool::StayIndependent));
    assert_eq!(screen.total, Live::One(4));
    assert_eq!(screen.fell_in_past_year, Live::One(true));
    assert_eq!(screen.at.known().next().map(|at| Instant::day(*at)), Some(day("2026-03-15")));
}

#[test]
fn weights_and_tests_in_their_scale() {
    type M = care::BodyWeight;
    let written = Written::default()
        .with(5, M { weight: Some(6_650), ..Default::default() })
        .with(8, M { height: Some(1_650), ..Default::default() });
    let weight = from_entries::weight(&written.record(1));
    assert_eq!((weight.weight_g.clone(), weight.height_mm.clone()), (Live::One(66_500), Live::One(1_650)));
    type V = care::VitalSigns;
    let vitals = Written::default().with(5, V { temperature: Some(380), ..Default::default() });
    assert_eq!(from_entries::vitals(&vitals.record(1)).temperature_tenths, Live::One(380));
}

#[test]
fn monitoring_trials_wishes_and_visits() {
    type M = care::MonitoringItem;
    let written = Written::default()
        .with(1, M { kind: Some(care::MonitoringKind::Dxa as i32), ..Default::default() })
        .with(3, M { due: Some("2026-04-01".into()), ..Default::default() });
    let item = from_profile::monitoring(&written.record(1), [day("2024-01-01"), day("2024-03-01")]);
    assert_eq!(item.kind, Live::One(MonitoringKind::Dxa));
    assert_eq!((item.due, item.last_done), (Live::One(day("2026-04-01")), Live::One(day("2024-03-01"))));
    type T = care::TrialParticipation;
    let trial =
        Written::default().with(2, T { status: Some(care::TrialStatus::Enrolled as i32), ..Default::default() });
    assert_eq!(from_profile::trial(&trial.record(1)).status, Live::One(TrialStatus::Active));
    type W = care::EndOfLifePreferences;
    let wish = |code: &str| care::Wish { code: Some(code.into()), text: None };
    let wishes = Written::default()
        .with(5, W { comfort_priorities: Some(wish("comfort_focused")), ..Default::default() })
        .with(5, W { comfort_priorities: Some(wish("all_treatment")), ..Default::default() });
    assert_eq!(from_profile::wishes(&wishes.record(1)).comfort.known().count(), 2, "no algorithm chooses");
    type V = care::VisitEntry;
    let visit = Written::default().with(5, V { kind: Some(care::VisitKind::Dose as i32), ..Default::default() });
    assert_eq!(from_entries::visit(&visit.record(1)).kind, Live::One(VisitKind::Injection));
}

#[test]
fn bytes_of_any_kind_are_read_without_a_panic() {
    let odd: [&[u8]; 4] = [&[0xff; 9], &[0x08], &[0x0a, 0x7f], &[]];
    for chunk in odd {
        let fields = (0..32).map(|field| (field, vec![Version { chunk: Some(chunk), ..Version::default() }])).collect();
        let record = Record { fields, ..Record::default() };
        from_lines::supplement(&record, true, None);
        from_lines::medicine(&record, []);
        from_lines::intake(&record, &from_lines::Lines::default());
        from_profile::risk(&record);
        from_profile::course(&record);
        from_profile::monitoring(&record, []);
        from_profile::trial(&record);
        from_profile::pain_plan(&record, None);
        from_profile::hazard(&record);
        from_profile::wishes(&record);
        from_profile::teach_back(&record);
        from_entries::screen(&record);
        from_entries::mouth(&record);
        from_entries::swelling(&record);
        from_entries::visit(&record);
        from_entries::fluid(&record);
        from_entries::weight(&record);
        from_entries::function_test(&record);
    }
}
