//! What a phone holds, as a recording keeps it.

use std::collections::BTreeMap;

use osteon_client::Phone;
use serde_json::{Value, json};

use crate::fixture::NOW;

pub(crate) async fn of(phone: &Phone) -> Value {
    let status = phone.status().await.expect("status");
    let outcomes: Vec<&str> = phone.outcomes().await.expect("outcomes").iter().map(|one| one.outcome.word()).collect();
    let circle = status.circles[0].circle;
    let state = phone.read().await.expect("state");
    let view = state.enrolled().expect("enrolled").view(circle, NOW).expect("joined");
    let records: BTreeMap<String, Value> = view
        .records()
        .iter()
        .map(|record| {
            let fields = record.fields.iter().map(|field| {
                let mut versions: Vec<_> =
                    field.versions.iter().map(|version| version.value.as_deref().map(hex::encode)).collect();
                versions.sort();
                json!([field.number, hex::encode(&field.element), versions])
            });
            let fields: Vec<Value> = fields.collect();
            let said = json!({"type": record.type_number, "active": record.is_active(), "fields": fields});
            (hex::encode(record.record.0), said)
        })
        .collect();
    json!({
        "to_send": status.to_send, "held": status.held, "outcomes": outcomes,
        "drafts": status.drafts.iter().map(|draft| &draft.reason).collect::<Vec<_>>(),
        "up_to_date": status.circles[0].up_to_date, "role": status.circles[0].role,
        "records": records,
    })
}
