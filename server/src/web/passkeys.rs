//! The desk's questions about passkeys: JSON in, the use case, JSON and perhaps a cookie out.

use axum::response::Response;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::json;
use webauthn_rs::prelude::{PublicKeyCredential, RegisterPublicKeyCredential};

use super::{
    answer::{json, parse, signed_in},
    desk::{Desk, PasskeyAsk},
};
use crate::{
    app::passkeys::{self, Asked},
    error::Error,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    code: String,
    circle: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered<T> {
    handle: String,
    credential: T,
}

fn asked<T: Serialize>(asked: &Asked<T>) -> Result<Response, Error> {
    json(&json!({"handle": asked.handle, "options": asked.options}))
}

impl Desk {
    pub(super) async fn passkey(&self, ask: PasskeyAsk, headers: &HeaderMap, body: &[u8]) -> Result<Response, Error> {
        let (app, site) = (&*self.app, &self.site);
        match ask {
            PasskeyAsk::EnrolBegin => {
                let Code { code, circle } = parse(body)?;
                asked(&passkeys::begin_enrolment(app, site, &code, &circle).await?)
            }
            PasskeyAsk::AnotherBegin => {
                let caller = self.caller(headers).await?;
                asked(&passkeys::begin_another(app, site, &caller).await?)
            }
            PasskeyAsk::EnrolFinish | PasskeyAsk::AnotherFinish => {
                let another = ask == PasskeyAsk::AnotherFinish;
                let caller = if another { Some(self.caller(headers).await?) } else { None };
                let Answered { handle, credential } = parse::<Answered<RegisterPublicKeyCredential>>(body)?;
                let opened = passkeys::finish_registration(app, site, caller.as_ref(), &handle, &credential).await?;
                let answer = json(&json!({}))?;
                match opened {
                    Some(opened) => signed_in(&opened, answer),
                    None => Ok(answer),
                }
            }
            PasskeyAsk::SignInBegin => asked(&passkeys::begin_sign_in(app, site).await?),
            PasskeyAsk::SignInFinish => {
                let Answered { handle, credential } = parse::<Answered<PublicKeyCredential>>(body)?;
                let opened = passkeys::finish_sign_in(app, site, &handle, &credential).await?;
                signed_in(&opened, json(&json!({}))?)
            }
        }
    }
}
