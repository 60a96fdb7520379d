//! What a member is told about their own account: a copy of a device, a new device, a device sent away. Shown at the next
//! contact (a count in Hello and GetMe), until a person says that they saw it.

use std::collections::BTreeMap;

use osteon_proto::identity as pb;

use super::{App, enrol::timestamp};
use crate::{
    access::Caller,
    error::Error,
    limits,
    store::devices::{NewNotice, NoticesQuery},
};

impl App {
    /// A notice to the owner of a device, now.
    pub fn notice(&self, kind: pb::NoticeKind, account: u64, device: u64, by_account: u64) -> NewNotice {
        NewNotice { account, at_ms: self.now_ms(), kind: kind as u8, device, by_account }
    }
}

pub async fn list(
    app: &App,
    caller: &Caller,
    request: &pb::ListNoticesRequest,
) -> Result<pb::ListNoticesResponse, Error> {
    let limit = match request.page_size {
        0 => limits::PAGE_NOTICES.u32(),
        size => size.min(limits::PAGE_NOTICES.u32()),
    };
    let before = if request.before == 0 { u64::MAX } else { request.before };
    let query = NoticesQuery { account: caller.account, before, all: request.all, limit };
    let rows = app.store.notices(query).await?;
    let mut names: BTreeMap<u64, String> = BTreeMap::new();
    for device in app.store.devices_of(caller.account).await? {
        names.insert(device.device, app.open_device_name(&device.key, &device.name));
    }
    let next_before = if rows.len() == limit as usize { rows.last().map_or(0, |row| row.no) } else { 0 };
    let notice = |row: &crate::store::devices::NoticeRow| pb::Notice {
        number: row.no,
        kind: i32::from(row.notice.kind),
        at: Some(timestamp(row.notice.at_ms)),
        device: row.notice.device,
        device_name: names.get(&row.notice.device).cloned().unwrap_or_default(),
        by_account: row.notice.by_account,
        acknowledged: row.acknowledged_ms != 0,
    };
    Ok(pb::ListNoticesResponse { notices: rows.iter().map(notice).collect(), next_before })
}

pub async fn acknowledge(
    app: &App,
    caller: &Caller,
    request: &pb::AcknowledgeNoticesRequest,
) -> Result<pb::AcknowledgeNoticesResponse, Error> {
    app.store.acknowledge(caller.account, request.up_to, app.now_ms()).await?;
    Ok(pb::AcknowledgeNoticesResponse { unacknowledged: app.store.notices_open(caller.account).await? })
}
