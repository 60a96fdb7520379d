//! The way in of a demo: a link that was printed where the demo was started, once.

use axum::{
    extract::{Path, Request},
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, header};

use super::{answer::signed_in, desk::Desk, pages};
use crate::{app::demo_links, error::Error};

/// Where a link leads.
pub(super) const LINK: &str = "/web/demo/{link}";

impl Desk {
    /// Whoever only looks where a link leads does not use it up.
    pub(super) async fn link(&self, Path(link): Path<String>, request: Request) -> Response {
        if request.method() == Method::HEAD {
            return StatusCode::OK.into_response();
        }
        let done = match self.admit(&request) {
            Ok(()) => self.follow(&link).await,
            Err(error) => Err(error),
        };
        done.unwrap_or_else(|error| {
            self.gate.authenticator.denied(None, None, "/web/demo", error.reason());
            let answer = pages::refused(&error);
            // Counted and logged like every refusal.
            drop(error.into_status());
            answer
        })
    }

    async fn follow(&self, link: &str) -> Result<Response, Error> {
        let opened = demo_links::follow(&self.app, link).await?;
        // Relative: the server may stand under a path of a proxy.
        let to = format!("../../{}", pages::home());
        signed_in(&opened, (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
    }
}
