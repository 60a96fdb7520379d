//! Invites under pressure: a crowd with the right code, a crowd of guesses. Their life, who sees it, and one effect of a request.

use futures_util::future::join_all;
use osteon_proto::{audit, identity as pb, meta::Role};
use osteon_server::{
    access::Caller,
    app::{browser, enrol, invites},
    error::Reason,
};

use crate::fixture::*;

async fn invite(kit: &Kit, circle: &Circle) -> enrol::Invite {
    enrol::invite(&kit.app, circle.no, "d0001", circle.people[0], Role::Patient as u8).await.expect("invite")
}

/// `OSTEON_CASES` makes it another number, as far as the queue of the writer is long.
pub(crate) async fn a_thousand_redeem_one_wins(kit: Kit) {
    let crowd = std::env::var("OSTEON_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_usize).min(3_000);
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let code = invite(&kit, &circle).await;
    let tries = (0..crowd).map(|n| {
        let form = if n % 2 == 0 { (code.typed.as_str(), "d0001") } else { (code.qr.as_str(), "") };
        kit.enrol(form.0, form.1)
    });
    let answers = join_all(tries).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().map(|(answer, _)| answer).partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, crowd - 1));
    assert!(lost.into_iter().all(|answer| reason(answer) == Reason::InviteInvalid));
    assert_eq!(kit.app.store.devices_of(circle.people[0]).await.expect("devices").len(), 1);
}

/// Fifty at once, each from somewhere else; the right code is among the last ones. Nobody gets a sixth try by being quick.
pub(crate) async fn fifty_addresses_guess_at_once(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let code = invite(&kit, &circle).await;
    let guesses: Vec<String> =
        (0..50).map(|n| if n == 48 { code.typed.clone() } else { format!("0000{n:04}") }).collect();
    let answers = join_all(guesses.iter().map(|guess| kit.enrol(guess, "d0001"))).await;
    for (answer, _) in answers {
        assert_eq!(reason(answer), Reason::InviteInvalid);
    }
    assert!(kit.app.store.devices_of(circle.people[0]).await.expect("devices").is_empty());
    assert_eq!(reason(kit.enrol(&code.typed, "d0001").await.0), Reason::InviteInvalid, "it is spent");
    assert!(kit.enrol(&code.qr, "").await.0.is_ok(), "nobody guessed at what is scanned");
    // A new one is not: the tries were the old one's.
    let fresh = invite(&kit, &circle).await;
    assert!(kit.enrol(&fresh.typed, "d0001").await.0.is_ok());
}

/// A lost answer is asked for again: one member, one code, for 24 hours; also where both come at the same moment.
pub(crate) async fn one_request_makes_one_invite(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::ClinicAdmin]).await;
    let [nurse, admin] = [1, 2].map(|i| kit.person(circle.people[i]));
    let members = async || kit.app.circle_access(circle.no, &nurse).await.expect("access").access.members().count();
    let before = members().await;
    let ask = |request_id: String| pb::CreateInviteRequest {
        circle: circle.no,
        role: Role::Dietitian.into(),
        account: 0,
        request_id,
    };
    let request = ask(text(kit.id()));
    let both = join_all((0..4).map(|_| invites::create(&kit.app, &nurse, &request))).await;
    let mut told: Vec<_> = both.into_iter().map(|answer| answer.expect("invited")).collect();
    kit.clock.advance(23 * 3_600_000);
    kit.app.store.sweep(kit.app.now_ms()).await.expect("swept");
    told.push(invites::create(&kit.app, &nurse, &request).await.expect("a day later"));
    assert!(told.iter().all(|answer| answer == &told[0]), "{told:?}");
    assert_eq!(members().await, before + 1, "one member");
    let listed = invites::list(&kit.app, &nurse, &pb::ListInvitesRequest { circle: circle.no }).await.expect("list");
    assert_eq!(listed.invites.len(), 1, "one invite");

    // Other words under the same id are no repetition; somebody else's id is another one.
    let other = pb::CreateInviteRequest { role: Role::Physician.into(), ..request.clone() };
    assert_eq!(reason(invites::create(&kit.app, &nurse, &other).await), Reason::RequestIdReused);
    let theirs = invites::create(&kit.app, &admin, &request).await.expect("invited");
    assert!(theirs.account != told[0].account && theirs.code != told[0].code);
    let again = invites::create(&kit.app, &nurse, &ask(text(kit.id()))).await.expect("invited");
    assert!(again.account != told[0].account && again.code != told[0].code, "another id is another invite");
    assert_eq!(reason(invites::create(&kit.app, &nurse, &ask("no id".into())).await), Reason::RequestIdInvalid);
    // Without an id each call is one of its own, and the codes that are made of requests open as others do.
    assert!(kit.enrol(&again.code, "d0001").await.0.is_ok());
    let second = pb::CreateInviteRequest { account: nurse.account, role: Role::Nurse.into(), ..ask(text(kit.id())) };
    let first = invites::create(&kit.app, &nurse, &second).await.expect("a phone of one's own");
    assert_eq!(invites::create(&kit.app, &nurse, &second).await.expect("again"), first);
    assert!(kit.enrol(&first.qr, "").await.0.is_ok());
    assert_eq!(invites::create(&kit.app, &nurse, &second).await.expect("what was answered then"), first);
    assert_eq!(reason(kit.enrol(&first.qr, "").await.0), Reason::InviteInvalid, "it is used up");
}

struct Desk<'k> {
    kit: &'k Kit,
    circle: u64,
}

impl Desk<'_> {
    async fn all(&self, who: &Caller) -> Vec<pb::Invite> {
        let request = pb::ListInvitesRequest { circle: self.circle };
        invites::list(&self.kit.app, who, &request).await.expect("list").invites
    }

    async fn one(&self, who: &Caller, id: &str) -> pb::Invite {
        self.all(who).await.into_iter().find(|invite| invite.invite_id == id).expect("listed")
    }

    async fn make(&self, who: &Caller) -> pb::CreateInviteResponse {
        let ask = pb::CreateInviteRequest { circle: self.circle, role: Role::Dietitian.into(), ..Default::default() };
        invites::create(&self.kit.app, who, &ask).await.expect("invited")
    }

    async fn revoke(&self, who: &Caller, id: &str) -> Result<pb::Invite, Reason> {
        let request = pb::RevokeInviteRequest { circle: self.circle, invite_id: id.into() };
        let answer = invites::revoke(&self.kit.app, who, &request).await;
        answer.map(|answer| answer.invite.expect("an invite")).map_err(|error| error.reason())
    }
}

/// Created, opened, matched, done, run out, taken back; the tries that are left of each form; and no code in any of it.
pub(crate) async fn the_life_of_an_invite(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse]).await;
    let nurse = kit.person(circle.people[1]);
    let desk = Desk { kit: &kit, circle: circle.no };
    let made = desk.make(&nurse).await;
    let listed = desk.one(&nurse, &made.invite_id).await;
    assert_eq!(
        (listed.state(), listed.account, listed.role()),
        (pb::InviteState::Created, made.account, Role::Dietitian)
    );
    assert_eq!((listed.made_by, listed.expires), (nurse.account, made.expires));
    assert_eq!((listed.typed_tries_left, listed.qr_tries_left), (5, 5));
    assert!(!format!("{listed:?}").contains(&made.code), "the code is told once");

    // What is typed before a key is proved changes nothing, right or wrong; what is scanned is opened.
    let begin = async |code: &str, short_id: &str| {
        let device_key = sign_key();
        let request = pb::BeginEnrolmentRequest { code: code.into(), short_id: short_id.into(), device_key };
        enrol::begin(&kit.app, &request).await.expect("a challenge");
    };
    begin(&made.code, "d0001").await;
    begin(&format!("{}x", made.qr), "").await;
    assert_eq!(desk.one(&nurse, &made.invite_id).await.state(), pb::InviteState::Created);
    assert!(kit.enrol("00000000", "d0001").await.0.is_err());
    assert_eq!(desk.one(&nurse, &made.invite_id).await.typed_tries_left, 4);
    kit.clock.advance(1_000);
    begin(&made.qr, "").await;
    let opened = desk.one(&nurse, &made.invite_id).await;
    assert_eq!((opened.state(), opened.matched), (pb::InviteState::Opened, None));
    assert!(at(opened.opened) > at(opened.created));

    kit.clock.advance(1_000);
    browser::invited(&kit.app, &made.code, "d0001").await.expect("the right code");
    let matched = desk.one(&nurse, &made.invite_id).await;
    assert_eq!((matched.state(), matched.done), (pb::InviteState::Matched, None));
    kit.clock.advance(1_000);
    assert!(kit.enrol(&made.qr, "").await.0.is_ok());
    let done = desk.one(&nurse, &made.invite_id).await;
    assert_eq!(done.state(), pb::InviteState::Done);
    assert!(at(done.opened) < at(done.matched) && at(done.matched) < at(done.done) && done.revoked.is_none());

    // One that runs out stays in the list for a day.
    let late = desk.make(&nurse).await;
    kit.clock.advance(600_000);
    assert_eq!(desk.one(&nurse, &late.invite_id).await.state(), pb::InviteState::Expired);
    assert_eq!(desk.revoke(&nurse, &late.invite_id).await.expect("as it is").state(), pb::InviteState::Expired);
    kit.app.store.sweep(kit.app.now_ms() + 23 * 3_600_000).await.expect("swept");
    assert_eq!(desk.all(&nurse).await.len(), 2);
    kit.app.store.sweep(kit.app.now_ms() + 25 * 3_600_000).await.expect("swept");
    assert!(desk.all(&nurse).await.is_empty());
}

/// An invite that is taken back opens nothing, in either form; one that was used stays used.
pub(crate) async fn an_invite_is_taken_back(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Physiotherapist]).await;
    let [patient, nurse, physio] = [0, 1, 2].map(|i| kit.person(circle.people[i]));
    let desk = Desk { kit: &kit, circle: circle.no };
    let made = desk.make(&nurse).await;
    kit.clock.advance(1_000);
    // The patient names members too; the physiotherapist does not, and for a stranger there is no circle.
    assert_eq!(desk.revoke(&physio, &made.invite_id).await.expect_err("not theirs"), Reason::NotFound);
    let stranger = kit.person(kit.circle("d0002", &[Role::Nurse]).await.people[0]);
    assert_eq!(desk.revoke(&stranger, &made.invite_id).await.expect_err("no member"), Reason::NotFound);
    assert_eq!(desk.revoke(&nurse, &text(kit.id())).await.expect_err("no such invite"), Reason::NotFound);
    assert_eq!(desk.revoke(&nurse, "nonsense").await.expect_err("no id"), Reason::RecordIdInvalid);
    assert_eq!(desk.one(&nurse, &made.invite_id).await.state(), pb::InviteState::Created);
    let revoked = desk.revoke(&patient, &made.invite_id).await.expect("taken back");
    assert_eq!((revoked.state(), revoked.revoked_by), (pb::InviteState::Revoked, patient.account));
    assert!(at(revoked.revoked) > at(revoked.created));
    assert_eq!(reason(kit.enrol(&made.code, "d0001").await.0), Reason::InviteInvalid);
    assert_eq!(reason(kit.enrol(&made.qr, "").await.0), Reason::InviteInvalid);
    assert!(browser::invited(&kit.app, &made.code, "d0001").await.is_err());
    let after = desk.one(&nurse, &made.invite_id).await;
    assert_eq!((&after, after.matched, after.opened), (&revoked, None, None), "nothing comes after it");
    kit.clock.advance(1_000);
    assert_eq!(desk.revoke(&nurse, &made.invite_id).await.expect("again"), revoked, "by whom and when it was");

    // Whoever was invited is a member as before, and one who came in does not go out by it.
    let used = desk.make(&nurse).await;
    assert!(kit.enrol(&used.code, "d0001").await.0.is_ok());
    assert_eq!(desk.revoke(&nurse, &used.invite_id).await.expect("as it is").state(), pb::InviteState::Done);
    let asked = audit::ListAccessRequest { circle: circle.no, page_size: 500, ..Default::default() };
    let rows = osteon_server::app::audit::list(&kit.app, &patient, &asked).await.expect("audit").entries;
    let by = |who: &Caller, action: &str| {
        rows.iter().filter(|row| row.account == who.account && row.action == action && row.outcome == "ok").count()
    };
    assert_eq!((by(&patient, "invite.revoke"), by(&nurse, "invite.revoke")), (1, 2));
    assert!(by(&nurse, "invite.list") > 0 && by(&physio, "invite.revoke") == 0);

    // Of other people's invites a member who names nobody sees none, of their own all.
    assert!(desk.all(&physio).await.is_empty());
    let role = Role::Physiotherapist.into();
    let own = pb::CreateInviteRequest { circle: circle.no, role, account: physio.account, ..Default::default() };
    let own = invites::create(&kit.app, &physio, &own).await.expect("a phone of their own");
    assert_eq!(desk.all(&physio).await.len(), 1);
    let revoked = desk.revoke(&physio, &own.invite_id).await.expect("their own");
    assert_eq!(revoked.state(), pb::InviteState::Revoked);
    let request = pb::ListInvitesRequest { circle: circle.no };
    assert_eq!(reason(invites::list(&kit.app, &stranger, &request).await), Reason::NotFound);
}

fn at(when: Option<prost_types::Timestamp>) -> (i64, i32) {
    when.map(|at| (at.seconds, at.nanos)).expect("it happened")
}

fn sign_key() -> bytes::Bytes {
    use aws_lc_rs::signature::KeyPair as _;
    fresh_key().public_key().as_ref().to_vec().into()
}
