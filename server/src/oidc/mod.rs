//! A hospital's OpenID provider: what it says of itself (discovery), its keys (bounded, read again when they are old or
//! when a token names one that is not among them), the way to its sign-in page and the exchange of the code.
//!
//! OAuth and PKCE are the `oauth2` crate, signatures `jsonwebtoken` over AWS-LC. What a token has to say is in [`token`].

pub mod http;
pub mod token;

use std::{path::PathBuf, pin::Pin, sync::Arc};

use async_trait::async_trait;
use jsonwebtoken::jwk::Jwk;
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    ExtraTokenFields, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardRevocableToken,
    StandardTokenResponse, TokenUrl,
    basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType},
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

pub use self::token::{Fault, Person};
use crate::{config::is_private, limits};

/// The provider cannot be reached, or answers nothing that can be used. The word is for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreachable(pub &'static str);

/// One request to the provider and its answer, within the limits.
#[async_trait]
pub trait Fetch: Send + Sync + 'static {
    async fn fetch(&self, request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse, Unreachable>;
}

/// Who we are at the provider.
#[derive(Clone)]
pub struct Registration {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Option<ClientSecret>,
    /// Where the provider sends browsers back to.
    pub redirect: String,
}

/// What has to be remembered between the way there and the way back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trip {
    pub nonce: String,
    pub verifier: String,
}

/// Why nobody was signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    Provider(Unreachable),
    Token(Fault),
}

impl From<Unreachable> for Failure {
    fn from(error: Unreachable) -> Self {
        Self::Provider(error)
    }
}

pub struct Provider {
    registration: Registration,
    fetch: Arc<dyn Fetch>,
    known: Mutex<Option<Known>>,
}

/// What the provider said last. Keys are believed for [`limits::PROVIDER_KEYS_S`].
#[derive(Clone)]
struct Known {
    says: Says,
    keys: Arc<Vec<Jwk>>,
    read_ms: u64,
}

/// OpenID Connect Discovery 1.0, section 3; RFC 9207.
#[derive(Clone, Deserialize)]
struct Says {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<serde_json::Value>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct WithIdToken {
    id_token: Option<String>,
}

impl ExtraTokenFields for WithIdToken {}

type Client = oauth2::Client<
    BasicErrorResponse,
    StandardTokenResponse<WithIdToken, BasicTokenType>,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// As the `oauth2` crate calls it.
struct Via(Arc<dyn Fetch>);

impl<'c> oauth2::AsyncHttpClient<'c> for Via {
    type Error = Unreachable;
    type Future = Pin<Box<dyn Future<Output = Result<oauth2::HttpResponse, Unreachable>> + Send + 'c>>;

    fn call(&'c self, request: oauth2::HttpRequest) -> Self::Future {
        self.0.fetch(request)
    }
}

impl Provider {
    #[must_use]
    pub fn new(registration: Registration, fetch: Arc<dyn Fetch>) -> Self {
        Self { registration, fetch, known: Mutex::new(None) }
    }

    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.registration.issuer
    }

    /// The address of the provider's sign-in page for this trip.
    pub async fn way_there(&self, trip: &Trip, state: &str, now_ms: u64) -> Result<String, Unreachable> {
        let known = self.known(now_ms).await?;
        let verifier = verifier(trip)?;
        let (url, _) = self
            .client(&known.says)?
            .authorize_url(|| CsrfToken::new(state.to_owned()))
            .add_scope(Scope::new("openid".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_extra_param("nonce", trip.nonce.clone())
            .url();
        Ok(url.into())
    }

    /// Exchanges the code and says who came back. `iss`: as the provider's answer named itself (RFC 9207).
    pub async fn who(&self, trip: &Trip, code: &str, iss: Option<&str>, now_ms: u64) -> Result<Person, Failure> {
        let known = self.known(now_ms).await?;
        let named = iss.is_some() || known.says.authorization_response_iss_parameter_supported;
        if named && iss != Some(self.issuer()) {
            return Err(Failure::Token(Fault::Issuer));
        }
        let client = self.client(&known.says)?;
        let fetch = Via(Arc::clone(&self.fetch));
        let exchange = client.exchange_code(AuthorizationCode::new(code.to_owned()));
        let answer = exchange.set_pkce_verifier(verifier(trip)?).request_async(&fetch).await;
        let answer = answer.map_err(|error| match error {
            oauth2::RequestTokenError::Request(unreachable) => Failure::Provider(unreachable),
            oauth2::RequestTokenError::ServerResponse(_) => Failure::Token(Fault::Code),
            _ => Failure::Provider(Unreachable("the token endpoint answers something else")),
        })?;
        let id_token = answer.extra_fields().id_token.as_deref().ok_or(Failure::Token(Fault::Malformed))?;
        let wants = token::Wants {
            issuer: self.issuer(),
            client_id: &self.registration.client_id,
            nonce: &trip.nonce,
            now_s: now_ms / 1_000,
        };
        match token::verify(id_token, &known.keys, &wants) {
            Err(Fault::Key) => {
                // The provider may have changed its keys since they were read.
                let keys = self.read_again(&known, now_ms).await?;
                token::verify(id_token, &keys, &wants).map_err(Failure::Token)
            }
            verified => verified.map_err(Failure::Token),
        }
    }

    async fn known(&self, now_ms: u64) -> Result<Known, Unreachable> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref()
            && now_ms.saturating_sub(known.read_ms) < limits::PROVIDER_KEYS_S.max * 1_000
        {
            return Ok(known.clone());
        }
        // Never keys that are too old, whatever the provider's troubles are.
        *known = None;
        let says = self.discover().await?;
        let keys = Arc::new(self.keys(&says).await?);
        Ok(known.insert(Known { says, keys, read_ms: now_ms }).clone())
    }

    /// Reads the keys again, unless they were read a moment ago.
    async fn read_again(&self, seen: &Known, now_ms: u64) -> Result<Arc<Vec<Jwk>>, Unreachable> {
        let mut known = self.known.lock().await;
        if let Some(newer) = known.as_ref().filter(|known| known.read_ms > seen.read_ms) {
            return Ok(Arc::clone(&newer.keys));
        }
        if now_ms.saturating_sub(seen.read_ms) < limits::PROVIDER_PAUSE_S.max * 1_000 {
            return Ok(Arc::clone(&seen.keys));
        }
        let keys = Arc::new(self.keys(&seen.says).await?);
        *known = Some(Known { says: seen.says.clone(), keys: Arc::clone(&keys), read_ms: now_ms });
        Ok(keys)
    }

    async fn discover(&self) -> Result<Says, Unreachable> {
        let url = format!("{}/.well-known/openid-configuration", self.issuer().trim_end_matches('/'));
        let says: Says = self.get(&url).await?;
        if says.issuer != self.issuer() {
            return Err(Unreachable("the provider says that it is another issuer"));
        }
        let endpoints = [&says.authorization_endpoint, &says.token_endpoint, &says.jwks_uri];
        if !endpoints.into_iter().all(|url| is_private(url)) {
            return Err(Unreachable("the provider names an endpoint without TLS"));
        }
        Ok(says)
    }

    async fn keys(&self, says: &Says) -> Result<Vec<Jwk>, Unreachable> {
        let Keys { keys } = self.get(&says.jwks_uri).await?;
        if keys.len() > limits::PROVIDER_KEYS.usize() {
            return Err(Unreachable("the provider has too many keys"));
        }
        // Kinds of keys that are not known here are for somebody else.
        Ok(keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect())
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, url: &str) -> Result<T, Unreachable> {
        let request = ::http::Request::get(url).header("accept", "application/json").body(Vec::new());
        let answer = self.fetch.fetch(request.map_err(|_| Unreachable("an address of the provider is none"))?).await?;
        if answer.status() != ::http::StatusCode::OK {
            return Err(Unreachable("the provider answers with another status"));
        }
        serde_json::from_slice(answer.body()).map_err(|_| Unreachable("the provider answers something else"))
    }

    fn client(&self, says: &Says) -> Result<Client, Unreachable> {
        let bad = |_| Unreachable("an address of the provider is none");
        let mut client = oauth2::Client::new(ClientId::new(self.registration.client_id.clone()))
            .set_auth_uri(AuthUrl::new(says.authorization_endpoint.clone()).map_err(bad)?)
            .set_token_uri(TokenUrl::new(says.token_endpoint.clone()).map_err(bad)?)
            .set_redirect_uri(RedirectUrl::new(self.registration.redirect.clone()).map_err(bad)?);
        if let Some(secret) = &self.registration.client_secret {
            client = client.set_client_secret(secret.clone());
        }
        let methods = says.token_endpoint_auth_methods_supported.as_deref();
        let basic = methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
        let auth = if basic && self.registration.client_secret.is_some() {
            AuthType::BasicAuth
        } else {
            AuthType::RequestBody
        };
        Ok(client.set_auth_type(auth))
    }
}

/// RFC 7636: 43 to 128 characters; the crate asserts it.
fn verifier(trip: &Trip) -> Result<PkceCodeVerifier, Unreachable> {
    if (43..=128).contains(&trip.verifier.len()) {
        Ok(PkceCodeVerifier::new(trip.verifier.clone()))
    } else {
        Err(Unreachable("the verifier has another length"))
    }
}

/// The secret of a file, without the line's end.
pub fn secret(path: &PathBuf) -> anyhow::Result<ClientSecret> {
    use anyhow::Context;
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(ClientSecret::new(text.trim_end().to_owned()))
}
