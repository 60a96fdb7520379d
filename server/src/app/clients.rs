//! Which version a device's program has, and the lowest that may write. A device says its version in Hello, which is kept
//! with its health, so that a restart or another node knows it too; a push of one that is too old is refused before anything
//! of it is looked at. Reading goes on: an old app still shows the plan and what is urgent.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError, RwLock},
};

use osteon_proto::{reasons::Reason, sync};
use prost::Message;

use super::App;
use crate::{error::Error, store::DeviceNo};

/// The lowest client version that may write, unless the operator asks for a higher one.
pub const MIN_CLIENT: &str = "0.1.0";
const MAX_CACHED: usize = 65_536;

/// Major, minor, patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u32, u32, u32);

impl Version {
    /// `1.2.3`, also behind a program's name (`osteon-client/1.2.3`) and before a suffix (`1.2.3-beta`). Who says nothing of
    /// this form (a script) has no version.
    pub fn parse(text: &str) -> Option<Self> {
        let version = text.rsplit('/').next()?;
        let core = version.split(['-', '+', ' ']).next()?;
        let mut numbers = core.split('.').map(|n| n.parse().ok());
        let version = Self(numbers.next()??, numbers.next()??, numbers.next()??);
        numbers.next().is_none().then_some(version)
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

pub struct Clients {
    min: RwLock<Version>,
    known: Mutex<BTreeMap<DeviceNo, Option<Version>>>,
}

impl Default for Clients {
    fn default() -> Self {
        let min = Version::parse(MIN_CLIENT).unwrap_or(Version(0, 0, 0));
        Self { min: RwLock::new(min), known: Mutex::default() }
    }
}

impl Clients {
    pub fn min(&self) -> Version {
        *self.min.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set_min(&self, min: Version) {
        *self.min.write().unwrap_or_else(PoisonError::into_inner) = min;
    }

    /// What a device has said of itself.
    pub fn said(&self, device: DeviceNo, version: Option<Version>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_CACHED {
            known.clear();
        }
        known.insert(device, version);
    }

    fn known(&self, device: DeviceNo) -> Option<Option<Version>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&device).copied()
    }

    fn takes(&self, version: Option<Version>) -> bool {
        version.is_none_or(|version| version >= self.min())
    }
}

/// The health of a device as it is kept, in clear: numbers, and versions of a form that holds nobody's words. Of the program
/// what decides is what is kept, the version of the one that speaks.
pub fn kept(mut health: sync::DeviceHealth, version: Option<Version>) -> sync::DeviceHealth {
    const LONGEST: usize = 32;
    health.app_version = version.map(|version| version.to_string()).unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    if health.rule_set_version.len() > LONGEST || !health.rule_set_version.bytes().all(plain) {
        health.rule_set_version = String::new();
    }
    health
}

/// The version in a Hello: of the program that speaks, else of the app that it reports.
pub fn version_of(request: &sync::HelloRequest) -> Option<Version> {
    let app = request.health.as_ref().and_then(|health| Version::parse(&health.app_version));
    Version::parse(&request.client).or(app)
}

/// `Ok`: the device's program may write.
pub async fn may_write(app: &App, device: DeviceNo) -> Result<(), Error> {
    if device == 0 || app.clients.known(device).is_some_and(|version| app.clients.takes(version)) {
        return Ok(());
    }
    // Unknown here, or it has said Hello to another node since it was updated.
    let row = app.store.health_of(&[device]).await?.pop();
    let health = row.and_then(|row| sync::DeviceHealth::decode(row.health.as_slice()).ok());
    let version = health.and_then(|health| Version::parse(&health.app_version));
    app.clients.said(device, version);
    if app.clients.takes(version) { Ok(()) } else { Err(Reason::ClientTooOld.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers_and_not_texts() {
        let version = |text| Version::parse(text).unwrap();
        assert!(version("0.10.0") > version("0.9.9"));
        assert_eq!(version("osteon-client/1.2.3"), version("1.2.3"));
        assert_eq!(version("1.2.3-beta.1+build"), version("1.2.3"));
        assert_eq!(version("1.2.3").to_string(), "1.2.3");
        for none in ["", "grpcurl", "1.2", "1.2.3.4", "v1.2.3", "1.2.x"] {
            assert_eq!(Version::parse(none), None, "{none}");
        }
    }

    #[test]
    fn of_the_health_of_a_device_no_words_are_kept() {
        let said = |app: &str, rules: &str| sync::DeviceHealth {
            app_version: app.into(),
            rule_set_version: rules.into(),
            outbox_count: 3,
            ..Default::default()
        };
        assert_eq!(kept(said("1.2.3-for Anna", "12.1"), Version::parse("1.2.3-for Anna")), said("1.2.3", "12.1"));
        let long = "1".repeat(33);
        for rules in ["for Anna", &long, "12 "] {
            assert_eq!(kept(said("Anna", rules), None), said("", ""));
        }
    }

    #[test]
    fn who_says_no_version_may_write() {
        let clients = Clients::default();
        clients.set_min(Version(2, 0, 0));
        assert!(clients.takes(None) && clients.takes(Some(Version(2, 0, 0))));
        assert!(!clients.takes(Some(Version(1, 9, 9))));
    }
}
