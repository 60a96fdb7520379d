//! What the plans have set of what targets are about. Told beside them, as it stands; nothing is compared or filled in.

use std::collections::BTreeMap;

use osteon_proto::{
    care,
    table::{FieldInfo, RecordType, table},
    values::{Value, value},
};
use osteon_sync_core::RecordId;

use super::Topic;

/// A field as it stands: its live versions (None: cleared), and what is in force of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InForce<'a> {
    pub live: Vec<Option<&'a [u8]>>,
    /// None: nothing is in force.
    pub value: Option<&'a [u8]>,
}

/// A record that was not ended, of whatever parts the reader sees. Sets are left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanRecord<'a> {
    pub record: RecordId,
    pub type_number: u32,
    pub fields: BTreeMap<u32, InForce<'a>>,
}

/// What a plan has set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanValue {
    pub topic: Topic,
    pub record: RecordId,
    pub type_number: u32,
    /// "P-NUT".
    pub record_type: &'static str,
    /// "calcium_mg_d_target".
    pub field: &'static str,
    /// How it is said: "to aim at", "at most".
    pub word: &'static str,
    /// UCUM; a value is so many units of 10 to the minus `scale`.
    pub unit: &'static str,
    pub scale: u32,
    /// Ascending, each once. None: a version that clears it, or that this program does not understand.
    pub live: Vec<Option<i64>>,
    /// None: nothing is in force until people agree.
    pub in_force: Option<i64>,
    /// Of what: the two things of a timing rule, the supplement and what it is kept apart from.
    pub subject: String,
    /// Whether the plan itself is in force. None: its state is not known, or in dispute.
    pub active: Option<bool>,
}

impl PlanValue {
    pub fn disputed(&self) -> bool {
        self.live.len() > 1
    }
}

/// A field: what it is about, and how it is said.
type Said = (&'static str, Topic, &'static str);

/// By type.
const FIELDS: [(&str, &[Said]); 7] = [
    (
        "P-NUT",
        &[
            ("calcium_mg_d_target", Topic::Calcium, "to aim at"),
            ("calcium_mg_d_max", Topic::Calcium, "at most"),
            ("vitamin_d_iu_d_target", Topic::VitaminD, "to aim at"),
            ("vitamin_d_iu_d_max", Topic::VitaminD, "at most"),
            ("magnesium_mg_d_target", Topic::Magnesium, "to aim at"),
            ("phosphorus_mg_d_target", Topic::Phosphorus, "to aim at"),
            ("phosphorus_mg_d_max", Topic::Phosphorus, "at most"),
            ("vitamin_k1_ug_d_target", Topic::VitaminK, "to aim at"),
            ("protein_g_kg_d_min", Topic::Protein, "at least"),
            ("protein_g_kg_d_max", Topic::Protein, "at most"),
            ("energy_kcal_d_min", Topic::Energy, "at least"),
            ("energy_kcal_d_max", Topic::Energy, "at most"),
            ("fluid_min_ml_d", Topic::Water, "at least"),
            ("fluid_max_ml_d", Topic::Water, "at most"),
        ],
    ),
    ("P-NUT.timing_rule", &[("min_h", Topic::Separation, "apart")]),
    // Itself nothing that a target is about; it says of what the next one is.
    ("P-SUP", &[]),
    ("P-SUP.separation", &[("hours", Topic::Separation, "apart")]),
    (
        "P-EX",
        &[
            ("minutes_per_week", Topic::Activity, "to aim at"),
            ("sessions_per_week", Topic::Activity, "sessions to aim at"),
        ],
    ),
    ("P-BONE", &[("interval_days", Topic::BoneDrug, "every")]),
    // Of which of the two: by its kind.
    ("P-MON", &[("interval_days", Topic::Dxa, "every")]),
];

impl PlanRecord<'_> {
    /// Numbers of the record types that [`plan_values`] reads.
    pub fn types() -> Vec<u32> {
        FIELDS.iter().filter_map(|(name, _)| table().by_name(name)).map(|known| known.number).collect()
    }

    fn known(&self) -> Option<(&'static RecordType, &'static str)> {
        let known = table().get(self.type_number)?;
        FIELDS.iter().find(|(name, _)| *name == known.name).map(|(name, _)| (known, *name))
    }

    fn in_force(&self, known: &RecordType, field: &str) -> Option<i64> {
        let info = known.field_by_name(field)?;
        self.fields.get(&info.number).and_then(|state| state.value).and_then(|chunk| number(info, chunk))
    }

    fn text(&self, known: &RecordType, field: &str) -> Option<String> {
        let info = known.field_by_name(field)?;
        match value(info, self.fields.get(&info.number)?.value?)? {
            Value::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }

    /// The record that this one belongs to, among the others.
    fn parent<'r>(&self, known: &RecordType, all: &'r [Self]) -> Option<&'r Self> {
        let info = known.field_by_name("parent")?;
        let Value::Bytes(id) = value(info, self.fields.get(&info.number)?.value?)? else { return None };
        all.iter().find(|other| other.record.0 == *id)
    }

    /// Whether the plan is in force. A part of another plan does not say; what keeps a supplement that is not taken apart is
    /// not in force either.
    fn active(&self, known: &'static RecordType, name: &str, all: &[Self]) -> Option<bool> {
        let is = |status: i32| Some(self.in_force(known, "status")? == i64::from(status));
        match name {
            "P-NUT" => {
                let active = is(care::NutritionPlanStatus::Active.into())?;
                Some(active && self.in_force(known, "paused") != Some(1))
            }
            "P-EX" => is(care::ExercisePlanStatus::Active.into()),
            "P-BONE" => is(care::BoneDrugStatus::Active.into()),
            "P-MON" => Some(self.in_force(known, "cancelled") != Some(1)),
            "P-SUP.separation" => {
                let line = self.parent(known, all)?;
                let status = line.in_force(line.known()?.0, "status")?;
                (status != i64::from(i32::from(care::SupplementStatus::Active))).then_some(false)
            }
            _ => None,
        }
    }

    fn topic(&self, known: &RecordType, usual: Topic) -> Option<Topic> {
        if known.name != "P-MON" {
            return Some(usual);
        }
        let kind = i32::try_from(self.in_force(known, "kind")?).ok()?;
        match care::MonitoringKind::try_from(kind).ok()? {
            care::MonitoringKind::Dxa => Some(Topic::Dxa),
            care::MonitoringKind::Dental => Some(Topic::Dental),
            _ => None,
        }
    }

    fn subject(&self, known: &RecordType, name: &str, all: &[Self]) -> String {
        let of = |field: &str| self.text(known, field).unwrap_or_default();
        match name {
            "P-NUT.timing_rule" => format!("{} and {}", of("a"), of("b")),
            "P-BONE" => of("agent"),
            "P-SUP.separation" => {
                let line = self.parent(known, all);
                let product = line.and_then(|line| line.text(line.known()?.0, "product"));
                format!("{} and {}", product.unwrap_or_else(|| "a supplement".to_owned()), of("from_code"))
            }
            _ => String::new(),
        }
    }
}

/// By topic, record and field.
pub fn plan_values(records: &[PlanRecord<'_>]) -> Vec<PlanValue> {
    let mut found: Vec<PlanValue> = records.iter().flat_map(|record| of_record(record, records)).collect();
    found.sort_by_key(|one| (one.topic, one.type_number, one.record, one.field));
    found
}

fn of_record(record: &PlanRecord<'_>, all: &[PlanRecord<'_>]) -> Vec<PlanValue> {
    let Some((known, name)) = record.known() else { return Vec::new() };
    let fields = FIELDS.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, fields)| *fields);
    let one = |(field, usual, word): &Said| {
        let info = known.field_by_name(field)?;
        let state = record.fields.get(&info.number).filter(|state| !state.live.is_empty())?;
        let mut live: Vec<Option<i64>> =
            state.live.iter().map(|chunk| chunk.and_then(|chunk| number(info, chunk))).collect();
        live.sort_unstable();
        live.dedup();
        // Cleared by everybody: not set.
        if live.iter().all(Option::is_none) {
            return None;
        }
        Some(PlanValue {
            topic: record.topic(known, *usual)?,
            record: record.record,
            type_number: record.type_number,
            record_type: name,
            field,
            word,
            unit: &info.unit,
            scale: info.scale,
            live,
            in_force: state.value.and_then(|chunk| number(info, chunk)),
            subject: record.subject(known, name, all),
            active: record.active(known, name, all),
        })
    };
    fields.iter().filter_map(one).collect()
}

fn number(info: &FieldInfo, chunk: &[u8]) -> Option<i64> {
    match value(info, chunk)? {
        Value::Int(number) => i64::try_from(number).ok(),
        _ => None,
    }
}
