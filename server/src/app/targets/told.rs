//! Targets as messages.

use osteon_care_core::{
    Exact,
    targets::{Amount, Because, Fit, Group, Kind, Offer, PerDay, PlanValue, Saying, Switch, SwitchValue, Topic},
};
use osteon_proto::target as pb;
use osteon_sync_core::RecordId;

pub(super) fn group(group: &Group, plan: &[PlanValue]) -> pb::TargetGroup {
    pb::TargetGroup {
        topic: topic(group.topic).into(),
        title: group.topic.title().to_owned(),
        targets: group.offers.iter().map(target).collect(),
        disagrees: group.disagrees(),
        plan: plan.iter().filter(|value| value.topic == group.topic).map(plan_value).collect(),
    }
}

fn target(offer: &Offer) -> pb::Target {
    let one = offer.target;
    let source = |source: &osteon_care_core::Source| pb::TargetSource {
        key: source.key.to_owned(),
        state: source.state.into(),
        caution: source.caution.to_owned(),
    };
    pb::Target {
        id: one.id.to_owned(),
        row: one.row.to_owned(),
        kind: kind(one.kind).into(),
        amount: one.amount.as_ref().map(amount),
        text: one.words(),
        whom: one.whom(),
        sources: one.sources.iter().map(source).collect(),
        fit: fit(offer.fit).into(),
        missing: offer.missing.iter().map(|input| (*input).to_owned()).collect(),
        standing: offer.standing(),
        disputed: offer.disputed,
        because: offer.because.iter().map(because).collect(),
        judged: offer.judged().map(str::to_owned).collect(),
        disagrees_with: offer.disagrees_with.iter().map(|id| (*id).to_owned()).collect(),
        per_day: offer.per_day.iter().map(per_day).collect(),
        per_day_missing: offer.per_day_missing.unwrap_or_default().to_owned(),
    }
}

fn amount(amount: &Amount) -> pb::TargetAmount {
    pb::TargetAmount {
        min: amount.min.and_then(number),
        max: amount.max.and_then(number),
        over_min: amount.over_min,
        under_max: amount.under_max,
        at_least: amount.at_least,
        unit: amount.unit.to_owned(),
        times_per_week: amount.times_per_week.unwrap_or(0),
    }
}

/// All values of the table, and each of them times a weight in grams, are decimals that end.
fn number(value: Exact) -> Option<pb::TargetNumber> {
    let scale = value.decimals()?;
    Some(pb::TargetNumber { units: i64::try_from(value.rounded(scale)?).ok()?, scale })
}

fn because(because: &Because) -> pb::TargetInput {
    pb::TargetInput {
        input: because.input.to_owned(),
        says: because.says.clone(),
        record_id: because.record.map(text_of).unwrap_or_default(),
    }
}

fn per_day(one: &PerDay) -> pb::TargetPerDay {
    pb::TargetPerDay {
        amount: Some(amount(&one.amount)),
        weight_g: u64::try_from(one.weight_g).unwrap_or(0),
        weighed: one.weighed.to_string(),
        record_id: text_of(one.record),
    }
}

fn plan_value(value: &PlanValue) -> pb::PlanValue {
    pb::PlanValue {
        record_id: text_of(value.record),
        r#type: value.type_number,
        field: value.field.to_owned(),
        unit: value.unit.to_owned(),
        scale: value.scale,
        live: value.live.iter().map(|value| pb::PlanVersion { value: *value }).collect(),
        in_force: value.in_force,
        disputed: value.disputed(),
        subject: value.subject.clone(),
        active: value.active,
        text: value.words(),
    }
}

pub(super) fn threshold(switch: &Switch) -> pb::GuidanceThreshold {
    pb::GuidanceThreshold {
        name: switch.name.clone(),
        about: switch.about.clone(),
        rules: switch.rules.clone(),
        unit: switch.unit.clone(),
        values: switch.values.iter().map(threshold_value).collect(),
        set_by_clinic: switch.set_by_clinic,
    }
}

fn threshold_value(value: &SwitchValue) -> pb::GuidanceValue {
    let said =
        |one: &Saying| pb::TargetSource { key: one.key.to_owned(), state: one.state.into(), caution: String::new() };
    pb::GuidanceValue {
        value: value.value,
        said_by: value.said_by.iter().map(said).collect(),
        in_force: value.in_force,
        default: value.default,
    }
}

fn fit(fit: Fit) -> pb::TargetFit {
    match fit {
        Fit::Applies => pb::TargetFit::Applies,
        Fit::CannotTell => pb::TargetFit::CannotTell,
        Fit::NotForThisPerson => pb::TargetFit::NotForThisPerson,
    }
}

fn topic(topic: Topic) -> pb::TargetTopic {
    match topic {
        Topic::Calcium => pb::TargetTopic::Calcium,
        Topic::VitaminD => pb::TargetTopic::VitaminD,
        Topic::Magnesium => pb::TargetTopic::Magnesium,
        Topic::Phosphorus => pb::TargetTopic::Phosphorus,
        Topic::VitaminK => pb::TargetTopic::VitaminK,
        Topic::Protein => pb::TargetTopic::Protein,
        Topic::Energy => pb::TargetTopic::Energy,
        Topic::Micronutrients => pb::TargetTopic::Micronutrients,
        Topic::Water => pb::TargetTopic::Water,
        Topic::Activity => pb::TargetTopic::Activity,
        Topic::Habits => pb::TargetTopic::Habits,
        Topic::Dxa => pb::TargetTopic::Dxa,
        Topic::BoneDrug => pb::TargetTopic::BoneDrug,
        Topic::Dental => pb::TargetTopic::Dental,
        Topic::Separation => pb::TargetTopic::Separation,
    }
}

fn kind(kind: Kind) -> pb::TargetKind {
    match kind {
        Kind::Intake => pb::TargetKind::Intake,
        Kind::UpperLimit => pb::TargetKind::UpperLimit,
        Kind::SupplementLimit => pb::TargetKind::SupplementLimit,
        Kind::Portion => pb::TargetKind::Portion,
        Kind::Deficient => pb::TargetKind::Deficient,
        Kind::Sufficient => pb::TargetKind::Sufficient,
        Kind::TooHigh => pb::TargetKind::TooHigh,
        Kind::TotalWater => pb::TargetKind::TotalWater,
        Kind::Drinks => pb::TargetKind::Drinks,
        Kind::AerobicModerate => pb::TargetKind::AerobicModerate,
        Kind::AerobicVigorous => pb::TargetKind::AerobicVigorous,
        Kind::AerobicSession => pb::TargetKind::AerobicSession,
        Kind::Resistance => pb::TargetKind::Resistance,
        Kind::Interval => pb::TargetKind::Interval,
        Kind::Gap => pb::TargetKind::Gap,
        Kind::Advice => pb::TargetKind::Advice,
    }
}

fn text_of(record: RecordId) -> String {
    uuid::Uuid::from_bytes(record.0).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_and_kind_has_a_name_of_the_contract() {
        for one in Topic::ALL {
            assert_eq!(topic(*one).as_str_name(), format!("TARGET_TOPIC_{}", one.name().to_uppercase()));
        }
        for one in Kind::ALL {
            assert_eq!(kind(*one).as_str_name(), format!("TARGET_KIND_{}", one.name().to_uppercase()));
        }
    }

    #[test]
    fn every_number_of_the_table_is_told_exactly() {
        for target in osteon_care_core::targets::all() {
            let Some(amount) = &target.amount else { continue };
            let told = super::amount(amount);
            assert_eq!(
                (told.min.is_some(), told.max.is_some()),
                (amount.min.is_some(), amount.max.is_some()),
                "{}",
                target.id
            );
            for (number, value) in [(told.min, amount.min), (told.max, amount.max)] {
                assert_eq!(number.and_then(|number| Exact::scaled(number.units, number.scale)), value, "{}", target.id);
            }
        }
    }
}
