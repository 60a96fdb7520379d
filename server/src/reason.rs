//! The stable reasons of errors: what `ErrorInfo.reason` may say, its gRPC code and its one fixed text.

use tonic::Code;

macro_rules! reasons {
    ($($name:ident = $text:literal, $code:ident, $message:literal;)+) => {
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
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message),+ }
            }
        }
    };
}

reasons! {
    NotFound = "NOT_FOUND", NotFound, "not found";
    InvalidArgument = "INVALID_ARGUMENT", InvalidArgument, "the request is not valid";
    MalformedMessage = "MALFORMED_MESSAGE", InvalidArgument, "the message cannot be decoded";
    LimitExceeded = "LIMIT_EXCEEDED", ResourceExhausted, "over a limit";
    RateLimited = "RATE_LIMITED", ResourceExhausted, "too many calls";
    Overloaded = "OVERLOADED", ResourceExhausted, "the server is busy";
    Unauthenticated = "UNAUTHENTICATED", Unauthenticated, "no valid token";
    TokenExpired = "TOKEN_EXPIRED", Unauthenticated, "the token has expired";
    SessionRevoked = "SESSION_REVOKED", Unauthenticated, "the session has ended";
    DeadlineExceeded = "DEADLINE_EXCEEDED", DeadlineExceeded, "the deadline has passed";
    ShuttingDown = "SHUTTING_DOWN", Unavailable, "the server is going down";
    EpochChanged = "EPOCH_CHANGED", FailedPrecondition, "the server has started a new epoch";
    UnknownMethod = "UNKNOWN_METHOD", Unimplemented, "no such method";
    UnsupportedEncoding = "UNSUPPORTED_ENCODING", Unimplemented, "this compression is not supported";
    OriginForbidden = "ORIGIN_FORBIDDEN", PermissionDenied, "calls from this origin are not allowed";
    Internal = "INTERNAL", Internal, "internal error";
}
