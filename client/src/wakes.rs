//! Where this phone is woken: an endpoint of a push service, kept here and told to the server with the next contact, again
//! after another enrolment, and again when the push service had lost it.

use osteon_proto::wake::{GetWakeRequest, GetWakeResponse, SetWakeRequest};

use crate::{
    error::{Answer, Error, Result},
    phone::Phone,
    store::items::StoredWake,
    transport::{Transport, call, with_token},
};

/// The server is asked so often whether it still knows the endpoint: push services forget.
const ASK_AGAIN_MS: u64 = 86_400_000;

/// How a wake-up reaches this phone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wake {
    /// Nobody asked for it.
    Off,
    /// It is told to the server with the next contact.
    Waits,
    Registered {
        since_ms: u64,
    },
    /// The server does not send to it, and why.
    Refused {
        reason: String,
    },
}

impl Phone {
    /// Where this phone is woken from now on, in the place of what was; an empty endpoint ends it. Works without a network:
    /// it is told with the next contact. `p256dh` and `auth` are the subscription's keys (RFC 8291).
    pub async fn wake_at(&self, endpoint: &str, p256dh: &[u8], auth: &[u8]) -> Result<()> {
        let wanted = StoredWake {
            endpoint: endpoint.to_owned(),
            p256dh: p256dh.to_vec(),
            auth: auth.to_vec(),
            ..StoredWake::default()
        };
        self.change(|state| {
            state.settings.wake = Some(wanted.clone());
            Ok(())
        })
        .await?;
        self.nudge();
        Ok(())
    }

    /// How it stands.
    pub async fn wake(&self) -> Result<Wake> {
        let state = self.read().await?;
        let device = state.enrolled()?.enrolment.device;
        Ok(match &state.settings.wake {
            None => Wake::Off,
            Some(wake) if !wake.refused.is_empty() => Wake::Refused { reason: wake.refused.clone() },
            Some(wake) if !wake.is_told(device) => Wake::Waits,
            Some(wake) if wake.endpoint.is_empty() => Wake::Off,
            Some(wake) => Wake::Registered { since_ms: wake.since_ms },
        })
    }

    /// The server's key for subscriptions, and what it knows of this phone's. Needs the network.
    pub async fn wake_key(&self) -> Result<GetWakeResponse> {
        let (transport, token) = self.online().await?;
        call(transport.wakes().get_wake(with_token(GetWakeRequest {}, &token)?)).await
    }

    /// Tells the server, if there is something to tell.
    pub(crate) async fn turn_wake(&self, transport: &Transport) -> Result<()> {
        let now_ms = self.now_ms();
        let (wake, device) = {
            let state = self.read().await?;
            let Some(wake) = state.settings.wake.clone() else { return Ok(()) };
            (wake, state.enrolled()?.enrolment.device)
        };
        if !wake.is_due(device, now_ms) {
            return Ok(());
        }
        let token = self.token(transport).await?;
        if wake.is_told(device) && !wake.endpoint.is_empty() {
            let known = call(transport.wakes().get_wake(with_token(GetWakeRequest {}, &token)?)).await?;
            if known.registered {
                return self.wake_told(&wake, StoredWake { asked_ms: now_ms, ..wake.clone() }).await;
            }
        }
        let request = SetWakeRequest {
            endpoint: wake.endpoint.clone(),
            p256dh: wake.p256dh.clone().into(),
            auth: wake.auth.clone().into(),
        };
        let told = match call(transport.wakes().set_wake(with_token(request, &token)?)).await {
            Ok(_) => StoredWake { device, since_ms: now_ms, asked_ms: now_ms, refused: String::new(), ..wake.clone() },
            Err(Error::Server(answer)) if !answer.may_come_again() => {
                StoredWake { device, asked_ms: now_ms, refused: reason(&answer), ..wake.clone() }
            }
            Err(error) => return Err(error),
        };
        self.wake_told(&wake, told).await
    }

    /// Unless the app has said another one meanwhile.
    async fn wake_told(&self, asked: &StoredWake, told: StoredWake) -> Result<()> {
        self.change(|state| {
            if state.settings.wake.as_ref() == Some(asked) {
                state.settings.wake = Some(told.clone());
            }
            Ok(())
        })
        .await
    }
}

fn reason(answer: &Answer) -> String {
    if answer.reason.is_empty() { answer.to_string() } else { answer.reason.clone() }
}

impl StoredWake {
    fn is_told(&self, device: u64) -> bool {
        self.device == device && self.asked_ms > 0
    }

    fn is_due(&self, device: u64, now_ms: u64) -> bool {
        !self.is_told(device) || (!self.endpoint.is_empty() && self.asked_ms.abs_diff(now_ms) >= ASK_AGAIN_MS)
    }
}
