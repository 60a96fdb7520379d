//! The desk's part of a sign-in at the hospital: the way there, and the page to which the provider sends the browser back.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use url::form_urlencoded;

use super::{
    Place,
    answer::{json, parse, signed_in, with_cookie},
    desk::Desk,
    pages,
};
use crate::{
    app::hospital,
    config::OidcSettings,
    error::{Error, Reason},
    layers::cookie,
    oidc::{self, Provider, Registration, http::Https},
};

/// Where the provider sends browsers back to; registered there.
pub(super) const BACK: &str = "/web/hospital/back";
/// What the browser keeps on its way. Lax: the way back begins at another site.
const KEPT: &str = "__Host-osteon-hospital";

/// The provider of the settings, with the name of its button.
pub(super) fn provider(settings: &OidcSettings, place: &Place) -> anyhow::Result<(Provider, String)> {
    let registration = Registration {
        issuer: settings.issuer.clone(),
        client_id: settings.client_id.clone(),
        client_secret: settings.client_secret_file.as_ref().map(oidc::secret).transpose()?,
        redirect: format!("{}{BACK}", place.origin()),
    };
    let https = Https::new(settings.ca.as_deref())?;
    let name = settings.name.clone().unwrap_or_else(|| "the hospital".to_owned());
    Ok((Provider::new(registration, Arc::new(https)), name))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begin {
    /// For the first time.
    #[serde(default)]
    code: String,
    #[serde(default)]
    circle: String,
}

impl Desk {
    fn provider(&self) -> Result<&Provider, Error> {
        self.provider.as_ref().map(|(provider, _)| provider).ok_or_else(|| Reason::Unsupported.into())
    }

    pub(super) async fn leave(&self, body: &[u8]) -> Result<Response, Error> {
        let Begin { code, circle } = parse(body)?;
        let invite = (!code.is_empty()).then_some((code.as_str(), circle.as_str()));
        let leave = hospital::leave(&self.app, self.provider()?, invite).await?;
        with_cookie(json(&json!({"url": leave.url}))?, cookie::set(KEPT, &leave.keep, true))
    }

    /// The query is the provider's: `code` and `state`, or `error`.
    pub(super) async fn came_back(&self, headers: &HeaderMap, query: &str) -> Result<Response, Error> {
        let word = |name: &str| {
            let mut found = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
            let first = found.next().map(|(_, value)| value.into_owned());
            if found.next().is_some() { None } else { first }
        };
        let (state, code, iss) = (word("state"), word("code"), word("iss"));
        let (Some(state), Some(code)) = (state, code) else { return Err(Reason::ChallengeInvalid.into()) };
        let kept = cookie::named(headers, KEPT);
        let back = hospital::Back { state: &state, code: &code, iss: iss.as_deref(), kept };
        let opened = hospital::back(&self.app, self.provider()?, &back).await?;
        let answer = (StatusCode::SEE_OTHER, [(header::LOCATION, format!("../../{}", pages::home()))]).into_response();
        with_cookie(signed_in(&opened, answer)?, cookie::clear(KEPT))
    }
}
