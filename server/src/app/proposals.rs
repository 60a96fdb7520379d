//! Proposals: values for fields that their author may not write. Whoever may write the field takes one over by a write that
//! names it, or declines it with a reason; both end its record, and the history says which.

use osteon_access_core::{Action, FieldFacts, decide};
use osteon_proto::{LabelId, care, reasons::Reason, record, review as pb, sync, table::table, wire};
use osteon_sync_core::{Change, Dot, Field, FieldRef, PartWrite, Put, RecordId, ledger::CircleStore};
use prost::Message;

use super::{
    App,
    circle::Circle,
    enrol::timestamp,
    glass::content,
    look::Looked,
    notes::categories,
    records::{Session, choice_of, named_by, parse_id_at},
    reviews::page_size,
    secrets::sha256,
    views::{self, shown_of},
};
use crate::{
    access::{Caller, Member, signed},
    error::Error,
    limits,
    store::{CircleNo, ListQuery, PartRow},
};

pub const PROPOSAL: u32 = 431;
/// Store pages that one call looks through, over all circles.
const MAX_ROUNDS: usize = 40;

/// What a proposal would write.
pub(super) struct Proposed {
    type_number: u32,
    /// None: a new record.
    target: Option<RecordId>,
    field: u32,
}

impl Proposed {
    fn read(row: &PartRow) -> Result<Self, Error> {
        Ok(Self::said(&content(row)?))
    }

    fn said(said: &care::Proposal) -> Self {
        let target = said.target.as_ref().and_then(|id| <[u8; 16]>::try_from(id.as_ref()).ok()).map(RecordId);
        Self { type_number: said.r#type.unwrap_or_default(), target, field: said.field.unwrap_or_default() }
    }

    /// The proposal that a change writes to, as it stands in the circle.
    pub(super) fn of(part: &PartWrite, circle: &Circle<'_, '_>) -> Option<Self> {
        let stored = circle.part(part.part).filter(|_| part.type_number == PROPOSAL)?;
        let fields = stored.part.fields().filter(|(field, _)| field.number != 0);
        let values: Vec<&[u8]> = fields.filter_map(|(_, mut versions)| versions.next()?.value).collect();
        care::Proposal::decode(values.concat().as_slice()).ok().map(|said| Self::said(&said))
    }

    /// The write that it asks for: it stands under the label of its target.
    pub(super) fn write(&self, label: u64) -> Action<'static> {
        let facts = FieldFacts::find(self.type_number, self.field);
        Action::WriteField { facts, label: LabelId(label), own: None }
    }

    /// Whether the change takes it over.
    pub(super) fn is_written_by(&self, change: &Change) -> bool {
        let of_target = change.parts.iter().filter(|part| Some(part.part.record) == self.target);
        of_target.flat_map(|part| &part.writes).any(|write| write.field.number == self.field)
    }
}

/// Whether a proposal that is made stands under the label of what it asks for: whoever reads the one may read the other. Where the
/// writer of the target chooses its label, under any. That there is such a field is checked with its body.
pub(super) fn is_under_its_label(part: &PartWrite) -> bool {
    let fields = part.writes.iter().filter(|write| write.field.number != Field::LIFECYCLE);
    let values = fields.filter_map(|write| write.put.as_ref().and_then(Put::value));
    let Ok(said) = care::Proposal::decode(values.collect::<Vec<_>>().concat().as_slice()) else { return true };
    let asked = Proposed::said(&said);
    let Some(known) = table().get(asked.type_number).filter(|known| known.field(asked.field).is_some()) else {
        return true;
    };
    !known.label_choice.is_empty() || known.label_of(asked.field, 0, 0).is_ok_and(|label| label.0 == part.part.label)
}

/// Whether the member may write the field.
fn decides(member: &Member, now_ms: u64, proposed: &Proposed, label: u64) -> bool {
    decide(signed(now_ms), &member.viewer, &member.access.access, &proposed.write(label)).allowed()
}

/// The end of the proposal that a write takes over: `fields` of `target` are written.
pub(super) async fn taken_over(
    app: &App,
    caller: &Caller,
    request: &record::WriteRecordRequest,
    (target, fields): (RecordId, &[u32]),
) -> Result<sync::RecordWrite, Error> {
    let wrong = || Error::field("proposal_id", Reason::ArgumentInvalid);
    let record = parse_id_at(&request.proposal_id, "proposal_id")?;
    let mut session = app.session(caller, request.circle).await?;
    let parts = session.record(record, false).await?;
    let first = parts.first().filter(|one| one.row.type_number == PROPOSAL).ok_or_else(wrong)?;
    let about = Proposed::read(&first.row)?;
    if about.target != Some(target) || !fields.contains(&about.field) {
        return Err(wrong());
    }
    if views::ended(&parts) {
        return Err(Error::field("proposal_id", Reason::ProposalOver));
    }
    let shown = shown_of(&parts, &session.scope);
    Ok(sync::RecordWrite {
        record: record.0.to_vec().into(),
        r#type: PROPOSAL,
        label_choice: choice_of(&parts),
        audience_ref: named_by(&parts),
        lifecycle: Some(sync::LifecycleWrite {
            state: sync::Lifecycle::Deleted.into(),
            replaces: shown.lifecycle.iter().map(|dot| wire::to_dot(*dot)).collect(),
            covers: shown.covers.iter().map(|dot| wire::to_dot(*dot)).collect(),
        }),
        ..Default::default()
    })
}

/// Where a list stands: the last proposal that was looked at. Bound to the question.
#[derive(Clone, PartialEq, prost::Message)]
struct Before {
    #[prost(uint64, tag = "1")]
    circle: u64,
    #[prost(uint64, tag = "2")]
    key: u64,
    /// Empty: at the beginning of the circle.
    #[prost(bytes = "vec", tag = "3")]
    record: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    question: Vec<u8>,
}

impl Before {
    fn row(&self) -> Option<(u64, RecordId)> {
        Some((self.key, RecordId(self.record.as_slice().try_into().ok()?)))
    }
}

pub async fn list(
    app: &App,
    caller: &Caller,
    request: &pb::ListProposalsRequest,
) -> Result<pb::ListProposalsResponse, Error> {
    let size = page_size(request.page_size, &limits::PAGE_RECORDS)?;
    let asked = pb::ListProposalsRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    let question = sha256(&[&asked.encode_to_vec()])[..16].to_vec();
    let token = app.page_token::<Before>(caller, &request.page_token)?.unwrap_or_default();
    if !request.page_token.is_empty() && token.question != question {
        return Err(Error::field("page_token", Reason::PageTokenInvalid));
    }
    let mut circles: Vec<CircleNo> = match request.circle {
        0 => app.store.circles_of(caller.account).await?.into_iter().map(|(circle, _)| circle).collect(),
        circle => vec![circle],
    };
    circles.retain(|circle| *circle >= token.circle);
    circles.sort_unstable();
    circles.dedup();
    let mut told = pb::ListProposalsResponse::default();
    let mut rounds = MAX_ROUNDS;
    for circle in circles {
        let session = match app.session(caller, circle).await {
            // They left it meanwhile.
            Err(error) if request.circle == 0 && error.reason() == Reason::NotFound => continue,
            session => session?,
        };
        let before = if circle == token.circle { token.row() } else { None };
        let mut here = Here { app, caller, request, session, found: Vec::new(), touched: 0 };
        let stands = here.read(before, size.saturating_sub(told.proposals.len()), &mut rounds).await?;
        let (found, touched, behind_glass) = (here.found, here.touched, here.session.scope.behind_glass());
        drop(here.session);
        app.note_list(caller, circle, "proposal.list", touched, found.len(), behind_glass).await?;
        told.proposals.extend(found);
        if let Some(stands) = stands {
            let (key, record) = stands.map_or((0, Vec::new()), |(key, record)| (key, record.0.to_vec()));
            told.next_page_token = app.seal_page_token(caller, &Before { circle, key, record, question });
            break;
        }
    }
    Ok(told)
}

/// One circle, as it is read.
struct Here<'h> {
    app: &'h App,
    caller: &'h Caller,
    request: &'h pb::ListProposalsRequest,
    session: Session,
    found: Vec<pb::ListedProposal>,
    touched: u32,
}

/// The key of the last row that was looked at; none at the beginning.
type Stands = Option<(u64, RecordId)>;

impl Here<'_> {
    /// Reads until `left` are found. Some: there is more, after this.
    async fn read(&mut self, mut before: Stands, left: usize, rounds: &mut usize) -> Result<Option<Stands>, Error> {
        let limit = limits::PAGE_PARTS.u32();
        loop {
            if self.found.len() >= left || *rounds == 0 {
                return Ok(Some(before));
            }
            *rounds -= 1;
            let query = ListQuery::by_time(PROPOSAL, before, limit);
            let rows = self.session.rows()?.list(query).await?;
            let wanted = |row: &&PartRow| views::readable(&self.session.scope, row.label);
            let ids: Vec<RecordId> = rows.iter().filter(wanted).map(|row| row.record).collect();
            let parts = self.session.parts(&ids, true).await?;
            for row in &rows {
                if self.found.len() >= left {
                    return Ok(Some(before));
                }
                before = Some((row.time_ms, row.record));
                let Some(parts) = parts.get(&row.record) else { continue };
                if let Some(one) = self.listed(parts).await? {
                    self.touched |= categories(row.label);
                    self.found.push(one);
                }
            }
            if rows.len() < limit as usize {
                return Ok(None);
            }
        }
    }

    async fn listed(&mut self, parts: &[Looked]) -> Result<Option<pb::ListedProposal>, Error> {
        let Some(first) = parts.first() else { return Ok(None) };
        let ended = views::ended(parts);
        if ended && !self.request.include_ended {
            return Ok(None);
        }
        let about = Proposed::read(&first.row)?;
        let may_decide = decides(&self.session.member, self.session.now_ms, &about, first.row.label);
        let Some(author) = osteon_proto::wire::ids::author(first.known, &first.part) else { return Ok(None) };
        let is_wanted = if self.request.mine { author.account == self.caller.account } else { may_decide };
        if !is_wanted {
            return Ok(None);
        }
        let fields = first.fields().filter(|(field, _)| field.number != 0);
        let made_ms = fields.filter_map(|(_, view)| Some(view.effective?.clock.ms)).min().unwrap_or(0);
        let mut told = pb::ListedProposal {
            circle: self.session.member.circle,
            record: Some(self.session.reader(self.app).record(parts)),
            account: author.account,
            role: i32::from(author.role.0),
            made: Some(timestamp(made_ms)),
            state: pb::ProposalState::Open.into(),
            may_decide: may_decide && !ended,
            ..Default::default()
        };
        if ended {
            self.end(first, &about, &mut told).await?;
        }
        Ok(Some(told))
    }

    /// How it ended: the change that did it also wrote the field, where it was taken over.
    async fn end(&mut self, one: &Looked, about: &Proposed, told: &mut pb::ListedProposal) -> Result<(), Error> {
        let Some(last) = one.part.versions(FieldRef::LIFECYCLE).max_by_key(|version| version.clock) else {
            return Ok(());
        };
        let said = views::version(one, &last, true, true);
        let (dot, account) = (last.dot, last.author.account);
        told.ended_by = account;
        told.ended_role = said.role;
        told.ended = said.written;
        told.reason = said.reason;
        let state = if self.wrote(dot, about).await? {
            pb::ProposalState::TakenOver
        } else if account == told.account {
            pb::ProposalState::TakenBack
        } else {
            pb::ProposalState::Declined
        };
        told.state = state.into();
        Ok(())
    }

    /// Whether this change wrote the field, as its history says.
    async fn wrote(&mut self, dot: Dot, about: &Proposed) -> Result<bool, Error> {
        let Some(target) = about.target else { return Ok(false) };
        let parts = self.session.parts(&[target], true).await?;
        let mut changes = parts.get(&target).into_iter().flatten().filter_map(|part| part.log.get(&dot));
        Ok(changes.any(|written| written.writes.iter().any(|write| write.field.number == about.field)))
    }
}
