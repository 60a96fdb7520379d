//! `shown` tokens and page tokens: what was on the screen, sealed to the reader and the circle.

use osteon_proto::{reasons::Reason, sync, wire};
use osteon_sync_core::{Dot, FieldRef, RecordId, names::Shown};
use prost::Message;

use super::{App, Purpose};
use crate::{
    error::Error,
    limits,
    store::{AccountNo, CircleNo},
};

#[derive(Clone, PartialEq, prost::Message)]
struct Token {
    #[prost(message, repeated, tag = "1")]
    dots: Vec<sync::Dot>,
    #[prost(message, optional, tag = "2")]
    in_force: Option<sync::Dot>,
    #[prost(bool, tag = "3")]
    review_open: bool,
    /// For a record: live versions of the lifecycle.
    #[prost(message, repeated, tag = "4")]
    lifecycle: Vec<sync::Dot>,
}

/// What a record token says: the lifecycle versions, and every live dot that was shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordShown {
    pub lifecycle: Vec<Dot>,
    pub covers: Vec<Dot>,
}

fn bound(account: AccountNo, circle: CircleNo, record: RecordId, field: Option<FieldRef<'_>>) -> Vec<u8> {
    let mut out = account.to_be_bytes().to_vec();
    out.extend_from_slice(&circle.to_be_bytes());
    out.extend_from_slice(&record.0);
    if let Some(field) = field {
        out.extend_from_slice(&field.number.to_be_bytes());
        out.extend_from_slice(field.element);
    }
    out
}

fn dots(list: &[Dot]) -> Vec<sync::Dot> {
    list.iter().map(|dot| wire::to_dot(*dot)).collect()
}

fn core(list: &[sync::Dot]) -> Vec<Dot> {
    list.iter().map(wire::dot).collect()
}

impl App {
    pub fn field_token(
        &self,
        account: AccountNo,
        circle: CircleNo,
        record: RecordId,
        field: FieldRef<'_>,
        shown: &Shown,
    ) -> Vec<u8> {
        let in_force = shown.in_force.map(wire::to_dot);
        let token = Token { dots: dots(&shown.dots), in_force, review_open: shown.review_open, lifecycle: Vec::new() };
        self.seal(Purpose::Shown, &bound(account, circle, record, Some(field)), &token.encode_to_vec())
    }

    pub fn record_token(&self, account: AccountNo, circle: CircleNo, record: RecordId, shown: &RecordShown) -> Vec<u8> {
        let token = Token { dots: dots(&shown.covers), lifecycle: dots(&shown.lifecycle), ..Token::default() };
        self.seal(Purpose::Shown, &bound(account, circle, record, None), &token.encode_to_vec())
    }

    fn token(&self, bound: &[u8], sealed: &[u8], path: &str) -> Result<Token, Error> {
        limits::TOKEN_BYTES.check(sealed.len())?;
        let invalid = || Error::field(path, Reason::ShownTokenInvalid);
        let plain = self.secrets.open(Purpose::Shown, bound, sealed).ok_or_else(invalid)?;
        Token::decode(plain.as_slice()).map_err(|_| invalid())
    }

    pub fn field_shown(
        &self,
        account: AccountNo,
        circle: CircleNo,
        record: RecordId,
        field: FieldRef<'_>,
        sealed: &[u8],
        path: &str,
    ) -> Result<Shown, Error> {
        let token = self.token(&bound(account, circle, record, Some(field)), sealed, path)?;
        let in_force = token.in_force.as_ref().map(wire::dot);
        Ok(Shown { dots: core(&token.dots), in_force, review_open: token.review_open, unsent: Vec::new() })
    }

    pub fn record_shown(
        &self,
        account: AccountNo,
        circle: CircleNo,
        record: RecordId,
        sealed: &[u8],
    ) -> Result<RecordShown, Error> {
        let token = self.token(&bound(account, circle, record, None), sealed, "shown")?;
        Ok(RecordShown { lifecycle: core(&token.lifecycle), covers: core(&token.dots) })
    }
}
