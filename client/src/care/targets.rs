//! What guidelines and labels say for the person, on the phone: the same as on the server, over the records that this phone
//! holds and its owner may see, with or without a network. Nothing is written.

use std::collections::BTreeMap;

use osteon_care_core::{
    facts::{Day, gather::Merged},
    targets::{self, Group, InForce, Limits, Person, PlanRecord, PlanValue, Switch, plan_values},
};

use super::{lines, merged, rules};
use crate::{error::Result, phone::Phone, state::Enrolled, views::RecordView};

/// What sources say, and what the plans have set.
pub struct Targets {
    /// The day of the patient for which that holds.
    pub on: Day,
    pub groups: Vec<Group>,
    pub plan: Vec<PlanValue>,
    pub switches: Vec<Switch>,
}

impl Targets {
    /// What the plans have set of one topic.
    pub fn plan_of(&self, group: &Group) -> impl Iterator<Item = &PlanValue> {
        let topic = group.topic;
        self.plan.iter().filter(move |value| value.topic == topic)
    }
}

impl Phone {
    /// As on a day of the patient; `None`: today. `offset_min`: of this phone's clock from UTC.
    pub async fn targets(&self, circle: u64, on: Option<Day>, offset_min: i32) -> Result<Targets> {
        let now_ms = self.now_ms();
        self.read().await?.enrolled()?.targets(circle, on, now_ms, offset_min)
    }
}

impl Enrolled {
    fn targets(&self, circle: u64, on: Option<Day>, now_ms: u64, offset_min: i32) -> Result<Targets> {
        let view = self.view(circle, now_ms)?;
        let parts = view.all_parts();
        let all: Vec<Merged<'_>> = parts.iter().map(merged).collect();
        let now = self.patients_now(circle, &all, now_ms, offset_min)?;
        let on = on.unwrap_or(now.day());
        let (set, settings) = (rules()?, lines::settings(&view, &parts));
        let types = Person::types();
        let read: Vec<Merged<'_>> = all.into_iter().filter(|one| types.contains(&one.type_number)).collect();
        let person = Person::of(&read, on, now.offset_min, &Limits::of(set, &settings));
        let plans: Vec<RecordView> = PlanRecord::types().into_iter().flat_map(|number| view.of_type(number)).collect();
        let plans: Vec<PlanRecord<'_>> = plans.iter().map(plan).collect();
        Ok(Targets {
            on,
            groups: targets::targets(&person),
            plan: plan_values(&plans),
            switches: targets::switches(set, &settings),
        })
    }
}

fn plan(record: &RecordView) -> PlanRecord<'_> {
    let registers = record.fields.iter().filter(|field| field.element.is_empty());
    let fields: BTreeMap<u32, InForce<'_>> = registers
        .map(|field| {
            let live = field.versions.iter().map(|version| version.value.as_deref()).collect();
            (field.number, InForce { live, value: field.value() })
        })
        .collect();
    PlanRecord { record: record.record, type_number: record.type_number, fields }
}
