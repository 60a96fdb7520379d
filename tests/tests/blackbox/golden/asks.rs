//! Asks a server everything that one column of the table has a letter for.

use std::collections::{BTreeMap, BTreeSet};

use osteon_proto::{care, consent, meta::Policy, record, sync, table::RecordType};
use osteon_tests::{body, device::Device};
use tonic::Status;

use super::{
    bodies,
    scene::{self, Entry, Reader, Scene},
    table::{self, Cell, Golden, Key, Tally, key},
};
use crate::{circle::uuid, probes::seen, support::reason_of};

/// Nobody has a record of this id.
const ABSENT: &str = "01941f29-7c00-7000-8000-00000000abcd";

/// The labels of the circle's records, as any reader's row spells them.
pub(crate) fn labels(scene: &Scene) -> BTreeSet<String> {
    let one = |entry: &Entry| {
        let labels = entry.known.labels(entry.choice, entry.author.max(1)).expect("labels").into_iter();
        labels.filter(|label| stands(scene, entry, label.0)).collect::<Vec<_>>()
    };
    let named = scene.entries.iter().flat_map(one).map(|label| table::label(label, 0));
    named.chain(["UNKNOWN:own".to_owned(), "UNKNOWN:other".to_owned()]).collect()
}

/// Whether the server computes all of it.
fn is_derived(known: &RecordType) -> bool {
    known.shape.fields.iter().all(|field| field.policy == Policy::Derived)
}

/// Whether there is a part of this label. A summary has those that have something to say; the patient holds them all.
fn stands(scene: &Scene, entry: &Entry, label: u64) -> bool {
    let held = scene.held.as_ref().filter(|_| is_derived(entry.known));
    held.is_none_or(|held| held.contains(&(entry.id.clone(), label)))
}

/// The parts that a device is sent, by record and label.
async fn held(device: &Device) -> BTreeSet<(String, u64)> {
    let mut held = BTreeSet::new();
    for cell in device.pull(&[]).await.unwrap_or_default().into_iter().flat_map(|page| page.cells) {
        let label = cell.cell.as_ref().map_or(0, |cell| cell.label_id);
        held.extend(cell.parts.iter().map(|part| (uuid(&part.record), label)));
    }
    held
}

struct Asking<'a> {
    golden: &'a Golden,
    column: &'a str,
    scene: &'a Scene,
    reader: &'a Reader,
    tally: &'a mut Tally,
    /// What each RPC says of a record that is not there.
    nothing: BTreeMap<&'static str, String>,
}

pub(crate) async fn ask(golden: &Golden, column: &str, scene: &mut Scene, tally: &mut Tally) {
    if let Some(patient) = scene.readers.iter().find(|reader| reader.role.short == "PT" && reader.inside) {
        scene.held = Some(held(&patient.device).await);
    }
    for reader in &scene.readers {
        let mut asking = Asking { golden, column, scene, reader, tally, nothing: BTreeMap::new() };
        asking.absent().await;
        asking.whole().await;
        asking.holds().await;
        asking.explains().await;
        for entry in &scene.entries {
            asking.record(entry).await;
        }
        asking.creations().await;
        asking.grants().await;
    }
    // Last: it opens what was closed. Whoever was taken out of their only circle has no role to break it with.
    for reader in scene.readers.iter().filter(|_| column != "former") {
        let mut asking = Asking { golden, column, scene, reader, tally, nothing: BTreeMap::new() };
        asking.glass().await;
    }
}

/// The letter of an answer.
fn letter<T>(answer: &Result<T, Status>) -> char {
    let Err(status) = answer else { return '+' };
    match reason_of(status).as_str() {
        "NOT_FOUND" => 'n',
        "FIELD_NOT_WRITABLE" | "RECORD_NOT_CREATABLE" | "NOT_YOUR_CONSENT" | "NOT_ALLOWED" => 'r',
        _ => '?',
    }
}

/// For whoever reads a failure.
fn told<T>(about: &str, answer: &Result<T, Status>) -> String {
    format!("{about}, {}", answer.as_ref().err().map(scene::why).unwrap_or_default())
}

fn yes(may: bool) -> char {
    if may { '+' } else { 'n' }
}

impl Asking<'_> {
    fn device(&self) -> &Device {
        &self.reader.device
    }

    fn own(&self, entry: &Entry) -> bool {
        entry.author == self.device().account
    }

    fn cell(&self, key: Key, own: Option<bool>) -> Cell {
        Cell { key, role: self.reader.role.short, column: self.column.to_owned(), own }
    }

    #[track_caller]
    fn see(&mut self, rpc: &'static str, key: Key, own: Option<bool>, seen: char, about: &str) {
        let cell = self.cell(key, own);
        self.tally.see(self.golden, rpc, cell, seen, about);
    }

    /// What is not told is what is said of nothing.
    fn same_as_nothing<T>(&self, rpc: &'static str, answer: &Result<T, Status>, about: &str) {
        let Err(status) = answer else { return };
        if letter(answer) == 'n' {
            let said = seen(Err(status.clone()));
            assert_eq!(Some(&said), self.nothing.get(rpc), "{rpc}, {about}: not what is said of nothing");
        }
    }

    async fn absent(&mut self) {
        let get = self.get(ABSENT).await.map(|_| ());
        let explain = self.explain(ABSENT).await.map(|_| ());
        let end = self.end(ABSENT, Default::default()).await;
        let write = self.write(ABSENT, body::pain(3, 1_764_000_000_000), None).await;
        let rpcs = ["GetRecord", "ExplainRecord", "EndRecord", "WriteRecord"];
        for (rpc, answer) in rpcs.into_iter().zip([get, explain, end, write]) {
            assert_eq!(letter(&answer), 'n', "{rpc}");
            self.nothing.insert(rpc, seen(Err(answer.expect_err("nothing"))));
        }
    }

    async fn get(&self, record_id: &str) -> Result<record::RecordView, Status> {
        crate::circle::get(self.device(), record_id).await
    }

    async fn explain(&self, record_id: &str) -> Result<record::ExplainRecordResponse, Status> {
        let request = record::ExplainRecordRequest {
            circle: self.scene.circle,
            record_id: record_id.to_owned(),
            ..Default::default()
        };
        let by = self.device();
        Ok(by.records().explain_record(by.request(request)).await?.into_inner())
    }

    async fn end(&self, record_id: &str, shown: bytes::Bytes) -> Result<(), Status> {
        let request = record::EndRecordRequest {
            circle: self.scene.circle,
            record_id: record_id.to_owned(),
            state: sync::Lifecycle::EnteredInError.into(),
            shown,
            reason: "for a test".to_owned(),
            validate_only: true,
            ..Default::default()
        };
        let by = self.device();
        by.records().end_record(by.request(request)).await.map(|_| ())
    }

    async fn write(&self, id: &str, body: bytes::Bytes, shown: Option<record::FieldShown>) -> Result<(), Status> {
        let request = record::WriteRecordRequest {
            circle: self.scene.circle,
            record_id: id.to_owned(),
            body: Some(body),
            shown: shown.into_iter().collect(),
            reason: "for a test".to_owned(),
            validate_only: true,
            ..Default::default()
        };
        let by = self.device();
        by.records().write_record(by.request(request)).await.map(|_| ())
    }

    /// The row of what a record is read by, if it is one.
    fn reading(&self, question: &str, entry: &Entry) -> Option<Key> {
        let labels = entry.known.labels(entry.choice, entry.author.max(1)).expect("labels");
        let [label] = labels[..] else { return None };
        Some(key(question, &table::label(label, self.device().account), "-"))
    }

    /// Lists and the feed: each record is told of, or it is not.
    async fn whole(&mut self) {
        let (device, circle) = (self.device(), self.scene.circle);
        let listed = scene::list(device, circle).await;
        let listed: BTreeSet<String> = listed.into_iter().flatten().map(|view| view.record_id).collect();
        let fed = scene::feed(device, circle).await;
        let fed: BTreeSet<String> = fed.into_iter().flatten().map(|record| uuid(&record)).collect();
        for entry in &self.scene.entries {
            let Some(row) = self.reading("READ", entry) else { continue };
            let about = entry.known.name.as_str();
            self.see("RecordService/ListRecords", row.clone(), None, yes(listed.contains(&entry.id)), about);
            self.see("SyncService/ListFeed", row, None, yes(fed.contains(&entry.id)), about);
        }
    }

    /// What a device holds.
    async fn holds(&mut self) {
        let held = held(self.device()).await;
        for entry in &self.scene.entries {
            for label in entry.known.labels(entry.choice, entry.author.max(1)).expect("labels") {
                let row = key("HOLD", &table::label(label, self.device().account), "-");
                let there = held.contains(&(entry.id.clone(), label.0));
                if !there && !stands(self.scene, entry, label.0) {
                    continue;
                }
                self.see("SyncService/Pull", row, None, yes(there), &entry.known.name);
            }
        }
        let unknown = [(Some(self.scene.unknown), "UNKNOWN:other"), (self.reader.unknown, "UNKNOWN:own")];
        for (record, label) in unknown {
            let Some(record) = record else { continue };
            let there = held.iter().any(|(id, _)| *id == uuid(&record));
            self.see("SyncService/Pull", key("HOLD", label, "-"), None, yes(there), "an unknown type");
            let got = self.get(&uuid(&record)).await;
            self.see("RecordService/GetRecord", key("READ", label, "-"), None, letter(&got), "an unknown type");
        }
    }

    /// "Who sees what", category by category, and whether one may look through another's eyes.
    async fn explains(&mut self) {
        let rpc = "ConsentService/ExplainAccess";
        let by = self.device();
        let ask = |account| {
            let mut service = consent::consent_service_client::ConsentServiceClient::new(by.channel.clone());
            let request = by.request(consent::ExplainAccessRequest { circle: self.scene.circle, account });
            async move { service.explain_access(request).await.map(|answer| answer.into_inner()) }
        };
        let (own, other) = (ask(0).await, ask(self.scene.nurse).await);
        // Whoever may not ask is told the same of members and of nobody.
        let letter = match letter(&other) {
            'n' if self.golden.letter(&self.cell(key("SPEAK", "-", "-"), None)) == Some('r') => 'r',
            letter => letter,
        };
        self.see(rpc, key("SPEAK", "-", "-"), None, letter, "another member");
        if !self.reader.inside {
            return;
        }
        for number in 1..=22 {
            let category = own.as_ref().ok().and_then(|own| own.categories.iter().find(|c| c.category == number));
            let may = |action: consent::AccessAction| {
                let found = category.and_then(|c| c.actions.iter().find(|a| a.action == i32::from(action)));
                yes(found.is_some_and(|found| found.allowed))
            };
            let label = format!("C{number:02}");
            self.see(rpc, key("READ", &label, "-"), None, may(consent::AccessAction::Read), &label);
            // Left out where there is nothing to say of it: then whoever reads the whole reads the summary.
            let summary = category.is_some_and(|c| c.actions.iter().any(|a| a.action == 2)) || own.is_err();
            if summary {
                self.see(rpc, key("SUMMARY", &label, "-"), None, may(consent::AccessAction::ReadSummary), &label);
            }
        }
    }

    async fn record(&mut self, entry: &Entry) {
        let name = entry.known.name.as_str();
        // A notice is somebody's: of others' notices the file says no more than that nobody reads them.
        let somebodys = entry.known.whose.is_some();
        let (got, explained) = (self.get(&entry.id).await, self.explain(&entry.id).await);
        self.same_as_nothing("GetRecord", &got, name);
        self.same_as_nothing("ExplainRecord", &explained, name);
        if let Some(row) = self.reading("READ", entry) {
            self.see("RecordService/GetRecord", row.clone(), None, letter(&got), name);
            self.see("RecordService/ExplainRecord", row, None, letter(&explained), name);
        } else if !got.as_ref().is_ok_and(|view| view.limited_view) {
            // All of its parts, or none.
            for label in entry.known.labels(entry.choice, entry.author.max(1)).expect("labels") {
                if got.is_err() && !stands(self.scene, entry, label.0) {
                    continue;
                }
                let row = key("READ", &table::label(label, self.device().account), "-");
                self.see("RecordService/GetRecord", row, None, letter(&got), name);
            }
        }
        // Of a summary that is there in part whoever may read its own part is the reader: the whole includes it.
        if is_derived(entry.known)
            && got.as_ref().is_ok_and(|view| view.limited_view)
            && let Ok(label) = entry.known.record_label(entry.choice, entry.author.max(1))
        {
            let row = key("READ", &table::label(label, self.device().account), "-");
            self.see("RecordService/GetRecord", row, None, letter(&got), name);
        }
        // Nor does it say whether a summary is there for whoever reads one part of it, while nothing stands in that one.
        let whole = || entry.known.labels(entry.choice, entry.author.max(1)).expect("labels");
        let hollow = whole().iter().any(|label| !stands(self.scene, entry, label.0));
        if somebodys || (hollow && got.is_err()) {
            return;
        }
        match &explained {
            Ok(explained) => self.flags(entry, explained),
            Err(_) => self.closed(entry, &explained),
        }
        let view = got.ok();
        self.ending(entry, view.as_ref()).await;
        self.writing(entry, view.as_ref()).await;
    }

    /// To whom the record is not there, none of its fields is.
    fn closed(&mut self, entry: &Entry, explained: &Result<record::ExplainRecordResponse, Status>) {
        for field in &entry.known.shape.fields {
            for question in ["WRITE", "PROPOSE"] {
                let row = table::of_field(question, entry.known, field, entry.choice, entry.author.max(1));
                let own = (question == "WRITE").then(|| self.own(entry));
                let about = format!("{}.{}", entry.known.name, field.name);
                self.see("RecordService/ExplainRecord", self.as_reader(row, entry), own, letter(explained), &about);
            }
        }
    }

    /// What the form greys out.
    fn flags(&mut self, entry: &Entry, explained: &record::ExplainRecordResponse) {
        for view in explained.fields.iter().filter_map(|field| field.view.as_ref()) {
            let Some(field) = entry.known.field(view.field) else { continue };
            let about = format!("{}.{}", entry.known.name, field.name);
            let rpc = "RecordService/ExplainRecord";
            let refused = |may: bool| if may { '+' } else { 'r' };
            for (question, may) in [("WRITE", view.may_write), ("PROPOSE", view.may_propose)] {
                let row = table::of_field(question, entry.known, field, entry.choice, entry.author.max(1));
                let own = (question == "WRITE").then(|| self.own(entry));
                self.see(rpc, self.as_reader(row, entry), own, refused(may), &about);
            }
        }
    }

    /// Whoever reads one part of a record knows the record: of a part that is closed to them they are refused, as they are
    /// where nothing stands in it.
    fn knows(&self, entry: &Entry, row: &Key, own: bool, seen: char) -> char {
        let parts = entry.known.labels(entry.choice, entry.author.max(1)).expect("labels").len();
        let closed = self.golden.letter(&self.cell(row.clone(), Some(own))) == Some('n');
        if seen == 'r' && parts > 1 && closed { 'n' } else { seen }
    }

    /// A row that was spelled for the author, as the reader's.
    fn as_reader(&self, row: Key, entry: &Entry) -> Key {
        if self.own(entry) { row } else { Key { label: row.label.replace(":own", ":other"), ..row } }
    }

    async fn ending(&mut self, entry: &Entry, view: Option<&record::RecordView>) {
        let name = entry.known.name.as_str();
        // Membership and consent end by DENY: for nobody else's reason this is refused.
        if matches!(name, "P-CIRCLE.member" | "P-CIRCLE.grant") {
            return;
        }
        let shown = view.map(|view| view.shown.clone()).unwrap_or_default();
        let ended = self.end(&entry.id, shown).await;
        self.same_as_nothing("EndRecord", &ended, name);
        let row = table::of_type("END", entry.known, entry.choice, entry.author.max(1));
        let (row, own) = (self.as_reader(row, entry), self.own(entry));
        let seen = self.knows(entry, &row, own, letter(&ended));
        self.see("RecordService/EndRecord", row, Some(own), seen, &told(name, &ended));
    }

    /// One field of each class is written, as far as the server would.
    async fn writing(&mut self, entry: &Entry, view: Option<&record::RecordView>) {
        // Whom a membership names and what a grant gives are asked as such; what takes no second write takes it from nobody.
        let asked_otherwise = matches!(entry.known.name.as_str(), "P-CIRCLE.member" | "P-CIRCLE.grant");
        if asked_otherwise || entry.known.append_only && view.is_some() {
            return;
        }
        let mut classes = BTreeSet::new();
        for field in &entry.known.shape.fields {
            // To whom the record is not there, no value is looked at.
            let chunk = match bodies::chunk(entry.known, field).filter(|_| !bodies::is_fixed(field)) {
                None if view.is_none() => bodies::any(field),
                None => continue,
                Some(chunk) => chunk,
            };
            let row = table::of_field("WRITE", entry.known, field, entry.choice, entry.author.max(1));
            if !classes.insert(row.clone()) {
                continue;
            }
            let about = format!("{}.{}", entry.known.name, field.name);
            let standing = view.and_then(|view| view.fields.iter().find(|f| f.field == field.number));
            let shown = standing.filter(|_| !field.is_set()).map(|standing| record::FieldShown {
                field: field.number,
                shown: standing.shown.clone(),
                ..Default::default()
            });
            let written = self.write(&entry.id, bodies::alone(entry.known, &chunk), shown).await;
            self.same_as_nothing("WriteRecord", &written, &about);
            let (row, own) = (self.as_reader(row, entry), self.own(entry));
            let seen = self.knows(entry, &row, own, letter(&written));
            self.see("RecordService/WriteRecord", row, Some(own), seen, &told(&about, &written));
        }
    }

    async fn creations(&mut self) {
        let (circle, by) = (self.scene.circle, self.device().account);
        for (known, choice) in scene::types() {
            // Whom a membership may name, and what a grant may give, are questions of their own.
            if matches!(known.name.as_str(), "P-CIRCLE.member" | "P-CIRCLE.grant") || !scene::is_asked(known) {
                continue;
            }
            let parent = |number: u32| {
                let there = self.scene.entries.iter().find(|entry| entry.known.number == number);
                there.map(|entry| crate::circle::bytes_of(&entry.id).to_vec())
            };
            let parent = known.parent.and_then(|number| {
                let root = osteon_proto::table::table().get(number).is_some_and(|known| known.name == "P-CIRCLE");
                if root { Some(crate::circle::parent(circle).to_vec()) } else { parent(number) }
            });
            // Nobody's but the server's, and named for somebody.
            let face = known.creators.is_empty() && known.whose.is_some();
            if face || known.parent.is_some() && parent.is_none() {
                continue;
            }
            let body = bodies::body(known, choice, self.device(), parent.as_deref(), bodies::Fill::Keys);
            let request = record::CreateRecordRequest {
                circle,
                body: Some(body),
                label_choice: choice,
                validate_only: true,
                reason: "for a test".to_owned(),
                ..Default::default()
            };
            let device = self.device();
            let made = device.records().create_record(device.request(request)).await;
            let row = table::of_type("CREATE", known, choice, by);
            self.see("RecordService/CreateRecord", row, None, letter(&made), &told(&known.name, &made));
        }
    }

    /// Consent is written by the patient, and by whoever speaks for them.
    async fn grants(&mut self) {
        let own = self.device().account;
        let proxy: i32 = care::GrantCategory::Proxy.into();
        let education: i32 = care::GrantCategory::C17Education.into();
        let asked =
            [("other", self.scene.nurse, education), ("itself", own, education), ("proxy", self.scene.nurse, proxy)];
        for (class, account, category) in asked {
            let record = care::Grant {
                parent: Some(crate::circle::parent(self.scene.circle)),
                grantee: Some(care::Grantee { account: Some(account), role: None }),
                category: Some(category),
                decision: Some(care::Decision::Deny.into()),
                ..Default::default()
            };
            let request = record::CreateRecordRequest {
                circle: self.scene.circle,
                body: Some(body::encode(sync::record_body::Body::Grant(record))),
                validate_only: true,
                ..Default::default()
            };
            let device = self.device();
            let made = device.records().create_record(device.request(request)).await;
            self.see("RecordService/CreateRecord", key("GRANT", "-", class), None, letter(&made), &told(class, &made));
        }
    }

    async fn glass(&mut self) {
        let broken = scene::break_glass(self.device(), self.scene.circle).await;
        self.see(
            "BreakGlassService/BreakGlass",
            key("GLASS", "-", "-"),
            None,
            letter(&broken),
            &told("glass", &broken),
        );
    }
}
