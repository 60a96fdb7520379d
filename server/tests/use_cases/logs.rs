//! No value and no name gets into a log line or an error, at any level, whatever happens.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use osteon_proto::{care, meta::Role, record as pb, sync};
use osteon_server::{
    app::{explain, lists, push, records},
    error::Error,
};

use crate::fixture::*;

const CANARY: &str = "kanarienvogel";
/// A number that stands in nothing else.
const VALUE: u32 = 4_242_421;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("lines").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn said_in(error: Error, said: &mut String) {
    said.push_str(&format!("{error} {error:?}"));
    let status = error.into_status();
    said.push_str(&format!("{status:?} {}", String::from_utf8_lossy(status.details())));
}

pub(crate) async fn no_value_and_no_name_is_logged(kit: Kit) {
    let lines = Lines::default();
    let (writer, level) = (lines.clone(), tracing::Level::TRACE);
    let subscriber =
        tracing_subscriber::fmt().with_max_level(level).with_writer(move || writer.clone()).with_ansi(false).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    tracing::trace!("the log is written");
    let mut said = String::new();
    let circle = kit.circle("d0001", &[Role::Patient, Role::Physiotherapist, Role::Nurse]).await;
    let mut phone = kit.phone(&circle, 0, Role::Patient).await;
    let (patient, nurse) = (phone.caller, kit.person(circle.people[2]));
    let goal = |statement: &str, importance| care::SharedGoal {
        statement: Some(statement.into()),
        importance: Some(importance),
        ..Default::default()
    };
    let good = goal(CANARY, 3);
    let made = kit.create(&patient, circle.no, 241, &good).await.expect("made");
    for bad in [goal(CANARY, VALUE), goal(&CANARY.repeat(9_000), 3), goal(&format!("{CANARY}\0"), 3)] {
        said_in(kit.create(&patient, circle.no, 241, &bad).await.expect_err("refused"), &mut said);
        said_in(kit.create(&nurse, circle.no, 241, &bad).await.expect_err("refused"), &mut said);
        let verdict = kit.write(&mut phone, circle.no, create(kit.id(), 241, &bad)).await;
        said.push_str(&format!("{verdict:?}"));
    }
    let mut broken = create(kit.id(), 241, &good);
    broken.body = Some([body(241, &good).as_ref(), CANARY.as_bytes()].concat().into());
    let mut change = kit.change(vec![broken]);
    change.reason = CANARY.into();
    said.push_str(&format!("{:?}", kit.push(&mut phone, circle.no, change).await));
    let request = pb::ExplainRecordRequest { circle: circle.no, record_id: made.record_id.clone(), fields: vec![] };
    explain::explain(&kit.app, &nurse, &request).await.expect("explained");
    lists::list(&kit.app, &nurse, &pb::ListRecordsRequest { circle: circle.no, ..Default::default() })
        .await
        .expect("list");
    for text in [CANARY, "", "\0"] {
        let mut write = pb::WriteRecordRequest { circle: circle.no, record_id: text.into(), ..Default::default() };
        write.update_mask = Some(prost_types::FieldMask { paths: vec![text.into()] });
        said_in(records::write(&kit.app, &patient, &write).await.expect_err("refused"), &mut said);
        write.record_id.clone_from(&made.record_id);
        write.request_id = text.into();
        write.reason = text.into();
        said_in(records::write(&kit.app, &patient, &write).await.expect_err("refused"), &mut said);
        said_in(kit.enrol(text, text).await.0.expect_err("refused"), &mut said);
        said_in(kit.page(&patient, circle.no, CANARY.as_bytes()).await.expect_err("refused"), &mut said);
    }
    let odd = sync::PushRequest {
        epoch: 9,
        ..kit.request(&phone, circle.no, 0, vec![kit.change(vec![create(kit.id(), 241, &good)])])
    };
    said_in(push::push(&kit.app, &patient, odd, 1).await.expect_err("refused"), &mut said);
    drop(guard);
    let logged = String::from_utf8_lossy(&lines.0.lock().expect("lines")).into_owned();
    assert!(logged.contains("the log is written"));
    for line in logged.lines().chain(said.lines()) {
        assert!(!line.contains(CANARY) && !line.contains(&VALUE.to_string()), "{line}");
    }
}
