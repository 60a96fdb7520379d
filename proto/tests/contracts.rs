//! What must hold for every row of the field table, and the files that are made from it.
//! `UPDATE_GOLDEN=1 cargo test -p osteon-proto` writes the files anew. That a field's writers can read its label is
//! checked where the role matrix lives (osteon-access-core).

use std::{collections::BTreeSet, fs, path::PathBuf};

use osteon_proto::{
    document,
    meta::{Audience, Order, Policy, Role, WhileOpen},
    reasons::Reason,
    table::{Cardinality, FieldInfo, Kind, RecordType, RoleSet, Shape, compat, read, table},
};

fn every_field() -> impl Iterator<Item = (&'static RecordType, &'static FieldInfo)> {
    table().types().iter().flat_map(|t| t.shape.fields.iter().map(move |f| (t, f)))
}

fn name(t: &RecordType, f: &FieldInfo) -> String {
    format!("{}.{}", t.name, f.name)
}

/// Custom options are lost without an error by a wrong turn in build.rs.
#[test]
fn number_of_rows() {
    assert_eq!(table().types().len(), 103);
    assert_eq!(every_field().count(), 798);
    assert!(table().types().iter().all(|t| t.number < 2048));
}

#[test]
fn every_record_message_is_in_the_body() {
    let option = table().pool().get_extension_by_name("osteon.meta.v1.record").expect("the option");
    let declared: Vec<String> = table()
        .pool()
        .all_messages()
        .filter(|m| m.options().has_extension(&option))
        .map(|m| m.full_name().to_string())
        .collect();
    for m in &declared {
        assert!(table().types().iter().any(|t| t.message == *m), "{m} has no number in RecordBody");
    }
    assert_eq!(declared.len(), table().types().len());
}

#[test]
fn fields_have_presence_and_no_oneof() {
    fn presence(what: &str, shape: &Shape) {
        for f in &shape.fields {
            let ours = !f.type_name.starts_with("google.protobuf.");
            assert!(f.presence || f.is_repeated(), "{what}.{} has no presence", f.name);
            if let (Kind::Message(inner), true) = (&f.kind, ours) {
                presence(&format!("{what}.{}", f.name), inner);
            }
        }
    }
    for t in table().types() {
        presence(&t.name, &t.shape);
        let message = table().pool().get_message_by_name(&t.message).expect("a row's message");
        assert!(message.oneofs().all(|o| o.is_synthetic()), "{} has a oneof", t.name);
        assert!(message.fields().all(|f| !f.is_map()), "{} has a map", t.name);
    }
}

/// V7: an allowed age is a number of days, and of analytes that a result may name; none has two in one record.
#[test]
fn allowed_ages_are_of_known_analytes() {
    let known = include_str!("../src/check/analyte.rs");
    let mut seen = BTreeSet::new();
    for (t, f) in every_field().filter(|(_, f)| !f.age_of.is_empty()) {
        assert_eq!(f.unit, "d", "{}", name(t, f));
        for code in &f.age_of {
            assert!(known.contains(&format!("\"{code}\"")), "{}: {code}", name(t, f));
            assert!(seen.insert((t.number, code.clone())), "{}: {code} twice", name(t, f));
        }
    }
    assert_eq!(seen.len(), 8, "calcium, creatinine and vitamin D of a bone drug plan");
    for (t, f) in every_field().filter(|(_, f)| f.name.ends_with("_max_age_days")) {
        assert!(!f.age_of.is_empty(), "{} says how old something may be, and not of what", name(t, f));
    }
}

#[test]
fn every_field_says_how_it_merges() {
    for (t, f) in every_field() {
        let at = name(t, f);
        assert!(f.policy != Policy::Unspecified, "{at} has no policy");
        assert_eq!(f.policy == Policy::AppendOnly, t.append_only, "{at}: append only");
        assert_eq!(f.asks, f.view_policy_asks(), "{at}: asks without a policy that asks");
        match f.policy {
            Policy::Review => assert!(
                f.while_open != WhileOpen::Unspecified
                    && (f.while_open == WhileOpen::Owner) == (f.owner_of_value != Role::Unspecified),
                "{at}: what holds while a review is open"
            ),
            Policy::MostRestrictive => assert!(f.order != Order::Unspecified, "{at} has no order"),
            Policy::UnionAddWins => assert!(f.cardinality == Cardinality::Set, "{at} is no set"),
            Policy::UnionDenyWins => assert_eq!(f.type_name, "osteon.care.v1.Decision", "{at} is no decision"),
            _ => assert!(f.order == Order::Unspecified && f.while_open == WhileOpen::Unspecified, "{at}"),
        }
        if f.is_set() {
            assert!(matches!(f.policy, Policy::UnionAddWins | Policy::UnionDenyWins), "{at}");
        }
    }
}

trait Asks {
    fn view_policy_asks(&self) -> bool;
}

impl Asks for FieldInfo {
    fn view_policy_asks(&self) -> bool {
        self.asks && matches!(self.policy, Policy::Review | Policy::MostRestrictive)
    }
}

/// A value outside of a rank blocks: so a rank leaves none out.
#[test]
fn ranks_name_every_value() {
    let mut ranks = 0;
    for (t, f) in every_field().filter(|(_, f)| f.order == Order::Rank) {
        let e = table().pool().get_enum_by_name(&f.type_name).expect("a rank is of an enum");
        let mut values: Vec<i32> = e.values().map(|v| v.number()).filter(|n| *n != 0).collect();
        let mut ranked = f.rank.clone();
        values.sort_unstable();
        ranked.sort_unstable();
        assert_eq!(values, ranked, "{}", name(t, f));
        ranks += 1;
    }
    assert_eq!(ranks, 35);
}

/// What everybody in a circle reads: the rules that they live under, who has seen what, and what a clinic sets.
const OPEN: [&str; 4] = ["P-CIRCLE", "SeenMark", "ClinicSettings", "V-CLINIC"];

#[test]
fn every_field_says_who_and_where() {
    let system = RoleSet::of([Role::System]);
    for (t, f) in every_field() {
        let at = name(t, f);
        assert!(!f.writers.is_empty(), "{at} has no writers");
        let house = t.creators == system;
        assert_eq!(f.writers == system, house || f.policy == Policy::Derived, "{at}: written by the server alone");
        assert!(f.writers == system || !f.writers.has(Role::System), "{at}: people and the server");
        assert!(f.owners.0 & !f.writers.0 == 0, "{at}: an owner decides by writing");
        assert!(f.proposers.0 & f.writers.0 == 0, "{at}: who may write need not propose");
        assert!(f.lane as i32 != 0, "{at} has no lane");
        assert_eq!(
            f.label.is_some() || t.label.is_some(),
            t.label_choice.is_empty(),
            "{at}: exactly one way to a label"
        );
        for l in f.label.iter().chain(&t.label).chain(t.label_choice.iter().map(|c| &c.label)) {
            let l = l.options();
            assert!(l.audience() != Audience::Unspecified, "{at}: a label without audience");
            let open = OPEN.iter().any(|name| t.name.starts_with(name)) || l.audience() == Audience::Member;
            assert_eq!(l.categories.is_empty(), open, "{at}: a label without category");
            let named = matches!(l.audience(), Audience::Member | Audience::Thread);
            assert!(!named || t.whose.is_some(), "{at}: whose label");
        }
    }
}

/// A proxy makes and ends grants in the patient's place (ACCESS.md): the contract says so of every field of one.
#[test]
fn a_proxy_may_write_the_whole_of_a_grant() {
    let grant = table().by_name("grant").expect("the type");
    assert!(grant.shape.fields.len() >= 6 && grant.shape.fields.iter().all(|field| field.proxy));
}

#[test]
fn types_are_whole() {
    for t in table().types() {
        assert!(!t.title.is_empty() && t.class as i32 != 0 && t.lifecycle_lane as i32 != 0, "{}", t.name);
        // What is computed nobody creates.
        let derived = t.shape.fields.iter().all(|f| f.policy == Policy::Derived);
        let house = t.creators == RoleSet::of([Role::System]);
        assert!(t.creators.is_empty() == derived && (house || !t.creators.has(Role::System)), "{}", t.name);
        for key in &t.id_from {
            let fixed = if t.append_only { Policy::AppendOnly } else { Policy::Constant };
            assert!(t.field(*key).is_some_and(|f| f.policy == fixed), "{}: key field {key}", t.name);
        }
        assert_eq!(t.name.starts_with("ClinicSettings"), t.of_clinic, "{}: of the clinic", t.name);
        if let Some(field) = t.whose.or(t.own_field).and_then(|n| t.field(n)) {
            assert!(matches!(field.kind, Kind::Uint64 | Kind::Uint32), "{}: whose", t.name);
            let fixed = matches!(field.policy, Policy::Constant | Policy::AppendOnly | Policy::Derived);
            assert!(fixed, "{}: whose may not change", t.name);
        }
        let parent = t.field_by_name("parent");
        assert_eq!(parent.is_some(), t.parent.is_some(), "{}: parent", t.name);
        assert_eq!(t.field_by_name("supersedes").is_some(), t.append_only, "{}: corrections", t.name);
        if let Some(f) = t.time_field.and_then(|n| t.field(n)) {
            let moment = f.type_name == "osteon.care.v1.Moment";
            assert!(moment || f.format == osteon_proto::meta::Format::Date, "{}: time field", t.name);
        }
        assert_eq!(t.name.starts_with('J'), t.time_field.is_some() && t.parent.is_none(), "{}: time", t.name);
    }
}

/// A label that follows a field: each value has exactly one.
#[test]
fn choices_name_every_value() {
    let mut followed = 0;
    for t in table().types() {
        let listed = t.label_choice.iter().flat_map(|c| &c.values);
        let Some(field) = t.choice_field.and_then(|n| t.field(n)) else {
            assert_eq!(listed.count(), 0, "{}: values without a field", t.name);
            continue;
        };
        let mut listed: Vec<i32> = listed.copied().collect();
        listed.sort_unstable();
        let of = table().pool().get_enum_by_name(&field.type_name).expect("a choice follows an enum");
        assert!(listed.iter().copied().eq(1..of.values().count() as i32), "{}: {listed:?}", t.name);
        assert!(matches!(field.policy, Policy::Constant | Policy::AppendOnly), "{}: it may not change", t.name);
        followed += 1;
    }
    assert_eq!(followed, 2, "P-MON by its kind, J25 by its tool");
}

/// A limit on everything: a text, a list, a number without one is a hole.
#[test]
fn everything_has_a_limit() {
    fn limited(what: &str, shape: &Shape) {
        for f in &shape.fields {
            let at = format!("{what}.{}", f.name);
            assert!(!f.is_repeated() || f.limits.max_items.is_some_and(|n| n > 0), "{at}: a list without a limit");
            match &f.kind {
                Kind::String | Kind::Bytes => assert!(f.limits.max_len.is_some(), "{at}: a text without a limit"),
                Kind::Uint32 | Kind::Sint32 => assert!(f.limits.max.is_some(), "{at}: a number without a limit"),
                Kind::Message(inner) if !f.type_name.starts_with("google.") => limited(&at, inner),
                Kind::Float | Kind::Double => panic!("{at}: decimals are scaled integers"),
                _ => {}
            }
            assert!(f.scale == 0 || matches!(f.kind, Kind::Uint32 | Kind::Sint32), "{at}: scale");
        }
    }
    table().types().iter().for_each(|t| limited(&t.name, &t.shape));
}

/// The table reads a few rules of buf.validate; a contract that uses another would not be obeyed.
#[test]
fn only_rules_that_are_obeyed() {
    let option = table().pool().get_extension_by_name("buf.validate.field").expect("the option");
    let known = ["max_items", "items", "len", "min_len", "max_len", "const", "gte", "lte"];
    let mut seen = 0;
    for m in table().pool().all_messages().filter(|m| m.full_name().starts_with("osteon.care.")) {
        for f in m.fields() {
            let options = f.options();
            if !options.has_extension(&option) {
                continue;
            }
            let rules = options.get_extension(&option);
            for (_, of) in rules.as_message().expect("rules are a message").fields() {
                for (rule, _) in of.as_message().expect("rules of a type").fields() {
                    assert!(known.contains(&rule.name()), "{}: {}", f.full_name(), rule.name());
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 200, "{seen}");
}

/// `proto/released.binpb` is the descriptor set of the last release; before the first one it holds no record type.
#[test]
fn the_release_is_kept() {
    let raw = fs::read(file("proto/released.binpb")).expect("released.binpb");
    match read(&raw) {
        Ok(released) => assert_eq!(compat::broken(&released, table()), Vec::<String>::new()),
        Err(e) => assert_eq!(e.to_string(), "no option osteon.meta.v1.field", "the release does not read"),
    }
}

#[test]
fn reasons_are_unique_and_without_values() {
    for (i, r) in Reason::ALL.iter().enumerate() {
        assert_eq!(Reason::parse(r.as_str()), Some(*r));
        assert!(r.as_str().chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'), "{r}");
        assert!(r.text().ends_with('.'), "{r}");
        assert!(Reason::ALL[i + 1..].iter().all(|s| s.as_str() != r.as_str()), "{r} stands twice");
    }
}

/// The core, which knows no protobuf, has a few reasons of its own: they are the same names.
#[test]
fn the_core_gives_listed_reasons() {
    use osteon_sync_core::ledger::reason;
    for name in [
        reason::UNKNOWN_DOT,
        reason::TOO_MANY_VERSIONS,
        reason::APPEND_ONLY,
        reason::DEPENDS_ON_REFUSED,
        reason::MOVED_RECORD,
        reason::WAITS_FOR_OTHER_LANE,
        reason::LOST_RIGHT,
        reason::LEFT_CIRCLE,
        reason::QUARANTINE_REJECTED,
    ] {
        assert!(Reason::parse(name).is_some(), "{name} is not in the table");
    }
}

fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn is_fresh(path: &str, text: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(file(path).parent().expect("a folder")).expect("the folder");
        fs::write(file(path), text).expect("writing");
    }
    let stored = fs::read_to_string(file(path)).unwrap_or_default();
    let first = stored.lines().zip(text.lines()).position(|(a, b)| a != b);
    assert!(
        stored == text,
        "{path} is stale from line {} on: UPDATE_GOLDEN=1 cargo test -p osteon-proto",
        first.unwrap_or(0) + 1
    );
}

#[test]
fn golden_text_of_the_table() {
    is_fresh("proto/golden/fields.txt", &document::golden());
}

#[test]
fn page_of_the_fields() {
    is_fresh("docs/fields.md", &document::fields_md());
}

#[test]
fn page_of_the_statuses() {
    is_fresh("docs/api.md", &document::api_md());
}

/// Everything of a thread stands under one label, and every field that everybody may read who has its categories can have a
/// thread: one list of choices, in one order, that holds them all.
#[test]
fn threads_have_a_label_for_every_field() {
    let choices = |name: &str| -> Vec<u32> {
        let known = table().by_name(name).expect("a type");
        known.label_choice.iter().map(|c| c.label.for_author(1).expect("a label").category_bits()).collect()
    };
    let all = choices("Thread");
    for name in ["Thread.participant", "Message", "Thread.seen"] {
        assert_eq!(choices(name), all, "{name}");
    }
    const C19: u32 = 1 << 19;
    assert!(all[0] == C19 && all.iter().all(|bits| bits & C19 != 0));
    // C20 is its author's, C22 is read in the audit alone.
    const NONE: u32 = 1 << 20 | 1 << 22;
    for known in table().types() {
        for choice in u32::from(!known.label_choice.is_empty())..=known.label_choice.len() as u32 {
            for label in known.labels(choice, 1).expect("labels") {
                let bits = label.category_bits();
                if label.readers() == Some(osteon_proto::label::Readers::All) && bits & NONE == 0 {
                    assert!(all.contains(&(bits | C19)), "no thread on {} under {label}", known.name);
                }
            }
        }
    }
}
