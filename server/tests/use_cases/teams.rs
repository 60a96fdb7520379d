//! A team's change over many circles: denials first, one effect however often it is tried, decided anew at each step.

use osteon_proto::{identity as pb, meta::Role};
use osteon_server::{
    access::Caller,
    app::{members, teams},
    error::Reason,
};

use crate::{access::remove, fixture::*};

struct Clinic {
    circles: Vec<u64>,
    nurse: Caller,
    patient: Caller,
    leaves: u64,
    joins: u64,
}

async fn clinic(kit: &Kit, circles: usize) -> Clinic {
    let account = async || kit.app.store.create_account(kit.clinic, members::PERSON).await.expect("account");
    let (patient, nurse, leaves, joins) = (account().await, account().await, account().await, account().await);
    let mut made = Vec::new();
    for n in 0..circles {
        let people = [(patient, Role::Patient), (nurse, Role::Nurse), (leaves, Role::Dietitian)];
        made.push(members::found(&kit.app, kit.clinic, &format!("d{n:04}"), &people).await.expect("circle"));
    }
    Clinic { circles: made, nurse: kit.person(nurse), patient: kit.person(patient), leaves, joins }
}

fn request(clinic: &Clinic, id: u8) -> pb::StartTeamChangeRequest {
    let member = |account| pb::TeamMember { account, role: Role::Dietitian.into() };
    pb::StartTeamChangeRequest {
        request_id: text([id; 16]),
        leave: vec![member(clinic.leaves)],
        join: vec![member(clinic.joins)],
        circles: Vec::new(),
    }
}

async fn is_member(kit: &Kit, account: u64, circle: u64) -> bool {
    kit.app.member(&kit.person(account), circle).await.is_ok()
}

async fn how_far(kit: &Kit, who: &Caller, job: u64) -> pb::GetTeamChangeResponse {
    teams::get(&kit.app, who, &pb::GetTeamChangeRequest { job }).await.expect("the job")
}

pub(crate) async fn those_who_leave_go_first_and_a_restart_goes_on(kit: Kit) {
    let clinic = clinic(&kit, 4).await;
    let ask = request(&clinic, 1);
    let started = teams::start(&kit.app, &clinic.nurse, &ask).await.expect("started");
    assert_eq!(started.steps, 8);
    assert_eq!(teams::start(&kit.app, &clinic.nurse, &ask).await.expect("the same"), started);
    let another = pb::StartTeamChangeRequest { join: Vec::new(), ..ask.clone() };
    assert_eq!(reason(teams::start(&kit.app, &clinic.nurse, &another).await), Reason::RequestIdReused);

    // The node dies after five steps: everybody has left, one has joined.
    assert!(teams::work(&kit.app, 5).await.expect("work"));
    for (n, circle) in clinic.circles.iter().enumerate() {
        assert!(!is_member(&kit, clinic.leaves, *circle).await, "circle {n}");
        assert_eq!(is_member(&kit, clinic.joins, *circle).await, n == 0, "circle {n}");
    }
    assert_eq!(how_far(&kit, &clinic.nurse, started.job).await.done, 5);
    assert!(!teams::work(&kit.app, 100).await.expect("work"), "somebody has it");
    kit.clock.advance(31_000);
    let heads = kit.app.store.heads(&clinic.circles).await.expect("heads");
    assert!(teams::work(&kit.app, 100).await.expect("work"), "the lease ran out");
    let done = how_far(&kit, &clinic.nurse, started.job).await;
    assert_eq!((done.done, done.finished, done.refused), (8, true, vec![]));
    for circle in &clinic.circles {
        assert!(is_member(&kit, clinic.joins, *circle).await && !is_member(&kit, clinic.leaves, *circle).await);
    }
    let now = kit.app.store.heads(&clinic.circles).await.expect("heads");
    let moved = |circle: &u64| {
        let head = |heads: &[(u64, u64)]| heads.iter().find(|(c, _)| c == circle).map(|(_, head)| *head);
        head(&heads) != head(&now)
    };
    assert!(!moved(&clinic.circles[0]) && moved(&clinic.circles[1]), "what was done is not done again");
    // Once more as another job: nothing is left to do, and nothing is written.
    let again = teams::start(&kit.app, &clinic.nurse, &request(&clinic, 2)).await.expect("started");
    assert!(teams::work(&kit.app, 100).await.expect("work"));
    assert!(how_far(&kit, &clinic.nurse, again.job).await.refused.is_empty());
    assert_eq!(kit.app.store.heads(&clinic.circles).await.expect("heads"), now);
}

pub(crate) async fn each_step_is_decided_when_its_turn_comes(kit: Kit) {
    let clinic = clinic(&kit, 3).await;
    let started = teams::start(&kit.app, &clinic.nurse, &request(&clinic, 1)).await.expect("started");
    // Whoever started it is taken out of one circle before the job comes there.
    remove(&kit, &clinic.patient, clinic.circles[1], clinic.nurse.account, Role::Nurse).await;
    assert!(teams::work(&kit.app, 100).await.expect("work"));
    let done = how_far(&kit, &clinic.nurse, started.job).await;
    assert!(done.finished);
    let refused: Vec<_> = done.refused.iter().map(|one| (one.circle, one.joins, one.reason.as_str())).collect();
    assert_eq!(refused, [(clinic.circles[1], false, "NOT_FOUND"), (clinic.circles[1], true, "NOT_FOUND")]);
    assert!(is_member(&kit, clinic.leaves, clinic.circles[1]).await, "nobody was asked there");
    assert!(!is_member(&kit, clinic.leaves, clinic.circles[2]).await);
}

pub(crate) async fn a_team_change_of_others_is_nobodys(kit: Kit) {
    let clinic = clinic(&kit, 2).await;
    let theirs = kit.circle("d0009", &[Role::Patient, Role::Nurse]).await;
    let ask = |change: &dyn Fn(&mut pb::StartTeamChangeRequest)| {
        let mut ask = request(&clinic, 7);
        change(&mut ask);
        ask
    };
    for (asked, expected) in [
        (ask(&|r| r.circles = vec![clinic.circles[0], theirs.no]), Reason::NotFound),
        (ask(&|r| r.circles = vec![4_711]), Reason::NotFound),
        (ask(&|r| r.join[0].account = 4_711), Reason::NotFound),
        (ask(&|r| r.leave[0].role = 99), Reason::ArgumentInvalid),
        (ask(&|r| r.request_id = String::new()), Reason::RequestIdInvalid),
        (ask(&|r| r.join = vec![r.join[0]; 6_000]), Reason::LimitExceeded),
    ] {
        assert_eq!(reason(teams::start(&kit.app, &clinic.nurse, &asked).await), expected);
    }
    // A patient's own circle has no team of theirs to name: each step is refused.
    let started = teams::start(&kit.app, &clinic.nurse, &request(&clinic, 1)).await.expect("started");
    let other = kit.person(theirs.people[1]);
    let get = pb::GetTeamChangeRequest { job: started.job };
    assert_eq!(reason(teams::get(&kit.app, &other, &get).await), Reason::NotFound);
    assert_eq!(reason(teams::get(&kit.app, &other, &pb::GetTeamChangeRequest { job: 99 }).await), Reason::NotFound);
}
