//! The clinic stays alive: two phones and a clinician's tablet go offline, edit the same field apart, come back; and what
//! is going on is said in plain sentences. Source: the sync story of the design.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use serde_json::Value;

use super::{
    Phone,
    children::{self, LivePhone, Server},
};
use crate::app::{App, enrol};

const FIELD: &str = "max_minutes_session";
/// How long the phones may take to see one another's edits.
const SETTLE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(200);

/// The three phones of the story.
pub(crate) struct Alive {
    patient: LivePhone,
    tablet: LivePhone,
    clinician: LivePhone,
    pace: Duration,
}

fn say(words: &str) {
    println!("\n{words}");
}

impl Alive {
    /// Enrols and starts the phones. Their folders stay, as ordinary phones of `osteon-phone`.
    pub(crate) async fn start(
        app: &Arc<App>,
        phones: &[Phone],
        data: &Path,
        server: &Server<'_>,
        pace: Duration,
    ) -> anyhow::Result<Self> {
        let program = children::program()?;
        let mut alive = Vec::new();
        for phone in phones {
            let home = data.join("phones").join(phone.name);
            let invite = enrol::invite(app, phone.circle, phone.short_id, phone.account, phone.role).await?;
            let code = (invite.typed.as_str(), phone.short_id);
            children::enrol(&program, &home, phone.name, code, server).await?;
            alive.push(LivePhone::start(&program, &home, phone.name)?);
        }
        let mut alive = alive.into_iter();
        let mut next = || alive.next().context("three phones");
        let (patient, tablet, clinician) = (next()?, next()?, next()?);
        let mut alive = Self { patient, tablet, clinician, pace };
        for phone in [&mut alive.patient, &mut alive.tablet, &mut alive.clinician] {
            until(phone, |plan| field(plan).is_some()).await.context("the first download")?;
        }
        Ok(alive)
    }

    /// One round of the story.
    pub(crate) async fn round(&mut self, n: u32) -> anyhow::Result<()> {
        say(&format!(
            "Round {n}. The exercise plan of demo patient 1 says: one session at most 40 min. Patient (p1), community \
             physiotherapist Q (pt-q) and physiotherapist P (pt-p) all have it."
        ));
        self.rest().await;
        self.apart().await?;
        self.rest().await;
        self.together().await?;
        self.rest().await;
        self.decided().await?;
        self.rest().await;
        self.afresh().await
    }

    async fn rest(&self) {
        tokio::time::sleep(self.pace).await;
    }

    async fn apart(&mut self) -> anyhow::Result<()> {
        say("The patient and Q lose the network. Both go on working.");
        self.patient.ask("offline on").await?;
        self.tablet.ask("offline on").await?;
        self.patient.show("log pain 6 left-thigh").await?;
        self.patient.show("log walk 15 min --effort 3 --pain 4").await?;
        self.rest().await;
        say("Q is careful: 20 min. Tightening a limit needs no reason. It waits on the tablet.");
        self.tablet.ask(&format!("plan exercise --set {FIELD}=20")).await?;
        say("P has not seen that and writes 50 min; lifting a limit needs a reason.");
        self.clinician.ask(&format!("plan exercise --set {FIELD}=50 --why \"walks well, no pain on loading\"")).await?;
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
        self.clinician.show("disputes").await?;
        let list = self.clinician.query("disputes").await?;
        let (n, choice) = question(&list).context("the question of this round")?;
        self.clinician.ask(&format!("disputes decide {n} {choice} --why \"the thigh hurts on standing\"")).await?;
        until(&mut self.patient, |plan| !disputed(plan) && value(plan) == Some(20)).await?;
        say(
            "On the patient's phone it is no longer a question. Nothing was lost: the walk and the pain are with the team.",
        );
        Ok(())
    }

    async fn afresh(&mut self) -> anyhow::Result<()> {
        say("For the next round P sets 40 min again, with a reason.");
        self.clinician.ask(&format!("plan exercise --set {FIELD}=40 --why \"next round of the demo\"")).await?;
        for phone in [&mut self.patient, &mut self.tablet] {
            until(phone, |plan| !disputed(plan) && value(plan) == Some(40)).await?;
        }
        for phone in [&mut self.patient, &mut self.tablet, &mut self.clinician] {
            settled(phone).await?;
        }
        say("Every phone shows 40 min, and no phone has anything left to send.");
        Ok(())
    }
}

/// Asks the phone until its exercise plan is as expected.
async fn until(phone: &mut LivePhone, expected: impl Fn(&Value) -> bool) -> anyhow::Result<()> {
    let name = phone.name;
    let seen = async {
        while !expected(&phone.query("plan exercise").await?) {
            tokio::time::sleep(LOOK).await;
        }
        anyhow::Ok(())
    };
    match tokio::time::timeout(SETTLE, seen).await {
        Ok(seen) => seen,
        Err(_) => anyhow::bail!("the phone {name} does not see what the others wrote"),
    }
}

/// Waits until the phone has nothing left to send.
async fn settled(phone: &mut LivePhone) -> anyhow::Result<()> {
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
fn field(plans: &Value) -> Option<&Value> {
    plans.get(0)?["fields"].as_array()?.iter().find(|f| f["field"] == FIELD)
}

fn value(plans: &Value) -> Option<u64> {
    field(plans)?["value"].as_u64()
}

fn disputed(plans: &Value) -> bool {
    field(plans).is_some_and(|f| f["needs_review"] == true)
}

/// (number of the question, number of the version in force).
fn question(list: &Value) -> Option<(u64, u64)> {
    let question = list.as_array()?.iter().find(|q| q["field"] == FIELD)?;
    let version = question["versions"].as_array()?.iter().find(|v| v["in_force"] == true)?;
    Some((question["n"].as_u64()?, version["n"].as_u64()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_question_of_the_story_is_found_among_others() {
        let list = json!([
            {"n": 1, "field": "lift_max_kg", "versions": [{"n": 1, "in_force": true}]},
            {"n": 2, "field": FIELD, "versions": [{"n": 1, "in_force": false}, {"n": 2, "in_force": true}]},
        ]);
        assert_eq!(question(&list), Some((2, 2)));
        assert_eq!(question(&json!([])), None);
    }

    #[test]
    fn a_plan_is_read_as_a_phone_prints_it() {
        let plan = json!([{"fields": [{"field": FIELD, "value": 20, "needs_review": true}]}]);
        assert!(disputed(&plan) && value(&plan) == Some(20));
        assert!(!disputed(&json!([])) && field(&json!([])).is_none());
    }
}
