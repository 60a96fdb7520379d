//! Changes: from the wire to the core, and back. Going to the core takes bodies apart, files each field under its label
//! and gives every part of a record its lifecycle; the way back is exact, so that a change may be sent again at any time.

use std::collections::{BTreeMap, BTreeSet};

use osteon_sync_core::{
    Author, Change, Clock, Dot, Field, FieldWrite, Note, PartId, PartWrite, Put, RecordId, lifecycle::State,
};

use super::{dot, to_dot};
use crate::{
    LabelId,
    reasons::Reason,
    split::{self, SplitError},
    sync,
    table::{LabelChoice, LabelError, RecordType, table},
    values::{Value, value},
};

/// Where a change comes from: what the server knows of the caller, or the device of itself.
#[derive(Clone, Copy, Debug)]
pub struct From {
    pub dot: Dot,
    pub author: Author,
    /// The push's base; a change may name its own.
    pub base: u64,
}

/// What is wrong with a change, and where. Never a value.
pub type Violations = Vec<SplitError>;

fn violation(reason: Reason, path: String) -> Violations {
    vec![SplitError { reason, path }]
}

/// Takes a change apart. Nothing is checked here that needs a role, a state or a range.
pub fn to_core(change: &sync::Change, from: From) -> Result<Change, Violations> {
    let mut parts: BTreeMap<PartId, PartWrite> = BTreeMap::new();
    let mut seen: BTreeSet<RecordId> = BTreeSet::new();
    for (i, write) in change.writes.iter().enumerate() {
        let at = |path: &str| format!("writes[{i}]{path}");
        let Ok(record) = <[u8; 16]>::try_from(write.record.as_ref()).map(RecordId) else {
            return Err(violation(Reason::RecordIdInvalid, at(".record")));
        };
        if !seen.insert(record) {
            return Err(violation(Reason::DuplicateWrite, at(".record")));
        }
        let mut one = OneRecord::open(write, record, from.author.account).map_err(|mut e| {
            e.path = if e.path.is_empty() { at("") } else { at(&format!(".{}", e.path)) };
            vec![e]
        })?;
        parts.append(&mut one);
    }
    Ok(Change {
        dot: from.dot,
        clock: Clock { ms: change.clock_ms, logical: change.clock_logical },
        author: from.author,
        base: change.base.unwrap_or(from.base),
        earlier: change.aliases.iter().map(dot).collect(),
        parts: parts.into_values().collect(),
        note: Note { reason: change.reason.as_str().into(), resolves: change.resolves },
    })
}

/// One record's writes, by part.
struct OneRecord<'a> {
    write: &'a sync::RecordWrite,
    record: RecordId,
    number: u32,
    known: Option<&'static RecordType>,
    account: u64,
    /// Whose label it is, where the type's label names an account: the author's, or the member's that the record names.
    whose: u64,
    parts: BTreeMap<PartId, PartWrite>,
}

fn fail(reason: Reason, path: impl Into<String>) -> SplitError {
    SplitError { reason, path: path.into() }
}

fn label_error(error: LabelError) -> SplitError {
    match error {
        LabelError::Choice => fail(Reason::LabelChoiceInvalid, "label_choice"),
        LabelError::Account => fail(Reason::OutOfRange, "audience_ref"),
    }
}

impl<'a> OneRecord<'a> {
    fn open(
        write: &'a sync::RecordWrite,
        record: RecordId,
        account: u64,
    ) -> Result<BTreeMap<PartId, PartWrite>, SplitError> {
        let body = write.body.as_deref().unwrap_or_default();
        let number = if body.is_empty() { write.r#type } else { split::open(body).map_err(|e| within(e, "body"))?.0 };
        if number == 0 || (write.r#type != 0 && write.r#type != number) {
            return Err(fail(Reason::WrongRecordType, "type"));
        }
        let known = table().get(number);
        let whose = match known.filter(|known| known.names_whose(write.label_choice)) {
            None => account,
            Some(known) => whose(known, write, body).ok_or_else(|| at_field(known, known.whose))?,
        };
        if write.create
            && let Some(known) = known
        {
            follows(known, write.label_choice, account, body)?;
        }
        let mut one = Self { write, record, number, known, account, whose, parts: BTreeMap::new() };
        if !body.is_empty() {
            one.body(body)?;
        }
        for (i, field) in write.fields.iter().enumerate() {
            one.field(field).map_err(|e| within(e, &format!("fields[{i}]")))?;
        }
        one.lifecycle()?;
        if one.parts.is_empty() {
            return Err(fail(Reason::EmptyChange, "body"));
        }
        Ok(one.parts)
    }

    fn label(&self, field: u32) -> Result<LabelId, SplitError> {
        match self.known {
            Some(known) if known.field(field).is_none() => Ok(LabelId::unknown(self.account)),
            Some(known) => known.label_of(field, self.write.label_choice, self.whose).map_err(label_error),
            None => Ok(LabelId::unknown(self.account)),
        }
    }

    fn part(&mut self, label: LabelId) -> &mut Vec<FieldWrite> {
        let part = PartId { record: self.record, label: label.0 };
        let type_number = self.number;
        let made = || PartWrite { part, type_number, writes: Vec::with_capacity(16) };
        &mut self.parts.entry(part).or_insert_with(made).writes
    }

    fn body(&mut self, body: &[u8]) -> Result<(), SplitError> {
        let (_, _, split) = split::split_body(body).map_err(|e| within(e, "body"))?;
        for chunk in split.chunks() {
            let label = self.label(chunk.number)?;
            let put = Some(Put::Value(chunk.bytes.into()));
            let write = FieldWrite { field: chunk.field(), put, replaces: Vec::new(), covers: Vec::new() };
            self.part(label).push(write);
        }
        Ok(())
    }

    /// What a write replaces, clears or takes out of a set.
    fn field(&mut self, write: &sync::FieldWrite) -> Result<(), SplitError> {
        if write.field == 0 {
            return Err(fail(Reason::ArgumentInvalid, "field"));
        }
        let is_set = self.known.and_then(|known| known.field(write.field)).is_some_and(|field| field.is_set());
        let field = match (is_set, write.element.is_empty()) {
            (true, false) => self.element(write)?,
            (false, true) => Field::register(write.field),
            _ => return Err(fail(Reason::ArgumentInvalid, "element")),
        };
        let label = self.label(write.field)?;
        let writes = self.part(label);
        let replaces: Vec<Dot> = write.replaces.iter().map(dot).collect();
        if let Some(put) = writes.iter_mut().find(|w| w.field == field) {
            if write.clear || !put.replaces.is_empty() {
                return Err(fail(Reason::DuplicateWrite, ""));
            }
            put.replaces = replaces;
            return Ok(());
        }
        let put = match (write.clear, is_set) {
            (true, false) => Some(Put::Absent),
            (false, true) => None,
            _ => return Err(fail(Reason::ArgumentInvalid, "clear")),
        };
        writes.push(FieldWrite { field, put, replaces, covers: Vec::new() });
        Ok(())
    }

    /// The element in canonical form, alone.
    fn element(&self, write: &sync::FieldWrite) -> Result<Field, SplitError> {
        let known = self.known.ok_or_else(|| fail(Reason::ArgumentInvalid, "element"))?;
        let split = split::split(&known.shape, &write.element).map_err(|e| within(e, "element"))?;
        let mut chunks = split.chunks();
        match (chunks.next(), chunks.next()) {
            (Some(chunk), None) if chunk.element && chunk.number == write.field => Ok(chunk.field()),
            _ => Err(fail(Reason::ArgumentInvalid, "element")),
        }
    }

    /// The lifecycle stands in every part that the type has.
    fn lifecycle(&mut self) -> Result<(), SplitError> {
        let write = match (&self.write.lifecycle, self.write.create) {
            (None, false) => return Ok(()),
            (Some(_), true) => return Err(fail(Reason::ArgumentInvalid, "lifecycle")),
            (None, true) => lifecycle_write(State::Active, Vec::new(), Vec::new()),
            (Some(l), false) => {
                let state = match l.state() {
                    sync::Lifecycle::Active => State::Active,
                    sync::Lifecycle::Deleted => State::Deleted,
                    sync::Lifecycle::EnteredInError => State::EnteredInError,
                    sync::Lifecycle::Unspecified => return Err(fail(Reason::ArgumentInvalid, "lifecycle.state")),
                };
                if state == State::Active && l.replaces.is_empty() {
                    return Err(fail(Reason::ArgumentInvalid, "lifecycle.replaces"));
                }
                lifecycle_write(state, sorted(&l.replaces), sorted(&l.covers))
            }
        };
        let labels = match self.known {
            Some(known) => known.labels(self.write.label_choice, self.whose).map_err(label_error)?,
            None => vec![LabelId::unknown(self.account)],
        };
        for label in labels {
            self.part(label).insert(0, write.clone());
        }
        if self.write.create {
            // Fields that this version does not know start with the record too.
            let unknown = PartId { record: self.record, label: LabelId::unknown(self.account).0 };
            if self.known.is_some()
                && let Some(part) = self.parts.get_mut(&unknown)
            {
                part.writes.insert(0, write);
            }
        }
        Ok(())
    }
}

/// Whose label it is: as the creation says in its body, and every later write repeats.
fn whose(known: &'static RecordType, write: &sync::RecordWrite, body: &[u8]) -> Option<u64> {
    if write.create || write.audience_ref == 0 { named(known, known.whose?, body) } else { Some(write.audience_ref) }
}

/// A creation's label follows what the record says of itself, and nobody signs as somebody else.
fn follows(known: &'static RecordType, choice: u32, account: u64, body: &[u8]) -> Result<(), SplitError> {
    if let Some(field) = known.choice_field {
        let says = named(known, field, body).and_then(|n| i32::try_from(n).ok());
        let chosen = (choice as usize).checked_sub(1).and_then(|i| known.label_choice.get(i));
        if !chosen.zip(says).is_some_and(|(chosen, says)| chosen.values.contains(&says)) {
            return Err(fail(Reason::LabelChoiceInvalid, "label_choice"));
        }
    }
    match known.own_field {
        Some(field) if named(known, field, body) != Some(account) => Err(at_field(known, Some(field))),
        _ => Ok(()),
    }
}

/// Refused for what this field says, or does not say.
fn at_field(known: &RecordType, number: Option<u32>) -> SplitError {
    let field = number.and_then(|number| known.field(number));
    let path = field.map_or_else(|| "body".to_owned(), |field| format!("body.{}.{}", known.member, field.name));
    fail(Reason::ArgumentInvalid, path)
}

/// The account, or number, that a record names in its field `number`.
fn named(known: &'static RecordType, number: u32, body: &[u8]) -> Option<u64> {
    let (_, _, split) = split::split_body(body).ok()?;
    let chunk = split.chunks().find(|chunk| chunk.number == number)?;
    match value(known.field(number)?, chunk.bytes)? {
        Value::Int(account) => u64::try_from(account).ok(),
        _ => None,
    }
}

fn lifecycle_write(state: State, replaces: Vec<Dot>, covers: Vec<Dot>) -> FieldWrite {
    let put = Some(Put::Value(state.chunk().into()));
    FieldWrite { field: Field::register(Field::LIFECYCLE), put, replaces, covers }
}

fn sorted(dots: &[sync::Dot]) -> Vec<Dot> {
    let mut dots: Vec<Dot> = dots.iter().map(dot).collect();
    dots.sort_unstable();
    dots.dedup();
    dots
}

fn within(mut error: SplitError, name: &str) -> SplitError {
    error.path = if error.path.is_empty() { name.into() } else { format!("{name}.{}", error.path) };
    error
}

/// The change as it goes over the wire. `base` is the push's.
pub fn to_wire(change: &Change, base: u64) -> sync::Change {
    let mut records: BTreeMap<RecordId, Vec<&PartWrite>> = BTreeMap::new();
    for part in &change.parts {
        records.entry(part.part.record).or_default().push(part);
    }
    sync::Change {
        clock_ms: change.clock.ms,
        clock_logical: change.clock.logical,
        base: (change.base != base).then_some(change.base),
        writes: records.iter().map(|(record, parts)| record_write(*record, parts)).collect(),
        skip: false,
        aliases: change.earlier.iter().map(|d| to_dot(*d)).collect(),
        reason: change.note.reason.to_string(),
        resolves: change.note.resolves,
    }
}

fn record_write(record: RecordId, parts: &[&PartWrite]) -> sync::RecordWrite {
    let type_number = parts.first().map_or(0, |p| p.type_number);
    let mut chunks: Vec<(u32, &[u8])> = Vec::new();
    let mut out = sync::RecordWrite { record: record.0.to_vec().into(), ..Default::default() };
    let (mut replaces, mut covers): (Vec<Dot>, Vec<Dot>) = (Vec::new(), Vec::new());
    let mut lifecycle: Option<State> = None;
    for write in parts.iter().flat_map(|p| &p.writes) {
        if write.field.number == Field::LIFECYCLE {
            lifecycle = Some(State::from_chunk(write.put.as_ref().and_then(Put::value)));
            replaces.extend(&write.replaces);
            covers.extend(&write.covers);
            continue;
        }
        if let Some(Put::Value(value)) = &write.put {
            chunks.push((write.field.number, value));
        }
        let clear = matches!(write.put, Some(Put::Absent));
        if clear || write.put.is_none() || !write.replaces.is_empty() {
            out.fields.push(sync::FieldWrite {
                field: write.field.number,
                element: write.field.element.to_vec().into(),
                replaces: write.replaces.iter().map(|d| to_dot(*d)).collect(),
                clear,
            });
        }
    }
    chunks.sort_unstable();
    if chunks.is_empty() {
        out.r#type = type_number;
    } else {
        let len = chunks.iter().map(|(_, bytes)| bytes.len()).sum();
        let mut body = Vec::with_capacity(len + 8);
        split::put_head(&mut body, type_number, len);
        chunks.iter().for_each(|(_, bytes)| body.extend_from_slice(bytes));
        out.body = Some(body.into());
    }
    out.label_choice = choice(type_number, parts);
    match lifecycle {
        None => {}
        Some(State::Active) if replaces.is_empty() && covers.is_empty() => out.create = true,
        Some(state) => {
            for dots in [&mut replaces, &mut covers] {
                dots.sort_unstable();
                dots.dedup();
            }
            out.lifecycle = Some(sync::LifecycleWrite {
                state: lifecycle_of(state).into(),
                replaces: replaces.iter().map(|d| to_dot(*d)).collect(),
                covers: covers.iter().map(|d| to_dot(*d)).collect(),
            });
        }
    }
    if !out.create {
        out.audience_ref = audience_ref(type_number, out.label_choice, parts);
    }
    out
}

/// Which choice of label the parts were filed under; 0 where the type has none.
fn choice(type_number: u32, parts: &[&PartWrite]) -> u32 {
    let Some(known) = table().get(type_number) else { return 0 };
    let filed = |c: &LabelChoice| {
        parts.iter().any(|p| c.label.for_author(p.part.label >> 32).is_ok_and(|label| label.0 == p.part.label))
    };
    let at = known.label_choice.iter().position(filed);
    at.and_then(|i| u32::try_from(i + 1).ok()).unwrap_or(0)
}

/// The thread or member that the label names; 0 where it names none.
fn audience_ref(type_number: u32, choice: u32, parts: &[&PartWrite]) -> u64 {
    let named = table().get(type_number).is_some_and(|known| known.names_whose(choice));
    parts.iter().map(|p| LabelId(p.part.label)).find(|l| named && !l.is_unknown()).map_or(0, |l| l.0 >> 32)
}

pub fn lifecycle_of(state: State) -> sync::Lifecycle {
    match state {
        State::Active => sync::Lifecycle::Active,
        State::Deleted => sync::Lifecycle::Deleted,
        State::EnteredInError => sync::Lifecycle::EnteredInError,
    }
}
