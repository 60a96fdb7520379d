//! Every status and reason that an Osteon server answers, and what a client does with each. `ErrorInfo.reason` and the
//! reasons of verdicts and violations are these names, domain "osteon". `docs/api.md` is made from this table.

/// `ErrorInfo.domain`.
pub const DOMAIN: &str = "osteon";

/// What a client does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Do {
    /// Send the same again after RetryInfo, else after 1 s, doubling to 5 min, with jitter; for ever.
    Retry,
    /// The same, but what was asked for MUST be asked with the same request id or dot.
    RetrySame,
    /// Refresh the session, then send the same again.
    Refresh,
    /// Sign in again with the device key (BeginSession); outbox and cursor stay.
    SignIn,
    /// Say Hello (and Rebase, if it says so), then go on from what it answers.
    Hello,
    /// Start over: without the cursor or page token.
    StartOver,
    /// Read the record again, show it, and let the person do it anew.
    ReadAgain,
    /// Keep it as a draft with its reason, and ask the person.
    AskPerson,
    /// Wait: a person of the team or the patient decides.
    Wait,
    /// Do not send it again: the program is wrong or too old.
    GiveUp,
    /// Tell the person to update the app; keep the outbox.
    Update,
    /// Push every lane, pull once from the beginning, end the session, keep nothing.
    Leave,
    /// Check the signed order in the details; only if it is valid, erase everything.
    Wipe,
}

/// Where a reason stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Where {
    /// A gRPC status with ErrorInfo.
    Status(tonic::Code),
    /// A verdict REFUSED (for an online write: status FAILED_PRECONDITION or INVALID_ARGUMENT, as the code says).
    Refused(tonic::Code),
    /// A verdict QUARANTINED.
    Quarantined,
    /// A verdict that is not final.
    NotFinal,
}

macro_rules! reasons {
    ($($variant:ident, $name:literal, $place:expr, $do:ident, $text:literal;)*) => {
        /// A stable reason. Its meaning never changes; new ones may come: treat an unknown one by its status.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        pub enum Reason { $(#[doc = $text] $variant,)* }

        impl Reason {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As it stands on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// For people, without any value.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            pub const fn place(self) -> Where {
                match self { $(Self::$variant => $place,)* }
            }

            /// What a client does.
            pub const fn action(self) -> Do {
                match self { $(Self::$variant => Do::$do,)* }
            }

            /// From the wire.
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

use Where::{NotFinal, Quarantined, Refused, Status};
use tonic::Code::{
    Aborted, AlreadyExists, Cancelled, DeadlineExceeded, FailedPrecondition, InvalidArgument, NotFound as Absent,
    OutOfRange as Range, PermissionDenied, ResourceExhausted, Unauthenticated, Unavailable, Unimplemented,
};

reasons! {
    TokenMissing, "TOKEN_MISSING", Status(Unauthenticated), Refresh, "There is no access token.";
    TokenUnknown, "TOKEN_UNKNOWN", Status(Unauthenticated), SignIn, "The token is not one that this server gave.";
    TokenExpired, "TOKEN_EXPIRED", Status(Unauthenticated), Refresh, "The access token has expired.";
    RefreshExpired, "REFRESH_EXPIRED", Status(Unauthenticated), SignIn, "The refresh token has expired or was used up.";
    SessionRevoked, "SESSION_REVOKED", Status(Unauthenticated), SignIn, "The session was ended by its owner, the clinic or a replay.";
    DeviceRevoked, "DEVICE_REVOKED", Status(Unauthenticated), AskPerson, "The enrolment of this device was ended; it needs a new invite.";
    DeviceLeaving, "DEVICE_LEAVING", Status(PermissionDenied), Leave, "The device was told to leave: it may push, pull its purge and end the session.";
    DeviceWiped, "DEVICE_WIPED", Status(Unauthenticated), Wipe, "The device is to be wiped, by an order that the clinic signed.";
    ChallengeExpired, "CHALLENGE_EXPIRED", Status(Unauthenticated), SignIn, "The challenge is older than two minutes; ask for a new one.";
    SignInCodeRequired, "SIGN_IN_CODE_REQUIRED", Status(FailedPrecondition), AskPerson, "The device was away for 180 days: ask the clinic for a code.";
    SignInCodeInvalid, "SIGN_IN_CODE_INVALID", Status(InvalidArgument), AskPerson, "The code is wrong, used, expired or out of tries; ask for a new one.";
    AlertUnknown, "ALERT_UNKNOWN", Refused(FailedPrecondition), ReadAgain, "There is no such alert, or what is said to it does not stand under its label; the two look the same.";
    AlertCloser, "ALERT_CLOSER", Refused(PermissionDenied), AskPerson, "An alert is closed by those whom it was told, an emergency or an urgent one by a nurse or a physician.";
    ApprovalLabel, "APPROVAL_LABEL", Refused(FailedPrecondition), ReadAgain, "There is no such record, or nothing of it stands under the approval's label; the two look the same.";
    ThreadUnknown, "THREAD_UNKNOWN", Refused(FailedPrecondition), ReadAgain, "There is no such thread, or what is written to it does not stand under its label; the two look the same.";
    ThreadSubject, "THREAD_SUBJECT", Refused(FailedPrecondition), ReadAgain, "There is no such record or field, or the thread does not stand under its label; the two look the same.";
    ThreadParticipant, "THREAD_PARTICIPANT", Refused(FailedPrecondition), AskPerson, "Only a member of the circle who may read what the thread is about takes part in it.";
    ThreadRemoval, "THREAD_REMOVAL", Refused(PermissionDenied), AskPerson, "Somebody is taken out of a thread by themselves, or by whoever started it.";
    OutcomeMissing, "OUTCOME_MISSING", Refused(InvalidArgument), AskPerson, "An alert is closed with an outcome.";
    AlertReasonMissing, "ALERT_REASON_MISSING", Refused(InvalidArgument), AskPerson, "Who closes an emergency without acting on it says why, in words.";
    AlertClosed, "ALERT_CLOSED", Refused(FailedPrecondition), ReadAgain, "The caller has closed the alert already, and said something else of it; a change of it is a change of the record that says so.";
    GlassOpen, "GLASS_OPEN", Status(FailedPrecondition), ReadAgain, "The emergency access goes on; it is reviewed after its end.";
    ProposalOver, "PROPOSAL_OVER", Status(FailedPrecondition), ReadAgain, "The proposal was taken over, declined or taken back already.";
    LastAdministrator, "LAST_ADMINISTRATOR", Refused(FailedPrecondition), AskPerson, "The circle's last administrator cannot be removed; name another one first.";
    SignatureInvalid, "SIGNATURE_INVALID", Status(Unauthenticated), SignIn, "The signature of the device key is not valid for this challenge.";
    InviteInvalid, "INVITE_INVALID", Status(InvalidArgument), AskPerson, "The code is wrong or was used.";
    InviteExpired, "INVITE_EXPIRED", Status(FailedPrecondition), AskPerson, "The code has expired; ask for a new one.";
    CrossSite, "CROSS_SITE", Status(PermissionDenied), GiveUp, "The call came from a page of another site, or with a cookie and without the proof that a page of this server made it.";
    SessionExpired, "SESSION_EXPIRED", Status(Unauthenticated), SignIn, "The browser's session was idle for too long or has reached its age.";
    ChallengeInvalid, "CHALLENGE_INVALID", Status(Unauthenticated), SignIn, "The challenge is unknown, was answered already or is too old.";
    PasskeyInvalid, "PASSKEY_INVALID", Status(Unauthenticated), SignIn, "The passkey is not known here, or its answer is not valid for this site and challenge.";
    IdTokenInvalid, "ID_TOKEN_INVALID", Status(Unauthenticated), SignIn, "What the hospital's provider says of the person is not valid: issuer, audience, nonce, times, algorithm, key or signature.";
    NotLinked, "NOT_LINKED", Status(PermissionDenied), AskPerson, "The hospital account belongs to nobody here; its first sign-in needs an invite.";
    ProviderFailed, "PROVIDER_FAILED", Status(Unavailable), Retry, "The hospital's provider did not answer as it should.";
    NotFound, "NOT_FOUND", Status(Absent), ReadAgain, "It does not exist, or the caller may not know of it; the two look the same.";
    NotAllowed, "NOT_ALLOWED", Status(PermissionDenied), GiveUp, "The caller's role may not call this method.";
    EpochChanged, "EPOCH_CHANGED", Status(FailedPrecondition), Hello, "The server was restored: nothing was applied, every cursor and verdict of the old epoch is void.";
    DeviceForked, "DEVICE_FORKED", Status(FailedPrecondition), Hello, "Another device uses this device's numbers; Rebase before anything is pushed.";
    ClientTooOld, "CLIENT_TOO_OLD", Status(FailedPrecondition), Update, "The app is older than min_client.";
    AttachmentUnfit, "ATTACHMENT_UNFIT", Status(InvalidArgument), GiveUp, "The bytes are not those that were announced: their length, SHA-256 or media type.";
    AttachmentMissing, "ATTACHMENT_MISSING", Status(FailedPrecondition), Wait, "The record names bytes that are not here: they were not sent yet, or are gone.";
    AttachmentQuota, "ATTACHMENT_QUOTA", Status(ResourceExhausted), AskPerson, "The clinic's room for attachments is used up.";
    WakeEndpoint, "WAKE_ENDPOINT", Status(InvalidArgument), GiveUp, "Wake-ups go to https addresses of hosts that the server's operator allows, with keys of RFC 8291.";
    CursorInvalid, "CURSOR_INVALID", Status(InvalidArgument), StartOver, "The cursor is damaged, of another member or of another server.";
    CursorStaleEpoch, "CURSOR_STALE_EPOCH", Status(FailedPrecondition), Hello, "The cursor is of an epoch before a restore.";
    PageTokenInvalid, "PAGE_TOKEN_INVALID", Status(InvalidArgument), StartOver, "The page token is damaged or of another question.";
    ShownTokenInvalid, "SHOWN_TOKEN_INVALID", Status(InvalidArgument), ReadAgain, "A shown token is damaged, of another reader or of another field.";
    RequestIdReused, "REQUEST_ID_REUSED", Status(AlreadyExists), GiveUp, "The request id was used for another request.";
    RequestIdInvalid, "REQUEST_ID_INVALID", Status(InvalidArgument), GiveUp, "The request id is missing or not a UUID.";
    ArgumentInvalid, "ARGUMENT_INVALID", Status(InvalidArgument), GiveUp, "An argument is missing or not of the documented form.";
    MalformedMessage, "MALFORMED_MESSAGE", Status(InvalidArgument), GiveUp, "The request is not a message of the contract.";
    MessageTooLarge, "MESSAGE_TOO_LARGE", Status(ResourceExhausted), GiveUp, "The request is larger than the limit; send less in one call.";
    LimitExceeded, "LIMIT_EXCEEDED", Status(ResourceExhausted), GiveUp, "A limit was exceeded.";
    RateLimited, "RATE_LIMITED", Status(ResourceExhausted), Retry, "Too many calls; wait a while.";
    Overloaded, "OVERLOADED", Status(Unavailable), Retry, "The server has too much to do; wait a while.";
    Draining, "DRAINING", Status(Unavailable), Retry, "The server is stopping; streams end with a cursor.";
    StreamEnded, "STREAM_ENDED", Status(Unavailable), Retry, "The stream has reached its age; open it again with its last cursor.";
    Unsupported, "UNSUPPORTED", Status(Unimplemented), GiveUp, "The server does not know this method or encoding.";
    Cancelled_, "CANCELLED", Status(Cancelled), RetrySame, "The call was cut; whether it took effect is not known.";
    Deadline, "DEADLINE", Status(DeadlineExceeded), RetrySame, "The deadline passed; whether it took effect is not known.";
    Conflict, "CONFLICT", Status(Aborted), RetrySame, "Another commit came between; nothing was applied.";
    Internal, "INTERNAL", Status(tonic::Code::Internal), RetrySame, "The server failed; the request id finds it in the log.";

    Gap, "GAP", NotFinal, Hello, "A counter is missing before this change; resend from the counter named.";
    Forked, "FORKED", NotFinal, Hello, "The server knows other content under this counter: Hello, then Rebase.";
    Later, "LATER", NotFinal, Retry, "What this change builds on has not arrived; the rest of the lane waits too.";
    OtherLane, "WAITS_FOR_OTHER_LANE", NotFinal, Retry, "It builds on a change of the author's other lane: send that lane's prefix first.";

    FieldNotWritable, "FIELD_NOT_WRITABLE", Refused(PermissionDenied), AskPerson, "The author's role may not write this field.";
    RecordNotCreatable, "RECORD_NOT_CREATABLE", Refused(PermissionDenied), AskPerson, "The author's role may not create a record of this type or label.";
    OutOfRange, "OUT_OF_RANGE", Refused(Range), AskPerson, "The value is outside of the field's hard range.";
    ReasonRequired, "REASON_REQUIRED", Refused(FailedPrecondition), AskPerson, "It needs a reason, in words that can be read: it lifts a restriction, opens what is closed, takes something away, or turns somebody down.";
    ImmutableField, "IMMUTABLE_FIELD", Refused(FailedPrecondition), GiveUp, "The field is written by the creation alone.";
    DerivedField, "DERIVED_FIELD", Refused(InvalidArgument), GiveUp, "The field is computed and never written.";
    AppendOnlyRecord, "APPEND_ONLY_RECORD", Refused(FailedPrecondition), AskPerson, "The record takes no second write; make a new record that names it.";
    TooManyVersions, "TOO_MANY_VERSIONS", Refused(FailedPrecondition), ReadAgain, "The field has as many versions side by side as it may have; name one of the author's own.";
    DependsOnRefused, "DEPENDS_ON_REFUSED", Refused(FailedPrecondition), AskPerson, "The creation of the record was refused.";
    UnknownDot, "UNKNOWN_DOT", Refused(InvalidArgument), GiveUp, "A named version is of no replica of this circle, of another field, or never existed.";
    WrongRecordType, "WRONG_RECORD_TYPE", Refused(InvalidArgument), GiveUp, "The record id belongs to a record of another type or label.";
    LabelChoiceInvalid, "LABEL_CHOICE_INVALID", Refused(InvalidArgument), GiveUp, "The write names no label choice of this type, or another than the creation.";
    RecordIdInvalid, "RECORD_ID_INVALID", Refused(InvalidArgument), GiveUp, "The record id is not 16 bytes, or not the one derived from its key fields.";
    ClockInvalid, "CLOCK_INVALID", Refused(InvalidArgument), GiveUp, "The clock of the change is missing.";
    CoverIncomplete, "COVER_INCOMPLETE", Refused(FailedPrecondition), ReadAgain, "Ending a record needs every label of it, and names what was shown.";
    Erased, "ERASED", Refused(FailedPrecondition), GiveUp, "The circle was erased; nothing is kept.";
    EmptyChange, "EMPTY_CHANGE", Refused(InvalidArgument), GiveUp, "The change writes nothing.";
    DuplicateWrite, "DUPLICATE_WRITE", Refused(InvalidArgument), GiveUp, "The change writes one field of a record twice.";
    MalformedBody, "MALFORMED_BODY", Refused(InvalidArgument), GiveUp, "The body is not exactly one record, or breaks the wire format.";
    WrongWireType, "WRONG_WIRE_TYPE", Refused(InvalidArgument), GiveUp, "A known field has another wire type than its contract.";
    DuplicateField, "DUPLICATE_FIELD", Refused(InvalidArgument), GiveUp, "A singular field stands twice in the body.";
    NotUtf8, "NOT_UTF8", Refused(InvalidArgument), GiveUp, "A text is not UTF-8.";
    NulInText, "NUL_IN_TEXT", Refused(InvalidArgument), GiveUp, "A text holds the NUL character.";
    ControlInText, "CONTROL_IN_TEXT", Refused(InvalidArgument), AskPerson, "A text holds a control character other than a new line or a tab.";
    TextTooLong, "TEXT_TOO_LONG", Refused(InvalidArgument), AskPerson, "A text or byte string is longer than its limit.";
    TextTooShort, "TEXT_TOO_SHORT", Refused(InvalidArgument), AskPerson, "A text or byte string is shorter than it must be.";
    TooManyElements, "TOO_MANY_ELEMENTS", Refused(InvalidArgument), AskPerson, "A list has more elements than its limit.";
    NotFinite, "NOT_FINITE", Refused(InvalidArgument), GiveUp, "A number is not finite.";
    DateInvalid, "DATE_INVALID", Refused(InvalidArgument), AskPerson, "A date is not a day of the calendar in the form YYYY-MM-DD.";
    NotYourConsent, "NOT_YOUR_CONSENT", Refused(PermissionDenied), AskPerson, "Consent is given and taken back by the patient, or by a proxy for others than itself.";
    GrantNeedsServer, "GRANT_NEEDS_SERVER", Refused(FailedPrecondition), AskPerson, "Granting, or granting for longer, needs the server; taking back does not.";
    GrantInPast, "GRANT_IN_PAST", Refused(InvalidArgument), AskPerson, "The grant would have ended before it is made.";
    GrantEndsBeforeStart, "GRANT_ENDS_BEFORE_START", Refused(InvalidArgument), AskPerson, "The grant ends before it starts.";
    GrantNeedsEnd, "GRANT_NEEDS_END", Refused(InvalidArgument), AskPerson, "What a caregiver is granted has an end.";
    GrantByName, "GRANT_BY_NAME", Refused(InvalidArgument), AskPerson, "A caregiver is granted by name, and a proxy is a caregiver granted by name.";
    NotMovable, "NOT_MOVABLE", Refused(FailedPrecondition), AskPerson, "The entry cannot be moved: it stands there already, was ended, or others belong to it.";
    NotRedactable, "NOT_REDACTABLE", Refused(FailedPrecondition), AskPerson, "The version has no content, or is of membership or consent: take it back instead.";
    GrantWithoutEffect, "GRANT_WITHOUT_EFFECT", Refused(InvalidArgument), GiveUp, "Nobody can open this category to this role; or it names nobody, or nothing, that this server knows.";
    TimeImpossible, "TIME_IMPOSSIBLE", Refused(Range), AskPerson, "What happened lies more than two days ahead, before 1900, or ended before it began.";
    UnitMissing, "UNIT_MISSING", Refused(InvalidArgument), AskPerson, "A result has no unit.";
    UnitWrong, "UNIT_WRONG", Refused(InvalidArgument), AskPerson, "The unit is not one that this is measured in.";
    LimitsReversed, "LIMITS_REVERSED", Refused(InvalidArgument), AskPerson, "The lower limit of a range lies over the upper one.";
    AnswerIncomplete, "ANSWER_INCOMPLETE", Refused(InvalidArgument), AskPerson, "An answer to a request to be erased says what is decided, by when it is done, or in words why not or what is asked.";
    SiteUnknown, "SITE_UNKNOWN", Refused(InvalidArgument), AskPerson, "There is no such score at this site.";
    FlagsContradict, "FLAGS_CONTRADICT", Refused(InvalidArgument), AskPerson, "Two of the answers cannot both be true.";
    PhoneNumberInvalid, "PHONE_NUMBER_INVALID", Refused(InvalidArgument), AskPerson, "This is no number that can be called.";
    HoursImpossible, "HOURS_IMPOSSIBLE", Refused(InvalidArgument), AskPerson, "Working hours without a weekday, a beginning or an end, or that do not end after they began on the same day.";
    ZoneUnknown, "ZONE_UNKNOWN", Refused(InvalidArgument), AskPerson, "There is no time zone of this name.";
    InstantInvalid, "INSTANT_INVALID", Refused(InvalidArgument), AskPerson, "An instant is outside of the years 1 to 9999.";

    LostRight, "LOST_RIGHT", Quarantined, Wait, "The author has lost the right meanwhile; the owner role or the patient may accept it.";
    LostTail, "LOST_TAIL", Quarantined, Wait, "The author's right cannot be told since the server was restored.";
    RecordMoved, "MOVED_RECORD", Quarantined, Wait, "The record was moved to another label.";
    FailedRepeatedly, "FAILED_REPEATEDLY", Quarantined, Wait, "The change failed three times by an internal error.";
    DeviceLeft, "DEVICE_LEFT", Quarantined, Wait, "The device was told to leave before it sent this.";
    OfferedBack, "OFFERED_BACK", Quarantined, Wait, "A version that the restored server does not have, and does not take back by itself.";
    LeftCircle, "LEFT_CIRCLE", Quarantined, Wait, "The author has left the circle.";
    QuarantineRejected, "QUARANTINE_REJECTED", Refused(FailedPrecondition), AskPerson, "It waited for a person, who decided against it; their words stand beside it.";
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Do {
    pub const ALL: &[Self] = &[
        Self::Retry,
        Self::RetrySame,
        Self::Refresh,
        Self::SignIn,
        Self::Hello,
        Self::StartOver,
        Self::ReadAgain,
        Self::AskPerson,
        Self::Wait,
        Self::GiveUp,
        Self::Update,
        Self::Leave,
        Self::Wipe,
    ];

    /// One line for `docs/api.md`.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Retry => "retry after RetryInfo, else 1 s doubling to 5 min with jitter, for ever",
            Self::RetrySame => "retry likewise, with the same dot or request id",
            Self::Refresh => "refresh the session once, then retry",
            Self::SignIn => "sign in with the device key; outbox and cursor stay",
            Self::Hello => "Hello, then what it answers (resend, Rebase, Pull anew)",
            Self::StartOver => "start over without it",
            Self::ReadAgain => "read again, show it, let the person decide",
            Self::AskPerson => "keep it as a draft with the reason, ask the person",
            Self::Wait => "wait: a person decides; show where it stands",
            Self::GiveUp => "do not send it again; report it",
            Self::Update => "ask the person to update the app; keep the outbox",
            Self::Leave => {
                "push every lane, pull once from the beginning (nothing is granted: everything goes), end the session"
            }
            Self::Wipe => {
                "check the signed order in the details under the pinned clinic key; only if it is valid, erase everything"
            }
        }
    }
}
