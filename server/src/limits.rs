//! Every limit of the system, in one place, each with a name that errors carry (`LIMIT_EXCEEDED`, metadata `limit`).
//! docs/api.md lists them. A limit is a number, a name and a unit; nothing else in the server may hold a bound of its own.

use std::time::Duration;

use crate::error::Error;

/// A named bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub name: &'static str,
    pub max: u64,
    pub unit: &'static str,
    pub about: &'static str,
}

impl Limit {
    /// `Ok` while `n` is within the limit.
    pub fn check(&'static self, n: usize) -> Result<(), Error> {
        if n as u64 > self.max { Err(Error::limit(self)) } else { Ok(()) }
    }

    #[must_use]
    pub const fn usize(&self) -> usize {
        self.max as usize
    }

    #[must_use]
    pub const fn u32(&self) -> u32 {
        self.max as u32
    }

    /// The limit as a time; only for limits counted in `ms` or `s`.
    #[must_use]
    pub const fn duration(&self) -> Duration {
        match self.unit.as_bytes() {
            [b's'] => Duration::from_secs(self.max),
            _ => Duration::from_millis(self.max),
        }
    }
}

macro_rules! limits {
    ($($(#[doc = $about:literal])+ $name:ident = $max:literal, $unit:literal;)+) => {
        $($(#[doc = $about])+ pub static $name: Limit = Limit {
            name: stringify!($name), max: $max, unit: $unit, about: concat!($($about),+),
        };)+
        /// All limits, in the order of docs/api.md.
        pub static ALL: &[&Limit] = &[$(&$name),+];
    };
}

limits! {
    /// One request message, also after decompression.
    MESSAGE_BYTES = 1_048_576, "bytes";
    /// One request message of a call that needs no token.
    OPEN_MESSAGE_BYTES = 16_384, "bytes";
    /// All request headers together.
    HEADER_BYTES = 16_384, "bytes";
    /// Nested and repeated messages in one request, counted before it is decoded.
    MESSAGE_ELEMENTS = 20_000, "elements";
    /// Changes in one push.
    CHANGES_PER_PUSH = 1_000, "changes";
    /// Entries that are kept in memory for the rules, of all circles together.
    RULE_INPUTS_HELD = 40_000, "entries";
    /// Entries of one circle beyond which those of past seasons are let go.
    RULE_INPUTS_OF_CIRCLE = 2_000, "entries";
    /// Changes whose versions are live in one record that is moved.
    MOVED_CHANGES = 64, "changes";
    /// Record writes in one change.
    WRITES_PER_CHANGE = 200, "writes";
    /// Fields that one record write touches.
    FIELDS_PER_WRITE = 256, "fields";
    /// Elements of one repeated field or set.
    ELEMENTS_PER_FIELD = 256, "elements";
    /// Body of one record write.
    BODY_BYTES = 65_536, "bytes";
    /// One text, where its field declares nothing smaller.
    TEXT_BYTES = 16_384, "bytes";
    /// Fields that the server does not know, kept in one record of a type that it knows.
    UNKNOWN_BYTES = 16_384, "bytes";
    /// The merged state of one part.
    PART_BYTES = 1_048_576, "bytes";
    /// Failures of one change by an error of our own before it is quarantined.
    CHANGE_FAILURES = 3, "tries";
    /// Failing changes that one node remembers.
    FAILURES_REMEMBERED = 1_024, "changes";
    /// Versions that one field write replaces.
    REPLACES_PER_WRITE = 64, "versions";
    /// Dots that one ending covers.
    COVERS_PER_ENDING = 4_096, "dots";
    /// Earlier numbers of one change.
    ALIASES_PER_CHANGE = 16, "dots";
    /// Points in the other lane that one push builds on.
    BUILDS_ON_PER_PUSH = 64, "dots";
    /// Live versions of one field.
    LIVE_VERSIONS_PER_FIELD = 32, "versions";
    /// A reason or another short text of a request.
    REASON_BYTES = 2_048, "bytes";
    /// A request id.
    REQUEST_ID_BYTES = 64, "bytes";
    /// The name of a device.
    DEVICE_NAME_BYTES = 80, "bytes";
    /// Changes of one part that get and explain read back, the newest.
    HISTORY_CHANGES = 500, "changes";
    /// The same in bytes, the newest first; what is left out is said.
    HISTORY_BYTES = 1_048_576, "bytes";
    /// One answer of explain, and one record of an export: older versions are left out until it fits, and that is said.
    EXPLAIN_BYTES = 3_145_728, "bytes";
    /// Versions in one offer to a restored server.
    OFFERS_PER_CALL = 200, "versions";
    /// Own changes that one Hello reports, over all circles.
    HELLO_CHANGES = 4_096, "changes";
    /// Circles of one account; also positions in one Hello or Pull.
    CIRCLES_PER_ACCOUNT = 1_000, "circles";
    /// Parts on one page of a pull.
    PAGE_PARTS = 200, "parts";
    /// One page of a pull, but for the rest of a commit.
    PAGE_BYTES = 49_152, "bytes";
    /// Types of one list of records.
    LIST_TYPES = 32, "types";
    /// Records on one page of a list.
    PAGE_RECORDS = 100, "records";
    /// Entries on one page of the feed.
    PAGE_FEED = 500, "entries";
    /// Reviews on one page.
    PAGE_REVIEWS = 100, "reviews";
    /// Circles on one page of alerts.
    PAGE_ALERT_CIRCLES = 50, "circles";
    /// Alerts of one circle in a list.
    ALERTS_OF_CIRCLE = 500, "alerts";
    /// Revisions of one alert in its history, the newest.
    ALERT_REVISIONS = 50, "revisions";
    /// Circles of one stream of alerts, and of one call for statistics.
    ALERT_CIRCLES = 2_000, "circles";
    /// Period of one call for statistics of rules.
    STATISTICS_DAYS = 1_830, "days";
    /// Findings of one circle that a list of reviews gives.
    FINDINGS_PER_CIRCLE = 64, "findings";
    /// Threads on one page.
    PAGE_THREADS = 100, "threads";
    /// Messages on one page of a thread.
    PAGE_MESSAGES = 100, "messages";
    /// Threads that are started in one circle.
    THREADS_OF_CIRCLE = 2_000, "threads";
    /// Members who are named in one thread.
    THREAD_PARTICIPANTS = 64, "members";
    /// Records of threads that are read at once, for lists.
    THREAD_RECORDS = 20_000, "records";
    /// Notices on one page.
    PAGE_NOTICES = 100, "notices";
    /// Entries on one page of the audit.
    PAGE_AUDIT = 500, "entries";
    /// Period of one call for series.
    SERIES_DAYS = 1_830, "days";
    /// Lanes, or analytes, that one call for series names.
    SERIES_LANES = 64, "lanes";
    /// Days of a series in one message.
    SERIES_PAGE_DAYS = 92, "days";
    /// Such a message; a single day may be larger.
    SERIES_PAGE_BYTES = 262_144, "bytes";
    /// Days of a series that are read at once.
    SERIES_READ_DAYS = 732, "days";
    /// Records that are read at once for a series.
    SERIES_RECORDS = 100_000, "records";
    /// Grants that were taken back, of which GetConsent tells.
    WITHDRAWALS = 100, "withdrawals";
    /// Times between two silences of a patient's phones that series are told by.
    HEARD_SPANS = 4_096, "spans";
    /// Period of one digest.
    DIGEST_DAYS = 366, "days";
    /// How long a sign-in link of a demo is good.
    DEMO_LINK_S = 1_800, "s";
    /// Between two heartbeats of a stream of hints.
    HINT_HEARTBEAT_S = 15, "s";
    /// Rows on one page of the work list.
    PAGE_WORK = 100, "rows";
    /// Reasons of one row of the work list; others are counted.
    WORK_REASONS = 8, "reasons";
    /// Records that are counted as new since somebody looked, and looked through for what changed.
    UNSEEN_RECORDS = 999, "records";
    /// Rows of work lists that one node remembers.
    WORK_ROWS_HELD = 20_000, "rows";
    /// Patients and people that are found at once, each.
    PAGE_FOUND = 50, "entries";
    /// What is looked for by name.
    FIND_BYTES = 80, "bytes";
    /// Pages that people have open and that one node remembers, so that their refreshes are no reads.
    VIEWS_HELD = 65_536, "pages";
    /// How long a page that is open counts as one read.
    VIEW_S = 43_200, "s";
    /// Each list of a digest; what is left out is counted.
    DIGEST_ITEMS = 50, "entries";
    /// Fields of one record that changed, in a digest.
    DIGEST_FIELDS = 32, "fields";
    /// Days of one lane of a digest, the newest.
    DIGEST_POINTS = 31, "days";
    /// Records that are read for a digest.
    DIGEST_RECORDS = 100_000, "records";
    /// A digest; changes, then disputes, are left out until it fits.
    DIGEST_BYTES = 2_097_152, "bytes";
    /// Period of one call for tasks.
    TASK_DAYS = 31, "days";
    /// Kinds that one call for tasks names.
    TASK_KINDS = 14, "kinds";
    /// Records that are read at once for tasks.
    TASK_RECORDS = 20_000, "records";
    /// Records that are read for a list of targets.
    TARGET_RECORDS = 20_000, "records";
    /// Pages prepared ahead of a slow reader.
    PAGES_AHEAD = 1, "pages";
    /// Circles read at one moment, and audited in one commit, for a reader of many.
    CIRCLES_READ_AHEAD = 32, "circles";
    /// Parts of them.
    PARTS_READ_AHEAD = 1_000, "parts";
    /// A cursor, page token or shown token.
    TOKEN_BYTES = 65_536, "bytes";
    /// Live streams of one account.
    STREAMS_PER_ACCOUNT = 8, "streams";
    /// Streams on one connection.
    STREAMS_PER_CONNECTION = 64, "streams";
    /// Live streams of the whole server; one clinic gets half of it at most.
    STREAMS = 100_000, "streams";
    /// Open connections of the whole server.
    CONNECTIONS = 50_000, "connections";
    /// Open connections of one address.
    CONNECTIONS_PER_ADDRESS = 20_000, "connections";
    /// Time for a TLS handshake.
    HANDSHAKE_MS = 5_000, "ms";
    /// Age at which a connection is told to go elsewhere.
    CONNECTION_AGE_S = 3_600, "s";
    /// Age at which a live stream ends with its cursor, plus or minus a fifth.
    STREAM_AGE_S = 1_800, "s";
    /// Between two heartbeats of a live stream.
    HEARTBEAT_S = 10, "s";
    /// Long-poll.
    WAIT_S = 25, "s";
    /// Time for one unary call, where the caller sets no shorter deadline.
    CALL_S = 30, "s";
    /// Time to drain on SIGTERM.
    DRAIN_S = 10, "s";
    /// Jobs that wait for the writer.
    QUEUED_JOBS = 4_096, "jobs";
    /// Jobs in one group commit.
    GROUP_JOBS = 512, "jobs";
    /// Time for the rules of one push.
    RULES_MS = 50, "ms";
    /// Calls of one address without a token, per minute.
    OPEN_CALLS_PER_MINUTE = 600, "calls";
    /// Calls of one account per minute.
    ACCOUNT_CALLS_PER_MINUTE = 12_000, "calls";
    /// Calls of one device per minute.
    DEVICE_CALLS_PER_MINUTE = 6_000, "calls";
    /// Calls of one clinic per second.
    CLINIC_CALLS_PER_SECOND = 5_000, "calls";
    /// Unary calls in flight, over all clinics; one that storms gets half of it at most.
    CALLS_IN_FLIGHT = 2_048, "calls";
    /// Wrong tokens of one address per minute.
    BAD_TOKENS_PER_MINUTE = 60, "calls";
    /// Members times circles of one team's change.
    TEAM_STEPS = 10_000, "steps";
    /// Changes of a team that one account has waiting.
    TEAM_CHANGES = 10, "jobs";
    /// Wrong tries against one invite.
    INVITE_TRIES = 5, "tries";
    /// Invites that one list tells.
    INVITES = 100, "invites";
    /// Emergency accesses of one circle in a list.
    GLASS_ACCESSES = 100, "accesses";
    /// Life of an invite.
    INVITE_S = 600, "s";
    /// Life of a code that lets a device in after a long time.
    SIGN_IN_CODE_S = 600, "s";
    /// Wrong tries against one such code.
    SIGN_IN_CODE_TRIES = 5, "tries";
    /// How long a device may be away before it needs such a code.
    AWAY_S = 15_552_000, "s";
    /// How long a device that was told to leave may take for it.
    LEAVE_S = 2_592_000, "s";
    /// A refresh token.
    REFRESH_TOKEN_BYTES = 256, "bytes";
    /// Life of a challenge.
    CHALLENGE_S = 120, "s";
    /// Time without a call after which a browser's session ends.
    WEB_IDLE_S = 1_800, "s";
    /// Age at which a browser's session ends whatever happens.
    WEB_SESSION_S = 43_200, "s";
    /// One request of a sign-in page.
    WEB_BODY_BYTES = 32_768, "bytes";
    /// Passkeys of one account.
    PASSKEYS_PER_ACCOUNT = 20, "passkeys";
    /// Time that a person has at the hospital's sign-in page.
    HOSPITAL_SIGN_IN_S = 600, "s";
    /// Time for one answer of the hospital's provider.
    PROVIDER_MS = 10_000, "ms";
    /// One answer of the hospital's provider.
    PROVIDER_BYTES = 262_144, "bytes";
    /// Keys that a provider may have at once.
    PROVIDER_KEYS = 64, "keys";
    /// How long a provider's keys are believed before they are read again.
    PROVIDER_KEYS_S = 600, "s";
    /// Between two readings of a provider's keys, whatever tokens name.
    PROVIDER_PAUSE_S = 10, "s";
    /// Life of an access token.
    ACCESS_TOKEN_S = 300, "s";
    /// How long the same refresh gets the same answer.
    REFRESH_REPEAT_S = 600, "s";
    /// Life of a refresh token, from its last use.
    REFRESH_TOKEN_S = 2_592_000, "s";
    /// How long the answer of an online write is given again.
    REQUEST_KEPT_S = 86_400, "s";
    /// Changes of one circle, over all its life.
    SEQUENCES_PER_CIRCLE = 2_147_483_647, "changes";
    /// Changes of one replica in one circle.
    CHANGES_PER_REPLICA = 2_147_483_647, "changes";
    /// Numbers that one server gives: circles, accounts and devices, each.
    NUMBERS_PER_KIND = 2_147_483_647, "numbers";
    /// How long broken glass stays open.
    BREAK_GLASS_S = 14_400, "s";
    /// One attachment.
    ATTACHMENT_BYTES = 20_000_000, "bytes";
    /// All attachments of one clinic, with what is being sent.
    ATTACHMENT_CLINIC_BYTES = 53_687_091_200, "bytes";
    /// One chunk of an upload.
    ATTACHMENT_CHUNK_BYTES = 524_288, "bytes";
    /// What a chunk has at the least, but for the last one.
    ATTACHMENT_CHUNK_FLOOR = 16_384, "bytes";
    /// Bytes of an attachment in one answer.
    ATTACHMENT_READ_BYTES = 786_432, "bytes";
    /// Uploads that one account has open in a circle; the oldest give way.
    ATTACHMENT_UPLOADS_OPEN = 16, "uploads";
    /// Chunks that one node takes at once; one account sends one, and one clinic gets half of them at most.
    ATTACHMENT_CHUNKS_AT_ONCE = 4, "chunks";
    /// How long an upload may take.
    ATTACHMENT_UPLOAD_S = 86_400, "s";
    /// Between two looks at what is still named in a circle.
    ATTACHMENT_LOOK_S = 86_400, "s";
    /// How long an attachment stays that nothing names any more: an older version may come back.
    ATTACHMENT_KEPT_S = 604_800, "s";
    /// Where a device is woken.
    WAKE_ENDPOINT_BYTES = 2_048, "bytes";
    /// Time for one answer of a push service.
    WAKE_MS = 10_000, "ms";
    /// Tries of one wake-up, over about half a day.
    WAKE_TRIES = 18, "tries";
    /// How far ahead a device's clock may be before it is lowered.
    CLOCK_AHEAD_MS = 300_000, "ms";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_every_limit_says_what_it_bounds() {
        let names: BTreeSet<_> = ALL.iter().map(|limit| limit.name).collect();
        assert_eq!(names.len(), ALL.len());
        for limit in ALL {
            assert!(limit.max > 0 && !limit.about.trim().is_empty(), "{}", limit.name);
        }
    }

    #[test]
    fn check_lets_the_bound_itself_pass() {
        assert!(CHANGES_PER_PUSH.check(1_000).is_ok());
        let error = CHANGES_PER_PUSH.check(1_001).expect_err("one over");
        assert_eq!(error.limit_name(), Some("CHANGES_PER_PUSH"));
    }

    #[test]
    fn times_know_their_unit() {
        assert_eq!(HANDSHAKE_MS.duration(), Duration::from_secs(5));
        assert_eq!(DRAIN_S.duration(), Duration::from_secs(10));
    }
}
