//! Brings about one column of the file with real members: a circle of a patient and helpers, a reader in every role, entries
//! of theirs and of others, and then what the column says of the consent.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bytes::Bytes;
use osteon_proto::{
    LabelId, care, identity, record, sync,
    table::{RecordType, table},
};
use osteon_tests::{
    body,
    device::{Device, is_accepted, now_ms, record_id},
    server::Server,
};
use tonic::Status;

use super::{
    ROLES, RoleName,
    bodies::{self, Fill},
};
use crate::circle::{bytes_of, deny, enrol, grant, remove, short_id, uuid};

/// A record of the circle, as the test knows it.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) known: &'static RecordType,
    pub(crate) choice: u32,
    /// The account that made it; 0 for the server.
    pub(crate) author: u64,
}

/// Somebody who asks.
pub(crate) struct Reader {
    pub(crate) role: &'static RoleName,
    pub(crate) device: Device,
    /// Whether they belong to the circle, now or before: their own entries are there.
    pub(crate) inside: bool,
    /// Of a type that no server knows.
    pub(crate) unknown: Option<[u8; 16]>,
    /// The entry that says that they broke the glass.
    glass: Option<String>,
}

pub(crate) struct Scene {
    pub(crate) circle: u64,
    /// In the file: somebody else.
    pub(crate) nurse: u64,
    pub(crate) readers: Vec<Reader>,
    pub(crate) entries: Vec<Entry>,
    /// What the patient's device holds, by record and label; `None`: the reader who is a patient is another circle's.
    pub(crate) held: Option<BTreeSet<(String, u64)>>,
    /// Of a type that no server knows, by a helper.
    pub(crate) unknown: [u8; 16],
}

/// A type number that no version of the contracts has.
const NOBODY_KNOWS: u32 = 4_000;
/// How long a grant still lasts that is made to end.
const SOON: Duration = Duration::from_millis(300);
const HOUR_MS: u64 = 3_600_000;

fn is_member(column: &str) -> bool {
    !matches!(column, "stranger" | "glass" | "over")
}

/// Creates as somebody, with as much in it as they may write; the least if that is too much.
async fn make(by: &Device, known: &'static RecordType, choice: u32, parents: &Parents) -> Result<Entry, Status> {
    let parent = known.parent.map(|number| parents.id(by.circle, number));
    let Some(parent) = parent.map_or(Some(None), |id| id.map(Some)) else {
        return Err(Status::failed_precondition("its parent is not there"));
    };
    let mut last = Err(Status::unknown("nothing was tried"));
    for fill in [Fill::All, Fill::Own, Fill::Keys] {
        let body = bodies::body(known, choice, by, parent.as_deref(), fill);
        last = crate::circle::create(by, body, choice).await;
        if last.is_ok() {
            break;
        }
    }
    Ok(Entry { id: last?.record_id, known, choice, author: by.account })
}

/// A value in every field that one of them may write.
async fn complete(team: impl Iterator<Item = &Device> + Clone, entry: &Entry) {
    let view =
        crate::circle::get(team.clone().last().expect("the patient"), &entry.id).await.expect("the patient reads it");
    let missing =
        entry.known.shape.fields.iter().filter(|field| view.fields.iter().all(|there| there.field != field.number));
    for field in missing.filter(|field| !bodies::is_fixed(field) && !entry.known.append_only) {
        let by = team.clone().find(|by| field.writers.has(by.role));
        if let (Some(by), Some(chunk)) = (by, bodies::chunk(entry.known, field)) {
            let request = record::WriteRecordRequest {
                circle: by.circle,
                record_id: entry.id.clone(),
                body: Some(bodies::alone(entry.known, &chunk)),
                reason: "for a test".to_owned(),
                ..Default::default()
            };
            // One that is only valid beside others stays empty.
            drop(by.records().write_record(by.request(request)).await);
        }
    }
}

/// The records that children belong to, by type.
#[derive(Default)]
struct Parents(BTreeMap<u32, String>);

impl Parents {
    fn id(&self, circle: u64, number: u32) -> Option<Vec<u8>> {
        if table().get(number).is_some_and(|known| known.name == "P-CIRCLE") {
            return Some(crate::circle::parent(circle).to_vec());
        }
        self.0.get(&number).map(|id| bytes_of(id).to_vec())
    }
}

/// Every type with every choice of label, parents before their children.
pub(crate) fn types() -> Vec<(&'static RecordType, u32)> {
    let mut all: Vec<(&'static RecordType, u32)> = Vec::new();
    for known in table().types() {
        let choices = known.label_choice.len() as u32;
        all.extend((choices.min(1)..=choices).map(|choice| (known, choice)));
    }
    all.sort_by_key(|(known, _)| known.parent.is_some());
    all
}

/// What the server makes alone (and what is said to it), what is the consent itself, what stands in the circle of a clinic,
/// and what only whoever takes part in a thread may file.
pub(crate) fn is_made_here(known: &RecordType, choice: u32) -> bool {
    MADE.contains(&known.number) && may_be_made(known, choice)
}

/// Types of which the circles hold records: one of each policy, lane and kind of label, with their children. A record of every
/// type for every reader takes longer than a session lasts; the rows of the others are held by the table's own test.
/// An approval is none of them: it stands under the label of what it names (use_cases/together.rs).
const MADE: [u32; 28] = [
    101, 102, 103, 106, 107, 120, 151, 201, 211, 212, 213, 214, 215, 216, 221, 222, 223, 231, 232, 233, 241, 242, 243,
    244, 251, 261, 264, 271,
];

/// Types that readers try to create: those, and what the server makes alone.
const MADE_BY_SERVER: [u32; 6] = [268, 311, 312, 321, 322, 323];

pub(crate) fn is_asked(known: &RecordType) -> bool {
    MADE.contains(&known.number) || MADE_BY_SERVER.contains(&known.number)
}

fn may_be_made(known: &RecordType, choice: u32) -> bool {
    let parent = known.parent.and_then(|number| table().get(number));
    let by_server = |known: &RecordType| known.creators.iter().all(|role| role == osteon_proto::meta::Role::System);
    !known.of_clinic
        && !known.names_whose(choice)
        && !parent.is_some_and(by_server)
        && !known.creators_of(choice).iter().all(|role| role == osteon_proto::meta::Role::System)
        && !matches!(known.name.as_str(), "P-CIRCLE.member" | "P-CIRCLE.grant")
}

async fn push_unknown(by: &mut Device) -> [u8; 16] {
    let record = record_id(now_ms());
    let change = body::create(record, body::raw(NOBODY_KNOWS, &[8, 1]));
    let verdicts = by.push_urgent(vec![change]).await.expect("push");
    assert!(is_accepted(&verdicts[0]), "{}", osteon_tests::device::verdict_word(&verdicts[0]));
    record
}

impl Scene {
    pub(crate) async fn bring_about(server: &Server, column: &str) -> Self {
        let patient = enrol(server, &["--new-circle", "--role", "patient"]).await;
        let short = short_id(&patient).await;
        let mut helpers = Vec::new();
        for role in ["nurse", "physician", "physiotherapist", "dietitian", "clinic-admin"] {
            helpers.push(enrol(server, &["--circle", &short, "--role", role]).await);
        }
        let mut readers = Vec::new();
        for role in &ROLES {
            let here = ["--circle", &short, "--role", role.invited];
            let elsewhere = ["--new-circle", "--role", role.invited];
            let args: &[&str] = if is_member(column) { &here } else { &elsewhere };
            if role.short == "PT" && is_member(column) {
                continue;
            }
            let device = enrol(server, args).await;
            readers.push(Reader { role, device, inside: is_member(column), unknown: None, glass: None });
        }
        let ends = now_ms() + HOUR_MS;
        let grants = match column {
            "none" => Vec::new(),
            _ => given(&patient, &readers, ends, column).await,
        };
        let mut scene = Self {
            circle: patient.circle,
            nurse: helpers[0].account,
            readers,
            entries: Vec::new(),
            held: None,
            unknown: push_unknown(&mut helpers[0]).await,
        };
        scene.fill(&helpers, &patient).await;
        scene.turn(column, grants, ends, &patient).await;
        scene.find(&patient).await;
        if is_member(column) && column != "former" {
            let role = &ROLES[0];
            scene.readers.insert(0, Reader { role, device: patient, inside: true, unknown: None, glass: None });
        }
        scene
    }

    /// Entries by others, then of each reader's own.
    async fn fill(&mut self, helpers: &[Device], patient: &Device) {
        let mut parents = Parents::default();
        for (known, choice) in types().into_iter().filter(|(known, choice)| is_made_here(known, *choice)) {
            let creators = known.creators_of(choice);
            // The first who may: of wishes for the end of life nobody may but the patient, unless it is granted.
            let mut made = Err(Status::unknown("nobody creates it"));
            let mut author = patient;
            for by in helpers.iter().chain([patient]).filter(|by| creators.has(by.role)) {
                (author, made) = (by, make(by, known, choice, &parents).await);
                if made.is_ok() {
                    break;
                }
            }
            let entry = match made {
                Ok(entry) => entry,
                // Notes of a talk about the end of life take the patient's grant, and in this circle nobody has it.
                Err(status) if why(&status).contains("RECORD_NOT_CREATABLE") => continue,
                Err(status) => panic!("{} {choice}: {}", known.name, why(&status)),
            };
            complete(helpers.iter().chain([patient]), &entry).await;
            parents.0.entry(known.number).or_insert_with(|| entry.id.clone());
            self.entries.push(entry);
            let own = self.readers.iter().filter(|reader| reader.inside).map(|reader| &reader.device);
            for by in own.chain([patient]).filter(|by| by.account != author.account) {
                // Who may not create has none; and one id is one record, whoever came second.
                let Ok(entry) = make(by, known, choice, &parents).await else { continue };
                if self.entries.iter().all(|there| there.id != entry.id) {
                    self.entries.push(entry);
                }
            }
        }
        for reader in self.readers.iter_mut().filter(|reader| reader.inside) {
            reader.unknown = Some(push_unknown(&mut reader.device).await);
        }
    }

    /// What the column says.
    async fn turn(&mut self, column: &str, grants: Vec<Given>, ends: u64, patient: &Device) {
        match column {
            "ended" => {
                for given in grants.iter().filter_map(|given| given.record.as_ref()) {
                    end_soon(patient, given).await.expect("it ends sooner");
                }
                tokio::time::sleep(2 * SOON).await;
            }
            "deny" => {
                for given in grants {
                    match given.record {
                        Some(record) => deny(patient, &record).await.expect("denied"),
                        // What could never be granted can be denied all the same.
                        None => drop(grant(patient, given.account, given.category, care::Decision::Deny, None).await),
                    }
                }
            }
            "proxy" => {
                let category = care::GrantCategory::Proxy.into();
                for reader in &self.readers {
                    let made = grant(patient, reader.device.account, category, care::Decision::Allow, Some(ends)).await;
                    assert_eq!(made.is_ok(), reader.role.short == "CG", "{}", reader.role.short);
                }
            }
            "former" => {
                for reader in &self.readers {
                    remove(patient, reader.device.account, reader.device.role).await.expect("removed");
                }
            }
            "glass" | "over" => {
                for reader in &mut self.readers {
                    let broken = break_glass(&reader.device, self.circle).await;
                    reader.glass = broken.ok().map(|answer| answer.record_id);
                    if let Some(record_id) = reader.glass.clone().filter(|_| column == "over") {
                        let request = identity::EndBreakGlassRequest { circle: self.circle, record_id };
                        let mut service = glass_client(&reader.device);
                        service.end_break_glass(reader.device.request(request)).await.expect("it has ended");
                    }
                }
            }
            _ => {}
        }
        // Everybody who asks does so in this circle, also who never was in it.
        self.readers.iter_mut().for_each(|reader| reader.device.circle = self.circle);
    }

    /// What the server made by itself.
    async fn find(&mut self, patient: &Device) {
        let pages = patient.pull(&[]).await.unwrap_or_default();
        let cells =
            pages.into_iter().flat_map(|page| page.cells).filter_map(|held| Some((held.cell?.label_id, held.parts)));
        let held: BTreeSet<(String, u64)> =
            cells.flat_map(|(label, parts)| parts.into_iter().map(move |part| (uuid(&part.record), label))).collect();
        // A summary has a part for what was counted and one for what it says: one may have nothing in it here.
        let whole = |id: &str, known: &RecordType| {
            let there = |labels: Vec<LabelId>| labels.iter().all(|label| held.contains(&(id.to_owned(), label.0)));
            !known.name.starts_with("V-") || known.labels(0, 1).is_ok_and(there)
        };
        for view in list(patient, self.circle).await.expect("a list") {
            let Some(known) = table().get(view.r#type).filter(|known| whole(&view.record_id, known)) else { continue };
            let is_new = self.entries.iter().all(|entry| entry.id != view.record_id);
            if is_new && known.label_choice.is_empty() && !may_be_made(known, 0) {
                let version = view.fields.iter().flat_map(|field| &field.versions).next();
                let author = version.map_or(0, |version| version.account);
                self.entries.push(Entry { id: view.record_id, known, choice: 0, author });
            }
        }
    }
}

/// A grant that was tried.
struct Given {
    account: u64,
    category: i32,
    /// `None`: it would have had no effect.
    record: Option<record::RecordView>,
}

async fn given(patient: &Device, readers: &[Reader], ends: u64, column: &str) -> Vec<Given> {
    let mut all = Vec::new();
    for reader in readers.iter().filter(|reader| reader.inside) {
        for category in 1..=22 {
            let account = reader.device.account;
            // A denial needs nothing that was granted, but for whom it takes the own entries from.
            let made = grant(patient, account, category, care::Decision::Allow, Some(ends)).await;
            if let Err(status) = &made {
                let reason = crate::support::reason_of(status);
                assert_eq!(reason, "GRANT_WITHOUT_EFFECT", "{column} {} C{category:02}", reader.role.short);
            }
            all.push(Given { account, category, record: made.ok() });
        }
    }
    all
}

async fn end_soon(patient: &Device, given: &record::RecordView) -> Result<(), Status> {
    let at = now_ms() + SOON.as_millis() as u64;
    let at = prost_types::Timestamp { seconds: (at / 1000) as i64, nanos: (at % 1000) as i32 * 1_000_000 };
    let ended = care::Grant { not_after: Some(at), ..Default::default() };
    let view = crate::circle::get(patient, &given.record_id).await?;
    crate::circle::replace(patient, &view, "not_after", body::encode(sync::record_body::Body::Grant(ended))).await
}

pub(crate) fn why(status: &Status) -> String {
    use tonic_types::StatusExt;
    let fields = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    let fields: Vec<String> = fields.into_iter().map(|one| format!("{} {}", one.field, one.reason)).collect();
    format!("{:?} {} {fields:?}", status.code(), crate::support::reason_of(status))
}

pub(crate) fn glass_client(
    device: &Device,
) -> identity::break_glass_service_client::BreakGlassServiceClient<tonic::transport::Channel> {
    identity::break_glass_service_client::BreakGlassServiceClient::new(device.channel.clone())
}

pub(crate) async fn break_glass(device: &Device, circle: u64) -> Result<identity::BreakGlassResponse, Status> {
    let request = identity::BreakGlassRequest {
        circle,
        reason: "found unconscious, and nobody else can be reached".to_owned(),
        ..Default::default()
    };
    Ok(glass_client(device).break_glass(device.request(request)).await?.into_inner())
}

/// Every record that somebody is told of.
pub(crate) async fn list(by: &Device, circle: u64) -> Result<Vec<record::RecordView>, Status> {
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = record::ListRecordsRequest {
            circle,
            page_size: 100,
            include_ended: true,
            page_token,
            ..Default::default()
        };
        let page = by.records().list_records(by.request(request)).await?.into_inner();
        all.extend(page.records);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(all);
        }
    }
}

/// Records that somebody's feed names.
pub(crate) async fn feed(by: &Device, circle: u64) -> Result<Vec<Bytes>, Status> {
    let (mut all, mut after_sequence) = (Vec::new(), 0);
    loop {
        let request = sync::ListFeedRequest { circle, after_sequence, page_size: 100 };
        let page = by.sync().list_feed(by.request(request)).await?.into_inner();
        all.extend(page.entries.into_iter().map(|entry| entry.record));
        after_sequence = page.next_after_sequence;
        if after_sequence == 0 {
            return Ok(all);
        }
    }
}
