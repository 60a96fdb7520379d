//! Forbidden equals absent: random probes of every method that names something, across clinics, across circles and under
//! labels. The same call about something hidden and about something that never was gets the same bytes: status, text,
//! details and trailers, but for the request id.
//!
//! `OSTEON_PROBES=100000` asks more, `OSTEON_SEED` begins elsewhere.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use osteon_proto::{care, identity, meta::Role, record, sync, sync::record_body::Body};
use osteon_tests::{
    body,
    device::{Device, is_accepted, now_ms, record_id, verdict_word, with_token},
    raw::BytesCodec,
    server::{Server, Setup},
};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MessageDescriptor, MethodDescriptor, ReflectMessage, Value};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use tonic::Status;

use crate::{
    circle::{bytes_of, create, deny, enrol, grant, short_id},
    support::{reason_of, violations},
};

/// What a probe names.
#[derive(Clone, Debug)]
struct Target {
    circle: u64,
    record: [u8; 16],
    account: u64,
    device: u64,
    /// Number of a change that waits for a decision.
    waiting: u64,
    /// Number of a change of a team.
    job: u64,
    /// Empty: means something else where it is asked.
    short_id: String,
}

/// Methods that name nothing of anybody, or whose answer is about the caller alone; each with its reason.
const NOT_PROBED: [(&str, &str); 20] = [
    (
        "BeginUpload",
        "what a probe fills in is no hash of a field that names one: use_cases/attachments.rs asks for hidden and absent",
    ),
    ("Hello", "answers with the caller's own circles; a position of another circle is left out of the answer"),
    ("BeginEnrolment", "no caller yet: the code is the secret, a wrong one gives a challenge all the same"),
    ("FinishEnrolment", "no caller yet: the code is the secret"),
    ("RefreshSession", "no caller yet: the token is the secret"),
    ("BeginSession", "no caller yet: a challenge for whatever key"),
    ("FinishSession", "no caller yet: the key is the secret"),
    ("EndSession", "ends the caller's own session"),
    ("GetMe", "names nothing"),
    ("GetWake", "names nothing: the caller's own device"),
    ("SetWake", "names nothing: the caller's own device"),
    ("ListNotices", "names nothing: the caller's own"),
    ("AcknowledgeNotices", "names nothing: the caller's own"),
    ("ResolveReview", "names nothing but a token that is sealed to its reader"),
    ("GetServerInfo", "names nothing"),
    ("Watch", "names nothing: the caller's own circles"),
    ("ListWork", "names nothing: the caller's own circles"),
    ("Find", "names what people type, looked for in the caller's own circles"),
    ("Rebase", "numbers of the caller's own device"),
    ("StartTeamChange", "makes a job whatever the circles are; each of them answers in the job as one that never was"),
];

/// Fills a request with what a probe names. True: it names something. `short`: by the clinic's word alone.
fn fill(message: &mut DynamicMessage, target: &Target, short: bool, depth: u32) -> bool {
    let mut names = false;
    for field in message.descriptor().fields().collect::<Vec<_>>() {
        let record = || uuid::Uuid::from_bytes(target.record).to_string();
        let text = |text: &str| Value::String(text.to_owned());
        let value = match (field.name(), field.kind()) {
            ("circle", Kind::Uint64) => Value::U64(if short { 0 } else { target.circle }),
            ("account", Kind::Uint64) => Value::U64(target.account),
            ("device", Kind::Uint64) => Value::U64(target.device),
            ("id", Kind::Uint64) => Value::U64(target.waiting),
            ("job", Kind::Uint64) => Value::U64(target.job),
            ("record_id" | "parent_id" | "invite_id", Kind::String) => Value::String(record()),
            ("short_id", Kind::String) => Value::String(target.short_id.clone()),
            ("reason" | "finding", Kind::String) => text("asked without any right to know"),
            ("name", Kind::String) => text("phone"),
            ("text", Kind::String) => text("is anybody there?"),
            ("from" | "to" | "since" | "until", Kind::String) => text("2026-01-01"),
            ("sha256", Kind::Bytes) => Value::Bytes(vec![7; 32].into()),
            ("state" | "role" | "order" | "outcome", Kind::Enum(_)) => Value::EnumNumber(2),
            ("kind" | "page", Kind::Enum(_)) if message.descriptor().name() == "RecordExportRequest" => {
                Value::EnumNumber(1)
            }
            ("epoch" | "replica", Kind::Uint32) => Value::U32(1),
            ("first_counter" | "counter" | "label_choice", Kind::Uint64) => Value::U64(1),
            ("label_choice", Kind::Uint32) => Value::U32(1),
            ("body" | "value", Kind::Message(of)) if of.name() == "RecordBody" => {
                let bytes = body::pain(3, 1_764_000_000_000);
                Value::Message(DynamicMessage::decode(of, bytes).expect("a body"))
            }
            ("dot", Kind::Message(of)) if of.name() == "Dot" => {
                let mut inner = DynamicMessage::new(of);
                fill(&mut inner, target, false, depth + 1);
                Value::Message(inner)
            }
            ("positions", Kind::Message(of)) if depth == 0 => {
                let mut inner = DynamicMessage::new(of);
                names |= fill(&mut inner, target, false, depth + 1);
                Value::List(vec![Value::Message(inner)])
            }
            _ => continue,
        };
        names |= matches!(
            field.name(),
            "circle" | "account" | "device" | "record_id" | "invite_id" | "short_id" | "id" | "job"
        );
        message.set_field(&field, value);
    }
    names
}

fn request(of: MessageDescriptor, target: &Target, short: bool) -> Option<Vec<u8>> {
    let mut message = DynamicMessage::new(of);
    fill(&mut message, target, short, 0).then(|| message.encode_to_vec())
}

/// An answer as bytes: everything that goes over the wire but the request id, which is new each time.
pub(crate) fn seen(answer: Result<Vec<u8>, Status>) -> String {
    let status = match answer {
        Ok(bytes) => return format!("answered {}", hex::encode(bytes)),
        Err(status) => status,
    };
    let headers = status.metadata().clone().into_headers();
    let id = headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
    let mut trailers: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (name, value) in &headers {
        if !matches!(name.as_str(), "x-request-id" | "date") {
            trailers.insert(name.to_string(), value.as_bytes().to_vec());
        }
    }
    let mut details = status.details().to_vec();
    if !id.is_empty() {
        let places: Vec<usize> =
            details.windows(id.len()).enumerate().filter(|(_, w)| *w == id.as_bytes()).map(|(i, _)| i).collect();
        for at in places {
            details[at..at + id.len()].fill(b'-');
        }
    }
    trailers.remove("grpc-status-details-bin");
    format!("{:?} {:?} {} {trailers:?}", status.code(), status.message(), hex::encode(details))
}

async fn ask(caller: &Device, method: &MethodDescriptor, message: Vec<u8>) -> Result<Vec<u8>, Status> {
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let mut grpc = tonic::client::Grpc::new(caller.channel.clone());
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let request = with_token(bytes::Bytes::from(message), &caller.tokens.access_token);
    let path = path.parse().expect("a path");
    if !method.is_server_streaming() {
        return Ok(grpc.unary(request, path, BytesCodec).await?.into_inner().to_vec());
    }
    let mut stream = grpc.server_streaming(request, path, BytesCodec).await?.into_inner();
    let mut all = Vec::new();
    while let Some(part) = stream.message().await? {
        all.extend_from_slice(&part);
    }
    Ok(all)
}

/// A meal is nothing that a physiotherapist may read.
fn meal() -> bytes::Bytes {
    let when = Some(body::moment(1_764_000_000_000));
    body::encode(Body::Meal(care::Meal { when, ..Default::default() }))
}

/// Who asks, and what is hidden from them.
struct Probe {
    caller: Device,
    hidden: Vec<Target>,
}

async fn device_of(device: &Device) -> u64 {
    let mut devices = identity::device_service_client::DeviceServiceClient::new(device.channel.clone());
    let request = identity::ListDevicesRequest { circle: 0, account: 0 };
    let listed = devices.list_devices(device.request(request)).await.expect("devices").into_inner();
    listed.devices.first().expect("a device").device
}

/// A change of the caregiver's that waits in the circle: written before a right was lost.
async fn waiting(patient: &Device, carer: &mut Device) {
    let until = Some(now_ms() + 3_600_000);
    let category = care::GrantCategory::C07Nutrition.into();
    let given = grant(patient, carer.account, category, care::Decision::Allow, until).await.expect("granted");
    carer.parts().await.expect("pull");
    deny(patient, &given).await.expect("denied");
    let verdicts = carer.push_urgent(vec![body::create(record_id(now_ms()), meal())]).await.expect("push");
    assert_eq!(verdict_word(&verdicts[0]), "QUARANTINED");
}

/// A change of a team over this circle, by its clinic's administrator.
async fn job(admin: &Device, circle: u64, account: u64) -> u64 {
    let mut teams = identity::team_service_client::TeamServiceClient::new(admin.channel.clone());
    let member = identity::TeamMember { account, role: Role::Nurse.into() };
    let request_id = uuid::Uuid::from_u128(7).to_string();
    let request =
        identity::StartTeamChangeRequest { request_id, leave: vec![member], circles: vec![circle], join: Vec::new() };
    let job = teams.start_team_change(admin.request(request)).await.expect("a change of a team").into_inner();
    job.job
}

async fn scene(server: &Server) -> Vec<Probe> {
    let far_away = ["--clinic", "elsewhere", "--new-circle", "--role"];
    let mine = enrol(server, &["--new-circle", "--role", "patient"]).await;
    let short = short_id(&mine).await;
    let here = |role: &'static str| ["--circle", &short, "--role", role].map(str::to_owned);
    let mut team = Vec::new();
    for role in ["physiotherapist", "caregiver", "clinic-admin"] {
        let args = here(role);
        team.push(enrol(server, &args.each_ref().map(String::as_str)).await);
    }
    let neighbour = enrol(server, &["--new-circle", "--role", "patient"]).await;
    // Their words for circles are not ours: the third of theirs means nothing here.
    for _ in 0..2 {
        server.cli(&[&["invite"], &far_away[..], &["patient"]].concat()).expect("invite");
    }
    let stranger = enrol(server, &[&far_away[..], &["patient"]].concat()).await;
    let nurse = enrol(server, &[&far_away[..], &["nurse"]].concat()).await;
    let theirs = short_id(&stranger).await;
    let boss = enrol(server, &["--clinic", "elsewhere", "--circle", &theirs, "--role", "clinic-admin"]).await;
    waiting(&mine, &mut team[1]).await;
    let job = job(&boss, stranger.circle, nurse.account).await;
    let mut hidden = BTreeMap::new();
    for (name, of) in [("mine", &mine), ("neighbour", &neighbour), ("stranger", &stranger)] {
        let record = bytes_of(&create(of, meal(), 0).await.expect("made").record_id);
        let short_id = if name == "stranger" { theirs.clone() } else { String::new() };
        let device = device_of(of).await;
        let target = Target { circle: of.circle, record, account: of.account, device, waiting: 1, job, short_id };
        hidden.insert(name, target);
    }
    // What waits is numbered by circle: another circle's number means nothing here.
    let own = |target: &Target, caller: &Device| Target { circle: caller.circle, waiting: 77, ..target.clone() };
    let (here, next, far) = (&hidden["mine"], &hidden["neighbour"], &hidden["stranger"]);
    let [physio, carer, admin] = team.try_into().ok().expect("three");
    vec![
        Probe { hidden: vec![next.clone(), far.clone(), own(next, &mine), own(far, &mine)], caller: mine },
        // In their own circle: a record, or a waiting change, under a label that they may not read.
        Probe { hidden: vec![next.clone(), far.clone(), here.clone()], caller: physio },
        Probe { hidden: vec![next.clone(), far.clone(), here.clone()], caller: carer },
        Probe { hidden: vec![next.clone(), far.clone(), here.clone()], caller: admin },
        Probe { hidden: vec![here.clone(), next.clone(), own(here, &nurse)], caller: nurse },
        Probe { hidden: vec![here.clone(), next.clone()], caller: stranger },
    ]
}

/// The same question about what never was. In one's own circle only what is hidden there is exchanged.
fn absent(hidden: &Target, caller: &Device, random: &mut ChaCha20Rng) -> Target {
    let mut record = [0; 16];
    random.fill_bytes(&mut record);
    record[6] = 0x70 | record[6] & 0xf;
    record[8] = 0x80 | record[8] & 0x3f;
    let here = hidden.circle == caller.circle;
    let mut other = |number: u64| if here { number } else { 5_000_000 + u64::from(random.next_u32()) };
    let (circle, account, device) = (other(hidden.circle), other(hidden.account), other(hidden.device));
    let mut never = || 5_000_000 + u64::from(random.next_u32());
    let (waiting, job) = (never(), never());
    let short_id = if hidden.short_id.is_empty() { String::new() } else { format!("d{}", 9_000 + job % 1_000) };
    Target { circle, record, account, device, waiting, job, short_id }
}

/// In one's own circle a method answers about the circle itself; only what names a record, or a waiting change, can be
/// hidden there. An id of a record to be made is taken or it is not.
fn hides(method: &MethodDescriptor) -> bool {
    let named = |name: &str| method.input().fields().any(|field| field.name() == name);
    (named("record_id") || named("id") || named("job")) && method.name() != "CreateRecord"
}

#[derive(Default)]
struct Found {
    asked: BTreeMap<String, u64>,
    answers: BTreeMap<String, u64>,
    /// How often each method said NOT_FOUND: it looked, and was not content with the form of what was asked.
    looked: BTreeMap<String, u64>,
}

/// Probes of one caller, one after the other.
async fn ask_all(mut probe: Probe, methods: Vec<MethodDescriptor>, count: u64, seed: u64) -> Found {
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    let (mut found, mut signed_in, mut i) = (Found::default(), Instant::now(), 0);
    while found.asked.values().sum::<u64>() < count {
        if signed_in.elapsed() > Duration::from_secs(120) {
            probe.caller.sign_in().await.expect("signed in");
            signed_in = Instant::now();
        }
        // Each method at first, then at random.
        let at = if i < methods.len() { i } else { random.next_u32() as usize % methods.len() };
        i += 1;
        let method = &methods[at];
        let hidden = &probe.hidden[random.next_u32() as usize % probe.hidden.len()];
        let hidden = if hidden.circle == probe.caller.circle && !hides(method) { &probe.hidden[0] } else { hidden };
        let never = absent(hidden, &probe.caller, &mut random);
        let short = !hidden.short_id.is_empty()
            && method.input().fields().any(|field| field.name() == "short_id")
            && random.next_u32().is_multiple_of(2);
        let [one, other] =
            [hidden, &never].map(|target| request(method.input(), target, short).expect("names something"));
        let (one, other) = (ask(&probe.caller, method, one).await, ask(&probe.caller, method, other).await);
        let reason = one.as_ref().err().map(reason_of).unwrap_or_else(|| "answered".to_owned());
        let (one, other) = (seen(one), seen(other));
        assert_eq!(one, other, "{} by a {:?}, seed {seed}, probe {i}", method.full_name(), probe.caller.role);
        *found.asked.entry(method.full_name().to_owned()).or_insert(0) += 1;
        *found.looked.entry(method.full_name().to_owned()).or_insert(0) += u64::from(reason == "NOT_FOUND");
        *found.answers.entry(reason).or_insert(0) += 1;
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_and_what_is_not_there_look_the_same() {
    let server = Server::start(Setup::default().arg("--rate-limits").arg("off")).expect("server");
    let probes = scene(&server).await;
    let number = |name: &str, or: u64| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(or);
    let (count, seed) = (number("OSTEON_PROBES", 300), number("OSTEON_SEED", 7));
    println!("OSTEON_PROBES={count} OSTEON_SEED={seed}");
    let pool = DescriptorPool::decode(osteon_proto::FILE_DESCRIPTOR_SET).expect("descriptors");
    let services = pool.services().filter(|service| service.package_name().starts_with("osteon."));
    let methods: Vec<MethodDescriptor> = services.flat_map(|service| service.methods().collect::<Vec<_>>()).collect();
    let named = |method: &&MethodDescriptor| !NOT_PROBED.iter().any(|(name, _)| *name == method.name());
    let (probed, not): (Vec<_>, Vec<_>) = methods.iter().partition(named);
    assert_eq!(not.len(), NOT_PROBED.len(), "a method of the list is gone");
    let target = &probes[0].hidden[0];
    let mute: Vec<_> =
        probed.iter().filter(|m| request(m.input(), target, false).is_none()).map(|m| m.name()).collect();
    assert!(mute.is_empty(), "they name nothing that a probe knows: {mute:?}");
    let probed: Vec<MethodDescriptor> = probed.into_iter().cloned().collect();
    let each = count.div_ceil(probes.len() as u64).max(probed.len() as u64);
    let tasks = probes.into_iter().zip(seed..).map(|(probe, seed)| ask_all(probe, probed.clone(), each, seed));
    let tasks: Vec<_> = tasks.map(tokio::spawn).collect();
    let mut all = Found::default();
    for task in tasks {
        let found = task.await.expect("no probe tells anything");
        let sums = [(&mut all.asked, found.asked), (&mut all.answers, found.answers), (&mut all.looked, found.looked)];
        for (into, from) in sums {
            from.into_iter().for_each(|(name, n)| *into.entry(name).or_insert(0) += n);
        }
    }
    let total: u64 = all.asked.values().sum();
    println!("{total} probes of {} methods, answers {:?}", all.asked.len(), all.answers);
    assert!(total >= count && all.asked.len() == probed.len());
    let never: Vec<_> = all.looked.iter().filter(|(_, n)| **n == 0).map(|(name, _)| name).collect();
    assert!(never.is_empty(), "refused for their form alone, and never looked: {never:?}");
    assert!(all.answers.get("NOT_FOUND").is_some_and(|n| *n * 2 > total), "{:?}", all.answers);
}

/// A push says of what is hidden in the author's own circle what it says of what is not there, also where it writes another
/// type under that id: it is taken, and whoever sees both still sees what was there first.
#[tokio::test]
async fn a_push_to_what_is_hidden_is_answered_as_to_nothing() {
    let server = Server::start(Setup::default()).expect("server");
    let patient = enrol(&server, &["--new-circle", "--role", "patient"]).await;
    let short = short_id(&patient).await;
    let mut physio = enrol(&server, &["--circle", &short, "--role", "physiotherapist"]).await;
    let hidden = bytes_of(&create(&patient, meal(), 0).await.expect("made").record_id);
    let mut said = Vec::new();
    for record in [hidden, record_id(now_ms())] {
        let mut ended = body::edit(record, meal());
        let lifecycle = sync::LifecycleWrite { state: sync::Lifecycle::Deleted.into(), ..Default::default() };
        ended.writes[0].lifecycle = Some(lifecycle);
        let changes = vec![body::edit(record, meal()), ended, body::create(record, meal())];
        let verdicts = physio.push_urgent(changes).await.expect("push");
        assert!(verdicts.iter().all(|verdict| !is_accepted(verdict)));
        said.push(verdicts.iter().map(|one| (verdict_word(one), violations(one))).collect::<Vec<_>>());
    }
    assert_eq!(said[0], said[1]);
    let hidden = bytes_of(&create(&patient, meal(), 0).await.expect("made").record_id);
    said.clear();
    for record in [hidden, record_id(now_ms())] {
        let changes = vec![body::create(record, body::pain(4, 9)), body::edit(record, body::pain(3, 9))];
        let verdicts = physio.push_urgent(changes).await.expect("push");
        assert!(verdicts.iter().all(is_accepted), "{}", verdict_word(&verdicts[0]));
        said.push(verdicts.iter().map(|one| (verdict_word(one), violations(one))).collect::<Vec<_>>());
    }
    assert_eq!(said[0], said[1]);
    // Online likewise, but for the id that stands in the answer.
    let mut made = Vec::new();
    let second = bytes_of(&create(&patient, meal(), 0).await.expect("made").record_id);
    for record in [second, record_id(now_ms())] {
        let id = uuid::Uuid::from_bytes(record).to_string();
        let request = record::CreateRecordRequest {
            circle: physio.circle,
            record_id: id.clone(),
            body: Some(body::pain(3, 9)),
            ..Default::default()
        };
        let mut service = record::record_service_client::RecordServiceClient::new(physio.channel.clone());
        let answer = service.create_record(physio.request(request)).await.expect("created").into_inner();
        let view = answer.record.expect("a record");
        made.push((view.record_id == id, view.r#type, view.body, view.fields.len(), answer.effect));
    }
    assert_eq!(made[0], made[1]);
    for id in [hidden, second] {
        let [patients, physios] = [&patient, &physio].map(|who| get(who, id));
        assert_eq!((patients.await, physios.await), ("meal", "pain_entry"), "what came first, of what one sees");
    }
    // Whoever may see what is there is told.
    let visible = bytes_of(&create(&patient, body::pain(2, 9), 0).await.expect("made").record_id);
    let told = physio.push_urgent(vec![body::edit(visible, meal())]).await.expect("push");
    assert_eq!(verdict_word(&told[0]), "WRONG_RECORD_TYPE");
}

/// The type of a record, as this reader sees it.
async fn get(who: &Device, id: [u8; 16]) -> &'static str {
    let record_id = uuid::Uuid::from_bytes(id).to_string();
    let request = record::GetRecordRequest { circle: who.circle, record_id };
    let mut service = record::record_service_client::RecordServiceClient::new(who.channel.clone());
    let view = service.get_record(who.request(request)).await.expect("there").into_inner().record.expect("a record");
    osteon_proto::table::table().get(view.r#type).expect("a type").member.as_str()
}
