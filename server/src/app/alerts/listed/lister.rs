//! An alert in the words of one reader, and what they may say to it.

use std::collections::BTreeMap;

use osteon_access_core::{Action, LabelId, Role, decide};
use osteon_care_core::{
    alerts::{ACKNOWLEDGEMENT, ALERT, CLOSURE},
    rules::{Evaluation, RuleSet, Settings, State, Told, say},
};
use osteon_proto::{alert as pb, care, table::table};
use osteon_sync_core::{FieldRef, RecordId};

use super::{
    Said, body, input,
    said::{self, Seen},
    text_of,
};
use crate::{
    access::signed,
    app::{
        alerts::{codes::rank, due::Next, labels},
        enrol::timestamp,
        look::Looked,
        records::Session,
        rights::type_facts,
        views,
    },
};

/// One reader of one circle.
pub(super) struct Lister<'l> {
    pub(super) session: &'l Session,
    pub(super) set: &'l RuleSet,
    pub(super) settings: &'l Settings,
    pub(super) goes_on: &'l BTreeMap<RecordId, Next>,
    /// By revision: itself and those that it says anew.
    pub(super) told_as: &'l BTreeMap<RecordId, Vec<RecordId>>,
}

impl Lister<'_> {
    pub(super) fn listed(&self, parts: &[Looked], said: &Said) -> Option<pb::ListedAlert> {
        let one = parts.first().filter(|one| one.row.type_number == ALERT)?;
        let alert: care::Alert = body(one);
        let rule = self.set.rule(alert.rule.as_deref()?);
        let severity = alert.severity();
        let own = [one.row.record];
        let (seen, closed) = said.to_all(self.told_as.get(&one.row.record).map_or(&own, Vec::as_slice));
        let (owner, handed_to) = said::owner(&seen, |account| self.is_of_team(account));
        let seen: Vec<pb::AlertSeen> = seen.iter().map(Seen::told).collect();
        let closed = closed.cloned();
        let (acknowledges, closes) = self.may_answer(one.row.label, &alert);
        // Whoever only asked another does not see to it.
        let sees = |one: &pb::AlertSeen| self.is_of_team(one.account) && (one.takes_over || one.hands_to == 0);
        let waits = closed.is_none() && !seen.iter().any(sees);
        let waits = waits && !alert.muted.unwrap_or(false);
        let step = alert.step.unwrap_or_default();
        let (next, escalates_to) = self.goes_on.get(&one.row.record).filter(|_| waits).cloned().unzip();
        Some(pb::ListedAlert {
            record_id: text_of(one.row.record),
            text: self.text(&alert),
            source: rule.map_or_else(String::new, |rule| rule.source.text.clone()),
            state: rule.map_or(pb::RuleState::Unspecified, |rule| state(rule.source.state)).into(),
            rule_set: alert.rule_set.clone().unwrap_or_default(),
            subject: alert
                .subject
                .as_ref()
                .and_then(|id| id.as_ref().try_into().ok())
                .map_or_else(String::new, |id| text_of(RecordId(id))),
            discriminator: alert.discriminator.clone().unwrap_or_default(),
            severity: severity.into(),
            revision: alert.revision.unwrap_or_default(),
            cause: alert.cause.unwrap_or_default(),
            raised: alert.raised,
            updated: updated(one, &alert),
            happened: alert.happened.as_ref().and_then(|moment| moment.at),
            late_days: alert.late_days.unwrap_or_default(),
            step,
            escalates: next.map(timestamp),
            escalates_to: escalates_to.unwrap_or_default(),
            owner,
            handed_to,
            history: Vec::new(),
            seen,
            closed,
            inputs: alert.inputs.iter().map(input).collect(),
            told: alert.told.clone(),
            told_members: alert.told_members.clone(),
            muted: alert.muted.unwrap_or(false),
            may_acknowledge: acknowledges,
            may_close: closes,
            rule: alert.rule.unwrap_or_default(),
        })
    }

    /// In the words for the reader's role; empty: the rule has none for them, or is not known any more.
    pub(super) fn text(&self, alert: &care::Alert) -> String {
        let rule = alert.rule.as_deref().and_then(|rule| self.set.rule(rule));
        rule.and_then(|rule| self.words(rule, alert)).unwrap_or_default()
    }

    fn words(&self, rule: &osteon_care_core::rules::Rule, alert: &care::Alert) -> Option<String> {
        let fill = alert.texts.iter().filter_map(|one| Some((one.name.as_deref()?, one.text.as_deref()?)));
        let notes = alert.notes.iter().map(String::as_str).collect();
        let told = Told::recorded(rule, rank(alert.severity())?, fill.collect(), notes);
        say(self.set, rule, &told, self.settings, views::role(&self.session.member))
    }

    fn is_of_team(&self, account: u64) -> bool {
        self.session.member.access.access.members().any(|(one, role)| one == account && role.is_clinician())
    }

    /// Whether the reader may say that they have seen it, and how it ended.
    fn may_answer(&self, label: u64, alert: &care::Alert) -> (bool, bool) {
        let member = &self.session.member;
        let may = |number: u32| {
            let Some(known) = table().get(number) else { return false };
            let action = Action::CreateRecord { facts: type_facts(known, label), label: LabelId(label) };
            decide(signed(self.session.now_ms), &member.viewer, &member.access.access, &action).allowed()
        };
        let urgent = alert.severity() >= care::AlertSeverity::Urgent;
        let told = alert.told.contains(&i32::from(member.role().number()));
        let closes = (!urgent && told) || matches!(member.role(), Role::Nurse | Role::Physician);
        (may(ACKNOWLEDGEMENT), closes && may(CLOSURE))
    }

    /// Of rules whose categories the reader may read, if they are a clinician.
    pub(super) fn cannot_tell(&self, evaluated: &[Evaluation]) -> Vec<pb::CannotTell> {
        if !self.session.member.role().is_clinician() {
            return Vec::new();
        }
        let reads = |id: &str| {
            let label = self.set.rule(id).and_then(labels::of_rule);
            label.is_some_and(|label| views::readable(&self.session.scope, label))
        };
        let unsure = evaluated.iter().filter(|one| !one.cannot_tell.is_empty() && reads(one.rule));
        let told = unsure.map(|one| pb::CannotTell {
            rule: one.rule.to_owned(),
            missing: one.missing().iter().map(|input| input.name().clone()).collect(),
        });
        told.collect()
    }
}

/// When it came to say something else without being raised anew.
fn updated(one: &Looked, alert: &care::Alert) -> Option<prost_types::Timestamp> {
    let written = one.part.versions(FieldRef::LIFECYCLE).next().filter(|_| alert.cause() == care::AlertCause::Updated);
    written.map(|birth| timestamp(birth.clock.ms))
}

const fn state(state: State) -> pb::RuleState {
    match state {
        State::Verified => pb::RuleState::Verified,
        State::Secondary => pb::RuleState::Secondary,
        State::Unverified => pb::RuleState::Unverified,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use osteon_care_core::rules::Severity;

    use super::*;
    use crate::app::alerts::codes;

    #[test]
    fn severities_are_those_of_the_contract() {
        let all: BTreeSet<i32> = Severity::ALL.iter().map(|one| codes::severity(*one) as i32).collect();
        assert!(all.into_iter().all(|number| {
            care::AlertSeverity::try_from(number).is_ok_and(|of| rank(of).is_some_and(|one| codes::severity(one) == of))
        }));
    }
}
