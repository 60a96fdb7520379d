//! The table, and its twin for machines. Ratios are to the first library.

use serde_json::{Value, json};

use crate::{
    measure::{Figures, Losers},
    work::{FIELD_BYTES, FIELDS},
};

type Column = (&'static str, fn(&Figures) -> f64, usize, f64);

/// Heading, figure, decimals, what it is divided by to be shown.
const COLUMNS: [Column; 6] = [
    ("make µs", |f| f.make_ns, 2, 1_000.0),
    ("apply an edit µs", |f| f.apply_ns, 2, 1_000.0),
    ("decode, apply, encode µs", |f| f.decode_apply_encode_ns, 2, 1_000.0),
    ("encoded B", |f| f.encoded_bytes, 0, 1.0),
    ("in memory B, merged", |f| f.memory_bytes, 0, 1.0),
    ("in memory B, decoded", |f| f.memory_decoded_bytes, 0, 1.0),
];

fn fate(losers: &Losers) -> String {
    let all = losers.side_by_side + losers.in_history + losers.gone;
    let kinds = [
        (losers.side_by_side, "both values stand side by side"),
        (losers.in_history, "in the document's past only"),
        (losers.gone, "gone"),
    ];
    let said: Vec<String> =
        kinds.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{what} ({n} of {all})")).collect();
    said.join(", ")
}

pub(crate) fn table(all: &[Figures]) {
    let Some(ours) = all.first() else { return };
    let headings: Vec<&str> = COLUMNS.iter().map(|c| c.0).collect();
    println!("| library | {} | the concurrent loser |", headings.join(" | "));
    println!("|---|{}---|", "---:|".repeat(COLUMNS.len()));
    for figures in all {
        let cells: Vec<String> = COLUMNS
            .iter()
            .map(|(_, figure, decimals, by)| {
                let (value, base) = (figure(figures), figure(ours));
                format!("{:.decimals$} ({:.2} ×)", value / by, value / base)
            })
            .collect();
        println!("| {} | {} | {} |", figures.name, cells.join(" | "), fate(&figures.losers));
    }
    println!();
    for figures in all {
        println!("apply an edit, {}: {}", figures.name, figures.apply_is);
    }
}

pub(crate) fn json(all: &[Figures], records: usize, rounds: usize, seed: u64) -> Value {
    let libraries: Vec<Value> = all
        .iter()
        .map(|f| {
            json!({
                "library": f.name,
                "apply_is": f.apply_is,
                "make_ns": f.make_ns,
                "apply_ns": f.apply_ns,
                "decode_apply_encode_ns": f.decode_apply_encode_ns,
                "encoded_bytes_per_record": f.encoded_bytes,
                "memory_bytes_per_record": f.memory_bytes,
                "memory_bytes_per_record_decoded": f.memory_decoded_bytes,
                "losers": {
                    "side_by_side": f.losers.side_by_side,
                    "in_history": f.losers.in_history,
                    "gone": f.losers.gone,
                },
            })
        })
        .collect();
    json!({
        "records": records, "fields": FIELDS, "field_bytes": FIELD_BYTES, "body_bytes": FIELDS * FIELD_BYTES,
        "rounds": rounds, "seed": seed, "clock": "thread CPU time, best round", "libraries": libraries,
    })
}
