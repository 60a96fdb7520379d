//! Full-text search over what the phone's owner wrote: an index in memory, made anew when what is here has changed, and
//! never on disk.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use osteon_proto::{
    table::Kind,
    values::{Value, values},
};
use osteon_sync_core::RecordId;

use crate::{error::Result, phone::Phone, views::CircleView};

/// Words of a query; more of them find nothing that fewer would not.
const MAX_WORDS: usize = 16;

/// Where which word stands, of one circle.
#[derive(Default)]
pub struct Notes {
    words: BTreeMap<String, BTreeSet<usize>>,
    found: Vec<Hit>,
}

/// A text in a field of a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hit {
    pub record: RecordId,
    pub type_number: u32,
    pub field: u32,
    pub text: String,
    pub time_ms: Option<u64>,
}

/// The index of what was looked through last.
#[derive(Default)]
pub(crate) struct Cache(Mutex<Option<(u64, u64, Arc<Notes>)>>);

impl Notes {
    /// Every text that this account has live in the circle.
    pub fn of(view: &CircleView<'_>, account: u64) -> Self {
        let mut notes = Self::default();
        for record in view.records().into_iter().filter(|record| record.is_active()) {
            let Some(kind) = record.kind() else { continue };
            for seen in &record.fields {
                let Some(field) = kind.field(seen.number).filter(|field| matches!(field.kind, Kind::String)) else {
                    continue;
                };
                let own = seen.versions.iter().filter(|v| v.author.account == account);
                for chunk in own.filter_map(|v| v.value.as_deref()) {
                    for text in
                        values(field, chunk).filter_map(|v| if let Value::Text(text) = v { Some(text) } else { None })
                    {
                        notes.add(Hit {
                            record: record.record,
                            type_number: record.type_number,
                            field: seen.number,
                            text: text.to_owned(),
                            time_ms: record.time_ms,
                        });
                    }
                }
            }
        }
        notes
    }

    fn add(&mut self, hit: Hit) {
        let n = self.found.len();
        for word in words(&hit.text) {
            self.words.entry(word).or_default().insert(n);
        }
        self.found.push(hit);
    }

    /// Texts that hold all of these words, or longer ones that begin so; the newest first.
    pub fn find(&self, query: &str) -> Vec<&Hit> {
        let with = |word: &String| {
            let from = self.words.range(word.clone()..).take_while(|(known, _)| known.starts_with(word));
            from.flat_map(|(_, places)| places.iter().copied()).collect::<BTreeSet<usize>>()
        };
        let all = words(query).into_iter().take(MAX_WORDS).map(|word| with(&word));
        let places = all.reduce(|a, b| &a & &b).unwrap_or_default();
        let mut hits: Vec<&Hit> = places.into_iter().filter_map(|n| self.found.get(n)).collect();
        hits.sort_by_key(|hit| (std::cmp::Reverse(hit.time_ms), std::cmp::Reverse(hit.record)));
        hits
    }
}

/// Words in small letters; what stands between letters and digits parts them.
fn words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

impl Phone {
    /// Looks through the owner's own texts of a circle.
    pub async fn find(&self, circle: u64, query: &str) -> Result<Vec<Hit>> {
        let notes = self.notes_of(circle).await?;
        Ok(notes.find(query).into_iter().cloned().collect())
    }

    async fn notes_of(&self, circle: u64) -> Result<Arc<Notes>> {
        let now_ms = self.now_ms();
        let state = self.read().await?;
        let generation = state.generation();
        let kept = self.found.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let enrolled = state.enrolled()?;
        let view = enrolled.view(circle, now_ms)?;
        // What a grant opened that has ended is hidden by the clock, without a commit: such a view is looked through anew.
        if let Some((_, _, notes)) = kept.filter(|(of, n, _)| *of == circle && *n == generation)
            && view.hidden_count() == 0
        {
            return Ok(notes);
        }
        let notes = Arc::new(Notes::of(&view, enrolled.enrolment.account));
        let cached = Some((circle, generation, Arc::clone(&notes)));
        *self.found.0.lock().unwrap_or_else(PoisonError::into_inner) = cached;
        Ok(notes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_their_beginnings_in_any_order_and_case() {
        let mut notes = Notes::default();
        for (n, text) in ["Nausea after the walk", "The walk was good", "Übelkeit, nachts"].into_iter().enumerate() {
            let record = RecordId([u8::try_from(n).unwrap(); 16]);
            let time_ms = Some(n as u64);
            notes.add(Hit { record, type_number: 1, field: 1, text: text.to_owned(), time_ms });
        }
        let found = |query: &str| notes.find(query).iter().map(|hit| hit.record.0[0]).collect::<Vec<_>>();
        assert_eq!(found("WALK"), vec![1, 0]);
        assert_eq!(found("walk naus"), vec![0]);
        assert_eq!(found("übel"), vec![2]);
        assert!(found("").is_empty() && found("alk").is_empty());
    }
}
