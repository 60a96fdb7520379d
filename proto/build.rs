//! Compiles the contracts: the descriptor set for reflection and the field table, and the Rust code of messages
//! and services. No protoc: protox is pure Rust.

use std::{
    env,
    error::Error,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use prost::Message;
use prost_types::{
    DescriptorProto, FileDescriptorSet,
    field_descriptor_proto::{Label, Type},
};
use protox::prost_reflect::{DescriptorPool, DynamicMessage, Value};

/// Wherever a message *holds* a record body, our code has bytes: prost would drop unknown fields and types.
const BODY: &str = ".osteon.sync.v1.RecordBody";

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut files = Vec::new();
    list(Path::new("osteon"), &mut files)?;
    files.sort();

    let mut compiler = protox::Compiler::new([".", "../third_party"])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(&files)?;
    // Not `file_descriptor_set()`: that drops every custom option without an error.
    let raw = compiler.encode_file_descriptor_set();
    fs::write(out.join("osteon.binpb"), with_comments_alone(&raw)?)?;

    let mut fds = FileDescriptorSet::decode(raw.as_slice())?;
    let holders: usize = fds.file.iter_mut().flat_map(|f| &mut f.message_type).map(hold_bytes).sum();
    assert!(holders > 0, "no message holds {BODY}: was it renamed?");

    let redacted = redacted(&fds);
    fs::write(out.join("redacted.rs"), &redacted.impls)?;
    let services = tonic_prost_build::configure().codec_path("crate::codec::SmallBuffers");
    services.bytes(".osteon").skip_debug(&redacted.paths).compile_fds(fds)?;

    println!("cargo:rerun-if-changed=osteon");
    println!("cargo:rerun-if-changed=../third_party");
    println!("cargo:rerun-if-changed=build.rs");
    Ok(())
}

/// Of where things stand in their files only what says something stays: a server holds all of it for as long as it runs.
fn with_comments_alone(raw: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    const COMMENTS: [&str; 3] = ["leading_comments", "trailing_comments", "leading_detached_comments"];
    // Dynamic: the options are ours, and generated descriptors do not know them.
    let pool = DescriptorPool::decode(raw)?;
    let set = pool.get_message_by_name("google.protobuf.FileDescriptorSet").ok_or("no descriptor of descriptors")?;
    let mut set = DynamicMessage::decode(set, raw)?;
    let says = |place: &Value| {
        place.as_message().is_some_and(|place| COMMENTS.iter().any(|name| place.has_field_by_name(name)))
    };
    let files = set.get_field_by_name_mut("file").and_then(Value::as_list_mut).ok_or("no files")?;
    for file in files.iter_mut().filter_map(Value::as_message_mut) {
        let info = file.get_field_by_name_mut("source_code_info").and_then(Value::as_message_mut);
        let places = info.and_then(|info| info.get_field_by_name_mut("location")).and_then(Value::as_list_mut);
        places.ok_or("no places")?.retain(says);
    }
    Ok(set.encode_to_vec())
}

fn list(dir: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "proto") {
            files.push(path);
        }
    }
    Ok(())
}

fn hold_bytes(message: &mut DescriptorProto) -> usize {
    let is_map = message.options.as_ref().is_some_and(|o| o.map_entry());
    let mut n = 0;
    for field in &mut message.field {
        if field.type_name.as_deref() != Some(BODY) {
            continue;
        }
        field.set_type(Type::Bytes);
        field.type_name = None;
        n += 1;
        if field.label() != Label::Repeated && field.oneof_index.is_none() && !is_map {
            // Absent and empty stay two things.
            field.proto3_optional = Some(true);
        }
    }
    n + message.nested_type.iter_mut().map(hold_bytes).sum::<usize>()
}

struct Redacted {
    paths: Vec<String>,
    impls: String,
}

/// Messages hold values of people: their `Debug` prints the type's name and the encoded length, never a value.
fn redacted(fds: &FileDescriptorSet) -> Redacted {
    let mut r = Redacted { paths: Vec::new(), impls: String::new() };
    for file in &fds.file {
        let package = file.package();
        if package.starts_with("osteon.") && package != "osteon.meta.v1" {
            let module = format!("crate::{}", package.replace('.', "::"));
            for message in &file.message_type {
                redact(message, &format!(".{package}"), &module, &mut r);
            }
        }
    }
    r
}

fn redact(message: &DescriptorProto, scope: &str, module: &str, r: &mut Redacted) {
    let name = message.name();
    let path = format!("{scope}.{name}");
    let inner = format!("{module}::{}", snake(name));
    let _ = writeln!(r.impls, "redacted!({module}::{name}, {:?});", &path[1..]);
    for (i, oneof) in message.oneof_decl.iter().enumerate() {
        let real = message.field.iter().any(|f| f.oneof_index == Some(i as i32) && !f.proto3_optional());
        if real {
            let camel = camel(oneof.name());
            let _ = writeln!(r.impls, "redacted!({inner}::{camel}, {:?});", format!("{}.{}", &path[1..], oneof.name()));
        }
    }
    for nested in &message.nested_type {
        if !nested.options.as_ref().is_some_and(|o| o.map_entry()) {
            redact(nested, &path, &inner, r);
        }
    }
    r.paths.push(path);
}

/// `CareCircle` → `care_circle`, as prost names modules.
fn snake(name: &str) -> String {
    let mut s = String::new();
    for (i, c) in name.char_indices() {
        if c.is_ascii_uppercase() && i > 0 {
            s.push('_');
        }
        s.push(c.to_ascii_lowercase());
    }
    s
}

/// `some_name` → `SomeName`, as prost names oneofs.
fn camel(name: &str) -> String {
    name.split('_').map(|w| w[..1].to_ascii_uppercase() + &w[1..]).collect()
}
