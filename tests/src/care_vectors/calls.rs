//! Which function of the core a vector means, and what its words are in the core's types. A word that the core does not
//! know is an input that it does not understand: missing. An argument of the wrong type fails the case.

use osteon_care_core::{
    Assessed, Day, Exact, MirelsInputs, SinsInputs,
    assess::{
        Sex, Word, balance, bone, cachexia, calcium, ecog, falls, frax, home, lateness, mobility, mood, overlay, pain,
        pgsga, proctcae, renal, risk, screening, zoledronate,
    },
    mirels, sins, sins_location,
};
use osteon_proto::care::{
    LesionSize, LesionType, MirelsPain, PosterolateralInvolvement, SinsPain, SpinalAlignment, VertebralCollapse,
};

use super::{
    Call,
    bind::{small, texts, yes},
    json::{Answer, Json},
    pgsga as form,
};

type Found = Result<Answer, String>;

/// Calls what `function` names.
pub(super) fn call(function: &str, call: &Call) -> Found {
    match function {
        "t_band" | "t_score" | "ost" | "aibl" | "mirels" | "sins" | "sins_location" => bones(function, call),
        "tug" | "chair_stand" | "four_stage" | "gait_speed" | "stay_independent" | "home_safety" => {
            falling(function, call)
        }
        "nrs_band" | "bpi" | "pain_change" | "phq2" | "distress" | "proctcae" => feeling(function, call),
        "must" | "mst" | "pgsga_weight" | "pgsga_sf" | "pgsga_total" | "bmi" | "loss_pct" | "cachexia" => {
            eating(function, call)
        }
        "adj_ca_mmol" | "adj_ca_mgdl" | "ca_band" | "crcl_cg" | "egfr2021" => blood(function, call),
        "zol_dose" | "zol_withhold" | "zol_resume" | "dmab_late" | "ecog" | "ecog_change" => treatment(function, call),
        "overlay" => exercise(call),
        "frax" => recorded_frax(call),
        _ => Err("there is no such function".to_owned()),
    }
}

fn missing<B>(found: &Assessed<B>) -> Option<Answer> {
    found.cannot_tell().then(|| Answer::CannotTell(found.missing().iter().map(|name| (*name).to_owned()).collect()))
}

fn score<B>(found: &Assessed<B>) -> Answer {
    let number = found.score().map(|score| Answer::Number(score.exact(), score.places()));
    missing(found).or(number).unwrap_or(Answer::Null)
}

fn band<B: Word>(found: &Assessed<B>) -> Answer {
    missing(found).or_else(|| found.band().map(|band| Answer::Word(band.code().to_owned()))).unwrap_or(Answer::Null)
}

fn score_and_band<B: Word>(found: &Assessed<B>) -> Answer {
    missing(found).unwrap_or_else(|| Answer::List(vec![score(found), band(found)]))
}

fn is<B: Word>(found: &Assessed<B>, yes: B) -> Answer {
    missing(found).unwrap_or_else(|| Answer::Yes(found.band() == Some(&yes)))
}

fn bones(function: &str, call: &Call) -> Found {
    Ok(match function {
        "t_band" => {
            let of = call.bind(&["t|t_score", "applies|postmenopausal_or_male_50", "fragility_fracture|fracture"])?;
            band(&bone::t_band(of.number(0)?, of.yes(1)?, of.yes(2)?))
        }
        "t_score" => {
            let of = call.bind(&["bmd", "mean|reference_mean", "sd|reference_sd"])?;
            score(&bone::t_score(of.number(0)?, of.number(1)?, of.number(2)?))
        }
        "ost" => {
            let of = call.bind(&["kg|weight", "years|age", "sex"])?;
            score_and_band(&bone::ost(of.number(0)?, of.number(1)?, of.word::<Sex>(2)?))
        }
        "aibl" => {
            let of = call.bind(&["t|t_score", "risk_factors|rf"])?;
            let factors = texts(of.list(1)?)?;
            let factors: Option<Vec<risk::RiskFactor>> =
                factors.and_then(|words| words.into_iter().map(risk_factor).collect());
            band(&risk::bone_loss(of.number(0)?, factors.as_deref()))
        }
        "mirels" => {
            let of = call.bind(&["site", "pain", "lesion|type", "size"])?;
            score_and_band(&mirels(&MirelsInputs {
                site: of.word(0)?,
                pain: of.text(1)?.and_then(|word| {
                    pick(
                        word,
                        &[
                            ("mild", MirelsPain::Mild),
                            ("moderate", MirelsPain::Moderate),
                            ("functional", MirelsPain::Functional),
                        ],
                    )
                }),
                lesion: of.text(2)?.and_then(lesion),
                size: of.text(3)?.and_then(|word| {
                    pick(
                        word,
                        &[
                            ("lt_1_3", LesionSize::Lt13),
                            ("from_1_3_to_2_3", LesionSize::LesionSize13To23),
                            ("1_3_to_2_3", LesionSize::LesionSize13To23),
                            ("gt_2_3", LesionSize::Gt23),
                        ],
                    )
                }),
            }))
        }
        "sins" => score_and_band(&sins(&sins_inputs(call)?)),
        _ => {
            let of = call.bind(&["level"])?;
            match of.text(0)?.and_then(sins_location) {
                Some(location) => Answer::Word(location.code().to_owned()),
                None => Answer::CannotTell(vec!["level".to_owned()]),
            }
        }
    })
}

fn sins_inputs(call: &Call) -> Result<SinsInputs, String> {
    let of = call.bind(&["location", "pain", "lesion|type", "alignment", "collapse", "posterolateral"])?;
    let pains =
        [("none", SinsPain::None), ("non_mechanical", SinsPain::NonMechanical), ("mechanical", SinsPain::Mechanical)];
    let alignments = [
        ("normal", SpinalAlignment::Normal),
        ("deformity", SpinalAlignment::Deformity),
        ("subluxation", SpinalAlignment::Subluxation),
    ];
    let collapses = [
        ("none", VertebralCollapse::None),
        ("none_gt50_body", VertebralCollapse::NoneGt50Body),
        ("lt50", VertebralCollapse::Lt50),
        ("gt50", VertebralCollapse::Gt50),
    ];
    let sides = [
        ("none", PosterolateralInvolvement::None),
        ("unilateral", PosterolateralInvolvement::Unilateral),
        ("bilateral", PosterolateralInvolvement::Bilateral),
    ];
    Ok(SinsInputs {
        location: of.word(0)?,
        pain: of.text(1)?.and_then(|word| pick(word, &pains)),
        lesion: of.text(2)?.and_then(lesion),
        alignment: of.text(3)?.and_then(|word| pick(word, &alignments)),
        collapse: of.text(4)?.and_then(|word| pick(word, &collapses)),
        posterolateral: of.text(5)?.and_then(|word| pick(word, &sides)),
    })
}

fn pick<T: Copy>(word: &str, words: &[(&str, T)]) -> Option<T> {
    words.iter().find(|(other, _)| *other == word).map(|(_, value)| *value)
}

fn lesion(word: &str) -> Option<LesionType> {
    pick(
        word,
        &[
            ("blastic", LesionType::Blastic),
            ("mixed", LesionType::Mixed),
            ("lytic", LesionType::Lytic),
            ("unknown", LesionType::Unknown),
        ],
    )
}

/// The published vectors name three of the six; the others by what is in their names.
fn risk_factor(word: &str) -> Option<risk::RiskFactor> {
    let stems = [
        ("age", risk::RiskFactor::Age),
        ("bmi", risk::RiskFactor::Bmi),
        ("hip", risk::RiskFactor::HipFracture),
        ("fragility", risk::RiskFactor::FragilityFracture),
        ("cortico", risk::RiskFactor::Corticosteroid),
        ("smok", risk::RiskFactor::Smoking),
        ("fracture", risk::RiskFactor::FragilityFracture),
    ];
    let by_stem = || stems.iter().find(|(stem, _)| word.contains(stem)).map(|(_, factor)| *factor);
    risk::RiskFactor::parse(word).or_else(by_stem)
}

fn falling(function: &str, call: &Call) -> Found {
    Ok(match function {
        "tug" => {
            let of = call.bind(&["seconds|s|tug_s", "cut"])?;
            band(&mobility::tug(of.number(0)?, of.number(1)?))
        }
        "chair_stand" => {
            let of = call.bind(&["stands|count|n|chair_stands_30s", "age|years", "sex", "used_arms|arms_used|arms"])?;
            let found = mobility::chair_stand(of.whole(0)?, of.number(1)?, of.word::<Sex>(2)?, of.yes(3)?);
            score_and_band(&found)
        }
        "four_stage" => {
            let of = call.bind(&["side_by_side", "semi_tandem", "tandem", "one_leg"])?;
            let seconds = [of.number(0)?, of.number(1)?, of.number(2)?, of.number(3)?];
            score_and_band(&balance::four_stage(seconds))
        }
        "gait_speed" => {
            let of = call.bind(&["metres|distance|m|gait_m", "seconds|time|s|gait_s", "cut"])?;
            score_and_band(&mobility::gait_speed(of.number(0)?, of.number(1)?, of.number(2)?))
        }
        "stay_independent" => {
            let of = call.bind(&["answers|items"])?;
            score_and_band(&falls::stay_independent(of.exactly(0, |value| yes(value).map(Some))?))
        }
        _ => {
            let of = call.bind(&["answers"])?;
            let Some(Json::Map(entries)) = of.at(0) else { return Err("answers is no object".to_owned()) };
            let known = entries.iter().filter_map(|(item, answer)| {
                Some((home::HomeItem::parse(item)?, home::HomeAnswer::parse(answer.text()?)?))
            });
            score(&home::home_safety(&known.collect::<Vec<_>>()).score)
        }
    })
}

fn feeling(function: &str, call: &Call) -> Found {
    Ok(match function {
        "nrs_band" => {
            let of = call.bind(&["nrs|pain|n", "cuts"])?;
            band(&pain::pain_band(of.number(0)?, of.word(1)?.unwrap_or(pain::PainCuts::Serlin)))
        }
        "bpi" => {
            let of = call.bind(&["severity", "interference"])?;
            let severity = pain::bpi_severity(pain::Licence::Held, of.exactly(0, small)?);
            let interference = pain::bpi_interference(pain::Licence::Held, of.exactly(1, small)?);
            Answer::List(vec![score(&severity), score(&interference)])
        }
        "pain_change" => {
            let of = call.bind(&["before", "now"])?;
            score_and_band(&pain::pain_change(of.number(0)?, of.number(1)?))
        }
        "phq2" => {
            let of = call.bind(&["interest|a", "mood|b"])?;
            score_and_band(&mood::phq2(of.whole(0)?, of.whole(1)?))
        }
        "distress" => {
            let of = call.bind(&["distress|n", "cut"])?;
            score_and_band(&mood::distress(of.whole(0)?, of.whole(1)?))
        }
        _ => {
            let of = call.bind(&["f|frequency", "s|severity", "i|interference"])?;
            // By name, null is an attribute of the item that was not answered; by place, one that the item has not.
            let by_name = |letters: [&str; 2]| call.kw.iter().any(|(name, _)| letters.contains(&name.as_str()));
            let asked = [
                of.at(0).is_some() || by_name(["f", "frequency"]),
                of.at(1).is_some() || by_name(["s", "severity"]),
                of.at(2).is_some() || by_name(["i", "interference"]),
            ];
            let Some(attributes) = proctcae::Attributes::of(asked) else {
                return Ok(Answer::CannotTell(vec![
                    "frequency".to_owned(),
                    "severity".to_owned(),
                    "interference".to_owned(),
                ]));
            };
            let answer = |place| of.at(place).map_or(Ok(None), small);
            let answers = proctcae::Answers { frequency: answer(0)?, severity: answer(1)?, interference: answer(2)? };
            score(&proctcae::composite(attributes, &answers))
        }
    })
}

fn eating(function: &str, call: &Call) -> Found {
    Ok(match function {
        "must" => {
            let of = call.bind(&["bmi", "loss_pct|loss", "acute|acutely_ill"])?;
            score_and_band(&screening::must(of.number(0)?, of.number(1)?, of.yes(2)?))
        }
        "mst" => {
            let of = call.bind(&["weight_lost|lost|weight_loss", "eating_poorly|poor_appetite"])?;
            score_and_band(&screening::mst(of.word(0)?, of.yes(1)?))
        }
        "pgsga_weight" => {
            let of = call.bind(&["now", "month_ago|one_month", "half_year_ago|six_months", "two_weeks|change"])?;
            let change = of.text(3)?;
            let points = form::weight_points(of.number(0)?, of.number(1)?, of.number(2)?, change == Some("decreased"));
            match points.filter(|_| change.is_some()) {
                Some(points) => Answer::Number(Exact::whole(points), 0),
                None => Answer::CannotTell(vec!["weight".to_owned()]),
            }
        }
        "pgsga_sf" => {
            let of = call.bind(&["weight_points|box1", "food|box2", "symptoms|box3", "activity|box4"])?;
            let boxes = [
                of.whole(0)?,
                texts(of.list(1)?)?.and_then(|ticked| form::food_points(&ticked)),
                texts(of.list(2)?)?.and_then(|ticked| form::symptom_points(&ticked)),
                of.text(3)?.and_then(form::activity_points),
            ];
            let total = boxes.into_iter().sum::<Option<i64>>();
            score_and_band(&pgsga::pg_sga(Some("PG-SGA SF"), total))
        }
        "pgsga_total" => {
            let of = call.bind(&["form", "total"])?;
            score_and_band(&pgsga::pg_sga(of.text(0)?, of.whole(1)?))
        }
        "bmi" => {
            let of = call.bind(&["kg|weight", "cm|height"])?;
            score(&cachexia::bmi(of.number(0)?, of.number(1)?))
        }
        "loss_pct" => {
            let of = call.bind(&["reference|ref", "now|weight"])?;
            score(&cachexia::weight_loss(of.number(0)?, of.number(1)?, false))
        }
        _ => {
            let of = call.bind(&["loss_pct|loss", "bmi"])?;
            is(&cachexia::cachexia(of.number(0)?, of.number(1)?), cachexia::Cachexia::Met)
        }
    })
}

fn blood(function: &str, call: &Call) -> Found {
    Ok(match function {
        "adj_ca_mmol" | "adj_ca_mgdl" => {
            let of = call.bind(&["ca|calcium", "albumin|alb"])?;
            let adjusted =
                if function == "adj_ca_mmol" { calcium::adjusted_calcium } else { calcium::adjusted_calcium_mg_dl };
            score(&adjusted(of.number(0)?, of.number(1)?))
        }
        "ca_band" => {
            let of = call.bind(&["ca|calcium", "lln|lower_limit", "uln|upper_limit"])?;
            let limits = calcium::Limits { lower: of.number(1)?, upper: of.number(2)? };
            band(&calcium::calcium_band(of.number(0)?, limits))
        }
        "crcl_cg" => {
            let of = call.bind(&["age|years", "kg|weight", "scr|creatinine", "sex"])?;
            score(&renal::creatinine_clearance(&renal::RenalInputs {
                age_years: of.number(0)?,
                weight_kg: of.number(1)?,
                creatinine_mg_dl: of.number(2)?,
                sex: of.word(3)?,
            }))
        }
        _ => {
            let of = call.bind(&["scr|creatinine", "age|years", "sex"])?;
            score(&renal::egfr(&renal::RenalInputs {
                age_years: of.number(1)?,
                weight_kg: None,
                creatinine_mg_dl: of.number(0)?,
                sex: of.word(2)?,
            }))
        }
    })
}

fn treatment(function: &str, call: &Call) -> Found {
    Ok(match function {
        "zol_dose" => {
            let of = call.bind(&["crcl|clearance"])?;
            score(&zoledronate::zoledronate_dose(of.number(0)?))
        }
        "zol_withhold" => {
            let of = call.bind(&["baseline", "now|creatinine"])?;
            let found = zoledronate::zoledronate_withhold(of.number(0)?, of.number(1)?);
            is(&found, zoledronate::Withhold::Withhold)
        }
        "zol_resume" => {
            let of = call.bind(&["baseline", "now|creatinine"])?;
            is(&zoledronate::zoledronate_resume(of.number(0)?, of.number(1)?), zoledronate::Resume::Within)
        }
        "dmab_late" => {
            let of = call.bind(&["last", "today", "interval|interval_days"])?;
            let interval = of.whole(2)?;
            // 182 days is the interval of 60 mg; any other was ordered for 120 mg.
            let dose = interval.map(|days| match days {
                lateness::INTERVAL_60_MG_DAYS => lateness::Denosumab::Mg60,
                _ => lateness::Denosumab::Mg120,
            });
            let found = lateness::denosumab_lateness(&lateness::LatenessInputs {
                last: of.text(0)?.and_then(Day::parse),
                today: of.text(1)?.and_then(Day::parse),
                dose,
                interval,
            });
            score_and_band(&found)
        }
        "ecog" => {
            let of = call.bind(&["performance"])?;
            score(&ecog::ecog(of.word(0)?))
        }
        _ => {
            let of = call.bind(&["before", "now", "days"])?;
            score_and_band(&ecog::ecog_change(of.whole(0)?, of.whole(1)?, of.whole(2)?))
        }
    })
}

fn exercise(call: &Call) -> Found {
    let of = call.bind(&["sites"])?;
    let Some(list) = of.list(0)? else { return Ok(Answer::CannotTell(vec!["sites".to_owned()])) };
    // A site without a table is one for the physiotherapist; null is a lesion of which nobody says where it is.
    let site = |value: &Json| match value {
        Json::Null => Ok(None),
        Json::Text(word) => Ok(Some(overlay::OverlaySite::parse(word).unwrap_or(overlay::OverlaySite::Other))),
        other => Err(format!("{other} is no text")),
    };
    let sites: Vec<Option<overlay::OverlaySite>> = list.iter().map(site).collect::<Result<_, _>>()?;
    let found = overlay::overlay(&sites);
    let modules = found.band().map(|overlay| overlay.modules.as_slice()).unwrap_or_default();
    let modules = modules.iter().map(|limit| {
        let level = overlay::ModuleLevel::ALL.iter().position(|level| *level == limit.level).unwrap_or_default();
        let exclusions = limit.exclusions.iter().map(|exclusion| Answer::Word(exclusion.code().to_owned()));
        let level = Answer::Number(Exact::whole(level as i64), 0);
        (limit.module.code().to_owned(), Answer::List(vec![level, Answer::List(exclusions.collect())]))
    });
    Ok(missing(&found).unwrap_or_else(|| Answer::Map(modules.collect())))
}

fn recorded_frax(call: &Call) -> Found {
    let of = call.bind(&["major", "hip", "country", "date"])?;
    Ok(band(&frax::frax(&frax::FraxResult {
        date: of.text(3)?.and_then(Day::parse),
        country: of.text(2)?.map(str::to_owned),
        major_percent: of.number(0)?,
        hip_percent: of.number(1)?,
        ..frax::FraxResult::default()
    })))
}
