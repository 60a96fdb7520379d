//! Whom a value is for, at the bounds; what is missing; what limits exclude; what is counted; what disagrees.

use osteon_care_core::{
    Exact,
    facts::{Agent, Answer, BoneStatus, Live, Product, Sex},
    targets::{Calcium, Fit, Person, Topic, Weighed, targets},
};

use super::*;

#[test]
fn ages_are_completed_years_and_bands_have_no_hole() {
    let table = [
        (18, Sex::Female, vec![]),
        (19, Sex::Female, vec!["calcium.rda.19_50", "calcium.ul.19_50"]),
        (50, Sex::Female, vec!["calcium.rda.19_50", "calcium.ul.19_50"]),
        (50, Sex::Male, vec!["calcium.rda.19_50", "calcium.ul.19_50"]),
        (51, Sex::Female, vec!["calcium.rda.women_51_70", "calcium.ul.51"]),
        (51, Sex::Male, vec!["calcium.rda.men_51_70", "calcium.ul.51"]),
        (70, Sex::Female, vec!["calcium.rda.women_51_70", "calcium.ul.51"]),
        (70, Sex::Male, vec!["calcium.rda.men_51_70", "calcium.ul.51"]),
        (71, Sex::Female, vec!["calcium.rda.over_70", "calcium.ul.51"]),
        (71, Sex::Male, vec!["calcium.rda.over_70", "calcium.ul.51"]),
    ];
    for (age, sex, expected) in table {
        let found: Vec<&str> = apply(&aged(age, sex), "calcium.")
            .into_iter()
            .filter(|id| id.contains(".rda.") || id.contains(".ul."))
            .collect();
        assert_eq!(found, expected, "{age} {sex:?}");
    }
    for (age, expected) in [(70, "vitamin_d.rda.19_70"), (71, "vitamin_d.rda.over_70")] {
        assert_eq!(apply(&aged(age, Sex::Male), "vitamin_d.rda."), [expected]);
    }
    for (age, sex, expected) in [
        (30, Sex::Male, vec![]),
        (31, Sex::Male, vec!["magnesium.rda.men_31"]),
        (31, Sex::Female, vec!["magnesium.rda.women_31"]),
    ] {
        assert_eq!(apply(&aged(age, sex), "magnesium.rda."), expected);
    }
    for (age, expected) in [(70, "phosphorus.ul.19_70"), (71, "phosphorus.ul.over_70")] {
        assert_eq!(apply(&aged(age, Sex::Male), "phosphorus.ul."), [expected]);
    }
    assert_eq!(apply(&aged(40, Sex::Male), "vitamin_k."), ["vitamin_k.ai.men"]);
    assert_eq!(apply(&aged(40, Sex::Female), "vitamin_k."), ["vitamin_k.ai.women"]);
}

#[test]
fn over_65_is_from_66_on() {
    for (age, over) in [(65, false), (66, true)] {
        let woman = aged(age, Sex::Female);
        assert_eq!(fit(&woman, "protein.over_65"), over.then_some(Fit::Applies), "{age}");
        assert_eq!(fit(&woman, "water.drinks.women_over_65"), over.then_some(Fit::Applies), "{age}");
        assert_eq!(fit(&woman, "water.drinks.men_over_65"), None);
    }
    assert_eq!(fit(&aged(66, Sex::Male), "water.drinks.men_over_65"), Some(Fit::Applies));
    assert_eq!(apply(&aged(66, Sex::Male), "water.total"), ["water.total.men"]);
    let judged: Vec<&str> =
        offer(&aged(66, Sex::Male), "protein.over_65.ill_or_active").expect("told").judged().collect();
    assert_eq!(judged, ["ill or active"], "never decided here");
}

#[test]
fn with_nothing_known_nothing_is_assumed_and_nothing_is_silent() {
    let nobody = Person::default();
    let offers = all(&nobody);
    let told = |id: &str| offer(&nobody, id).unwrap_or_else(|| panic!("{id} is silent"));
    for (id, missing) in [
        ("calcium.rda.19_50", vec!["P-RISK.birth_date"]),
        ("calcium.rda.women_51_70", vec!["P-RISK.birth_date", "P-RISK.sex_for_reference"]),
        ("calcium.survivor", vec!["P-RISK.primary_cancer"]),
        ("calcium.denosumab_120", vec!["J20.value of adjusted calcium", "P-BONE.agent"]),
        ("calcium.zoledronate_4", vec!["P-BONE.agent"]),
        ("protein.over_65", vec!["P-RISK.birth_date", "P-RISK.kidney_disease"]),
        (
            "water.total.men",
            vec!["P-RISK.birth_date", "P-RISK.heart_failure", "P-RISK.kidney_disease", "P-RISK.sex_for_reference"],
        ),
        ("activity.bone_metastases", vec!["P-LES.site"]),
        ("separation.iron_calcium", vec!["P-SUP.product of calcium", "P-SUP.product of iron"]),
    ] {
        let offer = told(id);
        assert_eq!(offer.fit, Fit::CannotTell, "{id}");
        assert_eq!(offer.missing.iter().copied().collect::<Vec<_>>(), missing, "{id}");
        assert!(offer.standing().starts_with("cannot tell (missing "), "{}", offer.standing());
    }
    assert_eq!(told("calcium.rda.19_50").standing(), "cannot tell (missing date of birth)");
    let taken = "cannot tell (missing whether calcium is taken, whether iron is taken)";
    assert_eq!(told("separation.iron_calcium").standing(), taken);
    // What is for everybody needs nothing.
    for id in ["calcium.portion", "activity.everyone", "dxa.usual", "dental.visits", "vitamin_d.serum.sufficient"] {
        assert_eq!(told(id).fit, Fit::Applies, "{id}");
    }
    assert!(offers.iter().all(|offer| offer.fit != Fit::NotForThisPerson));
    assert_eq!(targets(&nobody).len(), Topic::ALL.len(), "every topic is there");
    let no_sex = Person { sex: Live::Missing, ..person() };
    assert_eq!(fit(&no_sex, "calcium.rda.women_51_70"), Some(Fit::CannotTell));
    assert_eq!(fit(&no_sex, "calcium.rda.19_50"), None, "the age alone says no");
}

#[test]
fn drugs_by_their_dose() {
    let of = |agent, mg| {
        let mut found = apply(&on_drug(agent, mg), "calcium.");
        found.retain(|id| id.contains("denosumab") || id.contains("zoledronate"));
        found
    };
    assert_eq!(of(Agent::Denosumab, 120), ["calcium.denosumab_120"]);
    assert_eq!(of(Agent::Denosumab, 60), ["calcium.denosumab_60"]);
    assert_eq!(of(Agent::Zoledronate, 4), ["calcium.zoledronate_4"]);
    assert_eq!(of(Agent::Zoledronate, 5), Vec::<&str>::new(), "another product");
    assert_eq!(of(Agent::Pamidronate, 90), Vec::<&str>::new());
    let reduced = Person {
        drugs: vec![Drug { dose_mg_milli: 3_300.into(), ..on_drug(Agent::Zoledronate, 4).drugs[0].clone() }],
        ..person()
    };
    assert_eq!(fit(&reduced, "calcium.zoledronate_4"), Some(Fit::Applies), "reduced for the kidney");
    assert_eq!(apply(&on_drug(Agent::Denosumab, 120), "bone_drug."), ["bone_drug.denosumab_120"]);
    let both = ["bone_drug.zoledronate.12_weeks", "bone_drug.zoledronate.3_weeks"];
    assert_eq!(apply(&on_drug(Agent::Zoledronate, 4), "bone_drug."), both);
    assert_eq!(apply(&on_drug(Agent::Pamidronate, 90), "bone_drug."), ["bone_drug.pamidronate"]);
    assert_eq!(apply(&on_drug(Agent::Denosumab, 60), "bone_drug."), ["bone_drug.denosumab_60"]);

    // Held counts, stopped does not, a missing dose cannot be told.
    let with = |change: fn(&mut Drug)| {
        let mut person = on_drug(Agent::Denosumab, 120);
        change(&mut person.drugs[0]);
        fit(&person, "calcium.denosumab_120")
    };
    assert_eq!(with(|drug| drug.status = BoneStatus::Held.into()), Some(Fit::Applies));
    assert_eq!(with(|drug| drug.status = BoneStatus::Stopped.into()), None);
    assert_eq!(with(|drug| drug.status = Live::Missing), Some(Fit::CannotTell));
    assert_eq!(with(|drug| drug.dose_mg_milli = Live::Missing), Some(Fit::CannotTell));
    // A plan that was stopped does not hide one that is active.
    let mut two = on_drug(Agent::Denosumab, 120);
    two.drugs.push(Drug { id: id(5), status: BoneStatus::Stopped.into(), ..two.drugs[0].clone() });
    let told = offer(&two, "calcium.denosumab_120").expect("told");
    assert_eq!((told.fit, told.disputed), (Fit::Applies, false));
}

#[test]
fn a_limit_that_stands_says_why_the_value_is_not_offered() {
    let high = |high: Live<bool>| Some(Calcium { id: id(3), high, says: "calcium 2.80 mmol/L of 2026-11-20".into() });
    let denosumab = |calcium| Person { calcium, ..on_drug(Agent::Denosumab, 120) };
    let told = |calcium| offer(&denosumab(calcium), "calcium.denosumab_120").expect("told");
    let not = told(high(true.into()));
    assert_eq!(not.fit, Fit::NotForThisPerson);
    assert!(not.standing().contains("calcium 2.80 mmol/L"), "{}", not.standing());
    assert_eq!(told(high(live([true, false]))).fit, Fit::NotForThisPerson, "in one live version is enough");
    assert_eq!(told(None).fit, Fit::CannotTell);
    assert_eq!(fit(&denosumab(high(true.into())), "vitamin_d.denosumab_120"), Some(Fit::NotForThisPerson));

    for (kidney, heart, dialysis, water) in [
        (Answer::No, Answer::No, Answer::No, Fit::Applies),
        (Answer::Yes, Answer::No, Answer::No, Fit::NotForThisPerson),
        (Answer::No, Answer::Yes, Answer::No, Fit::NotForThisPerson),
        (Answer::No, Answer::No, Answer::Yes, Fit::NotForThisPerson),
        (Answer::Unknown, Answer::No, Answer::No, Fit::CannotTell),
        (Answer::No, Answer::Unknown, Answer::No, Fit::CannotTell),
        (Answer::Unknown, Answer::Yes, Answer::No, Fit::NotForThisPerson),
    ] {
        let one = Person {
            kidney_disease: kidney.into(),
            heart_failure: heart.into(),
            dialysis: dialysis.into(),
            ..person()
        };
        for id in ["water.total.women", "water.drinks.women_over_65"] {
            assert_eq!(fit(&one, id), Some(water), "{id}: {kidney:?} {heart:?} {dialysis:?}");
        }
    }
    let no_answer = Person { dialysis: Live::Missing, ..person() };
    assert_eq!(fit(&no_answer, "water.total.women"), Some(Fit::Applies), "whoever has no kidney disease is on none");
}

#[test]
fn how_severe_a_kidney_disease_is_nobody_guesses() {
    let with = |kidney: Live<Answer>, dialysis: Answer| {
        let person = Person { kidney_disease: kidney, dialysis: dialysis.into(), ..person() };
        offer(&person, "protein.over_65").expect("told")
    };
    let unclear = with(Answer::Yes.into(), Answer::No);
    assert_eq!(unclear.standing(), "cannot tell (missing how severe the kidney disease is)");
    assert!(!unclear.per_day.is_empty(), "what it would come to is still told");
    let dialysis = with(Answer::Yes.into(), Answer::Yes);
    assert_eq!((dialysis.fit, dialysis.per_day.len()), (Fit::NotForThisPerson, 0));
    assert_eq!(with(live([Answer::Yes, Answer::No]), Answer::No).fit, Fit::CannotTell);
    assert_eq!(with(Answer::No.into(), Answer::No).fit, Fit::Applies);
}

#[test]
fn what_is_counted_by_the_kilogram_is_exact() {
    let per_day = |grams: Live<i64>| {
        let weight = Some(Weighed { id: id(2), day: ON, weight_g: grams });
        offer(&Person { weight, ..person() }, "protein.espen").expect("told")
    };
    let told = per_day(62_450.into());
    let amount = told.per_day[0].amount;
    assert_eq!(amount.min, Exact::parse("62.45"));
    assert_eq!(amount.max, Exact::parse("93.675"), "not 93.68");
    assert_eq!((amount.unit, amount.over_min), ("g/d", true));
    assert_eq!(told.per_day_words(), ["more than 62.45 to 93.675 g a day, at 62.45 kg of 2026-11-27"]);
    let both = per_day(live([62_400, 60_000]));
    let maxima: Vec<_> = both.per_day.iter().map(|one| one.amount.max).collect();
    assert_eq!(maxima, [Exact::parse("90"), Exact::parse("93.6")], "one for each live version");
    let energy = offer(&person(), "energy.espen").expect("told");
    assert_eq!((energy.per_day[0].amount.min, energy.per_day[0].amount.unit), (Exact::parse("1560"), "kcal/d"));

    let no_weight = offer(&Person { weight: None, ..person() }, "protein.espen").expect("told");
    assert_eq!((no_weight.fit, no_weight.per_day.len()), (Fit::Applies, 0), "the value for each kilogram stands");
    assert_eq!(no_weight.per_day_words(), ["for a day: cannot tell (missing weight)"]);
    assert!(per_day(Live::Missing).per_day_missing.is_some());
}

#[test]
fn where_sources_disagree_both_are_told() {
    let woman = on_drug(Agent::Denosumab, 120);
    let of = |id: &str| {
        let mut found = offer(&woman, id).expect("told").disagrees_with;
        found.sort_unstable();
        found
    };
    // The label has 500 mg, ASCO 1000 to 1200, the recommendation for her age 1200.
    assert_eq!(of("calcium.denosumab_120"), ["calcium.rda.women_51_70", "calcium.survivor"]);
    assert_eq!(of("calcium.survivor"), ["calcium.denosumab_120", "calcium.rda.women_51_70"]);
    assert_eq!(of("protein.espen"), ["protein.over_65", "protein.over_65.ill_or_active"]);
    assert_eq!(of("protein.over_65"), ["protein.espen"], "what one source says of two people is no disagreement");
    assert_eq!(of("vitamin_d.serum.sufficient"), ["vitamin_d.serum.endocrine"]);
    assert_eq!(of("calcium.ul.51"), Vec::<&str>::new(), "an upper limit is not what one aims at");
    assert_eq!(of("activity.resistance"), Vec::<&str>::new(), "the same value");
    // Of each other, always; and in a group that says so.
    for group in targets(&woman) {
        for one in &group.offers {
            for other in &one.disagrees_with {
                let back = group.offers.iter().find(|two| two.target.id == *other).expect("of the same topic");
                assert!(back.disagrees_with.contains(&one.target.id), "{} and {other}", one.target.id);
                assert_ne!(one.target.amount, back.target.amount);
            }
        }
        let any = group.offers.iter().any(|offer| !offer.disagrees_with.is_empty());
        assert_eq!(group.disagrees(), any);
    }
    // What cannot be told is not held against another source.
    let unsure = Person { ages: Live::Missing, ..on_drug(Agent::Denosumab, 120) };
    assert_eq!(offer(&unsure, "calcium.denosumab_120").expect("told").disagrees_with, ["calcium.survivor"]);
}

#[test]
fn thirty_minutes_and_three_hours_stand_beside_each_other() {
    let products = [(Product::OralBisphosphonate, id(7)), (Product::CalciumCarbonate, id(8))];
    let taking = Person { products: products.into(), ..person() };
    let gap = |id: &str| offer(&taking, id).expect("told");
    let (short, long) = (gap("separation.bisphosphonate_calcium.30_min"), gap("separation.bisphosphonate_calcium.3_h"));
    assert_eq!((short.fit, long.fit), (Fit::Applies, Fit::Applies));
    assert_eq!(short.disagrees_with, [long.target.id]);
    assert_eq!(gap("separation.bisphosphonate_anything").disagrees_with, Vec::<&str>::new());
    assert_eq!(
        gap("separation.iron_calcium").fit,
        Fit::CannotTell,
        "that no iron is written down does not say that none is taken"
    );
}

#[test]
fn every_live_version_of_an_input_counts() {
    let two = Person { ages: live([50, 51]), ..person() };
    for id in ["calcium.rda.19_50", "calcium.rda.women_51_70"] {
        let offer = offer(&two, id).expect("told");
        assert_eq!((offer.fit, offer.disputed), (Fit::Applies, true), "{id}");
        assert_eq!(offer.because.iter().filter(|one| one.input == "P-RISK.birth_date").count(), 2);
    }
    assert_eq!(fit(&two, "calcium.rda.over_70"), None);
    let doses = Person {
        drugs: vec![Drug { dose_mg_milli: live([60_000, 120_000]), ..on_drug(Agent::Denosumab, 60).drugs[0].clone() }],
        ..person()
    };
    let mut found = apply(&doses, "calcium.denosumab");
    found.sort_unstable();
    assert_eq!(found, ["calcium.denosumab_120", "calcium.denosumab_60"]);
    let unknown = Person { ages: Live::of([Some(50), None]), ..person() };
    let offer = offer(&unknown, "calcium.rda.19_50").expect("told");
    assert_eq!((offer.fit, offer.disputed), (Fit::Applies, true));
}
