//! A hospital's provider in memory: discovery, keys, code and PKCE as they should be, and ID tokens that a test can
//! bend before they are signed.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use aws_lc_rs::{
    digest, hmac,
    rand::SystemRandom,
    signature::{EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use osteon_server::oidc::{Fetch, Unreachable};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::fixture::fresh_key;

pub(crate) const ISSUER: &str = "https://login.hospital.example";
pub(crate) const CLIENT: &str = "osteon";
pub(crate) const SECRET: &str = "the client's secret";
pub(crate) const REDIRECT: &str = "https://localhost:8443/web/hospital/back";

/// How a token is signed.
pub(crate) enum Sign {
    /// With the key of this name.
    With(&'static str),
    /// With the client's secret.
    Hmac,
    Not,
}

/// An ID token before it is signed.
pub(crate) struct Token {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) sign: Sign,
    /// Stands for the whole, if it is not empty.
    pub(crate) raw: String,
}

/// What was asked at the sign-in page.
struct Asked {
    nonce: String,
    challenge: String,
}

pub(crate) type Bend<T> = Box<dyn Fn(&mut T) + Send>;

pub(crate) struct Liar {
    keys: BTreeMap<&'static str, EcdsaKeyPair>,
    /// Those that it publishes, in this order.
    pub(crate) published: Mutex<Vec<&'static str>>,
    asked: Mutex<BTreeMap<String, Asked>>,
    pub(crate) subject: Mutex<String>,
    pub(crate) now_s: Mutex<u64>,
    pub(crate) bend_token: Mutex<Option<Bend<Token>>>,
    pub(crate) bend_discovery: Mutex<Option<Bend<Value>>>,
    pub(crate) bend_keys: Mutex<Option<Bend<Value>>>,
    pub(crate) down: Mutex<bool>,
    pub(crate) key_reads: AtomicU64,
}

fn set<T>(place: &Mutex<T>, value: T) {
    *place.lock().expect("no panic") = value;
}

impl Liar {
    pub(crate) fn new(now_ms: u64) -> Self {
        Self {
            keys: ["one", "two", "three"].into_iter().map(|name| (name, fresh_key())).collect(),
            published: Mutex::new(vec!["one", "two"]),
            asked: Mutex::default(),
            subject: Mutex::new("anna".into()),
            now_s: Mutex::new(now_ms / 1_000),
            bend_token: Mutex::default(),
            bend_discovery: Mutex::default(),
            bend_keys: Mutex::default(),
            down: Mutex::default(),
            key_reads: AtomicU64::new(0),
        }
    }

    pub(crate) fn lie(&self, bend: impl Fn(&mut Token) + Send + 'static) {
        set(&self.bend_token, Some(Box::new(bend)));
    }

    pub(crate) fn truth(&self) {
        set(&self.bend_token, None);
        set(&self.bend_discovery, None);
        set(&self.bend_keys, None);
        set(&self.down, false);
    }

    /// The person signs in: the way back's state and code.
    pub(crate) fn sign_in(&self, url: &str) -> (String, String) {
        let url = Url::parse(url).expect("an address");
        assert!(url.as_str().starts_with(&format!("{ISSUER}/authorize?")));
        let words: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("redirect_uri", REDIRECT),
            ("scope", "openid"),
            ("code_challenge_method", "S256"),
        ] {
            assert_eq!(words.get(name).map(String::as_str), Some(value), "{name}");
        }
        assert!(words["state"].len() >= 43 && words["nonce"].len() >= 43);
        let mut asked = self.asked.lock().expect("no panic");
        let code = format!("code-{}", asked.len());
        let what = Asked { nonce: words["nonce"].clone(), challenge: words["code_challenge"].clone() };
        asked.insert(code.clone(), what);
        (words["state"].clone(), code)
    }

    fn discovery(&self) -> Value {
        let mut says = json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/authorize"),
            "token_endpoint": format!("{ISSUER}/token"),
            "jwks_uri": format!("{ISSUER}/jwks"),
        });
        if let Some(bend) = &*self.bend_discovery.lock().expect("no panic") {
            bend(&mut says);
        }
        says
    }

    fn jwks(&self) -> Value {
        self.key_reads.fetch_add(1, Ordering::Relaxed);
        let key = |name: &&'static str| {
            let point = self.keys[name].public_key().as_ref();
            json!({"kty": "EC", "crv": "P-256", "kid": name, "alg": "ES256", "use": "sig",
                   "x": B64.encode(&point[1..33]), "y": B64.encode(&point[33..65])})
        };
        // One of a kind that nobody here knows, and the published ones.
        let mut keys = vec![json!({"kty": "quantum", "kid": "q"})];
        keys.extend(self.published.lock().expect("no panic").iter().map(key));
        let mut set = json!({ "keys": keys });
        if let Some(bend) = &*self.bend_keys.lock().expect("no panic") {
            bend(&mut set);
        }
        set
    }

    fn token(&self, nonce: &str) -> String {
        let now = *self.now_s.lock().expect("no panic");
        let mut token = Token {
            header: json!({"alg": "ES256", "typ": "JWT", "kid": "one"}),
            claims: json!({"iss": ISSUER, "sub": *self.subject.lock().expect("no panic"), "aud": CLIENT, "nonce": nonce,
                           "iat": now, "exp": now + 300}),
            sign: Sign::With("one"),
            raw: String::new(),
        };
        if let Some(bend) = &*self.bend_token.lock().expect("no panic") {
            bend(&mut token);
        }
        if !token.raw.is_empty() {
            return token.raw;
        }
        let part = |value: &Value| B64.encode(value.to_string());
        let signed = format!("{}.{}", part(&token.header), part(&token.claims));
        let signature = match token.sign {
            Sign::With(name) => {
                self.keys[name].sign(&SystemRandom::new(), signed.as_bytes()).expect("signed").as_ref().to_vec()
            }
            Sign::Hmac => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
                hmac::sign(&key, signed.as_bytes()).as_ref().to_vec()
            }
            Sign::Not => Vec::new(),
        };
        format!("{signed}.{}", B64.encode(signature))
    }

    fn exchange(&self, request: &oauth2::HttpRequest) -> Result<Value, Value> {
        let words: BTreeMap<String, String> = form_urlencoded::parse(request.body()).into_owned().collect();
        let word = |name: &str| words.get(name).map(String::as_str).unwrap_or_default();
        let asked = self.asked.lock().expect("no panic").remove(word("code"));
        let asked = asked.ok_or_else(|| json!({"error": "invalid_grant"}))?;
        let verified = B64.encode(digest::digest(&digest::SHA256, word("code_verifier").as_bytes()));
        let known = request.headers().get("authorization").is_some_and(|value| value.as_bytes().starts_with(b"Basic "));
        if verified != asked.challenge || word("redirect_uri") != REDIRECT || !known {
            return Err(json!({"error": "invalid_grant"}));
        }
        Ok(json!({"access_token": "unused", "token_type": "Bearer", "id_token": self.token(&asked.nonce)}))
    }
}

#[async_trait]
impl Fetch for Liar {
    async fn fetch(&self, request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse, Unreachable> {
        if *self.down.lock().expect("no panic") {
            return Err(Unreachable("down"));
        }
        let path = request.uri().to_string();
        let (status, body) = match path.strip_prefix(ISSUER).unwrap_or_default() {
            "/.well-known/openid-configuration" => (200, self.discovery()),
            "/jwks" => (200, self.jwks()),
            "/token" => self.exchange(&request).map_or_else(|error| (400, error), |answer| (200, answer)),
            _ => (404, json!({})),
        };
        let answer = http::Response::builder().status(status).header("content-type", "application/json");
        Ok(answer.body(body.to_string().into_bytes()).expect("an answer"))
    }
}
