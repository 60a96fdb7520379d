//! Journal entries of the contracts as facts: J01, J02, J03, J06, J07, J20.

use osteon_proto::care;

use super::{
    Activity, Answer, DuringSign, Entry, Fall, Injury, Lab, Live, Loading, Meal, Pain, Portion, Quality, Side, Sign,
    SpineFeature, Symptom,
    from_codes::{analyte, canonical, site},
    record::{Record, day, instant, known, text},
};

pub(super) fn small(number: Option<u32>) -> Option<u8> {
    u8::try_from(number?).ok()
}

fn side(side: care::Side) -> Option<Side> {
    Some(match side {
        care::Side::Left => Side::Left,
        care::Side::Right => Side::Right,
        care::Side::Both => Side::Both,
        care::Side::Midline => Side::Midline,
        care::Side::Unspecified => return None,
    })
}

pub(super) fn side_of(number: Option<i32>) -> Option<Side> {
    known::<care::Side>(number).and_then(side)
}

pub(super) fn answer(number: Option<i32>) -> Option<Answer> {
    Some(match known::<care::TriState>(number)? {
        care::TriState::Yes => Answer::Yes,
        care::TriState::No => Answer::No,
        _ => Answer::Unknown,
    })
}

/// J01.
pub fn pain(record: &Record<'_>) -> Entry<Pain> {
    type M = care::PainEntry;
    let record = record.whole::<M>();
    let nrs = |field, get: fn(&M) -> Option<u32>| record.live(field, |m: &M| small(get(m)));
    let is = Pain {
        worst: nrs(5, |m| m.worst_24h),
        now: nrs(8, |m| m.now),
        sites: record.set(9, |m: &M| m.site.iter().map(|code| site(code)).collect()),
        side: record.live(10, |m: &M| side_of(m.side)),
        interference: [
            nrs(11, |m| m.interference_activity),
            nrs(12, |m| m.interference_mood),
            nrs(13, |m| m.interference_walking),
            nrs(14, |m| m.interference_work),
            nrs(15, |m| m.interference_relations),
            nrs(16, |m| m.interference_sleep),
            nrs(17, |m| m.interference_enjoyment),
        ]
        .into(),
        loading: record.live(18, |m: &M| known(m.relation_to_loading).and_then(loading)),
        quality: record.set(19, |m: &M| m.quality.iter().map(|one| known(Some(*one)).and_then(quality)).collect()),
        spine: record.set(20, |m: &M| m.spine_features.iter().map(|one| known(Some(*one)).and_then(spine)).collect()),
        new_or_worse: record.live(21, |m: &M| m.new_or_worse),
        onset: record.live(22, |m: &M| day(m.onset_date.as_deref())),
    };
    record.entry(record.live(1, |m: &M| instant(&m.effective_start)), is)
}

fn loading(loading: care::PainLoading) -> Option<Loading> {
    Some(match loading {
        care::PainLoading::None => Loading::None,
        care::PainLoading::AtRest => Loading::AtRest,
        care::PainLoading::WorseOnMovement => Loading::OnMovement,
        care::PainLoading::WorseOnWeightBearingOrUse => Loading::OnUse,
        care::PainLoading::RelievedLying => Loading::RelievedLying,
        care::PainLoading::Unspecified => return None,
    })
}

fn quality(quality: care::PainQuality) -> Option<Quality> {
    Some(match quality {
        care::PainQuality::Aching => Quality::Aching,
        care::PainQuality::Sharp => Quality::Sharp,
        care::PainQuality::Burning => Quality::Burning,
        care::PainQuality::Shooting => Quality::Shooting,
        care::PainQuality::BandLike => Quality::BandLike,
        care::PainQuality::Cramping => Quality::Cramping,
        care::PainQuality::Unspecified => return None,
    })
}

fn spine(feature: care::SpineFeature) -> Option<SpineFeature> {
    Some(match feature {
        care::SpineFeature::SevereUnremitting => SpineFeature::SevereUnremitting,
        care::SpineFeature::Progressive => SpineFeature::Progressive,
        care::SpineFeature::Mechanical => SpineFeature::Mechanical,
        care::SpineFeature::Straining => SpineFeature::Straining,
        care::SpineFeature::Night => SpineFeature::Night,
        care::SpineFeature::Tender => SpineFeature::Tender,
        care::SpineFeature::Unspecified => return None,
    })
}

/// J02.
pub fn symptom(record: &Record<'_>) -> Entry<Symptom> {
    type M = care::SymptomEntry;
    let record = record.whole::<M>();
    let score = |field, get: fn(&M) -> Option<u32>| record.live(field, |m: &M| small(get(m)));
    let is = Symptom {
        item: score(5, |m| m.item),
        frequency: score(6, |m| m.frequency),
        severity: score(7, |m| m.severity),
        interference: score(8, |m| m.interference),
        flags: record.set(11, |m: &M| m.red_flags.iter().map(|code| Sign::from_code(code)).collect()),
        new_or_worse: record.live(12, |m: &M| m.new_or_worse),
        known: record.live(13, |m: &M| answer(m.known)),
        unchanged: record.live(14, |m: &M| answer(m.unchanged)),
    };
    record.entry(record.live(1, |m: &M| instant(&m.effective_start)), is)
}

/// J03, whose derived amounts `food` computes out of its items: nutrients are no fields of the record's truth.
pub fn meal(record: &Record<'_>, food: impl FnOnce(&[care::MealItem]) -> Amounts) -> Entry<Meal> {
    type M = care::Meal;
    let chunks = record.versions(6).iter().filter_map(|version| version.chunk);
    let items: Vec<care::MealItem> =
        chunks.filter_map(|chunk| <M as prost::Message>::decode(chunk).ok()).flat_map(|meal| meal.items).collect();
    let amounts = if items.is_empty() { Amounts::default() } else { food(&items) };
    let of = |amount: Option<i64>| amount.map_or(Live::Missing, Live::One);
    let is = Meal {
        energy_kcal_milli: of(amounts.energy_kcal_milli),
        protein_g_milli: of(amounts.protein_g_milli),
        calcium_mg_milli: of(amounts.calcium_mg_milli),
        vitamin_d_ug_milli: of(amounts.vitamin_d_ug_milli),
        vitamin_k_ug_milli: of(amounts.vitamin_k_ug_milli),
        portion: record.live(14, |m: M| known(m.portion_eaten).and_then(portion)),
    };
    record.entry(record.live(1, |m: M| instant(m.when)), is)
}

/// What the items of a meal come to, in thousandths; None: some food is not in the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Amounts {
    pub energy_kcal_milli: Option<i64>,
    pub protein_g_milli: Option<i64>,
    pub calcium_mg_milli: Option<i64>,
    pub vitamin_d_ug_milli: Option<i64>,
    pub vitamin_k_ug_milli: Option<i64>,
}

fn portion(portion: care::PortionEaten) -> Option<Portion> {
    Some(match portion {
        care::PortionEaten::None => Portion::None,
        care::PortionEaten::Quarter => Portion::Quarter,
        care::PortionEaten::Half => Portion::Half,
        care::PortionEaten::ThreeQuarters => Portion::ThreeQuarters,
        care::PortionEaten::All => Portion::All,
        care::PortionEaten::Unspecified => return None,
    })
}

/// J06.
pub fn activity(record: &Record<'_>) -> Entry<Activity> {
    type M = care::ActivitySession;
    let record = record.whole::<M>();
    let nrs = |field, get: fn(&M) -> Option<u32>| record.live(field, |m: &M| small(get(m)));
    let is = Activity {
        duration_min: record.live(6, |m: &M| m.duration),
        rpe_tenths: record.live(7, |m: &M| m.rpe),
        movements: record.set(8, |m: &M| m.movements.iter().cloned().map(Some).collect()),
        regions: record.set(9, |m: &M| m.regions_loaded.iter().map(|code| site(code)).collect()),
        load_kg_tenths: record.live(10, |m: &M| m.load_kg),
        pain_before: nrs(13, |m| m.pain_before),
        pain_during: nrs(14, |m| m.pain_during_max),
        pain_after_24h: nrs(15, |m| m.pain_after_24h),
        signs: record.set(16, |m: &M| m.symptoms_during.iter().map(|one| known(Some(*one)).and_then(during)).collect()),
    };
    record.entry(record.live(1, |m: &M| instant(&m.effective_start)), is)
}

fn during(sign: care::SymptomDuring) -> Option<DuringSign> {
    Some(match sign {
        care::SymptomDuring::ChestPain => DuringSign::ChestPain,
        care::SymptomDuring::Fainting => DuringSign::Fainting,
        care::SymptomDuring::SevereBreathlessness => DuringSign::Breathlessness,
        care::SymptomDuring::SuddenBonePain => DuringSign::BonePain,
        care::SymptomDuring::NewNeurologicalSign => DuringSign::Neurological,
        care::SymptomDuring::Unspecified => return None,
    })
}

/// J07. `duplicate`: a person said that another record is the same fall.
pub fn fall(record: &Record<'_>, duplicate: bool) -> Entry<Fall> {
    type M = care::Fall;
    let flag = |field, get: fn(M) -> Option<bool>| record.live(field, get);
    let is = Fall {
        near_fall: flag(5, |m| m.near_fall),
        place: record.live(6, |m: M| text(m.place)),
        activity: record.live(7, |m: M| text(m.activity)),
        injury: record.set(10, |m: M| m.injury.iter().map(|one| known(Some(*one)).and_then(injury)).collect()),
        hit_head: flag(11, |m| m.hit_head),
        lost_consciousness: flag(12, |m| m.lost_consciousness),
        could_not_get_up: flag(13, |m| m.could_not_get_up),
        cannot_bear_weight: flag(14, |m| m.cannot_bear_weight),
        minutes_on_floor: record.live(15, |m: M| m.minutes_on_floor),
        after_drowsy: flag(16, |m| m.after_drowsy),
        after_vomiting: flag(17, |m| m.after_vomiting),
        after_confused: flag(18, |m| m.after_confused),
        new_weakness_or_numbness: flag(19, |m| m.new_weakness_or_numbness),
        severe_back_or_neck_pain: flag(20, |m| m.severe_back_or_neck_pain),
        duplicate,
    };
    record.entry(record.live(1, |m: M| instant(m.when)), is)
}

fn injury(injury: care::FallInjury) -> Option<Injury> {
    Some(match injury {
        care::FallInjury::None => Injury::None,
        care::FallInjury::Pain => Injury::Pain,
        care::FallInjury::Bruise => Injury::Bruise,
        care::FallInjury::Wound => Injury::Wound,
        care::FallInjury::FractureSuspected => Injury::FractureSuspected,
        care::FallInjury::Head => Injury::Head,
        care::FallInjury::Unspecified => return None,
    })
}

/// J20, in canonical units. `superseded`: a later record corrects it.
pub fn lab(record: &Record<'_>, superseded: bool) -> Entry<Lab> {
    type M = care::LaboratoryResult;
    let analyte_of = record.live(6, |m: M| analyte(m.analyte.as_deref()?));
    let unit = record.live(8, |m: M| text(m.unit));
    let (kind, unit) = (analyte_of.known().next().copied(), unit.known().next().cloned());
    let value = |field, get: fn(M) -> Option<i32>| {
        record.live(field, |m: M| canonical(kind?, i64::from(get(m)?), unit.as_deref()?))
    };
    let (low, high) = limits(value(9, |m| m.ref_low), value(10, |m| m.ref_high));
    let value = value(7, |m| m.value);
    let is = Lab { analyte: analyte_of, value, low, high, method: record.live(13, |m: M| text(m.method)), superseded };
    let at = record.live(11, |m: M| instant(m.specimen_time));
    let at = if at.is_missing() { record.live(1, |m: M| instant(m.effective_start)) } else { at };
    record.entry(at, is)
}

/// Limits as a report gives them. The wrong way round they are none: the clinic's hold, or those of the care specification (A17).
pub(crate) fn limits<T: Ord>(low: Live<T>, high: Live<T>) -> (Live<T>, Live<T>) {
    let reversed = low.known().max().zip(high.known().min()).is_some_and(|(low, high)| low > high);
    if reversed { (Live::Missing, Live::Missing) } else { (low, high) }
}
