//! Sessions as the stand-in keeps them, each with one refresh token at a time. The same refresh with the same request id gets
//! the same successor; a token that is used up, under another request id, is a replay. A sign-in opens another session.

use std::collections::BTreeMap;

use osteon_client::{Phone, keys::DeviceKey};
use osteon_proto::{
    identity::{
        BeginSessionRequest, BeginSessionResponse, EndSessionRequest, EndSessionResponse, FinishSessionRequest,
        FinishSessionResponse, GetMeRequest, GetMeResponse, RefreshSessionRequest, RefreshSessionResponse, TokenPair,
        session_service_server::SessionService,
    },
    reasons::Reason,
    wire::device::timestamp,
};
use tonic::{Code, Request, Response, Status};

use super::{NOW, StandIn};

/// An access token holds so long.
const HOLDS_MS: u64 = 15 * 60_000;

#[derive(Default)]
pub(crate) struct Sessions {
    /// How many successors there were.
    pub(crate) renewed: u64,
    /// Of each session its last token, and the request that made it.
    last: BTreeMap<u64, (u64, String)>,
    /// Replays: must stay 0.
    pub(crate) replayed: usize,
    /// Sign-ins, with the codes that came.
    pub(crate) signed_in: Vec<String>,
}

fn pair(session: u64, n: u64) -> TokenPair {
    TokenPair {
        access_token: format!("access {session}.{n}"),
        access_expires: Some(timestamp(NOW + HOLDS_MS)),
        refresh_token: format!("{session}.{n}"),
        refresh_nonce: vec![7; 16].into(),
        ..Default::default()
    }
}

fn refused(code: Code, reason: Reason) -> Status {
    use tonic_types::{ErrorDetails, StatusExt};
    let details = ErrorDetails::with_error_info(reason.as_str(), "osteon", std::collections::HashMap::new());
    Status::with_error_details(code, "no", details)
}

impl StandIn {
    /// This phone's access token is over; it has the first refresh token of its first session.
    pub(crate) async fn token_is_over(&self, phone: &Phone) {
        let (_, pkcs8) = DeviceKey::generate().unwrap();
        phone
            .change(|state| {
                let enrolled = state.enrolled_mut()?;
                enrolled.enrolment.key_pkcs8.clone_from(&pkcs8);
                enrolled.session.refresh = "0.0".to_owned();
                (enrolled.session.nonce, enrolled.session.access_expires_ms) = (vec![7; 16], 1);
                Ok(())
            })
            .await
            .unwrap();
    }
}

#[tonic::async_trait]
impl SessionService for StandIn {
    async fn refresh_session(
        &self,
        request: Request<RefreshSessionRequest>,
    ) -> Result<Response<RefreshSessionResponse>, Status> {
        let asked = request.into_inner();
        let (session, used) = asked.refresh_token.split_once('.').expect("a token of ours");
        let (session, used): (u64, u64) = (session.parse().unwrap(), used.parse().unwrap());
        let sessions = &mut self.books.lock().unwrap().sessions;
        let (last, by) = sessions.last.entry(session).or_default();
        if used == *last {
            (*last, *by) = (used + 1, asked.request_id);
            sessions.renewed += 1;
        } else if *by != asked.request_id {
            sessions.replayed += 1;
            return Err(refused(Code::Unauthenticated, Reason::SessionRevoked));
        }
        Ok(Response::new(RefreshSessionResponse { tokens: Some(pair(session, *last)) }))
    }

    async fn begin_session(&self, _: Request<BeginSessionRequest>) -> Result<Response<BeginSessionResponse>, Status> {
        Ok(Response::new(BeginSessionResponse { challenge: vec![3; 32].into() }))
    }

    async fn finish_session(
        &self,
        request: Request<FinishSessionRequest>,
    ) -> Result<Response<FinishSessionResponse>, Status> {
        let sessions = &mut self.books.lock().unwrap().sessions;
        sessions.signed_in.push(request.into_inner().code);
        let tokens = Some(pair(sessions.signed_in.len() as u64, 0));
        Ok(Response::new(FinishSessionResponse { tokens, ..Default::default() }))
    }

    async fn end_session(&self, _: Request<EndSessionRequest>) -> Result<Response<EndSessionResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn get_me(&self, _: Request<GetMeRequest>) -> Result<Response<GetMeResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}
