//! Devices: listed, named, told to leave, wiped, by their owner and by the clinic.
//!
//! LEAVE: the device's sessions can push (everything waits in quarantine), pull their purge, and end. WIPE: nothing is
//! answered but an order that the clinic's key signed. Both close its streams on every node at once.

use std::collections::BTreeSet;

use osteon_access_core::Role;
use osteon_proto::{identity as pb, reasons::Reason, sync};

use super::{
    App, Purpose,
    clinic_key::{self, WIPE_CONTEXT, wipe_order},
    enrol::{self, timestamp},
};
use crate::{
    access::Caller,
    error::Error,
    limits,
    store::{
        AccountNo, CircleNo, DeviceNo,
        devices::{CodeRow, Ending, OrderRow, StandingRow},
        identity::DeviceRow,
    },
};

/// Whose devices a request reaches.
enum Reach {
    Own,
    /// Of everybody who is or was a member of the circle.
    Members(BTreeSet<AccountNo>),
}

impl Reach {
    fn holds(&self, caller: &Caller, account: AccountNo) -> bool {
        match self {
            Self::Own => account == caller.account,
            Self::Members(accounts) => accounts.contains(&account),
        }
    }
}

/// Without a circle one's own; in a circle the clinic's people, if the caller is one who looks after devices.
async fn reach(app: &App, caller: &Caller, circle: CircleNo) -> Result<Reach, Error> {
    if circle == 0 {
        return Ok(Reach::Own);
    }
    let member = app.member(caller, circle).await?;
    if !matches!(member.role(), Role::Nurse | Role::ClinicAdmin) {
        app.note(caller, circle, "device", Reason::NotFound.as_str()).await?;
        return Err(Error::not_found());
    }
    Ok(Reach::Members(member.access.members().iter().map(|row| row.account).collect()))
}

/// The device, if the request reaches it; somebody else's looks like one that does not exist.
async fn target(app: &App, caller: &Caller, circle: CircleNo, device: DeviceNo) -> Result<DeviceRow, Error> {
    let reach = reach(app, caller, circle).await?;
    let found = app.store.device(device).await?;
    found.filter(|row| reach.holds(caller, row.account)).ok_or_else(Error::not_found)
}

impl App {
    /// A device's name as it is stored, bound to its key.
    pub(super) fn seal_device_name(&self, key: &[u8], name: &str) -> Vec<u8> {
        self.seal(Purpose::DeviceName, key, name.as_bytes())
    }

    /// Empty where nothing can be read.
    pub(super) fn open_device_name(&self, key: &[u8], sealed: &[u8]) -> String {
        let plain = self.secrets.open(Purpose::DeviceName, key, sealed);
        plain.and_then(|plain| String::from_utf8(plain).ok()).unwrap_or_default()
    }
}

async fn view(app: &App, caller: &Caller, device: &DeviceRow) -> Result<pb::Device, Error> {
    let standing = app.store.device_standing(device.device).await?;
    let at = |ms: u64| (ms != 0).then(|| timestamp(ms));
    let word = match standing.ending {
        Ending::Wipe => pb::DeviceStanding::Wiped,
        _ if device.revoked => pb::DeviceStanding::Left,
        Ending::Leave => pb::DeviceStanding::Leaving,
        Ending::None => pb::DeviceStanding::Enrolled,
    };
    Ok(pb::Device {
        device: device.device,
        account: device.account,
        name: app.open_device_name(&device.key, &device.name),
        created: at(device.created_ms),
        last_seen: at(standing.seen_ms),
        standing: word.into(),
        ordered: at(standing.ordered_ms),
        told: at(standing.told_ms),
        this_device: device.device == caller.device,
    })
}

pub async fn list(
    app: &App,
    caller: &Caller,
    request: &pb::ListDevicesRequest,
) -> Result<pb::ListDevicesResponse, Error> {
    let accounts: Vec<AccountNo> = match reach(app, caller, request.circle).await? {
        Reach::Own => vec![caller.account],
        Reach::Members(accounts) if request.account == 0 => accounts.into_iter().collect(),
        Reach::Members(accounts) if accounts.contains(&request.account) => vec![request.account],
        Reach::Members(_) => return Err(Error::not_found()),
    };
    let mut devices = Vec::new();
    for account in accounts {
        for device in app.store.devices_of(account).await? {
            devices.push(view(app, caller, &device).await?);
        }
    }
    Ok(pb::ListDevicesResponse { devices })
}

pub async fn rename(
    app: &App,
    caller: &Caller,
    request: &pb::RenameDeviceRequest,
) -> Result<pb::RenameDeviceResponse, Error> {
    limits::DEVICE_NAME_BYTES.check(request.name.len())?;
    if request.name.trim().is_empty() || request.name.contains(char::is_control) {
        return Err(Error::field("name", Reason::ArgumentInvalid));
    }
    let mut device = target(app, caller, request.circle, request.device).await?;
    app.note(caller, request.circle, "device.rename", "ok").await?;
    device.name = app.seal_device_name(&device.key, &request.name);
    app.store.rename_device(device.device, &device.name).await?;
    Ok(pb::RenameDeviceResponse { device: Some(view(app, caller, &device).await?) })
}

pub async fn revoke(
    app: &App,
    caller: &Caller,
    request: &pb::RevokeDeviceRequest,
) -> Result<pb::RevokeDeviceResponse, Error> {
    let (ending, action, kind) = match sync::DeviceOrder::try_from(request.order).unwrap_or_default() {
        sync::DeviceOrder::Leave => (Ending::Leave, "device.leave", pb::NoticeKind::DeviceLeaves),
        sync::DeviceOrder::Wipe => (Ending::Wipe, "device.wipe", pb::NoticeKind::DeviceWiped),
        sync::DeviceOrder::Unspecified => return Err(Error::field("order", Reason::ArgumentInvalid)),
    };
    let device = target(app, caller, request.circle, request.device).await?;
    order(app, caller, request.circle, &device, (ending, action, kind)).await?;
    // Read again: it may have been ended by this very call.
    let device = target(app, caller, request.circle, request.device).await?;
    Ok(pb::RevokeDeviceResponse { device: Some(view(app, caller, &device).await?) })
}

async fn order(
    app: &App,
    caller: &Caller,
    circle: CircleNo,
    device: &DeviceRow,
    (ending, action, kind): (Ending, &'static str, pb::NoticeKind),
) -> Result<(), Error> {
    let at_ms = app.now_ms();
    let signature = match ending {
        Ending::Wipe => app.clinic.sign(WIPE_CONTEXT, &wipe_order(device, at_ms))?,
        _ => Vec::new(),
    };
    let notice = app.notice(kind, device.account, device.device, caller.account);
    // Before the effect: what stands in the audit and was not done is seen, what was done and stands nowhere is not.
    app.note(caller, circle, action, "ok").await?;
    let row = OrderRow { device: device.device, ending, at_ms, signature, notice };
    if let Some(families) = app.store.order_device(row).await? {
        app.close_streams(&families);
        if ending == Ending::Leave && device.is_browser() {
            // It has nothing to push and nothing to purge.
            app.store.device_left(device.device, at_ms).await?;
        }
    }
    Ok(())
}

/// A code for a device that was away for long, read out to the person. Stored as a MAC that is bound to the device.
pub async fn sign_in_code(
    app: &App,
    caller: &Caller,
    request: &pb::CreateSignInCodeRequest,
) -> Result<pb::CreateSignInCodeResponse, Error> {
    if request.circle == 0 {
        return Err(Error::field("circle", Reason::ArgumentInvalid));
    }
    let device = target(app, caller, request.circle, request.device).await?;
    if device.account == caller.account {
        return Err(Reason::NotAllowed.into());
    }
    app.note(caller, request.circle, "device.code", "ok").await?;
    let (code, expires_ms) = code(app, &device).await?;
    Ok(pb::CreateSignInCodeResponse { code, expires: Some(timestamp(expires_ms)) })
}

/// The same by whoever runs the server. Returns the code and its end.
pub async fn code(app: &App, device: &DeviceRow) -> Result<(String, u64), Error> {
    if device.revoked {
        return Err(Error::field("device", Reason::ArgumentInvalid));
    }
    let code = enrol::typed_code(app);
    let expires_ms = app.now_ms() + limits::SIGN_IN_CODE_S.max * 1_000;
    let code_mac = code_mac(app, device.device, &code);
    let tries_left = limits::SIGN_IN_CODE_TRIES.max as u8;
    app.store.put_code(CodeRow { device: device.device, code_mac, expires_ms, tries_left }).await?;
    Ok((code, expires_ms))
}

fn code_mac(app: &App, device: DeviceNo, code: &str) -> [u8; 32] {
    app.secrets.invite_mac(&format!("sign-in:{device}"), code)
}

/// Whether the code lets the device in. Uses it up, or counts the try.
pub async fn code_fits(app: &App, device: DeviceNo, typed: &str) -> Result<bool, Error> {
    limits::REASON_BYTES.check(typed.len())?;
    let mac = code_mac(app, device, &enrol::normalise(typed));
    Ok(app.store.use_code(device, mac, app.now_ms()).await?)
}

/// A device that has just proven its key: may it speak? What it is to do instead is the error.
pub async fn may_speak(app: &App, device: &DeviceRow, standing: &StandingRow) -> Result<(), Error> {
    if standing.ending == Ending::Wipe {
        if standing.told_ms == 0 {
            app.store.order_told(device.device, app.now_ms()).await?;
        }
        return Err(clinic_key::wiped(device, standing));
    }
    let over = standing.ending == Ending::Leave
        && app.now_ms().saturating_sub(standing.ordered_ms) > limits::LEAVE_S.max * 1_000;
    if device.revoked || over { Err(Reason::DeviceRevoked.into()) } else { Ok(()) }
}

/// Why a device that holds a token of this family is not heard.
pub async fn refusal(app: &App, device: DeviceNo, otherwise: Reason) -> Result<Error, Error> {
    let standing = app.store.device_standing(device).await?;
    let Some(row) = app.store.device(device).await?.filter(|_| standing.ending != Ending::None) else {
        return Ok(otherwise.into());
    };
    Ok(may_speak(app, &row, &standing).await.err().unwrap_or_else(|| otherwise.into()))
}

impl App {
    /// Streams of these session families end now, on this node and on the others.
    pub fn close_streams(&self, families: &[u64]) {
        self.streams_ended(families);
        self.store.announce_ended(families);
    }

    /// The same on this node alone.
    pub fn streams_ended(&self, families: &[u64]) {
        self.access.forget_sessions();
        for family in families {
            self.hub.revoke(*family);
        }
    }
}
