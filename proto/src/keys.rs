//! Comparable keys of chunks, and the policies, as the merge core asks for them.

use osteon_sync_core::view::{Key, Keys, Order, Policy, Schema, WhileOpen};

use crate::{
    meta,
    table::{FieldInfo, RecordType},
    values::{Value, day, instant, value},
};

impl Keys for RecordType {
    fn key(&self, number: u32, chunk: &[u8]) -> Key {
        self.field(number).map_or(Key::Unknown, |f| f.key(chunk))
    }
}

impl Schema for RecordType {
    fn policy(&self, number: u32) -> Policy {
        self.field(number).map_or(Policy::LastWriter, FieldInfo::view_policy)
    }
}

/// The schema of a record type that the table does not know: nothing compares, the later clock holds.
pub struct UnknownType;

impl Keys for UnknownType {
    fn key(&self, _: u32, _: &[u8]) -> Key {
        Key::Unknown
    }
}

impl Schema for UnknownType {
    fn policy(&self, _: u32) -> Policy {
        Policy::LastWriter
    }
}

impl FieldInfo {
    /// The key of a chunk; of a list, its bytes.
    pub fn key(&self, chunk: &[u8]) -> Key {
        if self.is_repeated() && !self.is_set() {
            return Key::Bytes(chunk.to_vec());
        }
        let Some(value) = value(self, chunk) else {
            return Key::Unknown;
        };
        match value {
            Value::Int(n) if self.order() == Some(Order::Rank) => {
                match self.rank.iter().position(|r| i128::from(*r) == n) {
                    Some(place) => Key::Rank(place as u32),
                    None => Key::Unknown,
                }
            }
            Value::Int(n) => Key::Int(n),
            Value::Text(text) if self.format == meta::Format::Date => {
                day(text).map_or(Key::Unknown, |d| Key::Int(d.into()))
            }
            Value::Text(text) => Key::Bytes(text.as_bytes().to_vec()),
            Value::Bytes(bytes) => Key::Bytes(bytes.to_vec()),
            Value::Message(_, bytes) => match instant(self, value) {
                Some(ns) => Key::Int(ns),
                None => Key::Bytes(bytes.to_vec()),
            },
            // No contract compares floating numbers; decimals are scaled integers.
            Value::Float(_) => Key::Unknown,
        }
    }

    /// What the merge core calls the field's policy.
    pub fn view_policy(&self) -> Policy {
        match self.policy {
            meta::Policy::Review => Policy::Review { while_open: self.while_open(), asks: self.asks },
            meta::Policy::MostRestrictive => match self.order() {
                Some(order) => Policy::MostRestrictive { order, asks: self.asks },
                None => Policy::LastWriter,
            },
            meta::Policy::UnionAddWins => Policy::UnionAddWins,
            meta::Policy::UnionDenyWins => Policy::UnionDenyWins,
            meta::Policy::Constant => Policy::Constant,
            meta::Policy::Unspecified | meta::Policy::LastWriter | meta::Policy::AppendOnly | meta::Policy::Derived => {
                Policy::LastWriter
            }
        }
    }

    fn while_open(&self) -> WhileOpen {
        match self.while_open {
            meta::WhileOpen::Owner => WhileOpen::Owner(osteon_sync_core::Role(self.owner_of_value as u8)),
            meta::WhileOpen::None => WhileOpen::Nothing,
            meta::WhileOpen::LastAgreed | meta::WhileOpen::Unspecified => WhileOpen::LastAgreed,
        }
    }

    fn order(&self) -> Option<Order> {
        match self.order {
            meta::Order::Unspecified => None,
            meta::Order::Min => Some(Order::Min),
            meta::Order::Max => Some(Order::Max),
            meta::Order::TrueWins => Some(Order::TrueWins),
            meta::Order::FalseWins => Some(Order::FalseWins),
            meta::Order::Earliest => Some(Order::Earliest),
            meta::Order::Latest => Some(Order::Latest),
            meta::Order::Rank => Some(Order::Rank),
        }
    }
}
