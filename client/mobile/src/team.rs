//! The people around a patient: who reads what, what they say to each other, what the patient shares and takes back, and what
//! happened to the owner's account.

use osteon_client::{sharing, threads as core, words};
use osteon_proto::{
    care::GrantCategory,
    identity::{Notice, NoticeKind},
    meta::Category,
    table::table,
    wire::device::millis,
};

use crate::{
    error::{PhoneError, Result, id_text, record_id},
    phone::{Phone, Saved},
};

/// What a member may read at this moment.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Reader {
    pub account: u64,
    pub role: String,
    /// Names of categories in the contracts, for example "CATEGORY_C06_SYMPTOMS".
    pub categories: Vec<String>,
}

/// Somebody who looked, as the server's audit says.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Look {
    pub at_ms: u64,
    /// 0: whoever runs the server.
    pub account: u64,
    pub role: String,
    /// Stable word, for example "record.get".
    pub action: String,
    pub categories: Vec<String>,
    /// How many changes, parts or records.
    pub count: u32,
}

#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Conversation {
    pub record_id: String,
    pub title: String,
    /// The record, and the name of its field, that it is about.
    pub about_record: Option<String>,
    pub about_field: Option<u32>,
    pub everybody: bool,
    pub opened_by: u64,
    /// Members who read it now, as far as this phone knows.
    pub readers: Vec<u64>,
    /// In the order in which they were written.
    pub messages: Vec<Said>,
}

#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Said {
    pub record_id: String,
    pub account: u64,
    pub role: String,
    pub at_ms: u64,
    /// `None`: it was taken back or marked as a mistake.
    pub text: Option<String>,
    pub unsent: bool,
}

/// A thread to be started.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct NewThread {
    pub title: String,
    /// Members who take part beside its writer.
    pub accounts: Vec<u64>,
    pub everybody: bool,
    pub about_record: Option<String>,
    pub about_field: Option<u32>,
    pub text: String,
}

/// Something that happened to the owner's account.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct AccountNotice {
    pub number: u64,
    /// Its name in the contracts, for example "NOTICE_KIND_DEVICE_ENROLLED".
    pub kind: String,
    pub at_ms: u64,
    pub device_name: String,
    pub acknowledged: bool,
}

/// What the patient asked the clinic to erase.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct AskedErasure {
    pub record_id: String,
    /// YYYY-MM-DD, the patient's day.
    pub asked_on: String,
    pub why: Option<String>,
    /// The clinic's answer, where one holds.
    pub answer: Option<String>,
    pub unsent: bool,
}

fn category(typed: &str) -> Result<GrantCategory> {
    sharing::category(typed).ok_or_else(|| PhoneError::argument("category", "There is no such category."))
}

fn thread(one: core::Thread) -> Conversation {
    let message = |said: core::Said| Said {
        record_id: id_text(said.record),
        account: said.author.account,
        role: words::role(said.author.role.0).into(),
        at_ms: said.at_ms,
        text: said.text,
        unsent: said.unsent,
    };
    Conversation {
        record_id: id_text(one.record),
        title: one.title,
        about_record: one.about.map(|(record, _)| id_text(record)),
        about_field: one.about.and_then(|(_, field)| field),
        everybody: one.everybody,
        opened_by: one.opened_by,
        readers: one.readers.into_iter().map(|(account, _)| account).collect(),
        messages: one.messages.into_iter().map(message).collect(),
    }
}

fn notice(one: Notice) -> AccountNotice {
    AccountNotice {
        number: one.number,
        kind: NoticeKind::try_from(one.kind).unwrap_or_default().as_str_name().into(),
        at_ms: one.at.as_ref().map_or(0, millis),
        device_name: one.device_name,
        acknowledged: one.acknowledged,
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Phone {
    /// Every member, with what they may read, from the grants that are here. Works without a network.
    pub async fn readers(&self, circle: u64) -> Result<Vec<Reader>> {
        let names = |all: Vec<Category>| all.into_iter().map(|one| one.as_str_name().to_owned()).collect();
        let reader = |one: osteon_client::devices::Reader| Reader {
            account: one.account,
            role: words::role(one.role.number()).into(),
            categories: names(one.categories),
        };
        Ok(self.core().readers(circle).await?.into_iter().map(reader).collect())
    }

    /// Who looked, the newest first, at most so many rows. Needs the network.
    pub async fn who_looked(&self, circle: u64, at_most: u32) -> Result<Vec<Look>> {
        let rows = self.core().who_looked(circle, usize::try_from(at_most).unwrap_or(usize::MAX), false).await?;
        let look = |row: osteon_proto::audit::AccessEntry| Look {
            at_ms: row.at.as_ref().map_or(0, millis),
            account: row.account,
            role: words::role(u8::try_from(row.role).unwrap_or(0)).into(),
            categories: row.categories().map(|one| one.as_str_name().to_owned()).collect(),
            action: row.action,
            count: row.count,
        };
        Ok(rows.into_iter().map(look).collect())
    }

    /// Takes a category ("symptoms" or "c06") back from a member: works without a network, and goes first when there is one.
    pub async fn withdraw(&self, circle: u64, account: u64, category: String) -> Result<Saved> {
        Ok(Saved::of(self.core().withdraw(circle, account, self::category(&category)?).await?))
    }

    /// Gives a category to a member until a moment (milliseconds since 1970). Needs the network.
    pub async fn share(&self, circle: u64, account: u64, category: String, until_ms: u64) -> Result<()> {
        Ok(self.core().share(circle, account, self::category(&category)?, until_ms).await?)
    }

    /// The threads that the owner reads, the one in which somebody wrote last first.
    pub async fn threads(&self, circle: u64) -> Result<Vec<Conversation>> {
        Ok(self.core().threads(circle).await?.into_iter().map(thread).collect())
    }

    /// Starts a thread with its first message; its record.
    pub async fn start_thread(&self, circle: u64, new: NewThread) -> Result<Saved> {
        let about = new.about_record.as_deref().map(record_id).transpose()?;
        let asked = core::NewThread {
            title: new.title,
            accounts: new.accounts,
            everybody: new.everybody,
            about: about.map(|record| (record, new.about_field)),
            text: new.text,
        };
        let (record, _) = self.core().start_thread(circle, &asked).await?;
        Ok(Saved { record_id: id_text(record) })
    }

    /// Adds a message to a thread.
    pub async fn say(&self, circle: u64, thread_id: String, text: String) -> Result<Saved> {
        let thread = record_id(&thread_id)?;
        Ok(Saved::of(self.core().say(circle, thread, &text).await?))
    }

    /// Notices, the newest first: those that nobody has acknowledged, or all. Needs the network.
    pub async fn notices(&self, all: bool) -> Result<Vec<AccountNotice>> {
        Ok(self.core().notices(all).await?.into_iter().map(notice).collect())
    }

    /// The owner has seen the notices up to this number. Returns how many are left.
    pub async fn notices_seen(&self, up_to: u64) -> Result<u32> {
        Ok(self.core().notices_seen(up_to).await?)
    }

    /// What was asked of the clinic to erase, and not taken back.
    pub async fn erasure_requests(&self, circle: u64) -> Result<Vec<AskedErasure>> {
        let request = |one: osteon_client::erasure::ErasureRequest| AskedErasure {
            record_id: id_text(one.record),
            asked_on: one.asked_on,
            why: one.why,
            answer: one.answer.and_then(|answer| answer.text),
            unsent: one.unsent,
        };
        Ok(self.core().erasure_requests(circle).await?.into_iter().map(request).collect())
    }

    /// Asks the clinic to erase everything (GDPR, Article 17). `asked_on`: the patient's day, YYYY-MM-DD. Works without a network.
    pub async fn ask_erasure(&self, circle: u64, asked_on: String, why: Option<String>) -> Result<Saved> {
        Ok(Saved::of(self.core().ask_erasure(circle, &asked_on, why.as_deref()).await?))
    }

    /// Takes it back.
    pub async fn take_back_erasure(&self, circle: u64) -> Result<Saved> {
        Ok(Saved::of(self.core().take_back_erasure(circle).await?))
    }
}

/// The number of a field by its name in the contracts, for what a thread is about.
#[uniffi::export]
pub fn field_number(type_number: u32, name: &str) -> Result<u32> {
    let field = table().get(type_number).and_then(|kind| kind.field_by_name(name));
    field.map(|field| field.number).ok_or_else(|| PhoneError::argument("name", "There is no such field."))
}
