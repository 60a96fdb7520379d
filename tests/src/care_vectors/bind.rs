//! A vector's arguments, by place or by name, as what the core takes. Null is an input that is not known.

use osteon_care_core::{Exact, assess::Word};

use super::{Call, json::Json};

/// The arguments under the names of their parameters.
pub(super) struct Bound<'c> {
    values: Vec<Option<&'c Json>>,
}

impl<'c> Call<'c> {
    /// `names` in their order; one may have several spellings, "kg|weight".
    pub(super) fn bind(&self, names: &[&str]) -> Result<Bound<'c>, String> {
        if self.args.len() > names.len() {
            return Err(format!("takes {} arguments, not {}", names.len(), self.args.len()));
        }
        let mut values: Vec<Option<&Json>> = self.args.iter().map(Some).collect();
        values.resize(names.len(), None);
        for (name, value) in self.kw {
            let place = names.iter().position(|spellings| spellings.split('|').any(|spelling| spelling == name));
            let slot =
                place.and_then(|place| values.get_mut(place)).ok_or_else(|| format!("there is no argument {name}"))?;
            if slot.replace(value).is_some() {
                return Err(format!("{name} is given twice"));
            }
        }
        Ok(Bound { values })
    }
}

impl<'c> Bound<'c> {
    /// Null is as not given.
    pub(super) fn at(&self, place: usize) -> Option<&'c Json> {
        self.values.get(place).copied().flatten().filter(|value| !value.is_null())
    }

    pub(super) fn number(&self, place: usize) -> Result<Option<Exact>, String> {
        self.at(place).map(number).transpose()
    }

    /// A whole number; one with decimals that are not zero is none.
    pub(super) fn whole(&self, place: usize) -> Result<Option<i64>, String> {
        Ok(self.number(place)?.and_then(Exact::as_whole))
    }

    pub(super) fn text(&self, place: usize) -> Result<Option<&'c str>, String> {
        self.at(place).map(|value| value.text().ok_or_else(|| format!("{value} is no text"))).transpose()
    }

    pub(super) fn word<W: Word>(&self, place: usize) -> Result<Option<W>, String> {
        Ok(self.text(place)?.and_then(W::parse))
    }

    pub(super) fn yes(&self, place: usize) -> Result<Option<bool>, String> {
        self.at(place).map(yes).transpose()
    }

    pub(super) fn list(&self, place: usize) -> Result<Option<&'c [Json]>, String> {
        self.at(place).map(|value| value.list().ok_or_else(|| format!("{value} is no list"))).transpose()
    }

    /// A list of exactly N, each read by `item`; null in it is None.
    pub(super) fn exactly<T: Copy, const N: usize>(
        &self,
        place: usize,
        item: impl Fn(&Json) -> Result<Option<T>, String>,
    ) -> Result<[Option<T>; N], String> {
        let Some(list) = self.list(place)? else { return Ok([None; N]) };
        let read = list.iter().map(|value| if value.is_null() { Ok(None) } else { item(value) });
        let read: Vec<Option<T>> = read.collect::<Result<_, _>>()?;
        read.try_into().map_err(|list: Vec<Option<T>>| format!("a list of {N} is needed, not of {}", list.len()))
    }
}

fn number(value: &Json) -> Result<Exact, String> {
    let Json::Number(text) = value else { return Err(format!("{value} is no number")) };
    Exact::parse(text).ok_or_else(|| format!("{text} is too long or too large"))
}

pub(super) fn yes(value: &Json) -> Result<bool, String> {
    if let Json::Bool(yes) = value { Ok(*yes) } else { Err(format!("{value} is neither true nor false")) }
}

pub(super) fn small(value: &Json) -> Result<Option<u8>, String> {
    // What is no whole number of the scale is an answer that cannot be.
    Ok(Some(number(value)?.as_whole().and_then(|number| u8::try_from(number).ok()).unwrap_or(u8::MAX)))
}

pub(super) fn texts(list: Option<&[Json]>) -> Result<Option<Vec<&str>>, String> {
    let Some(list) = list else { return Ok(None) };
    list.iter()
        .map(|value| value.text().ok_or_else(|| format!("{value} is no text")))
        .collect::<Result<_, _>>()
        .map(Some)
}
