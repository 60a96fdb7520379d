//! Enrolment, sign-in and refresh.
//!
//! A lost answer never signs a patient out: the request id of a refresh is on disk before the request is sent, and the same
//! request with the same id gets the same successor. Two programs on one folder use the same id, whichever comes first.

use aws_lc_rs::digest::{SHA256, digest};
use osteon_proto::{identity as pb, reasons::Do, wire::device::lanes_of};

use crate::{
    error::{Error, Result},
    ids::request_id,
    keys::DeviceKey,
    phone::Phone,
    state::Enrolled,
    store::items::{Enrolling, Enrolment, Session, StoredCircle},
    transport::{Transport, call},
};

/// An access token is renewed when it has less than this left.
const RENEW_BEFORE_MS: u64 = 60_000;

/// What a person types to enrol.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Eight characters, or the content of the QR code.
    pub code: String,
    pub short_id: String,
    /// `https://host:port`.
    pub server: String,
    pub ca_pem: Vec<u8>,
    pub device_name: String,
}

/// The circle that a QR code names; `None` for a typed code.
pub fn circle_of_code(code: &str) -> Option<String> {
    let (short_id, rest) = code.trim().strip_prefix("osteon:")?.split_once(':')?;
    (!short_id.is_empty() && !rest.is_empty()).then(|| short_id.to_ascii_lowercase())
}

impl Phone {
    pub(crate) async fn transport(&self) -> Result<Transport> {
        let state = self.read().await?;
        let enrolment = &state.enrolled()?.enrolment;
        Transport::over(state.settings.line(), &self.air, &enrolment.server, &enrolment.ca_pem, &self.ids)
    }

    /// Makes this folder a member's device.
    pub async fn enrol(&self, invite: &Invite) -> Result<()> {
        if self.read().await?.enrolled.is_some() {
            return Err(Error::AlreadyEnrolled);
        }
        let transport = Transport::new(&invite.server, &invite.ca_pem)?;
        let enrolling = self.enrolling(invite).await?;
        let answer = self.ask_to_enrol(&transport, invite, &enrolling).await?;
        let tokens = answer.tokens.as_ref().ok_or(Error::BadAnswer("no tokens"))?;
        let lanes = lanes_of(&answer.lanes).ok_or(Error::BadAnswer("no lanes"))?;
        let mut stored = Enrolment {
            server: invite.server.clone(),
            ca_pem: invite.ca_pem.clone(),
            key_pkcs8: enrolling.key_pkcs8,
            account: answer.account,
            device: answer.device,
            lanes: Vec::new(),
            clinic_key: answer.clinic_key.to_vec(),
            circles: vec![StoredCircle {
                circle: answer.circle,
                short_id: invite.short_id.to_ascii_lowercase(),
                role: answer.role,
                ..StoredCircle::default()
            }],
            min_client: String::new(),
        };
        stored.add_lanes(&answer.lanes);
        let session = Session::of(tokens);
        self.change(|state| {
            if state.enrolled.is_some() {
                return Err(Error::AlreadyEnrolled);
            }
            state.enrolled = Some(Enrolled::new(stored.clone(), session.clone(), answer.epoch, lanes));
            state.settings.enrolling = None;
            Ok(())
        })
        .await
    }

    async fn ask_to_enrol(
        &self,
        transport: &Transport,
        invite: &Invite,
        enrolling: &Enrolling,
    ) -> Result<pb::FinishEnrolmentResponse> {
        let key = DeviceKey::from_pkcs8(&enrolling.key_pkcs8)?;
        let device_key = key.public();
        let mut enrolment = transport.enrolment();
        let begun = call(enrolment.begin_enrolment(pb::BeginEnrolmentRequest {
            code: invite.code.clone(),
            short_id: invite.short_id.clone(),
            device_key: device_key.clone().into(),
        }))
        .await?;
        // On disk before the invite is used up: where no answer comes, it is told to this key alone.
        self.keep_enrolling(Some(enrolling)).await?;
        let answer = call(enrolment.finish_enrolment(pb::FinishEnrolmentRequest {
            code: invite.code.clone(),
            short_id: invite.short_id.clone(),
            device_key: device_key.into(),
            signature: key.sign(&begun.challenge)?.into(),
            challenge: begun.challenge,
            device_name: invite.device_name.clone(),
        }))
        .await;
        if matches!(&answer, Err(Error::Server(said)) if !said.may_come_again()) {
            self.keep_enrolling(None).await?;
        }
        answer
    }

    /// With which key to enrol: that of a try with the same invite that got no answer, or a new one.
    async fn enrolling(&self, invite: &Invite) -> Result<Enrolling> {
        let named = [invite.server.as_str(), &invite.short_id.to_ascii_lowercase(), invite.code.trim()].join("\n");
        let named = digest(&SHA256, named.as_bytes()).as_ref().to_vec();
        let kept = self.read().await?.settings.enrolling.clone().filter(|kept| kept.invite == named);
        match kept {
            Some(kept) => Ok(kept),
            None => Ok(Enrolling { invite: named, key_pkcs8: DeviceKey::generate()?.1 }),
        }
    }

    async fn keep_enrolling(&self, enrolling: Option<&Enrolling>) -> Result<()> {
        self.change(|state| {
            state.settings.enrolling = enrolling.cloned();
            Ok(())
        })
        .await
    }

    /// A new session after a long time, with the code that the clinic read out.
    pub async fn sign_in(&self, code: &str) -> Result<()> {
        let transport = self.transport().await?;
        let key = DeviceKey::from_pkcs8(&self.read().await?.enrolled()?.enrolment.key_pkcs8)?;
        let next = Session::of(&sign_in(&transport, &key, code).await?);
        self.change(|state| {
            state.enrolled_mut()?.session = next.clone();
            Ok(())
        })
        .await
    }

    /// An access token that holds for a while.
    pub(crate) async fn token(&self, transport: &Transport) -> Result<String> {
        let now_ms = self.now_ms();
        let (session, now_ms) = {
            let state = self.read().await?;
            let enrolled = state.enrolled()?;
            // By the server's clock, which it was made by; by this phone's, where that was set right since. A token that the
            // server does not take is renewed anyway.
            (enrolled.session.clone(), enrolled.device.server_time_ms(now_ms).min(now_ms))
        };
        if session.access_expires_ms > now_ms.saturating_add(RENEW_BEFORE_MS) {
            return Ok(session.access);
        }
        self.renew(transport, &session.access).await
    }

    /// A new token pair in the place of the one with `used`. Does nothing if somebody else renewed it meanwhile.
    pub(crate) async fn renew(&self, transport: &Transport, used: &str) -> Result<String> {
        let _one = self.refreshing.lock().await;
        let now_ms = self.now_ms();
        let fresh_id = request_id(now_ms, &*self.ids);
        let (session, pkcs8) = self
            .change_to_send(|state| {
                let enrolled = state.enrolled_mut()?;
                if enrolled.session.access == used && enrolled.session.request_id.is_empty() {
                    enrolled.session.request_id.clone_from(&fresh_id);
                }
                Ok((enrolled.session.clone(), enrolled.enrolment.key_pkcs8.clone()))
            })
            .await?;
        if session.access != used {
            return Ok(session.access);
        }
        let key = DeviceKey::from_pkcs8(&pkcs8)?;
        let request = pb::RefreshSessionRequest {
            refresh_token: session.refresh.clone(),
            signature: key.sign_refresh(&session.nonce, &session.request_id)?.into(),
            request_id: session.request_id.clone(),
        };
        let answer = match call(transport.session().refresh_session(request)).await {
            Ok(answer) => answer.tokens,
            Err(Error::Server(answer)) if matches!(answer.action(), Do::SignIn | Do::Refresh) => {
                Some(sign_in(transport, &key, "").await?)
            }
            Err(e) => return Err(e),
        };
        let next = Session::of(&answer.ok_or(Error::BadAnswer("no tokens"))?);
        self.change_to_send(|state| {
            let enrolled = state.enrolled_mut()?;
            // Another program with the same request id has the same answer.
            if enrolled.session.access == used {
                enrolled.session = next.clone();
            }
            Ok(enrolled.session.access.clone())
        })
        .await
    }
}

/// A session ends, an enrolment does not.
async fn sign_in(transport: &Transport, key: &DeviceKey, code: &str) -> Result<pb::TokenPair> {
    let device_key = key.public();
    let mut session = transport.session();
    let begun = call(session.begin_session(pb::BeginSessionRequest { device_key: device_key.clone().into() })).await?;
    let finish = pb::FinishSessionRequest {
        device_key: device_key.into(),
        signature: key.sign(&begun.challenge)?.into(),
        challenge: begun.challenge,
        code: code.to_owned(),
    };
    call(session.finish_session(finish)).await?.tokens.ok_or(Error::BadAnswer("no tokens"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_code_names_its_circle() {
        assert_eq!(circle_of_code("osteon:D0001:7K4M9QX2:00ff").as_deref(), Some("d0001"));
        for typed in ["7K4M-9QX2", "osteon:", "osteon::7K4M9QX2:00ff", "osteon:d0001:"] {
            assert_eq!(circle_of_code(typed), None, "{typed}");
        }
    }
}
