//! The records of `client/mobile` are generated from the contracts: `UPDATE_GOLDEN=1 cargo test -p osteon-tests --test house` writes them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
};

use osteon_proto::table::table;
use prost_reflect::{Cardinality, DescriptorPool, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};

const FILE: &str = "../client/mobile/src/records.rs";
const TIMESTAMP: &str = "google.protobuf.Timestamp";

#[test]
fn records_are_those_of_the_contracts() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let made = Generator::of(table().pool()).text();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &made).expect("written");
    }
    let stands = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stands == made,
        "{FILE} is not what the contracts say: UPDATE_GOLDEN=1 cargo test -p osteon-tests --test house"
    );
}

struct Generator<'p> {
    pool: &'p DescriptorPool,
    messages: BTreeMap<String, MessageDescriptor>,
    enums: BTreeMap<String, EnumDescriptor>,
}

impl<'p> Generator<'p> {
    /// Everything that a record can hold.
    fn of(pool: &'p DescriptorPool) -> Self {
        let mut all = Self { pool, messages: BTreeMap::new(), enums: BTreeMap::new() };
        for known in table().types() {
            all.reach(&pool.get_message_by_name(&known.message).expect("a record type"));
        }
        all
    }

    fn reach(&mut self, message: &MessageDescriptor) {
        if message.full_name() == TIMESTAMP {
            return;
        }
        assert!(message.full_name().starts_with("osteon."), "{}: a type of its own is needed", message.full_name());
        if self.messages.insert(message.name().to_owned(), message.clone()).is_some() {
            return;
        }
        for field in message.fields() {
            match field.kind() {
                Kind::Message(inner) => self.reach(&inner),
                Kind::Enum(one) => {
                    self.enums.insert(one.name().to_owned(), one);
                }
                _ => {}
            }
        }
    }

    fn text(&self) -> String {
        let mut out = String::from(
            "//! Records as an app reads and writes them: generated from the contracts, see tests/tests/house/mobile_records.rs. Do not edit.\n\n\
             use prost::Message as _;\n\nuse crate::time::Timestamp;\n",
        );
        self.record(&mut out);
        self.messages.values().for_each(|one| self.message(&mut out, one));
        self.enums.values().for_each(|one| self.enumeration(&mut out, one));
        out
    }

    fn record(&self, out: &mut String) {
        let types = table().types();
        let name = |message: &str| message.rsplit('.').next().unwrap_or_default().to_owned();
        let named: BTreeSet<String> = types.iter().map(|known| name(&known.message)).collect();
        assert_eq!(named.len(), types.len(), "two record types of one name");
        out.push_str(
            "\n/// A record, of whatever type.\n#[derive(Clone, PartialEq, uniffi::Enum)]\npub enum Record {\n",
        );
        for known in types {
            let _ = writeln!(out, "    /// {}: {}.", known.name, known.title);
            let _ = writeln!(out, "    {0} {{ content: {0} }},", name(&known.message));
        }
        out.push_str("    /// Of a newer app: kept as it came, and shown as something that this app cannot show.\n");
        out.push_str("    Newer { type_number: u32, content: Vec<u8> },\n}\n\nimpl Record {\n");
        out.push_str("    /// The number of its type in the contracts.\n    pub fn type_number(&self) -> u32 {\n        match self {\n");
        for known in types {
            let _ = writeln!(out, "            Self::{} {{ .. }} => {},", name(&known.message), known.number);
        }
        out.push_str("            Self::Newer { type_number, .. } => *type_number,\n        }\n    }\n\n");
        out.push_str("    /// Its fields on the wire.\n    pub fn encode(self) -> Vec<u8> {\n        match self {\n");
        for known in types {
            let (short, path) = (name(&known.message), self.path(&known.message));
            let _ = writeln!(
                out,
                "            Self::{short} {{ content }} => Into::<{path}>::into(content).encode_to_vec(),"
            );
        }
        out.push_str("            Self::Newer { content, .. } => content,\n        }\n    }\n\n");
        out.push_str("    /// Of its fields on the wire; `None`: they do not decode.\n");
        out.push_str(
            "    pub fn decode(type_number: u32, bytes: &[u8]) -> Option<Self> {\n        Some(match type_number {\n",
        );
        for known in types {
            let (short, path) = (name(&known.message), self.path(&known.message));
            let _ = writeln!(
                out,
                "            {} => Self::{short} {{ content: {path}::decode(bytes).ok()?.into() }},",
                known.number
            );
        }
        out.push_str("            _ => Self::Newer { type_number, content: bytes.to_vec() },\n        })\n    }\n}\n");
    }

    fn path(&self, message: &str) -> String {
        let message = self.pool.get_message_by_name(message).expect("a message");
        assert!(message.parent_message().is_none(), "{}: not at the top of its file", message.full_name());
        format!("osteon_proto::{}::{}", message.package_name().replace('.', "::"), message.name())
    }

    fn message(&self, out: &mut String, message: &MessageDescriptor) {
        let (name, path) = (message.name(), self.path(message.full_name()));
        assert!(message.oneofs().all(|one| one.is_synthetic()), "{name} has a oneof");
        comment(out, "", &said(message.parent_file().file_descriptor_proto(), message.path()));
        let _ = writeln!(out, "#[derive(Clone, Default, PartialEq, uniffi::Record)]\npub struct {name} {{");
        for field in message.fields() {
            comment(out, "    ", &said(message.parent_file().file_descriptor_proto(), field.path()));
            let default = if many(&field) { "[]" } else { "None" };
            if many(&field) || field.supports_presence() {
                let _ = writeln!(out, "    #[uniffi(default = {default})]");
            }
            let _ = writeln!(out, "    pub {}: {},", ident(&field), rust_type(&field));
        }
        out.push_str("}\n");
        let fields = |out: &mut String, into: &dyn Fn(&FieldDescriptor) -> String| {
            for field in message.fields() {
                let _ = writeln!(out, "            {}: {},", ident(&field), into(&field));
            }
        };
        let _ = writeln!(out, "\nimpl From<{path}> for {name} {{\n    fn from(m: {path}) -> Self {{\n        Self {{");
        fields(out, &|field| convert(field, "b.to_vec()", "n.into()"));
        out.push_str("        }\n    }\n}\n");
        let _ = writeln!(out, "\nimpl From<{name}> for {path} {{\n    fn from(m: {name}) -> Self {{\n        Self {{");
        fields(out, &|field| convert(field, "b.into()", "n.into()"));
        out.push_str("        }\n    }\n}\n");
    }

    fn enumeration(&self, out: &mut String, one: &EnumDescriptor) {
        let name = one.name();
        comment(out, "", &said(one.parent_file().file_descriptor_proto(), one.path()));
        out.push_str("#[derive(Clone, Copy, PartialEq, Eq, uniffi::Enum)]\n");
        let _ = writeln!(out, "pub enum {name} {{");
        let prefix = screaming(name);
        let variant = |value: &str| camel(value.strip_prefix(&prefix).unwrap_or(value));
        for value in one.values() {
            comment(out, "    ", &said(one.parent_file().file_descriptor_proto(), value.path()));
            let _ = writeln!(out, "    {},", variant(value.name()));
        }
        out.push_str("    /// A word of a newer app: kept as it came.\n    Newer { number: i32 },\n}\n");
        let _ = writeln!(
            out,
            "\nimpl From<i32> for {name} {{\n    fn from(number: i32) -> Self {{\n        match number {{"
        );
        for value in one.values() {
            let _ = writeln!(out, "            {} => Self::{},", value.number(), variant(value.name()));
        }
        out.push_str("            number => Self::Newer { number },\n        }\n    }\n}\n");
        let _ = writeln!(
            out,
            "\nimpl From<{name}> for i32 {{\n    fn from(word: {name}) -> Self {{\n        match word {{"
        );
        for value in one.values() {
            let _ = writeln!(out, "            {name}::{} => {},", variant(value.name()), value.number());
        }
        let _ = writeln!(out, "            {name}::Newer {{ number }} => number,\n        }}\n    }}\n}}");
    }
}

fn many(field: &FieldDescriptor) -> bool {
    field.cardinality() == Cardinality::Repeated
}

fn ident(field: &FieldDescriptor) -> String {
    // Words of Rust; the bindings have their own.
    match field.name() {
        name @ ("type" | "ref" | "match" | "move" | "use" | "in" | "for") => format!("r#{name}"),
        name => name.into(),
    }
}

fn rust_type(field: &FieldDescriptor) -> String {
    let one = match field.kind() {
        Kind::Message(inner) => inner.name().to_owned(),
        Kind::Enum(one) => one.name().to_owned(),
        Kind::String => "String".into(),
        Kind::Bytes => "Vec<u8>".into(),
        Kind::Bool => "bool".into(),
        Kind::Double => "f64".into(),
        Kind::Float => "f32".into(),
        Kind::Uint32 | Kind::Fixed32 => "u32".into(),
        Kind::Uint64 | Kind::Fixed64 => "u64".into(),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => "i32".into(),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => "i64".into(),
    };
    match (many(field), field.supports_presence()) {
        (true, _) => format!("Vec<{one}>"),
        (false, true) => format!("Option<{one}>"),
        (false, false) => one,
    }
}

/// `bytes` and `number`: what becomes of a `b`, and of an `n`.
fn convert(field: &FieldDescriptor, bytes: &str, number: &str) -> String {
    let from = format!("m.{}", ident(field));
    let (binding, into) = match field.kind() {
        Kind::Message(_) | Kind::Enum(_) => ("n", number),
        Kind::Bytes => ("b", bytes),
        _ => return from,
    };
    match (many(field), field.supports_presence()) {
        (true, _) => format!("{from}.into_iter().map(|{binding}| {into}).collect()"),
        (false, true) => format!("{from}.map(|{binding}| {into})"),
        (false, false) => into.replacen(binding, &from, 1),
    }
}

fn screaming(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_uppercase() && i > 0 && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(c.to_uppercase());
    }
    out + "_"
}

fn camel(value: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(chars.map(|c| c.to_ascii_lowercase())).collect::<String>()
    };
    let name: String = value.split('_').map(word).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("N{name}") } else { name }
}

/// What the contracts say of it.
fn said(file: &prost_types::FileDescriptorProto, path: &[i32]) -> String {
    let places = file.source_code_info.iter().flat_map(|info| &info.location);
    let here = places.into_iter().find(|place| place.path == path);
    let both = here.map(|place| (place.leading_comments().trim(), place.trailing_comments().trim()));
    both.map(|(before, after)| [before, after].join("\n").trim().to_owned()).unwrap_or_default()
}

fn comment(out: &mut String, indent: &str, text: &str) {
    if indent.is_empty() {
        out.push('\n');
    }
    for line in text.lines() {
        let _ = writeln!(out, "{}", format!("{indent}/// {}", line.trim()).trim_end());
    }
}
