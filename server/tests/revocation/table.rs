//! The scenarios: a row for each thing that can be taken back, a column for each moment.

/// What is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A category, from everybody in a role.
    Role,
    /// A category, from one member.
    Category,
    /// The same, from the patient's phone, which was offline when it was decided.
    CategoryOffline,
    /// One entry: it moves to a category that the reader has not.
    Record,
    /// A caregiver leaves the circle.
    Member,
    /// An enrolled device.
    Device,
    /// A grant reaches its end, and the circle says so.
    Expiry,
    /// A grant reaches its end, and nobody has come to say so.
    ExpiryUnsaid,
}

/// What the reader is doing meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Offline, with everything on the device.
    Offline,
    /// Between two pages of a pull.
    MidPage,
    /// In an open stream, reading slowly.
    MidStream,
    /// In a series of charts, between two of its messages.
    MidSeries,
    /// Watching alerts, with everything told that stands.
    MidAlerts,
    /// A push was processed and its answer is lost.
    BetweenPushAndAcknowledgement,
    /// The device's program dies at each step of the sync that erases.
    CrashAtEachStep,
    /// Erased, granted again, taken back again.
    GrantedAgain,
    /// The page that erases is late: it arrives after it was granted again.
    LatePurge,
    /// A clone of the device has the same data and numbers.
    Twin,
    /// The device comes back from a backup that was made before.
    RestoredDevice,
    /// Edits of what is taken back wait in the outbox.
    Outbox,
}

pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) what: What,
    pub(crate) when: When,
}

/// The table: a row for each thing that can be taken back, a column for each moment.
macro_rules! scenarios {
    ($($what:ident: $($when:ident),+;)+) => {
        &[$($(Scenario { name: concat!(stringify!($what), " × ", stringify!($when)), what: What::$what, when: When::$when }),+),+]
    };
}

pub(crate) const SCENARIOS: &[Scenario] = scenarios! {
    Role: Offline, MidPage, MidStream, MidSeries, MidAlerts, BetweenPushAndAcknowledgement, CrashAtEachStep, GrantedAgain, LatePurge, Twin,
        RestoredDevice, Outbox;
    Category: Offline, MidPage, MidStream, MidSeries, MidAlerts, BetweenPushAndAcknowledgement, CrashAtEachStep, GrantedAgain, LatePurge, Twin,
        RestoredDevice, Outbox;
    CategoryOffline: Offline, MidPage, MidStream, MidSeries, MidAlerts, BetweenPushAndAcknowledgement, CrashAtEachStep, GrantedAgain, LatePurge,
        Twin, RestoredDevice, Outbox;
    Record: Offline, MidPage, MidStream, BetweenPushAndAcknowledgement, CrashAtEachStep, GrantedAgain, LatePurge, Twin,
        RestoredDevice, Outbox;
    Member: Offline, MidPage, MidStream, MidSeries, MidAlerts, BetweenPushAndAcknowledgement, CrashAtEachStep, GrantedAgain, LatePurge, Twin,
        RestoredDevice, Outbox;
    Device: Offline, MidPage, MidStream, MidSeries, MidAlerts, BetweenPushAndAcknowledgement, CrashAtEachStep, GrantedAgain, LatePurge, Twin,
        RestoredDevice, Outbox;
    Expiry: Offline, MidPage, MidStream, MidSeries, MidAlerts, BetweenPushAndAcknowledgement, CrashAtEachStep, GrantedAgain, LatePurge, Twin,
        RestoredDevice, Outbox;
    ExpiryUnsaid: Offline, MidPage, MidStream, MidSeries, MidAlerts, BetweenPushAndAcknowledgement, CrashAtEachStep, GrantedAgain, LatePurge,
        Twin, RestoredDevice, Outbox;
};

/// Names the scenario that was running when an assertion failed.
pub(crate) struct Named(pub(crate) &'static str);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("scenario: {}", self.0);
        }
    }
}
