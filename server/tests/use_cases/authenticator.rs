//! An authenticator in software (WebAuthn level 2, attestation "none", ES256), and the browser in front of it: both can
//! be told to lie.

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use serde_json::{Value, json};

const PRESENT: u8 = 1;
const VERIFIED: u8 = 4;
const WITH_KEY: u8 = 64;

/// One credential, with what is said of the world around it.
pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    user: Value,
    pub(crate) counter: u32,
    pub(crate) verified: bool,
    pub(crate) origin: String,
    pub(crate) domain: String,
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// CBOR: a byte string of 0 to 65,535 bytes.
fn cbor_bytes(bytes: &[u8]) -> Vec<u8> {
    let len = u16::try_from(bytes.len()).expect("short");
    [&[0x59][..], &len.to_be_bytes(), bytes].concat()
}

impl Authenticator {
    pub(crate) fn new(id: u8, origin: &str) -> Self {
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("key"),
            id: vec![id; 16],
            user: Value::Null,
            counter: 1,
            verified: true,
            origin: origin.to_owned(),
            domain: "localhost".to_owned(),
        }
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let flags = PRESENT | if self.verified { VERIFIED } else { 0 } | more;
        [&sha256(self.domain.as_bytes())[..], &[flags], &self.counter.to_be_bytes()].concat()
    }

    fn client(&self, kind: &str, challenge: &Value) -> Vec<u8> {
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false})
            .to_string()
            .into_bytes()
    }

    /// navigator.credentials.create
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        let asked = &options["publicKey"];
        assert_eq!(asked["authenticatorSelection"]["residentKey"], "required", "it is to be found without a name");
        assert_eq!(asked["authenticatorSelection"]["userVerification"], "required");
        self.user = asked["user"]["id"].clone();
        let point = self.key.public_key().as_ref();
        // COSE_Key: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
        let cose = [
            &[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21][..],
            &cbor_bytes(&point[1..33]),
            &[0x22],
            &cbor_bytes(&point[33..65]),
        ]
        .concat();
        let length = u16::try_from(self.id.len()).expect("short").to_be_bytes();
        let data = [&self.data(WITH_KEY)[..], &[0; 16], &length, &self.id, &cose].concat();
        // {"fmt": "none", "attStmt": {}, "authData": …}
        let object = [&b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData"[..], &cbor_bytes(&data)].concat();
        json!({
            "id": B64.encode(&self.id), "rawId": B64.encode(&self.id), "type": "public-key",
            "response": {
                "attestationObject": B64.encode(object),
                "clientDataJSON": B64.encode(self.client("webauthn.create", &asked["challenge"])),
            },
        })
    }

    /// navigator.credentials.get
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        let asked = &options["publicKey"];
        assert_eq!(asked["userVerification"], "required");
        assert!(asked["allowCredentials"].as_array().is_none_or(Vec::is_empty), "nobody is named");
        self.counter += 1;
        let data = self.data(0);
        let client = self.client("webauthn.get", &asked["challenge"]);
        let signed = [&data[..], &sha256(&client)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("signed");
        json!({
            "id": B64.encode(&self.id), "rawId": B64.encode(&self.id), "type": "public-key",
            "response": {
                "authenticatorData": B64.encode(data), "clientDataJSON": B64.encode(client),
                "signature": B64.encode(signature.as_ref()), "userHandle": self.user,
            },
        })
    }
}
