//! What a release has promised of the table: labels, policy families, lanes and numbers never change, because devices
//! that are months old hold records under them (SYNC, "One merge, many views"). `buf breaking` looks at no option.

use super::{FieldInfo, RecordType, Table};
use crate::meta::Policy;

/// How a policy stores its values: registers and sets cannot become one another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Family {
    Register,
    Set,
    Derived,
}

fn family(f: &FieldInfo) -> Family {
    match f.policy {
        Policy::Derived => Family::Derived,
        _ if f.is_set() => Family::Set,
        _ => Family::Register,
    }
}

/// What `new` breaks of `released`, in words; empty: nothing.
pub fn broken(released: &Table, new: &Table) -> Vec<String> {
    let mut all = Vec::new();
    for old in released.types() {
        match new.get(old.number) {
            Some(now) => record(old, now, &mut all),
            None => all.push(format!("type {} is gone", old.number)),
        }
    }
    all
}

fn record(old: &RecordType, now: &RecordType, all: &mut Vec<String>) {
    let name = &old.name;
    let mut hold = |what: &str, same: bool| {
        if !same {
            all.push(format!("{name}: {what} changed"));
        }
    };
    hold("message", old.message == now.message);
    hold("label", old.label == now.label);
    let choices = old.label_choice.iter().zip(&now.label_choice);
    let kept = choices.filter(|(a, b)| a.label == b.label).count();
    hold("label choice", kept == old.label_choice.len());
    hold("priority class", old.class == now.class);
    hold("append_only", old.append_only == now.append_only);
    hold("derived id", (old.singleton, &old.id_from) == (now.singleton, &now.id_from));
    hold("parent", old.parent == now.parent);
    hold("lifecycle lane", old.lifecycle_lane == now.lifecycle_lane);
    for f in &old.shape.fields {
        match now.field(f.number) {
            Some(g) => field(name, f, g, all),
            None => all.push(format!("{name}.{} is gone", f.name)),
        }
    }
}

fn field(record: &str, old: &FieldInfo, now: &FieldInfo, all: &mut Vec<String>) {
    let mut hold = |what: &str, same: bool| {
        if !same {
            all.push(format!("{record}.{}: {what} changed", old.name));
        }
    };
    hold("label", old.label == now.label);
    hold("policy family", family(old) == family(now));
    hold("cardinality", old.cardinality == now.cardinality);
    hold("lane", old.lane == now.lane);
    hold("type", (old.kind.wire(), &old.type_name) == (now.kind.wire(), &now.type_name));
    hold("scale", old.scale == now.scale);
    hold("unit", old.unit == now.unit);
}

#[cfg(test)]
mod tests {
    use super::super::{Cardinality, Table, read, table};
    use super::broken;
    use crate::meta::Lane;

    fn copy() -> Table {
        read(crate::FILE_DESCRIPTOR_SET).expect("our own contracts")
    }

    #[test]
    fn nothing_is_broken_against_itself() {
        assert_eq!(broken(table(), &copy()), Vec::<String>::new());
    }

    #[test]
    fn each_promise_is_held() {
        type Plant = fn(&mut Table);
        let plants: [(&str, Plant); 6] = [
            ("J01: label changed", |t| t.types[0].label = None),
            ("J01.site: policy family changed", |t| {
                let site = t.types[0].shape.fields.iter_mut().find(|f| f.name == "site").expect("J01.site");
                site.cardinality = Cardinality::List;
            }),
            ("J01.effective_start: lane changed", |t| t.types[0].shape.fields[0].lane = Lane::Ordinary),
            ("J01.effective_end is gone", |t| drop(t.types[0].shape.fields.remove(1))),
            ("J01: append_only changed", |t| t.types[0].append_only = true),
            ("type 101 is gone", |t| t.by_number[101] = 0),
        ];
        for (says, plant) in plants {
            let mut new = copy();
            plant(&mut new);
            if says.contains("gone") {
                let shape = &mut new.types[0].shape;
                shape.dense = [0; 64];
                for (i, f) in shape.fields.iter().enumerate() {
                    shape.dense[f.number as usize] = i as u8 + 1;
                }
            }
            assert!(broken(table(), &new).iter().any(|b| b == says), "{says}: {:?}", broken(table(), &new));
        }
    }
}
