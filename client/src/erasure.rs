//! Asking the clinic to erase everything (GDPR, Article 17). A record like any other: written without a network, seen by
//! whoever reads the patient's identity, answered by the clinic, taken back by whoever asked.

use osteon_proto::{care, split::close};
use osteon_sync_core::lifecycle::State as Life;
use prost::Message;

use crate::{
    error::{Error, Result},
    phone::Phone,
    records::{NewRecord, Saved},
    views::{FieldView, RecordView},
};

pub(crate) const ERASURE_REQUEST: u32 = 265;

/// One that stands.
#[derive(Clone, PartialEq, Debug)]
pub struct ErasureRequest {
    pub record: osteon_sync_core::RecordId,
    /// YYYY-MM-DD, the patient's day.
    pub asked_on: String,
    pub why: Option<String>,
    /// What holds; `None` as well while two answers stand side by side.
    pub answer: Option<care::ErasureAnswer>,
    pub disputed: bool,
    pub unsent: bool,
}

impl Phone {
    /// What was asked and not taken back, the oldest first.
    pub async fn erasure_requests(&self, circle: u64) -> Result<Vec<ErasureRequest>> {
        let now_ms = self.now_ms();
        let state = self.read().await?;
        let view = state.enrolled()?.view(circle, now_ms)?;
        let mut found: Vec<ErasureRequest> = view.of_type(ERASURE_REQUEST).iter().map(request).collect();
        found.sort_by(|a, b| (&a.asked_on, a.record).cmp(&(&b.asked_on, b.record)));
        Ok(found)
    }

    /// Asks. `asked_on`: the patient's day, YYYY-MM-DD. Whether one stands already, the caller looks.
    pub async fn ask_erasure(&self, circle: u64, asked_on: &str, why: Option<&str>) -> Result<Saved> {
        let asked = care::ErasureRequest {
            asked_on: Some(asked_on.to_owned()),
            why: why.map(str::to_owned),
            ..Default::default()
        };
        let body = close(ERASURE_REQUEST, &asked.encode_to_vec());
        self.create(circle, &NewRecord { body, label_choice: 0, record: None }, "").await
    }

    /// Takes every one back that stands. The last one saved; `NoRecord`: none stood.
    pub async fn take_back_erasure(&self, circle: u64) -> Result<Saved> {
        let mut last = None;
        for one in self.erasure_requests(circle).await? {
            let form = self.open_form(circle, one.record).await?;
            last = Some(self.end(&form, Life::Deleted, "").await?);
        }
        last.ok_or(Error::NoRecord)
    }
}

fn request(record: &RecordView) -> ErasureRequest {
    let body: care::ErasureRequest = record.in_force();
    ErasureRequest {
        record: record.record,
        asked_on: body.asked_on.unwrap_or_default(),
        why: body.why,
        answer: body.answer,
        disputed: record.field("answer").is_some_and(FieldView::disputed),
        unsent: record.unsent,
    }
}
