//! The stable reasons that the shell of the server answers with.

use tonic::Code;

macro_rules! reasons {
    ($($name:ident, $text:literal, $code:ident, $message:literal;)+) => {
        /// Why a call failed. Never renamed once published.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason { $($name),+ }

        impl Reason {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            #[must_use]
            pub const fn code(self) -> Code {
                match self { $(Self::$name => Code::$code),+ }
            }

            /// Text for people who read logs; clients go by the reason.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $message),+ }
            }
        }
    };
}

reasons! {
    TokenMissing, "TOKEN_MISSING", Unauthenticated, "There is no access token.";
    TokenUnknown, "TOKEN_UNKNOWN", Unauthenticated, "The token is not one that this server gave.";
    TokenExpired, "TOKEN_EXPIRED", Unauthenticated, "The access token has expired.";
    SessionRevoked, "SESSION_REVOKED", Unauthenticated, "The session was ended by its owner, the clinic or a replay.";
    NotFound, "NOT_FOUND", NotFound, "It does not exist, or the caller may not know of it; the two look the same.";
    NotAllowed, "NOT_ALLOWED", PermissionDenied, "The caller's role may not call this method.";
    EpochChanged, "EPOCH_CHANGED", FailedPrecondition, "The server was restored.";
    ArgumentInvalid, "ARGUMENT_INVALID", InvalidArgument, "An argument is missing or not of the documented form; BadRequest names it.";
    MalformedMessage, "MALFORMED_MESSAGE", InvalidArgument, "The request is not a message of the contract.";
    MessageTooLarge, "MESSAGE_TOO_LARGE", ResourceExhausted, "The request is larger than the limit; send less in one call.";
    LimitExceeded, "LIMIT_EXCEEDED", ResourceExhausted, "A limit was exceeded; metadata `limit` names it.";
    RateLimited, "RATE_LIMITED", ResourceExhausted, "Too many calls; RetryInfo says when.";
    Overloaded, "OVERLOADED", Unavailable, "The server has too much to do; RetryInfo says when.";
    Draining, "DRAINING", Unavailable, "The server is stopping; streams end with a cursor.";
    Unsupported, "UNSUPPORTED", Unimplemented, "The server does not know this method or encoding.";
    Deadline, "DEADLINE", DeadlineExceeded, "The deadline passed; whether it took effect is not known.";
    Internal, "INTERNAL", Internal, "The server failed; the request id finds it in the log.";
}
