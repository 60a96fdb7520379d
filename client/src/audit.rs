//! Who looked into a circle, as its audit says: the patient's own question. Needs the network.

use osteon_proto::audit::{AccessEntry, AccessKind, ListAccessRequest};

use crate::{
    error::Result,
    phone::Phone,
    transport::{call, with_token},
};

/// Rows of one answer.
const PAGE: i32 = 200;

impl Phone {
    /// What was read in a circle, the newest first; at most so many rows.
    pub async fn who_looked(&self, circle: u64, at_most: usize) -> Result<Vec<AccessEntry>> {
        let (transport, token) = self.online().await?;
        let mut found = Vec::new();
        let mut page_token = String::new();
        loop {
            let ask = ListAccessRequest {
                circle,
                kind: AccessKind::Read.into(),
                page_size: PAGE,
                page_token: page_token.clone(),
                ..Default::default()
            };
            let answer = call(transport.audit().list_access(with_token(ask, &token)?)).await?;
            found.extend(answer.entries);
            if answer.next_page_token.is_empty() || found.len() >= at_most || answer.next_page_token == page_token {
                found.truncate(at_most);
                return Ok(found);
            }
            page_token = answer.next_page_token;
        }
    }
}
