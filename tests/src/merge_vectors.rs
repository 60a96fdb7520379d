//! The merge vectors: one JSON object a line, each a run of the merge on one empty circle and one record of one
//! part (the format stands in `tests/vectors/README.md`). This adapter maps field names to numbers and JSON values to
//! chunks, drives the real core and compares what it says. It needs nothing but the core and serde_json.

use std::collections::{BTreeMap, BTreeSet};

use osteon_sync_core::{
    Author, Chains, Clock, Dot, Field, FieldRef, FieldWrite, Key, Keys, Order, Origin, Part, Place, Policy, Put, Role,
    Version, WhileOpen,
    agreed::{Past, last_agreed},
    lifecycle::{self, State},
    view::{view, view_union},
};
use serde_json::{Map, Value, json};

/// What a file of vectors came to.
#[derive(Debug, Default)]
pub struct Report {
    pub passed: usize,
    /// (id of the case, what differs)
    pub failed: Vec<(String, String)>,
}

/// Runs every case of a file; `Err` if it is not in the format.
pub fn run(text: &str) -> Result<Report, String> {
    let mut report = Report::default();
    for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let at = |e: String| format!("line {}: {e}", i + 1);
        let case: Value = serde_json::from_str(line).map_err(|e| at(e.to_string()))?;
        let id = case["id"].as_str().map_or_else(|| format!("line {}", i + 1), str::to_owned);
        match Run::of(&case).and_then(|run| run.differences(&case)).map_err(at)? {
            differences if differences.is_empty() => report.passed += 1,
            differences => report.failed.push((id, differences.join("; "))),
        }
    }
    Ok(report)
}

/// One write of the log: what it put, what it named.
struct Logged {
    clock: Clock,
    author: Author,
    put: Option<Put>,
    replaces: Vec<Dot>,
}

/// A case that has been run.
struct Run {
    names: Names,
    policies: BTreeMap<u32, Rule>,
    chains: Chains,
    part: Part,
    log: BTreeMap<(Field, Dot), Logged>,
    verdicts: Vec<&'static str>,
}

/// Field names and numbers, roles and numbers.
#[derive(Default)]
struct Names {
    fields: Vec<String>,
    roles: Vec<String>,
}

struct Rule {
    policy: Policy,
    /// The values of a declared rank, the most restrictive first.
    rank: Option<Vec<Value>>,
}

const LIFECYCLE: &str = "lifecycle";

impl Names {
    fn number(&self, name: &str) -> Result<u32, String> {
        let place = self.fields.iter().position(|f| f == name);
        place.map(|i| i as u32).ok_or_else(|| format!("field {name} has no policy"))
    }

    fn field(&self, name: &str) -> Result<Field, String> {
        let (base, element) = name.split_once('/').unwrap_or((name, ""));
        Ok(Field::element(self.number(base)?, element.as_bytes()))
    }

    fn name(&self, field: FieldRef<'_>) -> String {
        let base = &self.fields[field.number as usize];
        if field.element.is_empty() { base.clone() } else { format!("{base}/{}", text(field.element)) }
    }

    fn role(&mut self, name: &str) -> Result<Role, String> {
        let place = self.roles.iter().position(|r| r == name).unwrap_or_else(|| {
            self.roles.push(name.to_owned());
            self.roles.len() - 1
        });
        u8::try_from(place).map(Role).map_err(|_| "more than 256 roles".to_owned())
    }
}

impl Run {
    fn of(case: &Value) -> Result<Self, String> {
        let mut names = Names::default();
        let declared = object(case, "policies")?;
        let mut fields: BTreeSet<&str> = declared.keys().map(String::as_str).collect();
        for write in array(case, "changes")?.iter().flat_map(|c| c["writes"].as_array().into_iter().flatten()) {
            let name = string(write, "field")?;
            fields.insert(name.split_once('/').map_or(name, |(base, _)| base));
        }
        fields.remove(LIFECYCLE);
        names.fields.push(LIFECYCLE.to_owned());
        names.fields.extend(fields.into_iter().map(str::to_owned));
        let mut policies = BTreeMap::new();
        for (name, rule) in declared {
            policies.insert(names.number(name)?, read_rule(rule, &mut names)?);
        }
        let mut run = Self {
            names,
            policies,
            chains: Chains::default(),
            part: Part::new(),
            log: BTreeMap::new(),
            verdicts: Vec::new(),
        };
        for change in array(case, "changes")? {
            run.deliver(change)?;
        }
        Ok(run)
    }

    fn deliver(&mut self, change: &Value) -> Result<(), String> {
        let dot = read_dot(&change["dot"])?;
        let clock = Clock { ms: change["clock"].as_u64().ok_or("a clock is no number")?, logical: 0 };
        let role = self.names.role(change["role"].as_str().unwrap_or_default())?;
        let author = Author { account: dot.replica.n.into(), role };
        let mut writes = Vec::new();
        for write in array(change, "writes")? {
            writes.push(self.read_write(write)?);
        }
        let verdict = match self.chains.place(dot) {
            Place::Duplicate => "DUPLICATE",
            Place::Gap { .. } => "GAP",
            Place::Next => {
                self.part.merge(Origin { dot, clock, author, earlier: &[] }, &writes, &self.chains);
                for FieldWrite { field, put, replaces, .. } in writes {
                    self.log.insert((field, dot), Logged { clock, author, put, replaces });
                }
                self.chains.advance(dot);
                "ACCEPTED"
            }
        };
        self.verdicts.push(verdict);
        Ok(())
    }

    fn read_write(&self, write: &Value) -> Result<FieldWrite, String> {
        let field = self.names.field(string(write, "field")?)?;
        let put = match write.get("put") {
            None => None,
            Some(Value::Null) => Some(Put::Absent),
            Some(value) => Some(Put::Value(chunk(field.number, value)?.into())),
        };
        Ok(FieldWrite {
            field,
            put,
            replaces: read_dots(write.get("replaces"))?,
            covers: read_dots(write.get("covers"))?,
        })
    }

    fn differences(&self, case: &Value) -> Result<Vec<String>, String> {
        let expect = &case["expect"];
        let mut found = Vec::new();
        let mut compare = |what: &str, expected: &Value, got: Value| {
            if *expected != got {
                found.push(format!("{what}: expected {expected}, got {got}"));
            }
        };
        compare("verdicts", &case["verdicts"], json!(self.verdicts));
        compare("live", &expect["live"], self.live());
        compare("gone", &expect["gone"], self.gone());
        for (name, expected) in object(expect, "views")? {
            compare(&format!("view of {name}"), expected, self.view(name)?);
        }
        compare(LIFECYCLE, &expect[LIFECYCLE], self.lifecycle());
        if Part::decode(&self.part.encode()).as_ref() != Ok(&self.part) {
            found.push("the state does not survive its own bytes".to_owned());
        }
        Ok(found)
    }

    fn live(&self) -> Value {
        let fields = self.part.fields().map(|(field, versions)| {
            let versions = versions.map(|v| json!([dot_json(v.dot), shown(field.number, v.value)])).collect();
            (self.names.name(field), versions)
        });
        Value::Object(fields.collect())
    }

    fn gone(&self) -> Value {
        let mut fields: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (field, dot) in self.part.gone() {
            fields.entry(self.names.name(field)).or_default().push(dot_json(dot));
        }
        json!(fields)
    }

    fn view(&self, name: &str) -> Result<Value, String> {
        let field = self.names.field(name)?;
        let policy = self.policies.get(&field.number).map_or(Policy::LastWriter, |r| r.policy);
        let register = self.part.versions(&field).len() > 0;
        if policy.is_union() && !register {
            let set = view_union(policy, &self.part, field.number, self);
            let effective: Vec<String> = set.effective.iter().map(|e| text(e)).collect();
            let review = set.elements.iter().any(|(_, v)| v.needs_review);
            let blocked = set.elements.iter().any(|(_, v)| v.blocked);
            return Ok(json!({ "effective": effective, "review": review, "blocked": blocked }));
        }
        let live = self.part.versions(&field).map(|v| v.dot);
        let agreed =
            if policy.uses_agreed() { last_agreed(live, |dot| self.past(&field, dot), &self.chains) } else { None };
        let v = view(policy, field.number, self.part.versions(&field), self, agreed);
        Ok(json!({
            "effective": shown(field.number, v.value()),
            "review": v.needs_review,
            "blocked": v.blocked,
        }))
    }

    fn past(&self, field: &Field, dot: Dot) -> Option<Past<'_>> {
        let logged = self.log.get(&(field.clone(), dot))?;
        let version = logged.put.as_ref().map(|put| Version {
            dot,
            clock: logged.clock,
            author: logged.author,
            value: put.value(),
        });
        Some(Past { version, replaces: &logged.replaces })
    }

    fn lifecycle(&self) -> Value {
        let found = lifecycle::of_part(&self.part, &[], &self.chains);
        json!({ "state": state_name(found.state), "review": found.review })
    }
}

impl Keys for Run {
    fn key(&self, number: u32, chunk: &[u8]) -> Key {
        let Ok(value) = serde_json::from_slice::<Value>(chunk) else {
            return Key::Unknown;
        };
        let rule = self.policies.get(&number);
        if let Some(rank) = rule.and_then(|r| r.rank.as_ref()) {
            let place = rank.iter().position(|v| *v == value);
            return place.map_or(Key::Unknown, |i| Key::Rank(i as u32));
        }
        match &value {
            Value::String(s) if s == "ALLOW" => Key::ALLOW,
            Value::String(s) if s == "DENY" => Key::DENY,
            Value::String(s) => Key::Bytes(s.as_bytes().to_vec()),
            Value::Bool(b) => Key::Int((*b).into()),
            Value::Number(n) => number_key(n),
            _ => Key::Unknown,
        }
    }
}

/// Integers and fractions on one scale of millionths.
fn number_key(n: &serde_json::Number) -> Key {
    const SCALE: i128 = 1_000_000;
    if n.is_i64() || n.is_u64() {
        let whole = n.as_i64().map(i128::from).or(n.as_u64().map(i128::from));
        return whole.map_or(Key::Unknown, |n| Key::Int(n * SCALE));
    }
    n.as_f64().filter(|f| f.is_finite()).map_or(Key::Unknown, |f| Key::Int((f * SCALE as f64) as i128))
}

fn read_rule(rule: &Value, names: &mut Names) -> Result<Rule, String> {
    let flag = |key: &str, default: bool| rule.get(key).and_then(Value::as_bool).unwrap_or(default);
    let mut rank = None;
    let policy = match string(rule, "kind")? {
        "LAST_WRITER" => Policy::LastWriter,
        "CONSTANT" => Policy::Constant,
        "UNION_ADD_WINS" => Policy::UnionAddWins,
        "UNION_DENY_WINS" => Policy::UnionDenyWins,
        "REVIEW" => {
            let while_open = match string(rule, "while_open")? {
                "NONE" => WhileOpen::Nothing,
                "LAST_AGREED" => WhileOpen::LastAgreed,
                "OWNER" => WhileOpen::Owner(names.role(string(rule, "owner")?)?),
                other => return Err(format!("unknown while_open {other}")),
            };
            Policy::Review { while_open, asks: flag("review", true) }
        }
        "MOST_RESTRICTIVE" => {
            let order = match &rule["order"] {
                Value::Array(values) => {
                    rank = Some(values.clone());
                    Order::Rank
                }
                Value::String(s) => match s.as_str() {
                    "min" => Order::Min,
                    "max" => Order::Max,
                    "true" => Order::TrueWins,
                    "false" => Order::FalseWins,
                    "earliest" => Order::Earliest,
                    "latest" => Order::Latest,
                    other => return Err(format!("unknown order {other}")),
                },
                _ => return Err("a MOST_RESTRICTIVE without an order".to_owned()),
            };
            Policy::MostRestrictive { order, asks: flag("review", false) }
        }
        other => return Err(format!("unknown policy {other}")),
    };
    Ok(Rule { policy, rank })
}

fn chunk(number: u32, value: &Value) -> Result<Vec<u8>, String> {
    if number != Field::LIFECYCLE {
        return Ok(value.to_string().into_bytes());
    }
    let states = [State::Active, State::Deleted, State::EnteredInError];
    let state = states.into_iter().find(|s| Some(state_name(*s)) == value.as_str());
    state.map(|s| s.chunk().to_vec()).ok_or_else(|| format!("unknown lifecycle {value}"))
}

fn shown(number: u32, chunk: Option<&[u8]>) -> Value {
    match chunk {
        None => Value::Null,
        Some(_) if number == Field::LIFECYCLE => json!(state_name(State::from_chunk(chunk))),
        Some(bytes) => serde_json::from_slice(bytes).unwrap_or(Value::Null),
    }
}

fn state_name(state: State) -> &'static str {
    match state {
        State::Active => "active",
        State::Deleted => "deleted",
        State::EnteredInError => "entered_in_error",
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn dot_json(dot: Dot) -> Value {
    json!([dot.replica.n, dot.counter])
}

fn read_dot(value: &Value) -> Result<Dot, String> {
    let parts = value.as_array().filter(|a| a.len() == 2).ok_or("a dot is not [replica, counter]")?;
    let replica = parts[0].as_u64().and_then(|n| u32::try_from(n).ok()).ok_or("a replica is no number")?;
    Ok(Dot::new(0, replica, parts[1].as_u64().ok_or("a counter is no number")?))
}

fn read_dots(value: Option<&Value>) -> Result<Vec<Dot>, String> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(dots)) => dots.iter().map(read_dot).collect(),
        Some(_) => Err("dots are no list".to_owned()),
    }
}

fn array<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>, String> {
    value.get(key).and_then(Value::as_array).ok_or_else(|| format!("{key} is no list"))
}

fn object<'a>(value: &'a Value, key: &str) -> Result<&'a Map<String, Value>, String> {
    value.get(key).and_then(Value::as_object).ok_or_else(|| format!("{key} is no object"))
}

fn string<'a>(value: &'a Value, key: &str) -> Result<&'a str, String> {
    value.get(key).and_then(Value::as_str).ok_or_else(|| format!("{key} is no string"))
}
