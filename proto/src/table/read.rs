//! Reads the table from a descriptor set with its custom options.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, OnceLock},
};

use prost_reflect::{
    DescriptorPool, DynamicMessage, ExtensionDescriptor, FieldDescriptor, Kind as WireKind, MessageDescriptor, Value,
};

use super::{Cardinality, FieldInfo, Kind, LabelChoice, LabelRule, Limits, RecordType, RoleSet, Shape, Table};
use crate::meta::{self, FieldRule, Policy, RecordRule, Role};

/// The contracts are not what the table needs. Names contracts, never values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadError(String);

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ReadError {}

fn err<T>(what: impl Into<String>) -> Result<T, ReadError> {
    Err(ReadError(what.into()))
}

/// Numbers are an index, and a tag of two bytes.
const MAX_TYPE_NUMBER: u32 = 2047;
/// The splitter marks seen fields in 128 bits.
const MAX_FIELDS: usize = 128;
const MAX_NESTING: u32 = 8;

struct Extensions {
    field: ExtensionDescriptor,
    record: ExtensionDescriptor,
    validate: ExtensionDescriptor,
}

/// The table of any descriptor set with our options in it, for example that of the last release.
pub fn read(raw: &[u8]) -> Result<Table, ReadError> {
    rows(Cow::Owned(raw.to_vec()))
}

pub(super) fn rows(raw: Cow<'static, [u8]>) -> Result<Table, ReadError> {
    let pool = DescriptorPool::decode(&*raw).map_err(|_| ReadError("the descriptor set does not decode".into()))?;
    let extension = |name: &str| pool.get_extension_by_name(name).ok_or(ReadError(format!("no option {name}")));
    let ext = Extensions {
        field: extension("osteon.meta.v1.field")?,
        record: extension("osteon.meta.v1.record")?,
        validate: extension("buf.validate.field")?,
    };
    let Some(body) = pool.get_message_by_name("osteon.sync.v1.RecordBody") else {
        return err("no RecordBody");
    };
    let mut types = Vec::new();
    let mut parents = Vec::new();
    for member in body.fields() {
        let WireKind::Message(message) = member.kind() else {
            return err(format!("{} is no message", member.full_name()));
        };
        let (record, parent) = record_type(&ext, &member, &message)?;
        types.push(record);
        parents.push(parent);
    }
    for i in 0..types.len() {
        if !parents[i].is_empty() {
            let Some(parent) = types.iter().find(|t: &&RecordType| t.name == parents[i]) else {
                return err(format!("{}: no parent {}", types[i].name, parents[i]));
            };
            types[i].parent = Some(parent.number);
        }
    }
    types.sort_by_key(|t| t.number);
    let mut by_number = vec![0; MAX_TYPE_NUMBER as usize + 1];
    for (i, t) in types.iter().enumerate() {
        by_number[t.number as usize] = i as u16 + 1;
    }
    Ok(Table { raw, pool: OnceLock::new(), types, by_number })
}

fn record_type(
    ext: &Extensions,
    member: &FieldDescriptor,
    message: &MessageDescriptor,
) -> Result<(RecordType, String), ReadError> {
    let number = member.number();
    if number > MAX_TYPE_NUMBER {
        return err(format!("{}: type number over {MAX_TYPE_NUMBER}", message.full_name()));
    }
    let Some(rule) = option::<RecordRule>(&message.options(), &ext.record) else {
        return err(format!("{} has no record option", message.full_name()));
    };
    let shape = shape(ext, message, 0)?;
    let number_of = |name: &str| match shape.fields.iter().find(|f| f.name == name) {
        Some(f) => Ok(f.number),
        None => err(format!("{}: no field {name}", message.full_name())),
    };
    let named = |name: &str| if name.is_empty() { Ok(None) } else { number_of(name).map(Some) };
    let creators = match roles(rule.creators()) {
        none if none.is_empty() => {
            shape.fields.iter().filter(|f| f.policy != Policy::Derived).fold(none, |s, f| s.union(f.writers))
        }
        some => some,
    };
    let record = RecordType {
        number,
        message: message.full_name().into(),
        member: member.name().into(),
        class: rule.priority_class(),
        restricts: rule.restricts,
        time_field: named(&rule.time_field)?,
        planned: rule.planned,
        whose: named(&rule.whose)?,
        choice_field: named(&rule.choice_field)?,
        own_field: named(&rule.own_field)?,
        of_clinic: rule.of_clinic,
        id_from: rule.id_from.iter().map(|n| number_of(n)).collect::<Result<_, _>>()?,
        creators,
        owners: roles(rule.owners()),
        lifecycle_lane: rule.lifecycle_lane(),
        label_choice: rule.label_choice.iter().map(choice).collect(),
        append_only: rule.append_only,
        singleton: rule.singleton,
        parent: None,
        carries: rule.carries,
        name: rule.name,
        title: rule.title,
        label: rule.label.map(LabelRule),
        review_group: rule.review_group,
        shape,
    };
    Ok((record, rule.parent))
}

fn choice(c: &meta::LabelChoice) -> LabelChoice {
    LabelChoice {
        label: LabelRule(c.label.clone().unwrap_or_default()),
        word: c.word.clone(),
        writers: roles(c.writers()),
        values: c.values.clone(),
    }
}

fn shape(ext: &Extensions, message: &MessageDescriptor, depth: u32) -> Result<Shape, ReadError> {
    if depth > MAX_NESTING {
        return err(format!("{} is nested too deep", message.full_name()));
    }
    let mut fields = message.fields().map(|f| field(ext, &f, depth)).collect::<Result<Vec<_>, _>>()?;
    if fields.len() > MAX_FIELDS {
        return err(format!("{} has over {MAX_FIELDS} fields", message.full_name()));
    }
    fields.sort_by_key(|f| f.number);
    let mut dense = [0; 64];
    for (i, f) in fields.iter().enumerate() {
        if let Some(place) = dense.get_mut(f.number as usize) {
            *place = i as u8 + 1;
        }
    }
    Ok(Shape { fields, dense })
}

fn field(ext: &Extensions, f: &FieldDescriptor, depth: u32) -> Result<FieldInfo, ReadError> {
    let options = f.options();
    let rule = option::<FieldRule>(&options, &ext.field).unwrap_or_default();
    let policy = rule.policy();
    let union = matches!(policy, Policy::UnionAddWins | Policy::UnionDenyWins);
    let cardinality = match (f.is_list(), union) {
        (false, _) => Cardinality::Singular,
        (true, false) => Cardinality::List,
        (true, true) => Cardinality::Set,
    };
    let (kind, type_name) = kind(ext, f, depth)?;
    Ok(FieldInfo {
        number: f.number(),
        name: f.name().into(),
        kind,
        cardinality,
        packed: f.is_packed(),
        presence: f.supports_presence(),
        limits: limits(&options, &ext.validate),
        policy,
        while_open: rule.while_open(),
        owner_of_value: rule.owner_of_value(),
        order: rule.order(),
        asks: rule.asks,
        lane: rule.lane(),
        owners: roles(rule.owners()),
        writers: roles(rule.writers()),
        proposers: roles(rule.proposers()),
        format: rule.format(),
        scale: rule.scale,
        warn_min: rule.warn_min,
        warn_max: rule.warn_max,
        design: rule.design,
        proxy: rule.proxy,
        restricts: rule.restricts,
        lifts: rule.lifts,
        age_of: rule.age_of,
        rank: rule.rank,
        label: rule.label.map(LabelRule),
        unit: rule.unit,
        codes: rule.codes,
        warn: rule.warn,
        type_name,
    })
}

fn kind(ext: &Extensions, f: &FieldDescriptor, depth: u32) -> Result<(Kind, String), ReadError> {
    let kind = match f.kind() {
        WireKind::Bool => Kind::Bool,
        WireKind::Int32 => Kind::Int32,
        WireKind::Int64 => Kind::Int64,
        WireKind::Uint32 => Kind::Uint32,
        WireKind::Uint64 => Kind::Uint64,
        WireKind::Sint32 => Kind::Sint32,
        WireKind::Sint64 => Kind::Sint64,
        WireKind::Fixed32 => Kind::Fixed32,
        WireKind::Fixed64 => Kind::Fixed64,
        WireKind::Sfixed32 => Kind::Sfixed32,
        WireKind::Sfixed64 => Kind::Sfixed64,
        WireKind::Float => Kind::Float,
        WireKind::Double => Kind::Double,
        WireKind::String => Kind::String,
        WireKind::Bytes => Kind::Bytes,
        WireKind::Enum(e) => return Ok((Kind::Enum, e.full_name().into())),
        WireKind::Message(m) => {
            if f.is_group() || f.is_map() {
                return err(format!("{} is a group or a map", f.full_name()));
            }
            return Ok((Kind::Message(Arc::new(shape(ext, &m, depth + 1)?)), m.full_name().into()));
        }
    };
    Ok((kind, String::new()))
}

fn roles(roles: impl Iterator<Item = Role>) -> RoleSet {
    RoleSet::of(roles)
}

fn option<T: prost::Message + Default>(options: &DynamicMessage, ext: &ExtensionDescriptor) -> Option<T> {
    if !options.has_extension(ext) {
        return None;
    }
    options.get_extension(ext).as_message()?.transcode_to::<T>().ok()
}

/// The few rules of `buf.validate` that the contracts use; a test fails if a contract uses another.
fn limits(options: &DynamicMessage, ext: &ExtensionDescriptor) -> Limits {
    let mut out = Limits::default();
    if options.has_extension(ext)
        && let Some(rules) = options.get_extension(ext).as_message()
    {
        constrain(rules, &mut out);
    }
    out
}

fn constrain(rules: &DynamicMessage, out: &mut Limits) {
    for (of, value) in rules.fields() {
        let Some(rule) = value.as_message() else {
            continue;
        };
        for (name, value) in rule.fields() {
            match (of.name(), name.name(), number(value)) {
                ("repeated", "max_items", Some(n)) => out.max_items = u32::try_from(n).ok(),
                ("repeated", "items", None) => {
                    if let Some(items) = value.as_message() {
                        constrain(items, out);
                    }
                }
                ("string" | "bytes", "len", Some(n)) => {
                    (out.min_len, out.max_len) = (u32::try_from(n).ok(), u32::try_from(n).ok());
                }
                ("string" | "bytes", "min_len", Some(n)) => out.min_len = u32::try_from(n).ok(),
                ("string" | "bytes", "max_len", Some(n)) => out.max_len = u32::try_from(n).ok(),
                (_, "const", n @ Some(_)) => (out.min, out.max) = (n, n),
                (_, "gte", n @ Some(_)) => out.min = n,
                (_, "lte", n @ Some(_)) => out.max = n,
                _ => {}
            }
        }
    }
}

fn number(value: &Value) -> Option<i128> {
    match value {
        Value::I32(n) => Some((*n).into()),
        Value::I64(n) => Some((*n).into()),
        Value::U32(n) => Some((*n).into()),
        Value::U64(n) => Some((*n).into()),
        _ => None,
    }
}
