//! What happened to the owner's account: a further device, a copy of a device, a device sent away. The server keeps it; it is
//! asked for when a person wants to see it.

use osteon_proto::identity::{AcknowledgeNoticesRequest, ListNoticesRequest, Notice};

use crate::{
    error::{Error, Result},
    phone::Phone,
    transport::{Transport, call, with_token},
};

impl Phone {
    /// The way to the server, unless its owner switched it off.
    pub(crate) async fn online(&self) -> Result<(Transport, String)> {
        if self.read().await?.settings.offline {
            return Err(Error::Offline("switched off on this phone"));
        }
        let transport = self.transport().await?;
        let token = self.token(&transport).await?;
        Ok((transport, token))
    }

    /// Notices, the newest first: those that nobody has acknowledged, or all.
    pub async fn notices(&self, all: bool) -> Result<Vec<Notice>> {
        let (transport, token) = self.online().await?;
        let (mut found, mut before) = (Vec::new(), 0);
        loop {
            let ask = ListNoticesRequest { page_size: 0, before, all };
            let page = call(transport.notices().list_notices(with_token(ask, &token)?)).await?;
            found.extend(page.notices);
            before = page.next_before;
            if before == 0 {
                return Ok(found);
            }
        }
    }

    /// A person has seen the notices up to this number. Returns how many are left.
    pub async fn notices_seen(&self, up_to: u64) -> Result<u32> {
        let (transport, token) = self.online().await?;
        let ask = AcknowledgeNoticesRequest { up_to };
        let left = call(transport.notices().acknowledge_notices(with_token(ask, &token)?)).await?.unacknowledged;
        self.change(|state| {
            state.settings.notices = left;
            Ok(())
        })
        .await?;
        Ok(left)
    }
}
