//! What must hold of every assessment for any inputs: it does not panic, what is missing leaves neither score nor band, a
//! worse reading never gets a better band.

use osteon_care_core::{
    Assessed, Day, Exact, MirelsInputs, MirelsSite, SinsInputs, SinsLocation,
    assess::{
        Sex, Word, balance, bone, cachexia, calcium, ecog, falls, frax, home, lateness, mobility, mood, overlay, pain,
        pgsga, proctcae, renal, risk, screening, zoledronate,
    },
    mirels, sins,
};
use osteon_proto::care::{
    LesionSize, LesionType, MirelsPain, PosterolateralInvolvement, SinsPain, SpinalAlignment, VertebralCollapse,
};
use proptest::prelude::*;

/// Any number that a field of the contracts can hold, or none.
fn number() -> impl Strategy<Value = Option<Exact>> {
    prop_oneof![
        1 => Just(None),
        6 => (-20_000i64..400_000, 0u32..5).prop_map(|(units, places)| Exact::scaled(units, places)),
        1 => (any::<i64>(), any::<u32>()).prop_map(|(units, places)| Exact::scaled(units, places)),
        1 => (any::<i128>(), any::<i128>()).prop_map(|(num, den)| Exact::ratio(num, den)),
    ]
}

fn plausible(low: i64, high: i64, places: u32) -> impl Strategy<Value = Exact> {
    (low..=high).prop_map(move |units| Exact::scaled(units, places).expect("small"))
}

fn word<W: Word + std::fmt::Debug>() -> impl Strategy<Value = Option<W>> {
    (0..=W::ALL.len()).prop_map(|place| W::ALL.get(place).copied())
}

/// Missing: neither score nor band. Not missing: one of them at least.
fn sound<B>(found: &Assessed<B>) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.cannot_tell(), found.score().is_none() && found.band().is_none(), "{}", found.about().name);
    let known: Vec<&str> = found.about().inputs.iter().map(|(name, _)| *name).collect();
    for used in found.used() {
        let listed = known.contains(&used.name) || ["site", "interest"].contains(&used.name);
        prop_assert!(listed, "{} of {} stands in no table", used.name, found.about().name);
    }
    Ok(())
}

/// With this input missing there is no answer that names it not.
fn names<B>(found: &Assessed<B>, missing: &str) -> Result<(), TestCaseError> {
    sound(found)?;
    prop_assert!(found.missing().contains(&missing), "{}: {:?}", found.about().name, found.missing());
    Ok(())
}

fn renal(age: Option<Exact>, weight: Option<Exact>, creatinine: Option<Exact>, sex: Option<Sex>) -> renal::RenalInputs {
    renal::RenalInputs { age_years: age, weight_kg: weight, creatinine_mg_dl: creatinine, sex }
}

proptest! {
    #[test]
    fn no_numbers_panic(a in number(), b in number(), c in number(), d in number(), sex in word::<Sex>(), yes: Option<bool>, fluid: bool) {
        sound(&bone::t_score(a, b, c))?;
        sound(&bone::t_band(a, yes, yes))?;
        sound(&bone::ost(a, b, sex))?;
        sound(&mobility::tug(a, b))?;
        sound(&mobility::gait_speed(a, b, c))?;
        sound(&mobility::chair_stand(a.and_then(Exact::as_whole), b, sex, yes))?;
        sound(&balance::four_stage([a, b, c, d]))?;
        for cuts in pain::PainCuts::ALL {
            sound(&pain::pain_band(a, *cuts))?;
        }
        sound(&pain::pain_change(a, b))?;
        sound(&screening::must(a, b, yes))?;
        sound(&calcium::adjusted_calcium(a, b))?;
        sound(&calcium::adjusted_calcium_mg_dl(a, b))?;
        sound(&calcium::calcium_band(a, calcium::Limits { lower: b, upper: c }))?;
        sound(&renal::creatinine_clearance(&renal(a, b, c, sex)))?;
        sound(&renal::egfr(&renal(a, b, c, sex)))?;
        sound(&zoledronate::zoledronate_dose(a))?;
        sound(&zoledronate::zoledronate_withhold(a, b))?;
        sound(&zoledronate::zoledronate_resume(a, b))?;
        sound(&cachexia::bmi(a, b))?;
        sound(&cachexia::weight_loss(a, b, fluid))?;
        sound(&cachexia::cachexia(a, b))?;
    }

    #[test]
    fn no_answers_panic(a: Option<i64>, b: Option<i64>, c: Option<i64>, small in -2i64..12, items: [Option<u8>; 7], yes: [Option<bool>; 12], text: Option<String>, days in any::<(i32, i32)>()) {
        sound(&mood::phq2(a, b))?;
        sound(&mood::phq2(Some(small), Some(small)))?;
        sound(&mood::distress(a, b))?;
        sound(&ecog::ecog_change(a, b, c))?;
        sound(&pgsga::pg_sga(text.as_deref(), a))?;
        sound(&falls::stay_independent(yes))?;
        let [w, x, y, z, ..] = items;
        for licence in pain::Licence::ALL {
            sound(&pain::bpi_severity(*licence, [w, x, y, z]))?;
            sound(&pain::bpi_interference(*licence, items))?;
        }
        for attributes in proctcae::Attributes::ALL {
            sound(&proctcae::composite(*attributes, &proctcae::Answers { frequency: w, severity: x, interference: y }))?;
        }
        for dose in [None, Some(lateness::Denosumab::Mg60), Some(lateness::Denosumab::Mg120)] {
            let inputs = lateness::LatenessInputs { last: Some(Day(days.0)), today: Some(Day(days.1)), dose, interval: a };
            sound(&lateness::denosumab_lateness(&inputs))?;
        }
        sound(&frax::frax(&frax::FraxResult { date: Some(Day(days.0)), country: text, ..Default::default() }))?;
    }

    #[test]
    fn a_missing_input_is_named(a in plausible(300, 900, 1), b in plausible(200, 600, 1), sex in prop::sample::select(Sex::ALL)) {
        let (a, b, sex) = (Some(a), Some(b), Some(sex));
        names(&bone::t_score(None, a, b), "bmd")?;
        names(&bone::t_score(a, None, b), "reference_mean")?;
        names(&bone::t_score(a, b, None), "reference_sd")?;
        names(&bone::t_band(None, Some(true), Some(true)), "t")?;
        names(&bone::ost(a, None, sex), "age")?;
        names(&bone::ost(a, b, None), "sex")?;
        names(&renal::creatinine_clearance(&renal(b, None, a, sex)), "weight")?;
        names(&renal::egfr(&renal(None, None, a, sex)), "age")?;
        names(&renal::egfr(&renal(b, None, None, sex)), "creatinine")?;
        names(&calcium::adjusted_calcium(a, None), "albumin")?;
        names(&calcium::adjusted_calcium(None, a), "calcium")?;
        names(&screening::must(a, b, None), "acutely_ill")?;
        names(&screening::must(a, None, Some(true)), "loss")?;
        names(&screening::mst(None, Some(true)), "weight_lost")?;
        names(&screening::mst(Some(screening::WeightLost::No), None), "eating_poorly")?;
        names(&cachexia::bmi(a, None), "height")?;
        names(&cachexia::weight_loss(None, a, false), "reference")?;
        names(&mobility::tug(None, None), "seconds")?;
        names(&mobility::chair_stand(Some(9), Some(Exact::whole(70)), None, Some(false)), "sex")?;
        names(&mobility::chair_stand(Some(9), Some(Exact::whole(70)), sex, None), "used_arms")?;
        names(&zoledronate::zoledronate_dose(None), "clearance")?;
        names(&pain::pain_band(None, pain::PainCuts::Serlin), "pain")?;
        names(&overlay::overlay(&[None]), "site")?;
        names(&ecog::ecog(None), "performance")?;
    }

    #[test]
    fn a_worse_number_is_never_a_better_band(low in plausible(0, 100, 1), high in plausible(0, 100, 1)) {
        let (low, high) = (low.min(high), low.max(high));
        for cuts in pain::PainCuts::ALL {
            prop_assert!(pain::pain_band(Some(low), *cuts).band() <= pain::pain_band(Some(high), *cuts).band());
        }
        let tug = |seconds: Exact| mobility::tug(seconds.plus(Exact::whole(5)), None).band().copied();
        prop_assert!(tug(low) <= tug(high));
        let t = |t: Exact| bone::t_band(t.minus(Exact::whole(5)), Some(true), Some(false)).band().copied();
        prop_assert!(t(high) <= t(low));
        let must = |loss| screening::must(Some(Exact::whole(19)), Some(loss), Some(false)).score().map(|score| score.units());
        prop_assert!(must(low) <= must(high));
        let calcium = |value: Exact| calcium::calcium_band(Exact::ratio(1, 2).and_then(|half| value.times(half)), calcium::Limits::default()).band().copied();
        prop_assert!(calcium(low) <= calcium(high));
        let dose = |clearance: Exact| zoledronate::zoledronate_dose(clearance.times(Exact::whole(10))).band().copied();
        prop_assert!(dose(low) <= dose(high));
        let lost = |loss| cachexia::cachexia(Some(loss), Some(Exact::whole(19))).band().copied();
        prop_assert!(lost(high) <= lost(low));
    }

    #[test]
    fn kidneys_never_look_better_with_more_creatinine_or_age(
        one in plausible(20, 2_000, 2), more in plausible(0, 500, 2), age in 18i64..100, years in 0i64..30, weight in plausible(300, 1_500, 1), sex in prop::sample::select(Sex::ALL),
    ) {
        let worse = one.plus(more).expect("small");
        let at = |creatinine: Exact, age| renal(Some(Exact::whole(age)), Some(weight), Some(creatinine), Some(sex));
        for score in [renal::creatinine_clearance, renal::egfr] {
            let best = score(&at(one, age)).exact().expect("all inputs are there");
            prop_assert!(score(&at(worse, age)).exact().expect("all inputs are there") <= best);
            prop_assert!(score(&at(one, age + years)).exact().expect("all inputs are there") <= best);
        }
    }

    #[test]
    fn one_more_lesion_never_allows_more(sites in prop::collection::vec(prop::sample::select(overlay::OverlaySite::ALL), 0..8), one in prop::sample::select(overlay::OverlaySite::ALL)) {
        let before: Vec<_> = sites.iter().copied().map(Some).collect();
        let mut after = before.clone();
        after.insert(after.len() / 2, Some(one));
        let (before, after) = (overlay::overlay(&before), overlay::overlay(&after));
        let (before, after) = (before.band().expect("sites"), after.band().expect("sites"));
        for (earlier, later) in before.modules.iter().zip(&after.modules) {
            prop_assert!(later.level <= earlier.level);
            prop_assert!(earlier.exclusions.iter().all(|exclusion| later.exclusions.contains(exclusion)));
        }
        prop_assert!(after.ask >= before.ask);
    }

    #[test]
    fn later_is_never_less_urgent(last in 0i32..20_000, late in -400i32..400, more in 0i32..200, interval in 1i64..200) {
        for dose in lateness::Denosumab::ALL {
            let band = |today| {
                let inputs = lateness::LatenessInputs { last: Some(Day(last)), today: Some(Day(today)), dose: Some(*dose), interval: Some(interval) };
                lateness::denosumab_lateness(&inputs).band().copied()
            };
            prop_assert!(band(last + late) <= band(last + late + more));
        }
    }

    #[test]
    fn home_answers_in_any_order_and_the_worst_counts(answers in prop::collection::vec((prop::sample::select(home::HomeItem::ALL), prop::sample::select(home::HomeAnswer::ALL)), 0..40)) {
        let found = home::home_safety(&answers);
        sound(&found.score)?;
        let mut turned = answers.clone();
        turned.reverse();
        let other = home::home_safety(&turned);
        prop_assert_eq!(&found.hazards, &other.hazards);
        prop_assert_eq!(&found.unknown, &other.unknown);
        let points: i128 = found.hazards.iter().map(|item| if item.is_high() { 2 } else { 1 }).sum();
        if let Some(score) = found.score.score() {
            prop_assert_eq!(score.units(), points);
        }
    }

    #[test]
    fn factors_only_add(t in number(), factors in prop::collection::vec(prop::sample::select(risk::RiskFactor::ALL), 0..7)) {
        let met = |factors: &[risk::RiskFactor]| {
            risk::bone_loss(t, Some(factors)).band().is_some_and(|band| *band != risk::BoneLossCriteria::NotMet)
        };
        for count in 0..factors.len() {
            prop_assert!(met(&factors[..=count]) || !met(&factors[..count]));
        }
        sound(&risk::bone_loss(t, None))?;
    }
}

/// All 4 × 5 × 5 answers and the smaller tables: a higher answer never gives a lower grade.
#[test]
fn a_higher_answer_never_gives_a_lower_grade() {
    for attributes in proctcae::Attributes::ALL {
        let grade = |[f, s, i]: [u8; 3]| {
            let answers = proctcae::Answers { frequency: Some(f), severity: Some(s), interference: Some(i) };
            proctcae::composite(*attributes, &answers).band().copied().expect("all is answered")
        };
        for place in 0..125u8 {
            let answers = [place / 25, place / 5 % 5, place % 5];
            for which in 0..3 {
                let mut higher = answers;
                higher[which] += 1;
                if higher[which] <= 4 {
                    assert!(grade(answers) <= grade(higher), "{attributes:?} {answers:?} {higher:?}");
                }
            }
        }
    }
}

#[test]
fn what_branching_left_out_is_not_missing_and_what_it_asked_is() {
    let all = proctcae::Attributes::FSI;
    let none = proctcae::Answers { frequency: Some(0), ..Default::default() };
    assert_eq!(proctcae::composite(all, &none).band(), Some(&proctcae::CompositeGrade::Grade0));
    let half = proctcae::Answers { frequency: Some(2), ..Default::default() };
    assert_eq!(proctcae::composite(all, &half).missing(), ["severity", "interference"]);
    assert_eq!(proctcae::composite(all, &Default::default()).missing(), ["frequency", "severity", "interference"]);
    let beyond = proctcae::Answers { frequency: Some(5), severity: Some(1), interference: Some(1) };
    assert_eq!(proctcae::composite(all, &beyond).missing(), ["frequency"]);
}

/// No worse reading of any item ever gives fewer points: the worse of two disputed values is in force.
#[test]
fn a_worse_reading_of_a_lesion_never_scores_less() {
    let kinds = [LesionType::Blastic, LesionType::Mixed, LesionType::Lytic];
    let mirels_of = |[site, pain, lesion, size]: [usize; 4]| {
        let inputs = MirelsInputs {
            site: MirelsSite::ALL.get(site).copied(),
            pain: [MirelsPain::Mild, MirelsPain::Moderate, MirelsPain::Functional].get(pain).copied(),
            lesion: kinds.get(lesion).copied(),
            size: [LesionSize::Lt13, LesionSize::LesionSize13To23, LesionSize::Gt23].get(size).copied(),
        };
        mirels(&inputs).score().map(|score| score.units())
    };
    let sins_of = |[location, pain, lesion, alignment, collapse, side]: [usize; 6]| {
        let collapses = [
            VertebralCollapse::None,
            VertebralCollapse::NoneGt50Body,
            VertebralCollapse::Lt50,
            VertebralCollapse::Gt50,
        ];
        let sides = [
            PosterolateralInvolvement::None,
            PosterolateralInvolvement::Unilateral,
            PosterolateralInvolvement::Bilateral,
        ];
        let inputs = SinsInputs {
            location: SinsLocation::ALL.get(location).copied(),
            pain: [SinsPain::None, SinsPain::NonMechanical, SinsPain::Mechanical].get(pain).copied(),
            lesion: kinds.get(lesion).copied(),
            alignment: [SpinalAlignment::Normal, SpinalAlignment::Deformity, SpinalAlignment::Subluxation]
                .get(alignment)
                .copied(),
            collapse: collapses.get(collapse).copied(),
            posterolateral: sides.get(side).copied(),
        };
        sins(&inputs).score().map(|score| score.units())
    };
    never_less([3; 4], mirels_of);
    never_less([4, 3, 3, 3, 4, 3], sins_of);
}

/// Over all combinations of `sizes` readings each, sorted from best to worst.
fn never_less<const N: usize>(sizes: [usize; N], score: impl Fn([usize; N]) -> Option<i128>) {
    let count: usize = sizes.iter().product();
    for place in 0..count {
        let mut left = place;
        let readings = sizes.map(|size| {
            let reading = left % size;
            left /= size;
            reading
        });
        for which in 0..N {
            let mut worse = readings;
            worse[which] += 1;
            if worse[which] < sizes[which] {
                let (now, then) = (score(readings), score(worse));
                assert!(now.is_some() && now <= then, "{readings:?} {worse:?}");
            }
        }
    }
}
