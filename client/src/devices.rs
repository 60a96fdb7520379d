//! The devices of this account, as the server knows them; and who in a circle may read what, as this phone knows it.

use osteon_access_core::Role;
use osteon_proto::{
    LabelId,
    identity::{Device, ListDevicesRequest},
    meta::Category,
};

use crate::{
    error::Result,
    phone::Phone,
    transport::{call, with_token},
};

/// What one member of a circle may read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reader {
    pub account: u64,
    pub role: Role,
    pub categories: Vec<Category>,
}

impl Phone {
    /// Needs the network.
    pub async fn devices(&self) -> Result<Vec<Device>> {
        let (transport, token) = self.online().await?;
        let ask = ListDevicesRequest { circle: 0, account: 0 };
        Ok(call(transport.devices().list_devices(with_token(ask, &token)?)).await?.devices)
    }

    /// Every member, with the categories that they may read at this moment. Works without a network, from the grants that
    /// are here.
    pub async fn readers(&self, circle: u64) -> Result<Vec<Reader>> {
        let now_ms = self.now_ms();
        let state = self.read().await?;
        let rights = state.enrolled()?.rights(circle, now_ms)?;
        let all = (1..).map_while(|n| Category::try_from(n).ok());
        let all: Vec<Category> = all.collect();
        let reader = |(account, role): (u64, Role)| {
            let reads = |category: &Category| rights.reads((account, role), LabelId::of([*category]));
            Reader { account, role, categories: all.iter().copied().filter(reads).collect() }
        };
        Ok(rights.members().into_iter().map(reader).collect())
    }
}
