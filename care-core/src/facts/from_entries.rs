//! Journal entries of the contracts as facts, the rest of them: J04, J08 to J17, J19, J21 to J25.

use osteon_proto::care;
use prost::Message;

use super::{
    Alcohol, Entry, Fluid, FunctionTest, Live, Mood, Mouth, MouthSign, Reaction, Readiness, Screen, Sleep, Smoking,
    Sun, Support, Swelling, Tool, Visit, VisitKind, Vitals, Weight,
    from_codes::site,
    from_journal::small,
    record::{Record, day, instant, known, text},
};

/// When an entry with the usual envelope happened.
macro_rules! start {
    ($record:expr, $message:ty) => {
        $record.live(1, |m: $message| instant(m.effective_start))
    };
}

/// J04.
pub fn fluid(record: &Record<'_>) -> Entry<Fluid> {
    type M = care::FluidEntry;
    let is = Fluid { volume_ml: record.live(6, |m: M| m.volume), glasses: record.live(7, |m: M| m.glasses) };
    record.entry(start!(record, M), is)
}

/// J08. The contract counts hundredths of a kg and tenths of a cm.
pub fn weight(record: &Record<'_>) -> Entry<Weight> {
    type M = care::BodyWeight;
    let is = Weight {
        weight_g: record.live(5, |m: M| Some(i64::from(m.weight?) * 10)),
        height_mm: record.live(8, |m: M| m.height.map(i64::from)),
    };
    record.entry(start!(record, M), is)
}

/// J09.
pub fn sleep(record: &Record<'_>) -> Entry<Sleep> {
    type M = care::SleepEntry;
    record.entry(start!(record, M), Sleep { duration_min: record.live(5, |m: M| m.duration) })
}

/// J10.
pub fn mood(record: &Record<'_>) -> Entry<Mood> {
    type M = care::MoodEntry;
    let is = Mood {
        phq2_a: record.live(5, |m: M| small(m.phq2_a)),
        phq2_b: record.live(6, |m: M| small(m.phq2_b)),
        distress: record.live(7, |m: M| small(m.distress)),
        not_safe: record.live(11, |m: M| m.not_safe),
    };
    record.entry(start!(record, M), is)
}

/// J11.
pub fn smoking(record: &Record<'_>) -> Entry<Smoking> {
    type M = care::SmokingEntry;
    let is = Smoking {
        cigarettes: record.live(5, |m: M| m.cigarettes),
        vape: record.live(6, |m: M| m.vape),
        other: record.live(7, |m: M| m.other),
    };
    record.entry(start!(record, M), is)
}

/// J12.
pub fn alcohol(record: &Record<'_>) -> Entry<Alcohol> {
    type M = care::AlcoholEntry;
    record.entry(start!(record, M), Alcohol { units_tenths: record.live(5, |m: M| m.units) })
}

/// J13.
pub fn sun(record: &Record<'_>) -> Entry<Sun> {
    type M = care::SunExposure;
    record.entry(start!(record, M), Sun { minutes: record.live(5, |m: M| m.minutes) })
}

/// J14.
pub fn swelling(record: &Record<'_>) -> Entry<Swelling> {
    type M = care::SwellingEntry;
    let is = Swelling {
        site: record.live(5, |m: M| site(m.site.as_deref()?)),
        one_sided: record.live(6, |m: M| m.one_sided),
        pain: record.live(7, |m: M| m.pain),
        warmth: record.live(8, |m: M| m.warmth),
        redness: record.live(9, |m: M| m.redness),
        tightness: record.live(11, |m: M| m.tightness),
        onset: record.live(12, |m: M| day(m.onset_date)),
    };
    record.entry(start!(record, M), is)
}

/// J15.
pub fn mouth(record: &Record<'_>) -> Entry<Mouth> {
    type M = care::MouthCheck;
    let is = Mouth {
        signs: record.set(5, |m: M| m.signs.iter().map(|one| known(Some(*one)).and_then(mouth_sign)).collect()),
        extraction: record.live(7, |m: M| day(m.extraction_date)),
        planned_procedure: record.live(8, |m: M| VisitKind::from_code(m.planned_procedure.as_deref()?)),
    };
    record.entry(start!(record, M), is)
}

fn mouth_sign(sign: care::MouthSign) -> Option<MouthSign> {
    Some(match sign {
        care::MouthSign::ExposedBone => MouthSign::ExposedBone,
        care::MouthSign::Pus => MouthSign::Pus,
        care::MouthSign::NumbChin => MouthSign::NumbChin,
        care::MouthSign::LooseTooth => MouthSign::LooseTooth,
        care::MouthSign::Sore => MouthSign::Sore,
        care::MouthSign::Bleeding => MouthSign::Bleeding,
        care::MouthSign::SocketOpen => MouthSign::SocketOpen,
        care::MouthSign::None => MouthSign::None,
        care::MouthSign::Unspecified => return None,
    })
}

/// J16.
pub fn vitals(record: &Record<'_>) -> Entry<Vitals> {
    type M = care::VitalSigns;
    let temperature_tenths = record.live(5, |m: M| i32::try_from(m.temperature?).ok());
    record.entry(start!(record, M), Vitals { temperature_tenths })
}

/// J17.
pub fn reaction(record: &Record<'_>) -> Entry<Reaction> {
    type M = care::SideEffect;
    record.entry(start!(record, M), Reaction { effect: record.live(6, |m: M| text(m.effect)) })
}

/// J19.
pub fn readiness(record: &Record<'_>) -> Entry<Readiness> {
    type M = care::ReadinessCheck;
    record.entry(start!(record, M), Readiness { treatment_today: record.live(9, |m: M| m.treatment_today) })
}

/// J21.
pub fn function_test(record: &Record<'_>) -> Entry<FunctionTest> {
    type M = care::FunctionalTest;
    let is = FunctionTest {
        tug_tenths: record.live(6, |m: M| m.tug_s),
        chair_stands: record.live(7, |m: M| m.chair_stands_30s),
        used_arms: record.live(8, |m: M| m.used_arms),
        tandem_tenths: record.live(11, |m: M| m.stance_tandem_s),
        gait_m_tenths: record.live(13, |m: M| m.gait_m),
        gait_s_tenths: record.live(14, |m: M| m.gait_s),
    };
    record.entry(start!(record, M), is)
}

/// J22.
pub fn visit(record: &Record<'_>) -> Entry<Visit> {
    type M = care::VisitEntry;
    let kind = record.live(5, |m: M| known(m.kind).and_then(visit_kind));
    record.entry(record.live(1, |m: M| instant(m.when)), Visit { kind })
}

fn visit_kind(kind: care::VisitKind) -> Option<VisitKind> {
    Some(match kind {
        care::VisitKind::Clinic | care::VisitKind::Home => VisitKind::Visit,
        care::VisitKind::Telephone | care::VisitKind::Video => VisitKind::Phone,
        care::VisitKind::Dose => VisitKind::Injection,
        care::VisitKind::Laboratory => VisitKind::Laboratory,
        care::VisitKind::Imaging => VisitKind::Imaging,
        care::VisitKind::Dental => VisitKind::Dental,
        care::VisitKind::Physiotherapy | care::VisitKind::Dietitian | care::VisitKind::Treatment => VisitKind::Therapy,
        care::VisitKind::Other => VisitKind::Other,
        care::VisitKind::Unspecified => return None,
    })
}

/// J23.
pub fn support(record: &Record<'_>) -> Entry<Support> {
    type M = care::SupportActivity;
    record.entry(start!(record, M), Support { resource: record.live(6, |m: M| text(m.resource)) })
}

/// J25. Its day is a field of its own; totals of A10, A12, A13 and A14 are whole numbers.
pub fn screen(record: &Record<'_>) -> Entry<Screen> {
    type M = care::AssessmentResult;
    let date = record.live(1, |m: M| day(m.date));
    let chunks = record.versions(7).iter().filter_map(|version| version.chunk);
    let items: Vec<care::AssessmentAnswer> =
        chunks.filter_map(|chunk| M::decode(chunk).ok()).flat_map(|m| m.items).collect();
    let fell = items.iter().find(|item| item.code.as_deref() == Some("1")).and_then(|item| item.answer.as_deref());
    let is = Screen {
        tool: record.live(6, |m: M| known(m.tool).and_then(tool)),
        total: record.live(8, |m: M| m.total.filter(|hundredths| hundredths % 100 == 0).map(|total| total / 100)),
        fell_in_past_year: match fell {
            Some("yes" | "true") => Live::One(true),
            Some("no" | "false") => Live::One(false),
            _ => Live::Missing,
        },
        date: date.clone(),
    };
    // Noon of that day: a screen has no time of its own.
    let noon =
        |on: &super::Day| super::Instant { ms: i64::from(on.0) * super::DAY_MS + 12 * super::HOUR_MS, offset_min: 0 };
    let at = Live::of(date.known().map(|on| Some(noon(on))).collect::<Vec<_>>());
    record.entry(at, is)
}

fn tool(tool: care::AssessmentTool) -> Option<Tool> {
    Some(match tool {
        care::AssessmentTool::A10 => Tool::StayIndependent,
        care::AssessmentTool::A12 => Tool::Must,
        care::AssessmentTool::A13 => Tool::Mst,
        care::AssessmentTool::A14Total => Tool::PgSga,
        care::AssessmentTool::A23Result => Tool::Frax,
        care::AssessmentTool::Unspecified => return None,
    })
}
