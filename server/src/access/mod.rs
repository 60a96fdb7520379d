//! Who calls, in which role, under which consent. Tokens become a [`Caller`]; a caller and a circle become a
//! [`Member`] with the circle's access state; what they may read becomes a `Scope` of osteon-access-core, and
//! that a [`Proof`], without which the store shows no row.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use osteon_access_core::{Access, LabelId, Role, Viewer, held, scope};
use osteon_sync_core::ledger::Generation;

use crate::{
    app::{App, devices, secrets::sha256},
    error::{Error, Reason},
    store::{AccessRow, AccountNo, CircleNo, CircleRow, devices::Ending, identity::SessionRow},
};

pub mod state;

pub use crate::layers::Caller;
pub use crate::proof::{Proof, Sight, Work};
pub use state::CircleAccess;

/// How long a session is believed without asking the store. Revocation forgets at once on this node.
const SESSION_TTL_MS: u64 = 1_000;
const MAX_CACHED: usize = 65_536;

/// What is kept in memory of sessions and of circles' access states. Never a source of truth: a circle's entry counts
/// only for the generation that the circle's row names.
#[derive(Default)]
pub struct AccessCache {
    sessions: Mutex<HashMap<[u8; 32], (u64, SessionRow)>>,
    circles: Mutex<BTreeMap<CircleNo, Arc<CircleAccess>>>,
}

impl AccessCache {
    /// A session was revoked: believe nothing any more.
    pub fn forget_sessions(&self) {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn session(&self, hash: &[u8; 32], now_ms: u64) -> Option<SessionRow> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.get(hash).filter(|(at, _)| now_ms.saturating_sub(*at) < SESSION_TTL_MS).map(|(_, row)| row.clone())
    }

    fn put_session(&self, hash: [u8; 32], now_ms: u64, row: SessionRow) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= MAX_CACHED {
            sessions.clear();
        }
        sessions.insert(hash, (now_ms, row));
    }

    /// The access state of this generation, decoded once.
    pub fn circle(&self, circle: CircleNo, row: &AccessRow) -> Result<Arc<CircleAccess>, Error> {
        if let Some(known) = self.known(circle, row.generation) {
            return Ok(known);
        }
        let decoded = Arc::new(CircleAccess::decode(row)?);
        let mut circles = self.circles.lock().unwrap_or_else(PoisonError::into_inner);
        if circles.len() >= MAX_CACHED {
            circles.clear();
        }
        circles.insert(circle, Arc::clone(&decoded));
        Ok(decoded)
    }

    /// The circle is gone.
    pub fn forget_circle(&self, circle: CircleNo) {
        self.circles.lock().unwrap_or_else(PoisonError::into_inner).remove(&circle);
    }

    /// The newest access state that was read. It may have moved since: whoever uses it compares the generation in the
    /// transaction that it is used in.
    pub fn newest(&self, circle: CircleNo) -> Option<Arc<CircleAccess>> {
        self.circles.lock().unwrap_or_else(PoisonError::into_inner).get(&circle).cloned()
    }

    pub fn known(&self, circle: CircleNo, generation: u64) -> Option<Arc<CircleAccess>> {
        let circles = self.circles.lock().unwrap_or_else(PoisonError::into_inner);
        circles.get(&circle).filter(|known| known.access.generation() == generation).cloned()
    }
}

/// A caller as a member of one circle.
#[derive(Clone)]
pub struct Member {
    pub circle: CircleNo,
    pub viewer: Viewer,
    pub access: Arc<CircleAccess>,
}

impl Member {
    /// The first role that the account has in the circle; `None` looks like a circle that does not exist.
    pub fn of(circle: CircleNo, account: AccountNo, access: Arc<CircleAccess>) -> Option<Self> {
        let viewer = viewer(&access.access, account)?;
        Some(Self { circle, viewer, access })
    }

    /// What a device of the member may hold now, over the labels that exist in the circle: nothing behind broken glass.
    pub fn scope(&self, now_ms: u64, row: &CircleRow) -> Result<Sight, Error> {
        let held = held(signed(now_ms), &self.viewer, &self.access.access, &labels(row));
        held.map(|scope| Sight::new(self.circle, scope)).map_err(|_| Error::not_found())
    }

    /// What they may read now online.
    pub fn online_scope(&self, now_ms: u64, row: &CircleRow) -> Result<Sight, Error> {
        let scope = scope(signed(now_ms), &self.viewer, &self.access.access, &labels(row));
        scope.map(|scope| Sight::new(self.circle, scope)).map_err(|_| Error::not_found())
    }

    /// Under which generation the member holds a label.
    pub fn generation(&self, label: u64) -> Generation {
        self.access.generation(self.viewer.account, label)
    }

    pub fn role(&self) -> Role {
        self.viewer.role
    }
}

fn labels(row: &CircleRow) -> Vec<LabelId> {
    row.digests.keys().map(|cell| LabelId(cell.label)).collect()
}

/// The account in the first of its roles.
pub fn viewer(access: &Access, account: AccountNo) -> Option<Viewer> {
    access.members().find(|(member, _)| *member == account).map(|(account, role)| Viewer { account, role })
}

/// Times are unsigned here and signed in access-core.
pub fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

impl Caller {
    /// Who a session speaks for.
    pub fn of(session: &SessionRow) -> Self {
        let SessionRow { account, device, clinic, family, leaving, .. } = *session;
        Self { account, device, clinic, family, leaving }
    }
}

/// A token to a caller. Unknown, expired and revoked tokens have reasons of their own: they tell nothing about data.
pub async fn authenticate(app: &App, token: &str) -> Result<Caller, Reason> {
    let now_ms = app.now_ms();
    let hash = sha256(&[token.as_bytes()]);
    let session = match app.access.session(&hash, now_ms) {
        Some(session) => session,
        None => {
            let found = app.store.session_by_access(hash).await.map_err(|_| Reason::Internal)?;
            let session = found.ok_or(Reason::TokenUnknown)?;
            app.access.put_session(hash, now_ms, session.clone());
            session
        }
    };
    if session.revoked {
        let standing = app.store.device_standing(session.device).await.map_err(|_| Reason::Internal)?;
        return Err(if standing.ending == Ending::Wipe { Reason::DeviceWiped } else { Reason::SessionRevoked });
    }
    if now_ms >= session.access_expires_ms {
        return Err(Reason::TokenExpired);
    }
    Ok(Caller::of(&session))
}

/// A refusal as it is answered: a device that is to be wiped gets the signed order with it.
pub async fn refusal(app: &App, token: &str, reason: Reason) -> Error {
    if reason != Reason::DeviceWiped {
        return Error::new(reason);
    }
    match app.store.session_by_access(sha256(&[token.as_bytes()])).await {
        Ok(Some(session)) => devices::refusal(app, session.device, reason).await.unwrap_or_else(|error| error),
        Ok(None) => Error::new(Reason::TokenUnknown),
        Err(error) => error.into(),
    }
}
