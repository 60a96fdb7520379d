//! The faces of alerts that a reader may not read: that there is one, how soon, whom to call.

use osteon_proto::{alert as pb, care, table::table};
use osteon_sync_core::RecordId;

use super::{body, text_of};
use crate::{
    app::{alerts::faces, records::Session},
    error::Error,
    limits, store,
};

/// A face, and the alert that it stands for.
pub(super) struct Face(care::AlertFace);

impl Face {
    /// `None`: the alert has moved on, or was closed.
    pub(super) fn listed(&self, open: &[RecordId]) -> Option<pb::RedactedAlert> {
        let Self(face) = self;
        let alert = RecordId(face.alert.as_ref()?.as_ref().try_into().ok()?);
        open.contains(&alert).then(|| pb::RedactedAlert {
            record_id: text_of(alert),
            severity: face.severity.unwrap_or_default(),
            revision: face.revision.unwrap_or_default(),
            raised: face.raised,
            call: face.call.clone(),
            nurse: face.nurse.unwrap_or_default(),
        })
    }
}

/// The reader's own.
pub(super) async fn faces_of(session: &mut Session) -> Result<Vec<Face>, Error> {
    let account = session.member.viewer.account;
    let label = table().get(faces::FACE).and_then(|known| known.record_label(0, account).ok());
    let Some(label) = label.filter(|label| session.scope.reads(*label)) else { return Ok(Vec::new()) };
    let query = store::ListQuery {
        type_number: faces::FACE,
        by_time: true,
        before: None,
        from_ms: 0,
        to_ms: i64::MAX as u64,
        limit: limits::ALERTS_OF_CIRCLE.u32(),
    };
    let rows = session.rows()?.list(query).await?;
    let ids: Vec<RecordId> = rows.iter().filter(|row| row.label == label.0).map(|row| row.record).collect();
    let parts = session.parts(&ids, false).await?;
    Ok(parts.values().filter_map(|parts| Some(Face(body(parts.first()?)))).collect())
}
