//! The same steps for each library, in the same order. Times are CPU time of this thread (the machine may be busy with
//! something else), the best of some rounds: noise only ever adds.

use std::{hint::black_box, time::Duration};

use rustix::time::{ClockId, clock_gettime};

use crate::{
    alloc::held,
    library::{Library, Result},
    work::{EDITOR, OTHER, Record},
};

/// What became of the value that lost, over all records with two edits that had not seen each other.
#[derive(Default)]
pub(crate) struct Losers {
    /// Both values are the field's current ones.
    pub(crate) side_by_side: usize,
    /// One is current; the other can be had by going back in time in the document.
    pub(crate) in_history: usize,
    pub(crate) gone: usize,
}

pub(crate) struct Figures {
    pub(crate) name: &'static str,
    pub(crate) apply_is: &'static str,
    pub(crate) make_ns: f64,
    pub(crate) apply_ns: f64,
    pub(crate) decode_apply_encode_ns: f64,
    pub(crate) encoded_bytes: f64,
    /// Held by a record as it was made and merged.
    pub(crate) memory_bytes: f64,
    /// Held by a record that was decoded from its bytes.
    pub(crate) memory_decoded_bytes: f64,
    pub(crate) losers: Losers,
}

fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or_default())
}

/// The best of the rounds, in ns for each of `count`. `prepare` is not timed, nor is the end of what `work` returns.
fn best<P, T>(
    rounds: usize,
    count: usize,
    mut prepare: impl FnMut() -> Result<P>,
    mut work: impl FnMut(P) -> Result<T>,
) -> Result<f64> {
    let mut best = Duration::MAX;
    for _ in 0..rounds {
        let prepared = prepare()?;
        let start = cpu_time();
        let done = work(prepared)?;
        best = best.min(cpu_time() - start);
        drop(black_box(done));
    }
    Ok(best.as_nanos() as f64 / count as f64)
}

/// One edit to apply: whose record, and the change.
struct Arrival<S> {
    record: usize,
    sent: S,
}

fn arrivals<L: Library>(records: &[Record], saved: &[Vec<u8>]) -> Result<Vec<Arrival<L::Sent>>> {
    let mut all = Vec::new();
    for (i, record) in records.iter().enumerate() {
        for (edit, replica) in [(&record.edit, EDITOR), (&record.concurrent, OTHER)] {
            if let Some(edit) = edit {
                let sent = L::edit_elsewhere(record, &saved[i], replica, edit)?;
                all.push(Arrival { record: i, sent });
            }
        }
    }
    Ok(all)
}

fn make_all<L: Library>(records: &[Record]) -> Result<Vec<L::Doc>> {
    let mut docs = Vec::with_capacity(records.len());
    for record in records {
        docs.push(L::make(record)?);
    }
    Ok(docs)
}

pub(crate) fn measure<L: Library>(records: &[Record], rounds: usize) -> Result<Figures> {
    let make_ns = best(rounds, records.len(), || Ok(()), |()| make_all::<L>(records))?;

    // Saved by one of two equal sets of documents: a library may keep something of having been asked.
    let saved: Vec<Vec<u8>> = make_all::<L>(records)?.iter_mut().map(L::encode).collect::<Result<_>>()?;
    let changes = arrivals::<L>(records, &saved)?;
    let incoming = || changes.iter().map(|a| Ok((a.record, L::receive(&a.sent)?))).collect::<Result<Vec<_>>>();

    let apply_ns = best(
        rounds,
        changes.len(),
        || Ok((make_all::<L>(records)?, incoming()?)),
        |(mut docs, incoming)| {
            for (record, change) in incoming {
                L::apply(&mut docs[record], change)?;
            }
            Ok(docs)
        },
    )?;

    let decode_apply_encode_ns = best(rounds, changes.len(), &incoming, |incoming| {
        for (record, change) in incoming {
            let mut doc = L::decode(&saved[record])?;
            L::apply(&mut doc, change)?;
            black_box(L::encode(&mut doc)?);
        }
        Ok(())
    })?;

    let before = held();
    let mut docs = make_all::<L>(records)?;
    for Arrival { record, sent } in &changes {
        L::apply(&mut docs[*record], L::receive(sent)?)?;
    }
    let memory_bytes = (held() - before) as f64 / records.len() as f64;

    let encoded: Vec<Vec<u8>> = docs.iter_mut().map(L::encode).collect::<Result<_>>()?;
    let encoded_bytes = encoded.iter().map(Vec::len).sum::<usize>() as f64 / records.len() as f64;
    drop(docs);

    let before = held();
    let mut decoded = Vec::with_capacity(encoded.len());
    for bytes in &encoded {
        decoded.push(L::decode(bytes)?);
    }
    let memory_decoded_bytes = (held() - before) as f64 / records.len() as f64;

    let losers = losers::<L>(records, &decoded, &encoded)?;
    Ok(Figures {
        name: L::NAME,
        apply_is: L::APPLY_IS,
        make_ns,
        apply_ns,
        decode_apply_encode_ns,
        encoded_bytes,
        memory_bytes,
        memory_decoded_bytes,
        losers,
    })
}

/// Looks at every record after it was stored and read back, and refuses a run in which an edit went astray.
fn losers<L: Library>(records: &[Record], docs: &[L::Doc], encoded: &[Vec<u8>]) -> Result<Losers> {
    let mut losers = Losers::default();
    for (i, record) in records.iter().enumerate() {
        let mut expected: Vec<Vec<&str>> = record.values.iter().map(|v| vec![v.as_str()]).collect();
        if let Some(edit) = &record.edit {
            expected[edit.field] = vec![&edit.value];
            expected[edit.field].extend(record.concurrent.iter().map(|c| c.value.as_str()));
        }
        for (field, written) in expected.iter().enumerate() {
            let seen = L::values(&docs[i], field)?;
            if seen.is_empty() || !seen.iter().all(|v| written.contains(&v.as_str())) {
                return Err(format!("{}: record {i}, field {field} is not what was written", L::NAME).into());
            }
            let [first, second] = written[..] else { continue };
            let lost = if seen.iter().any(|v| v == first) { (OTHER, second) } else { (EDITOR, first) };
            if seen.len() == 2 {
                losers.side_by_side += 1;
            } else if L::in_history(&docs[i], &encoded[i], lost.0, field, lost.1)? {
                losers.in_history += 1;
            } else {
                losers.gone += 1;
            }
        }
    }
    Ok(losers)
}
