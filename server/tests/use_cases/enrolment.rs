//! Invites, devices and sessions.

use aws_lc_rs::signature::KeyPair as _;
use osteon_proto::{care, identity as pb, meta::Role};
use osteon_server::{
    access::authenticate,
    app::{enrol, invites, members, notices, rights, secrets::sha256, sessions},
    error::Reason,
};

use crate::{access as rules, fixture::*};

async fn code(kit: &Kit, circle: &Circle, short_id: &str) -> enrol::Invite {
    enrol::invite(&kit.app, circle.no, short_id, circle.people[0], Role::Patient as u8).await.expect("invite")
}

pub(crate) async fn a_code_has_one_winner(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let invite = code(&kit, &circle, "d0001").await;
    let tries = (0..12).map(|_| kit.enrol(&invite.typed, "D0001"));
    let mut won = 0;
    for (answer, _) in futures(tries).await {
        match answer {
            Ok(_) => won += 1,
            Err(error) => assert_eq!(error.reason(), Reason::InviteInvalid),
        }
    }
    assert_eq!(won, 1);
    let late = code(&kit, &circle, "d0001").await;
    kit.clock.advance(601_000);
    assert_eq!(reason(kit.enrol(&late.typed, "d0001").await.0), Reason::InviteInvalid);
}

/// The answer of an enrolment may be lost with its invite used up: its key gets it again, and nobody else.
pub(crate) async fn a_lost_answer_is_given_again_to_its_key(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let invite = code(&kit, &circle, "d0001").await;
    let (lost, key) = kit.enrol(&invite.typed, "d0001").await;
    let lost = lost.expect("enrolled");
    assert_eq!(lost.lanes.len(), 2);
    let again = kit.enrol_with(&key, &invite.typed, "d0001").await.expect("again");
    assert_eq!((again.device, again.account, &again.lanes), (lost.device, lost.account, &lost.lanes));
    for answer in [&lost, &again] {
        let token = &answer.tokens.as_ref().expect("tokens").access_token;
        let caller = authenticate(&kit.app, token).await.expect("a session of its own");
        assert_eq!(caller.device, lost.device);
    }
    assert_eq!(kit.app.store.devices_of(lost.account).await.expect("devices").len(), 1);
    assert_eq!(reason(kit.enrol(&invite.typed, "d0001").await.0), Reason::InviteInvalid, "another key");
    // A key enrols once: another invite is not for it, and nothing of that one is used up.
    let other = code(&kit, &circle, "d0001").await;
    assert_eq!(reason(kit.enrol_with(&key, &other.typed, "d0001").await), Reason::ArgumentInvalid);
    assert!(kit.enrol(&other.typed, "d0001").await.0.is_ok());
    kit.clock.advance(601_000);
    assert_eq!(reason(kit.enrol_with(&key, &invite.typed, "d0001").await), Reason::ArgumentInvalid, "it has run out");
    let last = code(&kit, &circle, "d0001").await;
    let (done, key) = kit.enrol(&last.typed, "d0001").await;
    kit.app.store.revoke_device(done.expect("enrolled").device).await.expect("revoked");
    assert_eq!(reason(kit.enrol_with(&key, &last.typed, "d0001").await), Reason::ArgumentInvalid, "it was sent away");
}

async fn futures<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut pending: Vec<_> = all.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(move |cx| {
        pending.retain_mut(|one| match one.as_mut().poll(cx) {
            std::task::Poll::Ready(answer) => {
                done.push(answer);
                false
            }
            std::task::Poll::Pending => true,
        });
        if pending.is_empty() { std::task::Poll::Ready(std::mem::take(&mut done)) } else { std::task::Poll::Pending }
    })
    .await
}

/// The circle's clinic is not the first of the server.
pub(crate) async fn five_tries_in_any_clinic(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let invite = code(&kit, &circle, "d0001").await;
    for _ in 0..5 {
        assert_eq!(reason(kit.enrol("00000000", "d0001").await.0), Reason::InviteInvalid);
    }
    assert_eq!(reason(kit.enrol(&invite.typed, "d0001").await.0), Reason::InviteInvalid, "out of tries");
    // Forty bits can be guessed at and name no invite; who scans is not locked out by it.
    assert!(kit.enrol(&invite.qr, "").await.0.is_ok());
    // A forged QR form is a try as well, at that form of that invite.
    let (invite, other) = (code(&kit, &circle, "d0001").await, code(&kit, &circle, "d0001").await);
    let forged = format!("osteon:d0001:{}:{}", invite.typed, "00".repeat(16));
    for _ in 0..5 {
        assert_eq!(reason(kit.enrol(&forged, "").await.0), Reason::InviteInvalid);
    }
    assert_eq!(reason(kit.enrol(&invite.qr, "").await.0), Reason::InviteInvalid, "out of tries");
    assert!(kit.enrol(&other.qr, "").await.0.is_ok());
    // Nor does a QR code of no invite at all cost anybody a try.
    let (invite, nothing) = (code(&kit, &circle, "d0001").await, format!("osteon:d0001:00000000:{}", "00".repeat(16)));
    for _ in 0..6 {
        assert_eq!(reason(kit.enrol(&nothing, "").await.0), Reason::InviteInvalid);
    }
    assert!(kit.enrol(&invite.typed, "d0001").await.0.is_ok());
}

pub(crate) async fn the_qr_form_is_the_same_invite(kit: Kit) {
    let circle = kit.circle("D-0001", &[Role::Patient]).await;
    for typed_first in [true, false] {
        let invite = code(&kit, &circle, "D-0001").await;
        let forms = [(invite.typed.as_str(), "d-0001"), (invite.qr.as_str(), "")];
        let [first, second] = if typed_first { forms } else { [forms[1], forms[0]] };
        assert!(kit.enrol(first.0, first.1).await.0.is_ok());
        assert_eq!(reason(kit.enrol(second.0, second.1).await.0), Reason::InviteInvalid, "used up by either form");
    }
}

pub(crate) async fn who_may_not_invite_makes_nothing(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Nurse]).await;
    let (physio, nurse) = (kit.person(circle.people[1]), kit.person(circle.people[2]));
    let last = kit.app.store.create_account(kit.clinic, members::PERSON).await.expect("account");
    let ask = |account| pb::CreateInviteRequest {
        circle: circle.no,
        role: Role::Caregiver.into(),
        account,
        ..Default::default()
    };
    let mut told = Vec::new();
    for account in [0, last, 4_711, circle.people[0]] {
        let refused = invites::create(&kit.app, &physio, &ask(account)).await.expect_err("not theirs to invite");
        told.push((refused.reason(), format!("{:?}", refused.violations())));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "accounts cannot be told from numbers that nobody has");
    let next = kit.app.store.create_account(kit.clinic, members::PERSON).await.expect("account");
    assert_eq!(next, last + 1, "no account was made");
    let invited = invites::create(&kit.app, &nurse, &ask(0)).await.expect("invited");
    let (done, _) = kit.enrol(&invited.code, &invited.short_id).await;
    assert_eq!(done.expect("enrolled").account, invited.account);
    assert_eq!(reason(invites::create(&kit.app, &nurse, &ask(4_711)).await), Reason::NotFound);
    // A second phone of one's own needs nobody.
    let own = pb::CreateInviteRequest { role: Role::Physiotherapist.into(), ..ask(circle.people[1]) };
    let first = invites::create(&kit.app, &physio, &own).await.expect("a phone");
    assert!(kit.enrol(&first.code, &first.short_id).await.0.is_ok());
    let second = invites::create(&kit.app, &physio, &own).await.expect("a second phone");
    assert!(kit.enrol(&second.code, &second.short_id).await.0.is_ok());
    // Its owner is told, and by whose code: their own, or one of whoever runs the server.
    let third = enrol::invite(&kit.app, circle.no, "d0001", circle.people[1], Role::Physiotherapist as u8).await;
    assert!(kit.enrol(&third.expect("invite").typed, "d0001").await.0.is_ok());
    let told = notices::list(&kit.app, &physio, &pb::ListNoticesRequest::default()).await.expect("notices").notices;
    let of_enrolments = told.iter().filter(|notice| notice.kind() == pb::NoticeKind::DeviceEnrolled);
    let by: Vec<u64> = of_enrolments.map(|notice| notice.by_account).collect();
    assert_eq!(by, [0, circle.people[1]], "newest first; of the first device nobody was told");
}

/// ACCESS, Enrolment: a patient names a caregiver and nobody else, by an invite or by a record; whom the clinic took out, a
/// patient does not bring back.
pub(crate) async fn a_patient_names_caregivers_alone(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Physiotherapist]).await;
    let (patient, nurse) = (kit.person(circle.people[0]), kit.person(circle.people[1]));
    let ask = |role: Role, account| pb::CreateInviteRequest {
        circle: circle.no,
        role: role.into(),
        account,
        ..Default::default()
    };
    let last = kit.app.store.create_account(kit.clinic, members::PERSON).await.expect("account");
    let others =
        [Role::Patient, Role::Dietitian, Role::Physiotherapist, Role::Physician, Role::Nurse, Role::ClinicAdmin];
    for role in others {
        let refused = invites::create(&kit.app, &patient, &ask(role, 0)).await;
        assert_eq!(reason(refused), Reason::RecordNotCreatable, "{role:?}");
        let member = care::CircleMember {
            account: Some(last),
            role: Some(role.into()),
            membership: Some(care::Decision::Allow.into()),
            ..Default::default()
        };
        let refused = kit.create(&patient, circle.no, rights::MEMBER, &member).await;
        assert_eq!(reason(refused), Reason::RecordNotCreatable, "{role:?}");
    }
    let invited = invites::create(&kit.app, &patient, &ask(Role::Caregiver, 0)).await.expect("a caregiver");
    assert_eq!(invited.account, last + 1, "what was refused made no account");
    invites::create(&kit.app, &patient, &ask(Role::Patient, circle.people[0])).await.expect("a second phone");
    invites::create(&kit.app, &nurse, &ask(Role::Dietitian, 0)).await.expect("the clinic names its people");
    // Whom the clinic took out stays out for the patient; whom the patient took out, comes back by the patient.
    let physio = circle.people[2];
    rules::remove(&kit, &nurse, circle.no, physio, Role::Physiotherapist).await;
    let again = rules::try_membership(&kit, &patient, circle.no, physio, Role::Physiotherapist).await;
    assert_eq!(reason(again), Reason::FieldNotWritable);
    rules::take_back(&kit, &nurse, circle.no, physio, Role::Physiotherapist).await;
    rules::remove(&kit, &patient, circle.no, physio, Role::Physiotherapist).await;
    rules::try_membership(&kit, &patient, circle.no, physio, Role::Physiotherapist).await.expect("taken back");
}

/// A device speaks for its account in every circle: a code for an account that has begun is made by nobody else.
pub(crate) async fn nobody_gets_a_code_for_somebody_else(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::Physician, Role::Caregiver]).await;
    let other = kit.circle("d0002", &[Role::Patient, Role::Nurse]).await;
    let (nurse, thief) = (kit.person(circle.people[1]), kit.person(other.people[0]));
    let ask = |circle, role: Role, account| pb::CreateInviteRequest {
        circle,
        role: role.into(),
        account,
        ..Default::default()
    };
    // Another circle's patient is named family here, and a code asked for them.
    let member = care::CircleMember {
        account: Some(circle.people[0]),
        role: Some(Role::Caregiver.into()),
        membership: Some(care::Decision::Allow.into()),
        ..Default::default()
    };
    kit.create(&thief, other.no, rights::MEMBER, &member).await.expect("named");
    let refused = invites::create(&kit.app, &thief, &ask(other.no, Role::Caregiver, circle.people[0])).await;
    assert_eq!(reason(refused), Reason::NotAllowed, "they are somebody elsewhere");
    // A nurse gets none for the patient, and none for a physician or family who has a device.
    let patients = invites::create(&kit.app, &nurse, &ask(circle.no, Role::Patient, circle.people[0])).await;
    assert_eq!(reason(patients), Reason::RecordNotCreatable);
    for (at, role) in [(2, Role::Physician), (3, Role::Caregiver)] {
        kit.phone(&circle, at, role).await;
        let refused = invites::create(&kit.app, &nurse, &ask(circle.no, role, circle.people[at])).await;
        assert_eq!(reason(refused), Reason::NotAllowed, "{role:?}");
    }
    // Whose first code ran out gets another one. It is on record, and so is who came by it.
    let new = invites::create(&kit.app, &nurse, &ask(circle.no, Role::Caregiver, 0)).await.expect("invited");
    let again = invites::create(&kit.app, &nurse, &ask(circle.no, Role::Caregiver, new.account)).await.expect("again");
    kit.enrol(&again.code, &again.short_id).await.0.expect("enrolled");
    let rows = kit.app.store.audit_after(circle.no, 0, 500).await.expect("audit");
    let of = |account, action: &str| {
        let rows = rows.iter().filter(|row| row.account == account && row.action == action);
        rows.map(|row| row.outcome.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(of(new.account, "enrol"), ["ok"]);
    assert_eq!(of(nurse.account, "invite"), ["NOT_ALLOWED", "NOT_ALLOWED", "ok", "ok"]);
}

/// Nobody approves beforehand whom an administrator names. The patient's circle shows them at once, and by whom; and every look
/// of theirs is on record (docs/security.md, "What we do not defend against").
pub(crate) async fn whom_an_administrator_invites_the_patient_sees(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::ClinicAdmin]).await;
    let [patient, admin] = [0, 1].map(|i| kit.person(circle.people[i]));
    let pain = care::PainEntry { worst_24h: Some(3), ..Default::default() };
    let entry = kit.create(&patient, circle.no, 101, &pain).await.expect("made");
    let held = kit.page(&patient, circle.no, &[]).await.expect("page");
    assert_eq!(reason(kit.get(&admin, circle.no, id_of(&entry)).await), Reason::NotFound);

    let ask = pb::CreateInviteRequest { circle: circle.no, role: Role::Nurse.into(), account: 0, ..Default::default() };
    let invited = invites::create(&kit.app, &admin, &ask).await.expect("people are their business");
    let named = rules::derived(circle.no, rules::MEMBER, &rules::member(circle.no, invited.account, Role::Nurse));
    let record: [u8; 16] = named.record.as_ref().try_into().expect("id");
    let news = kit.page(&patient, circle.no, &held.cursor).await.expect("page");
    assert!(holds(&news, record), "before the code was used");
    let seen = kit.get(&patient, circle.no, record).await.expect("the patient sees the member");
    let by = &field(&seen, "membership").versions[0];
    assert_eq!((by.account, by.role()), (admin.account, Role::ClinicAdmin), "and who named them");

    let (done, _) = kit.enrol(&invited.code, &invited.short_id).await;
    let nurse = kit.person(done.expect("enrolled").account);
    kit.get(&nurse, circle.no, id_of(&entry)).await.expect("what the role has, at once");
    let asked = osteon_proto::audit::ListAccessRequest { circle: circle.no, page_size: 500, ..Default::default() };
    let rows = osteon_server::app::audit::list(&kit.app, &patient, &asked).await.expect("audit").entries;
    let mut told: Vec<_> = rows.iter().map(|row| (row.account, row.action.as_str())).collect();
    told.retain(|(account, _)| [admin.account, nurse.account].contains(account));
    told.reverse();
    let expected = [(admin.account, "invite"), (nurse.account, "enrol"), (nurse.account, "record.get")];
    let mut told = told.iter();
    assert!(expected.iter().all(|row| told.any(|one| one == row)), "of {} rows", rows.len());
    // The patient takes them out again.
    rules::remove(&kit, &patient, circle.no, nurse.account, Role::Nurse).await;
    assert_eq!(reason(kit.get(&nurse, circle.no, id_of(&entry)).await), Reason::NotFound);
}

/// Roles are given by others, to people who can have them: what a stranger found open.
pub(crate) async fn nobody_gives_themselves_a_role(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient, Role::Nurse, Role::ClinicAdmin, Role::Caregiver]).await;
    let other = kit.circle("d0002", &[Role::Patient, Role::Physician]).await;
    let (nurse, admin) = (kit.person(circle.people[1]), kit.person(circle.people[2]));
    let ask = |role: Role, account| pb::CreateInviteRequest {
        circle: circle.no,
        role: role.into(),
        account,
        ..Default::default()
    };
    let invited = async |who, role, account| invites::create(&kit.app, who, &ask(role, account)).await;
    let made = async |who, role: Role, account| {
        let member = care::CircleMember {
            account: Some(account),
            role: Some(role.into()),
            membership: Some(care::Decision::Allow.into()),
            ..Default::default()
        };
        kit.create(who, circle.no, rights::MEMBER, &member).await
    };
    for who in [&nurse, &admin] {
        for role in [Role::Patient, Role::Physician, Role::Caregiver] {
            assert!(invited(who, role, who.account).await.is_err(), "{role:?} for oneself, by invite");
            let refused = reason(made(who, role, who.account).await);
            assert_eq!(refused, Reason::RecordNotCreatable, "{role:?} for oneself, by record");
        }
        // A circle has the patient that it was founded for.
        assert_eq!(reason(invited(who, Role::Patient, 0).await), Reason::RecordNotCreatable);
        // An invite is a code. It makes nobody a member who is none yet.
        assert_eq!(reason(invited(who, Role::Physician, other.people[1]).await), Reason::NotFound);
        // Patients and family are not made clinicians, nor clinicians family.
        for (role, account) in [
            (Role::Physician, other.people[0]),
            (Role::Dietitian, circle.people[3]),
            (Role::Caregiver, other.people[1]),
        ] {
            assert_eq!(reason(made(who, role, account).await), Reason::RecordNotCreatable, "{role:?}");
        }
        // Nor anybody who is of another clinic, or nobody.
        assert_eq!(reason(made(who, Role::Dietitian, 4_711).await), Reason::NotFound);
        let thrown_out = rules::try_deny(&kit, who, circle.no, circle.people[0], Role::Patient).await;
        assert_eq!(reason(thrown_out), Reason::FieldNotWritable);
    }
    assert!(kit.app.member(&kit.person(circle.people[0]), circle.no).await.is_ok(), "the patient stays");
    assert!(kit.app.member(&kit.person(other.people[1]), circle.no).await.is_err());
    // A colleague of the clinic is named; another phone of the patient's gets its code from the patient, and from nobody else.
    made(&nurse, Role::Physician, other.people[1]).await.expect("a colleague");
    let patient = kit.person(circle.people[0]);
    assert_eq!(reason(invited(&nurse, Role::Patient, patient.account).await), Reason::RecordNotCreatable);
    invited(&patient, Role::Patient, patient.account).await.expect("the patient's second phone");
}

pub(crate) fn refresh(device: &Device, pair: &pb::TokenPair, request_id: &str) -> pb::RefreshSessionRequest {
    let signed = sha256(&[&pair.refresh_nonce, request_id.as_bytes()]);
    pb::RefreshSessionRequest {
        refresh_token: pair.refresh_token.clone(),
        request_id: request_id.into(),
        signature: sign(&device.key, &signed),
    }
}

pub(crate) async fn a_refresh_is_idempotent_and_a_replay_ends_it(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let phone = kit.phone(&circle, 0, Role::Patient).await;
    let thief = Device { key: fresh_key(), ..kit.phone(&circle, 0, Role::Patient).await };
    let first = refresh(&phone, &phone.tokens, "r1");
    assert_eq!(
        reason(sessions::refresh(&kit.app, &refresh(&thief, &phone.tokens, "r1")).await),
        Reason::SignatureInvalid
    );
    let next = sessions::refresh(&kit.app, &first).await.expect("refreshed");
    let again = sessions::refresh(&kit.app, &first).await.expect("the answer was lost");
    assert_eq!(next, again);
    let pair = next.tokens.expect("tokens");
    // Who found the token and has no key gets nothing, and ends nothing.
    for id in ["r1", "r2"] {
        let stolen = refresh(&thief, &phone.tokens, id);
        assert_eq!(reason(sessions::refresh(&kit.app, &stolen).await), Reason::SignatureInvalid, "{id}");
    }
    assert_eq!(authenticate(&kit.app, &pair.access_token).await.expect("caller").device, phone.caller.device);
    let third = sessions::refresh(&kit.app, &refresh(&phone, &pair, "r3")).await.expect("refreshed").tokens;
    let third = third.expect("tokens");
    // The old token again, signed: two hold the key's session.
    let replay = refresh(&phone, &pair, "r4");
    assert_eq!(reason(sessions::refresh(&kit.app, &replay).await), Reason::SessionRevoked);
    assert_eq!(authenticate(&kit.app, &third.access_token).await.err(), Some(Reason::SessionRevoked));
    let dead = refresh(&phone, &third, "r5");
    assert_eq!(reason(sessions::refresh(&kit.app, &dead).await), Reason::SessionRevoked);
    assert_eq!(reason(sessions::refresh(&kit.app, &refresh(&phone, &third, "")).await), Reason::ArgumentInvalid);
}

pub(crate) async fn a_session_from_the_key_alone(kit: Kit) {
    let circle = kit.circle("d0001", &[Role::Patient]).await;
    let phone = kit.phone(&circle, 0, Role::Patient).await;
    kit.clock.advance(31 * DAY);
    assert_eq!(authenticate(&kit.app, &phone.tokens.access_token).await.err(), Some(Reason::TokenExpired));
    let late = refresh(&phone, &phone.tokens, "r1");
    assert_eq!(reason(sessions::refresh(&kit.app, &late).await), Reason::RefreshExpired);
    let device_key: prost::bytes::Bytes = phone.key.public_key().as_ref().to_vec().into();
    let challenge = sessions::begin(&kit.app, &pb::BeginSessionRequest { device_key: device_key.clone() }).challenge;
    let finish = pb::FinishSessionRequest {
        device_key,
        signature: sign(&phone.key, &challenge),
        challenge,
        ..Default::default()
    };
    let pair = sessions::finish(&kit.app, &finish).await.expect("session").tokens.expect("tokens");
    let caller = authenticate(&kit.app, &pair.access_token).await.expect("caller");
    assert_eq!((caller.account, caller.device), (phone.caller.account, phone.caller.device), "the same replicas");
    let me = sessions::me(&kit.app, &caller).await.expect("me");
    assert_eq!(me.circles.len(), 1);
    let forged = pb::FinishSessionRequest { signature: sign(&fresh_key(), &finish.challenge), ..finish.clone() };
    assert_eq!(reason(sessions::finish(&kit.app, &forged).await), Reason::SignatureInvalid);
    kit.clock.advance(121_000);
    assert_eq!(reason(sessions::finish(&kit.app, &finish).await), Reason::ChallengeExpired);
    sessions::end(&kit.app, &caller).await.expect("ended");
    assert_eq!(authenticate(&kit.app, &pair.access_token).await.err(), Some(Reason::SessionRevoked));
    assert_eq!(authenticate(&kit.app, "nonsense").await.err(), Some(Reason::TokenUnknown));
}
