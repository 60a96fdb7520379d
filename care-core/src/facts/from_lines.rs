//! Lines of medicines and supplements, and what was taken of them: P-SUP, P-MED, J05.

use std::collections::BTreeMap;

use osteon_proto::care;
use osteon_sync_core::RecordId;

use super::{
    Agent, BonePlan, Day, Entry, Few, Intake, IntakeStatus, LineChange, LineStatus, Live, MedicineLine, Product, Set,
    SupplementLine, With,
    record::{Record, instant, known, text},
};

/// P-SUP. `by_physician`: ON ordered it. `stopped`: the day on which it ended, if the history says.
pub fn supplement(record: &Record<'_>, by_physician: bool, stopped: Option<Day>) -> SupplementLine {
    type M = care::SupplementLine;
    let lists = record.live(2, |m: M| Some(ingredients(&m.ingredients)));
    let mut kinds = Set { newer: lists.has_unknown() && !lists.is_missing(), ..Set::default() };
    let mut holds_milli: BTreeMap<Product, i64> = BTreeMap::new();
    // Of lists in dispute every ingredient counts, with its larger amount.
    for (products, newer) in lists.known() {
        kinds.newer |= newer;
        for (product, amount) in products {
            kinds.known.insert(*product);
            holds_milli.entry(*product).and_modify(|known| *known = (*known).max(*amount)).or_insert(*amount);
        }
    }
    kinds.known.insert(Product::Supplement);
    SupplementLine {
        id: record.id,
        product: record.live(1, |m: M| text(m.product)),
        kinds,
        holds_milli,
        times_per_day: record.live(5, |m: M| m.times_per_day),
        status: record.live(6, |m: M| known(m.status).and_then(supplement_status)),
        safety_hold: record.versions(7).iter().any(|version| version.chunk.is_some()),
        ordered_by_physician: by_physician,
        started: record.created.map(super::Instant::day),
        stopped,
    }
}

/// Products with their amounts in thousandths of the unit that rules count in; whether one is not known.
fn ingredients(list: &[care::Ingredient]) -> (Vec<(Product, i64)>, bool) {
    let mut known = BTreeMap::new();
    let mut newer = false;
    for one in list {
        match one.code.as_deref().and_then(Product::from_code) {
            Some(product) => {
                let amount = amount(product, one.amount.map_or(0, i64::from), one.unit.as_deref());
                newer |= amount.is_none();
                known.insert(product, amount.unwrap_or_default());
            }
            None => newer = true,
        }
    }
    (known.into_iter().collect(), newer)
}

/// Calcium in mg, vitamin D in [iU] (1 ug = 40), biotin in ug; others as they stand.
fn amount(product: Product, milli: i64, unit: Option<&str>) -> Option<i64> {
    let factor = match (product, unit) {
        (Product::Calcium | Product::CalciumCarbonate | Product::CalciumCitrate, Some("mg"))
        | (Product::VitaminD, Some("[iU]"))
        | (Product::Biotin, Some("ug")) => 1,
        (Product::Calcium | Product::CalciumCarbonate | Product::CalciumCitrate, Some("g"))
        | (Product::Biotin, Some("mg")) => 1_000,
        (Product::VitaminD, Some("ug")) => 40,
        (Product::Calcium | Product::VitaminD | Product::Biotin, _) => return None,
        _ => 1,
    };
    milli.checked_mul(factor)
}

fn supplement_status(status: care::SupplementStatus) -> Option<LineStatus> {
    Some(match status {
        care::SupplementStatus::Active => LineStatus::Active,
        care::SupplementStatus::Hold => LineStatus::Hold,
        care::SupplementStatus::Stopped => LineStatus::Stopped,
        care::SupplementStatus::Unspecified => return None,
    })
}

/// P-MED. `changes`: what its history says of its dose; the start comes from the field.
pub fn medicine(record: &Record<'_>, changes: impl IntoIterator<Item = (Day, LineChange)>) -> MedicineLine {
    type M = care::MedicineLine;
    let from = record.live(7, |m: M| super::record::day(m.from));
    let started = from.known().map(|day| (*day, LineChange::Started));
    MedicineLine {
        id: record.id,
        code: record.live(1, |m: M| text(m.code)),
        kinds: record.set(2, |m: M| m.kinds.iter().map(|one| known(Some(*one)).and_then(medicine_kind)).collect()),
        status: record.live(6, |m: M| known(m.status).and_then(medicine_status)),
        changes: started.chain(changes).collect(),
    }
}

fn medicine_kind(kind: care::MedicineKind) -> Option<Product> {
    Some(match kind {
        care::MedicineKind::Opioid => Product::Opioid,
        care::MedicineKind::Sedative => Product::Sedative,
        care::MedicineKind::Antihypertensive => Product::Antihypertensive,
        care::MedicineKind::AcidSuppressant => Product::AcidSuppressant,
        care::MedicineKind::Thiazide => Product::Thiazide,
        care::MedicineKind::Warfarin => Product::Warfarin,
        care::MedicineKind::Digoxin => Product::Digoxin,
        care::MedicineKind::Levothyroxine => Product::Levothyroxine,
        care::MedicineKind::Quinolone => Product::Quinolone,
        care::MedicineKind::Tetracycline => Product::Tetracycline,
        care::MedicineKind::Nsaid => Product::Nsaid,
        care::MedicineKind::Iron => Product::Iron,
        care::MedicineKind::Other => Product::Other,
        care::MedicineKind::Unspecified => return None,
    })
}

fn medicine_status(status: care::MedicineStatus) -> Option<LineStatus> {
    Some(match status {
        care::MedicineStatus::Active => LineStatus::Active,
        care::MedicineStatus::Held => LineStatus::Hold,
        care::MedicineStatus::Stopped => LineStatus::Stopped,
        care::MedicineStatus::Unspecified => return None,
    })
}

/// What an intake may name: lines of supplements, medicines, bone drugs, and the pain plan (a rescue dose).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lines(BTreeMap<RecordId, (Few<Product>, BTreeMap<Product, i64>)>);

impl Lines {
    pub fn supplement(&mut self, line: &SupplementLine) {
        self.0.insert(line.id.0, (line.kinds.known.clone(), line.holds_milli.clone()));
    }

    pub fn medicine(&mut self, line: &MedicineLine) {
        self.0.insert(line.id.0, (line.kinds.known.clone(), BTreeMap::new()));
    }

    pub fn bone_plan(&mut self, plan: &BonePlan) {
        let kinds = plan.agent.known().map(|agent| match agent {
            Agent::Ibandronate => Product::OralIbandronate,
            Agent::Alendronate | Agent::Risedronate | Agent::Clodronate => Product::OralBisphosphonate,
            _ => Product::Other,
        });
        self.0.insert(plan.id.0, (kinds.collect(), BTreeMap::new()));
    }

    /// The plan of pain itself (a rescue dose), or one of its regular lines.
    pub fn pain(&mut self, id: RecordId, rescue: bool) {
        let kind = if rescue { Product::Rescue } else { Product::Analgesic };
        self.0.insert(id, (Few::from_iter([kind]), BTreeMap::new()));
    }
}

/// J05. What the product is comes from the line that it names, else from its own code.
pub fn intake(record: &Record<'_>, lines: &Lines) -> Entry<Intake> {
    type M = care::IntakeEntry;
    let record = record.whole::<M>();
    let line = record.live(8, |m: &M| Some(RecordId(m.plan_line.as_deref()?.try_into().ok()?)));
    let product = record.live(5, |m: &M| text(m.product.clone()));
    let mut is = Intake {
        product,
        kinds: Set::default(),
        holds_milli: BTreeMap::new(),
        line: Live::of(line.known().map(|id| Some(hex(*id))).collect::<Vec<_>>()),
        status: record.live(9, |m: &M| known(m.status).and_then(intake_status)),
        with: record.set(10, |m: &M| m.with.iter().map(|one| known(Some(*one)).and_then(with)).collect()),
    };
    resolve(&mut is, lines);
    record.entry(record.live(1, |m: &M| instant(&m.taken_at)), is)
}

/// What an intake is of, by the lines that there are now.
pub(super) fn resolve(intake: &mut Intake, lines: &Lines) {
    let (mut kinds, mut holds_milli) = (Set::default(), BTreeMap::new());
    let named = intake.line.known().filter_map(|line| lines.0.iter().find(|(id, _)| hex(**id) == *line));
    for (_, (products, holds)) in named {
        kinds.known.extend(products.iter().copied());
        holds_milli.extend(holds.iter().map(|(product, amount)| (*product, *amount)));
    }
    if kinds.known.is_empty() {
        kinds.known.extend(intake.product.known().filter_map(|code| Product::from_code(code)));
        kinds.newer = kinds.known.is_empty();
    }
    (intake.kinds, intake.holds_milli) = (kinds, holds_milli);
}

pub(crate) fn hex(id: RecordId) -> String {
    id.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn intake_status(status: care::IntakeStatus) -> Option<IntakeStatus> {
    Some(match status {
        care::IntakeStatus::Taken => IntakeStatus::Taken,
        care::IntakeStatus::Skipped => IntakeStatus::Skipped,
        care::IntakeStatus::Late => IntakeStatus::Late,
        care::IntakeStatus::Vomited => IntakeStatus::Vomited,
        care::IntakeStatus::Unspecified => return None,
    })
}

fn with(with: care::IntakeWith) -> Option<With> {
    Some(match with {
        care::IntakeWith::Water => With::Water,
        care::IntakeWith::Food => With::Food,
        care::IntakeWith::Dairy => With::Dairy,
        care::IntakeWith::Coffee => With::Coffee,
        care::IntakeWith::OtherMeds => With::OtherMedicines,
        care::IntakeWith::Unspecified => return None,
    })
}
