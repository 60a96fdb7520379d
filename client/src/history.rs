//! Every version that a record ever had: asked of the server, which alone keeps them. A phone holds what is live, and says
//! so without a network.

use osteon_proto::record::{ExplainRecordRequest, ExplainRecordResponse};
use osteon_sync_core::RecordId;

use crate::{
    error::Result,
    phone::Phone,
    transport::{call, with_token},
};

impl Phone {
    /// What the server says about each field: versions, who wrote them, and why the one in force is.
    pub async fn history(&self, circle: u64, record: RecordId) -> Result<ExplainRecordResponse> {
        let (transport, token) = self.online().await?;
        let record_id = uuid::Uuid::from_bytes(record.0).to_string();
        let ask = ExplainRecordRequest { circle, record_id, fields: Vec::new() };
        call(transport.record().explain_record(with_token(ask, &token)?)).await
    }
}
