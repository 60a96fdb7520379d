//! What is taken back in the demo: a category from a caregiver while both phones are online, and a stolen phone.

use std::{collections::BTreeSet, path::Path, time::Duration};

use anyhow::Context;
use tokio::time::Instant;

use super::{
    alive::{Alive, LOOK, SETTLE, say},
    children::{self, Live},
};
use crate::clock::{Clock, SystemClock};

/// Entries about symptoms, as a phone names their types.
const SYMPTOMS: [&str; 2] = ["pain_entry", "symptom_entry"];
const STOLEN: &str = "old";
const DAY_MS: i64 = 86_400_000;

impl Alive {
    /// The patient narrows what the daughter sees. Her phone has a stream open and says what happens to it.
    pub(super) async fn narrowed(&mut self) -> anyhow::Result<()> {
        let held = self.symptoms().await?;
        say(&format!(
            "The daughter (cg) sees her mother's symptoms, {held} entries of them, and her activity. Both phones are online. \
             The patient takes the symptoms back."
        ));
        self.patient.show(&format!("withdraw symptoms --from {}", self.daughter)).await?;
        let since = Instant::now();
        self.until_symptoms(|left| left == 0).await?;
        let after = since.elapsed().as_millis();
        let kinds = self.kinds().await?;
        anyhow::ensure!(kinds.contains("activity_session"), "what is shared goes on");
        say(&format!(
            "Nothing of them is on the daughter's phone any more, {after} ms later; her mother's activity is. Had her phone \
             been offline, it would have been told before anything else."
        ));
        self.rest().await;
        say(
            "The patient shares them again, until a day. Giving needs the server; the daughter's phone is filled anew.",
        );
        let until = jiff::Timestamp::from_millisecond(i64::try_from(SystemClock.now_ms())? + 90 * DAY_MS)?;
        let until = until.to_zoned(jiff::tz::TimeZone::UTC).date();
        self.patient.show(&format!("share symptoms --with {} --until {until}", self.daughter)).await?;
        self.until_symptoms(|now| now >= held).await?;
        say("It is all there again.");
        Ok(())
    }

    /// The patient's old phone is in somebody else's hands.
    pub(super) async fn stolen(&mut self) -> anyhow::Result<()> {
        let home = self.stage.data.join("phones").join(STOLEN);
        let mut old = self.stage.phone(&self.stage.patient, STOLEN).await?;
        old.look().await?;
        say(
            "The patient's old phone is stolen. It is switched on and still follows the circle. The nurse orders it to erase itself.",
        );
        self.nurse.ask(&format!("wipe {STOLEN}")).await?;
        let empty = async {
            while !is_empty(&home) {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(SETTLE, empty).await.context("the stolen phone does not erase itself")?;
        say(&format!(
            "{} is empty: key and database are overwritten and gone. An order without the clinic's signature would have \
             erased nothing. All of this is on record, also for the patient:\n  {} audit show --data-dir {} --circle d0001 \
             --limit 20",
            home.display(),
            self.stage.program,
            self.stage.data.display()
        ));
        Ok(())
    }

    async fn symptoms(&mut self) -> anyhow::Result<usize> {
        let entries = self.caregiver.query("entries --last 10000").await?;
        let of = |kind: &str| entries.as_array().map_or(0, |all| all.iter().filter(|one| one["type"] == kind).count());
        Ok(SYMPTOMS.into_iter().map(of).sum())
    }

    async fn kinds(&mut self) -> anyhow::Result<BTreeSet<String>> {
        let entries = self.caregiver.query("entries --last 10000").await?;
        let kinds = entries.as_array().into_iter().flatten().filter_map(|one| one["type"].as_str());
        Ok(kinds.map(str::to_owned).collect())
    }

    async fn until_symptoms(&mut self, expected: impl Fn(usize) -> bool) -> anyhow::Result<()> {
        let seen = async {
            while !expected(self.symptoms().await?) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            anyhow::Ok(())
        };
        match tokio::time::timeout(SETTLE, seen).await {
            Ok(seen) => seen,
            Err(_) => anyhow::bail!("the daughter's phone does not follow what is shared with her"),
        }
    }
}

/// Whether a phone's folder holds nothing.
fn is_empty(home: &Path) -> bool {
    std::fs::read_dir(home).is_ok_and(|mut files| files.next().is_none())
}

impl super::alive::Stage {
    /// Enrols a phone for somebody and starts it. The folder stays, as an ordinary phone of `osteon-phone`.
    pub(super) async fn phone(&self, of: &super::Phone, name: &'static str) -> anyhow::Result<Live> {
        let program = children::program()?;
        let home = self.data.join("phones").join(name);
        let invite = crate::app::enrol::invite(&self.app, of.circle, of.short_id, of.account, of.role).await?;
        let server = children::Server { url: &self.url, ca: &self.ca };
        children::enrol(&program, &home, name, (invite.typed.as_str(), of.short_id), &server).await?;
        let mut phone = Live::phone(&program, &home, name)?;
        let held = async {
            while super::alive::field(&phone.look().await?).is_none() {
                tokio::time::sleep(LOOK).await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(SETTLE, held).await.context("the first download")??;
        Ok(phone)
    }
}
