//! The clinic stays alive: phones and clinicians edit the same field apart and come together, something is taken back, a
//! phone is stolen; and what is going on is said in plain sentences. Source: the sync story of the design.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use serde_json::Value;

use super::{FIELD, Phone, Seeded, children::Live};
use crate::app::App;

/// How long the phones may take to see one another's edits.
pub(super) const SETTLE: Duration = Duration::from_secs(20);
pub(super) const LOOK: Duration = Duration::from_millis(200);

/// Where the story plays.
pub(crate) struct Stage {
    pub(crate) app: Arc<App>,
    pub(crate) data: PathBuf,
    pub(crate) url: String,
    pub(crate) ca: PathBuf,
    /// This program, as it was started.
    pub(crate) program: String,
    /// Who owns the phone that is stolen.
    pub(crate) patient: Phone,
    pub(crate) pace: Duration,
}

/// Who is in the story: three phones, two clinicians at desks.
pub(crate) struct Alive {
    pub(super) stage: Stage,
    pub(super) patient: Live,
    tablet: Live,
    pub(super) caregiver: Live,
    clinician: Live,
    pub(super) nurse: Live,
    /// The account of the caregiver: others may be invited while the story is told.
    pub(super) daughter: u64,
}

pub(super) fn say(words: &str) {
    println!("\n{words}");
}

impl Alive {
    /// Enrols and starts everybody. `keys` are those of the desks' devices.
    pub(crate) async fn start(stage: Stage, seeded: &Seeded, keys: &[PathBuf]) -> anyhow::Result<Self> {
        let (mut phones, mut desks) = (Vec::new(), Vec::new());
        for phone in &seeded.phones {
            phones.push(stage.phone(phone, phone.name).await?);
        }
        for (desk, key) in seeded.desks.iter().zip(keys) {
            desks.push(Live::desk(&stage.data, key, desk.circle, desk.name)?);
        }
        let (mut phones, mut desks) = (phones.into_iter(), desks.into_iter());
        let mut phone = || phones.next().context("three phones");
        let mut desk = || desks.next().context("two desks");
        let (patient, tablet, caregiver, clinician, nurse) = (phone()?, phone()?, phone()?, desk()?, desk()?);
        let daughter = seeded.phones.get(2).context("the caregiver")?.account;
        Ok(Self { stage, patient, tablet, caregiver, clinician, nurse, daughter })
    }

    /// One round of the story.
    pub(crate) async fn round(&mut self, n: u32) -> anyhow::Result<()> {
        say(&format!(
            "Round {n}. The exercise plan of demo patient 1 says: one session at most 40 min. The patient (p1) and \
             community physiotherapist Q (pt-q) have it on their phones; physiotherapist P (pt-p) works online, at a desk."
        ));
        self.rest().await;
        self.apart().await?;
        self.rest().await;
        self.together().await?;
        self.rest().await;
        self.decided().await?;
        self.rest().await;
        self.afresh().await?;
        self.rest().await;
        self.narrowed().await?;
        self.rest().await;
        self.stolen().await
    }

    pub(super) async fn rest(&self) {
        tokio::time::sleep(self.stage.pace).await;
    }

    async fn apart(&mut self) -> anyhow::Result<()> {
        say("P opens the plan: 40 min is on the screen.");
        self.clinician.ask("open").await?;
        say("The patient and Q lose the network. Both go on working.");
        self.patient.ask("offline on").await?;
        self.tablet.ask("offline on").await?;
        self.patient.show("log pain 6 left-thigh").await?;
        self.patient.show("log walk 15 min --effort 3 --pain 4").await?;
        self.rest().await;
        say("Q is careful: 20 min. Tightening a limit needs no reason. It waits on the tablet.");
        self.tablet.ask(&format!("plan exercise --set {FIELD}=20")).await?;
        say("P has not seen that and writes 50 min; lifting a limit needs a reason.");
        self.clinician.ask("write 50 walks well, no pain on loading").await?;
        Ok(())
    }

    async fn together(&mut self) -> anyhow::Result<()> {
        say("Q comes back. Neither had seen the other's value, so both stand, side by side.");
        self.tablet.ask("offline off").await?;
        until(&mut self.clinician, |plan| disputed(plan) && value(plan) == Some(20)).await?;
        say("The safer one, 20 min, is in force until the team decides. The patient comes back and learns it:");
        self.patient.ask("offline off").await?;
        until(&mut self.patient, |plan| disputed(plan) && value(plan) == Some(20)).await?;
        settled(&mut self.patient).await
    }

    async fn decided(&mut self) -> anyhow::Result<()> {
        say("P opens the question, sees both values with who wrote them when, and keeps 20 min.");
        self.clinician.ask("decide 20 the thigh hurts on standing").await?;
        until(&mut self.patient, |plan| !disputed(plan) && value(plan) == Some(20)).await?;
        say(
            "On the patient's phone it is no longer a question. Nothing was lost: the walk and the pain are with the team.",
        );
        Ok(())
    }

    async fn afresh(&mut self) -> anyhow::Result<()> {
        say("For the next round P sets 40 min again, with a reason.");
        self.clinician.ask("open").await?;
        self.clinician.ask("write 40 next round of the demo").await?;
        for phone in [&mut self.patient, &mut self.tablet] {
            until(phone, |plan| !disputed(plan) && value(plan) == Some(40)).await?;
        }
        for phone in [&mut self.patient, &mut self.tablet] {
            settled(phone).await?;
        }
        say("Every phone shows 40 min, and no phone has anything left to send.");
        Ok(())
    }
}

/// Asks until the exercise plan is as expected.
async fn until(phone: &mut Live, expected: impl Fn(&Value) -> bool) -> anyhow::Result<()> {
    let name = phone.name;
    let seen = async {
        while !expected(&phone.look().await?) {
            tokio::time::sleep(LOOK).await;
        }
        anyhow::Ok(())
    };
    match tokio::time::timeout(SETTLE, seen).await {
        Ok(seen) => seen,
        Err(_) => anyhow::bail!("{name} does not see what the others wrote"),
    }
}

/// Waits until the phone has nothing left to send.
async fn settled(phone: &mut Live) -> anyhow::Result<()> {
    let name = phone.name;
    let sent = async {
        while phone.query("status").await?["to_send"] != 0 {
            tokio::time::sleep(LOOK).await;
        }
        anyhow::Ok(())
    };
    match tokio::time::timeout(SETTLE, sent).await {
        Ok(sent) => sent,
        Err(_) => anyhow::bail!("the phone {name} cannot send"),
    }
}

/// The field of the story, in the first plan of the list.
pub(super) fn field(plans: &Value) -> Option<&Value> {
    plans.get(0)?["fields"].as_array()?.iter().find(|f| f["field"] == FIELD)
}

fn value(plans: &Value) -> Option<u64> {
    field(plans)?["value"].as_u64()
}

fn disputed(plans: &Value) -> bool {
    field(plans).is_some_and(|f| f["needs_review"] == true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_plan_is_read_as_a_phone_prints_it() {
        let plan = json!([{"fields": [{"field": FIELD, "value": 20, "needs_review": true}]}]);
        assert!(disputed(&plan) && value(&plan) == Some(20));
        assert!(!disputed(&json!([])) && field(&json!([])).is_none());
    }
}
