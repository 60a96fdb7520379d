//! What rules would raise of a write that is only tried: found in its commit, which is rolled back. Nothing of it is kept.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use osteon_care_core::{
    alerts::Says,
    rules::{RuleSet, Severity, Told, say},
};
use osteon_proto::record as pb;
use osteon_sync_core::Change;

use super::{Asked, concerned, labels, raise, severity};
use crate::{
    app::{App, records::Session, settings::Terms, views},
    error::Error,
    store::CircleNo,
};

/// An alert that would be raised.
#[derive(Clone)]
struct Would {
    rule: String,
    label: u64,
    severity: Severity,
    revision: u32,
    says: Says,
}

/// What was found.
#[derive(Clone, Default)]
pub struct Tried {
    asked: bool,
    terms: Option<Arc<Terms>>,
    would: Vec<Would>,
}

impl Tried {
    /// No rule reads what is written.
    pub const NOTHING: Self = Self { asked: true, terms: None, would: Vec::new() };

    pub(super) fn of(set: &RuleSet, terms: &Arc<Terms>, news: &[raise::News]) -> Self {
        let would = |one: &raise::News| {
            let label = labels::of_rule(set.rule(&one.key.rule)?)?;
            let (severity, revision) = (one.next.severity, one.next.revision);
            let is_told = !one.next.says.muted && !one.is_update();
            let says = is_told.then(|| one.next.says.clone())?;
            Some(Would { rule: one.key.rule.clone(), label, severity, revision, says })
        };
        let terms = Some(Arc::clone(terms));
        Self { asked: true, terms, would: news.iter().filter_map(would).collect() }
    }

    pub fn was_asked(&self) -> bool {
        self.asked
    }

    /// As far as the reader may see it, in the words for their role.
    pub fn told(&self, app: &App, session: &Session) -> Vec<pb::TrialAlert> {
        let Some(terms) = &self.terms else { return Vec::new() };
        let set = app.care.set();
        let role = views::role(&session.member);
        let seen = self.would.iter().filter(|one| views::readable(&session.scope, one.label));
        let told = seen.filter_map(|one| {
            let (rule, says) = (set.rule(&one.rule)?, &one.says);
            let fill: BTreeMap<&str, &str> =
                says.texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            let found = Told::recorded(rule, one.severity, fill, says.notes.iter().map(String::as_str).collect());
            Some(pb::TrialAlert {
                rule: one.rule.clone(),
                severity: severity(one.severity).into(),
                says: say(&set, rule, &found, &terms.rules, role).unwrap_or_default(),
                revision: one.revision,
            })
        });
        told.collect()
    }
}

impl Asked {
    /// Of a write that is only tried. `None`: no rule reads it.
    pub async fn trial<'c>(
        app: &App,
        circle: CircleNo,
        changes: impl Iterator<Item = &'c Change>,
    ) -> Result<Option<Arc<Self>>, Error> {
        if app.care.is_off() || !concerned(changes) {
            return Ok(None);
        }
        let of = app.care.kept.current(app, circle).await?;
        let (delta, missed) = Default::default();
        let (terms, trial) = (app.terms(&of).await, Some(Mutex::default()));
        Ok(Some(Arc::new(Self { of, terms, delta, missed, trial })))
    }

    /// What the write that was tried would raise.
    pub fn tried(&self) -> Tried {
        let tried = self.trial.as_ref().map(|trial| trial.lock().unwrap_or_else(PoisonError::into_inner).clone());
        tried.unwrap_or_default()
    }
}
