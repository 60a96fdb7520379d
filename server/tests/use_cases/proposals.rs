//! Proposals: whose they are to decide, taken over by a write that names one, declined with a reason, taken back.

use osteon_proto::{care, meta::Role, record, review as pb, sync};
use osteon_server::{
    access::Caller,
    app::{members, proposals, records},
    error::{Error, Reason},
};
use prost::Message as _;

use crate::fixture::*;

const PLAN: u32 = 201;
/// `ExercisePlan.lift_max_kg`, and the label choice of proposals for activity.
const LIFT: u32 = 3;
const C08: u32 = 5;

struct Scene {
    kit: Kit,
    circle: u64,
    plan: [u8; 16],
    nurse: Caller,
    physio: Caller,
    others: [Caller; 2],
}

async fn scene(kit: Kit, short_id: &str) -> Scene {
    let circle = kit.circle(short_id, &[Role::Patient, Role::Nurse, Role::Physiotherapist, Role::Dietitian]).await;
    let [patient, nurse, physio, dietitian] = std::array::from_fn(|at| kit.person(circle.people[at]));
    let plan = care::ExercisePlan { lift_max_kg: Some(50), ..Default::default() };
    let plan = id_of(&kit.create(&physio, circle.no, PLAN, &plan).await.expect("a plan"));
    Scene { kit, circle: circle.no, plan, nurse, physio, others: [patient, dietitian] }
}

impl Scene {
    async fn propose(&self, circle: u64, plan: [u8; 16], kg: u32) -> record::RecordView {
        let value = care::ExercisePlan { lift_max_kg: Some(kg), ..Default::default() }.encode_to_vec();
        let proposal = care::Proposal {
            r#type: Some(PLAN),
            target: Some(plan.to_vec().into()),
            field: Some(LIFT),
            value: Some(value.into()),
            reason: Some("Pain on lifting since Monday".into()),
            ..Default::default()
        };
        self.kit.create_under(&self.nurse, circle, proposals::PROPOSAL, C08, &proposal).await.expect("proposed")
    }

    async fn list(&self, who: &Caller, request: pb::ListProposalsRequest) -> Vec<pb::ListedProposal> {
        proposals::list(&self.kit.app, who, &request).await.expect("list").proposals
    }

    /// What the physiotherapist would save.
    async fn write(&self, kg: u32, proposal_id: &str) -> record::WriteRecordRequest {
        let view = self.kit.get(&self.physio, self.circle, self.plan).await.expect("the plan");
        let shown = field(&view, "lift_max_kg");
        let plan = care::ExercisePlan { lift_max_kg: Some(kg), ..Default::default() };
        record::WriteRecordRequest {
            circle: self.circle,
            record_id: view.record_id.clone(),
            body: Some(body(PLAN, &plan)),
            shown: vec![record::FieldShown { field: shown.field, shown: shown.shown.clone(), ..Default::default() }],
            request_id: text(self.kit.id()),
            proposal_id: proposal_id.into(),
            ..Default::default()
        }
    }

    async fn end(&self, who: &Caller, proposal: &record::RecordView, reason: &str) -> Result<(), Error> {
        let view = self.kit.get(who, self.circle, id_of(proposal)).await?;
        let request = record::EndRecordRequest {
            circle: self.circle,
            record_id: view.record_id,
            state: sync::Lifecycle::Deleted.into(),
            shown: view.shown,
            reason: reason.into(),
            ..Default::default()
        };
        records::end(&self.kit.app, who, &request).await.map(|_| ())
    }

    /// The nurse's own, also those that have ended.
    async fn how(&self, proposal: &record::RecordView) -> pb::ListedProposal {
        let request = pb::ListProposalsRequest { mine: true, include_ended: true, ..Default::default() };
        let all = self.list(&self.nurse, request).await;
        let is = |one: &pb::ListedProposal| one.record.as_ref().is_some_and(|r| r.record_id == proposal.record_id);
        all.into_iter().find(is).expect("the nurse's own")
    }
}

pub(crate) async fn one_is_taken_over_by_a_write_that_names_it(kit: Kit) {
    let scene = scene(kit, "d0001").await;
    let proposal = scene.propose(scene.circle, scene.plan, 30).await;
    let here = pb::ListProposalsRequest { circle: scene.circle, ..Default::default() };
    let open = scene.list(&scene.physio, here.clone()).await;
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].state(), open[0].may_decide), (pb::ProposalState::Open, true));
    assert_eq!((open[0].account, open[0].role()), (scene.nurse.account, Role::Nurse));
    // The nurse may not write the field: it is not hers to decide. Who may not read the plan sees nothing.
    assert!(scene.list(&scene.nurse, here.clone()).await.is_empty());
    assert!(scene.list(&scene.others[1], here.clone()).await.is_empty());
    assert_eq!(scene.how(&proposal).await.state(), pb::ProposalState::Open);

    let save =
        async |request: &record::WriteRecordRequest| records::write(&scene.kit.app, &scene.physio, request).await;
    let absent = scene.write(30, &text(scene.kit.id())).await;
    assert_eq!(reason(save(&absent).await), Reason::NotFound);
    let plan_itself = scene.write(30, &text(scene.plan)).await;
    assert_eq!(reason(save(&plan_itself).await), Reason::ArgumentInvalid, "no proposal");
    let mut other_field = scene.write(30, &proposal.record_id).await;
    let rpe = care::ExercisePlan { max_rpe: Some(40), ..Default::default() };
    (other_field.body, other_field.shown) = (Some(body(PLAN, &rpe)), Vec::new());
    assert_eq!(reason(save(&other_field).await), Reason::ArgumentInvalid, "another field");
    let mut tried = scene.write(30, &proposal.record_id).await;
    tried.validate_only = true;
    assert_eq!(save(&tried).await.expect("tried").effect(), record::Effect::Validated);
    assert_eq!(scene.list(&scene.physio, here.clone()).await.len(), 1, "nothing was written");

    let request = scene.write(25, &proposal.record_id).await;
    let saved = save(&request).await.expect("taken over");
    assert_eq!(saved.effect(), record::Effect::Applied);
    let again = save(&request).await.expect("the same request");
    let plan: care::ExercisePlan = open_body(again.record.as_ref().expect("the plan"));
    assert_eq!(plan.lift_max_kg, Some(25), "the writer's own value, of the plan and not of the proposal");
    let ended = scene.how(&proposal).await;
    assert_eq!((ended.state(), ended.ended_by), (pb::ProposalState::TakenOver, scene.physio.account));
    assert_eq!((ended.ended_role(), ended.may_decide), (Role::Physiotherapist, false));
    assert!(scene.list(&scene.physio, here.clone()).await.is_empty());
    let late = scene.write(20, &proposal.record_id).await;
    assert_eq!(reason(save(&late).await), Reason::ProposalOver);
    // What is written since changes nothing of how it ended.
    save(&scene.write(20, "").await).await.expect("written");
    assert_eq!(scene.how(&proposal).await.state(), pb::ProposalState::TakenOver);
    let rows = scene.kit.app.store.audit_after(scene.circle, 0, 500).await.expect("audit");
    let listed = |account| rows.iter().filter(|row| row.action == "proposal.list" && row.account == account).count();
    assert!(listed(scene.physio.account) > 0 && listed(scene.others[1].account) == 0);
}

pub(crate) async fn one_is_declined_with_a_reason_or_taken_back(kit: Kit) {
    let scene = scene(kit, "d0001").await;
    let declined = scene.propose(scene.circle, scene.plan, 30).await;
    assert_eq!(reason(scene.end(&scene.physio, &declined, "").await), Reason::ReasonRequired);
    assert_eq!(reason(scene.end(&scene.others[1], &declined, "no").await), Reason::NotFound);
    scene.end(&scene.physio, &declined, "She lifts 5 kg without pain").await.expect("declined");
    let ended = scene.how(&declined).await;
    assert_eq!((ended.state(), ended.ended_by), (pb::ProposalState::Declined, scene.physio.account));
    assert_eq!(ended.reason, "She lifts 5 kg without pain");
    let back = scene.propose(scene.circle, scene.plan, 35).await;
    scene.end(&scene.nurse, &back, "").await.expect("one's own");
    assert_eq!(scene.how(&back).await.state(), pb::ProposalState::TakenBack);
    // Whoever may not write the field, and did not make it, ends nothing.
    let third = scene.propose(scene.circle, scene.plan, 40).await;
    let carer = scene.kit.app.store.create_account(scene.kit.clinic, members::PERSON).await.expect("account");
    members::name(&scene.kit.app, scene.circle, carer, Role::Caregiver).await.expect("named");
    assert!(scene.end(&scene.kit.person(carer), &third, "no").await.is_err());
    // Nor does who may propose: the patient.
    assert_eq!(reason(scene.end(&scene.others[0], &third, "no").await), Reason::FieldNotWritable);
    assert_eq!(scene.how(&third).await.state(), pb::ProposalState::Open);
}

/// What somebody decided stays decided: its author could open it again, and the decision was gone. What one took back oneself is one's
/// own to bring back.
pub(crate) async fn what_was_decided_is_not_opened_again(kit: Kit) {
    let scene = scene(kit, "d0001").await;
    let restore = async |proposal: &record::RecordView| {
        let view = scene.kit.get(&scene.nurse, scene.circle, id_of(proposal)).await.expect("the nurse's own");
        let request = record::RestoreRecordRequest {
            circle: scene.circle,
            record_id: view.record_id,
            shown: view.shown,
            ..Default::default()
        };
        records::restore(&scene.kit.app, &scene.nurse, &request).await.map(|_| ())
    };
    let declined = scene.propose(scene.circle, scene.plan, 30).await;
    scene.end(&scene.physio, &declined, "She lifts 5 kg without pain").await.expect("declined");
    assert_eq!(reason(restore(&declined).await), Reason::ImmutableField);
    let taken = scene.propose(scene.circle, scene.plan, 30).await;
    let write = scene.write(30, &taken.record_id).await;
    records::write(&scene.kit.app, &scene.physio, &write).await.expect("taken over");
    assert_eq!(reason(restore(&taken).await), Reason::ImmutableField);
    let states = [scene.how(&declined).await.state(), scene.how(&taken).await.state()];
    assert_eq!(states, [pb::ProposalState::Declined, pb::ProposalState::TakenOver]);
    let back = scene.propose(scene.circle, scene.plan, 35).await;
    scene.end(&scene.nurse, &back, "").await.expect("one's own");
    restore(&back).await.expect("brought back");
    assert_eq!(scene.how(&back).await.state(), pb::ProposalState::Open);
}

/// A proposal about medicines under the label of activity told of medicines whoever reads activity.
pub(crate) async fn one_stands_under_the_label_of_what_it_asks_for(kit: Kit) {
    let scene = scene(kit, "d0001").await;
    let days = care::BoneDrugPlan { interval_days: Some(28), ..Default::default() }.encode_to_vec();
    let of = |number: u32, field: u32, value: &[u8]| care::Proposal {
        r#type: Some(number),
        field: Some(field),
        value: Some(value.to_vec().into()),
        reason: Some("so it was said".into()),
        ..Default::default()
    };
    let lift = care::ExercisePlan { lift_max_kg: Some(30), ..Default::default() }.encode_to_vec();
    let cases = [
        (of(231, 5, &days), "type"),
        (of(999, LIFT, &lift), "type"),
        (of(PLAN, 9999, &lift), "field"),
        (of(PLAN, LIFT, &[0xff, 0xff]), "value"),
    ];
    for (proposal, member) in cases {
        let made = scene.kit.create_under(&scene.nurse, scene.circle, proposals::PROPOSAL, C08, &proposal).await;
        let error = made.expect_err(member);
        let path = error.violations().first().map(|one| one.field.clone()).unwrap_or_default();
        assert!(error.reason() == Reason::ArgumentInvalid && path.ends_with(member), "{member}: {path} {error:?}");
    }
    assert!(scene.list(&scene.physio, pb::ListProposalsRequest::default()).await.is_empty());
}

pub(crate) async fn those_of_all_circles_page_by_page(kit: Kit) {
    let one = scene(kit, "d0001").await;
    let two = one.kit.circle("d0002", &[Role::Patient]).await;
    members::name(&one.kit.app, two.no, one.physio.account, Role::Physiotherapist).await.expect("named");
    members::name(&one.kit.app, two.no, one.nurse.account, Role::Nurse).await.expect("named");
    let plan = care::ExercisePlan { lift_max_kg: Some(50), ..Default::default() };
    let second = id_of(&one.kit.create(&one.physio, two.no, PLAN, &plan).await.expect("a plan"));
    let mut made = Vec::new();
    for (circle, plan) in [(one.circle, one.plan), (one.circle, one.plan), (two.no, second)] {
        made.push(one.propose(circle, plan, 30).await.record_id);
    }
    let mut found = Vec::new();
    let mut request = pb::ListProposalsRequest { page_size: 1, ..Default::default() };
    for _ in 0..8 {
        let page = proposals::list(&one.kit.app, &one.physio, &request).await.expect("page");
        assert!(page.proposals.len() <= 1);
        found.extend(page.proposals.into_iter().map(|listed| listed.record.expect("a record").record_id));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert!(request.page_token.is_empty(), "it ends");
    assert_eq!(found[2], made[2]);
    found.sort();
    made.sort();
    assert_eq!(found, made);
    let first = pb::ListProposalsRequest { page_size: 1, ..Default::default() };
    let page_token = proposals::list(&one.kit.app, &one.physio, &first).await.expect("page").next_page_token;
    let other = pb::ListProposalsRequest { mine: true, page_token, ..first };
    assert_eq!(reason(proposals::list(&one.kit.app, &one.physio, &other).await), Reason::PageTokenInvalid);
    let stranger = one.kit.person(one.kit.circle("d0003", &[Role::Physiotherapist]).await.people[0]);
    let not_theirs = pb::ListProposalsRequest { circle: one.circle, ..Default::default() };
    assert_eq!(reason(proposals::list(&one.kit.app, &stranger, &not_theirs).await), Reason::NotFound);
}
