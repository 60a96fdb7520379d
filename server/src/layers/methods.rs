//! Every method of the contracts, read once from the descriptors: its path, whether it streams, whether it needs a token.

use std::collections::BTreeMap;

use prost_reflect::{DescriptorPool, Kind};

use super::shape::{ShapeId, Shapes};

/// Methods that are called without a token: they are how one gets a token.
const OPEN: [&str; 5] = [
    "/osteon.identity.v1.EnrolmentService/BeginEnrolment",
    "/osteon.identity.v1.EnrolmentService/FinishEnrolment",
    "/osteon.identity.v1.SessionService/RefreshSession",
    "/osteon.identity.v1.SessionService/BeginSession",
    "/osteon.identity.v1.SessionService/FinishSession",
];

/// What a device that was told to leave may still call: say where it stands, push, pull its purge, end.
const LEAVING: [&str; 4] = [
    "/osteon.sync.v1.SyncService/Hello",
    "/osteon.sync.v1.SyncService/Push",
    "/osteon.sync.v1.SyncService/Pull",
    "/osteon.identity.v1.SessionService/EndSession",
];

/// Services of the field's own standards, open to everybody: they say nothing about anybody.
const STANDARD: [&str; 3] =
    ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A valid token.
    Token,
    /// Nobody is known yet; small messages, by address.
    Open,
    /// Health and reflection.
    Standard,
}

#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// `/package.Service/Method`: also the metric's label, so it lives for ever.
    pub path: &'static str,
    pub access: Access,
    pub streams: bool,
    /// Answered to a device that was told to leave.
    pub leaving: bool,
    pub shape: Option<ShapeId>,
    /// The number of the request's field `circle`, for the audit of refusals.
    pub circle: Option<u32>,
}

/// The table.
pub struct Methods {
    known: BTreeMap<&'static str, Method>,
    pub shapes: Shapes,
}

const UNKNOWN: Method =
    Method { path: "other", access: Access::Token, streams: false, leaving: false, shape: None, circle: None };

impl Methods {
    /// Reads the descriptors of the contracts. The table lives as long as the process: call it once.
    pub fn read(descriptors: &[u8]) -> anyhow::Result<Self> {
        let pool = DescriptorPool::decode(descriptors)?;
        let mut shapes = Shapes::default();
        let mut known = BTreeMap::new();
        for method in pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
            let path: &'static str = format!("/{}/{}", method.parent_service().full_name(), method.name()).leak();
            let access = if OPEN.contains(&path) { Access::Open } else { Access::Token };
            let shape = (!method.is_client_streaming()).then(|| shapes.add(&method.input()));
            let (streams, leaving) = (method.is_server_streaming(), LEAVING.contains(&path));
            let circle = method.input().get_field_by_name("circle");
            let circle = circle.filter(|field| field.kind() == Kind::Uint64 && !field.is_list()).map(|f| f.number());
            known.insert(path, Method { path, access, streams, leaving, shape, circle });
        }
        Ok(Self { known, shapes })
    }

    /// The method of a path. What is not in the contracts and not a standard service needs a token like everything else.
    #[must_use]
    pub fn get(&self, path: &str) -> Method {
        if let Some(method) = self.known.get(path) {
            return *method;
        }
        let service = path.strip_prefix('/').and_then(|rest| rest.split('/').next()).unwrap_or_default();
        match STANDARD.iter().find(|name| **name == service) {
            Some(path) => {
                let access = Access::Standard;
                Method { path, access, streams: true, leaving: true, shape: None, circle: None }
            }
            None => UNKNOWN,
        }
    }

    /// Names of the services of the contracts.
    pub fn services(&self) -> impl Iterator<Item = &'static str> {
        let mut names: Vec<_> = self.known.keys().filter_map(|path| path.get(1..)?.split('/').next()).collect();
        names.dedup();
        names.into_iter()
    }

    /// Every method of the contracts, by path.
    pub fn all(&self) -> impl Iterator<Item = &Method> {
        self.known.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_open_methods_are_in_the_contracts_and_nothing_else_is_open() {
        let methods = Methods::read(osteon_proto::FILE_DESCRIPTOR_SET).expect("descriptors");
        let open: Vec<_> =
            methods.all().filter(|method| method.access == Access::Open).map(|method| method.path).collect();
        let mut listed = OPEN;
        listed.sort_unstable();
        assert_eq!(open, listed);
        assert!(methods.all().count() > 15);
    }

    #[test]
    fn alerts_pull_and_series_stream_among_ours_and_strangers_need_a_token() {
        let methods = Methods::read(osteon_proto::FILE_DESCRIPTOR_SET).expect("descriptors");
        let ours: Vec<_> = methods.all().filter(|method| method.streams).map(|method| method.path).collect();
        let streams = [
            "/osteon.alert.v1.AlertService/WatchAlerts",
            "/osteon.live.v1.LiveService/Watch",
            "/osteon.sync.v1.SyncService/Pull",
            "/osteon.timeline.v1.TimelineService/GetSeries",
        ];
        assert_eq!(ours, streams);
        assert!(!methods.get("/osteon.sync.v1.SyncService/Push").streams);
        assert_eq!(methods.get("/grpc.health.v1.Health/Check").access, Access::Standard);
        for path in
            ["/a.b/C", "/", "", "/osteon.identity.v1.EnrolmentService/BeginEnrolment/", "/grpc.health.v1.HealthX/Check"]
        {
            assert_eq!(methods.get(path).access, Access::Token, "{path}");
        }
    }
}
