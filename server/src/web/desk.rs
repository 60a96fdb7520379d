//! The desk: what the sign-in page's script asks. Every question is a POST of JSON from a page of ours (the same proof as
//! for a gRPC call with a cookie), limited by address, and answered in JSON. The page itself and the way back from a
//! hospital are plain GETs.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    response::Response,
    routing::{get, post},
};
use futures_util::FutureExt;
use http::{HeaderMap, header};
use osteon_proto::meta;
use serde_json::json;

use super::{
    Place,
    answer::{json, refusal, with_cookie},
    demo, hospital, pages, portal,
};
use crate::{
    app::{App, browser, sessions},
    config::Config,
    error::{Error, Reason},
    layers::{Caller, Peer, cookie, gate::Gate},
    limits,
    oidc::Provider,
};

/// Everything that the desk works with.
pub(super) struct Desk {
    pub(super) app: Arc<App>,
    pub(super) gate: Arc<Gate>,
    pub(super) place: Place,
    pub(super) provider: Option<(Provider, String)>,
    #[cfg(feature = "passkeys")]
    pub(super) site: crate::app::passkeys::Site,
}

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    Ways,
    Passkey(PasskeyAsk),
    HospitalBegin,
    Me,
    SignOut,
}

/// What a build without passkeys answers with UNSUPPORTED.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PasskeyAsk {
    EnrolBegin,
    EnrolFinish,
    AnotherBegin,
    AnotherFinish,
    SignInBegin,
    SignInFinish,
}

const ASKS: [(&str, Ask); 10] = [
    ("/web/ways", Ask::Ways),
    ("/web/enrol/begin", Ask::Passkey(PasskeyAsk::EnrolBegin)),
    ("/web/enrol/finish", Ask::Passkey(PasskeyAsk::EnrolFinish)),
    ("/web/passkey/begin", Ask::Passkey(PasskeyAsk::AnotherBegin)),
    ("/web/passkey/finish", Ask::Passkey(PasskeyAsk::AnotherFinish)),
    ("/web/sign-in/begin", Ask::Passkey(PasskeyAsk::SignInBegin)),
    ("/web/sign-in/finish", Ask::Passkey(PasskeyAsk::SignInFinish)),
    ("/web/hospital/begin", Ask::HospitalBegin),
    ("/web/me", Ask::Me),
    ("/web/sign-out", Ask::SignOut),
];

/// The pages and questions of browsers.
pub fn browser(config: &Config, app: Arc<App>, gate: Arc<Gate>, place: Place) -> anyhow::Result<Router> {
    let desk = Arc::new(Desk {
        app,
        gate,
        provider: config.oidc.as_ref().map(|oidc| hospital::provider(oidc, &place)).transpose()?,
        #[cfg(feature = "passkeys")]
        site: crate::app::passkeys::Site::new(&place.domain, &place.origins)?,
        place,
    });
    let mut router = pages::router();
    for (path, ask) in ASKS {
        let asked =
            move |State(desk): State<Arc<Desk>>, request: Request| async move { desk.asked(path, ask, request).await };
        router = router.route(path, post(asked));
    }
    let back = |State(desk): State<Arc<Desk>>, request: Request| async move { desk.back(request).await };
    let link = |State(desk): State<Arc<Desk>>, link: Path<String>, request: Request| async move {
        desk.link(link, request).await
    };
    let headers = pages::Headers::of(&desk.place);
    Ok(router
        .route(hospital::BACK, get(back))
        .route(demo::LINK, get(link))
        .layer(axum::middleware::map_response(move |answer: Response| std::future::ready(headers.on(answer))))
        .with_state(desk))
}

impl Desk {
    async fn asked(&self, path: &'static str, ask: Ask, request: Request) -> Response {
        let work = std::panic::AssertUnwindSafe(self.handle(ask, request)).catch_unwind();
        let timed = tokio::time::timeout(limits::CALL_S.duration(), work).await;
        let done = timed.unwrap_or_else(|_| Ok(Err(Reason::Deadline.into())));
        done.unwrap_or_else(|_| Err(Error::internal("a handler panicked"))).unwrap_or_else(|error| {
            self.gate.authenticator.denied(None, None, path, error.reason());
            refusal(error)
        })
    }

    /// Who knocks: not too often, and from a page of ours.
    pub(super) fn admit(&self, request: &Request) -> Result<(), Error> {
        let network = request.extensions().get::<Peer>().map_or(0, Peer::network);
        self.gate.rates.open(network, self.app.now_ms())
    }

    async fn handle(&self, ask: Ask, request: Request) -> Result<Response, Error> {
        self.admit(&request)?;
        let (parts, body) = request.into_parts();
        if !self.gate.own.proves(&parts.headers) {
            return Err(Reason::CrossSite.into());
        }
        let is_json = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
        if !is_json {
            return Err(Reason::MalformedMessage.into());
        }
        let body = axum::body::to_bytes(body, limits::WEB_BODY_BYTES.usize()).await;
        let body = body.map_err(|_| Error::over(Reason::MessageTooLarge, &limits::WEB_BODY_BYTES))?;
        match ask {
            Ask::Ways => self.ways(),
            Ask::Me => self.me(&parts.headers).await,
            Ask::SignOut => self.sign_out(&parts.headers).await,
            Ask::HospitalBegin => self.leave(&body).await,
            #[cfg(feature = "passkeys")]
            Ask::Passkey(ask) => self.passkey(ask, &parts.headers, &body).await,
            #[cfg(not(feature = "passkeys"))]
            Ask::Passkey(_) => Err(Reason::Unsupported.into()),
        }
    }

    /// How one can sign in here.
    fn ways(&self) -> Result<Response, Error> {
        let hospital = self.provider.as_ref().map(|(_, name)| name);
        json(&json!({"passkeys": cfg!(feature = "passkeys"), "hospital": hospital, "portal": portal::is_there()}))
    }

    /// Who the cookie says it is.
    pub(super) async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Error> {
        let token = cookie::session(headers).ok_or(Reason::TokenMissing)?;
        let caller = browser::authenticate(&self.app, token, true).await.map_err(|reason| match reason {
            Reason::Internal => Error::internal("authentication"),
            reason => reason.into(),
        })?;
        self.gate.rates.known(&caller, self.app.now_ms())?;
        Ok(caller)
    }

    async fn me(&self, headers: &HeaderMap) -> Result<Response, Error> {
        let caller = self.caller(headers).await?;
        let me = sessions::me(&self.app, &caller).await?;
        let ends = browser::ends_of(&self.app, cookie::session(headers).unwrap_or_default()).await?;
        let role = |role: i32| {
            let name = meta::Role::try_from(role).unwrap_or_default().as_str_name();
            name.trim_start_matches("ROLE_").to_ascii_lowercase().replace('_', " ")
        };
        let circles: Vec<_> =
            me.circles.iter().map(|circle| json!({"circle": circle.short_id, "role": role(circle.role)})).collect();
        json(&json!({
            "account": me.account, "device": me.device, "circles": circles,
            "idle_ms": ends.idle_ms, "absolute_ms": ends.absolute_ms,
        }))
    }

    async fn sign_out(&self, headers: &HeaderMap) -> Result<Response, Error> {
        // Whatever state the session is in: the cookie goes.
        match self.caller(headers).await {
            Ok(caller) => sessions::end(&self.app, &caller).await?,
            Err(error) if error.reason() == Reason::Internal => return Err(error),
            Err(_) => {}
        }
        with_cookie(json(&json!({}))?, cookie::clear(cookie::SESSION))
    }

    async fn back(&self, request: Request) -> Response {
        let back = match self.admit(&request) {
            Ok(()) => self.came_back(request.headers(), request.uri().query().unwrap_or_default()).await,
            Err(error) => Err(error),
        };
        back.unwrap_or_else(|error| {
            self.gate.authenticator.denied(None, None, hospital::BACK, error.reason());
            let answer = pages::refused(&error);
            // Counted and logged like every refusal.
            drop(error.into_status());
            answer
        })
    }
}
