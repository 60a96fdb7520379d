//! Who looked into a circle, as its audit says: the patient's own question. Needs the network.

use osteon_proto::audit::{AccessEntry, AccessKind, ListAccessRequest};

use crate::{
    error::Result,
    phone::Phone,
    transport::{call, with_token},
};

/// Rows of one answer, and answers that are asked for at most: a phone reads its own circle all day.
const PAGE: i32 = 200;
const PAGES: usize = 50;

impl Phone {
    /// What was read in a circle, the newest first; at most so many rows. `own`: also what this account
    /// looked at itself.
    pub async fn who_looked(&self, circle: u64, at_most: usize, own: bool) -> Result<Vec<AccessEntry>> {
        let (transport, token) = self.online().await?;
        let me = self.read().await?.enrolled()?.enrolment.account;
        let mut found = Vec::new();
        let mut page_token = String::new();
        for _ in 0..PAGES {
            let ask = ListAccessRequest {
                circle,
                kind: AccessKind::Read.into(),
                page_size: PAGE,
                page_token: page_token.clone(),
                ..Default::default()
            };
            let answer = call(transport.audit().list_access(with_token(ask, &token)?)).await?;
            found.extend(answer.entries.into_iter().filter(|row| own || row.account != me));
            if answer.next_page_token.is_empty() || found.len() >= at_most || answer.next_page_token == page_token {
                break;
            }
            page_token = answer.next_page_token;
        }
        found.truncate(at_most);
        Ok(found)
    }
}
