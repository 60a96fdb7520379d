//! What each side of a dispute asks for beside what stood before it: whoever decides about a limit that was loosened sees what it
//! was, whose it was and since when.

use osteon_proto::{record, review as pb, wire};
use osteon_sync_core::{
    Dot, FieldRef, Version, View,
    view::{self, relaxes},
};

use crate::{
    app::{
        look::{self, Looked},
        views,
    },
    store::{Rows, StoreError},
};

/// Reads who wrote the live versions of disputed fields and why, and what each of them replaced.
pub(super) async fn remember(store: &mut dyn Rows, parts: &mut [&mut Looked]) -> Result<(), StoreError> {
    let live = parts.iter().flat_map(|one| unread(one, disputed(one))).collect();
    look::remember(store, parts, live).await?;
    let named = |one: &&mut Looked| {
        let writes = disputed(one).into_iter().filter_map(|dot| one.log.get(&dot)).flat_map(|written| &written.writes);
        unread(one, writes.flat_map(|write| write.replaces.iter().copied()).collect())
    };
    let named = parts.iter().flat_map(named).collect();
    look::remember(store, parts, named).await
}

/// The live versions of fields that wait for a person.
fn disputed(one: &Looked) -> Vec<Dot> {
    let fields = one.fields().filter(|(_, view)| view.needs_review);
    fields.flat_map(|(_, view)| view.versions).map(|version| version.dot).collect()
}

fn unread(one: &Looked, dots: Vec<Dot>) -> Vec<Dot> {
    dots.into_iter().filter(|dot| !one.log.contains_key(dot)).collect()
}

/// One for each live version of a disputed field.
pub(super) fn of_field(one: &Looked, field: FieldRef<'_>, view: &View<'_>) -> Vec<pb::ReviewChoice> {
    view.versions.iter().map(|version| choice(one, field, view, version)).collect()
}

fn choice(one: &Looked, field: FieldRef<'_>, view: &View<'_>, version: &Version<'_>) -> pb::ReviewChoice {
    let (schema, number) = (one.schema(), field.number);
    let policy = schema.policy(number);
    let replaced = one.past(field, version.dot).map(|past| past.replaces);
    let mut before: Vec<Version<'_>> = Vec::new();
    let (mut redacted, mut before_cut) = (Vec::new(), replaced.is_none());
    for dot in replaced.unwrap_or_default() {
        let Some(written) = one.log.get(dot) else {
            before_cut = true;
            continue;
        };
        if written.redacted.is_some() {
            let (clock, author) = (written.row.clock, written.row.author);
            redacted.push(Version { dot: *dot, clock, author, value: None });
        } else {
            before.extend(one.past(field, *dot).and_then(|past| past.version));
        }
    }
    let held = view::view(policy, number, before.iter().copied(), schema, None).effective.map(|held| held.dot);
    let stricter = |than: &&Version<'_>| relaxes(policy, number, std::iter::once(**than), version.value, schema);
    let named = |all: &[Version<'_>]| {
        let stricter = all.iter().filter(stricter);
        stricter.map(|version| wire::to_dot(version.dot)).collect()
    };
    let told = before.iter().map(|past| views::version(one, past, held == Some(past.dot), false));
    let gone = redacted.iter().map(|past| {
        let shown = views::version(one, past, false, false);
        record::VersionView { redacted: true, absent: false, ..shown }
    });
    pb::ReviewChoice {
        version: Some(wire::to_dot(version.dot)),
        before: told.chain(gone).collect(),
        lifts: named(&before),
        relaxes: named(&view.versions),
        before_cut,
    }
}
