//! The golden table of access on the wire: access-core/golden/rpc.txt says for every question, label, class of fields, role
//! and state of the consent what is answered. Here real members ask a real server over TLS, and it answers just that; what
//! it does not tell is, byte for byte, what it says of a record that never was.
//!
//! A column of the file is one circle. `make test` brings about two of the nine, by `OSTEON_SEED`; with `OSTEON_CASES` (make
//! prove) all of them. What cannot be brought about on the wire is listed with its reason, and nothing else may be left out.

mod asks;
mod bodies;
mod scene;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use osteon_tests::server::{Server, Setup};
use table::{Cell, Golden, Tally};

/// A role in the file, and as an invite names it.
pub(crate) struct RoleName {
    pub(crate) short: &'static str,
    pub(crate) invited: &'static str,
}

pub(crate) const ROLES: [RoleName; 7] = [
    RoleName { short: "PT", invited: "patient" },
    RoleName { short: "CG", invited: "caregiver" },
    RoleName { short: "DI", invited: "dietitian" },
    RoleName { short: "PH", invited: "physiotherapist" },
    RoleName { short: "ON", invited: "physician" },
    RoleName { short: "NU", invited: "nurse" },
    RoleName { short: "AD", invited: "clinic-admin" },
];

/// RPCs of the file that these tests do not call, each with where the same letters are held.
const RPCS_ELSEWHERE: &[(&str, &str)] = &[
    ("AttachmentService/BeginUpload", "use_cases/attachments.rs: the right to write the field that names the bytes"),
    ("AttachmentService/ReadAttachment", "use_cases/attachments.rs: the same reading as GetRecord"),
    ("AuditService/ListAccess", "use_cases/audit.rs: who reads the audit is a question of its own"),
    ("AuditService/RecordExport", "use_cases/audit.rs: whoever may open the circle"),
    ("BreakGlassService/EndBreakGlass", "use_cases/glass.rs: of what one broke"),
    ("BreakGlassService/ListBreakGlass", "use_cases/glass.rs: the audit's own readers"),
    ("BreakGlassService/ReviewBreakGlass", "use_cases/glass.rs: administrators, of what others did"),
    ("ConsentService/GetConsent", "use_cases/consents.rs: what ExplainAccess and ListErasures say"),
    ("ConsentService/ListErasures", "revocation: a list of devices"),
    ("EnrolmentService/CreateInvite", "use_cases/invites.rs"),
    ("EnrolmentService/ListInvites", "use_cases/invites.rs: whoever names members, and one's own"),
    ("EnrolmentService/RevokeInvite", "use_cases/invites.rs: whoever names members, and one's own"),
    ("QuarantineService/AcceptQuarantined", "use_cases/quarantine.rs: the write that it makes is asked as any other"),
    ("QuarantineService/GetQuarantined", "use_cases/quarantine.rs; probes.rs for what is hidden"),
    ("QuarantineService/ListQuarantined", "use_cases/quarantine.rs"),
    ("QuarantineService/RejectQuarantined", "use_cases/quarantine.rs"),
    ("RecordService/MoveRecord", "use_cases/records.rs: ends the old and creates the new"),
    ("RecordService/RedactVersion", "use_cases/redactions.rs"),
    ("RecordService/RestoreRecord", "use_cases/records.rs: writes the lifecycle as EndRecord does"),
    ("AlertService/ListAlerts", "use_cases/alerts.rs: the same reading as ListRecords"),
    ("AlertService/WatchAlerts", "use_cases/alert_service.rs: tells what ListAlerts says"),
    ("AlertService/GetRuleStatistics", "use_cases/alert_service.rs: counts what ListRecords reads"),
    ("AlertService/AcknowledgeAlert", "use_cases/alerts.rs: creates a record as CreateRecord does"),
    ("AlertService/CloseAlert", "use_cases/alerts.rs: creates a record as CreateRecord does"),
    ("ReviewService/ListReviews", "use_cases/reviews.rs: the same reading as ListRecords"),
    ("ReviewService/ListProposals", "use_cases/proposals.rs: the same reading as ListRecords"),
    ("ReviewService/ListSettled", "use_cases/reviews.rs: the same reading as ListRecords"),
    ("ReviewService/ResolveReview", "use_cases/reviews.rs: a write behind a sealed token"),
    ("SyncService/Offer", "use_cases/offers.rs: decided in the commit as a push is"),
    (
        "SyncService/Push",
        "use_cases/access.rs and fleet: decided in the commit by the function that the online writes ask",
    ),
    ("SummaryService/GetVisitSummary", "use_cases/digest.rs: the same reading as ListRecords"),
    ("SummaryService/ListChanges", "use_cases/seen.rs: the same reading as ListRecords"),
    ("SummaryService/GetWeeklyDigest", "use_cases/digest.rs: the same reading as ListRecords"),
    ("CircleService/GetCircleView", "use_cases/circle_view.rs: puts together what other RPCs tell"),
    ("SeenService/ListSeen", "use_cases/seen.rs: a record that every member reads"),
    ("SeenService/MarkSeen", "use_cases/seen.rs: creates and writes a record as RecordService does"),
    ("ThreadService/ListThreads", "use_cases/threads.rs: the same reading as ListRecords"),
    ("ThreadService/GetThread", "use_cases/threads.rs: the same reading as GetRecord"),
    ("ThreadService/OpenThread", "use_cases/threads.rs: creates records as CreateRecord does"),
    ("ThreadService/SendMessage", "use_cases/threads.rs: creates a record as CreateRecord does"),
    ("ThreadService/SetParticipant", "use_cases/threads.rs: creates and writes a record as RecordService does"),
    ("ThreadService/MarkThreadSeen", "use_cases/threads.rs: creates and writes a record as RecordService does"),
    ("WorklistService/Find", "use_cases/work_list.rs: names of records that ListRecords would show"),
    ("WorklistService/ListWork", "use_cases/work_list.rs: what ListAlerts and ListReviews tell, ranked"),
    ("TargetService/ListTargets", "use_cases/targets.rs: the same reading as ListRecords"),
    ("TaskService/ListTasks", "use_cases/tasks.rs: the same reading as ListRecords"),
    ("TimelineService/GetSeries", "use_cases/series.rs: the same reading as ListRecords"),
    ("TeamService/GetTeamChange", "use_cases/teams.rs"),
    ("TeamService/StartTeamChange", "use_cases/teams.rs"),
    (
        "ExportService/ExportPatient",
        "use_cases/export.rs: what the export holds is compared with what the patient's scope reads",
    ),
];

/// Why a letter cannot be seen on the wire; `None`: it has to be.
fn unseen(cell: &Cell, made: &BTreeMap<String, BTreeSet<String>>) -> Option<&'static str> {
    let (question, label) = (cell.key.question.as_str(), cell.key.label.as_str());
    let outside = matches!(cell.column.as_str(), "stranger" | "glass" | "over");
    let former_patient = cell.role == "PT" && cell.column == "former";
    let filed = made.get(&cell.column).is_some_and(|labels| labels.contains(label));
    let class = cell.key.class.as_str();
    let served = class.starts_with("-:") || class.starts_with("SYS:");
    let own = cell.own == Some(true) || label.contains(":own");
    match question {
        _ if former_patient => Some("nobody takes the patient out of their own circle"),
        "SUMMARY" | "READ" if outside && !filed => {
            Some("whoever is no member is told of records alone, and none has this label")
        }
        "SUMMARY" if outside => Some("whoever is no member is told of records alone, not of what they might have"),
        "READ" | "HOLD" if label.contains("AUTHOR") => {
            Some("no record type of these contracts is for its author alone")
        }
        "READ" | "HOLD" if label.starts_with("MEMBER") => {
            Some("only the server writes a notice, when something happens")
        }
        "READ" if label.ends_with("/SUMMARY") => {
            Some("a summary of which one part has nothing in it is left out (scene.rs, find)")
        }
        "HOLD" | "READ" if !filed => Some("no record of the circle has this label"),
        _ if outside && own => Some("whoever is no member has no entry of their own"),
        "CREATE" | "END" | "WRITE" | "PROPOSE" if !of_something(&cell.key) => {
            Some("no record of such a type is made in these circles (scene.rs, MADE)")
        }
        "END" | "WRITE" | "PROPOSE" if label == "C15" => Some("nobody was granted to make one in this state"),
        _ if own => Some("they may not make one, so none is theirs"),
        "HOLD" => Some("the circle has no such record in this state"),
        "GLASS" if cell.column == "former" => {
            Some("whoever was taken out of their only circle has no role to break glass with")
        }
        _ if served && matches!(question, "END" | "WRITE" | "PROPOSE") => {
            Some("the server alone makes it, and here it did not")
        }
        "WRITE" | "PROPOSE" if class.starts_with("PT:plan") && label == "ALL" => {
            Some("nothing was granted in this state")
        }
        "END" | "WRITE" if class.starts_with("PT,CG:") && cell.role == "PT" => {
            Some("only the patient and a caregiver make one, and here no caregiver may")
        }
        "PROPOSE" if label == "C13" => {
            Some("it stands in a record of which they read another part, and nothing is said of it")
        }
        "CREATE" if cell.key.class == "PT:plan+proxy" => Some("asked as GRANT"),
        "END" if cell.key.class == "PT:plan+proxy" => Some("consent ends by DENY, for everybody"),
        _ => None,
    }
}

/// Whether a row of the file is of a record that these tests make.
fn of_something(row: &table::Key) -> bool {
    scene::types().into_iter().filter(|(known, choice)| scene::is_made_here(known, *choice)).any(|(known, choice)| {
        let of_type = |question| table::of_type(question, known, choice, 1) == *row;
        let mut fields = known.shape.fields.iter();
        of_type("CREATE")
            || of_type("END")
            || fields.any(|f| ["WRITE", "PROPOSE"].iter().any(|q| table::of_field(q, known, f, choice, 1) == *row))
    })
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|n| n.parse().ok())
}

/// All columns, or two of them by the seed.
fn columns(golden: &Golden) -> Vec<String> {
    let seed = number("OSTEON_SEED").unwrap_or(0) as usize;
    if number("OSTEON_CASES").is_some() {
        return golden.columns.clone();
    }
    // One in which the reader is a member, one in which not.
    let (members, outside) = golden.columns.split_at(5);
    vec![members[seed % members.len()].clone(), outside[seed % outside.len()].clone()]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wire_says_what_the_table_says() {
    let golden = Golden::read();
    let server = Server::start(Setup::default().arg("--rate-limits").arg("off")).expect("server");
    let columns = columns(&golden);
    println!("columns {columns:?}, OSTEON_SEED={}", number("OSTEON_SEED").unwrap_or(0));
    let mut tally = Tally::default();
    let mut made = BTreeMap::new();
    for column in &columns {
        let mut scene = scene::Scene::bring_about(&server, column).await;
        asks::ask(&golden, column, &mut scene, &mut tally).await;
        made.insert(column.clone(), asks::labels(&scene));
    }
    let all = golden.cells(&columns);
    let mut left: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut open: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for cell in all.difference(&tally.asserted) {
        match unseen(cell, &made) {
            Some(why) => drop(left.entry(why).or_default().insert(format!("{} {}", cell.key.question, cell.key.label))),
            None => {
                let row = format!("{} {} {}", cell.key.question, cell.key.label, cell.key.class);
                open.entry(row).or_default().push(format!("{} {} {:?}", cell.role, cell.column, cell.own));
            }
        }
    }
    let verbose = std::env::var_os("OSTEON_VERBOSE").is_some();
    println!("{} of {} cells asserted; calls {:?}", tally.asserted.len(), all.len(), tally.calls);
    for (why, rows) in &left {
        println!("{} rows not on the wire: {why}", rows.len());
        if verbose {
            println!("    {}", rows.iter().cloned().collect::<Vec<_>>().join(", "));
        }
    }
    assert!(open.is_empty(), "neither asked nor explained: {open:#?}");
    let asked = |rpc: &String| tally.calls.contains_key(rpc.as_str());
    let elsewhere = |rpc: &String| RPCS_ELSEWHERE.iter().any(|(name, _)| name == rpc);
    for (rpc, questions) in &golden.rpcs {
        let own = questions == &["SELF"];
        assert!(own || asked(rpc) != elsewhere(rpc), "{rpc}: asked here or listed, not both");
    }
}
