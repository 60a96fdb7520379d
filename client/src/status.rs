//! How this phone stands, in one object: what waits, what was refused, what is here whole, whether the server answers, and
//! what of it is old. Read from what is on disk, so that it says the same after a restart. It holds no value of an entry.

use std::collections::BTreeSet;

use osteon_care_core::facts::Day;
use osteon_proto::table::{FIELD_TABLE_VERSION, table};
use osteon_sync_core::{
    RecordId,
    device::{Confirmed, Depth},
};

use crate::{
    care::rules,
    error::Result,
    line::Line,
    phone::Phone,
    state::{Enrolled, Late, State},
    store::{
        files::Standing,
        items::{Settings, StoredCircle},
    },
    views::{CircleView, FieldView},
};

const ALERT: u32 = 411;
/// A clock that differs from the server's by more than this is said.
const CLOCK_OFF_MS: i64 = 5 * 60_000;

/// How this phone stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Status {
    pub now_ms: u64,
    pub server: Server,
    /// Changes without a verdict, and when the oldest of them was written.
    pub to_send: usize,
    /// Photos and papers that are on this phone and nowhere else yet.
    pub attachments_to_send: usize,
    pub oldest_ms: Option<u64>,
    /// Of those: in a lane that the server told LATER, and until when it waits.
    pub later: usize,
    pub later_until_ms: Option<u64>,
    pub drafts: Vec<Refused>,
    /// Changes that wait at the server for somebody's decision.
    pub held: usize,
    /// Outcomes that nobody was told yet: all, and those that need a person.
    pub outcomes: usize,
    pub outcomes_to_look_at: usize,
    /// Outcomes that were given up, because nobody asked for too long.
    pub outcomes_dropped: u64,
    pub circles: Vec<CircleStatus>,
    pub rules: Rules,
    /// Server time minus this phone's, where it is more than a few minutes: times are corrected by it.
    pub clock_off_ms: Option<i64>,
    /// This phone's database was found damaged once.
    pub damage: Option<Damage>,
    pub notices: u32,
    pub leaving: bool,
    pub left: bool,
}

/// What became of a damaged database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Damage {
    pub at_ms: u64,
    /// Unsent changes that could be read.
    pub recovered: u32,
    /// Unsent changes that could not be read.
    pub unsent_lost: u32,
    /// Whether there were more nobody can tell.
    pub outbox_lost: bool,
}

/// The way to the server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Server {
    pub reach: Reach,
    /// When it last acknowledged something of this phone, and when it last answered anything. 0: never.
    pub last_sent_ms: u64,
    pub last_heard_ms: u64,
    /// What did not work last, in words; `None`: it has answered since.
    pub last_error: Option<String>,
    /// How the line was made.
    pub line: Line,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// The owner switched the network off.
    Off { since_ms: u64 },
    /// Nobody has tried yet.
    Unknown,
    /// It answered last.
    Reached,
    /// It has not, since this time.
    Failing { since_ms: u64 },
}

impl Reach {
    pub fn word(self) -> &'static str {
        match self {
            Self::Off { .. } => "off",
            Self::Unknown => "unknown",
            Self::Reached => "reached",
            Self::Failing { .. } => "failing",
        }
    }
}

/// A change that was refused: what it was, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    pub circle: u64,
    /// Titles of the types that it wrote to.
    pub titles: Vec<String>,
    pub written_ms: u64,
    pub reason: String,
    pub words: String,
}

/// One circle on this phone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CircleStatus {
    pub circle: u64,
    pub short_id: String,
    pub role: u8,
    pub depth: Depth,
    /// Everything that this phone is to hold is here, as of the last page.
    pub up_to_date: bool,
    /// When that was so last; 0: never.
    pub up_to_date_ms: u64,
    pub classes: Vec<Class>,
    pub records: usize,
    /// Here and not shown any more: the next contact erases it.
    pub hidden: usize,
    pub late: Option<Late>,
}

/// A priority class of a circle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Class {
    pub number: u8,
    /// Since when it is here whole; `None`: it is not.
    pub whole_since_ms: Option<u64>,
}

/// The rules that run on this phone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rules {
    pub version: u32,
    pub published: Day,
    pub checksum: String,
    pub stale: Option<Stale>,
}

/// Why what this phone says may be behind its clinic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stale {
    /// Its newest alert was raised by this version of the rules.
    Rules { clinic: String },
    /// The clinic's server knows a newer table of fields.
    Table { clinic: u32 },
}

impl Phone {
    pub async fn status(&self) -> Result<Status> {
        let now_ms = self.now_ms();
        let kept = self.store.kept()?;
        let attachments_to_send = kept.iter().filter(|(_, standing)| *standing == Standing::ToSend).count();
        self.read().await?.status(now_ms, attachments_to_send)
    }
}

impl State {
    fn status(&self, now_ms: u64, attachments_to_send: usize) -> Result<Status> {
        let enrolled = self.enrolled()?;
        let device = &enrolled.device;
        let waiting: Vec<u64> = device.circles().flat_map(|(_, c)| c.outbox()).map(|own| own.change.clock.ms).collect();
        let (later, later_until_ms) = enrolled.later(now_ms);
        let circles = enrolled.enrolment.circles.iter().map(|known| enrolled.circle_status(known, now_ms));
        let off = i128::from(device.server_time_ms(now_ms)) - i128::from(now_ms);
        let off = i64::try_from(off).unwrap_or(i64::MAX);
        Ok(Status {
            now_ms,
            server: self.server(),
            to_send: waiting.len(),
            attachments_to_send,
            oldest_ms: waiting.iter().min().copied(),
            later,
            later_until_ms,
            drafts: enrolled.refused(now_ms),
            held: device.circles().map(|(_, c)| c.quarantined().len()).sum(),
            outcomes: self.settled.len(),
            outcomes_to_look_at: self.settled.values().filter(|one| one.outcome.needs_a_look()).count(),
            outcomes_dropped: self.settings.outcomes_dropped,
            circles: circles.collect::<Result<_>>()?,
            rules: self.rules(enrolled, now_ms)?,
            clock_off_ms: (off.abs() > CLOCK_OFF_MS).then_some(off),
            damage: self.damage(),
            notices: self.settings.notices,
            leaving: self.settings.leaving,
            left: self.settings.left,
        })
    }

    fn damage(&self) -> Option<Damage> {
        let Settings { damaged_ms: at_ms, recovered, unsent_lost, outbox_lost, .. } = self.settings;
        (at_ms > 0).then_some(Damage { at_ms, recovered, unsent_lost, outbox_lost })
    }

    fn server(&self) -> Server {
        let settings = &self.settings;
        let last_error = Some(settings.last_error.clone()).filter(|why| !why.is_empty());
        let reach = match (settings.offline, &last_error, settings.last_heard_ms) {
            (true, ..) => Reach::Off { since_ms: settings.offline_since_ms },
            (_, Some(_), _) => Reach::Failing { since_ms: settings.last_error_ms },
            (_, None, 0) => Reach::Unknown,
            _ => Reach::Reached,
        };
        let (last_sent_ms, last_heard_ms) = (settings.last_sent_ms, settings.last_heard_ms);
        Server { reach, last_sent_ms, last_heard_ms, last_error, line: settings.line() }
    }

    fn rules(&self, enrolled: &Enrolled, now_ms: u64) -> Result<Rules> {
        let set = rules()?;
        let clinic = self.settings.server_table;
        let stale = if clinic > FIELD_TABLE_VERSION {
            Some(Stale::Table { clinic })
        } else {
            let newest = enrolled.rules_of_newest_alert(now_ms);
            let ours = format!("{} of {}", set.version, set.published);
            newest.filter(|clinic| *clinic != ours).map(|clinic| Stale::Rules { clinic })
        };
        Ok(Rules { version: set.version, published: set.published, checksum: set.checksum.clone(), stale })
    }
}

impl Enrolled {
    /// How many changes wait because the server said LATER, and until when.
    fn later(&self, now_ms: u64) -> (usize, Option<u64>) {
        let (mut count, mut until) = (0, None);
        for (_, circle) in self.device.circles() {
            for (replica, queue) in circle.queues().filter(|(_, queue)| queue.waits_until_ms() > now_ms) {
                count += circle.outbox().filter(|own| own.dot().replica == replica).count();
                until = until.max(Some(queue.waits_until_ms()));
            }
        }
        (count, until)
    }

    fn refused(&self, now_ms: u64) -> Vec<Refused> {
        let mut all = Vec::new();
        for (circle, _) in self.device.circles() {
            let Ok(view) = self.view(circle, now_ms) else { continue };
            all.extend(view.drafts().map(|draft| {
                let numbers: BTreeSet<u32> = draft.change.parts.iter().map(|p| p.type_number).collect();
                let title = |n: &u32| table().get(*n).map_or_else(|| "a record".to_owned(), |k| k.title.clone());
                Refused {
                    circle,
                    titles: numbers.iter().map(title).collect(),
                    written_ms: draft.change.clock.ms,
                    reason: draft.reason.to_string(),
                    words: draft.words.to_string(),
                }
            }));
        }
        all
    }

    fn circle_status(&self, known: &StoredCircle, now_ms: u64) -> Result<CircleStatus> {
        let view = self.view(known.circle, now_ms)?;
        let since = |class: u8| known.whole.iter().find(|w| w.class == u32::from(class)).map(|w| w.since_ms);
        let whole = known.whole.iter().filter_map(|class| u8::try_from(class.class).ok());
        let mut classes: BTreeSet<u8> = whole.collect();
        classes.extend(view.confirmed().cells().iter().map(|cell| cell.class));
        let classes = classes.iter().map(|number| Class { number: *number, whole_since_ms: since(*number) });
        Ok(CircleStatus {
            circle: known.circle,
            short_id: known.short_id.clone(),
            role: u8::try_from(known.role).unwrap_or(0),
            depth: known.depth(),
            up_to_date: view.circle().at_head(),
            up_to_date_ms: known.up_to_date_ms,
            classes: classes.collect(),
            records: view.record_count(),
            hidden: view.hidden_count(),
            late: self.late(known.circle),
        })
    }

    /// The version of the rules that raised the newest alert of all circles.
    fn rules_of_newest_alert(&self, now_ms: u64) -> Option<String> {
        let views = self.device.circles().filter_map(|(circle, _)| self.view(circle, now_ms).ok());
        let newest = views.flat_map(|view| newest_alert(&view)).max_by_key(|(written, ..)| *written);
        newest.map(|(_, _, version)| version)
    }
}

fn newest_alert(view: &CircleView<'_>) -> Option<(u64, RecordId, String)> {
    let said = view.of_type(ALERT).into_iter().filter_map(|alert| {
        let field = alert.field("rule_set")?;
        let info = alert.kind()?.field(field.number)?;
        let written = field.effective.as_ref()?.clock.ms;
        let osteon_proto::values::Value::Text(version) = osteon_proto::values::value(info, FieldView::value(field)?)?
        else {
            return None;
        };
        Some((written, alert.record, version.to_owned()))
    });
    said.max_by_key(|(written, record, _)| (*written, *record))
}
