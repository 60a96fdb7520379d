//! What the clinic can tell a phone to do: leave, or erase itself.
//!
//! WIPE is obeyed only with a signature of the clinic key that was pinned at the enrolment, over an order that names this
//! phone's own key. Anything else (a wrong server, a forged answer, somebody else's order) erases nothing, and the clinic is
//! told of it at the next contact. LEAVE is no more than a pull that says that nothing is granted any more: what was not
//! sent is sent first and waits for a person.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use osteon_proto::{identity as pb, reasons::Do};
use osteon_sync_core::device::Device;
use prost::Message;

use crate::{
    error::{Error, Result, SignedOrder},
    events::Listener,
    keys::DeviceKey,
    phone::Phone,
    store::items::Enrolment,
    sync::Driver,
    transport::{call, with_token},
};

/// What stands before the bytes that the clinic signs.
const WIPE_CONTEXT: &[u8] = b"osteon wipe order 1\0";

/// Whether the clinic of this enrolment orders this very device to erase itself.
fn is_ours(enrolment: &Enrolment, order: &SignedOrder) -> Result<bool> {
    let signed = [WIPE_CONTEXT, &order.order].concat();
    let clinic = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &enrolment.clinic_key);
    if clinic.verify(&signed, &order.signature).is_err() {
        return Ok(false);
    }
    let Ok(said) = pb::WipeOrder::decode(order.order.as_slice()) else { return Ok(false) };
    Ok(said.device_key == DeviceKey::from_pkcs8(&enrolment.key_pkcs8)?.public())
}

impl Phone {
    /// Erases this phone, if the order is the clinic's and for this phone. False: nothing was erased, and the clinic will be
    /// told that somebody tried.
    pub async fn obey(&self, order: &SignedOrder) -> Result<bool> {
        let Some(ours) = self.read().await?.enrolled.as_ref().map(|known| is_ours(&known.enrolment, order)) else {
            return Ok(false);
        };
        let ours = ours?;
        if ours {
            self.erase().await?;
        } else {
            self.change(|state| {
                state.settings.orders_refused = state.settings.orders_refused.saturating_add(1);
                Ok(())
            })
            .await?;
        }
        Ok(ours)
    }

    /// What the end of a run means: an order to erase, one to leave, or what it says.
    pub(crate) async fn heed(&self, done: Result<()>, listener: &Listener) -> Result<()> {
        let action = match &done {
            Err(Error::Server(answer)) => answer.action(),
            Err(_) => return done,
            Ok(()) if self.read().await?.settings.leaving => return self.leave(listener).await,
            Ok(()) => return done,
        };
        match (action, done) {
            (Do::Wipe, Err(Error::Server(answer))) => match &answer.order {
                Some(order) if self.obey(order).await? => Err(Error::Wiped),
                _ => Err(Error::Server(answer)),
            },
            (Do::Leave, _) => self.leave(listener).await,
            (_, done) => done,
        }
    }

    /// Sends what waits, drops all that is no longer granted, ends the session.
    async fn leave(&self, listener: &Listener) -> Result<()> {
        let begin = |device: &mut Device| {
            device.hello_first();
            device.start_over();
            device.retry_now();
        };
        self.change(|state| {
            state.settings.leaving = true;
            begin(&mut state.enrolled_mut()?.device);
            Ok(())
        })
        .await?;
        Driver::new(self, listener.clone(), false).await?.run().await?;
        let outbox = |device: &Device| device.circles().map(|(_, circle)| circle.outbox().count()).sum::<usize>();
        let waiting = outbox(&self.read().await?.enrolled()?.device);
        if waiting > 0 {
            return Err(Error::Offline("this phone was told to leave, and has not sent everything yet"));
        }
        let transport = self.transport().await?;
        let token = self.token(&transport).await?;
        call(transport.session().end_session(with_token(pb::EndSessionRequest {}, &token)?)).await?;
        self.change(|state| {
            state.settings.left = true;
            Ok(())
        })
        .await?;
        Err(Error::Left)
    }
}
