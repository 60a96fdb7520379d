//! `Debug` of generated messages: the type's name and the encoded length, never a value. A message in a log line or a
//! panic must not tell what somebody eats or fears.

use core::fmt;

macro_rules! redacted {
    ($type:path, $name:expr) => {
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                #[allow(unused_imports)]
                use prost::Message as _;
                write!(f, "{}({} bytes)", $name, self.encoded_len())
            }
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/redacted.rs"));
