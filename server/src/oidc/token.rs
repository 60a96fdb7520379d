//! What an ID token has to say, and be signed with, before it is believed (OpenID Connect Core 1.0, section 3.1.3.7;
//! RFC 8725). The signature is checked by `jsonwebtoken`; times are compared with our clock, which is an argument.

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde::Deserialize;

/// Asymmetric algorithms only: with HS256 whoever knows the client's secret could sign, with none anybody.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];
/// How far the provider's clock may be from ours.
const SKEW_S: u64 = 60;
/// OpenID Connect Core, section 2.
const SUBJECT_MAX: usize = 255;

/// Who the provider says it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub subject: String,
}

/// What was wrong. The words stand in the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Code,
    Malformed,
    Algorithm,
    Key,
    Signature,
    Issuer,
    Audience,
    Nonce,
    Expired,
    NotYetValid,
    Subject,
}

impl Fault {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Code => "code refused",
            Self::Malformed => "malformed",
            Self::Algorithm => "wrong algorithm",
            Self::Key => "unknown key",
            Self::Signature => "wrong signature",
            Self::Issuer => "wrong issuer",
            Self::Audience => "wrong audience",
            Self::Nonce => "wrong nonce",
            Self::Expired => "expired",
            Self::NotYetValid => "not yet valid",
            Self::Subject => "no subject",
        }
    }
}

/// What the token has to be for.
pub struct Wants<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub nonce: &'a str,
    pub now_s: u64,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: Audience,
    azp: Option<String>,
    nonce: Option<String>,
    exp: f64,
    nbf: Option<f64>,
    iat: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Checks the whole token against the provider's keys.
pub fn verify(token: &str, keys: &[Jwk], wants: &Wants<'_>) -> Result<Person, Fault> {
    let header = decode_header(token).map_err(|error| match error.kind() {
        // An algorithm that the crate does not know, "none" among them, is an error of the header's JSON.
        jsonwebtoken::errors::ErrorKind::Json(_) => Fault::Algorithm,
        _ => Fault::Malformed,
    })?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(Fault::Algorithm);
    }
    let key = key(keys, header.kid.as_deref(), header.alg).ok_or(Fault::Key)?;
    let key = DecodingKey::from_jwk(key).map_err(|_| Fault::Key)?;
    let mut validation = Validation::new(header.alg);
    validation.set_issuer(&[wants.issuer]);
    validation.set_audience(&[wants.client_id]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The crate would ask the system's clock.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    let claims = decode::<Claims>(token, &key, &validation).map_err(|error| fault(&error))?.claims;
    at_this_time(&claims, wants.now_s)?;
    if claims.nonce.as_deref() != Some(wants.nonce) {
        return Err(Fault::Nonce);
    }
    let others = match &claims.aud {
        Audience::One(one) => one != wants.client_id,
        Audience::Many(many) => many.iter().any(|aud| aud != wants.client_id),
    };
    // For several at once: only if it was given to us.
    match claims.azp.as_deref() {
        Some(party) if party != wants.client_id => return Err(Fault::Audience),
        None if others => return Err(Fault::Audience),
        _ => {}
    }
    if claims.sub.is_empty() || claims.sub.len() > SUBJECT_MAX {
        return Err(Fault::Subject);
    }
    Ok(Person { subject: claims.sub })
}

fn fault(error: &jsonwebtoken::errors::Error) -> Fault {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidIssuer => Fault::Issuer,
        ErrorKind::InvalidAudience => Fault::Audience,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => Fault::Algorithm,
        ErrorKind::InvalidSignature => Fault::Signature,
        ErrorKind::MissingRequiredClaim(claim) => match claim.as_str() {
            "iss" => Fault::Issuer,
            "aud" => Fault::Audience,
            "exp" => Fault::Expired,
            _ => Fault::Subject,
        },
        _ => Fault::Malformed,
    }
}

fn at_this_time(claims: &Claims, now_s: u64) -> Result<(), Fault> {
    // Seconds, which a provider may write with a fraction (RFC 7519, section 2); JSON has no NaN.
    let (now, skew) = (now_s as f64, SKEW_S as f64);
    if claims.exp <= now - skew {
        return Err(Fault::Expired);
    }
    if [claims.nbf, claims.iat].into_iter().flatten().any(|from| from > now + skew) {
        return Err(Fault::NotYetValid);
    }
    Ok(())
}

/// The key of this id; without an id the only one that fits.
fn key<'k>(keys: &'k [Jwk], kid: Option<&str>, alg: Algorithm) -> Option<&'k Jwk> {
    let fits = |key: &&Jwk| {
        let signs = key.common.public_key_use.as_ref().is_none_or(|used| *used == PublicKeyUse::Signature);
        let same = key.common.key_algorithm.is_none_or(|its| matches(its, alg));
        signs && same && (kid.is_none() || key.common.key_id.as_deref() == kid)
    };
    let mut found = keys.iter().filter(fits);
    let first = found.next()?;
    if kid.is_none() && found.next().is_some() { None } else { Some(first) }
}

fn matches(its: KeyAlgorithm, alg: Algorithm) -> bool {
    its.to_string().parse::<Algorithm>().is_ok_and(|its| its == alg)
}
