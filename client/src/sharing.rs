//! What the patient shares with whom. Taking back is written on the phone, works without a network and wins over whatever
//! else stands there; giving needs the server, which decides it at once.

use osteon_access_core::Role;
use osteon_proto::{
    care::{self, GrantCategory},
    record as pb,
    split::{close, payload},
    table::table,
    values::{Value, value},
    wire::device::timestamp,
};
use osteon_sync_core::RecordId;
use prost::Message;

use crate::{
    error::{Error, Result},
    ids::request_id,
    phone::Phone,
    records::{Entry, NewRecord, Saved},
    transport::{call, with_token},
    views::{CircleView, FieldView, RecordView},
};

const CARE_CIRCLE: u32 = 261;
const GRANT: u32 = 263;

impl Phone {
    /// Takes a category back from a member. Sent by the urgent lane; until then it waits here.
    pub async fn withdraw(&self, circle: u64, account: u64, category: GrantCategory) -> Result<Saved> {
        let (found, parent) = self.grant_of(circle, account, category).await?;
        let deny = |grant: care::Grant| care::Grant { decision: Some(care::Decision::Deny.into()), ..grant };
        match found {
            Some(record) => {
                let form = self.open_form(circle, record).await?;
                self.save(&form, &Entry::of_body(&body(&deny(care::Grant::default())))?, "", false).await
            }
            None => {
                let body = body(&deny(grant(parent, account, category)));
                self.create(circle, &NewRecord { body, label_choice: 0, record: None }, "").await
            }
        }
    }

    /// Gives a category to a member until a moment. Online: it is answered when it holds, and comes here with the next page.
    pub async fn share(&self, circle: u64, account: u64, category: GrantCategory, until_ms: u64) -> Result<()> {
        let (found, parent) = self.grant_of(circle, account, category).await?;
        let (transport, token) = self.online().await?;
        let mut records = transport.record();
        let request_id = request_id(self.now_ms(), &*self.ids);
        let allow = |grant: care::Grant| care::Grant {
            decision: Some(care::Decision::Allow.into()),
            not_after: Some(timestamp(until_ms)),
            ..grant
        };
        let Some(record) = found else {
            let body = Some(body(&allow(grant(parent, account, category))).into());
            let request = pb::CreateRecordRequest { circle, body, request_id, ..Default::default() };
            return call(records.create_record(with_token(request, &token)?)).await.map(drop);
        };
        let record_id = uuid::Uuid::from_bytes(record.0).to_string();
        let asked = pb::GetRecordRequest { circle, record_id: record_id.clone() };
        let seen = call(records.get_record(with_token(asked, &token)?)).await?.record;
        let paths = ["decision", "not_after"].map(str::to_owned).to_vec();
        let fields = seen.ok_or(Error::BadAnswer("a record"))?.fields;
        // What was on the screen: one DENY that was not shown would go on winning.
        let shown = fields.into_iter().filter(|field| paths.contains(&field.name));
        let shown = shown.map(|f| pb::FieldShown { field: f.field, element: f.element, shown: f.shown }).collect();
        let request = pb::WriteRecordRequest {
            circle,
            record_id,
            body: Some(body(&allow(care::Grant::default())).into()),
            update_mask: Some(prost_types::FieldMask { paths }),
            shown,
            request_id,
            ..Default::default()
        };
        call(records.write_record(with_token(request, &token)?)).await.map(drop)
    }

    /// The accounts of the members in a role.
    pub async fn members_in(&self, circle: u64, role: Role) -> Result<Vec<u64>> {
        let state = self.read().await?;
        let members = state.enrolled()?.rights(circle, self.now_ms())?.members();
        Ok(members.into_iter().filter(|(_, member)| *member == role).map(|(account, _)| account).collect())
    }

    async fn grant_of(
        &self,
        circle: u64,
        account: u64,
        category: GrantCategory,
    ) -> Result<(Option<RecordId>, RecordId)> {
        let state = self.read().await?;
        let view = state.enrolled()?.view(circle, self.now_ms())?;
        let parent = view.of_type(CARE_CIRCLE).first().map(|record| record.record).ok_or(Error::NoRecord)?;
        Ok((of(&view, account, category), parent))
    }
}

/// The record of this grant. Ended ones count: their number is taken.
fn of(view: &CircleView<'_>, account: u64, category: GrantCategory) -> Option<RecordId> {
    let is = |record: &RecordView| {
        let grantee = record.field("grantee").and_then(FieldView::value)?;
        let grantee = care::Grantee::decode(payload(grantee)).ok()?;
        let chunk = record.field("category").and_then(FieldView::value)?;
        let number = value(record.kind()?.field_by_name("category")?, chunk)?;
        Some(grantee.account == Some(account) && matches!(number, Value::Int(n) if n == i128::from(category as i32)))
    };
    view.of_type(GRANT).iter().find(|record| is(record).unwrap_or(false)).map(|record| record.record)
}

fn grant(parent: RecordId, account: u64, category: GrantCategory) -> care::Grant {
    care::Grant {
        parent: Some(parent.0.to_vec().into()),
        grantee: Some(care::Grantee { role: None, account: Some(account) }),
        category: Some(category.into()),
        ..Default::default()
    }
}

fn body(grant: &care::Grant) -> Vec<u8> {
    close(GRANT, &grant.encode_to_vec())
}

/// Every category that can be shared, with the word that people type: "symptoms" or "c06".
pub fn category(typed: &str) -> Option<GrantCategory> {
    let typed = typed.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    let pool = table().pool().get_enum_by_name("osteon.care.v1.GrantCategory")?;
    let mut values = pool.values().filter(|value| value.number() != 0);
    let found = values.find(|value| {
        let name = value.name().trim_start_matches("GRANT_CATEGORY_").to_ascii_lowercase();
        let (number, words) = name.split_once('_').unwrap_or((&name, &name));
        typed == number || typed == words
    })?;
    GrantCategory::try_from(found.number()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_is_typed_by_its_word_or_its_number() {
        for typed in ["symptoms", "Symptoms", "C06"] {
            assert_eq!(category(typed), Some(GrantCategory::C06Symptoms), "{typed}");
        }
        assert_eq!(category("falls-home"), Some(GrantCategory::C09FallsHome));
        assert_eq!(category("proxy"), Some(GrantCategory::Proxy));
        assert_eq!(category("unspecified"), None);
        assert_eq!(category(""), None);
    }
}
