//! V-C04: the bone drug, when it was given last and is due next; names of other medicines without doses; whether there is
//! something against clotting, and a glucocorticoid.

use osteon_proto::care::{self, BoneDrugStatus, MedicineKind, MedicineStatus, TriState};
use prost::Message;

use super::{
    Derived, Seen,
    counted::{Counting, Item, newest_of_each},
    input::Input,
    said::{MAX_VERSIONS, day_text, each, on, settled, text, texts},
};
use crate::store::StoreError;

pub const OF_MEDICINES: u32 = 474;
const BONE_DRUG_PLAN: u32 = 231;
const ADMINISTRATION: u32 = 232;
const ORAL_DOSE: u32 = 233;
const RISK_PROFILE: u32 = 281;
const MEDICINE: u32 = 381;
const MAX_MEDICINES: usize = 64;

pub(super) const MEDICINES: Derived = Derived {
    number: OF_MEDICINES,
    category: Some(4),
    whole: &[BONE_DRUG_PLAN, MEDICINE, RISK_PROFILE],
    single: &[ADMINISTRATION, ORAL_DOSE],
    counts: true,
    compute,
};

const DOSES: Counting = Counting { read: dose, keep: |items| newest_of_each(items, 1) };

fn dose(from: &mut Input) -> Vec<Item> {
    from.moment("when").map(|(at, looked)| Item::of(from, at, &looked)).into_iter().collect()
}

/// Answers with when they were written.
#[derive(Default)]
struct Answers {
    anticoagulant: Vec<(TriState, u64)>,
    glucocorticoid: Vec<(TriState, u64)>,
    due: Vec<(String, u64)>,
}

fn compute(seen: &Seen<'_, '_>) -> Result<Vec<u8>, StoreError> {
    let before: care::SummaryOfMedicines = seen.before();
    let (mut made, mut answers) = (care::SummaryOfMedicines::default(), Answers::default());
    let mut inputs = each(seen, MEDICINES.whole, |type_number, from| match type_number {
        BONE_DRUG_PLAN => bone_drug(&mut made, &mut answers, from),
        MEDICINE => medicine(&mut made, &mut answers, from),
        _ => profile(&mut answers, from),
    })?;
    made.bone_drug = texts(made.bone_drug, MAX_VERSIONS);
    made.medicines = texts(made.medicines, MAX_MEDICINES);
    made.anticoagulant = told(answers.anticoagulant);
    made.glucocorticoid = told(answers.glucocorticoid);
    let due = answers.due.into_iter().min();
    made.next_due = due.map(|(day, ms)| care::SummaryDay { day: Some(day), on: on(ms) });
    let doses = DOSES.count(seen, &before.counted, &before.awaited)?;
    if let Some(last) = doses.items.first() {
        let day = day_text(last.at.day());
        made.last_given = Some(care::SummaryDay { day: day.clone(), on: day });
        inputs.push(last.input());
    }
    (made.counted, made.awaited) = (doses.said(), doses.awaited());
    if made != care::SummaryOfMedicines::default() {
        made.inputs = settled(inputs);
    }
    Ok(made.encode_to_vec())
}

/// A plan that was stopped is no bone drug any more.
fn bone_drug(made: &mut care::SummaryOfMedicines, answers: &mut Answers, from: &mut Input) {
    if from.is_only("status", BoneDrugStatus::Stopped.into()) {
        return;
    }
    made.bone_drug.extend(from.written_texts("agent").into_iter().map(text));
    let due = from.text("planned_next");
    let written = from.looked.iter().map(|looked| looked.written_ms).max().unwrap_or(0);
    answers.due.extend(due.map(|day| (day, written)));
}

/// A line that everybody stopped is no medicine any more.
fn medicine(made: &mut care::SummaryOfMedicines, answers: &mut Answers, from: &mut Input) {
    if from.is_only("status", MedicineStatus::Stopped.into()) {
        return;
    }
    made.medicines.extend(from.written_texts("code").into_iter().map(text));
    let warfarin = from.written_numbers("kinds").into_iter().find(|(kind, _)| *kind == MedicineKind::Warfarin as i32);
    answers.anticoagulant.extend(warfarin.map(|(_, ms)| (TriState::Yes, ms)));
}

fn profile(answers: &mut Answers, from: &mut Input) {
    let said = from.number_in_force("anticoagulant_or_antiplatelet");
    answers.anticoagulant.extend(said.and_then(|(said, ms)| Some((TriState::try_from(said).ok()?, ms))));
    let dose = from.number_in_force("glucocorticoid_mg_d");
    let takes = |dose: i32| if dose > 0 { TriState::Yes } else { TriState::No };
    answers.glucocorticoid.extend(dose.map(|(dose, ms)| (takes(dose), ms)));
}

/// Yes before "not known" before no.
fn told(answers: Vec<(TriState, u64)>) -> Option<care::SummaryTri> {
    let rank = |answer: TriState| match answer {
        TriState::Yes => 3,
        TriState::Unknown => 2,
        TriState::No => 1,
        TriState::Unspecified => 0,
    };
    let (value, ms) = answers.into_iter().max_by_key(|(answer, ms)| (rank(*answer), *ms))?;
    Some(care::SummaryTri { value: Some(value.into()), on: on(ms) })
}
