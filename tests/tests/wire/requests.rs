//! What yesterday's phone asked, asked of today's server: the real binary gets every request of a recording byte for byte,
//! but for the names that each server gives anew (circle, epoch, numbers of lanes, cursor). It answers, its verdicts are those
//! of then, and what it accepted it has, also what it does not know itself.

use bytes::Bytes;
use osteon_proto::{meta, sync as pb};
use osteon_tests::{
    device::{Device, verdict_word},
    raw,
    server::{Server, Setup},
};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, Value};

use crate::tape::{Asked, NEWER_FIELD, Tape};

/// Numbers of the recorded phone's lanes: urgent, ordinary.
pub(crate) type Lanes = [u32; 2];

/// What is called otherwise on the server that is asked now.
struct Names<'d> {
    device: &'d Device,
    was: Lanes,
    cursor: Bytes,
}

impl Names<'_> {
    fn put(&self, message: &mut DynamicMessage) {
        // MACs of the other lane are under a key that this server never gave.
        message.clear_field_by_name("builds_on");
        for (field, value) in message.fields_mut() {
            self.put_value(field.name(), value);
        }
    }

    fn put_value(&self, name: &str, value: &mut Value) {
        match (name, value) {
            ("circle", Value::U64(circle)) => *circle = self.device.circle,
            ("epoch", Value::U32(epoch)) => *epoch = self.device.epoch,
            ("replica", Value::U32(replica)) if *replica == self.was[0] => *replica = self.device.urgent.replica,
            ("replica", Value::U32(replica)) if *replica == self.was[1] => *replica = self.device.ordinary.replica,
            ("cursor", Value::Bytes(cursor)) if !cursor.is_empty() => cursor.clone_from(&self.cursor),
            (_, Value::Message(inner)) => self.put(inner),
            (_, Value::List(list)) => list.iter_mut().for_each(|one| self.put_value("", one)),
            _ => {}
        }
    }

    /// The bytes as this server's own phone would have sent them, with what they hold that nobody knows.
    fn translated(&self, pool: &DescriptorPool, asked: &Asked) -> Bytes {
        let kind = pool.get_message_by_name(&format!("osteon.sync.v1.{}Request", asked.method)).expect("a method");
        let mut message = DynamicMessage::decode(kind, asked.message.as_slice()).expect("a request");
        self.put(&mut message);
        message.encode_to_vec().into()
    }
}

/// Where the page before ended.
fn cursor_of(messages: &[Bytes]) -> Option<Bytes> {
    let page = |message: &Bytes| match pb::PullResponse::decode(message.clone()).expect("an answer").event {
        Some(pb::pull_response::Event::Page(page)) => Some(page.cursor),
        _ => None,
    };
    messages.iter().filter_map(page).next_back()
}

fn verdicts(answer: &[u8]) -> Vec<String> {
    let answer = pb::PushResponse::decode(answer).expect("an answer");
    answer.verdicts.iter().map(verdict_word).collect()
}

/// Ids of the records that were created and accepted.
fn accepted(tape: &Tape) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    for (sent, said) in &tape.pushes {
        for (change, verdict) in sent.iter().zip(verdicts(said)) {
            let change = pb::Change::decode(change.as_slice()).expect("a change");
            let created = change.writes.iter().filter(|write| write.create && verdict == "ACCEPTED");
            records.extend(created.map(|write| write.record.to_vec()));
        }
    }
    records
}

/// `newer`: the phone is of a version that this server does not know yet.
async fn asked_of(server: &Server, tape: &Tape, was: Lanes, newer: bool, at: &str) {
    let pool = DescriptorPool::decode(osteon_proto::FILE_DESCRIPTOR_SET).expect("descriptors");
    let device = Device::patient(server).await.expect("a patient");
    assert_eq!(device.role, meta::Role::Patient);
    let mut names = Names { device: &device, was, cursor: Bytes::new() };
    let mut pushes = tape.pushes.iter();
    for (n, asked) in tape.asked.iter().enumerate() {
        let mut message = names.translated(&pool, asked);
        if newer {
            message = [&message, NEWER_FIELD].concat().into();
        }
        let (path, token) = (format!("/osteon.sync.v1.SyncService/{}", asked.method), &device.tokens.access_token);
        let at = format!("{at}, newer: {newer}, request {n} ({})", asked.method);
        let refused = |status: tonic::Status| -> Vec<Bytes> { panic!("{at}: {status:?}") };
        if asked.method == "Pull" {
            let messages = raw::stream(device.channel.clone(), &path, token, message).await.unwrap_or_else(refused);
            names.cursor = cursor_of(&messages).unwrap_or_else(|| panic!("{at}: no page"));
            continue;
        }
        let answer = raw::unary(device.channel.clone(), &path, token, message).await.map(|answer| vec![answer]);
        let answer = answer.unwrap_or_else(refused).remove(0);
        if asked.method == "Push" {
            let (_, said) = pushes.next().expect("an answer to each push");
            assert_eq!(verdicts(&answer), verdicts(said), "{at}");
        } else {
            pb::HelloResponse::decode(answer).expect("an answer");
        }
    }
    assert!(pushes.next().is_none(), "{at}: a push was not recorded");
    let parts = device.parts().await.expect("everything");
    let accepted = accepted(tape);
    assert!(!accepted.is_empty());
    for record in &accepted {
        assert!(parts.iter().any(|part| part.record == record[..]), "{at}: what was accepted is not there");
    }
    let holds = |part: &pb::Part| {
        part.body.as_ref().is_some_and(|body| body.windows(NEWER_FIELD.len()).any(|at| at == NEWER_FIELD))
    };
    assert!(parts.iter().any(holds), "{at}: a field that this version does not know is kept");
}

/// Asks a server of this code what each of these phones asked.
pub(crate) async fn replay(recordings: &[(String, Tape, Lanes)]) {
    let server = Server::start(Setup::default()).expect("server");
    for (at, tape, was) in recordings {
        for newer in [false, true] {
            asked_of(&server, tape, *was, newer, at).await;
        }
    }
}
