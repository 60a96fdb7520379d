//! What one circle gives a reader's work list, from its records. It is kept in memory as long as nothing of it can have changed:
//! the head, the access state, the clinic's settings and the rule set are the same, and no time has passed that changes it.

use std::{collections::BTreeSet, sync::Arc};

use osteon_access_core::Role;
use osteon_proto::{alert, care, review, table::table, worklist as pb};
use osteon_sync_core::FieldRef;
use prost::Message;

use super::rank::Weighed;
use crate::{
    access::{Caller, signed},
    app::{
        App,
        alerts::{
            away::Waiting,
            listed::{self, Closed, Which},
        },
        enrol::timestamp,
        erasures, ids_for,
        look::Looked,
        notes::categories,
        records::Session,
        reviews, seen, since, views,
    },
    error::Error,
    limits,
    store::{AccountNo, CircleNo, UnixMs},
};

/// A row is made anew after so long, and a little later for some circles than for others: what the rules cannot tell moves with
/// the clock.
const FRESH_MS: u64 = 30 * 60_000;
/// Type numbers.
const PERSON: u32 = 271;
const RISK_PROFILE: u32 = 281;
const SAFETY_MINIMUM: u32 = 321;
const SUMMARY_OF_IDENTITY: u32 = 322;

/// What a row was made of: another state, another row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Of {
    pub(super) head: u64,
    pub(super) generation: u64,
    pub(super) rule_set: u32,
    pub(super) settings: u64,
}

/// What records say. What needs no record (the phone, the clock) comes in when a list is told.
pub(super) struct Row {
    pub(super) of: Of,
    pub(super) until_ms: UnixMs,
    /// Without reasons, rank and phone.
    pub(super) told: pb::WorkRow,
    pub(super) reasons: Vec<Weighed>,
    /// Reviews of which the reader's role is an owner, by record.
    pub(super) owned: BTreeSet<String>,
    /// Days on which the plans have the next dose, YYYY-MM-DD.
    pub(super) dose_on: Option<String>,
    pub(super) members: Vec<(AccountNo, Role)>,
    pub(super) role: Role,
    pub(super) patient: Option<AccountNo>,
    /// Categories of what was looked at, and of the name alone.
    pub(super) touched: u32,
    pub(super) of_name: u32,
    pub(super) reviews: u32,
    /// What waits for a phone that has read up to a sequence, as it was counted last.
    pub(super) waiting: std::sync::Mutex<Option<(u64, Waiting)>>,
}

/// Makes the row of a circle for a caller.
pub(super) async fn make(app: &App, caller: &Caller, circle: CircleNo, of: Of) -> Result<Row, Error> {
    let mut session = app.session(caller, circle).await?;
    let role = session.member.role();
    let of = Of { head: session.snapshot.circle().head, generation: session.snapshot.circle().access_generation, ..of };
    let which = Which { closed: Closed::None, at_least: 0, cannot_tell: role.is_clinician(), history: false };
    let (alerts, of_alerts) = listed::of_session(app, &mut session, &which).await?;
    let (open, more, of_reviews) = reviews::open_in(app, &mut session, limits::DIGEST_ITEMS.usize()).await?;
    let known = Known::read(&mut session).await?;
    let mut told = pb::WorkRow {
        circle,
        short_id: session.snapshot.circle().short_id.clone(),
        display_names: known.names(),
        birth_years: known.birth_years(),
        role: i32::from(role.number()),
        sequence: of.head,
        cannot_tell: count(alerts.cannot_tell.len()),
        redacted: !alerts.redacted.is_empty(),
        ..Default::default()
    };
    let mark = seen::mark_of(&mut session, caller.account).await?;
    let mut of_new = 0;
    if let Some(mark) = mark {
        told.seen_sequence = mark.sequence;
        (told.unseen, of_new) = since::arrived(&mut session, mark.sequence).await?.unseen(caller.account);
    }
    let erasures = erasures::open(&mut session).await?;
    let own = views::role(&session.member);
    let is_owned = |one: &&review::Review| one.owners.contains(&own.into());
    let owned = open.iter().filter(is_owned).map(|one| one.record_id.clone()).collect();
    let staff = |accounts: &[AccountNo]| roles_of(&session, accounts);
    let reasons = alerts.alerts.iter().filter(|one| !one.muted).map(|one| Weighed::plain(of_alert(one, &staff)));
    let reasons = reasons.chain(alerts.redacted.iter().map(|one| Weighed::plain(of_face(one))));
    let reasons = reasons.chain(open.iter().map(of_review));
    let reasons = reasons.chain(erasures.iter().map(|one| Weighed::plain(of_erasure(one)))).collect();
    let access = &session.member.access.access;
    Ok(Row {
        of,
        until_ms: until_ms(&session, circle),
        told,
        reasons,
        owned,
        dose_on: known.dose_on(),
        members: access.members().collect(),
        role,
        patient: session.member.access.patient(),
        touched: of_alerts
            | of_reviews
            | of_new
            | erasures.iter().fold(0, |bits, one| bits | one.touched)
            | known.touched(&[PERSON, SUMMARY_OF_IDENTITY, RISK_PROFILE, SAFETY_MINIMUM]),
        of_name: known.touched(&[PERSON, SUMMARY_OF_IDENTITY]),
        reviews: count(open.len()).saturating_add(u32::from(more)),
        waiting: std::sync::Mutex::default(),
    })
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Until when nothing but a commit changes what the reader sees.
fn until_ms(session: &Session, circle: CircleNo) -> UnixMs {
    let turns = [session.scope.not_after_ms(), session.scope.opens_at_ms()];
    let turns = turns.into_iter().flatten().filter(|at| *at > signed(session.now_ms));
    let turn = turns.min().and_then(|at| u64::try_from(at).ok()).unwrap_or(u64::MAX);
    turn.min(session.now_ms + FRESH_MS + circle % 512 * 1_000)
}

/// The roles of some members, each once.
fn roles_of(session: &Session, accounts: &[AccountNo]) -> Vec<i32> {
    let members = session.member.access.access.members().filter(|(account, _)| accounts.contains(account));
    let roles: BTreeSet<i32> = members.map(|(_, role)| i32::from(role.number())).collect();
    roles.into_iter().collect()
}

fn of_alert(one: &alert::ListedAlert, roles: &dyn Fn(&[AccountNo]) -> Vec<i32>) -> pb::WorkReason {
    pb::WorkReason {
        kind: pb::WorkReasonKind::Alert.into(),
        record_id: one.record_id.clone(),
        rule: one.rule.clone(),
        rule_set: one.rule_set.clone(),
        severity: one.severity,
        text: one.text.clone(),
        happened: one.happened,
        received: one.raised,
        deadline: one.escalates,
        escalates_to_roles: roles(&one.escalates_to),
        escalates_to_members: one.escalates_to.clone(),
        owner: one.owner,
        handed_to: one.handed_to,
        revision: one.revision,
        may_acknowledge: one.may_acknowledge,
        may_close: one.may_close,
        ..Default::default()
    }
}

fn of_face(one: &alert::RedactedAlert) -> pb::WorkReason {
    pb::WorkReason {
        kind: pb::WorkReasonKind::RedactedAlert.into(),
        record_id: one.record_id.clone(),
        severity: one.severity,
        received: one.raised,
        revision: one.revision,
        call: one.call.clone(),
        nurse: one.nurse,
        ..Default::default()
    }
}

fn of_erasure(one: &erasures::Asked) -> pb::WorkReason {
    pb::WorkReason {
        kind: pb::WorkReasonKind::ErasureRequest.into(),
        record_id: uuid::Uuid::from_bytes(one.record.0).to_string(),
        r#type: erasures::ERASURE_REQUEST,
        received: Some(timestamp(one.asked_ms)),
        deadline: Some(timestamp(one.due_ms)),
        ..Default::default()
    }
}

fn of_review(one: &review::Review) -> Weighed {
    let kind = match one.kind() {
        review::ReviewKind::Dispute => pb::WorkReasonKind::Dispute,
        review::ReviewKind::Ending => pb::WorkReasonKind::Ending,
        _ => pb::WorkReasonKind::Finding,
    };
    let known = table().get(one.r#type);
    let field = one.field.as_ref().and_then(|field| known?.field(field.field)).map(|field| field.lane);
    let lane = field.or(known.map(|known| known.lifecycle_lane));
    let reason = pb::WorkReason {
        kind: kind.into(),
        record_id: one.record_id.clone(),
        r#type: one.r#type,
        field: one.field.as_ref().map_or(0, |field| field.field),
        severity: one.severity,
        text: one.says.clone(),
        received: one.opened,
        check: one.check.clone(),
        review_kind: one.kind,
        ..Default::default()
    };
    Weighed { reason, is_safety: lane == Some(osteon_proto::meta::Lane::Urgent) }
}

/// What a row says of the person, as far as it is shared.
struct Known(Vec<Vec<Looked>>);

impl Known {
    async fn read(session: &mut Session) -> Result<Self, Error> {
        let types = [PERSON, SUMMARY_OF_IDENTITY, RISK_PROFILE, SAFETY_MINIMUM];
        let circle = session.member.circle;
        let parts = session.parts(&types.map(|number| ids_for::singleton(circle, number)), false).await?;
        Ok(Self(parts.into_values().filter(|parts| !views::ended(parts)).collect()))
    }

    /// Categories of the records of these types.
    fn touched(&self, types: &[u32]) -> u32 {
        let parts = self.0.iter().flatten().filter(|one| types.contains(&one.row.type_number));
        parts.fold(0, |bits, one| bits | categories(one.row.label))
    }

    /// Every live version of a field, as a message that holds it alone.
    fn versions<M: Message + Default>(&self, number: u32, field: &str) -> Vec<M> {
        let Some(info) = table().get(number).and_then(|known| known.field_by_name(field)) else { return Vec::new() };
        let parts = self.0.iter().flatten().filter(|one| one.row.type_number == number);
        let versions = parts.flat_map(|one| one.part.versions(FieldRef::register(info.number)));
        versions.filter_map(|version| M::decode(version.value?).ok()).collect()
    }

    /// Distinct, ascending.
    fn names(&self) -> Vec<String> {
        let own = self.versions::<care::Person>(PERSON, "display_name").into_iter().filter_map(|one| one.display_name);
        let summary = self.versions::<care::SummaryOfIdentity>(SUMMARY_OF_IDENTITY, "display_name").into_iter();
        let summary = summary.flat_map(|one| one.display_name).filter_map(|one| one.text);
        let all: BTreeSet<String> = own.chain(summary).collect();
        all.into_iter().collect()
    }

    fn birth_years(&self) -> Vec<u32> {
        let own = self.versions::<care::RiskProfile>(RISK_PROFILE, "birth_date").into_iter();
        let own = own.filter_map(|one| one.birth_date?.get(..4)?.parse().ok());
        let summary = self.versions::<care::SummaryOfIdentity>(SUMMARY_OF_IDENTITY, "birth_year").into_iter();
        let summary = summary.flat_map(|one| one.birth_year).filter_map(|one| one.year);
        let all: BTreeSet<u32> = own.chain(summary).collect();
        all.into_iter().collect()
    }

    /// When the next dose of a bone drug that is given is due.
    fn dose_on(&self) -> Option<String> {
        let status = self.versions::<care::SafetyMinimum>(SAFETY_MINIMUM, "bone_drug_status").pop();
        let status = status.map(|one| one.bone_drug_status()).unwrap_or_default();
        let is_over = matches!(status, care::BoneDrugStatus::Stopped | care::BoneDrugStatus::Holiday);
        let next = self.versions::<care::SafetyMinimum>(SAFETY_MINIMUM, "bone_drug_next").pop();
        next.filter(|_| !is_over).and_then(|one| one.bone_drug_next)
    }
}

impl Row {
    /// Whether it says what a row made now would say.
    pub(super) fn stands(&self, of: Of, now_ms: UnixMs) -> bool {
        self.of == of && now_ms < self.until_ms
    }

    /// What waits for the patient's phone that has read up to a sequence.
    pub(super) async fn waiting(self: &Arc<Self>, app: &App, seq: u64) -> Result<Waiting, Error> {
        let known = *self.waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match (known, self.patient) {
            (Some((at, waiting)), _) if at == seq => Ok(waiting),
            (_, Some(patient)) => {
                let waiting = crate::app::alerts::away::waiting(app, self.told.circle, patient, seq).await?;
                *self.waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some((seq, waiting));
                Ok(waiting)
            }
            _ => Ok(Waiting::default()),
        }
    }

    /// The dose is due by the end of the second day from now, in UTC.
    pub(super) fn dose_due(&self, now_ms: UnixMs) -> Option<pb::WorkReason> {
        const AHEAD_MS: u64 = 2 * 86_400_000;
        let on = self.dose_on.as_ref()?;
        let begins_ms = erasures::day_ms(on)?;
        (begins_ms <= now_ms + AHEAD_MS).then(|| pb::WorkReason {
            kind: pb::WorkReasonKind::DoseDue.into(),
            deadline: Some(timestamp(begins_ms)),
            due_on: on.clone(),
            ..Default::default()
        })
    }
}
