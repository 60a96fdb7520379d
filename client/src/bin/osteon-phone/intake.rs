//! What was taken or drunk, as people say it: "500 mg skipped", "250 ml", "2 glasses".

use anyhow::{Context, bail};
use clap::{Args as ClapArgs, ValueEnum};
use osteon_client::{Phone, views::CircleView, views::FieldView, views::RecordView};
use osteon_proto::{
    care,
    table::table,
    values::{Value, value},
};

use crate::{args::code, compose};

#[derive(ClapArgs, Clone, Debug)]
pub(crate) struct MedArgs {
    /// Which, for example "calcium carbonate"
    pub(crate) product: String,
    /// How much, and what became of it: 500 mg; 500 mg skipped; late; vomited
    #[arg(value_name = "DOSE UNIT|taken|skipped|late|vomited", num_args = 0..=3)]
    pub(crate) said: Vec<String>,
    /// What it was taken with; may be said several times
    #[arg(long, value_enum)]
    pub(crate) with: Vec<With>,
    /// Why it was left out, in your words
    #[arg(long, default_value = "")]
    pub(crate) why: String,
}

#[derive(Clone, Copy, ValueEnum, Debug)]
pub(crate) enum With {
    Water,
    Food,
    Dairy,
    Coffee,
    OtherMeds,
}

#[derive(ClapArgs, Clone, Debug)]
pub(crate) struct DrinkArgs {
    /// How much, for example 250
    pub(crate) amount: String,
    /// ml, l or glasses
    #[arg(default_value = "ml")]
    pub(crate) unit: String,
}

/// Units of a dose as people type them, and in UCUM.
const UNITS: [(&str, &str); 12] = [
    ("mg", "mg"),
    ("g", "g"),
    ("ug", "ug"),
    ("mcg", "ug"),
    ("µg", "ug"),
    ("ml", "mL"),
    ("iu", "[iU]"),
    ("tablet", "{tablet}"),
    ("tablets", "{tablet}"),
    ("drop", "[drp]"),
    ("drops", "[drp]"),
    ("puff", "{puff}"),
];

/// Steps of a dose: 0.001.
const DOSE_SCALE: u32 = 3;

/// A medicine or supplement that was taken, or was not. `line`: of the plan that it comes from.
pub(crate) fn taken(
    med: &MedArgs,
    line: Option<Vec<u8>>,
    at: Option<care::Moment>,
) -> anyhow::Result<care::IntakeEntry> {
    let mut said = med.said.iter().map(String::as_str).peekable();
    let mut entry = care::IntakeEntry {
        taken_at: at,
        source: compose::manual(),
        product: Some(med.product.trim().to_owned()),
        plan_line: line.map(Into::into),
        status: Some(care::IntakeStatus::Taken.into()),
        with: med.with.iter().map(|with| i32::from(with.on_wire())).collect(),
        ..Default::default()
    };
    if let Some(amount) = said.next_if(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
        let unit = said.next().context("say the unit too: 500 mg")?;
        let dose = compose::decimal(amount, DOSE_SCALE)?;
        entry.dose = Some(u32::try_from(dose).context("a number that is too large")?);
        entry.unit = Some(unit_of(unit)?.to_owned());
    }
    if let Some(word) = said.next() {
        entry.status = Some(status(word)?.into());
    }
    match said.next() {
        Some(more) => bail!("{more} is too much: a dose, its unit, and what became of it"),
        None => Ok(entry),
    }
}

fn unit_of(typed: &str) -> anyhow::Result<&'static str> {
    let known = || UNITS.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
    let found = UNITS.iter().find(|(word, ucum)| word.eq_ignore_ascii_case(typed) || *ucum == typed);
    found.map(|(_, ucum)| *ucum).with_context(|| format!("no unit of a dose is called {typed}. One of: {}", known()))
}

fn status(typed: &str) -> anyhow::Result<care::IntakeStatus> {
    Ok(match typed.to_ascii_lowercase().as_str() {
        "taken" => care::IntakeStatus::Taken,
        "skipped" => care::IntakeStatus::Skipped,
        "late" => care::IntakeStatus::Late,
        "vomited" => care::IntakeStatus::Vomited,
        _ => bail!("{typed} is nothing that becomes of it: taken, skipped, late or vomited"),
    })
}

impl With {
    fn on_wire(self) -> care::IntakeWith {
        match self {
            Self::Water => care::IntakeWith::Water,
            Self::Food => care::IntakeWith::Food,
            Self::Dairy => care::IntakeWith::Dairy,
            Self::Coffee => care::IntakeWith::Coffee,
            Self::OtherMeds => care::IntakeWith::OtherMeds,
        }
    }
}

/// A drink: millilitres, or glasses of the size that the plan gives.
pub(crate) fn drunk(drink: &DrinkArgs, at: Option<care::Moment>) -> anyhow::Result<care::FluidEntry> {
    let entry = care::FluidEntry { effective_start: at, source: compose::manual(), ..Default::default() };
    let whole = |scale: u32| -> anyhow::Result<Option<u32>> {
        Ok(Some(u32::try_from(compose::decimal(&drink.amount, scale)?).context("a number that is too large")?))
    };
    Ok(match drink.unit.to_ascii_lowercase().as_str() {
        "ml" => care::FluidEntry { volume: whole(0)?, ..entry },
        "l" => care::FluidEntry { volume: whole(3)?, ..entry },
        "glass" | "glasses" => care::FluidEntry { glasses: whole(0)?, ..entry },
        unit => bail!("a drink is in ml, l or glasses, not in {unit}"),
    })
}

/// The line of a plan that names this product, if there is just one.
pub(crate) async fn plan_line(phone: &Phone, circle: u64, product: &str) -> anyhow::Result<Option<Vec<u8>>> {
    let state = phone.read().await?;
    let view = state.enrolled()?.view(circle, phone.now_ms())?;
    let found: Vec<RecordView> = [("supplement_line", "product"), ("medicine_line", "code")]
        .into_iter()
        .flat_map(|(member, field)| named(&view, member, field, product))
        .collect();
    Ok(if let [one] = &found[..] { Some(one.record.0.to_vec()) } else { None })
}

fn named(view: &CircleView<'_>, member: &str, field: &str, product: &str) -> Vec<RecordView> {
    let Some(kind) = table().by_name(member) else { return Vec::new() };
    let is_it = |record: &RecordView| {
        let (info, chunk) = (kind.field_by_name(field)?, record.field(field).and_then(FieldView::value)?);
        match value(info, chunk)? {
            Value::Text(text) => Some(code(text) == code(product)),
            _ => None,
        }
    };
    view.of_type(kind.number).into_iter().filter(|record| is_it(record).unwrap_or(false)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn med(said: &[&str]) -> anyhow::Result<care::IntakeEntry> {
        let said = said.iter().map(|word| (*word).to_owned()).collect();
        taken(
            &MedArgs { product: "calcium carbonate".into(), said, with: vec![With::Food], why: String::new() },
            None,
            None,
        )
    }

    #[test]
    fn a_dose_and_what_became_of_it_are_typed_as_people_say_them() {
        let skipped = med(&["500", "mg", "skipped"]).unwrap();
        assert_eq!((skipped.dose, skipped.unit.as_deref()), (Some(500_000), Some("mg")));
        assert_eq!(skipped.status(), care::IntakeStatus::Skipped);
        let vitamin = med(&["2.5", "mcg"]).unwrap();
        assert_eq!((vitamin.dose, vitamin.unit.as_deref()), (Some(2_500), Some("ug")));
        assert_eq!((vitamin.status(), vitamin.with.len()), (care::IntakeStatus::Taken, 1));
        let late = med(&["late"]).unwrap();
        assert_eq!((late.status(), late.dose), (care::IntakeStatus::Late, None));
        for wrong in [&["500"][..], &["500", "spoons"], &["500", "mg", "lost"], &["taken", "500", "mg"], &["-1", "mg"]]
        {
            assert!(med(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_drink_is_typed_in_millilitres_litres_or_glasses() {
        let drink = |amount: &str, unit: &str| drunk(&DrinkArgs { amount: amount.into(), unit: unit.into() }, None);
        assert_eq!(drink("250", "ml").unwrap().volume, Some(250));
        assert_eq!(drink("1.5", "L").unwrap().volume, Some(1_500));
        assert_eq!(drink("2", "glasses").unwrap().glasses, Some(2));
        for (amount, unit) in [("250", "cups"), ("some", "ml"), ("2.5", "glasses"), ("-5", "ml")] {
            assert!(drink(amount, unit).is_err(), "{amount} {unit}");
        }
    }
}
