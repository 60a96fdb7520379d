//! What somebody tries who is not who they say, or may not do what they ask, against the real binary: each gets its stable
//! reason, leaves its row in the audit, and nothing of it is in the log.

use std::time::Duration;

use aws_lc_rs::signature::KeyPair;
use bytes::Bytes;
use osteon_proto::{
    care,
    identity::{
        self as pb, enrolment_service_client::EnrolmentServiceClient, session_service_client::SessionServiceClient,
    },
    meta::Role,
    record,
    sync::record_body::Body,
};
use osteon_server::app::secrets::sha256;
use osteon_tests::{
    body,
    device::{self, Device, now_ms, with_token},
    server::Server,
};
use prost_types::Timestamp;
use tonic::{Code, Status};

use crate::{
    audit::{refused as counted, rows},
    circle::{self, create, grant},
    support::{member, refused, server_with_patient},
};

const REFRESH: &str = "/osteon.identity.v1.SessionService/RefreshSession";
const FINISH_SESSION: &str = "/osteon.identity.v1.SessionService/FinishSession";
const GET_ME: &str = "/osteon.identity.v1.SessionService/GetMe";
const FINISH_ENROLMENT: &str = "/osteon.identity.v1.EnrolmentService/FinishEnrolment";
const GET_RECORD: &str = "/osteon.record.v1.RecordService/GetRecord";
const HOUR_MS: u64 = 3_600_000;

/// A refresh of this token, signed by this device.
async fn refresh(
    by: &Device,
    pair: &pb::TokenPair,
    token: &str,
    id: &str,
) -> Result<pb::RefreshSessionResponse, Status> {
    let signed = sha256(&[&pair.refresh_nonce, id.as_bytes()]);
    let request = pb::RefreshSessionRequest {
        refresh_token: token.to_owned(),
        request_id: id.to_owned(),
        signature: device::sign(&by.key, &signed).expect("signed").into(),
    };
    let answer = SessionServiceClient::new(by.channel.clone()).refresh_session(request).await?;
    Ok(answer.into_inner())
}

/// Whatever stood in these calls and must stand nowhere else.
type Secrets = Vec<String>;

async fn tokens(nurse: &Device, carer: &Device, secrets: &mut Secrets) {
    let first = nurse.tokens.clone();
    let (mine, theirs) = (first.refresh_token.clone(), carer.tokens.refresh_token.clone());
    secrets.extend([mine.clone(), theirs.clone(), first.access_token.clone()]);
    // Another device's key; another device's token; cut.
    refused(refresh(carer, &first, &mine, "a").await, Code::Unauthenticated, "SIGNATURE_INVALID");
    refused(refresh(nurse, &first, &theirs, "b").await, Code::Unauthenticated, "SIGNATURE_INVALID");
    refused(refresh(nurse, &first, &mine[..mine.len() - 1], "c").await, Code::Unauthenticated, "TOKEN_UNKNOWN");
    let cut = &first.access_token[..first.access_token.len() - 1];
    let me = with_token(pb::GetMeRequest {}, cut);
    let answer = SessionServiceClient::new(nurse.channel.clone()).get_me(me).await;
    refused(answer, Code::Unauthenticated, "TOKEN_UNKNOWN");
    // A page of another site that came by a token.
    let mut foreign = with_token(pb::GetMeRequest {}, &first.access_token);
    foreign.metadata_mut().insert("origin", "https://evil.example".parse().expect("a header"));
    let answer = SessionServiceClient::new(nurse.channel.clone()).get_me(foreign).await;
    refused(answer, Code::PermissionDenied, "CROSS_SITE");
    // A replay that is proven ends the family.
    let next = refresh(nurse, &first, &mine, "d").await.expect("refreshed").tokens.expect("tokens");
    secrets.push(next.access_token.clone());
    refused(refresh(nurse, &first, &mine, "e").await, Code::Unauthenticated, "SESSION_REVOKED");
    let me = with_token(pb::GetMeRequest {}, &next.access_token);
    let answer = SessionServiceClient::new(nurse.channel.clone()).get_me(me).await;
    refused(answer, Code::Unauthenticated, "SESSION_REVOKED");
}

/// Challenges that nobody gave, or that somebody else's key answers; a code that nobody made.
async fn strangers(server: &Server, nurse: &Device, short_id: &str, secrets: &mut Secrets) {
    let mut sessions = SessionServiceClient::new(nurse.channel.clone());
    let device_key: Bytes = nurse.key.public_key().as_ref().to_vec().into();
    let begun = sessions.begin_session(pb::BeginSessionRequest { device_key: device_key.clone() }).await;
    let challenge = begun.expect("a challenge").into_inner().challenge;
    let thief = device::new_key().expect("key");
    let finish = |challenge: Bytes| pb::FinishSessionRequest {
        device_key: device_key.clone(),
        signature: device::sign(&thief, &challenge).expect("signed").into(),
        challenge,
        ..Default::default()
    };
    let stolen = sessions.finish_session(finish(challenge.clone())).await;
    refused(stolen, Code::Unauthenticated, "SIGNATURE_INVALID");
    let mut old = challenge.to_vec();
    old[0] ^= 1;
    let made_up = sessions.finish_session(finish(old.into())).await;
    refused(made_up, Code::Unauthenticated, "SIGNATURE_INVALID");

    let invite = server.invite_into(short_id, "nurse").expect("invite");
    secrets.extend([invite.code.clone(), invite.qr.clone()]);
    let mut enrolment = EnrolmentServiceClient::new(nurse.channel.clone());
    let device_key: Bytes = thief.public_key().as_ref().to_vec().into();
    let begin = pb::BeginEnrolmentRequest { device_key: device_key.clone(), ..Default::default() };
    let challenge = enrolment.begin_enrolment(begin).await.expect("challenge").into_inner().challenge;
    let guess = pb::FinishEnrolmentRequest {
        code: "0000-0000".into(),
        short_id: short_id.to_owned(),
        device_key,
        signature: device::sign(&thief, &challenge).expect("signed").into(),
        challenge,
        device_name: "guess".into(),
    };
    refused(enrolment.finish_enrolment(guess).await, Code::InvalidArgument, "INVITE_INVALID");
}

fn at(ms: u64) -> Option<Timestamp> {
    Some(Timestamp { seconds: (ms / 1_000) as i64, nanos: 0 })
}

async fn consent(patient: &Device, nurse: &Device, carer: &Device) {
    let (symptoms, allow) = (care::GrantCategory::C06Symptoms.into(), care::Decision::Allow);
    let later = now_ms() + HOUR_MS;
    let by_nurse = grant(nurse, carer.account, symptoms, allow, Some(later)).await;
    refused(by_nurse, Code::PermissionDenied, "NOT_YOUR_CONSENT");
    let past = grant(patient, carer.account, symptoms, allow, Some(now_ms() - HOUR_MS)).await;
    refused(past, Code::InvalidArgument, "GRANT_IN_PAST");
    let backwards = care::Grant {
        parent: Some(circle::parent(patient.circle)),
        grantee: Some(care::Grantee { account: Some(carer.account), role: None }),
        category: Some(symptoms),
        decision: Some(allow.into()),
        not_before: at(later + HOUR_MS),
        not_after: at(later),
    };
    let backwards = create(patient, body::encode(Body::Grant(backwards)), 0).await;
    refused(backwards, Code::InvalidArgument, "GRANT_ENDS_BEFORE_START");
}

/// The last administrator is to go; an administrator wants to know.
async fn administrators(nurse: &Device, admin: &Device, entry: &str) {
    let gone = circle::remove(nurse, admin.account, Role::ClinicAdmin).await;
    refused(gone, Code::FailedPrecondition, "LAST_ADMINISTRATOR");
    let ask = record::GetRecordRequest { circle: admin.circle, record_id: entry.to_owned() };
    let looked = admin.records().get_record(admin.request(ask)).await;
    refused(looked, Code::NotFound, "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_bad_identity_gets_its_reason_and_its_row() {
    let (mut server, patient) = server_with_patient().await;
    let short_id = patient.hello().await.expect("hello").circles[0].short_id.clone();
    let [nurse, carer, admin] = ["nurse", "caregiver", "clinic-admin"];
    let [nurse, carer, admin] = [
        member(&server, &patient, nurse).await,
        member(&server, &patient, carer).await,
        member(&server, &patient, admin).await,
    ];
    let canary = "kanarienvogel-im-kamin";
    let pain = care::PainEntry { site: vec![canary.into()], worst_24h: Some(4), ..Default::default() };
    let entry = create(&patient, body::encode(Body::PainEntry(pain)), 0).await.expect("made").record_id;
    consent(&patient, &nurse, &carer).await;
    administrators(&nurse, &admin, &entry).await;
    let mut secrets = vec![canary.to_owned()];
    strangers(&server, &nurse, &short_id, &mut secrets).await;
    tokens(&nurse, &carer, &mut secrets).await;
    server.term().expect("term");
    server.wait_exit(Duration::from_secs(20)).expect("ends");

    let (circle, clinic, own) = (
        rows(&server, &["--circle", &short_id]),
        rows(&server, &["--clinic", "clinic"]),
        rows(&server, &["--of-the-server"]),
    );
    for (chain, action, outcome) in [
        (&clinic, REFRESH, "SIGNATURE_INVALID"),
        (&clinic, "session.replay", "SESSION_REVOKED"),
        (&own, REFRESH, "TOKEN_UNKNOWN"),
        (&own, GET_ME, "TOKEN_UNKNOWN"),
        (&own, GET_ME, "CROSS_SITE"),
        (&own, GET_ME, "SESSION_REVOKED"),
        (&own, FINISH_SESSION, "SIGNATURE_INVALID"),
        (&own, FINISH_ENROLMENT, "INVITE_INVALID"),
        (&circle, "record.create", "NOT_YOUR_CONSENT"),
        (&circle, "record.create", "GRANT_IN_PAST"),
        (&circle, "record.create", "GRANT_ENDS_BEFORE_START"),
        (&circle, "record.write", "refused"),
        (&circle, GET_RECORD, "NOT_FOUND"),
    ] {
        assert!(counted(chain, action, outcome).1 > 0, "{action} {outcome} left no row");
    }
    let said = format!("{}{circle:?}{clinic:?}{own:?}", server.log());
    for secret in secrets {
        assert!(!said.contains(&secret), "{secret} got out");
    }
    assert_eq!(server.cli(&["audit", "verify"]).expect("verify")["sound"], true);
}
